"""Alertmanager bodies of one alert, each about an incident of its own; the mark in them is found again in the SMS."""

from __future__ import annotations

import json
import re

MARK = re.compile(rb"Load(\d{7})")


def body(number: int, team: str) -> bytes:
    """The body of alert `number` for a team."""
    alert = {
        "status": "firing",
        "labels": {
            "alertname": f"Load{number:07d}",
            "instance": "web-01.example.org:9100",
            "job": "node",
            "severity": "critical",
            "team": team,
        },
        "annotations": {
            "summary": "The processor has been more than 90 % busy for five minutes",
            "runbook_url": "https://runbooks.example.org/cpu",
        },
        "startsAt": "2026-01-01T02:10:00.123456789Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus.example.org/graph?g0.expr=up",
        "fingerprint": f"{number:016x}",
    }
    return json.dumps(
        {
            "version": "4",
            "groupKey": f'{{}}:{{alertname="Load{number:07d}"}}',
            "truncatedAlerts": 0,
            "status": "firing",
            "receiver": "sms",
            "groupLabels": {"alertname": f"Load{number:07d}"},
            "commonLabels": alert["labels"],
            "commonAnnotations": alert["annotations"],
            "externalURL": "http://alertmanager.example.org",
            "alerts": [alert],
        }
    ).encode()


def request(number: int, team: str) -> bytes:
    """The same as one HTTP request over a connection that stays open, as Alertmanager posts."""
    payload = body(number, team)
    head = (
        "POST /webhook HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Alertmanager/0.28\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(payload)}\r\n\r\n"
    )
    return head.encode() + payload
