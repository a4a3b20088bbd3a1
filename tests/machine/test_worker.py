"""The loop that runs steps until told to stop."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace

import pytest

from alertsms.core.messages.trouble import Hindrance
from alertsms.store.error import StoreError
from alertsms.worker import Worker


@pytest.fixture
def run():
    started = []

    def start(step, pause=60.0, woken=None):
        worker = Worker("part", step, pause=pause, woken=woken)
        started.append(worker)
        worker.start()
        return worker

    yield start
    for worker in started:
        worker.stop(5)
        assert not worker.alive


def until(condition, patience=5.0):
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)


def test_it_steps_at_once_and_again_when_woken(run):
    rounds, woken = [], threading.Event()
    worker = run(lambda: rounds.append(1), woken=woken)
    until(lambda: len(rounds) == 1)
    woken.set()
    until(lambda: len(rounds) == 2)
    assert worker.alive


def test_it_comes_again_when_the_step_says_so(run):
    pauses = iter([0.0, 0.001])
    rounds = []

    def step():
        rounds.append(1)
        return next(pauses, None)

    run(step)
    until(lambda: len(rounds) == 3)


def test_a_wake_up_during_a_step_is_not_lost(run):
    rounds, inside, go, woken = [], threading.Event(), threading.Event(), threading.Event()

    def step():
        rounds.append(1)
        inside.set()
        go.wait(5)

    run(step, woken=woken)
    inside.wait(5)
    woken.set()
    go.set()
    until(lambda: len(rounds) == 2)


def test_a_step_that_raises_is_logged_and_tried_again(run, monkeypatch, caplog):
    monkeypatch.setattr("alertsms.worker.BREATH_SECONDS", 0.001)
    rounds = []

    def step():
        rounds.append(1)
        if len(rounds) < 3:
            raise ValueError("no")

    worker = run(step)
    until(lambda: len(rounds) == 3)
    assert worker.alive
    assert caplog.text.count("a step failed and will be tried again") == 2


class Time:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def says(worker: Worker) -> list[str]:
    return [each.says for each in worker.troubles()]


def driven(step, time: Time, **more: object) -> Worker:
    """A worker whose rounds a test calls for; its thread sleeps."""
    worker = Worker("part", step, pause=5.0, monotonic=time, **more)
    worker._thread = SimpleNamespace(is_alive=lambda: True, ident=1)
    return worker


def test_one_that_does_not_come_round_is_a_trouble():
    time = Time()
    worker = driven(lambda: None, time)
    time.now += 35
    assert says(worker) == []
    time.now += 1
    assert says(worker) == ["its part has not come round for 36 s"]


@pytest.mark.parametrize("error", [StoreError("the store is locked"), ValueError("+33612345678"), KeyError()])
def test_one_whose_rounds_fail_for_half_a_minute_is_a_trouble_whatever_the_error(error):
    """A round that raised is no round: 150 pages once waited behind a step that failed each second."""
    time, errors = Time(), [error]

    def step() -> None:
        if errors:
            raise errors[0]

    worker = driven(step, time)
    for _ in range(30):
        worker._round()
        worker.last_round = time.now
        assert says(worker) == []
        time.now += 1
    (trouble,) = worker.troubles()
    known = isinstance(error, StoreError)
    why = "the store is locked" if known else f"it broke with {type(error).__name__}, the log shows where"
    assert trouble.says == f"its part has failed for 30 s: {why}"
    assert (trouble.hinders, trouble.behind) == (Hindrance.SENDING, "store" if known else "")
    errors.clear()
    worker._round()
    assert says(worker) == []


def test_one_that_fails_now_and_then_is_no_trouble():
    time, turns = Time(), iter(range(100))

    def step() -> None:
        if next(turns) % 3:
            raise StoreError

    worker = driven(step, time)
    for _ in range(100):
        worker._round()
        time.now, worker.last_round = time.now + 10, time.now + 10
        assert says(worker) == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_ended_is_a_trouble_and_one_that_was_stopped_is_not(run):
    def end() -> None:
        raise SystemExit

    worker = run(end)
    until(lambda: not worker.alive)
    assert worker.ended
    assert says(worker) == ["its part does not run"]
    other = run(lambda: None)
    other.stop(5)
    assert not other.ended


def test_a_restart_may_mend_what_fails_for_minutes_unless_it_waits_on_others():
    time = Time()

    def fail() -> None:
        raise ValueError

    ours, theirs = driven(fail, time), driven(fail, time, hinders=Hindrance.OUTSIDE)
    for worker in (ours, theirs):
        worker._round()
    time.now += 301
    for worker in (ours, theirs):
        worker._round()
        worker.last_round = time.now
    assert (ours.sick, theirs.sick) == (True, False)


def test_one_that_never_started_can_be_stopped():
    worker = Worker("part", lambda: None, pause=1)
    worker.stop(1)
    assert not worker.alive


def test_a_step_may_stop_its_own_worker():
    def step() -> None:
        worker.stop()

    worker = Worker("part", step, pause=60)
    worker.start()
    until(lambda: not worker.alive)


def test_an_error_of_the_store_is_one_line(caplog):
    """A store that is locked for an hour fails three parts each second: its words say all."""
    rounds = []

    def step():
        rounds.append(1)
        raise StoreError("the store is locked")

    worker = Worker("part", step, pause=60.0)
    worker.start()
    until(lambda: rounds)
    worker.stop(5)
    (line,) = caplog.records
    assert (line.message, line.fields) == (
        "a step failed and will be tried again",
        {"part": "part", "why": "the store is locked"},
    )
    assert line.exc_info is None
