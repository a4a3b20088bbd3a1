"""`alertsms send` against a running server and the served sandbox; `alertsms db upgrade`; what a store keeps."""

from __future__ import annotations

import json
import re
import socket
import sqlite3
import threading
import time
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from alertsms.cli.server import recall, store_of
from alertsms.sandbox import Fault, FaultKind
from alertsms.store.engine import Store
from alertsms.store.error import StoreError
from alertsms.store.schema import VERSION
from tests.cli.house import serving, write
from tests.support.ports import free_port


@pytest.fixture
def file(tmp_path, sandbox) -> str:
    return write(tmp_path, endpoint=sandbox.url, port=free_port())


def test_a_test_sms_goes_out_through_the_running_server(run, file, sandbox):
    with serving(file):
        result = run("send", "alice", "--config", file)
    assert result.exit_code == 0
    sent = sandbox.sandbox.accepted[0]
    assert (sent.receiver, sent.text) == ("+33612345678", "Test from alertsms: SMS paging works for alice.")
    assert result.stdout == f"OVHcloud has the SMS to alice (+33*******78), its id is {sent.id}: {sent.text}\n"


def test_the_text_the_address_and_json(run, file, sandbox):
    with serving(file) as app:
        url = f"http://127.0.0.1:{app.config.server.port}/"
        result = run("send", "alice", "-c", file, "--text", "hello", "--url", url, "--json")
    said = json.loads(result.stdout)
    assert (said["state"], said["text"], said["number"]) == ("sent", "hello", "+33*******78")
    assert [each.text for each in sandbox.sandbox.accepted] == ["hello"]


def test_a_phone_is_asked_whether_it_is_theirs(run, tmp_path, sandbox):
    file = Path(write(tmp_path, endpoint=sandbox.url, port=free_port()))
    file.write_text(file.read_text().replace("sender: ACME", "sender_for_response: true"))
    with serving(str(file)):
        result = run("send", "alice", "-c", str(file), "--confirm")
        checked = run("check", "--strict", str(file))
    text = "alertsms pages alice on this phone. To confirm, answer OK"
    assert [sent.text for sent in sandbox.sandbox.accepted] == [text]
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        f"OVHcloud has the SMS to alice (+33*******78), its id is {sandbox.sandbox.accepted[0].id}: {text}",
        "`alertsms check` and `doctor` name the numbers that nobody has confirmed since the sender changed.",
    ]
    line = "nobody has confirmed alice (+33*******78) for a short number: `alertsms send NAME --confirm` asks them"
    assert checked.stdout.splitlines()[-1] == line


def test_a_phone_that_cannot_confirm_is_not_asked(run, file, sandbox):
    with serving(file):
        result = run("send", "alice", "-c", file, "--confirm")
    assert result.exit_code == 1
    assert "A phone has no way to confirm: set server.external_url" in result.stderr
    assert sandbox.sandbox.accepted == []


@pytest.mark.parametrize(("said", "noted"), [("y\n", True), ("n\n", False)])
def test_on_a_terminal_whoever_sends_it_says_whether_it_rang(run, file, sandbox, monkeypatch, said, noted):
    """A sender that is a name cannot be answered, and without an external_url there are no links."""
    monkeypatch.setattr("alertsms.cli.send.on_terminal", lambda: True)
    with serving(file):
        result = run("send", "alice", "-c", file, "--confirm", input=said)
        checked = run("check", file)
        changed = Path(file)
        changed.write_text(changed.read_text().replace("sender: ACME", "sender: PAGER"))
        later = run("check", file)
    assert [sent.text for sent in sandbox.sandbox.accepted] == ["alertsms pages alice on this phone."]
    assert "Did the phone of alice (+33*******78) ring, and does it show that SMS?" in result.stdout
    assert result.exit_code == (0 if noted else 1), "a phone that stays silent is no success"
    assert ("alice (+33*******78) did not ring: docs/phones.md says what to set on it" in result.stderr) != noted
    assert ("nobody has confirmed alice (+33*******78) for ACME" not in checked.stdout) == noted
    assert "nobody has confirmed alice (+33*******78) for PAGER" in later.stdout


def test_somebody_who_is_not_in_the_configuration(run, file):
    with serving(file):
        result = run("send", "bob", "-c", file)
    assert result.exit_code == 1
    assert "'bob' is nobody of the configuration: it has alice." in result.stderr


def test_a_number_that_is_refused_exits_with_1_and_says_why(run, file, sandbox):
    sandbox.sandbox.faults.add(Fault(kind=FaultKind.INVALID_RECEIVER))
    with serving(file):
        began = time.monotonic()
        result = run("send", "alice", "-c", file, "--wait", "20s")
        assert time.monotonic() - began < 20, "it is over, there is nothing to wait for"
    assert (result.exit_code, result.stdout) == (1, "")
    assert "The SMS to alice (+33*******78) failed: send: 200 invalid_receiver" in result.stderr


def test_what_has_not_left_in_time_exits_with_1_and_says_why(run, file, sandbox):
    sandbox.sandbox.faults.add(Fault(kind=FaultKind.ERROR_429, call="send"), Fault(kind=FaultKind.ERROR_429))
    with serving(file):
        result = run("send", "alice", "-c", file, "--wait", "1s")
    assert result.exit_code == 1
    assert re.search(r"The SMS to alice \(\+33\*{7}78\) is (queued|sending) after 1s and", result.stderr)
    assert "429" in result.stderr
    assert "The server goes on trying." in result.stderr


def test_without_a_running_server_it_says_so(run, file):
    never = run("send", "alice", "-c", file)
    with serving(file):
        pass
    stopped = run("send", "alice", "-c", file)
    assert (never.exit_code, stopped.exit_code) == (1, 1)
    assert f"no server has made the key {Path(file).parent}/alertsms.key yet: start `alertsms serve`" in never.stderr
    assert "no alertsms answers at http://127.0.0.1:" in stopped.stderr


def test_something_else_at_the_address_is_no_alertsms(run, file, sandbox):
    with serving(file), HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as plain:
        threading.Thread(target=plain.handle_request, daemon=True).start()
        for url in (sandbox.page.rstrip("/"), f"http://127.0.0.1:{plain.server_port}"):
            result = run("send", "alice", "-c", file, "--url", url)
            assert result.exit_code == 1
            assert f"what answers at {url} is no alertsms" in result.stderr


def test_an_address_that_is_none_is_a_mistake_of_writing(run, file):
    assert run("send", "alice", "-c", file, "--url", "pager").exit_code == 2
    assert run("send", "alice", "-c", file, "--wait", "60").exit_code == 2


def test_a_file_that_is_not_there_does_not_lead_to_the_usual_store(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for words in (["send", "alice"], ["db", "upgrade"]):
        result = run(*words, "-c", "nowhere.yaml")
        assert result.exit_code == 1
        assert "nowhere.yaml: this file cannot be read" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_upgrade_says_from_which_version_to_which(run, file):
    assert run("db", "upgrade", "-c", file).stdout == f"From an empty store to version {VERSION}.\n"
    assert run("db", "upgrade", "-c", file).stdout == f"The store is at version {VERSION} already.\n"


def test_upgrade_of_a_store_in_use_is_refused(run, file):
    store = Store(store_of(file))
    try:
        result = run("db", "upgrade", "-c", file)
    finally:
        store.close()
    assert result.exit_code == 1
    assert "in use by another process" in result.stderr


STORES = [
    ("store: sqlite:///here.db\nrout: 1\n", "sqlite:///{folder}/here.db"),
    ('store: "sqlite:///${FOLDER}/here.db"\n', "sqlite:////data/here.db"),
    ("people: [\nstore: sqlite:///here.db\n\troute: {\n", "sqlite:///{folder}/here.db"),
    ("store: mysql://here\n", "sqlite:///{folder}/alertsms.db"),
    ("people: {}\n", "sqlite:///{folder}/alertsms.db"),
    ("", "sqlite:///{folder}/alertsms.db"),
]


@pytest.mark.parametrize(("text", "store"), STORES)
def test_the_store_of_a_bad_file_is_found_as_far_as_it_can_be_read(tmp_path, monkeypatch, text, store):
    monkeypatch.setenv("FOLDER", "/data")
    path = tmp_path / "config.yaml"
    path.write_text(text)
    assert store_of(str(path)) == store.format(folder=tmp_path)


def test_the_store_of_no_file_is_the_usual_one(tmp_path):
    assert store_of(str(tmp_path / "nowhere.yaml")) == f"sqlite:///{tmp_path}/alertsms.db"


def test_recalling_takes_no_lock_and_makes_no_file(tmp_path):
    url = f"sqlite:///{tmp_path}/alertsms.db"
    assert recall(url, "config") is None
    assert list(tmp_path.iterdir()) == []
    with closing(sqlite3.connect(tmp_path / "alertsms.db")) as other:
        other.execute("CREATE TABLE other (x)")
    assert recall(url, "config") is None
    (tmp_path / "alertsms.db").write_text("this is no database, whatever its name says" * 100)
    with pytest.raises(StoreError, match="cannot be read"):
        recall(url, "config")


def test_recalling_from_a_database_that_does_not_answer_says_so():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(StoreError, match="store: "):
        recall(f"postgresql+psycopg://alertsms@127.0.0.1:{port}/alertsms?connect_timeout=2", "config")
