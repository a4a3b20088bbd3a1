"""Three replicas on one PostgreSQL whose machines' clocks are wrong, or set, or stand still: steps keep their time."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from tests.conftest import BOTH
from tests.reliability.driver import Alert
from tests.reliability.replica_files import Pair, Replica, replicas, stop
from tests.support.ports import free_port

pytestmark = pytest.mark.parametrize("url", BOTH[1:], indirect=True)
FIRST, SECOND = "+33612000001", "+33612000002"
WAIT, WITHIN = 30.0, 3.0  # seconds of a step, and how far from it the next may be: 2, and 1 for stamps of whole seconds
SLIGHT, FAR = (0, 5, -5), (0, 600, -600)  # seconds by which machines' clocks are wrong
PLAN = {
    "people": {"alice": FIRST, "bob": SECOND},
    "teams": {"all": {"steps": [{"page": ["alice"], "wait": "30s"}, {"page": ["bob"], "wait": "30s"}], "rounds": 1}},
    "route": {"team": "all"},
}


class Moved(Replica):
    """A replica whose machine's time can be moved."""

    def __init__(self, away: float, *given: Any) -> None:
        super().__init__(*given)
        self._control = free_port()
        command = self.process.command
        at = command.index(sys.executable)
        module = (sys.executable, "-m", "tests.reliability.leaps", str(self._control), f"--set={away}")
        self.process.command = [*command[:at], *module, *command[command.index("serve") :]]

    def move(self, **wish: float) -> None:
        """`set`: somebody sets its clock by so many seconds."""
        assert requests.post(f"http://127.0.0.1:{self._control}", json=wish, timeout=5).ok


def nothing(_: list[Any]) -> None:
    """Nobody does anything meanwhile."""


def set_one(built: list[Any]) -> None:
    """Somebody sets one machine's clock, there and back."""
    for seconds in (600.0, -1200.0):
        time.sleep(4.0)
        built[1].move(set=seconds)


def suspend_one(built: list[Any]) -> None:
    """One machine is suspended for a while, and its boot-time clock goes on."""
    time.sleep(4.0)
    os.killpg(built[1].process.id, signal.SIGSTOP)
    time.sleep(8.0)
    os.killpg(built[1].process.id, signal.SIGCONT)


@pytest.mark.parametrize(
    ("away", "meanwhile"),
    [
        (SLIGHT, nothing),
        ((0, 90, -90), nothing),
        (FAR, nothing),
        ((0, 0, 0), set_one),
        ((0, 0, 0), suspend_one),
    ],
    ids=["5s", "90s", "600s", "set", "gap"],
)
def test_steps_come_at_their_time_by_whichever_clock(
    tmp_path, url, phones, size, short, report, request, away: tuple[float, ...], meanwhile: Callable[[list[Any]], None]
):
    if short and away in (SLIGHT, FAR):
        pytest.skip("the long form tries them; the way is the same")
    count, began = size(16, 500), time.monotonic()
    clocks = iter(away)
    built = replicas(3, tmp_path, url, phones, PLAN, lambda *given: Moved(next(clocks), *given))
    try:
        at = datetime.now(UTC) - timedelta(minutes=1)
        pair = Pair(built)
        pair.post([Alert(name=f"A{n:05}", person="all", starts_at=at) for n in range(count // 2)], 0.1)
        meanwhile(built)
        pair.post([Alert(name=f"B{n:05}", person="all", starts_at=at) for n in range(count - count // 2)], 0.1)
        pair.end()
        first, second = dict[str, float](), dict[str, float]()
        deadline = time.monotonic() + 90.0
        while time.monotonic() < deadline and len(second) < count:
            time.sleep(1.0)
            first = {sms.text.split()[1]: sms.at for sms in phones.messages() if sms.receiver == FIRST}
            second = {sms.text.split()[1]: sms.at for sms in phones.messages() if sms.receiver == SECOND}
        sent = len(phones.messages())
    finally:
        stop(built)
    apart = sorted(second[name] - first[name] for name in second if name in first)
    report.count(
        f"three replicas, clocks {request.node.callspec.id}: steps of {WAIT:g} s came after {apart[0]:.1f} to"
        f" {apart[-1]:.1f} s",
        count,
        time.monotonic() - began,
        sms=sent,
        lost=2 * count - len(first) - len(second),
        doubled=sent - len(first) - len(second),
    )
    assert (len(first), len(second), sent) == (count, count, 2 * count)
    assert WAIT - WITHIN <= apart[0] <= apart[-1] <= WAIT + WITHIN
