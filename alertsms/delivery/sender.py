"""The door to OVHcloud: one claimed message out, and what OVH said of it written down at once.

Where the answer was lost OVHcloud is asked by tag, before a copy goes out.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from alertsms.context import Context, count_sent
from alertsms.core.alerts.alert import Severity
from alertsms.core.messages.circuit_breaker import BreakerState, Cause
from alertsms.core.messages.message import (
    LIMITED,
    LookupDecision,
    LookupResult,
    MessageState,
    UncertainMessage,
    after_lookup,
    proves,
    retry_at,
)
from alertsms.core.messages.trouble import Hindrance, Trouble
from alertsms.delivery.accounts import FIRST, STANDBY, Accounts, RateLimiter
from alertsms.delivery.sms_account import cause_of
from alertsms.logs import event
from alertsms.ovh.error import Certainty, OvhError, Scope, about_contact, moved
from alertsms.ovh.sms import JobReport, SmsAccount
from alertsms.store import messages, notifications
from alertsms.store.error import StoreError
from alertsms.store.messages import SmsMessage
from alertsms.store.outcomes import Outcomes
from alertsms.worker import FORGOTTEN_SECONDS, LOOK, FailureWatch

log = logging.getLogger("alertsms.sender")
lookup_log = logging.getLogger("alertsms.lookup")

MARK_TRIES = 5  # a mark that the store did not take is tried again: afterwards the lease leads to a look-up
MARK_PAUSE = 1.0  # seconds
ENDED_BADLY = (LookupDecision.ABSENT, LookupDecision.UNCONFIRMED)


class Sender:
    """Sends one message at a time, or ends the doubt about one; many threads share it."""

    def __init__(
        self,
        *,
        context: Context,
        accounts: Accounts,
        rate_limiter: RateLimiter,
        wake: Callable[[], None],
        urgent: Callable[[], None],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`wake` tells the dispatcher that a place is free; `sleep` waits between two tries to store an outcome.

        `urgent` tells the credit monitor that few credits are left.
        """
        self._store, self._accounts, self._rate_limiter = context.store, accounts, rate_limiter
        self._metrics, self._clock, self._wake, self._sleep = context.metrics, context.clock, wake, sleep
        self._urgent, self._config = urgent, context.config
        self._outcomes = Outcomes(context.roster)
        self._pulse = FailureWatch(forgets=FORGOTTEN_SECONDS)
        self._lookup_pulse = FailureWatch(forgets=FORGOTTEN_SECONDS)

    def troubles(self) -> Iterator[Trouble]:
        """Sends or look-ups that break, or whose outcome cannot be stored: rows would be looked up for ever."""
        yield from self._pulse.trouble("part:sender", "its sender", Hindrance.SENDING, LOOK)
        yield from self._lookup_pulse.trouble("part:look-up", "its look-up of lost answers", Hindrance.SENDING, LOOK)

    def step(self, message: SmsMessage) -> None:
        """Send one message that is ours, and give its place back."""
        quiet = False
        try:
            quiet = self._send(message)
        except Exception as error:
            self._pulse.bad(error)
            # The row stays `sending`: its lease ends, it becomes unknown and is looked up.
            log.exception("sending failed in a way nobody foresaw", extra={"fields": {"tag": message.tag}})
        finally:
            # A wake-up costs as much as the mark: most messages leave no one waiting.
            if self._rate_limiter.give_back(message.person) or not quiet:
                self._wake()

    def _send(self, message: SmsMessage) -> bool:
        """Whether it left and nothing became due with it."""
        account, began = self._accounts.by_name.get(message.account), self._clock()
        if account is None or self._too_late(message, account):
            return False  # a reload took its account: it is looked up first
        try:
            if message.error.startswith(LIMITED) and (ovh_id := self._taken(message, account)):
                return self._accepted_already(message, ovh_id, account)
            if self._too_late(message, account):
                return False
            report = account.sms.send(account.job(number=message.number, text=message.text, tag=message.tag))
        except OvhError as error:
            self._refused(message, error, began)
            return False
        self._accounts.accepted(message.account, began, self._clock(), report.credits_left)
        return self._sent(message, report, account) == 0

    def _too_late(self, message: SmsMessage, account: SmsAccount) -> bool:
        """Whether its lease may end before a call does: then none is made, and what is still ours is queued again."""
        now = self._clock()
        late = message.lease_until is not None and now + account.longest > message.lease_until
        if late and message.lease_until and now < message.lease_until:
            self._mark(lambda tx: self._outcomes.retry(tx, message, now, due_at=now, error=message.error))
        return late

    def _taken(self, message: SmsMessage, account: SmsAccount) -> int | None:
        """The id of a message that was refused with 429 the last time and accepted all the same. Raises OvhError.

        Where OVHcloud counts calls is nowhere written. One question before each new try costs no page its turn: while
        calls are refused, the question is, and the page waits as it would have.
        """
        try:
            return min(account.sms.outgoing_ids(message.tag), default=None)
        except OvhError as error:
            if error.permanent and cause_of(error) in (None, Cause.RIGHTS):  # such keys may send and not ask
                return None
            raise

    def _accepted_already(self, message: SmsMessage, ovh_id: int, account: SmsAccount) -> bool:
        now, wait = self._clock(), account.receipt_timeout
        following = self._mark(lambda tx: messages.sent(tx, message, now, ovh_id=ovh_id, receipt_in=wait))
        self._accounts.found(message.account, now)
        if following is not None:
            count_sent(self._metrics, message, now)
        event(log, logging.WARNING, "sms was accepted though OVHcloud said 429", **message.shown, ovh_id=ovh_id)
        return following == 0

    def _sent(self, message: SmsMessage, report: JobReport, account: SmsAccount) -> object:
        """How many OKs became due; None where that could not be written down."""
        now = self._clock()
        following = self._mark(
            partial(
                messages.sent,
                message=message,
                now=now,
                ovh_id=report.ids[0],
                credits=report.credits_removed,
                receipt_in=account.receipt_timeout,
            )
        )
        self._rate_limiter.speed_up()
        self._metrics.attempts.labels("accepted").inc()
        self._metrics.credits_spent.inc(max(report.credits_removed, 0.0))
        if report.credits_left is not None and report.credits_left < self._config.current.low_credits:
            self._urgent()
        if following is not None:
            count_sent(self._metrics, message, now)
        event(
            log,
            logging.INFO,
            "sms accepted",
            **message.shown,
            kind=message.kind,
            ovh_id=report.ids[0],
            credits=report.credits_removed,
        )
        return following

    def _refused(self, message: SmsMessage, error: OvhError, began: datetime) -> None:
        """Refused for this text, refused for good, certainly not sent, or nobody knows."""
        now = self._clock()
        asked_in_vain = message.error.startswith(LIMITED) and error.call != "send"
        # A question that fails for itself settles nothing by being asked for ever: the look-up's patience is bounded.
        doubted = asked_in_vain and error.status != 429 and error.scope is not Scope.ACCOUNT
        said = f"{LIMITED} before, then {error}" if asked_in_vain and not doubted else str(error)
        self._accounts.failed(message.account, error, began, now)
        if error.status == 429:
            self._rate_limiter.slow_down(time.monotonic())
        if error.certainty is Certainty.UNKNOWN or doubted:
            result, level = "unknown", logging.WARNING
            self._mark(lambda tx: self._outcomes.unknown(tx, message, now, error=said))
        elif about_contact(error) and self._mark(lambda tx: self._outcomes.plainer(tx, message, now, error=said)):
            result, level = "plainer", logging.WARNING
        elif error.certainty is Certainty.PERMANENT and error.scope is Scope.MESSAGE:
            result, level = "refused", logging.ERROR
            if self._mark(lambda tx: self._outcomes.failed(tx, message, now, error=said, refused=True)):
                self._metrics.sms.labels(message.team, "failed").inc()
        else:
            # A refusal of the whole account never fails a message: it waits until somebody has mended the account.
            permanent = error.certainty is Certainty.PERMANENT
            result, level = ("account", logging.ERROR) if permanent else ("retry", logging.WARNING)
            # Where the breaker is open it says when, or the stand-by takes the message at once.
            due = now
            if self._accounts.works(message.account):
                due = retry_at(
                    now,
                    attempts=message.attempts,
                    jitter=random.uniform(-1, 1),  # noqa: S311 - spreads retries, guards nothing
                    retry_after=error.retry_after,
                    critical=message.priority == Severity.CRITICAL,
                )
            state = self._mark(lambda tx: self._outcomes.retry(tx, message, now, due_at=due, error=said))
            if state == MessageState.CANCELLED:
                self._metrics.sms.labels(message.team, "cancelled").inc()
        self._metrics.attempts.labels(result).inc()
        event(log, level, "sms not accepted", **message.shown, result=result, why=said, query_id=error.query_id)

    def _mark(self, work: Callable[[Connection], object]) -> object:
        """Write down an outcome, as hard as can be: what is lost here costs a look-up."""
        for attempt in range(MARK_TRIES):
            try:
                outcome = self._store.transact(work)
            except StoreError as error:
                event(log, logging.ERROR, "an outcome could not be stored", why=str(error), attempt=attempt + 1)
                self._pulse.bad(error, store=True)
                self._sleep(MARK_PAUSE)
            else:
                self._pulse.failing = None
                return outcome
        return None

    # Where the answer was lost.

    def look_up(self, message: SmsMessage) -> None:
        """Ask OVHcloud about one unknown message and act on what it says; give its place back."""
        try:
            self._look(message)
            self._lookup_pulse.failing = None
        except StoreError as error:
            self._lookup_pulse.bad(error, store=True)
            what = "a look-up could not be written down, OVH is asked again"
            event(lookup_log, logging.ERROR, what, tag=message.tag, why=str(error))
        except Exception as error:  # noqa: BLE001 - its traceback is logged
            self._lookup_pulse.bad(error)
            lookup_log.exception("a look-up failed in a way nobody foresaw", extra={"fields": {"tag": message.tag}})
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
        self._count_lookup(message, decision, now)
        event(
            lookup_log,
            logging.ERROR if decision in ENDED_BADLY else logging.WARNING,
            "lost answer settled",
            **message.shown,
            resolution=decision.value,
            ovh_id=ovh_id,
            resends=message.resends,
            why=why,
        )

    def _count_lookup(self, message: SmsMessage, decision: LookupDecision, now: datetime) -> None:
        self._metrics.unknown.labels(decision.value).inc()
        if decision is LookupDecision.FOUND:
            self._accounts.found(message.account, now)
            count_sent(self._metrics, message, now)
        elif decision is LookupDecision.CANCEL or decision in ENDED_BADLY:
            outcome = "cancelled" if decision is LookupDecision.CANCEL else "failed"
            self._metrics.sms.labels(message.team, outcome).inc()

    def _held(self, message: SmsMessage) -> bool:
        """Whether calls by its account are led to another address: what answers there says nothing."""
        return self._accounts.moved(message.account) is BreakerState.OPEN

    def _find(self, message: SmsMessage, *, pending: bool) -> int | None:
        account = self._accounts.by_name.get(message.account)
        if self._held(message):
            raise OvhError(certainty=Certainty.TEMPORARY, message="calls are led to another address")
        if account is None:
            raise OvhError(certainty=Certainty.TEMPORARY, message="a reload took away the account that it went by")
        return account.sms.find(message.tag, message.number, message.text, pending=pending)

    def _decide(
        self, tx: Connection, message: SmsMessage, result: LookupResult, ovh_id: int | None, now: datetime
    ) -> LookupDecision | None:
        """Decide and write in one transaction; None where somebody else held the message by now."""
        messages.lock(tx, message.id)
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
            # The account may be gone since a reload: then nobody is asked, and the time is that of the others.
            wait = (self._accounts.by_name.get(message.account) or self._accounts.first).receipt_timeout
            written = messages.sent(tx, message, now, ovh_id=ovh_id or 0, receipt_in=wait) is not None
        else:
            written = self._settle(tx, message, decision, now)
        return decision if written else None

    def _settle(self, tx: Connection, message: SmsMessage, decision: LookupDecision, now: datetime) -> bool:
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
