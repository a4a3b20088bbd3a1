"""Whether what is stored can be read back: each table with its indexes, one by one, on a connection of its own.

On SQLite that is the integrity check of one table at a time. The quick one would miss an index that lost its rows, by
which pages that wait are found, and costs a third: 0.45 s against 1.3 s for 500,000 messages. It keeps no writer
waiting. On PostgreSQL amcheck does as much where it is installed; else every row is read.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from urllib.parse import quote

from sqlalchemy import Connection, text

from alertsms.store.engine import damage
from alertsms.store.schema import metadata

STEPS = 100_000  # instructions of SQLite's machine between two looks at whether to stop: some milliseconds
MOST_WORDS = 3  # of what is wrong with one table
# What a row says, not how it is kept: SQLite takes it, and newer versions of it remark on more.
_CONTENT = re.compile("^(NULL|NUMERIC|TEXT|non-.*) value in |CHECK constraint failed")
TABLES = tuple(sorted(metadata.tables))


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
    counted = tx.execute(text(f"SELECT count(*), sum(length(t::text)) FROM {table} t")).one()  # noqa: S608 - our own names
    return int(counted[0])


_ALLOWED = text(
    "SELECT 1 FROM pg_proc p WHERE p.proname = 'bt_index_check' AND p.pronargs = 2 AND pg_function_is_visible(p.oid)"
    " AND has_function_privilege(p.oid, 'EXECUTE')"
)
_CHECK = text(
    "SELECT bt_index_check(i.indexrelid, true) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
    " JOIN pg_am a ON a.oid = c.relam WHERE i.indrelid = to_regclass(:table) AND a.amname = 'btree' AND i.indisvalid"
)
