"""What a human answers: that somebody has an incident, and for how long, or that it is over."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from alertsms.core.alerts.alert import Severity
from alertsms.core.incidents.incident import (
    Applied,
    Change,
    Event,
    EventKind,
    Incident,
    IncidentReason,
    IncidentState,
    close,
)
from alertsms.core.routing.duration import format_duration
from alertsms.core.schedules.team import Team

USUAL = timedelta(hours=2)  # ack_timeout of critical incidents, where their source can confirm that they still fire


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
        """Decide what this does to an incident; None: nothing.

        Whoever has it pages nobody any more, before `until` if that is given: what is held stays silent when its hold
        ends. Whoever has it may set another time, nobody else may.
        """
        if known.state is IncidentState.CLOSED:
            return None
        if self.resolves:  # those who were paged, and were not relieved by an acknowledgement, get an OK
            return replace(close(known, IncidentReason.RESOLVED_BY_HAND, self.now), by=self.by)
        held_by = known.acked_by if known.state is IncidentState.ACKNOWLEDGED else ""
        if held_by and (held_by != self.by or self.until == known.snoozed_until):
            return None
        reason = IncidentReason.SNOOZED if self.until else IncidentReason.ACKNOWLEDGED
        taken = replace(
            known,
            state=IncidentState.ACKNOWLEDGED,
            reason=reason,
            acked_by=self.by,
            acked_at=self.now,
            snoozed_until=self.until,
        )
        if known.flap_due_at is None:  # what flaps may be over just now
            taken = replace(taken, ends_at=None, closed_at=None)
        # Its one timer; what flaps is looked at in time for that, too.
        due_at = min(filter(None, (ack_ends(taken, team), taken.flap_due_at)), default=None)
        return Change(incident=replace(taken, step_due_at=due_at), reason=reason, relieves=not held_by, by=self.by)


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
    return (incident.begun_at or incident.opened_at) <= written and episode in (None, incident.episode)


def answered(change: Change, via: str, at: datetime) -> Event:
    """What an acknowledgement, by this way, leaves in the timeline of its incident."""
    incident, until = change.incident, change.incident.snoozed_until
    length = f", for {format_duration(until - at)}" if until else ""
    return Event(
        incident_id=incident.id,
        episode=incident.episode,
        at=at,
        kind=EventKind.ANSWERED,
        reason=change.reason,
        detail=f"{change.by}, by {via}{length}",
    )


def ack_ends(incident: Incident, team: Team) -> datetime | None:
    """When an acknowledged incident is to page again, or to be asked about at its source; None: never."""
    if incident.snoozed_until:
        return incident.snoozed_until
    usual = USUAL if incident.severity is Severity.CRITICAL else timedelta(0)
    timeout = usual if team.ack_timeout is None else team.ack_timeout
    return incident.acked_at + timeout if incident.acked_at and timeout else None


def snoozed(incident: Incident, now: datetime) -> bool:
    """Whether somebody asked for quiet until a time that is still ahead: that holds, whatever ends and comes back."""
    return incident.snoozed_until is not None and incident.snoozed_until > now


def unacknowledged(incident: Incident) -> Incident:
    """The incident once nobody has it any more."""
    return replace(incident, acked_by="", acked_at=None, snoozed_until=None)
