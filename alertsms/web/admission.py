"""Who may send how much: places, bytes and seconds, for senders that show a secret and for strangers.

Neither sockets nor clocks: web/connection.py asks for each request, web/listener.py closes whom this names.
"""

from __future__ import annotations

import threading
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
SIGNED_AT_ONCE = 16  # large bodies with a signature that are coming in
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
    """Bytes that many bodies share; many threads ask. Where they do not suffice, the quietest stranger's gives way.

    Only what came of a body is counted, so that a size that is announced costs nobody anything.
    """

    def __init__(self, most: int) -> None:
        self.most, self.held = most, 0
        self._coming: dict[Purse, Callable[[], None]] = {}  # those that may have to give way, the quietest first
        self._lock = threading.Lock()

    def enter(self, purse: Purse, lost: Callable[[], None]) -> None:
        """A body that may have to give way begins to come in; `lost` is called where it has to."""
        with self._lock:
            signed = [each for each in self._coming if each.signed] if purse.signed else []
            if len(signed) >= SIGNED_AT_ONCE:
                self._lose(signed[0])
            self._coming[purse] = lost

    def hold(self, purse: Purse, size: int) -> bool:
        """Whether it may be so large by now."""
        with self._lock:
            if purse in self._coming:
                self._coming[purse] = self._coming.pop(purse)
            more, most = max(size - purse.free - purse.held, 0), purse.ceiling or self.most
            if not more:
                return True
            others = [each for each in self._coming if each is not purse] if self.held + more > most else []
            for quiet in others:
                if quiet.held and self.held + more > most:
                    self._lose(quiet)
            if self.held + more > most:
                return False
            self.held += more
            purse.held += more
            return True

    def arrived(self, purse: Purse) -> None:
        """All of it is there: it keeps its bytes, and gives way no more."""
        with self._lock:
            self._coming.pop(purse, None)

    def close(self, purse: Purse) -> None:
        """It is done with."""
        with self._lock:
            self._coming.pop(purse, None)
            self._give(purse)

    def _lose(self, purse: Purse) -> None:
        lost = self._coming.pop(purse)
        self._give(purse)
        lost()

    def _give(self, purse: Purse) -> None:
        self.held -= purse.held
        purse.held = 0


@dataclass(eq=False, kw_only=True, slots=True)
class Purse:
    """What one body holds of a budget."""

    budget: Budget
    strange: bool = False  # it gives way
    signed: bool = False  # it is large, and one of few at a time
    free: int = 0  # bytes that are not counted: a page is never refused for others' size
    ceiling: int = 0  # bytes of the budget that it may use beside others; 0: all of it
    held: int = 0

    def enter(self, lost: Callable[[], None]) -> None:
        """It begins to come in; `lost` forgets what came of it."""
        if self.strange:
            self.budget.enter(self, lost)

    def hold(self, size: int) -> bool:
        """Whether it may be so large by now."""
        return self.budget.hold(self, size)

    def arrived(self) -> None:
        """All of it is there."""
        self.budget.arrived(self)

    def close(self) -> None:
        """Give everything back."""
        self.budget.close(self)


class Bodies:
    """The memory that all bodies together may take."""

    def __init__(self) -> None:
        self.known, self.strange = Budget(KNOWN_BYTES), Budget(STRANGE_BYTES)

    def purse(self, allowance: Allowance, size: int) -> Purse:
        """For a body that will have so many bytes."""
        if allowance.known:
            return Purse(budget=self.known, free=SMALL)
        if size <= SMALL:
            return Purse(budget=self.strange, strange=True)
        return Purse(budget=self.strange, strange=True, signed=allowance.signed, ceiling=LARGE_BYTES)


class Visitor(Protocol):
    """A connection, as far as places go."""

    whose: str  # its address, of IPv6 the network: a subscriber has one

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
            if capped and len(self._of[visitor.whose]) > self._each:
                crowds.append(self._of[visitor.whose])
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
        self._of.setdefault(visitor.whose, {})[visitor] = None

    def _remove(self, visitor: V) -> None:
        self._known.pop(visitor, None)
        self._strangers.pop(visitor, None)
        mine = self._of.get(visitor.whose, {})
        mine.pop(visitor, None)
        if not mine:
            self._of.pop(visitor.whose, None)


def _idle(crowd: Iterable[V], but: V) -> V | None:
    """The one that did nothing for longest, and for whom nothing is being done."""
    return next((each for each in crowd if each is not but and not each.busy), None)


def places(files: int) -> tuple[int, int]:
    """Connections, and how many of them are not for strangers, where so many files may be open."""
    total = max(min(CONNECTIONS, files - SPARE_FILES), 16)
    return total, min(RESERVED, total // 4)
