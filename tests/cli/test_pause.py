"""`alertsms pause` and `resume` through a running server, and where else one reads of a pause."""

from __future__ import annotations

import getpass
import json
import re

import pytest
import requests

from alertsms.cli.terminal import own_url
from tests.cli.house import serving, write
from tests.cli.test_incident import BODY
from tests.support.ports import free_port


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def file(tmp_path, port) -> str:
    return write(tmp_path, port=port, more="time_zone: Europe/Paris\n")


def anonymous(text: str) -> str:
    """A line without its times."""
    return re.sub("2h left", "LEFT", re.sub(r"until \w{3} \d+ \w{3} \d\d:\d\d", "until THEN", text))


def test_a_team_is_paused_and_resumed(run, file):
    with serving(file):
        assert run("pause", "-c", file).stdout == "Nothing is paused.\n"
        paused = run("pause", "--team", "ops", "--for", "2h", "--by", "alice", "--reason", "new switches", "-c", file)
        assert paused.exit_code == 0
        assert anonymous(paused.stdout) == (
            "ops is paused until THEN by alice: new switches (Europe/Paris, LEFT)."
            " `alertsms resume --team ops` ends it.\n"
        )
        assert anonymous(run("pause", "-c", file).stdout) == anonymous(paused.stdout)
        assert anonymous(run("resume", "--team", "ops", "-c", file).stdout) == (
            "Resumed: ops was paused until THEN by alice: new switches.\nNothing is paused.\n"
        )
        assert run("resume", "--team", "ops", "-c", file).stdout == "ops was not paused.\nNothing is paused.\n"
        assert run("resume", "--all", "-c", file).stdout == "No team was paused.\nNothing is paused.\n"


def test_a_team_that_only_the_pause_of_all_spares_stays_spared(run, file):
    with serving(file):
        run("pause", "--all", "--for", "2h", "--by", "alice", "-c", file)
        alone = anonymous(run("resume", "--team", "ops", "-c", file).stdout)
        both = anonymous(run("resume", "--all", "-c", file).stdout)
    assert alone == (
        "ops was not paused.\n"
        "every team is paused until THEN by alice (Europe/Paris, LEFT). `alertsms resume --all` ends it.\n"
    )
    assert both == "Resumed: every team was paused until THEN by alice.\nNothing is paused.\n"


def test_the_last_minute_is_a_minute(run, file):
    with serving(file):
        assert ", 1m left)" in run("pause", "--all", "--for", "1m", "-c", file).stdout


def test_programs_get_json_and_who_typed_is_known(run, file):
    with serving(file):
        said = json.loads(run("pause", "--all", "--for", "90m", "--json", "-c", file).stdout)
        ended = json.loads(run("resume", "--all", "--json", "-c", file).stdout)
    assert [(one["team"], one["by"], one["reason"]) for one in said["pauses"]] == [("", getpass.getuser(), "")]
    assert ended == {"ended": 1, "pauses": []}


def test_one_reads_of_it_wherever_one_looks(run, file, port):
    with serving(file):
        run("pause", "--team", "ops", "--for", "2h", "--by", "alice", "-c", file)
        requests.post(f"{own_url('127.0.0.1', port)}/webhook", json=BODY, timeout=10).raise_for_status()
        why = anonymous(run("why", "1", "-c", file).stdout)
        log = anonymous(run("log", "-c", file).stdout)
        doctor = anonymous(run("doctor", "-c", file).stdout)
    route = anonymous(run("route", file, "severity=critical").stdout)
    assert "  ops is paused until THEN by alice; alertsms resume --team ops\n" in why
    assert "nobody was paged: it is muted for now: ops is paused until THEN by alice\n" in why
    assert "\n\nops is paused until THEN by alice; alertsms resume --team ops\n\n" in log
    assert (
        "warn  pauses: ops is paused until THEN by alice (Europe/Paris)\n"
        "      -> `alertsms resume --team ops` ends it before\n"
    ) in doctor
    assert route == "ops: ops is paused until THEN by alice; later pages alice (+33*******78)\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("pause", "--for", "2h"), "write --team TEAM, or --all"),
        (("pause", "--team", "ops", "--all", "--for", "2h"), "write --team TEAM, or --all"),
        (("pause", "--team", "ops"), "write how long, for example --for 2h"),
        (("pause", "--team", "ops", "--for", "2"), '"2" has no unit'),
        (("resume",), "write --team TEAM, or --all"),
    ],
)
def test_what_was_written_wrong_is_named(run, file, words, says):
    with serving(file):
        shown = run(*words, "-c", file)
    assert shown.exit_code == 2
    assert says in shown.stderr


def test_the_servers_refusal_is_shown(run, file):
    with serving(file):
        shown = run("pause", "--team", "web", "--for", "2h", "-c", file)
    assert shown.exit_code == 1
    assert shown.stderr == "Error: 'web' is no team of the configuration: it has ops.\n"
