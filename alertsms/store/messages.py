"""Messages as rows: claimed under a lease, moved along the edges of core's state machine, each by one UPDATE."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Executable,
    Integer,
    ScalarSelect,
    Select,
    bindparam,
    case,
    func,
    insert,
    or_,
    select,
    update,
)

from alertsms.core.incidents.incident import EventKind
from alertsms.core.messages.message import EDGES, MAX_RESENDS, POLLS, MessageState
from alertsms.core.messages.notification import NotificationKind, NotificationState
from alertsms.core.text.subject import masked
from alertsms.store import incidents
from alertsms.store.schema import Time, incident_table, message_table, notification_table, state_is

LEASE = timedelta(seconds=30)  # at least; a call that may take longer needs more
LOW = 20  # bits of an id below its milliseconds
ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, kw_only=True, slots=True)
class Lease:
    """Who sends or looks up a message, and until when nobody else may."""

    owner: str
    until: datetime
    account: str = "first"  # by which account what is claimed leaves
    spare: str = ""  # the one for what used up its copies on the first; "" the same


@dataclass(frozen=True, kw_only=True, slots=True)
class SmsMessage:
    """One SMS as stored."""

    id: int
    tag: str
    person: str
    team: str
    number: str
    text: str
    segments: int
    kind: str
    priority: int
    state: MessageState = MessageState.SENDING
    attempts: int = 1
    resends: int = 0
    resent_at: datetime | None = None
    unknown_since: datetime | None = None
    due_at: datetime
    lease_owner: str
    lease_until: datetime | None = None
    ovh_id: int | None = None
    asked_at: datetime
    created_at: datetime
    sent_at: datetime | None = None
    credits: float | None = None
    error: str = ""
    account: str = "first"  # which account its last attempt went by: first or standby
    digest: int | None = None  # its number where it carries several pages
    streak: int = 0  # which text of its storm, from 1; 0 outside of one
    receipt_due_at: datetime | None = None
    poll_at: datetime | None = None
    polls: int = 0
    dlr: int | None = None
    ptt: int | None = None
    delivered_at: datetime | None = None

    @property
    def certainly_unsent(self) -> bool:
        """Whether it never left for certain. What OVH may have keeps its text: a look-up knows it by that."""
        return self.unknown_since is None and not self.resends

    @property
    def shown(self) -> dict[str, object]:
        """What logs may tell of it."""
        number = masked(self.number)
        about = _LINK.sub("", self.text).strip()  # it names alerts and numbers; whoever has the link can answer
        return {"tag": self.tag, "person": self.person, "number": number, "attempt": self.attempts, "text": about}


_LINK = re.compile(r"https?://\S+")
COLUMNS = tuple(SmsMessage.__dataclass_fields__)
_VALUES = attrgetter(*COLUMNS)


class Ids:
    """Message ids in time order, so that their index grows at one end; with the tag that goes to OVH."""

    def __init__(self, installation: str) -> None:
        """`installation`: four characters that tell its tags from those of others on the same account."""
        self._installation = installation
        self._lock = threading.Lock()
        self._last = 0

    def next(self, now: datetime) -> tuple[int, str]:
        """A new id and its tag: 16 characters (http2sms refuses more than 20), its milliseconds and its low bits."""
        with self._lock:
            self._last = max(self._last + 1, int(now.timestamp() * 1000) << LOW | secrets.randbits(18))
            number = self._last
        return number, self._installation + _base36(number >> LOW, 8) + _base36(number % (1 << LOW), 4)


def _base36(number: int, width: int) -> str:
    digits = ""
    for _ in range(width):
        number, digit = divmod(number, 36)
        digits = ALPHABET[digit] + digits
    return digits


def message(row: Any) -> SmsMessage:  # noqa: ANN401 - a row's mapping
    """A row as a value."""
    return SmsMessage(**{**row, "state": MessageState(row["state"])})


def add(tx: Connection, rows: Sequence[SmsMessage]) -> None:
    """Store messages, claimed by the one who will send them."""
    tx.execute(_INSERT, [dict(zip(COLUMNS, _VALUES(row), strict=True)) for row in rows])


def due(
    tx: Connection, state: MessageState, now: datetime, limit: int, passing_over: Collection[str] = ()
) -> list[SmsMessage]:
    """Messages in `state` (queued or unknown) that are due and not leased, the most severe and oldest first."""
    values = {"now": now, "most": limit, "full": sorted(passing_over)}
    return [message(row) for row in tx.execute(_due(state), values).mappings()]


_INSERT = insert(message_table)  # built once, as all are: building one costs twice as much as SQLite's work on it


@cache
def _due(state: MessageState) -> Select[Any]:
    now = bindparam("now", type_=Time)
    return (
        select(message_table)
        .where(state_is(message_table.c.state, state), message_table.c.due_at <= now, _free(now))
        .where(message_table.c.person.not_in(bindparam("full", expanding=True)))
        .order_by(message_table.c.priority, message_table.c.due_at, message_table.c.id)
        .limit(bindparam("most", type_=Integer))
    )


def _free(now: BindParameter[Any]) -> ColumnElement[bool]:
    # By the clock that replicas share, which is PostgreSQL's but for its steps. `clock_timestamp()` would let each
    # lease end at once where that is set forward, while its holder still sends: leases move with what else is
    # pending, once. A replica that stood still compares an earlier time, so it takes nothing from anybody.
    return or_(message_table.c.lease_until.is_(None), message_table.c.lease_until <= now)


def claim(tx: Connection, state: MessageState, ids: Collection[int], lease: Lease, now: datetime) -> list[SmsMessage]:
    """Lease messages that are still in `state`: queued ones become sending, unknown ones stay what they are.

    What is to be sent takes the lease's account, or its spare one where the copies by the first are used up.
    """
    values: dict[str, Any] = {"ids": list(ids), "now": now, "owner": lease.owner, "until": lease.until}
    if state is MessageState.QUEUED:
        values |= {"way": lease.account, "spare": lease.spare or lease.account}
    return [message(row) for row in tx.execute(_claim(state), values).mappings()]


@cache
def _claim(state: MessageState) -> Executable:
    values: dict[str, Any] = {"lease_owner": bindparam("owner"), "lease_until": bindparam("until")}
    if state is MessageState.QUEUED:
        account = case((message_table.c.resends > MAX_RESENDS, bindparam("spare")), else_=bindparam("way"))
        values |= {"state": MessageState.SENDING, "attempts": message_table.c.attempts + 1, "account": account}
    free = select(message_table.c.id).where(
        message_table.c.id.in_(bindparam("ids", expanding=True)),
        state_is(message_table.c.state, state),
        _free(bindparam("now", type_=Time)),
    )
    chosen = message_table.c.id.in_(free.with_for_update(skip_locked=True))
    return update(message_table).where(chosen).values(values).returning(message_table)


def move(tx: Connection, mine: SmsMessage, to: MessageState, **values: Any) -> bool:  # noqa: ANN401
    """Move a message that we hold along one edge and give its lease back; false where the lease was lost.

    The attempt tells this lease from a later one of the same process. Raises ValueError where there is no such edge.
    """
    if to is not mine.state and to not in EDGES[mine.state]:
        raise ValueError(f"no message goes from {mine.state} to {to}")
    values |= {"state": to, "lease_owner": "", "lease_until": None}
    held = {"mine": mine.id, "held": mine.state, "holder": mine.lease_owner, "attempt": mine.attempts}
    return tx.execute(_HELD, held | values).rowcount == 1


_HELD = update(message_table).where(
    message_table.c.id == bindparam("mine"),
    message_table.c.state == bindparam("held"),
    message_table.c.lease_owner == bindparam("holder"),
    message_table.c.attempts == bindparam("attempt"),
)  # sets the columns that it is executed with


def sent(
    tx: Connection,
    message: SmsMessage,
    now: datetime,
    *,
    ovh_id: int,
    receipt_in: timedelta,
    credits: float | None = None,  # noqa: A002
) -> int | None:
    """OVH has it: OKs that waited behind its pages follow, the reminder counts from now, and so does the receipt.

    Without `credits` a look-up says so, and nobody knows since when.
    Returns how many OKs are due now, None where the lease was lost.
    """
    lock(tx, message.id)
    held = move(
        tx,
        message,
        MessageState.SENT,
        ovh_id=ovh_id,
        credits=credits,
        sent_at=now,
        error="",
        poll_at=now + min(POLLS[0], receipt_in),
        receipt_due_at=now + receipt_in if message.kind == NotificationKind.PAGE else None,
        unknown_since=message.unknown_since or (message.created_at if credits is None else None),
    )
    if not held:
        return None
    paid = "" if credits is None else f", {credits:g} {'credit' if credits == 1 else 'credits'}"
    reason = "found" if credits is None else "accepted"
    note_attempt(tx, message, now, reason, f"OVH id {ovh_id}, tag {message.tag}{paid}")
    if message.kind != NotificationKind.PAGE:
        return 0
    incidents.note_paged(tx, message.id, now)
    return follow(tx, message.id, now)


def follow(tx: Connection, message_id: int, now: datetime) -> int:
    """The pages of a message left: the OKs that wait behind them are due now. Returns how many."""
    return tx.execute(_FOLLOW, {"message": message_id, "state": NotificationState.QUEUED, "due_at": now}).rowcount


_CARRIED = notification_table.alias("carried")
_FOLLOW = update(notification_table).where(
    notification_table.c.after_page.in_(select(_CARRIED.c.id).where(_CARRIED.c.message_id == bindparam("message"))),
    state_is(notification_table.c.state, NotificationState.WAITING),
)


def note_attempt(
    tx: Connection, message: SmsMessage, now: datetime, reason: str, said: str = "", kind: EventKind = EventKind.ATTEMPT
) -> None:
    """Note one attempt or receipt in the timelines of a message's incidents. Before its pages are taken from it."""
    what = f"digest #{message.digest}" if message.digest else _TEXTS.get(message.kind, "OK")
    way = " by the stand-by" if message.account == "standby" else ""
    detail = f"{what} to {message.person} ({masked(message.number)}){way}"
    said = _QUERY.sub("", said)  # OVH's query id is another one each time: the same failure counts up
    incidents.note_attempt(
        tx, message.id, at=now, kind=kind, reason=reason, detail=f"{detail}: {said}" if said else detail
    )


_TEXTS = {NotificationKind.PAGE.value: "SMS", NotificationKind.TAKEN.value: "who has it,"}
_QUERY = re.compile(r" \(query [^)]*\)$")


def lock(tx: Connection, *message_ids: int) -> None:
    """Lock the incidents that messages are about, before the messages themselves: intake takes them in this order.

    Else PostgreSQL could let a page leave while its incident is being closed, and the OK would wait behind it for good.
    """
    if tx.dialect.name == "postgresql":
        about = select(notification_table.c.incident_id).where(notification_table.c.message_id.in_(message_ids))
        query = select(incident_table.c.id).where(incident_table.c.id.in_(about)).order_by(incident_table.c.id)
        tx.execute(query.with_for_update())


def cancel(tx: Connection, message_id: int) -> bool:
    """Cancel a queued message that nobody needs any more."""
    queued = (message_table.c.id == message_id, state_is(message_table.c.state, MessageState.QUEUED))
    return tx.execute(update(message_table).where(*queued).values(state=MessageState.CANCELLED)).rowcount == 1


def any_waiting(tx: Connection) -> bool:
    """Whether any message is queued or unknown: mostly none is, and nothing else need be asked."""
    return bool(tx.execute(_ANY_WAITING).scalar())


_ANY_WAITING = select(
    or_(
        *(
            select(message_table.c.id).where(state_is(message_table.c.state, state)).exists()
            for state in (MessageState.QUEUED, MessageState.UNKNOWN)
        )
    )
)


def next_due(tx: Connection, after: datetime) -> datetime | None:
    """When the next queued or unknown message becomes due."""
    return min(filter(None, tx.execute(_NEXT_DUE, {"after": after}).one()), default=None)


def _first(state: MessageState) -> ScalarSelect[Any]:
    later = message_table.c.due_at > bindparam("after", type_=Time)
    first = select(func.min(message_table.c.due_at, type_=Time)).where(state_is(message_table.c.state, state), later)
    return first.scalar_subquery()


_NEXT_DUE = select(_first(MessageState.QUEUED).label("queued"), _first(MessageState.UNKNOWN).label("unknown"))
