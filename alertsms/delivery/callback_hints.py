"""Ids that OVHcloud called back about, until their message is found: a callback can come before our own commit."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

MOST = 10_000
AT_ONCE = 500
KEEP = timedelta(minutes=10)


@dataclass(slots=True)
class Hint:
    """When an id came, and when it is looked for next."""

    came_at: datetime
    look_at: datetime
    pause: timedelta = timedelta(seconds=1)


class Hints:
    """Bounded, in memory only: what is lost here is asked about all the same, a little later."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: OrderedDict[int, Hint] = OrderedDict()

    def add(self, ovh_id: int, now: datetime) -> None:
        """Remember an id; the oldest makes room."""
        with self._lock:
            self._waiting[ovh_id] = Hint(now, now)
            self._waiting.move_to_end(ovh_id)
            if len(self._waiting) > MOST:
                self._waiting.popitem(last=False)

    def due(self, now: datetime) -> list[int]:
        """The ids to look for now; each again after 1, 2, 4 s and so on, for ten minutes."""
        with self._lock:
            for ovh_id in [ovh_id for ovh_id, hint in self._waiting.items() if now - hint.came_at > KEEP]:
                del self._waiting[ovh_id]
            found = list(islice((id_ for id_, hint in self._waiting.items() if hint.look_at <= now), AT_ONCE))
            for ovh_id in found:
                hint = self._waiting[ovh_id]
                hint.look_at, hint.pause = now + hint.pause, 2 * hint.pause
        return found

    def forget(self, ovh_ids: set[int]) -> None:
        """Their messages were found."""
        with self._lock:
            for ovh_id in ovh_ids:
                self._waiting.pop(ovh_id, None)

    def __len__(self) -> int:
        return len(self._waiting)
