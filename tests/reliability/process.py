"""A process of our own: started in a group of its own, found ready, killed by its id, its output kept in a file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import requests

ROOT = Path(__file__).parents[2]
ALERTSMS = (sys.executable, "-c", "from alertsms.cli import main; main(prog_name='alertsms')")
ENVIRON = {**os.environ, "PYTHONPATH": str(ROOT)}  # the alertsms of this checkout, wherever it is run from
START_SECONDS = 30.0


class Process:
    """One program, started as often as needed; only ever ends what it started."""

    def __init__(self, command: Sequence[str], log: Path) -> None:
        self.command, self.log = list(command), log
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, its output added to its log."""
        assert not self.alive, f"it runs already: {self.command}"
        with self.log.open("ab") as log:
            self._running = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.log.parent,
                env=ENVIRON,
                start_new_session=True,
            )

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._running is not None and self._running.poll() is None

    @property
    def id(self) -> int:
        """Its number, while it runs."""
        assert self._running is not None
        return self._running.pid

    @property
    def code(self) -> int | None:
        """How it ended by itself; None while it runs, or where we ended it."""
        return self._running.poll() if self._running else None

    def kill(self) -> None:
        """Kill -9: it can save nothing."""
        self._end(signal.SIGKILL, 10.0)

    def stop(self) -> None:
        """Ask it to end, and kill it where it does not."""
        with suppress(subprocess.TimeoutExpired):
            self._end(signal.SIGTERM, 12.0)
            return
        self.kill()

    def send(self, what: signal.Signals) -> None:
        """Give it a signal, while it runs."""
        with suppress(ProcessLookupError):
            os.killpg(self.id, what)

    def _end(self, how: signal.Signals, patience: float) -> None:
        if self._running is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._running.pid, how)
        self._running.wait(patience)
        self._running = None

    def until(self, ready: Callable[[], bool]) -> None:
        """Wait until it is ready; fail with the end of its log where it ended or took too long."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if not self.alive:
                raise AssertionError(f"{self.command[:3]} ended:\n{self.tail()}")
            with suppress(requests.RequestException):
                if ready():
                    return
            time.sleep(0.02)
        raise AssertionError(f"{self.command[:3]} is not ready after {START_SECONDS:.0f} s:\n{self.tail()}")

    def tail(self, size: int = 4000) -> str:
        """The end of what it wrote."""
        return self.log.read_bytes()[-size:].decode(errors="replace") if self.log.exists() else ""
