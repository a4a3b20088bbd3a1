"""Whether what is stored can be read back: each table with its indexes, one by one, on a connection of its own.

On SQLite that is the integrity check of one table at a time. The quick one would miss an index that lost its rows, by
which pages that wait are found, and costs a third: 0.45 s against 1.3 s for 500,000 messages. It keeps no writer
waiting. On PostgreSQL amcheck does as much where it is installed; else every row is read. The inspector looks over the
file of a running alertsms once a day, for damage that nobody has met yet.
"""

from __future__ import annotations

import logging
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from urllib.parse import quote

from sqlalchemy import Connection, text

from alertsms.logs import event
from alertsms.store.engine import Store
from alertsms.store.error import damage, failure
from alertsms.store.schema import metadata

STEPS = 100_000  # instructions of SQLite's machine between two looks at whether to stop: some milliseconds
MOST_WORDS = 3  # of what is wrong with one table
# What a row says, not how it is kept: SQLite takes it, and newer versions of it remark on more.
_CONTENT = re.compile("^(NULL|NUMERIC|TEXT|non-.*) value in |CHECK constraint failed")
TABLES = tuple(sorted(metadata.tables))

FIRST_SECONDS = 120.0  # after a start, which may have come of what happened to the file
EVERY_SECONDS = 86_400.0
LONGEST_SECONDS = 3600.0  # for one table on a slow disk
REST = 10  # times as long as a table took nothing is read, so that the disk is there for pages
MOST_REST = 600.0  # seconds
log = logging.getLogger("alertsms.inspector")


@contextmanager
def opened(path: str, stop: Callable[[], bool] = lambda: False) -> Iterator[sqlite3.Connection]:
    """A connection that only reads, and whose questions end soon after `stop` says so. Raises sqlite3.Error."""
    with closing(sqlite3.connect(f"file:{quote(path)}?mode=ro", uri=True, timeout=5.0)) as connection:
        connection.set_progress_handler(stop, STEPS)
        yield connection


def tables(connection: sqlite3.Connection) -> list[str]:
    """Every table that is there, ours and SQLite's own. Raises sqlite3.Error."""
    return [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]


def look(connection: sqlite3.Connection, table: str) -> str:
    """What is wrong with a table of a file or with its indexes; "" for nothing. Raises sqlite3.Error."""
    try:
        lines = connection.execute(f"PRAGMA integrity_check('{table}')").fetchall()
    except sqlite3.DatabaseError as error:
        if damage(error):
            return str(error)
        raise
    return _in_words(lines)


def leftover(connection: sqlite3.Connection) -> str:
    """What is wrong with the file besides its tables, such as pages that nothing leads to; "" for nothing."""
    return _in_words(connection.execute("PRAGMA quick_check").fetchall())


def _in_words(lines: list[tuple[str]]) -> str:
    words = [" ".join(str(line).split()) for (line,) in lines if line != "ok" and not _CONTENT.search(str(line))]
    return "; ".join(words[:MOST_WORDS])


def checks(tx: Connection) -> bool:
    """Whether PostgreSQL can compare indexes with their tables: amcheck is installed there, and may be used."""
    return tx.execute(_ALLOWED).first() is not None


def read_through(tx: Connection, table: str, *, thorough: bool) -> int:
    """Read every row of a table of PostgreSQL; `thorough`: compare its indexes with it. Returns how many rows."""
    if thorough:
        tx.execute(_CHECK, {"table": table})
    # The sum of the rows' lengths as text: what merely counts them reads no column that is kept outside the row.
    return int(tx.execute(text(f"SELECT count(*), sum(length(t::text)) FROM {table} t")).one()[0])  # noqa: S608 - our names


_ALLOWED = text(
    "SELECT 1 FROM pg_proc p WHERE p.proname = 'bt_index_check' AND p.pronargs = 2 AND pg_function_is_visible(p.oid)"
    " AND has_function_privilege(p.oid, 'EXECUTE')"
)
_CHECK = text(
    "SELECT bt_index_check(i.indexrelid, true) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
    " JOIN pg_am a ON a.oid = c.relam WHERE i.indrelid = to_regclass(:table) AND a.amname = 'btree' AND i.indisvalid"
)


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
        with opened(path, lambda: self._stopping) as connection:
            self._left = self._left or tables(connection)
            wrong = look(connection, self._left[0])
        if wrong:
            self._found(f"table {self._left[0]}", wrong)
        self._left = [] if wrong else self._left[1:]

    def _found(self, where: str, wrong: str) -> None:
        self._left = []
        event(log, logging.CRITICAL, "the store is damaged", where=where, why=wrong)
        self._store.condemn(f"a look over it found damage in {where}: {wrong}")
