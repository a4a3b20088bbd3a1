from __future__ import annotations

import json
from typing import Any

import pytest

from alertsms.core.alerts.alert import Format, Source
from alertsms.core.alerts.payload import parse
from alertsms.core.text.subject import name_of
from tests.core.bodies import AM, STARTED, am, entry, grafana, only


def test_grafana_is_known_by_its_own_fields():
    for raw in (
        grafana(entry()),
        am(entry(), version=1),
        am(entry(), orgId=3),
        am(entry(), state="alerting"),
        am("broken", entry(silenceURL="")),
    ):
        assert parse(raw).source.format == "grafana"


@pytest.mark.parametrize("version", [None, "3", "4", 4])
def test_all_else_with_a_list_of_alerts_is_alertmanagers(version):
    assert parse(am(entry(), version=version, orgId=None)).source == AM


def test_an_organisation_is_a_source_of_its_own():
    assert parse(grafana(entry())).source == Source(format=Format.GRAFANA, org="3")
    assert only(grafana(entry())).key != only(grafana(entry(), orgId=4)).key


def test_a_fingerprint_that_grafana_left_out_is_not_computed():
    assert only(grafana(entry(fingerprint=None))).fingerprint == ""


def rule(uid: str, replica: str, **changes: Any) -> bytes:
    link = f"https://grafana.example.net/alerting/grafana/{uid}/view?orgId=3"
    labels = {"alertname": "QueueStuck", "replica": replica}
    return only(
        grafana(entry(**{"generatorURL": link, "labels": labels, "fingerprint": uid + replica} | changes)),
        ignore_labels={"replica"},
    ).key


def test_where_a_label_is_ignored_grafanas_rule_stands_in_for_the_fingerprint():
    assert rule("u1", "a") == rule("u1", "b")
    assert rule("u1", "a") != rule("u2", "a")
    assert rule("u1", "a") == rule("other", "b", ruleUID="u1", generatorURL=None)
    assert rule("u1", "a") == rule("u1", "a", generatorURL="/alerting/u1/edit", fingerprint=None)


def test_equal_labels_of_two_grafana_rules_are_two_alerts():
    assert only(grafana(entry(fingerprint="a"))).key != only(grafana(entry(fingerprint="b"))).key


def test_a_no_data_alert_keeps_its_labels_and_is_called_by_its_rule():
    labels = {"alertname": "DatasourceNoData", "rulename": "Queue length", "ref_id": "A"}
    alert = only(grafana(entry(labels=labels, values=None)))
    assert (alert.labels, name_of(alert.labels)) == (labels, "Queue length")


@pytest.mark.parametrize(
    ("key", "alertname", "test"),
    [
        ("webhook-57c6d9296de2ad39-1773453566", "TestAlert", True),
        ("ops pager-57c6d9296de2ad39-1773453566", "Mine", True),
        ('{alertname="Mine"}2022-05-06 07:08:09.123456789 +0000 UTC m=+21.5', "Mine", True),
        ("anything", "TestAlert", True),
        ("anything", "QueueStuck", False),
        ("", "TestAlert", False),
        (None, "TestAlert", False),
        ('{}/{}:{alertname="TestAlert"}', "TestAlert", False),
    ],
)
def test_the_test_button_is_known_by_its_group_key_and_in_doubt_it_is_real(key, alertname, test):
    labels = {"alertname": alertname, "instance": "Grafana"}
    assert only(grafana(entry(labels=labels), groupKey=key)).test is test


def test_only_one_firing_alert_of_grafana_is_a_test():
    key = "webhook-57c6d9296de2ad39-1773453566"
    assert not only(am(entry(), groupKey=key)).test
    assert not only(grafana(entry(status="resolved"), groupKey=key)).test
    assert not any(alert.test for alert in parse(grafana(entry(), entry(fingerprint="2"), groupKey=key)).alerts)


def test_two_presses_are_two_tests_and_a_copy_of_one_is_the_same():
    def press(second: int) -> bytes:
        return only(grafana(entry(), groupKey=f"webhook-57c6d9296de2ad39-{second}")).key

    assert press(1773453566) == press(1773453566)
    assert press(1773453566) != press(1773453567)


_BUTTON = {"labels": {"alertname": "TestAlert", "instance": "Grafana"}, "startsAt": STARTED}


@pytest.mark.parametrize(
    ("body", "test"),
    [
        ({"alerts": [_BUTTON]}, True),
        ({"alerts": [_BUTTON | {"fingerprint": "57c6d9296de2ad39"}], "groupKey": ""}, True),
        ({"alerts": [_BUTTON | {"fingerprint": "57c6d9296de2ad39"}], "orgId": 1}, True),
        ({"alerts": [{"fingerprint": "57c6d9296de2ad39"} | _BUTTON], "commonLabels": _BUTTON["labels"]}, True),
        ({"alerts": [_BUTTON | {"fingerprint": "00c0ffee00c0ffee"}]}, False),
        ({"alerts": [_BUTTON], "groupKey": '{}:{alertname="TestAlert"}'}, False),
        ({"alerts": [{"labels": {"alertname": "TestAlert", "instance": "web-01"}}]}, False),
        ({"alerts": [_BUTTON, _BUTTON]}, False),
    ],
)
def test_the_test_button_of_a_custom_payload_is_known_by_its_own_alert(body, test):
    assert parse(json.dumps(body).encode()).alerts[0].test is test


def test_each_press_of_the_button_is_a_test_of_its_own():
    first, second = (
        parse(json.dumps({"alerts": [_BUTTON | {"startsAt": at}]}).encode()).alerts[0]
        for at in (STARTED, "2026-03-14T02:00:00Z")
    )
    assert first.key != second.key
