"""One of three replicas is killed every three seconds, another each time, while alerts arrive and steps are paged."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.conftest import BOTH
from tests.reliability.driver import Alert
from tests.reliability.replica_files import Pair, Replica, replicas, stop

pytestmark = pytest.mark.parametrize("url", BOTH[1:], indirect=True)
FIRST, SECOND = "+33612000001", "+33612000002"
EVERY = 3.0  # seconds from one kill to the next
PLAN = {
    "people": {"alice": FIRST, "bob": SECOND},
    "teams": {"all": {"steps": [{"page": ["alice"], "wait": "30s"}, {"page": ["bob"], "wait": "30s"}], "rounds": 1}},
    "route": {"team": "all"},
}
SLOW = {"kind": "delay", "call": "jobs", "seconds": 0.2}  # accepts, then thinks: kills meet messages on their way


@pytest.fixture
def three(tmp_path, url, phones) -> Iterator[list[Replica]]:
    built = replicas(3, tmp_path, url, phones, PLAN)
    yield built
    stop(built)


def keep_killing(built: list[Replica], ended: threading.Event) -> int:
    """Kill one after the other, and start it again; returns how often."""
    kills = 0
    while not ended.wait(EVERY):
        one = built[kills % len(built)]
        one.process.kill()
        one.start()
        kills += 1
    return kills


def test_kills_of_one_of_three_lose_and_double_no_page(three, phones, size, report):
    count, began = size(100, 5000), time.monotonic()
    phones.fail([SLOW])
    at = datetime.now(UTC) - timedelta(minutes=1)
    fired = [Alert(name=f"A{n:05}", person="all", starts_at=at) for n in range(count)]
    ended, kills = threading.Event(), list[int]()
    killer = threading.Thread(target=lambda: kills.append(keep_killing(three, ended)), daemon=True)
    killer.start()
    pair = Pair(three)
    pair.post(fired, 0.05)
    pair.end()
    assert all(pair.taken.values()), [name for name, taken in pair.taken.items() if not taken]
    wanted = {(alert.name, number) for alert in fired for number in (FIRST, SECOND)}
    deadline, got = time.monotonic() + 60 + count / 5, Counter[tuple[str, str]]()
    while time.monotonic() < deadline and wanted - got.keys():
        time.sleep(1.0)
        got = Counter((sms.text.split()[1], sms.receiver) for sms in phones.messages())
    ended.set()
    killer.join()
    time.sleep(3.0)
    got = Counter((sms.text.split()[1], sms.receiver) for sms in phones.messages())
    lost, doubled = wanted - got.keys(), [page for page, times in got.items() if times > 1]
    seconds = {alert.name: min(pair.taken[alert.name]) for alert in fired}
    late = max(sms.at - seconds[sms.text.split()[1]] for sms in phones.messages() if sms.receiver == FIRST)
    report.count(
        f"kill -9 of one of three replicas, {kills[0]} times, the latest first SMS after {late:.0f} s",
        count,
        time.monotonic() - began,
        sms=got.total(),
        lost=len(lost),
        doubled=len(doubled),
    )
    assert (lost, doubled) == (set(), [])
    assert kills[0] > 0
