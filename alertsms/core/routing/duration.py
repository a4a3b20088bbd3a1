"""Lengths of time as configurations write them (1h30m) and as texts tell them (1 h 30 min)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from alertsms.core.text.language import ENGLISH, say

_MILLISECONDS = {
    "y": 365 * 86_400_000,
    "w": 7 * 86_400_000,
    "d": 86_400_000,
    "h": 3_600_000,
    "m": 60_000,
    "s": 1_000,
    "ms": 1,
}
_DURATION = re.compile("".join(f"(?:([0-9]+){unit})?" for unit in _MILLISECONDS))
_LOOSE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([a-z]+)[\s,]*")
_LOOSE_PARTS = re.compile(f"(?:{_LOOSE.pattern})*")
_LOOSE_UNITS = {"hr": "h", "min": "m", "sec": "s", "msec": "ms", "millisecond": "ms", "second": "s", "minute": "m"} | {
    name: name[0] for name in ("year", "week", "day", "hour")
}

_UNITS = ("seconds", "minutes", "hours", "days")  # what a bare number may mean

# Alertmanager counts nanoseconds in 64 bits: a file that loads here must load there.
_MOST = (2**63 - 1) // 1_000_000  # milliseconds


class DurationError(ValueError):
    """A text that is no duration; the message says what to write instead."""


def parse_duration(text: str) -> timedelta:
    """The length that `text` means: 1h30m, 2w, 500ms or 0, units from large to small, each at most once.

    The grammar is Alertmanager's. A year is 365 days. Raises DurationError.
    """
    match = _DURATION.fullmatch(text)
    if text == "0":
        return timedelta()
    if not text or not match or len(text) > 100:
        raise DurationError(_advice(text))
    milliseconds = sum(
        int(number) * size for number, size in zip(match.groups("0"), _MILLISECONDS.values(), strict=True)
    )
    if milliseconds > _MOST:
        raise DurationError(f'"{text}" is too long, write at most 292y')
    return timedelta(milliseconds=milliseconds)


def canonical_duration(duration: timedelta) -> str:
    """The shortest text that parse_duration() reads back, whole milliseconds: 1h30m, 2w, 90d, 0s."""
    rest = duration // timedelta(milliseconds=1)
    parts = []
    for unit, size in _MILLISECONDS.items():
        count, left = divmod(rest, size)
        # 90d reads better than 12w6d: years and weeks only where they leave nothing over.
        if count and not (left and unit in ("y", "w")):
            parts.append(f"{count}{unit}")
            rest = left
    return "".join(parts) or "0s"


def format_duration(length: timedelta, language: str = ENGLISH) -> str:
    """A length for people, rounded down to two units at most: `40 s`, `12 min`, `2 h 5 min`, `3 d 4 h`.

    A negative one, which two clocks that disagree can produce, reads as 0 s.
    """
    seconds = max(int(length.total_seconds()), 0)
    if seconds < 60:
        return f"{seconds} s"
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if not hours:
        return f"{minutes} min"
    large, small = (f"{days} {say(language, 'd')}", hours % 24) if days else (f"{hours} h", minutes % 60)
    return f"{large} {small} {'h' if days else 'min'}" if small else large


def _advice(text: str) -> str:
    if len(text) > 100:
        return "too long for a duration, write for example 5m"
    if not text.strip():
        return "empty, write a duration such as 5m"
    if re.fullmatch("[0-9]+", text):
        return no_unit(text)
    if text.startswith("-"):
        instead = f", write {text[1:]}" if text[1:] and _DURATION.fullmatch(text[1:]) else ""
        return f'"{text}" is negative{instead}'
    meant = _guess(text.strip().lower())
    if meant:
        return f'"{text}" is not a duration, write {canonical_duration(meant)}'
    return f'"{text}" is not a duration, write numbers with units such as 30s, 5m, 1h30m or 2d'


def no_unit(text: str, fits: Callable[[timedelta], bool] = lambda _: True) -> str:
    """What is wrong with a bare number: 300 may be 5m or 5h. At most two units are named, those that `fits` lets be."""
    count = int(text) if len(text) <= 9 else 0
    lengths = {name: timedelta(milliseconds=count * _MILLISECONDS[name[0]]) for name in _UNITS}
    meant = [f"{canonical_duration(length)} if {name}" for name, length in lengths.items() if length and fits(length)]
    first, *second = meant[:2] or ["for example 5m"]
    return f'"{text}" has no unit, write {", ".join([first + (" were meant" if meant else ""), *second])}'


def _guess(text: str) -> timedelta | None:
    """Reads 1.5h, 5 min, 30m1h and the like; None if it cannot."""
    parts = [(number, _LOOSE_UNITS.get(unit.removesuffix("s"), unit)) for number, unit in _LOOSE.findall(text)]
    if not _LOOSE_PARTS.fullmatch(text) or any(unit not in _MILLISECONDS for _, unit in parts):
        return None
    milliseconds = sum(float(number) * _MILLISECONDS[unit] for number, unit in parts)
    return timedelta(milliseconds=round(milliseconds)) if milliseconds <= _MOST else None
