"""What replicas let each other know of the SMS accounts, and how they share the pace of calls.

What an account says of itself (keys, rights, credits, sender, 429) holds for all, whoever was told. A line that fails
is a replica's own: while another one has a way out, it claims nothing, and nobody is told that SMS do not leave.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection

from alertsms.context import Context
from alertsms.core.messages import circuit_breaker
from alertsms.core.messages.circuit_breaker import PASSING, BreakerState, Cause, CircuitBreaker
from alertsms.core.messages.trouble import Hindrance, Trouble
from alertsms.delivery.accounts import FIRST, Accounts, RateLimiter
from alertsms.replicas import Duty
from alertsms.store import account_states
from alertsms.store.account_states import AccountState

OWN = PASSING | {Cause.MOVED}  # causes that may lie in this replica's line, or in what answers there
TRICKLE = 1 / 20  # of the pace for a replica of which the others do not know yet, or that only tries its line
KNOWN_AFTER = timedelta(seconds=5)  # the others have read by then that this one sends: they write and read every 2 s
PASSING_AFTER = timedelta(seconds=60)  # a cause that goes away by itself is told when it did not
RECENT = timedelta(seconds=10)  # a 429 of before says nothing of the pace now
LINE_SETTLES = timedelta(minutes=5)


class AccountNews:
    """What this replica found out is written down until it is; what others found out is taken over each second."""

    def __init__(self, *, context: Context, accounts: Accounts, rate_limiter: RateLimiter) -> None:
        self._store, self._clock, self._replicas = context.store, context.clock, context.replicas
        self._config = context.config
        self.accounts, self._rate_limiter = accounts, rate_limiter
        self.unreached: set[str] = set()  # accounts that do not answer the questions of this replica
        self._seen: dict[str, AccountState] = {}  # as of the last look, or as this one wrote
        self._able_since: datetime | None = None  # so long the others may have read that this one sends
        if not self._replicas.alone:
            rate_limiter.part = TRICKLE  # until the first round

    def troubles(self) -> Iterator[Trouble]:
        """This replica reaches no account, and others send in its place."""
        if self.accounts.elsewhere and not self.way_out:
            why = next((breaker.why for breaker in self.accounts.breakers.values() if breaker.why), "no answer")
            yield Trouble(
                key="line",
                hinders=Hindrance.OUTSIDE,
                says=f"this replica reaches no SMS account, the others send: {why}",
                fix="see why this machine cannot reach OVHcloud",
                settles=LINE_SETTLES,
            )

    @property
    def way_out(self) -> bool:
        """Whether messages leave from here, as far as is known."""
        return self.accounts.proven_here and not self.accounts.by_name.keys() <= self.unreached

    def duty(self, account: str) -> Duty | None:
        """What one replica does for all about an account, while it is ours: not where another one reaches it better."""
        sms_account = self.accounts.by_name.get(account)
        if sms_account is None:
            return None
        name, lost = f"ovh:{sms_account.mark}", self._lost(account) and self.works_elsewhere(account)
        if not self._replicas.alone:
            self._replicas.decline(name, declined=lost)
        return None if lost else self._replicas.duty(name)

    def works_elsewhere(self, account: str) -> bool:
        """Whether another replica that has a way out has not said that it cannot reach this account."""
        sms_account = self.accounts.by_name.get(account)
        return sms_account is not None and any(
            f"{sms_account.mark}/{other}" not in self._seen for other in self._able()
        )

    def needs_notice(self, account: str, breaker: CircuitBreaker, now: datetime) -> bool:
        """Whether operators are to know of an open breaker: not where only this replica's line is to blame."""
        if breaker.cause in OWN and self.works_elsewhere(account):
            return False
        return breaker.cause not in PASSING or now - (breaker.opened_at or now) >= PASSING_AFTER

    def step(self) -> None:
        """One round; nothing where there can be no other replica. Raises StoreError."""
        if self._replicas.alone:
            self._rate_limiter.part = 1.0
            return
        now, by_name = self._clock(), dict(self.accounts.by_name)
        self._replicas.ovh_ok = self.way_out and not self._config.newer_sender  # with an older file it sends nothing
        others = self._able()
        self.accounts.note_others(send=bool(others), now=now)
        self._rate_limiter.part = self._part(len(others), now)
        marks = {name: account.mark for name, account in by_name.items()}
        asked, slowed = set(self.accounts.asked), self._rate_limiter.slowed_at
        states = self._store.read(lambda tx: account_states.every(tx, marks.values()))
        for name, mark in marks.items():
            if mark in states:
                self._learn(name, states[mark], now)
        self._seen = states
        changes = [change for name, mark in marks.items() for change in self._changes(name, mark, now)]
        if not changes:
            return
        self._store.transact(partial(_write, changes=changes, now=now))
        for account, changed in changes:
            if changed is None:
                del self._seen[account]
            else:
                known = self._seen.get(account) or AccountState(account=account, at=now)
                self._seen[account] = replace(known, **changed)
        self.accounts.asked -= asked
        if self._rate_limiter.slowed_at == slowed:  # what came meanwhile is news for the next round
            self._rate_limiter.slowed_at = None

    def _lost(self, account: str) -> bool:
        breaker = self.accounts.breakers.get(account)
        return account in self.unreached or (breaker is not None and not breaker.closed and breaker.cause in OWN)

    def _able(self) -> set[str]:
        """The other replicas that have a way out."""
        ours = self._replicas.id
        return {other.id for other in self._replicas.alive() if other.worker and other.ovh_ok and other.id != ours}

    def _part(self, others: int, now: datetime) -> float:
        """The part of the pace that is ours: little until the others can know of us, so that it is theirs no more."""
        shown = any(each.id == self._replicas.id and each.ovh_ok for each in self._replicas.alive())
        self._able_since = (self._able_since or now) if shown and self._replicas.ovh_ok else None
        if not others:
            return 1.0
        known = self._able_since is not None and now - self._able_since >= KNOWN_AFTER
        return 1 / (others + 1) if known else TRICKLE

    def _learn(self, name: str, state: AccountState, now: datetime) -> None:
        """Take over what somebody else wrote since the last look."""
        known = self._seen.get(state.account)
        if known is None or known.at != state.at:
            self.accounts.change(name, partial(_taken_over, state=state, now=now), now)
        if state.slowed_at and (known is None or known.slowed_at != state.slowed_at) and now - state.slowed_at < RECENT:
            self._rate_limiter.slow_down(time.monotonic(), told=True)
        told = state.credits is not None and (known is None or known.credits != state.credits)
        if state.credits is not None and told and name not in self.accounts.asked:
            self.accounts.credits[name] = state.credits

    def _changes(self, name: str, mark: str, now: datetime) -> Iterator[tuple[str, dict[str, Any] | None]]:
        """Rows, and what is to be written there; None for one that is to go."""
        breaker, state = self.accounts.breakers.get(name), self._seen.get(mark)
        if breaker is None:
            return
        changed = _news(breaker, state.cause if state else "", now)
        if name == FIRST and self._rate_limiter.slowed_at is not None:
            changed["slowed_at"] = now
        left, known = self.accounts.credits.get(name), state.credits if state else None
        if left is not None and left != known and (known is None or left < known or name in self.accounts.asked):
            changed["credits"] = left
        if changed:
            yield mark, changed
        own = f"{mark}/{self._replicas.id}"
        if self._lost(name) != (own in self._seen):
            yield own, {"cause": breaker.cause or Cause.SILENT} if self._lost(name) else None


def _write(tx: Connection, changes: list[tuple[str, dict[str, Any] | None]], now: datetime) -> None:
    for account, changed in changes:
        if changed is None:
            account_states.drop(tx, account, now)
        else:
            account_states.put(tx, account, now, changed)


def _news(breaker: CircuitBreaker, known: str, now: datetime) -> dict[str, Any]:
    """What this breaker says of its account that the others do not know."""
    if breaker.closed:
        return {"cause": "", "why": "", "fix": "", "at": now} if known else {}
    if breaker.state is not BreakerState.OPEN or breaker.cause in OWN or breaker.cause in (None, known):
        return {}
    return {"cause": breaker.cause, "why": breaker.why, "fix": breaker.remedy, "at": now}


def _taken_over(breaker: CircuitBreaker, state: AccountState, now: datetime) -> CircuitBreaker:
    """A breaker by what another replica was told: open for that cause, or closed since the account works."""
    if state.cause:
        cause = Cause(state.cause)
        return circuit_breaker.refused(breaker, cause, began=now, why=state.why, now=now, remedy=state.fix)
    # What this one was told later than that is its own news.
    older = breaker.state is BreakerState.TRYING or breaker.since <= state.at
    return CircuitBreaker(since=now) if not breaker.closed and breaker.cause not in OWN and older else breaker
