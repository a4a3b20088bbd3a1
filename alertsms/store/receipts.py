"""Receipts as rows: which messages are to be asked about, which waited too long, what came of the last ones."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, ScalarSelect, bindparam, func, select, update

from alertsms.core.messages.message import ACCEPTED, WINDOW, Judgement, MessageState, judge
from alertsms.store import messages
from alertsms.store.schema import Time, message_table, state_is

AWAITED = (MessageState.SENT, MessageState.UNDELIVERED)  # a receipt leads out of these


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceiptReport:
    """What OVHcloud says of one message."""

    dlr: int | None
    ptt: int | None
    delivered_at: datetime | None

    @property
    def judgement(self) -> Judgement:
        """What its codes mean."""
        return judge(self.dlr, self.ptt)

    @property
    def words(self) -> str:
        """For the log and for people: what came, in OVHcloud's codes and in words."""
        codes = ", ".join(f"{name} {code}" for name, code in (("DLR", self.dlr), ("PTT", self.ptt)) if code is not None)
        return f"{codes}: {self.judgement.words}" if self.judgement.words else codes


def next_due(tx: Connection) -> datetime | None:
    """When the next message is to be asked about, or has waited too long."""
    return min(filter(None, tx.execute(_NEXT_DUE).one()), default=None)


def _first(column: Any) -> ScalarSelect[Any]:  # noqa: ANN401 - a column of messages
    return select(func.min(column, type_=column.type)).where(column.isnot(None)).scalar_subquery()


_NEXT_DUE = select(
    _first(message_table.c.poll_at).label("poll"), _first(message_table.c.receipt_due_at).label("receipt")
)


def claim(tx: Connection, now: datetime, until: datetime, limit: int) -> list[messages.SmsMessage]:
    """Take messages that are to be asked about; nobody else takes them before `until`, when they are due again."""
    values = {"now": now, "until": until, "most": limit}
    return list(map(messages.message, tx.execute(_CLAIM, values).mappings()))


_DUE = (
    select(message_table.c.id)
    .where(message_table.c.poll_at.isnot(None), message_table.c.poll_at <= bindparam("now", type_=Time))
    .order_by(message_table.c.poll_at)
    .limit(bindparam("most", type_=Integer))
)
_CLAIM = (
    update(message_table)
    .where(message_table.c.id.in_(_DUE.with_for_update(skip_locked=True)))
    .values(poll_at=bindparam("until"), polls=message_table.c.polls + 1)
    .returning(message_table)
)


def ask_again(tx: Connection, following: Collection[tuple[messages.SmsMessage, datetime | None]]) -> None:
    """Note when to ask next, unless a callback has set a sooner time since the message was claimed."""
    if following:
        tx.execute(_AGAIN, [{"row": message.id, "claimed": message.poll_at, "at": at} for message, at in following])


_AGAIN = (
    update(message_table)
    .where(message_table.c.id == bindparam("row"), message_table.c.poll_at == bindparam("claimed", type_=Time))
    .values(poll_at=bindparam("at"))
)


def correct(tx: Connection, message: messages.SmsMessage, ovh_id: int) -> None:
    """OVHcloud shows the message under another id than it gave for the job."""
    tx.execute(update(message_table).where(message_table.c.id == message.id).values(ovh_id=ovh_id))


def overdue(tx: Connection, now: datetime, limit: int) -> list[messages.SmsMessage]:
    """Messages whose time for a receipt is over, the longest first."""
    due = message_table.c.receipt_due_at
    query = select(message_table).where(due.isnot(None), due <= now).order_by(due).limit(limit)
    return list(map(messages.message, tx.execute(query).mappings()))


def without(tx: Connection, before: datetime) -> int:
    """How many of the last messages that left before then have no final receipt."""
    return list(tx.execute(_LAST, {"before": before, "most": WINDOW}).scalars()).count(MessageState.SENT)


_LAST = (
    select(message_table.c.state)
    .where(message_table.c.created_at <= bindparam("before", type_=Time))
    .where(message_table.c.sent_at <= bindparam("before", type_=Time))
    .where(message_table.c.state.in_(ACCEPTED))
    .order_by(message_table.c.created_at.desc())
    .limit(bindparam("most", type_=Integer))
)


def poll_now(tx: Connection, ovh_id: int, now: datetime) -> bool:
    """Have a message asked about now; false where no message that a receipt is awaited of has this id."""
    awaited = (message_table.c.ovh_id == ovh_id, message_table.c.state.in_(AWAITED))
    return tx.execute(update(message_table).where(*awaited).values(poll_at=now)).rowcount > 0


def end(
    tx: Connection, message: messages.SmsMessage, state: MessageState, said: ReceiptReport, at: datetime | None = None
) -> bool:
    """Write down a final receipt; false where it was known already."""
    froms = AWAITED if state is MessageState.DELIVERED else (MessageState.SENT,)
    open_still = update(message_table).where(message_table.c.id == message.id, message_table.c.state.in_(froms))
    values = {"dlr": said.dlr, "ptt": said.ptt, "delivered_at": at, "receipt_due_at": None, "poll_at": None}
    return tx.execute(open_still.values(state=state, **values)).rowcount == 1


def give_up(tx: Connection, message: messages.SmsMessage) -> bool:
    """Note that the time for a receipt is over; false where one came, or another replica was first."""
    awaited = (state_is(message_table.c.state, MessageState.SENT), message_table.c.receipt_due_at.isnot(None))
    mine = update(message_table).where(message_table.c.id == message.id, *awaited)
    return tx.execute(mine.values(receipt_due_at=None)).rowcount == 1
