"""The list of troubles: what /-/ready and /-/healthy answer by, what stops the ping, and what channels are told of.

It depends on no loop that may be the one that fails: whoever asks looks, and what may hang is asked in a thread of its
own, for which nobody waits longer than two seconds.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from alertsms.core.messages.trouble import Hindrance, Source, Trouble, ordered
from alertsms.store.engine import Store
from alertsms.store.error import StoreError
from alertsms.store.file import UNLINK
from alertsms.store.proof import Proof
from alertsms.worker import RESTART, STORE, Worker, words

log = logging.getLogger("alertsms.readiness")
T = TypeVar("T")

READY_SECONDS = 1.0  # so long an answer of the store holds: anybody may ask, and each one costs a commit
ANSWER_SECONDS = 2.0  # nobody waits longer for the store: a prober gives up after three
OVERDUE_SECONDS = 600.0  # a page that waits longer than this does not leave, whatever the reason
IDLE_SECONDS = 60.0  # a page is due, an account takes SMS, and nothing was handed to the senders for so long
STORE_SETTLES = timedelta(minutes=2)
MEND_FILE = "free the disk (df -h), and see that its folder can be written and no other program holds the file"
MEND_SERVER = "see that PostgreSQL runs and lets alertsms in, with all rights on its tables; no restart is needed"


class Overdue(Exception):  # noqa: N818 - says what happened
    """There was no answer in time."""


class Patiently(Generic[T]):
    """Asks something that may hang, in a thread of its own, one at a time."""

    def __init__(self, ask: Callable[[], T], seconds: float = ANSWER_SECONDS) -> None:
        """`ask` raises nothing."""
        self._ask, self._seconds = ask, seconds
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._done.set()
        self._answers: list[T] = []
        self.began = 0.0  # of the question that is under way

    def __call__(self, *, seconds: float | None = None) -> T:
        """The answer to a question that was asked no earlier than this call, or to the one that hangs.

        Raises Overdue where there is none within `seconds` of its beginning: where one hangs, the next do not wait.
        """
        with self._lock:
            if self._done.is_set():
                self._done, self.began = threading.Event(), time.monotonic()
                try:
                    threading.Thread(target=self._run, args=(self._done,), name="question", daemon=True).start()
                except RuntimeError as error:  # the machine gives this process no more threads
                    self._done.set()
                    raise Overdue from error
            done = self._done
            left = self.began + (self._seconds if seconds is None else seconds) - time.monotonic()
        if not done.wait(max(left, 0.0)):
            raise Overdue
        return self._answers[-1]

    def _run(self, done: threading.Event) -> None:
        try:
            self._answers = [self._ask()]
        finally:
            done.set()


class Readiness:
    """Asked by many threads."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Callable[[], datetime],
        workers: Sequence[Worker],
        sources: Mapping[str, Source],
        oldest_seconds: Callable[[], float],
        usable: Callable[[], bool],
        idle_seconds: Callable[[], float],
        wall: Callable[[], float] = time.time,
    ) -> None:
        """`sources` tell more troubles, by what each is; they ask nobody and hang never.

        `oldest_seconds`: how long a page has waited, NaN where nobody can say; `usable`: an account takes SMS;
        `idle_seconds`: since something was handed to the senders.
        """
        self._store, self._workers, self._sources = store, workers, sources
        self._oldest_seconds, self._usable = oldest_seconds, usable
        self._idle_seconds, self._wall = idle_seconds, wall
        self._ask_store = Patiently(self._probe)
        self._lock = threading.Lock()
        self._probed: tuple[float, list[Trouble]] = (float("-inf"), [])
        self._since: dict[str, datetime] = {}
        self._prove = Proof(store, clock)
        self.stopping = False

    def troubles(self) -> list[Trouble]:
        """All that is wrong now, the gravest first."""
        troubles, now = ordered(self._found()), datetime.fromtimestamp(self._wall(), UTC)
        with self._lock:
            self._since = {trouble.key: self._since.get(trouble.key, trouble.since or now) for trouble in troubles}
            return [replace(trouble, since=self._since[trouble.key]) for trouble in troubles]

    def sick(self) -> list[str]:
        """What a restart mends: a thread that ended, or a part that fails for minutes while its store works."""
        dead = [f"its {worker.name} does not run" for worker in self._workers if worker.ended]
        ill = [f"its {worker.name} has failed for minutes" for worker in self._workers if worker.alive and worker.sick]
        if ill and any(trouble.key == STORE for trouble in self._of_store()):
            ill = []
        return [] if self.stopping else dead + ill

    def count(self, hinders: Hindrance) -> float:
        """How many of a kind there are now."""
        return float(sum(trouble.hinders is hinders for trouble in self.troubles()))

    def _found(self) -> Iterator[Trouble]:
        if self.stopping:
            yield Trouble(key="stopping", hinders=Hindrance.SENDING, says="it is stopping", fix="", told=True)
        yield from self._of_store()
        for worker in self._workers:
            yield from worker.troubles()
        for name, source in self._sources.items():
            yield from _guarded(name, source)

    # What has to be asked of the store.

    def _of_store(self) -> list[Trouble]:
        at, troubles = self._probed
        if time.monotonic() - at < READY_SECONDS:
            return troubles
        try:
            return self._ask_store()
        except Overdue:
            return [
                self._store_trouble(f"store: it has not answered for {words(time.monotonic() - self._ask_store.began)}")
            ]

    def _probe(self) -> list[Trouble]:
        troubles = [*_guarded("the store", self._of_commit), *_guarded("the queue of pages", self._of_pages)]
        self._probed = time.monotonic(), troubles
        return troubles

    def _of_commit(self) -> Iterator[Trouble]:
        try:
            self._store.look()
            self._store.whole()
            self._prove()
        except StoreError as error:
            yield self._store_trouble(str(error))
        except Exception as error:
            log.exception("whether the store works cannot be told")
            yield self._store_trouble(f"whether the store works cannot be told: it broke with {type(error).__name__}")
        if self._store.linked:
            yield Trouble(key="link", hinders=Hindrance.OUTSIDE, says=self._store.linked, fix=UNLINK)

    def _store_trouble(self, says: str) -> Trouble:
        fix, settles = MEND_FILE if self._store.sqlite else MEND_SERVER, STORE_SETTLES
        if self._store.damaged:
            fix, settles = "`alertsms db check` says what is damaged; then do as this sentence says", timedelta()
        return Trouble(key=STORE, hinders=Hindrance.INTAKE, says=says, fix=fix, settles=settles)

    def _of_pages(self) -> Iterator[Trouble]:
        try:
            waited = self._oldest_seconds()
        except Exception:
            log.exception("the age of the oldest page cannot be told")
            waited = math.nan
        says = f"a page has waited for {words(waited)}"
        if math.isnan(waited):
            says, fix = "whether pages wait cannot be read from the store", "see the log for why"
            yield Trouble(key="unread", hinders=Hindrance.SENDING, says=says, fix=fix, behind=STORE)
        elif self._usable() and waited > IDLE_SECONDS and self._idle_seconds() > IDLE_SECONDS:
            says += ", and nothing is being sent"
            yield Trouble(key="overdue", hinders=Hindrance.SENDING, says=says, fix=RESTART, behind=STORE)
        elif waited > OVERDUE_SECONDS:
            fix = "`alertsms doctor`, and the log, say why it is refused"
            yield Trouble(key="overdue", hinders=Hindrance.OUTSIDE, says=says, fix=fix, told=True)


def _guarded(name: str, source: Source) -> list[Trouble]:
    """What a source tells; one that cannot is a trouble itself."""
    try:
        return list(source())
    except Exception as error:
        log.exception("troubles cannot be told", extra={"fields": {"of": name}})
        return [
            Trouble(
                key=f"untold:{name}",
                hinders=Hindrance.SENDING,
                says=f"whether {name} works cannot be told: it broke with {type(error).__name__}",
                fix=RESTART,
            )
        ]
