from __future__ import annotations

import json
from typing import Any

import pytest

from alertsms.core.alerts.alert import Alert, AlertStatus, Format, Source, alert_key
from alertsms.core.alerts.payload import parse
from tests.core.bodies import only


def legacy(**changes: Any) -> bytes:
    fields = {
        "state": "alerting",
        "ruleId": 41,
        "ruleName": "Oven too hot",
        "title": "[Alerting] Oven too hot",
        "message": "open the window",
        "orgId": 2,
        "evalMatches": [{"metric": "oven-1", "value": 261.5, "tags": {"instance": "oven-1", "job": "bakery"}}],
        "tags": {"team": "bakery"},
    } | changes
    return json.dumps({key: value for key, value in fields.items() if value is not None}).encode()


def test_the_name_of_its_webhook_is_kept():
    assert parse(legacy(), name="garage").source.name == "garage"


def test_a_dashboard_alert_is_read_whole():
    source = Source(format=Format.GRAFANA_LEGACY, org="2")
    assert only(legacy()) == Alert(
        source=source,
        status=AlertStatus.FIRING,
        key=alert_key(source, "41", {}),
        labels={"team": "bakery", "alertname": "Oven too hot"},
        annotations={"summary": "open the window", "description": "oven-1=261.5"},
        fingerprint="41",
        place="oven-1",
    )


@pytest.mark.parametrize(
    ("state", "statuses"),
    [
        ("alerting", ["firing"]),
        ("No_Data", ["firing"]),
        ("ok", ["resolved"]),
        ("pending", []),
        ("paused", []),
        ("unknown", []),
    ],
)
def test_a_dashboard_state_fires_resolves_or_says_nothing(state, statuses):
    body = parse(legacy(state=state))
    assert [alert.status for alert in body.alerts] == statuses
    assert not body.unlabelled


def test_a_rule_stays_itself_under_another_name_and_other_tags():
    again = legacy(ruleName="Oven-2 too hot", tags={"team": "x"}, evalMatches=[], state="ok", message=None)
    assert only(again).key == only(legacy()).key
    assert only(legacy(ruleId=42)).key != only(legacy()).key
    assert only(legacy(orgId=1)).key != only(legacy()).key


def test_a_dashboard_alert_without_its_fields_still_pages():
    bare = only(b'{"state": "alerting", "evalMatches": ""}')
    assert (bare.labels["alertname"], bare.annotations, bare.place) == ("rule", {}, "")
    assert only(legacy(ruleName=None)).labels["alertname"] == "Oven too hot"
    assert only(legacy(ruleName=None, title=None)).labels["alertname"] == "rule 41"
    assert only(legacy(ruleId=None)).key != only(legacy(ruleId=None, ruleName="Fridge too warm")).key


def test_a_dashboard_alert_names_five_series_at_most():
    series = [{"metric": f"oven-{n}", "value": n, "tags": None} for n in range(7)]
    assert only(legacy(evalMatches=series)).annotations["description"] == (
        "oven-0=0, oven-1=1, oven-2=2, oven-3=3, oven-4=4, +2 more"
    )
    nothing = only(legacy(state="no_data", evalMatches=[{"metric": "NoData", "value": None, "tags": ""}, "odd"]))
    assert nothing.annotations["description"] == "NoData"


def test_the_old_test_notification_is_a_test():
    series = [{"metric": "High value", "value": 100}, {"metric": "Higher Value", "value": 200}]
    title = "[Alerting] Test notification"
    assert only(legacy(title=title, evalMatches=series)).test
    assert not only(legacy(title=title)).test
    assert not only(legacy(evalMatches=series)).test
