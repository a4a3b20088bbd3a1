"""Many pages in one text: a storm's digest, and OKs that leave together. Whatever is not named is counted.

The numbers add up: what is named and what is counted are together as many as the pages that the text stands for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from alertsms.core.alert import Severity
from alertsms.core.gsm7 import transliterate
from alertsms.core.page import Kind
from alertsms.core.plain import without_contacts
from alertsms.core.subject import clock_time
from alertsms.core.text import GONE, NAME_KEPT, fits

TRIED = 40  # names of one rank that are tried: no text holds more
RAW_MOST = 200  # characters of a name that are looked at
RESTARTED = "back, or their sender restarted"


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One page as a digest sees it."""

    number: int  # of its incident
    kind: Kind
    rank: int
    name: str
    place: str = ""
    since: datetime
    until: datetime | None = None  # when it ended
    reminder: bool = False
    why: str = ""  # how it ended, where nobody worked for it: GONE, or what `unfixed` says
    back: bool = False  # nobody posted its end: it is back, or its sender restarted and moved its start


@dataclass(frozen=True, kw_only=True, slots=True)
class Style:
    """How a text is to be: in whose clock's time, of at most how many segments, and for which kind of sender."""

    zone: str
    now: datetime
    max_segments: int = 1
    short_number: bool = False  # without links and contact details
    bare: bool = False  # refused for them all the same: nothing but numbers
    link: str = ""  # where its person can answer; kept whole, before any name
    backup_of: str = ""  # the time of the backup that its pages waited in


def digest(lines: Sequence[Line], number: int, style: Style, *, more: bool = True) -> str:
    """Word the pages of a digest, the most severe first, and count the OKs among them.

    `number` is the digest's own; `more`: others of the same storm left before.
    """
    paging = sorted((line for line in lines if line.kind is Kind.PAGE), key=lambda line: line.rank)
    over = [line for line in lines if line.kind is not Kind.PAGE]
    if not paging:
        return ended(over, style)
    since = clock_time(min(line.since for line in paging), style.zone, style.now)
    groups = [_Group(rank, list(some)) for rank, some in groupby(paging, key=lambda line: line.rank)]
    head = _head(paging, more=more)
    origin = f"from a backup of {style.backup_of}: " if style.backup_of else ""
    endings = _endings(over)

    def text() -> str:
        behind = "".join(f"; {ending.counted(style)}" for ending in endings)
        return f"{origin}{_body(head, groups)} since {since}{back}{behind} #{number}{link}"

    link = f" {style.link}" if style.link else ""
    back = _back(paging)
    if not fits(text(), style.max_segments):
        back = ""
    if not fits(text(), style.max_segments):
        link = ""

    if not style.bare:
        for group in groups:
            group.name_most(text, style)
        for ending in endings:
            ending.name_most(text, style)
    return text()


def ended(lines: Sequence[Line], style: Style) -> str:
    """Word OKs that leave together, `OK #42 HighCPU web-01, #43 DiskFull db-2`, and what came and went unseen."""
    endings = _endings(lines)

    def text() -> str:
        return "; ".join(ending.listed(style) for ending in endings)

    if not style.bare:
        for ending in endings:
            ending.name_most(text, style)
    return text()


def _back(paging: Sequence[Line]) -> str:
    """How many may be back, where not all are."""
    count = sum(line.back for line in paging)
    return f", {count} of them {RESTARTED}" if 0 < count < len(paging) else ""


def _head(paging: Sequence[Line], *, more: bool) -> str:
    if all(line.back for line in paging):
        return f"{'+' if more else ''}{len(paging)} are {RESTARTED}:"
    still = " STILL" if all(line.reminder for line in paging) else ""
    return f"{'+' if more and not still else ''}{len(paging)}{still or (' more' if more else '')}"


def _body(head: str, groups: Sequence[_Group]) -> str:
    if len(groups) == 1:
        named = groups[0].named()
        if head.endswith(":"):
            return f"{head} {groups[0].word} {named}".rstrip()
        return f"{head} {groups[0].word}{': ' if named else ''}{named}"
    parts = [f"{len(group.lines)} {group.word} {group.named()}".strip() for group in groups]
    open_ = " open:" if head.endswith("STILL") else ":" if head.endswith("more") else " alerts:"
    return f"{head}{'' if head.endswith(':') else open_} {'; '.join(parts)}"


class _Group:
    """The pages of one rank, and which of their names fit."""

    def __init__(self, rank: int, lines: list[Line]) -> None:
        self.word, self.lines = Severity(rank).name, lines
        self.entries: list[tuple[str, int]] = []

    def named(self) -> str:
        """The names that fit, and how many pages have others."""
        rest = len(self.lines) - sum(count for _, count in self.entries)
        texts = [text for text, _ in self.entries]
        return ", ".join([*texts, *([_others(rest)] if rest and texts else [])])

    def name_most(self, text: Callable[[], str], style: Style) -> None:
        """Name what fires most often first."""
        places = {line.name: line.place for line in self.lines}
        for name, count in Counter(line.name for line in self.lines).most_common(TRIED):
            short = _word(name, style) or "unnamed"
            several = [f"{short} x{count}"] if count > 1 else [f"{short} {_word(places[name], style)}".strip(), short]
            _add_first(self.entries, [(each, count) for each in several], text, style)


_OVER = (Kind.RESOLVED, Kind.MEANWHILE, Kind.FLAPPING)
_HEADS = {Kind.RESOLVED: "OK", Kind.MEANWHILE: "resolved meanwhile", Kind.FLAPPING: "FLAPPING"}


def _endings(lines: Sequence[Line]) -> list[_Ending]:
    """What is over, by the way it ended: first what was worked for."""
    ways = sorted({(_OVER.index(line.kind), line.why) for line in lines})
    return [_Ending(_OVER[kind], why, [one for one in lines if (one.kind, one.why) == (_OVER[kind], why)])
            for kind, why in ways]  # fmt: skip


class _Ending:
    """What is over in one way, and which of it fits."""

    def __init__(self, kind: Kind, why: str, lines: list[Line]) -> None:
        self.kind, self.lines = kind, sorted(lines, key=lambda line: line.number)
        how = why if why in ("", GONE) else f"not fixed ({why})"
        self.head = f"{_HEADS[kind]}, {how}" if how else _HEADS[kind]
        self.ends = ":" if how or kind is Kind.MEANWHILE else ""
        self.entries: list[tuple[str, int]] = []

    def listed(self, style: Style) -> str:
        """For a text of its own."""
        if not self.entries:
            return self.counted(style)
        texts = [text for text, _ in self.entries]
        rest = len(self.lines) - len(texts)
        return f"{self.head}{self.ends} {', '.join([*texts, *([_others(rest)] if rest else [])])}"

    def counted(self, style: Style) -> str:
        """Behind what still fires: how many, and those that fit."""
        if self.entries and len(self.entries) == len(self.lines):
            return self.listed(style)
        head = f"{len(self.lines)} {self.head}"
        texts = [text for text, _ in self.entries]
        return f"{head}: {', '.join([*texts, _others(len(self.lines) - len(texts))])}" if texts else head

    def name_most(self, text: Callable[[], str], style: Style) -> None:
        """Name all with their places or times if that fits, else as many as fit by their names."""
        some = self.lines[:TRIED]
        if len(some) == len(self.lines):
            self.entries[:] = [(self._entry(line, style, whole=True), 1) for line in some]
            if fits(text(), style.max_segments):
                return
        self.entries.clear()
        for line in some:
            _add_first(self.entries, [(self._entry(line, style, whole=False), 1)], text, style)

    def _entry(self, line: Line, style: Style, *, whole: bool) -> str:
        name = f"#{line.number} {_word(line.name, style) or 'unnamed'}"
        if not whole:
            return name
        if self.kind is not Kind.MEANWHILE:
            return f"{name} {_word(line.place, style)}".strip()
        times = [clock_time(at, style.zone, style.now) for at in (line.since, line.until or style.now)]
        return f"{name} {'-'.join(times)}"


def _add_first(
    entries: list[tuple[str, int]], choices: Sequence[tuple[str, int]], text: Callable[[], str], style: Style
) -> None:
    """Add the first of the choices with which the whole text still fits."""
    for choice in choices:
        entries.append(choice)
        if fits(text(), style.max_segments):
            return
        entries.pop()


def _others(count: int) -> str:
    return "1 other" if count == 1 else f"{count} others"


def _word(text: str, style: Style) -> str:
    """Bring a name or a place into the SMS alphabet, on one line, at most 24 characters."""
    cleaned = " ".join(transliterate(text[:RAW_MOST]).split())
    cleaned = without_contacts(cleaned) if style.short_number else cleaned
    return cleaned if len(cleaned) <= NAME_KEPT else cleaned[: NAME_KEPT - 3].rstrip(" .,;:-(") + "..."
