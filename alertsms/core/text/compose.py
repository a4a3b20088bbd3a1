"""An incident as a short text: the first line of a lock screen at night has to tell what, where and how bad.

A text is composed, not cut. It is made of pieces in reading order, each with a rank; when all of them do not fit,
pieces are taken in order of rank as long as there is room, and free text ends at a word.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import NamedTuple

from alertsms.core.alerts.alert import quotes
from alertsms.core.messages.notification import NotificationKind
from alertsms.core.text.gsm7 import Encoding, measure, transliterate
from alertsms.core.text.language import ENGLISH, say
from alertsms.core.text.subject import Subject, spells

NAME_KEPT = 24  # characters of the name that nothing else may push out
NAME_MOST = 64  # where a summary waits for room: a longer name is a sentence
MORE_LEAST = 20  # characters of a further text that are worth their room
RAW_MOST = 2_000  # characters of a field that are looked at
FREE_MOST = 480  # of a free text, a segment: three times what fits, since emoji and spaces fall away


class TextPiece(NamedTuple):
    """A part of a text, with the space or sign before it."""

    text: str
    rank: int = 0  # 0 always stays; of the others the smaller is kept first
    mark: str | None = None  # put where it is cut; None: kept whole or not at all
    shorter: str = ""  # said where the whole does not fit, before anything is cut
    least: int = 10  # characters: fewer than that of a cut piece tell nothing


def compose(subject: Subject, *, max_segments: int = 1) -> str:
    """Compose the text of an SMS: one line of at most `max_segments` segments, two for a text that needs UCS-2.

    Kept when room is short, in this order: status and number; the first 24 characters of the name; times and reasons;
    the link; which object; the rest of the name; the summary, to a word; then what else is known. A page's status is
    its severity, so it is never lost.
    """
    pieces = [TextPiece("TEST " if subject.test else ""), *_LAYOUTS[subject.kind](subject, max(max_segments, 1))]
    whole = "".join(map(itemgetter(0), pieces)).strip()
    return whole if fits(whole, max_segments) else _fit(pieces, max_segments)


def shorten(text: str, *, max_segments: int = 1, first: str = "") -> str:
    """Clean a free text as `compose` does and end it at a word where it fills `max_segments` ("" stays "").

    `first`: a part of it that is ended before anything behind it is lost, such as a number and a link.
    """
    if first and not fits(whole := _clean(text), max_segments):
        before, said, behind = whole.partition(_clean(first))
        pieces = [TextPiece(before), TextPiece(said, 1, "..."), TextPiece(behind)]
        if said and fits(kept := _fit(pieces, max_segments), max_segments):
            return kept
    cleaned = _clean(text, FREE_MOST * max(max_segments, 1))
    return cleaned if fits(cleaned, max_segments) else _fit([TextPiece(cleaned, 1, "...")], max_segments)


def fits(text: str, max_segments: int) -> bool:
    """Whether the text takes at most `max_segments` segments, or two where it needs UCS-2."""
    if len(text) > 160 * max(max_segments, 1):  # no segment of either encoding holds more characters
        return False
    size = measure(text)
    return size.segments <= max(max_segments, 1 if size.encoding is Encoding.GSM7 else 2)


LINK, OBJECT, LEFT_OUT, NAME, SUMMARY, MORE = range(2, 8)  # ranks of a page


def _page(subject: Subject, segments: int) -> list[TextPiece]:
    place = _clean(subject.place)
    summary = _unsaid(_clean(subject.summary, FREE_MOST * segments), _clean(subject.name), place)
    name, rest = _name(subject, whole=not summary)
    mood = "FLAPPING" if subject.flaps else "STILL" if subject.reminder else "AGAIN" if subject.again else ""
    status = [_say(subject, word) for word in (mood, "" if subject.unranked else subject.severity.name) if word]
    return [
        TextPiece(" ".join([*status, name])),
        TextPiece(rest, NAME, "..."),
        _object(place, name + rest, OBJECT),
        TextPiece(_spaced(subject, "since", subject.since), 1),
        TextPiece(
            f"{'' if place.endswith(':') else ':'} {summary}" if summary else "", SUMMARY, "..."
        ),  # a drive is `D:`
        *_more(subject, summary, name + rest, place, segments),
        TextPiece(
            f" (+{subject.truncated} {_say(subject, 'more not listed')})" if subject.truncated > 0 else "", LEFT_OUT
        ),
        TextPiece(_number(subject)),
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
    """A summary without what stands before it already."""
    for said in filter(None, (f"{name} {place}", name, place)):
        if summary.casefold().startswith(said.casefold()):
            rest = summary[len(said) :]
            if not rest or rest[:1] in ":;,-" or rest[:2] == " -":
                return _unsaid(rest.lstrip(" :;,-"), name, place)
    return "" if spells(summary, name) else summary


def _more(subject: Subject, summary: str, name: str, place: str, segments: int) -> list[TextPiece]:
    """Further texts, while they say something new."""
    pieces: list[TextPiece] = []
    said = f"{name} {place} {summary}"
    for further in subject.more:
        text = _clean(further, FREE_MOST * segments)
        if not text or text.casefold() in said.casefold() or quotes(said, text.rpartition("=")[2]):
            continue
        last = said[-1:]
        mark = ": " if said == f"{name} {place} " else " " if last in ".!?;:" else ". " if " " in text else ", "
        pieces.append(TextPiece(f"{mark}{text}", MORE + len(pieces), "..." if " " in text else None, least=MORE_LEAST))
        said += mark + text
    return pieces


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
    return _clean(say(language, _REASONS.get(reason, reason)))


def ended(subject: Subject) -> str:
    """Why it ended, where nobody mended it; "" for the usual end."""
    if subject.vanished:
        return _clean(say(subject.language, GONE))
    reason = unfixed(subject.reason, subject.language)
    return f"{say(subject.language, 'not fixed')}: {reason}" if reason else say(subject.language, subject.over)


def _resolved(subject: Subject, _segments: int) -> list[TextPiece]:
    name, rest = _name(subject, whole=False)
    how = ended(subject)
    return [
        TextPiece(f"{_say(subject, 'OK')} {name}"),
        TextPiece(rest, 5, "..."),
        _object(_clean(subject.place), name + rest, 4),
        TextPiece(_spaced(subject, "since", subject.since), 1),
        TextPiece(_spaced(subject, "after", subject.after), 1),
        TextPiece(how and f", {how}", 2, "..."),
        TextPiece(_number(subject)),
        TextPiece(_spaced(subject, "", subject.link), 3),
    ]


def _flapping(subject: Subject, _segments: int) -> list[TextPiece]:
    name, rest = _name(subject, whole=False)
    return [
        TextPiece(f"{_say(subject, 'FLAPPING')} {name}"),
        TextPiece(rest, 5, "..."),
        _object(_clean(subject.place), name + rest, 4),
        TextPiece(subject.flaps and f": {subject.flaps}", 1),
        TextPiece(_number(subject)),
        TextPiece(_spaced(subject, "", subject.link), 3),
    ]


def _meanwhile(subject: Subject, _segments: int) -> list[TextPiece]:
    name, rest = _name(subject, whole=True)
    times = f"{subject.since}-{subject.until}".strip("-")
    return [
        TextPiece(f"{_say(subject, 'resolved meanwhile')}:{_number(subject)} {name}"),
        TextPiece(rest, 3, "..."),
        TextPiece(_spaced(subject, "", times), 1),
        TextPiece(_spaced(subject, "", subject.link), 2),
    ]


def _notice(subject: Subject, segments: int) -> list[TextPiece]:
    text = _clean(subject.summary, FREE_MOST * segments) or _clean(subject.name) or "alertsms"
    return [
        TextPiece(text, 2, "..."),
        TextPiece(_number(subject)),
        TextPiece(_spaced(subject, "", subject.link), 1),
    ]


def _taken(subject: Subject, _segments: int) -> list[TextPiece]:
    name, rest = _name(subject, whole=False)
    return [
        TextPiece(
            f"{_cut(_clean(subject.by or _say(subject, 'somebody')), NAME_KEPT, '...')} {_say(subject, 'has it')}"
        ),
        TextPiece(_spaced(subject, "for", subject.after), 1),
        TextPiece(f": {name}"),
        TextPiece(rest, 3, "..."),
        _object(_clean(subject.place), name + rest, 2),
        TextPiece(_number(subject)),
    ]


_LAYOUTS: Mapping[NotificationKind, Callable[[Subject, int], list[TextPiece]]] = {
    NotificationKind.PAGE: _page,
    NotificationKind.RESOLVED: _resolved,
    NotificationKind.MEANWHILE: _meanwhile,
    NotificationKind.FLAPPING: _flapping,
    NotificationKind.NOTICE: _notice,
    NotificationKind.TAKEN: _taken,
}


def _say(subject: Subject, english: str) -> str:
    """A fixed word in the language and the alphabet of the text."""
    return english if subject.language == ENGLISH else _clean(say(subject.language, english))


def _number(subject: Subject) -> str:
    return f" #{subject.number}" if subject.number > 0 else ""


def _spaced(subject: Subject, word: str, text: str) -> str:
    cleaned = _clean(text)
    return cleaned and (f" {(_say(subject, word))} {cleaned}" if word else f" {cleaned}")


def _name(subject: Subject, *, whole: bool) -> tuple[str, str]:
    """Return the part of the name that always stays, and the rest: as much as may stand before a summary, or all."""
    name = _clean(subject.name) or _spelled(subject.name) or (_say(subject, "unnamed alert"))
    if not whole and len(name) > NAME_MOST:
        name = _cut(name, NAME_MOST, "...")
    end = NAME_KEPT
    while end < min(len(name), NAME_KEPT + 4) and _continues(name, end):
        end += 1
    kept = name[:end].rstrip()
    return kept, name[len(kept) :]


def _spelled(name: str) -> str:
    """Return a name of nothing but emoji in words: a lost name is worse than an odd one."""
    from anyascii import anyascii

    readable = name[:NAME_MOST].encode("utf-8", "ignore").decode("utf-8")  # anyascii refuses lone surrogates
    return _clean(anyascii(readable))


def _clean(text: str, most: int = RAW_MOST) -> str:
    """Bring a field into the SMS alphabet, on one line."""
    return " ".join(transliterate(text[:most]).split())


def _fit(pieces: list[TextPiece], max_segments: int) -> str:
    """Take the pieces in order of rank while there is room."""
    chosen = ["" if piece.rank else piece.text for piece in pieces]
    for index in sorted(range(len(pieces)), key=lambda index: pieces[index].rank):
        if pieces[index].rank and pieces[index].text:
            chosen[index] = _most(pieces[index], "".join(chosen[:index]), "".join(chosen[index + 1 :]), max_segments)
    return "".join(chosen).strip()


def _most(piece: TextPiece, before: str, behind: str, max_segments: int) -> str:
    """Return as much of a piece as fits between the others."""

    def over(size: int) -> bool:
        return not fits(f"{before}{_cut(piece.text, size, mark)}{behind}".strip(), max_segments)

    mark = piece.mark or ""
    if not over(len(piece.text)):
        return piece.text
    if piece.shorter and piece.shorter != piece.text:
        return _most(piece._replace(text=piece.shorter), before, behind, max_segments)
    room = 160 * max(max_segments, 1) - len(before) - len(behind)  # a character is a septet at least
    sizes = range(piece.least, min(room, len(piece.text) - 1) + 1)
    if piece.mark is None or not sizes:
        return ""
    if not over(sizes[-1]):  # nothing but plain characters: no need to search
        return _cut(piece.text, sizes[-1], mark)
    longer = bisect_left(sizes, True, key=over)  # noqa: FBT003
    return _cut(piece.text, sizes[longer - 1], mark) if longer else ""


def _cut(text: str, size: int, mark: str) -> str:
    """End a text within `size` characters, mark included: after a word, or inside one that is half of it alone."""
    if len(text) <= size:
        return text
    end = size - len(mark)
    word = text.rfind(" ", 0, end + 1)
    if word > end // 2:
        end = word
    letter = next((at for at in range(end, max(end - 16, 0), -1) if not _continues(text, at)), end)
    return (text[:letter].rstrip(" .,;:-(") or text[:letter]) + mark


def _continues(text: str, index: int) -> bool:
    """Whether the character at `index` belongs to the one before it."""
    char = text[index]
    if char.isascii():
        return False
    return unicodedata.category(char)[0] == "M" or not {char, text[index - 1]}.isdisjoint("\u200c\u200d")
