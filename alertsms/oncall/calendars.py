"""The door for calendars that other tools write: each file is looked at, and read again when it changed.

What was read last is kept in the store: a file that broke must not leave nobody on call because of a restart.
"""

from __future__ import annotations

import logging
import zlib
from base64 import b85decode, b85encode
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import Connection

from alertsms.context import Context
from alertsms.core.messages.trouble import Hindrance, Trouble
from alertsms.core.routing.roster import Roster
from alertsms.icalendar_file.file import File
from alertsms.icalendar_file.protocol import IcsError
from alertsms.logs import event
from alertsms.store import settings
from alertsms.store.error import StoreError

log = logging.getLogger("alertsms.calendars")

CALENDAR_SECONDS = 30.0
KEPT = "calendar:"  # facts: what was read last of a schedule's file, packed
LOGGED_EVERY = timedelta(hours=1)
SETTLES = timedelta(minutes=5)  # a file that is being written is no news


class Calendars:
    """Does its round every half a minute, aside: a file on a share may hang, and no page waits for it."""

    def __init__(self, *, context: Context) -> None:
        self._store, self._roster = context.store, context.roster
        self._metrics, self._clock = context.metrics, context.clock
        self._kept: dict[str, bytes] | None = None  # by schedule: what the store has; None: not known yet
        # By schedule: what was last wrong, and when that was logged.
        self._failures: dict[str, tuple[str, datetime]] = {}

    def prepare(self, roster: Roster) -> None:
        """Unfold what is asked for soon, before a roster is in force: the first page after a start does not wait.

        A file that could not be read gives way to what was read of it before the start.
        """
        for name, file in _files(roster).items():
            if not file.raw:
                self._recall(name, file)
            with suppress(IcsError):  # the first round says so
                file.prepare(self._clock())

    def _recall(self, name: str, file: File) -> None:
        try:
            if kept := self._store.read(lambda tx: settings.get(tx, KEPT + name)):
                file.take(zlib.decompress(b85decode(kept)), self._clock())
                event(log, logging.WARNING, "calendar as it was before the start", schedule=name, file=str(file.path))
        except (IcsError, StoreError, ValueError, zlib.error) as problem:
            event(log, logging.ERROR, "no calendar of before the start", schedule=name, why=str(problem))

    def troubles(self) -> Iterator[Trouble]:
        """Calendars that could not be read."""
        for name, (why, _) in list(self._failures.items()):
            yield Trouble(
                key=f"calendar:{name}",
                hinders=Hindrance.OUTSIDE,
                says=f"the calendar of {name} is as it was read before: {why}",
                settles=SETTLES,
                fix="see what writes or fetches that file",
            )

    def step(self) -> None:
        """One round. What cannot be read leaves what was read before, loudly. Raises StoreError."""
        files = _files(self._roster())
        for name in self._failures.keys() - files.keys():
            del self._failures[name]
        self._metrics.know_calendars(files)
        for name, file in files.items():
            self._metrics.calendar_ok.labels(name).set(self._renewed(name, file))
        self._keep({name: file.raw for name, file in files.items()})

    def _keep(self, raws: dict[str, bytes]) -> None:
        """Put what is in force into the store, where it is new there; what is of no schedule any more goes.

        What could not be recalled stays: the next start may be able to.
        """
        if raws == self._kept:
            return
        now, packed = self._clock(), {KEPT + name: _packed(raw) for name, raw in raws.items() if raw}

        def work(tx: Connection) -> None:
            settings.prune(tx, KEPT, [KEPT + name for name in raws])
            for key, value in packed.items():
                if settings.get(tx, key) != value:
                    settings.put(tx, key, value, now)

        self._store.transact(work)
        self._kept = raws

    def _renewed(self, name: str, file: File) -> bool:
        try:
            file.renew(self._clock())
            file.prepare(self._clock())
        except IcsError as problem:
            now, why = self._clock(), f"{file.path} {problem}"
            logged, at = self._failures.get(name, ("", now))
            if logged != why or now - at >= LOGGED_EVERY:
                self._failures[name] = (why, now)
                event(log, logging.ERROR, "calendar not taken, what was read before stays", schedule=name, why=why)
            return False
        if self._failures.pop(name, None):
            event(log, logging.INFO, "the calendar can be read again", schedule=name)
        return True


def _files(roster: Roster) -> dict[str, File]:
    return {name: file for name, schedule in roster.schedules.items() if isinstance(file := schedule.calendar, File)}


def _packed(raw: bytes) -> str:
    return b85encode(zlib.compress(raw)).decode()
