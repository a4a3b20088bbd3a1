"""The door for messages whose answer was lost: asks OVH by tag before a copy goes out."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from datetime import datetime

from sqlalchemy import Connection

from alertsms.context import Context
from alertsms.core.messages.circuit_breaker import BreakerState
from alertsms.core.messages.message import (
    LookupDecision,
    LookupResult,
    MessageState,
    UncertainMessage,
    after_lookup,
    proves,
)
from alertsms.core.messages.trouble import Hindrance, Trouble
from alertsms.delivery.accounts import FIRST, STANDBY, Accounts
from alertsms.delivery.rate_limiter import RateLimiter
from alertsms.logs import event
from alertsms.ovh.error import Certainty, OvhError, moved
from alertsms.store import outbox, pages
from alertsms.store.engine import StoreError
from alertsms.store.outbox import SmsMessage
from alertsms.store.outcomes import Outcomes
from alertsms.worker import FORGOTTEN_SECONDS, LOOK, FailureWatch

log = logging.getLogger("alertsms.lookup")


class Lookup:
    """Ends the doubt about one message at a time; many threads share it."""

    def __init__(
        self,
        *,
        context: Context,
        ways: Accounts,
        throttle: RateLimiter,
        wake: Callable[[], None],
    ) -> None:
        self._store, self._ways, self._throttle = context.store, ways, throttle
        self._metrics, self._clock, self._wake = context.metrics, context.clock, wake
        self._marks = Outcomes(context.roster)
        self._pulse = FailureWatch(forgets=FORGOTTEN_SECONDS)

    def troubles(self) -> Iterator[Trouble]:
        """Look-ups that break, or whose outcome cannot be stored."""
        yield from self._pulse.trouble("part:look-up", "its look-up of lost answers", Hindrance.SENDING, LOOK)

    def step(self, message: SmsMessage) -> None:
        """Ask OVH about one unknown message and act on what it says; give its place back."""
        try:
            self._look(message)
            self._pulse.good()
        except StoreError as error:
            self._pulse.bad(error, store=True)
            event(
                log,
                logging.ERROR,
                "a look-up could not be written down, OVH is asked again",
                tag=message.tag,
                why=str(error),
            )
        except Exception as error:
            self._pulse.bad(error)
            log.exception("a look-up failed in a way nobody foresaw", extra={"fields": {"tag": message.tag}})
        finally:
            self._throttle.give_back(message.person)
            self._wake()

    def _look(self, message: SmsMessage) -> None:
        found: int | None = None
        why = ""
        asked = self._clock()
        last = proves(message.unknown_since or asked, asked)
        try:
            found = self._find(message, pending=last)
            finding = LookupResult.FOUND if found is not None else LookupResult.ABSENT if last else LookupResult.EARLY
            self._throttle.speed_up()
        except OvhError as error:
            finding, why = LookupResult.SILENT, str(error)
            if error.status == 429:
                self._throttle.slow_down(time.monotonic())
            if moved(error):  # found out before any message was sent, after a start
                self._ways.failed(message.account, error, asked, self._clock())
        now = self._clock()
        step = self._store.transact(lambda tx: self._decide(tx, message, finding, found, now))
        if step is None or step is LookupDecision.WAIT:
            return
        self._metrics.unknown.labels(step.value).inc()
        if step is LookupDecision.FOUND:
            self._ways.found(message.account, now)
            self._metrics.accepted(message.team, message.segments, (now - message.asked_at).total_seconds())
        elif step in (LookupDecision.ABSENT, LookupDecision.UNCONFIRMED, LookupDecision.CANCEL):
            outcome = "cancelled" if step is LookupDecision.CANCEL else "failed"
            self._metrics.sms.labels(message.team, outcome).inc()
        level = logging.ERROR if step in (LookupDecision.ABSENT, LookupDecision.UNCONFIRMED) else logging.WARNING
        event(
            log,
            level,
            "lost answer settled",
            **message.shown,
            resolution=step.value,
            ovh_id=found,
            resends=message.resends,
            why=why,
        )

    def _held(self, message: SmsMessage) -> bool:
        return self._ways.moved(message.account) is BreakerState.OPEN

    def _find(self, message: SmsMessage, *, pending: bool) -> int | None:
        """Ask the account that it went by. Raises OvhError."""
        outlet = self._ways.of(message.account)
        if self._held(message):  # what answers in its place says nothing
            raise OvhError(certainty=Certainty.TEMPORARY, message="calls are led to another address")
        if outlet is None:
            raise OvhError(certainty=Certainty.TEMPORARY, message="a reload took away the account that it went by")
        return outlet.sms.find(message.tag, message.number, message.text, pending=pending)

    def _decide(
        self, tx: Connection, message: SmsMessage, finding: LookupResult, found: int | None, now: datetime
    ) -> LookupDecision | None:
        """Decide and write in one transaction; None where somebody else held the message by now."""
        pages.lock(tx, message.id)
        doubt = UncertainMessage(
            since=message.unknown_since or now,
            resends=message.resends,
            resent_at=message.resent_at,
            wanted=pages.wanted(tx, message.id, now),
            shut=not self._ways.usable,
            spare=message.account == FIRST and self._ways.works(STANDBY),
            moved=self._ways.moved(message.account) is not None,
            held=self._held(message),
        )
        step, due = after_lookup(doubt, finding, now)
        moved = self._write(tx, message, step, due, found, now)
        return step if moved else None

    def _write(
        self, tx: Connection, message: SmsMessage, step: LookupDecision, due: datetime, found: int | None, now: datetime
    ) -> bool:
        marks = self._marks
        if step is LookupDecision.WAIT:
            return outbox.move(tx, message, MessageState.UNKNOWN, due_at=due)
        if step is LookupDecision.FOUND:
            # The account may be gone since a reload: then nobody is asked, and the time is that of the others.
            receipt_in = (self._ways.of(message.account) or self._ways.first).receipt_timeout
            sent = marks.sent(tx, message, now, ovh_id=found or 0, receipt_in=receipt_in)
            return sent is not None
        if step is LookupDecision.CANCEL:
            return marks.unneeded(tx, message, now)
        if step in (LookupDecision.RESEND, LookupDecision.STANDBY):
            return bool(marks.resend(tx, message, now))
        error = (
            "OVH could not say whether it has it"
            if step is LookupDecision.UNCONFIRMED
            else "OVH kept losing it: its answers were lost, it has none"
        )
        return marks.failed(tx, message, now, error=error)
