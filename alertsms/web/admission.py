"""Who may send how much: places, bytes and seconds, for senders that show a secret and for strangers.

Neither sockets nor clocks: web/connection.py asks for each request, web/listener.py closes whom this names.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar, cast

from flask import Request

from alertsms.web.auth import Gate
from alertsms.web.peers import Networks

MAX_BODY = 16 * 1024 * 1024  # bytes
SMALL = 64 * 1024  # bytes of what is no webhook: a form, a receipt, a command
SIGNED_BODY = 2 * 1024 * 1024  # bytes of a body that has to be read before its sender is known
KNOWN_BYTES = 4 * MAX_BODY  # of the bodies of known senders together, small ones not counted
STRANGE_BYTES = 32 * 1024 * 1024  # of those of all strangers together
LARGE_BYTES = STRANGE_BYTES * 3 // 4  # of these, for bodies that are not small: forms and small alerts find room beside
SIGNED_AT_ONCE, SIGNED_EACH = 16, 12  # large bodies with a signature that are coming in; from one address
BODY_SECONDS, STRANGE_SECONDS = 60.0, 10.0  # from the end of the headers to the end of the body

CONNECTIONS = 512
RESERVED = 100  # of these: strangers have the others
EACH = 64  # connections of strangers from one address
SPARE_FILES = 128  # for the store, its calls, the log


@dataclass(frozen=True, kw_only=True, slots=True)
class Allowance:
    """What one request may send, by its headers."""

    known: bool = False  # its headers show a secret
    most: int  # bytes of its body; 0: its answer does not depend on that
    seconds: float = STRANGE_SECONDS
    signed: bool = False  # the body tells whether its signature is right
    quoted: bool = False  # what is too large is told of by its beginning
    early: bool = False  # nobody can answer it yet; who answers may come in between


KNOWN = Allowance(known=True, most=MAX_BODY, seconds=BODY_SECONDS, quoted=True)
COMMAND = Allowance(known=True, most=SMALL, seconds=BODY_SECONDS)
ANYBODY = Allowance(most=MAX_BODY, seconds=BODY_SECONDS, quoted=True)  # where no secret is asked for
SIGNED = Allowance(most=SIGNED_BODY, signed=True)
STRANGER = Allowance(most=SMALL)
UNREAD = Allowance(most=0)
EARLY = Allowance(most=0, early=True)


class Judge(Protocol):
    """Judges requests by their headers."""

    @property
    def trusted(self) -> Networks:
        """The proxies that are believed, and may have any number of connections."""

    def judge(self, request: Request) -> Allowance:
        """What a request may send. Its body has not come yet; everybody waits for this, so that it asks no store."""


class Doorkeeper:
    """Judges as the doors themselves do, by the same secrets."""

    def __init__(self, *, gate: Callable[[], Gate], knows: Callable[[Request], bool],
                 outside: Callable[[Request], bool], trusted: Callable[[], Networks],
                 doors: Sequence[str], own: Sequence[str]) -> None:  # fmt: skip
        """`doors` begin the paths that take alerts and signs of life, `own` those of everything else there is."""
        self._gate, self._knows, self._outside, self._trusted = gate, knows, outside, trusted
        self._doors, self._own = tuple(doors), tuple(own)

    @property
    def trusted(self) -> Networks:
        """The proxies that are believed."""
        return self._trusted()

    def judge(self, request: Request) -> Allowance:
        """What a request may send."""
        gate, headers = self._gate(), cast("Mapping[str, str]", request.headers)  # they have get()
        sender = gate.shown(headers) or (gate.open and not self._outside(request))
        if not self._door(request.path):
            if sender and not request.path.startswith(self._own):
                return KNOWN  # it believes that it pages people, and a refusal is to quote its alert
            return COMMAND if sender or self._knows(request) else STRANGER
        if sender:
            return KNOWN
        if gate.open:
            return ANYBODY
        return SIGNED if gate.signed(headers) else UNREAD

    def _door(self, path: str) -> bool:
        path = f"/{path.lstrip('/')}"
        return any(path == door or path.startswith(f"{door}/") for door in self._doors)


class Always:
    """Judges all requests alike."""

    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        self.trusted: Networks = ()

    def judge(self, request: Request) -> Allowance:  # noqa: ARG002 - whatever it is
        """What any request may send."""
        return self._allowance


class Budget:
    """Bytes that many bodies share; many threads ask."""

    def __init__(self, most: int) -> None:
        self.most, self.held = most, 0
        self._lock = threading.Lock()

    def take(self, size: int, ceiling: int = 0) -> bool:
        """Whether there is room for so many more; `ceiling`: below less than all of it."""
        with self._lock:
            if self.held + size > (ceiling or self.most):
                return False
            self.held += size
            return True

    def give(self, size: int) -> None:
        """They are free again."""
        with self._lock:
            self.held -= size


class Few:
    """Places for some at a time, and for fewer of one address."""

    def __init__(self, most: int, each: int) -> None:
        self._most, self._each = most, each
        self._inside: Counter[str] = Counter()
        self._lock = threading.Lock()

    def enter(self, whose: str) -> bool:
        """Whether there was one left."""
        with self._lock:
            if self._inside.total() >= self._most or self._inside[whose] >= self._each:
                return False
            self._inside[whose] += 1
            return True

    def leave(self, whose: str) -> None:
        """It is free again."""
        with self._lock:
            self._inside[whose] -= 1
            self._inside += Counter()  # forgets whoever has none


class Purse:
    """What one body holds of a budget. Bytes up to `free` are not counted: a page is never refused for others' size."""

    def __init__(self, budget: Budget, *, free: int = 0, ceiling: int = 0,
                 leave: Callable[[], None] | None = None) -> None:  # fmt: skip
        """`leave` is called once, when the body is there or given up."""
        self._budget, self._free, self._ceiling, self._leave = budget, free, ceiling, leave
        self._held = 0
        self._lock = threading.Lock()

    def hold(self, size: int) -> bool:
        """Whether it may be so large by now."""
        with self._lock:
            more = max(size - self._free, 0) - self._held
            if more > 0 and not self._budget.take(more, self._ceiling):
                return False
            self._held += max(more, 0)
            return True

    def arrived(self) -> None:
        """All of the body is there: it keeps its bytes, but not one of few places."""
        with self._lock:
            leave, self._leave = self._leave, None
        if leave:
            leave()

    def close(self) -> None:
        """Give everything back."""
        with self._lock:
            self._budget.give(self._held)
            self._held = 0
        self.arrived()


class Bodies:
    """The memory that all bodies together may take."""

    def __init__(self) -> None:
        self.known, self.strange = Budget(KNOWN_BYTES), Budget(STRANGE_BYTES)
        self._signed = Few(SIGNED_AT_ONCE, SIGNED_EACH)

    def purse(self, allowance: Allowance, whose: str, size: int) -> Purse | None:
        """For a body of somebody's that will have so many bytes; None where too many others are coming in."""
        if allowance.known:
            return Purse(self.known, free=SMALL)
        if size <= SMALL:
            return Purse(self.strange)
        if not allowance.signed:
            return Purse(self.strange, ceiling=LARGE_BYTES)
        if not self._signed.enter(whose):
            return None
        return Purse(self.strange, ceiling=LARGE_BYTES, leave=lambda: self._signed.leave(whose))


class Visitor(Protocol):
    """A connection, as far as places go."""

    peer: str

    @property
    def busy(self) -> bool:
        """Whether a request of it is being answered."""


V = TypeVar("V", bound=Visitor)


class Crowd(Generic[V]):
    """Who has a place. Strangers leave some free, and where they are too many the oldest makes room for the next."""

    def __init__(self, *, total: int = CONNECTIONS, reserved: int = RESERVED, each: int = EACH) -> None:
        self.total, self._most, self._each = total, total - reserved, each
        self._known: dict[V, None] = {}  # these three with whoever did something last at the end
        self._strangers: dict[V, None] = {}
        self._of: dict[str, dict[V, None]] = {}  # strangers of each address
        self._lock = threading.Lock()

    def enter(self, visitor: V, *, capped: bool = True) -> V | None:
        """Take a stranger in; returns who has to leave for it. `capped`: its address may have few places only."""
        with self._lock:
            self._add(visitor)
            crowds: list[Collection[V]] = []
            if capped and len(self._of[visitor.peer]) > self._each:
                crowds.append(self._of[visitor.peer])
            if len(self._strangers) > self._most or len(self._strangers) + len(self._known) > self.total:
                crowds.append(self._strangers)
            if len(self._strangers) + len(self._known) > self.total:
                crowds.append(self._known)
            leaves = next(filter(None, (_idle(crowd, visitor) for crowd in crowds)), None)
            if leaves is not None:
                self._remove(leaves)
            return leaves

    def judged(self, visitor: V, *, known: bool) -> None:
        """A request of it was judged: by the latest one it is known or a stranger."""
        with self._lock:
            if visitor in self._known or visitor in self._strangers:
                self._remove(visitor)
                if known:
                    self._known[visitor] = None
                else:
                    self._add(visitor)

    def leave(self, visitor: V) -> None:
        """It is closed."""
        with self._lock:
            self._remove(visitor)

    def _add(self, visitor: V) -> None:
        self._strangers[visitor] = None
        self._of.setdefault(visitor.peer, {})[visitor] = None

    def _remove(self, visitor: V) -> None:
        self._known.pop(visitor, None)
        self._strangers.pop(visitor, None)
        mine = self._of.get(visitor.peer, {})
        mine.pop(visitor, None)
        if not mine:
            self._of.pop(visitor.peer, None)


def _idle(crowd: Iterable[V], but: V) -> V | None:
    """The one that did nothing for longest, and for whom nothing is being done."""
    return next((each for each in crowd if each is not but and not each.busy), None)


def places(files: int) -> tuple[int, int]:
    """Connections, and how many of them are not for strangers, where so many files may be open."""
    total = max(min(CONNECTIONS, files - SPARE_FILES), 16)
    return total, min(RESERVED, total // 4)
