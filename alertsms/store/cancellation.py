"""What an incident's end, or its return, means for the notifications of its people: sent, in flight or queued."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, case, select, update

from alertsms.core.incidents.incident import Change, Incident, IncidentReason, IncidentState
from alertsms.core.messages.message import ACCEPTED, IN_FLIGHT, MessageState
from alertsms.core.messages.notification import (
    LATE,
    ON_FLAP,
    ON_RESOLVE,
    PRIORITIES,
    Notification,
    NotificationKind,
    NotificationState,
    PageOutcome,
)
from alertsms.core.routing.roster import Roster
from alertsms.core.schedules.team import Team
from alertsms.store.incidents import groups
from alertsms.store.schema import BY_SMS, EPOCH, Time, incident_table, message_table, notification_table, state_is

Teams = Callable[[str], Team]  # a team by name; the root's where it is gone

OKS = (NotificationKind.RESOLVED, NotificationKind.MEANWHILE)

# Whose outcome decides about a person's OK: it waits for what is under way even if an earlier page left, since the OK
# must not arrive before the reminder.
_DECIDES = (
    PageOutcome.BETWEEN,
    PageOutcome.AWAY,
    PageOutcome.STUCK,
    PageOutcome.MISSED,
    PageOutcome.DOUBT,
    PageOutcome.FRESH,
    PageOutcome.OVER,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class UncancelledPage:
    """A page that is not cancelled, and where the message that carries it is (None: none does yet)."""

    row: Any  # its row
    sent: MessageState | None
    team: str  # of the message
    sent_at: datetime | None = None  # when OVH took the message
    shared: bool = False  # it waits to be sent, and will be: others need it
    doubtful: bool = False  # an answer to it was lost once

    def left(self, now: datetime) -> PageOutcome:
        """What happened to it so far."""
        if self.row.state == NotificationState.QUEUED:
            return PageOutcome.STUCK if self.row.phone or now - self.row.created_at > LATE else PageOutcome.FRESH
        if self.sent in ACCEPTED:
            return PageOutcome.MISSED if self.sent is MessageState.UNDELIVERED else PageOutcome.AWAY
        if self.sent in IN_FLIGHT or self.shared:
            return PageOutcome.BETWEEN
        if self.sent is MessageState.QUEUED:
            return PageOutcome.STUCK
        return PageOutcome.DOUBT if self.doubtful else PageOutcome.OVER


def close(
    tx: Connection, closing: Sequence[Change], roster: Roster, now: datetime
) -> tuple[list[Notification], list[str]]:
    """Cancel what has not left of these incidents.

    Returns the OKs to store, for those whose page left, and the team of each message that was cancelled.
    """
    changed = {change.incident.id: change for change in closing}
    pages = _shared(tx, _uncancelled(tx, changed, [NotificationKind.PAGE, NotificationKind.FLAPPING]))
    return list(_oks(pages, changed, roster, now)), _cancel(tx, pages, now)


def flap(tx: Connection, flapping: Sequence[Change], roster: Roster, now: datetime) -> list[Notification]:
    """Return one FLAPPING notification for each person whose page was sent.

    Queued pages are not cancelled; their text will say FLAPPING.
    """
    changed = {change.incident.id: change for change in flapping}
    return list(_oks(_shared(tx, _uncancelled(tx, changed, [NotificationKind.PAGE])), changed, roster, now))


def spare(tx: Connection, numbers: Sequence[int], now: datetime) -> tuple[list[UncancelledPage], list[str]]:
    """Cancel the pages of these incidents that were not sent: nobody needs them now.

    Returns their pages as they were, and the team of each message that was cancelled.
    """
    pages = _shared(tx, _uncancelled(tx, numbers, [NotificationKind.PAGE]))
    return pages, _cancel(tx, pages, now)


def reopen(tx: Connection, numbers: Collection[int], now: datetime) -> list[str]:
    """Cancel queued texts that say these incidents are over, or acknowledged: beside a page they mislead.

    Other notifications that shared such a message go back to the queue.
    Returns the team of each message that was cancelled.
    """
    pages = _uncancelled(tx, numbers, (*OKS, NotificationKind.TAKEN))
    teams = _cancel(tx, pages, now)
    stuck = [page.row for page in pages if page.sent is MessageState.QUEUED]
    for group in groups(row.id for row in stuck):
        tx.execute(
            update(notification_table)
            .where(notification_table.c.id.in_(group))
            .values(state=NotificationState.CANCELLED)
        )
    for message_id in {row.message_id for row in stuck}:
        tx.execute(REQUEUE, {"message": message_id, "now": now})
    return teams


def _uncancelled(
    tx: Connection, numbers: Collection[int], kinds: Collection[NotificationKind]
) -> list[UncancelledPage]:
    """The pages of these incidents that are not cancelled, locked: first the pages, then their messages."""
    values = [{"numbers": group, "kinds": kinds} for group in groups(numbers)]
    rows = [row for chosen in values for row in tx.execute(_UNCANCELLED, chosen)]
    carried = {row.id: row for chosen in values for row in tx.execute(_CARRIERS, chosen)} if rows else {}
    return [_with_carrier(row, carried.get(row.message_id)) for row in rows]


_CHOSEN = (
    notification_table.c.incident_id.in_(bindparam("numbers", expanding=True)),
    BY_SMS,
    notification_table.c.kind.in_(bindparam("kinds", expanding=True)),
    notification_table.c.state != NotificationState.CANCELLED,
)
_UNCANCELLED = select(notification_table).where(*_CHOSEN).order_by(notification_table.c.id).with_for_update()
_CARRIERS = (
    select(
        message_table.c.id,
        message_table.c.state,
        message_table.c.team,
        message_table.c.sent_at,
        message_table.c.unknown_since,
    )
    .join(notification_table, notification_table.c.message_id == message_table.c.id)
    .where(*_CHOSEN)
    .with_for_update(of=message_table)
)


def _shared(tx: Connection, pages: Sequence[UncancelledPage]) -> list[UncancelledPage]:
    """The same pages; `shared` where the queued message leaves all the same, since others in it are needed."""
    stuck = {page.row.message_id for page in pages if page.sent is MessageState.QUEUED}
    needed = {message_id for message_id in stuck if tx.execute(WANTED, {"message": message_id}).first() is not None}
    return [replace(page, shared=True) if page.row.message_id in needed else page for page in pages]


# Who needs a page: a notice always, a page while its episode lasts, an OK until it fires again, and who has it while
# somebody does.
_SAME_EPISODE = notification_table.c.episode == incident_table.c.episode
PAGE_NEEDED = (notification_table.c.kind == NotificationKind.PAGE) & (
    (incident_table.c.state == IncidentState.OPEN) & _SAME_EPISODE | (incident_table.c.reason == IncidentReason.TEST)
)
_ACKNOWLEDGED = incident_table.c.state.in_([IncidentState.ACKNOWLEDGED, IncidentState.CLOSED])
_NEEDED = (
    select(notification_table.c.id)
    .outerjoin(incident_table, notification_table.c.incident_id == incident_table.c.id)
    .where(
        notification_table.c.message_id == bindparam("message"),
        notification_table.c.state != NotificationState.CANCELLED,
    )
    .where(
        (notification_table.c.kind == NotificationKind.NOTICE)
        | (notification_table.c.kind == NotificationKind.TAKEN) & _ACKNOWLEDGED & _SAME_EPISODE
        | (notification_table.c.kind == NotificationKind.FLAPPING) & incident_table.c.flap_due_at.isnot(None)
        | PAGE_NEEDED
        | notification_table.c.kind.in_(OKS) & incident_table.c.state.in_([IncidentState.CLOSED, IncidentState.HELD])
    )
)
WANTED = _NEEDED.limit(1)
_AT_ONCE = bindparam("now", type_=Time)
REQUEUE = (  # due now, or as it was: what was not put off is still told from what was
    update(notification_table)
    .where(notification_table.c.id.in_(_NEEDED))
    .values(
        state=NotificationState.QUEUED,
        message_id=None,
        due_at=case((notification_table.c.due_at > _AT_ONCE, _AT_ONCE), else_=notification_table.c.due_at),
    )
)


def _with_carrier(row: Any, carried: Any) -> UncancelledPage:  # noqa: ANN401 - rows
    if carried is None:
        return UncancelledPage(row=row, sent=None, team=row.team)
    return UncancelledPage(
        row=row,
        sent=MessageState(carried.state),
        team=carried.team,
        sent_at=carried.sent_at,
        doubtful=carried.unknown_since is not None,
    )


def _cancel(tx: Connection, pages: Iterable[UncancelledPage], now: datetime) -> list[str]:
    """Cancel the pages and messages that still wait; returns the team of each such message."""
    waiting = [page.row.id for page in pages if page.row.state in (NotificationState.QUEUED, NotificationState.WAITING)]
    stuck = {page.row.message_id: page.team for page in pages if page.sent is MessageState.QUEUED and not page.shared}
    for group in groups(waiting):
        tx.execute(
            update(notification_table)
            .where(notification_table.c.id.in_(group))
            .values(state=NotificationState.CANCELLED)
        )
    for group in groups(stuck):
        tx.execute(update(message_table).where(message_table.c.id.in_(group)).values(state=MessageState.CANCELLED))
        # OKs of what resolved in it before, while others still needed it.
        within = select(notification_table.c.id).where(notification_table.c.message_id.in_(group))
        release(tx, list(tx.execute(within).scalars()), NotificationKind.MEANWHILE, now)
    return list(stuck.values())


def _oks(
    pages: Iterable[UncancelledPage], changed: Mapping[int, Change], roster: Roster, now: datetime
) -> Iterable[Notification]:
    """One OK for each person whose page of the ending episode left, or should have."""
    deciding: dict[tuple[int, str], tuple[PageOutcome, Any]] = {}
    for page in pages:
        row, left = page.row, page.left(now)
        place, change = (row.incident_id, row.person), changed[row.incident_id]
        ends = change.incident.episode if change.flaps else change.closes
        known, _ = deciding.get(place, (left, row))
        if row.kind == NotificationKind.PAGE and row.episode == ends and _DECIDES.index(left) <= _DECIDES.index(known):
            deciding[place] = left, row
    for (number, person), (left, row) in deciding.items():
        change, over = changed[number], changed[number].incident
        outcome = (ON_FLAP if change.flaps else ON_RESOLVE).get(left)
        # Whoever was relieved by somebody's acknowledgement, or wants no OKs, sleeps on; so does everybody when an
        # incident only went stale: nobody said that it is over. Who says so need not be told.
        tells = change.flaps or (change.tells and roster.team(over.team).send_resolved)
        if outcome and tells and person != change.by and _hears(person, over, left, roster):
            kind, state = outcome
            yield Notification(
                incident_id=number,
                person=person,
                team=over.team,
                kind=kind,
                priority=PRIORITIES[kind],
                due_at=now,
                created_at=now,
                state=state,
                episode=row.episode,
                nth=minute(now) if change.flaps else 0,
                phone=row.phone,
                after_page=row.id if state is NotificationState.WAITING else None,
            )


def _hears(person: str, over: Incident, left: PageOutcome, roster: Roster) -> bool:
    """Whether somebody's acknowledgement leaves a person the end: a name that is none of `people` relieves nobody."""
    if acknowledger := roster.acknowledger(over):
        return person == acknowledger
    # Who has it, by whatever name, may have learnt of it from an SMS that OVH took without a word.
    return left is not PageOutcome.DOUBT or bool(over.acked_by)


def minute(now: datetime) -> int:
    """What tells the texts of one episode apart: it may flap, fire for a while and flap again."""
    return (now - EPOCH) // timedelta(minutes=1)


def release(tx: Connection, ids: Collection[int], outcome: NotificationState | NotificationKind, now: datetime) -> None:
    """Decide the OKs, and the remarks, that wait behind these pages; a remark without its page tells nobody anything.

    CANCELLED: it failed, nobody was told. MEANWHILE: it will not leave any more.
    Whoever had an earlier page of the same episode gets the OK in any case.
    """
    waiting = (
        notification_table.c.after_page.in_(list(ids)),
        state_is(notification_table.c.state, NotificationState.WAITING),
    )
    follow = update(notification_table).where(*waiting).values(state=NotificationState.QUEUED, due_at=now)
    earlier = notification_table.alias("earlier")
    tx.execute(
        follow.where(
            select(earlier.c.id)
            .join(message_table, earlier.c.message_id == message_table.c.id)
            .where(
                earlier.c.incident_id == notification_table.c.incident_id,
                earlier.c.person == notification_table.c.person,
                earlier.c.episode == notification_table.c.episode,
                earlier.c.kind == NotificationKind.PAGE,
                message_table.c.state.in_(ACCEPTED),
            )
            .exists()
        )
    )
    if outcome is NotificationKind.MEANWHILE:
        oks = notification_table.c.kind.not_in([NotificationKind.TAKEN, NotificationKind.FLAPPING])
        tx.execute(follow.where(oks).values(kind=outcome))
    tx.execute(update(notification_table).where(*waiting).values(state=NotificationState.CANCELLED))
