"""Pages as rows: who is to be told what, from a decision about an incident until a message carries it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, bindparam, case, insert, select, update

from alertsms.core.incidents.incident import Change, IncidentReason
from alertsms.core.incidents.timeline import NotifiedPeople, told_words
from alertsms.core.messages.digest_plan import DueNotification
from alertsms.core.messages.notification import Notification, NotificationKind, PageState
from alertsms.core.routing.roster import Roster
from alertsms.core.text.answered import DROPPED
from alertsms.store import channels, fallback
from alertsms.store.cancellation import PAGE_NEEDED, REQUEUE, WANTED, close, flap, release, reopen
from alertsms.store.incidents import COLUMNS, groups, incident_of, spared
from alertsms.store.recipients import RecipientSelection, add, notification
from alertsms.store.schema import BY_SMS, Time, incident_table, page_table, state_is


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """What a set of changes did to the outbox, for metrics and wake-ups after the commit."""

    pages: int = 0  # pages of firing alerts
    oks: int = 0  # texts that say it is over
    cancelled: tuple[str, ...] = ()  # the team of each message that will not leave
    unanswered: tuple[str, ...] = ()  # the team of each incident whose rounds are over
    by_incident: Mapping[int, NotifiedPeople] = field(default_factory=dict)

    def heard(self, number: int) -> NotifiedPeople:
        """Who hears of what happened to one of the incidents."""
        return self.by_incident.get(number, _NOBODY)


_NOBODY = NotifiedPeople()


def write(
    tx: Connection, changes: Sequence[Change], roster: Roster, now: datetime, others: Collection[int] = ()
) -> Written:
    """Write what the changes of incidents mean for people: cancel, say OK, page, tell the fallback, in this order.

    `others` are open incidents of the same alerts in other teams: whom they paged is not paged again.
    """
    closing = [change for change in changes if change.closes is not None]
    oks, cancelled = close(tx, closing, roster, now) if closing else ([], [])
    if closing:
        channels.over(tx, closing, roster, now)
    flapping = [change for change in changes if change.flaps]
    if flapping:
        oks += flap(tx, flapping, roster, now)
        channels.flap(tx, flapping, roster, now)
    cancelled += reopen(tx, [change.incident.id for change in changes if change.pages and _anew(change)], now)
    paging = [change for change in changes if change.pages]
    selection = RecipientSelection(now=now, told=_told_over(oks))
    if paging:
        selection.look(tx, paging, others)
    for change in paging:
        selection.ask(change, roster.team(change.incident.team), roster.people.get(change.also))
    add(tx, channels.also(selection.rows, selection.people, roster.team, now))
    oks_added, added = add(tx, oks), add(tx, selection.rows)
    spared(tx, selection.spared, now)
    unanswered = [change.incident for change in changes if change.exhausted]
    added += sum(
        fallback.notify(tx, incident, NotificationKind.UNANSWERED, roster.team, now) for incident in unanswered
    )
    return Written(
        oks=oks_added,
        pages=added,
        cancelled=tuple(cancelled),
        unanswered=tuple(incident.team for incident in unanswered),
        by_incident=selection.told,
    )


def _anew(change: Change) -> bool:
    """Whether something was said of the incident before that its new page makes untrue: that it is over, or taken."""
    return change.incident.episode > 0 or change.reason in (
        IncidentReason.ACK_TIMEOUT,
        IncidentReason.SNOOZE_OVER,
        IncidentReason.LEFT,
    )


def _told_over(oks: Sequence[Notification]) -> dict[int, NotifiedPeople]:
    told: dict[int, list[str]] = {}
    for ok in oks:
        told.setdefault(ok.incident_id or 0, []).append(told_words(ok))
    return {number: NotifiedPeople(informed=names) for number, names in told.items()}


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


def claim(tx: Connection, chosen: Mapping[int, int]) -> set[int]:
    """Make pages part of messages (page id -> message id); returns the messages whose page was still queued."""
    done = tx.execute(_CLAIM, [{"row": row, "message": number} for row, number in chosen.items()])
    if done.rowcount == len(chosen):
        return set(chosen.values())
    ours = select(page_table.c.message_id).where(
        page_table.c.id.in_(list(chosen)), state_is(page_table.c.state, PageState.CLAIMED)
    )
    return set(tx.execute(ours).scalars()) & set(chosen.values())


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


def anew(tx: Connection, message_id: int, now: datetime) -> None:
    """Let the pages of a message be told by another one: its number is gone. To the person's first number.

    Where that one had the page already, the place in the list stays: whatever number stands there now.
    """
    tx.execute(_ANEW, {"message": message_id, "now": now})


_FIRST = page_table.alias("first")
_SAME = [
    _FIRST.c[name] == page_table.c[name]
    for name in ("incident_id", "person", "destination", "kind", "episode", "round", "step", "nth")
]
_HAD = select(_FIRST.c.id).where(*_SAME, _FIRST.c.phone == 0, _FIRST.c.id != page_table.c.id).exists()
_ANEW = REQUEUE.values(phone=case((_HAD, page_table.c.phone), else_=0))


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
