"""Events as rows: the timeline of each incident, where the same thing again raises a count."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, bindparam, delete, literal_column, select
from sqlalchemy.dialects import sqlite

from alertsms.core.incidents.timeline import LONGEST, NOBODY, Event, EventKind, StoredEvent
from alertsms.store.schema import Time, event_table, insert_into, page_table


def note(tx: Connection, happened: Sequence[Event]) -> None:
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
        tx.execute(_note(tx.dialect.name), values)


@cache
def _note(dialect: str) -> sqlite.Insert:
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


def about(tx: Connection, message_id: int, *, at: datetime, kind: EventKind, reason: str, detail: str = "") -> None:
    """Remember what happened to a message, for each incident that it is about, in one statement.

    Before its pages are taken from it: afterwards it is about nothing.
    """
    values = {"message": message_id, "at_": at, "kind_": kind, "reason_": reason, "detail_": detail[:LONGEST]}
    tx.execute(_of_pages(tx.dialect.name, _CARRIED), values)


def note_of(
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


_CARRIED: tuple[ColumnElement[bool], ...] = (page_table.c.message_id == bindparam("message"),)


@cache
def _of_pages(dialect: str, chosen: tuple[ColumnElement[bool], ...]) -> sqlite.Insert:
    """One event for each incident of the chosen pages."""
    rows = (
        select(page_table.c.incident_id, page_table.c.episode, *_GIVEN.values(), literal_column("1"))
        .where(*chosen, page_table.c.incident_id.isnot(None))
        .distinct()
        .order_by(page_table.c.incident_id)  # so that two digests do not wait for each other
    )
    names = ["incident_id", "episode", *_GIVEN, "count"]
    return _counting(insert_into(event_table, dialect).from_select(names, rows))


_AT = bindparam("at_", type_=Time)
_GIVEN: dict[str, BindParameter[Any]] = {
    "kind": bindparam("kind_", type_=event_table.c.kind.type),
    "reason": bindparam("reason_", type_=event_table.c.reason.type),
    "detail": bindparam("detail_", type_=event_table.c.detail.type),
    "at": _AT,
    "last_at": _AT,
}


def of(tx: Connection, incident_id: int) -> list[StoredEvent]:
    """The timeline of one incident, by when each event happened first."""
    return of_all(tx, [incident_id]).get(incident_id, [])


def of_all(tx: Connection, incident_ids: Collection[int]) -> dict[int, list[StoredEvent]]:
    """The timelines of these incidents."""
    timelines: dict[int, list[StoredEvent]] = {}
    query = (
        select(event_table)
        .where(event_table.c.incident_id.in_(list(incident_ids)))
        .order_by(event_table.c.at, event_table.c.id)
    )
    for row in tx.execute(query).mappings():
        stored = StoredEvent(
            episode=row["episode"],
            kind=EventKind(row["kind"]),
            reason=row["reason"],
            detail=row["detail"],
            at=row["at"],
            last_at=row["last_at"],
            count=row["count"],
        )
        timelines.setdefault(row["incident_id"], []).append(stored)
    return timelines


def forget_old(tx: Connection, before: datetime) -> None:
    """Drop the events of alerts that open no incident, where nothing of that happened since."""
    tx.execute(delete(event_table).where(event_table.c.incident_id == NOBODY, event_table.c.last_at < before))
