"""What becomes of a message after an attempt, a look-up or a receipt, of its notifications, and of its incident."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from alertsms.core.incidents.escalation import last_of_round, unreached
from alertsms.core.incidents.incident import Event, EventKind, IncidentState, event_of
from alertsms.core.messages.message import LOOKUPS, MessageState
from alertsms.core.messages.notification import Notification, NotificationKind, NotificationState
from alertsms.core.routing.roster import Roster
from alertsms.core.text.subject import masked
from alertsms.store import cancellation, fallback, history, incidents, messages, notifications, receipts, recipients
from alertsms.store.messages import SmsMessage
from alertsms.store.schema import incident_table, message_table, notification_table, state_is

TRIES = (
    3  # how often a step is paged in one round when OVHcloud lost its SMS; each time is a message with its own copies
)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The ends but `messages.sent`, each in a transaction; false or None where somebody else holds the message by now.

    Lock the incidents (messages.lock) before a receipt is written down: intake does.
    """

    roster: Callable[[], Roster]

    def retry(
        self, tx: Connection, message: SmsMessage, now: datetime, *, due_at: datetime, error: str
    ) -> MessageState | None:
        """Certainly not sent: again at `due_at`, unless nobody needs it any more."""
        messages.lock(tx, message.id)
        if not messages.move(tx, message, MessageState.QUEUED, due_at=due_at, error=error):
            return None
        messages.note_attempt(tx, message, now, "retry", error)
        return self._drop(tx, message, now)

    def _drop(self, tx: Connection, message: SmsMessage, now: datetime) -> MessageState:
        """Cancel what waits to be sent if its incident is over; its people hear once that it came and went."""
        if notifications.wanted(tx, message.id, now) or not messages.cancel(tx, message.id):
            return MessageState.QUEUED
        notifications.let_go(tx, message.id, now)
        return MessageState.CANCELLED

    def resend(self, tx: Connection, message: SmsMessage, now: datetime) -> MessageState | None:
        """OVH has none, or cannot say: one more copy, which is counted."""
        if not messages.move(tx, message, MessageState.QUEUED, due_at=now, resends=message.resends + 1, resent_at=now):
            return None
        messages.note_attempt(tx, message, now, "resent")
        return self._drop(tx, message, now)

    def unknown(self, tx: Connection, message: SmsMessage, now: datetime, *, error: str) -> bool:
        """The answer was lost: OVH may have it, a look-up is to tell."""
        moved = messages.move(
            tx, message, MessageState.UNKNOWN, unknown_since=now, due_at=now + LOOKUPS[0], error=error
        )
        if moved:
            messages.note_attempt(tx, message, now, "unknown", error)
        return moved

    def unneeded(self, tx: Connection, message: SmsMessage, now: datetime) -> bool:
        """OVH has none and nobody needs it any more."""
        if not messages.move(tx, message, MessageState.CANCELLED):
            return False
        messages.note_attempt(tx, message, now, "unneeded")
        notifications.let_go(tx, message.id, now)
        return True

    def failed(self, tx: Connection, message: SmsMessage, now: datetime, *, error: str, refused: bool = False) -> bool:
        """Given up: the person's next number, or else the incident's next step.

        `refused`: OVH will never take it for this number.
        """
        messages.lock(tx, message.id)
        if not messages.move(tx, message, MessageState.FAILED, error=error):
            return False
        messages.note_attempt(tx, message, now, "refused" if refused else "given_up", error)
        roster = self.roster()
        person = roster.people.get(message.person)
        carried = notifications.of_message(tx, message.id)  # several have one number: that of the first
        if person and carried and carried[0].phone + 1 < len(person.phones):
            notifications.requeue(tx, message.id, now, phone=carried[0].phone + 1)
            carried = notifications.of_message(tx, message.id)
        over = [page for page in carried if page.kind is NotificationKind.PAGE]
        cancellation.release(tx, [page.id for page in over], NotificationState.CANCELLED, now)
        why = NotificationKind.UNREACHED if refused else NotificationKind.UNSENT
        for page in over:
            move_on(tx, roster, page.incident_id or 0, refused=refused, now=now, why=why)
        return True

    def plainer(self, tx: Connection, message: SmsMessage, now: datetime, *, error: str) -> bool:
        """The text was refused for contact information: once more, plainer; false where it was plain already."""
        messages.lock(tx, message.id)
        plain = any(page.plain for page in notifications.of_message(tx, message.id))
        if plain or not messages.move(tx, message, MessageState.FAILED, error=error):
            return False
        messages.note_attempt(tx, message, now, "plainer", error)
        notifications.requeue(tx, message.id, now, plain=True)
        notifications.let_go(tx, message.id, now)
        return True

    # What receipts say, or none in time.

    def delivered(
        self, tx: Connection, message: SmsMessage, said: receipts.ReceiptReport, now: datetime
    ) -> datetime | None:
        """The phone has it, even if late. Returns when; None where that was known already."""
        at = min(max(said.delivered_at or now, message.sent_at or now), now)  # OVH writes whole seconds, by its clock
        if not receipts.end(tx, message, MessageState.DELIVERED, said, at):
            return None
        late = "_late" if message.state is MessageState.UNDELIVERED else ""
        messages.note_attempt(tx, message, now, f"delivered{late}", said.words, kind=EventKind.RECEIPT)
        return at

    def undelivered(
        self, tx: Connection, message: SmsMessage, said: receipts.ReceiptReport, now: datetime
    ) -> int | None:
        """The phone will not get it: the person's next number, or else the incident moves on where nobody got it.

        Returns how many pages were added; None where that was known already.
        """
        if not receipts.end(tx, message, MessageState.UNDELIVERED, said):
            return None
        messages.note_attempt(tx, message, now, "undelivered", said.words, kind=EventKind.RECEIPT)
        wanted = wanted_still(tx, message.id)
        added = self._next_number(tx, wanted, now)
        if not added:
            for number in {page.incident_id for page in wanted if page.incident_id}:
                refused = said.judgement.permanent
                move_on(tx, self.roster(), number, refused=refused, now=now, why=NotificationKind.UNREACHED)
        return added

    def unheard(self, tx: Connection, message: SmsMessage, now: datetime, *, broken: bool) -> int | None:
        """No receipt in time: the person's next number, unless receipts are broken; then waits alone decide.

        Behind the last number the fallback's channels are told, unless another phone has it or may have it.
        Returns how many pages were added; None where a receipt came, or another replica was first.
        """
        if not receipts.give_up(tx, message):
            return None
        messages.note_attempt(tx, message, now, "none_in_time", kind=EventKind.RECEIPT)
        wanted = wanted_still(tx, message.id)
        added = 0 if broken else self._next_number(tx, wanted, now)
        if not added and not broken:
            fallback.unheard(tx, {page.incident_id for page in wanted if page.incident_id}, self.roster().team, now)
        return added

    def _next_number(self, tx: Connection, wanted: Iterable[Notification], now: datetime) -> int:
        """Page the next number of each page's person, once however often it is asked for."""
        people = self.roster().people
        following = [
            replace(
                page,
                id=0,
                phone=page.phone + 1,
                state=NotificationState.QUEUED,
                due_at=now,
                created_at=now,
                message_id=None,
            )
            for page in wanted
            if page.person in people and page.phone + 1 < len(people[page.person].phones)
        ]
        added = recipients.add(tx, following)
        if added:
            incidents.note_events(
                tx,
                [
                    Event(
                        incident_id=page.incident_id,
                        episode=page.episode,
                        at=now,
                        kind=EventKind.MOVED_ON,
                        reason="next_number",
                        detail=f"{page.person} {masked(people[page.person].phones[page.phone].e164)}",
                    )
                    for page in following
                    if page.incident_id
                ],
            )
        return added


def move_on(
    tx: Connection, roster: Roster, number: int, *, refused: bool, now: datetime, why: NotificationKind
) -> None:
    """A message ended badly: the next step follows where this one reached nobody, after a whole round the fallback."""
    for incident in incidents.get(tx, [number]):
        paged = history.progress(tx, [number])
        if incident.state is IncidentState.OPEN and not history.step_reached(paged, incident):
            team, round_reached = roster.team(incident.team), history.step_reached(paged, incident, whole_round=True)
            if not round_reached and last_of_round(incident, team, now):
                fallback.notify(tx, incident, why, roster.team, now)
            lost = why is NotificationKind.UNSENT and history.tries(paged, incident) < TRIES
            change = unreached(incident, team=team, refused=refused, round_reached=round_reached, now=now, lost=lost)
            incidents.save(tx, [change])
            incidents.note_events(tx, [event_of(incident, now, EventKind.MOVED_ON, "unreached", team.name)])


def wanted_still(tx: Connection, message_id: int) -> list[Notification]:
    """The pages of a message that are still needed, but for those that a newer page to the same person replaces."""
    return [recipients.notification(row) for row in tx.execute(_WANTED_STILL, {"message": message_id}).mappings()]


_NEWER = notification_table.alias("newer")
_REPLACED = (
    select(_NEWER.c.id)
    .where(*(_NEWER.c[name] == notification_table.c[name] for name in ("incident_id", "person", "episode")))
    .where(_NEWER.c.kind == NotificationKind.PAGE, _NEWER.c.state != NotificationState.CANCELLED)
    .where(_NEWER.c.nth > notification_table.c.nth)
    .exists()
)
_WANTED_STILL = (
    select(notification_table)
    .join(incident_table, notification_table.c.incident_id == incident_table.c.id)
    .where(
        notification_table.c.message_id == bindparam("message"),
        notification_table.c.state != NotificationState.CANCELLED,
    )
    .where(cancellation.PAGE_NEEDED, ~_REPLACED)
    .order_by(notification_table.c.id)
)


def orphans(tx: Connection, now: datetime, *, all_of_them: bool = False) -> int:
    """Messages whose sender is gone become unknown; returns how many.

    `all_of_them`: this process just started and holds the file alone, so nobody else can be sending. Else not those
    that are being marked just now.
    """
    sending = state_is(message_table.c.state, MessageState.SENDING)
    lost = sending
    if not all_of_them:
        over = select(message_table.c.id).where(sending, message_table.c.lease_until <= now)
        lost = message_table.c.id.in_(over.with_for_update(skip_locked=True))
    values = {
        "state": MessageState.UNKNOWN,
        "unknown_since": now,
        "due_at": now + LOOKUPS[0],
        "lease_owner": "",
        "lease_until": None,
        "error": "the sender stopped before OVH's answer was written down",
    }
    released = (state_is(message_table.c.state, MessageState.UNKNOWN)) & message_table.c.lease_until.isnot(None)
    if all_of_them:
        tx.execute(update(message_table).where(released).values(lease_owner="", lease_until=None))
    return tx.execute(update(message_table).where(lost).values(values)).rowcount
