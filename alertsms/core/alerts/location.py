"""Which object an alert is about, in a few words: a claim, a pod, a disk of a machine; not who measured it.

What the rule's author quotes in the summary or description is what is broken. Where they quote nothing, a list of
labels decides. `instance` is often an exporter's address, and Prometheus inside a cluster adds the exporter's own pod,
container, service and endpoint to everything: those count only where they are no exporter's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

LONGEST = 120  # characters: more than an SMS has room for beside a name and a link
MOST_PARTS = 3

# In the place of `instance`, in this order; most have a namespace.
_WORKLOADS = (
    "persistentvolumeclaim",
    "deployment",
    "statefulset",
    "daemonset",
    "cronjob",
    "job_name",
    "horizontalpodautoscaler",
    "poddisruptionbudget",
    "resourcequota",
    "replicaset",
    "persistentvolume",
)
_OF_NO_NAMESPACE = frozenset({"persistentvolume"})
_MACHINES = ("instance", "host", "hostname", "host_name", "nodename", "node", "server", "machine")
# Together with the machine that they are a part of.
_PARTS = (
    "mountpoint",
    "device",
    "interface",
    "ifName",
    "ifDescr",
    "disk",
    "cpu",
    "datname",
    "topic",
    "queue",
    "target",
    "volume",
    "partition",
)
# Parts too, unless the author quotes others; so is each label whose own name ends so: relname, slot_name.
_PARTS_UNQUOTED = frozenset(
    {
        "database",
        "db",
        "tablespace",
        "table",
        "index",
        "bucket",
        "exchange",
        "consumergroup",
        "proxy",
        "backend",
        "frontend",
        "pool",
        "zpool",
        "domain",
        "vm",
        "ups",
    }
)
_NAMING = ("name", "identifier")
_BALANCERS = frozenset({"proxy", "backend"})
_LAST = ("job", "service", "cluster", "cluster_name", "namespace")
# Of a scraping target as such.
_TARGET = ("pod", "container", "endpoint", "metrics_path", "uid", "pod_ip", "host_ip", "scrape_job")
_NOT_ITS_OWN = ("__", "exported_", "app_kubernetes_io_", "helm_sh_")  # Kubernetes' labels of the scraping target

# They tell alerts apart but not where: what is wrong, how bad, whose it is, and which of equal watchers saw it.
_WHAT = (
    "alertname",
    "alertgroup",
    "rulename",
    "grafana_folder",
    "summary",
    "description",
    "message",
    "title",
    "runbook_url",
    "runbook",
    "dashboard",
    "ref_id",
    "datasource_uid",
    "type",
    "state",
    "status",
    "condition",
    "reason",
    "phase",
    "mode",
    "quantile",
    "le",
    "long",
    "short",
    "fstype",
    "code",
    "version",
    "error",
    "area",
    "color",
)
_HOW_BAD = ("severity", "level", "priority", "severity_level", "urgency", "impact")
_WHOSE = ("team", "owner", "env", "environment", "stage", "tier", "squad", "contact", "department", "receiver")
_WATCHER = ("prometheus", "prometheus_replica", "replica", "receive_replica", "ruler_replica", "monitor", "vmalert")
_TELLS_NOTHING = frozenset((*_HOW_BAD, *_WATCHER, *_WHAT[: _WHAT.index("type")]))
_NOT_A_PLACE = frozenset((*_WHAT, *_HOW_BAD, *_WHOSE, *_WATCHER))
_LISTED = frozenset((*_WORKLOADS, *_MACHINES, *_PARTS, *_LAST, *_TARGET))
_ARE_WORKLOADS, _ARE_MACHINES, _ARE_PARTS = frozenset(_WORKLOADS), frozenset(_MACHINES), frozenset(_PARTS)
_ORDER = {name: rank for rank, name in enumerate(_PARTS)}

_EXPORTER = re.compile(r"exporter|kube-state-metrics|kubelet|cadvisor|blackbox|pushgateway", re.IGNORECASE)
_DESCRIBES_ALL = "kube-state-metrics"  # nothing that it tells is about its own address
_OF_OTHERS = re.compile(r"kube-state-metrics|kubelet|cadvisor", re.IGNORECASE)  # whose pod label may be anybody's
_ADDRESS = re.compile(r"\d+(?:\.\d+){3}(?::\d+)?|\[?[0-9a-fA-F]*:[0-9a-fA-F]*:[0-9a-fA-F:.]*\]?(?::\d+)?")
_ALL_LABELS = re.compile(r"(?:LABELS\s*[:=]\s*)?map\[[^\]]*\]", re.IGNORECASE)  # quotes everything, so nothing
_ASIDE = re.compile(r"\s*\(instance[ :=]*([^\s()]*)\)")  # in the summary of every rule of a collection
_EXPORTED = "exported_"
_QUOTED = ("summary", "description", "message")

Labels: TypeAlias = Mapping[str, str]


def places(alerts: Sequence[Labels], annotations: Sequence[Labels] = (), show: Sequence[str] = ()) -> list[str]:
    """Give each label set of one body its place, "" when it has none; never over LONGEST characters.

    `annotations` are those of the alerts, in their order. Alerts of one name and one place are told apart by what they
    do not share; the labels `show` are named always and first.
    """
    texts = [quotable(each) for each in annotations] or [""] * len(alerts)
    objects = [_Object(labels, text) for labels, text in zip(alerts, texts, strict=True)]
    found = [each.words() for each in objects]
    if len(alerts) > 1:
        found = _told_apart(objects, found)
    return [_showing(labels, place, show) for labels, place in zip(alerts, found, strict=True)] if show else found


def _told_apart(objects: Sequence[_Object], found: Sequence[str]) -> list[str]:
    alike: dict[tuple[str, str], list[_Object]] = {}
    for one, place in zip(objects, found, strict=True):
        alike.setdefault((one.labels.get("alertname", ""), place), []).append(one)
    common = {
        key: frozenset(some[0].labels.items()).intersection(*[one.labels.items() for one in some])
        for key, some in alike.items()
        if len(some) > 1
    }
    keys = [(one.labels.get("alertname", ""), place) for one, place in zip(objects, found, strict=True)]
    return [
        one.told_apart(key[1], common[key]) if key in common else key[1] for one, key in zip(objects, keys, strict=True)
    ]


def _showing(labels: Labels, place: str, show: Sequence[str]) -> str:
    """The labels that are always shown, each once, before the place."""
    wanted = [_line(labels[name]) for name in show if name in labels]
    rest = [word for word in place.split(" ") if word not in wanted and word.partition("=")[2] not in wanted]
    within = " ".join(rest)
    return _fitting([*[value for value in wanted if not quotes(within, value)], *rest])


def quotable(annotations: Labels) -> str:
    """The texts in which an author quotes what is broken, without a dump of all labels and `(instance ...)`."""
    said = [annotations[name] for name in _QUOTED if name in annotations]
    text = "\n".join(said or [text for name, text in annotations.items() if name.lower() in _QUOTED])
    if "(instance" in text:
        text = _ASIDE.sub("", text)
    return _ALL_LABELS.sub("", text) if "map[" in text else text


def without_aside(text: str, labels: Labels) -> str:
    """A text without `(instance ...)`, which says what the place says better, or nothing at all."""
    if "(instance" not in text:
        return text
    known = ("", labels.get("instance"))
    return _ASIDE.sub(lambda aside: "" if aside[1] in known else aside[0], text)


def quotes(text: str, value: str) -> bool:
    """Whether a text holds a value as a word of its own; a letter or a bare number says nothing."""
    at = text.find(value) if len(value) > 1 and not value.isdecimal() else -1
    while at >= 0:
        end = at + len(value)
        if not _joined(text[at - 1 : at]) and not _joined(text[end : end + 1]):
            return True
        at = text.find(value, at + 1)
    return False


def identifies(name: str) -> bool:
    """Whether a label that no list knows may tell what an alert is about."""
    return name not in _NOT_A_PLACE and name not in _LISTED and not name.startswith(_NOT_ITS_OWN)


def tells(name: str) -> bool:
    """Whether a label's value may be a part of what an alert is about, rather than how bad it is or whose."""
    return name not in _NOT_A_PLACE and not name.startswith("__")


@lru_cache(maxsize=4096)
def _known(names: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The labels among these that name machines, and parts of them although no author quotes those."""
    parts = [name for name in names if _is_part(name)]
    machines = [name for name in _MACHINES if name in names]
    if "server" in machines and not _BALANCERS.isdisjoint(names):  # it is one of those behind a balancer
        machines.remove("server")
        parts.append("server")
    return tuple(machines), tuple(parts)


def _is_part(name: str) -> bool:
    return name in _ARE_PARTS or name in _PARTS_UNQUOTED or (name.endswith(_NAMING) and identifies(name))


def _joined(char: str) -> bool:
    return char.isalnum() or (char in "-_" and char != "")


@dataclass(slots=True)
class _Object:
    """The labels of one alert, and which of them its author quotes."""

    labels: Labels
    text: str
    quoted: frozenset[str] = frozenset()
    others: list[str] = field(default_factory=list)  # quoted labels that no list knows
    machines: Sequence[str] = ()
    parts: Sequence[str] = ()  # labels of parts of a machine; those that are quoted come first
    base: str = ""  # what the parts are parts of
    placed: bool = False  # whether anything better than its job or cluster is known

    def __post_init__(self) -> None:
        if _EXPORTED in "".join(self.labels):  # the target's labels hid those of the object
            own = {
                name.removeprefix(_EXPORTED): value for name, value in self.labels.items() if name.startswith(_EXPORTED)
            }
            self.labels = {**self.labels, **own}
        self.machines, self.parts = _known(tuple(self.labels))
        if self.text:
            text = self.text
            quoted = [
                name
                for name, value in self.labels.items()
                if value in text and name not in _NOT_A_PLACE and quotes(text, value)
            ]
            if _ARE_MACHINES.isdisjoint(quoted):
                quoted += [name for name in self.machines if _quotes_host(text, self.labels[name])]
            self.quoted, self.others = frozenset(quoted), [name for name in quoted if identifies(name)]
        if self.parts:
            self.parts = self._telling(self.parts)

    def _telling(self, parts: Sequence[str]) -> list[str]:
        """Those that are quoted, before the rest; of the rest few count beside others, and no number does."""
        quoted, listed = not self.quoted.isdisjoint(parts), not _ARE_PARTS.isdisjoint(parts)
        left_out = parts if quoted else _PARTS_UNQUOTED if listed else ()
        parts = [
            name
            for name in parts
            if name in _ARE_PARTS
            or name in self.quoted
            or not (name in left_out or self.labels[name].isdecimal() or _exports(self.labels[name]))
        ]
        return sorted(parts, key=lambda name: (name not in self.quoted, _ORDER.get(name, len(_ORDER))))

    def words(self) -> str:
        """All of it on one line, each word once."""
        self.base, behind = base, _ = self._base()
        parts = [*self._parts(), *behind]
        if len(self.quoted & _ARE_MACHINES) > 1:
            parts += self._other_machines()
        if base and parts and not self._has_workload():
            base = base if parts[0] in base else f"{base}:{parts[0]}"
            parts = parts[1:]
        said = [base, *parts] if base else parts
        if len(said) == 1 and "cluster" in self.labels and (_ADDRESS.fullmatch(base) or self._is_of_cluster()):
            said = [*said, self.labels["cluster"]]
        self.placed = bool(said)
        return _fitting(said) if said else _line(self._last())

    def _is_of_cluster(self) -> bool:
        """Whether the author speaks of a cluster, and of no machine: any of them may say how the cluster is."""
        speaks = "cluster" in self.quoted and self.quoted.isdisjoint(_MACHINES)
        return speaks and self.base != "" and self.base == self._machine()

    def told_apart(self, place: str, common: frozenset[tuple[str, str]]) -> str:
        """The place with what tells it from its siblings, of which all share `common`."""
        values = [self.labels[name] for name in self._differing(common)]
        return _fitting([*filter(None, [place]), *[value for value in values if value not in place]])

    # What it is, or is a part of.

    def _base(self) -> tuple[str, list[str]]:
        """The object, or the machine of the parts; and what stands behind all parts."""
        if self._has_workload():
            name = next(name for name in _WORKLOADS if name in self.labels)
            value = self.labels[name]
            return (value if name in _OF_NO_NAMESPACE else self._namespaced(value)), []
        if self._is_quoted_pod():
            return self._pod()
        machine = self._quoted_machine()
        if machine:
            return machine, []
        if self.others:
            return self._behind_others(), []
        if self.parts:
            return self._machine_of_parts(), []
        if self._is_object("pod"):
            return self._pod()
        return self._machine(), []

    def _has_workload(self) -> bool:
        return not _ARE_WORKLOADS.isdisjoint(self.labels)

    def _pod(self) -> tuple[str, list[str]]:
        pod, container = self.labels["pod"], self.labels.get("container", "")
        tells = container and not pod.startswith(container) and self._is_object("container")
        return self._namespaced(pod), [container] if tells else []

    def _is_quoted_pod(self) -> bool:
        """Whether the author speaks of a pod, which is not that of who measured it."""
        if "pod" not in self.quoted or _exports(self.labels["pod"]):
            return False
        job = self.labels.get("job", "")
        return not (job and _exports(job) and self.labels["pod"].startswith(job))

    def _namespaced(self, value: str) -> str:
        namespace = self.labels.get("namespace")
        return f"{namespace}/{value}" if namespace and not value.startswith(f"{namespace}/") else value

    def _quoted_machine(self) -> str:
        found = self._quoted_machines()
        if found and _ADDRESS.fullmatch(found[0]) and self._is_scraped_by_exporter():
            return self._named_server() or found[0]
        return found[0] if found else ""

    def _quoted_machines(self) -> list[str]:
        return [self.labels[name] for name in self.machines if name in self.quoted and self._is_object(name)]

    def _named_server(self) -> str:
        """What an exporter measures, by name; `node` may be the one that the exporter runs on."""
        found = [self.labels[name] for name in self.machines if name != "node"]
        return next((value for value in found if not (_ADDRESS.fullmatch(value) or _exports(value))), "")

    def _machine(self) -> str:
        """The first that is no bare address of who knows what, nor an exporter's; else an address."""
        found = [self.labels[name] for name in self.machines if self._is_object(name)]
        return next((value for value in found if not _ADDRESS.fullmatch(value)), found[0] if found else "")

    def _machine_of_parts(self) -> str:
        """Never without: inside a cluster the pod says more than its address."""
        machine = self._machine()
        if "target" in self.labels and self._is_scraped_by_exporter():
            return "" if machine == self.labels.get("instance") else machine
        if self._is_object("pod") and (not machine or _ADDRESS.fullmatch(machine)):
            return self._pod()[0]
        return machine

    def _behind_others(self) -> str:
        """What labels that no list knows are a part of, as far as that can be told."""
        if self._in_quoted_namespace():
            return self._of_last("job") if self._is_quoted_job() else ""
        machine = self._machine()
        # Inside a cluster the address of an exporter says which server it measures, that of a controller nothing.
        inside = "pod" in self.labels and _ADDRESS.fullmatch(machine) and not self._is_scraped_by_exporter()
        if machine and not inside and not _OF_OTHERS.search(self.labels.get("job", "")):
            return machine
        return self.labels["job"] if self._is_quoted_job() else ""

    def _is_quoted_job(self) -> bool:
        return "job" in self.quoted and not _exports(self.labels["job"])

    def _in_quoted_namespace(self) -> bool:
        return "namespace" in self.quoted or _EXPORTED + "namespace" in self.labels

    # Parts of it.

    def _parts(self) -> list[str]:
        """Values that never stand without what they are a part of; those that are quoted come first."""
        names = self.others or self.parts
        if self.others and self.parts:
            names = sorted([*self.parts, *self.others], key=lambda name: name not in self.quoted)
        values = [self._part(name) for name in names]
        return list(dict.fromkeys(values))[:MOST_PARTS]

    def _part(self, name: str) -> str:
        value = self.labels[name]
        if value.isdecimal():
            return f"{name}={value}"
        alone = name not in _ARE_PARTS and self._in_quoted_namespace() and not self.base
        return self._namespaced(value) if alone else value

    def _other_machines(self) -> list[str]:
        """Further machines that the author quotes: a host of a cloud, a server behind a balancer."""
        if self.base not in self.labels.values():  # a pod, say
            return []
        return [value for value in self._quoted_machines() if not _same_host(value, self.base)]

    # What remains.

    def _differing(self, common: frozenset[tuple[str, str]]) -> list[str]:
        names = [
            name
            for name, value in self.labels.items()
            if (name, value) not in common and name not in _TELLS_NOTHING and not name.startswith(("__", _EXPORTED))
        ]
        if self.placed:
            names = [name for name in names if name not in _MACHINES and name not in _TARGET and name not in _LAST]
        return sorted(names, key=lambda name: (_LAST.index(name) if name in _LAST else -1, name))[:MOST_PARTS]

    def _last(self) -> str:
        """Where nothing better is known: job or service, labels that no list knows, then the cluster."""
        unknown = [f"{name}={value}" for name, value in self.labels.items() if identifies(name)][:MOST_PARTS]
        known = [name for name in _LAST if name in self.labels]
        own = [name for name in known if not _exports(self.labels[name])]
        of_exporter = [name for name in known if name not in own and (name in self.quoted or not (own or unknown))]
        names = [*own, *of_exporter] if not unknown else [name for name in own if name in ("job", "service")]
        names.sort(key=lambda name: name == "namespace")
        said = [*[self._of_last(name) for name in names[:1]], *unknown]
        said += [self.labels[name] for name in own if self._is_around(name, names[:1])]
        return " ".join(dict.fromkeys(said)) or self.labels.get("instance", "")

    def _is_around(self, name: str, said: list[str]) -> bool:
        """Whether a label says where the job or service is; a namespace stands before their name already."""
        if name == "namespace":
            return name in self.quoted and "job" not in said and "service" not in said
        return name in ("cluster", "cluster_name")

    def _of_last(self, name: str) -> str:
        value = self.labels[name]
        return self._namespaced(value) if name in ("job", "service") and "namespace" in self.quoted else value

    def _is_object(self, name: str) -> bool:
        """Whether a label is there and does not name who measured."""
        value = self.labels.get(name)
        if not value or _exports(value):
            return False
        if name == "instance" and name not in self.quoted and _DESCRIBES_ALL in self.labels.get("job", ""):
            return False
        return name not in ("pod", "container") or not self._is_scraped_by_exporter()

    def _is_scraped_by_exporter(self) -> bool:
        by = (self.labels.get(name, "") for name in ("job", "service"))
        return any(_exports(value) and not _OF_OTHERS.search(value) for value in by)


@lru_cache(maxsize=4096)
def _exports(value: str) -> bool:
    """Whether a name, or the host of an address, is that of something that measures others."""
    return "://" not in value and _EXPORTER.search(value.partition("/")[0]) is not None


def _quotes_host(text: str, value: str) -> bool:
    host, colon, _ = value.rpartition(":")
    return bool(colon) and host in text and quotes(text, host)


def _same_host(one: str, other: str) -> bool:
    """Whether two names are of one machine: with and without a port or a domain."""
    one, other = one.rpartition(":")[0] or one, other.rpartition(":")[0] or other
    return one.partition(".")[0] == other.partition(".")[0]


def _fitting(values: Sequence[str]) -> str:
    """Join values on one line, each once, for as long as they fit."""
    if len(values) == 1:
        return _line(values[0])
    line = ""
    for value in dict.fromkeys(map(_line, values)):
        longer = f"{line} {value}".strip()
        if line and len(longer) > LONGEST:
            break
        line = longer
    return line[:LONGEST]


def _line(value: str) -> str:
    return " ".join(value.split())[:LONGEST]
