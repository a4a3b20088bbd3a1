from __future__ import annotations

import json
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest

from alertsms.ovh.auth import access_rules, create_token_url, current_credential, missing_rights, request_credential
from alertsms.ovh.error import Certainty, OvhError
from tests.ovh.peer import http


def test_the_rights_cover_sends_look_ups_receipts_and_the_callback():
    assert access_rules("sms-xy12345-1") == [
        ("GET", "/auth/currentCredential"),
        ("GET", "/sms"),
        ("GET", "/sms/sms-xy12345-1"),
        ("PUT", "/sms/sms-xy12345-1"),
        ("GET", "/sms/sms-xy12345-1/jobs"),
        ("POST", "/sms/sms-xy12345-1/jobs"),
        ("GET", "/sms/sms-xy12345-1/jobs/*"),
        ("GET", "/sms/sms-xy12345-1/virtualNumbers/*"),
        ("POST", "/sms/sms-xy12345-1/virtualNumbers/*/jobs"),
        ("GET", "/sms/sms-xy12345-1/outgoing"),
        ("GET", "/sms/sms-xy12345-1/outgoing/*"),
        ("GET", "/sms/sms-xy12345-1/incoming"),
        ("GET", "/sms/sms-xy12345-1/incoming/*"),
        ("GET", "/sms/sms-xy12345-1/senders"),
        ("GET", "/sms/sms-xy12345-1/senders/*"),
        ("GET", "/sms/sms-xy12345-1/blacklists"),
        ("DELETE", "/sms/sms-xy12345-1/blacklists/*"),
        ("GET", "/sms/ptts"),
        ("POST", "/sms/estimate"),
    ]


def test_without_an_account_the_rights_are_for_any():
    assert ("POST", "/sms/*/jobs") in access_rules(None)


@pytest.mark.parametrize(
    ("rules", "missing"),
    [
        (access_rules("sms-xy12345-1"), []),
        (access_rules(None), []),
        ([(method, "/*") for method in ("GET", "POST", "PUT", "DELETE")], []),
        (
            [("GET", "/*"), ("POST", "/sms/sms-xy12345-1/jobs"), ("POST", "/sms/*/jobs/"), ("PUT", "/sms/other")],
            [
                ("PUT", "/sms/sms-xy12345-1"),
                ("POST", "/sms/sms-xy12345-1/virtualNumbers/*/jobs"),
                ("DELETE", "/sms/sms-xy12345-1/blacklists/*"),
                ("POST", "/sms/estimate"),
            ],
        ),
        (
            [(method, f"/sms/*{end}") for method in ("GET", "POST", "PUT", "DELETE") for end in ("", "/")],
            [("GET", "/auth/currentCredential"), ("GET", "/sms")],
        ),
        ([], access_rules("sms-xy12345-1")),
    ],
    ids=["its own", "of any account", "everything", "some", "the founding guides'", "none"],
)
def test_what_the_rules_of_a_key_do_not_grant(rules, missing):
    assert missing_rights(rules, "sms-xy12345-1") == missing


@pytest.mark.parametrize("service", ["sms-xy12345-1", None])
def test_the_token_page_gets_every_right(service):
    parts = urlsplit(create_token_url("ovh-eu", service))
    assert (parts.scheme, parts.netloc, parts.path) == ("https", "eu.api.ovh.com", "/createToken/")
    assert parse_qsl(parts.query) == access_rules(service)
    assert "GET=/sms&GET=/sms/" in parts.query


def test_an_odd_account_name_cannot_add_a_right():
    query = urlsplit(create_token_url("http://127.0.0.1:9096/1.0", "a&DELETE=/me")).query
    assert ("DELETE", "/me") not in parse_qsl(query)
    assert ("POST", "/sms/a%2Fb/jobs") in access_rules("a/b")


def test_a_consumer_key_is_asked_for_with_the_application_key_alone(peer):
    answer = {"consumerKey": "Ck1", "validationUrl": "https://example.test/auth/?t=1", "state": "pendingValidation"}
    peer.answers(http(200, answer))
    given = request_credential(peer.url, "AppKey7", [("GET", "/sms")], "https://pager.example.test/done")
    assert (given.consumer_key, given.validation_url, given.state) == tuple(answer.values())
    assert json.loads(peer.last.body) == {
        "accessRules": [{"method": "GET", "path": "/sms"}],
        "redirection": "https://pager.example.test/done",
    }
    assert peer.targets() == ["POST /1.0/auth/credential"]
    assert peer.last.headers["x-ovh-application"] == "AppKey7"
    assert "x-ovh-signature" not in peer.last.headers
    assert "Ck1" not in repr(given)


def test_without_a_redirection_none_is_sent(peer):
    peer.answers(http(200, {"consumerKey": "c", "validationUrl": "u"}))
    assert request_credential(peer.url, "AppKey7", [("GET", "/sms")]).state == ""
    assert json.loads(peer.last.body) == {"accessRules": [{"method": "GET", "path": "/sms"}]}


@pytest.mark.parametrize("answer", [[], {"consumerKey": "c"}, {"validationUrl": "u"}, None])
def test_an_answer_without_a_consumer_key_is_an_error(peer, answer):
    peer.answers(http(200, answer))
    with pytest.raises(OvhError, match=r"^credential: unreadable: no consumer key$"):
        request_credential(peer.url, "AppKey7", [])


def test_a_wrong_application_key_is_permanent(peer):
    peer.answers(http(403, {"errorCode": "INVALID_KEY", "message": "This application key is invalid"}))
    with pytest.raises(OvhError) as caught:
        request_credential(peer.url, "AppKey7", [])
    assert caught.value.permanent


def test_the_keys_in_use_say_their_state_and_rights(peer, client):
    rules = [{"method": "GET", "path": "/sms"}, "odd"]
    peer.answers(http(200, {"status": "validated", "expiration": "2030-01-02T03:04:05Z", "rules": rules}))
    known = current_credential(client)
    assert known.status == "validated"
    assert known.expires_at == datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert known.rules == (("GET", "/sms"),)


def test_keys_without_end_and_rules_unread_are_still_read(peer, client):
    peer.answers(http(200, {"status": "validated", "expiration": None}), http(200, []))
    known = current_credential(client)
    assert (known.expires_at, known.rules) == (None, ())
    with pytest.raises(OvhError) as caught:
        current_credential(client)
    assert caught.value.certainty is Certainty.TEMPORARY


def test_the_page_for_keys_moves_with_the_api():
    assert create_token_url("https://api.eu.ovhcloud.com/1.0", None).startswith(
        "https://auth.eu.ovhcloud.com/api/createToken/?GET="
    )
