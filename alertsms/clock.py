"""The time that everything here goes by: the wall clock at the start plus the monotonic clock since."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

STEP = timedelta(seconds=5)  # a wall clock that is further away than this was set, not slewed


class Clock:
    """Tells aware times that never jump: setting the machine's clock moves nothing until `follow` is called."""

    def __init__(self, wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._wall = wall
        self.ticks = monotonic  # the seconds that it counts by: what else counts by them can be compared with it
        self._base = wall() - monotonic()
        self.on_step: list[Callable[[timedelta], None]] = []  # called with a step: whoever has times in memory

    def __call__(self) -> datetime:
        """Now, aware, in UTC."""
        return datetime.fromtimestamp(self._base + self.ticks(), UTC)

    def step(self) -> timedelta:
        """How far the wall clock was set away from ours; zero while it is within five seconds."""
        away = timedelta(seconds=self._wall() - self.ticks() - self._base)
        return away if abs(away) > STEP else timedelta()

    def follow(self, step: timedelta) -> None:
        """Take over a step of the wall clock, once what was pending has been shifted with it."""
        self._base += step.total_seconds()
        for shift in self.on_step:
            shift(step)
