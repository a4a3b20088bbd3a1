"""The door for what nobody waits for: gauges, messages whose sender is gone, a clock that was set, old rows."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from alertsms.context import Context
from alertsms.core.messages.trouble import Hindrance, Trouble
from alertsms.logs import event
from alertsms.replicas import Duty
from alertsms.store import incidents, maintenance, outcomes, tokens
from alertsms.store.error import StoreError
from alertsms.store.maintenance import CLOCK_STEP
from alertsms.store.schema import EPOCH
from alertsms.worker import STORE, words

log = logging.getLogger("alertsms.housekeeper")

ROUND = timedelta(seconds=10)
PRUNE_ROWS, LEAST_ROWS = 100, 10  # in one transaction
PRUNE_SECONDS = 0.005  # of the store's time in one transaction, about
RESTS = 10  # times as long as it took
ASK_SECONDS = 10.0  # so often PostgreSQL is asked for its time
SURE_SECONDS = 15.0  # by then each other replica that is well has asked, and written that it did
UNREAD_SECONDS = 60.0


class Housekeeper:
    """Does its round every ten seconds."""

    def __init__(self, *, context: Context, wake: Callable[[], None], look: Callable[[], None]) -> None:
        """`look` reads what replicas share."""
        self._store, self._metrics, self._clock = context.store, context.metrics, context.clock
        self._config, self._wake, self._look, self._replicas = context.config, wake, look, context.replicas
        self._round_at: datetime | None = None
        self._pruned_at: datetime | None = None
        self._prune_rows = PRUNE_ROWS
        self._pruning: Sequence[Callable[..., datetime | None]] = ()  # what is still to be done of this hour's
        self._swept = EPOCH  # how far the first of them came

    def step(self) -> float | None:
        """One round; returns in how many seconds more old rows are to be deleted, None where none are."""
        if self._replicas.alone:
            self._follow_clock()
        now = self._clock()
        if self._round_at and self._pruning and timedelta() <= now - self._round_at < ROUND:
            return self._prune(now)
        self._round_at = now
        self.find_orphans()
        self._sample()
        self._look()
        self._wake()  # retries and look-ups that came due
        return self._prune(now)

    def find_orphans(self) -> None:
        """Have the messages looked up whose sender is gone, with an open end."""
        now = self._clock()
        if lost := self._store.transact(lambda tx: outcomes.orphans(tx, now) if self._clock.current(tx) else 0):
            event(log, logging.WARNING, "messages whose sender is gone will be looked up", messages=lost)
            self._wake()

    def _follow_clock(self) -> None:
        """The machine's clock was set: what is pending keeps its distance in running time."""
        if step := self._clock.step():
            now = self._clock()
            self._store.transact(lambda tx: maintenance.shift(tx, step, now))
            self._clock.follow(step)
            event(log, logging.WARNING, "the clock was set; pending times were shifted", seconds=step.total_seconds())

    def _sample(self) -> None:
        """Count rows off the scrape's path: with a million of them that takes a fifth of a second."""
        for state, number in self._store.read(maintenance.waiting).items():
            self._metrics.outbox.labels(state).set(number)
        unfinished = self._store.read(incidents.count)
        for state in ("open", "held", "acknowledged"):
            self._metrics.incidents.labels(state).set(unfinished.get(state, 0))

    def oldest_seconds(self) -> float:
        """Age of the oldest page that is due and has not left, in seconds; asked at each scrape."""
        try:
            now = self._clock()
            since = self._store.read(lambda tx: maintenance.oldest(tx, now))
        except Exception as error:
            if not isinstance(error, StoreError):
                log.exception("the age of the oldest page cannot be told")
            return float("nan")
        return max((now - since).total_seconds(), 0.0) if since else 0.0

    def _prune(self, now: datetime) -> float | None:
        """Delete a few old rows, and rest ten times as long as that took, so that nobody notices."""
        recently = self._pruned_at and now - self._pruned_at < timedelta(hours=1)
        if recently or not self._config.decides:  # an older file may keep less
            return None
        if (duty := self._replicas.duty("pruning")) is None:
            return None
        if not self._pruning:
            self._pruning, self._swept, self._pruned_at = PRUNED, EPOCH, None
        before, rest = now - self._config.current.retention, 0.0
        while self._pruning:
            work = partial(self._pruning[0], now=now, before=before, rows=self._prune_rows, after=self._swept)
            following, took = self._store.transact(partial(_timed, duty=duty, work=work))
            self._prune_rows = min(max(int(self._prune_rows * PRUNE_SECONDS / max(took, 1e-6)), LEAST_ROWS), PRUNE_ROWS)
            rest, self._swept = rest + RESTS * took, following or EPOCH
            if following:
                return rest
            self._pruning = self._pruning[1:]
        self._pruned_at = now
        return None


def _timed(tx: Connection, duty: Duty, work: Callable[[Connection], datetime | None]) -> tuple[datetime | None, float]:
    """What it returns, None where the duty is another replica's by now, and its seconds without the wait for a turn."""
    began = time.monotonic()
    return work(tx) if duty.hold(tx) else None, time.monotonic() - began


# What is pruned, one after the other; each returns from when on there is more, None at its end.


def _closed(tx: Connection, *, before: datetime, rows: int, after: datetime, now: datetime) -> datetime | None:  # noqa: ARG001
    return after if maintenance.prune(tx, before, rows) >= rows else None


def _links(tx: Connection, *, before: datetime, rows: int, after: datetime, now: datetime) -> datetime | None:  # noqa: ARG001
    return tokens.prune(tx, now, rows, after)


def _messages(tx: Connection, *, before: datetime, rows: int, after: datetime, now: datetime) -> datetime | None:  # noqa: ARG001
    return maintenance.sweep(tx, before, rows, after)


PRUNED: Sequence[Callable[..., datetime | None]] = (_closed, _links, _messages)


class Timekeeper:
    """Keeps the clock by PostgreSQL's, which replicas share: what it drifts is slewed, a step shifts what is pending.

    Our own clock counts on whatever is done to any machine's time, so their distance jumps for one of two reasons.
    PostgreSQL's clock was set, or another server with another clock took its place: every replica sees that. Or our
    machine stood still without counting it, as one that is moved does: then another replica has found itself right at a
    moment that still lies ahead of us.
    """

    def __init__(self, *, context: Context) -> None:
        self._store, self._clock, self._replicas = context.store, context.clock, context.replicas
        self._asked_at = self._measured_at = context.clock.ticks()  # the store was asked when it was opened
        self._jumped_at: float | None = None  # since when the distance is another one

    def step(self) -> float | None:
        """One look each second, at what other replicas did and, every ten seconds, at the time. Raises StoreError."""
        overtaken = self._overtaken()  # first: of what others did, it may not know more than is read next
        steps, ticks = self._store.read(maintenance.steps), self._clock.ticks()
        if self._jumped_at is None and steps == self._clock.steps and ticks - self._asked_at < ASK_SECONDS:
            return None
        self._asked_at = ticks
        if (away := self._clock.away(self._store)) is None:
            return None
        self._measured_at = ticks
        if steps == self._clock.steps:
            self._judge(away, ticks, overtaken=overtaken)
        else:  # one that was started since the clock was set goes by it already
            step = steps - self._clock.steps
            self._follow(step if abs(away) > CLOCK_STEP else timedelta(), steps, "another replica shifted what waits")
        return None

    def _judge(self, away: timedelta, ticks: float, *, overtaken: bool) -> None:
        if not self._clock.agreed:
            self._adopt(away)
        elif abs(away) <= CLOCK_STEP:
            self._clock.slew(away)
            self._jumped_at, self._replicas.timed_at = None, self._clock()
        elif overtaken:
            self._adopt(away)
            event(log, logging.WARNING, "this machine stood still for a while", seconds=away.total_seconds())
        elif self._jumped_at is None:
            self._jumped_at = ticks
        elif ticks - self._jumped_at >= SURE_SECONDS:
            self._shift(away)

    def _overtaken(self) -> bool:
        now, others = self._clock(), [each for each in self._replicas.alive() if each.id != self._replicas.id]
        ahead = [other for other in others if other.timed_at and other.timed_at > now + timedelta(seconds=1)]
        return any(other.started_at < now for other in ahead)  # a later one never saw the time before

    def _adopt(self, away: timedelta) -> None:
        """It was our clock alone: what is in the store is right."""
        self._clock.follow(away)
        self._clock.agreed, self._jumped_at = True, None

    def _shift(self, step: timedelta) -> None:
        now, known = self._clock(), self._clock.steps
        if self._store.transact(lambda tx: maintenance.shift_once(tx, known, step, now)):
            self._follow(step, known + step, "pending times were shifted")

    def _follow(self, step: timedelta, steps: timedelta, what: str) -> None:
        self._clock.follow(step)
        self._clock.steps = steps
        self._jumped_at = None
        event(log, logging.WARNING, f"PostgreSQL's clock was set; {what}", seconds=step.total_seconds())

    def troubles(self) -> Iterator[Trouble]:
        """The database's time could not be read, or only too slowly, for a while."""
        seconds = self._clock.ticks() - self._measured_at
        if not self._replicas.alone and seconds > UNREAD_SECONDS:
            yield Trouble(
                key="time",
                hinders=Hindrance.OUTSIDE,
                says=f"the database's time was not read for {words(seconds)}: replicas may go by different times",
                fix="see why PostgreSQL takes more than a second for an answer",
                behind=STORE,
            )
