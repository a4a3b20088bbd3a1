"""Notifications as rows: who is to be told what, from a decision about an incident until a message carries it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    Integer,
    Select,
    bindparam,
    case,
    cast,
    false,
    func,
    literal_column,
    null,
    select,
    text,
    union_all,
    update,
)

from alertsms.core.incidents.incident import EventKind
from alertsms.core.messages.digest_plan import (
    DIGESTS,
    HOUR,
    OK_PAUSE,
    OKS,
    PAGES,
    DigestRules,
    DueNotification,
    RecentSms,
    RecentTraffic,
)
from alertsms.core.messages.message import LIMITED, PENDING, MessageState
from alertsms.core.messages.notification import Notification, NotificationKind, NotificationState
from alertsms.core.text.reply import DROPPED
from alertsms.store import incidents, messages
from alertsms.store.cancellation import REQUEUE, WANTED, release
from alertsms.store.recipients import notification
from alertsms.store.schema import BY_SMS, Time, incident_table, message_table, notification_table, state_is

LOOK = [incident_table.c[name].label(f"i_{name}") for name in incidents.COLUMNS]
_BESIDE = itemgetter(*(column.name for column in LOOK))
_QUEUED = state_is(notification_table.c.state, NotificationState.QUEUED)
_CLAIMED = state_is(notification_table.c.state, NotificationState.CLAIMED)


def due(tx: Connection, now: datetime, limit: int, passing_over: Collection[str] = ()) -> list[DueNotification]:
    """Pages that are due, the most severe and oldest first, without those of the people passed over."""
    values = {"now": now, "most": limit, "full": sorted(passing_over)}
    return list(map(due_of, tx.execute(_DUE, values).mappings()))


def get(tx: Connection, number: int) -> list[DueNotification]:
    """One page that waits, by its number."""
    return list(map(due_of, tx.execute(_WAITS.where(notification_table.c.id == number)).mappings()))


_WAITS = (
    select(notification_table, *LOOK)
    .outerjoin(incident_table, notification_table.c.incident_id == incident_table.c.id)
    .where(_QUEUED)
)
_DUE = (
    _WAITS.where(BY_SMS, notification_table.c.due_at <= bindparam("now", type_=Time))
    .where(notification_table.c.person.not_in(bindparam("full", expanding=True)))
    .order_by(notification_table.c.priority, notification_table.c.due_at, notification_table.c.id)
    .limit(bindparam("most", type_=Integer))
)


def due_of(values: Mapping[Any, Any]) -> DueNotification:
    """A row of a page, with its incident's columns beside it, as the value that core decides about."""
    incident = incidents.incident_of(values, _BESIDE) if values["i_id"] else None
    return DueNotification(page=notification(values), incident=incident)


_CLAIM = (
    update(notification_table)
    .where(notification_table.c.id == bindparam("row"), _QUEUED)
    .values(state=NotificationState.CLAIMED, message_id=bindparam("message"))
)


def claim(tx: Connection, new: Mapping[int, messages.SmsMessage]) -> list[messages.SmsMessage]:
    """Make pages part of messages, by page id; returns the messages whose page was still queued.

    On PostgreSQL without those that another transaction holds: they are claimed later, and keep nobody waiting.
    """
    if tx.dialect.name == "postgresql":
        values = {"rows": list(new), "messages": [message.id for message in new.values()]}
        ours = set(tx.execute(_CLAIM_FREE, values).scalars())
        return [message for message in new.values() if message.id in ours]
    done = tx.execute(_CLAIM, [{"row": row, "message": message.id} for row, message in new.items()])
    if done.rowcount == len(new):
        return list(new.values())
    claimed = (notification_table.c.id.in_(list(new)), _CLAIMED)
    ours = set(tx.execute(select(notification_table.c.message_id).where(*claimed)).scalars())
    return [message for message in new.values() if message.id in ours]


_CLAIM_FREE = text(
    "UPDATE pages SET state = 'claimed', message_id = given.message"
    " FROM unnest(CAST(:rows AS bigint[]), CAST(:messages AS bigint[])) AS given(page, message)"
    " WHERE pages.id = given.page AND pages.id IN (SELECT id FROM pages WHERE id = ANY(CAST(:rows AS bigint[]))"
    " AND state = 'queued' FOR UPDATE SKIP LOCKED)"
    " RETURNING message_id"
)


def claim_together(tx: Connection, numbers: Collection[int], message_id: int) -> set[int]:
    """Make pages part of one message; returns those that were still queued, and held by no other transaction."""
    # One by one, thousands would keep answers waiting.
    changes = (tx.execute(_TOGETHER, {"rows": group, "message": message_id}) for group in incidents.groups(numbers))
    if sum(change.rowcount for change in changes) == len(numbers):
        return set(numbers)
    claimed = (notification_table.c.message_id == message_id, _CLAIMED)
    return set(tx.execute(select(notification_table.c.id).where(*claimed)).scalars())


_FREE = select(notification_table.c.id).where(
    notification_table.c.id.in_(bindparam("rows", expanding=True)),
    notification_table.c.state == NotificationState.QUEUED,
)
_TOGETHER = (
    update(notification_table)
    .where(notification_table.c.id.in_(_FREE.with_for_update(skip_locked=True)))
    .values(state=NotificationState.CLAIMED, message_id=bindparam("message"))
)


def cancel(tx: Connection, number: int) -> bool:
    """Take back a page whose person is gone; false where it is not queued any more."""
    queued = update(notification_table).where(notification_table.c.id == number, _QUEUED)
    return tx.execute(queued.values(state=NotificationState.CANCELLED)).rowcount == 1


def requeue(tx: Connection, message_id: int, now: datetime, *, phone: int | None = None, plain: bool = False) -> int:
    """Let the pages of a message that are still needed be told by another one, to the person's next number if given."""
    changed = {
        "phone": notification_table.c.phone if phone is None else phone,
        "plain": plain or notification_table.c.plain,
    }
    return tx.execute(REQUEUE.values(changed), {"message": message_id, "now": now}).rowcount


def readdress(tx: Connection, message_id: int, now: datetime) -> bool:
    """Take back a queued message whose number is gone: its pages leave in others, to their person's first number.

    Where that number was paged already, the place in the list stays: whatever number stands there now.
    False where the message did not wait any more.
    """
    messages.lock(tx, message_id)
    if not messages.cancel(tx, message_id):
        return False
    tx.execute(_READDRESS, {"message": message_id, "now": now})
    let_go(tx, message_id, now)  # what resolved in it meanwhile, while others still needed it
    return True


_FIRST = notification_table.alias("first")
_SAME = [
    _FIRST.c[name] == notification_table.c[name]
    for name in ("incident_id", "person", "destination", "kind", "episode", "round", "step", "nth")
]
_FIRST_WAS_PAGED = (
    select(_FIRST.c.id).where(*_SAME, _FIRST.c.phone == 0, _FIRST.c.id != notification_table.c.id).exists()
)
_READDRESS = REQUEUE.values(phone=case((_FIRST_WAS_PAGED, notification_table.c.phone), else_=0))


def of_message(tx: Connection, message_id: int) -> list[Notification]:
    """The pages that a message carries."""
    return [notification(row) for row in tx.execute(_OF_MESSAGE, {"message": message_id}).mappings()]


def let_go(tx: Connection, message_id: int, now: datetime) -> None:
    """A message will not leave: decide what waits behind the pages that it carried."""
    release(tx, [page.id for page in of_message(tx, message_id)], NotificationKind.MEANWHILE, now)


_OF_MESSAGE = select(notification_table).where(notification_table.c.message_id == bindparam("message"))


def wanted(tx: Connection, message_id: int, now: datetime) -> bool:
    """Whether somebody still needs a message: a notice, a page while its episode lasts, an OK until it fires again.

    What an answer did is news for a while, and for that phone alone: nothing queues it anew.
    """
    needed = tx.execute(WANTED, {"message": message_id}).first()
    return bool(needed or tx.execute(_NEWS, {"message": message_id, "since": now - DROPPED}).first())


_NEWS = select(notification_table.c.id).where(
    notification_table.c.message_id == bindparam("message"),
    notification_table.c.kind == NotificationKind.ANSWERED,
    notification_table.c.created_at > bindparam("since", type_=Time),
)


def requeue_outdated(tx: Connection, before: datetime, now: datetime, most: int) -> list[str]:
    """Queue the pages of messages composed before `before` anew, of `most` at once; returns the team of each message.

    Only of those that certainly never left: what OVH may have is looked up, and goes on as it was composed.
    """
    waiting = (
        select(message_table.c.id, message_table.c.team)
        .where(state_is(message_table.c.state, MessageState.QUEUED), message_table.c.created_at < before)
        .where(message_table.c.resends == 0, ~message_table.c.error.startswith(LIMITED, autoescape=True))
        .order_by(message_table.c.id)
    )
    teams = []
    for row in tx.execute(waiting.limit(most)).all():
        messages.lock(tx, row.id)
        if messages.cancel(tx, row.id):  # else somebody claimed it meanwhile
            incidents.note_attempt(tx, row.id, at=now, kind=EventKind.ATTEMPT, reason="recomposed")
            requeue(tx, row.id, now)
            let_go(tx, row.id, now)  # what resolved in it meanwhile, while others still needed it
            teams.append(row.team)
    return teams


# What counts for the plan of a storm.

_WAITING = (*PAGES, *OKS)


def recent_traffic(
    tx: Connection, person: str, ranks: Collection[int], rules: DigestRules, now: datetime
) -> RecentTraffic:
    """What counts for the plan of one person to whom something of these ranks is due.

    One question; none where nothing could count, and two where something waits already.
    """
    if not rules.after and not rules.per_hour and set(ranks).isdisjoint(OKS):
        return RecentTraffic()
    values = {
        "person": person,
        "now": now,
        "since": now - rules.within,
        "back": now - _look_back(rules),
        "rank": 0 if rules.after or rules.per_hour else min(OKS),
    }
    rows = tx.execute(_TRAFFIC, values).all()
    waits = any(what == _LATER and counted for what, _, counted, _ in rows)
    return RecentTraffic(
        sent=tuple(
            RecentSms(at=at or now, rank=rank, streak=streak) for what, rank, streak, at in rows if what == _SMS
        ),
        recent_pages={rank: count for what, rank, count, _ in rows if what == _CAME},
        waiting_since=oldest(tx, person, now) if waits else {},
    )


def oldest(tx: Connection, person: str, now: datetime) -> dict[int, datetime]:
    """By rank, when the oldest page came of what waits for later: it is found at once, however many wait."""
    times = tx.execute(_OLDEST, {"person": person, "now": now}).one()
    return {rank: at for rank, at in zip(_WAITING, times, strict=True) if at}


def _look_back(rules: DigestRules) -> timedelta:
    """How far back an SMS counts: without a limit there may be many."""
    return HOUR if rules.per_hour else DIGESTS[-1] + rules.within if rules.after else OK_PAUSE


_SMS, _CAME, _LATER = 0, 1, 2  # what a row of the answer is about


def _row(what: int, rank: Any, count: Any, at: Any) -> Select[Any]:  # noqa: ANN401 - columns
    return select(literal_column(str(what), Integer).label("what"), rank, count, at)


def _among(column: Column[Any], values: Collection[int | NotificationState | MessageState]) -> ColumnElement[bool]:
    """IN a list that never changes: as parameters it costs as much again as all the rest."""
    return column.in_([literal_column(str(value) if isinstance(value, int) else f"'{value}'") for value in values])


_PERSON: BindParameter[str] = bindparam("person")
_NOW: BindParameter[datetime] = bindparam("now", type_=Time)
# What was put off, in the words of the index. When it is due again it waits still: one dispatch round reads only as
# many rows as there are send slots, and the rest would never reach a digest.
_PUT_BY = (
    notification_table.c.person == _PERSON,
    _QUEUED,
    BY_SMS,
    notification_table.c.due_at > notification_table.c.created_at,
    (notification_table.c.phone == 0) & (notification_table.c.plain == false()) | (notification_table.c.due_at > _NOW),
)
_GOT = _row(_SMS, message_table.c.priority, message_table.c.streak, message_table.c.sent_at).where(
    message_table.c.person == _PERSON,
    message_table.c.priority >= bindparam("rank", type_=Integer),
    message_table.c.kind != literal_column(f"'{NotificationKind.ANSWERED}'"),  # bounded by itself
)
_TRAFFIC = union_all(
    _GOT.where(message_table.c.sent_at > bindparam("back", type_=Time)),
    _GOT.where(_among(message_table.c.state, PENDING)),  # in the words of the index; none of them was sent
    _row(_CAME, notification_table.c.priority, func.count(), null())
    .where(
        notification_table.c.person == _PERSON,
        _CLAIMED,
        _among(notification_table.c.priority, PAGES),
        notification_table.c.created_at > bindparam("since", type_=Time),
    )
    .group_by(notification_table.c.priority),
    _row(_LATER, literal_column("0"), cast(select(notification_table.c.id).where(*_PUT_BY).exists(), Integer), null()),
)


def _oldest(rank: int) -> Any:  # noqa: ANN401 - a scalar subquery
    first = select(notification_table.c.created_at).where(*_PUT_BY, notification_table.c.priority == rank)
    return first.order_by(notification_table.c.created_at).limit(1).scalar_subquery()


_OLDEST = select(*map(_oldest, _WAITING))
