"""The night when summer time ends, told whole: the first sleeps on, the second answers by SMS, and it is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.support.house import ALICE, BOB, OVH, House, SimulatedClock, alert

PARIS = ZoneInfo("Europe/Paris")
NIGHT = datetime(2026, 10, 25, 0, 10, tzinfo=UTC)  # 02:10 in Paris, for the first time: 03:00 will be 02:00 again
SHORT_NUMBER = OVH.replace("sender: ACME", "sender_for_response: true")
PLAN = """
people:
  alice: {phone: "+33612345678", time_zone: Europe/Paris}
  bob: {phone: "+33698765432", time_zone: Europe/Paris}
schedules:
  first: {time_zone: Europe/Paris, rotations: [{people: [bob, alice], every: 1w, from: "2026-10-12 09:00"}]}
  second: {time_zone: Europe/Paris, rotations: [{people: [alice, bob], every: 1w, from: "2026-10-12 09:00"}]}
teams:
  ops: {steps: [{page: [first], wait: 5m}, {page: [second], wait: 5m}], rounds: 3}
route: {team: ops}
"""
FIRING = alert("web-01", start=NIGHT)


@pytest.fixture
def night(url):
    house = House(url, SimulatedClock(NIGHT), PLAN, SHORT_NUMBER)
    yield house
    house.close()


def heard(house) -> list[tuple[str, str, str]]:
    """Who got what, and when by the clock on the wall (the second 02:10 of that night has another offset)."""
    names = {ALICE: "alice", BOB: "bob"}
    return [
        (f"{datetime.fromtimestamp(sms.at, PARIS):%H:%M:%S %z}", names[sms.receiver], sms.text)
        for sms in house.sandbox.accepted
    ]


@pytest.mark.one_store
@pytest.mark.parametrize(
    ("minutes", "over"),
    [
        (30, ("02:40:00 +0200", "bob", "OK HighCPU web-01 after 30 min #1")),
        (90, ("02:40:00 +0100", "bob", "OK HighCPU web-01 after 1 h 30 min #1")),
    ],
    ids=["resolved at the first 02:40", "resolved at the second 02:40"],
)
def test_the_first_sleeps_the_second_answers_and_it_is_over(night, minutes, over):
    """Alice is on call that week, Bob behind her: he is told who has it, she sleeps on when it is over."""
    assert night.post(FIRING).json == {"alerts": 1, "incidents": ["#1"], "pages": 1}
    night.run(8 * 60, hop=10)  # 02:18: alice's five minutes are over, and bob's phone has rung
    night.reply(BOB, "ok")
    night.run(minutes * 60 - 8 * 60, hop=10)
    ended = alert("web-01", "resolved", start=NIGHT, end=NIGHT + timedelta(minutes=minutes))
    assert night.post(ended, status="resolved").status_code == 202
    night.run(3600, hop=30)
    assert heard(night) == [
        ("02:10:00 +0200", "alice", "CRITICAL HighCPU web-01: CPU above 90% for 5 min #1"),
        ("02:15:00 +0200", "bob", "CRITICAL HighCPU web-01 since 02:10: CPU above 90% for 5 min #1"),
        ("02:18:10 +0200", "alice", "bob has it: HighCPU web-01 #1"),
        ("02:18:30 +0200", "bob", "You have #1"),
        over,
    ]
