"""Runs one part's steps until told to stop; the same loop for all of them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator

from alertsms.core.messages.trouble import Hindrance, Trouble
from alertsms.logs import event
from alertsms.pulse import FAILING_SECONDS, FailureWatch, words

log = logging.getLogger("alertsms.worker")
BREATH_SECONDS = 1.0  # after a step that raised, so that a broken store is not asked a thousand times a second
SICK_SECONDS = 300.0  # a part that has failed for so long while its store works may be mended by a restart
RESTART = "restart alertsms: what it has taken is in its store and leaves then"
LOOK = "see its log for why; what waits leaves by itself once that is mended"


class Worker:
    """A thread that calls `step` when woken, and at least every `pause` seconds."""

    def __init__(
        self,
        name: str,
        step: Callable[[], float | None],
        *,
        pause: float,
        foreseen: type[Exception] | tuple[()] = (),
        hinders: Hindrance = Hindrance.SENDING,
        patience: float = FAILING_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`step` does one round and returns in how many seconds it wants the next one; None: after `pause`.

        A `foreseen` error is the store's and tells all by its words, so its log line has no traceback. `hinders`: what
        does not happen while this fails; `patience`: how many seconds one round may take.
        """
        self.name, self.hinders = name, hinders
        self._step = step
        self._pause = pause
        self._foreseen, self._patience, self._monotonic = foreseen, patience, monotonic
        self._wake = threading.Event()
        self._stopping = False
        self._pulse = FailureWatch(monotonic)
        self.last_round = monotonic()
        self._thread = threading.Thread(target=self._main, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self.last_round = self._monotonic()
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
        """Whether its thread runs."""
        return self._thread.is_alive()

    @property
    def ended(self) -> bool:
        """Whether its thread ran, and ended although nobody told it to."""
        return self._thread.ident is not None and not self.alive and not self._stopping

    @property
    def late(self) -> bool:
        """Whether its round takes longer than it may."""
        return self._monotonic() - self.last_round > self._pause + self._patience

    def troubles(self) -> Iterator[Trouble]:
        """What is wrong with it: its thread ended, a round does not end, or its rounds fail."""
        key, what = f"part:{self.name}", f"its {self.name}"
        if not self.alive:
            yield Trouble(key=key, hinders=self.hinders, says=f"{what} does not run", fix=RESTART)
        elif self.late:
            waited = words(self._monotonic() - self.last_round)
            yield Trouble(key=key, hinders=self.hinders, says=f"{what} has not come round for {waited}", fix=RESTART)
        else:
            yield from self._pulse.trouble(key, what, self.hinders, LOOK)

    @property
    def sick(self) -> bool:
        """Whether a restart may mend it, as long as its store works: for what waits on others it does not."""
        if self.hinders is Hindrance.OUTSIDE:
            return False
        return max(self._pulse.seconds, self._monotonic() - self.last_round - self._pause) > SICK_SECONDS

    def _main(self) -> None:
        while not self._stopping:
            self._wake.clear()
            pause = self._round()
            self.last_round = self._monotonic()
            if not self._stopping:
                self._wake.wait(self._pause if pause is None else min(pause, self._pause))

    def _round(self) -> float | None:
        try:
            pause = self._step()
        except self._foreseen as error:
            event(log, logging.ERROR, "a step failed and will be tried again", part=self.name, why=str(error))
            self._pulse.bad(error, store=True)
            return BREATH_SECONDS
        except Exception as error:
            log.exception("a step failed and will be tried again", extra={"fields": {"part": self.name}})
            self._pulse.bad(error)
            return BREATH_SECONDS
        self._pulse.good()
        return pause
