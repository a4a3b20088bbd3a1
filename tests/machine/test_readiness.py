"""The lights: each trouble by what it hinders, whatever part it is in, and no answer that waits for what hangs."""

from __future__ import annotations

import math
import shutil
import sqlite3
import subprocess
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url

from alertsms.core.messages.trouble import Hindrance, Trouble
from alertsms.readiness import Overdue, Patiently, Readiness
from alertsms.store import settings
from alertsms.store.error import StoreError
from alertsms.worker import Worker
from tests.support.house import PLAN, alert


@pytest.fixture(autouse=True)
def asked_anew(monkeypatch):
    monkeypatch.setattr("alertsms.readiness.READY_SECONDS", 0.0)


@pytest.fixture
def well(house):
    """A house whose threads seem to run."""
    house.seem_to_run()
    assert ready(house) == (200, [])
    return house


def ready(house) -> tuple[int, list[tuple[str, str]]]:
    answer = house.client.get("/-/ready")
    return answer.status_code, [(each["hinders"], each["says"]) for each in answer.json.get("troubles", [])]


def workers(house) -> list[Worker]:
    return house.app.watch.workers


def fails_for_good(worker: Worker, error: Exception) -> None:
    def step() -> None:
        raise error

    worker._step = step
    worker._round()
    since, *rest = worker._pulse.failing
    worker._pulse.failing = since - 30, *rest
    worker._pulse._monotonic = lambda: since  # however long what follows takes


@pytest.mark.parametrize("number", range(20))
def test_any_part_that_fails_for_half_a_minute_shows(well, number):
    # One that is added is in this list by being a thread, and wants a number here.
    assert len(workers(well)) == (15 if well.app.store.sqlite else 20)
    if number >= len(workers(well)):
        return  # a thread that only replicas need
    worker = workers(well)[number]
    fails_for_good(worker, RuntimeError("broken"))
    status, ((hinders, says),) = ready(well)
    assert (status, hinders) == ((200, "outside") if worker.hinders is Hindrance.OUTSIDE else (503, "sending"))
    assert says == f"its {worker.name} has failed for 30 s: it broke with RuntimeError, the log shows where"
    assert [each.says for each in well.app.watch.troubles()] == [says]
    assert well.client.get("/-/healthy").status_code == 200
    assert says in well.client.get("/").text
    assert well.metric("troubles", hinders=hinders) == 1


def test_a_store_error_in_one_part_is_a_trouble_though_the_store_answers(well):
    """As where a right on one table was taken away."""
    fails_for_good(workers(well)[0], StoreError("store: permission denied for table messages"))
    assert ready(well)[0] == 503


def test_a_restart_is_asked_for_after_minutes_and_not_while_the_store_is_what_fails(well, monkeypatch):
    fails_for_good(workers(well)[0], RuntimeError("broken"))
    since, *rest = workers(well)[0]._pulse.failing
    workers(well)[0]._pulse.failing = since - 300, *rest
    answer = well.client.get("/-/healthy")
    assert answer.status_code == 503
    assert "its dispatcher has failed for minutes" in answer.text
    monkeypatch.setattr(well.app.store, "transact", lambda _: fail(StoreError("store: away")))
    assert well.client.get("/-/healthy").status_code == 200


def fail(error: Exception) -> None:
    raise error


def test_an_age_that_nobody_can_tell_is_a_trouble(well, monkeypatch):
    """NaN is above no limit: it once passed for well."""
    for broken in (lambda: math.nan, lambda: fail(RuntimeError("no"))):
        monkeypatch.setattr(well.app.watch.readiness, "_oldest_seconds", broken)
        assert ready(well) == (503, [("sending", "whether pages wait cannot be read from the store")])


def test_what_a_part_cannot_tell_is_a_trouble(well, monkeypatch):
    monkeypatch.setitem(well.app.watch.readiness._sources, "the sender", lambda: fail(KeyError("x")))
    assert ready(well) == (503, [("sending", "whether the sender works cannot be told: it broke with KeyError")])


def test_whatever_breaks_while_the_store_is_asked_is_a_trouble(well, monkeypatch):
    monkeypatch.setattr(well.app.watch.readiness, "_usable", lambda: fail(KeyError("x")))
    assert ready(well) == (
        503,
        [("sending", "whether the queue of pages works cannot be told: it broke with KeyError")],
    )
    monkeypatch.setattr(well.app.watch.readiness, "_prove", lambda: fail(KeyError("x")))
    assert ready(well)[0] == 503


def test_a_clock_that_breaks_keeps_no_scrape_from_its_answer(well, monkeypatch):
    monkeypatch.setattr(well.app.watch.housekeeper, "_clock", lambda: fail(KeyError("x")))
    assert math.isnan(well.metric("outbox_oldest_seconds"))


def test_a_page_that_waits_while_nothing_is_sent_hinders_and_one_that_is_tried_does_not(well):
    well.fire()
    well.clock.advance(61)
    assert ready(well) == (200, [])
    well.app.delivery.dispatcher.handed_at -= 61
    assert ready(well) == (503, [("sending", "a page has waited for 61 s, and nothing is being sent")])
    well.app.delivery.dispatcher.handed_at += 61
    well.clock.advance(600)
    assert ready(well) == (200, [("outside", "a page has waited for 11 min")])


def test_ovhcloud_away_turns_no_webhook_away(well):
    """Ready stays 200 and names it; the ping stops; nothing is restarted for it."""
    well.fault("503", call="*")
    well.fire(*(f"web-{number}" for number in range(10)))
    well.run(3600, hop=30)
    assert well.post(alert("web-99")).status_code == 202
    status, told = ready(well)
    assert status == 200
    assert {hinders for hinders, _ in told} == {"outside"}
    assert any("no SMS account is usable" in says for _, says in told)
    assert well.client.get("/-/healthy").status_code == 200
    well.app.watch.ping._url = lambda: "http://ping.test/x"
    well.app.watch.ping._fetch = lambda _: fail(AssertionError("it was fetched"))
    well.app.watch.ping.step()


def test_no_account_answers_although_nothing_is_to_be_sent(well):
    well.fault("503", call="account")
    for _ in range(2):
        well.app.delivery.account_monitor.watch()
        well.clock.advance(61)
    status, ((hinders, says),) = ready(well)
    assert (status, hinders) == (200, "outside")
    assert says.startswith("no SMS account answers: ")
    well.sandbox.faults.clear()
    well.app.delivery.account_monitor.watch()
    assert ready(well) == (200, [])


def test_a_body_that_could_not_be_stored_shows_for_a_minute(well, monkeypatch):
    monkeypatch.setattr("alertsms.store.apply.incidents.find", lambda *_: fail(StoreError("store: no")))
    assert well.post(alert()).status_code == 503
    status, ((hinders, says),) = ready(well)
    assert (status, hinders) == (503, "intake")
    assert "what came by /webhook could not be stored" in says
    assert "store: no" in says


def test_a_body_that_breaks_us_counts_as_well(well, monkeypatch):
    monkeypatch.setattr("alertsms.store.apply.decide", lambda *_: fail(KeyError("x")))
    assert well.post(alert()).status_code == 503
    assert ready(well)[0] == 503


def test_a_refused_reload_shows_until_one_is_taken(well):
    from alertsms.config import ConfigError

    good = well.app._reread
    well.app._reread = lambda: fail(ConfigError([]))
    well.app.reload()
    status, ((hinders, says),) = ready(well)
    assert (status, hinders) == (200, "outside")
    assert "the last reload was refused" in says
    well.app._reread = good
    well.reload(PLAN)
    assert ready(well) == (200, [])


def test_a_store_that_hangs_keeps_nobody_waiting(well, monkeypatch):
    monkeypatch.setattr("alertsms.readiness.ANSWER_SECONDS", 0.05)
    well.app.watch.readiness._ask_store._seconds = well.app.watch._ask_oldest._seconds = 0.05
    go = threading.Event()
    transact, read = well.app.store.transact, well.app.store.read
    monkeypatch.setattr(well.app.store, "transact", lambda work: go.wait(10) and transact(work))
    monkeypatch.setattr(well.app.store, "read", lambda work: go.wait(10) and read(work))
    for _ in range(3):
        assert ready(well) == (503, [("intake", "store: it has not answered for 0 s")])
    assert math.isnan(well.metric("outbox_oldest_seconds"))
    go.set()
    well.app.watch.readiness._ask_store(seconds=10)
    assert ready(well) == (200, [])


def test_one_question_at_a_time_however_many_ask():
    go, asked = threading.Event(), []

    def ask() -> int:
        asked.append(1)
        go.wait(10)
        return len(asked)

    patiently = Patiently(ask, 0.01)
    for _ in range(3):
        with pytest.raises(Overdue):
            patiently()
    go.set()
    assert patiently(seconds=10) == 1
    assert patiently(seconds=10) == 2


def test_whoever_asks_behind_a_question_that_hangs_does_not_wait_its_time_again():
    """Else a stranger could have every thread wait, while the store is away, with a question each."""
    go = threading.Event()
    patiently = Patiently(lambda: go.wait(10), 60)
    with pytest.raises(Overdue):
        patiently(seconds=0)
    patiently.began -= 60
    with pytest.raises(Overdue):
        patiently()
    go.set()


def test_a_trouble_says_since_when(well):
    wall = [1_772_503_800.0]
    well.app.watch.readiness._wall = lambda: wall[0]
    well.app.watch.readiness._sources["the sender"] = lambda: [
        Trouble(key="x", hinders=Hindrance.OUTSIDE, says="it is late", fix="wait")
    ]
    well.client.get("/-/ready")
    wall[0] += 90
    (shown,) = well.client.get("/-/ready").json["troubles"]
    assert shown == {"hinders": "outside", "says": "it is late", "fix": "wait", "since": "2026-03-03T02:10:00+00:00"}


def test_an_older_copy_put_over_the_file_closes_the_store(well):
    """It answers every question, and what was taken since is not in it."""
    if not well.app.store.sqlite:
        pytest.skip("a file")
    well.app.store.transact(lambda tx: settings.put(tx, "ready", "of another day", well.clock()))
    well.client.get("/-/ready")
    status, ((hinders, says), *_) = ready(well)
    assert (status, hinders) == (503, "intake")
    assert "what this alertsms wrote into its file is gone: another file was copied over it" in says
    assert well.post(alert()).status_code == 503


@pytest.mark.parametrize("which", ["empty", "its own"])
def test_a_copy_put_over_the_file_while_it_is_written_closes_the_store(well, migrated_file, tmp_path, which):
    """Who writes still has what it wrote in memory, and would put its part of it over the other file."""
    if not well.app.store.sqlite:
        pytest.skip("a file")
    file, other = Path(str(make_url(well.app.store.url).database)), tmp_path / "other.db"
    if which == "empty":
        shutil.copy(migrated_file, other)
    else:
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(other)) as copy:
            source.backup(copy)
    for _ in range(3):
        assert well.post(alert()).status_code == 202
        assert ready(well) == (200, [])
    subprocess.run(["cp", other, file], check=True)
    well.app.store.transact(lambda tx: settings.put(tx, "beside", "it", well.clock()))
    status, ((hinders, says), *_) = ready(well)
    assert (status, hinders) == (503, "intake")
    assert "The file is damaged" in says
    assert well.post(alert()).status_code == 503


def test_a_first_proof_that_does_not_commit_condemns_no_store(well, monkeypatch):
    """The file holds what an earlier run wrote there, and is as good as any."""
    readiness = Readiness(
        store=well.app.store,
        clock=well.clock,
        workers=[],
        sources={},
        usable=lambda: True,
        idle_seconds=lambda: 0.0,
        oldest_seconds=lambda: 0.0,
    )
    with monkeypatch.context() as busy:
        busy.setattr(well.app.store, "transact", lambda _work: fail(StoreError("store: the database is locked")))
        with pytest.raises(StoreError):
            readiness._prove()
    for _ in range(3):
        readiness._prove()
    with monkeypatch.context() as busy:
        busy.setattr(well.app.store, "transact", lambda _work: fail(StoreError("store: the database is locked")))
        for _ in range(9):
            with pytest.raises(StoreError):
                readiness._prove()
    assert max(map(len, readiness._prove._written.values())) <= 2  # what may stand there does not grow meanwhile
    readiness._prove()
    assert well.app.store.damaged == ""


def test_the_channels_hear_of_a_damaged_store_at_once_and_not_through_it(well, monkeypatch, tmp_path):
    monkeypatch.setattr(well.app.watch.alarm._stamp, "_path", tmp_path / "alertsms.told")
    well.reload(PLAN + 'fallback: {channels: ["json://ops.example.org/hidden"]}\n')
    well.app.store.condemn("database disk image is malformed")
    well.app.watch.alarm.step()
    ((url, title, body),) = well.posted
    assert url == "json://ops.example.org/hidden"
    assert title.startswith("alertsms: store: database disk image is malformed. The file is damaged")
    assert body.startswith("ALERTS ARE NOT TAKEN:\n- store: database disk image is malformed")
    assert "alertsms db check" in body
    assert well.post(alert()).status_code == 503
    assert well.client.get("/-/healthy").status_code == 200  # a restart mends no file
