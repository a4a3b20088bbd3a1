"""What the child process that reads a calendar is asked, and what it answers: plain values, as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

MOST_EVENTS = 5000
MOST_OCCURRENCES = 100_000  # in one span: 70 a day
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


class CalendarRequest(NamedTuple):
    """A calendar, and the span in which its events are wanted: one line of JSON, and the file as it is."""

    zone: str  # of all-day events and of times without one, unless the file names its own
    people: Sequence[tuple[str, str]]  # name and e-mail
    begins: float  # seconds since 1970
    ends: float
    raw: bytes

    def encoded(self) -> bytes:
        """The request for stdin."""
        return json.dumps(self[:-1]).encode() + b"\n" + self.raw


class CalendarAnswer(NamedTuple):
    """What a calendar says about a span: JSON."""

    named: Sequence[str]  # everybody whom any event names, of whatever time
    occurrences: Sequence[Occurrence]
    broken: Sequence[str]  # UIDs of events that cannot be unfolded in the span
