"""Whatever is sent, the answer is a Body or a PayloadError."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from alertsms.core.alerts.payload import parse
from alertsms.core.incidents.refusal import PayloadError

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
FIELDS = [
    *("version", "groupKey", "truncatedAlerts", "status", "receiver", "alerts", "orgId", "state", "ruleId", "ruleName"),
    *("labels", "annotations", "startsAt", "endsAt", "generatorURL", "fingerprint", "silenceURL", "ruleUID", "title"),
    *("evalMatches", "tags", "message", "metric", "value"),
]
LABELS = {"alertname": "QueueStuck", "instance": "mq-7", "severity": "critical"}
ENTRY = {"status": "resolved", "labels": LABELS, "startsAt": "2026-03-14T01:59:26.5Z", "endsAt": "2026-03-14T02:00:00Z"}
AM = {"version": "4", "status": "firing", "receiver": "pager", "truncatedAlerts": 0, "alerts": [ENTRY, ENTRY]}
GRAFANA = {**AM, "version": "1", "orgId": 1, "state": "alerting", "groupKey": "webhook-57c6d9296de2ad39-1773453566"}
LEGACY = {"state": "alerting", "ruleId": 41, "ruleName": "Oven", "evalMatches": [{"metric": "m", "value": 1.5}]}
GOOD = [json.dumps(body).encode() for body in (AM, GRAFANA, LEGACY)]


def survives(raw: bytes) -> None:
    try:
        alerts = parse(raw, ignore_labels=("severity",)).alerts
    except PayloadError as refusal:
        alerts, sentence = (), str(refusal)
    else:
        sentence = ""
    assert len(sentence.encode()) < 3000
    for alert in alerts:
        assert len(alert.key) == 16
        assert len(alert.place) <= 80
        for text in (*alert.labels, *alert.labels.values(), *alert.annotations.values(), alert.receiver):
            assert "\0" not in text
            assert len(text.encode()) <= 4 * 4096


@given(st.dictionaries(st.sampled_from(FIELDS), json_values) | json_values)
@settings(max_examples=200, deadline=None)
def test_any_json_gives_alerts_or_a_sentence(value):
    survives(json.dumps(value).encode())


@given(
    st.lists(st.dictionaries(st.sampled_from(FIELDS), json_values) | json_values, max_size=3),
    st.sampled_from([AM, GRAFANA]),
)
@settings(max_examples=200, deadline=None)
def test_any_entries_give_alerts(entries, sender):
    body = parse(json.dumps({**sender, "alerts": entries}).encode())
    assert len(body.alerts) + len(body.unlabelled) == len(entries)


@given(st.sampled_from(GOOD), st.lists(st.tuples(st.integers(0, 2000), st.binary(max_size=4)), min_size=1, max_size=5))
@settings(max_examples=200, deadline=None)
def test_a_damaged_body_gives_alerts_or_a_sentence(raw, damages):
    for at, piece in damages:
        raw = raw[:at] + piece + raw[at + 1 :]
    survives(raw)


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_bytes_give_alerts_or_a_sentence(raw):
    survives(raw)
