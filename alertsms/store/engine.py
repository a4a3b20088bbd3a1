"""The door to the database: `transact` answers after the commit, `read` sees what is committed."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as SQLTimeoutError

from alertsms.store.schema import metadata
from alertsms.store.writer import PATIENCE_SECONDS, Writer

T = TypeVar("T")
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
WAY_OUT = (
    "The file is damaged: stop alertsms, move the file away with its -wal and -shm beside it, and put the last copy in"
    " its place, or start without one. What came after that copy is forgotten, until its senders repeat what still"
    " fires"
)
UNLINK = "delete the other name, `find / -samefile` finds it: by it a second alertsms would write to the same file"
ROUNDS = 3  # so often a transaction that met another one's rows is decided anew


class StoreError(Exception):
    """The store cannot do it now: nothing was written, ask again soon."""


class StoreAway(StoreError):  # noqa: N818 - says what it is
    """The database does not answer, or is full or held by another program: it may by itself in a while."""


class StoreHeld(StoreError):  # noqa: N818 - says what it is
    """Another alertsms uses the file."""


class Conflict(Exception):  # noqa: N818 - not an error: somebody else was first
    """Another transaction wrote the same rows first: decide again."""


class Store:
    """A database and the way to write to it: one writer thread on SQLite, pooled transactions on PostgreSQL."""

    def __init__(self, url: str) -> None:
        """Open the database at an SQLAlchemy URL.

        Raises StoreError where the SQLite file is used by another process, or the URL is for another database.
        """
        parsed = make_url(url)
        self.url = url
        self.sqlite = parsed.get_backend_name() == "sqlite"
        self._closed = False
        self._files: dict[str, os.stat_result | None] = {}  # what is open, and which file that was
        self._lock: int | None = None
        self._writer: Writer | None = None
        self.damaged = ""  # what the file turned out to be: nothing is read from it or written to it any more
        self.linked = ""  # the file has a second name, as of the last look at it
        self.begun = False  # its tables have been seen: where one is missing later, another file took the place
        if self.sqlite:
            path = parsed.database
            if not path or path == ":memory:":
                raise StoreError("store: an SQLite store is a file, write sqlite:////var/lib/alertsms/alertsms.db")
            if names(path) > 1:
                raise StoreError(f"store: {path} has more than one name (hard links): {UNLINK}")
            self._lock = _lock(os.path.realpath(path))
            try:
                _write_ahead(path)
                self._writer = Writer(_sqlite(url, begin="BEGIN IMMEDIATE", pool_size=1))
            except StoreError:
                os.close(self._lock)
                raise
            except (SQLAlchemyError, sqlite3.Error) as error:
                os.close(self._lock)
                raise failure("store", error) from error
            self._files = {name: _stat(name) for name in (path, f"{os.path.realpath(path)}.lock")}
            self.engine = _sqlite(url, begin="BEGIN", pool_size=8)
        elif parsed.get_backend_name() == "postgresql":
            self.engine = _postgresql(url)
        else:
            backend = parsed.get_backend_name()
            raise StoreError(f"store: {backend} is not supported, write sqlite:///… or postgresql+psycopg://…")

    def transact(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction and return its result once it is committed.

        `work` may run more than once, so it must do nothing but read and write through the connection it is given.
        Raises StoreError where nothing could be committed; the errors of `work` itself pass through.
        """
        for _ in range(ROUNDS):
            if self.damaged:
                raise StoreError(self.damaged)
            try:
                if self._writer:
                    return self._writer.run(work)
                with self.engine.begin() as connection:
                    return work(connection)
            except (Conflict, SQLAlchemyError, sqlite3.Error, TimeoutError) as error:
                if not _met_another(error):
                    raise self._failed(error) from error
        raise StoreError("other transactions kept writing the same incidents")

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on what is committed. Raises StoreError where the database cannot be read."""
        if self._closed or self.damaged:
            raise StoreError("store: it is closed" if self._closed else self.damaged)
        try:
            with self.engine.connect() as connection:
                return work(connection)
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise self._failed(error) from error

    def condemn(self, why: str) -> None:
        """Refuse it from now on, whatever is asked of it: what it says is not what was written."""
        self.damaged = self.damaged or f"store: {why}. {WAY_OUT}"

    def _failed(self, error: Exception) -> StoreError:
        """The error for whoever asked. One that says damage closes the store, whichever connection met it."""
        if self.sqlite and (damage(error) or (self.begun and _lost(error))):
            self.condemn(str(_said(error)))
            return StoreError(self.damaged)
        return failure("store", error)

    def whole(self) -> None:
        """Raise StoreError where the file, or its lock, was deleted or replaced under us.

        What is written then goes nowhere: nothing new may be promised. What was taken before still leaves.
        """
        if self.damaged:
            raise StoreError(self.damaged)
        for path, opened in self._files.items():
            present = _stat(path)
            if not (present and opened and os.path.samestat(present, opened)):
                raise StoreError(f"store: {path} was deleted or replaced while alertsms uses it: restart alertsms")

    def look(self) -> None:
        """See whether the file has got a second name since it was opened."""
        count = names(next(iter(self._files))) if self._files else 1
        self.linked = f"store: its file has {count} names (hard links)" if count > 1 else ""

    def close(self) -> None:
        """Finish what waits, then let go of the file."""
        self._closed = True
        if self._writer:
            self._writer.close()
        self.engine.dispose()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def names(path: str | Path) -> int:
    """How many names a file has; 0 for what is no file."""
    status = _stat(path)
    return status.st_nlink if status and stat.S_ISREG(status.st_mode) else 0


def _stat(path: str | Path) -> os.stat_result | None:
    try:
        return Path(path).stat()
    except OSError:
        return None


def _lock(path: str) -> int:
    """Take the lock file beside the database.

    Never through a descriptor of the database itself: closing that would drop SQLite's own locks.
    """
    try:
        descriptor = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        fix = "Its folder must exist and be writable"
        raise _refused(error, f"store: {path} cannot be opened: {error.strerror}. {fix}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise StoreHeld(
            f"store: {path} is in use by another process. One process a file: stop the other one, give this one a file"
            " of its own, or use PostgreSQL for several"
        ) from error
    try:
        Path(path).touch(mode=0o600)  # texts and numbers are nobody else's business
    except OSError as error:
        os.close(descriptor)
        raise _refused(error, f"store: {path} cannot be written: {error.strerror}") from error
    return descriptor


def _refused(error: OSError, sentence: str) -> StoreError:
    """A disk that is full may have room in a while; what else keeps a file from being opened, somebody has to mend."""
    return (StoreAway if error.errno in (errno.ENOSPC, errno.EDQUOT) else StoreError)(sentence)


def _write_ahead(path: str) -> None:
    """Put the file into WAL mode, which it then keeps, while nobody else has it open.

    The writer and the first reader would both do it to a new file, and SQLite answers one of them "locked" at once.
    """
    try:
        with closing(sqlite3.connect(path, timeout=5.0)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
    except sqlite3.Error as error:
        raise failure(f"store: {path} cannot be used", error) from error


def _sqlite(url: str, *, begin: str, pool_size: int) -> Engine:
    """An engine on a file that survives a power cut; `begin` starts its transactions."""
    engine = create_engine(
        url,
        connect_args={"check_same_thread": False, "timeout": 5.0},
        pool_size=pool_size,
        max_overflow=50,
        hide_parameters=True,  # numbers and texts, which no log may show
    )

    @event.listens_for(engine, "connect")
    def connect(raw: Any, _record: object) -> None:  # noqa: ANN401
        raw.isolation_level = None  # the event below begins transactions, not the driver
        raw.execute("PRAGMA synchronous=FULL")

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        raw: Any = connection.connection.driver_connection
        raw.execute(begin)  # not through SQLAlchemy: that costs ten times as much, for each transaction

    return engine


def _postgresql(url: str) -> Engine:
    try:
        return create_engine(
            url,
            pool_size=20,
            max_overflow=30,
            pool_pre_ping=True,
            pool_timeout=PATIENCE_SECONDS,
            connect_args={"connect_timeout": 3},
            hide_parameters=True,
        )
    except ModuleNotFoundError as error:
        raise StoreError("store: PostgreSQL needs psycopg: pip install -r requirements.txt") from error


def _met_another(error: Exception) -> bool:
    """Whether to run the transaction again: it was not first, or PostgreSQL asks for it (serialization, deadlock)."""
    state = getattr(error.orig, "sqlstate", "") if isinstance(error, DBAPIError) else ""
    return isinstance(error, Conflict) or state in ("40001", "40P01")


def _said(error: Exception) -> Any:  # noqa: ANN401 - the driver's own error
    return error.orig if isinstance(error, DBAPIError) else error


def damage(error: Exception) -> bool:
    """Whether an SQLite file says that it is damaged, or cannot be read."""
    code = getattr(_said(error), "sqlite_errorcode", 0)
    return code & 0xFF in DAMAGED or code in UNREADABLE


def _lost(error: Exception) -> bool:
    """Whether a table or column that was there is not any more: another database was copied over the file."""
    said = str(_said(error))
    table = re.match(r"no such table: (?:main\.)?(\w+)", said)
    return bool(table[1] in metadata.tables if table else re.search("no such column|no column named", said))


def away(error: Exception) -> bool:
    """Whether the database may answer by itself in a while: not reached, starting, stopping, held or full.

    Not where it knows no such user, password or database: that sentence is PostgreSQL's own, and a program in front of
    it that cannot ask it says something else.
    """
    said = _said(error)
    if isinstance(said, sqlite3.Error):
        return getattr(said, "sqlite_errorcode", 0) & 0xFF in PASSING
    if isinstance(error, (TimeoutError, SQLTimeoutError)):
        return True
    state = getattr(said, "sqlstate", None)
    if state is None:  # libpq keeps the code of a refused connection to itself
        return isinstance(error, OperationalError) and not _MISTAKEN.search(str(said))
    return str(state).startswith(("08", "53", "57P"))


_MISTAKEN = re.compile(
    r'password authentication failed for user "|(role|database) ".*" does not exist|no pg_hba\.conf entry'
    r"|no password supplied|invalid (connection option|URI)",
)


def failure(what: str, error: Exception) -> StoreError:
    """The error for whoever asked."""
    return (StoreAway if away(error) else StoreError)(f"{what}: {words(error)}")


def words(error: Exception) -> str:
    """The database's own words, without SQLAlchemy's statement and parameters (they hold numbers and texts).

    Where the file is damaged, with what to do: nothing that runs on it can mend it.
    """
    said = str(_said(error))
    return f"{said}. {WAY_OUT}" if damage(error) else said
