"""What one that only takes alerts in has stored leaves at once by others, and also if it is killed behind its 202."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import requests

from tests.conftest import BOTH
from tests.reliability.driver import Alert, Body
from tests.reliability.phones import Phones
from tests.reliability.replica_files import Replica, replicas, stop
from tests.support.pooler import PROGRAM, Pooler

pytestmark = pytest.mark.parametrize("url", BOTH[1:], indirect=True)
PLAN = {
    "people": {"alice": "+33612000001", "bob": "+33612000002"},
    "teams": {"ops": {"page": ["alice"]}, "db": {"page": ["bob"]}},
    "route": {"team": "ops", "routes": [{"matchers": ['for="bob"'], "team": "db"}]},
}
TOLD, POLLED = 0.5, 1.5  # seconds from the 202 to the phone
BURST = 5


@pytest.fixture
def three(tmp_path, url, phones, request) -> Iterator[list[Replica]]:
    """One that takes alerts in, and two that send; `polled`: behind a pooler, where nobody can listen."""
    pooler = Pooler(tmp_path / "pooler", url) if request.param == "polled" else None
    if request.param == "polled" and not PROGRAM:
        pytest.skip("pgbouncer is not here")
    built = replicas(3, tmp_path, pooler.url if pooler else url, phones, PLAN)
    for each, what in zip(built, ("web", "worker", "worker"), strict=True):
        each.process.kill()
        each.only(what)
        each.start()
    time.sleep(1.0)  # they hear by now
    yield built
    stop(built)
    if pooler:
        pooler.stop()


@pytest.mark.parametrize("three", ["told", "polled"], indirect=True)
def test_the_way_from_one_that_stores_to_those_that_send(three, phones, size, report, request):
    bound, count, began = TOLD if "told" in request.node.name else POLLED, size(15, 200), time.monotonic()
    taken: dict[str, float] = {}
    for number in range(count):
        post(three[0], f"S{number:04}", taken)
        time.sleep(0.15)
    latest = seconds(phones, taken)
    name = f"stored by --only web: the latest SMS after {latest:.2f} s (bound {bound:g} s)"
    report.count(name, count, time.monotonic() - began, sms=len(phones.messages()))
    assert latest <= bound


@pytest.mark.parametrize("three", ["told"], indirect=True)
def test_a_writer_that_is_killed_behind_its_answer(three, phones, size, report):
    bursts, began, taken = size(2, 40), time.monotonic(), dict[str, float]()
    for number in range(bursts):
        with ThreadPoolExecutor(BURST) as pool:
            list(pool.map(lambda n, number=number: post(three[0], f"K{number:02}x{n}", taken), range(BURST)))
        three[0].process.kill()
        three[0].start()
    latest = seconds(phones, taken)
    name = f"a writer killed behind its 202: the latest SMS after {latest:.2f} s"
    report.count(name, len(taken), time.monotonic() - began, sms=len(phones.messages()))
    assert latest <= TOLD


def post(to: Replica, name: str, taken: dict[str, float]) -> None:
    person = "bob" if len(taken) % 2 else "alice"
    alert = Alert(name=name, person=person, starts_at=datetime.now(UTC) - timedelta(minutes=1))
    answer = requests.post(f"{to.url}/webhook", json=Body(alerts=[alert]).as_json(), timeout=10)
    assert answer.status_code == 202, answer.text
    taken[name] = time.time()


def seconds(phones: Phones, taken: dict[str, float]) -> float:
    """The longest that any of them took; each came once."""
    until = time.monotonic() + 10
    while time.monotonic() < until and len(phones.messages()) < len(taken):
        time.sleep(0.2)
    at = {sms.text.split()[1]: sms.at for sms in phones.messages()}
    assert sorted(at) == sorted(taken)
    assert len(phones.messages()) == len(taken)
    return max(at[name] - moment for name, moment in taken.items())
