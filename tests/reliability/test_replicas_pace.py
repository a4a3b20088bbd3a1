"""OVHcloud says 429 now and then, and the replicas become two and three: together they keep to the pace."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.conftest import BOTH
from tests.reliability.driver import Alert, Body
from tests.reliability.replica_files import Replica, replicas, stop

pytestmark = pytest.mark.parametrize("url", BOTH[1:], indirect=True)
PACE = 10
WINDOW = 5  # seconds over which calls are counted
PLAN = {
    "people": {f"p{number}": f"+3361200{number:04}" for number in range(8)},
    "teams": {f"t{number}": {"page": [f"p{number}"], "rounds": 1} for number in range(8)},
    "route": {
        "team": "t0",
        "routes": [{"matchers": [f'for="t{number}"'], "team": f"t{number}"} for number in range(8)],
    },
}
LIMITED = {"kind": "429", "call": "jobs", "probability": 0.01}


@pytest.fixture
def three(tmp_path, url, phones) -> Iterator[list[Replica]]:
    built = replicas(3, tmp_path, url, phones, PLAN)
    yield built
    stop(built)


def test_replicas_share_the_pace_and_a_429_slows_all(three, phones, short, report):
    began, seconds = time.monotonic(), 8 if short else 120
    one, two, late = three
    for replica in (two, late):
        replica.process.stop()
    phones.fail([LIMITED])
    at = datetime.now(UTC) - timedelta(minutes=1)
    count = int(3 * seconds * PACE * 0.8)
    fired = [Alert(name=f"A{n:05}", person=f"t{n % 8}", starts_at=at) for n in range(count)]
    calls, ended = list[tuple[float, int]](), threading.Event()

    def watch() -> None:
        while not ended.wait(0.5):
            calls.append((time.monotonic(), sum(phones.calls().get("jobs", {}).values())))

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    answer = one.ask("POST", "/webhook", Body(alerts=fired).as_json())
    assert answer.status_code == 202, answer.text
    time.sleep(seconds)
    two.start()
    time.sleep(seconds)
    late.start()
    deadline = time.monotonic() + 3 * seconds + 60
    while time.monotonic() < deadline and len(phones.messages()) < count:
        time.sleep(0.5)
    ended.set()
    watching.join()
    got = Counter(sms.text.split()[1] for sms in phones.messages())
    lost, doubled = {alert.name for alert in fired} - got.keys(), [name for name, times in got.items() if times > 1]
    most = max(
        (after - before) / (until - since)
        for since, before in calls
        for until, after in calls
        if WINDOW <= until - since < WINDOW + 1
    )
    report.count(
        f"429 now and then at one, two, three replicas: at most {most:.1f} of {PACE} calls a second",
        count,
        time.monotonic() - began,
        sms=got.total(),
        lost=len(lost),
        doubled=len(doubled),
    )
    assert (lost, doubled) == (set(), [])
    assert most <= PACE * 1.1 + PACE / WINDOW  # a second's worth may have been saved up before
