"""Stores from before 1.0.0 are carried over: the same rows, in the tables of today."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Boolean, Float, Integer, LargeBinary, MetaData, Table, insert, inspect, select, text

from alertsms.sandbox import FaultKind
from alertsms.store import opening
from alertsms.store.engine import Store
from alertsms.store.error import StoreError
from alertsms.store.migrations import earlier
from alertsms.store.opening import migrate, version
from alertsms.store.schema import VERSION
from tests.store.test_migrate import differences, indexes
from tests.support.earlier import FOLDER, REVISIONS, upgrade_to
from tests.support.house import House, SimulatedClock


@pytest.fixture
def bare(bare_url) -> Iterator[Store]:
    store = Store(bare_url)
    yield store
    store.close()


def tables(store: Store) -> dict[str, Table]:
    """What the database has."""
    known = MetaData()
    known.reflect(store.engine)
    return {name: table for name, table in known.tables.items() if name != "alembic_version"}


def put(store: Store, table: Table, *rows: dict[str, Any]) -> None:
    with store.engine.begin() as connection:
        connection.execute(insert(table), list(rows))


def rows(store: Store, table: Table) -> list[dict[str, Any]]:
    """All rows of a table, in order."""
    query = select(table).order_by(*table.primary_key.columns)
    return [dict(row) for row in store.read(lambda tx: tx.execute(query).mappings().all())]


def row(table: Table, number: int) -> dict[str, Any]:
    """A row in which no two columns hold the same; every other one leaves out what may be left out."""
    values: dict[str, Any] = {}
    for place, column in enumerate(table.columns):
        if isinstance(column.type, Boolean):
            values[column.name] = bool(number % 2)
        elif isinstance(column.type, LargeBinary):
            values[column.name] = bytes([number]) * 16
        elif isinstance(column.type, (Integer, Float)):
            values[column.name] = number if column.primary_key else 100 * number + place
        else:
            values[column.name] = f"{column.name[:7]}{number}"
    return {name: None if number % 2 and table.c[name].nullable else value for name, value in values.items()}


NEW = {
    "incidents": {"step": 0, "closings": "[]", "began": 0},
    "pages": {"destination": "sms", "attempts": 0, "error": ""},
}


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_row_of_an_earlier_store_is_the_same(bare, revision, tmp_path):
    upgrade_to(bare, revision)
    before = {}
    for name, table in tables(bare).items():
        put(bare, table, *(row(table, number) for number in (1, 2, 3)))
        before[name] = rows(bare, table)
    assert migrate(bare) == revision
    before.pop("posts", None)  # neither queued nor sent: nobody waits for them
    if bare.sqlite:
        with closing(sqlite3.connect(tmp_path / f"alertsms.db.before-{VERSION}-{revision}")) as copy:
            assert copy.execute("SELECT version_num FROM alembic_version").fetchall() == [(revision,)]
            assert copy.execute("SELECT count(*) FROM incidents").fetchall() == [(3,)]
    after = tables(bare)
    for name, known in before.items():
        new = dict.fromkeys(after[name].columns.keys()) | NEW.get(name, {})
        assert rows(bare, after[name]) == [new | values for values in known], name
    assert {name for name in after if name not in before} <= {
        *("account_states", "configs", "leases", "login_misses", "replicas", "replies"),
        "api_tokens",
        "confirmations",
        "heartbeats",
        "pauses",
        "tokens",
    }


@pytest.mark.parametrize("revision", REVISIONS)
def test_an_earlier_store_has_the_tables_and_indexes_of_a_new_one(bare, revision):
    upgrade_to(bare, revision)
    migrate(bare)
    carried = indexes(bare)
    assert version(bare) == VERSION
    assert differences(bare) == []
    with bare.engine.begin() as connection:
        for name in inspect(connection).get_table_names():
            connection.execute(text(f"DROP TABLE {name}"))
    assert migrate(bare) == "empty"
    assert indexes(bare) == carried


@pytest.mark.parametrize("revision", REVISIONS)
def test_numbers_of_incidents_are_never_given_again(bare, revision):
    upgrade_to(bare, revision)
    before = tables(bare)["incidents"]
    values = unnumbered(before)
    put(bare, before, values, values | {"team": "b"}, values | {"team": "c"})
    with bare.engine.begin() as connection:
        connection.execute(before.delete().where(before.c.id > 1))
    migrate(bare)
    put(bare, tables(bare)["incidents"], values | {"team": "d"})
    assert [known["id"] for known in rows(bare, before)] == [1, 4]


def test_an_earlier_store_takes_one_step_and_those_that_came_later(bare):
    upgrade_to(bare, "0001")
    steps = []
    migrate(bare, lambda *step: steps.append(step))
    assert [step for step in steps if step[0] == opening.CHANGING] == [
        (opening.CHANGING, 0, 2),
        (opening.CHANGING, 1, 2),
        (opening.CHANGING, 2, 2),
    ]


@pytest.mark.parametrize("revision", REVISIONS)
def test_what_cannot_be_carried_over_whole_is_left_as_it_was(bare, revision, monkeypatch):
    upgrade_to(bare, revision)
    for table in tables(bare).values():
        put(bare, table, row(table, 1), row(table, 2))
    before = {name: rows(bare, table) for name, table in tables(bare).items()}, indexes(bare)

    carry_over = earlier.carry_over

    def fail(*given: object) -> None:
        carry_over(*given)
        raise OSError("the power is cut")

    with monkeypatch.context() as patch:
        patch.setattr(earlier, "carry_over", fail)
        with pytest.raises(StoreError, match="the power is cut"):
            migrate(bare)
    assert version(bare) == revision
    assert ({name: rows(bare, table) for name, table in tables(bare).items()}, indexes(bare)) == before
    assert migrate(bare) == revision


@pytest.mark.parametrize("revision", ["0002", "0007"])
def test_two_replicas_may_carry_a_store_over_at_once(bare, bare_url, revision, monkeypatch):
    if bare.sqlite:
        pytest.skip("a file has one server")
    upgrade_to(bare, revision)
    put(bare, tables(bare)["incidents"], row(tables(bare)["incidents"], 2))
    other, together = Store(bare_url), Barrier(2)

    def seen(store: Store) -> str | None:
        known = version(store)
        together.wait(10)
        return known

    with monkeypatch.context() as patch, ThreadPoolExecutor() as pool:
        patch.setattr(opening, "version", seen)
        assert list(pool.map(migrate, [bare, other])) == [revision, revision]
    other.close()
    assert version(bare) == VERSION
    assert len(rows(bare, tables(bare)["incidents"])) == 1


# What waited for channels.

POST = {
    "target": "global",
    "incident_id": 42,
    "kind": "unsent",
    "episode": 0,
    "nth": 0,
    "text": "",
    "created_at": 5,
    "due_at": 7,
    "state": "queued",
    "attempts": 0,
    "lease_until": None,
    "error": "",
}
PAGE = {"person": "alice", "kind": "page", "state": "queued", "note": "", "plain": False}
MOVED = ("person", "destination", "kind", "state", "attempts", "note", "error", "lease_until")


@pytest.mark.parametrize("revision", ["0001", "0002"])
def test_what_version_0_gave_to_channels_moves_into_the_one_queue(bare, revision):
    upgrade_to(bare, revision)
    known = tables(bare)
    put(bare, known["pages"], unnumbered(known["pages"]) | PAGE)
    put(
        bare,
        known["posts"],
        POST | {"id": 1, "attempts": 2, "error": "no"},
        POST | {"id": 2, "target": "team:db", "state": "sent", "attempts": 1},
        POST | {"id": 3, "incident_id": None, "kind": "notice", "text": "low", "attempts": 1, "lease_until": 7},
        POST | {"id": 4, "kind": "resolved", "state": "dropped"},
        POST | {"id": 5, "kind": "unheard", "state": "failed"},
    )
    migrate(bare)
    assert moved(bare) == [
        ("alice", "sms", "page", "queued", 0, "", "", None),
        ("global", "", "unsent", "queued", 2, "", "no", None),
        ("team:db", "", "unsent", "sent", 1, "", "", None),
        ("global", "", "notice", "queued", 1, "low", "", 7),
    ]


@pytest.mark.parametrize("revision", ["0004", "0005", "0006"])
def test_what_waited_for_channels_goes_on_in_the_one_queue(bare, revision):
    """No migration knows the channels: what waits moves to them later, but for those that have it."""
    upgrade_to(bare, revision)
    known, post = tables(bare), POST | {"took": ""}
    put(bare, known["pages"], unnumbered(known["pages"]) | PAGE)
    put(
        bare,
        known["posts"],
        post | {"id": 1},
        post | {"id": 2, "target": "person:alice", "kind": "page", "attempts": 3, "took": "aa bb ", "error": "no"},
        post | {"id": 3, "target": "team:db", "state": "sent", "attempts": 1, "took": "aa "},
        post | {"id": 4, "target": "team:web", "state": "sent", "attempts": 1},
        post | {"id": 5, "incident_id": None, "kind": "notice", "text": "low", "attempts": 1, "lease_until": 7},
        post | {"id": 6, "kind": "resolved", "state": "dropped"},
        post | {"id": 8, "kind": "unheard", "state": "failed"},
    )
    migrate(bare)
    assert moved(bare) == [
        ("alice", "sms", "page", "queued", 0, "", "", None),
        ("global", "", "unsent", "queued", 0, "", "", None),
        ("person:alice", "aa", "page", "sent", 3, "", "", None),
        ("person:alice", "bb", "page", "sent", 3, "", "", None),
        ("person:alice", "", "page", "queued", 3, "", "no", None),
        ("team:db", "aa", "unsent", "sent", 1, "", "", None),
        ("team:web", "", "unsent", "sent", 1, "", "", None),
        ("global", "", "notice", "queued", 1, "low", "", 7),
    ]


def unnumbered(table: Table) -> dict[str, Any]:
    """A row that the database numbers."""
    return {name: value for name, value in row(table, 2).items() if name != "id"}


def moved(store: Store) -> list[tuple[Any, ...]]:
    pages = tables(store)["pages"]
    assert "posts" not in tables(store)
    return [tuple(known[name] for name in MOVED) for known in rows(store, pages)]


# What the code of version 0 really left.

PLAN = """
people:
  alice: {phone: "+33612345678", also: ["ntfy://alice"]}
  bob: "+33698765432"
teams: {ops: {page: [alice]}, db: {page: [bob]}}
route: {team: ops, routes: [{matchers: ['service="db"'], team: db}]}
fallback: {channels: ["ntfy://all"]}
heartbeats: [{name: backup, every: 1h, grace: 5m, team: db}]
"""
LEFT = (FOLDER / "version0.sql").read_text(encoding="utf-8")


@pytest.fixture
def left(bare_url: str) -> Iterator[House]:
    """Today's alertsms by what version 0 left."""
    store = Store(bare_url)
    upgrade_to(store, "0002")
    with closing(sqlite3.connect(":memory:")) as dump:
        dump.executescript(LEFT)
        dump.row_factory = sqlite3.Row
        for name, table in tables(store).items():
            given = [dict(each) for each in dump.execute(f"SELECT * FROM {name}")]
            booleans = {column.name for column in table.columns if isinstance(column.type, Boolean)}
            put(store, table, *({key: bool(v) if key in booleans else v for key, v in one.items()} for one in given))
    if not store.sqlite:
        with store.engine.begin() as connection:
            for name in ("incidents", "pages", "events", "posts", "pauses"):
                connection.execute(text(f"SELECT setval('{name}_id_seq', (SELECT max(id) FROM {name}))"))
    store.close()
    clock = SimulatedClock()
    clock.advance(1772504730 - clock.wall)
    house = House(bare_url, clock, PLAN)
    yield house
    house.close()


def test_what_version_0_left_waiting_leaves_once_and_what_left_not_again(left):
    left.run(600)
    assert [sms for sms in left.texts if sms.startswith("CRITICAL HighCPU")] == [
        "CRITICAL HighCPU fresh: CPU above 90% for 5 min #5",
        "CRITICAL HighCPU wait since 02:10: CPU above 90% for 5 min #4 https://pager.example.org/a/cG9SYjpG",
    ]
    assert titles(left) == [
        ("ntfy://alice", "CRITICAL HighCPU fresh #5"),
        ("ntfy://all", "CRITICAL HighCPU wait #4 and 1 more"),  # that nobody answers: #2 was posted by version 0
        ("ntfy://alice", "CRITICAL HighCPU wait #4"),
    ]


def test_what_channels_had_of_version_0_is_not_posted_again_while_nothing_leaves(left):
    left.fault(FaultKind.NO_CREDITS)
    left.run(600)
    assert titles(left) == [
        ("ntfy://all", "CRITICAL HighCPU fresh #5"),  # and not #4, of which version 0 has told it
        ("ntfy://alice", "CRITICAL HighCPU fresh #5"),
        ("ntfy://alice", "CRITICAL HighCPU wait #4"),
    ]


def test_whoever_had_something_of_version_0_is_told_its_end(left):
    assert left.client.get("/a/8bKtGphE").status_code == 200
    left.run(60)
    left.posted.clear()
    left.resolve("mine", "paged", "wait", "fresh", end=left.clock())
    left.run(60)
    assert sorted((url, line) for url, _, text in left.posted for line in text.splitlines()) == [
        ("ntfy://alice", "OK HighCPU fresh after 16 min #5 (team ops)"),
        ("ntfy://alice", "OK HighCPU mine after 16 min #1 (team ops)"),
        ("ntfy://alice", "OK HighCPU paged after 16 min #2 (team ops)"),
        ("ntfy://alice", "OK HighCPU wait after 16 min #4 (team ops)"),
        ("ntfy://all", "OK HighCPU paged after 16 min #2 (team ops)"),
        ("ntfy://all", "OK HighCPU wait after 16 min #4 (team ops)"),
    ]


def titles(left: House) -> list[tuple[str, str]]:
    return [(url, title) for url, title, _ in left.posted]
