"""What strangers may take of what all share: connections, the memory of bodies, and attempts at a password.

Neither sockets nor clocks: web/request_parser.py asks for each body, web/listener.py closes whom this names, and
web/site/login.py asks before it looks at a password.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Generic, Protocol, TypeVar

from alertsms.web.admission import MAX_BODY, SMALL, Allowance

KNOWN_BYTES = 4 * MAX_BODY  # of the bodies of known senders together, small ones not counted
STRANGE_BYTES = 32 * 1024 * 1024  # of those of all strangers together
LARGE_BYTES = STRANGE_BYTES * 3 // 4  # of these, for bodies that are not small: forms and small alerts find room beside
SIGNED_AT_ONCE = 16  # large bodies with a signature that are coming in

CONNECTIONS = 512
RESERVED = 100  # of these: strangers have the others
PER_ADDRESS = 64  # connections of strangers from one address
SPARE_FILES = 128  # for the store, its calls, the log

WITHIN = timedelta(minutes=10)
SLOWLY = timedelta(seconds=5)  # between two attempts of somebody who has missed too often
TOLD_AT_ONCE = 200  # addresses and browsers whose misses are written in one statement, each second
REMEMBERED = 4096  # addresses and browsers; the one that was seen last the longest ago is forgotten for the next


class ByteBudget:
    """Bytes that many bodies share; many threads ask. Where they do not suffice, a stranger's gives way.

    Of the address with the most that are coming in the quietest does: nobody can push out those of another address by
    many of his own. A large one makes large ones give way only, and so leaves small ones what it may not have itself.
    Only what came of a body is counted, so that a size that is announced costs nobody anything.
    """

    def __init__(self, most: int, most_large: int | None = None) -> None:
        """`most_large`: of these, for all large bodies together."""
        self._most, self._most_large = most, most if most_large is None else most_large
        self.held = self._large = 0
        self.coming: dict[Purse, Callable[[], None]] = {}  # those that may have to give way, the quietest first
        self.lock = threading.Lock()  # held by a purse while it asks for any of these

    def fits(self, purse: Purse, more: int) -> bool:
        """Whether there are so many bytes more for a body."""
        return self.held + more <= self._most and not (purse.large and self._large + more > self._most_large)

    def make_room(self, purse: Purse, more: int) -> None:
        """Have bodies of strangers give way until so many bytes more fit, or none is left that has to."""
        may = [body for body in self.coming if body is not purse and body.held and (body.large or not purse.large)]
        while may and not self.fits(purse, more):
            quiet = _crowded(may, purse)
            may.remove(quiet)
            self.lose(quiet)

    def lose(self, purse: Purse) -> None:
        """Have a body give way."""
        lost = self.coming.pop(purse)
        self.count(purse, -purse.held)
        lost()

    def count(self, purse: Purse, more: int) -> None:
        """Count so many bytes more of a body, or fewer."""
        purse.held += more
        self.held += more
        self._large += more if purse.large else 0


def _crowded(bodies: Sequence[Purse], beside: Purse) -> Purse:
    """The first of the address that has the most of them, with the one that is to be `beside` them."""
    crowds = Counter(body.whose for body in [*bodies, beside])
    return max(bodies, key=lambda body: crowds[body.whose])


@dataclass(eq=False, kw_only=True, slots=True)
class Purse:
    """What one body holds of a budget."""

    budget: ByteBudget
    whose: str = ""  # the address that it comes from
    strange: bool = False  # it gives way
    large: bool = False
    signed: bool = False  # it is large, and one of few at a time
    free: int = 0  # bytes that are not counted: a page is never refused for others' size
    held: int = 0

    def enter(self, lost: Callable[[], None]) -> None:
        """The body begins to come in; `lost` forgets what came of it, where it has to give way."""
        if not self.strange:
            return
        budget = self.budget
        with budget.lock:
            signed = [body for body in budget.coming if body.signed] if self.signed else []
            if len(signed) >= SIGNED_AT_ONCE:
                budget.lose(_crowded(signed, self))
            budget.coming[self] = lost

    def hold(self, size: int) -> bool:
        """Whether the body may be so large by now."""
        budget = self.budget
        with budget.lock:
            if self in budget.coming:
                budget.coming[self] = budget.coming.pop(self)
            more = max(size - self.free - self.held, 0)
            if more and not budget.fits(self, more):
                budget.make_room(self, more)
            fits = not more or budget.fits(self, more)
            if fits:
                budget.count(self, more)
            return fits

    def arrived(self) -> None:
        """All of the body is there: it keeps its bytes, and gives way no more."""
        with self.budget.lock:
            self.budget.coming.pop(self, None)

    def close(self) -> None:
        """The body is done with: give everything back."""
        with self.budget.lock:
            self.budget.coming.pop(self, None)
            self.budget.count(self, -self.held)


class Bodies:
    """The memory that all bodies together may take."""

    def __init__(self) -> None:
        self.known, self.strange = ByteBudget(KNOWN_BYTES), ByteBudget(STRANGE_BYTES, LARGE_BYTES)

    def purse(self, allowance: Allowance, size: int, whose: str) -> Purse:
        """For a body of an address that will have so many bytes."""
        if allowance.known:
            return Purse(budget=self.known, free=SMALL)
        large = size > SMALL
        return Purse(budget=self.strange, whose=whose, strange=True, large=large, signed=large and allowance.signed)


class Visitor(Protocol):
    """A connection, as far as places go."""

    whose: str  # its address, of IPv6 the network: a subscriber has one

    @property
    def busy(self) -> bool:
        """Whether a request of it is being answered."""


V = TypeVar("V", bound=Visitor)


class Crowd(Generic[V]):
    """Who has a place. Strangers leave some free, and where they are too many one makes room for the next.

    Of the address with the most connections the quietest does: the one of which nothing came for longest.
    """

    def __init__(self, *, total: int = CONNECTIONS, reserved: int = RESERVED, per_address: int = PER_ADDRESS) -> None:
        self.total, self._most, self._per_address = total, total - reserved, per_address
        self._known: dict[V, None] = {}  # these three with whoever said something last at the end
        self._strangers: dict[V, None] = {}
        self._of: dict[str, dict[V, None]] = {}  # strangers of each address
        self._lock = threading.Lock()

    def enter(self, visitor: V, *, capped: bool = True) -> V | None:
        """Take a stranger in; returns who has to leave for it. `capped`: its address may have few places only."""
        with self._lock:
            self._add(visitor)
            crowds: list[Iterable[V]] = []
            if capped and len(self._of[visitor.whose]) > self._per_address:
                crowds.append(self._of[visitor.whose])
            if len(self._strangers) > self._most or len(self._strangers) + len(self._known) > self.total:
                crowds += [self._crowded(), self._strangers]
            if len(self._strangers) + len(self._known) > self.total:
                crowds.append(self._known)
            idle = (other for crowd in crowds for other in crowd if other is not visitor and not other.busy)
            leaves = next(idle, None)  # the quietest, for whom nothing is being done
            if leaves is not None:
                self._remove(leaves)
            return leaves

    def judged(self, visitor: V, *, known: bool, whose: str = "") -> None:
        """A request of it was judged: by the latest one it is known or a stranger, and `whose` it is."""
        with self._lock:
            if visitor in self._known or visitor in self._strangers:
                self._remove(visitor)
                visitor.whose = whose or visitor.whose
                if known:
                    self._known[visitor] = None
                else:
                    self._add(visitor)

    def note_bytes(self, visitor: V) -> None:
        """Something came of it: it is the quietest no more."""
        with self._lock:
            if visitor in self._known:
                self._known[visitor] = self._known.pop(visitor)
            elif visitor in self._strangers:
                self._remove(visitor)
                self._add(visitor)

    def leave(self, visitor: V) -> None:
        """It is closed."""
        with self._lock:
            self._remove(visitor)

    def _crowded(self) -> Iterable[V]:
        """The strangers of the address that has the most of them; of several such, of all of these."""
        most = max(map(len, self._of.values()))
        return (visitor for visitor in self._strangers if len(self._of[visitor.whose]) == most)

    def _add(self, visitor: V) -> None:
        self._strangers[visitor] = None
        self._of.setdefault(visitor.whose, {})[visitor] = None

    def _remove(self, visitor: V) -> None:
        self._known.pop(visitor, None)
        self._strangers.pop(visitor, None)
        mine = self._of.get(visitor.whose, {})
        mine.pop(visitor, None)
        if not mine:
            self._of.pop(visitor.whose, None)


def connection_limits(files: int) -> tuple[int, int]:
    """Connections, and how many of them are not for strangers, where so many files may be open."""
    total = max(min(CONNECTIONS, files - SPARE_FILES), 16)
    return total, min(RESERVED, total // 4)


class Attempts:
    """Counts misses for each address and each browser; many threads ask.

    There is no bound for all together, and nobody is ever shut out: somebody else's misses would do that to everybody.
    Replicas tell each other by rows, which name nobody: see web/site/login.py.
    """

    def __init__(self, *, most: int) -> None:
        """So many misses within ten minutes are borne from one; after that an attempt counts every five seconds."""
        self._most = most
        self._lock = threading.Lock()
        self._missed: OrderedDict[str, list[datetime]] = OrderedDict()
        self._fresh: OrderedDict[str, int] = OrderedDict()  # misses of which other replicas do not know
        self._often: Mapping[str, datetime] = {}  # whoever missed too often at all replicas together, and when last

    def free(self, whose: str, now: datetime) -> bool:
        """Whether one has missed so rarely that the next attempt is looked at, at once."""
        with self._lock:
            return len(self._misses(whose, now)) < self._most and _place(whose) not in self._often

    def take(self, whose: str, now: datetime) -> float:
        """Take an attempt, a miss until it is said to be `right`: 0, or the seconds until one is looked at."""
        with self._lock:
            missed = self._misses(whose, now)
            rests = missed[-1:] if len(missed) >= self._most else []
            if _place(whose) in self._often:
                rests = [*missed[-1:], self._often[_place(whose)]]
            left = max(((at + SLOWLY - now).total_seconds() for at in rests), default=0.0)
            if left <= 0:
                self._missed[whose] = [*missed, now][-self._most :]
                self._missed.move_to_end(whose)
                self._count(whose, 1)
            while len(self._missed) > REMEMBERED:
                self._missed.popitem(last=False)
            return max(left, 0.0)

    def right(self, whose: str, at: datetime) -> None:
        """The attempt that was taken then was no miss."""
        with self._lock:
            missed = self._missed.get(whose, [])
            if at in missed:
                missed.remove(at)
                self._count(whose, -1)

    def fresh(self) -> dict[str, int]:
        """Misses of which other replicas do not know yet, by places; of many places the rest is for the next call."""
        with self._lock:
            first = [self._fresh.popitem(last=False) for _ in range(min(len(self._fresh), TOLD_AT_ONCE))]
            return {place: count for place, count in first if count}

    def note_often(self, often: Mapping[str, datetime]) -> None:
        """Take over who missed too often at all replicas together, and when last, by places."""
        with self._lock:
            self._often = often

    def _count(self, whose: str, more: int) -> None:
        place = _place(whose)
        self._fresh[place] = self._fresh.get(place, 0) + more
        while len(self._fresh) > REMEMBERED:  # a flood of strangers is counted here alone
            self._fresh.popitem(last=False)

    def _misses(self, whose: str, now: datetime) -> list[datetime]:
        return [at for at in self._missed.get(whose, []) if abs(now - at) < WITHIN]


def _place(whose: str) -> str:
    """What stands for an address or a browser in the store."""
    return sha256(whose.encode("utf-8", "replace")).hexdigest()[:32]


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
