from __future__ import annotations

import json

import pytest


def seen(pager, path):
    response = pager.page("GET", path)
    assert response.status == 200, response.body
    return json.loads(response.body)


def test_what_was_accepted_can_be_counted_from_outside(pager, clock):
    pager.send(tag="a")
    pager.send(tag="a", receivers=["+33698765432"], message="Ça ê")
    clock.advance(1)
    pager.send(tag="b")
    shown = seen(pager, "/sandbox/messages")
    assert (shown["count"], shown["creditsLeft"]) == (3, 997.0)
    assert shown["tags"] == {"a": 2, "b": 1}
    assert shown["receivers"] == {"+33612345678": 2, "+33698765432": 1}
    assert shown["messages"][1] == {
        "id": 100002,
        "at": "2023-11-21T12:00:00+01:00",
        "receiver": "+33698765432",
        "text": "Ça ê",
        "tag": "a",
        "sender": "ACME",
        "encoding": "UCS-2",
        "units": 4,
        "segments": 1,
        "credits": 1.0,
        "priority": "high",
        "validity": 2880,
        "stop": False,
        "held_until": None,
        "cancelled": False,
        "shown": True,
        "receipt": "delivered",
        "ptt": 4,
    }


def test_what_a_phone_answers_is_shown_beside_what_it_got(pager, clock):
    pager.send()
    clock.advance(61)
    pager.page("POST", "/sandbox/incoming", {"sender": "0033612345678", "message": "ok 42"})
    pager.page("POST", "/sandbox/incoming", {"sender": "+33698765432", "message": "pris"})
    answers = [
        {"id": 100002, "at": "2023-11-21T12:01:01+01:00", "sender": "+33612345678", "text": "ok 42"},
        {"id": 100003, "at": "2023-11-21T12:01:01+01:00", "sender": "+33698765432", "text": "pris"},
    ]
    shown = seen(pager, "/sandbox/messages")
    assert (shown["count"], len(shown["messages"]), shown["replies"]) == (1, 1, answers)
    assert seen(pager, "/sandbox/messages?since=100002")["replies"] == answers[1:]
    assert seen(pager, "/sandbox/messages?last=1")["replies"] == answers[1:]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", [100001, 100002, 100003]),
        ("?since=100001", [100002, 100003]),
        ("?since=100003", []),
        ("?last=1", [100003]),
        ("?since=100001&last=5&counts=no", [100002, 100003]),
    ],
)
def test_a_reader_may_ask_for_what_is_new(pager, query, ids):
    pager.send(receivers=["+33612345678"] * 3)
    shown = seen(pager, f"/sandbox/messages{query}")
    assert [message["id"] for message in shown["messages"]] == ids
    assert shown["count"] == 3
    assert ("tags" in shown) is ("counts=no" not in query)


def test_a_held_message_says_so(pager, clock):
    clock.advance(12 * 3600)
    pager.send(noStopClause=False)
    (message,) = seen(pager, "/sandbox/messages")["messages"]
    assert (message["stop"], message["held_until"]) == (True, "2023-11-22T08:00:00+01:00")


def test_requests_are_counted_by_call_and_answer(pager):
    pager.send()
    pager.send_refused(sender="OTHER")
    pager.refused("GET", "/me")
    assert seen(pager, "/sandbox/counts") == {"calls": {"jobs": {"200": 1, "403": 1}, "unknown": {"404": 1}}}


def test_faults_are_set_seen_replaced_and_removed_while_it_runs(pager):
    assert pager.page("POST", "/sandbox/faults", [{"kind": "500", "times": 3}]).status == 200
    wanted = [{"kind": "delay", "call": "jobs", "seconds": 2.5, "probability": 0.4}, {"kind": "reset_after"}]
    assert pager.page("POST", "/sandbox/faults", wanted).status == 200
    first, second = seen(pager, "/sandbox/faults")
    assert first == {
        "kind": "delay",
        "call": "jobs",
        "receiver": "",
        "sender": "",
        "seconds": 2.5,
        "probability": 0.4,
        "times": None,
        "retry_after": None,
        "status": None,
        "location": "https://api.eu.ovhcloud.com",
        "ptt": 24,
    }
    assert second["kind"] == "reset_after"
    assert pager.page("POST", "/sandbox/faults", [first, second]).status == 200
    assert pager.page("DELETE", "/sandbox/faults").body == b"[]"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"kind": "500"}, "a list of faults belongs here"),
        (["500"], """a fault is an object with a "kind", found '500'"""),
        ([{"kind": "flood"}], "kind: found 'flood', write one of delay, clock_jump, late"),
        ([{"kind": "500", "often": 1}], "often: unknown, write kind, call"),
        ([{"kind": "500", "times": "two"}], "times: found 'two', a int belongs here"),
        ([{"kind": "500", "times": True}], "times: found True, a int belongs here"),
        ([{"kind": "500", "call": "job"}], "call: found 'job', write * or one of time"),
        ([{"kind": "status", "status": 102}], "status: found 102, write a number from 200 to 999"),
        ([{"kind": "redirect", "location": "http://a\nset-cookie: b"}], "write printable ASCII"),
        ([{"kind": "429", "retry_after": "soon\r\n"}], "write printable ASCII"),
        (None, "the body is not JSON"),
    ],
)
def test_a_fault_that_cannot_be_read_changes_nothing(sandbox, pager, body, said):
    pager.page("POST", "/sandbox/faults", [{"kind": "503"}])
    response = pager.page("POST", "/sandbox/faults", body)
    assert response.status == 400
    assert said in json.loads(response.body)["message"]
    assert [fault.kind for fault in sandbox.faults.standing] == ["503"]


def test_a_reset_forgets_traffic_and_faults_but_no_id_comes_twice(sandbox, pager):
    pager.own("PUT", "", {"callBack": "https://pager.example/r"})
    pager.send()
    pager.page("POST", "/sandbox/incoming", {"sender": "+33612345678", "message": "STOP"})
    pager.page("POST", "/sandbox/faults", [{"kind": "503"}])
    assert pager.page("POST", "/sandbox/reset").status == 200
    assert sandbox.accepted == []
    assert seen(pager, "/sandbox/counts") == {"calls": {}}
    assert pager.own("GET", "/incoming") == pager.own("GET", "/blacklists") == []
    assert pager.own("GET")["callBack"] == "https://pager.example/r"
    assert pager.send() == {
        "ids": [100003],
        "validReceivers": ["+33612345678"],
        "invalidReceivers": [],
        "totalCreditsRemoved": 1.0,
        "creditsLeft": 999.0,
        "tag": sandbox.accepted[0].tag,
    }


@pytest.mark.parametrize("body", [[], {"sender": "me", "message": "ok"}, {"message": "ok"}])
def test_a_reply_needs_a_number(pager, body):
    assert pager.page("POST", "/sandbox/incoming", body).status == 400


@pytest.mark.parametrize("path", ["/sandbox/messages?since=x", "/sandbox/messages?last=-1"])
def test_a_number_in_a_query_is_a_number(pager, path):
    assert pager.page("GET", path).status == 400


@pytest.mark.parametrize("path", ["/favicon.ico", "/2.0/sms", "/sandbox"])
def test_other_pages_are_not_there(pager, path):
    assert pager.page("GET", path).status == 404


def test_other_web_pages_cannot_command_the_sandbox(sandbox, pager):
    pager.send()
    assert pager.page("POST", "/sandbox/reset", origin="https://evil.example", host="127.0.0.1:9096").status == 403
    assert len(sandbox.accepted) == 1
    assert pager.page("POST", "/sandbox/reset", origin="http://127.0.0.1:9096", host="127.0.0.1:9096").status == 200


def test_the_phone_page_runs_its_own_script_and_no_other(pager):
    response = pager.page("GET", "/")
    policy = response.headers["content-security-policy"]
    assert b"No message yet" in response.body
    assert policy.startswith("default-src 'none'; connect-src 'self'; img-src data:; style-src 'sha256-")
    assert "script-src 'sha256-" in policy
    assert "unsafe" not in policy
    assert b"innerHTML" not in response.body
    assert b"http" not in response.body.replace(
        b"https?:", b""
    )  # nothing is loaded from anywhere; texts may have links


def test_where_keys_are_made_it_shows_its_own(pager):
    page = pager.page("GET", "/createToken/?GET=/sms/*")
    assert page.status == 200
    for key in ("sandbox-key", "sandbox-secret", "sandbox-consumer"):
        assert key in page.body.decode()
