"""OVHcloud is away for hours: when it is back, everybody hears what is still open, and nobody twice what is over.

In one drill it refuses everything, in the other it accepts everything and never answers.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace

import pytest

from alertsms.sandbox import Fault, FaultKind
from alertsms.sandbox.exchange import CallName
from tests.reliability.ledger import OKS
from tests.reliability.simulated import Simulation, alerts, numbers

HOUR = 3600.0
PEOPLE = 20
HOP = 30.0  # seconds; nothing is answered meanwhile, and retries come every half a minute at most
RESENDS = 3  # DESIGN: copies of one message, at most, beside the first
LONGEST = 12.0  # seconds that a call hangs: longer than we read


def per_person(house: Simulation, since: float) -> int:
    """The most SMS that one number got since then."""
    return max(Counter(sms.receiver for sms in house.sandbox.accepted if sms.at >= since).values(), default=0)


def test_three_hours_without_a_provider(file_url, report, short, seed):
    count = 100 if short else 1000
    began = time.monotonic()
    house = Simulation(file_url, people=PEOPLE, seed=seed, storm=5, per_hour=30, rounds=3, answered=0.5)
    house.fault(FaultKind.ERROR_503, call="*")
    fired = alerts(count, PEOPLE)
    house.deliver(fired)
    house.run(1.5 * HOUR, hop=HOP)
    over = {alert.name for alert in fired[::2]}
    house.deliver(fired[::2], over=True)
    house.run(1.5 * HOUR, hop=HOP)
    house.sandbox.faults.clear()
    back = house.time()
    assert house.told(2 * HOUR, but=over)
    at_once = per_person(house, back)
    assert house.climbed(3 * HOUR)
    pages, oks = house.tally(late_after=4 * HOUR, climbed=True), house.tally(late_after=4 * HOUR, kinds=OKS)
    house.close()
    pages = replace(pages, lost=[(alert, person) for alert, person in pages.lost if alert not in over])
    report.add(f"OVH down for 3 h, then at most {at_once} SMS each", pages, time.monotonic() - began, clock=False)
    assert pages.alerts == count
    assert pages.exact, f"seed {seed}: {pages}"
    assert oks.once, f"seed {seed}: {oks}"
    assert pages.copies == 0


@pytest.mark.parametrize("silent", ["all", "half"])
def test_an_hour_without_an_answer(file_url, report, short, seed, silent):
    """It takes every message, or those to half of the people, and no look-up is answered: copies have a bound."""
    count = 40 if short else 300
    began = time.monotonic()
    house = Simulation(file_url, people=PEOPLE, seed=seed, rounds=3, answered=0.5)
    house.deliver(alerts(1, PEOPLE))
    house.run(1.0)  # OVHcloud's time is known by now: without it nothing could be signed, and nothing would leave
    calls = ["*"] if silent == "all" else [CallName.OUTGOING, CallName.PENDING]
    house.sandbox.faults.replace(
        [
            *(Fault(kind=FaultKind.HANG_AFTER, seconds=LONGEST, call=call) for call in calls),
            *(
                Fault(
                    kind=FaultKind.HANG_AFTER,
                    seconds=LONGEST,
                    call=CallName.JOBS,
                    receiver=numbers(each)[0].removeprefix("+"),
                )
                for each in range(1, PEOPLE, 2)
            ),
        ]
    )
    house.deliver(alerts(count - 1, PEOPLE, first=1))
    house.run(HOUR, hop=5.0)
    house.sandbox.faults.clear()
    assert house.told(2 * HOUR)
    assert house.climbed(3 * HOUR)
    found, resends = house.tally(late_after=HOUR), house.ledger().resends
    most = max(Counter(sms.tag for sms in house.sandbox.accepted).values())
    counted = house.metric("sms_unknown_total", resolution="resent") or 0
    house.close()
    report.add(f"OVH accepts and is silent for an hour, {silent} numbers", found, time.monotonic() - began, clock=False)
    assert found.alerts == count
    assert found.kept, f"seed {seed}: {found}"
    assert most <= 1 + RESENDS
    assert found.copies <= sum(resends.values()) == counted
    assert found.copies or silent == "all"
