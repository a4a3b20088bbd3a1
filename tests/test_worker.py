"""The loop that runs steps until told to stop."""

from __future__ import annotations

import threading
import time

import pytest

from alertsms.worker import Worker


@pytest.fixture
def run():
    started = []

    def start(step, pause=60.0):
        worker = Worker("part", step, pause=pause)
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
    rounds = []
    worker = run(lambda: rounds.append(1))
    until(lambda: len(rounds) == 1)
    worker.wake()
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
    rounds, inside, go = [], threading.Event(), threading.Event()

    def step():
        rounds.append(1)
        inside.set()
        go.wait(5)

    worker = run(step)
    inside.wait(5)
    worker.wake()
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


def test_one_that_does_not_come_round_is_not_alive(run):
    worker = run(lambda: None)
    worker.last_round -= 121
    assert not worker.alive


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


def test_a_foreseen_error_is_one_line(caplog):
    """A store that is locked for an hour fails three parts each second: its words say all."""
    rounds = []

    def step():
        rounds.append(1)
        raise OSError("the store is locked")

    worker = Worker("part", step, pause=60.0, foreseen=OSError)
    worker.start()
    until(lambda: rounds)
    worker.stop(5)
    (line,) = caplog.records
    assert (line.message, line.fields) == (
        "a step failed and will be tried again", {"part": "part", "why": "the store is locked"}
    )  # fmt: skip
    assert line.exc_info is None
