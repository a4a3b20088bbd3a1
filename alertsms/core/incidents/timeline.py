"""What is remembered of an incident, so that `alertsms why` can tell its whole story."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

LONGEST = 300  # characters of a detail
NOBODY = 0  # stands for the incident where an alert opens none


class EventKind(StrEnum):
    """What sort of thing happened."""

    PAGED = "paged"  # its team's people were to be paged; the reason says why now
    NOT_PAGED = "not_paged"  # decided that nobody is paged; the reason says why not
    CLOSED = "closed"  # it ended; the reason says how
    ATTEMPT = "attempt"  # one try to send one of its pages, and what came of it
    RECEIPT = "receipt"  # what OVH said of a message on its way to the phone
    MOVED_ON = "moved_on"  # a number or a round reached nobody: what comes next
    ANSWERED = "answered"  # a human took it; the detail says who and by which way
    CHANNEL = "channel"  # told by a fallback's or a person's other channels


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One thing that happened to an incident. The same again raises a count."""

    incident_id: int
    episode: int = 0
    at: datetime
    kind: EventKind
    reason: str  # one word, as in the enums of the part that decided
    detail: str = ""  # for people: who, which number (masked), OVH's id; at most 300 characters


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredEvent:
    """An event as stored: when it happened first and last, and how often."""

    episode: int
    kind: EventKind
    reason: str
    detail: str
    at: datetime
    last_at: datetime
    count: int
