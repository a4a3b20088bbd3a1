"""The pauses that run, at hand for every decision: read from the store when they change and every ten seconds."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta

from alertsms.core.routing.roster import Pause, Roster
from alertsms.logs import event
from alertsms.metrics import Metrics
from alertsms.store import pauses
from alertsms.store.engine import Store

log = logging.getLogger("alertsms.pauses")

LOGGED_EVERY = timedelta(
    hours=1
)  # a pause that goes on is in the log again: nobody is paged, and that must not surprise


class Pauses:
    """Puts them into the roster, where intake, timers and commands find them beside the routes' own mutes."""

    def __init__(
        self, *, store: Store, metrics: Metrics, clock: Callable[[], datetime], teams: Callable[[], Collection[str]]
    ) -> None:
        """`teams` names those of the configuration."""
        self._store, self._metrics, self._clock, self._teams = store, metrics, clock, teams
        self._lock = threading.Lock()
        self.running: tuple[Pause, ...] = ()  # as of the last look into the store
        self._logged: dict[Pause, datetime] = {}
        self._shown: set[str] = set()
        self._paused: tuple[Roster, tuple[Pause, ...], Roster] | None = None

    def over(self, roster: Roster) -> Roster:
        """The roster with the pauses that run; one and the same until either changes."""
        running, kept = self.running, self._paused
        if not running:
            return roster
        if kept and kept[0] is roster and kept[1] is running:
            return kept[2]
        paused = replace(roster, pauses=running)
        self._paused = roster, running, paused
        return paused

    def refresh(self) -> None:
        """Look into the store: another replica may have been told, and pauses end by themselves. Raises StoreError."""
        now = self._clock()
        with self._lock:  # an older look must not win over a newer one
            running = self._store.read(lambda tx: pauses.running(tx, now))
            if running != self.running:
                self.running = running
            self._show()
            self._log(now)

    def begin(self, wanted: Collection[Pause]) -> None:
        """Begin pauses, each in the place of what its team has. Raises StoreError."""
        now = self._clock()
        self._store.transact(lambda tx: pauses.begin(tx, wanted, now))
        self.refresh()

    def end(self, teams: Collection[str] | None) -> int:
        """End the pauses of these teams, or all with None; returns how many there were. Raises StoreError."""
        now = self._clock()
        ended = self._store.transact(lambda tx: pauses.end(tx, teams, now))
        self.refresh()
        return ended

    def _show(self) -> None:
        now, teams = self._clock(), set(self._teams())
        for gone in self._shown - teams:
            self._metrics.paused.remove(gone)
        for team in teams:
            self._metrics.paused.labels(team).set(any(pause.holds(team, now) for pause in self.running))
        self._shown = teams

    def _log(self, now: datetime) -> None:
        for pause in [pause for pause in self._logged if pause not in self.running]:
            del self._logged[pause]
            event(log, logging.WARNING, "a pause is over", team=pause.whose, by=pause.by, reason=pause.reason)
        for pause in self.running:
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
