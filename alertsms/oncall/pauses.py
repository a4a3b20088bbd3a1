"""The pauses that run, at hand for every decision: read from the store when they change and every ten seconds."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection
from datetime import datetime, timedelta

from alertsms.context import Context
from alertsms.core.routing.roster import Pause
from alertsms.logs import event
from alertsms.store import pauses
from alertsms.store.wake_channel import SHARED

log = logging.getLogger("alertsms.pauses")

LOGGED_EVERY = timedelta(
    hours=1
)  # a pause that goes on is in the log again: nobody is paged, and that must not surprise


class Pauses:
    """Puts them into the roster, where intake, timers and commands find them beside the routes' own mutes."""

    def __init__(self, *, context: Context) -> None:
        self._store, self._metrics, self._clock = context.store, context.metrics, context.clock
        self._config, self._replicas = context.config, context.replicas
        self._lock = threading.Lock()
        self._logged: dict[Pause, datetime] = {}
        self._shown: set[str] = set()

    def refresh(self) -> None:
        """Look into the store: another replica may have been told, and pauses end by themselves. Raises StoreError."""
        now = self._clock()
        with self._lock:  # an older look must not win over a newer one
            running = self._store.read(lambda tx: pauses.running(tx, now))
            if running != self._config.pauses:
                self._config.pauses = running
            self._show()
            self._log(now)

    def begin(self, wanted: Collection[Pause]) -> None:
        """Begin pauses, each in the place of what its team has. Raises StoreError."""
        now = self._clock()
        self._store.transact(lambda tx: pauses.begin(tx, wanted, now))
        self._tell()

    def end(self, teams: Collection[str] | None) -> int:
        """End the pauses of these teams, or all with None; returns how many there were. Raises StoreError."""
        now = self._clock()
        ended = self._store.transact(lambda tx: pauses.end(tx, teams, now))
        self._tell()
        return ended

    def _tell(self) -> None:
        """Have the other replicas look, and look ourselves."""
        if not self._replicas.alone:
            self._replicas.wake.say(SHARED)
        self.refresh()

    def _show(self) -> None:
        now, teams = self._clock(), set(self._config.current.roster.teams)
        for gone in self._shown - teams:
            self._metrics.paused.remove(gone)
        for team in teams:
            self._metrics.paused.labels(team).set(any(pause.holds(team, now) for pause in self._config.pauses))
        self._shown = teams

    def _log(self, now: datetime) -> None:
        for pause in [pause for pause in self._logged if pause not in self._config.pauses]:
            del self._logged[pause]
            event(log, logging.WARNING, "a pause is over", team=pause.whose, by=pause.by, reason=pause.reason)
        for pause in self._config.pauses:
            if pause not in self._logged or now >= self._logged[pause] + LOGGED_EVERY:
                self._logged[pause] = now
                event(
                    log,
                    logging.WARNING,
                    "paused: pages are held back",
                    team=pause.whose,
                    until=pause.ends_at.isoformat(timespec="seconds"),
                    by=pause.by,
                    reason=pause.reason,
                )
