"""Whether the texts of an alert name what it is about, and nothing else for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from alertsms.core.alerts.alert import Alert, Severity
from alertsms.core.alerts.payload import parse
from alertsms.core.messages.notification import NotificationKind
from alertsms.core.text.subject import SAMPLE, subject_of
from alertsms.core.text.wording import compose
from tests.core.field import Fielded
from tests.core.night import incident

LINK = f"https://pager.example.org/a/{SAMPLE}"
_SEVERITIES = {"critical": Severity.CRITICAL, "warning": Severity.WARNING, "info": Severity.INFO}


def received(fielded: Fielded) -> Alert:
    """The alert as it comes in, alone in its body."""
    entry = {"status": "firing", "labels": fielded.labels, "annotations": fielded.annotations}
    return parse(json.dumps({"version": "4", "alerts": [entry]}).encode()).alerts[0]


def texts(fielded: Fielded) -> Iterator[str]:
    """What a phone says: firing with and without a link, then over with and without one."""
    alert = received(fielded)
    for kind in (NotificationKind.PAGE, NotificationKind.RESOLVED):
        severity = _SEVERITIES[fielded.labels.get("severity", "critical")]
        known = incident(labels=alert.labels, annotations=alert.annotations, severity=severity, place=alert.place)
        subject = subject_of(known, kind)
        over = replace(subject, number=42, after="12 min" if kind is NotificationKind.RESOLVED else "")
        yield from (compose(replace(over, link=LINK)), compose(over))


def misses(fielded: Fielded, text: str) -> str:
    """What a text lacks or names wrongly; "" where it is right. The numbers' port may be left out of a machine."""
    for label in filter(None, (fielded.object, fielded.machine)):
        value = fielded.labels[label]
        without_port = value.rpartition(":")[0] if label == fielded.machine else ""
        if value not in text and (not without_port or without_port not in text):
            return f"{label}={value} is missing"
    named = [each for each in fielded.exporter if each in text and each not in fielded.name]
    return f"names {named[0]} for it" if named else ""
