"""What a page shows of an incident, in the words that somebody needs who was asleep a minute ago; and its buttons."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from alertsms.context import Context
from alertsms.core.alerts.alert import references, references_text
from alertsms.core.incidents.acknowledge import AcknowledgedVia, AckOutcome
from alertsms.core.incidents.heartbeat import HeartbeatStatus
from alertsms.core.incidents.incident import Chronicle, Incident, IncidentState, SmsAttempt
from alertsms.core.routing.duration import format_duration
from alertsms.core.routing.roster import Roster
from alertsms.core.text import timeline
from alertsms.core.text.subject import LINK_PATH, name_of, summary_of
from alertsms.core.text.timeline import TimeFormat
from alertsms.logs import event
from alertsms.oncall.acknowledge import Acknowledgements
from alertsms.oncall.alertmanager import Silences

log = logging.getLogger("alertsms.web")

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
    # The name and the place of an alert stand above.
    known = {name: value for name, value in incident.labels.items() if name not in ("alertname", "instance")}
    return known | {name: value for name, value in references_text(incident.annotations).items() if value != summary}


SILENCE = timedelta(hours=2)


class PressedButton(StrEnum):
    """The value of a button."""

    TAKE = "take"  # I have it
    TAKE_ALL = "all"  # I have all that paged me, as a bare OK by SMS says
    SNOOZE_1 = "snooze1"  # I have it, but not before an hour
    SNOOZE_2 = "snooze2"
    RESOLVE = "resolve"  # it is over
    SILENCE = "silence"  # Alertmanager shall not mention it for two hours


_SNOOZES: Mapping[PressedButton, timedelta] = {
    PressedButton.SNOOZE_1: timedelta(hours=1),
    PressedButton.SNOOZE_2: timedelta(hours=2),
}


class IncidentButtons:
    """Does what a button says, in somebody's name."""

    def __init__(self, *, context: Context, acknowledgements: Acknowledgements, silences: Silences) -> None:
        self._config, self._acknowledgements, self._silences = context.config, acknowledgements, silences

    @property
    def can_silence(self) -> bool:
        """Whether there is an Alertmanager to silence incidents in."""
        return self._config.current.alertmanager is not None

    def do(
        self, act: PressedButton, numbers: Collection[int], *, by: str, via: AcknowledgedVia, drawn: datetime
    ) -> str:
        """Do it, as far as what had begun when the page was `drawn`.

        Returns what there is to say beyond what the incidents show then. Raises StoreError.
        """
        if act is PressedButton.SILENCE:
            return self._silenced(numbers, by, drawn)
        resolves = act is PressedButton.RESOLVE
        result = self._acknowledgements.acknowledge(
            numbers, by=by, via=via, written=drawn, snooze=_SNOOZES.get(act), resolves=resolves
        )
        others = {
            outcome.by
            for outcome in result.outcomes
            if outcome.result is AckOutcome.ALREADY and outcome.by != by and not resolves
        }
        late = [f"#{outcome.number}" for outcome in result.outcomes if outcome.result is AckOutcome.BACK]
        words = [f"{' and '.join(sorted(others))} had it before you."] if others else []
        if late:
            words.append(f"{' '.join(late)} came back after this page was drawn, or has an SMS of its own: look again.")
        return " ".join(words)

    def _silenced(self, numbers: Collection[int], by: str, drawn: datetime) -> str:
        """One at a time: each is a call to every Alertmanager, for which somebody waits."""
        if not self.can_silence:
            return "No Alertmanager is configured."
        if len(numbers) != 1:
            return "Silence them one by one."
        (number,) = numbers
        event(log, logging.INFO, "silence asked for", incident=f"#{number}", by=by)
        return self._silences.silence(number, length=SILENCE, by=by, written=drawn).words


def read(value: str) -> PressedButton | None:
    """The button that was pressed; None for what is none of ours."""
    return PressedButton(value) if value in set(PressedButton) else None
