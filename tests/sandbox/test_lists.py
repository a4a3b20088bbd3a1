from __future__ import annotations

import pytest


def test_a_message_is_found_by_its_tag(pager):
    pager.send(tag="a")
    pager.send(tag="b")
    assert pager.own("GET", "/outgoing?tag=b") == [100002]
    assert pager.own("GET", "/outgoing?tag=c") == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("receiver=%2B33612345678", [100001]),
        ("receiver=0033612345678", [100001]),
        ("receiver=+33612345678", []),  # a plus that is not escaped is a space
        ("sender=ACME", [100001]),
        ("sender=", [100002]),
        ("creationDatetime.from=2023-11-21T11:00:05Z", [100002]),
        ("creationDatetime.from=2023-11-21T12:00:00%2B01:00", [100001, 100002]),
        ("creationDatetime.to=2023-11-21T12:00:00", [100001]),
        ("ptt=4", [100001]),
        ("deliveryReceipt=0", [100002]),
        ("differedDelivery=0", [100001, 100002]),
        ("sender=ACME&ptt=3", []),
    ],
)
def test_messages_are_found_by_each_filter(pager, clock, query, found):
    pager.send()
    clock.advance(5)
    pager.send(receivers=["+33698765432"], sender=None)
    assert pager.own("GET", f"/outgoing?{query}") == found


@pytest.mark.parametrize("query", ["colour=red", "ptt=four", "creationDatetime.from=yesterday"])
def test_a_filter_that_cannot_be_read_is_refused(pager, query):
    assert pager.refused("GET", f"/sms/sms-xx00000-1/outgoing?{query}")[0] == 400


def test_a_sent_message_is_shown_whole(pager, clock):
    pager.send(tag="a1", message="db-1 [down]")
    clock.advance(2)
    assert pager.own("GET", "/outgoing/100001") == {
        "id": 100001,
        "tag": "a1",
        "receiver": "+33612345678",
        "sender": "ACME",
        "message": "db-1 [down]",
        "messageLength": 11,
        "numberOfSms": 1,
        "credits": 1.0,
        "creationDatetime": "2023-11-21T12:00:00+01:00",
        "sentAt": "2023-11-21T12:00:00+01:00",
        "deliveredAt": "2023-11-21T12:00:01+01:00",
        "deliveryReceipt": 1,
        "ptt": 4,
        "differedDelivery": 0,
        "batchID": None,
        "messageID": None,
        "tariffCode": "sandbox",
    }


def test_many_messages_are_read_in_one_call(pager):
    pager.send(receivers=["+33612345678", "+33698765432"])
    one, two, three = pager.own("GET", "/outgoing/100001,100002,7", x_ovh_batch=",")
    assert (one["key"], one["value"]["receiver"]) == ("100001", "+33612345678")
    assert (two["key"], two["value"]["receiver"]) == ("100002", "+33698765432")
    assert three == {"key": "7", "value": None, "error": "The requested object (id = 7) does not exist"}


@pytest.mark.parametrize("path", ["outgoing/7", "jobs/7", "incoming/7", "senders/OTHER", "blacklists/%2B33600000000"])
def test_what_is_not_there_is_not_found(pager, path):
    assert pager.refused("GET", f"/sms/sms-xx00000-1/{path}")[0] == 404


@pytest.mark.parametrize("path", ["outgoing/x", "jobs/x", "incoming/x"])
def test_an_id_is_a_number(pager, path):
    said = (400, "[id] Given data (x) is not valid for type long")
    assert pager.refused("GET", f"/sms/sms-xx00000-1/{path}") == said


def test_a_reply_is_listed_read_and_deleted(pager):
    assert pager.page("POST", "/sandbox/incoming", {"sender": "+33612345678", "message": "ok 12"}).status == 200
    assert pager.own("GET", "/incoming") == pager.own("GET", "/incoming?sender=%2B33612345678") == [100001]
    assert pager.own("GET", "/incoming?creationDatetime.from=2023-11-21T12:00:01%2B01:00") == []
    assert pager.own("GET", "/incoming/100001") == {
        "id": 100001,
        "creationDatetime": "2023-11-21T12:00:00+01:00",
        "credits": 0.0,
        "sender": "+33612345678",
        "message": "ok 12",
        "tag": "",
    }
    pager.own("DELETE", "/incoming/100001")
    assert pager.own("GET", "/incoming") == []
    assert pager.refused("DELETE", "/sms/sms-xx00000-1/incoming/100001")[0] == 404
    assert pager.refused("GET", "/sms/sms-xx00000-1/incoming?ptt=1")[0] == 400


def test_who_answers_stop_gets_no_more_pages_until_taken_off_the_list(sandbox, pager):
    pager.page("POST", "/sandbox/incoming", {"sender": "+33612345678", "message": "stop "})
    assert pager.own("GET", "/blacklists") == ["+33612345678"]
    assert pager.own("GET", "/blacklists/%2B33612345678")["dateCreation"] == "2023-11-21T12:00:00+01:00"
    assert pager.send()["invalidReceivers"] == ["+33612345678"]
    assert sandbox.accepted == []
    pager.own("DELETE", "/blacklists/%2B33612345678")
    assert pager.send()["ids"]
    assert pager.refused("DELETE", "/sms/sms-xx00000-1/blacklists/%2B33612345678")[0] == 404


def test_senders_have_a_status(pager):
    assert pager.own("GET", "/senders") == ["ACME", "NEWNAME"]
    assert pager.own("GET", "/senders/ACME")["status"] == "enable"
    assert pager.own("GET", "/senders/NEWNAME")["status"] == "waitingValidation"


def test_the_account_shows_its_balance_and_takes_a_callback(pager):
    pager.own("PUT", "", {"callBack": "https://pager.example/r", "creditsLeft": 5, "automaticRecreditAmount": 100})
    shown = pager.own("GET")
    assert (shown["callBack"], shown["creditsLeft"], shown["status"]) == ("https://pager.example/r", 1000.0, "enable")
    assert shown["automaticRecreditAmount"] == 100
    assert pager.refused("PUT", "/sms/sms-xx00000-1", {"callBack": "ftp://x"})[0] == 400
    assert pager.refused("PUT", "/sms/sms-xx00000-1", {"callback": None})[0] == 400
    assert pager.refused("PUT", "/sms/sms-xx00000-1", [])[0] == 400


def test_a_status_code_is_explained(pager):
    assert pager("GET", "/sms/ptts?ptt=24")["duration"] == "temporary"
    assert pager("GET", "/sms/ptts?ptt=23")["duration"] == "permanent"
    assert pager.refused("GET", "/sms/ptts?ptt=77")[0] == 404
    assert pager.refused("GET", "/sms/ptts")[0] == 400


@pytest.mark.parametrize(
    ("text", "no_stop", "estimate"),
    [
        ("x" * 160, True, (160, "7bits", 160, 1)),
        ("x" * 150, False, (161, "7bits", 153, 2)),
        ("[x]", True, (5, "7bits", 160, 1)),
        ("ê" * 71, True, (71, "unicode", 67, 2)),
    ],
)
def test_a_text_is_estimated_and_not_sent(sandbox, pager, text, no_stop, estimate):
    body = {"message": text, "noStopClause": no_stop, "senderType": "alpha"}
    characters, alphabet, most, parts = estimate
    assert pager("POST", "/sms/estimate", body) == {
        "characters": characters,
        "charactersClass": alphabet,
        "maxCharactersPerPart": most,
        "parts": parts,
    }
    assert sandbox.accepted == []


def test_an_estimate_needs_all_its_fields(pager):
    assert pager.refused("POST", "/sms/estimate", {"message": "x", "noStopClause": True})[0] == 400
    body = {"message": "x", "noStopClause": True, "senderType": "name"}
    assert pager.refused("POST", "/sms/estimate", body)[0] == 400


@pytest.mark.parametrize(("method", "path"), [("GET", "/me"), ("PATCH", "/sms"), ("POST", "/sms"), ("GET", "")])
def test_an_unknown_call_is_not_found(pager, method, path):
    assert pager.refused(method, path) == (404, "Got an invalid (or empty) URL")
