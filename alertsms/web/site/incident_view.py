"""What a page shows of an incident: the words that somebody needs who was asleep a minute ago."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from alertsms.core.incidents.heartbeat import HeartbeatStatus
from alertsms.core.incidents.incident import Incident, IncidentState
from alertsms.core.incidents.timeline import Chronicle, SmsAttempt
from alertsms.core.routing.duration import format_duration
from alertsms.core.routing.roster import Roster
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
Line = tuple[str, str]  # of a list on a page: its head and its words


def card(incident: Incident, clock: TimeFormat, *, back: bool = False) -> Mapping[str, object]:
    """An incident in short, as templates read it; `back`: it came back since the SMS of a link."""
    began = incident.begun_at or incident.opened_at
    acknowledged = incident.state is IncidentState.ACKNOWLEDGED
    until = incident.snoozed_until if acknowledged else None
    snoozed = f", snoozed until {moment(until, clock)}" if until else ""
    acknowledged_at = f" since {moment(incident.acked_at, clock)}" if incident.acked_at else ""
    standings = {
        IncidentState.ACKNOWLEDGED: f"{incident.acked_by} has it{acknowledged_at}{snoozed}",
        IncidentState.OPEN: "nobody has it yet",
        IncidentState.HELD: "held back, pages nobody for now",
        IncidentState.CLOSED: f"over since {moment(incident.closed_at or incident.last_seen_at, clock)}",
    }
    return {
        "number": incident.id,
        "tone": TONES[incident.state],
        "severity": incident.severity.name,
        "name": name_of(incident.labels),
        "place": incident.place,
        "summary": summary_of(incident.annotations, incident.labels),
        "team": incident.team,
        "standing": "back since then, with an SMS of its own" if back else standings[incident.state],
        "since": f"{moment(began, clock)}, {format_duration((incident.closed_at or clock.now) - began)}",
        "taken_by": incident.acked_by if acknowledged else "",
        "snoozed": snoozed,
        "links": references(incident.annotations),  # runbook, dashboard, panel, source
    }


def moment(at: datetime, clock: TimeFormat) -> str:
    """Return `02:10` for today, else `Tue 3 Mar 02:10`."""
    there, today = at.astimezone(clock.zone), clock.now.astimezone(clock.zone)
    return f"{there:%H:%M}" if there.date() == today.date() else f"{there:%a} {there.day} {there:%b %H:%M}"


def notified(story: Chronicle, clock: TimeFormat) -> list[Line]:
    """Who was notified, and how far each SMS or post came."""
    return [
        (person, words if text == "SMS" else f"{text.strip()}: {words}")
        for person, text, words in timeline.fates(story, clock)
    ]


def heartbeat(status: HeartbeatStatus, clock: TimeFormat) -> Line:
    """The state of a heartbeat."""
    last = f"last heard of {moment(status.last_seen_at, clock)}" if status.last_seen_at else "never heard of"
    return status.name, f"{status.state.value}, {last}"


def sms(message: SmsAttempt, clock: TimeFormat) -> Line:
    """One SMS, without its link: that is for its receiver alone."""
    sent = moment(message.sent_at or message.created_at, clock)
    return f"{sent} {message.person}", f"{unlinked(message.text)} ({message.state.value})"


def usual_zone(roster: Roster) -> ZoneInfo:
    """The zone of most people."""
    counted = Counter(person.time_zone for person in roster.people.values()).most_common(1)
    return ZoneInfo(counted[0][0] if counted else "UTC")


def unlinked(text: str) -> str:
    """A text as everybody may read it."""
    return _LINK.sub("(link)", text)


def events(story: Chronicle, clock: TimeFormat) -> list[Line]:
    """What happened, in order."""
    return [(clock(event.at), timeline.event_words(event, clock)) for event in story.events]


def labels(incident: Incident) -> Mapping[str, str]:
    """What its sender says of it beyond the name and place, the annotations after the labels."""
    summary = summary_of(incident.annotations, incident.labels)
    known = {name: value for name, value in incident.labels.items() if name not in _SHOWN_ABOVE}
    return known | {name: value for name, value in references_text(incident.annotations).items() if value != summary}
