"""What is said of a wrong file: each mistake once, with its line, its path and what to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from alertsms.config import ConfigError, Mistake
from alertsms.machine import password
from tests.config.sample import AFTER, KEYS, LINES, accepted, changed, refusal

HERE = Path(__file__).parent


def blocks(name: str) -> list[tuple[int, str, str]]:
    """The cases of one table: the line to change, what to write there, and what is said."""
    cases = []
    for block in HERE.joinpath(name).read_text(encoding="utf-8").split("\n\n"):
        rows = [row for row in block.strip("\n").split("\n") if not row.startswith("#")]
        written = [row.split("| ", 1) for row in rows if not row.startswith("-> ")]
        said = [row.removeprefix("-> ") for row in rows if row.startswith("-> ")]
        if written:
            at = AFTER if written[0][0] == "+" else int(written[0][0])
            cases.append((at, "\n".join(text for _, text in written), "\n".join(said)))
    return cases


MISTAKES = blocks("mistakes_outside.txt") + blocks("mistakes_on_call.txt") + blocks("mistakes_schedules.txt")


@pytest.mark.parametrize(("line", "text", "said"), MISTAKES)
def test_a_mistake_is_named_once_with_its_place_and_what_to_write(line, text, said):
    assert refusal(changed(line, text)) == said


def test_the_tables_hold_what_they_should():
    assert len(MISTAKES) >= 165


def test_all_mistakes_of_a_file_are_reported_at_once_in_its_order():
    text = """\
ovh:
  service_name: sms-ab12345-1
  sender: ACME MONITORING
  validity: 30
people:
  alice: 0612345678
  bob: "+33698765432"
teams:
  ops:
    page:
      - alice
      - bod
  db: {page: [bob], repeat_intervall: 5m}
route:
  team: ops
  routes:
    - matchers: ["team=db"]
      team: dba
    - matchers: [severity]
retention: a while
"""
    assert refusal(text) == (
        'config.yaml line 3, ovh.sender: "ACME MONITORING" has 15 characters, a sender has 11 at most\n'
        'config.yaml line 4, ovh.validity: "30" has no unit, write 30m if minutes were meant, 1d6h if hours\n'
        'config.yaml line 6, people.alice: "061*****78": no country code: write + and the country code first, '
        "like +33612345678\n"
        'config.yaml line 12, teams.ops.page[1]: "bod" is no person of this file, write bob\n'
        'config.yaml line 13, teams.db.repeat_intervall: "repeat_intervall" is no key here, write repeat_interval\n'
        'config.yaml line 18, route.routes[0].team: "dba" is no team of this file, write db\n'
        'config.yaml line 19, route.routes[1].matchers[0]: "severity", column 9: found the end, one of = != =~ !~ is '
        "expected\n"
        'config.yaml line 20, retention: "a while" is not a duration, write numbers with units such as 30s, 5m, '
        "1h30m or 2d"
    )


def test_a_mistake_tells_programs_what_it_tells_people():
    with pytest.raises(ConfigError) as refused:
        accepted(changed(7, "  ops: {page: [bob]}"))
    assert refused.value.mistakes == (
        Mistake(
            file="config.yaml",
            line=7,
            path="teams.ops.page[0]",
            found="bob",
            message='"bob" is no person of this file, write alice',
        ),
    )


def test_the_account_may_not_be_missing():
    assert (
        refusal("\n".join(LINES[3:]))
        == "config.yaml line 1: ovh is missing, write the keys and the account of OVHcloud"
    )


def test_the_route_may_not_be_missing():
    assert refusal("\n".join(LINES[:7])) == "config.yaml line 1: route is missing, write team, matchers and routes"


def test_keys_that_stand_nowhere_are_asked_for_by_all_their_names():
    assert refusal("\n".join(LINES), {}) == (
        "config.yaml line 1, ovh: application_key is missing, write application_key: ${OVH_APPLICATION_KEY} or "
        "application_key_file\n"
        "config.yaml line 1, ovh: application_secret is missing, write application_secret: ${OVH_APPLICATION_SECRET} "
        "or application_secret_file\n"
        "config.yaml line 1, ovh: consumer_key is missing, write consumer_key: ${OVH_CONSUMER_KEY} or consumer_key_file"
    )


def test_an_endpoint_of_the_environment_is_checked_too():
    assert refusal("\n".join(LINES), KEYS | {"OVH_ENDPOINT": "ovh-us"}) == (
        "config.yaml line 1, ovh: OVH_ENDPOINT of the environment: ovh-us: this region's API has no /sms; SMS are sold "
        "by ovh-eu only, write endpoint: ovh-eu"
    )


@pytest.mark.parametrize(("line", "text", "said"), blocks("warnings.txt"))
def test_what_is_likely_wrong_is_a_warning_and_the_file_is_used(line, text, said):
    warnings = accepted(changed(line, text)).warnings
    assert said in [str(warning) for warning in warnings]
    assert all(warning.warning for warning in warnings)


GOOD = password.make("wonder")


@pytest.mark.parametrize(
    "written", ["wonder", GOOD, f"pbkdf2:sha256:600000$s4lt${'a' * 64}", "scrypted", "scrypt is a word", "$scrypt:"]
)
def test_a_login_takes_a_password_or_a_hash(written):
    config = accepted(changed(AFTER, f"server: {{login: {{username: alice, password: '{written}'}}}}"))
    assert config.server.login == (("alice", written),)


@pytest.mark.parametrize(
    ("written", "says"),
    [
        (
            GOOD[:-1],
            "this hash is cut or damaged, write the whole line that `alertsms hash-password` prints, in quotes",
        ),
        ("scrypt:32768:8:1", "this hash is cut or damaged"),
        ("scrypt:0:8:1$a$" + "a" * 128, "this hash costs too much at each login"),
        ("scrypt:1048576:8:1$a$" + "a" * 128, "this hash costs too much at each login"),
        ("pbkdf2:md5:1000$a$" + "a" * 32, "this hash is cut or damaged"),
        ("pbkdf2:sha256:99999999$a$" + "a" * 64, "this hash is cut or damaged"),
    ],
)
def test_a_hash_that_lets_nobody_in_or_costs_too_much_is_a_mistake(written, says):
    text = changed(AFTER, f"server: {{login: {{username: alice, password: '{written}'}}}}")
    said = refusal(text)
    assert said.partition(": ")[2].startswith(says)
    assert "server.login.password" in said
    assert written not in said


FALLBACK = "fallback: {channels: ['json://example.org']}\n"


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (AFTER, ""),
        (3, "  sender_for_response: true"),
        (
            3,
            (
                "  virtual_number: '+33700000000'\nserver: {external_url: 'https://pager.example.org',"
                " bearer_token: a, login: {username: alice, password: a}}"
            ),
        ),
        (AFTER, "server: {login: {username: alice, password: a}}"),
    ],
)
def test_a_file_without_anything_odd_has_no_warnings(line, text):
    assert accepted(f"{changed(line, text)}{FALLBACK}").warnings == ()


SHUT = (
    'config.yaml line 10, server.external_url: others reach it at "https://p.example.org" and no webhook secret is set,'
    " write server.bearer_token and give it to the senders, or server.allow_unauthenticated: true"
)
NO_LOGIN = "the pages for people answer nobody with an address for others, write server.login: "


@pytest.mark.parametrize("more", ["", "listen: '[::1]:9095', ", "public_metrics: true, "])
def test_an_address_for_others_without_a_secret_is_a_mistake_and_yet_serves(more):
    """An older version took their alerts: what serves by such a file goes on, shut to strangers."""
    text = changed(AFTER, f"server: {{{more}external_url: 'https://p.example.org'}}") + FALLBACK
    assert SHUT in refusal(text, thorough=True)
    config = accepted(text)
    assert config.server.unguarded
    assert str(config.warnings[0]) == SHUT.replace("url: ", "url: warning: ")
    assert NO_LOGIN in str(config.warnings[1])


@pytest.mark.parametrize(
    "more",
    ["bearer_token: a", "basic_auth: {username: a, password: b}", "hmac: {secret: a}", "allow_unauthenticated: true"],
)
def test_with_a_secret_only_the_lack_of_a_login_is_warned_of(more):
    text = changed(AFTER, f"server: {{external_url: 'https://p.example.org', {more}}}") + FALLBACK
    config = accepted(text, thorough=True)
    assert not config.server.unguarded
    assert [NO_LOGIN in str(each) for each in config.warnings] == [True]


@pytest.mark.parametrize("address", ["http://127.0.0.1:9095", "http://localhost", "http://[::1]:9095"])
def test_an_address_of_this_machine_alone_opens_no_door(address):
    text = changed(AFTER, f"server: {{external_url: '{address}'}}") + FALLBACK
    (warning,) = accepted(text, thorough=True).warnings
    assert "only this machine can open it, and no phone" in warning.message
