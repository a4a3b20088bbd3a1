"""Everything that can go wrong between a pager and OVHcloud, on demand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random
from threading import Lock

from alertsms.sandbox.exchange import HTML, JSON, CallName, ExchangeEnd, Response


class FaultKind(StrEnum):
    """The faults. "after" means that the request was carried out, a message accepted, before the answer was lost."""

    DELAY = "delay"  # carried out at once, answered `seconds` later
    CLOCK_JUMP = "clock_jump"  # OVHcloud's clock is `seconds` ahead: auth/time and the check of timestamps
    LATE = "late"  # the accepted message is in neither list, jobs nor outgoing, for `seconds`
    SLOW_RECEIPT = "slow_receipt"  # the last receipt comes after `seconds`
    NO_RECEIPT = "no_receipt"  # it never comes
    UNDELIVERED = "undelivered"  # the last receipt says failed, with `ptt`
    BLOCKED = "blocked"  # accepted, its receipt says delivered, and no phone shows it: an operator's filter of senders
    INVALID_RECEIVER = "invalid_receiver"  # 200, but every receiver is called invalid
    NO_CREDITS = "no_credits"
    ERROR_408 = "408"
    ERROR_408_AFTER = "408_after"
    ERROR_429 = "429"  # with Retry-After when `retry_after` is given
    ERROR_429_AFTER = "429_after"
    ERROR_500 = "500"
    ERROR_500_AFTER = "500_after"
    ERROR_503 = "503"
    ERROR_503_AFTER = "503_after"
    HTML_504 = "html_504"
    HTML_504_AFTER = "html_504_after"
    EMPTY_200 = "empty_200"  # carried out
    EMPTY_200_LOST = "empty_200_lost"  # not carried out
    HANG = "hang"  # nothing for `seconds`, then the connection is closed
    HANG_AFTER = "hang_after"
    RESET_BEFORE = "reset_before"
    RESET_AFTER = "reset_after"
    REDIRECT = "redirect"  # with `status` to `location`
    REDIRECT_AFTER = "redirect_after"
    STATUS = "status"  # with `status`, and a page of HTML such as a proxy sends
    STATUS_AFTER = "status_after"


# Faults of an accepted message: they strike POST jobs alone, whatever `call` says.
SENDING = frozenset(
    {
        FaultKind.LATE,
        FaultKind.SLOW_RECEIPT,
        FaultKind.NO_RECEIPT,
        FaultKind.UNDELIVERED,
        FaultKind.BLOCKED,
        FaultKind.INVALID_RECEIVER,
        FaultKind.NO_CREDITS,
    }
)

# What `seconds` is when it is not given.
SECONDS = {
    FaultKind.DELAY: 1.0,
    FaultKind.CLOCK_JUMP: 300.0,
    FaultKind.LATE: 5.0,
    FaultKind.SLOW_RECEIPT: 60.0,
} | dict.fromkeys((FaultKind.HANG, FaultKind.HANG_AFTER), 30.0)

# What `status` is when it is not given: only these kinds have one.
STATUSES = {FaultKind.REDIRECT: 307, FaultKind.REDIRECT_AFTER: 307, FaultKind.STATUS: 502, FaultKind.STATUS_AFTER: 502}

ELSEWHERE = "https://api.eu.ovhcloud.com"  # where OVHcloud's API is said to move to


def _html(status: int, text: str) -> Response:
    return Response(status=status, headers=HTML, body=f"<html><body><h1>{text}</h1></body></html>".encode())


def _json(status: int, reason: str) -> Response:
    body = f'{{"errorCode":"INTERNAL","httpCode":"{status} {reason}","message":"{reason}"}}'
    return Response(status=status, headers=JSON, body=body.encode())


_EMPTY = Response(status=200, headers=JSON)
_HANG = Response(status=0, end=ExchangeEnd.CLOSE)
_RESET = Response(status=0, end=ExchangeEnd.RESET)

# kind -> (is the request carried out?, what is answered instead)
BREAKS: Mapping[FaultKind, tuple[bool, Response]] = {
    FaultKind.ERROR_408: (False, _html(408, "408 Request Time-out")),
    FaultKind.ERROR_408_AFTER: (True, _html(408, "408 Request Time-out")),
    FaultKind.ERROR_429: (False, _json(429, "Too Many Requests")),
    FaultKind.ERROR_429_AFTER: (True, _json(429, "Too Many Requests")),
    FaultKind.ERROR_500: (False, _json(500, "Internal Server Error")),
    FaultKind.ERROR_500_AFTER: (True, _json(500, "Internal Server Error")),
    FaultKind.ERROR_503: (False, _json(503, "Service Unavailable")),
    FaultKind.ERROR_503_AFTER: (True, _json(503, "Service Unavailable")),
    FaultKind.HTML_504: (False, _html(504, "504 Gateway Time-out")),
    FaultKind.HTML_504_AFTER: (True, _html(504, "504 Gateway Time-out")),
    FaultKind.EMPTY_200: (True, _EMPTY),
    FaultKind.EMPTY_200_LOST: (False, _EMPTY),
    FaultKind.HANG: (False, _HANG),
    FaultKind.HANG_AFTER: (True, _HANG),
    FaultKind.RESET_BEFORE: (False, _RESET),
    FaultKind.RESET_AFTER: (True, _RESET),
    FaultKind.REDIRECT: (False, _EMPTY),  # the status is the fault's own
    FaultKind.REDIRECT_AFTER: (True, _EMPTY),
    FaultKind.STATUS: (False, _EMPTY),
    FaultKind.STATUS_AFTER: (True, _EMPTY),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One thing that goes wrong, where and how often."""

    kind: FaultKind
    call: str = "*"  # a Call, or * for all
    receiver: str = ""  # only requests whose body names this number, or what it begins with
    sender: str = ""  # only jobs that name this sender
    seconds: float | None = None  # see SECONDS
    probability: float = 1.0
    times: int | None = None  # then it is over; None: until removed
    retry_after: float | str | None = None  # the header Retry-After of a broken answer: seconds, or any text
    status: int | None = None  # see STATUSES
    location: str = ELSEWHERE  # of a redirect: another address with the path that was called, or a "/path" of this one
    ptt: int = 24  # OVHcloud's status code of an undelivered message; 24: subscriber absent

    @property
    def duration(self) -> float:
        """Its seconds, or the kind's own."""
        return SECONDS.get(self.kind, 0.0) if self.seconds is None else self.seconds

    def answer(self, path: str) -> Response:
        """What this fault, one of BREAKS, has sent; `path` is what was called, its query included."""
        answer = BREAKS[self.kind][1]
        if self.kind in STATUSES:
            status = self.status or STATUSES[self.kind]
            answer = _html(status, str(status)) if status not in (204, 304) else Response(status=status)
        if self.kind in (FaultKind.REDIRECT, FaultKind.REDIRECT_AFTER):
            whole = self.location if self.location.startswith("/") else self.location.rstrip("/") + path
            answer = replace(answer, headers={**answer.headers, "location": whole})
        if self.retry_after is not None:
            answer = replace(answer, headers={**answer.headers, "retry-after": str(self.retry_after)})
        return answer


@dataclass(kw_only=True, slots=True)
class Strike:
    """The faults that hit one request."""

    hits: dict[FaultKind, Fault]
    broken: Fault | None = None  # the fault that replaces the answer

    def seconds(self, kind: FaultKind) -> float:
        """Return the duration of the fault of this kind; 0.0 when there is none."""
        fault = self.hits.get(kind)
        return 0.0 if fault is None else fault.duration

    @property
    def lost(self) -> bool:
        """Whether the request is never carried out."""
        return self.broken is not None and not BREAKS[self.broken.kind][0]

    def response(self, intended: Response | None, path: str = "/") -> Response:
        """Return what is sent in place of `intended`, which is None when the request was never carried out.

        `path` is what was called, its query included.
        """
        delay = self.seconds(FaultKind.DELAY)
        if self.broken is None:
            assert intended is not None  # noqa: S101 - nothing but a break keeps a request from being carried out
            return replace(intended, delay=delay)
        return replace(self.broken.answer(path), delay=delay + self.broken.duration)


class Faults:
    """The faults that stand now, in order; may be changed from any thread."""

    def __init__(self, seed: int = 0) -> None:
        self._random = Random(seed)  # noqa: S311 - repeatable on purpose
        self._lock = Lock()
        self._standing: list[tuple[Fault, int | None]] = []

    @property
    def standing(self) -> list[Fault]:
        """The faults that can still strike."""
        return [fault for fault, _ in self._standing]

    def replace(self, faults: Iterable[Fault]) -> None:
        """Let `faults` stand and no others."""
        standing = [(fault, fault.times) for fault in faults]
        with self._lock:
            self._standing = standing

    def add(self, *faults: Fault) -> None:
        """Let `faults` stand too."""
        with self._lock:
            self._standing += [(fault, fault.times) for fault in faults]

    def clear(self) -> None:
        """Let everything work."""
        self.replace([])

    def strike(self, call: str, body: bytes) -> Strike:
        """Return the faults that hit this request: one of each kind, and the first that breaks the answer."""
        strike = Strike(hits={})
        if not self._standing:
            return strike
        with self._lock:
            standing = []
            for fault, left in self._standing:
                hit = self._hits(strike, fault, call, body)
                after = left - hit if left is not None else None
                if after != 0:
                    standing.append((fault, after))
            self._standing = standing
        return strike

    def _hits(self, strike: Strike, fault: Fault, call: str, body: bytes) -> bool:
        if fault.kind in strike.hits or (strike.broken and fault.kind in BREAKS) or not _concerns(fault, call, body):
            return False
        if self._random.random() >= fault.probability:
            return False
        strike.hits[fault.kind] = fault
        if fault.kind in BREAKS:
            strike.broken = fault
        return True


def _concerns(fault: Fault, call: str, body: bytes) -> bool:
    if fault.kind in SENDING and call != CallName.JOBS:
        return False
    named = fault.call in ("*", call) and fault.receiver.encode() in body
    sender = re.escape(json.dumps(fault.sender).encode())
    return named and (not fault.sender or re.search(rb'"sender"\s*:\s*' + sender, body) is not None)


_TYPES: Mapping[str, tuple[type, ...]] = {
    "call": (str,),
    "receiver": (str,),
    "sender": (str,),
    "seconds": (int, float, type(None)),
    "probability": (int, float),
    "times": (int, type(None)),
    "retry_after": (int, float, str, type(None)),
    "status": (int, type(None)),
    "location": (str,),
    "ptt": (int,),
}


def read(value: object) -> Fault:
    """Return the fault that a JSON object describes, or raise ValueError with what to write instead."""
    if not isinstance(value, dict) or "kind" not in value:
        raise ValueError(f'a fault is an object with a "kind", found {value!r}')
    if value["kind"] not in [*FaultKind]:
        raise ValueError(f"kind: found {value['kind']!r}, write one of {', '.join(FaultKind)}")
    rest = {name: given for name, given in value.items() if name != "kind"}
    for name, given in rest.items():
        if name not in _TYPES:
            raise ValueError(f"{name}: unknown, write kind, {', '.join(_TYPES)}")
        if not isinstance(given, _TYPES[name]) or isinstance(given, bool):
            raise ValueError(f"{name}: found {given!r}, a {_TYPES[name][0].__name__} belongs here")  # noqa: TRY004 - one error type
    if rest.get("call", "*") not in ("*", *CallName):
        raise ValueError(f"call: found {rest['call']!r}, write * or one of {', '.join(CallName)}")
    if not 200 <= (rest.get("status") or 502) <= 999:
        raise ValueError(f"status: found {rest['status']!r}, write a number from 200 to 999")
    for name in ("retry_after", "location"):  # they become headers
        if not (str(rest.get(name)).isascii() and str(rest.get(name)).isprintable()):
            raise ValueError(f"{name}: found {rest[name]!r}, write printable ASCII")
    return Fault(kind=FaultKind(value["kind"]), **rest)
