"""A request body as plain JSON values: what real senders get wrong about text, numbers and times is met here once."""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8
from datetime import UTC, datetime
from itertools import islice

LONGEST = 4096  # characters of one label name, label value or annotation; enough for any text that a person reads
MOST = 256  # labels, or annotations, of one alert

# Every number comes as its own text: 64-bit identifiers stay intact, five thousand digits overflow nothing, and a
# label or version that somebody wrote as a number is already what it should have been.
_DECODER = json.JSONDecoder(strict=False, parse_int=str, parse_float=str, parse_constant=str)

# What a database or a phone cannot take: controls other than tab, line feed and return, and half surrogate pairs.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def decode(raw: bytes) -> object:
    """Read JSON leniently: a byte-order mark, bytes that are no UTF-8, raw controls, NaN and repeated keys are taken.

    Raises json.JSONDecodeError, or RecursionError when it is nested too deeply. Numbers come as text, and a byte
    that is no UTF-8 comes as a lone surrogate, so that two different names stay different until `scrub`.
    """
    return _DECODER.decode(raw.removeprefix(BOM_UTF8).decode("utf-8", "surrogateescape"))


def scrub(text: str) -> str:
    """Replace what cannot be stored or shown by U+FFFD."""
    return text if text.isprintable() else _UNFIT.sub("\ufffd", text)


def text(value: object) -> str:
    """Give a scalar as text; null, lists and objects as nothing."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return ""


def short(value: object, longest: int = LONGEST) -> str:
    """Give a scalar as scrubbed text of at most `longest` characters."""
    return scrub(text(value)[:longest])


def pairs(value: object) -> tuple[dict[str, str], dict[str, str]]:
    """Give the pairs of text of a JSON object twice: whole, and scrubbed and cut for storing and showing.

    Empty, null and nested values count as absent.
    """
    if not isinstance(value, dict):
        return {}, {}
    if _is_usual(value):
        return value, value
    whole = {name: plain for name, item in value.items() if name and (plain := text(item))}
    return whole, {short(name): short(plain) for name, plain in islice(whole.items(), MOST)}


def _is_usual(value: dict[str, object]) -> bool:
    """Tell whether there is nothing to leave out, scrub or cut, at a tenth of the price of looking at each text."""
    texts = value.values()
    try:
        everything = "".join(value) + "".join(texts)  # type: ignore[arg-type]
    except TypeError:
        return False
    return len(everything) <= LONGEST and everything.isprintable() and "" not in texts and "" not in value


def moment(value: object) -> datetime | None:
    """Read an RFC 3339 time, to the microsecond, in UTC.

    None for what is no time, for a time without a zone (nobody should guess one) and for the zero times of Go (year
    1, which overflows when it is moved west) and Unix.
    """
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value[:-1] + "Z" if value.endswith("z") else value)
        if at.tzinfo is None or at.year <= 1970:
            return None
        return at if at.tzinfo is UTC else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
