"""The signals that stop or reload a running command, as something to wait for."""

from __future__ import annotations

import queue
import signal
from types import FrameType, TracebackType
from typing import Self

STOP = (signal.SIGTERM, signal.SIGINT)


class Signals:
    """Catches SIGTERM, SIGINT and those named; the handlers only note them, so that they never meet a lock."""

    def __init__(self, *others: signal.Signals) -> None:
        self._kinds = (*STOP, *others)
        self._came: queue.SimpleQueue[int] = queue.SimpleQueue()  # its put() may interrupt itself
        self._before: dict[signal.Signals, object] = {}

    def __enter__(self) -> Self:
        for kind in self._kinds:
            self._before[kind] = signal.signal(kind, self._note)
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        for kind, handler in self._before.items():
            signal.signal(kind, handler)  # type: ignore[arg-type]  # what signal() gave

    def _note(self, kind: int, _: FrameType | None) -> None:
        self._came.put(kind)

    def wait(self, seconds: float) -> signal.Signals | None:
        """The next signal; None when none comes within `seconds`."""
        try:
            return signal.Signals(self._came.get(timeout=seconds))
        except queue.Empty:
            return None

    def until_stopped(self) -> None:
        """Wait for SIGTERM or SIGINT."""
        while self.wait(60.0) not in STOP:
            pass
