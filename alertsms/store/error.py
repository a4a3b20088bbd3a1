"""The errors of the store, and what those of its databases mean: damage, away for a while, or another was first."""

from __future__ import annotations

import re
import sqlite3
from typing import Any

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as SQLTimeoutError

from alertsms.store.schema import metadata

DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})  # the low byte of a code: the rest says where
# A page that cannot be read: the disk refuses it, it is cut off, its checksum is wrong, or its file system says so.
UNREADABLE = {
    sqlite3.SQLITE_IOERR_READ,
    sqlite3.SQLITE_IOERR_SHORT_READ,
    sqlite3.SQLITE_IOERR_DATA,
    sqlite3.SQLITE_IOERR_CORRUPTFS,
}
# What passes by itself: another program holds the file, or the disk is full.
PASSING = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL})
# PostgreSQL: a lock that another session has, a question that took too long, a session that idled, a standby.
NOT_NOW = frozenset({"55P03", "57014", "25P03", "25006"})
TOO_MANY = "53300"  # connections
WAY_OUT = (
    "The file is damaged: stop alertsms, move the file away with its -wal and -shm beside it, and put the last copy in"
    " its place, or start without one. What came after that copy is forgotten, until its senders repeat what still"
    " fires"
)


class StoreError(Exception):
    """The store cannot do it now: nothing was written, ask again soon."""


class StoreAway(StoreError):  # noqa: N818 - says what it is
    """The database does not answer, or is full or held by another program: it may by itself in a while."""


class StoreHeld(StoreError):  # noqa: N818 - says what it is
    """Another alertsms uses the file."""


class Conflict(Exception):  # noqa: N818 - not an error: somebody else was first
    """Another transaction wrote the same rows first: decide again."""


def met_another(error: Exception) -> bool:
    """Whether to run the transaction again: it was not first, or PostgreSQL asks for it (serialization, deadlock)."""
    return isinstance(error, Conflict) or sqlstate(error) in ("40001", "40P01")


def broken(error: Exception) -> bool:
    """Whether the connection broke: what was not committed on it is undone."""
    return isinstance(error, DBAPIError) and error.connection_invalidated


def passes(error: Exception) -> bool:
    """Whether another try, on another connection, may go well within moments."""
    state = sqlstate(error)
    full = state.startswith("53") and state != TOO_MANY
    return broken(error) or (away(error) and not full)


def sqlstate(error: BaseException) -> str:
    """PostgreSQL's code of an error; "" where it has none, as where the server was not reached."""
    return getattr(driver_error(error), "sqlstate", None) or ""


def driver_error(error: BaseException) -> Any:  # noqa: ANN401 - sqlite3's or psycopg's
    """The driver's own error, out of SQLAlchemy's."""
    return error.orig if isinstance(error, DBAPIError) else error


def damage(error: Exception) -> bool:
    """Whether an SQLite file says that it is damaged, or cannot be read."""
    code = getattr(driver_error(error), "sqlite_errorcode", 0)
    return code & 0xFF in DAMAGED or code in UNREADABLE


def lost(error: Exception) -> bool:
    """Whether a table or column that was there is not any more: another database was copied over the file."""
    said = str(driver_error(error))
    table = re.match(r"no such table: (?:main\.)?(\w+)", said)
    return bool(table[1] in metadata.tables if table else re.search("no such column|no column named", said))


def away(error: Exception) -> bool:
    """Whether the database may answer by itself in a while: not reached, starting, stopping, held or full.

    Not where it knows no such user, password or database: that sentence is PostgreSQL's own, and a program in front of
    it that cannot ask it says something else.
    """
    said = driver_error(error)
    if isinstance(said, sqlite3.Error):
        return getattr(said, "sqlite_errorcode", 0) & 0xFF in PASSING
    if isinstance(error, (TimeoutError, SQLTimeoutError)):
        return True
    state = sqlstate(error)
    if not state:  # libpq keeps the code of a refused connection to itself
        return isinstance(error, OperationalError) and not _MISTAKEN.search(str(said))
    return state.startswith(("08", "53", "57P")) or state in NOT_NOW


_MISTAKEN = re.compile(
    r'password authentication failed for user "|(role|database) ".*" does not exist|no pg_hba\.conf entry'
    r"|no password supplied|invalid (connection option|URI)",
)


def failure(what: str, error: Exception) -> StoreError:
    """The error for whoever asked."""
    return (StoreAway if away(error) else StoreError)(f"{what}: {words(error)}")


def masked(url: URL) -> str:
    """Where a database is, without its password, which may stand among the settings of a line too."""
    return url.difference_update_query(("password", "sslpassword")).render_as_string(hide_password=True)


def words(error: Exception) -> str:
    """The database's own words, without SQLAlchemy's statement and parameters (they hold numbers and texts).

    Where the file is damaged, with what to do: nothing that runs on it can mend it.
    """
    said = str(driver_error(error))
    return f"{said}. {WAY_OUT}" if damage(error) else said
