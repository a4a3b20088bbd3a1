"""Answering over HTTP: for one incident or several, for good or for a while."""

from __future__ import annotations

import pytest

from alertsms.store.error import StoreError
from tests.support.house import House
from tests.web.test_app import token


def post(house: House, path: str, body: object, status: int = 200):
    answer = house.client.post(f"/api/v1/incidents{path}", json=body, headers=token(house))
    assert answer.status_code == status, answer.text
    return answer.json


def brief(said) -> list[tuple[int, str, str]]:
    return [(each["number"], each["result"], each["by"]) for each in said["outcomes"]]


def test_somebody_takes_one_incident(house):
    house.fire("web-01", "web-02")
    said = post(house, "/1/ack", {"by": "alice"})
    assert brief(said) == [(1, "taken", "alice")]
    assert (said["outcomes"][0]["incident"]["state"], said["along"]) == ("acknowledged", [])
    assert house.metric("acknowledged_total", by="api") == 1
    assert brief(post(house, "/1/ack", {"by": "bob"})) == [(1, "already", "alice")]


def test_several_at_once_and_everything_that_is_open(house):
    house.fire("web-01", "web-02", "web-03", "web-04")
    said = post(house, "/ack", {"numbers": [1, 2, 99], "by": "alice", "via": "command"})
    assert brief(said) == [(1, "taken", "alice"), (2, "taken", "alice"), (99, "unknown", "")]
    assert brief(post(house, "/ack", {"all": True, "by": "bob"})) == [(3, "taken", "bob"), (4, "taken", "bob")]
    assert post(house, "/ack", {"all": True, "by": "bob"}) == {"outcomes": [], "along": []}
    assert (house.metric("acknowledged_total", by="command"), house.metric("acknowledged_total", by="api")) == (2, 2)


def test_a_while(house):
    house.fire()
    one = post(house, "/1/snooze", {"by": "alice", "for": "2h"})["outcomes"][0]["incident"]
    assert (one["reason"], one["acknowledged_at"], one["snoozed_until"]) == (
        "snoozed",
        "2026-03-03T02:10:00Z",
        "2026-03-03T04:10:00Z",
    )


def test_what_is_over(house):
    house.fire()
    assert brief(post(house, "/1/resolve", {"by": "alice"})) == [(1, "taken", "")]
    assert brief(post(house, "/resolve", {"numbers": [1], "by": "alice"})) == [(1, "over", "")]


def test_a_body_nested_without_end_is_no_object(house):
    deep = {"data": b"[" * 100_000, "content_type": "application/json", "headers": token(house)}
    for path in ("incidents/ack", "pauses", "send"):
        answer = house.client.post(f"/api/v1/{path}", **deep)
        assert (answer.status_code, "error" in answer.json) == (404 if path == "send" else 400, True)
    receipt = house.client.post(f"/ovh/receipt/{house.app.keys.receipt_secret}", **deep)
    assert receipt.status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "status", "sentence"),
    [
        ("/1/ack", {}, 400, 'by: write who answers, such as {"by": "alice"}.'),
        ("/1/ack", {"by": "  "}, 400, 'by: write who answers, such as {"by": "alice"}.'),
        ("/1/ack", ["alice"], 400, 'by: write who answers, such as {"by": "alice"}.'),
        ("/9/ack", {"by": "alice"}, 404, "There is no #9, or it was deleted when `retention` was over."),
        ("/9/resolve", {"by": "alice"}, 404, "There is no #9, or it was deleted when `retention` was over."),
        ("/ack", {"by": "alice"}, 400, 'numbers: a list of at most 1000, such as {"numbers": [42]}, or "all": true.'),
        ("/ack", {"by": "alice", "numbers": ["#1"]}, 400, "'#1' is no number of an incident, write 42 for #42."),
        ("/ack", {"by": "alice", "numbers": [True]}, 400, "True is no number of an incident, write 42 for #42."),
        (
            "/99999999999999999999/ack",
            {"by": "alice"},
            400,
            "99999999999999999999 is no number of an incident, write 42 for #42.",
        ),
        ("/1/snooze", {"by": "alice", "for": "8d"}, 400, "for: from 1m to 1w, write for example 2h."),
        ("/1/snooze", {"by": "alice", "for": "1s"}, 400, "for: from 1m to 1w, write for example 2h."),
    ],
)
def test_what_cannot_be_done_is_said(house, path, body, status, sentence):
    house.fire()
    assert post(house, path, body, status)["error"] == sentence


def test_a_snooze_says_for_how_long(house):
    house.fire()
    assert post(house, "/1/snooze", {"by": "alice"}, 400)["error"].startswith("for: ")


def test_nobody_answers_without_the_token(house):
    house.fire()
    for act in ("ack", "snooze", "resolve"):
        assert house.client.post(f"/api/v1/incidents/1/{act}", json={"by": "eve", "for": "2h"}).status_code == 403
        assert house.client.post(f"/api/v1/incidents/{act}", json={"by": "eve", "all": True}).status_code == 403


def test_a_store_that_takes_nothing_is_a_503(house, monkeypatch):
    def fail(work):
        raise StoreError("the disk is full")

    house.fire()
    monkeypatch.setattr(house.app.store, "transact", fail)
    answer = house.client.post("/api/v1/incidents/1/ack", json={"by": "alice"}, headers=token(house))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
