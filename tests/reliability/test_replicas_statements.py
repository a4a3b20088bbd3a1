"""A replica stands still before one statement after the other, of intakes, claims, marks and timers."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
import requests
from sqlalchemy import make_url

from tests.conftest import BOTH
from tests.reliability.driver import Alert, Body
from tests.reliability.phones import Phones
from tests.reliability.replica_files import Replica, replicas, stop
from tests.support.server_line import ServerLine

pytestmark = pytest.mark.parametrize("url", BOTH[1:], indirect=True)
PLAN = {
    "people": {"alice": "+33612000001", "bob": "+33612000002", "carol": "+33612000003"},
    "teams": {
        "ops": {"steps": [{"page": ["alice"], "wait": "30s"}, {"page": ["carol"], "wait": "1h"}]},
        "db": {"page": ["bob"]},
    },
    "route": {"team": "ops", "routes": [{"matchers": ['for="bob"'], "team": "db"}]},
}
LATE, IN_FLIGHT = 8.0, 60.0  # seconds
STILL = 7.0  # longer than PostgreSQL lets a session idle inside a transaction
MOST, RINGING = 50, 25  # statements: an intake, a claim and a mark have fewer, and so has a timer
RINGS = 29.0  # seconds behind an alert: its timer rings a moment later


class Stops:
    """Stops a replica before the n-th message that it has for PostgreSQL from now on."""

    def __init__(self, replica: Replica, line: ServerLine) -> None:
        self._replica, self._left = replica, 0
        self._lock = threading.Lock()
        self.stopped = threading.Event()
        line.watch = self._watch

    def arm(self, nth: int) -> None:
        self.stopped.clear()
        self._left = nth

    def _watch(self, _: bytes) -> None:
        with self._lock:
            self._left -= 1
            if self._left == 0:
                self._replica.process.send(signal.SIGSTOP)
                self.stopped.set()


@pytest.fixture
def two(tmp_path, url, phones) -> Iterator[tuple[Replica, Replica, Stops]]:
    """One whose line to PostgreSQL is watched, and one beside it."""
    real = make_url(url)
    line = ServerLine(real.host or "127.0.0.1", real.port or 5432)
    watched, other = built = replicas(2, tmp_path, url, phones, PLAN)
    watched.process.kill()
    watched.store = real.set(host="127.0.0.1", port=line.port).render_as_string(hide_password=False)
    watched.write(PLAN)
    watched.start()
    yield watched, other, Stops(watched, line)
    watched.process.send(signal.SIGCONT)
    stop(built)
    line.close()


@pytest.mark.parametrize("rings", [False, True], ids=["taken in and sent", "rung"])
def test_a_stop_before_each_statement(two, phones, short, report, rings):
    if short and rings:
        pytest.skip("a step waits 30 s at least")
    watched, other, stops = two
    began, latest = time.monotonic(), 0.0
    chosen = range(1, RINGING) if rings else range(5, MOST, 30) if short else range(1, MOST)
    for nth in chosen:
        latest = max(latest, one(watched, other, stops, phones, nth if not rings else -nth))
    name = f"stopped before each of {len(chosen)} statements: the others' latest SMS after {latest:.1f} s"
    got = Counter((sms.text.split()[1], sms.receiver) for sms in phones.messages())
    numbers = ("+33612000001",) if short else ("+33612000001", "+33612000003")
    wanted = {(f"A{nth:03}", number) for nth in chosen for number in numbers}
    wanted |= {(f"B{nth:03}", "+33612000002") for nth in chosen}
    wait = time.monotonic() + IN_FLIGHT
    while time.monotonic() < wait and wanted - got.keys():
        time.sleep(0.5)
        got = Counter((sms.text.split()[1], sms.receiver) for sms in phones.messages())
    doubled = [page for page, times in got.items() if times > 1]
    lost = wanted - got.keys()
    report.count(name, len(wanted), time.monotonic() - began, sms=got.total(), lost=len(lost), doubled=len(doubled))
    assert (lost, doubled) == (set(), [])
    assert latest <= LATE


def one(watched: Replica, other: Replica, stops: Stops, phones: Phones, nth: int) -> float:
    """Stop at the n-th statement behind an alert; seconds to the phone of another one that comes meanwhile.

    A negative one: behind the moment before its timer rings.
    """
    mine, others = alert(f"A{abs(nth):03}", "alice"), alert(f"B{abs(nth):03}", "bob")
    if nth > 0:
        stops.arm(nth)
    for to in (watched, other):  # as a pair posts it
        threading.Thread(target=post, args=(to, mine), daemon=True).start()
    if nth < 0:
        time.sleep(RINGS)
        stops.arm(-nth)
    if not stops.stopped.wait(20):  # it says something each second
        raise AssertionError("it was not stopped")
    since = time.time()
    post(other, others)
    time.sleep(max(since + STILL - time.time(), 0))
    watched.process.send(signal.SIGCONT)
    until = time.monotonic() + LATE + 5
    while time.monotonic() < until:
        if at := [sms.at for sms in phones.messages() if others.name in sms.text]:
            return at[0] - since
        time.sleep(0.1)
    raise AssertionError(f"statement {nth}: the other alert did not page")


def alert(name: str, person: str) -> Alert:
    return Alert(name=name, person=person, starts_at=datetime.now(UTC) - timedelta(minutes=1))


def post(to: Replica, alert: Alert) -> None:
    """Again and again until it is taken; one that stands still answers late."""
    until = time.monotonic() + 40
    while time.monotonic() < until:
        with suppress(requests.RequestException):
            if requests.post(f"{to.url}/webhook", json=Body(alerts=[alert]).as_json(), timeout=10).status_code == 202:
                return
        time.sleep(0.5)
