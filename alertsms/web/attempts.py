"""How often somebody may try a link or a password that turns out wrong: counted in bounded memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from flask import request

WITHIN = timedelta(minutes=10)
REMEMBERED = 4096  # addresses; the one that came first is forgotten for the next


class Attempts:
    """Counts misses, for each address and for all together; many threads ask."""

    def __init__(self, *, each: int, together: int) -> None:
        """So many misses within ten minutes are borne from one address, and from all of them."""
        self._each, self._together = each, together
        self._lock = threading.Lock()
        self._missed: OrderedDict[str, tuple[datetime, int]] = OrderedDict()

    def allowed(self, address: str, now: datetime) -> bool:
        """Whether another attempt is looked at."""
        with self._lock:
            return self._count(address, now) < self._each and self._count("", now) < self._together

    def miss(self, address: str, now: datetime) -> None:
        """An attempt was wrong."""
        with self._lock:
            for whose in (address, ""):
                began = self._missed[whose][0] if self._count(whose, now) else now
                self._missed[whose] = began, self._count(whose, now) + 1
            self._missed.move_to_end("")  # that of all is never the one to be forgotten
            while len(self._missed) > REMEMBERED:
                self._missed.popitem(last=False)

    def _count(self, whose: str, now: datetime) -> int:
        began, count = self._missed.get(whose, (now, 0))
        return count if abs(now - began) < WITHIN else 0


def address() -> str:
    """Whom an attempt counts for: the peer, or whom a proxy on this network says that it speaks for.

    Somebody of the network itself can lie to us here; what all may try together stops that. An IPv6 subscriber has
    2^64 addresses, so the network counts (RFC 6177).
    """
    peer = request.remote_addr or ""
    said = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    try:
        near = ip_address(peer).is_private or ip_address(peer).is_loopback
        found = ip_address(said if near and said else peer)
    except ValueError:
        return peer
    return str(ip_network((found, 64), strict=False)) if isinstance(found, IPv6Address) else str(found)
