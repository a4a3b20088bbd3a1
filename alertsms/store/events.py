"""Events as rows: the story of each incident, where the same thing again raises a count."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects import sqlite

from alertsms.core.story import LONGEST, Event, Kind
from alertsms.store.schema import events, insert_into, pages


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """An event as stored: when it happened first and last, and how often."""

    episode: int
    kind: Kind
    reason: str
    detail: str
    at: datetime
    last_at: datetime
    count: int


def note(tx: Connection, happened: Sequence[Event]) -> None:
    """Remember what happened, in one statement."""
    if happened:
        values = [{"incident_id": each.incident_id, "episode": each.episode, "kind": each.kind, "reason": each.reason,
                   "detail": each.detail[:LONGEST], "at": each.at, "last_at": each.at, "count": 1}
                  for each in happened]  # fmt: skip
        tx.execute(_note(tx.dialect.name), values)


@cache
def _note(dialect: str) -> sqlite.Insert:
    row = insert_into(events, dialect)
    return row.on_conflict_do_update(
        index_elements=["incident_id", "episode", "kind", "reason", "detail"],
        set_={"last_at": row.excluded.last_at, "count": events.c.count + 1},
    )


def about(tx: Connection, message_id: int, *, at: datetime, kind: Kind, reason: str, detail: str = "") -> None:
    """Remember what happened to a message, for each incident that it is about."""
    carried = tx.execute(_ABOUT, {"message": message_id}).all()
    note(tx, [Event(incident_id=row.incident_id, episode=row.episode, at=at, kind=kind, reason=reason, detail=detail)
              for row in carried])  # fmt: skip


_ABOUT = (
    select(pages.c.incident_id, pages.c.episode)
    .where(pages.c.message_id == bindparam("message"), pages.c.incident_id.isnot(None))
    .distinct()
)


def of(tx: Connection, incident_id: int) -> list[Told]:
    """The story of one incident, in the order of its first times."""
    query = select(events).where(events.c.incident_id == incident_id).order_by(events.c.at, events.c.id)
    return [_told(row) for row in tx.execute(query).mappings()]


def _told(row: Any) -> Told:  # noqa: ANN401 - a row's mapping
    return Told(episode=row["episode"], kind=Kind(row["kind"]), reason=row["reason"], detail=row["detail"],
                at=row["at"], last_at=row["last_at"], count=row["count"])  # fmt: skip


def forget(tx: Connection, incident_ids: Collection[int]) -> None:
    """Drop the stories of incidents that are deleted."""
    tx.execute(delete(events).where(events.c.incident_id.in_(list(incident_ids))))
