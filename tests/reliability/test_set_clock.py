"""Somebody sets the machine's clock, or summer time begins or ends: pages, retries and reminders keep their times."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from alertsms.sandbox import Fault, FaultKind
from tests.reliability.ledger import OKS, PAGES
from tests.reliability.simulated import Simulation, alerts

PEOPLE = 10
STEP = 600.0  # seconds
EVERY = 90.0  # seconds between two steps, on average
LATE = 150.0
NIGHT = """
time_intervals:
  - name: night
    time_intervals: [{times: [{start_time: "01:30", end_time: "03:30"}], location: Europe/Paris}]
"""
# 02:00 becomes 03:00 and 03:00 becomes 02:00, both at 01:00 UTC: the night lasts one hour, and three.
SPRING = datetime(2026, 3, 29, 0, 0, tzinfo=UTC), datetime(2026, 3, 29, 0, 30, tzinfo=UTC), 3600.0
AUTUMN = datetime(2026, 10, 24, 23, 0, tzinfo=UTC), datetime(2026, 10, 24, 23, 30, tzinfo=UTC), 3 * 3600.0


def night(house: Simulation, count: int, chance: random.Random) -> None:
    """Forty minutes: alerts arrive, half of them resolve, and the clock is set again and again."""
    fired = alerts(count, PEOPLE)
    for minute in range(40):
        if minute < 20:
            house.deliver(fired[minute::20])
        elif minute < 30:
            house.deliver(fired[minute - 20 :: 20], over=True)
        if chance.random() < 60 / EVERY:
            house.run(chance.uniform(0.0, 20.0), hop=3.0)
            house.clock.set_wall(chance.choice((STEP, -STEP)))
        house.run(60.0, hop=3.0)


def gaps(house: Simulation) -> list[float]:
    """Seconds between two pages of one alert to one person, but for what went on at once: an SMS was lost for good."""
    first: dict[str, float] = {}
    for sms in house.sandbox.accepted:
        first.setdefault(sms.tag, sms.at)
    told: dict[tuple[str, str], list[float]] = {}
    lines = house.ledger().of(PAGES)
    lost = {line.alert for line in lines if line.ended == "failed"}
    for line in lines:
        if line.tag in first and line.alert not in lost:
            told.setdefault((line.alert, line.person), []).append(first[line.tag])
    return [after - before for times in told.values() for before, after in pairwise(sorted(times))]


@pytest.mark.parametrize("interval", ["12h", "5m"])
def test_a_clock_that_is_set_changes_nothing(file_url, report, short, seed, interval):
    """Ten minutes forwards and back, again and again, while answers are lost and reminders are due."""
    count = 200 if short else 2000
    began = time.monotonic()
    # One round is one step: then reminders alone are paged again.
    rounds = 3 if interval == "12h" else 1
    house = Simulation(file_url, people=PEOPLE, seed=seed, repeat_interval=interval, rounds=rounds)
    for kind in (FaultKind.ERROR_500_AFTER, FaultKind.EMPTY_200_LOST):  # so that look-ups are always due
        house.sandbox.faults.add(Fault(kind=kind, call="jobs", probability=0.15))
    night(house, count, random.Random(seed))
    assert house.rest(600.0)
    pages, oks, between = house.tally(late_after=LATE), house.tally(late_after=LATE, kinds=OKS), gaps(house)
    house.close()
    report.add(f"clock set by 10 min, reminders after {interval}", pages, time.monotonic() - began)
    open_still = {alert.name for number, alert in enumerate(alerts(count, PEOPLE)) if number % 20 >= 10}
    assert (pages.alerts, pages.late) == (count, 0)
    assert pages.kept, f"seed {seed}: {pages}"
    assert {alert for alert, _ in oks.lost} == open_still
    assert oks.once, f"seed {seed}: {oks}"
    assert between
    usual = 600.0 if interval == "12h" else 300.0  # two steps, or an interval
    assert min(between) >= usual
    assert max(between) <= usual + LATE


@pytest.fixture
def paris(monkeypatch) -> Iterator[None]:
    """This process's own time zone, as a server's may be."""
    monkeypatch.setenv("TZ", "Europe/Paris")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(("start", "from_", "lasts"), [SPRING, AUTUMN], ids=["spring", "autumn"])
@pytest.mark.usefixtures("paris")
def test_summer_time_moves_no_page(file_url, report, short, seed, request, start, from_, lasts):
    """Alerts come at every minute of such a night; those of people who are not to be woken wait for its end."""
    each = 2 if short else 10
    began = time.monotonic()
    asleep = range(0, PEOPLE, 2)
    house = Simulation(file_url, people=PEOPLE, seed=seed, now=start, muted=asleep, more=NIGHT, rounds=3, answered=0.5)
    end = from_.timestamp() + lasts
    due: dict[str, float] = {}
    for minute in range(5 * 60):
        for alert in (posted := alerts(each, PEOPLE, first=minute * each, now=start)):
            sleeps = from_.timestamp() <= house.time() < end and int(alert.person[6:]) in asleep
            due[alert.name] = end if sleeps else house.time()
        house.deliver(posted)
        house.run(60.0, hop=20.0)
    assert house.climbed(3600.0)
    first = {sms.tag: sms.at for sms in house.sandbox.accepted}
    early = [line.alert for line in house.ledger().of(PAGES) if line.tag in first and first[line.tag] < due[line.alert]]
    house.accepted = due  # from then on they are awaited
    found = house.tally(late_after=5.0, climbed=True)
    house.close()
    report.add(f"summer time, {request.node.callspec.id}", found, time.monotonic() - began)
    assert found.alerts == 300 * each
    assert found.exact, f"seed {seed}: {found}"
    assert (found.late, early) == (0, [])
