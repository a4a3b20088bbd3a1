"""The door that watches what pages leave by: each account's credits and state, and who answered STOP to it."""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from alertsms.context import Context
from alertsms.core.messages.notice import NoticeBySms
from alertsms.core.messages.trouble import Hindrance, Trouble
from alertsms.core.routing.roster import Roster
from alertsms.core.schedules.person import Person, PhoneNumber
from alertsms.doctor import CheckedAccount, FindingLevel, examine, phones
from alertsms.logs import event
from alertsms.ovh.error import OvhError, Scope
from alertsms.ovh.fixes import remedy
from alertsms.ovh.sms_account import SmsAccount
from alertsms.store import notices, settings
from alertsms.worker import FailingQuestions

log = logging.getLogger("alertsms.balance")

ACCOUNT_EVERY = timedelta(minutes=5)
LIST_EVERY = timedelta(hours=1)
RETRY = timedelta(minutes=1)  # after a failure that may pass
TOLD_EVERY = timedelta(days=1)
SILENT = 2  # questions in a row without an answer: one may get lost
SILENT_TOLD = timedelta(minutes=5)
NEARLY_OUT = 20.0  # credits: from here on somebody is told by night, too
LOW, OUT = 1, 2  # how few credits are left; 0: enough
FACT = "credits"  # what pages can leave by: of the richest account that works
FIRST = "first"
BUY = "buy some in the OVHcloud manager (Web Cloud, SMS), and let it top itself up"
UNBLOCK = "take the number off the list with `alertsms doctor --unblock`, or in the OVHcloud manager, once they agree"


class CreditMonitor:
    """Does its round every ten seconds, and asks OVHcloud when that is due."""

    def __init__(
        self,
        *,
        context: Context,
        wake: Callable[[], None],
        urgent: Callable[[], None],
        accounts: Callable[[], Mapping[str, SmsAccount]],
        works: Callable[[str], bool],
        low_credits: Callable[[], float],
        callback: Callable[[], str],
        outdated: Callable[[str], bool],
    ) -> None:
        """`accounts` by their names, `works` says which of them take messages; `wake` tells those who send.

        `urgent` ends the pause before the next round. `callback` is where OVHcloud should call receipts back, "" for
        nowhere; `outdated`: an address was ours.
        """
        self._callback, self._outdated, self._urgent = callback, outdated, urgent
        self._store, self._roster, self._metrics, self._clock, self._wake = (
            context.store,
            context.roster,
            context.metrics,
            context.clock,
            wake,
        )
        self._accounts, self._works, self._low = accounts, works, low_credits
        self._left: dict[str, float] = {}  # credits of each account, as last heard
        self._kept: float | None = None  # of them, what the store has
        self._told: dict[str, int] = {}  # how low each account was when that was last told
        self._fresh: set[str] = set()  # accounts just asked: what is still low is told again once a day
        self._blocked: dict[str, frozenset[str]] = {}  # numbers (E.164) on each account's STOP list
        self._due: dict[tuple[str, str], datetime] = {}
        self._failing: dict[tuple[str, str], str] = {}
        self._examined = False
        self._unanswered: Counter[str] = Counter()  # accounts: so many questions in a row brought no answer
        self._unread = FailingQuestions()  # STOP lists
        self._unanswered_by: dict[str, OvhError] = {}  # the last of them

    def troubles(self) -> Iterator[Trouble]:
        """Accounts that do not answer: known before the next page needs one, or the first one's fault the stand-by."""
        accounts = self._accounts()
        for name, why in self._unread.long(accounts).items():
            yield Trouble(
                key=f"stop list:{name}",
                hinders=Hindrance.OUTSIDE,
                says=f"the list of numbers that OVHcloud blocks cannot be read: {why}",
                fix=remedy(why),
                settles=SILENT_TOLD,
                behind="account",
            )
        silent = [name for name in accounts if self._unanswered[name] >= SILENT]
        if not silent:
            return
        alone = len(silent) < len(accounts)
        error = self._unanswered_by[silent[0]]
        yield Trouble(
            key=f"silent:{silent[0]}" if alone else "silent",
            hinders=Hindrance.OUTSIDE,
            says=f"the {silent[0]} SMS account does not answer: {error}"
            if alone
            else f"no SMS account answers: {error}",
            fix="`alertsms doctor` says what is wrong with keys, network or OVHcloud",
            settles=SILENT_TOLD,
            behind="account",
            told=error.permanent,  # by `_tell_dead`
        )

    def heard(self, account: str, left: float) -> None:
        """The answer to a send said how many credits are left: no question is needed to see them go."""
        # Answers overtake each other, and only a question sees that credits were bought.
        left = self._left[account] = min(left, self._left.get(account, left))
        self._show(account)
        if left < self._low():
            self._urgent()

    def renew(self) -> None:
        """Ask for everything anew: the accounts or the numbers may be others."""
        self._due.clear()
        self._urgent()

    def step(self) -> float | None:
        """One round."""
        accounts = dict(self._accounts())
        if not self._examined:
            self._examined = True
            self._examine(accounts)
        for name, outlet in accounts.items():
            self._ask(name, "account", ACCOUNT_EVERY, lambda: self._look_at(name, outlet))  # noqa: B023 - called at once
            self._ask(name, "STOP list", LIST_EVERY, lambda: self._read_list(name, outlet))  # noqa: B023
        for gone in self._left.keys() - accounts.keys():
            self._left.pop(gone)
        self._keep()
        for name, left in list(self._left.items()):
            if name in accounts and (name in self._fresh or self._told.get(name) != self._band(left)):
                self._tell_credits(name, accounts[name], left)
        self._fresh.clear()
        self._count_blocked(accounts)
        return None

    def _examine(self, accounts: Mapping[str, SmsAccount]) -> None:
        """Log once what `alertsms doctor` would say of the accounts."""
        whose, low = phones(self._roster().people.values()), self._low()
        for name, outlet in accounts.items():
            about = "ovh" if name == FIRST else f"ovh.{name}"  # as `doctor` calls it
            subject = CheckedAccount(
                outlet=outlet, name=about, phones=whose, low_credits=low, callback=self._callback()
            )
            found = list(examine(subject, self._clock()))
            for one in found:
                if one.level is not FindingLevel.OK:
                    level = logging.ERROR if one.level is FindingLevel.FAIL else logging.WARNING
                    event(log, level, "check-up", about=one.about, says=one.says, fix=one.fix)
            fine = sum(one.level is FindingLevel.OK for one in found)
            event(log, logging.INFO, "account checked", account=name, checks=len(found), warnings=len(found) - fine)

    def _ask(self, account: str, what: str, every: timedelta, ask: Callable[[], None]) -> None:
        """Ask OVHcloud when it is time; a failure is logged when it begins, and asked about again soon."""
        key, now = (account, what), self._clock()
        if timedelta() < self._due.get(key, now) - now <= every:  # further away than that: the clock was set
            return
        self._due[key] = now + every
        try:
            ask()
        except OvhError as error:
            self._missed(account, what, error)
            if not error.permanent:
                self._due[key] = now + min(RETRY, every)
            if self._failing.get(key) != error.code:
                event(
                    log,
                    logging.WARNING,
                    "an account could not be watched",
                    account=account,
                    what=what,
                    why=str(error),
                    fix=remedy(error),
                )
            elif what == "account" and _dead(error):  # twice in a row: better known by day than with the next page
                self._tell_dead(account, error)
            self._failing[key] = error.code
        else:
            self._failing.pop(key, None)
            if what != "account":
                self._unread.good(account)
            else:
                self._unanswered.pop(account, None)

    def _missed(self, account: str, what: str, error: OvhError) -> None:
        """Count what says that pages would not leave either; a key may well lack the right to look alone."""
        if what != "account":
            self._unread.bad(account, error)
        if what == "account" and (not error.permanent or _dead(error)):
            self._unanswered[account] += 1
            self._unanswered_by[account] = error

    def _tell_dead(self, name: str, error: OvhError) -> None:
        others = any(self._works(other) for other in self._accounts() if other != name)
        words = f"OVHcloud refuses SMS account {name}: {remedy(error)} ({error})"
        self._notice(f"account-refused:{name}", words, NoticeBySms.DAYTIME if others else NoticeBySms.NEVER)

    def _look_at(self, name: str, outlet: SmsAccount) -> None:
        account = outlet.sms.account()
        if account.credits_left is not None:
            self._left[name] = account.credits_left
            self._show(name)
            self._fresh.add(name)
        if self._callback() and self._outdated(account.callback):
            self._call_here(name, outlet)
        wrong = "is disabled" if account.status == "disable" else ""
        wrong = wrong or ("is for marketing only" if account.channel == "marketing" else "")
        if wrong:
            words = f"SMS account {outlet.sms.service_name} {wrong}"
            event(
                log,
                logging.ERROR,
                "account not fit for pages",
                account=name,
                why=words,
                fix="see the OVHcloud manager (Web Cloud, SMS), or ask OVHcloud's support",
            )
            self._notice(
                f"account-state:{name}", f"{words}: pages may not arrive. See alertsms doctor", NoticeBySms.DAYTIME
            )

    def _call_here(self, name: str, outlet: SmsAccount) -> None:
        """Have receipts called back by today's secret: that of before stood in the store, and in its copies."""
        try:
            outlet.sms.set_callback(self._callback())
        except OvhError as error:
            event(
                log,
                logging.WARNING,
                "receipts are called back by an old address",
                account=name,
                why=str(error),
                fix="`alertsms doctor --set-callback`, with keys that may change the account",
            )
        else:
            event(log, logging.INFO, "receipts are called back by a new address", account=name)

    def _show(self, name: str) -> None:
        gauge = self._metrics.credits_left if name == FIRST else self._metrics.standby_credits_left
        gauge.set(self._left[name])

    def _keep(self) -> None:
        """Remember what can be spent, for those who keep a reserve of it."""
        most = self._most()
        if most is None or most == self._kept:
            return
        now = self._clock()
        self._store.transact(lambda tx: settings.put(tx, FACT, repr(most), now))
        if self._kept is not None and most > self._kept:
            self._wake()  # what waited for credits may leave
        self._kept = most

    def _most(self) -> float | None:
        """The credits of the richest account that works, of any where none does."""
        known = {name: left for name, left in list(self._left.items()) if self._works(name)} or dict(self._left)
        return max(known.values(), default=None)

    def _band(self, left: float) -> int:
        low = self._low()
        return OUT if left < min(NEARLY_OUT, low) else LOW if left < low else 0

    def _tell_credits(self, name: str, outlet: SmsAccount, left: float) -> None:
        band, before = self._band(left), self._told.get(name)
        self._told[name] = band
        if not band:
            return
        if before != band:
            event(
                log,
                logging.ERROR if band == OUT else logging.WARNING,
                "credits are low",
                account=name,
                left=f"{left:g}",
                fix=BUY,
            )
        which = outlet.sms.service_name + ("" if name == FIRST else f" ({name})")
        words = f"Only {math.floor(left)} SMS credits left at {which}: {BUY}"
        # While another account can carry the pages, nobody is woken for this one.
        last = band == OUT and self._band(self._most() or 0.0) == OUT
        self._notice(
            f"{'credits-out' if last else 'credits'}:{name}", words, NoticeBySms.ALWAYS if last else NoticeBySms.DAYTIME
        )

    def _read_list(self, name: str, outlet: SmsAccount) -> None:
        blocked = self._blocked[name] = frozenset(outlet.sms.blacklist())
        roster = self._roster()
        for person in roster.people.values():
            for index, phone in enumerate(person.phones):
                if phone.e164 in blocked:
                    self._tell_blocked(person, index, phone, roster, blocked)

    def _tell_blocked(
        self, person: Person, index: int, phone: PhoneNumber, roster: Roster, blocked: frozenset[str]
    ) -> None:
        event(
            log,
            logging.ERROR,
            "OVHcloud sends this phone nothing: it answered STOP",
            person=person.name,
            number=phone.masked,
            fix=UNBLOCK,
        )
        words = (
            f"{person.name} {phone.masked} answered STOP, so OVHcloud sends that phone nothing. Fix: alertsms doctor"
        )
        reached = any(one.e164 not in blocked for each in roster.route.team.people for one in each.phones)
        self._notice(f"blacklisted:{person.name}:{index}", words, NoticeBySms.DAYTIME if reached else NoticeBySms.NEVER)

    def _count_blocked(self, accounts: Mapping[str, SmsAccount]) -> None:
        blocked = frozenset().union(*(self._blocked.get(name, frozenset()) for name in accounts))
        self._metrics.blacklisted.set(len(blocked & phones(self._roster().people.values()).keys()))

    def _notice(self, key: str, words: str, sms: NoticeBySms) -> None:
        now, roster = self._clock(), self._roster()
        told = self._store.transact(
            lambda tx: notices.tell(tx, roster, key=key, every=TOLD_EVERY, text=words, now=now, sms=sms)
        )
        if told:
            self._wake()


def _dead(error: OvhError) -> bool:
    """Whether pages would be refused too. A key that lacks the right to look may well have the one to send."""
    return error.scope is Scope.ACCOUNT and "NOT_GRANTED_CALL" not in error.code
