"""Bodies as Alertmanager and Grafana post them; a field changed to None is left out."""

from __future__ import annotations

import json
from typing import Any

from alertsms.core.alerts.alert import Alert, Format, Source
from alertsms.core.alerts.payload import parse

AM = Source(format=Format.ALERTMANAGER)
STARTED = "2026-03-14T01:59:26.535897932Z"


def entry(**changes: Any) -> dict[str, Any]:
    """One firing alert as an Alertmanager of today lists it; a field changed to None is left out."""
    fields = {
        "status": "firing",
        "labels": {"alertname": "QueueStuck", "instance": "mq-7", "severity": "critical"},
        "annotations": {"summary": "nothing has left the queue for ten minutes"},
        "startsAt": STARTED,
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prom.example.net/graph?g0.expr=queue_out+%3D%3D+0",
        "fingerprint": "00c0ffee00c0ffee",
    } | changes
    return {key: value for key, value in fields.items() if value is not None}


def am(*entries: Any, **changes: Any) -> bytes:
    fields = {
        "version": "4",
        "groupKey": '{}/{team="mq"}:{alertname="QueueStuck"}',
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "pager",
        "groupLabels": {"alertname": "QueueStuck"},
        "commonLabels": {"alertname": "QueueStuck"},
        "commonAnnotations": {},
        "externalURL": "http://am.example.net",
        "alerts": list(entries),
    } | changes
    return json.dumps({key: value for key, value in fields.items() if value is not None}).encode()


def grafana(*entries: Any, **changes: Any) -> bytes:
    return am(*entries, **({"version": "1", "orgId": 3, "state": "alerting", "title": "t", "message": "m"} | changes))


def only(raw: bytes, **options: Any) -> Alert:
    (alert,) = parse(raw, **options).alerts
    return alert
