"""What becomes of a message after an attempt or a look-up, of its pages, of what waits behind them, of its incident."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from alertsms.core.incidents.escalation import last_of_round, unreached
from alertsms.core.incidents.incident import IncidentState
from alertsms.core.incidents.timeline import Event, EventKind
from alertsms.core.messages.message import MessageState, first_lookup
from alertsms.core.messages.notification import NotificationKind, PageState
from alertsms.core.messages.receipt import first_poll
from alertsms.core.routing.roster import Roster
from alertsms.core.schedules.person import PhoneNumber
from alertsms.store import cancellation, events, fallback, incidents, outbox, pages, reached
from alertsms.store.outbox import SmsMessage

TRIES = 3  # so often a step whose SMS OVHcloud loses is paged in one round: each of them is a message of some copies


@dataclass(frozen=True, slots=True)
class SendOutcomes:
    """The ends there are, each one transaction; false or None where somebody else holds the message by now."""

    roster: Callable[[], Roster]

    def sent(
        self,
        tx: Connection,
        message: SmsMessage,
        now: datetime,
        *,
        ovh_id: int,
        credits: float | None,  # noqa: A002
        receipt_in: timedelta,
        found: bool = False,
    ) -> int | None:
        """OVH has it: OKs that waited behind its pages follow, the reminder counts from now, and so does the receipt.

        `found`: a look-up says so, and nobody knows since when.
        Returns how many OKs are due now, None where the lease was lost.
        """
        pages.lock(tx, message.id)
        doubt = {"unknown_since": message.unknown_since or message.created_at} if found else {}
        receipt = {
            "poll_at": first_poll(now, receipt_in),
            "receipt_due_at": now + receipt_in if message.kind == NotificationKind.PAGE else None,
        }
        if not outbox.move(
            tx, message, MessageState.SENT, ovh_id=ovh_id, credits=credits, sent_at=now, error="", **receipt, **doubt
        ):
            return None
        paid = "" if credits is None else f", {credits:g} {'credit' if credits == 1 else 'credits'}"
        tell(tx, message, now, "found" if found else "accepted", f"OVH id {ovh_id}, tag {message.tag}{paid}")
        if message.kind != NotificationKind.PAGE:
            return 0
        incidents.note_paged(tx, message.id, now)
        return cancellation.follow(tx, message.id, now)

    def retry(
        self, tx: Connection, message: SmsMessage, now: datetime, *, due_at: datetime, error: str
    ) -> MessageState | None:
        """Certainly not sent: again at `due_at`, unless nobody needs it any more."""
        pages.lock(tx, message.id)
        if not outbox.move(tx, message, MessageState.QUEUED, due_at=due_at, error=error):
            return None
        tell(tx, message, now, "retry", error)
        return self._drop(tx, message, now)

    def _drop(self, tx: Connection, message: SmsMessage, now: datetime) -> MessageState:
        """Cancel what waits to be sent if its incident is over; its people hear once that it came and went."""
        if pages.wanted(tx, message.id, now) or not outbox.cancel(tx, message.id):
            return MessageState.QUEUED
        cancellation.release(
            tx, [page.id for page in pages.of_message(tx, message.id)], NotificationKind.MEANWHILE, now
        )
        return MessageState.CANCELLED

    def resend(self, tx: Connection, message: SmsMessage, now: datetime) -> MessageState | None:
        """OVH has none, or cannot say: one more copy, which is counted."""
        if not outbox.move(tx, message, MessageState.QUEUED, due_at=now, resends=message.resends + 1, resent_at=now):
            return None
        tell(tx, message, now, "resent")
        return self._drop(tx, message, now)

    def unknown(self, tx: Connection, message: SmsMessage, now: datetime, *, error: str) -> bool:
        """The answer was lost: OVH may have it, a look-up is to tell."""
        moved = outbox.move(tx, message, MessageState.UNKNOWN, unknown_since=now, due_at=first_lookup(now), error=error)
        if moved:
            tell(tx, message, now, "unknown", error)
        return moved

    def unneeded(self, tx: Connection, message: SmsMessage, now: datetime) -> bool:
        """OVH has none and nobody needs it any more."""
        if not outbox.move(tx, message, MessageState.CANCELLED):
            return False
        tell(tx, message, now, "unneeded")
        cancellation.release(
            tx, [page.id for page in pages.of_message(tx, message.id)], NotificationKind.MEANWHILE, now
        )
        return True

    def failed(self, tx: Connection, message: SmsMessage, now: datetime, *, error: str, refused: bool = False) -> bool:
        """Given up: the person's next number, or else the incident's next step.

        `refused`: OVH will never take it for this number.
        """
        pages.lock(tx, message.id)
        if not outbox.move(tx, message, MessageState.FAILED, error=error):
            return False
        tell(tx, message, now, "refused" if refused else "given_up", error)
        roster = self.roster()
        person = roster.people.get(message.person)
        carried = pages.of_message(tx, message.id)  # several have one number: that of the first
        if person and carried and carried[0].phone + 1 < len(person.phones):
            pages.requeue(tx, message.id, now, phone=carried[0].phone + 1)
            carried = pages.of_message(tx, message.id)
        over = [page for page in carried if page.kind is NotificationKind.PAGE]
        cancellation.release(tx, [page.id for page in over], PageState.CANCELLED, now)
        why = NotificationKind.UNREACHED if refused else NotificationKind.UNSENT
        for page in over:
            move_on(tx, roster, page.incident_id or 0, refused=refused, now=now, why=why)
        return True

    def plainer(self, tx: Connection, message: SmsMessage, now: datetime, *, error: str) -> bool:
        """The text was refused for contact information: once more, plainer; false where it was plain already."""
        pages.lock(tx, message.id)
        carried = pages.of_message(tx, message.id)
        if any(page.plain for page in carried) or not outbox.move(tx, message, MessageState.FAILED, error=error):
            return False
        tell(tx, message, now, "plainer", error)
        pages.requeue(tx, message.id, now, plain=True)
        over = [page.id for page in pages.of_message(tx, message.id)]
        cancellation.release(tx, over, NotificationKind.MEANWHILE, now)
        return True


def move_on(
    tx: Connection, roster: Roster, number: int, *, refused: bool, now: datetime, why: NotificationKind
) -> None:
    """A message of this incident ended badly: where its step reached nobody, the next one follows at once.

    Where the whole round reached nobody, the fallback is told.
    """
    for one in incidents.get(tx, [number]):
        paged = reached.progress(tx, [number])
        if one.state is IncidentState.OPEN and not reached.step_reached(paged, one):
            team, round_reached = roster.team(one.team), reached.step_reached(paged, one, whole_round=True)
            if not round_reached and last_of_round(one, team, now):
                fallback.unreached(tx, one, roster.team, now, kind=why)
            lost = why is NotificationKind.UNSENT and reached.tries(paged, one) < TRIES
            change = unreached(one, team=team, refused=refused, round_reached=round_reached, now=now, lost=lost)
            incidents.save(tx, [change])
            events.note(
                tx,
                [
                    Event(
                        incident_id=one.id,
                        episode=one.episode,
                        at=now,
                        kind=EventKind.MOVED_ON,
                        reason="unreached",
                        detail=team.name,
                    )
                ],
            )


def tell(
    tx: Connection, message: SmsMessage, now: datetime, reason: str, said: str = "", kind: EventKind = EventKind.ATTEMPT
) -> None:
    """One attempt or receipt for the stories of the incidents that a message is about. Before its pages leave it."""
    what = f"digest #{message.digest}" if message.digest else _TEXTS.get(message.kind, "OK")
    way = " by the stand-by" if message.account == "standby" else ""
    detail = f"{what} to {message.person} ({PhoneNumber(e164=message.number).masked}){way}"
    # OVH's query id is another one each time: the same failure counts up.
    said = _QUERY.sub("", said)
    events.about(tx, message.id, at=now, kind=kind, reason=reason, detail=f"{detail}: {said}" if said else detail)


_TEXTS = {NotificationKind.PAGE.value: "SMS", NotificationKind.TAKEN.value: "who has it,"}
_QUERY = re.compile(r" \(query [^)]*\)$")
