"""The door that watches what pages are paid by: each account's credits, and the numbers that OVHcloud blocks."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection

from alertsms.context import Context
from alertsms.core.messages.notification import NoticeBySms
from alertsms.core.messages.trouble import Hindrance, Trouble
from alertsms.core.routing.roster import Roster
from alertsms.core.schedules.person import Person, PhoneNumber
from alertsms.core.text.subject import masked
from alertsms.delivery.accounts import FIRST, STANDBY, Accounts
from alertsms.doctor import phones
from alertsms.logs import event
from alertsms.ovh.error import OvhError, remedy
from alertsms.ovh.sms import SmsAccount
from alertsms.store import fallback, settings
from alertsms.worker import FailingQuestions

log = logging.getLogger("alertsms.balance")

LIST_EVERY = timedelta(hours=1)
RETRY = timedelta(minutes=1)  # after a failure that may pass
NOTICE_EVERY = timedelta(days=1)
UNREAD_SETTLES = timedelta(minutes=5)
NEARLY_OUT = 20.0  # credits: from here on somebody is told by night, too
LOW, OUT = 1, 2  # how few credits are left; 0: enough
FACT = "credits"  # what pages can leave by: of the richest account that works
BUY = "buy some in the OVHcloud manager (Web Cloud, SMS), and let it top itself up"
UNBLOCK = "take the number off the list with `alertsms doctor --unblock`, or in the OVHcloud manager, once they agree"


class QuestionSchedule:
    """When each account is asked one question again, and which account did not answer it."""

    def __init__(self, what: str, every: timedelta) -> None:
        self._what, self._every = what, every
        self._due: dict[str, datetime] = {}
        self.failing = FailingQuestions()

    def renew(self) -> None:
        """Ask every account anew."""
        self._due.clear()

    def take(self, account: str, now: datetime) -> bool:
        """Whether the account is to be asked now; it is due again after the usual time."""
        # A time that is further away than that comes of a clock that was set.
        if timedelta() < self._due.get(account, now) - now <= self._every:
            return False
        self._due[account] = now + self._every
        return True

    def answered(self, account: str) -> None:
        """The account answered."""
        self.failing.good(account)

    def failed(self, account: str, error: OvhError, now: datetime) -> bool:
        """Ask again soon where the error may pass, log it when it begins; whether it was the same the last time."""
        if not error.permanent:
            self._due[account] = now + min(RETRY, self._every)
        before = self.failing.bad(account, error)
        if before and before.code == error.code:
            return True
        fields = {"account": account, "what": self._what, "why": str(error), "fix": remedy(error)}
        event(log, logging.WARNING, "an account could not be watched", **fields)
        return False


class CreditMonitor:
    """Watches the credits that answers to sends and to the account monitor tell of; reads the STOP lists itself."""

    def __init__(
        self,
        *,
        context: Context,
        accounts: Accounts,
        wake: Callable[[], None],
        urgent: Callable[[], None],
    ) -> None:
        """`wake` tells those who send, `urgent` that a round should not wait."""
        self._store, self._roster, self._config = context.store, context.roster, context.config
        self._metrics, self._clock = context.metrics, context.clock
        self._accounts, self._wake, self._urgent = accounts, wake, urgent
        self._metrics.credits_left.set_function(lambda: accounts.credits.get(FIRST, math.nan))
        self._metrics.standby_credits_left.set_function(lambda: accounts.credits.get(STANDBY, math.nan))
        self._stored: float | None = None  # of the credits that can be spent, what the store has
        self._notified: dict[str, int] = {}  # how low each account was when that was last told
        self._fresh: set[str] = set()  # accounts just asked: of what is still low a notice is due again once a day
        self.blocked: dict[str, frozenset[str]] = {}  # numbers (E.164) on each account's STOP list
        self._schedule = QuestionSchedule("STOP list", LIST_EVERY)

    def troubles(self) -> Iterator[Trouble]:
        """STOP lists that cannot be read."""
        for name, error in self._schedule.failing.long(self._accounts.by_name).items():
            yield Trouble(
                key=f"stop list:{name}",
                hinders=Hindrance.OUTSIDE,
                says=f"the list of numbers that OVHcloud blocks cannot be read: {error}",
                fix=remedy(error),
                settles=UNREAD_SETTLES,
                behind="account",
            )

    def learn(self, account: str, left: float) -> None:
        """The account itself said how many credits are left."""
        self._accounts.credits[account] = left
        self._accounts.asked.add(account)
        self._fresh.add(account)

    def renew(self) -> None:
        """Read every STOP list anew, soon."""
        self._schedule.renew()
        self._urgent()

    def step(self, accounts: Mapping[str, SmsAccount], known: Collection[str]) -> None:
        """One round: read the STOP lists when that is due, and tell which credits are low.

        `accounts` are those that this replica watches, `known` all that there are.
        """
        for name, account in accounts.items():
            self._read_list(name, account)
        for gone in self._accounts.credits.keys() - set(known):
            self._accounts.credits.pop(gone)
        if accounts:
            self._keep()
        for name, left in list(self._accounts.credits.items()):
            if name in accounts and (name in self._fresh or self._notified.get(name) != self._band(left)):
                self._notify_credits(name, accounts[name], left)
        self._fresh.clear()
        blocked = frozenset().union(*(self.blocked.get(name, frozenset()) for name in accounts))
        self._metrics.blacklisted.set(len(blocked & phones(self._roster().people.values()).keys()))

    def _keep(self) -> None:
        """Remember what can be spent, for those who keep a reserve of it."""
        most = self._most()
        if most is None or most == self._stored:
            return
        now = self._clock()
        self._store.transact(lambda tx: settings.put(tx, FACT, repr(most), now))
        if self._stored is not None and most > self._stored:
            self._wake()  # what waited for credits may leave
        self._stored = most

    def _most(self) -> float | None:
        """The credits of the richest account that works, of any where none does."""
        left = dict(self._accounts.credits)
        usable = {name: known for name, known in left.items() if self._accounts.works(name)}
        return max((usable or left).values(), default=None)

    def _band(self, left: float) -> int:
        low = self._config.current.low_credits
        return OUT if left < min(NEARLY_OUT, low) else LOW if left < low else 0

    def _notify_credits(self, name: str, account: SmsAccount, left: float) -> None:
        band, before = self._band(left), self._notified.get(name)
        self._notified[name] = band
        if not band:
            return
        if before != band:
            level = logging.ERROR if band == OUT else logging.WARNING
            event(log, level, "credits are low", account=name, left=f"{left:g}", fix=BUY)
        which = account.sms.service_name + ("" if name == FIRST else f" ({name})")
        text = f"Only {math.floor(left)} SMS credits left at {which}: {BUY}"
        # While another account can carry the pages, nobody is woken for this one.
        last = band == OUT and self._band(self._most() or 0.0) == OUT
        key = f"{'credits-out' if last else 'credits'}:{name}"
        self.notice(key, text, NoticeBySms.ALWAYS if last else NoticeBySms.DAYTIME)

    def _read_list(self, name: str, account: SmsAccount) -> None:
        now = self._clock()
        if not self._schedule.take(name, now):
            return
        try:
            self.blocked[name] = frozenset(account.sms.blacklist())
        except OvhError as error:
            self._schedule.failed(name, error, now)
            return
        self._schedule.answered(name)
        roster = self._roster()
        for person in roster.people.values():
            for index, phone in enumerate(person.phones):
                if phone.e164 in self.blocked[name]:
                    self._notify_blocked(person, index, phone, roster, self.blocked[name])

    def _notify_blocked(
        self, person: Person, index: int, phone: PhoneNumber, roster: Roster, blocked: frozenset[str]
    ) -> None:
        number = masked(phone.e164)
        event(
            log,
            logging.ERROR,
            "OVHcloud sends this phone nothing: it answered STOP",
            person=person.name,
            number=number,
            fix=UNBLOCK,
        )
        text = f"{person.name} {number} answered STOP, so OVHcloud sends that phone nothing. Fix: alertsms doctor"
        team = roster.route.team.people
        reached = any(phone.e164 not in blocked for member in team for phone in member.phones)
        self.notice(f"blacklisted:{person.name}:{index}", text, NoticeBySms.DAYTIME if reached else NoticeBySms.NEVER)

    def notice(
        self,
        key: str,
        text: str,
        sms: NoticeBySms,
        every: timedelta = NOTICE_EVERY,
        first: Callable[[Connection], bool] = lambda _: True,
    ) -> None:
        """Notify whoever runs this alertsms, at most once in `every` for each key; `first` asks whether to, at all."""
        now, roster = self._clock(), self._roster()
        if self._store.transact(
            lambda tx: first(tx) and fallback.notice(tx, roster, key=key, every=every, text=text, now=now, sms=sms)
        ):
            self._wake()
