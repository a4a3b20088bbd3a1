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

from alertsms.context import Context
from alertsms.core.messages.message import MessageState
from alertsms.core.messages.notice import NoticeBySms
from alertsms.core.messages.receipt import WINDOW, ReceiptVerdict, broken, judge, next_poll
from alertsms.core.messages.trouble import Hindrance, Trouble
from alertsms.delivery.accounts import Accounts
from alertsms.delivery.rate_limiter import RateLimiter
from alertsms.logs import event
from alertsms.ovh.error import OvhError
from alertsms.ovh.fixes import remedy
from alertsms.ovh.models import OutgoingSms
from alertsms.ovh.sms import AT_ONCE
from alertsms.ovh.sms_account import SmsAccount
from alertsms.store import notices, pages, receipts
from alertsms.store.engine import StoreError
from alertsms.store.outbox import SmsMessage
from alertsms.store.receipt_outcomes import ReceiptOutcomes
from alertsms.store.receipts import ReceiptReport
from alertsms.worker import FORGOTTEN_SECONDS, LOOK, FailingQuestions, FailureWatch


@dataclass(kw_only=True, slots=True)
class ReceiptPoll:
    """What one batch of questions brought, by message."""

    said: list[tuple[SmsMessage, ReceiptReport]] = field(default_factory=list)
    moved: list[tuple[SmsMessage, int]] = field(default_factory=list)  # shown under another id
    open: list[SmsMessage] = field(default_factory=list)  # not shown yet: OVHcloud still has it in its jobs

    def pending(self) -> list[SmsMessage]:
        """Of which nothing final is known."""
        return [message for message, said in self.said if said.judgement.verdict is ReceiptVerdict.PENDING] + self.open


def hear(outlet: SmsAccount, asked: list[SmsMessage]) -> ReceiptPoll:
    """Ask about some messages of one account. Raises OvhError."""
    heard = ReceiptPoll()
    shown = outlet.sms.outgoings([message.ovh_id for message in asked if message.ovh_id is not None])
    for message in asked:
        found = shown.get(message.ovh_id) if message.ovh_id is not None else None
        # The id may be somebody else's message: nothing says that a job's id is that of what leaves.
        if found and found.tag == message.tag:
            heard.said.append((message, _said(found)))
            continue
        ovh_id = min(outlet.sms.outgoing_ids(message.tag), default=None)
        if ovh_id is None or ovh_id == message.ovh_id:
            heard.open.append(message)
        else:
            heard.moved.append((message, ovh_id))
    return heard


def _said(found: OutgoingSms) -> ReceiptReport:
    judgement = judge(found.dlr, found.ptt)
    return ReceiptReport(judgement=judgement, dlr=found.dlr, ptt=found.ptt, delivered_at=found.delivered_at)


log = logging.getLogger("alertsms.receipts")

OVERDUE_AT_ONCE = 100  # in one transaction
LEASE = timedelta(seconds=30)  # on the messages that are being asked about
ASK_AGAIN = timedelta(seconds=10)  # after a question that OVHcloud did not answer
PAUSE = 1.0  # seconds between two questions while sends wait: at most one call in ten is not theirs
GRACE = timedelta(seconds=15)  # for the answer to the question that is asked when the time for a receipt is over
CHECK_EVERY = timedelta(seconds=10)  # whether receipts come at all
NOTICE_EVERY = timedelta(days=1)
TOLD_AFTER = timedelta(minutes=5)
NO_RECEIPTS = "NO RECEIPTS from OVHcloud for {} of the last {} SMS: until they come, second numbers are not tried"


@dataclass(kw_only=True, slots=True)
class ReceiptDecision:
    """What one batch changed, for metrics, logs and wake-ups after the commit."""

    good: list[tuple[SmsMessage, ReceiptReport, datetime]] = field(default_factory=list)
    bad: list[tuple[SmsMessage, ReceiptReport, int]] = field(default_factory=list)
    unheard: list[tuple[SmsMessage, int]] = field(default_factory=list)


class Receipts:
    """Reads receipts, one batch at a time, and decides what their absence means."""

    def __init__(
        self,
        *,
        context: Context,
        ways: Accounts,
        throttle: RateLimiter,
        pool: Executor,
        wake: Callable[[], None],
        again: Callable[[], None],
    ) -> None:
        """`wake` tells the dispatcher of new pages, `again` wakes this door's own worker."""
        self._store, self._roster, self._ways, self._throttle = context.store, context.roster, ways, throttle
        self._metrics, self._clock, self._pool = context.metrics, context.clock, pool
        self._wake, self._again = wake, again
        self._arrivals = ReceiptOutcomes(context.roster)
        self._asking = threading.Lock()  # held while one batch is under way
        self._asked_at = float("-inf")
        self._broken = False
        self._checked_at: datetime | None = None
        self._stepped_at: datetime | None = None
        self._awake_since: datetime | None = None
        self._pulse = FailureWatch(forgets=FORGOTTEN_SECONDS)
        self._unanswered = FailingQuestions()

    @property
    def working(self) -> bool:
        """Whether receipts come in time, so that a missing one says something."""
        return not self._broken

    def troubles(self) -> Iterator[Trouble]:
        """Receipts do not come, or cannot be taken in."""
        yield from self._pulse.trouble("part:receipts", "its taking in of receipts", Hindrance.SENDING, LOOK)
        for account, error in self._unanswered.long(self._ways.accounts).items():
            yield Trouble(
                key=f"unread receipts:{account}",
                hinders=Hindrance.OUTSIDE,
                says=f"delivery receipts cannot be read: {error}",
                fix=remedy(error),
                settles=TOLD_AFTER,
                behind="account",
            )
        if self._broken:
            says = "no delivery receipts come"
            fix = "`alertsms doctor` says whether the keys may read them; else look at OVHcloud's status page"
            yield Trouble(key="receipts", hinders=Hindrance.OUTSIDE, says=says, fix=fix, told=True)

    def called_back(self, ovh_id: int) -> None:
        """OVHcloud called back about this message: ask about it now. An unknown id is dropped. For any thread."""
        now = self._clock()
        try:
            known = self._store.transact(lambda tx: receipts.poll_now(tx, ovh_id, now))
        except StoreError as error:  # its next poll reads the receipt all the same
            event(log, logging.WARNING, "a callback could not be stored", ovh_id=ovh_id, why=str(error))
            return
        if known:
            self._again()

    def step(self) -> float | None:
        """Ask about what is due, decide what waited too long; returns the seconds until the next."""
        now = self._clock()
        # After a sleep, or a start, OVHcloud is asked before the time that went by counts.
        if self._stepped_at is None or now - self._stepped_at > GRACE:
            self._awake_since = now
        self._stepped_at = now
        self._check(now)
        following = self._store.read(receipts.next_due)
        if following is None or following > now:
            return (following - now).total_seconds() if following else None
        asked = self._ask(now)
        self._give_up(now)
        return 0.0 if asked else PAUSE

    # What waited too long.

    def _check(self, now: datetime, *, anew: bool = False) -> None:
        """Look whether receipts come at all; where they do not, one notice a day."""
        if not anew and self._checked_at and now < self._checked_at + CHECK_EVERY:
            return
        self._checked_at = now
        before = now - self._ways.first.receipt_timeout
        without = self._store.read(lambda tx: receipts.without(tx, before))
        self._metrics.receipts_working.set(0 if broken(without) else 1)
        if broken(without) is self._broken:
            return
        self._broken = broken(without)
        if self._broken:
            self._tell(without, now)
        else:
            event(log, logging.INFO, "receipts come again")
            self._notice("receipts-again", "delivery receipts come again", NoticeBySms.NEVER, now)

    def _tell(self, without: int, now: datetime) -> None:
        event(
            log, logging.ERROR, "receipts are missing: waits alone decide who is paged next", without=without, of=WINDOW
        )
        self._notice("receipts", NO_RECEIPTS.format(without, WINDOW), NoticeBySms.WITHOUT_CHANNELS, now)

    def _notice(self, key: str, text: str, sms: NoticeBySms, now: datetime) -> None:
        roster = self._roster()
        told = self._store.transact(
            lambda tx: notices.tell(tx, roster, key=key, every=NOTICE_EVERY, text=text, now=now, sms=sms)
        )
        if told:
            self._wake()

    def _give_up(self, now: datetime) -> None:
        """Decide about messages whose last question was not answered either."""
        if self._awake_since is None or now - self._awake_since < GRACE:
            return
        overdue = self._store.read(lambda tx: receipts.overdue(tx, now - GRACE, OVERDUE_AT_ONCE))
        if overdue:
            self._check(now, anew=True)
            not_trusted = self._broken
            unheard = self._store.transact(lambda tx: self._unheard(tx, overdue, now, broken=not_trusted))
            self._count(ReceiptDecision(unheard=unheard))

    def _unheard(
        self, tx: Connection, overdue: Sequence[SmsMessage], now: datetime, *, broken: bool
    ) -> list[tuple[SmsMessage, int]]:
        pages.lock(tx, *(message.id for message in overdue))
        decided = [(message, self._arrivals.unheard(tx, message, now, broken=broken)) for message in overdue]
        return [(message, added) for message, added in decided if added is not None]

    # What OVHcloud says.

    def _ask(self, now: datetime) -> bool:
        """Have the pool ask about what is due, one batch at a time; false where nothing was asked."""
        moment = time.monotonic()
        if self._throttle.awaited and moment < self._asked_at + PAUSE:
            return False
        if not any(map(self._ways.may_be_asked, self._ways.accounts)) or not self._asking.acquire(blocking=False):
            return False
        until = now + max(LEASE, self._ways.longest)
        try:
            claimed = self._store.transact(lambda tx: receipts.claim(tx, now, until, AT_ONCE))
        except BaseException:
            self._asking.release()
            raise
        if not claimed:
            self._asking.release()
            return False
        self._asked_at = moment
        self._throttle.borrow()
        try:
            self._pool.submit(self._batch, claimed)
        except RuntimeError:  # the pool is shut down: the next start asks
            self._throttle.give_back("")
            self._asking.release()
        return True

    def _batch(self, claimed: list[SmsMessage]) -> None:
        """Ask about some messages, write down what was said, and make room for the next ones."""
        try:
            for account in sorted({message.account for message in claimed}):
                self._read(account, [message for message in claimed if message.account == account])
        except Exception as error:
            self._pulse.bad(error, store=isinstance(error, StoreError))
            log.exception("reading receipts failed in a way nobody foresaw")  # their lease ends: they are asked again
        finally:
            self._asking.release()
            if self._throttle.give_back(""):
                self._wake()
            self._again()

    def _read(self, account: str, asked: list[SmsMessage]) -> None:
        outlet = self._ways.of(account)
        if outlet is None:  # a reload took it away: nobody can be asked any more
            self._store.transact(lambda tx: receipts.ask_again(tx, [(message, None) for message in asked]))
            return
        heard = None
        if self._ways.may_be_asked(account):
            try:
                heard = hear(outlet, asked)
            except OvhError as error:
                if error.status == 429:
                    self._throttle.slow_down(time.monotonic())
                self._unanswered.bad(account, error)
                event(log, logging.WARNING, "receipts could not be read", messages=len(asked), why=str(error))
        if heard is None:
            later = self._clock() + ASK_AGAIN
            self._store.transact(lambda tx: receipts.ask_again(tx, [(message, later) for message in asked]))
            return
        self._unanswered.good(account)
        self._throttle.speed_up()
        self._write(heard, outlet)

    def _write(self, heard: ReceiptPoll, outlet: SmsAccount) -> None:
        now = self._clock()
        if any(_over(message, now) for message in heard.pending()):
            self._check(now, anew=True)
        not_trusted = self._broken
        try:
            self._count(self._store.transact(lambda tx: self._mark(tx, heard, outlet, now, broken=not_trusted)))
        except StoreError as error:
            self._pulse.bad(error, store=True)
            event(log, logging.ERROR, "receipts could not be stored, OVH is asked again", why=str(error))
        else:
            self._pulse.good()

    def _mark(
        self, tx: Connection, heard: ReceiptPoll, outlet: SmsAccount, now: datetime, *, broken: bool
    ) -> ReceiptDecision:
        """Write everything down in one transaction."""
        pending = heard.pending()
        decided = ReceiptDecision()
        pages.lock(tx, *(message.id for message, _ in heard.said), *(message.id for message in pending))
        for message, said in heard.said:
            if said.judgement.verdict is ReceiptVerdict.GOOD:
                at = self._arrivals.delivered(tx, message, said, now)
                decided.good += [(message, said, at)] if at else []
            elif said.judgement.verdict is ReceiptVerdict.BAD:
                added = self._arrivals.undelivered(tx, message, said, now)
                decided.bad += [(message, said, added)] if added is not None else []
        decided.unheard = self._unheard(tx, [each for each in pending if _over(each, now)], now, broken=broken)
        for message, ovh_id in heard.moved:
            receipts.correct(tx, message, ovh_id)
        known = [message for message, said in heard.said if said.judgement.verdict is not ReceiptVerdict.PENDING]
        receipts.ask_again(
            tx,
            [(message, _next(message, outlet, now)) for message in pending]
            + [(message, None) for message in known]  # ended, now or before
            + [(message, now) for message, _ in heard.moved],
        )
        return decided

    def _count(self, decided: ReceiptDecision) -> None:
        """Count, log and wake, after the commit."""
        for message, said, at in decided.good:
            self._metrics.delivered(message.team, (at - message.asked_at).total_seconds())
            event(log, logging.INFO, "sms delivered", **message.shown, ovh_id=message.ovh_id, receipt=said.words)
        for message, said, added in decided.bad:
            self._metrics.sms.labels(message.team, "undelivered").inc()
            event(
                log,
                logging.ERROR,
                "sms not delivered",
                **message.shown,
                ovh_id=message.ovh_id,
                receipt=said.words,
                next_number=bool(added),
            )
        for message, added in decided.unheard:
            event(
                log,
                logging.WARNING,
                "no receipt in time",
                **message.shown,
                ovh_id=message.ovh_id,
                next_number=bool(added),
            )
        if decided.bad or decided.unheard:
            self._wake()


def _over(message: SmsMessage, now: datetime) -> bool:
    """Whether the time for its receipt is over."""
    return message.receipt_due_at is not None and message.receipt_due_at <= now


def _next(message: SmsMessage, outlet: SmsAccount, now: datetime) -> datetime | None:
    """When to ask again; never about what ended badly: a late good receipt is called back."""
    if message.state is MessageState.UNDELIVERED:
        return None
    return next_poll(message.sent_at or now, now, timeout=outlet.receipt_timeout, validity=outlet.validity)
