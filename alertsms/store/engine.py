"""The door to the database: `transact` answers after the commit, `read` sees what is committed.

One thread writes to an SQLite file: it takes what is waiting, commits once, and answers them all. Threads with
connections of their own starve one another for up to two seconds, on any disk; grouped commits keep a slow disk from
costing one sync a request.
"""

from __future__ import annotations

import os
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from alertsms.store.error import WAY_OUT, Conflict, StoreError, broken, damage, driver_error, failure, lost, met_another
from alertsms.store.file import UNLINK, lock_file, names, status_of, write_ahead

if TYPE_CHECKING:
    from alertsms.store.postgresql import Sessions

T = TypeVar("T")
ROUNDS = 3  # so often a transaction that met another one's rows is decided anew
GROUP_PIECES = 64
GROUP_SECONDS = 0.005
PATIENCE_SECONDS = 4.0  # a piece that did not start by then is withdrawn: the sender asks again


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
        self._writer: Writer | Sessions
        self.damaged = ""  # what the file turned out to be: nothing is read from it or written to it any more
        self.linked = ""  # the file has a second name, as of the last look at it
        self.begun = False  # its tables have been seen: where one is missing later, another file took the place
        if self.sqlite:
            path = parsed.database
            if not path or path == ":memory:":
                raise StoreError("store: an SQLite store is a file, write sqlite:////var/lib/alertsms/alertsms.db")
            if names(path) > 1:
                raise StoreError(f"store: {path} has more than one name (hard links): {UNLINK}")
            self._lock = lock_file(os.path.realpath(path))
            try:
                write_ahead(path)
                self._writer = Writer(_sqlite(url, begin="BEGIN IMMEDIATE", pool_size=1))
            except StoreError:
                os.close(self._lock)
                raise
            except (SQLAlchemyError, sqlite3.Error) as error:
                os.close(self._lock)
                raise failure("store", error) from error
            self._files = {name: status_of(name) for name in (path, f"{os.path.realpath(path)}.lock")}
            self.engine = _sqlite(url, begin="BEGIN", pool_size=8)
        elif parsed.get_backend_name() == "postgresql":
            try:
                from alertsms.store.postgresql import Sessions
            except ModuleNotFoundError as error:
                raise StoreError("store: PostgreSQL needs psycopg: pip install -r requirements.txt") from error
            self._writer = Sessions(parsed)
            self.engine = self._writer.engine
        else:
            backend = parsed.get_backend_name()
            raise StoreError(f"store: {backend} is not supported, write sqlite:///… or postgresql+psycopg://…")

    def transact(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction and return its result once it is committed.

        `work` may run more than once, so it must do nothing but read and write through the connection it is given.
        It is run again only where its last run was certainly not committed: it need not know its own deeds again.
        Raises StoreError where nothing could be committed, or nobody can say whether it was (PostgreSQL was started
        anew, or another server took its place, between a COMMIT and its answer): a caller who asks again then does
        what is recognized by a key or a state, as intake does, or lets a lease end, as a claim does. The errors of
        `work` itself pass through.
        """
        for _ in range(ROUNDS):
            if self._closed or self.damaged:
                raise StoreError("store: it is closed" if self._closed else self.damaged)
            try:
                return self._writer.run(work)
            except (Conflict, SQLAlchemyError, sqlite3.Error, TimeoutError) as error:
                if not met_another(error):
                    raise self._failed(error) from error
        raise StoreError("other transactions kept writing the same incidents")

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on what is committed. Raises StoreError where the database cannot be read."""
        for last in (False, True):
            if self._closed or self.damaged:
                raise StoreError("store: it is closed" if self._closed else self.damaged)
            try:
                with self.engine.connect() as connection:
                    return work(connection)
            except (SQLAlchemyError, sqlite3.Error) as error:
                if last or not broken(error):
                    raise self._failed(error) from error
        raise AssertionError("the last try answers or raises")

    def condemn(self, why: str) -> None:
        """Refuse it from now on, whatever is asked of it: what it says is not what was written."""
        self.damaged = self.damaged or f"store: {why}. {WAY_OUT}"

    def _failed(self, error: Exception) -> StoreError:
        """The error for whoever asked. One that says damage closes the store, whichever connection met it."""
        if self.sqlite and (damage(error) or (self.begun and lost(error))):
            self.condemn(str(driver_error(error)))
            return StoreError(self.damaged)
        return failure("store", error)

    def whole(self) -> None:
        """Raise StoreError where the file, or its lock, was deleted or replaced under us.

        What is written then goes nowhere: nothing new may be promised. What was taken before still leaves.
        """
        if self.damaged:
            raise StoreError(self.damaged)
        for path, opened in self._files.items():
            try:
                same = opened is not None and os.path.samestat(Path(path).stat(), opened)
            except OSError:
                same = False
            if not same:
                raise StoreError(f"store: {path} was deleted or replaced while alertsms uses it: restart alertsms")

    def look(self) -> None:
        """See whether the file has got a second name since it was opened."""
        count = names(next(iter(self._files))) if self._files else 1
        self.linked = f"store: its file has {count} names (hard links)" if count > 1 else ""

    def close(self) -> None:
        """Finish what waits, then let go of the file."""
        self._closed = True
        self._writer.close()
        self.engine.dispose()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


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


class WriterTask(Future[T]):
    """One transaction's worth of work and its outcome: cancelled where it did not begin in time."""

    def __init__(self, work: Callable[[Connection], T]) -> None:
        super().__init__()
        self.work = work
        self.returned: Any = None  # by its last attempt, which is not committed yet
        self.raised: BaseException | None = None

    def start(self) -> bool:
        """Begin, once more where its group broke; false where it was cancelled."""
        return self.running() or (not self.cancelled() and self.set_running_or_notify_cancel())

    def end(self) -> None:
        """Answer whoever waits, after the commit."""
        if self.raised:
            self.set_exception(self.raised)
        else:
            self.set_result(self.returned)


class Undone(Exception):  # noqa: N818 - says what SQLite did
    """SQLite has undone the whole transaction by itself, whatever its cause then became."""


class Writer:
    """Runs pieces of work in groups, each in its savepoint, one commit a group."""

    def __init__(self, engine: Engine) -> None:
        """Connect, then begin. Raises SQLAlchemyError where the file cannot be opened.

        Two threads that open a new file side by side are in each other's way for a moment, and SQLite answers one of
        them "locked" at once: the writer is connected before anybody can read.
        """
        self._engine = engine
        self._connection = engine.connect()
        self._pieces: queue.SimpleQueue[WriterTask[Any] | None] = queue.SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._main, name="writer", daemon=True)
        self._thread.start()

    def run(self, work: Callable[[Connection], T], patience: float = PATIENCE_SECONDS) -> T:
        """Do `work` in a transaction and return its result after the commit.

        Raises what the work raised, the database's error where the commit failed, TimeoutError where the work had
        not begun after `patience` seconds.
        """
        if self._closed:
            raise TimeoutError("it is closed")
        piece = WriterTask(work)
        self._pieces.put(piece)
        try:
            piece.exception(patience)
        except TimeoutError:
            if piece.cancel():
                raise TimeoutError(f"the store did not come to this within {patience:g} s") from None
        return piece.result()

    def close(self) -> None:
        """Finish what waits and stop."""
        self._closed = True
        self._pieces.put(None)
        self._thread.join()
        self._engine.dispose()

    def _main(self) -> None:
        try:
            with self._connection as connection:
                while group := self._gather():
                    self._commit(connection, group)
        except BaseException:  # noqa: BLE001 - the process ends with it
            # Without its writer the service would answer 503 forever; a supervisor starts it anew.
            import traceback

            traceback.print_exc()
            os._exit(70)

    def _gather(self) -> list[WriterTask[Any]]:
        """What waits now, 64 pieces at most; empty once closed."""
        first = self._pieces.get()
        group = [first] if first else []
        while group and len(group) < GROUP_PIECES and not self._pieces.empty():  # nobody else takes from it
            piece = self._pieces.get()
            if piece is None:
                self._pieces.put(None)  # finish this group first
                break
            group.append(piece)
        return group

    def _commit(self, connection: Connection, group: list[WriterTask[Any]]) -> None:
        """Run a group; where the whole transaction breaks (disk full, I/O error), each piece once more alone."""
        began = time.monotonic()
        done, rest = list[WriterTask[Any]](), list[WriterTask[Any]]()
        try:
            with connection.begin():
                for piece in group:
                    if done and time.monotonic() - began > GROUP_SECONDS:
                        rest.append(piece)
                    elif piece.start():
                        done.append(piece)
                        _attempt(connection, piece)
        except (DBAPIError, sqlite3.Error, Undone) as error:
            if len(group) > 1:
                for piece in group:
                    self._commit(connection, [piece])
                return
            done = [piece for piece in group if piece.start()]  # where BEGIN itself failed it had not begun
            for piece in done:
                piece.raised = error.__cause__ if isinstance(error, Undone) else error
        for piece in done:
            piece.end()
        if rest:
            self._commit(connection, rest)


def _attempt(connection: Connection, piece: WriterTask[Any]) -> None:
    """Run one piece in its savepoint: its own failure undoes it alone."""
    raw: Any = connection.connection.driver_connection
    piece.raised = piece.returned = None
    raw.execute("SAVEPOINT piece")
    try:
        piece.returned = piece.work(connection)
    except Exception as error:
        if not raw.in_transaction:
            raise Undone from error  # the savepoint is gone with it
        raw.execute("ROLLBACK TO piece")
        piece.raised = error
    raw.execute("RELEASE piece")
