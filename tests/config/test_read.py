"""What a file says becomes values of core, and what it does not say has a default."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alertsms.config import ConfigError, Log, LogFormat, LogLevel, Secret, ServerConfig, load, read
from alertsms.core.alerts.alert import Severity
from alertsms.core.messages.digest_plan import DigestRules
from alertsms.core.schedules.person import Person, PhoneNumber
from alertsms.core.schedules.team import Step, Team
from tests.config.sample import AFTER, KEYS, LINES, accepted, changed, refusal

ALICE = Person(name="alice", phones=(PhoneNumber(e164="+33612345678"),))


def test_the_smallest_file_pages_with_the_defaults_of_the_manual():
    config = accepted("\n".join(LINES))
    assert config.server == ServerConfig(host="127.0.0.1", port=9095)
    assert config.store == f"sqlite:///{Path.cwd()}/alertsms.db"
    assert (config.ovh.service_name, config.ovh.sender) == ("sms-ab12345-1", "ACME")
    assert (config.ovh.sender_for_response, config.ovh.virtual_number) == (False, "")
    assert config.ovh.validity == timedelta(minutes=30)
    assert (config.ovh.connect_timeout, config.ovh.read_timeout) == (timedelta(seconds=3), timedelta(seconds=10))
    assert (config.ovh.max_per_second, config.ovh.max_in_flight) == (10, 16)
    assert config.roster.people == {"alice": ALICE}
    assert config.roster.teams == {"ops": Team(name="ops", steps=(Step(page=(ALICE,)),))}
    assert config.roster.route.team == config.roster.teams["ops"]
    assert config.roster.ignore_labels == frozenset()
    assert (config.roster.flap_window, config.roster.stale_after) == (timedelta(minutes=15), timedelta(days=3))
    assert config.roster.max_segments == 1
    assert config.log == Log(level=LogLevel.INFO, format=LogFormat.LOGFMT)
    assert config.digest_rules == DigestRules(after=5, within=timedelta(minutes=2), per_hour=30, reserve_credits=50)
    assert config.low_credits == 200
    assert config.retention == timedelta(days=90)
    assert config.text == "\n".join(LINES)


def test_a_sender_is_a_name_a_short_number_or_a_rented_one():
    assert accepted(changed(3, "  sender_for_response: true")).ovh.sender_for_response
    assert accepted(changed(3, "  virtual_number: +33 7 00 00 00 00")).ovh.virtual_number == "+33700000000"
    named = accepted(changed(3, "  sender: ACME\n  sender_for_response: false")).ovh
    assert (named.sender, named.sender_for_response) == ("ACME", False)


def test_numbers_of_ovh_are_taken_as_written():
    numbers = "validity: 1h\n  connect_timeout: 500ms\n  read_timeout: 1m\n  max_per_second: 0.5\n  max_in_flight: 4"
    config = accepted(changed(3, f"  sender: ACME\n  {numbers}"))
    assert config.ovh.validity == timedelta(hours=1)
    assert (config.ovh.connect_timeout, config.ovh.read_timeout) == (timedelta(milliseconds=500), timedelta(minutes=1))
    assert (config.ovh.max_per_second, config.ovh.max_in_flight) == (0.5, 4)


def test_people_have_numbers_in_order_an_address_and_a_zone():
    text = changed(
        5,
        "  alice: {phones: [+33612345678, +33756789012, +33612345678], email: alice@example.org}\n"
        "  bob: {phone: 0033}\n".replace("0033", "+4915112345678, time_zone: Europe/Berlin"),
    ).replace("[alice]", "[alice, bob, alice]")
    config = accepted(text + "time_zone: Europe/Paris\n")
    alice, bob = config.roster.teams["ops"].people
    assert [phone.e164 for phone in alice.phones] == ["+33612345678", "+33756789012"]
    assert (alice.email, alice.time_zone, bob.time_zone) == ("alice@example.org", "Europe/Paris", "Europe/Berlin")


def test_a_team_keeps_its_rules():
    text = changed(
        7, "  ops: {steps: [{page: alice}], send_resolved: no, repeat_interval: 0, remind_max: 2h, template: hi}"
    )
    assert accepted(text).roster.teams["ops"] == Team(
        name="ops",
        steps=(Step(page=(ALICE,)),),
        send_resolved=False,
        repeat_interval=timedelta(),
        remind_max=timedelta(hours=2),
        template="hi",
    )


ROUTES = """\
  team: ops
  routes:
    - matchers: ['severity=~"info|none"', env!=prod]
      team: quiet
      continue: yes
      routes:
        - matchers: app=a, app!=b
    - mute_time_intervals: [nights]
      active_time_intervals: [nights, may]
time_intervals:
  - name: nights
    time_intervals:
      - times: [{start_time: 22:00, end_time: 24:00}, {start_time: 00:00, end_time: 6:00}]
  - name: may
    time_intervals:
      - {months: [may], years: [2026:2028], days_of_month: [1:5], weekdays: [monday:friday], location: Local}
""".replace(" 6:00", " 06:00")


def test_routes_hold_their_teams_matchers_and_intervals():
    text = changed(9, ROUTES).replace("  ops: {page: [alice]}", "  ops: {page: [alice]}\n  quiet: {record_only: true}")
    root = accepted(text).roster.route
    info, night = root.routes
    assert (root.team.name, info.team.name, info.routes[0].team.name, night.team.name) == (
        "ops",
        "quiet",
        "quiet",
        "ops",
    )
    assert (info.continue_, info.routes[0].continue_, night.continue_) == (True, False, False)
    assert [matcher.name for matcher in info.matchers] == ["severity", "env"]
    assert [matcher.value for matcher in info.routes[0].matchers] == ["a", "b"]
    assert [interval.name for interval in night.mute_time_intervals] == ["nights"]
    assert [interval.name for interval in night.active_time_intervals] == ["nights", "may"]
    [found] = root.match({"severity": "critical"})
    assert found[-1].muted(datetime(2026, 1, 1, 5, 59, tzinfo=UTC))
    assert found[-1] is night


def test_times_without_quotes_mean_what_they_say():
    text = changed(9, ROUTES).replace("team: quiet", "team: ops")
    [interval] = accepted(text).roster.route.routes[1].mute_time_intervals
    assert interval.active(datetime(2026, 5, 4, 22, 0, tzinfo=UTC))
    assert interval.active(datetime(2026, 5, 4, 0, 0, tzinfo=UTC))
    assert not interval.active(datetime(2026, 5, 4, 6, 0, tzinfo=UTC))
    may = accepted(text).roster.route.routes[1].active_time_intervals[1].intervals[0]
    assert may.location is None


def test_a_list_of_severities_takes_the_place_of_the_usual_ones():
    roster = accepted(changed(AFTER, "severity: {label: level, error: ['2', WARN], info: []}")).roster
    assert roster.severity({"level": "2"}) is Severity.ERROR
    assert roster.severity({"level": "warn"}) is Severity.ERROR
    assert roster.severity({"level": "warning"}) is Severity.WARNING
    assert roster.severity({"level": "major"}) is Severity.CRITICAL
    assert roster.severity({"level": "info"}) is Severity.CRITICAL
    assert roster.severity({"severity": "warning"}) is Severity.CRITICAL


def test_the_rules_of_incidents_and_texts_are_kept():
    extra = "ignore_labels: [pod]\nflap_window: 0\nstale_after: 1d\nmax_segments: 2\nretention: 2w"
    extra += "\nlog: {format: JSON, level: debug}"
    extra += "\nstorm: {after: 3, within: 1m}\nlimits: {per_person_per_hour: 10, low_credits: 50, reserve_credits: 9}"
    config = accepted(changed(AFTER, f"{extra}\nping_url: https://hc-ping.com/a?b=c"))
    assert config.roster.ignore_labels == {"pod"}
    assert (config.roster.flap_window, config.roster.stale_after) == (timedelta(), timedelta(days=1))
    assert (config.roster.max_segments, config.retention) == (2, timedelta(weeks=2))
    assert config.ping_url == "https://hc-ping.com/a?b=c"
    assert "hc-ping" not in repr(config)
    assert config.log == Log(level=LogLevel.DEBUG, format=LogFormat.JSON)
    assert config.digest_rules == DigestRules(after=3, within=timedelta(minutes=1), per_hour=10, reserve_credits=9)
    assert config.low_credits == 50


@pytest.mark.parametrize(
    ("listen", "host", "port"),
    [
        ("127.0.0.1:0", "127.0.0.1", 0),
        ("localhost:80", "localhost", 80),
        ("'[::1]:9095'", "::1", 9095),
        ("127.9.9.9:9095", "127.9.9.9", 9095),
    ],
)
def test_this_machine_alone_needs_no_secret(listen, host, port):
    server = accepted(changed(AFTER, f"server:\n  listen: {listen}")).server
    assert (server.host, server.port) == (host, port)


@pytest.mark.parametrize(
    "listen", ["':9095'", "'[::]:9095'", "10.0.0.1:9095", "pager.example.org:9095", "127.evil.org:80"]
)
def test_other_machines_need_a_secret_or_a_word(listen):
    assert "lets other machines page people without a secret" in refusal(changed(AFTER, f"server:\n  listen: {listen}"))
    assert accepted(changed(AFTER, f"server:\n  listen: {listen}\n  bearer_token: x")).server.bearer_tokens == (
        Secret("x"),
    )
    assert accepted(changed(AFTER, f"server:\n  listen: {listen}\n  allow_unauthenticated: true")).server.host


def test_the_external_address_has_no_slash_at_its_end():
    config = accepted(changed(AFTER, "server: {external_url: 'https://pager.example.org/sms/', public_metrics: on}"))
    assert config.server.external_url == "https://pager.example.org/sms"
    proxies = accepted(changed(AFTER, "server: {trusted_proxies: [10.0.0.7/24, '::1']}")).server.trusted_proxies
    assert [str(each) for each in proxies] == ["10.0.0.0/24", "::1/128"]
    assert config.server.public_metrics
    own = accepted(changed(AFTER, "server: {external_url: 'http://127.0.0.1:9095'}"))
    (warning,) = [each for each in own.warnings if each.path]
    assert "no phone" in warning.message


def unreadable(path) -> str:
    with pytest.raises(ConfigError) as refused:
        load(path, KEYS)
    return str(refused.value).replace(str(path), "config.yaml")


def test_a_file_that_cannot_be_read_says_why(tmp_path):
    file = tmp_path / "config.yaml"
    assert unreadable(file) == "config.yaml: this file cannot be read: No such file or directory"
    assert unreadable(tmp_path) == "config.yaml: this file cannot be read: it is a directory, write the path of a file"
    file.write_bytes(b"ovh:\n  sender: ACM\xc9\n")
    assert unreadable(file) == "config.yaml line 2: the byte 0xC9 is no UTF-8: save the file as UTF-8"
    file.write_bytes(b"")
    assert unreadable(file) == "config.yaml: this file is empty, write ovh, people, teams and route"
    file.write_bytes(b"# later\n" * 700_000)
    assert unreadable(file) == "config.yaml: this file cannot be read: it is larger than 4096 KiB"
    assert unreadable("a\0b").endswith(": this file cannot be read: embedded null byte")


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path):
    file = tmp_path / "config.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + "\n".join(LINES).encode())
    assert load(file, KEYS).roster.people == {"alice": ALICE}


def test_a_text_that_is_too_large_is_refused_before_it_is_read():
    assert refusal("#" * (4 * 1024 * 1024 + 1)) == "config.yaml: this file is larger than 4096 KiB"


def test_the_last_good_file_starts_without_a_template_that_is_refused():
    """An older version took it, and an upgrade stops no pager."""
    text = changed(7, "  ops: {page: [alice], template: '{{ name | center(20) }}'}")
    assert "in this template, line 1: No filter named 'center'" in refusal(text)
    config = read(text, file="config.yaml", environ=KEYS, lenient=True)
    assert config.roster.teams["ops"].template == ""
    assert [warning.path for warning in config.warnings if "template" in warning.message] == ["teams.ops.template"]


def notes(text: str) -> list[str]:
    return [note.partition(": ")[2] for note in accepted(text).notes]


NAMED = "\n".join(LINES)
NOBODY = "nobody can answer from a phone: "


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (NAMED, ["set server.external_url, or virtual_number"]),
        (NAMED + "\nserver: {external_url: 'https://p.test', bearer_token: t}", []),
        (NAMED.replace("sender: ACME", "virtual_number: '+33700000001'"), []),
        (NAMED.replace("sender: ACME", "sender_for_response: true"), []),
        (
            NAMED.replace("sender: ACME", "virtual_number: '+33700000001'\n  replies: off"),
            ["set server.external_url, or drop replies: off"],
        ),
        (
            NAMED.replace("sender: ACME", "sender_for_response: true\n  replies: off"),
            ["drop replies: off, or set virtual_number and server.external_url"],
        ),
    ],
)
def test_a_phone_that_cannot_answer_is_noted(text, said):
    assert notes(text) == [NOBODY + each for each in said]


@pytest.mark.parametrize(
    ("template", "noted"),
    [("{{ name }}", True), ("{{ name }} {# number #}", True), ("#{{ number }}", False), ("{{ link }}", False)],
)
def test_a_text_that_cannot_be_answered_is_noted(template, noted):
    text = NAMED.replace("{page: [alice]}", f"{{page: [alice], template: '{template}'}}")
    said = "this text has neither {{ link }} nor {{ number }}: nobody can answer such a page by itself"
    assert (said in notes(text)) == noted
