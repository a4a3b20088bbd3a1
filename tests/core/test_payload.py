from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest

from alertsms.core.alerts.alert import Alert, AlertStatus, Format, Source, alert_key, label_fingerprint
from alertsms.core.alerts.payload import Payload, parse
from alertsms.core.text.subject import summary_of
from tests.core.bodies import AM, am, entry, only

# What Alertmanager sends


def test_an_alert_is_read_whole():
    labels = {"alertname": "QueueStuck", "instance": "mq-7", "severity": "critical"}
    assert only(am(entry())) == Alert(
        source=AM,
        status=AlertStatus.FIRING,
        key=alert_key(AM, "00c0ffee00c0ffee", labels),
        labels=labels,
        annotations={
            "summary": "nothing has left the queue for ten minutes",
            "__source_url__": "http://prom.example.net/graph?g0.expr=queue_out+%3D%3D+0",
        },
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
        ("suppressed", "resolved", "firing"),
        ({"state": "active"}, "resolved", "resolved"),
        ("suppressed", "who knows", "firing"),
        (None, None, "firing"),
        (None, ["resolved"], "firing"),
    ],
)
def test_a_missing_status_takes_the_groups_and_what_nobody_knows_fires(of_the_alert, of_the_group, status):
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


def test_very_long_labels_get_a_fingerprint_of_their_own_that_is_the_same_each_time():
    long = {"alertname": "Dump", "stack": "x" * 70_000}
    assert label_fingerprint(long) == label_fingerprint(dict(reversed(long.items())))
    assert len(label_fingerprint(long)) == 16
    assert label_fingerprint(long) != label_fingerprint(long | {"stack": "y" * 70_000})


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
    assert [alert.labels["alertname"] for alert in body.alerts] == names


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
    assert (alert.source, alert.status, alert.labels["alertname"], alert.starts_at) == (AM, "firing", "Bare", None)


def test_version_three_with_its_integer_group_key_is_alertmanagers():
    assert only(am(entry(), version="3", groupKey=9007199254740993)).source == AM


def test_an_empty_list_pages_nobody():
    assert parse(am()) == Payload(source=AM, alerts=(), group_key='{}/{team="mq"}:{alertname="QueueStuck"}')


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
        {"labels": {"": "c"}},
    ],
)
def test_a_broken_alert_is_counted_and_stops_no_other(broken):
    raw = am(entry(fingerprint="1"), broken, entry(fingerprint="2"))
    body = parse(raw)
    assert [alert.fingerprint for alert in body.alerts] == ["1", "2"]
    assert len(body.unlabelled) == 1


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


def test_the_resolved_sibling_counts_too():
    body = parse(am(entry(), entry(status="resolved", labels={"alertname": "QueueStuck", "instance": "mq-9"})))
    assert [alert.place for alert in body.alerts] == ["mq-7", "mq-9"]


def test_a_separator_inside_a_label_cannot_move_text_to_the_next_one():
    keys = {alert_key(AM, "", labels) for labels in ({"a": "b\0c"}, {"a\0b": "c"}, {"a": "b", "c": ""}, {"a": "b"})}
    assert len(keys) == 4


def test_what_was_left_out_can_be_told():
    body = parse(am(entry(), entry(labels=None), "no object"))
    assert (len(body.alerts), len(body.unlabelled)) == (1, 2)
    assert body.unlabelled == (summary_of(entry()["annotations"]), "no object")
    nothing = parse(am({"annotations": {"note": "disk\nfull", "more": "x"}}, 5, None, {"labels": []}))
    assert nothing.unlabelled == ("disk full x", "5", "", "")


def test_what_a_custom_payload_says_once_counts_for_each_alert():
    """Identities stay those of the entries' own labels."""
    body = am(
        entry(labels={"instance": "mq-7"}, annotations=None, generatorURL=None),
        commonLabels={"alertname": "A", "instance": "mq"},
        commonAnnotations={"summary": "Stuck"},
    )
    alert, alone = only(body), only(am(entry(labels={"instance": "mq-7"}), commonLabels={}))
    assert (alert.labels, alert.annotations) == ({"alertname": "A", "instance": "mq-7"}, {"summary": "Stuck"})
    assert alert.key == alone.key


def test_labels_that_are_always_shown_come_first_and_once():
    labels = {"instance": "web-01:9100", "site": "par", "namespace": "shop", "deployment": "web"}
    for show, expected in (
        (("site",), "par shop/web"),
        (("site", "nowhere", "namespace"), "par shop/web"),
        (("instance",), "web-01:9100 shop/web"),
    ):
        assert only(am(entry(labels=labels), commonLabels={}), show_labels=show).place == expected
    assert only(am(entry(labels={"site": "par"}), commonLabels={}), show_labels=("site",)).place == "par"
