"""The door for SMS that come in: asks OVHcloud for them, and handles each once."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from alertsms.context import Context
from alertsms.core.incidents.acknowledge import AckOutcome
from alertsms.core.messages.trouble import Hindrance, Trouble
from alertsms.core.text.reply import Intent, Mode
from alertsms.core.text.subject import masked
from alertsms.delivery.account_news import AccountNews
from alertsms.delivery.accounts import RateLimiter
from alertsms.logs import event
from alertsms.oncall.acknowledge import Acknowledgements
from alertsms.oncall.reply_handler import SLACK, HandledReply, ReplySms, handle, number_of
from alertsms.ovh.client import AT_ONCE
from alertsms.ovh.error import OvhError, remedy
from alertsms.ovh.models import IncomingSms
from alertsms.ovh.sms import Inbox
from alertsms.store import answers, phones
from alertsms.store.answers import Cursor
from alertsms.store.error import StoreError
from alertsms.worker import LOOK, FailingQuestions, FailureWatch

log = logging.getLogger("alertsms.replies")

FAST, SLOW = timedelta(seconds=10), timedelta(seconds=60)  # while an answer is expected, and else
FIRST = timedelta(seconds=60)  # after a start nobody waits longer for what was answered meanwhile
BACK = timedelta(days=1)  # asked for once more: whether a filter heeds the zone is not documented, nor a list's order
LATEST = 20  # of what a phone was sent that are looked at for who wrote to it last
LONGEST = timedelta(days=30)  # of our own absence that is asked about: what came in it is said, not done
KEEP = timedelta(hours=1)  # how often is written down that nothing came, while no answer is expected
ZONE = timedelta(hours=1)  # an answer that seems older than this when it is first seen may be of another zone
# Seconds that OVHcloud's clock may seem ahead of ours where they agree: it cuts its time to seconds, and a slow answer
# to what time it is counts as if it were behind. To leave that as it is takes less.
AGREE = (-10.0, 0.25)
SETTLES = timedelta(minutes=5)
STOP_HINT = "`alertsms doctor` says whether OVHcloud blocks it, and --unblock takes it off the list"
IGNORED = {
    "resting": "answers of a phone count for nothing: too many wrong numbers",
    "late": "an SMS came in too late to act upon",
}
_NAMED = re.compile(r"#(\d{1,18})\b", re.ASCII)  # an incident, as an alertsms writes it


class Replies:
    """Reads each inbox, one after the other; an account whose sender is a name has none."""

    def __init__(
        self,
        *,
        context: Context,
        news: AccountNews,
        rate_limiter: RateLimiter,
        acknowledgements: Acknowledgements,
        on_stop: Callable[[], None],
    ) -> None:
        """`on_stop` tells whoever watches the STOP lists."""
        self._store, self._roster, self._config = context.store, context.roster, context.config
        self._metrics, self._clock, self._accounts = context.metrics, context.clock, news.accounts
        self._duty = news.duty
        self._rate_limiter, self._acknowledgements, self._on_stop = rate_limiter, acknowledgements, on_stop
        self._began = context.clock()
        self._polled_at: datetime | None = None
        self._read_at: dict[str, datetime] = {}  # when each account's inbox was last read to its end
        self._over: set[str] = set()  # accounts whose inbox was read, or never will be
        self._unanswered = FailingQuestions(time.monotonic)
        self._pulse = FailureWatch(time.monotonic)

    def troubles(self) -> Iterator[Trouble]:
        """Replies that are not read, or not handled: whoever writes them believes to have acknowledged."""
        yield from self._pulse.trouble("part:replies", "its obeying of replies", Hindrance.OUTSIDE, LOOK)
        for account, error in self._unanswered.long(self._inboxes()).items():
            yield Trouble(
                key=f"replies:{account}",
                hinders=Hindrance.OUTSIDE,
                says=f"answers by SMS cannot be read: {error}",
                fix=f"{remedy(error)}; until then answer by link",
                settles=SETTLES,
                behind="account",
            )

    @property
    def ready(self) -> bool:
        """Whether what was answered while nobody listened has been read: before that, no step is taken."""
        return self._inboxes().keys() <= self._over or not timedelta() <= self._clock() - self._began < FIRST

    def step(self) -> float | None:
        """Read what came in when it is time to; returns the seconds until the next look, None where nobody can answer.

        Often while an answer is expected, seldom else: OVHcloud means a few dozen calls a minute by fair use.
        """
        inboxes, now = self._inboxes(), self._clock()
        if not inboxes:
            return None
        every = FAST if not self.ready or self._store.read(lambda tx: phones.expected(tx, now)) else SLOW
        waited = now - self._polled_at if self._polled_at else every
        if timedelta() <= waited < every:
            return min(every - waited, FAST).total_seconds()
        self._polled_at = now
        keep = timedelta() if every is FAST else KEEP
        more = [self._look(account, inbox, keep) for account, inbox in inboxes.items()]
        if any(more):
            self._polled_at = None
            return 0.0
        return FAST.total_seconds()

    def _inboxes(self) -> Mapping[str, Inbox]:
        return {
            account: sms_account.inbox
            for account, sms_account in self._accounts.by_name.items()
            if sms_account.inbox is not None
        }

    def _look(self, account: str, inbox: Inbox, keep: timedelta) -> bool:
        """Read one inbox; returns whether there is more in it."""
        if not self._accounts.may_be_asked(account):
            return False
        now, known, duty = (
            self._clock(),
            self._store.read(lambda tx: answers.cursor(tx, inbox.name)),
            self._duty(account),
        )
        if duty is None:  # another replica reads it, and did at about our start, if an answer was expected
            if known.at and known.at > self._began - FIRST:
                self._over.add(account)
            return False
        try:
            listed, unread = self._ask(inbox, known, now)
        except OvhError as error:
            self._failed(account, error)
            return False
        self._unanswered.good(account)
        shown, theirs, before = self._clock(), inbox.their_seconds, self._read_at.get(account) or known.looked
        for number, sms in sorted(unread.items(), key=lambda item: (item[1].created_at or now, item[0])):
            created = _ours(sms.created_at, theirs, shown)
            self._handle(
                ReplySms(
                    duty=duty,
                    inbox=inbox.name,
                    id=number,
                    listed=listed,
                    number=number_of(sms.sender),
                    text=sms.message,
                    at=written_at(created, shown=shown, looked=before),
                    numbered=self._config.current.ovh.replies is Mode.NUMBERED,
                    elsewhere=self._elsewhere(account, sms, shown),
                    now=self._clock(),
                )
            )
        if len(unread) >= AT_ONCE:
            return True
        if not unread and (known.at is None or now - known.at > keep):
            read = replace(known.among(listed), looked=now)
            self._store.transact(lambda tx: _looked(tx, inbox.name, read, now))
        self._read_at[account] = now
        self._over.add(account)
        return False

    def _ask(self, inbox: Inbox, known: Cursor, now: datetime) -> tuple[list[int], dict[int, IncomingSms]]:
        since = max(min(known.at or now, now) - BACK, now - LONGEST)
        self._rate_limiter.borrow()
        try:
            listed = inbox.ids(since)
            waiting = self._store.read(lambda tx: answers.unread(tx, inbox.name, listed))
            return listed, inbox.read(waiting[-AT_ONCE:])
        finally:
            if self._rate_limiter.give_back(""):
                self._acknowledgements.wake()

    def _elsewhere(self, account: str, sms: IncomingSms, now: datetime) -> frozenset[int] | None:
        """The numbers that something else on this account named to the phone, where it wrote last; else None.

        Where OVHcloud does not say who wrote last, nothing else did.
        """
        phone, sms_account = number_of(sms.sender), self._accounts.by_name.get(account)
        known = {number.e164 for person in self._roster().people.values() for number in person.phones}
        if sms_account is None or phone not in known:
            return None
        try:
            ids = sms_account.sms.outgoing_to(phone, now - BACK)
            sent = sms_account.sms.outgoings(sorted(ids)[-LATEST:]) if ids else {}
        except OvhError as error:
            event(log, logging.INFO, "who wrote to a phone last is not known", account=account, why=str(error))
            return None
        until = sms.created_at + SLACK if sms.created_at else None
        before = [page for page in sent.values() if not (until and page.created_at and page.created_at > until)]
        last = max(before, key=lambda page: (page.created_at or now, page.id or 0), default=None)
        if last is None or self._store.read(lambda tx: phones.is_ours(tx, last.tag)):
            return None
        return frozenset(map(int, _NAMED.findall(last.message)))

    def _failed(self, account: str, error: OvhError) -> None:
        """Log a failure when it begins; where no later try can help, nobody waits for one."""
        if error.status == 429:
            self._rate_limiter.slow_down(time.monotonic())
        before = self._unanswered.bad(account, error)
        if before is None or before.code != error.code:
            event(log, logging.WARNING, "replies could not be read", account=account, why=str(error), fix=remedy(error))
        if error.permanent:
            self._over.add(account)

    def _handle(self, sms: ReplySms) -> None:
        """Handle one SMS in one transaction: never lost, never twice."""
        try:
            handled = self._store.transact(partial(handle, roster=self._roster(), sms=sms))
        except StoreError:
            raise
        except Exception as error:
            self._pulse.bad(error)
            # One that nobody foresaw must not keep those behind it from being read.
            log.exception("a reply could not be obeyed", extra={"fields": {"id": sms.id}})
            self._store.transact(lambda tx: _done_with(tx, sms))
            return
        self._pulse.failing = None
        if handled is not None:
            self._announce(sms, handled)

    def _announce(self, sms: ReplySms, handled: HandledReply) -> None:
        self._metrics.replies.labels(handled.intent).inc()
        if handled.sender is None:
            whose = masked(sms.number) if sms.number else "a short code or a name"
            event(log, logging.WARNING, "an SMS came in from a number that is nobody's", number=whose)
            return
        shown = {"person": handled.sender.name, "number": masked(handled.sender.number)}
        if handled.intent == Intent.STOP:
            event(
                log, logging.ERROR, "answered STOP: OVHcloud may send this phone nothing more", **shown, fix=STOP_HINT
            )
            self._on_stop()
        elif handled.intent in IGNORED:
            event(log, logging.WARNING, IGNORED[handled.intent], **shown)
        else:
            outcomes = handled.result.outcomes if handled.result else ()
            event(
                log,
                logging.INFO,
                "reply",
                **shown,
                wish=handled.intent,
                incidents=sum(outcome.result is AckOutcome.TAKEN for outcome in outcomes),
                responded=handled.responded,
            )
        if handled.result:
            self._acknowledgements.announce(handled.result)
        if handled.responded or handled.notified:
            self._acknowledgements.wake()


def written_at(created: datetime | None, *, shown: datetime, looked: datetime | None) -> datetime:
    """When an SMS was written. OVHcloud's word is believed as it stands, also where a look before lacked the SMS.

    Operators list late, and an earlier time takes less. Nothing is read before it was written: what seems so by less
    than two clocks that agree may differ was written just now. Only where it cannot be, or its zone may be another one,
    the last look that lacked the SMS counts; where none is known either, nothing that still fires was meant.
    """
    if created is not None and shown - ZONE <= created <= shown + timedelta(seconds=AGREE[1]):
        return min(created, shown)
    return min(looked or shown - LONGEST, shown)


def _ours(created: datetime | None, theirs: float | None, now: datetime) -> datetime | None:
    """A time of OVHcloud's by our clock, where the two differ; rather earlier than later: it cuts its seconds off."""
    if created is None or theirs is None:
        return created
    ahead = theirs - now.timestamp()
    return created if AGREE[0] <= ahead <= AGREE[1] else created - timedelta(seconds=ahead + 1)


def _looked(tx: Connection, inbox: str, read: Cursor, now: datetime) -> None:
    answers.keep(tx, inbox, read, now)
    answers.prune(tx, now)


def _done_with(tx: Connection, sms: ReplySms) -> None:
    known = answers.locked_cursor(tx, sms.inbox, sms.now)
    answers.begin(tx, sms.inbox, sms.id, sms.now)
    answers.keep(tx, sms.inbox, known.after(sms.id), sms.now)
