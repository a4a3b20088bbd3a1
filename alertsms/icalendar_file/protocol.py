"""What the child process that reads a calendar is asked, and what it answers: plain values, as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

MOST_EVENTS = 5000
MOST_OCCURRENCES = 100_000  # in one span: 80 a day
DAY = timedelta(days=1)


class IcsError(Exception):
    """A file that is no calendar, or cannot be read; the text says why, and what to do."""


class OutOfTime(BaseException):
    """The child's processor time is over; no `except Exception` of a library holds it up."""


class Occurrence(NamedTuple):
    """One time of an event."""

    begins: float  # seconds since 1970
    ends: float
    level: int  # the highest of those at a time are on call
    people: Sequence[str]  # names of the configuration
    title: str  # of an event that names nobody, else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """A calendar, and the span in which its events are wanted."""

    raw: bytes
    zone: str  # of all-day events and of times without one, unless the file names its own
    people: Sequence[tuple[str, str]]  # name and e-mail
    begins: datetime  # aware
    ends: datetime

    def encoded(self) -> bytes:
        """A line of JSON before the calendar itself."""
        span = [self.begins.timestamp(), self.ends.timestamp()]
        return json.dumps([self.zone, self.people, span]).encode() + b"\n" + self.raw


def decoded(body: bytes) -> Request:
    """The request of its bytes."""
    head, _, raw = body.partition(b"\n")
    zone, people, span = json.loads(head)
    begins, ends = (datetime.fromtimestamp(at, UTC) for at in span)
    return Request(raw=raw, zone=zone, people=people, begins=begins, ends=ends)


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a calendar says about a span."""

    named: frozenset[str]  # everybody whom any event names, of whatever time
    occurrences: Sequence[Occurrence]
    broken: Sequence[str]  # UIDs of events that cannot be unfolded in the span

    def encoded(self) -> bytes:
        """JSON for the parent process."""
        return json.dumps([sorted(self.named), self.occurrences, self.broken]).encode()


def refusal(why: str) -> bytes:
    """JSON for the parent process, of a calendar that is not taken."""
    return json.dumps({"error": why}).encode()


def understood(said: bytes) -> Answer:
    """The answer of its bytes. Raises IcsError for a refusal, and ValueError for what is neither."""
    found = json.loads(said)
    if isinstance(found, dict):
        raise IcsError(found["error"])
    named, occurrences, broken = found
    return Answer(named=frozenset(named), occurrences=[Occurrence(*row) for row in occurrences], broken=broken)
