from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from typing import Any

import pytest

from alertsms.core.alert import Alert, Format, Source, Status, alert_key
from alertsms.core.payload import Body, PayloadError, Reason, parse
from alertsms.core.signature import label_fingerprint

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


def refused(raw: bytes) -> tuple[int, Reason, str]:
    with pytest.raises(PayloadError) as error:
        parse(raw)
    return error.value.status, error.value.reason, str(error.value)


# What Alertmanager sends


def test_an_alert_is_read_whole():
    labels = {"alertname": "QueueStuck", "instance": "mq-7", "severity": "critical"}
    assert only(am(entry())) == Alert(
        source=AM,
        status=Status.FIRING,
        key=alert_key(AM, "00c0ffee00c0ffee", labels),
        labels=labels,
        annotations={"summary": "nothing has left the queue for ten minutes"},
        fingerprint="00c0ffee00c0ffee",
        starts_at=datetime(2026, 3, 14, 1, 59, 26, 535897, UTC),
        receiver="pager",
        place="mq-7",
    )


def test_a_firing_group_can_carry_a_resolved_alert():
    body = parse(am(entry(), entry(status="resolved", endsAt="2026-03-14T04:00:00+02:00", fingerprint="b")))
    assert [alert.status for alert in body.alerts] == ["firing", "resolved"]
    assert [alert.ends_at for alert in body.alerts] == [None, datetime(2026, 3, 14, 2, 0, tzinfo=UTC)]


def test_the_end_that_a_firing_alert_carries_is_not_believed():
    assert only(am(entry(endsAt="2026-03-14T02:04:26Z"))).ends_at is None


@pytest.mark.parametrize(
    ("of_the_alert", "of_the_group", "status"),
    [
        (None, "resolved", "resolved"),
        (None, "firing", "firing"),
        ("RESOLVED", "firing", "resolved"),
        (" Firing ", "resolved", "firing"),
        ("suppressed", "resolved", "resolved"),
        ({"state": "active"}, "resolved", "resolved"),
        ("suppressed", "who knows", "firing"),
        (None, None, "firing"),
        (None, ["resolved"], "firing"),
    ],
)
def test_an_odd_status_takes_the_groups_and_what_nobody_knows_fires(of_the_alert, of_the_group, status):
    assert only(am(entry(status=of_the_alert), status=of_the_group)).status == status


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-03-14T01:59:26Z", datetime(2026, 3, 14, 1, 59, 26, tzinfo=UTC)),
        ("2026-03-14t01:59:26.5z", datetime(2026, 3, 14, 1, 59, 26, 500000, UTC)),
        ("2026-03-14T01:59:26.123456789+05:30", datetime(2026, 3, 13, 20, 29, 26, 123456, UTC)),
        ("2026-03-14T01:59:26.62281314-08:00", datetime(2026, 3, 14, 9, 59, 26, 622813, UTC)),
        ("0001-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("1970-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59-12:00", None),
        ("2026-03-14T01:59:26", None),
        ("2026-02-30T01:59:26Z", None),
        ("half past nine", None),
        ("", None),
        ("\ud800", None),
        (1773453566, None),
        ({}, None),
        (None, None),
    ],
)
def test_a_time_is_the_senders_or_unknown(text, at):
    alert = only(am(entry(status="resolved", startsAt=text, endsAt=text)))
    assert (alert.starts_at, alert.ends_at) == (at, at)


def test_a_missing_fingerprint_is_the_one_alertmanager_would_have_given():
    assert label_fingerprint({"instance": "Grafana", "alertname": "TestAlert"}) == "57c6d9296de2ad39"
    assert label_fingerprint({}) == "cbf29ce484222325"
    labels = {"instance": "Grafana", "alertname": "TestAlert"}
    computed, given_ = (
        only(am(entry(labels=labels, fingerprint=None))),
        only(am(entry(labels=labels, fingerprint="57c6d9296de2ad39"))),
    )
    assert computed.fingerprint == "57c6d9296de2ad39"
    assert computed.key == given_.key


def test_one_fingerprint_over_different_labels_is_different_alerts():
    body = parse(am(entry(), entry(labels={"alertname": "QueueStuck", "instance": "mq-8"})))
    assert len({alert.key for alert in body.alerts}) == 2


def test_an_alert_that_is_listed_twice_is_there_twice_under_one_key():
    body = parse(am(entry(), entry()))
    assert len(body.alerts) == 2
    assert len({alert.key for alert in body.alerts}) == 1


def test_the_order_of_the_sender_is_kept():
    names = [f"Alert{number}" for number in random.Random(3).sample(range(100), 30)]
    body = parse(am(*(entry(labels={"alertname": name}) for name in names)))
    assert [alert.name for alert in body.alerts] == names


@pytest.mark.parametrize(
    ("sent", "receiver"),
    [
        ("mq\\.pager \\(eu\\)", "mq.pager (eu)"),
        ("\\\\\\^\\$\\|\\[\\]\\{\\}\\+\\*\\?", "\\^$|[]{}+*?"),
        ("CORP\\pager", "CORP\\pager"),
        ("shop/paging/sms", "shop/paging/sms"),
        (7, "7"),
        (None, ""),
        (["x"], ""),
    ],
)
def test_the_receiver_is_unquoted(sent, receiver):
    assert only(am(entry(), receiver=sent)).receiver == receiver


@pytest.mark.parametrize(
    ("sent", "truncated"),
    [(3, 3), ("12", 12), (None, 0), (-4, 0), ("many", 0), (2.5, 0), (True, 0), ([], 0), ("²", 0), (10**30, 0)],
)
def test_the_count_of_truncated_alerts_survives_anything(sent, truncated):
    body = parse(am(entry(), truncatedAlerts=sent))
    assert (body.truncated, body.alerts[0].truncated) == (truncated, truncated)


def test_a_custom_payload_needs_no_more_than_labels():
    alert = only(b'{"alerts": [{"labels": {"alertname": "Bare"}}], "numFiring": 1}')
    assert (alert.source, alert.status, alert.name, alert.starts_at) == (AM, "firing", "Bare", None)


def test_version_three_with_its_integer_group_key_is_alertmanagers():
    assert only(am(entry(), version="3", groupKey=9007199254740993)).source == AM


def test_an_empty_list_pages_nobody():
    assert parse(am()) == Body(source=AM, alerts=())


def test_the_name_in_the_url_is_part_of_the_source():
    assert parse(am(entry()), name="eu").source == Source(format=Format.ALERTMANAGER, name="eu")
    assert only(am(entry()), name="eu").key != only(am(entry()), name="us").key


def test_ignored_labels_make_two_replicas_one():
    def of(replica: str) -> bytes:
        labels = {"alertname": "QueueStuck", "replica": replica}
        return only(am(entry(labels=labels, fingerprint=f"f{replica}")), ignore_labels=["replica"]).key

    assert of("a") == of("b")


# Labels and text as nobody should send them


@pytest.mark.parametrize(
    "broken",
    [
        "text",
        5,
        None,
        [],
        {},
        {"labels": None},
        {"labels": []},
        {"labels": {}},
        {"labels": {"a": None, "b": "", "": "c"}},
    ],
)
def test_a_broken_alert_is_counted_and_stops_no_other(broken):
    raw = am(entry(fingerprint="1"), broken, entry(fingerprint="2"))
    body = parse(raw)
    assert [alert.fingerprint for alert in body.alerts] == ["1", "2"]
    assert body.skipped == 1


def test_scalars_become_text_and_the_rest_is_left_out():
    raw = (
        b'{"alerts": [{"labels": {"port": 8080, "ratio": 1.50, "up": true, "ok": false, "none": null, "empty": "",'
        b' "list": ["x"], "map": {}, "big": 18446744073709551617, "nan": NaN, "inf": -Infinity}}]}'
    )
    assert only(raw).labels == {
        "port": "8080",
        "ratio": "1.50",
        "up": "true",
        "ok": "false",
        "big": "18446744073709551617",
        "nan": "NaN",
        "inf": "-Infinity",
    }


def test_an_empty_label_is_an_absent_one():
    labels = {"alertname": "QueueStuck", "instance": "mq-7", "severity": "critical"}
    assert only(am(entry(labels=labels | {"zone": ""}))).key == only(am(entry(labels=labels))).key


def test_an_integer_of_five_thousand_digits_is_text_like_any_other():
    digits = b"7" * 5000
    alert = only(b'{"truncatedAlerts": %b, "alerts": [{"labels": {"n": %b}}]}' % (digits, digits))
    assert alert.labels == {"n": "7" * 4096}
    assert alert.truncated == 0


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (b"nul \\u0000 bell \\u0007 raw \x01 del \x7f", "nul � bell � raw � del �"),
        (b"half \\ud83d pair", "half � pair"),
        (b"whole \\ud83d\\ude00 pair", "whole 😀 pair"),
        (b"latin \xe9t\xe9", "latin �t�"),
        ("déjà vu, 25 °C".encode(), "déjà vu, 25 °C"),
        (b"two\\nlines\\tand a tab", "two\nlines\tand a tab"),
    ],
)
def test_text_is_scrubbed_of_what_cannot_be_stored(sent, kept):
    raw = b'\xef\xbb\xbf{"alerts": [{"labels": {"%b": "%b"}, "annotations": {"summary": "%b"}}]}' % (sent, sent, sent)
    alert = only(raw)
    assert alert.labels == {kept: kept}
    assert alert.annotations == {"summary": kept}


def test_the_last_of_two_equal_keys_counts():
    assert only(b'{"alerts": [], "alerts": [{"labels": {"a": "1", "a": "2"}}]}').labels == {"a": "2"}


def test_long_texts_are_cut_only_after_they_were_told_apart():
    body = parse(am(*(entry(labels={"alertname": "x" * 9000 + end}) for end in "ab")))
    assert [alert.labels["alertname"] for alert in body.alerts] == ["x" * 4096] * 2
    assert len({alert.key for alert in body.alerts}) == 2


def test_bytes_that_are_replaced_still_tell_two_alerts_apart():
    raw = b'{"alerts": [{"labels": {"a": "\xe8"}}, {"labels": {"a": "\xe9"}}, {"labels": {"a": "\\u0000"}}]}'
    assert len({alert.key for alert in parse(raw).alerts}) == 3


def test_no_more_than_256_labels_are_kept():
    assert len(only(am(entry(labels={f"l{number}": "x" * 20 for number in range(300)}))).labels) == 256


# Grafana


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
    assert (alert.labels, alert.name) == (labels, "Queue length")


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


# What is refused, and with which words


@pytest.mark.parametrize(
    ("raw", "status", "reason", "sentence"),
    [
        (b"", 400, "not_json", "The body is not JSON: it is empty."),
        (b"\n ", 400, "not_json", "The body is not JSON: it is empty."),
        (b"alert=1", 400, "not_json", "The body is not JSON: Expecting value at line 1, column 1."),
        (
            b'{"alerts": [],\n}',
            400,
            "not_json",
            "The body is not JSON: Expecting property name enclosed in double quotes at line 2, column 1.",
        ),
        (b'"alerts"', 400, "no_object", "The body is JSON but neither an object nor an array, so no alert."),
        (b"12", 400, "no_object", "The body is JSON but neither an object nor an array, so no alert."),
        (b"null", 400, "no_object", "The body is JSON but neither an object nor an array, so no alert."),
        (
            b'{"title": "x", "aggregation_key": "y"}',
            422,
            "unknown_shape",
            "This is no alert body: no `alerts` list among its keys (title, aggregation_key).",
        ),
        (b"{}", 422, "unknown_shape", "This is no alert body: no `alerts` list among its keys (there are none)."),
        (
            b'{"alerts": null, "state": 5}',
            422,
            "unknown_shape",
            "This is no alert body: no `alerts` list among its keys (alerts, state).",
        ),
        (b"[]", 422, "unknown_shape", "This is no alert body: an array of 0 entries."),
        (
            b'[{"metric": 1}, 2]',
            422,
            "unknown_shape",
            "This is no alert body: an array of 2 entries, its first entry having keys (metric).",
        ),
        (
            b'[{"labels": {"alertname": "QueueStuck"}, "generatorURL": ""}]',
            422,
            "prometheus",
            (
                "This array is what Prometheus, vmalert or a ruler sends to an Alertmanager (POST /api/v2/alerts), "
                "not a webhook body: point that sender at an Alertmanager, and the Alertmanager's webhook_configs here."
            ),
        ),
    ],
)
def test_what_is_refused_is_told_in_one_sentence(raw, status, reason, sentence):
    assert refused(raw) == (status, reason, sentence)


@pytest.mark.parametrize("opening", [b"[", b'{"alerts":', b'{"alerts":[{"labels":{"a":'])
def test_a_body_that_is_nested_too_deeply_is_refused(opening):
    deep = opening + b"[" * 200_000 + b"]" * 200_000
    assert refused(deep) == (400, "too_deep", "The body is nested too deeply to be an alert body.")


def test_the_keys_in_a_refusal_are_bounded_and_clean():
    names = ["bell\x07", "k" * 1000, *(f"k{number}" for number in range(500))]
    _, _, sentence = refused(json.dumps(dict.fromkeys(names, 1)).encode())
    assert sentence.startswith(
        "This is no alert body: no `alerts` list among its keys (bell�, " + "k" * 40 + ", k0, k1"
    )
    assert sentence.endswith(", k9 and 490 more).")


# Siblings


def test_the_resolved_sibling_counts_too():
    body = parse(am(entry(), entry(status="resolved", labels={"alertname": "QueueStuck", "instance": "mq-9"})))
    assert [alert.place for alert in body.alerts] == ["mq-7", "mq-9"]


def test_a_separator_inside_a_label_cannot_move_text_to_the_next_one():
    keys = {alert_key(AM, "", labels) for labels in ({"a": "b\0c"}, {"a\0b": "c"}, {"a": "b", "c": ""}, {"a": "b"})}
    assert len(keys) == 4
