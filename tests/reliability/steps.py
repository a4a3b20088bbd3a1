"""Every moment at which a process can die that anybody could tell from another, and a death at one of them.

The moments are counted from outside: SQLAlchemy's events see each write and each commit, an adapter each call to
OVHcloud, the driver each answer. A process that died does no more: whatever it still tries to write, to send or to
answer, fails.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from requests.adapters import BaseAdapter
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.default import DefaultDialect

WRITES = ("INSERT", "UPDATE", "DELETE")


class Died(sqlite3.OperationalError):
    """It is no more. The store's writer takes any other error for its own and would end this process too."""


class Steps:
    """Counts moments; dies at one of them."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.die_at: int | None = None
        self.dead = False
        self._wrote = False

    def moment(self, name: str) -> None:
        """One more; the last one for a process that is to die here."""
        if not self.dead:
            self.dead = self.die_at == len(self.names)
            self.names.append(name)
        if self.dead:
            raise Died(f"killed: {name}")

    def revive(self) -> None:
        """Another process begins, and lives."""
        self.dead, self.die_at, self._wrote = False, None, False

    @contextmanager
    def watching(self) -> Iterator[None]:
        """See every store of this process."""
        commit = DefaultDialect.do_commit

        def do_commit(dialect: DefaultDialect, raw: Any) -> None:
            wrote, self._wrote = self._wrote, False
            if wrote or self.dead:
                self.moment("before commit")
            commit(dialect, raw)
            if wrote:
                self.moment("after commit")

        def undone(_: Connection) -> None:
            self._wrote = False

        DefaultDialect.do_commit = do_commit  # type: ignore[method-assign]  # no event comes after a commit
        event.listen(Engine, "after_cursor_execute", self._executed)
        event.listen(Engine, "rollback", undone)
        try:
            yield
        finally:
            event.remove(Engine, "rollback", undone)
            event.remove(Engine, "after_cursor_execute", self._executed)
            DefaultDialect.do_commit = commit  # type: ignore[method-assign]

    def _executed(self, _: Connection, cursor: Any, statement: str, *_more: object) -> None:
        """A write that changed nothing is no moment of its own."""
        words = statement.split(maxsplit=2)
        if words[0] in WRITES and (cursor.rowcount > 0 or words[0] == "INSERT" or "RETURNING" in statement):
            self._wrote = True
            self.moment(f"after {' '.join(words[:2])}")


class Watched(BaseAdapter):
    """Calls to OVHcloud, each with the moment before it leaves and the one when its answer is there."""

    def __init__(self, inner: BaseAdapter, steps: Steps) -> None:
        super().__init__()
        self._inner, self._steps = inner, steps

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send it, unless the process is dead."""
        what = f"{request.method} {str(request.url).partition('?')[0].rpartition('/')[2]}"
        self._steps.moment(f"before {what}")
        try:
            return self._inner.send(request, *args, **kwargs)
        finally:
            self._steps.moment(f"after {what}")

    def close(self) -> None:
        """Nothing to close."""
