"""The door to the file itself: looks over it once a day, a table at a time, for damage that nobody has met yet."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable

from alertsms.logs import event
from alertsms.store import soundness
from alertsms.store.engine import Store, damage, failure

log = logging.getLogger("alertsms.inspector")

FIRST_SECONDS = 120.0  # after a start, which may have come of what happened to the file
EVERY_SECONDS = 86_400.0
LONGEST_SECONDS = 3600.0  # for one table on a slow disk
REST = 10  # times as long as a table took nothing is read, so that the disk is there for pages
MOST_REST = 600.0  # seconds


class Inspector:
    """Looks at one table a round. What it finds closes the store, as damage that anybody else meets does."""

    def __init__(self, *, store: Store, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._store, self._monotonic = store, monotonic
        self._due = monotonic() + FIRST_SECONDS
        self._left: list[str] = []  # tables of the look that is under way
        self._stopping = False

    def stop(self) -> None:
        """End what is under way."""
        self._stopping = True

    def step(self) -> float | None:
        """Look at the next table; returns in how many seconds it wants to go on. Raises StoreError."""
        if not self._store.sqlite or self._store.damaged:  # a server of databases has its own means
            return None
        now = self._monotonic()
        if now < self._due:
            return self._due - now
        try:
            self._look()
        except sqlite3.Error as error:
            if self._stopping:
                return None
            if not damage(error):
                raise failure("store: it could not be looked over", error) from error
            self._found("its file", str(error))
        took = self._monotonic() - now
        if not self._left:
            self._due = now + EVERY_SECONDS
            event(log, logging.INFO, "the store was looked over", sound=not self._store.damaged)
        return min(max(REST * took, 1.0), MOST_REST)

    def _look(self) -> None:
        path = str(self._store.engine.url.database)
        with soundness.opened(path, lambda: self._stopping) as connection:
            self._left = self._left or soundness.tables(connection)
            wrong = soundness.look(connection, self._left[0])
        if wrong:
            self._found(f"table {self._left[0]}", wrong)
        self._left = [] if wrong else self._left[1:]

    def _found(self, where: str, wrong: str) -> None:
        self._left = []
        event(log, logging.CRITICAL, "the store is damaged", where=where, why=wrong)
        self._store.condemn(f"a look over it found damage in {where}: {wrong}")
