"""What a text is about: an alert's labels and annotations boiled down to the words that a short text can use."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import phonenumbers

from alertsms.core.alerts.alert import ASIDE, DUMP, Format, Severity, identifies, quotes, tells
from alertsms.core.alerts.location import places
from alertsms.core.incidents.incident import Incident, IncidentReason
from alertsms.core.incidents.refusal import REFUSED, SKIPPED
from alertsms.core.messages.notification import NotificationKind, clock_of
from alertsms.core.routing.duration import format_duration
from alertsms.core.text.gsm7 import clean, transliterate
from alertsms.core.text.language import ENGLISH, say

_MARKS = frozenset("*_`[#>~<|")
_RULES = (
    (re.compile(r"```\w*"), ""),
    (re.compile(r"!?\[([^\]]*)\]\((?:[^()\s]|\([^()\s]*\))*\)"), r"\1"),  # a link is told by its words
    (re.compile(r"<(https?://[^>|\s]+)(?:\|([^>]*))?>"), r"\2"),  # as Slack writes one
    (re.compile(r"^[ \t]*(?:#{1,6}[ \t]+|>+[ \t]?|[*+][ \t]+)", re.MULTILINE), ""),
    (re.compile(r"</?(?:b|i|u|em|strong|code|pre|br|p)[ \t]*/?>", re.IGNORECASE), " "),
    (re.compile(r"(\*\*|__|~~)(?=\S)(.+?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+)(?<=\S)\*(?![\w*])"), r"\1"),
    (re.compile(r"(?<![\w/])_(?=\S)([^_\n]+)(?<=\S)_(?![\w/])"), r"\1"),
    (re.compile(r"`([^`\n]*)`"), r"\1"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """What a text may tell. Fields hold whatever the sender wrote: they are cleaned when the text is composed."""

    kind: NotificationKind
    severity: Severity
    name: str
    number: int = 0  # of the incident; 0 = none
    place: str = ""
    summary: str = ""
    more: tuple[str, ...] = ()  # further texts, for where there is room; none that the summary says already
    link: str = ""  # kept whole or left out
    since: str = ""  # clock time of the start, only when it must be shown
    until: str = ""  # clock time of the end
    after: str = ""  # how long it lasted, such as "12 min"
    again: bool = False
    reminder: bool = False
    flaps: str = ""  # it ends and comes back: how often lately, such as "3 times in 40 min"
    test: bool = False
    truncated: int = 0  # alerts that the sender left out of the same body
    by: str = ""  # who has it
    vanished: bool = False  # Alertmanager has it no more, and never said that it ended
    reason: str = ""  # why it ended although nobody mended it, such as Grafana's grafana_state_reason
    over: str = ""  # how it is known that it ended, where nobody said so
    unranked: bool = False  # its name says how bad it is
    language: str = ENGLISH  # of the fixed words


# The link by which whoever is notified answers; its length says whether it went by SMS, or in a post to a channel.
LINK_PATH = "/a/"
LENGTH = 11  # of 54 characters, 63 bits: a thousand guesses a second meet one of 10,000 links once in 36,000 years
POSTED_LENGTH = 12  # of links in posts: each reader of a channel has them, without its person's phone
OLD_LENGTH = 8  # of links that a version before made, by whichever way; they work until they are over
# No 0 O o, 1 I l, 2 Z: somebody may have to type it from another screen.
ALPHABET = "3456789ABCDEFGHJKLMNPQRSTUVWXYabcdefghijkmnpqrstuvwxyz"
# As a regular expression.
TOKEN = f"(?:{'|'.join(f'[{ALPHABET}]{{{length}}}' for length in (POSTED_LENGTH, LENGTH, OLD_LENGTH))})"
SAMPLE = "x7Kq5MdPbR4"  # for texts that are only shown


def link_to(external_url: str, token: str) -> str:
    """The address that a token makes; "" where alertsms has none that a phone could open."""
    return f"{external_url.rstrip('/')}{LINK_PATH}{token}" if external_url and token else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Style:
    """How a person's text is to be: in whose clock's time, of at most how many segments, for which kind of sender."""

    zone: str
    now: datetime
    max_segments: int = 1
    short_number: bool = False  # without links and contact details
    bare: bool = False  # refused for them all the same: nothing but numbers
    link: str = ""  # where its person can answer; kept whole, before any name
    backup_of: str = ""  # the time, in words, of the backup that a digest's pages waited in
    language: str = ENGLISH

    def say(self, english: str) -> str:
        """A fixed word in the language and the alphabet of the text."""
        return english if self.language == ENGLISH else transliterate(say(self.language, english))

    def clock(self, at: datetime) -> str:
        """A time as a clock of the reader's shows it."""
        return transliterate(clock_time(at, self.zone, self.now, self.language))


_SUMMARIES = ("summary", "description", "message")
_LINKS = ("url", "link", "runbook", "dashboard", "panel", "image")  # in the names of annotations that are none to read
_NOT_TEXTS = frozenset({"grafana_state_reason", "severity", "severity_level", "level", "priority", "orgid"})
_LONG = re.compile(r"(?<![\w.])(\d+\.0*\d\d)\d{3,}(?!\w|\.\d)")  # 97.33333333333334, as Prometheus writes a value
_NOT_NAMES = frozenset({"alertname", "severity", "instance", "prometheus", "alertgroup", "grafana_folder"})
_MEANINGS = {
    "DatasourceNoData": "no data",
    "DatasourceError": "query fails",
}  # Grafana's two alerts about its own rules
_FIRES_FOR = {"NoData": "no data", "Error": "query fails"}  # a rule that is set to fire on them


def subject_of(incident: Incident, kind: NotificationKind, language: str = ENGLISH) -> Subject:
    """Build what any text of this kind tells of an incident; the rest is added by `replace`."""
    labels, annotations, pages = incident.labels, incident.annotations, kind is NotificationKind.PAGE
    state = annotations.get("grafana_state_reason", "")
    texts = texts_of(annotations, labels)
    meaning = _MEANINGS.get(labels.get("alertname", "")) or (pages and _FIRES_FOR.get(state)) or ""
    # Short labels that no list knows: where there is room left they may say what is broken.
    left_over = [f"{name}={value}" for name, value in labels.items() if identifies(name) and len(value) <= 40][:3]
    subject = Subject(
        kind=kind,
        severity=incident.severity,
        name=name_of(labels),
        number=incident.id,
        place=incident.place or places([labels], [annotations])[0],
        summary=": ".join(filter(None, (meaning and say(language, meaning), *texts[:1]))),
        more=(*texts[1:], *left_over) if pages else (),
        language=language,
        vanished=kind is NotificationKind.RESOLVED and incident.reason is IncidentReason.VANISHED,
        reason=state if kind is NotificationKind.RESOLVED else "",
    )
    refused = _REFUSALS.get(incident.labels.get("alertname", "")) if incident.source == Format.INTAKE else None
    return _titled(subject, incident, refused) if refused else subject


def name_of(labels: Mapping[str, str]) -> str:
    """Return the alert's name; for Grafana's no-data and error alerts their rule's; without one the first labels."""
    name = labels.get("alertname", "")
    if name in _MEANINGS and labels.get("rulename"):
        return labels["rulename"]
    if name.strip():
        return name
    return " ".join([f"{label}={value}" for label, value in labels.items() if label not in _NOT_NAMES][:3])


def log_fields(incident: Incident) -> dict[str, str]:
    """What each line of the log about an incident tells, so that its number, name or place finds them all."""
    return {
        "incident": f"#{incident.id}",
        "name": incident.labels.get("alertname", ""),
        "place": incident.place,
        "team": incident.team,
    }


def masked(e164: str) -> str:
    """A phone number as logs may show it: country code (ITU-T E.164: one to three digits) and the last two digits."""
    for shown in (2, 3, 4):
        code = e164[1:shown]
        if code.isdecimal() and int(code) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:  # none begins another
            break
    else:
        shown = 3
    return f"{e164[:shown]}{'*' * max(len(e164) - shown - 2, 1)}{e164[-2:]}"


def summary_of(annotations: Mapping[str, str], labels: Mapping[str, str] | None = None) -> str:
    """Return the annotation that tells most, on one line and without Markdown: summary, description or message.

    The description goes first where the summary holds none of the alert's own values and the description does. Where
    an alert has none of them, any other sentence will do.
    """
    return next(iter(texts_of(annotations, labels or {})), "")


def texts_of(annotations: Mapping[str, str], labels: Mapping[str, str]) -> list[str]:
    """All that annotations say to people, what tells most first; nothing twice, nor what only spells out the name."""
    lowered = {name.lower(): text for name, text in annotations.items()}
    said = [text for name in _SUMMARIES if (text := readable(lowered.get(name, ""), labels))]
    if len(said) > 1:
        said = [text for text in said if not spells(text, labels.get("alertname", ""))] or said[:1]
    if len(said) > 1 and not _own(said[0], labels):
        said.sort(key=lambda text: not _own(text, labels))  # a stable order: the summary where none does
    if len(said) > 1 and said[0] == readable(lowered.get("description", ""), labels):
        said = said[:1]  # the summary says less of the same
    for name, text in lowered.items():
        if name not in _SUMMARIES:
            said.append(_other(name, text, labels))
    texts: list[str] = []
    for text in filter(None, said):
        if texts and text.casefold().startswith(texts[-1].casefold().rstrip(".")):
            texts[-1] = text  # it says the one before it, and more
        elif text.casefold() not in "\n".join(texts).casefold():  # each is one line
            texts.append(text)
    return texts


def spells(text: str, name: str) -> bool:
    """Whether a text is an alert's name in words: `Host out of memory` of HostOutOfMemory."""
    return len(text) <= 2 * len(name) and _letters(text) == _letters(name)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()


def _own(text: str, labels: Mapping[str, str]) -> bool:
    return any(value in text and quotes(text, value) for name, value in labels.items() if tells(name))


def readable(text: str, labels: Mapping[str, str]) -> str:
    """One line without Markdown, a dump of all labels, an instance or nothing in parentheses, and needless digits.

    Of Markdown headings, emphasis, code marks and the addresses of links go.
    """
    text = DUMP.sub("", text) if "map[" in text else text
    if "(instance" in text:  # the place says it better, or there is nothing in it at all
        known = ("", labels.get("instance"))
        text = ASIDE.sub(lambda aside: "" if aside[1] in known else aside[0], text)
    text = _LONG.sub(r"\1", text).replace(" ()", "")
    if not _MARKS.isdisjoint(text):
        text = text[:4_096]  # more of it fits no text
        for rule, words in _RULES:
            text = rule.sub(words, text)
    return " ".join(text.split())


def _other(name: str, text: str, labels: Mapping[str, str]) -> str:
    """Another annotation as words: links and what programs read are none."""
    if name.startswith("__") or name in _NOT_TEXTS or any(part in name for part in _LINKS) or "://" in text:
        return ""
    words = readable(text, labels)
    return words if " " in words else f"{name}={words}" if words else ""


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def clock_time(at: datetime, zone: str, now: datetime, language: str = ENGLISH) -> str:
    """Return `02:10` as a clock in `zone` shows it, with the day (`20 Nov 02:10`) unless it is today there.

    Where the zone is not known the time is UTC and says so.
    """
    clock = clock_of(zone)
    there, today = at.astimezone(clock), now.astimezone(clock).date()
    day = "" if there.date() == today else f"{there.day} {say(language, _MONTHS[there.month - 1])} "
    return f"{day}{there:%H:%M}{'Z' if clock is UTC else ''}"


# What Grafana means by a resolution that nobody worked for.
_REASONS = {
    "MissingSeries": "series gone",
    "Paused": "rule paused",
    "RuleDeleted": "rule deleted",
    "Updated": "rule changed",
    "NoData": "no data",
    "Error": "query fails",
}


GONE = "gone from Alertmanager"


def unfixed(reason: str, language: str = ENGLISH) -> str:
    """What a sender's reason for an end that nobody worked for means, in words; "" for none."""
    return clean(say(language, _REASONS.get(reason, reason)))


def ended(subject: Subject) -> str:
    """Why it ended, where nobody mended it; "" for the usual end."""
    if subject.vanished:
        return clean(say(subject.language, GONE))
    reason = unfixed(subject.reason, subject.language)
    return f"{say(subject.language, 'not fixed')}: {reason}" if reason else say(subject.language, subject.over)


def why_over(kind: NotificationKind, reason: str, annotations: Mapping[str, str]) -> str:
    """How an incident ended, where nobody worked for it, for a text about several; "" for the usual end."""
    if kind is not NotificationKind.RESOLVED:
        return ""
    return GONE if reason == IncidentReason.VANISHED else unfixed(annotations.get("grafana_state_reason", ""))


_REFUSALS = {REFUSED: "WEBHOOK REFUSED", SKIPPED: "ALERT SKIPPED"}


def _titled(subject: Subject, incident: Incident, name: str) -> Subject:
    """As a text calls what we refused: `WEBHOOK REFUSED 413 from grafana`."""
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
