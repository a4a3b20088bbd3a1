"""What is asked again and again costs the same however much is old or waits: P5 of the performance goals.

The short form compares work: steps of SQLite's machine, rows that PostgreSQL visits. The full form compares times, on a
million old incidents and 200,000 that wait.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from statistics import median

import pytest
from sqlalchemy import event, text

from alertsms.core.incidents.acknowledge import AcknowledgedVia
from alertsms.core.messages.digest_plan import DigestRules
from alertsms.store import channels, digests, notifications, phones, tokens
from tests.reliability.growth import fill
from tests.support.house import House

PLAN = """
people: {p0: "+33600000000", p1: "+33600000001", p2: "+33600000002", p3: "+33600000003"}
teams:
  t0: {page: [p0], fallback: {channels: ["json://chat.test"]}}
  t1: {page: [p1]}
  t2: {page: [p2]}
  t3: {page: [p3]}
route: {team: t0}
storm: {after: 5}
limits: {per_person_per_hour: 30}
"""
STEPS, ROWS, SECONDS = 100_000, 15_000, 0.05  # that anything may cost; walking what the short form has costs more
RATIO = 1.2
TIMES = 20


def get(path: str) -> Callable[[House], object]:
    def ask(house: House) -> None:
        answer = house.client.get(path, headers={"Authorization": f"Bearer {house.app.keys.token}"})
        assert answer.status_code in (200, 503), answer.text

    return ask


def post(house: House) -> None:
    house.fire(f"new-{time.monotonic_ns()}")


def acknowledge(house: House) -> None:
    house.app.oncall.acknowledgements.acknowledge([1], by="p0", via=AcknowledgedVia.API)


def read(ask: Callable[..., object]) -> Callable[[House], object]:
    return lambda house: house.app.store.read(lambda tx: ask(tx, house.clock()))


ACTIONS: dict[str, Callable[[House], object]] = {
    "intake": post,
    "/": get("/"),
    "/api/v1/incidents": get("/api/v1/incidents"),
    "open ones": get("/api/v1/incidents?state=open"),
    "held ones": get("/api/v1/incidents?state=held"),
    "acknowledged ones": get("/api/v1/incidents?state=acknowledged"),
    "all": get("/api/v1/incidents?state=all"),
    "older ones": get("/api/v1/incidents?before=9"),
    "/api/v1/incidents/1": get("/api/v1/incidents/1"),
    "/api/v1/messages": get("/api/v1/messages"),
    "/metrics": get("/metrics"),
    "/-/ready": lambda house: house.app.watch.readiness._probe(),
    "due pages": read(lambda tx, now: notifications.due(tx, now, 16)),
    "the storm's decision": read(lambda tx, now: notifications.recent_traffic(tx, "p0", {0}, DigestRules(), now)),
    "what is put off": lambda house: house.app.store.transact(
        lambda tx: digests.put_off(tx, "p0", 0, house.clock() + timedelta(minutes=1), house.clock(), [], None)
    ),
    "due posts": read(lambda tx, _: channels.next_due(tx)),
    "what is stuck": lambda house: house.app.delivery.channels._late.tell(
        house.clock() - timedelta(minutes=2), house.app.context.roster().team, house.clock()
    ),
    "an OK by SMS": read(lambda tx, now: phones.heard(tx, "+33600000000", ["p0"], now)),
    "an OK by the API": acknowledge,
    "a link": read(lambda tx, now: tokens.find(tx, "x", now)),
    "timers": lambda house: house.app.oncall.escalator.step(),
    "receipts": lambda house: house.app.delivery.receipts.step(),
    "the housekeeper": lambda house: house.app.watch.housekeeper.step(),
}


@contextmanager
def counted(house: House) -> Iterator[list[int]]:
    """What all statements cost meanwhile: instructions of SQLite's machine, or rows that PostgreSQL visited."""
    store, cost = house.app.store, [0]

    def step() -> None:
        cost[0] += 10

    def watch(_connection, cursor, statement, parameters, _context, _executemany) -> None:
        raw = cursor.connection
        if store.sqlite:
            raw.set_progress_handler(step, 10)
        elif statement.startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")) and not isinstance(
            parameters, list
        ):
            with raw.cursor() as beside:
                beside.execute("SAVEPOINT beside")
                beside.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters)
                cost[0] += _rows(beside.fetchone()[0][0]["Plan"])
                beside.execute("ROLLBACK TO beside")

    engines = [store.engine, *([store._writer._engine] if store.sqlite else [])]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", watch)
    try:
        yield cost
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", watch)


def _rows(plan: dict) -> float:
    """The rows that the leaves of a plan gave and passed over."""
    below = sum(map(_rows, plan.get("Plans", ())))
    own = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0) if "Relation Name" in plan else 0
    return below + own * plan["Actual Loops"]


def costs(house: House, *, short: bool) -> dict[str, float]:
    """What each action costs once it was done before: work in the short form, seconds in the full one."""
    found = {}
    for name, act in ACTIONS.items():
        act(house)
        if short:
            with counted(house) as cost:
                act(house)
            found[name] = float(cost[0])
        else:
            times = []
            for _ in range(TIMES):
                began = time.perf_counter()
                act(house)
                times.append(time.perf_counter() - began)
            found[name] = median(times)
    return found


@pytest.mark.parametrize("sizes", [(1, 0), (0, 1), (1, 1)], ids=["old", "waiting", "both"])
def test_nothing_costs_more_with_what_is_old_or_waits(url, clock, short, report, sizes):
    """At most 1.2 times as much as with an empty store, or 50 ms."""
    began = time.monotonic()
    old, waiting = (40_000, 4_000) if short else (1_000_000, 200_000)
    old, waiting = old * sizes[0], waiting * sizes[1]
    house = House(url, clock, PLAN)
    empty = costs(house, short=short)
    with house.app.store.engine.begin() as tx:
        for table in ("tokens", "events", "messages", "pages", "incidents"):
            tx.execute(text(f"DELETE FROM {table}"))
        fill(tx, old=old, waiting=waiting, now=clock())
        if not house.app.store.sqlite:
            tx.execute(text("ANALYZE"))
    house.close()
    clock.advance(5)
    house = House(url, clock, PLAN)
    most = SECONDS if not short else STEPS if house.app.store.sqlite else ROWS
    grown = costs(house, short=short)
    name = f"{old:,} old incidents, {waiting:,} that wait, {'SQLite' if house.app.store.sqlite else 'PostgreSQL'}"
    house.close()
    report.count(name, old + waiting, time.monotonic() - began)
    unit, factor = ("ms", 1000.0) if not short else ("steps or rows", 1.0)
    report.notes += [
        f"{name}, {unit}: {action} {empty[action] * factor:,.1f} -> {grown[action] * factor:,.1f}" for action in ACTIONS
    ]
    assert {action: cost for action, cost in grown.items() if cost > max(RATIO * empty[action], most)} == {}
