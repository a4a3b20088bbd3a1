"""The door that finds out, at a start, whether the store is older than what OVHcloud took of this installation.

A backup that was restored, or a snapshot of the whole machine, looks like any other store. Its pages that wait may have
left and its numbers been given since, so nothing leaves before OVHcloud's newest messages have been compared with it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import Connection

from alertsms.context import Context
from alertsms.core.messages.circuit_breaker import BreakerState, Cause
from alertsms.core.messages.message import LIMITED, MessageState, ReceiptVerdict, judge
from alertsms.core.messages.notification import NoticeBySms
from alertsms.core.messages.trouble import Hindrance, Trouble
from alertsms.core.text.subject import clock_time
from alertsms.delivery.accounts import Accounts
from alertsms.delivery.claim import recompose
from alertsms.delivery.sms_account import cause_of
from alertsms.logs import event
from alertsms.ovh.client import AT_ONCE
from alertsms.ovh.error import OvhError, remedy
from alertsms.ovh.models import OutgoingSms
from alertsms.ovh.sms import SmsAccount, digits
from alertsms.store import comparison, fallback
from alertsms.store.comparison import Caught, ListedSms, id_of, made_at
from alertsms.store.opening import Opened

log = logging.getLogger("alertsms.comparison")

BACK = timedelta(days=1)  # asked for once more: the zone of OVHcloud's times is not documented
FIRST_LOOK = 500  # messages of others on the account that are read where the store is hardly older than this start
MOST = 5000  # that are read where it is older, or one of ours was among those
RESTART = timedelta(minutes=2)  # a store that was written to so lately: a restart like any other
PATIENCE = timedelta(seconds=60)  # so long an account that answers everything else may keep pages waiting
PATIENCE_RESTORED = timedelta(minutes=5)  # where somebody said that a backup was restored
OTHERS_PATIENCE = timedelta(seconds=10)  # so long one account waits for the answer of the other
AGAIN_SECONDS = (2.0, 2.0, 2.0, 4.0, 8.0, 10.0)  # after a question that was not answered; the last one goes on
TROUBLE = timedelta(hours=1)  # so long it stands among the troubles
NOTICE_EVERY = timedelta(minutes=1)
MARGIN = timedelta(hours=1)  # what is nearly as old as what is pruned may be
CLOSED, CLOSED_RESTORED = (
    3.0,
    10.0,
)  # seconds that alerts wait at a start for what left before: restored, they may longer
FIX = "nothing if a backup was restored; if a second alertsms runs on a copy of this store, stop it and give it its own"


def _left(read: OutgoingSms, installation: str) -> ListedSms | None:
    number = id_of(read.tag, installation)
    if number is None or read.id is None:
        return None
    at, good = made_at(number), judge(read.dlr, read.ptt).verdict is ReceiptVerdict.GOOD
    return ListedSms(
        tag=read.tag,
        ovh_id=read.id,
        number=digits(read.receiver),
        text=read.message,
        at=at,
        id=number,
        delivered_at=(read.delivered_at or at) if good else None,
    )


class Comparison:
    """Asks each account once; `free` says whether messages may leave by it."""

    def __init__(
        self,
        *,
        context: Context,
        accounts: Accounts,
        wake: Callable[[], None],
        opened: Opened,
    ) -> None:
        """`wake` tells those who send."""
        self._store, self._roster, self._metrics = context.store, context.roster, context.metrics
        self._accounts, self._clock, self._wake = accounts, context.clock, wake
        self._installation, self._since, self._restored = opened.installation, opened.since, opened.restored
        self._config = context.config
        self._over: set[str] = set()  # accounts that were compared, or never can be
        self._started = self._looked_at = context.clock()
        self._began: dict[str, datetime] = {}  # since when each could have been asked: not while it is shut
        self._due: dict[str, datetime] = {}
        self._tries: dict[str, int] = {}
        self._older_at: datetime | None = None  # when the store was seen to be older
        self._blind: dict[str, str] = {}  # accounts that could not be compared whole, and why
        self._asking = threading.Lock()
        accounts.compared = opened.since is None

    def free(self, account: str) -> bool:
        """Whether messages may leave by this account: it was compared, or has kept silent about that for too long."""
        if self._accounts.compared:
            return True
        now, patience = self._clock(), PATIENCE_RESTORED if self._restored else PATIENCE
        others = self._accounts.by_name.keys() - self._over - {account}
        if others and timedelta() <= now - self._started < OTHERS_PATIENCE:
            return False
        return account in self._over or not timedelta() <= now - self._began.get(account, self._started) < patience

    def over(self) -> bool:
        """Whether timers may ring: what they would page may have left. Not for longer than a minute, whatever is known.

        An outage must not keep a fallback from being told.
        """
        return self._accounts.compared or not timedelta() <= self._clock() - self._started < PATIENCE

    def troubles(self) -> Iterator[Trouble]:
        """What was found, for an hour; or that nobody can say, and messages leave all the same."""
        now = self._looked_at  # as of the last round: whoever lists troubles asks nobody, not even the clock
        if self._older_at is not None and now - self._older_at < TROUBLE:
            says = f"the store was put back to {self._since or self._older_at:%Y-%m-%d %H:%M} UTC"
            yield Trouble(key="older store", hinders=Hindrance.OUTSIDE, says=says, fix=FIX, told=True)
        for account, why in list(self._blind.items()) if now - self._started < TROUBLE else ():
            says = f"what left by the {account} account could not be compared: {why}"
            fix = "if a backup was restored, look for pages that left twice; else nothing"
            yield Trouble(key=f"comparison:{account}", hinders=Hindrance.OUTSIDE, says=says, fix=fix, behind="account")
        if not self._accounts.compared and now - self._started >= PATIENCE_RESTORED:
            says = "OVHcloud does not say what left before the start: after a restored backup pages may leave twice"
            fix = "`alertsms doctor` says what is wrong with keys, rights, network or OVHcloud"
            yield Trouble(key="comparison", hinders=Hindrance.OUTSIDE, says=says, fix=fix, behind="account")

    def before_all(self) -> None:
        """Take no alert before it is known which numbers were given since, if the store may be a restored one.

        But not for long: an alert that comes to a closed door is worse. Where nobody said in time, numbers go on from
        where none can have been given. Raises StoreError.
        """
        if self._accounts.compared or not (self._restored or self._long_since()):
            return
        asking = threading.Thread(target=self._once, name="first comparison", daemon=True)
        asking.start()
        asking.join(CLOSED_RESTORED if self._restored else CLOSED)
        if not self._accounts.compared and not self._restored:  # of a restored one that was done when it was opened
            following = self._store.transact(lambda tx: comparison.number_on(tx, 0))
            event(
                log, logging.INFO, "numbers go on from far behind: nobody said which were given", next_number=following
            )

    def _once(self) -> None:
        """One round; what fails in it is met again by the next one, which is looked after."""
        with suppress(Exception):
            self.step()

    def _long_since(self) -> bool:
        return self._since is not None and not timedelta() <= self._started - self._since < RESTART

    def step(self) -> float | None:
        """Ask the accounts that are due; returns in how many seconds it wants the next round, None: when woken."""
        if not self._asking.acquire(blocking=False):  # the first round of a start goes on
            return 1.0
        try:
            return self._round()
        finally:
            self._asking.release()

    def _round(self) -> float | None:
        now = self._looked_at = self._clock()
        if self._accounts.compared:
            return None
        for account, sms_account in list(self._accounts.by_name.items()):
            if account in self._over:
                continue
            if self._accounts.breakers[account].state is BreakerState.OPEN:  # its probes ask, and nothing leaves by it
                self._began[account] = now
            elif self._due.get(account, now) <= now:
                self._ask(account, sms_account, now)
        if not self._accounts.by_name.keys() <= self._over:
            return 1.0
        self._store.transact(comparison.done)
        self._accounts.compared = True
        return None

    def _ask(self, account: str, sms_account: SmsAccount, began: datetime) -> None:
        try:
            ours = self._read(account, sms_account)
        except OvhError as error:
            self._failed(account, error, began)
            return
        self._take(account, sms_account, ours)
        self._over.add(account)
        self._wake()

    def _failed(self, account: str, error: OvhError, began: datetime) -> None:
        """Ask again soon; an account that can never be asked is taken as it is, loudly."""
        now, tries = self._clock(), self._tries.get(account, 0)
        cause = cause_of(error)
        if error.permanent and cause in (None, Cause.RIGHTS):
            event(
                log,
                logging.ERROR,
                "what left cannot be compared with the store: after a restored backup pages may leave twice",
                account=account,
                why=str(error),
                fix=remedy(error),
            )
            self._blind[account] = str(error)
            self._over.add(account)
            self._wake()
            return
        if not tries:
            event(
                log, logging.WARNING, "pages wait until OVHcloud says what left before", account=account, why=str(error)
            )
        if cause or (error.status is None and self._accounts.works(account)):  # a message would fare no better
            self._accounts.failed(account, error, began, now)
        self._tries[account] = tries + 1
        self._due[account] = now + timedelta(seconds=AGAIN_SECONDS[min(tries, len(AGAIN_SECONDS) - 1)])

    def _read(self, account: str, sms_account: SmsAccount) -> list[ListedSms]:
        """What left by an account with a tag of ours, as far as its id is not known. Raises OvhError."""
        since = (self._since or self._clock()) - BACK
        listed = sms_account.sms.outgoing_since(since)
        known = self._store.read(lambda tx: comparison.known_ids(tx, account, since - BACK))
        fresh = sorted(set(listed) - known, reverse=True)
        ours: list[ListedSms] = []
        for at in range(0, min(len(fresh), MOST), AT_ONCE):
            if at >= FIRST_LOOK and not ours and not self._long_since():
                break
            read = sms_account.sms.outgoings(fresh[at : at + AT_ONCE]).values()
            ours += [left for sms in read if (left := _left(sms, self._installation))]
        if len(fresh) > MOST and self._long_since():
            self._blind[account] = f"only the newest {MOST} of {len(fresh)} SMS on it were read"
        return ours

    def _take(self, account: str, sms_account: SmsAccount, ours: list[ListedSms]) -> None:
        now, oldest = self._clock(), self._clock() - self._config.current.retention + MARGIN
        caught = self._store.transact(lambda tx: self._decide(tx, account, sms_account, ours, oldest, now))
        if caught.settled:
            event(log, logging.WARNING, "messages that waited had left", account=account, messages=caught.settled)
        if caught.older or (self._restored and self._older_at is None):
            self._go_on(caught, now)

    def _decide(
        self,
        tx: Connection,
        account: str,
        sms_account: SmsAccount,
        ours: list[ListedSms],
        oldest: datetime,
        now: datetime,
    ) -> Caught:
        known = comparison.states(tx, [listed.tag for listed in ours])
        strange = [listed for listed in ours if listed.tag not in known and listed.at >= oldest]
        stored = [(known[listed.tag], listed) for listed in ours if listed.tag in known]
        waiting = [(message, listed) for message, listed in stored if message.state is MessageState.QUEUED]
        certain = sum(not (message.resends or message.error.startswith(LIMITED)) for message, _ in waiting)
        receipt_in = sms_account.receipt_timeout
        settled = sum(comparison.settle(tx, message, listed, now, receipt_in) for message, listed in waiting)
        caught = comparison.adopt(tx, self._roster(), account, strange, ours, now) if strange else Caught()
        caught.settled, caught.certain = settled, certain
        return caught

    def _go_on(self, caught: Caught, now: datetime) -> None:
        """The store is older than what left: number on from far ahead, let what waits leave as one, and shout."""
        following = self._store.transact(lambda tx: comparison.number_on(tx, caught.highest))
        recompose(self._store, self._metrics, now + MARGIN, now)
        self._accounts.restored(self._since or now)
        rest = self._store.read(comparison.waits)
        since, level = self._since or now, logging.ERROR if caught.older else logging.WARNING
        event(
            log,
            level,
            "the store is older than what OVHcloud took: a backup was restored, or a second"
            " alertsms runs on a copy of it",
            store_of=since.isoformat(),
            unknown=caught.unknown,
            had_left=caught.had + caught.settled,
            wait=rest,
            next_number=following,
            fix=FIX,
        )
        self._older_at = now
        self._notify(caught, following, rest, now)
        self._wake()

    # What is said.

    def _notify(self, caught: Caught, following: int, rest: int, now: datetime) -> None:
        roster, sms = self._roster(), NoticeBySms.ALWAYS if caught.older else NoticeBySms.NEVER
        zone = next((person.time_zone for person in roster.route.team.first(now)), "UTC")
        words = (
            f"BACKUP of {clock_time(self._since or now, zone, now)} runs:"
            f" {f'{caught.unknown} newer SMS are unknown here' if caught.older else 'no newer SMS are known'},"
            f" answers since are lost, what fires pages again from #{following}."
            f" {caught.had + caught.settled} waiting pages had left, {rest} leave as a digest."
            " If nobody restored a backup, a second alertsms runs on a copy of this store: stop it"
        )
        self._store.transact(
            lambda tx: fallback.notice(tx, roster, key="older-store", every=NOTICE_EVERY, text=words, now=now, sms=sms)
        )
