"""Incidents and their timelines as rows.

Every function takes the connection, so that the transaction shows where it begins and ends.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from functools import cache
from operator import attrgetter, itemgetter
from typing import Any, TypeVar

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    CompoundSelect,
    Connection,
    Executable,
    Integer,
    ScalarSelect,
    Select,
    bindparam,
    func,
    literal_column,
    select,
    true,
    update,
)
from sqlalchemy.dialects import sqlite

from alertsms.core.alerts.alert import Format, Severity
from alertsms.core.incidents.incident import LONGEST, Change, Event, EventKind, Incident, IncidentReason, IncidentState
from alertsms.core.messages.notification import NotificationKind
from alertsms.store.error import Conflict
from alertsms.store.schema import Time, event_table, incident_table, insert_into, notification_table, state_is

COLUMNS = tuple(field.name for field in fields(Incident))
IN_ONE_QUERY = 500  # keys: SQLite takes 32,766 variables, PostgreSQL plans short lists better
_INSERTED = tuple(name for name in COLUMNS if name != "id")
_UPDATED = tuple(name for name in _INSERTED if name not in ("key", "team", "labels", "opened_at"))
_NEW, _OLD = attrgetter(*_INSERTED), attrgetter(*_UPDATED)
T = TypeVar("T")

PRESENT = tuple(state for state in IncidentState if state is not IncidentState.CLOSED)
MOST_COUNTED = 100_000  # what is counted again and again is not counted beyond it
CURRENT = incident_table.c.current == true()
UNFINISHED = incident_table.c.state != literal_column("'closed'")


def being(state: IncidentState) -> ColumnElement[bool]:
    """Whether an incident is in a state, but closed, in the words of the index of those."""
    return state_is(incident_table.c.state, state) & UNFINISHED


def groups(values: Iterable[T]) -> Iterator[list[T]]:
    """As many at once as one statement takes."""
    ordered = list(values)
    for at in range(0, len(ordered), IN_ONE_QUERY):
        yield ordered[at : at + IN_ONE_QUERY]


def find(tx: Connection, keys: Iterable[bytes]) -> dict[bytes, dict[str, Incident]]:
    """The current incidents of these alerts, of every team, locked until the transaction ends."""
    known: dict[bytes, dict[str, Incident]] = {}
    for part in groups(sorted(set(keys))):
        rows = tx.execute(_FIND, {"keys": part}) if len(part) > 1 else tx.execute(_FIND_ONE, {"key_of": part[0]})
        for row in rows.mappings():
            known.setdefault(row["key"], {})[row["team"]] = incident_of(row)
    return known


_LOCKED = select(incident_table).order_by(incident_table.c.id).with_for_update()
_CURRENT = _LOCKED.where(CURRENT)
_FIND = _CURRENT.where(incident_table.c.key.in_(bindparam("keys", expanding=True)))
_FIND_ONE = _CURRENT.where(
    incident_table.c.key == bindparam("key_of")
)  # most bodies; a list costs twice as much to bind


def current(tx: Connection, keys: Collection[bytes]) -> list[Incident]:
    """The current incidents of a few alerts, of every team, for whoever only looks at them."""
    return of(
        tx, select(incident_table).where(CURRENT, incident_table.c.key.in_(list(keys))).order_by(incident_table.c.id)
    )


def of(tx: Connection, query: Select[Any]) -> list[Incident]:
    """The incidents that a query finds, in its order."""
    return [incident_of(row) for row in tx.execute(query).mappings()]


def get(tx: Connection, numbers: Iterable[int] | CompoundSelect[int]) -> list[Incident]:
    """Incidents by the numbers that people type, or that a query finds, locked until the transaction ends."""
    chosen = numbers if isinstance(numbers, CompoundSelect) else list(numbers)
    return of(tx, _LOCKED.where(incident_table.c.id.in_(chosen)))


def save(tx: Connection, changes: Sequence[Change]) -> list[Change]:
    """Write what changed; the answer carries the numbers of new incidents.

    Raises Conflict where another transaction opened one of them first.
    """
    retired, new, old = list[int](), list[Incident](), list[dict[str, Any]]()
    for change in changes:
        if change.retires:
            retired.append(change.retires)
        if not change.incident.id:
            new.append(change.incident)
        elif change.write:
            old.append(dict(zip(_UPDATED, _OLD(change.incident), strict=True), row=change.incident.id))
    for group in groups(retired):
        tx.execute(update(incident_table).where(incident_table.c.id.in_(group)).values(current=False))
    numbers: dict[tuple[bytes, str], int] = {}
    if new:
        # PostgreSQL: in one order for everybody, else bodies with the same alerts would wait for each other. On SQLite
        # numbers follow the body.
        ordered = sorted(new, key=attrgetter("key", "team")) if tx.dialect.name == "postgresql" else new
        rows = [dict(zip(_INSERTED, _NEW(incident), strict=True)) | {"current": True} for incident in ordered]
        numbers = {(row.key, row.team): row.id for row in tx.execute(_absent(tx.dialect.name), rows)}
        if len(numbers) < len(rows):
            raise Conflict
    if old:
        tx.execute(_UPDATE, old)
    return [
        change
        if change.incident.id
        else replace(change, incident=replace(change.incident, id=numbers[change.incident.key, change.incident.team]))
        for change in changes
    ]


_UPDATE = (
    update(incident_table)
    .where(incident_table.c.id == bindparam("row"))
    .values({name: bindparam(name) for name in _UPDATED})
)


@cache
def _absent(dialect: str) -> Executable:
    columns = (incident_table.c.id, incident_table.c.key, incident_table.c.team)
    return insert_into(incident_table, dialect).on_conflict_do_nothing().returning(*columns)


_ROW: Callable[[Mapping[Any, Any]], tuple[Any, ...]] = itemgetter(*COLUMNS)


def incident_of(values: Mapping[Any, Any], columns: Callable[[Mapping[Any, Any]], tuple[Any, ...]] = _ROW) -> Incident:
    """A row as the value that core decides about; `columns`: how the row names them."""
    kept = dict(zip(COLUMNS, columns(values), strict=True))
    state, reason, severity = IncidentState(kept["state"]), IncidentReason(kept["reason"]), Severity(kept["severity"])
    return Incident(**{**kept, "state": state, "reason": reason, "severity": severity})


def due(tx: Connection, now: datetime, limit: int) -> list[Incident]:
    """Incidents whose timer rang, the longest overdue first.

    On PostgreSQL without those of an alert of which another transaction holds one: they keep no others waiting.
    """
    rang = select(incident_table).where(incident_table.c.step_due_at <= now).with_for_update(skip_locked=True)
    due_now = of(tx, rang.order_by(incident_table.c.step_due_at, incident_table.c.id).limit(limit))
    if not due_now or tx.dialect.name == "sqlite":
        return due_now
    keys = {incident.key for incident in due_now}
    same = select(incident_table.c.id, incident_table.c.key).where(CURRENT, incident_table.c.key.in_(keys))
    free = {row.id for row in tx.execute(same.order_by(incident_table.c.id).with_for_update(skip_locked=True))}
    held = {row.key for row in tx.execute(same) if row.id not in free}
    return [incident for incident in due_now if incident.key not in held]


def taken_by(tx: Connection, names: Collection[str]) -> list[Incident]:
    """Incidents that one of these people has."""
    return of(tx, _LOCKED.where(being(IncidentState.ACKNOWLEDGED), incident_table.c.acked_by.in_(names)))


def end_snoozes(tx: Connection, names: Collection[str]) -> None:
    """Let no snooze of these people outlast the end of an incident: one that comes back would be theirs again."""
    theirs = (incident_table.c.acked_by.in_(names), incident_table.c.snoozed_until.isnot(None))
    tx.execute(update(incident_table).where(~UNFINISHED, *theirs).values(snoozed_until=None))


def muted(tx: Connection, after: int, limit: int) -> list[Incident]:
    """Incidents held by a mute, by number, those above `after`."""
    held = select(incident_table).where(being(IncidentState.HELD))
    muted_after = held.where(incident_table.c.reason == IncidentReason.MUTED, incident_table.c.id > after)
    return of(tx, muted_after.order_by(incident_table.c.id).limit(limit))


def open_of(tx: Connection, source: Format) -> dict[bytes, Mapping[str, str]]:
    """The labels of the incidents of one source that are not closed, by their keys."""
    chosen = select(incident_table.c.key, incident_table.c.labels).where(
        UNFINISHED, state_is(incident_table.c.source, source)
    )
    return {row.key: row.labels for row in tx.execute(chosen)}


def unmentioned(tx: Connection, since: datetime, limit: int, source: Format | None = None) -> list[Incident]:
    """Incidents (of one source) that are not closed and that nothing mentioned since then."""
    stale = [UNFINISHED, incident_table.c.last_seen_at < since]
    stale += [state_is(incident_table.c.source, source)] if source else []
    return of(tx, select(incident_table).where(*stale).limit(limit).with_for_update())


def note_paged(tx: Connection, message_id: int, now: datetime) -> None:
    """Note that OVH accepted a page of the incidents that a message is about: waits count from here."""
    tx.execute(_PAGED, {"message": message_id, "at": now})


_PAGES = select(notification_table.c.incident_id).where(
    notification_table.c.message_id == bindparam("message"), notification_table.c.kind == NotificationKind.PAGE
)
_PAGED = (
    update(incident_table)
    .where(incident_table.c.id.in_(_PAGES))
    .values(
        last_paged_at=bindparam("at", type_=Time),
        step_sent_at=func.coalesce(incident_table.c.step_sent_at, bindparam("at", type_=Time), type_=Time),
    )
)


def spared(tx: Connection, numbers: Sequence[int], now: datetime) -> None:
    """Start the step's wait now: the people of these incidents were paged for the alert by another team.

    A wait that is running is not restarted.
    """
    for group in groups(numbers):
        chosen = incident_table.c.id.in_(group) & incident_table.c.step_sent_at.is_(None)
        tx.execute(update(incident_table).where(chosen).values(step_sent_at=now))


def count(tx: Connection, most: int = MOST_COUNTED) -> dict[str, int]:
    """How many incidents are in each state but closed; `most` stands for so many or more."""
    counts = zip(PRESENT, tx.execute(_COUNTS, {"most": most}).one(), strict=True)
    return {state.value: number for state, number in counts if number}


def bounded(column: Column[int], *rows: ColumnElement[bool]) -> ScalarSelect[int]:
    """How many rows there are, `most` at most: an index is read so far, and no further."""
    some = select(column).where(*rows).limit(bindparam("most", type_=Integer))
    return select(func.count()).select_from(some.subquery()).scalar_subquery()


_COUNTS = select(*(bounded(incident_table.c.id, being(state)).label(state) for state in PRESENT))


# Timelines, where the same thing again raises a count.


def note_events(tx: Connection, happened: Sequence[Event]) -> None:
    """Remember what happened, in one statement."""
    if happened:
        values = [
            {
                "incident_id_": event.incident_id,
                "episode_": event.episode,
                "kind_": event.kind,
                "reason_": event.reason,
                "detail_": event.detail[:LONGEST],
                "at_": event.at,
            }
            for event in happened
        ]
        tx.execute(_events(tx.dialect.name), values)


@cache
def _events(dialect: str) -> sqlite.Insert:
    return _counting(
        insert_into(event_table, dialect).values(
            incident_id=bindparam("incident_id_"), episode=bindparam("episode_"), **_GIVEN, count=literal_column("1")
        )
    )


def _counting(row: sqlite.Insert) -> sqlite.Insert:
    return row.on_conflict_do_update(
        index_elements=["incident_id", "episode", "kind", "reason", "detail"],
        set_={"last_at": row.excluded.last_at, "count": event_table.c.count + 1},
    )


def note_attempt(
    tx: Connection, message_id: int, *, at: datetime, kind: EventKind, reason: str, detail: str = ""
) -> None:
    """Remember what happened to a message, for each incident that it is about, in one statement.

    Before its pages are taken from it: afterwards it is about nothing.
    """
    values = {"message": message_id, "at_": at, "kind_": kind, "reason_": reason, "detail_": detail[:LONGEST]}
    tx.execute(_of_pages(tx.dialect.name, _CARRIED), values)


def note_held(
    tx: Connection,
    chosen: tuple[ColumnElement[bool], ...],
    values: Mapping[str, Any],
    at: datetime,
    reason: str,
    detail: str,
) -> None:
    """Remember why chosen pages did not leave, for the incident of each, in one statement."""
    why = {"at_": at, "kind_": EventKind.ATTEMPT, "reason_": reason, "detail_": detail[:LONGEST]}
    tx.execute(_of_pages(tx.dialect.name, chosen), {**values, **why})


_CARRIED: tuple[ColumnElement[bool], ...] = (notification_table.c.message_id == bindparam("message"),)


@cache
def _of_pages(dialect: str, chosen: tuple[ColumnElement[bool], ...]) -> sqlite.Insert:
    rows = (
        select(notification_table.c.incident_id, notification_table.c.episode, *_GIVEN.values(), literal_column("1"))
        .where(*chosen, notification_table.c.incident_id.isnot(None))
        .distinct()
        .order_by(notification_table.c.incident_id)  # so that two digests do not wait for each other
    )
    return _counting(insert_into(event_table, dialect).from_select(["incident_id", "episode", *_GIVEN, "count"], rows))


_GIVEN: dict[str, BindParameter[Any]] = {
    "kind": bindparam("kind_", type_=event_table.c.kind.type),
    "reason": bindparam("reason_", type_=event_table.c.reason.type),
    "detail": bindparam("detail_", type_=event_table.c.detail.type),
    "at": bindparam("at_", type_=Time),
    "last_at": bindparam("at_", type_=Time),
}
