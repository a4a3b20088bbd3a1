"""What a receipt, or none in time, means for a message, its person's next number, and its incident."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from alertsms.core.incidents.timeline import Event, EventKind
from alertsms.core.messages.message import MessageState
from alertsms.core.messages.notification import Notification, NotificationKind, PageState
from alertsms.core.routing.roster import Roster
from alertsms.store import events, fallback, pages, receipts, recipients
from alertsms.store.outbox import SmsMessage
from alertsms.store.receipts import ReceiptReport
from alertsms.store.send_outcomes import move_on, tell


@dataclass(frozen=True, slots=True)
class ReceiptOutcomes:
    """The ends of a message that OVH accepted, each within a transaction; None where that end was known already.

    Lock the incidents (pages.lock) first: intake does.
    """

    roster: Callable[[], Roster]

    def delivered(self, tx: Connection, message: SmsMessage, said: ReceiptReport, now: datetime) -> datetime | None:
        """The phone has it, even if late. Returns when; None where that was known already."""
        at = min(max(said.delivered_at or now, message.sent_at or now), now)  # OVH writes whole seconds, by its clock
        if not receipts.end(tx, message, MessageState.DELIVERED, said, at):
            return None
        reason = "delivered_late" if message.state is MessageState.UNDELIVERED else "delivered"
        tell(tx, message, now, reason, said.words, kind=EventKind.RECEIPT)
        return at

    def undelivered(self, tx: Connection, message: SmsMessage, said: ReceiptReport, now: datetime) -> int | None:
        """The phone will not get it: the person's next number, or else the incident moves on where nobody got it.

        Returns how many pages were added; None where that was known already.
        """
        if not receipts.end(tx, message, MessageState.UNDELIVERED, said):
            return None
        tell(tx, message, now, "undelivered", said.words, kind=EventKind.RECEIPT)
        wanted = pages.wanted_still(tx, message.id)
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
        tell(tx, message, now, "none_in_time", kind=EventKind.RECEIPT)
        wanted = pages.wanted_still(tx, message.id)
        added = 0 if broken else self._next_number(tx, wanted, now)
        if not added and not broken:
            fallback.unheard(tx, {page.incident_id for page in wanted if page.incident_id}, self.roster().team, now)
        return added

    def _next_number(self, tx: Connection, wanted: Iterable[Notification], now: datetime) -> int:
        """Page the next number of each page's person, once however often it is asked for."""
        people = self.roster().people
        following = [
            replace(
                page, id=0, phone=page.phone + 1, state=PageState.QUEUED, due_at=now, created_at=now, message_id=None
            )
            for page in wanted
            if page.person in people and page.phone + 1 < len(people[page.person].phones)
        ]
        added = recipients.add(tx, following)
        if added:
            events.note(
                tx,
                [
                    Event(
                        incident_id=page.incident_id,
                        episode=page.episode,
                        at=now,
                        kind=EventKind.MOVED_ON,
                        reason="next_number",
                        detail=f"{page.person} {people[page.person].phones[page.phone].masked}",
                    )
                    for page in following
                    if page.incident_id
                ],
            )
        return added
