"""Runs one part's steps until told to stop; the same loop for all of them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from alertsms.logs import event

log = logging.getLogger("alertsms.worker")
BREATH_SECONDS = 1.0  # after a step that raised, so that a broken store is not asked a thousand times a second


class Worker:
    """A thread that calls `step` when woken, and at least every `pause` seconds."""

    def __init__(self, name: str, step: Callable[[], float | None], *, pause: float,
                 foreseen: type[Exception] | tuple[()] = ()) -> None:  # fmt: skip
        """`step` does one round and returns in how many seconds it wants the next one; None: after `pause`.

        A `foreseen` error tells all by its words, so its log line has no traceback.
        """
        self.name = name
        self._step = step
        self._pause = pause
        self._foreseen = foreseen
        self._wake = threading.Event()
        self._stopping = False
        self.last_round = time.monotonic()
        self._thread = threading.Thread(target=self._main, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """There is something to do now."""
        self._wake.set()

    def stop(self, timeout: float | None = None) -> None:
        """End after the round that runs, waiting at most `timeout` seconds for it."""
        self._stopping = True
        self._wake.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout)

    @property
    def alive(self) -> bool:
        """Whether it runs and came round within the last minute."""
        return self._thread.is_alive() and time.monotonic() - self.last_round < 60 + self._pause

    def _main(self) -> None:
        while not self._stopping:
            self._wake.clear()
            try:
                pause = self._step()
            except self._foreseen as error:
                event(log, logging.ERROR, "a step failed and will be tried again", part=self.name, why=str(error))
                pause = BREATH_SECONDS
            except Exception:
                log.exception("a step failed and will be tried again", extra={"fields": {"part": self.name}})
                pause = BREATH_SECONDS
            self.last_round = time.monotonic()
            if not self._stopping:
                self._wake.wait(self._pause if pause is None else min(pause, self._pause))
