"""Each fault that OVHcloud's stand-in knows strikes three calls in ten, then all of them do: each alert still pages."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from alertsms.sandbox import Fault, FaultKind
from tests.reliability.driver import Driver
from tests.reliability.driver import alerts as posted
from tests.reliability.simulated import Simulation, alerts

SHARE = 0.3
PEOPLE = 50
RECEIPTS = 300.0  # seconds in which receipts come, or do not, and what that leads to
ROUNDS = 6 * 3600.0  # seconds: six steps of five minutes each, and the time that their SMS need to leave
BURST = 100  # alerts that come within one second
LOST_ANSWERS = (FaultKind.ERROR_500_AFTER, FaultKind.RESET_AFTER, FaultKind.EMPTY_200)
SECONDS = {FaultKind.HANG: 5.0, FaultKind.HANG_AFTER: 5.0, FaultKind.DELAY: 2.0, FaultKind.LATE: 10.0}
# A page that reached no phone, or a number that is refused, is paged anew, at last by
# a reminder: that is no double.
ANEW = {FaultKind.SLOW_RECEIPT, FaultKind.NO_RECEIPT, FaultKind.UNDELIVERED, FaultKind.INVALID_RECEIVER}
# Judged by the machine's own monotonic clock: `test_a_clock_that_jumps` lets real time pass.
REAL = {FaultKind.CLOCK_JUMP}


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """What strikes, and what may come of it."""

    name: str
    faults: tuple[Fault, ...]
    anew: bool = False

    def __str__(self) -> str:
        return self.name


def fault(kind: FaultKind, share: float = SHARE) -> Fault:
    return Fault(kind=kind, probability=share, seconds=SECONDS.get(kind))


def cases() -> Iterator[Case]:
    for kind in FaultKind:
        if kind in REAL:
            continue
        faults = [fault(kind)]
        if kind is FaultKind.LATE:  # matters only to those who have to look
            faults += [Fault(kind=FaultKind.ERROR_500_AFTER, call="jobs", probability=SHARE)]
        yield Case(name=kind.value, faults=tuple(faults), anew=kind in ANEW)
    breaks = [kind for kind in FaultKind if kind not in REAL]
    each = SHARE / len(breaks)
    # The sandbox tries them in turn until one breaks the answer: each chance is that given that none before it hit.
    mixed = tuple(fault(kind, each / (1 - number * each)) for number, kind in enumerate(breaks))
    yield Case(name="all mixed", faults=mixed, anew=True)


@pytest.mark.parametrize("case", list(cases()), ids=str)
def test_each_alert_pages_whatever_strikes(file_url, case, report, short, size, seed):
    """Half of all SMS are answered; for the others the next step is paged, in two or three rounds."""
    count, rounds = size(100, 5000), 2 if short else 3
    began = time.monotonic()
    house = Simulation(
        file_url, people=PEOPLE, seed=seed, rounds=rounds, answered=0.5, repeat_interval="10m" if case.anew else "12h"
    )
    house.sandbox.faults.replace(case.faults)
    for first in range(0, count, BURST):
        house.deliver(alerts(BURST, PEOPLE, first=first))
        house.run(1.0)
    told = house.told(6 * 3600.0)
    climbed = house.climbed(ROUNDS)
    if case.anew:
        house.run(RECEIPTS, hop=5.0)
    found = house.tally(late_after=150.0, climbed=not case.anew)
    house.close()
    report.add(f"30 % of calls: {case.name}", found, time.monotonic() - began, clock=False)
    assert told, found
    assert climbed, found
    assert found.alerts == count
    assert found.kept if case.anew else found.exact, f"seed {seed}: {found}"


def test_a_clock_that_jumps(build, phones, report, short, seed):
    """OVHcloud's own time is five minutes ahead at three calls in ten: signatures are refused, and made anew."""
    count = 100 if short else 5000
    phones.fail([{"kind": "clock_jump", "probability": SHARE}])
    house = build(people=PEOPLE, ovh="max_per_second: 0")
    house.start()
    fired = posted(count, house.people)
    began = time.monotonic()
    driver = Driver(house.url, clients=4, seed=seed, pace=0.02)
    driver.start(fired)
    assert driver.join(300.0)
    assert house.settled(patience=900.0), house.process.tail()
    found = house.tally(driver, fired, late_after=150.0)
    report.add("30 % of calls: clock_jump", found, time.monotonic() - began)
    assert (found.alerts, driver.refused) == (count, [])
    assert found.exact, f"seed {seed}: {found}"
