"""Time intervals: spans of the day, the week, the month and the year, told in the words of a configuration."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from difflib import get_close_matches
from zoneinfo import ZoneInfo, available_timezones

_TIME = re.compile("([01][0-9]|2[0-3]):([0-5][0-9])|24:00")
_NUMBER = re.compile("-?[0-9]{1,4}")
_WEEKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_SHORTEST_MONTH = 28


class IntervalError(ValueError):
    """A text that is no part of a time interval; the message says what to write instead."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """A span of minutes since midnight, weekdays (Sunday is 0), days, months or years; both ends belong to it."""

    first: int
    last: int


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeInterval:
    """One specification: every field that is not empty must fit, by any of its elements."""

    times: tuple[Span, ...] = ()
    weekdays: tuple[Span, ...] = ()
    days_of_month: tuple[Span, ...] = ()  # negative days count from the end of the month, -1 is the last
    months: tuple[Span, ...] = ()
    years: tuple[Span, ...] = ()
    location: tzinfo | None = UTC  # None: the zone of this machine

    def contains(self, at: datetime) -> bool:
        """Whether the wall clock of the interval's own zone is inside at `at` (aware).

        By the wall clock, 02:30 comes twice or never on the days that change to and from summer time.
        """
        local = at.astimezone(self.location)
        length = monthrange(local.year, local.month)[1]
        days = [Span(first=_day(span.first, length), last=_day(span.last, length)) for span in self.days_of_month]
        return (
            _within(self.years, local.year)
            and _within(self.months, local.month)
            and _within(self.weekdays, local.isoweekday() % 7)
            and _within(days, local.day)
            and _within(self.times, local.hour * 60 + local.minute)
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedInterval:
    """What routes refer to: a name for several specifications."""

    name: str
    intervals: tuple[TimeInterval, ...]

    def active(self, at: datetime) -> bool:
        """Whether any of the specifications contains `at` (aware)."""
        return any(interval.contains(at) for interval in self.intervals)


def parse_times(start_time: str, end_time: str) -> Span:
    """One entry of `times`, as HH:MM from 00:00 to 24:00. Raises IntervalError."""
    if not start_time or not end_time:
        raise IntervalError('a span of the day needs both ends, write start_time: "09:00" and end_time: "17:00"')
    start, end = _minute(start_time), _minute(end_time)
    if start == 24 * 60:
        raise IntervalError("no span of the day begins at 24:00, write 00:00")
    if start == end:
        raise IntervalError(
            f"{start_time} to {end_time} is empty: the end does not belong to it, write a later end_time"
        )
    if start > end:
        raise IntervalError(
            f"{start_time} to {end_time} runs over midnight, write two entries: "
            f"{start_time} to 24:00 and 00:00 to {end_time}"
        )
    return Span(first=start, last=end - 1)


def parse_weekdays(text: str) -> Span:
    """One entry of `weekdays`: monday or monday:friday; the week begins with sunday. Raises IntervalError."""
    first, last = _ends(text, _weekday, "monday:friday")
    if first > last:
        raise IntervalError(_two_entries(text, (first, 6), (0, last), _WEEKDAYS))
    return Span(first=first, last=last)


def parse_days_of_month(text: str) -> Span:
    """One entry of `days_of_month`: 1, 1:5, -3:-1 or 20:-1. Raises IntervalError.

    Negative days are weighed by a month of 28 days: a span that ends before it begins there is refused.
    """
    first, last = _ends(text, _month_day, "1:5, or -3:-1 for the last three days")
    if first < 0 < last:
        raise IntervalError(f'"{text}" runs over the end of the month, write two entries: "{first}:-1" and "1:{last}"')
    if (first < 0) == (last < 0) and first > last:
        raise IntervalError(f'"{text}" ends before it begins, write {last}:{first}')
    if _day(first, _SHORTEST_MONTH) > _day(last, _SHORTEST_MONTH):
        raise IntervalError(f'"{text}" is empty in a month of 28 days, begin earlier or end later')
    return Span(first=first, last=last)


def parse_months(text: str) -> Span:
    """One entry of `months`: january, 1:3 or may:august. Raises IntervalError."""
    first, last = _ends(text, _month, "may:august or 5:8")
    if first > last:
        raise IntervalError(_two_entries(text, (first - 1, 11), (0, last - 1), _MONTHS))
    return Span(first=first, last=last)


def parse_years(text: str) -> Span:
    """One entry of `years`: 2026 or 2026:2028. Raises IntervalError."""
    first, last = _ends(text, _year, "2026:2028")
    if first > last:
        raise IntervalError(f'"{text}" ends before it begins, write {last}:{first}')
    if last < 1970:
        raise IntervalError(f'"{text}" is long over, write the year with four digits, such as 2026')
    return Span(first=first, last=last)


def parse_location(text: str) -> tzinfo | None:
    """`location`: an IANA name, UTC, or Local for the zone of this machine (None). Raises IntervalError."""
    if text == "Local":
        return None
    if text == "UTC":
        return UTC
    try:
        return ZoneInfo(text)
    except (OSError, ValueError, KeyError):  # a folder of the database, a path, no such name
        instead = _meant_zone(text) or "a name such as Europe/Paris, or UTC or Local"
        raise IntervalError(f'"{text}" is no time zone, write {instead}') from None


def _within(spans: Sequence[Span], value: int) -> bool:
    return not spans or any(span.first <= value <= span.last for span in spans)


def _day(day: int, length: int) -> int:
    """The day of a month of `length` days; -1 is the last one."""
    return day if day > 0 else length + 1 + day


def _minute(text: str) -> int:
    if not _TIME.fullmatch(text):
        padded = f"0{text}"
        instead = padded if _TIME.fullmatch(padded) else "HH:MM from 00:00 to 24:00, such as 09:00"
        raise IntervalError(f'"{text}" is no time of day, write {instead}')
    return int(text[:2]) * 60 + int(text[3:])


def _ends(text: str, read: Callable[[str], int], example: str) -> tuple[int, int]:
    """Both ends of `first:last`, in lower case; a single value is its own end."""
    if re.search(r"\s", text):
        raise IntervalError(f'"{text}" holds a space, write it without, such as {example}')
    ends = text.lower().split(":")
    if len(ends) > 2 or "" in ends:
        raise IntervalError(f'"{text}" is neither one value nor first:last, write for example {example}')
    return read(ends[0]), read(ends[-1])


def _weekday(word: str) -> int:
    if word not in _WEEKDAYS:
        raise IntervalError(f'"{word}" is no weekday, write {_meant(word, _WEEKDAYS) or "a name such as monday"}')
    return _WEEKDAYS.index(word)


def _month(word: str) -> int:
    if word in _MONTHS:
        return _MONTHS.index(word) + 1
    # Alertmanager takes any number here; one outside the year would silently never (or always) fit.
    if not _NUMBER.fullmatch(word) or not 1 <= int(word) <= 12:
        instead = _meant(word, _MONTHS) or "a name such as january, or 1 to 12"
        raise IntervalError(f'"{word}" is no month, write {instead}')
    return int(word)


def _month_day(word: str) -> int:
    if not _NUMBER.fullmatch(word) or not 1 <= abs(int(word)) <= 31:
        raise IntervalError(f'"{word}" is no day of a month, write 1 to 31, or -1 to -31 to count from its end')
    return int(word)


def _year(word: str) -> int:
    if not _NUMBER.fullmatch(word) or int(word) < 0:
        raise IntervalError(f'"{word}" is no year, write for example 2026')
    return int(word)


def _meant(word: str, names: Iterable[str]) -> str:
    """The one name that `word` abbreviates or nearly spells, or ""."""
    starts = [name for name in names if len(word) > 1 and name.startswith(word)]
    close = get_close_matches(word, names, n=1, cutoff=0.75)
    return starts[0] if len(starts) == 1 else "".join(close)


def _meant_zone(text: str) -> str:
    """The zone that `text` nearly spells or whose city it names, or "".

    Abbreviations are not guessed: CEST is close to EST as a word, and six hours away as a zone.
    """
    names = {name.lower(): name for name in sorted(available_timezones()) if "/" in name}
    word = text.strip().lower().replace(" ", "_")
    cities = [name for lower, name in names.items() if lower.endswith(f"/{word}")]
    close = [names[name] for name in get_close_matches(word, names, n=1, cutoff=0.9)]
    return "".join(close or (cities if len(cities) == 1 else []))


def _two_entries(text: str, before: tuple[int, int], after: tuple[int, int], names: Sequence[str]) -> str:
    first, second = (f'"{names[a]}"' if a == b else f'"{names[a]}:{names[b]}"' for a, b in (before, after))
    return f'"{text}" ends before it begins, write two entries: {first} and {second}'
