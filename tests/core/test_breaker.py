"""When an account is left alone, when it is asked, and what lets messages go again."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest

from alertsms.core.messages import circuit_breaker
from alertsms.core.messages.circuit_breaker import FIXES, PASSING, BreakerState, Cause, CircuitBreaker

NOW = datetime(2026, 3, 3, 2, 10, tzinfo=UTC)
FRESH = CircuitBreaker(since=NOW)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def failing(times: list[float], known: CircuitBreaker = FRESH) -> CircuitBreaker:
    for seconds in times:
        known = circuit_breaker.failed(known, began=after(seconds), why="500", now=after(seconds))
    return known


def shut(cause: Cause = Cause.KEYS, seconds: float = 0) -> CircuitBreaker:
    return circuit_breaker.refused(FRESH, cause, began=after(seconds), why="403", now=after(seconds))


def in_trial(seconds: float = 5) -> CircuitBreaker:
    return circuit_breaker.trying(circuit_breaker.probed(shut(), None, now=after(seconds)), after(seconds))


@pytest.mark.parametrize("cause", list(Cause))
def test_every_cause_says_what_to_do(cause):
    assert len(FIXES[cause]) > 20


def test_one_refusal_of_the_account_opens_it():
    known = shut(Cause.CREDITS)
    assert (known.state, known.cause, known.why) == (BreakerState.OPEN, Cause.CREDITS, "403")


@pytest.mark.parametrize(
    ("times", "state"),
    [
        ([0] * 9, BreakerState.CLOSED),
        ([0] * 10, BreakerState.OPEN),
        ([6 * n for n in range(10)], BreakerState.OPEN),  # the tenth at 54 s
        ([7 * n for n in range(30)], BreakerState.CLOSED),  # nine in any minute
    ],
)
def test_ten_failures_in_a_minute_open_it(times, state):
    assert failing(times).state is state


def test_a_success_between_them_starts_the_count_again():
    known = circuit_breaker.accepted(failing([0] * 9), began=after(1), now=after(1))
    assert failing([2] * 9, known).closed
    assert not failing([2] * 10, known).closed


def test_probes_come_after_5_10_20_and_then_every_30_seconds():
    known, at, times = shut(), 0.0, []
    while len(times) < 6:
        at += 1
        if circuit_breaker.probe_due(known, after(at)):
            times.append(at)
            known = circuit_breaker.probed(known, Cause.KEYS, why="403", now=after(at))
    assert times == [5, 15, 35, 65, 95, 125]


def test_a_failed_trial_goes_on_with_the_probes_where_they_were():
    known = circuit_breaker.failed(in_trial(), began=after(5), why="500", now=after(6))
    assert (known.state, known.cause, known.probe_at) == (BreakerState.OPEN, Cause.KEYS, after(16))
    assert known.opened_at == NOW


def test_one_message_tries_and_its_acceptance_closes():
    known = circuit_breaker.probed(shut(), None, now=after(5))
    assert circuit_breaker.wants_trial(known, after(5))
    known = circuit_breaker.trying(known, after(6))
    assert not circuit_breaker.wants_trial(known, after(7))
    known = circuit_breaker.accepted(known, began=after(6), now=after(7))
    assert known == CircuitBreaker(since=after(7))


def test_a_trial_that_never_ends_is_followed_by_another():
    assert not circuit_breaker.wants_trial(in_trial(), after(64))
    assert circuit_breaker.wants_trial(in_trial(), after(65))


def test_a_trial_refused_for_its_own_sake_proves_nothing():
    known = circuit_breaker.answered(in_trial(), began=after(5))
    assert known.state is BreakerState.TRYING
    assert circuit_breaker.wants_trial(known, after(6))


def test_what_began_before_it_turned_says_nothing_of_it_now():
    assert circuit_breaker.accepted(shut(seconds=5), began=after(4), now=after(6)).state is BreakerState.OPEN
    closed = circuit_breaker.accepted(in_trial(), began=after(5), now=after(7))
    assert failing([4] * 20, closed) == closed
    assert circuit_breaker.refused(closed, Cause.KEYS, began=after(6), why="403", now=after(8)) == closed


def test_a_probe_that_names_another_cause_corrects_the_first():
    known = circuit_breaker.probed(failing([0] * 10), Cause.KEYS, why="403", now=after(5))
    assert (known.state, known.cause, known.why) == (BreakerState.OPEN, Cause.KEYS, "403")
    assert circuit_breaker.probed(shut(), Cause.FAILURES, why="500", now=after(5)).cause is Cause.KEYS


def test_a_look_up_that_finds_a_message_ends_what_only_failed():
    assert circuit_breaker.found_by_lookup(failing([0] * 10), after(11)).closed
    assert circuit_breaker.found_by_lookup(shut(), after(1)).state is BreakerState.OPEN
    assert circuit_breaker.found_by_lookup(failing([0] * 9), after(1)).failures == ()


def test_a_minute_without_a_message_that_could_try_it_closes_it():
    known = circuit_breaker.probed(shut(), None, now=after(5))
    assert not circuit_breaker.rested(known, after(64)).closed
    assert circuit_breaker.rested(known, after(65)).closed
    assert not circuit_breaker.rested(in_trial(), after(65)).closed


@pytest.mark.parametrize(
    ("times", "asked", "expected"),
    [
        ([0], 59, False),
        ([0], 60, True),
        ([0, 30], 60, True),
        ([0], 121, False),  # what failed long ago and was not tried since is no trouble now
        ([0, 125], 126, False),  # nor is it the beginning of this one
        ([0, 100, 190], 190, True),
        ([], 300, False),
    ],
)
def test_an_account_that_takes_nothing_for_a_minute_is_left(times, asked, expected):
    assert circuit_breaker.stalled(failing(times), after(asked)) is expected


def test_the_stand_by_takes_over_at_once_where_somebody_must_mend_and_after_a_minute_else():
    for cause in Cause:
        assert circuit_breaker.lends(shut(cause), after(1)) is (cause is not Cause.FAILURES)
    assert not circuit_breaker.lends(failing([3] * 10), after(62))
    assert circuit_breaker.lends(failing([3] * 10), after(63))
    assert not circuit_breaker.lends(FRESH, after(1000))


def test_what_passes_by_itself_is_failures_and_silence():
    assert {Cause.FAILURES, Cause.SILENT} == PASSING


def test_a_probe_that_ends_after_the_breaker_closed_changes_nothing():
    assert circuit_breaker.probed(FRESH, Cause.KEYS, why="403", now=after(5)) is FRESH


@pytest.mark.parametrize("known", [FRESH, failing([0, 1]), shut(), in_trial()])
def test_a_clock_that_is_set_moves_each_of_its_times(known):
    step = timedelta(hours=-2)
    moved = circuit_breaker.shifted(known, step)
    for name in (field.name for field in fields(known)):
        before, now = getattr(known, name), getattr(moved, name)
        if isinstance(before, datetime):
            assert now == before + step, name
        elif isinstance(before, tuple):
            assert now == tuple(at + step for at in before), name
        else:
            assert now == before, name
