"""One alert as a sender describes it, and what makes it the same alert the next time it is mentioned."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from hashlib import blake2b

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
    annotations: Mapping[str, str] = field(default_factory=dict)
    fingerprint: str = ""
    starts_at: datetime | None = None  # the sender's time, aware; None when it gave none (never the time of arrival)
    ends_at: datetime | None = None  # the sender's time of a resolution, aware; None while firing
    receiver: str = ""  # the sender's receiver name, unquoted
    place: str = ""  # where it is: instance, or the labels that tell it from its siblings in the body
    truncated: int = 0  # alerts that the sender left out of the same body
    test: bool = False  # from Grafana's Test button
    links: Mapping[str, str] = field(default_factory=dict)  # where to look, as annotations that incidents keep

    @property
    def kept(self) -> Mapping[str, str]:
        """The annotations that its incident keeps."""
        return {**self.annotations, **self.links} if self.links else self.annotations


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
