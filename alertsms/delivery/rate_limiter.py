"""How much may be under way to OVH at once, for sends and look-ups together."""

from __future__ import annotations

import threading
from collections import Counter

PER_PERSON = 4  # never all places for one number that hangs
LEAST = 1 / 8  # of the pace, however many 429 come: a page that waits is worse than one more of them
RECOVERY = 1 / 25  # of the pace for each good answer: a dozen of them undo a halving


class RateLimiter:
    """Places in flight and a pace in calls a second; times are seconds of a monotonic clock."""

    def __init__(self, *, max_in_flight: int, max_per_second: float) -> None:
        """`max_per_second` 0: no limit."""
        self._lock = threading.Lock()
        self._max = max_in_flight
        self._rate = max_per_second
        self._share = 1.0
        self._slowed_at = 0.0
        self._tokens = max(max_per_second, 1.0)
        self._filled_at: float | None = None
        self._flying: Counter[str] = Counter()
        self._awaited = True

    def room(self, now: float) -> int:
        """How many more may leave at this moment; from now on a place that is given back is awaited."""
        with self._lock:
            self._awaited = True
            places = self._max - self._flying.total()
            if not self._rate:
                return max(places, 0)
            self._fill(now)
            return max(min(places, int(self._tokens)), 0)

    def _fill(self, now: float) -> None:
        rate = self._rate * self._share
        since = now - self._filled_at if self._filled_at is not None else 0.0
        self._tokens = min(self._tokens + since * rate, max(rate, 1.0))
        self._filled_at = now

    def pause(self) -> float | None:
        """In how many seconds the pace allows one more; None where places, not the pace, are missing."""
        with self._lock:
            if not self._rate or self._flying.total() >= self._max:
                return None
            return max(0.01, (1 - self._tokens) / (self._rate * self._share))

    def limit(self, *, max_in_flight: int, max_per_second: float) -> None:
        """Take over new limits after a reload."""
        with self._lock:
            self._max, self._rate = max_in_flight, max_per_second
            self._tokens = max(self._tokens, 0.0)

    def full(self) -> set[str]:
        """The people to whom no more may leave just now."""
        with self._lock:
            return {person for person, flying in self._flying.items() if flying >= PER_PERSON}

    def take(self, person: str) -> bool:
        """Take a place; false where this person has all theirs."""
        with self._lock:
            if self._flying[person] >= PER_PERSON or self._flying.total() >= self._max:
                return False
            self._flying[person] += 1
            if self._rate:  # without a pace they would run into a debt that a later one had to pay off
                self._tokens -= 1
            return True

    def borrow(self) -> None:
        """Take a place and a call of the pace even where none is free; it is given back as that of person "".

        For one small thing at a time: else a storm of sends would keep receipts from being read while it lasts.
        """
        with self._lock:
            self._flying[""] += 1
            if self._rate:
                self._tokens -= 1

    @property
    def awaited(self) -> bool:
        """Whether sends or look-ups wait for a place."""
        with self._lock:
            return self._awaited

    def content(self) -> None:
        """All that was due found its place: nobody waits for one to be given back."""
        with self._lock:
            self._awaited = False

    def give_back(self, person: str) -> bool:
        """A call has ended; returns whether its place is awaited."""
        with self._lock:
            self._flying[person] -= 1
            if self._flying[person] <= 0:
                del self._flying[person]
            return self._awaited

    def slow_down(self, now: float) -> None:
        """OVH said 429: half the pace. Several that left within a second were sent at one pace, and count once."""
        with self._lock:
            if now - self._slowed_at >= 1.0 or self._share == 1.0:
                self._share, self._slowed_at = max(self._share / 2, LEAST), now

    def speed_up(self) -> None:
        """OVH answered well: a little faster again."""
        with self._lock:
            self._share = min(self._share + RECOVERY, 1.0)

    @property
    def places(self) -> int:
        """How many may be under way."""
        return self._max

    @property
    def flying(self) -> int:
        """How many are under way."""
        with self._lock:
            return self._flying.total()
