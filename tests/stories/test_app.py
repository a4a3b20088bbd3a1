"""The whole thing with its threads: start, serve, reload, stop."""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import replace

import pytest
import requests
from sqlalchemy import make_url, select

from alertsms.app import App, loopback
from alertsms.context import Outside
from alertsms.machine.state import good, good_path
from alertsms.sandbox import Fault, FaultKind, Sandbox
from alertsms.sandbox.adapter import SandboxAdapter
from alertsms.store.error import StoreError
from alertsms.store.schema import metadata
from alertsms.web.listener import Listener
from tests.support.house import OVH, PLAN, SimulatedClock, alert, page


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


@pytest.fixture
def build(migrated_file, tmp_path, sandbox):
    """Apps on one file, with real threads, that are stopped at the end."""
    from alertsms.config import read

    path, apps = tmp_path / "own.db", []
    path.write_bytes(migrated_file.read_bytes())

    def session() -> requests.Session:
        opened = requests.Session()
        opened.mount("http://ovh.test", SandboxAdapter(sandbox))
        return opened

    def one(plan: str = PLAN, ovh: str = OVH, **more: object) -> App:
        config = read(f"store: sqlite:///{path}\n{ovh}{plan}", file="app.yaml", environ={})
        apps.append(App(config, outside=Outside(session_factory=session), **more))
        return apps[-1]

    yield one
    for app in apps:
        app.stop()


@pytest.fixture
def listen():
    opened = []

    def on(app: App, host: str = "127.0.0.1") -> Listener:
        opened.append(Listener(app.wsgi, host, 0, judge=lambda: app.judge))
        return opened[-1]

    yield on
    for listener in opened:
        listener.close()


def until(condition, patience=10.0):
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.002)


def test_it_runs_by_itself(build, listen, sandbox):
    app = build()
    app.start()
    url = f"http://127.0.0.1:{listen(app).port}"
    assert requests.post(f"{url}/webhook", json={"alerts": [alert()]}, timeout=5).status_code == 202
    assert sandbox.wait_for(1, 10)
    until(lambda: requests.get(f"{url}/-/ready", timeout=5).status_code == 200)
    text = requests.get(f"{url}/metrics", timeout=5).text
    assert "alertsms_config_last_reload_successful 1.0" in text
    app.watch.readiness.stopping = True
    assert requests.get(f"{url}/-/ready", timeout=5).json()["because"] == ["it is stopping"]


def test_a_page_is_woken_and_not_polled(build, sandbox):
    app = build()
    app.start()
    until(lambda: not app.wakeups.dispatcher.is_set())
    time.sleep(0.05)
    began = time.monotonic()
    app.wsgi.test_client().post("/webhook", json={"alerts": [alert()]})
    assert sandbox.wait_for(1, 10)
    assert time.monotonic() - began < 2  # the pause between two looks is five seconds


def test_a_store_that_takes_nothing_is_not_ready(build, monkeypatch):
    app = build()
    app.start()

    def fail(_work):
        raise StoreError("store: database or disk is full")

    monkeypatch.setattr(app.store, "transact", fail)
    client = app.wsgi.test_client()
    until(lambda: client.get("/-/ready").status_code == 503)  # an answer holds for a second
    assert client.get("/-/ready").json["because"] == ["store: database or disk is full"]
    monkeypatch.undo()


def test_stopping_lets_what_is_under_way_end(build, sandbox, monkeypatch):
    app = build()
    app.start()
    inside, go = threading.Event(), threading.Event()
    send = app.delivery.accounts.first.sms.send

    def slow(job):
        inside.set()
        go.wait(5)
        return send(job)

    monkeypatch.setattr(app.delivery.accounts.first.sms, "send", slow)
    app.wsgi.test_client().post("/webhook", json={"alerts": [alert()]})
    inside.wait(5)
    threading.Timer(0.1, go.set).start()
    app.stop()
    assert [message.text for message in sandbox.accepted] == [page("web-01", 1)]
    again = build()
    assert again.store.read(lambda tx: tx.exec_driver_sql("SELECT state FROM messages").scalar()) == "sent"


def test_what_does_not_end_in_time_is_looked_up_by_the_next_start(build, monkeypatch, caplog):
    monkeypatch.setattr("alertsms.app.DRAIN_SECONDS", 0.1)
    app = build()
    app.start()
    inside, go = threading.Event(), threading.Event()

    def hang(job):
        inside.set()
        go.wait(5)
        raise AssertionError

    monkeypatch.setattr(app.delivery.accounts.first.sms, "send", hang)
    app.wsgi.test_client().post("/webhook", json={"alerts": [alert()]})
    inside.wait(5)
    app.stop()
    assert "stopped with messages under way" in caplog.text
    go.set()
    caplog.clear()
    again = build()
    assert "messages were being sent when the last run ended: OVH is asked" in caplog.text
    assert again.store.read(lambda tx: tx.exec_driver_sql("SELECT state FROM messages").scalar()) == "unknown"


def test_a_reload_takes_over_limits_and_says_what_waits_for_a_restart(build, caplog, tmp_path):
    from alertsms.config import read

    texts = []

    def reread():
        text = texts[-1]
        return read(f"store: sqlite:///{tmp_path}/elsewhere.db\n{text}", file="app.yaml", environ={})

    app = build(reread=reread)
    texts.append(OVH.replace("max_per_second: 0", "max_per_second: 3, max_in_flight: 4") + PLAN)
    assert app.reload() == []
    assert (app.delivery.rate_limiter.places, app.delivery.rate_limiter._rate) == (4, 3)
    texts.append(OVH.replace("max_per_second: 0", "max_in_flight: 16") + PLAN)
    assert app.reload() == []
    assert app.delivery.rate_limiter.places == 16
    texts.append(
        OVH.replace("max_per_second: 0", "max_in_flight: 32")
        + PLAN
        + f'server: {{listen: "127.0.0.1:9999", bearer_token: x, key_file: {tmp_path}/alertsms.key}}'
    )
    caplog.clear()
    assert app.reload() == []
    assert app.delivery.rate_limiter.places == 16
    waits = {record.fields["key"] for record in caplog.records if "restart" in record.message}
    assert waits == {"server.listen", "store", "server.key_file", "ovh.max_in_flight"}
    caplog.clear()
    assert app.reload() == []
    assert {record.fields["key"] for record in caplog.records if "restart" in record.message} == waits  # still


def test_a_reload_whose_file_cannot_be_kept_is_in_force_all_the_same(build, caplog):
    app = build(reread=lambda: replace(app.config, text="# another\n"))
    good_path(app.config.store, app.config.file).mkdir()
    assert app.reload() == []
    assert "the configuration could not be kept" in caplog.text
    assert app.config.text == "# another\n"


def test_one_without_a_file_cannot_reload(build):
    assert build().reload() == ["this alertsms runs without a file"]


def test_a_start_that_fails_lets_go_of_the_file(build, monkeypatch):
    def fail(*_, **__):
        raise StoreError("no")

    monkeypatch.setattr("alertsms.store.opening.migrate", fail)
    with pytest.raises(StoreError):
        build()
    monkeypatch.undo()
    build()


def test_the_last_good_configuration_is_kept_beside_the_store_and_not_in_it(build):
    app = build()
    app.start()
    assert good(app.config.store, app.config.file) == app.config.text
    path = good_path(app.config.store, app.config.file)
    assert path.stat().st_mode & 0o777 == 0o600
    held = app.store.read(lambda tx: [row for table in metadata.sorted_tables for row in tx.execute(select(table))])
    assert "sandbox-secret" not in str(held)


def test_a_start_with_the_last_good_one_is_no_success(build):
    app = build()
    app.start(fallback=True)
    assert app.context.metrics.registry.get_sample_value("alertsms_config_last_reload_successful") == 0


def test_where_the_last_good_one_cannot_be_kept_the_start_goes_on_and_says_so(build, caplog):
    app = build()
    good_path(app.config.store, app.config.file).mkdir()
    app.start()
    assert "the configuration could not be kept: with mistakes in its file the next start has none" in caplog.text
    [said] = [record.fields for record in caplog.records if "could not be kept" in record.message]
    assert said["fix"] == "set ALERTSMS_STATE to a folder that can be written to"
    assert app.context.metrics.registry.get_sample_value("alertsms_config_last_reload_successful") == 1


def test_an_address_that_is_taken_is_said_at_once(build):
    app = build()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(OSError, match="in use"):
            Listener(app.wsgi, "127.0.0.1", other.getsockname()[1], judge=lambda: app.judge)


def test_an_address_that_is_none_is_said_at_once(build):
    with pytest.raises(OSError, match=r"[Nn]ame|address"):
        Listener(build().wsgi, "no.such.host.invalid", 0, judge=lambda: None)


def test_a_name_with_two_addresses_is_one_listener(build, listen):
    app = build()
    port = listen(app, "localhost").port
    assert requests.get(f"http://127.0.0.1:{port}/-/healthy", timeout=5).status_code == 200


def test_closing_lets_an_answer_end_and_refuses_the_next(build, monkeypatch):
    app = build()
    inside, go = threading.Event(), threading.Event()
    transact = app.store.transact

    def slow(work):
        inside.set()
        go.wait(5)
        return transact(work)

    monkeypatch.setattr(app.store, "transact", slow)
    listener = Listener(app.wsgi, "127.0.0.1", 0, judge=lambda: app.judge)
    url, answers = f"http://127.0.0.1:{listener.port}/webhook", []
    poster = threading.Thread(
        target=lambda: answers.append(requests.post(url, json={"alerts": [alert()]}, timeout=5).status_code)
    )
    poster.start()
    inside.wait(5)
    threading.Timer(0.1, go.set).start()
    listener.close()
    poster.join()
    assert answers == [202]
    assert not listener.alive
    listener.close()
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=5)


def test_closing_does_not_wait_for_a_request_that_hangs(build, monkeypatch):
    monkeypatch.setattr("alertsms.web.listener.ANSWER_SECONDS", 0.1)
    app = build()
    inside, go = threading.Event(), threading.Event()

    def hang(_work):
        inside.set()
        go.wait(5)
        raise StoreError("too late")

    monkeypatch.setattr(app.store, "transact", hang)
    listener = Listener(app.wsgi, "127.0.0.1", 0, judge=lambda: app.judge)

    def post() -> None:
        with pytest.raises(requests.RequestException):
            requests.post(f"http://127.0.0.1:{listener.port}/webhook", json={"alerts": [alert()]}, timeout=0.5)

    poster = threading.Thread(target=post)
    poster.start()
    inside.wait(5)
    listener.close()
    monkeypatch.undo()
    assert listener.alive
    poster.join()
    go.set()
    until(lambda: not listener._server.task_dispatcher.threads)
    listener.close()
    assert not listener.alive


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("::1:2", False),
        ("localhost.example.org", False),
        ("127.example.org", False),
        ("192.0.2.1", False),
    ],
)
def test_which_addresses_are_the_machines_own(host, own):
    assert loopback(host) is own


def test_a_fault_of_the_account_does_not_stop_the_threads(build, sandbox):
    sandbox.faults.add(Fault(kind=FaultKind.NO_CREDITS, times=1))
    app = build()
    app.start()
    app.wsgi.test_client().post("/webhook", json={"alerts": [alert()]})
    assert sandbox.wait_for(1, 10)
    assert all(worker.alive for worker in app.watch.workers)


def test_a_first_start_makes_its_own_tables(bare_url, caplog):
    from alertsms.config import read

    caplog.set_level("INFO")
    app = App(read(f'store: "{bare_url}"\n{OVH}{PLAN}', file="app.yaml", environ={}))
    assert app.wsgi.test_client().post("/webhook", json={"alerts": [alert()]}).status_code == 202
    shown = make_url(bare_url)
    place = shown.database if bare_url.startswith("sqlite") else shown.render_as_string()
    assert [record.fields for record in caplog.records if record.message == "store migrated"] == [
        {"before": "empty", "store": place}
    ]
    app.stop()


def stuck(app: App) -> list[tuple[str, str]]:
    return [(each.hinders, each.says) for each in app.watch.readiness.troubles()]


def test_the_ping_stops_for_a_page_that_does_not_leave(build, sandbox):
    clock = SimulatedClock()
    app = build(clock=clock)
    app.start()
    assert stuck(app) == []
    sandbox.faults.add(Fault(kind=FaultKind.ERROR_503, call="*"))
    assert app.wsgi.test_client().post("/webhook", json={"alerts": [alert()]}).status_code == 202
    clock.advance(599)
    assert stuck(app) == []
    clock.advance(121)
    until(lambda: stuck(app) == [("outside", "a page has waited for 12 min")])  # the store is asked each second
    app.delivery.receipts._broken = True
    app.watch.readiness.stopping = True
    assert stuck(app) == [
        ("sending", "it is stopping"),
        ("outside", "a page has waited for 12 min"),
        ("outside", "no delivery receipts come"),
    ]
