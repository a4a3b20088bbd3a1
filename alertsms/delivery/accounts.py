"""The first account and the stand-by, each behind its circuit breaker. Every part that talks to OVHcloud asks here."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import requests

from alertsms.config import AccountConfig, Ovh
from alertsms.core.messages import circuit_breaker
from alertsms.core.messages.circuit_breaker import BreakerState, Cause, CircuitBreaker
from alertsms.core.text.reply import Mode
from alertsms.ovh.client import Client, ClientClocks
from alertsms.ovh.error import Certainty, OvhError, Scope, moved, remedy
from alertsms.ovh.sms import SmsAccount, SmsApi
from alertsms.ovh.wire import WireSession

FIRST, STANDBY = "first", "standby"  # as messages.account has them
READABLE = frozenset(
    {Cause.CREDITS, Cause.SENDER}
)  # an account refused for these causes cannot send, and can still be asked for receipts
OUTAGE = timedelta(minutes=10)  # after longer than this without a usable account what waits is composed anew


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountChoice:
    """How messages may leave just now."""

    account: str
    room: int | None  # how many: None as many as there are places, 1 as a trial, 0 none
    spare: str  # the account for a message that used up its copies on the first


@dataclass(frozen=True, kw_only=True, slots=True)
class BreakerTransition:
    """A breaker opened, closed, or is open for another cause than before."""

    account: str
    before: CircuitBreaker
    after: CircuitBreaker
    at: datetime


class Accounts:
    """The accounts; many threads share it."""

    def __init__(
        self,
        first: SmsAccount,
        standby: SmsAccount | None,
        *,
        clock: Callable[[], datetime],
        on_change: Callable[[], None],
    ) -> None:
        """`on_change` is called after a breaker opened or closed, or may be tried."""
        self._lock = threading.Lock()
        self._clock = clock
        now = clock()
        self.accounts = _named(first, standby)  # all of them, by name; never changed, only replaced
        self.longest = _longest(self.accounts)  # what one call may take
        self._breakers = {name: CircuitBreaker(since=now) for name in self.accounts}
        self._transitions: list[BreakerTransition] = []
        self._on_change = on_change
        self.down_since: datetime | None = None  # no account takes messages
        self.backlog_until: datetime | None = None  # pages asked for until then may have waited out an outage
        self.backup_of: datetime | None = None  # the store was put back to then, and what waited in it leaves as one
        self.compared = True  # False: what left before this start is not known yet
        self.credits: dict[str, float] = {}  # of each account, as last known
        self._down_before: datetime | None = (
            None  # start of an outage before this process; until the first accepted SMS
        )

    def replace(self, first: SmsAccount, standby: SmsAccount | None) -> list[SmsAccount]:
        """Take over other accounts; one that is the same keeps its breaker. Returns those of before."""
        now = self._clock()
        with self._lock:
            before, accounts, breakers = self.accounts, _named(first, standby), self._breakers
            self._breakers = {name: breakers.get(name, CircuitBreaker(since=now)) for name in accounts}
            for name, account in accounts.items():
                if name not in before or before[name].identity != account.identity:
                    self._breakers[name] = circuit_breaker.changed(self._breakers[name], now)
            self.accounts, self.longest = accounts, _longest(accounts)
            self._note_outage(now)
        self._on_change()
        return list(before.values())

    def resume(self, since: datetime, now: datetime) -> None:
        """Nothing could leave since then, for want of an account or of this process; after long, it is a backlog."""
        self._down_before = since
        if now - since > OUTAGE:
            self.backlog_until = now

    def restored(self, since: datetime) -> None:
        """The store was put back to what it was then: what waits in it leaves as a backlog."""
        self.backlog_until = self.backup_of = since

    def shift(self, step: timedelta) -> None:
        """The machine's clock was set: what is known keeps its distance in running time."""
        with self._lock:
            self._breakers = {name: circuit_breaker.shifted(known, step) for name, known in self._breakers.items()}
            for name in ("down_since", "_down_before", "backlog_until", "backup_of"):
                if at := getattr(self, name):
                    setattr(self, name, at + step)

    # What there is.

    @property
    def first(self) -> SmsAccount:
        """The account that messages go by while it works."""
        return self.accounts[FIRST]

    def of(self, account: str) -> SmsAccount | None:
        """The account that a message went by; None where a reload took it away."""
        return self.accounts.get(account)

    @property
    def breakers(self) -> dict[str, CircuitBreaker]:
        """How each account is doing."""
        return dict(self._breakers)

    def works(self, account: str) -> bool:
        """Whether messages go by this account."""
        breaker = self._breakers.get(account)
        return breaker is not None and breaker.closed

    def may_be_asked(self, account: str) -> bool:
        """Whether this account may be asked about what it took: also one that takes no messages, if it only says so."""
        breaker = self._breakers.get(account)
        return breaker is not None and (breaker.closed or breaker.cause in READABLE)

    def moved(self, account: str) -> BreakerState | None:
        """Where the breaker is of an account whose calls are led to another address; None for any other."""
        breaker = self._breakers.get(account)
        return breaker.state if breaker is not None and breaker.cause is Cause.MOVED else None

    @property
    def usable(self) -> bool:
        """Whether messages go by any account."""
        return any(breaker.closed for breaker in self._breakers.values())

    @property
    def proven(self) -> bool:
        """Whether messages go by any account, as far as is known: not only because a restart forgot."""
        return self.usable and self._down_before is None

    def outage(self, now: datetime) -> bool:
        """Whether no account has been usable for so long that what waits is to be composed anew."""
        return self.down_since is not None and now - self.down_since > OUTAGE

    def choose(self, now: datetime) -> AccountChoice:
        """By which account what is due may leave, and how much of it."""
        with self._lock:
            first, standby = self._breakers[FIRST], self._breakers.get(STANDBY)
            spare = STANDBY if standby and standby.closed else FIRST
            if first.state is BreakerState.CLOSED:
                return AccountChoice(account=FIRST, room=None, spare=spare)
            if circuit_breaker.wants_trial(first, now):
                return AccountChoice(account=FIRST, room=1, spare=spare)
            if standby and circuit_breaker.lends(first, now):
                room = None if standby.closed else int(circuit_breaker.wants_trial(standby, now))
                return AccountChoice(account=STANDBY, room=room, spare=STANDBY)
            return AccountChoice(account=FIRST, room=0, spare=spare)

    # What happened.

    def note_trial(self, account: str, now: datetime) -> None:
        """A message was claimed for this account: where a trial is wanted, this is it."""
        breaker = self._breakers.get(account)
        if breaker and breaker.state is not BreakerState.CLOSED:
            self._change(account, lambda breaker: circuit_breaker.trying(breaker, now), now)

    def accepted(self, account: str, began: datetime, now: datetime, credits_left: float | None = None) -> None:
        """A send that `began` then was accepted, and its answer may say how many credits are left."""
        if credits_left is not None:
            # Answers overtake each other, and only a question sees that credits were bought.
            self.credits[account] = min(credits_left, self.credits.get(account, credits_left))
        breaker, self._down_before = self._breakers.get(account), None
        if breaker and (breaker.tried_at or breaker.state is not BreakerState.CLOSED):
            if breaker.closed and breaker.tried_at and now - breaker.tried_at > OUTAGE:
                self.backlog_until = now  # too few tries to open it, and all in vain
            self._change(account, lambda breaker: circuit_breaker.accepted(breaker, began=began, now=now), now)

    def found(self, account: str, now: datetime) -> None:
        """A look-up found a message that this account had taken without saying so."""
        self._change(account, lambda breaker: circuit_breaker.found_by_lookup(breaker, now), now)

    def failed(self, account: str, error: OvhError, began: datetime, now: datetime) -> None:
        """A send ended badly; what that says of the account depends on the error."""
        why, fix = str(error), remedy(error)
        if (cause := cause_of(error)) is not None:
            self._change(
                account,
                lambda breaker: circuit_breaker.refused(breaker, cause, began=began, why=why, now=now, remedy=fix),
                now,
            )
        elif error.certainty is Certainty.PERMANENT:
            self._change(account, lambda breaker: circuit_breaker.answered(breaker, began=began), now)
        else:
            self._change(
                account, lambda breaker: circuit_breaker.failed(breaker, began=began, why=why, now=now, remedy=fix), now
            )

    def probed(self, account: str, cause: Cause | None, why: str, now: datetime, fix: str = "") -> None:
        """A harmless question was answered well (`cause` None) or not."""
        self._change(account, lambda breaker: circuit_breaker.probed(breaker, cause, why=why, now=now, remedy=fix), now)

    def pass_time(self, now: datetime) -> None:
        """What time alone decides: a first account that accepts nothing is left, one that nobody tries is closed."""
        if self.works(STANDBY) and circuit_breaker.stalled(self._breakers[FIRST], now):
            self._change(FIRST, lambda breaker: circuit_breaker.give_up(breaker, now), now)
        for account in list(self._breakers):
            self._change(account, lambda breaker: circuit_breaker.rested(breaker, now), now)

    def probes_due(self, now: datetime) -> list[str]:
        """The accounts that want a probe."""
        return [name for name, breaker in list(self._breakers.items()) if circuit_breaker.probe_due(breaker, now)]

    def transitions(self) -> list[BreakerTransition]:
        """What turned since this was last asked."""
        with self._lock:
            transitions, self._transitions = self._transitions, []
        return transitions

    def _change(self, account: str, change: Callable[[CircuitBreaker], CircuitBreaker], now: datetime) -> None:
        with self._lock:
            before = self._breakers.get(account)
            if before is None:  # a reload took it away meanwhile
                return
            after = self._breakers[account] = change(before)
            if after.state is before.state and after.cause is before.cause:
                return
            if after.closed != before.closed or after.cause is not before.cause:
                self._transitions.append(BreakerTransition(account=account, before=before, after=after, at=now))
            self._note_outage(now)
        self._on_change()

    def _note_outage(self, now: datetime) -> None:
        """Remember since when no account is usable; with the lock."""
        if all(breaker.state is BreakerState.OPEN for breaker in self._breakers.values()):
            self.down_since = self.down_since or self._down_before or now
        elif self.down_since and now - self.down_since > OUTAGE:
            self.backlog_until = now
        if self.usable:
            self.down_since = None


def _named(first: SmsAccount, standby: SmsAccount | None) -> dict[str, SmsAccount]:
    return {FIRST: first} | ({STANDBY: standby} if standby else {})


def _longest(accounts: Mapping[str, SmsAccount]) -> timedelta:
    return max(account.longest for account in accounts.values())


# The first line whose words are in "STATUS CODE MESSAGE" tells what an account was refused for. OVHcloud publishes no
# list; "User not granted for this request" is what users report of a sender that waits for its validation.
_CAUSES = (
    (
        re.compile(
            r"INVALID_(KEY|CREDENTIAL|SIGNATURE)|NOT_CREDENTIAL|^401\b|must login|invalid signature", re.IGNORECASE
        ),
        Cause.KEYS,
    ),
    (re.compile(r"NOT_GRANTED_CALL|has not been granted", re.IGNORECASE), Cause.RIGHTS),
    (re.compile(r"credits?\b|quota", re.IGNORECASE), Cause.CREDITS),
    (re.compile(r"\bsender\b|User not granted", re.IGNORECASE), Cause.SENDER),
    (re.compile(r"^(404|460)\b|\bservice\b|expired", re.IGNORECASE), Cause.SERVICE),
)


def cause_of(error: OvhError) -> Cause | None:
    """Why an account was refused; None where the error is not about the account."""
    if error.scope is not Scope.ACCOUNT:
        return None
    if moved(error):
        return Cause.MOVED
    said = f"{error.status or ''} {error.code} {error.message}"
    return next((cause for words, cause in _CAUSES if words.search(said)), Cause.REFUSED)


def sms_accounts(
    ovh: Ovh,
    *,
    session_factory: Callable[[], requests.Session] = WireSession,
    on_call: Callable[[str, str, float], None] | None = None,
    ticks: Callable[[], float] = time.monotonic,
) -> tuple[SmsAccount, SmsAccount | None]:
    """The first account of a configuration, and its stand-by; `on_call` is as Client says, `ticks` as its clocks."""

    def build(account: AccountConfig) -> SmsAccount:
        client = Client(
            base_url=account.base_url,
            credentials=account.credentials,
            session_factory=session_factory,
            timeout=(ovh.connect_timeout.total_seconds(), ovh.read_timeout.total_seconds()),
            on_call=on_call,
            clocks=ClientClocks(ticks=ticks),
        )
        return SmsAccount(
            client=client,
            sms=SmsApi(client, account.service_name),
            sender=account.sender or None,
            validity=ovh.validity,
            sender_for_response=account.sender_for_response,
            virtual_number=account.virtual_number or None,
            registered_in=account.registered_in,
            identity=(account,),
            receipt_timeout=ovh.receipt_timeout,
            answered=ovh.replies is not Mode.OFF,
            longest=2 * (ovh.connect_timeout + ovh.read_timeout),  # twice: it may ask for OVH's time first
        )

    return build(ovh.account), build(ovh.standby) if ovh.standby else None
