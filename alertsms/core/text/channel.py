"""What other channels than SMS are told: plain text of any length, and several things at once in one text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from alertsms.core.alerts.alert import references
from alertsms.core.incidents.incident import Incident, IncidentReason, IncidentState, flap_words
from alertsms.core.messages.notification import FIRING, Notification, NotificationKind, clock_of
from alertsms.core.text.language import ENGLISH, say
from alertsms.core.text.subject import Subject, ended, lasted, subject_of

MOST_LINES = 50  # alerts that one text names; the others are counted
LONGEST = 500  # characters of a line: some summaries are whole pages
_HEADS = {
    NotificationKind.NOTICE: "alertsms says of itself:",
    NotificationKind.UNREACHED: "No phone of the team could be reached for this:",
    NotificationKind.UNSENT: "No SMS is known to have left for this:",
    NotificationKind.UNANSWERED: "Nobody of the team has answered for this:",
    NotificationKind.UNHEARD: "SMS left for this, and no phone has confirmed one in time:",
    NotificationKind.PAGE: "",
    NotificationKind.FLAPPING: "",
    NotificationKind.TAKEN: "",
    NotificationKind.RESOLVED: "",
}  # in the order of a text
# How the story of an incident says what a channel was given.
IN_STORY = {
    NotificationKind.PAGE: "page",
    NotificationKind.RESOLVED: "OK",
    NotificationKind.UNSENT: "no SMS left,",
    NotificationKind.UNREACHED: "no phone reached,",
    NotificationKind.UNHEARD: "no phone confirmed it,",
    NotificationKind.FLAPPING: "FLAPPING",
    NotificationKind.TAKEN: "somebody has it,",
    NotificationKind.UNANSWERED: "nobody answered,",
    NotificationKind.NOTICE: "notice",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class PostedIncident:
    """What a channel is given, and the incident it is about (None for a notice)."""

    post: Notification
    incident: Incident | None = None
    link: str = ""  # where its reader can answer


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelText:
    """What the channels of a target are given."""

    title: str
    body: str


def wanted(posted: PostedIncident) -> bool:
    """Whether a post still tells something true: its incident fires, or is over if that is what it says."""
    incident, post = posted.incident, posted.post
    if post.kind is NotificationKind.NOTICE:
        return True
    if incident is None or incident.episode != post.episode:
        return False
    if post.kind is NotificationKind.TAKEN:
        return incident.state in (IncidentState.ACKNOWLEDGED, IncidentState.CLOSED) and bool(incident.acked_by)
    if post.kind is NotificationKind.FLAPPING:
        return incident.flap_due_at is not None
    if post.kind is NotificationKind.RESOLVED:
        return incident.state in (IncidentState.CLOSED, IncidentState.HELD)
    return incident.state is IncidentState.OPEN or incident.reason is IncidentReason.TEST


def compose(incidents: Sequence[PostedIncident], *, zone: str, language: str = ENGLISH) -> ChannelText:
    """One text for everything that the channels of one target get now, the gravest first."""
    ranked = sorted(incidents, key=_rank)
    # A step and the next one that leave together say the same.
    known = {
        (posted.post.kind, posted.post.episode, posted.post.incident_id or -posted.post.id): posted for posted in ranked
    }
    ordered = list(known.values())
    lines: list[str] = []
    head = ""
    for posted in ordered[:MOST_LINES]:
        if _HEADS[posted.post.kind] != head:
            head = _HEADS[posted.post.kind]
            lines += [*([""] if lines else []), *([head] if head else [])]
        # Up to ten have the links that help; each has the one to answer by.
        lines += [_line(posted, zone, language), *_links(posted, language, helping=len(ordered) <= 10)]
    more = len(ordered) - MOST_LINES
    if more > 0:
        lines += ["", _and_more(more, language)]
    title = _title(ordered[0], language)
    title = f"{title} {_and_more(len(ordered) - 1, language)}" if len(ordered) > 1 else title
    return ChannelText(title=title, body="\n".join(lines))


def _and_more(count: int, language: str) -> str:
    return f"{say(language, 'and')} {count} {say(language, 'more' if language == ENGLISH or count > 1 else 'one more')}"


def asks(posted: PostedIncident) -> bool:
    """Whether somebody is to answer it: then the post has a link of its own."""
    incident = posted.incident
    return (
        posted.post.kind in FIRING
        and incident is not None
        and incident.state is IncidentState.OPEN
        and incident.reason is not IncidentReason.TEST
    )


def _links(posted: PostedIncident, language: str, *, helping: bool) -> list[str]:
    addresses = references(posted.incident.annotations) if posted.incident and helping else {}
    answer = {"answer": posted.link} if posted.link else {}
    return [f"  {say(language, what)}: {url}" for what, url in (answer | addresses).items()]


def _rank(posted: PostedIncident) -> tuple[int, int, int]:
    severity = int(posted.incident.severity) if posted.incident else 0
    return list(_HEADS).index(posted.post.kind), severity, posted.post.id


def _title(posted: PostedIncident, language: str) -> str:
    incident = posted.incident
    if incident is None:
        return cut(f"alertsms: {posted.post.note}", 120)
    subject = _subject(posted, incident, language)
    return cut(f"{_status(posted, incident, language)} {subject.name} {subject.place} #{incident.id}", 120)


def _line(posted: PostedIncident, zone: str, language: str) -> str:
    incident = posted.incident
    if incident is None:
        return cut(posted.post.note)
    subject = _subject(posted, incident, language)
    over = posted.post.kind is NotificationKind.RESOLVED
    lasting = f" {say(language, 'after')} {lasted(incident, language)}" if over and lasted(incident) else ""
    flaps = flap_words(incident, language) if posted.post.kind is NotificationKind.FLAPPING else ""
    why = flaps or (ended(subject) if over else subject.summary)
    start = incident.starts_at or incident.begun_at or incident.opened_at
    since = "" if over else f", {say(language, 'since')} {moment(start, zone)}"
    end = f" #{incident.id} ({say(language, 'team')} {incident.team}{since})"
    what = f"{_status(posted, incident, language)} {f'{subject.name} {subject.place}'.strip()}"
    words = f"{what}{lasting}{f': {why}' if why else ''}"
    return cut(words, LONGEST - len(end)) + end


def _subject(posted: PostedIncident, incident: Incident, language: str) -> Subject:
    kind = NotificationKind.RESOLVED if posted.post.kind is NotificationKind.RESOLVED else NotificationKind.PAGE
    return subject_of(incident, kind, language)


def _status(posted: PostedIncident, incident: Incident, language: str) -> str:
    if posted.post.kind is NotificationKind.RESOLVED:
        return say(language, "OK")
    if posted.post.kind is NotificationKind.TAKEN:
        return f"{incident.acked_by} {say(language, 'has it')}:"
    if posted.post.kind is NotificationKind.FLAPPING:
        return say(language, "FLAPPING")
    mark = "TEST" if incident.reason is IncidentReason.TEST else "AGAIN" if posted.post.episode else ""
    mark = "FLAPPING" if incident.flap_due_at else mark
    return " ".join(say(language, word) for word in (mark, incident.severity.name) if word)


def cut(text: str, most: int = LONGEST) -> str:
    """A text on one line, and not longer than that."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def moment(at: datetime, zone: str) -> str:
    """Day, time and zone: a mail may be read on another day and elsewhere."""
    return f"{at.astimezone(clock_of(zone)):%Y-%m-%d %H:%M %Z}"


# A post holds nothing that a chat or a terminal would obey: labels and annotations are their senders' words, and shall
# not ring the phones of a whole chat.
# C0 and C1 controls, and the lines and paragraphs of Unicode; a line feed is what our own texts are made with.
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]+")
# What rings for everybody in Slack, Discord, Mattermost, Matrix, Teams and Zulip, a role's or a group's name included.
_ALL = re.compile(r"([@!])(?=[*_]*(?:everyone|here|(?:all|channel|room|subteam)\b)|&\d)", re.IGNORECASE)


def harmless(text: str) -> str:
    """A text for a post: controls other than a line feed become spaces, and `@everyone` is `@ everyone`."""
    return _ALL.sub(r"\1 ", _CONTROLS.sub(" ", text))


def on_one_line(text: str) -> str:
    """A title for a post, on one line."""
    return " ".join(harmless(text).split())
