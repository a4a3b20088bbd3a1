from __future__ import annotations

import threading

import pytest

from alertsms.ovh.connection import ServerClock
from alertsms.ovh.error import Certainty, OvhError


class World:
    """A monotonic clock that stands until it is moved, and OVHcloud's, which is asked."""

    def __init__(self):
        self.now = 100.0
        self.theirs = 1_700_000_000
        self.asked = 0
        self.takes = 0.0
        self.fails = False
        self.clock = ServerClock(self.ask, lambda: self.now)

    def ask(self) -> int:
        self.asked += 1
        self.now += self.takes
        if self.fails:
            raise OvhError(certainty=Certainty.TEMPORARY, call="time", code="unreachable")
        return self.theirs

    def passes(self, seconds: float) -> None:
        self.now += seconds
        self.theirs += int(seconds)


@pytest.fixture
def world():
    return World()


def test_the_time_runs_on_without_being_asked_again(world):
    assert world.clock.seconds is None
    assert world.clock.stamp() == 1_700_000_000
    world.passes(3599)
    assert world.clock.stamp() == 1_700_003_599
    assert (world.clock.seconds, world.asked) == (1_700_003_599.0, 1)


def test_a_slow_answer_is_taken_as_given_in_the_middle_of_the_wait(world):
    world.takes = 4.0
    assert world.clock.stamp() == 1_700_000_002


def test_the_time_is_refreshed_each_hour(world):
    world.clock.stamp()
    world.passes(3600)
    world.theirs += 5
    assert world.clock.stamp() == 1_700_003_605
    assert world.asked == 2


def test_a_refresh_that_fails_keeps_the_old_offset_and_is_tried_again_in_a_minute(world):
    world.clock.stamp()
    world.passes(3600)
    world.fails = True
    assert world.clock.stamp() == 1_700_003_600
    world.passes(59)
    assert world.clock.stamp() == 1_700_003_659
    assert world.asked == 2
    world.passes(1)
    world.clock.stamp()
    assert world.asked == 3


def test_without_any_offset_a_failure_is_the_callers_and_each_new_call_asks(world):
    world.fails = True
    for asked in (1, 2):
        with pytest.raises(OvhError, match=r"^time: unreachable$"):
            world.clock.stamp()
        assert world.asked == asked
    world.fails = False
    assert world.clock.stamp() == 1_700_000_000


def test_a_refused_time_is_asked_anew_at_once_then_at_most_every_five_seconds(world):
    world.clock.stamp()
    world.theirs += 600
    world.clock.doubt(world.now)
    assert world.clock.stamp() == 1_700_000_600
    world.clock.doubt(world.now)
    world.clock.stamp()
    assert world.asked == 2
    world.passes(5)
    world.clock.stamp()
    assert world.asked == 3


def test_a_refusal_of_a_call_signed_before_the_last_answer_says_nothing_new(world):
    signed_at = world.now
    world.passes(1)
    world.clock.stamp()
    world.clock.doubt(signed_at)
    world.clock.stamp()
    assert world.asked == 1


def test_only_a_call_with_the_time_that_was_told_after_a_refusal_confirms_that_it_was_not_the_time(world):
    assert not world.clock.confirms(1_700_000_000, world.now)
    old = world.clock.stamp()
    world.clock.doubt(world.now)
    assert not world.clock.confirms(old, world.now)
    world.theirs += 600
    new = world.clock.stamp()
    assert not world.clock.confirms(old, world.now)  # was under way while the time was asked
    assert world.clock.confirms(new, world.now)
    world.clock.trust()
    assert not world.clock.confirms(new, world.now)


def test_while_one_thread_asks_anew_the_others_go_on_with_what_they_have(world):
    world.clock.stamp()
    world.passes(3600)
    inside: list[int] = []
    ask = world.ask

    def slow() -> int:
        other = threading.Thread(target=lambda: inside.append(world.clock.stamp()))
        other.start()
        other.join(1)
        assert not other.is_alive()
        return ask()

    world.clock._ask = slow
    world.clock.stamp()
    assert inside == [1_700_003_600]
    assert world.asked == 2


@pytest.mark.parametrize("fails", [False, True])
def test_at_first_use_those_who_wait_share_the_answer_of_the_one_who_asks(world, fails):
    """Else thirty threads would wait for thirty time-outs in a row."""
    world.fails = fails
    asking, results = threading.Event(), []
    lock = world.clock._lock

    class Queue:
        """The clock's lock, which says when the second thread stands before it."""

        def __enter__(self):
            if asking.is_set():
                second_waits.set()
            lock.acquire()

        def __exit__(self, *_error):
            lock.release()

    second_waits = threading.Event()
    world.clock._lock = Queue()
    ask = world.ask

    def slow() -> int:
        asking.set()
        assert second_waits.wait(5)
        return ask()

    world.clock._ask = slow

    def stamp():
        try:
            results.append(world.clock.stamp())
        except OvhError as error:
            results.append(str(error))

    first = threading.Thread(target=stamp)
    first.start()
    assert asking.wait(5)
    second = threading.Thread(target=stamp)
    second.start()
    first.join(5)
    second.join(5)
    assert results == (["time: unreachable"] * 2 if fails else [1_700_000_000] * 2)
    assert world.asked == 1
