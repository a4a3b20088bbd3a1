"""Replicas on one PostgreSQL go by its clock, whatever their machines show; where it is set, what waits shifts once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from alertsms.context import Clock
from alertsms.store import maintenance
from alertsms.store.schema import incident_table
from tests.conftest import BOTH
from tests.support.house import NIGHT, House, SimulatedClock, page

pytestmark = pytest.mark.parametrize("url", BOTH[1:], indirect=True)
HOP = 5  # seconds between two looks
LADDER = """
people: {alice: "+33612345678", bob: "+33698765432"}
teams: {ops: {rounds: 1, steps: [{page: [alice], wait: 2m}, {page: [bob]}]}}
route: {team: ops}
"""


def shared(house: House) -> House:
    """Let it know that others may run on its store."""
    house.alone = house.app.context.replicas.alone = False
    return house


class Two:
    """Two replicas whose machines' clocks differ, on one PostgreSQL."""

    def __init__(self, url: str, away: float) -> None:
        self.database = SimulatedClock()
        self.other = SimulatedClock(NIGHT + timedelta(seconds=away))
        self.other.database = self.database
        self.houses = [House(url, self.database, LADDER), House(url, self.other, LADDER)]
        self.houses[1].sandbox = self.houses[0].sandbox
        for house in self.houses:
            shared(house).app.context.replicas.step()

    def run(self, seconds: int, *, only: int | None = None) -> None:
        """Let time pass for both; `only` one of them does anything."""
        chosen = self.houses if only is None else [self.houses[only]]
        self._look(chosen)
        for began in range(0, seconds, HOP):
            self.database.advance(min(HOP, seconds - began))
            self.other.advance(min(HOP, seconds - began))
            self._look(chosen)

    def _look(self, chosen: list[House]) -> None:
        for house in chosen:
            house.app.watch.timekeeper.step()
        for house in chosen:
            house.app.context.replicas.step()
        for house in chosen:
            house.run(0)

    def steps(self) -> timedelta:
        return self.houses[0].app.store.read(maintenance.steps)

    def texts(self) -> list[str]:
        return self.houses[0].texts


@pytest.fixture
def two(url) -> Iterator[Callable[[float], Two]]:
    built: list[Two] = []

    def build(away: float) -> Two:
        built.append(Two(url, away))
        return built[-1]

    yield build
    for each in built:
        for house in each.houses:
            house.close()


@pytest.mark.parametrize("away", [-600, -90, -5, 5, 90, 600])
def test_a_machine_with_a_wrong_clock_tells_the_time_all_the_same(two, away):
    pair = two(away)
    assert pair.other() == pair.database()


@pytest.mark.parametrize("away", [-90, 90])
def test_steps_come_at_their_time_whichever_replica_takes_the_alert_and_rings(two, away):
    pair = two(away)
    pair.houses[1].fire()
    pair.run(118)
    assert pair.texts() == [page("web-01", 1)]
    pair.run(4, only=1)
    assert pair.texts()[1:] == [page("web-01 since 02:10", 1)]


@pytest.mark.parametrize("step", [-600, 600])
def test_one_machines_clock_that_is_set_shifts_nobodys_timers(two, step):
    pair = two(0)
    pair.houses[0].fire()
    pair.run(20)
    pair.other.set_wall(step)
    pair.run(98)
    assert (pair.steps(), len(pair.texts())) == (timedelta(), 1)
    pair.run(4)
    assert len(pair.texts()) == 2


@pytest.mark.parametrize("step", [-600, 600])
def test_postgresqls_clock_that_is_set_shifts_timers_once(two, step):
    pair = two(30)
    pair.houses[0].fire()
    pair.run(20)
    pair.database.set_wall(step)
    pair.run(98)
    assert pair.steps() == timedelta(seconds=step)
    assert pair.other() == pair.database() == NIGHT + timedelta(seconds=118 + step)
    assert len(pair.texts()) == 1
    pair.run(4)
    assert len(pair.texts()) == 2


def test_a_replica_that_has_not_followed_yet_rings_nothing(two):
    """Set back by ten minutes: to its own clock each step that another replica moved would be due."""
    pair = two(0)
    pair.houses[0].fire()
    pair.run(20)
    pair.database.set_wall(-600)
    pair.run(40, only=0)
    assert pair.steps() == timedelta(seconds=-600)
    pair.houses[1].app.oncall.escalator.step()
    pair.houses[1].settle()
    assert len(pair.texts()) == 1
    pair.run(57)
    assert len(pair.texts()) == 1
    pair.run(5)
    assert len(pair.texts()) == 2


def test_a_machine_that_stood_still_uncounted_is_right_again_and_shifts_nothing(two):
    pair = two(0)
    pair.houses[0].fire()
    pair.run(20)
    pair.other.ran -= 70
    pair.run(85)
    assert (pair.steps(), pair.other()) == (timedelta(), pair.database())
    assert len(pair.texts()) == 1
    pair.run(17)
    assert len(pair.texts()) == 2


def test_one_that_starts_after_the_clock_was_set_is_not_moved_along_with_the_others(two, url):
    pair = two(0)
    pair.houses[0].fire()
    pair.run(20)
    pair.database.set_wall(600)
    pair.houses[1].crash()
    pair.houses[1].start()
    shared(pair.houses[1])
    pair.run(60)
    assert pair.steps() == timedelta(seconds=600)
    assert pair.other() == pair.database()


def test_the_quickest_answer_counts_and_slow_ones_are_no_measure(store):
    clock, delays = SimulatedClock(), [0.9, 0.2, 0.6, 1.2, 1.5, 3.0]

    def asked(_) -> float:
        delay = delays.pop(0)
        clock.advance(delay)
        return clock.wall + 30.0 - (0.4 if delay == 0.2 else 0.0)

    clock._database = asked
    assert clock.away(store) == timedelta(seconds=29.7)
    assert clock.away(store) is None


def test_it_is_told_when_the_time_could_not_be_read_for_a_minute(house):
    keeper = shared(house).app.watch.timekeeper
    assert list(keeper.troubles()) == []
    house.clock._database = lambda _: house.clock.advance(2.0) or house.clock.wall
    for _ in range(70):
        house.clock.advance(1.0)
        keeper.step()
    assert [trouble.key for trouble in keeper.troubles()] == ["time"]
    assert "the database's time was not read for" in next(keeper.troubles()).says


def test_a_first_answer_that_was_slow_leaves_the_wall_clock_until_the_next(url):
    database, clock = SimulatedClock(), SimulatedClock(NIGHT + timedelta(seconds=90))
    clock._database = lambda _: clock.advance(2.0) or database.advance(2.0) or database.wall
    house = shared(House(url, clock))
    assert clock() >= NIGHT + timedelta(seconds=90)
    clock._database = lambda _: database.wall
    clock.advance(10.0)
    database.advance(10.0)
    house.app.watch.timekeeper.step()
    assert (clock(), house.app.store.read(maintenance.steps)) == (database(), timedelta())
    house.close()


def test_a_real_one_agrees_with_postgresql(store):
    clock = Clock(lambda: 0.0)
    clock.agree(store)
    assert abs(clock().timestamp() - store.read(maintenance.seconds)) < 1.0


def test_only_one_shifts(store):
    steps = [
        store.transact(lambda tx: maintenance.shift_once(tx, timedelta(), timedelta(hours=1), NIGHT)) for _ in "ab"
    ]
    assert steps == [True, False]
    assert store.read(maintenance.steps) == timedelta(hours=1)


# Nobody rang for a while.


def test_a_replica_that_starts_while_others_ring_asks_for_no_grace(two):
    """Its first look would give a page that has not left another whole wait, again and again under kills."""
    pair = two(0)
    for house in pair.houses:
        house.pool.lazy = True
    pair.houses[0].fire()
    pair.run(119)
    pair.houses[1].crash()
    pair.houses[1].start()
    shared(pair.houses[1])
    at = pair.houses[0].rows(incident_table.c.step_at)
    pair.run(3, only=1)
    assert pair.houses[0].rows(incident_table.c.step_at) == at


def test_that_nobody_rang_for_two_minutes_is_known_of_all(two):
    pair = two(0)
    pair.run(5)
    escalator = pair.houses[1].app.oncall.escalator
    ask = lambda: pair.houses[1].app.store.read(lambda tx: escalator._absent(tx, pair.other()))  # noqa: E731
    pair.run(75, only=0)
    assert not ask()
    pair.database.advance(125.0)
    pair.other.advance(125.0)
    assert ask()
    pair.run(1, only=0)
    assert not ask()
