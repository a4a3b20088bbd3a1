"""`alertsms serve` whose store is away at the start: it listens, says so, waits, and serves when the store comes."""

from __future__ import annotations

import signal
import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
import requests
from sqlalchemy import make_url

from alertsms.app import App
from alertsms.cli.serve import Start
from alertsms.cli.terminal import Signals
from alertsms.config import load
from alertsms.store.engine import Store
from alertsms.store.error import StoreAway, StoreError, StoreHeld
from alertsms.web.guard import Reach
from alertsms.web.health import Front, Waiting
from alertsms.web.listener import Listener
from alertsms.worker import Places
from tests.cli.house import Command, until, write
from tests.conftest import EMPTIED, POSTGRES, _on_postgresql
from tests.support.ports import free_port

CHANNEL = 'fallback: {channels: ["json://127.0.0.1:9/x"]}\n'
ALERT = {"alerts": [{"status": "firing", "labels": {"alertname": "HighCPU"}}]}


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Another program has the file for itself."""
    Store(f"sqlite:///{path}").close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        yield


def waits(command: Command, port: int, why: str) -> None:
    """It answers as one that takes nothing, and is not to be restarted for it."""
    url = f"http://127.0.0.1:{port}"
    command.says("waits for its store, webhooks are answered 503")
    for path in ("/webhook", "/webhook/prod", "/alert", "/heartbeat/x"):
        answer = requests.post(f"{url}{path}", json=ALERT, timeout=5)
        assert answer.status_code == 503
        assert "Not stored, send it again: " in answer.json()["error"]
        assert why in answer.json()["error"]
        assert answer.headers["Retry-After"] == "1"
    ready = requests.get(f"{url}/-/ready", timeout=5)
    assert (ready.status_code, ready.json()["troubles"][0]["hinders"]) == (503, "intake")
    assert why in ready.text
    assert requests.get(f"{url}/-/healthy", timeout=5).status_code == 200
    metrics = requests.get(f"{url}/metrics", timeout=5).text
    assert "alertsms_build_info" in metrics
    assert 'alertsms_troubles{hinders="intake"} 1.0' in metrics
    assert "alertsms_outbox_oldest_seconds NaN" in metrics


def serves(port: int) -> None:
    url = f"http://127.0.0.1:{port}"
    until(lambda: requests.get(f"{url}/-/ready", timeout=5).status_code == 200)
    assert requests.post(f"{url}/webhook", json=ALERT, timeout=5).status_code == 202


def test_a_file_that_another_program_holds_is_waited_for(tmp_path):
    port = free_port()
    file = write(tmp_path, port=port)
    with held(tmp_path / "alertsms.db"):
        command = Command(tmp_path, "serve", "--config", file)
        waits(command, port, "database is locked")
    with command:
        serves(port)
        command.signal(signal.SIGTERM)
        assert command.ends() == 0
        assert "Traceback" not in command.err


class Proxy:
    """A port that leads to a database once it is opened."""

    def __init__(self, port: int, target: tuple[str, int]) -> None:
        self._listening = socket.create_server(("127.0.0.1", port))
        self._target = target
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self._listening.accept()
                there = socket.create_connection(self._target)
                for one, other in ((here, there), (there, here)):
                    threading.Thread(target=_pump, args=(one, other), daemon=True).start()

    def close(self) -> None:
        self._listening.close()


def _pump(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError), one, other:
        while data := one.recv(65536):
            other.sendall(data)


def test_a_database_that_is_away_is_waited_for(tmp_path, request):
    if not POSTGRES:
        pytest.skip("ALERTSMS_TEST_POSTGRES names none")
    request.getfixturevalue("migrated_postgresql")
    _on_postgresql(*EMPTIED)
    port, behind = free_port(), free_port()
    file, real = Path(write(tmp_path, port=port)), make_url(POSTGRES)
    away = real.set(host="127.0.0.1", port=behind).render_as_string(hide_password=False)
    file.write_text(file.read_text().replace(f"sqlite:///{tmp_path}/alertsms.db", f'"{away}"'))
    with Command(tmp_path, "serve", "--config", str(file)) as command:
        waits(command, port, "Connection refused")
        proxy = Proxy(behind, (real.host or "127.0.0.1", real.port or 5432))
        serves(port)
        proxy.close()
        command.signal(signal.SIGTERM)
        assert command.ends() == 0


def test_sigterm_ends_the_waiting(tmp_path):
    file = write(tmp_path, port=free_port())
    with held(tmp_path / "alertsms.db"), Command(tmp_path, "serve", "--config", file) as command:
        command.says("waits for its store")
        command.signal(signal.SIGTERM)
        assert command.ends() == 0


def bad(tmp_path: Path, port: int) -> Path:
    """A file with a mistake, after a start with a good one."""
    file = Path(write(tmp_path, port=port))
    with Command(tmp_path, "serve", "--config", str(file)) as first:
        first.says("alertsms listens")
        first.signal(signal.SIGTERM)
        first.ends()
    file.write_text(file.read_text() + "rout: 1\n")
    return file


def serves_the_last_good_one(command: Command, port: int) -> None:
    with command:
        until(lambda: "alertsms listens" in command.err)
        ready = requests.get(f"http://127.0.0.1:{port}/-/ready", timeout=5)
        assert ready.status_code == 200
        assert ready.json()["troubles"][0]["says"] == "the configuration has mistakes: started with the last good one"


def test_a_file_with_mistakes_needs_no_store_to_be_replaced_by_the_last_good_one(tmp_path):
    port = free_port()
    file = bad(tmp_path, port)
    with held(tmp_path / "alertsms.db"):
        command = Command(tmp_path, "serve", "--config", str(file))
        command.says("waits for its store, webhooks are answered 503")
    serves_the_last_good_one(command, port)


def test_a_file_with_mistakes_waits_for_a_store_where_version_0_kept_the_last_good_one(tmp_path):
    port = free_port()
    file = bad(tmp_path, port)
    [kept] = tmp_path.glob("alertsms.good-*.yaml")
    with closing(sqlite3.connect(tmp_path / "alertsms.db")) as store:
        store.execute("INSERT INTO facts (key, value, at) VALUES ('config', ?, 1)", (kept.read_text(),))
        store.commit()
    kept.unlink()
    with held(tmp_path / "alertsms.db"):
        command = Command(tmp_path, "serve", "--config", str(file))
        command.says("the last good configuration is waited for: store: ")
    serves_the_last_good_one(command, port)
    assert kept.exists()


@pytest.fixture
def start(tmp_path, monkeypatch):
    """A start whose App is what the test says, and whose channels' posts are kept."""
    posted: list[tuple[str, str]] = []
    monkeypatch.setattr("alertsms.cli.serve.apprise_channels.post", lambda _, title, body: posted.append((title, body)))
    file = write(tmp_path, more=CHANNEL)

    def build(*outcomes: object) -> Start:
        left = list(outcomes)

        def app(*_: object, **__: object) -> object:
            outcome = left.pop(0)
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        monkeypatch.setattr("alertsms.cli.serve.App", type("App", (), {"__new__": lambda _, *a, **k: app()}))
        return Start(load(file), file, good=True)

    monkeypatch.setattr("alertsms.cli.serve.AGAIN_SECONDS", 0.0)
    build.posted = posted
    return build


def ended(start: Start) -> str:
    with Signals() as signals, pytest.raises(Exception) as error:  # noqa: PT011 - click's own has no common base
        start.until_open(signals)
    return str(error.value)


def test_a_damaged_file_is_told_to_the_channels_before_it_ends_and_once_an_hour(start):
    for _ in range(3):
        assert ended(start(StoreError("store: the file is damaged"))) == "store: the file is damaged"
    ((title, body),) = start.posted
    assert title == "alertsms: alertsms does not start: store: the file is damaged"
    assert body.startswith("ALERTS ARE NOT TAKEN:")


def test_a_second_alertsms_tells_nobody_that_the_first_one_has_the_file(start):
    assert "in use" in ended(start(StoreHeld("store: in use by another process")))
    assert start.posted == []


def test_what_nobody_foresaw_ends_it(start):
    assert ended(start(StoreAway("store: away"), ValueError("nobody foresaw this"))) == "nobody foresaw this"


def test_while_it_starts_it_says_so_and_no_more(tmp_path):
    waiting = Waiting(load(write(tmp_path)), Places(), reach=Reach(public=True), good=True)
    client = waiting.wsgi.test_client()
    assert client.post("/webhook").json == {"error": "Not stored, send it again: alertsms is starting."}
    assert client.get("/metrics").status_code == 503  # beyond loopback it answers nobody
    assert "troubles" not in client.get("/-/ready").json
    near = Waiting(load(write(tmp_path)), Places(), reach=Reach(), good=True).wsgi.test_client()
    assert near.get("/-/ready").json["because"] == ["it is starting"]
    assert near.get("/metrics").status_code == 200
    (one,) = waiting.troubles()
    assert one.told  # a start is no news for the channels


def test_a_store_that_goes_away_before_the_first_alert_is_let_go_and_opened_again(tmp_path, monkeypatch):
    """It was open already: the next attempt met its own lock, and the start ended."""
    file = write(tmp_path)
    left: list[StoreError | None] = [StoreAway("store: away"), None]

    def first(_: object) -> None:
        if error := left.pop(0):
            raise error

    monkeypatch.setattr("alertsms.delivery.comparison.Comparison.before_all", first)
    monkeypatch.setattr("alertsms.cli.serve.AGAIN_SECONDS", 0.0)
    with Signals() as signals:
        app = Start(load(file), file, good=True).until_open(signals)
    assert (app is not None, left) == (True, [])
    app.store.close()


@pytest.mark.parametrize("path", ["/webhook", "/api/v1/incidents/1/ack", "/webhok"])
def test_what_came_a_moment_before_it_was_open_is_to_be_sent_again(tmp_path, path):
    """Its body was not read, since nobody could have answered it: a 400 would have its sender drop the alert."""
    port = free_port()
    app = App(load(write(tmp_path, port=port)))
    front = Front(app.wsgi)  # and judged as it still was when the head came
    listener = Listener(front, "127.0.0.1", port, judge=lambda: front.judge)
    app.start()
    try:
        answer = requests.post(f"http://127.0.0.1:{port}{path}", json=ALERT, timeout=5)
        assert (answer.status_code, answer.json()["error"]) == (503, "alertsms was starting: send it again.")
        front.judge = app.judge
        assert requests.post(f"http://127.0.0.1:{port}/webhook", json=ALERT, timeout=5).status_code == 202
    finally:
        listener.close()
        app.stop()
