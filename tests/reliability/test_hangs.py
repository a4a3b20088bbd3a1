"""Three calls in ten hang for five seconds and then close: pages leave in time, and webhooks are answered as ever."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest
import requests

from tests.reliability.driver import Alert, Body, alerts
from tests.reliability.house import House
from tests.reliability.ledger import of_file
from tests.reliability.tally import Tally, tally

COUNT, HEALTHY = 300, 100  # alerts
EVERY = 0.4  # seconds between two; at 0.25 calls that hang, look-ups among them, would fill all sixteen places
PEOPLE = 30
HANGS = [
    {"kind": "hang_after", "seconds": 5, "probability": 0.15},
    {"kind": "hang", "seconds": 5, "probability": 0.15 / 0.85},
]
SLOWER = 1.5  # times; a page's own work comes at other moments, which costs some of a shared processor
P95, P99, LAST = 25.0, 65.0, 140.0  # seconds


def post(house: House, fired: Sequence[Alert]) -> tuple[dict[str, float], list[float]]:
    """Post them one by one at an even pace; when each was taken, and the seconds of each answer, ascending."""
    taken: dict[str, float] = {}
    took: list[float] = []
    began = time.monotonic()
    with requests.Session() as session:
        for number, alert in enumerate(fired):
            time.sleep(max(began + number * EVERY - time.monotonic(), 0.0))
            asked = time.monotonic()
            answer = session.post(f"{house.url}/webhook", json=Body(alerts=[alert]).as_json(), timeout=20)
            took.append(time.monotonic() - asked)
            assert answer.status_code == 202
            taken[alert.name] = time.time()
    return taken, sorted(took)


def run(house: House, fired: Sequence[Alert]) -> tuple[Tally, list[float]]:
    """Post them, and wait until all have paged or the time is over."""
    person = {alert.name: alert.person for alert in fired}
    taken, took = post(house, fired)

    def count() -> Tally:
        return tally(
            taken, house.phones.messages(), of_file(house.store), lambda alert: [person[alert]], late_after=LAST
        )

    deadline = time.monotonic() + LAST + 30.0
    while count().lost and time.monotonic() < deadline:
        time.sleep(1.0)
    house.settled(quiet=11.0, patience=90.0)
    return count(), took


@pytest.fixture
def full_form(short) -> None:
    if short:
        pytest.skip("takes five minutes and measures time: only in the full form")


@pytest.mark.usefixtures("full_form")
def test_pages_leave_while_calls_hang(build, phones, report, capsys, seed):
    """The same alerts with a healthy provider first: their answers are what the others are compared with."""
    figures: dict[str, list[float]] = {}
    runs = {"healthy": ([], HEALTHY), "three calls in ten hang for 5 s": (HANGS, COUNT)}
    for name, (faults, count) in runs.items():
        phones.reset()
        phones.fail(faults)
        house = build(people=PEOPLE)
        house.start()
        began = time.monotonic()
        found, figures[name] = run(house, alerts(count, house.people))
        house.process.stop()
        report.add(name, found, time.monotonic() - began)
        assert found.exact, f"seed {seed}: {found}"
    healthy, hanging = (took[len(took) // 2] for took in figures.values())
    with capsys.disabled():
        print(
            f"\npages: p95 {found.wait(0.95):.1f} s, p99 {found.wait(0.99):.1f} s, last {found.slowest:.1f} s; "
            f"answers: p50 {1000 * hanging:.1f} ms, {hanging / healthy:.2f} times a healthy provider's"
        )
    assert found.wait(0.95) <= P95
    assert found.wait(0.99) <= P99
    assert found.slowest <= LAST
    assert hanging <= SLOWER * healthy
