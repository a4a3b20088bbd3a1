"""The door for what nobody waits for: gauges, messages whose sender is gone, a clock that was set, old rows."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from alertsms.context import Context
from alertsms.logs import event
from alertsms.store import incidents, maintenance, outcomes, tokens
from alertsms.store.error import StoreError

log = logging.getLogger("alertsms.housekeeper")

PRUNE_ROWS = 1000  # in one transaction


class Housekeeper:
    """Does its round every ten seconds."""

    def __init__(self, *, context: Context, wake: Callable[[], None], look: Callable[[], None]) -> None:
        """`look` reads what replicas share."""
        self._store, self._metrics, self._clock = context.store, context.metrics, context.clock
        self._config, self._wake, self._look = context.config, wake, look
        self._pruned_at: datetime | None = None

    def step(self) -> float | None:
        """One round; returns 0 while there are more old rows to delete."""
        self._follow_clock()
        now = self._clock()
        if lost := self._store.transact(lambda tx: outcomes.orphans(tx, now)):
            event(log, logging.WARNING, "messages whose sender is gone will be looked up", messages=lost)
        self._sample()
        self._look()
        self._wake()  # retries and look-ups that came due
        return self._prune(now)

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
        if self._pruned_at and now - self._pruned_at < timedelta(hours=1):
            return None
        before = now - self._config.current.retention
        if (
            self._store.transact(lambda tx: tokens.prune(tx, now, PRUNE_ROWS)) >= PRUNE_ROWS
            or self._store.transact(lambda tx: maintenance.prune(tx, before, PRUNE_ROWS)) >= PRUNE_ROWS
        ):
            return 0.0
        self._pruned_at = now
        return None
