from __future__ import annotations

from alertsms.core.alerts.alert import Format, Source, alert_key

AM = Source(format=Format.ALERTMANAGER)


def test_the_same_alert_has_the_same_key_whatever_the_order_of_its_labels():
    assert alert_key(AM, "f", {"a": "1", "b": "2"}) == alert_key(AM, "f", {"b": "2", "a": "1"})


def test_labels_fingerprint_and_source_each_tell_alerts_apart():
    base = alert_key(AM, "f", {"a": "1"})
    others = [
        alert_key(AM, "g", {"a": "1"}),
        alert_key(AM, "f", {"a": "2"}),
        alert_key(AM, "f", {"a": "1", "b": ""}),
        alert_key(Source(format=Format.GRAFANA), "f", {"a": "1"}),
        alert_key(Source(format=Format.ALERTMANAGER, org="2"), "f", {"a": "1"}),
        alert_key(Source(format=Format.ALERTMANAGER, name="eu"), "f", {"a": "1"}),
    ]
    assert len({base, *others}) == 7


def test_text_cannot_move_from_one_label_to_the_next():
    assert alert_key(AM, "", {"a": "bc"}) != alert_key(AM, "", {"ab": "c"})


def test_an_ignored_label_makes_two_replicas_one_alert_though_their_fingerprints_differ():
    one = alert_key(AM, "f1", {"alertname": "Down", "replica": "a"}, {"replica"})
    two = alert_key(AM, "f2", {"alertname": "Down", "replica": "b"}, {"replica"})
    assert one == two


def test_an_alert_without_the_ignored_label_keeps_its_fingerprint():
    assert alert_key(AM, "f1", {"alertname": "Down"}, {"replica"}) != alert_key(
        AM, "f2", {"alertname": "Down"}, {"replica"}
    )
