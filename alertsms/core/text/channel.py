"""What other channels than SMS are told: plain text of any length, and several things at once in one text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from alertsms.core.incidents import flapping
from alertsms.core.incidents.incident import Incident, IncidentReason, IncidentState
from alertsms.core.incidents.refusal import titled
from alertsms.core.messages.notification import NotificationKind
from alertsms.core.messages.post import FIRING, Post, PostKind
from alertsms.core.text.compose import ended
from alertsms.core.text.language import ENGLISH, say
from alertsms.core.text.subject import Subject, references, subject_of
from alertsms.core.text.wording import lasted

MOST_LINES = 50  # alerts that one text names; the others are counted
MOST_LINKED = 10  # of them have the links that help; each has the one to answer by
LONGEST = 500  # characters of a line: some summaries are whole pages
_HEADS = {
    PostKind.NOTICE: "alertsms says of itself:",
    PostKind.UNREACHED: "No phone of the team could be reached for this:",
    PostKind.UNSENT: "No SMS is known to have left for this:",
    PostKind.UNANSWERED: "Nobody of the team has answered for this:",
    PostKind.UNHEARD: "SMS left for this, and no phone has confirmed one in time:",
    PostKind.PAGE: "",
    PostKind.FLAPPING: "",
    PostKind.TAKEN: "",
    PostKind.RESOLVED: "",
}  # in the order of a text
_ORDER = tuple(_HEADS)


@dataclass(frozen=True, kw_only=True, slots=True)
class PostedIncident:
    """A post, and the incident it is about (None for a notice)."""

    post: Post
    incident: Incident | None = None
    link: str = ""  # where whoever reads it can answer


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelText:
    """What the channels of a target are given."""

    title: str
    body: str


def wanted(told: PostedIncident) -> bool:
    """Whether a post still tells something true: its incident fires, or is over if that is what it says."""
    one, post = told.incident, told.post
    if post.kind is PostKind.NOTICE:
        return True
    if one is None or one.episode != post.episode:
        return False
    if post.kind is PostKind.TAKEN:
        return one.state in (IncidentState.ACKNOWLEDGED, IncidentState.CLOSED) and bool(one.acked_by)
    if post.kind is PostKind.FLAPPING:
        return one.flap_due_at is not None
    if post.kind is PostKind.RESOLVED:
        return one.state in (IncidentState.CLOSED, IncidentState.HELD)
    return one.state is IncidentState.OPEN or one.reason is IncidentReason.TEST


def compose(told: Sequence[PostedIncident], *, zone: str, language: str = ENGLISH) -> ChannelText:
    """One text for everything that the channels of one target are to hear now, the gravest first."""
    ordered = _once(sorted(told, key=_rank))
    lines: list[str] = []
    head = ""
    for each in ordered[:MOST_LINES]:
        if _HEADS[each.post.kind] != head:
            head = _HEADS[each.post.kind]
            lines += [*([""] if lines else []), *([head] if head else [])]
        lines += [_line(each, zone, language), *_links(each, language, helping=len(ordered) <= MOST_LINKED)]
    more = len(ordered) - MOST_LINES
    if more > 0:
        lines += ["", _and_more(more, language)]
    title = _title(ordered[0], language)
    title = f"{title} {_and_more(len(ordered) - 1, language)}" if len(ordered) > 1 else title
    return ChannelText(title=title, body="\n".join(lines))


def _and_more(count: int, language: str) -> str:
    return f"{say(language, 'and')} {count} {say(language, 'more' if language == ENGLISH or count > 1 else 'one more')}"


def _once(told: Sequence[PostedIncident]) -> list[PostedIncident]:
    """A step and the next one that leave together say the same."""
    found = {(each.post.kind, each.post.episode, each.post.incident_id or -each.post.id): each for each in told}
    return list(found.values())


def asks(told: PostedIncident) -> bool:
    """Whether somebody is to answer it: then the post has a link of its own."""
    one = told.incident
    return (
        told.post.kind in FIRING
        and one is not None
        and one.state is IncidentState.OPEN
        and one.reason is not IncidentReason.TEST
    )


def _links(told: PostedIncident, language: str, *, helping: bool) -> list[str]:
    """Where to answer, and where to look."""
    found = references(told.incident.annotations) if told.incident and helping else {}
    answer = {"answer": told.link} if told.link else {}
    return [f"  {say(language, what)}: {url}" for what, url in (answer | found).items()]


def _rank(told: PostedIncident) -> tuple[int, int, int]:
    severity = int(told.incident.severity) if told.incident else 0
    return _ORDER.index(told.post.kind), severity, told.post.id


def _title(told: PostedIncident, language: str) -> str:
    one = told.incident
    if one is None:
        return _cut(f"alertsms: {told.post.text}", 120)
    return _cut(f"{_status(told, one, language)} {_where(_subject(told, one, language))} #{one.id}", 120)


def _line(told: PostedIncident, zone: str, language: str) -> str:
    one = told.incident
    if one is None:
        return _cut(told.post.text)
    subject = _subject(told, one, language)
    over = told.post.kind is PostKind.RESOLVED
    lasting = f" {say(language, 'after')} {lasted(one, language)}" if over and lasted(one) else ""
    flaps = flapping.words(one, language) if told.post.kind is PostKind.FLAPPING else ""
    why = flaps or (ended(subject) if over else subject.summary)
    since = "" if over else f", {say(language, 'since')} {moment(one.starts_at or one.begun_at or one.opened_at, zone)}"
    end = f" #{one.id} ({say(language, 'team')} {one.team}{since})"
    words = f"{_status(told, one, language)} {_where(subject)}{lasting}{f': {why}' if why else ''}"
    return _cut(words, LONGEST - len(end)) + end


def _subject(told: PostedIncident, one: Incident, language: str) -> Subject:
    kind = NotificationKind.RESOLVED if told.post.kind is PostKind.RESOLVED else NotificationKind.PAGE
    subject = subject_of(
        one.labels, one.annotations, kind=kind, severity=one.severity, place=one.place, language=language
    )
    return replace(titled(replace(subject, number=one.id), one), vanished=one.reason is IncidentReason.VANISHED)


def _status(told: PostedIncident, one: Incident, language: str) -> str:
    if told.post.kind is PostKind.RESOLVED:
        return say(language, "OK")
    if told.post.kind is PostKind.TAKEN:
        return f"{one.acked_by} {say(language, 'has it')}:"
    if told.post.kind is PostKind.FLAPPING:
        return say(language, "FLAPPING")
    mark = "TEST" if one.reason is IncidentReason.TEST else "AGAIN" if told.post.episode else ""
    mark = "FLAPPING" if one.flap_due_at else mark
    return " ".join(say(language, word) for word in (mark, one.severity.name) if word)


def _where(subject: Subject) -> str:
    return " ".join(f"{subject.name} {subject.place}".split())


def _cut(text: str, most: int = LONGEST) -> str:
    """On one line, and not longer than that."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def moment(at: datetime, zone: str) -> str:
    """Day, time and zone: a mail may be read on another day and elsewhere."""
    try:
        there = at.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        there = at.astimezone(UTC)
    return f"{there:%Y-%m-%d %H:%M %Z}"


# A post holds nothing that a chat or a terminal would obey: labels and annotations are their senders' words, and shall
# not ring the phones of a whole chat.
# C0 and C1 controls, and the lines and paragraphs of Unicode; a line feed is what our own texts are made with.
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]+")
# What rings for everybody in Slack, Discord, Mattermost, Matrix, Teams and Zulip, a role's or a group's name included.
_ALL = re.compile(r"([@!])(?=[*_]*(?:everyone|here|(?:all|channel|room|subteam)\b)|&\d)", re.IGNORECASE)


def harmless(text: str) -> str:
    """The same words: controls other than a line feed become spaces, and `@everyone` is `@ everyone`."""
    return _ALL.sub(r"\1 ", _CONTROLS.sub(" ", text))


def on_one_line(text: str) -> str:
    """The same for a title."""
    return " ".join(harmless(text).split())
