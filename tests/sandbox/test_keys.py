from __future__ import annotations

import json

import pytest

from alertsms.sandbox import AccessRule, ErrorShape, KeyState, Request, Sandbox, SandboxAccount, SigningSecrets
from alertsms.sandbox.keys import granted, signature
from tests.sandbox.pager import Pager

SECRET, CONSUMER = "EXEgWIz07P0HYwtQDs7cNIqCiQaWSuHF", "MtSwSrPpNjqfVSmJhLbPyr2i45lSwPU1"
ACCOUNT = "https://eu.api.ovh.com/1.0/sms/sms-ab12345-1"
REST = '"noStopClause":true,"priority":"high","receivers":["+33612345678"],"sender":"OPS","tag":"a1b2c3d4e5f60718"}'
RAW = '{"message":"Alerte: défaut réseau à Orléans, coût 5€",' + REST
ESCAPED = '{"message":"Alerte: d\\u00e9faut r\\u00e9seau \\u00e0 Orl\\u00e9ans, co\\u00fbt 5\\u20ac",' + REST
EMOJI = '{"message":"🔥 disque /var à 95% — “srv-1”",' + REST
DATED = (
    f"{ACCOUNT}/outgoing?creationDatetime.from=2024-01-01T00%3A00%3A00%2B01%3A00"
    "&receiver=%2B33612345678&tag=a1b2c3d4e5f60718"
)


def test_the_signature_is_the_one_in_the_guide():
    asked = Request(method="GET", url="https://eu.api.ovh.com/1.0/domain/")
    keys = SigningSecrets(application_key="any", application_secret=SECRET, consumer_key=CONSUMER)
    assert signature(keys, asked, "1366560945") == "$1$6a77f43f2871db97a029f1d1d81c4dcd3c6f7265"


@pytest.mark.parametrize(
    ("method", "url", "body", "stamp", "signed"),
    [
        ("POST", f"{ACCOUNT}/jobs", RAW, 1700000000, "$1$b852bc243483a4840f18f69a171774743aae02f7"),
        ("POST", f"{ACCOUNT}/jobs", ESCAPED, 1700000000, "$1$dfaf4eef5f7d34e847c6e37079020511f753de88"),
        ("POST", f"{ACCOUNT}/jobs", EMOJI, 1700000001, "$1$9ae3b0cf44f5de8c460b0f04820117a55048747c"),
        ("GET", DATED, "", 1700000002, "$1$d191201ef387edc36114e0e1ef022735ba9415a1"),
    ],
)
def test_bytes_and_url_are_signed_as_sent(method, url, body, stamp, signed):
    sandbox = Sandbox(
        secrets=SigningSecrets(application_secret=SECRET, consumer_key=CONSUMER),
        account=SandboxAccount("sms-ab12345-1", senders={"OPS": "enable"}),
        wall=lambda: stamp,
    )
    headers = {
        "x-ovh-application": "sandbox-key",
        "x-ovh-consumer": CONSUMER,
        "x-ovh-timestamp": str(stamp),
        "x-ovh-signature": signed,
    }
    asked = Request(method=method, url=url, headers=headers, body=body.encode())
    assert sandbox.answer(asked).status == 200
    other = Request(method=method, url=url, headers=headers, body=body.encode() + b" ")
    assert json.loads(sandbox.answer(other).body)["errorCode"] == "INVALID_SIGNATURE"


def test_an_empty_query_may_not_keep_its_question_mark(pager):
    assert pager.refused("GET", "/sms?") == (400, "Invalid signature")


def test_a_timestamp_may_be_a_minute_off_and_no_more(pager, clock):
    now = int(clock())
    assert pager("GET", "/sms", stamp=str(now - 60)) == ["sms-xx00000-1"]
    assert pager.refused("GET", "/sms", stamp=str(now - 61)) == (400, "Query out of time")
    assert pager.refused("GET", "/sms", stamp=str(now + 61)) == (400, "Query out of time")
    assert pager.refused("GET", "/sms", stamp="soon") == (400, "Query out of time")


def test_the_clock_can_be_read_without_a_key(pager, clock):
    assert pager.page("GET", "/1.0/auth/time").body == b"1700564400"
    clock.advance(0.9)
    assert pager.page("GET", "/v1/auth/time").body == b"1700564400"


def test_each_wrong_key_has_its_error(pager):
    assert pager.refused("GET", "/sms", x_ovh_application="other") == (403, "This application key is invalid")
    pager.key = "nobody"
    assert pager.refused("GET", "/sms") == (403, "This credential does not exist")
    unsigned = pager.page("GET", "/1.0/sms")
    assert (unsigned.status, json.loads(unsigned.body)["message"]) == (401, "You must login first")


def test_a_signature_from_another_secret_is_invalid(sandbox, pager):
    stranger = Pager(Sandbox(secrets=SigningSecrets(application_secret="other"), wall=sandbox.wall), sandbox.wall)
    response = sandbox.answer(stranger.request("GET", "/sms"))
    assert (response.status, json.loads(response.body)["errorCode"]) == (400, "INVALID_SIGNATURE")


def test_a_key_expires(sandbox, pager, clock):
    rule = AccessRule(method="GET", path="/sms")
    pager.key = sandbox.keys.grant([rule], now=clock(), expires_at=clock() + 10).key
    assert pager("GET", "/sms") == ["sms-xx00000-1"]
    clock.advance(10)
    assert pager.refused("GET", "/sms") == (403, "This credential is not valid")


@pytest.mark.parametrize(
    ("path", "asked", "allowed"),
    [
        ("/sms", "/sms", True),
        ("/sms", "/sms/", False),
        ("/sms/", "/sms", False),
        ("/sms/*", "/sms", False),
        ("/sms/*", "/sms/a/jobs/1", True),
        ("/sms/*/jobs", "/sms/a/jobs", True),
        ("/sms/*/jobs", "/sms/a/jobs/1", False),
        ("/*", "/sms", True),
    ],
)
def test_a_rule_means_its_path_to_the_letter(path, asked, allowed):
    assert granted((AccessRule(method="GET", path=path),), "GET", asked) is allowed
    assert not granted((AccessRule(method="POST", path=path),), "GET", asked)


def test_the_default_key_may_read_sms_but_not_sms_slash(pager):
    """The founding guides' link grants GET /sms/ alone, and callers of GET /sms are refused: both differ here too."""
    assert pager("GET", "/sms") == ["sms-xx00000-1"]
    assert pager.refused("GET", "/sms/") == (403, "This call has not been granted")


def test_a_key_is_asked_for_validated_and_used(sandbox, pager):
    body = {"accessRules": [{"method": "GET", "path": "/sms"}], "redirection": "https://ops.example/done"}
    made = pager("POST", "/auth/credential", body)
    pager.key = made["consumerKey"]
    assert made["state"] == "pendingValidation"
    assert pager.refused("GET", "/sms") == (403, "This credential is not valid")
    link = made["validationUrl"].removeprefix("http://sandbox.test")
    opened = pager.page("GET", link)
    assert (opened.status, opened.headers["location"]) == (302, "https://ops.example/done")
    assert pager("GET", "/sms") == ["sms-xx00000-1"]
    assert pager.refused("GET", "/auth/currentCredential") == (403, "This call has not been granted")
    assert sandbox.keys.consumers[pager.key].state is KeyState.VALIDATED


def test_a_validation_link_without_redirection_says_that_it_worked(pager):
    made = pager("POST", "/auth/credential", {"accessRules": [{"method": "GET", "path": "/*"}], "redirection": None})
    opened = pager.page("GET", made["validationUrl"].removeprefix("http://sandbox.test"))
    assert b"The key is validated" in opened.body
    assert pager.page("GET", "/sandbox/validate?credentialToken=guess").status == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"accessRules": []},
        {"accessRules": [{"method": "FETCH", "path": "/sms"}]},
        {"accessRules": [{"method": "GET", "path": "sms"}]},
        {"accessRules": [{"method": "GET", "path": "/sms"}], "redirection": "javascript:1"},
        {"accessRules": [{"method": "GET", "path": "/sms"}], "name": "x"},
    ],
)
def test_a_key_needs_rules_that_can_be_read(pager, body):
    assert pager.refused("POST", "/auth/credential", body)[0] == 400


def test_the_current_key_can_be_looked_at(pager):
    shown = pager("GET", "/auth/currentCredential")
    assert (shown["status"], shown["creation"], shown["expiration"]) == ("validated", "2023-11-21T12:00:00+01:00", None)
    assert {"method": "GET", "path": "/sms"} in shown["rules"]


def test_errors_come_in_both_of_ovhclouds_shapes(clock):
    old, new = Pager(Sandbox(wall=clock), clock), Pager(Sandbox(wall=clock, errors=ErrorShape.NEW), clock)
    answer = old.answer("GET", "/sms/sms-other-1")
    assert json.loads(answer.body) == {
        "errorCode": "NOT_GRANTED_CALL",
        "httpCode": "403 Forbidden",
        "message": "This call has not been granted",
    }
    assert answer.headers["x-ovh-queryid"] == "SANDBOX.655c8db0.1"
    assert json.loads(new.answer("GET", "/nothing").body) == {
        "class": "Client::NotFound",
        "message": "Got an invalid (or empty) URL",
        "details": {},
    }


def test_another_account_does_not_exist(sandbox, pager, clock):
    pager.key = sandbox.keys.grant([AccessRule(method="GET", path="/*")], now=clock()).key
    assert pager.refused("GET", "/sms/sms-other-1") == (404, "This service does not exist")
