from __future__ import annotations

import gzip
import json

import pytest

from alertsms.core.alerts.payload import MAX_ALERTS, parse
from alertsms.core.incidents.refusal import PayloadError, RefusalReason


def refused(raw: bytes) -> tuple[int, RefusalReason, str]:
    with pytest.raises(PayloadError) as error:
        parse(raw)
    return error.value.status, error.value.reason, str(error.value)


@pytest.mark.parametrize(
    ("raw", "status", "reason", "sentence"),
    [
        (b"", 400, "not_json", "The body is not JSON: it is empty."),
        (b"\n ", 400, "not_json", "The body is not JSON: it is empty."),
        (
            gzip.compress(b'{"alerts": []}', mtime=0),
            400,
            "not_json",
            "The body is not JSON: it is compressed with gzip, send it as it is.",
        ),
        (
            '{"alerts": []}'.encode("utf-16"),
            400,
            "not_json",
            "The body is not JSON: it is UTF-16, or full of zero bytes: send UTF-8.",
        ),
        (b"alert=1", 400, "not_json", "The body is not JSON: Expecting value at line 1, column 1."),
        (
            b'{"alerts": []\n"status": 1}',
            400,
            "not_json",
            "The body is not JSON: Expecting ',' delimiter at line 2, column 1.",
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


def test_a_body_of_too_many_alerts_is_refused_before_they_are_read():
    raw = json.dumps({"alerts": [0] * (MAX_ALERTS + 1)}).encode()
    assert refused(raw) == (
        413,
        "too_many",
        (
            "The body lists 10001 alerts, at most 10000 are taken: set max_alerts, to 1000 for example, in the "
            "sender's webhook settings, or group by more labels."
        ),
    )
