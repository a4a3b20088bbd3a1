"""One alert as a sender describes it, and what makes it the same alert the next time it is mentioned.

What real senders get wrong about text, numbers and times in their JSON is met here once.
"""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from hashlib import blake2b
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


_OFFSET = 0xCBF29CE484222325
_PRIME = 0x100000001B3
_MASK = 0xFFFFFFFFFFFFFFFF
_LONGEST = 64 * 1024  # characters of all names and values


def label_fingerprint(labels: Mapping[str, str]) -> str:
    """Sixteen hex digits: 64-bit FNV-1a over the pairs in order of name, each text closed by the byte 0xFF.

    The rule is that of prometheus/common (model/signature.go). It fills a gap and never verifies: Grafana counts
    labels in that it does not show. It costs 50 to 200 ns a byte, so labels of more than
    64 KiB get other digits: only that they are the same each time matters.
    """
    if len("".join(labels)) + len("".join(labels.values())) > _LONGEST:
        whole = "".join(f"{name}\xff{labels[name]}\xff" for name in sorted(labels))
        return blake2b(whole.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    value = _OFFSET
    for name in sorted(labels):
        pair = b"%b\xff%b\xff" % (name.encode("utf-8", "surrogatepass"), labels[name].encode("utf-8", "surrogatepass"))
        for byte in pair:
            value = ((value ^ byte) * _PRIME) & _MASK
    return f"{value:016x}"


class AlertStatus(StrEnum):
    """What the sender says of one alert."""

    FIRING = "firing"
    RESOLVED = "resolved"


class Format(StrEnum):
    """Who speaks: the value that matchers see as `__source__` and metrics as `source`."""

    ALERTMANAGER = "alertmanager"
    GRAFANA = "grafana"
    GRAFANA_LEGACY = "grafana-legacy"
    ALERTSMS = "alertsms"  # ourselves: a heartbeat is missing
    INTAKE = "alertsms-intake"  # ourselves: a body was refused, an alert skipped


class Severity(IntEnum):
    """Four ranks; the smaller goes first. A missing or unknown severity counts as critical."""

    CRITICAL = 0
    ERROR = 1
    WARNING = 2
    INFO = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Where bodies come from. Never an address or externalURL: an HA pair is one source."""

    format: Format
    org: str = ""  # Grafana's orgId as text, "" when the body has none
    name: str = ""  # the NAME of /webhook/NAME; "" for /webhook, /webhook/alertmanager, /webhook/grafana and /alert


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert:
    """One entry of a webhook body."""

    source: Source
    status: AlertStatus
    key: bytes  # identity, see alert_key()
    labels: Mapping[str, str]
    annotations: Mapping[str, str] = field(default_factory=dict)  # and where to look, as `kept` has it
    fingerprint: str = ""
    starts_at: datetime | None = None  # the sender's time, aware; None when it gave none (never the time of arrival)
    ends_at: datetime | None = None  # the sender's time of a resolution, aware; None while firing
    receiver: str = ""  # the sender's receiver name, unquoted
    place: str = ""  # where it is: instance, or the labels that tell it from its siblings in the body
    truncated: int = 0  # alerts that the sender left out of the same body
    test: bool = False  # from Grafana's Test button


def alert_key(source: Source, fingerprint: str, labels: Mapping[str, str], ignore: Collection[str] = ()) -> bytes:
    """Sixteen bytes that stand for (source, fingerprint, label set without `ignore`).

    The fingerprint alone is not enough: hand-edited bodies repeat one over different labels. The labels alone are
    not enough either: two Grafana rules can show equal labels. An alert that carries an ignored label is identified
    without its fingerprint, since the sender computed that over the ignored label too.
    """
    names = sorted([name for name in labels if name not in ignore] if ignore else labels)
    stand_in = fingerprint if len(names) == len(labels) else ""
    parts = [source.format, source.org, source.name, stand_in, *names, *map(labels.__getitem__, names)]
    whole = "\0".join(parts)  # one join is three times as quick as a length before each part
    if whole.count("\0") >= len(parts):  # a text holds the separator itself: quoted, it cannot pass for another one
        whole = "\0" + ascii(parts)
    return blake2b(whole.encode("utf-8", "surrogatepass"), digest_size=16).digest()
