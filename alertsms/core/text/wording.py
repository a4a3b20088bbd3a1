"""The words of one page: the first line of a lock screen at night has to tell what, where and how bad.

They are made of the incident as it is when the message is made, and composed, not cut: of pieces in reading order, each
with a rank; when all of them do not fit, pieces are taken in order of rank as long as there is room, and free text ends
at a word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from operator import itemgetter

from alertsms.core.alerts.alert import Severity, quotes
from alertsms.core.incidents.incident import Incident, IncidentReason, flap_words
from alertsms.core.messages.notification import LATE, REMINDER, Notification, NotificationKind
from alertsms.core.text.gsm7 import FREE_MOST, TextPiece, clean, continues, cut, fit, fits, measure, shorten
from alertsms.core.text.jinja import Spent, TemplateError
from alertsms.core.text.language import ENGLISH, say, say_answer
from alertsms.core.text.subject import Style, Subject, clock_time, ended, lasted, spells, subject_of
from alertsms.core.text.template import compile_template, render

NAME_KEPT = 24  # characters of the name that nothing else may push out
NAME_MOST = 64  # where a summary waits for room: a longer name is a sentence


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


def _mark(subject: Subject) -> str:
    """What tells a text from the one before it: no template has to think of that."""
    if subject.test:
        return "TEST "
    if subject.kind is not NotificationKind.PAGE:
        return ""
    mood = "FLAPPING" if subject.flaps else "STILL" if subject.reminder else "AGAIN" if subject.again else ""
    return mood and f"{say(subject.language, mood)} "


def _subject(page: Notification, incident: Incident, style: Style) -> Subject:
    kind, language, start = page.kind, style.language, incident.starts_at or incident.episode_began
    clock = partial(clock_time, zone=style.zone, now=style.now, language=language)
    subject = replace(
        subject_of(incident, kind, language),
        again=page.episode > 0,
        reminder=page.note == REMINDER,
        test=incident.reason is IncidentReason.TEST,
        truncated=incident.truncated,
    )
    if kind is NotificationKind.PAGE:
        # A text that leaves more than two minutes after the incident began, a reminder among them, says since when.
        held = incident.reason is IncidentReason.RELEASED
        late = held or subject.reminder or style.now - (incident.begun_at or incident.opened_at) > LATE
        flaps = flap_words(incident, language) if incident.flap_due_at else ""
        return replace(subject, link=style.link, flaps=flaps, since=clock(start) if late else "")
    if kind is NotificationKind.MEANWHILE:
        return replace(subject, since=clock(start), until=clock(incident.ends_at or incident.closed_at or style.now))
    if kind is NotificationKind.RESOLVED:
        return replace(subject, after=lasted(incident, language))
    return replace(subject, flaps=flap_words(incident, language) if kind is NotificationKind.FLAPPING else "")


def compose(subject: Subject, *, max_segments: int = 1) -> str:
    """Compose the text of an SMS: one line of at most `max_segments` segments, two for a text that needs UCS-2.

    Kept when room is short, in this order: status and number; the first 24 characters of the name; times and reasons;
    the link; which object; the rest of the name; the summary, to a word; then what else is known. A page's status is
    its severity, so it is never lost.
    """
    number = f" #{subject.number}" if subject.number > 0 else ""
    most = FREE_MOST * max(max_segments, 1)
    pieces = [TextPiece("TEST " if subject.test else ""), *_LAYOUTS[subject.kind](subject, number, most)]
    whole = "".join(map(itemgetter(0), pieces)).strip()
    return whole if fits(whole, max_segments) else fit(pieces, max_segments)


LINK, OBJECT, LEFT_OUT, NAME, SUMMARY, MORE = range(2, 8)  # ranks of a page


def _page(subject: Subject, number: str, most: int) -> list[TextPiece]:
    place = clean(subject.place)
    summary = _unsaid(clean(subject.summary, most), clean(subject.name), place)
    name, rest = _name(subject, whole=not summary)
    mood = "FLAPPING" if subject.flaps else "STILL" if subject.reminder else "AGAIN" if subject.again else ""
    rank = "" if subject.unranked else _say(subject, subject.severity.name)
    return [
        TextPiece(" ".join(filter(None, (mood and _say(subject, mood), rank, name)))),
        TextPiece(rest, NAME, "..."),
        _object(place, name + rest, OBJECT),
        TextPiece(_spaced(subject, "since", subject.since), 1),
        TextPiece(
            f"{'' if place.endswith(':') else ':'} {summary}" if summary else "", SUMMARY, "..."
        ),  # a drive is `D:`
        *_more(subject, summary, name + rest, place, most),
        TextPiece(
            f" (+{subject.truncated} {_say(subject, 'more not listed')})" if subject.truncated > 0 else "", LEFT_OUT
        ),
        TextPiece(number),
        TextPiece(_spaced(subject, "", subject.link), LINK),
    ]


_NAMESPACE = re.compile(r"(^| )[^/: =]+/(?=[^/ ])")


def _object(place: str, name: str, rank: int) -> TextPiece:
    """Which object it is about, unless the name says so; where room is short without its namespace."""
    if not place or quotes(name, place):
        return TextPiece("", rank)
    bare = _NAMESPACE.sub(r"\1", place, count=1)
    return TextPiece(f" {place}", rank, "...", f" {bare}")


def _unsaid(summary: str, name: str, place: str) -> str:
    for said in filter(None, (f"{name} {place}", name, place)):
        if summary.casefold().startswith(said.casefold()):
            rest = summary[len(said) :]
            if not rest or rest[:1] in ":;,-" or rest[:2] == " -":
                return _unsaid(rest.lstrip(" :;,-"), name, place)
    return "" if spells(summary, name) else summary


def _more(subject: Subject, summary: str, name: str, place: str, most: int) -> list[TextPiece]:
    pieces: list[TextPiece] = []
    said = f"{name} {place} {summary}"
    for further in subject.more:
        text = clean(further, most)
        if not text or text.casefold() in said.casefold() or quotes(said, text.rpartition("=")[2]):
            continue
        last = said[-1:]
        mark = ": " if said == f"{name} {place} " else " " if last in ".!?;:" else ". " if " " in text else ", "
        pieces.append(TextPiece(f"{mark}{text}", MORE + len(pieces), "..." if " " in text else None, least=20))
        said += mark + text
    return pieces


def _resolved(subject: Subject, number: str, _most: int) -> list[TextPiece]:
    name, rest = _name(subject, whole=False)
    how = ended(subject)
    return [
        TextPiece(f"{_say(subject, 'OK')} {name}"),
        TextPiece(rest, 5, "..."),
        _object(clean(subject.place), name + rest, 4),
        TextPiece(_spaced(subject, "since", subject.since), 1),
        TextPiece(_spaced(subject, "after", subject.after), 1),
        TextPiece(how and f", {how}", 2, "..."),
        TextPiece(number),
        TextPiece(_spaced(subject, "", subject.link), 3),
    ]


def _flapping(subject: Subject, number: str, _most: int) -> list[TextPiece]:
    name, rest = _name(subject, whole=False)
    return [
        TextPiece(f"{_say(subject, 'FLAPPING')} {name}"),
        TextPiece(rest, 5, "..."),
        _object(clean(subject.place), name + rest, 4),
        TextPiece(subject.flaps and f": {subject.flaps}", 1),
        TextPiece(number),
        TextPiece(_spaced(subject, "", subject.link), 3),
    ]


def _meanwhile(subject: Subject, number: str, _most: int) -> list[TextPiece]:
    name, rest = _name(subject, whole=True)
    times = f"{subject.since}-{subject.until}".strip("-")
    return [
        TextPiece(f"{_say(subject, 'resolved meanwhile')}:{number} {name}"),
        TextPiece(rest, 3, "..."),
        TextPiece(_spaced(subject, "", times), 1),
        TextPiece(_spaced(subject, "", subject.link), 2),
    ]


def _notice(subject: Subject, number: str, most: int) -> list[TextPiece]:
    text = clean(subject.summary, most) or clean(subject.name) or "alertsms"
    return [
        TextPiece(text, 2, "..."),
        TextPiece(number),
        TextPiece(_spaced(subject, "", subject.link), 1),
    ]


def _taken(subject: Subject, number: str, _most: int) -> list[TextPiece]:
    name, rest = _name(subject, whole=False)
    return [
        TextPiece(f"{cut(clean(subject.by or _say(subject, 'somebody')), NAME_KEPT, '...')} {_say(subject, 'has it')}"),
        TextPiece(_spaced(subject, "for", subject.after), 1),
        TextPiece(f": {name}"),
        TextPiece(rest, 3, "..."),
        _object(clean(subject.place), name + rest, 2),
        TextPiece(number),
    ]


_LAYOUTS: Mapping[NotificationKind, Callable[[Subject, str, int], list[TextPiece]]] = {
    NotificationKind.PAGE: _page,
    NotificationKind.RESOLVED: _resolved,
    NotificationKind.MEANWHILE: _meanwhile,
    NotificationKind.FLAPPING: _flapping,
    NotificationKind.NOTICE: _notice,
    NotificationKind.TAKEN: _taken,
}


def _say(subject: Subject, english: str) -> str:
    return english if subject.language == ENGLISH else clean(say(subject.language, english))


def _spaced(subject: Subject, word: str, text: str) -> str:
    cleaned = clean(text)
    return cleaned and (f" {_say(subject, word)} {cleaned}" if word else f" {cleaned}")


def _name(subject: Subject, *, whole: bool) -> tuple[str, str]:
    """Return the part of the name that always stays, and the rest: as much as may stand before a summary, or all."""
    name = clean(subject.name)
    if not name:  # nothing but emoji: they are spelled out, since a lost name is worse than an odd one
        from anyascii import anyascii

        readable = subject.name[:NAME_MOST].encode("utf-8", "ignore").decode("utf-8")  # it refuses lone surrogates
        name = clean(anyascii(readable)) or _say(subject, "unnamed alert")
    if not whole and len(name) > NAME_MOST:
        name = cut(name, NAME_MOST, "...")
    end = NAME_KEPT
    while end < min(len(name), NAME_KEPT + 4) and continues(name, end):
        end += 1
    kept = name[:end].rstrip()
    return kept, name[len(kept) :]


# What the API means by contact information is not documented: these it is known to refuse.
_CONTACT = re.compile(
    r"""
      [a-z][a-z0-9+.-]*://\S+            # a link
    | \bwww\.\S+
    | \b(?:[\w-]+\.)+[a-z]{2,}/\S*       # a link without its scheme
    | \S+@\S+\.\S+                       # an e-mail address
    | (?:\+|\b00)\d(?:[ .-]?\d){6,}      # a phone number, international
    | \b0\d(?:[ .-]?\d\d){4}\b           # or French
    """,
    re.IGNORECASE | re.VERBOSE,
)
_ODD = re.compile(r"[^\w\s%#:,()-]+|\d{5,}")  # what might still be taken for an address or a number


def without_contacts(text: str) -> str:
    """Leave out links, e-mail addresses and phone numbers."""
    return " ".join(_CONTACT.sub(" ", text).split())


def for_short_number(subject: Subject) -> Subject:
    """A subject without contact information; the name never vanishes whole."""
    return replace(
        subject,
        name=without_contacts(subject.name) or "alert",
        place=without_contacts(subject.place),
        summary=without_contacts(subject.summary),
        more=tuple(map(without_contacts, subject.more)),
        link="",
    )


def minimal(subject: Subject) -> Subject:
    """What is left after a refusal all the same: what fires and its number."""
    name = " ".join(_ODD.sub(" ", without_contacts(subject.name)).split())
    notice = _ODD.sub(" ", without_contacts(subject.summary)) if subject.number == 0 else ""
    return replace(subject, name=name or "alert", place="", summary=notice, more=(), link="", reason="")
