"""A body that was refused, or an alert in it that had to be skipped, as an alert of its own.

Its sender believes that it pages people. So it opens an incident of the root team like any other, one for each sender
and kind, which is over when an hour went by without another: good bodies in between prove nothing, since one template
of several may be broken.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alertsms.core.alerts.alert import Alert, AlertStatus, Format, Source, alert_key
from alertsms.core.incidents.incident import Change

REFUSED, SKIPPED = "WebhookRefused", "AlertSkipped"
QUIET_AFTER = timedelta(hours=1)  # without another one it is over
MOST_OF_ONE = 20  # open incidents of one kind from one sender; the rest count into one
MOST_IN_ALL = 60  # open incidents of all senders: an address and a path are easily made up
OTHERS = "others"

_OURS = Source(format=Format.INTAKE)
SENDERS = frozenset({"alertmanager", "grafana", "grafana-legacy"})  # whose name says more than an address
_PATHS = frozenset({"/webhook", "/webhook/alertmanager", "/webhook/grafana", "/alert", ""})
_LONGEST = 80  # characters of a path
_PLAIN = re.compile(r"[\w./-]{0,30}", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class BodySender:
    """Who posted, as far as that can be known of a body that says nothing."""

    path: str = ""
    agent: str = ""  # the family of its User-Agent, in lower case
    address: str = ""

    @property
    def words(self) -> str:
        """For people: `grafana`, `10.0.0.7 /webhook/paris`."""
        who = self.agent if self.agent in SENDERS else self.address or self.agent or "its sender"
        return who if self.path in _PATHS else f"{who} {self.path}"

    @property
    def labels(self) -> dict[str, str]:
        """For templates, and for whoever looks for it."""
        known = {"sender": self.words, "path": self.path, "agent": self.agent, "address": self.address}
        return {name: text for name, text in known.items() if text}

    @property
    def unknown(self) -> BodySender:
        """As posts name one that was not let in: whoever can connect shall not write them."""
        return replace(self, path=plain(self.path), agent=plain(self.agent))


def plain(word: str) -> str:
    """A word of a stranger's own where it is short, and of letters, digits and . _ - / alone; else `...`."""
    return word if _PLAIN.fullmatch(word) else "..."


def sender(path: str, agent: str, address: str) -> BodySender:
    """Name a sender by the path that it posts to, its User-Agent and its address."""
    family = agent.partition("/")[0].partition(" ")[0].lower()[:32]
    return BodySender(path=path[:_LONGEST].rstrip("/"), agent=family if family.isascii() else "", address=address)


def refused(by: BodySender, status: int, sentence: str, about: str) -> Alert:
    """The alert that a body was refused; `about` is what can be seen of its alerts, `sentence` what the sender got."""
    labels = {"alertname": REFUSED, "severity": "critical", "status": str(status), **by.labels}
    return _alert(labels, f"{status} from {by.words}", about, sentence)


def skipped(by: BodySender, words: str) -> Alert:
    """The alert that one without labels could not be paged; `words` is what it says of itself."""
    labels = {"alertname": SKIPPED, "severity": "critical", **by.labels}
    sentence = "An alert without labels can be neither routed nor told from others: give it labels where it is made."
    return _alert(labels | ({"alert": words} if words else {}), f"from {by.words}, no labels", words, sentence)


def bounded(own: Iterable[Alert], known: Mapping[bytes, Mapping[str, str]]) -> list[Alert]:
    """Let no sender open incidents without end: beyond the bound they are one, which names the latest.

    `known` are the open ones, their labels by their keys.
    """
    of_one = Counter(_place(labels) for labels in known.values())
    room, kept = MOST_IN_ALL - len(known), dict[bytes, Alert]()
    for alert in own:
        place = _place(alert.labels)
        new = alert.key not in known and alert.key not in kept
        if new and (room <= 0 or of_one[place] >= MOST_OF_ONE):
            alert = _more(alert)  # noqa: PLW2901 - it stands for this one
        elif new:
            room, of_one[place] = room - 1, of_one[place] + 1
        kept[alert.key] = alert
    return list(kept.values())


def mentioned(change: Change, now: datetime) -> Change:
    """Write down each mention: the hour counts from the last one."""
    incident = replace(change.incident, last_seen_at=now)
    return change if change.write else replace(change, write=True, incident=incident)


def _place(labels: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(labels.get(name, "") for name in ("alertname", "path", "agent", "address"))


def _more(alert: Alert) -> Alert:
    labels = {"alertname": alert.labels["alertname"], "severity": "critical", "sender": OTHERS}
    last = ": ".join(filter(None, (alert.place, alert.annotations.get("summary", ""))))
    return _alert(labels, f"from {OTHERS}", f"and more, the last one {last}", alert.annotations["description"])


def _alert(labels: Mapping[str, str], place: str, about: str, sentence: str) -> Alert:
    texts = {"summary": about, "description": sentence}
    return Alert(
        source=_OURS,
        status=AlertStatus.FIRING,
        key=alert_key(_OURS, "", labels),
        labels=labels,
        annotations={name: text for name, text in texts.items() if text},
        place=place,
    )
