"""Replicas on PostgreSQL wake each other: LISTEN and NOTIFY, each on a connection of its own.

It only shortens: each replica looks by itself every second, and nothing is lost while nobody hears. One that listens
may be deaf without any error, as behind a pooler: so each calls itself every ten seconds, and says when it does not
hear that.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from alertsms.core.messages.trouble import Hindrance, Trouble
from alertsms.store.engine import Store
from alertsms.store.error import StoreError, failure

PAGES, HEARTBEATS, SHARED = "pages", "heartbeats", "shared"  # words: what is new
CALL = "call"  # a replica to itself
CALL_SECONDS = 10.0
DEAF_SECONDS = 35.0  # three calls unheard
ROUND_SECONDS = 1.0
LATER_SECONDS = 0.2  # pages of one that sends are left to itself for so long: it is quicker, unless it died
AGAIN_SECONDS = 0.05  # one that sends says so again at most as often: the others look later than that anyway


class WakeChannel:
    """Calls the other replicas and hears them: `on` before it runs, `say` by any thread, `step` by its own."""

    def __init__(self, store: Store, *, sends: bool = True, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`sends`: pages written here leave from here, and the others need not hurry."""
        self._store, self._sends, self._monotonic = store, sends, monotonic
        self._id = secrets.token_hex(4)
        self._callbacks: dict[str, list[Callable[[], None]]] = {}
        self._wanted: set[str] = set()  # words that are to be said
        self._saying = threading.Lock()
        self._said_at = self._called_at = float("-inf")
        self._heard_at: float | None = None  # when the last call of our own came; None: it does not listen
        self._mouth: Any = None  # psycopg's connections
        self._ear: Any = None
        self._later: dict[str, float] = {}  # words that are acted on at that time
        self.pooled = False  # a pooler is in between: nobody can listen there

    def on(self, word: str, callback: Callable[[], None]) -> None:
        """Have something done whenever another replica says a word; it must neither wait nor raise."""
        self._callbacks.setdefault(word, []).append(callback)

    def say(self, word: str) -> None:
        """Tell the others, after the commit. Nobody waits: who finds somebody speaking leaves the word to them."""
        self._wanted.add(word)
        while self._wanted and self._saying.acquire(blocking=False):
            try:
                self._speak()
            finally:
                self._saying.release()

    def troubles(self) -> Iterator[Trouble]:
        """It does not hear itself."""
        heard = self._heard_at
        if heard is not None and self._monotonic() - heard > DEAF_SECONDS:
            yield Trouble(
                key="wake-up",
                hinders=Hindrance.OUTSIDE,
                says="it hears nothing of what PostgreSQL is to tell it (LISTEN): other replicas' pages may wait 1 s",
                fix="if a pooler stands in between that shows no sign of being one, let the URL lead past it",
            )

    def step(self) -> float | None:
        """Listen for a second; returns 0 to go on, None where nobody can. Raises StoreError: connected anew next."""
        if self.pooled:
            return None
        try:
            return self._listen()
        except SQLAlchemyError as error:
            self.close()
            raise failure("store", error) from error
        except Exception as error:  # psycopg's own: it is imported by whoever connects
            self.close()
            raise StoreError(f"store: the connection that listens broke: {error}") from error

    def close(self) -> None:
        """Hang up."""
        mouth, ear, self._mouth, self._ear, self._heard_at = self._mouth, self._ear, None, None, None
        for connection in (mouth, ear):
            if connection is not None:
                with suppress(Exception):
                    connection.close()

    def _listen(self) -> float | None:
        now = self._monotonic()
        if self._ear is None:
            self._ear = self._connect()
            own = self._ear.execute("SELECT pg_backend_pid()").fetchone() == (self._ear.info.backend_pid,)
            if not own:  # a pooler shows a number of its own
                self.pooled = True
                self.close()
                return None
            self._ear.execute("LISTEN alertsms")
            self._heard_at, self._called_at = now, float("-inf")
            self._act(*self._callbacks)  # what was said meanwhile nobody heard
        if self._mouth is None:
            self._mouth = self._connect()
        if now - self._called_at >= CALL_SECONDS:
            self._called_at = now
            self._ear.execute("SELECT 1")
            self.say(CALL)
        wait = min([ROUND_SECONDS, *(max(at - now, 0.0) for at in self._later.values())])
        for heard in self._ear.notifies(timeout=wait, stop_after=1):
            self._hear(*heard.payload.split(" "))
        now = self._monotonic()
        due = [word for word, at in self._later.items() if at <= now]
        for word in due:
            del self._later[word]
        self._act(*due)
        return 0.0

    def _connect(self) -> Any:  # noqa: ANN401 - psycopg's connection
        """A connection of its own, a transaction a statement. Raises SQLAlchemyError, and psycopg's errors."""
        pooled = self._store.engine.raw_connection()
        connection: Any = pooled.driver_connection
        pooled.detach()  # the pool makes another one in its place
        connection.autocommit = True
        return connection

    def _hear(self, word: str, sender: str, when: str = "") -> None:
        if sender == self._id:
            if word == CALL:
                self._heard_at = self._monotonic()
        elif when:
            self._later.setdefault(word, self._monotonic() + LATER_SECONDS)
        else:
            self._act(word)

    def _act(self, *words: str) -> None:
        for word in words:
            for callback in self._callbacks.get(word, ()):
                callback()

    def _speak(self) -> None:
        """Say what is to be said; one thread at a time."""
        with suppress(KeyError):  # there is no more
            while True:
                word, now, when = self._wanted.pop(), self._monotonic(), ""
                if word == PAGES and self._sends:
                    if now - self._said_at < AGAIN_SECONDS:
                        continue
                    self._said_at, when = now, " later"
                mouth = self._mouth
                if mouth is None:
                    continue
                try:
                    mouth.execute("SELECT pg_notify('alertsms', %s)", (f"{word} {self._id}{when}",))
                except Exception:  # noqa: BLE001 - psycopg's; they look by themselves, and `step` connects anew
                    self._mouth = None
                    with suppress(Exception):
                        mouth.close()
