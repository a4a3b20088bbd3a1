"""The door that watches the ways out: probes a shut account, says what is wrong with it and how to mend it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from alertsms.context import Context
from alertsms.core.messages.circuit_breaker import PASSING, Cause, CircuitBreaker
from alertsms.core.messages.notice import NoticeBySms
from alertsms.core.messages.trouble import Hindrance, Trouble
from alertsms.core.routing.duration import canonical_duration
from alertsms.delivery.accounts import OUTAGE, Accounts, BreakerTransition, cause_of
from alertsms.logs import event
from alertsms.ovh.error import OvhError
from alertsms.ovh.fixes import remedy
from alertsms.store import maintenance, notices, outbox, outdated, settings

log = logging.getLogger("alertsms.prober")

ACCOUNT = "account"  # the key of its trouble
TOLD_EVERY = timedelta(hours=1)  # of one account: it may break and mend many times in a bad night
ALIVE_EVERY = timedelta(seconds=10)
AWAY = timedelta(minutes=1)  # less than this is a restart like any other
ROWS = 100  # messages taken apart in one transaction
PASSING_AFTER = timedelta(seconds=60)  # what goes away by itself is told when it did not


class AccountMonitor:
    """Does its round every second; a probe that hangs keeps nobody else waiting."""

    def __init__(
        self,
        *,
        context: Context,
        ways: Accounts,
        wake: Callable[[], None],
    ) -> None:
        """`wake` tells those who send that there may be something to send."""
        self._store, self._ways, self._roster = context.store, ways, context.roster
        self._metrics, self._clock, self._wake = context.metrics, context.clock, wake
        self._told: set[str] = set()  # the accounts whose present trouble was told
        self._flood: datetime | None = None  # up to which what waited was taken apart
        self._alive_at: datetime | None = None
        self._shown: set[str] = set()  # those that have a series

    def resume(self) -> None:
        """At the start: learn since when pages wait, for want of a way out or of this process."""
        now = self._clock()
        alive = self._store.read(lambda tx: settings.when(tx, "way_out"))
        oldest = self._store.read(lambda tx: maintenance.oldest(tx, now))
        if alive and oldest and max(alive, oldest) < now - AWAY:
            self._ways.resume(max(alive, oldest), now)

    def troubles(self) -> Iterator[Trouble]:
        """No account takes SMS; the channels are told of each account by `_tell`."""
        if not self._ways.usable:
            why = "; ".join(f"{name}: {known.why}" for name, known in self._ways.breakers.items() if known.why)
            fix = next(known.fix for known in self._ways.breakers.values())
            says = "no SMS account is usable" + (f" ({why})" if why else "")
            yield Trouble(key=ACCOUNT, hinders=Hindrance.OUTSIDE, says=says, fix=fix, told=True)

    def step(self) -> float | None:
        """One round."""
        now = self._clock()
        self._ways.pass_time(now)
        for account in self._ways.due(now):
            self._probe(account)
        if self._ways.flood_until != self._flood:
            self._recompose()
        turns = self._ways.turns()
        for turn in turns:
            self._log(turn)
        if turns and self._ways.usable:
            self._store.transact(lambda tx: outbox.hasten(tx, self._clock()))
            self._wake()
        self._tell()
        self._show()
        self._remember(now)
        return None

    def _probe(self, account: str) -> None:
        """Ask for the account itself: that costs nothing and needs working keys, a service and credits."""
        outlet = self._ways.of(account)
        if outlet is None:
            return
        cause, why, fix = None, "", ""
        try:
            left = outlet.sms.account().credits_left
            if left is not None and left <= 0:
                cause, why = Cause.CREDITS, "the account has no credits left"
        except OvhError as error:
            cause, why, fix = cause_of(error) or Cause.FAILURES, str(error), remedy(error)
        if cause is Cause.RIGHTS:  # for reading the account, that is: only a message tells whether it may send
            cause = None
        event(log, logging.DEBUG, "account probed", account=account, cause=cause.value if cause else "", why=why)
        if cause is None and self._ways.outage(self._clock()):
            self._recompose()  # before the trial: it shall carry what is true now
        self._ways.probed(account, cause, why, self._clock(), fix)

    def _recompose(self) -> None:
        """Take apart what was composed long ago and never left."""
        now, done = self._clock(), self._ways.flood_until
        while True:
            teams = self._store.transact(lambda tx: outdated.take_apart(tx, now - OUTAGE, now, ROWS))
            for team in teams:
                self._metrics.sms.labels(team, "cancelled").inc()
            if len(teams) < ROWS:
                break
        self._flood = done
        self._wake()

    def _remember(self, now: datetime) -> None:
        """Let a next start know when pages could leave last."""
        if self._ways.proven and (self._alive_at is None or now - self._alive_at >= ALIVE_EVERY):
            self._store.transact(lambda tx: settings.put(tx, "way_out", "", now))
            self._alive_at = now

    def _log(self, turn: BreakerTransition) -> None:
        """One line for each turn, with what to do about it."""
        known = turn.after
        if known.closed:
            since = turn.before.opened_at or turn.at
            event(log, logging.WARNING, "account usable again", account=turn.account, after=_length(turn.at - since))
        elif known.cause:
            event(
                log,
                logging.ERROR,
                "account not usable",
                account=turn.account,
                cause=known.cause.value,
                why=known.why,
                fix=known.fix,
            )

    def _tell(self) -> None:
        """Tell whoever runs this: of what somebody must mend at once, of the rest when it lasts; and of the end."""
        now = self._clock()
        for account, known in self._ways.breakers.items():
            if known.closed and account in self._told:
                self._notice(account, "account-again", f"SMS account {account} works again", now)
                self._told.discard(account)
            elif not known.closed and account not in self._told and _worth_telling(known, now):
                self._notice(account, "account", self._words(account, known), now)
                self._told.add(account)

    def _words(self, account: str, known: CircuitBreaker) -> str:
        way = "the other one is used" if self._ways.usable else "pages wait"
        return f"SMS account {account} not usable, {way}: {known.fix} ({known.why})"

    def _notice(self, account: str, key: str, words: str, now: datetime) -> None:
        sms = NoticeBySms.DAYTIME if key == "account" and self._ways.usable else NoticeBySms.NEVER
        roster = self._roster()
        told = self._store.transact(
            lambda tx: notices.tell(tx, roster, key=f"{key}:{account}", every=TOLD_EVERY, text=words, now=now, sms=sms)
        )
        if told:
            self._wake()

    def _show(self) -> None:
        breakers = self._ways.breakers
        for gone in self._shown - breakers.keys():
            self._metrics.account_usable.remove(gone)
        for account, known in breakers.items():
            self._metrics.account_usable.labels(account).set(known.closed)
        self._shown = set(breakers)


def _worth_telling(known: CircuitBreaker, now: datetime) -> bool:
    return known.cause not in PASSING or now - (known.opened_at or now) >= PASSING_AFTER


def _length(time: timedelta) -> str:
    return canonical_duration(timedelta(seconds=int(time.total_seconds())))
