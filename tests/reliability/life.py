"""What is seen of alerts, of incidents and of people during days of on-call work."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(kw_only=True, slots=True)
class Trouble:
    """One alert, from when it was posted until its resolution was."""

    name: str
    team: str  # "both": two teams
    severity: str
    fired: datetime | None = None
    over: datetime | None = None
    simple: bool = True  # false: it comes and goes


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """What somebody did about an SMS."""

    at: datetime
    person: str
    number: str
    way: str
    tag: str  # of that SMS
    named: int  # the number in it


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """An incident changed hands."""

    at: datetime
    state: str
    by: str = ""
    episode: int = 0
    until: datetime | None = None
    acked: datetime | None = None  # the exact moment, where somebody has it


@dataclass(kw_only=True, slots=True)
class Life:
    """What was seen of one incident."""

    alert: str
    team: str
    opened: datetime
    turns: list[Turn] = field(default_factory=list)


def differs(one: Turn, other: Turn) -> bool:
    return (one.state, one.by, one.episode, one.until) != (other.state, other.by, other.episode, other.until)
