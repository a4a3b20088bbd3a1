"""The door for messages whose answer was lost: asks OVHcloud by tag before a copy goes out."""

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
from alertsms.store import messages, notifications
from alertsms.store.engine import StoreError
from alertsms.store.messages import SmsMessage
from alertsms.store.outcomes import Outcomes
from alertsms.worker import FORGOTTEN_SECONDS, LOOK, FailureWatch

log = logging.getLogger("alertsms.lookup")

ENDED_BADLY = (LookupDecision.ABSENT, LookupDecision.UNCONFIRMED)


class Lookup:
    """Ends the doubt about one message at a time; many threads share it."""

    def __init__(
        self,
        *,
        context: Context,
        accounts: Accounts,
        rate_limiter: RateLimiter,
        wake: Callable[[], None],
    ) -> None:
        self._store, self._accounts, self._rate_limiter = context.store, accounts, rate_limiter
        self._metrics, self._clock, self._wake = context.metrics, context.clock, wake
        self._outcomes = Outcomes(context.roster)
        self._pulse = FailureWatch(forgets=FORGOTTEN_SECONDS)

    def troubles(self) -> Iterator[Trouble]:
        """Look-ups that break, or whose outcome cannot be stored."""
        yield from self._pulse.trouble("part:look-up", "its look-up of lost answers", Hindrance.SENDING, LOOK)

    def step(self, message: SmsMessage) -> None:
        """Ask OVHcloud about one unknown message and act on what it says; give its place back."""
        try:
            self._look(message)
            self._pulse.good()
        except StoreError as error:
            self._pulse.bad(error, store=True)
            what = "a look-up could not be written down, OVH is asked again"
            event(log, logging.ERROR, what, tag=message.tag, why=str(error))
        except Exception as error:
            self._pulse.bad(error)
            log.exception("a look-up failed in a way nobody foresaw", extra={"fields": {"tag": message.tag}})
        finally:
            self._rate_limiter.give_back(message.person)
            self._wake()

    def _look(self, message: SmsMessage) -> None:
        ovh_id: int | None = None
        why = ""
        asked_at = self._clock()
        last = proves(message.unknown_since or asked_at, asked_at)
        try:
            ovh_id = self._find(message, pending=last)
            result = LookupResult.FOUND if ovh_id is not None else LookupResult.ABSENT if last else LookupResult.EARLY
            self._rate_limiter.speed_up()
        except OvhError as error:
            result, why = LookupResult.SILENT, str(error)
            if error.status == 429:
                self._rate_limiter.slow_down(time.monotonic())
            if moved(error):  # found out before any message was sent, after a start
                self._accounts.failed(message.account, error, asked_at, self._clock())
        now = self._clock()
        decision = self._store.transact(lambda tx: self._decide(tx, message, result, ovh_id, now))
        if decision is None or decision is LookupDecision.WAIT:
            return
        self._count(message, decision, now)
        event(
            log,
            logging.ERROR if decision in ENDED_BADLY else logging.WARNING,
            "lost answer settled",
            **message.shown,
            resolution=decision.value,
            ovh_id=ovh_id,
            resends=message.resends,
            why=why,
        )

    def _count(self, message: SmsMessage, decision: LookupDecision, now: datetime) -> None:
        self._metrics.unknown.labels(decision.value).inc()
        if decision is LookupDecision.FOUND:
            self._accounts.found(message.account, now)
            self._metrics.accepted(message.team, message.segments, (now - message.asked_at).total_seconds())
        elif decision is LookupDecision.CANCEL or decision in ENDED_BADLY:
            outcome = "cancelled" if decision is LookupDecision.CANCEL else "failed"
            self._metrics.sms.labels(message.team, outcome).inc()

    def _held(self, message: SmsMessage) -> bool:
        """Whether calls by its account are led to another address: what answers there says nothing."""
        return self._accounts.moved(message.account) is BreakerState.OPEN

    def _find(self, message: SmsMessage, *, pending: bool) -> int | None:
        """Ask the account that it went by. Raises OvhError."""
        account = self._accounts.of(message.account)
        if self._held(message):
            raise OvhError(certainty=Certainty.TEMPORARY, message="calls are led to another address")
        if account is None:
            raise OvhError(certainty=Certainty.TEMPORARY, message="a reload took away the account that it went by")
        return account.sms.find(message.tag, message.number, message.text, pending=pending)

    def _decide(
        self, tx: Connection, message: SmsMessage, result: LookupResult, ovh_id: int | None, now: datetime
    ) -> LookupDecision | None:
        """Decide and write in one transaction; None where somebody else held the message by now."""
        notifications.lock(tx, message.id)
        uncertain = UncertainMessage(
            since=message.unknown_since or now,
            resends=message.resends,
            resent_at=message.resent_at,
            wanted=notifications.wanted(tx, message.id, now),
            shut=not self._accounts.usable,
            spare=message.account == FIRST and self._accounts.works(STANDBY),
            moved=self._accounts.moved(message.account) is not None,
            held=self._held(message),
        )
        decision, due_at = after_lookup(uncertain, result, now)
        if decision is LookupDecision.WAIT:
            written = messages.move(tx, message, MessageState.UNKNOWN, due_at=due_at)
        elif decision is LookupDecision.FOUND:
            written = self._found(tx, message, ovh_id or 0, now)
        else:
            written = self._write(tx, message, decision, now)
        return decision if written else None

    def _found(self, tx: Connection, message: SmsMessage, ovh_id: int, now: datetime) -> bool:
        # The account may be gone since a reload: then nobody is asked, and the time is that of the others.
        receipt_in = (self._accounts.of(message.account) or self._accounts.first).receipt_timeout
        following = self._outcomes.sent(tx, message, now, ovh_id=ovh_id, receipt_in=receipt_in)
        return following is not None

    def _write(self, tx: Connection, message: SmsMessage, decision: LookupDecision, now: datetime) -> bool:
        if decision is LookupDecision.CANCEL:
            return self._outcomes.unneeded(tx, message, now)
        if decision in (LookupDecision.RESEND, LookupDecision.STANDBY):
            return bool(self._outcomes.resend(tx, message, now))
        error = (
            "OVH could not say whether it has it"
            if decision is LookupDecision.UNCONFIRMED
            else "OVH kept losing it: its answers were lost, it has none"
        )
        return self._outcomes.failed(tx, message, now, error=error)
