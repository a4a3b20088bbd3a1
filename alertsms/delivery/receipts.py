"""The door for delivery receipts: asks OVHcloud what became of accepted messages, and acts on what it says or does not.

Nobody signs a callback, so it only has its message asked about now. One that comes before our own commit of `sent` is
dropped: the first poll follows within ten seconds.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from alertsms.context import Context, count_delivered
from alertsms.core.messages.message import WINDOW, MessageState, ReceiptVerdict, broken, next_poll
from alertsms.core.messages.notification import NoticeBySms
from alertsms.core.messages.trouble import Hindrance, Trouble
from alertsms.delivery.accounts import Accounts, RateLimiter
from alertsms.logs import event
from alertsms.ovh.client import AT_ONCE
from alertsms.ovh.error import OvhError, remedy
from alertsms.ovh.sms import SmsAccount
from alertsms.store import fallback, messages, receipts
from alertsms.store.error import StoreError
from alertsms.store.messages import SmsMessage
from alertsms.store.outcomes import Outcomes
from alertsms.store.receipts import ReceiptReport
from alertsms.worker import FORGOTTEN_SECONDS, LOOK, FailingQuestions, FailureWatch

log = logging.getLogger("alertsms.receipts")

OVERDUE_AT_ONCE = 100  # in one transaction
LEASE = timedelta(seconds=30)  # on the messages that are being asked about
POLL_AGAIN = timedelta(seconds=10)  # after a question that OVHcloud did not answer
PAUSE_SECONDS = 1.0  # between two questions while sends wait: at most one call in ten is not theirs
GRACE = timedelta(seconds=15)  # for the answer to the last poll, which is made when receipt_timeout ends
CHECK_EVERY = timedelta(seconds=10)  # whether receipts come at all
DAILY = timedelta(days=1)
UNREAD_SETTLES = timedelta(minutes=5)
NO_RECEIPTS = "NO RECEIPTS from OVHcloud for {} of the last {} SMS: until they come, second numbers are not tried"


@dataclass(kw_only=True, slots=True)
class ReceiptPoll:
    """What one batch of questions brought, by message."""

    final: list[tuple[SmsMessage, ReceiptReport]] = field(default_factory=list)
    pending: list[SmsMessage] = field(default_factory=list)  # no receipt yet, or OVHcloud still has it among its jobs
    renumbered: list[tuple[SmsMessage, int]] = field(default_factory=list)  # shown under another id


def poll(account: SmsAccount, messages: list[SmsMessage]) -> ReceiptPoll:
    """Ask about some messages of one account. Raises OvhError."""
    answers = ReceiptPoll()
    shown = account.sms.outgoings([message.ovh_id for message in messages if message.ovh_id is not None])
    for message in messages:
        sms = shown.get(message.ovh_id) if message.ovh_id is not None else None
        # The id may be of somebody else's message: nothing says that a job's id is that of the SMS which leaves.
        if sms and sms.tag == message.tag:
            report = ReceiptReport(dlr=sms.dlr, ptt=sms.ptt, delivered_at=sms.delivered_at)
            if report.judgement.verdict is ReceiptVerdict.PENDING:
                answers.pending.append(message)
            else:
                answers.final.append((message, report))
            continue
        ovh_id = min(account.sms.outgoing_ids(message.tag), default=None)
        if ovh_id is None or ovh_id == message.ovh_id:
            answers.pending.append(message)
        else:
            answers.renumbered.append((message, ovh_id))
    return answers


@dataclass(kw_only=True, slots=True)
class ReceiptDecision:
    """What one batch changed, for metrics, logs and wake-ups after the commit."""

    delivered: list[tuple[SmsMessage, ReceiptReport, datetime]] = field(default_factory=list)
    undelivered: list[tuple[SmsMessage, ReceiptReport, int]] = field(default_factory=list)
    unconfirmed: list[tuple[SmsMessage, int]] = field(default_factory=list)


class Receipts:
    """Reads receipts, one batch at a time, and decides what their absence means."""

    def __init__(
        self,
        *,
        context: Context,
        accounts: Accounts,
        rate_limiter: RateLimiter,
        pool: Executor,
        wake: Callable[[], None],
        again: Callable[[], None],
    ) -> None:
        """`wake` tells the dispatcher of new pages, `again` wakes this door's own worker."""
        self._store, self._roster, self._metrics = context.store, context.roster, context.metrics
        self._clock, self._accounts, self._rate_limiter = context.clock, accounts, rate_limiter
        self._pool, self._wake, self._again = pool, wake, again
        self._outcomes, self._config = Outcomes(context.roster), context.config
        self._polling = threading.Lock()  # held while one batch is under way
        self._polled_at = float("-inf")
        self._broken = False
        self._checked_at: datetime | None = None
        self._stepped_at: datetime | None = None
        self._awake_since: datetime | None = None
        self._pulse = FailureWatch(forgets=FORGOTTEN_SECONDS)
        self._unanswered = FailingQuestions()

    def troubles(self) -> Iterator[Trouble]:
        """Receipts do not come, or cannot be taken in."""
        yield from self._pulse.trouble("part:receipts", "its taking in of receipts", Hindrance.SENDING, LOOK)
        for name, error in self._unanswered.long(self._accounts.by_name).items():
            yield Trouble(
                key=f"unread receipts:{name}",
                hinders=Hindrance.OUTSIDE,
                says=f"delivery receipts cannot be read: {error}",
                fix=remedy(error),
                settles=UNREAD_SETTLES,
                behind="account",
            )
        if self._broken:
            yield Trouble(
                key="receipts",
                hinders=Hindrance.OUTSIDE,
                says="no delivery receipts come",
                fix="`alertsms doctor` says whether the keys may read them; else look at OVHcloud's status page",
                told=True,
            )

    def called_back(self, ovh_id: int) -> None:
        """OVHcloud called back about this message: ask about it now. An unknown id is dropped. For any thread."""
        now = self._clock()
        try:
            if self._store.transact(lambda tx: receipts.poll_now(tx, ovh_id, now)):
                self._again()
        except StoreError as error:  # its next poll reads the receipt all the same
            event(log, logging.WARNING, "a callback could not be stored", ovh_id=ovh_id, why=str(error))

    def step(self) -> float | None:
        """Ask about what is due, decide what waited too long; returns the seconds until the next."""
        now = self._clock()
        # After a sleep, a start, or a clock that was set, OVHcloud is asked before the time that went by counts.
        if self._stepped_at is None or abs(now - self._stepped_at) > GRACE:
            self._awake_since = now
        self._stepped_at = now
        self._check(now)
        following = None if self._config.newer_sender else self._store.read(receipts.next_due)
        if following is None or following > now:
            return (following - now).total_seconds() if following else None
        polled = self._poll(now)
        self._give_up(now)
        return 0.0 if polled else PAUSE_SECONDS

    # Whether receipts come, and messages that waited too long for one.

    def _check(self, now: datetime, *, anew: bool = False) -> None:
        """Look whether receipts come at all; where they do not, one notice a day."""
        if not anew and self._checked_at and abs(now - self._checked_at) < CHECK_EVERY:
            return
        self._checked_at = now
        before = now - self._accounts.first.receipt_timeout
        without = self._store.read(lambda tx: receipts.without(tx, before))
        self._metrics.receipts_working.set(0 if broken(without) else 1)
        was_broken, self._broken = self._broken, broken(without)
        if self._broken is was_broken:
            return
        if self._broken:
            event(
                log,
                logging.ERROR,
                "receipts are missing: waits alone decide who is paged next",
                without=without,
                of=WINDOW,
            )
            self._notice("receipts", NO_RECEIPTS.format(without, WINDOW), NoticeBySms.WITHOUT_CHANNELS, now)
        else:
            event(log, logging.INFO, "receipts come again")
            self._notice("receipts-again", "delivery receipts come again", NoticeBySms.NEVER, now)

    def _notice(self, key: str, text: str, sms: NoticeBySms, now: datetime) -> None:
        roster = self._roster()
        if self._store.transact(
            lambda tx: fallback.notice(tx, roster, key=key, every=DAILY, text=text, now=now, sms=sms)
        ):
            self._wake()

    def _give_up(self, now: datetime) -> None:
        """Decide about messages whose last poll was not answered either."""
        if self._awake_since is None or now - self._awake_since < GRACE:
            return
        overdue = self._store.read(lambda tx: receipts.overdue(tx, now - GRACE, OVERDUE_AT_ONCE))
        if overdue:
            self._check(now, anew=True)
            not_trusted = self._broken
            unconfirmed = self._store.transact(lambda tx: self._unconfirmed(tx, overdue, now, broken=not_trusted))
            self._count(ReceiptDecision(unconfirmed=unconfirmed))

    def _unconfirmed(
        self, tx: Connection, overdue: Sequence[SmsMessage], now: datetime, *, broken: bool
    ) -> list[tuple[SmsMessage, int]]:
        messages.lock(tx, *(message.id for message in overdue))
        added = [(message, self._outcomes.unheard(tx, message, now, broken=broken)) for message in overdue]
        return [(message, pages_added) for message, pages_added in added if pages_added is not None]

    # What OVHcloud says.

    def _poll(self, now: datetime) -> bool:
        """Have the pool ask about what is due, one batch at a time; false where nothing was asked."""
        moment = time.monotonic()
        too_early = self._rate_limiter.awaited and moment < self._polled_at + PAUSE_SECONDS
        may_be_asked = any(map(self._accounts.may_be_asked, self._accounts.by_name))
        if too_early or not may_be_asked or not self._polling.acquire(blocking=False):
            return False
        until = now + max(LEASE, self._accounts.longest)
        try:
            claimed = self._store.transact(lambda tx: receipts.claim(tx, now, until, AT_ONCE))
        except BaseException:
            self._polling.release()
            raise
        if not claimed:
            self._polling.release()
            return False
        self._polled_at = moment
        self._rate_limiter.borrow()
        try:
            self._pool.submit(self._batch, claimed)
        except RuntimeError:  # the pool is shut down: the next start asks
            self._rate_limiter.give_back("")
            self._polling.release()
        return True

    def _batch(self, claimed: list[SmsMessage]) -> None:
        try:
            for name in sorted({message.account for message in claimed}):
                self._read(name, [message for message in claimed if message.account == name])
        except Exception as error:
            self._pulse.bad(error, store=isinstance(error, StoreError))
            log.exception("reading receipts failed in a way nobody foresaw")  # their lease ends: they are asked again
        finally:
            self._polling.release()
            if self._rate_limiter.give_back(""):
                self._wake()
            self._again()

    def _read(self, name: str, messages: list[SmsMessage]) -> None:
        account, answers = self._accounts.by_name.get(name), None
        if account and self._accounts.may_be_asked(name):
            try:
                answers = poll(account, messages)
            except OvhError as error:
                if error.status == 429:
                    self._rate_limiter.slow_down(time.monotonic())
                self._unanswered.bad(name, error)
                event(log, logging.WARNING, "receipts could not be read", messages=len(messages), why=str(error))
        if account is None or answers is None:
            at = self._clock() + POLL_AGAIN if account else None  # a reload took it away: nobody can be asked any more
            self._store.transact(lambda tx: receipts.ask_again(tx, [(message, at) for message in messages]))
            return
        self._unanswered.good(name)
        self._rate_limiter.speed_up()
        self._write(answers, account)

    def _write(self, answers: ReceiptPoll, account: SmsAccount) -> None:
        now = self._clock()
        if any(_overdue(message, now) for message in answers.pending):
            self._check(now, anew=True)
        not_trusted = self._broken
        try:
            self._count(self._store.transact(lambda tx: self._mark(tx, answers, account, now, broken=not_trusted)))
        except StoreError as error:
            self._pulse.bad(error, store=True)
            event(log, logging.ERROR, "receipts could not be stored, OVH is asked again", why=str(error))
        else:
            self._pulse.failing = None

    def _mark(
        self, tx: Connection, answers: ReceiptPoll, account: SmsAccount, now: datetime, *, broken: bool
    ) -> ReceiptDecision:
        pending, decision = answers.pending, ReceiptDecision()
        messages.lock(tx, *(message.id for message, _ in answers.final), *(message.id for message in pending))
        following = [(message, _next(message, account, now)) for message in pending]
        for message, report in answers.final:
            following.append((message, None))  # it has ended, now or before
            if report.judgement.verdict is ReceiptVerdict.GOOD:
                at = self._outcomes.delivered(tx, message, report, now)
                decision.delivered += [(message, report, at)] if at else []
            else:
                added = self._outcomes.undelivered(tx, message, report, now)
                decision.undelivered += [(message, report, added)] if added is not None else []
        decision.unconfirmed = self._unconfirmed(tx, [sms for sms in pending if _overdue(sms, now)], now, broken=broken)
        for message, ovh_id in answers.renumbered:
            receipts.correct(tx, message, ovh_id)
            following.append((message, now))
        receipts.ask_again(tx, following)
        return decision

    def _count(self, decision: ReceiptDecision) -> None:
        for message, report, at in decision.delivered:
            count_delivered(self._metrics, message, at)
            event(log, logging.INFO, "sms delivered", **_shown(message), receipt=report.words)
        for message, report, added in decision.undelivered:
            self._metrics.sms.labels(message.team, "undelivered").inc()
            more = {"receipt": report.words, "next_number": bool(added)}
            event(log, logging.ERROR, "sms not delivered", **_shown(message), **more)
        for message, added in decision.unconfirmed:
            event(log, logging.WARNING, "no receipt in time", **_shown(message), next_number=bool(added))
        if decision.undelivered or decision.unconfirmed:
            self._wake()


def _shown(message: SmsMessage) -> dict[str, object]:
    return {**message.shown, "ovh_id": message.ovh_id}


def _overdue(message: SmsMessage, now: datetime) -> bool:
    return message.receipt_due_at is not None and message.receipt_due_at <= now


def _next(message: SmsMessage, account: SmsAccount, now: datetime) -> datetime | None:
    """When to ask again; never about what ended badly: a late good receipt is called back."""
    if message.state is MessageState.UNDELIVERED:
        return None
    return next_poll(message.sent_at or now, now, timeout=account.receipt_timeout, validity=account.validity)
