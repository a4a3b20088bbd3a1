"""What a page shows of an incident: the words that somebody needs who was asleep a minute ago."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from alertsms.core.incidents.heartbeat import HeartbeatStatus
from alertsms.core.incidents.incident import Incident, IncidentState
from alertsms.core.incidents.timeline import Chronicle, SmsAttempt
from alertsms.core.routing.duration import format_duration
from alertsms.core.text import timeline
from alertsms.core.text.link import LINK_PATH
from alertsms.core.text.subject import name_of, references, references_text, summary_of
from alertsms.core.text.timeline import TimeFormat

_SHOWN_ABOVE = frozenset({"alertname", "instance"})
_LINK = re.compile(rf"\S+{LINK_PATH}[0-9A-Za-z]{{4,16}}\b")
TONES = {
    IncidentState.OPEN: "open",
    IncidentState.HELD: "held",
    IncidentState.ACKNOWLEDGED: "taken",
    IncidentState.CLOSED: "over",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class IncidentView:
    """One incident in short."""

    number: int
    tone: str  # open, held, taken or over
    severity: str
    name: str
    place: str
    summary: str
    team: str
    since: str  # when it began, and how long ago
    standing: str  # what became of it
    taken_by: str  # "" for nobody
    snoozed: str  # ", snoozed until 04:10"
    links: Mapping[str, str]  # runbook, dashboard, panel, source


def card(incident: Incident, clock: TimeFormat) -> IncidentView:
    """The short form of an incident."""
    began = incident.begun
    return IncidentView(
        number=incident.id,
        tone=TONES[incident.state],
        severity=incident.severity.name,
        name=name_of(incident.labels),
        place=incident.place,
        summary=summary_of(incident.annotations, incident.labels),
        team=incident.team,
        standing=_standing(incident, clock),
        since=f"{moment(began, clock)}, {format_duration((incident.closed_at or clock.now) - began)}",
        taken_by=incident.acked_by if incident.state is IncidentState.ACKNOWLEDGED else "",
        snoozed=_snoozed(incident, clock),
        links=references(incident.annotations),
    )


def _standing(incident: Incident, clock: TimeFormat) -> str:
    if incident.state is IncidentState.ACKNOWLEDGED:
        since = f" since {moment(incident.acked_at, clock)}" if incident.acked_at else ""
        return f"{incident.acked_by} has it{since}{_snoozed(incident, clock)}"
    if incident.state is IncidentState.OPEN:
        return "nobody has it yet"
    if incident.state is IncidentState.HELD:
        return "held back, pages nobody for now"
    return f"over since {moment(incident.closed_at or incident.last_seen_at, clock)}"


def _snoozed(incident: Incident, clock: TimeFormat) -> str:
    until = incident.snoozed_until if incident.state is IncidentState.ACKNOWLEDGED else None
    return f", snoozed until {moment(until, clock)}" if until else ""


def moment(at: datetime, clock: TimeFormat) -> str:
    """Return `02:10` for today, else `Tue 3 Mar 02:10`."""
    there, today = at.astimezone(clock.zone), clock.now.astimezone(clock.zone)
    return f"{there:%H:%M}" if there.date() == today.date() else f"{there:%a} {there.day} {there:%b %H:%M}"


@dataclass(frozen=True, kw_only=True, slots=True)
class CardLine:
    """One line of a story, or of who heard of it."""

    head: str
    words: str


def heard(story: Chronicle, clock: TimeFormat) -> list[CardLine]:
    """Who was told, and how far that came."""
    return [
        CardLine(head=person, words=words if text == "SMS" else f"{text.strip()}: {words}")
        for person, text, words in timeline.fates(story, clock)
    ]


def beat(one: HeartbeatStatus, clock: TimeFormat) -> CardLine:
    """How a heartbeat is."""
    last = f"last heard of {moment(one.last_seen_at, clock)}" if one.last_seen_at else "never heard of"
    return CardLine(head=one.name, words=f"{one.state.value}, {last}")


def sms(one: SmsAttempt, clock: TimeFormat) -> CardLine:
    """One SMS, without its link: that is for its receiver alone."""
    sent = moment(one.sent_at or one.created_at, clock)
    return CardLine(head=f"{sent} {one.person}", words=f"{unlinked(one.text)} ({one.state.value})")


def unlinked(text: str) -> str:
    """A text as everybody may read it."""
    return _LINK.sub("(link)", text)


def told(story: Chronicle, clock: TimeFormat) -> list[CardLine]:
    """What happened, in order."""
    return [CardLine(head=clock(event.at), words=timeline.event_words(event, clock)) for event in story.events]


def labels(incident: Incident) -> Mapping[str, str]:
    """What its sender says of it beyond the name and place, the annotations after the labels."""
    summary = summary_of(incident.annotations, incident.labels)
    known = {name: value for name, value in incident.labels.items() if name not in _SHOWN_ABOVE}
    return known | {name: value for name, value in references_text(incident.annotations).items() if value != summary}
