"""How far something long has come: a line that is written over on a terminal, a few plain lines elsewhere."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType

import click

QUARTER = 25  # percent: elsewhere so often is a line written, for a log that somebody reads later


class Meter(AbstractContextManager["Meter"]):
    """Shown on stderr, and gone from a terminal at the end, so that what follows begins on a line of its own."""

    def __init__(self, *, lines: bool = True, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`lines`: whether to say it where there is no terminal, too."""
        self._terminal, self._lines, self._monotonic = sys.stderr.isatty(), lines, monotonic
        self._what, self._since, self._shown, self._quarters = "", 0.0, "", 0

    def __call__(self, what: str, done: int, total: int) -> None:
        """So much of `what` is done, of how much; 0 where nobody knows: then seconds are counted."""
        begins = what != self._what
        if begins:
            self._what, self._since, self._quarters = what, self._monotonic(), 0
        percent = 100 * min(done, total) // total if total else None
        if self._terminal:
            self._write_over(
                f"{what}: {int(self._monotonic() - self._since)} s" if percent is None else _at(what, percent)
            )
        elif self._lines and percent is None and begins:
            click.echo(f"{what} ...", err=True)
        elif self._lines and percent is not None and percent // QUARTER > self._quarters:
            self._quarters = percent // QUARTER
            click.echo(_at(what, percent), err=True)

    def _write_over(self, line: str) -> None:
        line = line[: shutil.get_terminal_size().columns - 1]  # one that wraps cannot be written over
        if line != self._shown:
            click.echo(f"\r{line:{len(self._shown)}}", nl=False, err=True)
            self._shown = line

    def clear(self) -> None:
        """Leave a terminal's line empty, for something else to be written there."""
        if self._shown:
            click.echo(f"\r{'':{len(self._shown)}}\r", nl=False, err=True)
            self._shown = ""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.clear()


def _at(what: str, percent: int) -> str:
    return f"{what}: {percent} %"
