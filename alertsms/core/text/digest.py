"""Many pages in one text: a storm's digest, and OKs that leave together. Whatever is not named is counted.

The numbers add up: what is named and what is counted are together as many as the pages that the text stands for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from alertsms.core.alerts.alert import Severity
from alertsms.core.incidents.incident import Incident
from alertsms.core.messages.notification import NotificationKind
from alertsms.core.routing.duration import format_duration
from alertsms.core.text.gsm7 import fits, transliterate
from alertsms.core.text.language import ENGLISH, say
from alertsms.core.text.subject import GONE, Style, Subject, name_of
from alertsms.core.text.wording import NAME_KEPT, compose, without_contacts

PLACE_KEPT = 60  # characters of a place, where all of them fit
TRIED = 40  # names of one rank that are tried: no text holds more
RESTARTED = "back, or their sender restarted"


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestLine:
    """One page as a digest sees it."""

    number: int  # of its incident
    kind: NotificationKind
    rank: int
    name: str
    place: str = ""
    since: datetime
    until: datetime | None = None  # when it ended
    reminder: bool = False
    why: str = ""  # how it ended, where nobody worked for it: GONE, or what `unfixed` says
    back: bool = False  # nobody posted its end: it is back, or its sender restarted and moved its start


def digest(lines: Sequence[DigestLine], number: int, style: Style, *, more: bool = True) -> str:
    """Word the pages of a digest, the most severe first, and count the OKs among them.

    `number` is the digest's own; `more`: others of the same storm left before.
    """
    paging = sorted((line for line in lines if line.kind is NotificationKind.PAGE), key=lambda line: line.rank)
    over = [line for line in lines if line.kind is not NotificationKind.PAGE]
    if not paging:
        return ended(over, style)
    since = style.clock(min(line.since for line in paging))
    groups = [_DigestGroup(rank, list(of_rank), style) for rank, of_rank in groupby(paging, key=lambda line: line.rank)]
    origin = f"{style.say('from a backup of')} {style.backup_of}: " if style.backup_of else ""
    endings = _endings(over, style)

    def text() -> str:
        behind = "".join(f"; {ending.counted()}" for ending in endings)
        head = _head(paging, groups, style, more=more)
        return f"{origin}{head} {style.say('since')} {since}{back}{behind} #{number}{link}"

    link = f" {style.link}" if style.link and not (style.short_number or style.bare) else ""
    count = sum(line.back for line in paging)
    back = f", {count} {style.say('of them')} {style.say(RESTARTED)}" if 0 < count < len(paging) else ""
    if not fits(text(), style.max_segments):
        back = ""
    if not fits(text(), style.max_segments):
        link = ""

    if not style.bare:
        for group in groups:
            group.name_most(text)
        for ending in endings:
            ending.name_most(text)
    return text()


def ended(lines: Sequence[DigestLine], style: Style) -> str:
    """Word OKs that leave together, `OK #42 HighCPU web-01, #43 DiskFull db-2`, and what came and went unseen."""
    endings = _endings(lines, style)

    def text() -> str:
        return "; ".join(ending.listed() for ending in endings)

    if not style.bare:
        for ending in endings:
            ending.name_most(text)
    return text()


def _head(paging: Sequence[DigestLine], groups: Sequence[_DigestGroup], style: Style, *, more: bool) -> str:
    """How many there are, whether others of them left before, and the names of one rank or of several."""
    say_ = style.say
    words, several = f"{len(paging)}", f" {say_('alerts')}:"
    if all(line.back for line in paging):
        words, several = f"{'+' if more else ''}{words} {say_('are')} {say_(RESTARTED)}:", ""
    elif all(line.reminder for line in paging):
        words, several = f"{words} {say_('STILL')}", f" {say_('open')}:"
    elif more:
        words, several = f"+{words} {say_('more')}", ":"
    if len(groups) > 1:
        parts = [f"{len(group.lines)} {group.word} {_named(group)}".strip() for group in groups]
        return f"{words}{several} {'; '.join(parts)}"
    named = _named(groups[0])
    return f"{words} {groups[0].word}{': ' if named and several else ' '}{named}".rstrip()


class _DigestGroup:
    def __init__(self, rank: int, lines: list[DigestLine], style: Style) -> None:
        self.word, self.lines, self.style = style.say(Severity(rank).name), lines, style
        self.entries: list[tuple[str, int]] = []

    def name_most(self, text: Callable[[], str]) -> None:
        """Name what fires most often first."""
        places = {line.name: line.place for line in self.lines}
        for name, count in Counter(line.name for line in self.lines).most_common(TRIED):
            short = _word(name, self.style) or self.style.say("unnamed")
            alone = [f"{short} {_word(places[name], self.style, most)}".strip() for most in (PLACE_KEPT, NAME_KEPT)]
            several = [f"{short} x{count}"] if count > 1 else [*alone, short]
            _add_first(self, [(entry, count) for entry in several], text)


_HEADS = {
    NotificationKind.RESOLVED: "OK",
    NotificationKind.MEANWHILE: "resolved meanwhile",
    NotificationKind.FLAPPING: "FLAPPING",
}
_OVER = tuple(_HEADS)


def _endings(lines: Sequence[DigestLine], style: Style) -> list[_Ending]:
    ways = sorted({(_OVER.index(line.kind), line.why) for line in lines})
    return [
        _Ending(_OVER[kind], why, [line for line in lines if (line.kind, line.why) == (_OVER[kind], why)], style)
        for kind, why in ways
    ]


class _Ending:
    def __init__(self, kind: NotificationKind, why: str, lines: list[DigestLine], style: Style) -> None:
        self.kind, self.lines, self.style = kind, sorted(lines, key=lambda line: line.number), style
        how = style.say(why) if why in ("", GONE) else f"{style.say('not fixed')} ({style.say(why)})"
        self.head = f"{style.say(_HEADS[kind])}, {how}" if how else style.say(_HEADS[kind])
        self.ends = ":" if how or kind is NotificationKind.MEANWHILE else ""
        self.entries: list[tuple[str, int]] = []

    def listed(self) -> str:
        """For a text of its own."""
        named = _named(self)
        return f"{self.head}{self.ends} {named}" if named else self.counted()

    def counted(self) -> str:
        """Behind what still fires: how many, and those that fit."""
        if self.entries and len(self.entries) == len(self.lines):
            return self.listed()
        named = _named(self)
        return f"{len(self.lines)} {self.head}{named and f': {named}'}"

    def name_most(self, text: Callable[[], str]) -> None:
        """Name all with their places or times if that fits, else as many as fit by their names."""
        tried = self.lines[:TRIED]
        if len(tried) == len(self.lines):
            for most in (PLACE_KEPT, NAME_KEPT):
                self.entries[:] = [(self._entry(line, whole=True, most=most), 1) for line in tried]
                if fits(text(), self.style.max_segments):
                    return
        self.entries.clear()
        for line in tried:
            _add_first(self, [(self._entry(line, whole=False), 1)], text)

    def _entry(self, line: DigestLine, *, whole: bool, most: int = NAME_KEPT) -> str:
        name = f"#{line.number} {_word(line.name, self.style) or self.style.say('unnamed')}"
        if not whole:
            return name
        if self.kind is not NotificationKind.MEANWHILE:
            return f"{name} {_word(line.place, self.style, most)}".strip()
        return f"{name} {self.style.clock(line.since)}-{self.style.clock(line.until or self.style.now)}"


def _named(sort: _DigestGroup | _Ending) -> str:
    rest = len(sort.lines) - sum(count for _, count in sort.entries)
    others = [f"{rest} {sort.style.say('other' if rest == 1 else 'others')}"] if rest and sort.entries else []
    return ", ".join([*[text for text, _ in sort.entries], *others])


def _add_first(sort: _DigestGroup | _Ending, choices: Sequence[tuple[str, int]], text: Callable[[], str]) -> None:
    for choice in choices:
        sort.entries.append(choice)
        if fits(text(), sort.style.max_segments):
            return
        sort.entries.pop()


def _word(text: str, style: Style | None = None, most: int = NAME_KEPT) -> str:
    cleaned = " ".join(transliterate(text[:200]).split())
    cleaned = without_contacts(cleaned) if style and style.short_number else cleaned
    return cleaned if len(cleaned) <= most else cleaned[: most - 3].rstrip(" .,;:-(") + "..."


RECENT = timedelta(minutes=15)  # who was paged longer ago has gone back to sleep


def taken(
    by: str, incidents: Sequence[Incident], *, length: timedelta | None, max_segments: int, language: str = ENGLISH
) -> str:
    """Word who has these incidents: `bob has it: HighCPU web-01 #42`, or `bob has 2: #42 HighCPU web-01, #43 …`.

    `length` is that of a snooze. What does not fit is counted.
    """
    lasting = format_duration(length, language) if length else ""
    if len(incidents) == 1:
        incident = incidents[0]
        subject = Subject(
            kind=NotificationKind.TAKEN,
            severity=incident.severity,
            name=name_of(incident.labels),
            place=incident.place,
            number=incident.id,
            by=by,
            after=lasting,
            language=language,
        )
        return compose(subject, max_segments=max_segments)
    ordered = sorted(incidents, key=lambda incident: (incident.severity, incident.id))
    who, has, until = _word(by) or say(language, "somebody"), say(language, "has"), say(language, "for")
    head = f"{who} {has} {len(ordered)}{lasting and f' {until} {lasting}'}"
    named: list[str] = []
    for incident in ordered:
        whole = " ".join(filter(None, (f"#{incident.id}", _word(name_of(incident.labels)), _word(incident.place))))
        if not fits(_listed(head, [*named, whole], len(ordered), language), max_segments):
            break
        named.append(whole)
    return _listed(head, named, len(ordered), language)


def _listed(head: str, named: Sequence[str], count: int, language: str) -> str:
    rest = count - len(named)
    others = [f"{rest} {say(language, 'other' if rest == 1 else 'others')}"] if rest and named else []
    return f"{head}: {', '.join([*named, *others])}" if named else head
