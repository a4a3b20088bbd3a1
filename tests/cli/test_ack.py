"""`alertsms ack`, `snooze` and `resolve` through a running server."""

from __future__ import annotations

import getpass
import json

import pytest
import requests

from alertsms.cli.quiet import _print
from alertsms.cli.terminal import own_url
from tests.cli.house import serving, write
from tests.support.house import alert
from tests.support.ports import free_port


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def file(tmp_path, port) -> str:
    return write(tmp_path, port=port)


@pytest.fixture
def fires(port):
    """Let alerts fire, by their instances."""

    def fire(*instances: str) -> None:
        body = {"version": "4", "status": "firing", "groupKey": "{}:{}", "alerts": [alert(each) for each in instances]}
        requests.post(f"{own_url('127.0.0.1', port)}/webhook", json=body, timeout=10).raise_for_status()

    return fire


def test_somebody_takes_an_incident(run, file, fires):
    with serving(file):
        fires("web-01", "web-02")
        first = run("ack", "#1", "--by", "alice", "-c", file)
        again = run("ack", "1", "--by", "alice", "-c", file)
        other = run("ack", "1", "2", "77", "--by", "bob", "-c", file)
        story = run("why", "1", "-c", file).stdout
    assert (first.exit_code, first.stdout, first.stderr) == (0, "#1 CRITICAL HighCPU web-01: alice has it now.\n", "")
    assert (again.exit_code, again.stdout) == (0, "#1 CRITICAL HighCPU web-01: alice has it already.\n")
    assert other.exit_code == 1
    assert other.stdout == "#2 CRITICAL HighCPU web-02: bob has it now.\n"
    assert other.stderr == (
        "bob is none of `people`: all who were paged will hear of the end. Next time write --by NAME.\n"
        "#1 CRITICAL HighCPU web-01: alice has it already.\nThere is no #77: `alertsms log` lists the latest.\n"
    )
    assert "  alice has it since " in story
    assert "somebody has it: alice, by command" in story


def test_everything_and_who_typed(run, file, fires):
    with serving(file):
        assert run("ack", "--all", "-c", file).stdout == "Nothing is open.\n"
        fires("web-01", "web-02")
        said = json.loads(run("ack", "--all", "--json", "-c", file).stdout)
    assert [(each["number"], each["by"]) for each in said["outcomes"]] == [
        (1, getpass.getuser()),
        (2, getpass.getuser()),
    ]


def test_a_while(run, file, fires):
    with serving(file):
        fires("web-01")
        said = run("snooze", "1", "2h", "--by", "alice", "-c", file)
        story = run("why", "1", "-c", file).stdout
    assert (said.exit_code, said.stdout) == (0, "#1 CRITICAL HighCPU web-01: alice has it for 2h.\n")
    assert "somebody has it for a while: alice, by command, for 2 h" in story
    assert "; paged again " in story


def test_what_is_over(run, file, fires):
    with serving(file):
        fires("web-01")
        first = run("resolve", "1", "--by", "alice", "-c", file)
        again = run("resolve", "1", "--by", "alice", "-c", file)
        assert "  resolved by hand after " in run("log", "-c", file).stdout
        late = run("ack", "1", "--by", "alice", "-c", file)
        story = run("why", "1", "-c", file).stdout
    assert (first.exit_code, first.stdout) == (0, "#1 CRITICAL HighCPU web-01: it is over now.\n")
    assert (again.exit_code, again.stdout) == (0, "#1 CRITICAL HighCPU web-01: it is over.\n")
    assert (late.exit_code, late.stderr) == (1, "#1 CRITICAL HighCPU web-01: it is over.\n")
    assert "over: somebody says so: alice, by command" in story
    assert "  resolved by hand " in story


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("ack",), "write numbers, such as 42, or --all"),
        (("ack", "1", "--all"), "write numbers, such as 42, or --all"),
        (("ack", "web"), '"web" is no number of an incident'),
        (("snooze", "1", "2"), '"2" has no unit'),
        (("resolve",), "write numbers, such as 42, or --all"),
    ],
)
def test_what_was_written_wrong_is_named(run, file, words, says):
    shown = run(*words, "-c", file)
    assert shown.exit_code == 2
    assert says in shown.stderr


def test_a_machine_that_knows_no_name_asks_for_one(run, file, monkeypatch):
    def nobody() -> str:
        raise KeyError(0)

    monkeypatch.setattr(getpass, "getuser", nobody)
    shown = run("ack", "1", "-c", file)
    assert shown.exit_code == 2
    assert "write --by NAME" in shown.stderr


def test_what_came_back_while_it_was_typed_is_said_and_fails(capsys):
    one = {"id": 1, "severity": "critical", "name": "HighCPU", "place": "web-01"}
    said = {"outcomes": [{"number": 1, "result": "back", "by": "", "incident": one}], "along": []}
    with pytest.raises(SystemExit) as ended:
        _print(said, "alice", "has it now", good=("taken",), as_json=False)
    assert ended.value.code == 1
    assert capsys.readouterr().err == (
        "#1 CRITICAL HighCPU web-01: it is back since, and pages on. Write it again if you mean that, too.\n"
    )
