"""The door to the database: `transact` answers after the commit, `read` sees what is committed."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from alertsms.store.writer import PATIENCE_SECONDS, Writer

T = TypeVar("T")
DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
ROUNDS = 3  # so often a transaction that met another one's rows is decided anew


class StoreError(Exception):
    """The store cannot do it now: nothing was written, ask again soon."""


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
        self._files: dict[str, tuple[int, int] | None] = {}  # what is open, and which file that was
        self._lock: int | None = None
        self._writer: Writer | None = None
        if self.sqlite:
            path = parsed.database
            if not path or path == ":memory:":
                raise StoreError("store: an SQLite store is a file, write sqlite:////var/lib/alertsms/alertsms.db")
            self._lock = _lock(os.path.realpath(path))
            try:
                _write_ahead(path)
            except StoreError:
                os.close(self._lock)
                raise
            self._files = {each: _identity(each) for each in (path, f"{os.path.realpath(path)}.lock")}
            self.engine = _sqlite(url, begin="BEGIN", pool_size=8)
            self._writer = Writer(_sqlite(url, begin="BEGIN IMMEDIATE", pool_size=1))
        elif parsed.get_backend_name() == "postgresql":
            self.engine = _postgresql(url)
        else:
            raise StoreError(
                f"store: {parsed.get_backend_name()} is not supported, write sqlite:///… or postgresql+psycopg://…"
            )

    def transact(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction and return its result once it is committed.

        `work` may run more than once, so it must do nothing but read and write through the connection it is given.
        Raises StoreError where nothing could be committed; the errors of `work` itself pass through.
        """
        for _ in range(ROUNDS):
            try:
                if self._writer:
                    result: T = self._writer.run(work)
                    return result
                with self.engine.begin() as connection:
                    return work(connection)
            except Conflict:
                continue
            except (SQLAlchemyError, sqlite3.Error, TimeoutError) as error:
                if _serialization(error):
                    continue
                raise StoreError(f"store: {words(error)}") from error
        raise StoreError("other transactions kept writing the same incidents")

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on what is committed. Raises StoreError where the database cannot be read."""
        if self._closed:
            raise StoreError("store: it is closed")
        try:
            with self.engine.connect() as connection:
                return work(connection)
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise StoreError(f"store: {words(error)}") from error

    def whole(self) -> None:
        """Raise StoreError where the file, or its lock, was deleted or replaced under us.

        What is written then goes nowhere: nothing new may be promised. What was taken before still leaves.
        """
        for path, opened in self._files.items():
            if _identity(path) != opened:
                raise StoreError(f"store: {path} was deleted or replaced while alertsms uses it: restart alertsms")

    def close(self) -> None:
        """Finish what waits, then let go of the file."""
        self._closed = True
        if self._writer:
            self._writer.close()
        self.engine.dispose()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _identity(path: str) -> tuple[int, int] | None:
    """Which file a name stands for now; None: there is none."""
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _lock(path: str) -> int:
    """Take the lock file beside the database.

    Never through a descriptor of the database itself: closing that would drop SQLite's own locks.
    """
    try:
        descriptor = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(
            f"store: {path} cannot be opened: {error.strerror}. Its folder must exist and be writable"
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise StoreError(
            f"store: {path} is in use by another process. One process a file: stop the other one, give this one a file"
            " of its own, or use PostgreSQL for several"
        ) from error
    try:
        Path(path).touch(mode=0o600)  # texts and numbers are nobody else's business
    except OSError as error:
        os.close(descriptor)
        raise StoreError(f"store: {path} cannot be written: {error.strerror}") from error
    return descriptor


def _write_ahead(path: str) -> None:
    """Put the file into WAL mode, which it then keeps, while nobody else has it open.

    The writer and the first reader would both do it to a new file, and SQLite answers one of them "locked" at once.
    """
    try:
        with closing(sqlite3.connect(path, timeout=5.0)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
    except sqlite3.Error as error:
        raise StoreError(f"store: {path} cannot be used: {words(error)}") from error


def _sqlite(url: str, *, begin: str, pool_size: int) -> Engine:
    """An engine on a file that survives a power cut; `begin` starts its transactions."""
    engine = create_engine(
        url, connect_args={"check_same_thread": False, "timeout": 5.0}, pool_size=pool_size, max_overflow=50,
        hide_parameters=True,  # numbers and texts, which no log may show
    )  # fmt: skip

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
            url, pool_size=20, max_overflow=30, pool_pre_ping=True, pool_timeout=PATIENCE_SECONDS,
            connect_args={"connect_timeout": 3}, hide_parameters=True,
        )  # fmt: skip
    except ModuleNotFoundError as error:
        raise StoreError("store: PostgreSQL needs psycopg: pip install -r requirements.txt") from error


def _serialization(error: Exception) -> bool:
    """Whether PostgreSQL asks to run the transaction again: serialization failure or deadlock."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", "") in ("40001", "40P01")


def words(error: Exception) -> str:
    """The database's own words, without SQLAlchemy's statement and parameters (they hold numbers and texts).

    Where the file is damaged, with what to do: nothing that runs on it can mend it.
    """
    said = error.orig if isinstance(error, DBAPIError) else error
    if getattr(said, "sqlite_errorcode", 0) & 0xFF not in DAMAGED:  # the low byte: the rest says where
        return str(said)
    return (
        f"{said}. The file is damaged: stop alertsms, move the file away with its -wal and -shm beside it, and put the"
        " last copy in its place, or start without one. What came after that copy is forgotten, until its senders"
        " repeat what still fires"
    )
