"""A decision about an incident as events of its story: what was decided, why, and who hears of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from alertsms.core.incidents.acknowledge import AcknowledgedVia
from alertsms.core.incidents.incident import Change, Incident, IncidentReason, IncidentState
from alertsms.core.incidents.timeline import NOBODY, Event, EventKind
from alertsms.core.messages.notification import Notification, NotificationKind, PageState
from alertsms.core.text.subject import duration_text

RECORD_ONLY, ACKNOWLEDGED, TAKEN, NO_PEOPLE = "record_only", "acknowledged", "taken", "no_people"
CONTRADICTED, RESTING, HEARTBEAT = "contradicted", "resting", "heartbeat"
BEFORE = "before"

_FIRES = (
    IncidentReason.FIRING,
    IncidentReason.AGAIN,
    IncidentReason.UNPOSTED,
    IncidentReason.RELEASED,
    IncidentReason.TEST,
    IncidentReason.ACK_TIMEOUT,
    IncidentReason.LEFT,
    IncidentReason.SNOOZE_OVER,
)  # what pages, but for a team or a human


@dataclass(frozen=True, kw_only=True, slots=True)
class NotifiedPeople:
    """Who hears of one change, by name."""

    paged: Sequence[str] = ()
    spared: Sequence[str] = ()  # of the team, but the same alert pages them through another team
    awaits: Sequence[str] = ()  # of the step, but a page before it is still on its way to them
    place: str = ""  # which step and round they are of, where there are several
    told: Sequence[str] = ()  # that it is over


def decided(change: Change, heard: NotifiedPeople, *, at: datetime, via: str = "") -> Iterator[Event]:
    """The events of one change; `via` says by which route it came, or what mutes it. A timer alone tells nothing."""
    one = change.incident
    if change.closes is not None:
        told = f"OK to {_list(heard.told)}" if heard.told else ""
        words = "; ".join(filter(None, (via if change.by else "", told)))
        yield Event(
            incident_id=one.id, episode=change.closes, at=at, kind=EventKind.CLOSED, reason=change.ended, detail=words
        )
        if one.state is IncidentState.CLOSED:
            return
    if change.flaps:
        yield Event(
            incident_id=one.id,
            episode=one.episode,
            at=at,
            kind=EventKind.NOT_PAGED,
            reason=IncidentReason.FLAPPING,
            detail=f"told {_list(heard.told)}" if heard.told else "",
        )
        return
    if change.pages:
        yield _paging(change, heard, at, via)
    if change.exhausted:
        rounds = "" if change.pages else f", after {one.round} {'round' if one.round == 1 else 'rounds'}"
        yield Event(
            incident_id=one.id,
            episode=one.episode,
            at=at,
            kind=EventKind.MOVED_ON,
            reason=IncidentReason.UNANSWERED,
            detail=f"team {one.team}{rounds}",
        )
    elif not change.pages and change.reason is not IncidentReason.TIMER:
        reason = _why_not(change)
        yield Event(incident_id=one.id, episode=one.episode, at=at, kind=EventKind.NOT_PAGED, reason=reason, detail=via)


def answered(change: Change, via: AcknowledgedVia, *, at: datetime) -> Event:
    """Somebody took an incident."""
    one = change.incident
    detail = f"{change.by}, by {via.value}"
    if one.snoozed_until:
        detail += f", for {duration_text(one.snoozed_until - at)}"
    return Event(
        incident_id=one.id, episode=one.episode, at=at, kind=EventKind.ANSWERED, reason=change.reason, detail=detail
    )


def answered_before(one: Incident, via: AcknowledgedVia, *, by: str, at: datetime) -> Event:
    """Somebody's answer was written before an incident began, or came back."""
    return Event(
        incident_id=one.id,
        episode=one.episode,
        at=at,
        kind=EventKind.ANSWERED,
        reason=BEFORE,
        detail=f"{by}, by {via.value}",
    )


def _paging(change: Change, heard: NotifiedPeople, at: datetime, via: str) -> Event:
    one = change.incident
    way = ", ".join(filter(None, (f"team {one.team}", heard.place if change.rung else "", via)))
    if heard.paged:
        kind, reason = EventKind.PAGED, str(change.rung or change.reason)
        detail = f"{_list(heard.paged)} ({way})"
        if heard.spared:
            detail += f"; not {_list(heard.spared)}, paged for it through another team"
    elif heard.awaits:
        kind, reason, detail = EventKind.NOT_PAGED, IncidentReason.UNSENT, f"{_list(heard.awaits)} ({way})"
    elif heard.spared:
        kind, reason, detail = EventKind.NOT_PAGED, TAKEN, f"{_list(heard.spared)} ({way})"
    else:
        kind, reason, detail = EventKind.NOT_PAGED, NO_PEOPLE, way
    return Event(incident_id=one.id, episode=one.episode, at=at, kind=kind, reason=reason, detail=detail)


def _why_not(change: Change) -> str:
    if change.reason not in _FIRES:
        return str(change.reason)
    return ACKNOWLEDGED if change.incident.state is IncidentState.ACKNOWLEDGED else RECORD_ONLY


def contradicted(incidents: Iterable[Incident], at: datetime) -> list[Event]:
    """Incidents that a body called over, and firing as well."""
    return [
        Event(incident_id=one.id, episode=one.episode, at=at, kind=EventKind.NOT_PAGED, reason=CONTRADICTED)
        for one in incidents
    ]


def resting(names: Iterable[str], at: datetime) -> list[Event]:
    """Always-firing alerts, which open no incident. In one order for everybody, since bodies share these rows."""
    return [
        Event(incident_id=NOBODY, at=at, kind=EventKind.NOT_PAGED, reason=RESTING, detail=name)
        for name in sorted(names)
    ]


def beating(names: Iterable[str], at: datetime) -> list[Event]:
    """Alerts that refreshed heartbeats, which open no incident; in one order, as above."""
    return [
        Event(incident_id=NOBODY, at=at, kind=EventKind.NOT_PAGED, reason=HEARTBEAT, detail=name)
        for name in sorted(names)
    ]


def told_words(ok: Notification) -> str:
    """Who hears that it is over, and what may still come before."""
    if ok.kind is NotificationKind.MEANWHILE:
        return f"{ok.person} (it came and went, no page had left)"
    return f"{ok.person} (if the page under way arrived)" if ok.state is PageState.WAITING else ok.person


def _list(names: Sequence[str]) -> str:
    return ", ".join(names)
