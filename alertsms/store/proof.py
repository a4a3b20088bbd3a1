"""Whether what was written is still there: the one sign of another file that was copied over an SQLite file in use.

SQLite's writer answers from its memory, and the rest from the log beside the file, so most of what is asked would be
answered as if nothing had happened. A proof is longer than a page of the file: what is beyond its row's page lies on
pages that nobody else writes. It gets into the file with a checkpoint, and is read from there by a connection that has
none of it in memory, since something was committed after it read. Of two the one is written again only once the other
is in the file.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from itertools import cycle
from typing import Any

from sqlalchemy import Connection

from alertsms.store import settings
from alertsms.store.engine import Store

KEYS = ("ready", "ready, in turn")
REPEATS = 1024  # of a mark of eight characters: two pages


class Proof:
    """One for a store; asked by one thread at a time."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store, self._clock = store, clock
        self._keys = cycle(KEYS)
        self._key = next(self._keys)  # which is written now
        self._mark = _mark(store)  # the same until it is committed: a store may be away for days
        self._written: dict[str, set[str]] = {}  # key -> what may stand there; none before something was committed

    def __call__(self) -> None:
        """See that what was committed is still there, and commit something. Raises StoreError."""
        if self._store.sqlite:
            self._compare()
        key, mark = self._key, self._mark
        if key in self._written:  # where the commit's answer is lost, either mark may stand there
            self._written[key].add(mark)
        self._store.transact(lambda tx: settings.put(tx, key, mark, self._clock()))
        self._written[key], self._mark = {mark}, _mark(self._store)
        if self._store.sqlite and self._store.read(_brought):
            self._key = next(self._keys)

    def _compare(self) -> None:
        stored = self._store.read(lambda tx: {key: settings.get(tx, key) for key in self._written})
        if any(stored[key] not in marks for key, marks in self._written.items()):
            self._store.condemn("what this alertsms wrote into its file is gone: another file was copied over it")


def _mark(store: Store) -> str:
    return secrets.token_hex(4) * (REPEATS if store.sqlite else 1)


def _brought(connection: Connection) -> bool:
    """Bring what is committed from the log into the file, in nobody's way; false where somebody reads what is older."""
    raw: Any = connection.connection.driver_connection  # which began no transaction: within one there is no checkpoint
    _, logged, brought = raw.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return bool(logged == brought)
