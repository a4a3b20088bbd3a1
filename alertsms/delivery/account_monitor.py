"""The door that watches the accounts: asks each how it is, shares the answer, says what is wrong and how to mend it.

Two threads work here. `step` looks at the circuit breakers every second and probes a shut account. `watch` asks at
leisure, whether or not anything is to be sent; pages leave while it waits for an answer.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from alertsms.context import Context
from alertsms.core.messages.circuit_breaker import BreakerTransition, Cause
from alertsms.core.messages.notification import NoticeBySms
from alertsms.core.messages.trouble import Hindrance, Trouble
from alertsms.core.routing.duration import canonical_duration
from alertsms.delivery.account_news import OWN, AccountNews
from alertsms.delivery.accounts import FIRST, OUTAGE
from alertsms.delivery.claim import recompose
from alertsms.delivery.credit_monitor import RETRY, CreditMonitor, QuestionSchedule
from alertsms.delivery.sms_account import cause_of
from alertsms.doctor import CheckedAccount, FindingLevel, phones
from alertsms.doctor.account import examine
from alertsms.logs import event
from alertsms.ovh.error import OvhError, Scope, remedy
from alertsms.ovh.models import AccountStatus
from alertsms.ovh.sms import SmsAccount
from alertsms.store import account_states, maintenance, settings

log = logging.getLogger("alertsms.prober")
watch_log = logging.getLogger("alertsms.balance")

ACCOUNT = "account"  # the key of its trouble
HOURLY = timedelta(hours=1)  # of one account: it may break and mend many times in a bad night
ALIVE_EVERY = timedelta(seconds=10)
RESTART_LASTS = timedelta(minutes=1)  # an absence that is shorter is a restart like any other
ASK_EVERY = timedelta(minutes=5)
SILENT = 2  # questions in a row without an answer: one may get lost
SILENT_SETTLES = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountAnswer:
    """What an account said of itself: its status, or why there is none."""

    at: datetime
    status: AccountStatus | None = None
    error: OvhError | None = None


class AccountMonitor:
    """Asks each account one harmless question at a time, and gives the answer to its breaker and the credit monitor."""

    def __init__(
        self,
        *,
        context: Context,
        news: AccountNews,
        credit_monitor: CreditMonitor,
        wake: Callable[[], None],
        callback: Callable[[], str],
        outdated: Callable[[str], bool],
    ) -> None:
        """`wake` tells those who send that there may be something to send.

        `callback` is where OVHcloud should call receipts back, "" for nowhere; `outdated`: an address was ours.
        """
        self._store, self._accounts, self._roster = context.store, news.accounts, context.roster
        self._metrics, self._clock, self._wake, self._config = context.metrics, context.clock, wake, context.config
        self._credit_monitor, self._callback, self._outdated = credit_monitor, callback, outdated
        self._news = news
        self._notified: set[str] = set()  # the accounts whose present trouble was told, by whichever replica
        self._inherited: set[str] = set()  # those of which it was told before this start
        self._recomposed_until: datetime | None = None  # the backlog up to then was taken apart
        self._alive_at: datetime | None = None
        self._shown: set[str] = set()  # the accounts that have a series
        self._probed: dict[str, AccountAnswer] = {}  # what probes learned since the watch came round
        self._schedule = QuestionSchedule("account", ASK_EVERY)
        self._unanswered: dict[str, list[OvhError]] = {}  # accounts: the last questions in a row without an answer
        self._examined: set[str] = set()

    def resume(self) -> None:
        """At the start: learn since when pages wait, for want of an account or of this process, and what was told."""
        now = self._clock()
        self._inherited = self._store.read(account_states.noticed)
        alive = self._store.read(lambda tx: settings.when(tx, "way_out"))
        oldest = self._store.read(lambda tx: maintenance.oldest(tx, now))
        if alive and oldest and max(alive, oldest) < now - RESTART_LASTS:
            self._accounts.resume(max(alive, oldest), now)

    def troubles(self) -> Iterator[Trouble]:
        """No account takes SMS (the channels are told of each account by `_notify`), or some do not answer."""
        if not self._accounts.usable:
            why = "; ".join(
                f"{name}: {breaker.why}" for name, breaker in self._accounts.breakers.items() if breaker.why
            )
            fix = next(breaker.fix for breaker in self._accounts.breakers.values())
            says = "no SMS account is usable" + (f" ({why})" if why else "")
            yield Trouble(key=ACCOUNT, hinders=Hindrance.OUTSIDE, says=says, fix=fix, told=True)

    def silent(self) -> Iterator[Trouble]:
        """Accounts that do not answer: known before the next page needs one, or the first one's fault the stand-by."""
        accounts, unanswered = self._accounts.by_name, dict(self._unanswered)  # another thread adds to it
        asks = [name for name in accounts if not self._news.works_elsewhere(name)]
        silent = [name for name in asks if len(unanswered.get(name, ())) >= SILENT]
        if not silent:
            return
        alone, error = len(silent) < len(accounts), unanswered[silent[0]][-1]
        which = f"the {silent[0]} SMS account does not answer" if alone else "no SMS account answers"
        yield Trouble(
            key=f"silent:{silent[0]}" if alone else "silent",
            hinders=Hindrance.OUTSIDE,
            says=f"{which}: {error}",
            fix="`alertsms doctor` says what is wrong with keys, network or OVHcloud",
            settles=SILENT_SETTLES,
            behind=ACCOUNT,
            told=error.permanent,  # of that there is a notice, see `_missed`
        )

    def _ask(self, name: str, account: SmsAccount) -> AccountAnswer:
        """Ask for the account itself: that costs nothing and needs working keys, a service and credits."""
        try:
            status = account.sms.account()
        except OvhError as error:
            return AccountAnswer(at=self._clock(), error=error)
        if status.credits_left is not None:
            self._credit_monitor.learn(name, status.credits_left)
        return AccountAnswer(at=self._clock(), status=status)

    # The breakers.

    def step(self) -> None:
        """One round for the breakers."""
        now = self._clock()
        self._accounts.pass_time(now)
        self._news.step()
        for name in self._accounts.probes_due(now):
            self._probe(name)
        if self._accounts.backlog_until != self._recomposed_until:
            self._recompose()
        transitions = self._accounts.transitions()
        for transition in transitions:
            _log(transition)
        if transitions and self._accounts.usable_here:
            self._store.transact(lambda tx: maintenance.hasten(tx, self._clock()))
            self._wake()
        self._notify()
        self._show()
        self._remember(now)

    def _probe(self, name: str) -> None:
        account = self._accounts.by_name.get(name)
        if account is None:
            return
        answer = self._probed[name] = self._ask(name, account)
        cause, why, fix = None, "", ""
        if answer.error:
            cause, why, fix = cause_of(answer.error) or Cause.FAILURES, str(answer.error), remedy(answer.error)
        elif answer.status and answer.status.credits_left is not None and answer.status.credits_left <= 0:
            cause, why = Cause.CREDITS, "the account has no credits left"
        if cause is Cause.RIGHTS:  # for reading the account, that is: only a message tells whether it may send
            cause = None
        event(log, logging.DEBUG, "account probed", account=name, cause=cause.value if cause else "", why=why)
        if cause is None and self._accounts.outage(self._clock()):
            self._recompose()  # before the trial: it shall carry what is true now
        self._accounts.probed(name, cause, why, self._clock(), fix)

    def _recompose(self) -> None:
        now, until = self._clock(), self._accounts.backlog_until
        recompose(self._store, self._metrics, now - OUTAGE, now)
        self._recomposed_until = until
        self._wake()

    def _remember(self, now: datetime) -> None:
        """Let a next start know when pages could leave last."""
        if self._accounts.proven_here and (self._alive_at is None or abs(now - self._alive_at) >= ALIVE_EVERY):
            self._store.transact(lambda tx: settings.put(tx, "way_out", "", now))
            self._alive_at = now

    def _notify(self) -> None:
        """Tell the operators: at once of what somebody must mend, of the rest when it lasts; and of the end.

        One replica tells of each, for all. After a restart an account works again once it took something.
        """
        now, notice = self._clock(), self._credit_monitor.notice
        for name, breaker in self._accounts.breakers.items():
            if breaker.closed and (name in self._notified or name in self._inherited & self._accounts.took):
                end, text = partial(account_states.end_notice, account=name), f"SMS account {name} works again"
                notice(f"account-again:{name}", text, NoticeBySms.NEVER, HOURLY, first=end)
                self._notified.discard(name)
                self._inherited.discard(name)
            elif not breaker.closed and name not in self._notified and self._news.needs_notice(name, breaker, now):
                usable = self._accounts.usable if breaker.cause in OWN else self._accounts.usable_here
                way = "the other one is used" if usable else "pages wait"
                text = f"SMS account {name} not usable, {way}: {breaker.fix} ({breaker.why})"
                sms = NoticeBySms.DAYTIME if usable else NoticeBySms.NEVER
                begin = partial(account_states.begin_notice, account=name, now=now)
                notice(f"account:{name}", text, sms, HOURLY, first=begin)
                self._notified.add(name)

    def _show(self) -> None:
        breakers = self._accounts.breakers
        for gone in self._shown - breakers.keys():
            self._metrics.account_usable.remove(gone)
        for name, breaker in breakers.items():
            self._metrics.account_usable.labels(name).set(breaker.closed)
        self._shown = set(breakers)

    # The watch.

    def renew(self) -> None:
        """Ask for everything anew: the accounts or the numbers may be others."""
        self._schedule.renew()
        self._probed.clear()
        self._credit_monitor.renew()

    def watch(self) -> None:
        """One round at leisure: each account's state, credits and STOP list, when that is due.

        One replica asks for all; one that an account does not answer goes on asking until it does.
        """
        accounts = dict(self._accounts.by_name)
        ours = {name: account for name, account in accounts.items() if self._news.duty(name)}
        asked = {name: account for name, account in accounts.items() if name in ours or name in self._news.unreached}
        statuses = {name: self._look_at(name, account) for name, account in asked.items()}
        self._credit_monitor.step(ours, accounts)
        for name in ours.keys() - self._examined:
            self._examined.add(name)
            self._examine(name, accounts[name], statuses[name])

    def _look_at(self, name: str, account: SmsAccount) -> AccountStatus | None:
        """Ask when that is due, unless a probe has just done so; the status, where there is a new one."""
        now = self._clock()
        if not self._schedule.take(name, now):
            return None
        answer = self._probed.pop(name, None)
        if answer is None or not timedelta() <= now - answer.at < RETRY:
            answer = self._ask(name, account)
        if answer.error:
            self._missed(name, answer.error, now)
        elif answer.status:
            self._schedule.answered(name)
            self._unanswered.pop(name, None)
            self._news.unreached.discard(name)
            self._judge(name, account, answer.status)
        return answer.status

    def _missed(self, name: str, error: OvhError, now: datetime) -> None:
        """Count what says that pages would not leave either; a key may well lack the right to look alone."""
        if not error.permanent or _dead(error):
            self._unanswered[name] = [*self._unanswered.get(name, ()), error][-SILENT:]
            if len(self._unanswered[name]) >= SILENT and not error.permanent:
                self._news.unreached.add(name)
        if self._schedule.failed(name, error, now) and _dead(error):  # twice in a row: better known by day
            others = any(self._accounts.works(other) for other in self._accounts.by_name if other != name)
            text = f"OVHcloud refuses SMS account {name}: {remedy(error)} ({error})"
            self._credit_monitor.notice(
                f"account-refused:{name}", text, NoticeBySms.DAYTIME if others else NoticeBySms.NEVER
            )

    def _judge(self, name: str, account: SmsAccount, status: AccountStatus) -> None:
        if self._callback() and self._outdated(status.callback):
            self._call_here(name, account)
        wrong = "is disabled" if status.status == "disable" else ""
        wrong = wrong or ("is for marketing only" if status.channel == "marketing" else "")
        if not wrong:
            return
        why = f"SMS account {account.sms.service_name} {wrong}"
        fix = "see the OVHcloud manager (Web Cloud, SMS), or ask OVHcloud's support"
        event(watch_log, logging.ERROR, "account not fit for pages", account=name, why=why, fix=fix)
        self._credit_monitor.notice(
            f"account-state:{name}", f"{why}: pages may not arrive. See alertsms doctor", NoticeBySms.DAYTIME
        )

    def _call_here(self, name: str, account: SmsAccount) -> None:
        """Have receipts called back by today's secret: that of before stood in the store, and in its copies."""
        try:
            account.sms.set_callback(self._callback())
        except OvhError as error:
            event(
                watch_log,
                logging.WARNING,
                "receipts are called back by an old address",
                account=name,
                why=str(error),
                fix="`alertsms doctor --set-callback`, with keys that may change the account",
            )
        else:
            event(watch_log, logging.INFO, "receipts are called back by a new address", account=name)

    def _examine(self, name: str, account: SmsAccount, status: AccountStatus | None) -> None:
        """Log once what `alertsms doctor` would say of an account; what was just read is not asked for again."""
        subject = CheckedAccount(
            outlet=account,
            name="ovh" if name == FIRST else f"ovh.{name}",  # as `doctor` calls it
            phones=phones(self._roster().people.values()),
            low_credits=self._config.current.low_credits,
            callback=self._callback(),
            status=status,
            blocked=self._credit_monitor.blocked.get(name),
        )
        findings = list(examine(subject, self._clock()))
        bad = [finding for finding in findings if finding.level is not FindingLevel.OK]
        for finding in bad:
            level = logging.ERROR if finding.level is FindingLevel.FAIL else logging.WARNING
            event(watch_log, level, "check-up", about=finding.about, says=finding.says, fix=finding.fix)
        event(watch_log, logging.INFO, "account checked", account=name, checks=len(findings), warnings=len(bad))


def _log(transition: BreakerTransition) -> None:
    breaker, name = transition.after, transition.account
    if breaker.closed:
        lasted = timedelta(
            seconds=int((transition.at - (transition.before.opened_at or transition.at)).total_seconds())
        )
        event(log, logging.WARNING, "account usable again", account=name, after=canonical_duration(lasted))
    elif breaker.cause:
        why, fix, cause = breaker.why, breaker.fix, breaker.cause.value
        event(log, logging.ERROR, "account not usable", account=name, cause=cause, why=why, fix=fix)


def _dead(error: OvhError) -> bool:
    """Whether pages would be refused too. A key that lacks the right to look may well have the one to send."""
    return error.scope is Scope.ACCOUNT and "NOT_GRANTED_CALL" not in error.code
