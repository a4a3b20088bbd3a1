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
        self.places = max_in_flight  # how many may be under way
        self._rate = max_per_second
        self._share = 1.0
        self._slowed_at = 0.0
        self._tokens = max(max_per_second, 1.0)
        self._filled_at: float | None = None
        self._in_flight: Counter[str] = Counter()
        self.awaited = True  # sends or look-ups wait for a place; False once all that was due found one

    def room(self, now: float) -> int:
        """How many more may leave at this moment; from now on a place that is given back is awaited."""
        with self._lock:
            self.awaited = True
            places = self.places - self._in_flight.total()
            if not self._rate:
                return max(places, 0)
            rate = self._rate * self._share
            since = now - self._filled_at if self._filled_at is not None else 0.0
            self._tokens = min(self._tokens + since * rate, max(rate, 1.0))
            self._filled_at = now
            return max(min(places, int(self._tokens)), 0)

    def pause(self) -> float | None:
        """In how many seconds the pace allows one more; None where places, not the pace, are missing."""
        with self._lock:
            if not self._rate or self._in_flight.total() >= self.places:
                return None
            return max(0.01, (1 - self._tokens) / (self._rate * self._share))

    def limit(self, *, max_in_flight: int, max_per_second: float) -> None:
        """Take over new limits after a reload."""
        with self._lock:
            self.places, self._rate = max_in_flight, max_per_second
            self._tokens = max(self._tokens, 0.0)

    def full(self) -> set[str]:
        """The people to whom no more may leave just now."""
        with self._lock:
            return {person for person, calls in self._in_flight.items() if calls >= PER_PERSON}

    def take(self, person: str) -> bool:
        """Take a place; false where this person has all theirs."""
        with self._lock:
            if self._in_flight[person] >= PER_PERSON or self._in_flight.total() >= self.places:
                return False
            self._in_flight[person] += 1
            if self._rate:  # without a pace they would run into a debt that a later one had to pay off
                self._tokens -= 1
            return True

    def borrow(self) -> None:
        """Take a place and a call of the pace even where none is free; it is given back as that of person "".

        For one small thing at a time: else a storm of sends would keep receipts from being read while it lasts.
        """
        with self._lock:
            self._in_flight[""] += 1
            if self._rate:
                self._tokens -= 1

    def give_back(self, person: str) -> bool:
        """A call has ended; returns whether its place is awaited."""
        with self._lock:
            self._in_flight[person] -= 1
            if self._in_flight[person] <= 0:
                del self._in_flight[person]
            return self.awaited

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
    def in_flight(self) -> int:
        """How many are under way."""
        with self._lock:
            return self._in_flight.total()
