"""Pages as rows: who is to be told what, from a decision about an incident until a message carries it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, bindparam, case, insert, select, update

from alertsms.core.incidents.timeline import EventKind
from alertsms.core.messages.digest_plan import DueNotification
from alertsms.core.messages.message import LIMITED, MessageState
from alertsms.core.messages.notification import Notification, NotificationKind, PageState
from alertsms.core.text.link import LINK_PATH, POSTED_LENGTH, TOKEN
from alertsms.core.text.reply import DROPPED
from alertsms.core.text.wording import became_late
from alertsms.store import events, outbox
from alertsms.store.cancellation import PAGE_NEEDED, REQUEUE, WANTED, release
from alertsms.store.incidents import COLUMNS, groups, incident_of
from alertsms.store.outbox import SmsMessage
from alertsms.store.recipients import notification
from alertsms.store.schema import BY_SMS, Time, incident_table, message_table, page_table, state_is, tokens

LOOK = [column.label(f"i_{column.name}") for column in incident_table.c if column.name in COLUMNS]


def due(tx: Connection, now: datetime, limit: int, passing_over: Collection[str] = ()) -> list[DueNotification]:
    """Pages that are due, the most severe and oldest first, without those of the people passed over."""
    values = {"now": now, "most": limit, "full": sorted(passing_over)} if passing_over else {"now": now, "most": limit}
    return [due_of(row) for row in tx.execute(_DUE_BUT if passing_over else _DUE, values).mappings()]


def get(tx: Connection, number: int) -> list[DueNotification]:
    """One page that waits, by its number."""
    query = select(page_table, *LOOK).outerjoin(incident_table, page_table.c.incident_id == incident_table.c.id)
    query = query.where(page_table.c.id == number, state_is(page_table.c.state, PageState.QUEUED))
    return [due_of(row) for row in tx.execute(query).mappings()]


_DUE = (
    select(page_table, *LOOK)
    .outerjoin(incident_table, page_table.c.incident_id == incident_table.c.id)
    .where(state_is(page_table.c.state, PageState.QUEUED), BY_SMS, page_table.c.due_at <= bindparam("now", type_=Time))
    .order_by(page_table.c.priority, page_table.c.due_at, page_table.c.id)
    .limit(bindparam("most", type_=Integer))
)
_DUE_BUT = _DUE.where(page_table.c.person.not_in(bindparam("full", expanding=True)))


def due_of(values: Mapping[Any, Any]) -> DueNotification:
    """A row of a page, with its incident's columns beside it, as the value that core decides about."""
    incident = incident_of({name: values[f"i_{name}"] for name in COLUMNS}) if values["i_id"] else None
    return DueNotification(page=notification(values), incident=incident)


_CLAIM = (
    update(page_table)
    .where(page_table.c.id == bindparam("row"), state_is(page_table.c.state, PageState.QUEUED))
    .values(state=PageState.CLAIMED, message_id=bindparam("message"))
)


def claim(tx: Connection, new: Mapping[int, SmsMessage]) -> list[SmsMessage]:
    """Make pages part of messages, by page id; returns the messages whose page was still queued."""
    done = tx.execute(_CLAIM, [{"row": row, "message": message.id} for row, message in new.items()])
    if done.rowcount == len(new):
        return list(new.values())
    claimed = select(page_table.c.message_id).where(
        page_table.c.id.in_(list(new)), state_is(page_table.c.state, PageState.CLAIMED)
    )
    ours = set(tx.execute(claimed).scalars())
    return [message for message in new.values() if message.id in ours]


def claim_together(tx: Connection, numbers: Collection[int], message_id: int) -> set[int]:
    """Make pages part of one message; returns those that were still queued."""
    # One by one, thousands would keep answers waiting.
    changes = (tx.execute(_TOGETHER, {"rows": group, "message": message_id}) for group in groups(numbers))
    if sum(change.rowcount for change in changes) == len(numbers):
        return set(numbers)
    ours = select(page_table.c.id).where(
        page_table.c.message_id == message_id, state_is(page_table.c.state, PageState.CLAIMED)
    )
    return set(tx.execute(ours).scalars())


_TOGETHER = (
    update(page_table)
    .where(page_table.c.id.in_(bindparam("rows", expanding=True)), page_table.c.state == PageState.QUEUED)
    .values(state=PageState.CLAIMED, message_id=bindparam("message"))
)


def cancel(tx: Connection, number: int) -> bool:
    """Take back a page whose person is gone; false where it is not queued any more."""
    queued = (page_table.c.id == number, state_is(page_table.c.state, PageState.QUEUED))
    return tx.execute(update(page_table).where(*queued).values(state=PageState.CANCELLED)).rowcount == 1


def requeue(tx: Connection, message_id: int, now: datetime, *, phone: int | None = None, plain: bool = False) -> int:
    """Let the pages of a message that are still needed be told by another one, to the person's next number if given."""
    values: dict[str, Any] = {}
    if phone is not None:
        values["phone"] = phone
    if plain:
        values["plain"] = True
    return tx.execute(REQUEUE.values(values), {"message": message_id, "now": now}).rowcount


def readdress(tx: Connection, message_id: int, now: datetime) -> bool:
    """Take back a queued message whose number is gone: its pages leave in others, to their person's first number.

    Where that number was paged already, the place in the list stays: whatever number stands there now.
    False where the message did not wait any more.
    """
    lock(tx, message_id)
    if not outbox.cancel(tx, message_id):
        return False
    tx.execute(_READDRESS, {"message": message_id, "now": now})
    let_go(tx, message_id, now)  # what resolved in it meanwhile, while others still needed it
    return True


_FIRST = page_table.alias("first")
_SAME = [
    _FIRST.c[name] == page_table.c[name]
    for name in ("incident_id", "person", "destination", "kind", "episode", "round", "step", "nth")
]
_HAD = select(_FIRST.c.id).where(*_SAME, _FIRST.c.phone == 0, _FIRST.c.id != page_table.c.id).exists()
_READDRESS = REQUEUE.values(phone=case((_HAD, page_table.c.phone), else_=0))


def of_message(tx: Connection, message_id: int) -> list[Notification]:
    """The pages that a message carries."""
    return [notification(row) for row in tx.execute(_OF_MESSAGE, {"message": message_id}).mappings()]


def let_go(tx: Connection, message_id: int, now: datetime) -> None:
    """A message will not leave: decide what waits behind the pages that it carried."""
    release(tx, [page.id for page in of_message(tx, message_id)], NotificationKind.MEANWHILE, now)


_OF_MESSAGE = select(page_table).where(page_table.c.message_id == bindparam("message"))


def lock(tx: Connection, *message_ids: int) -> None:
    """Lock the incidents that messages are about, before the messages themselves: intake takes them in this order.

    Else PostgreSQL could let a page leave while its incident is being closed, and the OK would wait behind it for good.
    """
    if tx.dialect.name == "postgresql":
        about = select(page_table.c.incident_id).where(page_table.c.message_id.in_(message_ids))
        query = select(incident_table.c.id).where(incident_table.c.id.in_(about)).order_by(incident_table.c.id)
        tx.execute(query.with_for_update())


def follow(tx: Connection, message_id: int, now: datetime) -> int:
    """The pages of a message left: the OKs that wait behind them are due now. Returns how many."""
    return tx.execute(_FOLLOW, {"message": message_id, "state": PageState.QUEUED, "due_at": now}).rowcount


_CARRIED = page_table.alias("carried")
_FOLLOW = update(page_table).where(
    page_table.c.after_page.in_(select(_CARRIED.c.id).where(_CARRIED.c.message_id == bindparam("message"))),
    state_is(page_table.c.state, PageState.WAITING),
)


def wanted(tx: Connection, message_id: int, now: datetime) -> bool:
    """Whether somebody still needs a message: a notice, a page while its episode lasts, an OK until it fires again.

    What an answer did is news for a while, and for that phone alone: nothing queues it anew.
    """
    if tx.execute(WANTED, {"message": message_id}).first() is not None:
        return True
    return tx.execute(_NEWS, {"message": message_id, "since": now - DROPPED}).first() is not None


_NEWS = select(page_table.c.id).where(
    page_table.c.message_id == bindparam("message"),
    page_table.c.kind == NotificationKind.ANSWERED,
    page_table.c.created_at > bindparam("since", type_=Time),
)


def wanted_still(tx: Connection, message_id: int) -> list[Notification]:
    """The pages of a message that are still needed, but for those that a newer page to the same person replaces."""
    return [notification(row) for row in tx.execute(_WANTED_STILL, {"message": message_id}).mappings()]


_NEWER = page_table.alias("newer")
_LATEST = ~(
    select(_NEWER.c.id)
    .where(_NEWER.c.incident_id == page_table.c.incident_id, _NEWER.c.person == page_table.c.person)
    .where(
        _NEWER.c.kind == NotificationKind.PAGE,
        _NEWER.c.episode == page_table.c.episode,
        _NEWER.c.nth > page_table.c.nth,
    )
    .where(_NEWER.c.state != PageState.CANCELLED)
    .exists()
)
_WANTED_STILL = (
    select(page_table)
    .join(incident_table, page_table.c.incident_id == incident_table.c.id)
    .where(
        page_table.c.message_id == bindparam("message"), page_table.c.state != PageState.CANCELLED, PAGE_NEEDED, _LATEST
    )
    .order_by(page_table.c.id)
)


def put(tx: Connection, row: Notification) -> int:
    """Store one page and return its number."""
    values = {name: value for name, value in asdict(row).items() if name != "id"}
    return int(tx.execute(insert(page_table).values(values).returning(page_table.c.id)).scalar_one())


def requeue_outdated(tx: Connection, before: datetime, now: datetime, most: int) -> list[str]:
    """Queue the pages of messages composed before `before` anew, of `most` at once; returns the team of each message.

    Only of those that certainly never left: what OVH may have is looked up, and goes on as it was composed.
    """
    certainly_not = (message_table.c.resends == 0, ~message_table.c.error.startswith(LIMITED, autoescape=True))
    waiting = (
        state_is(message_table.c.state, MessageState.QUEUED),
        *certainly_not,
        message_table.c.created_at < before,
    )
    rows = tx.execute(
        select(message_table.c.id, message_table.c.team).where(*waiting).order_by(message_table.c.id).limit(most)
    ).all()
    teams = []
    for row in rows:
        lock(tx, row.id)
        if outbox.cancel(tx, row.id):  # else somebody claimed it meanwhile
            events.about(tx, row.id, at=now, kind=EventKind.ATTEMPT, reason="recomposed")
            requeue(tx, row.id, now)
            let_go(tx, row.id, now)  # what resolved in it meanwhile, while others still needed it
            teams.append(row.team)
    return teams


@dataclass(frozen=True, kw_only=True, slots=True)
class OutdatedMessage:
    """What a message tells, as it is now, and the token of the link in its text."""

    due: DueNotification
    token: str = ""


def outdated(tx: Connection, queued: Sequence[SmsMessage], now: datetime) -> Mapping[int, OutdatedMessage]:
    """Which of these messages were composed on time and are late by now; digests say since when anyhow."""
    late = {message.id: message for message in queued if _slow(message, now)}
    if not late:
        return {}
    carried: dict[int, list[DueNotification]] = {}
    for row in tx.execute(_LATE, {"ids": list(late)}).mappings():
        carried.setdefault(row["message_id"], []).append(due_of(row))
    return {
        number: OutdatedMessage(due=due[0], token=_token(tx, late[number], due[0]))
        for number, due in carried.items()
        if len(due) == 1
    }


def _slow(message: SmsMessage, now: datetime) -> bool:
    return (
        became_late(message.asked_at, message.created_at, now)
        and message.kind == NotificationKind.PAGE
        and message.digest is None
        and message.certainly_unsent
    )


_LATE = (
    select(page_table, *LOOK)
    .join(incident_table, page_table.c.incident_id == incident_table.c.id)
    .where(page_table.c.message_id.in_(bindparam("ids", expanding=True)), page_table.c.state == PageState.CLAIMED)
)
_IN_TEXT = re.compile(rf"{LINK_PATH}({TOKEN})(?!\w)")


def _token(tx: Connection, message: SmsMessage, due: DueNotification) -> str:
    """The link stays the one that was made for it; a summary may contain what looks like one."""
    named = [token for token in _IN_TEXT.findall(message.text) if len(token) != POSTED_LENGTH]
    ours = (tokens.c.token.in_(named), tokens.c.person == message.person, tokens.c.incident_id == due.page.incident_id)
    return (tx.execute(select(tokens.c.token).where(*ours)).scalar() or "") if named else ""
