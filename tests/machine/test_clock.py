"""A time that never jumps, whatever is done to the machine's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from alertsms.context import Clock
from tests.support.house import NIGHT, SimulatedClock


def test_it_starts_at_the_wall_clock_and_runs_with_the_monotonic_one():
    clock = SimulatedClock()
    assert clock() == NIGHT
    clock.advance(61.5)
    assert clock() == NIGHT + timedelta(seconds=61.5)
    assert clock().tzinfo is UTC


def test_the_real_one_tells_the_time():
    assert abs(Clock()() - datetime.now(UTC)) < timedelta(seconds=1)


def test_setting_the_wall_clock_moves_nothing_until_it_is_followed():
    clock = SimulatedClock()
    clock.set_wall(3600)
    assert clock() == NIGHT
    assert clock.step() == timedelta(hours=1)
    clock.follow(clock.step())
    assert clock() == NIGHT + timedelta(hours=1)
    assert clock.step() == timedelta()


def test_five_seconds_are_drift_and_no_step():
    clock = SimulatedClock()
    for seconds in (4.9, -9.8):
        clock.set_wall(seconds)
        assert clock.step() == timedelta()
    clock.set_wall(-0.2)
    assert clock.step() == timedelta(seconds=-5.1)


def test_what_drifts_is_slewed_and_time_never_goes_back():
    clock = SimulatedClock()
    clock.slew(timedelta(seconds=-4))
    times = []
    for _ in range(12):
        clock.advance(1.0)
        times.append((clock() - NIGHT).total_seconds())
    assert times[:2] == pytest.approx([0.6, 1.2])
    assert times[9:] == pytest.approx([6.0, 7.0, 8.0])
