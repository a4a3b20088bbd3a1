"""`alertsms silence` through a running server, whose Alertmanager is this process."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
import requests

from alertsms.cli.terminal import own_url
from tests.cli.house import serving, write
from tests.support.alertmanager import FakeAlertmanager, served
from tests.support.house import alert
from tests.support.ports import free_port


@pytest.fixture
def port() -> int:
    return free_port()


def fire(port: int) -> None:
    body = {"version": "4", "status": "firing", "groupKey": "{}:{}", "alerts": [alert("web-01")]}
    requests.post(f"{own_url('127.0.0.1', port)}/webhook", json=body, timeout=10).raise_for_status()


def test_somebody_has_alertmanager_keep_quiet(run, tmp_path, port):
    alertmanager = FakeAlertmanager(lambda: datetime.now(UTC))
    with served(alertmanager) as url:
        file = write(tmp_path, port=port, more=f'alertmanager: {{urls: "{url}"}}\n')
        with serving(file):
            fire(port)
            said = run("silence", "#1", "2h", "--by", "alice", "-c", file)
            as_json = run("silence", "1", "30m", "--by", "bob", "--json", "-c", file)
            story = run("why", "1", "-c", file).stdout
    assert (said.exit_code, said.stdout) == (0, "Alertmanager keeps quiet about #1 for 2 h.\n")
    assert json.loads(as_json.stdout) == {"silenced": True, "words": "Alertmanager keeps quiet about #1 for 30 min."}
    assert [each["createdBy"] for each in alertmanager.silences] == ["alice", "bob"]
    assert "silenced in Alertmanager: alice, for 2 h" in story


def test_what_cannot_be_silenced_is_said(run, tmp_path, port):
    file = write(tmp_path, port=port)
    with serving(file):
        fire(port)
        nowhere = run("silence", "1", "2h", "-c", file)
    assert (nowhere.exit_code, nowhere.stdout) == (1, "")
    assert "No Alertmanager is known: write alertmanager.urls in the configuration." in nowhere.stderr
    file = write(tmp_path, port=port, more='alertmanager: {urls: "http://127.0.0.1:9"}\n')
    with serving(file):
        silent = run("silence", "1", "2h", "-c", file)
        unknown = run("silence", "7", "2h", "-c", file)
        long = run("silence", "1", "2w", "-c", file)
    assert (silent.exit_code, unknown.exit_code, long.exit_code) == (1, 1, 1)
    assert "#1 is not silenced: http://127.0.0.1:9 does not answer (ConnectionRefusedError" in silent.stderr
    assert "There is no #7." in unknown.stderr
    assert "for: from 1m to 1w, write for example 2h." in long.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [(("web", "2h"), '"web" is no number of an incident'), (("1", "2"), '"2" has no unit'), (("1",), "DURATION")],
)
def test_what_was_written_wrong_is_named(run, tmp_path, words, says):
    shown = run("silence", *words, "-c", write(tmp_path))
    assert shown.exit_code == 2
    assert says in shown.stderr
