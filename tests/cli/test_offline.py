"""`alertsms check` and `alertsms route`: what somebody runs before a change, and in CI."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from tests.config.test_harm import named

FILE = """\
ovh: {service_name: sms-xx00000-1, sender: ACME}
people: {alice: "+33612345678", bob: "+33698765432"}
teams: {ops: {page: [alice]}, db: {page: [bob, alice]}, quiet: {record_only: true}}
route:
  team: ops
  routes:
    - {matchers: ['severity=~"info|none"'], team: quiet}
    - {matchers: ['service="postgres"'], team: db, continue: true, active_time_intervals: [office]}
    - {matchers: ['service="postgres"'], team: ops}
    - {matchers: ['__receiver__="dba"', '__source__="grafana"'], team: db}
time_intervals:
  - name: office
    time_intervals: [{weekdays: ["monday:friday"], times: [{start_time: "09:00", end_time: "18:00"}], location: Europe/Paris}]
fallback: {channels: ["json://127.0.0.1:9/hidden"]}
"""  # noqa: E501
WORK, NIGHT = "2026-11-20T12:00+01:00", "2026-11-21T02:10+01:00"  # a Friday's noon, the night after
KEYS = {"OVH_APPLICATION_KEY": "ak", "OVH_APPLICATION_SECRET": "as", "OVH_CONSUMER_KEY": "ck"}


@pytest.fixture
def file(tmp_path) -> str:
    path = tmp_path / "config.yaml"
    path.write_text(FILE)
    return str(path)


def test_check_sums_up_a_good_file_with_numbers_masked(run, file):
    result = run("check", file, env=KEYS)
    assert result.exit_code == 0
    assert (
        result.stdout
        == f"""\
{file} is right.
people:
  alice: +33*******78
  bob: +33*******32
teams:
  ops: pages alice
  db: pages bob, alice
  quiet: records only
route:
  everything else -> ops
    severity=~"info|none" -> quiet
    service="postgres" -> db (at times), and go on
    service="postgres" -> ops
    __receiver__="dba", __source__="grafana" -> db
note: {file} line 1, ovh.sender: nobody can answer from a phone: set server.external_url, or virtual_number
"""
    )


ROTA = """\
schedules: {primary: {rotations: [{people: [alice, bob], from: 2026-01-05, to: 2026-02-01}]}}
ovh: {service_name: sms-xx00000-1, sender: ACME}
people: {alice: "+33612345678", bob: "+33698765432"}
teams: {ops: {steps: [{page: primary}, {page: [alice, bob]}]}}
route: {team: ops}
fallback: {channels: ["json://127.0.0.1:9/hidden"]}
"""


def test_check_foresees_gaps_and_sums_up_schedules(run, tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(ROTA)
    result = run("check", str(path), env=KEYS)
    assert result.exit_code == 0
    assert (
        result.stdout
        == f"""\
{path} line 1, schedules.primary: warning: "alice" is never on call here in the next 90 days
{path} line 1, schedules.primary: warning: "bob" is never on call here in the next 90 days
{path} line 4, teams.ops.steps[0]: warning: this step pages nobody in the next 90 days
{path} is right.
people:
  alice: +33*******78
  bob: +33*******32
schedules:
  primary: alice, bob
teams:
  ops: pages primary; then alice, bob
route:
  everything -> ops
note: {path} line 2, ovh.sender: nobody can answer from a phone: set server.external_url, or virtual_number
"""
    )
    assert run("check", "--strict", str(path), env=KEYS).exit_code == 1


def test_route_names_who_is_on_call_at_the_time(run, tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(ROTA)
    weeks = [run("route", str(path), "--at", f"2026-01-{day}T12:00").stdout for day in ("04", "05", "12")]
    assert weeks == [
        "ops: pages alice (+33*******78), bob (+33*******32); nobody is on call in primary\n",
        "ops: pages alice (+33*******78); unanswered for 5m alice (+33*******78), bob (+33*******32)\n",
        "ops: pages bob (+33*******32); unanswered for 5m alice (+33*******78), bob (+33*******32)\n",
    ]
    (ops,) = json.loads(run("route", str(path), "--at", "2026-01-12T12:00", "--json").stdout)["teams"]
    assert [(each["after_seconds"], [one["name"] for one in each["people"]]) for each in ops["later"]] == [
        (300.0, ["alice", "bob"])
    ]


def test_check_prints_every_mistake_and_exits_with_1(run, tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(FILE.replace("page: [alice]", "page: [alise]").replace("team: quiet}", "team: quite}"))
    result = run("check", str(path), env=KEYS)
    assert result.exit_code == 1
    assert f'{path} line 3, teams.ops.page[0]: "alise" is no person of this file' in result.stdout
    assert f'{path} line 7, route.routes[0].team: "quite" is no team of this file' in result.stdout


def test_check_as_json_is_for_programs(run, tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(FILE + "rout: 1\n")
    said = json.loads(run("check", "--json", str(path), env=KEYS).stdout)
    assert said["ok"] is False
    assert [(each["line"], each["path"], each["warning"]) for each in said["mistakes"]] == [(15, "rout", False)]


def test_a_warning_passes_unless_strict(run, tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(FILE.replace("teams: {", "teams: {idle: {}, "))
    free, strict = run("check", str(path), env=KEYS), run("check", "--strict", str(path), env=KEYS)
    assert (free.exit_code, strict.exit_code) == (0, 1)
    assert "warning: " in free.stdout
    assert "is right" in free.stdout
    assert "is right" not in strict.stdout
    assert json.loads(run("check", "--json", "--strict", str(path), env=KEYS).stdout)["ok"] is False


def test_check_looks_for_secrets_unless_told_not_to(run, file):
    assert run("check", file).exit_code == 1
    assert run("check", "--no-secrets", file).exit_code == 0


def test_check_of_a_file_that_is_not_there(run):
    result = run("check", "nowhere.yaml")
    assert (result.exit_code, result.stdout) == (
        1,
        "nowhere.yaml: this file cannot be read: No such file or directory\n",
    )


ROUTED = [
    (["alertname=Disk"], WORK, "ops: pages alice (+33*******78)\n"),
    (["severity=info"], WORK, "quiet: records it, pages nobody\n"),
    (['severity="info"'], WORK, "quiet: records it, pages nobody\n"),
    (
        ["service=postgres"],
        WORK,
        "db: pages bob (+33*******32), alice (+33*******78)\nops: pages nobody else\n",
    ),
    (
        ["service=postgres"],
        NIGHT,
        "ops: pages alice (+33*******78)\ndb: muted at this time, later pages bob (+33*******32)\n",
    ),
    (["--receiver=dba", "--source=grafana"], WORK, "db: pages bob (+33*******32), alice (+33*******78)\n"),
    (["--receiver=dba"], WORK, "ops: pages alice (+33*******78)\n"),
    (
        ["alertname=Watchdog"],
        WORK,
        'nobody: "Watchdog" marks an alert that fires always; it rests unless a route\'s matchers name it\n',
    ),
    (["severity=none"], WORK, "quiet: records it, pages nobody\n"),
]


@pytest.mark.parametrize(("words", "at", "said"), ROUTED)
def test_route_says_whom_an_alert_pages(run, file, words, at, said):
    result = run("route", file, *words, "--at", at)
    assert (result.exit_code, result.stdout) == (0, said)


BEATS = """\
heartbeats:
  - {name: prometheus, matchers: [alertname=Watchdog], every: 1m, grace: 4m}
  - {name: backup, every: 1d, grace: 2h, team: db}
"""


def test_what_refreshes_a_heartbeat_pages_nobody_and_a_missing_one_pages_its_team(run, file, tmp_path):
    path = tmp_path / "beats.yaml"
    path.write_text(FILE + BEATS)
    assert run("route", str(path), "alertname=Watchdog").stdout == "nobody: it refreshes prometheus (heartbeats)\n"
    assert json.loads(run("route", str(path), "alertname=Watchdog", "--json").stdout)["heartbeats"] == ["prometheus"]
    missing = ["alertname=HeartbeatMissing", "heartbeat=backup", "severity=critical", "--source=alertsms"]
    assert (
        run("route", str(path), *missing, "--at", NIGHT).stdout
        == "db: pages bob (+33*******32), alice (+33*******78)\n"
    )
    assert (
        run("check", str(path), env=KEYS)
        .stdout.partition("note: ")[0]
        .endswith(
            "heartbeats:\n  prometheus: pages after 5m of silence -> as the routes say\n"
            "  backup: pages after 1d2h of silence -> db\n"
        )
    )


EXPECTED = [
    (["service=postgres", "--expect", "db", "--expect", "ops"], 0, ""),
    (["service=postgres", "--expect", "db"], 1, "expected db, found db, ops\n"),
    (["x=y", "--expect", "db"], 1, "expected db, found ops\n"),
    (["alertname=Watchdog", "--expect", ""], 0, ""),
    (["alertname=Watchdog", "--expect", "ops"], 1, "expected ops, found no team\n"),
    (["x=y", "--expect", ""], 1, "expected no team, found ops\n"),
    (["x=y", "--expect", "nosuch"], 1, 'expected nosuch, found ops; "nosuch" is no team of this file\n'),
    (
        ["x=y", "--expect", "dba", "--expect", "ops", "--expect", "app"],
        1,
        'expected app, dba, ops, found ops; "app", "dba" are no teams of this file\n',
    ),
]


@pytest.mark.parametrize("at", [WORK, NIGHT])
@pytest.mark.parametrize(("words", "code", "said"), EXPECTED)
def test_route_fails_a_build_whose_teams_are_not_as_expected_at_any_hour(run, file, at, words, code, said):
    result = run("route", file, *words, "--at", at)
    assert (result.exit_code, result.stderr) == (code, said)


def test_route_as_json_is_for_programs(run, file):
    result = run("route", file, "service=postgres", "--at", "2026-11-21T01:10", "--json")
    assert json.loads(result.stdout) == {
        "at": "2026-11-21T01:10:00+00:00",
        "rests": False,
        "heartbeats": [],
        "teams": [
            {
                "team": "ops",
                "muted": False,
                "record_only": False,
                "people": [{"name": "alice", "number": "+33*******78"}],
                "later": [],
            },
            {
                "team": "db",
                "muted": True,
                "record_only": False,
                "people": [{"name": "bob", "number": "+33*******32"}],
                "later": [],
            },
        ],
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["severity"], '"severity" is no label, write LABEL=VALUE'),
        (["=x"], '"=x" is no label'),
        (["--at", "yesterday"], '"yesterday" is no time'),
        (["--source", "pager"], "'pager' is not one of"),
    ],
)
def test_route_written_wrong_exits_with_2(run, file, words, said):
    result = run("route", file, *words)
    assert result.exit_code == 2
    assert said in result.stderr


def test_route_with_a_bad_file_prints_its_mistakes(run, tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(FILE + "rout: 1\n")
    result = run("route", str(path), "x=y")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "rout" in result.stderr


def test_check_says_who_else_may_use_the_key(run, file, tmp_path):
    """A key that another user put there before the first start would be used."""
    (tmp_path / "alertsms.key").write_text("A" * 43)
    (tmp_path / "alertsms.key").chmod(0o666)
    tmp_path.chmod(0o777)
    done = run("check", file, env=KEYS)
    assert done.exit_code == 0
    assert f"every user of this machine may read and write the key {tmp_path}/alertsms.key: `chmod o=" in done.stdout
    assert (
        f"every user of this machine may write to {tmp_path}, and so put a key of theirs there: `chmod" in done.stdout
    )
    assert "every user" not in run("check", "--no-secrets", file, env=KEYS).stdout


def test_an_old_table_of_countries_is_a_note_that_strict_does_not_count(run, file, monkeypatch):
    before = run("check", "--strict", file, env=KEYS)
    monkeypatch.setattr("alertsms.core.messages.sender_rules.AS_OF", date(2026, 1, 1))
    monkeypatch.setattr("alertsms.core.messages.sender_rules.OLD", timedelta(days=-10_000))
    after = run("check", "--strict", file, env=KEYS)
    assert (before.exit_code, after.exit_code) == (0, 0)
    (line,) = set(after.stdout.splitlines()) - set(before.stdout.splitlines())
    assert line.startswith("what operators let through is known as of 2026-01-01: upgrade alertsms, and try each phone")


def test_check_prints_notes_and_strict_does_not_count_them(tmp_path, run):
    file = tmp_path / "config.yaml"
    file.write_text(named("Europe/Paris") + 'fallback: {channels: ["json://127.0.0.1:9"]}\n')
    result = run("check", "--strict", "--no-secrets", str(file))
    assert "note: " in result.stdout
    assert result.exit_code == 0, result.output
    said = json.loads(run("check", "--strict", "--no-secrets", "--json", str(file)).stdout)
    assert said["ok"]
    assert [note.partition(", ")[2].partition(":")[0] for note in said["notes"]] == [
        "time_intervals[0].name",
        "ovh.sender",
    ]
