"""One alert as a sender describes it, what makes it the same alert the next time, and what its labels are called.

What real senders get wrong about text, numbers and times in their JSON is met here once.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from functools import lru_cache
from hashlib import blake2b
from itertools import islice

Labels = Mapping[str, str]

LONGEST = 4096  # characters of one label name, label value or annotation; enough for any text that a person reads
MOST = 256  # labels, or annotations, of one alert

# What a database or a phone cannot take: controls other than tab, line feed and return, and half surrogate pairs.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def scrub(text: str) -> str:
    """Replace what cannot be stored or shown by U+FFFD."""
    return _UNFIT.sub("\ufffd", text)


def text(value: object) -> str:
    """Give a scalar as text; null, lists and objects as nothing."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return ""


def short(value: object, longest: int = LONGEST) -> str:
    """Give a scalar as scrubbed text of at most `longest` characters."""
    cut = text(value)[:longest]
    return cut if cut.isprintable() else scrub(cut)


def pairs(value: object) -> tuple[dict[str, str], dict[str, str]]:
    """Give the pairs of text of a JSON object twice: whole, and scrubbed and cut for storing and showing.

    Empty, null and nested values count as absent.
    """
    if not isinstance(value, dict):
        return {}, {}
    # Usually there is nothing to leave out, scrub or cut; to see that costs a tenth of looking at each text.
    texts = value.values()
    with suppress(TypeError):  # not all of them are texts
        everything = "".join(value) + "".join(texts)
        if len(everything) <= LONGEST and everything.isprintable() and "" not in texts and "" not in value:
            return value, value
    whole = {name: plain for name, item in value.items() if name and (plain := text(item))}
    return whole, {short(name): short(plain) for name, plain in islice(whole.items(), MOST)}


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


def label_fingerprint(labels: Mapping[str, str]) -> str:
    """Sixteen hex digits: 64-bit FNV-1a over the pairs in order of name, each text closed by the byte 0xFF.

    The rule is that of prometheus/common (model/signature.go). It fills a gap and never verifies: Grafana counts
    labels in that it does not show. It costs 50 to 200 ns a byte, so labels of more than
    64 KiB get other digits: only that they are the same each time matters.
    """
    if len("".join(labels)) + len("".join(labels.values())) > 64 * 1024:
        whole = "".join(f"{name}\xff{labels[name]}\xff" for name in sorted(labels))
        return blake2b(whole.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    value = 0xCBF29CE484222325
    for name in sorted(labels):
        pair = b"%b\xff%b\xff" % (name.encode("utf-8", "surrogatepass"), labels[name].encode("utf-8", "surrogatepass"))
        for byte in pair:
            value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
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


# What labels are called. In the place of `instance`, in this order; most have a namespace.
WORKLOADS = (
    *("persistentvolumeclaim", "deployment", "statefulset", "daemonset", "cronjob", "job_name"),
    *("horizontalpodautoscaler", "poddisruptionbudget", "resourcequota", "replicaset", "persistentvolume"),
)
MACHINES = ("instance", "host", "hostname", "host_name", "nodename", "node", "server", "machine")
# Together with the machine that they are a part of.
PARTS = (
    *("mountpoint", "device", "interface", "ifName", "ifDescr", "disk", "cpu", "datname", "topic", "queue", "target"),
    *("volume", "partition"),
)
# Parts too, unless the author quotes others; so is each label whose own name ends so: relname, slot_name.
PARTS_UNQUOTED = frozenset(
    {
        *("database", "db", "tablespace", "table", "index", "bucket", "exchange", "consumergroup", "proxy", "backend"),
        *("frontend", "pool", "zpool", "domain", "vm", "ups"),
    }
)
LAST = ("job", "service", "cluster", "cluster_name", "namespace")
# Of a scraping target as such.
TARGET = ("pod", "container", "endpoint", "metrics_path", "uid", "pod_ip", "host_ip", "scrape_job")
NOT_ITS_OWN = ("__", "exported_", "app_kubernetes_io_", "helm_sh_")  # Kubernetes' labels of the scraping target

# They tell alerts apart but not where: what is wrong, how bad, which of equal watchers saw it, and whose it is.
WORDS = (
    *("alertname", "alertgroup", "rulename", "grafana_folder", "summary", "description", "message", "title"),
    *("runbook_url", "runbook", "dashboard", "ref_id", "datasource_uid"),
)
HOW_BAD = ("severity", "level", "priority", "severity_level", "urgency", "impact")
WATCHER = ("prometheus", "prometheus_replica", "replica", "receive_replica", "ruler_replica", "monitor", "vmalert")
TELLS_NOTHING = frozenset((*HOW_BAD, *WATCHER, *WORDS))
NOT_A_PLACE = TELLS_NOTHING.union(
    ("type", "state", "status", "condition", "reason", "phase", "mode", "quantile", "le", "long", "short", "fstype"),
    ("code", "version", "error", "area", "color"),
    # Whose it is.
    ("team", "owner", "env", "environment", "stage", "tier", "squad", "contact", "department", "receiver"),
)
LISTED = frozenset((*WORKLOADS, *MACHINES, *PARTS, *LAST, *TARGET))
ARE_WORKLOADS, ARE_MACHINES, ARE_PARTS = frozenset(WORKLOADS), frozenset(MACHINES), frozenset(PARTS)
ORDER = {name: rank for rank, name in enumerate(PARTS)}

_EXPORTER = re.compile(r"exporter|kube-state-metrics|kubelet|cadvisor|blackbox|pushgateway", re.IGNORECASE)
DUMP = re.compile(r"(?:\bLABELS\s*[:=]\s*)?map\[[^\]]*\]", re.IGNORECASE)  # quotes everything, so nothing
ASIDE = re.compile(r"\s*\(instance[ :=]*([^\s()]*)\)")  # in the summary of every rule of a collection
_QUOTED = ("summary", "description", "message")


def quotable(annotations: Labels) -> str:
    """The texts in which an author quotes what is broken, without a dump of all labels and `(instance ...)`."""
    names = [*filter(annotations.__contains__, _QUOTED)]
    names = names or [name for name in annotations if name.lower() in _QUOTED]
    text = "\n".join(map(annotations.__getitem__, names))
    if "(instance" in text:
        text = ASIDE.sub("", text)
    return DUMP.sub("", text) if "map[" in text else text


def quotes(text: str, value: str) -> bool:
    """Whether a text holds a value as a word of its own; a letter or a bare number says nothing."""
    at = text.find(value) if len(value) > 1 and not value.isdecimal() else -1
    while at >= 0:
        end = at + len(value)
        if not _joined(text[at - 1 : at]) and not _joined(text[end : end + 1]):
            return True
        at = text.find(value, at + 1)
    return False


@lru_cache(maxsize=512)  # of at most 4096 characters each
def identifies(name: str) -> bool:
    """Whether a label that no list knows may tell what an alert is about."""
    return name not in NOT_A_PLACE and name not in LISTED and not name.startswith(NOT_ITS_OWN)


def tells(name: str) -> bool:
    """Whether a label's value may be a part of what an alert is about, rather than how bad it is or whose."""
    return name not in NOT_A_PLACE and not name.startswith("__")


@lru_cache(maxsize=512)
def machines_and_parts(names: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The labels among these that name machines, and parts of them although no author quotes those."""
    parts = [
        name
        for name in names
        if name in ARE_PARTS or name in PARTS_UNQUOTED or (name.endswith(("name", "identifier")) and identifies(name))
    ]
    machines = [name for name in MACHINES if name in names]
    if "server" in machines and not {"proxy", "backend"}.isdisjoint(names):  # it is one of those behind a balancer
        machines.remove("server")
        parts.append("server")
    return tuple(machines), tuple(parts)


def _joined(char: str) -> bool:
    return char.isalnum() or (char in "-_" and char != "")


@lru_cache(maxsize=512)
def exports(value: str) -> bool:
    """Whether a name, or the host of an address, is that of something that measures others."""
    return "://" not in value and _EXPORTER.search(value.partition("/")[0]) is not None


# What an entry says beside its labels, kept among the annotations of its incident; no sender's own are called so.
KEPT = {"dashboardURL": "__dashboard_url__", "panelURL": "__panel_url__", "generatorURL": "__source_url__"}


def kept(entry: Mapping[str, object]) -> dict[str, str]:
    """The addresses of an entry, as annotations; what no browser opens is none."""
    addresses: dict[str, str] = {}
    for key, name in KEPT.items():
        url = entry.get(key)
        if isinstance(url, str) and opens(url):
            addresses[name] = url
    return addresses


def opens(url: str) -> bool:
    """Whether a browser opens this address."""
    plain = len(url) <= 2_000 and url.isprintable() and " " not in url
    return plain and url.lower().startswith(("http://", "https://"))


# Where a person who was woken can look: how it is mended, what it looks like, and where it comes from.
_REFERENCES = {
    "runbook": ("runbook_url", "runbookurl", "runbook", "playbook_url", "playbook"),
    "dashboard": ("dashboard_url", "dashboardurl", "dashboard", "grafana_url", "__dashboard_url__"),
    "panel": ("panel_url", "panelurl", "__panel_url__"),
    "source": ("__source_url__",),
}


def references_text(annotations: Mapping[str, str]) -> dict[str, str]:
    """Annotations without the addresses that we keep among them."""
    return {name: text for name, text in annotations.items() if name not in KEPT.values()}


def references(annotations: Mapping[str, str]) -> dict[str, str]:
    """The addresses by what they are: runbook, dashboard, panel, source; each once, and only what a browser opens."""
    lowered = {name.lower(): text.strip() for name, text in annotations.items()}
    addresses: dict[str, str] = {}
    for what, names in _REFERENCES.items():
        url = next((lowered[name] for name in names if opens(lowered.get(name, ""))), "")
        if url and url not in addresses.values():
            addresses[what] = url
    return addresses
