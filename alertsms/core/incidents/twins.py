"""The same alerts under two names of /webhook/NAME: two incidents for each, and an end under a third closes none.

It happens where the sender's URL is a template (Alertmanager 0.31 and newer). Two clusters that look alike are no
fault, so nobody is paged for it: it is logged, and shown to whoever looks.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple

from alertsms.core.alerts.alert import Alert, AlertStatus
from alertsms.core.alerts.payload import Payload

GROUPS = 1_000  # remembered, the latest
NAMES = 3  # of one group
ALERTS = 50  # looked at in one body, and remembered of one group and name
LASTS = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Twin:
    """Two names of the webhook that told of one alert."""

    names: tuple[str, str]  # "" for /webhook itself
    alert: str  # one of them

    @property
    def words(self) -> str:
        """For people, with what to do."""
        one, other = (f"/webhook/{name}" if name else "/webhook" for name in self.names)
        return (
            f"{self.alert} came by {one} and by {other}: each name is a source of its own, so it has two incidents, and"
            " an end by one of them closes nothing of the other. Unless those are two clusters, let the sender post to"
            " one URL without a template in it"
        )


class Firing(NamedTuple):
    """What fires under one name, and when it was last told."""

    at: datetime
    alerts: frozenset[int]  # hashes of fingerprints


class Twins:
    """Remembers, within bounds, under which name the alerts of each group fire. One thread at a time may ask."""

    def __init__(self) -> None:
        self._groups: OrderedDict[int, dict[str, Firing]] = OrderedDict()

    def look(self, body: Payload, now: datetime) -> Twin | None:
        """Note what a body says; returns the other name under which one of its alerts fires, if there is one."""
        some = [alert for alert in islice(body.alerts, ALERTS) if alert.fingerprint]
        if not (some and body.group_key):
            return None
        group = self._group(hash((body.source.format, body.source.org, body.group_key)))
        elsewhere = _elsewhere(group, body.source.name, now)
        _note(group, body.source.name, some, now)
        found = next((alert for alert in some if hash(alert.fingerprint) in elsewhere), None)
        if found is None:
            return None
        one, other = sorted((body.source.name, elsewhere[hash(found.fingerprint)]))
        return Twin(names=(one, other), alert=found.labels.get("alertname", "an alert"))

    def _group(self, key: int) -> dict[str, Firing]:
        group = self._groups.setdefault(key, {})
        self._groups.move_to_end(key)
        if len(self._groups) > GROUPS:
            self._groups.popitem(last=False)
        return group


def _elsewhere(group: Mapping[str, Firing], name: str, now: datetime) -> dict[int, str]:
    """By which other name an alert fires, by its fingerprint."""
    return {
        alert: other
        for other, firing in group.items()
        if other != name and now - firing.at < LASTS
        for alert in firing.alerts
    }


def _note(group: dict[str, Firing], name: str, alerts: Sequence[Alert], now: datetime) -> None:
    known = group.pop(name, Firing(now, frozenset())).alerts
    known |= {hash(alert.fingerprint) for alert in alerts if alert.status is AlertStatus.FIRING}
    known -= {hash(alert.fingerprint) for alert in alerts if alert.status is AlertStatus.RESOLVED}
    group[name] = Firing(now, frozenset(islice(known, ALERTS)))
    if len(group) > NAMES:
        del group[next(iter(group))]
