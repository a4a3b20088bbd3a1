"""The door for calendars that other tools write: each file is looked at, and read again when it changed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from alertsms.core.roster import Roster
from alertsms.ics import File
from alertsms.logs import event
from alertsms.metrics import Metrics
from alertsms.recurrence import IcsError

log = logging.getLogger("alertsms.calendars")

EVERY_SECONDS = 30.0
TOLD_AGAIN = timedelta(hours=1)


class Calendars:
    """Does its round every half a minute, aside: a file on a share may hang, and no page waits for it."""

    def __init__(self, *, roster: Callable[[], Roster], metrics: Metrics, clock: Callable[[], datetime]) -> None:
        self._roster, self._metrics, self._clock = roster, metrics, clock
        self._told: dict[str, tuple[str, datetime]] = {}  # by schedule: what was last wrong, and when that was said

    def prepare(self, roster: Roster) -> None:
        """Unfold what is asked for soon, before a roster is in force: the first page after a start does not wait."""
        for schedule in roster.schedules.values():
            if isinstance(schedule.calendar, File):
                schedule.calendar.prepare(self._clock())

    def step(self) -> None:
        """One round. What cannot be read leaves what was read before, loudly."""
        found = dict(self._files())
        for name in self._told.keys() - found.keys():
            del self._told[name]
        self._metrics.know_calendars(found)
        for name, file in found.items():
            self._metrics.calendar_ok.labels(name).set(self._renewed(name, file))
            file.prepare(self._clock())

    def _files(self) -> Iterator[tuple[str, File]]:
        for name, schedule in self._roster().schedules.items():
            if isinstance(schedule.calendar, File):
                yield name, schedule.calendar

    def _renewed(self, name: str, file: File) -> bool:
        try:
            file.renew()
        except IcsError as problem:
            self._tell(name, f"{file.path} {problem}")
            return False
        if self._told.pop(name, None):
            event(log, logging.INFO, "the calendar can be read again", schedule=name)
        return True

    def _tell(self, name: str, why: str) -> None:
        now = self._clock()
        said, at = self._told.get(name, ("", now))
        if said != why or now - at >= TOLD_AGAIN:
            self._told[name] = (why, now)
            event(log, logging.ERROR, "calendar not taken, what was read before stays", schedule=name, why=why)
