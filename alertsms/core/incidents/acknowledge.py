"""What a human answers: that somebody has an incident, for good or for a while, or that it is over."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from alertsms.core.incidents.escalation import timed
from alertsms.core.incidents.incident import Applied, Change, Incident, IncidentReason, IncidentState, close
from alertsms.core.schedules.team import Team


class AcknowledgedVia(StrEnum):
    """By which way somebody answered."""

    LINK = "link"  # the link in an SMS
    REPLY = "reply"  # an SMS sent back
    COMMAND = "command"  # alertsms ack
    WEB = "web"  # the pages for people
    API = "api"  # a program


class AckOutcome(StrEnum):
    """What came of an answer, for one incident."""

    TAKEN = "taken"  # the answer counts
    ALREADY = "already"  # somebody has it, perhaps the same one: nothing changed
    OVER = "over"  # it is closed
    BACK = "back"  # it began, or came back, after the answer was written: that says nothing of it
    UNKNOWN = "unknown"  # there is none of this number


@dataclass(frozen=True, kw_only=True, slots=True)
class Acknowledgement:
    """What a person answers about incidents: they have them, for a while or until they end, or they are over."""

    by: str
    via: AcknowledgedVia
    now: datetime
    written: datetime  # what began after that is not meant
    until: datetime | None = None  # to be paged again then: a snooze
    resolves: bool = False  # they are over

    @property
    def words(self) -> str:
        """For the log."""
        return "resolved by hand" if self.resolves else "snoozed" if self.until else "acknowledged"

    def change(self, known: Incident, team: Team) -> Change | None:
        """Decide what this does to an incident; None: nothing."""
        if self.resolves and known.state is not IncidentState.CLOSED:
            # Those who were paged, and were not relieved by an acknowledgement, get an OK.
            return replace(close(known, IncidentReason.RESOLVED_BY_HAND, self.now), by=self.by)
        return acknowledged(known, team=team, by=self.by, now=self.now, until=self.until)


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What came of an answer about one number."""

    number: int
    result: AckOutcome
    incident: Incident | None = None  # as it is now
    by: str = ""  # who has it


@dataclass(frozen=True, kw_only=True, slots=True)
class AckResult:
    """What came of one answer of somebody."""

    outcomes: tuple[Outcome, ...] = ()  # of the numbers that were given, in their order
    along: tuple[int, ...] = ()  # incidents of the same alerts in other teams of that person, acknowledged with them
    act: Acknowledgement
    applied: Applied = field(default_factory=Applied)

    @property
    def taken(self) -> int:
        """For how many incidents the answer counts."""
        return len(self.applied.changes)


def counts(incident: Incident, episode: int | None, written: datetime) -> bool:
    """Whether an answer is about an incident as it is now: that had begun when it was written, or its page drawn.

    `episode` is the one that was meant; None: whichever it is in. A snooze or an `ack_timeout` that ends begins
    nothing: whoever writes OK a moment before means the same alert.
    """
    return incident.begun <= written and episode in (None, incident.episode)


def acknowledged(
    known: Incident, *, team: Team, by: str, now: datetime, until: datetime | None = None
) -> Change | None:
    """Somebody has it: pages nobody any more, before `until` if that is given. None: that changes nothing.

    What is held stays silent when its hold ends. Whoever has it may set another time, nobody else may.
    """
    if known.state is IncidentState.CLOSED:
        return None
    held_by = known.acked_by if known.state is IncidentState.ACKNOWLEDGED else ""
    if held_by and (held_by != by or until == known.snoozed_until):
        return None
    reason = IncidentReason.SNOOZED if until else IncidentReason.ACKNOWLEDGED
    taken = replace(
        known, state=IncidentState.ACKNOWLEDGED, reason=reason, acked_by=by, acked_at=now, snoozed_until=until
    )
    if known.flap_due_at is None:  # what flaps may be over just now
        taken = replace(taken, ends_at=None, closed_at=None)
    return Change(incident=timed(taken, team), reason=reason, relieves=not held_by, by=by)
