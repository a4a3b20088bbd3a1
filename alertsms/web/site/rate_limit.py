"""How often a password may be tried that turns out wrong, and how many are looked at: counted in bounded memory."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from datetime import datetime, timedelta

WITHIN = timedelta(minutes=10)
SLOWLY = timedelta(seconds=5)  # between two attempts of somebody who has missed too often
REMEMBERED = 4096  # addresses and browsers; the one that was seen last the longest ago is forgotten for the next


class Attempts:
    """Counts misses for each address and each browser; many threads ask.

    There is no bound for all together, and nobody is ever shut out: somebody else's misses would do that to everybody.
    """

    def __init__(self, *, most: int) -> None:
        """So many misses within ten minutes are borne from one; after that an attempt counts every five seconds."""
        self._most = most
        self._lock = threading.Lock()
        self._missed: OrderedDict[str, list[datetime]] = OrderedDict()

    def free(self, whose: str, now: datetime) -> bool:
        """Whether one has missed so rarely that the next attempt is looked at, at once."""
        with self._lock:
            return len(self._misses(whose, now)) < self._most

    def take(self, whose: str, now: datetime) -> float:
        """Take an attempt, a miss until it is said to be `right`: 0, or the seconds until one is looked at."""
        with self._lock:
            missed = self._misses(whose, now)
            left = (missed[-1] + SLOWLY - now).total_seconds() if len(missed) >= self._most else 0.0
            if left <= 0:
                self._missed[whose] = [*missed, now][-self._most :]
                self._missed.move_to_end(whose)
            while len(self._missed) > REMEMBERED:
                self._missed.popitem(last=False)
            return max(left, 0.0)

    def right(self, whose: str, at: datetime) -> None:
        """The attempt that was taken then was no miss."""
        with self._lock:
            missed = self._missed.get(whose, [])
            if at in missed:
                missed.remove(at)

    def _misses(self, whose: str, now: datetime) -> list[datetime]:
        return [at for at in self._missed.get(whose, []) if abs(now - at) < WITHIN]


class Few:
    """Places for some at a time, and for fewer of one address."""

    def __init__(self, most: int, per_address: int) -> None:
        self._most, self._per_address = most, per_address
        self._inside: Counter[str] = Counter()
        self._lock = threading.Lock()

    def enter(self, whose: str) -> bool:
        """Whether there was one left."""
        with self._lock:
            if self._inside.total() >= self._most or self._inside[whose] >= self._per_address:
                return False
            self._inside[whose] += 1
            return True

    def leave(self, whose: str) -> None:
        """It is free again."""
        with self._lock:
            self._inside[whose] -= 1
            self._inside += Counter()  # forgets whoever has none
