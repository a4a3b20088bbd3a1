"""A dead session holds what a replica holds in its work: others do not wait, and what is held leaves soon."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
import requests
from sqlalchemy import TextClause, text
from sqlalchemy.exc import SQLAlchemyError

from alertsms.store.engine import Store
from tests.conftest import BOTH
from tests.reliability.driver import Alert, Body
from tests.reliability.phones import Phones, Sms
from tests.reliability.replica_files import Pair, Replica, replicas, stop

pytestmark = pytest.mark.parametrize("url", BOTH[1:], indirect=True)
PLAN = {
    "people": {"alice": "+33612000001", "bob": "+33612000002"},
    "teams": {"ops": {"page": ["alice"]}, "db": {"page": ["bob"]}},
    "route": {"team": "ops", "routes": [{"matchers": ['for="bob"'], "team": "db"}]},
}
HELD, UNRELATED = 8.0, 3.0  # seconds
PERSON = text("SELECT pg_advisory_xact_lock(hashtext('alertsms alice'))")
ROW = text("SELECT id FROM incidents WHERE labels LIKE '%Held%' FOR UPDATE")


@pytest.fixture
def two(tmp_path, url, phones) -> Iterator[list[Replica]]:
    built = replicas(2, tmp_path, url, phones, PLAN)
    yield built
    stop(built)


def hold(url: str, what: TextClause, begun: threading.Event, seconds: float) -> None:
    """As a replica that dies in its transaction: its session has the limits of every other one."""
    store = Store(url)
    with store.engine.connect() as connection:
        connection.execute(what)
        begun.set()
        time.sleep(seconds)
        with suppress(SQLAlchemyError):  # PostgreSQL ended it long ago
            connection.rollback()
    store.close()


def alert(name: str, person: str) -> Alert:
    return Alert(name=name, person=person, starts_at=datetime.now(UTC) - timedelta(minutes=1))


def arrived(phones: Phones, name: str, seconds: float) -> Sms:
    """The last SMS about an alert, waited for."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := [sms for sms in phones.messages() if name in sms.text]:
            return found[-1]
        time.sleep(0.1)
    raise AssertionError(f"no SMS about {name} within {seconds:g} s")


@pytest.mark.parametrize("what", [PERSON, ROW], ids=["person", "incident"])
def test_a_dead_session(two, url, phones, short, report, what):
    held, began = alert("Held", "alice"), time.monotonic()
    pair = Pair(two)
    if what is ROW:  # it is known, and ends while its row is held: who was paged is to learn that
        pair.post([held], 0.0)
        arrived(phones, "Held", 20)
    begun = threading.Event()
    threading.Thread(target=hold, args=(url, what, begun, 10.0 if short else 60.0), daemon=True).start()
    assert begun.wait(10)
    since = time.time()
    if what is ROW:
        body = Body(alerts=[held], ends_at=datetime.now(UTC)).as_json()
        threading.Thread(target=post, args=(two[0], body), daemon=True).start()
    else:
        pair.post([held], 0.0)
    others = [alert(f"B{number:03}", "bob") for number in range(40 if short else 300)]
    pair.post(others, 0.2)
    pair.end()
    for each in others:
        arrived(phones, each.name, 10)
    last = [sms for sms in phones.messages() if "Held" in sms.text][-1]
    late = sorted(sms.at - min(pair.taken[sms.text.split()[1]]) for sms in phones.messages() if " B" in sms.text)
    p99 = late[int(len(late) * 0.99) - 1]
    named = "a person's lock" if what is PERSON else "an incident's row"
    name = f"{named} held by a dead session: it left after {last.at - since:.1f} s, p99 of others {p99:.2f} s"
    report.count(name, len(others) + 1, time.monotonic() - began, sms=len(phones.messages()))
    assert last.at - since <= HELD
    assert p99 <= UNRELATED
    assert len(late) == len(others)


def post(to: Replica, body: object) -> None:
    """As a sender does: again and again, until it is taken."""
    while requests.post(f"{to.url}/webhook", json=body, timeout=15).status_code != 202:
        time.sleep(0.5)
