"""What the tables need now and then: counts, the oldest page, a shift of pending times, and the end of old rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    ScalarSelect,
    Table,
    bindparam,
    delete,
    func,
    literal_column,
    select,
    text,
    true,
    update,
)

from alertsms.core.incidents.incident import NOBODY
from alertsms.core.messages.message import PENDING, MessageState
from alertsms.core.messages.notification import NotificationState
from alertsms.store import incidents, replicas, settings
from alertsms.store.schema import (
    BY_CHANNEL,
    BY_SMS,
    MICROSECOND,
    Time,
    event_table,
    fact_table,
    heartbeats,
    incident_table,
    insert_into,
    message_table,
    notification_table,
    pause_table,
    state_is,
)


def waiting(tx: Connection) -> dict[str, int]:
    """How many messages are queued (pages that wait for theirs counted with them), being sent or in doubt.

    Of pages, and of messages in each state, not beyond MOST_COUNTED.
    """
    *counts, pages = tx.execute(_WAITING, {"most": incidents.MOST_COUNTED}).one()
    by_state = {state.value: number for state, number in zip(PENDING, counts, strict=True)}
    by_state[MessageState.QUEUED.value] += pages
    return by_state


_WAITING = select(
    *(incidents.bounded(message_table.c.id, state_is(message_table.c.state, state)) for state in PENDING),
    incidents.bounded(notification_table.c.id, state_is(notification_table.c.state, NotificationState.QUEUED), BY_SMS),
)


def oldest(tx: Connection, now: datetime) -> datetime | None:
    """When the oldest page that has not left was asked for."""
    return min(filter(None, tx.execute(_OLDEST, {"now": now}).one()), default=None)


def _page_first(priority: int) -> ScalarSelect[datetime]:
    # One step into the index for each priority: a minimum over all would walk the whole of it.
    queued = (
        state_is(notification_table.c.state, NotificationState.QUEUED),
        BY_SMS,
        notification_table.c.priority == priority,
    )
    first = select(notification_table.c.created_at).where(
        *queued, notification_table.c.due_at <= bindparam("now", type_=Time)
    )
    return first.order_by(notification_table.c.due_at).limit(1).scalar_subquery()


def _message_first(state: MessageState) -> ScalarSelect[datetime]:
    asked = func.min(message_table.c.asked_at, type_=message_table.c.asked_at.type)
    return select(asked).where(state_is(message_table.c.state, state)).scalar_subquery()


# One statement, built once: ten were the most of a scrape.
_OLDEST = select(*map(_page_first, range(7)), *map(_message_first, PENDING))


# What still waits for something, and its times: the timers themselves, and those that a timer is compared with.
_SHIFTED: tuple[tuple[Table, str, tuple[str, ...]], ...] = (
    (notification_table, "state IN ('queued', 'waiting')", ("due_at", "created_at", "lease_until")),
    (
        message_table,
        "state IN ('queued', 'sending', 'unknown')",
        ("due_at", "asked_at", "lease_until", "unknown_since", "resent_at"),
    ),
    (message_table, "receipt_due_at IS NOT NULL", ("receipt_due_at",)),
    (message_table, "poll_at IS NOT NULL", ("poll_at", "sent_at", "asked_at")),  # asked until so long after it was sent
    # A story stays in order when the clock is set back; that of what is over is history.
    (event_table, "incident_id IN (SELECT id FROM incidents WHERE state <> 'closed')", ("at", "last_at")),
    (
        incident_table,
        "state <> 'closed'",
        (
            "step_due_at",
            "step_at",
            "step_sent_at",
            "opened_at",
            "begun_at",
            "last_seen_at",
            "last_paged_at",
            "acked_at",
            "snoozed_until",
            "flap_due_at",
            "absent_at",
        ),
    ),
    (heartbeats, "name <> ''", ("last_seen_at", "silent_since")),
    (fact_table, "key LIKE 'notice:%' OR key IN ('way_out', 'rung')", ("at",)),
)
CLOCK_STEP = timedelta(seconds=5)  # a clock that is further away than this was set, not slewed
LATELY = timedelta(hours=1)  # what was sent or ended since then counts: for a storm, or when an alert is back


def shift(tx: Connection, step: timedelta, now: datetime) -> None:
    """Move pending times by a step of the clock, so that waits count running time; `now` is still the old time."""
    by: ColumnElement[Any] = literal_column(str(step // MICROSECOND))
    for table, pending, names in _SHIFTED:
        tx.execute(update(table).where(text(pending)).values({name: table.c[name] + by for name in names}))
    lasting = {name: pause_table.c[name] + by for name in ("begins_at", "ends_at")}
    tx.execute(update(pause_table).where(pause_table.c.ends_at > now).values(lasting))
    ended = (state_is(incident_table.c.state, "closed"), incident_table.c.closed_at >= now - LATELY)
    tx.execute(update(incident_table).where(*ended).values(closed_at=incident_table.c.closed_at + by))
    left = (message_table.c.poll_at.is_(None), message_table.c.sent_at >= now - LATELY)
    times = {name: message_table.c[name] + by for name in ("sent_at", "asked_at", "delivered_at")}
    tx.execute(update(message_table).where(*left).values(times))
    paged = (state_is(notification_table.c.state, "claimed"), notification_table.c.created_at >= now - LATELY)
    tx.execute(update(notification_table).where(*paged).values(created_at=notification_table.c.created_at + by))


def seconds(tx: Connection) -> float:
    """The time of PostgreSQL's machine, in seconds since 1970."""
    return float(tx.execute(_SECONDS).scalar_one())


_SECONDS = text("SELECT extract(epoch FROM clock_timestamp())::double precision")
STEPS = "clock"  # the fact that says by how much PostgreSQL's clock was set altogether, in microseconds


def steps(tx: Connection) -> timedelta:
    """By how much pending times were shifted altogether, because PostgreSQL's clock was set."""
    return MICROSECOND * int(settings.get(tx, STEPS) or 0)


def shift_once(tx: Connection, known: timedelta, step: timedelta, now: datetime) -> bool:
    """Shift pending times by a step of PostgreSQL's clock; false where they were since the steps that are `known`.

    Each replica sees the step; whoever is first shifts for all. Leases of duties, which are by PostgreSQL's clock, last
    no longer for its being set back.
    """
    first = insert_into(fact_table, tx.dialect.name).values(key=STEPS, value="0", at=now)
    tx.execute(first.on_conflict_do_nothing())
    before, after = str(known // MICROSECOND), str((known + step) // MICROSECOND)
    compared = update(fact_table).where(fact_table.c.key == STEPS, fact_table.c.value == before)
    if tx.execute(compared.values(value=after, at=now)).rowcount == 0:
        return False
    shift(tx, step, now)
    replicas.straighten(tx)
    return True


def catch_up(tx: Connection, now: datetime) -> timedelta:
    """Move pending times back where `now` lies before what the store has seen: the machine came up with an old clock.

    Returns by how much it is behind, at least; zero where it is not. Else what waits would wait that much longer, and
    once the clock is set right it would still: the step moves it along.
    """
    seen = max(filter(None, map(tx.scalar, _NEWEST)), default=now)
    if seen - now <= CLOCK_STEP:
        return timedelta()
    shift(tx, now - seen, seen)
    return seen - now


# Both tables grow at the end: a step or two into the primary key each. A notice for the morning is made ahead of time.
_NEWEST = [
    select(table.c.created_at).where(made).order_by(table.c.id.desc()).limit(1)
    for table, made in ((notification_table, notification_table.c.incident_id.isnot(None)), (message_table, true()))
]


def prune(tx: Connection, before: datetime, rows: int) -> int:
    """Delete what ended before then, at most `rows` of each sort; returns how many of the sort with the most.

    Closed incidents with all that is kept of them, notices, and what channels were given. A message goes with the last
    of its incidents: while one lasts, it tells who is to hear of the end.
    """
    over = (state_is(incident_table.c.state, "closed"), incident_table.c.closed_at < before)
    oldest = select(incident_table.c.id).where(*over).order_by(incident_table.c.closed_at).limit(rows)
    old = list(tx.execute(oldest).scalars())
    ended = message_table.c.id.is_(None) | message_table.c.state.not_in(PENDING)
    notices = (
        select(notification_table.c.id)
        .outerjoin(message_table, notification_table.c.message_id == message_table.c.id)
        .where(notification_table.c.incident_id.is_(None), notification_table.c.created_at < before, ended)
        .where(notification_table.c.state != NotificationState.QUEUED)
    )
    posts = select(notification_table.c.id).where(
        BY_CHANNEL, notification_table.c.state != literal_column("'queued'"), notification_table.c.created_at < before
    )
    done = [list(tx.execute(query.limit(rows)).scalars()) for query in (notices, posts)]
    carried = set[int]()
    for chosen in (notification_table.c.incident_id.in_(old), *map(notification_table.c.id.in_, done)):
        gone = delete(notification_table).where(chosen).returning(notification_table.c.message_id)
        carried.update(number for number in tx.execute(gone).scalars() if number is not None)
    if old:
        tx.execute(delete(event_table).where(event_table.c.incident_id.in_(old)))
        tx.execute(delete(incident_table).where(incident_table.c.id.in_(old)))
    _delete_loose(tx, carried)
    tx.execute(delete(pause_table).where(pause_table.c.ends_at < before))
    tx.execute(delete(event_table).where(event_table.c.incident_id == NOBODY, event_table.c.last_at < before))
    tx.execute(delete(fact_table).where(fact_table.c.key.like("notice:%"), fact_table.c.at < before))
    return max(map(len, (old, *done)))


def sweep(tx: Connection, before: datetime, rows: int, after: datetime) -> datetime | None:
    """Delete messages of before then about which nothing is kept: other messages told what they were to tell.

    Looks at `rows` of those made since `after`; returns from when on there is more to look at, None at the end.
    """
    old = message_table.c.created_at.between(after, before) & message_table.c.state.not_in(PENDING)
    query = select(message_table.c.id, message_table.c.created_at).where(old).order_by(message_table.c.created_at)
    seen = tx.execute(query.limit(rows)).all()
    _delete_loose(tx, [row.id for row in seen])
    return following([row.created_at for row in seen], rows, after)


def following(times: Sequence[datetime], rows: int, after: datetime) -> datetime | None:
    """From when on a look at `rows` rows goes on, None behind the last. It passes over some of many of one time."""
    if len(times) < rows:
        return None
    return times[-1] if times[-1] > after else times[-1] + MICROSECOND


def _delete_loose(tx: Connection, numbers: Collection[int]) -> None:
    """Delete those of some messages that carry nothing."""
    about = select(notification_table.c.id).where(notification_table.c.message_id == message_table.c.id).exists()
    for group in incidents.groups(numbers):
        tx.execute(delete(message_table).where(message_table.c.id.in_(group), ~about))


def hasten(tx: Connection, now: datetime) -> int:
    """Another way is open: what waits for its next try need not. Returns how many did."""
    waiting = (state_is(message_table.c.state, MessageState.QUEUED), message_table.c.due_at > now)
    return tx.execute(update(message_table).where(*waiting).values(due_at=now)).rowcount
