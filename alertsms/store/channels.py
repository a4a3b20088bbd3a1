"""How channels are given what is theirs of the one queue: a row a channel, which is itself what is posted.

A claim is a later due time, so no crash can keep one: what its lease leaves over is due once more.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from operator import attrgetter

from sqlalchemy import Connection, Integer, bindparam, delete, func, literal_column, select, update

from alertsms.core.messages.notification import (
    FIRING,
    Channel,
    Notification,
    NotificationState,
)
from alertsms.core.routing.roster import Roster
from alertsms.core.text.channel import PostedIncident
from alertsms.store.incidents import groups, of
from alertsms.store.recipients import add, notification
from alertsms.store.schema import BY_CHANNEL, Time, incident_table, notification_table, state_is


def claim(
    tx: Connection, now: datetime, lease: timedelta, most: int, passing_over: Collection[str] = ()
) -> list[Notification]:
    """Begin an attempt for what is due, the oldest first and of one recipient for each channel.

    Nobody else begins one within the lease; `passing_over` are channels that are given something just now.
    """
    waiting = tx.execute(_DUE, {"now": now, "busy": list(passing_over), "most": most}).all()
    first = {row.destination: row.person for row in reversed(waiting)}
    chosen = [row.id for row in waiting if row.person == first[row.destination]]
    begun = [
        notification(row)
        for group in groups(chosen)
        for row in tx.execute(_BEGIN, {"now": now, "until": now + lease, "rows": group}).mappings()
    ]
    return sorted(begun, key=attrgetter("id"))


_DUE = (
    select(notification_table.c.id, notification_table.c.destination, notification_table.c.person)
    .where(state_is(notification_table.c.state, NotificationState.QUEUED), BY_CHANNEL)
    .where(notification_table.c.due_at <= bindparam("now", type_=Time))
    .where(notification_table.c.destination.not_in(bindparam("busy", expanding=True)))
    .order_by(notification_table.c.due_at, notification_table.c.id)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True)
)
_BEGIN = (
    update(notification_table)
    .where(
        notification_table.c.id.in_(bindparam("rows", expanding=True)),
        state_is(notification_table.c.state, NotificationState.QUEUED),
    )
    .where(notification_table.c.due_at <= bindparam("now", type_=Time))
    .values(
        due_at=bindparam("until", type_=Time),
        lease_until=bindparam("until", type_=Time),
        attempts=notification_table.c.attempts + 1,
    )
    .returning(notification_table)
)


def with_incidents(tx: Connection, rows: Sequence[Notification]) -> list[PostedIncident]:
    """What channels are given, with the incidents that it is about, as these are now."""
    incidents = {
        incident.id: incident
        for group in groups({row.incident_id for row in rows if row.incident_id is not None})
        for incident in of(tx, select(incident_table).where(incident_table.c.id.in_(group)))
    }
    return [PostedIncident(post=row, incident=incidents.get(row.incident_id or 0)) for row in rows]


def end(tx: Connection, claimed: Notification, state: NotificationState, error: str) -> bool:
    """Note that the claimed attempt was the last one; false where somebody else began another one since."""
    return _change(tx, claimed, error, {"state": state})


def later(tx: Connection, claimed: Notification, at: datetime, error: str) -> bool:
    """Note that the claimed attempt was in vain, and when the next one is due; false as in `end`."""
    return _change(tx, claimed, error, {"due_at": at})


def _change(tx: Connection, claimed: Notification, error: str, values: dict[str, object]) -> bool:
    held = (notification_table.c.id == claimed.id, notification_table.c.attempts == claimed.attempts)
    queued = update(notification_table).where(*held, state_is(notification_table.c.state, NotificationState.QUEUED))
    return tx.execute(queued.values({**values, "error": error[:300], "lease_until": None})).rowcount == 1


def took(tx: Connection, numbers: Sequence[int]) -> set[int]:
    """Note that their channel has these, whoever began another attempt since; returns those it was not known of."""
    queued = (
        update(notification_table)
        .where(state_is(notification_table.c.state, NotificationState.QUEUED))
        .returning(notification_table.c.id)
    )
    took = queued.values(state=NotificationState.SENT, error="", lease_until=None)
    return {
        row for group in groups(numbers) for row in tx.execute(took.where(notification_table.c.id.in_(group))).scalars()
    }


def move(tx: Connection, claimed: Notification, channels: Sequence[Channel], now: datetime) -> None:
    """Give what was for a channel that is gone from the configuration to those of its recipient that lack it."""
    _give(tx, claimed, channels, now)
    end(tx, claimed, NotificationState.CANCELLED, "its channels are gone from the configuration")


def spread(tx: Connection, claimed: Notification, channels: Sequence[Channel], now: datetime) -> None:
    """Give what fires, and one channel does not take, to those of its recipient that lack it."""
    if claimed.kind in FIRING:
        _give(tx, claimed, channels, now)


def _give(tx: Connection, claimed: Notification, channels: Sequence[Channel], now: datetime) -> None:
    known, given = siblings(tx, claimed), replace(claimed, id=0, due_at=now, attempts=0, error="")
    add(tx, [replace(given, destination=channel.mark) for channel in channels if channel.mark not in known])


def siblings(tx: Connection, known: Notification) -> dict[str, NotificationState]:
    """How far the same thing came with each of its recipient's channels."""
    told_by = ("note", "created_at") if known.incident_id is None else ("incident_id", "episode", "nth")
    same = [notification_table.c[name] == getattr(known, name) for name in ("person", "kind", *told_by)]
    query = select(notification_table.c.destination, notification_table.c.state).where(BY_CHANNEL, *same)
    return {destination: NotificationState(state) for destination, state in tx.execute(query)}


def adopt_earlier(tx: Connection, roster: Roster) -> None:
    """Let what version 0 gave to channels count for each of its recipient's: it kept no list of those that have it."""
    by_version_0 = (
        select(notification_table)
        .where(notification_table.c.state != literal_column("'queued'"), BY_CHANNEL)  # as in the index
        .where(notification_table.c.state == NotificationState.SENT, notification_table.c.destination == "")
        .order_by(notification_table.c.id)
    )
    for values in tx.execute(by_version_0).mappings().all():
        given = notification(values)
        if known := roster.channels(given.person):
            add(tx, [replace(given, destination=channel.mark) for channel in known])
            tx.execute(delete(notification_table).where(notification_table.c.id == given.id))


def release(tx: Connection, now: datetime) -> int:
    """Make due what the last run had begun and did not end: it may be told twice, and is not lost."""
    begun = (
        state_is(notification_table.c.state, NotificationState.QUEUED),
        BY_CHANNEL,
        notification_table.c.lease_until.isnot(None),
    )
    return tx.execute(update(notification_table).where(*begun).values(due_at=now, lease_until=None)).rowcount


def next_due(tx: Connection, passing_over: Collection[str] = ()) -> datetime | None:
    """When the next one is due, without those for the channels passed over."""
    at: datetime | None = tx.scalar(_NEXT, {"busy": list(passing_over)})
    return at


_NEXT = (
    select(func.min(notification_table.c.due_at, type_=Time))
    .where(state_is(notification_table.c.state, NotificationState.QUEUED), BY_CHANNEL)
    .where(notification_table.c.destination.not_in(bindparam("busy", expanding=True)))
)
