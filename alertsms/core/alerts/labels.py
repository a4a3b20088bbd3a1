"""What the labels of real senders are called and what each says of an alert; and whether a text quotes their values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TypeAlias

Labels: TypeAlias = Mapping[str, str]

# In the place of `instance`, in this order; most have a namespace.
WORKLOADS = (
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
OF_NO_NAMESPACE = frozenset({"persistentvolume"})
MACHINES = ("instance", "host", "hostname", "host_name", "nodename", "node", "server", "machine")
# Together with the machine that they are a part of.
PARTS = (
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
PARTS_UNQUOTED = frozenset(
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
NAMING = ("name", "identifier")
BALANCERS = frozenset({"proxy", "backend"})
LAST = ("job", "service", "cluster", "cluster_name", "namespace")
# Of a scraping target as such.
TARGET = ("pod", "container", "endpoint", "metrics_path", "uid", "pod_ip", "host_ip", "scrape_job")
NOT_ITS_OWN = ("__", "exported_", "app_kubernetes_io_", "helm_sh_")  # Kubernetes' labels of the scraping target

# They tell alerts apart but not where: what is wrong, how bad, whose it is, and which of equal watchers saw it.
WHAT = (
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
HOW_BAD = ("severity", "level", "priority", "severity_level", "urgency", "impact")
WHOSE = ("team", "owner", "env", "environment", "stage", "tier", "squad", "contact", "department", "receiver")
WATCHER = ("prometheus", "prometheus_replica", "replica", "receive_replica", "ruler_replica", "monitor", "vmalert")
TELLS_NOTHING = frozenset((*HOW_BAD, *WATCHER, *WHAT[: WHAT.index("type")]))
NOT_A_PLACE = frozenset((*WHAT, *HOW_BAD, *WHOSE, *WATCHER))
LISTED = frozenset((*WORKLOADS, *MACHINES, *PARTS, *LAST, *TARGET))
ARE_WORKLOADS, ARE_MACHINES, ARE_PARTS = frozenset(WORKLOADS), frozenset(MACHINES), frozenset(PARTS)
ORDER = {name: rank for rank, name in enumerate(PARTS)}

_EXPORTER = re.compile(r"exporter|kube-state-metrics|kubelet|cadvisor|blackbox|pushgateway", re.IGNORECASE)
_ALL_LABELS = re.compile(r"(?:LABELS\s*[:=]\s*)?map\[[^\]]*\]", re.IGNORECASE)  # quotes everything, so nothing
_ASIDE = re.compile(r"\s*\(instance[ :=]*([^\s()]*)\)")  # in the summary of every rule of a collection
_QUOTED = ("summary", "description", "message")


def quotable(annotations: Labels) -> str:
    """The texts in which an author quotes what is broken, without a dump of all labels and `(instance ...)`."""
    names = [*filter(annotations.__contains__, _QUOTED)]
    names = names or [name for name in annotations if name.lower() in _QUOTED]
    text = "\n".join(map(annotations.__getitem__, names))
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
    return name not in NOT_A_PLACE and name not in LISTED and not name.startswith(NOT_ITS_OWN)


def tells(name: str) -> bool:
    """Whether a label's value may be a part of what an alert is about, rather than how bad it is or whose."""
    return name not in NOT_A_PLACE and not name.startswith("__")


@lru_cache(maxsize=4096)
def machines_and_parts(names: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The labels among these that name machines, and parts of them although no author quotes those."""
    parts = [
        name
        for name in names
        if name in ARE_PARTS or name in PARTS_UNQUOTED or (name.endswith(NAMING) and identifies(name))
    ]
    machines = [name for name in MACHINES if name in names]
    if "server" in machines and not BALANCERS.isdisjoint(names):  # it is one of those behind a balancer
        machines.remove("server")
        parts.append("server")
    return tuple(machines), tuple(parts)


def _joined(char: str) -> bool:
    return char.isalnum() or (char in "-_" and char != "")


@lru_cache(maxsize=4096)
def exports(value: str) -> bool:
    """Whether a name, or the host of an address, is that of something that measures others."""
    return "://" not in value and _EXPORTER.search(value.partition("/")[0]) is not None
