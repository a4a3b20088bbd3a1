from __future__ import annotations

import logging
import threading
import traceback

import pytest

from alertsms.ovh.client import ApiCall
from alertsms.ovh.connection import Credentials, sign
from alertsms.ovh.error import Certainty, OvhError, Scope
from tests.ovh.conftest import KEYS
from tests.ovh.peer import http


def test_the_url_sent_is_the_url_signed(peer, client):
    peer.answers(http(200, []))
    client.get(
        "/sms/sms-%C3%A9/outgoing/1,2",
        call="x",
        params={"receiver": "+33612345678", "at": "é ,", "no": None, "up": True},
    )
    target = "/1.0/sms/sms-%C3%A9/outgoing/1,2?receiver=%2B33612345678&at=%C3%A9%20%2C&up=true"
    assert peer.targets() == [f"GET {target}"]
    url = f"http://127.0.0.1:{peer.port}{target}"
    at = int(peer.last.headers["x-ovh-timestamp"])
    assert peer.last.headers["x-ovh-signature"] == sign("AppSecret8", "ConsumerKey9", "GET", url, b"", at)


def test_letters_beyond_ascii_in_a_path_are_signed_as_they_are_sent(peer, client):
    peer.answers(http(200, []))
    client.get("/sms/é", call="x")
    url = f"http://127.0.0.1:{peer.port}/1.0/sms/%C3%A9"
    assert peer.last.target == "/1.0/sms/%C3%A9"
    assert peer.last.headers["x-ovh-signature"] == sign("AppSecret8", "ConsumerKey9", "GET", url, b"", 1_700_000_000)


def test_parameters_that_are_all_absent_leave_no_question_mark(peer, client):
    peer.answers(http(200, []))
    client.get("/sms", call="x", params={"tag": None})
    assert peer.last.target == "/1.0/sms"


def test_each_method_arrives_with_its_body_and_the_answer_comes_back(peer, client):
    peer.answers(http(200, {"a": 1}), http(200, None), http(204, b""), http(200, b"\xef\xbb\xbf[1]"))
    assert client.change("POST", "/p", call="x", body={"text": "é"}) == {"a": 1}
    assert client.change("PUT", "/q", call="x", body={"callBack": None}) is None
    assert client.change("DELETE", "/r", call="x") is None
    assert client.get("/s", call="x") == [1]
    assert peer.targets() == ["POST /1.0/p", "PUT /1.0/q", "DELETE /1.0/r", "GET /1.0/s"]
    assert [seen.body for seen in peer.seen[1:]] == [b'{"text":"\\u00e9"}', b'{"callBack":null}', b"", b""]
    assert peer.seen[1].headers["content-type"] == "application/json;charset=utf-8"
    assert "content-type" not in peer.last.headers


def test_the_time_is_asked_once_without_a_signature(peer, client):
    peer.answers(http(200, []), http(200, []))
    client.get("/sms", call="x")
    client.get("/sms", call="x")
    asked = [seen for seen in peer.seen if seen.target == "/1.0/auth/time"]
    assert len(asked) == 1
    assert "x-ovh-signature" not in asked[0].headers
    assert "x-ovh-consumer" not in asked[0].headers


def test_a_call_without_signature_needs_no_time(peer, client):
    peer.answers(http(200, {}))
    client.answer(ApiCall(name="x", method="POST", path="/auth/credential", body={}, signed=False))
    assert [seen.target for seen in peer.seen] == ["/1.0/auth/credential"]
    assert peer.last.headers["x-ovh-application"] == "AppKey7"
    assert "x-ovh-signature" not in peer.last.headers


def test_the_timestamp_is_ovhclouds_whatever_the_wall_clock_says(peer, client_of):
    now = [500.0]
    client = client_of(peer.url, wall=lambda: 1_600_000_000.0, monotonic=lambda: now[0])
    assert client.offset_seconds is None
    peer.answers(http(200, []), http(200, []))
    client.get("/sms", call="x")
    now[0] += 7
    client.get("/sms", call="x")
    assert peer.last.headers["x-ovh-timestamp"] == "1700000007"
    assert client.offset_seconds == 100_000_007.0


@pytest.mark.parametrize(
    "refusal",
    [
        {"errorCode": "QUERY_TIME_OUT", "httpCode": "400 Bad Request", "message": "Query out of time"},
        {"errorCode": "INVALID_SIGNATURE", "httpCode": "400 Bad Request", "message": "Invalid signature"},
        {"class": "Client::BadRequest", "message": "Invalid signature"},
    ],
)
def test_a_time_error_is_known_not_done_and_the_next_call_carries_the_corrected_time(peer, client_of, refusal):
    client = client_of(peer.url, monotonic=lambda: 500.0)
    peer.answers(http(200, []), http(400, refusal), http(200, {}))
    client.get("/sms", call="x")
    peer.time += 3600
    with pytest.raises(OvhError) as caught:
        client.change("POST", "/jobs", call="send", body={})
    assert caught.value.certainty is Certainty.TEMPORARY
    assert len([seen for seen in peer.seen if seen.target == "/1.0/jobs"]) == 1  # the client itself does not retry
    client.change("POST", "/jobs", call="send", body={})
    assert peer.last.headers["x-ovh-timestamp"] == str(1_700_000_000 + 3600)


UNSIGNED = http(400, {"errorCode": "INVALID_SIGNATURE", "httpCode": "400 Bad Request", "message": "Invalid signature"})
LATE = http(400, {"errorCode": "QUERY_TIME_OUT", "httpCode": "400 Bad Request", "message": "Query out of time"})


def refusals(client, times: int) -> list[tuple[Certainty, Scope]]:
    """What so many questions in a row are refused for."""
    judged = []
    for _ in range(times):
        with pytest.raises(OvhError) as caught:
            client.get("/sms", call="x")
        judged.append((caught.value.certainty, caught.value.scope))
    return judged


PERHAPS_THE_TIME, THE_SECRET = (Certainty.TEMPORARY, Scope.MESSAGE), (Certainty.PERMANENT, Scope.ACCOUNT)


def test_a_signature_refused_again_with_ovhclouds_own_time_is_made_with_a_wrong_secret(peer, client_of):
    client = client_of(peer.url, monotonic=lambda: 500.0)
    peer.answers(*[UNSIGNED] * 3)
    assert refusals(client, 3) == [PERHAPS_THE_TIME, THE_SECRET, THE_SECRET]
    assert [seen.target for seen in peer.seen][:4] == ["/1.0/auth/time", "/1.0/sms", "/1.0/auth/time", "/1.0/sms"]


def test_a_body_whose_signature_is_refused_says_nothing_of_the_secret(peer, client_of):
    """OVHcloud refuses one that it reads otherwise in the same words: one message must not shut the account."""
    client = client_of(peer.url, monotonic=lambda: 500.0)
    peer.answers(*[UNSIGNED] * 3)
    for _ in range(3):
        with pytest.raises(OvhError) as caught:
            client.change("POST", "/jobs", call="send", body={})
        assert (caught.value.certainty, caught.value.scope) == PERHAPS_THE_TIME


def test_a_signature_that_was_taken_meanwhile_acquits_the_secret(peer, client_of):
    client = client_of(peer.url, monotonic=lambda: 500.0)
    peer.answers(UNSIGNED, http(200, {}), UNSIGNED, UNSIGNED)
    assert refusals(client, 1) == [PERHAPS_THE_TIME]
    client.get("/sms", call="x")
    assert refusals(client, 2) == [PERHAPS_THE_TIME, PERHAPS_THE_TIME]  # the time is asked every five seconds at most


def test_a_time_that_is_refused_again_and_again_is_not_the_secret(peer, client_of):
    client = client_of(peer.url, monotonic=lambda: 500.0)
    peer.answers(*[LATE] * 3)
    assert refusals(client, 3) == [PERHAPS_THE_TIME] * 3


def test_while_the_time_cannot_be_had_a_refused_signature_may_be_for_the_time(peer, client_of):
    client = client_of(peer.url, monotonic=lambda: 500.0)
    peer.answers(UNSIGNED)
    assert refusals(client, 1) == [PERHAPS_THE_TIME]
    peer.time = None
    peer.answers(http(500, b""), UNSIGNED, UNSIGNED)
    assert refusals(client, 2) == [PERHAPS_THE_TIME] * 2


@pytest.mark.parametrize(
    "answer", [http(500, b""), http(404, {"message": "x"}), http(200, "soon"), http(200, True), http(200, b""), None]
)
def test_when_the_time_cannot_be_had_nothing_is_sent_and_the_error_is_temporary(peer, client, answer):
    peer.time = None
    peer.answers(answer or (lambda _peer, _sock: None))
    with pytest.raises(OvhError) as caught:
        client.change("POST", "/jobs", call="send", body={})
    assert (caught.value.certainty, caught.value.scope) == (Certainty.TEMPORARY, Scope.MESSAGE)
    assert caught.value.call == "time"
    assert [seen.target for seen in peer.seen] == ["/1.0/auth/time"]


def test_a_thread_keeps_its_connection_and_shares_it_with_no_other(peer, client):
    peer.answers(*[http(200, []) for _ in range(4)])
    for _ in range(3):
        client.get("/sms", call="x")
    assert peer.connections == 1
    other = threading.Thread(target=client.get, args=("/sms",), kwargs={"call": "x"})
    other.start()
    other.join()
    assert peer.connections == 2


def test_a_connection_idle_for_ten_seconds_is_not_used_again(peer, client_of):
    now = [0.0]
    client = client_of(peer.url, monotonic=lambda: now[0])
    peer.answers(*[http(200, []) for _ in range(3)])
    client.get("/sms", call="x")
    now[0] += 9
    client.get("/sms", call="x")
    assert peer.connections == 1
    now[0] += 10
    client.get("/sms", call="x")
    assert peer.connections == 2


def test_a_closed_client_opens_its_connection_again(peer, client):
    peer.answers(http(200, []), http(200, []))
    client.get("/sms", call="x")
    client.close()
    client.get("/sms", call="x")
    assert peer.connections == 2


def test_a_redirect_is_an_error_and_is_not_followed(peer, client):
    peer.answers(http(307, b"", Location="http://127.0.0.1:1/elsewhere"))
    with pytest.raises(OvhError) as caught:
        client.change("POST", "/jobs", call="send", body={})
    assert (caught.value.status, caught.value.certainty, caught.value.scope) == (
        307,
        Certainty.UNKNOWN,
        Scope.ACCOUNT,
    )
    assert peer.targets() == ["POST /1.0/jobs"]


def test_a_redirected_question_for_the_time_is_known_to_be_about_the_address(peer, client_of):
    peer.time = None
    peer.answers(http(301, b"", Location="https://api.eu.ovhcloud.com/1.0/auth/time"))
    with pytest.raises(OvhError) as caught:
        client_of(peer.url).change("POST", "/jobs", call="send", body={})
    assert (caught.value.certainty, caught.value.scope) == (Certainty.TEMPORARY, Scope.ACCOUNT)
    assert "write endpoint: https://api.eu.ovhcloud.com/1.0 and reload" in str(caught.value)


@pytest.mark.parametrize("said", [b"-1", b"9" * 400, b"1e400", b"true", b'"soon"'])
def test_what_is_no_time_is_none(peer, client_of, said):
    peer.time = None
    peer.answers(http(200, said))
    with pytest.raises(OvhError) as caught:
        client_of(peer.url).get("/sms", call="services")
    assert (caught.value.certainty, caught.value.code) == (Certainty.TEMPORARY, "unreadable")


def test_metrics_are_told_of_every_exchange(peer, client_of):
    told = []
    now = iter(range(100))
    client = client_of(
        peer.url,
        monotonic=lambda: float(next(now)),
        on_call=lambda call, code, seconds: told.append((call, code, seconds)),
    )
    peer.answers(http(200, []), http(429, {}), lambda _peer, _sock: None)
    client.get("/sms", call="services")
    for _ in range(2):
        with pytest.raises(OvhError):
            client.change("POST", "/jobs", call="send", body={})
    assert [(call, code) for call, code, _ in told] == [
        ("time", "200"),
        ("services", "200"),
        ("send", "429"),
        ("send", "unanswered"),
    ]
    assert all(seconds > 0 for _, _, seconds in told)


def test_the_environments_proxy_is_used_and_is_looked_up_once(peer, client_of, monkeypatch):
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{peer.port}")
    client = client_of("http://api.example.test/1.0")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    peer.answers(http(200, ["sms-a"]))
    assert client.get("/sms", call="x") == ["sms-a"]
    assert peer.last.target == "http://api.example.test/1.0/sms"


def test_no_proxy_is_respected(peer, client_of, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    peer.answers(http(200, []))
    assert client_of(peer.url).get("/sms", call="x") == []


def test_no_secret_shows_anywhere(peer, client, caplog):
    """Not in a text form, not in a log, not even when the server sends the keys back."""
    caplog.set_level(logging.DEBUG)
    echo = "AppKey7 AppSecret8 ConsumerKey9"
    peer.answers(
        http(403, {"errorCode": echo, "message": echo}, X_Ovh_QueryID="EU.1"),
        http(500, echo.encode(), kind="text/html"),
        lambda _peer, sock: sock.sendall(f"{echo}\r\n\r\n".encode()),
    )
    shown = [repr(KEYS), str(KEYS), repr(client), str(vars(client))]
    for _ in range(3):
        with pytest.raises(OvhError) as caught:
            client.change("POST", "/jobs", call="send", body={})
        shown += [
            str(caught.value),
            repr(caught.value),
            str(vars(caught.value)),
            *traceback.format_exception(caught.value),
        ]
    shown.append(caplog.text)
    for secret in ("AppKey7", "AppSecret8", "ConsumerKey9"):
        assert all(secret not in text for text in shown[:-1]), secret
        assert secret not in caplog.text


def test_the_newline_of_a_secret_file_is_no_part_of_the_key():
    keys = Credentials(application_key="a\n", application_secret=" b", consumer_key="c\r\n")
    assert (keys.application_key, keys.application_secret, keys.consumer_key) == ("a", "b", "c")


@pytest.mark.parametrize("wrong", ["clé", "two words", "tab\there"])
def test_a_key_that_cannot_be_one_is_named_and_not_shown(wrong):
    with pytest.raises(ValueError, match=r"^consumer_key has characters that no OVHcloud key has$"):
        Credentials(application_key="a", application_secret="b", consumer_key=wrong)


@pytest.mark.parametrize("wrong", ['"quoted"', "'quoted'", "back`ticked"])
def test_a_key_in_quotes_is_told_to_be_written_without(wrong):
    with pytest.raises(ValueError, match=r"^application_secret has a quotation mark, .*: write it without$"):
        Credentials(application_key="a", application_secret=wrong, consumer_key="c")
