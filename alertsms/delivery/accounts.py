"""The accounts behind their circuit breakers, and how much may be under way: whatever talks to OVHcloud asks here."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from alertsms.core.messages import circuit_breaker
from alertsms.core.messages.circuit_breaker import FAILURES, FEW, BreakerState, BreakerTransition, Cause, CircuitBreaker
from alertsms.delivery.sms_account import AccountChoice, cause_of
from alertsms.ovh.error import Certainty, OvhError, remedy
from alertsms.ovh.sms import SmsAccount

FIRST, STANDBY = "first", "standby"  # as messages.account has them
# An account refused for these causes cannot send, and can still be asked for receipts.
READABLE = frozenset({Cause.CREDITS, Cause.SENDER})
OUTAGE = timedelta(minutes=10)  # after longer than this without a usable account what waits is composed anew
PER_PERSON = 4  # in each process: never all places for one number that hangs
LEAST = 1 / 8  # of the pace, however many 429 come: a page that waits is worse than one more of them
RECOVERY = 1 / 25  # of the pace for each good answer: a dozen of them undo a halving
TOLD_SECONDS = 3.0  # a 429 that another replica tells of within so long of our own came at the same pace


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
        self._lock, self._clock = threading.Lock(), clock
        # One that a reload took away is not there; never changed, only replaced.
        self.by_name = {FIRST: first} | ({STANDBY: standby} if standby else {})
        self.longest = max(account.longest for account in self.by_name.values())  # what one call may take
        self._breakers = {name: CircuitBreaker(since=clock()) for name in self.by_name}
        self._transitions: list[BreakerTransition] = []
        self._on_change = on_change
        self.down_since: datetime | None = None  # no account takes messages
        self.backlog_until: datetime | None = None  # pages asked for until then may have waited out an outage
        self.backup_of: datetime | None = None  # the store was put back to then, and what waited in it leaves as one
        self.compared = True  # False: what left before this start is not known yet
        self.credits: dict[str, float] = {}  # of each account, as last known
        self.asked: set[str] = set()  # accounts that said themselves how many; the other replicas are to know
        self.took: set[str] = set()  # accounts that accepted a message of this process
        self.elsewhere = False  # another replica has a way out, as far as is known
        self._down_before: datetime | None = None  # an outage of before this process, until the first accepted SMS

    def replace(self, first: SmsAccount, standby: SmsAccount | None) -> list[SmsAccount]:
        """Take over other accounts; one that is the same keeps its breaker. Returns those of before."""
        now = self._clock()
        with self._lock:
            before, breakers = self.by_name, self._breakers
            accounts = {FIRST: first} | ({STANDBY: standby} if standby else {})
            self._breakers = {name: breakers.get(name, CircuitBreaker(since=now)) for name in accounts}
            for name, account in accounts.items():
                if name not in before or before[name].identity != account.identity:
                    self._breakers[name] = circuit_breaker.changed(self._breakers[name], now)
            self.by_name, self.longest = accounts, max(account.longest for account in accounts.values())
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

    @property
    def first(self) -> SmsAccount:
        """The account that messages go by while it works."""
        return self.by_name[FIRST]

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
    def usable_here(self) -> bool:
        """Whether this replica sends by any account."""
        return any(breaker.closed for breaker in self._breakers.values())

    @property
    def usable(self) -> bool:
        """Whether messages go by any account, and by any replica."""
        return self.elsewhere or self.usable_here

    @property
    def proven_here(self) -> bool:
        """Whether this replica sends, as far as is known: not only because a restart forgot."""
        return self.usable_here and self._down_before is None

    @property
    def proven(self) -> bool:
        """The same of any replica."""
        return self.elsewhere or self.proven_here

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
                return AccountChoice(account=FIRST, room=1, spare=spare, yields=self.elsewhere)
            if standby and circuit_breaker.lends(first, now):
                room = None if standby.closed else int(circuit_breaker.wants_trial(standby, now))
                yields = self.elsewhere and not standby.closed
                return AccountChoice(account=STANDBY, room=room, spare=STANDBY, yields=yields)
            return AccountChoice(account=FIRST, room=0, spare=spare, yields=self.elsewhere)

    def note_others(self, *, send: bool, now: datetime) -> None:
        """Whether another replica has a way out."""
        with self._lock:
            self.elsewhere = send
            self._down_before = None if send else self._down_before
            self._note_outage(now)

    def note_trial(self, account: str, now: datetime) -> None:
        """A message was claimed for this account: where a trial is wanted, this is it."""
        breaker = self._breakers.get(account)
        if breaker and breaker.state is not BreakerState.CLOSED:
            self.change(account, lambda breaker: circuit_breaker.trying(breaker, now), now)

    def accepted(self, account: str, began: datetime, now: datetime, credits_left: float | None = None) -> None:
        """A send that `began` then was accepted, and its answer may say how many credits are left."""
        if credits_left is not None:
            # Answers overtake each other, and only a question sees that credits were bought.
            self.credits[account] = min(credits_left, self.credits.get(account, credits_left))
        breaker, self._down_before = self._breakers.get(account), None
        self.took.add(account)
        if breaker and (breaker.tried_at or breaker.state is not BreakerState.CLOSED):
            if breaker.closed and breaker.tried_at and now - breaker.tried_at > OUTAGE:
                self.backlog_until = now  # too few tries to open it, and all in vain
            self.change(account, lambda breaker: circuit_breaker.accepted(breaker, began=began, now=now), now)

    def found(self, account: str, now: datetime) -> None:
        """A look-up found a message that this account had taken without saying so."""
        self.change(account, lambda breaker: circuit_breaker.found_by_lookup(breaker, now), now)

    def failed(self, account: str, error: OvhError, began: datetime, now: datetime) -> None:
        """A send ended badly; what that says of the account depends on the error."""
        why, fix = str(error), remedy(error)
        if (cause := cause_of(error)) is not None:
            change = partial(circuit_breaker.refused, cause=cause, began=began, why=why, now=now, remedy=fix)
        elif error.certainty is Certainty.PERMANENT:
            change = partial(circuit_breaker.answered, began=began)
        else:
            most = FEW if self.elsewhere else FAILURES
            change = partial(circuit_breaker.failed, began=began, why=why, now=now, remedy=fix, most=most)
        self.change(account, change, now)

    def probed(self, account: str, cause: Cause | None, why: str, now: datetime, fix: str = "") -> None:
        """A harmless question was answered well (`cause` None) or not."""
        self.change(account, lambda breaker: circuit_breaker.probed(breaker, cause, why=why, now=now, remedy=fix), now)

    def pass_time(self, now: datetime) -> None:
        """What time alone decides: a first account that accepts nothing is left, one that nobody tries is closed."""
        if self.works(STANDBY) and circuit_breaker.stalled(self._breakers[FIRST], now):
            self.change(FIRST, lambda breaker: circuit_breaker.give_up(breaker, now), now)
        for account in list(self._breakers):
            self.change(account, lambda breaker: circuit_breaker.rested(breaker, now), now)

    def probes_due(self, now: datetime) -> list[str]:
        """The accounts that want a probe."""
        return [name for name, breaker in list(self._breakers.items()) if circuit_breaker.probe_due(breaker, now)]

    def transitions(self) -> list[BreakerTransition]:
        """What turned since this was last asked."""
        with self._lock:
            transitions, self._transitions = self._transitions, []
        return transitions

    def change(self, account: str, change: Callable[[CircuitBreaker], CircuitBreaker], now: datetime) -> None:
        """Change the breaker of an account, and let those know who are to."""
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
        if not self.elsewhere and all(breaker.state is BreakerState.OPEN for breaker in self._breakers.values()):
            self.down_since = self.down_since or self._down_before or now
        elif self.down_since and now - self.down_since > OUTAGE:
            self.backlog_until = now
        if self.usable:
            self.down_since = None


class RateLimiter:
    """Places in flight and a pace in calls a second; times are seconds of a monotonic clock."""

    def __init__(self, *, max_in_flight: int, max_per_second: float) -> None:
        """`max_per_second` 0: no limit."""
        self._lock = threading.Lock()
        self.places = max_in_flight  # how many may be under way
        self._rate = max_per_second
        self.part = 1.0  # of the pace that is this replica's
        self._share, self._slowed_at = 1.0, 0.0  # of that part; when a 429 came last
        self.slowed_at: float | None = None  # when one came that the other replicas do not know of
        self._tokens = max(max_per_second, 1.0)
        self._filled_at: float | None = None
        self._in_flight: Counter[str] = Counter()
        self.awaited = True  # sends or look-ups wait for a place; False once all that was due found one

    def room(self, now: float) -> int:
        """How many more may leave at this moment; from now on a place that is given back is awaited."""
        with self._lock:
            self.awaited = True
            places = self.places - self._in_flight.total()
            if not self._rate:
                return max(places, 0)
            rate = self._rate * self._share * self.part
            since = now - self._filled_at if self._filled_at is not None else 0.0
            self._tokens = min(self._tokens + since * rate, max(rate, 1.0))
            self._filled_at = now
            return max(min(places, int(self._tokens)), 0)

    def pause(self) -> float | None:
        """In how many seconds the pace allows one more; None where places, not the pace, are missing."""
        with self._lock:
            if not self._rate or self._in_flight.total() >= self.places:
                return None
            return max(0.01, (1 - self._tokens) / (self._rate * self._share * self.part))

    def limit(self, *, max_in_flight: int, max_per_second: float) -> None:
        """Take over new limits after a reload."""
        with self._lock:
            self.places, self._rate = max_in_flight, max_per_second
            self._tokens = max(self._tokens, 0.0)

    def full(self) -> set[str]:
        """The people to whom no more may leave just now."""
        with self._lock:
            return {person for person, calls in self._in_flight.items() if calls >= PER_PERSON}

    def take(self, person: str) -> bool:
        """Take a place; false where this person has all theirs."""
        with self._lock:
            if self._in_flight[person] >= PER_PERSON or self._in_flight.total() >= self.places:
                return False
            self._in_flight[person] += 1
            if self._rate:  # without a pace they would run into a debt that a later one had to pay off
                self._tokens -= 1
            return True

    def borrow(self) -> None:
        """Take a place and a call of the pace even where none is free; it is given back as that of person "".

        For one small thing at a time: else a storm of sends would keep receipts from being read while it lasts.
        """
        with self._lock:
            self._in_flight[""] += 1
            if self._rate:
                self._tokens -= 1

    def give_back(self, person: str) -> bool:
        """A call has ended; returns whether its place is awaited."""
        with self._lock:
            self._in_flight[person] -= 1
            if self._in_flight[person] <= 0:
                del self._in_flight[person]
            return self.awaited

    def slow_down(self, now: float, *, told: bool = False) -> None:
        """OVH said 429, or `told` another replica so: half the pace. Several within a second or so count once."""
        with self._lock:
            self.slowed_at = self.slowed_at if told else now
            if now - self._slowed_at >= (TOLD_SECONDS if told else 1.0) or self._share == 1.0:
                self._share, self._slowed_at = max(self._share / 2, LEAST), now

    def speed_up(self) -> None:
        """OVH answered well: a little faster again."""
        with self._lock:
            self._share = min(self._share + RECOVERY, 1.0)

    @property
    def in_flight(self) -> int:
        """How many are under way."""
        with self._lock:
            return self._in_flight.total()
