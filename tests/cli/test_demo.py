"""`alertsms demo` and `alertsms sandbox`: what somebody sees who tries it for the first time."""

from __future__ import annotations

import re
import shlex
import signal
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from alertsms.cli import sandbox
from alertsms.cli.sandbox import describe
from alertsms.config import read
from alertsms.sandbox import Sandbox, SandboxAccount
from alertsms.sandbox.exchange import CallName
from alertsms.sandbox.faults import FaultKind
from tests.cli.house import Command, serving, until, write
from tests.support.ports import free_port


@pytest.mark.usefixtures("logging_kept")
def test_send_shows_the_sms_as_the_phone_does(run):
    result = run("demo", "--send")
    assert result.exit_code == 0
    assert result.stdout == (
        "From ACME to +33612345678, 1 segment, delivered:\nCRITICAL HighCPU web-01: CPU above 90% for 5 min #1\n"
    )
    assert result.stderr == ""


@pytest.mark.usefixtures("logging_kept")
def test_send_that_reaches_no_phone_ends_with_a_sentence(run, monkeypatch):
    monkeypatch.setattr(sandbox, "PATIENCE", 0.3)
    monkeypatch.setattr(sandbox, "Sandbox", lambda: Sandbox(account=SandboxAccount(senders={})))
    result = run("demo", "--send")
    assert result.exit_code == 1
    assert "No SMS was delivered within 0 s" in result.stderr


def test_the_demo_prints_a_curl_line_that_pages(tmp_path):
    port, phone = free_port(), free_port()
    with Command(tmp_path, "demo", "--port", str(port), "--sandbox-port", str(phone)) as command:
        command.says("Ctrl-C stops it.")
        assert f"http://127.0.0.1:{port}/webhook" in command.out
        assert f"http://127.0.0.1:{phone}/" in command.out
        line = shlex.split(re.search(r"^curl .*$", command.out, re.MULTILINE)[0])
        body = line[line.index("-d") + 1]
        assert requests.post(line[-1], data=body, timeout=5).json() == {"alerts": 1, "incidents": ["#1"], "pages": 1}
        assert requests.post(line[-1], data=body, timeout=5).json()["pages"] == 0
        shown = f"http://127.0.0.1:{phone}/sandbox/messages"
        until(lambda: requests.get(shown, timeout=5).json()["count"] == 1)
        (sms,) = requests.get(shown, timeout=5).json()["messages"]
        (link,) = re.findall(rf"http://127.0.0.1:{port}/a/\w+$", sms["text"])
        assert "I have it" in requests.get(link, timeout=5).text
        ok = body.replace("firing", "resolved")
        assert requests.post(line[-1], data=ok, timeout=5).status_code == 202
        until(lambda: requests.get(shown, timeout=5).json()["count"] == 2)
        command.signal(signal.SIGINT)
        assert command.ends() == 0
        assert command.err == ""


def test_the_phone_of_the_demo_can_answer():
    """Its box was dead: pages came from a name, and a rented number, which OVHcloud writes 0033…, was taken for one."""
    with sandbox.running(0, 0, links=True) as running:
        page = running.sandbox.page
        assert requests.post(running.webhook, json=sandbox.sample(datetime.now(UTC)), timeout=5).status_code == 202
        until(lambda: requests.get(f"{page}sandbox/messages", timeout=5).json()["count"] == 1)
        (sms,) = requests.get(f"{page}sandbox/messages", timeout=5).json()["messages"]
        number = re.search(r"const deaf = sender && !/(.+)/\.test", requests.get(page, timeout=5).text)[1]
    assert re.search(number, sms["sender"]), sms
    assert not re.search(number, "ACME")


@pytest.mark.parametrize("option", ["--port", "--sandbox-port"])
def test_a_port_that_is_taken_is_said(tmp_path, option):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with Command(tmp_path, "demo", option, str(port), "--send") as command:
            assert command.ends() == 1
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in command.err
    assert "Traceback" not in command.err


def test_the_sandbox_prints_what_to_paste_and_how_to_break_it(tmp_path):
    port = free_port()
    with Command(tmp_path, "sandbox", "--listen", f"127.0.0.1:{port}") as command:
        command.says("Ctrl-C stops it.")
        for line in (
            f"  endpoint: http://127.0.0.1:{port}/1.0",
            "  application_key: sandbox-key",
            "  application_secret: sandbox-secret",
            "  consumer_key: sandbox-consumer",
            "  service_name: sms-xx00000-1",
            "  sender: ACME",
        ):
            assert line in command.out
        faults = shlex.split(re.search(r"curl -d .*$", command.out, re.MULTILINE)[0])
        assert requests.post(faults[-1], data=faults[2], timeout=5).json()[0]["kind"] == "503"
        command.signal(signal.SIGTERM)
        assert command.ends() == 0


def test_a_sandbox_for_every_address_prints_the_one_to_paste_here(sandbox):
    lines = describe(sandbox, "0.0.0.0")
    assert f"  endpoint: http://127.0.0.1:{sandbox.port}/1.0\n" in lines
    assert "0.0.0.0" not in lines
    assert f"http://[::1]:{sandbox.port}/1.0" in describe(sandbox, "::")


def test_the_help_of_the_sandbox_names_every_fault_and_every_call_it_may_strike(run, sandbox):
    shown = " ".join(run("sandbox", "--help").output.split())
    kinds = shown.partition("Kinds: ")[2].partition(". ")[0].split(", ")
    calls = shown.partition("Calls: ")[2].partition(". ")[0].split(", ")
    assert (kinds, calls) == ([*FaultKind], ["*", *CallName])
    line = shlex.split(re.search(r"curl .*?/sandbox/faults", shown)[0])
    taken = requests.post(f"{sandbox.page}sandbox/faults", data=line[2], timeout=5).json()
    assert [(each["kind"], each["call"], each["times"]) for each in taken] == [("reset_after", "jobs", 2)]


def test_a_second_sandbox_can_be_the_standby(tmp_path):
    with Command(tmp_path, "sandbox", "--listen", "127.0.0.1:0", "--service-name", "sms-xx00000-2") as command:
        command.says("Ctrl-C stops it.")
        assert "  service_name: sms-xx00000-2\n" in command.out
        command.signal(signal.SIGTERM)
        assert command.ends() == 0


def test_a_sandbox_on_an_address_that_is_none_is_a_mistake_of_writing(run):
    result = run("sandbox", "--listen", "9096")
    assert result.exit_code == 2
    assert "is no HOST:PORT" in result.stderr


def test_what_the_sandbox_prints_is_a_configuration(sandbox):
    """Its lines under `ovh:` page, with people, teams and a route beside them."""
    lines = describe(sandbox, "127.0.0.1")
    pasted = lines[lines.index("ovh:") : lines.index("What it accepted")]
    rest = 'people: {alice: "+33612345678"}\nteams: {ops: {page: [alice]}}\nroute: {team: ops}\n'
    assert read(pasted + rest, file="config.yaml", environ={}).ovh.base_url == sandbox.url


@pytest.mark.parametrize("sender", ["sender_for_response: true", 'virtual_number: "+33700000000"'])
def test_the_sandbox_names_the_senders_that_can_be_answered_and_takes_their_sms(tmp_path, run, sender):
    port, own = free_port(), free_port()
    with Command(tmp_path, "sandbox", "--listen", f"127.0.0.1:{port}") as command:
        command.says("Ctrl-C stops it.")
        assert sender in command.out
        file = write(tmp_path, endpoint=f"http://127.0.0.1:{port}/1.0", port=own)
        Path(file).write_text(Path(file).read_text().replace("sender: ACME", sender))
        with serving(file):
            assert run("send", "alice", "-c", file).exit_code == 0
        messages = requests.get(f"http://127.0.0.1:{port}/sandbox/messages", timeout=5).json()
        assert messages["receivers"] == {"+33612345678": 1}


@pytest.mark.parametrize(("options", "balance"), [((), 1_000_000), (("--credits", "2.5"), 2.5)])
def test_the_sandbox_has_money_for_a_drill(tmp_path, options, balance):
    port = free_port()
    with Command(tmp_path, "sandbox", "--listen", f"127.0.0.1:{port}", *options) as command:
        command.says("Ctrl-C stops it.")
        assert requests.get(f"http://127.0.0.1:{port}/sandbox/messages", timeout=5).json()["creditsLeft"] == balance
