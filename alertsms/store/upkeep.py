"""What the tables need now and then: counts, the oldest page, a shift of pending times, and the end of old rows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, func, literal_column, select, update

from alertsms.core import message, page
from alertsms.store.schema import MICROSECOND, facts, incidents, messages, pages, state_is

LIVE = (message.State.QUEUED, message.State.SENDING, message.State.UNKNOWN)


def waiting(tx: Connection) -> dict[str, int]:
    """How many messages are queued (pages that wait for theirs counted with them), being sent or in doubt."""
    counts = {state.value: 0 for state in LIVE}
    for state in LIVE:
        counts[state.value] = _count(tx, messages, state)
    counts[message.State.QUEUED.value] += _count(tx, pages, page.State.QUEUED)
    return counts


def _count(tx: Connection, table: Table, state: str) -> int:
    query = select(func.count()).select_from(table).where(state_is(table.c.state, state))
    return int(tx.execute(query).scalar() or 0)


def oldest(tx: Connection, now: datetime) -> datetime | None:
    """When the oldest page that has not left was asked for."""
    pages_first = [  # one step into the index for each priority: a minimum over all would walk the whole of it
        select(pages.c.created_at)
        .where(state_is(pages.c.state, page.State.QUEUED), pages.c.priority == priority, pages.c.due_at <= now)
        .order_by(pages.c.due_at)
        .limit(1)
        for priority in range(7)
    ]
    asked = func.min(messages.c.asked_at, type_=messages.c.asked_at.type)
    messages_first = [select(asked).where(state_is(messages.c.state, state)) for state in LIVE]
    times = [tx.execute(first).scalar() for first in (*pages_first, *messages_first)]
    known = [at for at in times if at is not None]
    return min(known) if known else None


_PENDING = {
    pages: (pages.c.due_at, "state IN ('queued', 'waiting')"),
    messages: (messages.c.due_at, "state IN ('queued', 'unknown')"),
    incidents: (incidents.c.step_due_at, "step_due_at IS NOT NULL"),
}


def shift(tx: Connection, step: timedelta) -> None:
    """Move pending times by a step of the clock, so that waits count running time."""
    by: ColumnElement[Any] = literal_column(str(step // MICROSECOND))
    for table, (column, pending) in _PENDING.items():
        tx.execute(update(table).where(literal_column(f"({pending})")).values({column: column + by}))
    for column in (messages.c.lease_until, messages.c.unknown_since, messages.c.resent_at):
        unsettled = messages.c.state.in_(LIVE) & column.isnot(None)
        tx.execute(update(messages).where(unsettled).values({column: column + by}))


def prune(tx: Connection, before: datetime, rows: int) -> int:
    """Delete closed incidents and finished messages older than `before`, at most `rows` of each; returns how many."""
    over = (state_is(incidents.c.state, "closed"), incidents.c.closed_at < before)
    old = list(tx.execute(select(incidents.c.id).where(*over).limit(rows)).scalars())
    if old:
        tx.execute(delete(pages).where(pages.c.incident_id.in_(old)))
        tx.execute(delete(incidents).where(incidents.c.id.in_(old)))
    done = messages.c.state.not_in(LIVE) & (messages.c.created_at < before)
    sent = list(tx.execute(select(messages.c.id).where(done).limit(rows)).scalars())
    if sent:
        tx.execute(delete(messages).where(messages.c.id.in_(sent)))
    tx.execute(delete(facts).where(facts.c.key.like("notice:%"), facts.c.at < before))
    return max(len(old), len(sent))
