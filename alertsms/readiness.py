"""Whether alerts are taken and pages leave: what /-/ready answers, and what stops the ping."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime

from alertsms.store import facts
from alertsms.store.engine import Store, StoreError
from alertsms.worker import Worker

READY_SECONDS = 1.0  # so long an answer holds: anybody may ask, and each one costs a commit
OVERDUE_SECONDS = 600.0  # a page that waits longer than this does not leave, whatever the reason


class Readiness:
    """Asked by many threads."""

    def __init__(self, *, store: Store, clock: Callable[[], datetime], workers: Sequence[Worker],
                 usable: Callable[[], bool], receipts: Callable[[], bool],
                 oldest_seconds: Callable[[], float], older: Callable[[], list[str]]) -> None:  # fmt: skip
        """`usable`: an account takes SMS; `receipts`: they come; `oldest_seconds`: how long a page has waited.

        `older`: what is said of a store that is older than what left.
        """
        self._older = older
        self._store, self._clock, self._workers = store, clock, workers
        self._usable, self._receipts, self._oldest_seconds = usable, receipts, oldest_seconds
        self._probing = threading.Lock()
        self._probed: tuple[float, list[str]] = (float("-inf"), [])
        self.stopping = False

    def troubles(self) -> list[str]:
        """What keeps alerts from being taken or sent just now; asked anew each second at most."""
        if self.stopping:
            return ["it is stopping"]
        with self._probing:
            at, found = self._probed
            if time.monotonic() - at >= READY_SECONDS:
                found = self._probe()
                self._probed = time.monotonic(), found
            return found

    def _probe(self) -> list[str]:
        found = [f"its {worker.name} does not run" for worker in self._workers if not worker.alive]
        now = self._clock()
        try:
            self._store.whole()
            self._store.transact(lambda tx: facts.put(tx, "ready", "", now))
        except StoreError as error:
            found.append(str(error))
        return found

    def stuck(self) -> list[str]:
        """What keeps alerts from being taken or pages from reaching phones: the ping stops for it."""
        waited = self._oldest_seconds()
        shut = [] if self._usable() else ["no SMS account is usable"]
        late = [f"a page has waited for {waited / 60:.0f} min"] if waited > OVERDUE_SECONDS else []
        silent = [] if self._receipts() else ["no delivery receipts come"]
        return self.troubles() + shut + late + silent + self._older()
