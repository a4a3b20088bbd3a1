"""The one thread that writes to an SQLite file: it takes what is waiting, commits once, and answers them all.

Threads with connections of their own starve one another for up to two seconds, on any disk; grouped commits keep a
slow disk from costing one sync a request.
"""

from __future__ import annotations

import os
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

T = TypeVar("T")
GROUP_PIECES = 64
GROUP_SECONDS = 0.005
PATIENCE_SECONDS = 4.0  # a piece that did not start by then is withdrawn: the sender asks again


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
            raise TimeoutError("the store is closed")
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
