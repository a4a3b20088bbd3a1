"""Where an alert is, in a few words: what tells it from the others that came in the same body."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

LONGEST = 80  # characters, half of an SMS

_MACHINE = ("instance", "host", "hostname", "node")
_ORDER = (*_MACHINE, "pod", "container", "mountpoint", "device", "service", "job", "cluster", "namespace")
_RANK = {name: rank for rank, name in enumerate(_ORDER)}

# They tell alerts apart but not where: what is wrong, how bad, and which of several equal watchers saw it.
_WHAT = ("alertname", "alertgroup", "rulename", "grafana_folder", "summary", "description", "message", "runbook_url")
_HOW_BAD = ("severity", "level", "priority")
_WATCHER = ("prometheus", "prometheus_replica", "replica", "receive_replica", "ruler_replica", "monitor", "vmalert")
_NOT_A_PLACE = frozenset((*_WHAT, *_HOW_BAD, *_WATCHER, "datasource_uid", "ref_id"))

Labels = Mapping[str, str]


def places(alerts: Sequence[Labels]) -> list[str]:
    """Give each label set of one body its place, "" when it has none; never over LONGEST characters.

    An instance of its own is enough. Otherwise the machine is followed by the values that not all alerts of the body
    share (`web-01 /var`); an alert that is alone, or differs in nothing, is placed by its first known label.
    """
    counts = Counter([labels.get("instance") for labels in alerts])
    if len(counts) == len(alerts):
        common: frozenset[tuple[str, str]] | None = None  # most bodies never need it
    else:
        common = frozenset(alerts[0].items()).intersection(*[labels.items() for labels in alerts])
    return [_place(labels, counts, common) for labels in alerts]


def _place(labels: Labels, counts: Counter[str | None], common: frozenset[tuple[str, str]] | None) -> str:
    instance = labels.get("instance")
    if instance and counts[instance] == 1:
        return _line(instance)
    if common is not None:
        differing = [name for name, value in labels.items() if (name, value) not in common and _tells(name)]
        if differing:
            machine = [name for name in _MACHINE if name in labels][:1]
            names = sorted({*machine, *differing}, key=lambda name: (_RANK.get(name, len(_RANK)), name))
            return _words([labels[name] for name in names])
    return _words([labels[name] for name in _ORDER if name in labels][:1])


def _tells(name: str) -> bool:
    return name not in _NOT_A_PLACE and not name.startswith("__")


def _words(values: Sequence[str]) -> str:
    """Join values on one line, each once, for as long as they fit."""
    line = ""
    for value in dict.fromkeys(_line(value) for value in values):
        longer = f"{line} {value}".strip()
        if line and len(longer) > LONGEST:
            break
        line = longer
    return line


def _line(value: str) -> str:
    return " ".join(value.split())[:LONGEST]
