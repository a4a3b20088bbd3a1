"""The words of one page: what its person reads, from the incident as it is when the message is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from alertsms.core.alerts.alert import Format, Severity
from alertsms.core.incidents.incident import Incident, IncidentReason
from alertsms.core.incidents.refusal import REFUSED, SKIPPED
from alertsms.core.incidents.timeline import flap_words
from alertsms.core.messages.notification import LATE, REMINDER, Notification, NotificationKind
from alertsms.core.routing.duration import format_duration
from alertsms.core.text.compose import GONE, compose, shorten, unfixed
from alertsms.core.text.digest import Style
from alertsms.core.text.gsm7 import measure
from alertsms.core.text.language import ENGLISH, say, say_answer
from alertsms.core.text.render_budget import Spent, TemplateError
from alertsms.core.text.subject import (
    Subject,
    clock_time,
    for_short_number,
    minimal,
    subject_of,
    summary_of,
    without_contacts,
)
from alertsms.core.text.template import compile_template, render

_REFUSALS = {REFUSED: "WEBHOOK REFUSED", SKIPPED: "ALERT SKIPPED"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Wording:
    """A text and what it takes."""

    text: str
    segments: int
    error: str = ""  # why the team's own template was not used


def word(page: Notification, incident: Incident | None, style: Style, *, spent: Spent, template: str = "") -> Wording:
    """Word one notification by what holds now, as often as it is asked: at first, and once it is late.

    A template that fails gives way to the composed text: the page goes out all the same. For a short number links and
    contact details are left out; of a page that was refused for them all but its name.
    """
    if incident is None or page.kind is NotificationKind.TAKEN:
        asks = page.kind is NotificationKind.ANSWERED or page.note.startswith("Nobody has #")
        words = say_answer(style.language, page.note) if asks else page.note
        subject = Subject(kind=NotificationKind.NOTICE, severity=Severity.INFO, name="alertsms", summary=words)
    else:
        subject = _subject(page, incident, style)
    if page.plain:
        return measured(compose(minimal(subject), max_segments=style.max_segments))
    error = ""
    if incident and template and page.kind in (NotificationKind.PAGE, NotificationKind.RESOLVED):
        try:
            text = render(
                compile_template(template, spent),
                subject,
                incident.labels,
                incident.annotations,
                max_segments=style.max_segments,
                spent=spent,
            )
            text = without_contacts(text) if style.short_number else text
            return measured(shorten(_mark(subject) + text, max_segments=style.max_segments))
        except TemplateError as problem:
            error = str(problem)
    return measured(
        compose(for_short_number(subject) if style.short_number else subject, max_segments=style.max_segments), error
    )


def measured(text: str, error: str = "") -> Wording:
    """A text with what it takes; `error`: why it is not by the team's own template."""
    return Wording(text=text, segments=measure(text).segments, error=error)


def became_late(asked_at: datetime, composed_at: datetime, now: datetime) -> bool:
    """Whether a text was composed on time, and leaves so late that it has to say since when."""
    return composed_at - asked_at <= LATE < now - asked_at


def why_over(kind: NotificationKind, reason: str, annotations: Mapping[str, str]) -> str:
    """How an incident ended, where nobody worked for it, for a text about several; "" for the usual end."""
    if kind is not NotificationKind.RESOLVED:
        return ""
    return GONE if reason == IncidentReason.VANISHED else unfixed(annotations.get("grafana_state_reason", ""))


def _mark(subject: Subject) -> str:
    """What tells a text from the one before it: no template has to think of that."""
    if subject.test:
        return "TEST "
    if subject.kind is not NotificationKind.PAGE:
        return ""
    mood = "FLAPPING" if subject.flaps else "STILL" if subject.reminder else "AGAIN" if subject.again else ""
    return mood and f"{say(subject.language, mood)} "


def _subject(page: Notification, incident: Incident, style: Style) -> Subject:
    language, now = style.language, style.now
    subject = subject_of(
        incident.labels,
        incident.annotations,
        kind=page.kind,
        severity=incident.severity,
        place=incident.place,
        language=language,
    )
    subject = titled(replace(subject, number=incident.id), incident)
    start = incident.starts_at or incident.episode_began
    # A text that leaves more than two minutes after the incident began, a reminder among them, says since when.
    held = incident.reason is IncidentReason.RELEASED
    flaps = page.kind is NotificationKind.FLAPPING or (
        page.kind is NotificationKind.PAGE and incident.flap_due_at is not None
    )
    late = held or page.note == REMINDER or now - incident.begun > LATE
    subject = replace(
        subject,
        again=page.episode > 0,
        reminder=page.note == REMINDER,
        test=incident.reason is IncidentReason.TEST,
        truncated=incident.truncated,
        flaps=flap_words(incident, language) if flaps else "",
        link=style.link if page.kind is NotificationKind.PAGE else "",
    )
    if page.kind is NotificationKind.PAGE and late:
        return replace(subject, since=clock_time(start, style.zone, now, language))
    if page.kind is NotificationKind.MEANWHILE:
        end = incident.ends_at or incident.closed_at or now
        return replace(
            subject,
            since=clock_time(start, style.zone, now, language),
            until=clock_time(end, style.zone, now, language),
        )
    if page.kind is NotificationKind.RESOLVED:
        return replace(subject, after=lasted(incident, language), vanished=incident.reason is IncidentReason.VANISHED)
    return subject


def titled(subject: Subject, incident: Incident) -> Subject:
    """What a text calls such an incident: `WEBHOOK REFUSED 413 from grafana`. Others stay as they are."""
    name = _REFUSALS.get(incident.labels.get("alertname", "")) if incident.source == Format.INTAKE else None
    if name is None:
        return subject
    status, by = incident.labels.get("status", ""), incident.labels.get("sender", "")
    # What can be seen of its alerts tells more than the sentence for the sender, which has words of the labels.
    about = incident.annotations.get("summary") or incident.annotations.get("description", "")
    return replace(
        subject,
        name=f"{name} {status}".rstrip(),
        place=f"from {by}" if status else f"from {by}, no labels",
        summary=summary_of({"summary": about}),
        more=(),
        unranked=True,
        over="no other for an hour" if subject.kind is NotificationKind.RESOLVED else "",
    )


def lasted(incident: Incident, language: str = ENGLISH) -> str:
    """How long it lasted: by the sender's times where it gave both, else by ours; the two clocks are not mixed."""
    if incident.starts_at and incident.ends_at and incident.ends_at >= incident.starts_at:
        return format_duration(incident.ends_at - incident.starts_at, language)
    # What flapped was over before it was closed.
    over = (
        incident.closings[-1]
        if incident.closings and incident.reason is IncidentReason.RESOLVED
        else incident.closed_at
    )
    return format_duration(over - incident.episode_began, language) if over else ""
