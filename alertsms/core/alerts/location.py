"""Which object an alert is about, in a few words: a claim, a pod, a disk of a machine; not who measured it.

What the rule's author quotes in the summary or description is what is broken. Where they quote nothing, a list of
labels decides. `instance` is often an exporter's address, and Prometheus inside a cluster adds the exporter's own pod,
container, service and endpoint to everything: those count only where they are no exporter's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from alertsms.core.alerts.alert import (
    ARE_MACHINES,
    ARE_PARTS,
    ARE_WORKLOADS,
    LAST,
    MACHINES,
    NOT_A_PLACE,
    ORDER,
    PARTS_UNQUOTED,
    TARGET,
    TELLS_NOTHING,
    WORKLOADS,
    Labels,
    exports,
    identifies,
    machines_and_parts,
    quotable,
    quotes,
)

LONGEST = 120  # characters: more than an SMS has room for beside a name and a link
MOST_PARTS = 3

_OF_OTHERS = re.compile(r"kube-state-metrics|kubelet|cadvisor", re.IGNORECASE)  # whose pod label may be anybody's
_ADDRESS = re.compile(r"\d+(?:\.\d+){3}(?::\d+)?|\[?[0-9a-fA-F]*:[0-9a-fA-F]*:[0-9a-fA-F:.]*\]?(?::\d+)?")
_EXPORTED = "exported_"


def places(alerts: Sequence[Labels], annotations: Sequence[Labels] = (), show: Sequence[str] = ()) -> list[str]:
    """Give each label set of one body its place, "" when it has none; never over LONGEST characters.

    `annotations` are those of the alerts, in their order. Alerts of one name and one place are told apart by what they
    do not share; the labels `show` are named always and first.
    """
    texts = [*map(quotable, annotations)] or [""] * len(alerts)
    objects = [*map(_Object, alerts, texts)]
    words = [*map(_Object.words, objects)]
    if len(alerts) > 1:
        words = _told_apart(objects, words)
    return [_showing(labels, place, show) for labels, place in zip(alerts, words, strict=True)] if show else words


def _told_apart(objects: Sequence[_Object], words: Sequence[str]) -> list[str]:
    keys = [(alert.labels.get("alertname", ""), place) for alert, place in zip(objects, words, strict=True)]
    alike: dict[tuple[str, str], list[_Object]] = {}
    for alert, key in zip(objects, keys, strict=True):
        alike.setdefault(key, []).append(alert)
    common = {
        key: frozenset(alerts[0].labels.items()).intersection(*[alert.labels.items() for alert in alerts])
        for key, alerts in alike.items()
        if len(alerts) > 1
    }
    return [
        alert.told_apart(key[1], common[key]) if key in common else key[1]
        for alert, key in zip(objects, keys, strict=True)
    ]


def _showing(labels: Labels, place: str, show: Sequence[str]) -> str:
    wanted = [_line(labels[name]) for name in show if name in labels]
    rest = [word for word in place.split(" ") if word not in wanted and word.partition("=")[2] not in wanted]
    within = " ".join(rest)
    return _fitting([*[value for value in wanted if not quotes(within, value)], *rest])


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
        names = tuple(self.labels)
        # What senders call their labels, and how many they have, is up to them: a megabyte is not remembered.
        sorting = machines_and_parts if len("".join(names)) <= 1_000 else machines_and_parts.__wrapped__
        self.machines, self.parts = sorting(names)
        if self.text:
            quoted: list[str] = []
            for name, value in self.labels.items():
                if value in self.text and name not in NOT_A_PLACE and quotes(self.text, value):
                    quoted.append(name)
            for name in self.machines if ARE_MACHINES.isdisjoint(quoted) else ():
                host, colon, _ = self.labels[name].rpartition(":")
                if colon and host in self.text and quotes(self.text, host):
                    quoted.append(name)
            self.quoted, self.others = frozenset(quoted), [*filter(identifies, quoted)]
        if self.parts:
            self.parts = self._telling(self.parts)

    def _telling(self, parts: Sequence[str]) -> list[str]:
        """Quoted parts before the rest; few of the rest count beside others, and no number does."""
        quoted, listed = not self.quoted.isdisjoint(parts), not ARE_PARTS.isdisjoint(parts)
        left_out = parts if quoted else PARTS_UNQUOTED if listed else ()
        parts = [
            name
            for name in parts
            if name in ARE_PARTS
            or name in self.quoted
            or not (name in left_out or self.labels[name].isdecimal() or exports(self.labels[name]))
        ]
        return sorted(parts, key=lambda name: (name not in self.quoted, ORDER.get(name, len(ORDER))))

    def words(self) -> str:
        """The place on one line, each word once."""
        self.base, behind = base, _ = self._base()
        parts = [*self._parts(), *behind]
        if len(self.quoted & ARE_MACHINES) > 1 and base in self.labels.values():  # and is no pod, say
            # Further machines that the author quotes: a host of a cloud, a server behind a balancer.
            parts += [value for value in self._quoted_machines() if not _same_host(value, base)]
        if base and parts and ARE_WORKLOADS.isdisjoint(self.labels):
            base = base if parts[0] in base else f"{base}:{parts[0]}"
            parts = parts[1:]
        said = [base, *parts] if base else parts
        if len(said) == 1 and "cluster" in self.labels:
            # Any machine may say how the cluster is of which the author speaks, and of no machine.
            of_cluster = "cluster" in self.quoted and self.quoted.isdisjoint(MACHINES)
            if _ADDRESS.fullmatch(base) or (of_cluster and self.base and self.base == self._machine()):
                said = [*said, self.labels["cluster"]]
        self.placed = bool(said)
        return _fitting(said) if len(said) > 1 else _line(said[0] if said else self._last())

    def told_apart(self, place: str, common: frozenset[tuple[str, str]]) -> str:
        """The place with what tells it from its siblings, of which all share `common`."""
        left_out = TELLS_NOTHING.union(MACHINES, TARGET, LAST) if self.placed else TELLS_NOTHING
        names = [
            name
            for name, value in self.labels.items()
            if (name, value) not in common and name not in left_out and not name.startswith(("__", _EXPORTED))
        ]
        names.sort(key=lambda name: (LAST.index(name) if name in LAST else -1, name))
        values = [self.labels[name] for name in names[:MOST_PARTS] if self.labels[name] not in place]
        return _fitting([place, *values] if place else values)

    # What it is, or is a part of.

    def _base(self) -> tuple[str, list[str]]:
        """The object, or the machine of the parts; and what stands behind all parts."""
        if not ARE_WORKLOADS.isdisjoint(self.labels):
            name = next(name for name in WORKLOADS if name in self.labels)
            value = self.labels[name]
            return (value if name == "persistentvolume" else self._namespaced(value)), []  # it has no namespace
        if "pod" in self.quoted:  # by an author who speaks of the pod, and not of who measured it
            pod, job = self.labels["pod"], self.labels.get("job", "")
            if not (exports(pod) or (job and exports(job) and pod.startswith(job))):
                return self._pod()
        machine = self._quoted_machine() if self.quoted else ""
        if machine:
            return machine, []
        if self.others:
            return self._behind_others(), []
        if self.parts:
            return self._machine_of_parts(), []
        if self._is_object("pod"):
            return self._pod()
        return self._machine(), []

    def _pod(self) -> tuple[str, list[str]]:
        pod, container = self.labels["pod"], self.labels.get("container", "")
        tells = container and not pod.startswith(container) and self._is_object("container")
        return self._namespaced(pod), [container] if tells else []

    def _namespaced(self, value: str) -> str:
        namespace = self.labels.get("namespace")
        return f"{namespace}/{value}" if namespace and not value.startswith(f"{namespace}/") else value

    def _quoted_machine(self) -> str:
        quoted = next(iter(self._quoted_machines()), "")
        if quoted and _ADDRESS.fullmatch(quoted) and self._is_scraped_by_exporter():
            # What the exporter measures, by name; `node` may be the one that it runs on.
            values = [self.labels[name] for name in self.machines if name != "node"]
            return next((value for value in values if not (_ADDRESS.fullmatch(value) or exports(value))), quoted)
        return quoted

    def _quoted_machines(self) -> list[str]:
        return [self.labels[name] for name in self.machines if name in self.quoted and self._is_object(name)]

    def _machine(self) -> str:
        """The first that is no bare address of who knows what, nor an exporter's; else an address."""
        address = ""
        for name in filter(self._is_object, self.machines):
            value = self.labels[name]
            if not _ADDRESS.fullmatch(value):
                return value
            address = address or value
        return address

    def _machine_of_parts(self) -> str:
        """Never without: inside a cluster the pod says more than its address."""
        machine = self._machine()
        if "target" in self.labels and self._is_scraped_by_exporter():
            return "" if machine == self.labels.get("instance") else machine
        if self._is_object("pod") and (not machine or _ADDRESS.fullmatch(machine)):
            return self._pod()[0]
        return machine

    def _behind_others(self) -> str:
        if self._in_quoted_namespace():
            return self._of_last("job") if self._is_quoted_job() else ""
        machine = self._machine()
        # Inside a cluster the address of an exporter says which server it measures, that of a controller nothing.
        inside = "pod" in self.labels and _ADDRESS.fullmatch(machine) and not self._is_scraped_by_exporter()
        if machine and not inside and not _OF_OTHERS.search(self.labels.get("job", "")):
            return machine
        return self.labels["job"] if self._is_quoted_job() else ""

    def _is_quoted_job(self) -> bool:
        return "job" in self.quoted and not exports(self.labels["job"])

    def _in_quoted_namespace(self) -> bool:
        return "namespace" in self.quoted or _EXPORTED + "namespace" in self.labels

    # Parts of it.

    def _parts(self) -> list[str]:
        """Values that never stand without what they are a part of; those that are quoted come first."""
        names = self.others or self.parts
        if self.others and self.parts:
            names = sorted([*self.parts, *self.others], key=lambda name: name not in self.quoted)
        return list(dict.fromkeys(map(self._part, names)))[:MOST_PARTS]

    def _part(self, name: str) -> str:
        value = self.labels[name]
        if value.isdecimal():
            return f"{name}={value}"
        alone = name not in ARE_PARTS and self._in_quoted_namespace() and not self.base
        return self._namespaced(value) if alone else value

    def _last(self) -> str:
        """Where nothing better is known: job or service, labels that no list knows, then the cluster."""
        unknown = [f"{name}={value}" for name, value in self.labels.items() if identifies(name)][:MOST_PARTS]
        known = [name for name in LAST if name in self.labels]
        own = [name for name in known if not exports(self.labels[name])]
        of_exporter = [name for name in known if name not in own and (name in self.quoted or not (own or unknown))]
        names = [*own, *of_exporter] if not unknown else [name for name in own if name in ("job", "service")]
        names.sort(key=lambda name: name == "namespace")
        said = [*[self._of_last(name) for name in names[:1]], *unknown]
        # A namespace stands before the name of a job or service already.
        bare = "namespace" in self.quoted and names[:1] not in (["job"], ["service"])
        around = ("cluster", "cluster_name", "namespace") if bare else ("cluster", "cluster_name")
        said += [self.labels[name] for name in own if name in around]
        return " ".join(dict.fromkeys(said)) or self.labels.get("instance", "")

    def _of_last(self, name: str) -> str:
        value = self.labels[name]
        return self._namespaced(value) if name in ("job", "service") and "namespace" in self.quoted else value

    def _is_object(self, name: str) -> bool:
        """Whether a label is there and does not name who measured."""
        value = self.labels.get(name)
        if not value or exports(value):
            return False
        # Nothing that kube-state-metrics tells is about its own address.
        if name == "instance" and name not in self.quoted and "kube-state-metrics" in self.labels.get("job", ""):
            return False
        return name not in ("pod", "container") or not self._is_scraped_by_exporter()

    def _is_scraped_by_exporter(self) -> bool:
        by = (self.labels.get(name, "") for name in ("job", "service"))
        return any(exports(value) and not _OF_OTHERS.search(value) for value in by)


def _same_host(first: str, second: str) -> bool:
    # With and without a port or a domain.
    first, second = first.rpartition(":")[0] or first, second.rpartition(":")[0] or second
    return first.partition(".")[0] == second.partition(".")[0]


def _fitting(values: Sequence[str]) -> str:
    line = ""
    for value in dict.fromkeys(map(_line, values)):
        longer = f"{line} {value}".strip()
        if line and len(longer) > LONGEST:
            break
        line = longer
    return line[:LONGEST]


def _line(value: str) -> str:
    return " ".join(value.split())[:LONGEST]
