from __future__ import annotations

import json

import pytest

from alertsms.ovh.error import Certainty, OvhError, Reply, Scope, about_time, quotable, refusal

REFUSED, AGAIN, UNKNOWN = Certainty.PERMANENT, Certainty.TEMPORARY, Certainty.UNKNOWN
MESSAGE, ACCOUNT = Scope.MESSAGE, Scope.ACCOUNT
NOW = 1_700_000_000.0


def judged(status: int, body: object = None, *, method: str = "POST", **headers: str) -> OvhError:
    text = body if isinstance(body, str) else json.dumps(body)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return refusal(Reply(call="send", method=method, status=status, headers=named, body=text), now=NOW)


def old(code: str, message: str) -> dict[str, str]:
    return {"errorCode": code, "httpCode": "4xx Whatever", "message": message}


def new(kind: str, message: str) -> dict[str, object]:
    return {"class": kind, "message": message, "details": {}}


def said(message: str) -> dict[str, str]:
    return {"message": message}


@pytest.mark.parametrize(
    ("status", "body", "certainty", "scope"),
    [
        (400, old("QUERY_TIME_OUT", "Query out of time"), AGAIN, MESSAGE),
        (400, old("INVALID_SIGNATURE", "Invalid signature"), AGAIN, MESSAGE),
        (400, new("Client::BadRequest", "Query out of time"), AGAIN, MESSAGE),
        (400, said("[priority] Given data (urgent) does not belong to the Priority enumeration"), REFUSED, MESSAGE),
        (400, said("Received not described parameters: (foo)"), REFUSED, MESSAGE),
        (400, said("cannot send contact information with shortcode"), REFUSED, MESSAGE),
        (403, said("cannot send contact information with shortcode"), REFUSED, MESSAGE),
        (400, said("[receivers] Given data (0612) is not valid"), REFUSED, MESSAGE),
        (400, said("[message] no credits are mentioned here"), REFUSED, MESSAGE),
        (400, said("Given data (credits of sender) is not valid"), REFUSED, MESSAGE),
        (400, said("Given data (credits of sender"), REFUSED, MESSAGE),
        (400, said("You do not have enough credits"), REFUSED, ACCOUNT),
        (403, said("Not enough credit"), REFUSED, ACCOUNT),
        (402, said("Payment required"), REFUSED, ACCOUNT),
        (400, said("The quota of this user is reached"), REFUSED, ACCOUNT),
        (400, said("Sender OPS is waiting for validation"), REFUSED, ACCOUNT),
        (401, new("Client::Unauthorized", "You must login first"), REFUSED, ACCOUNT),
        (403, old("INVALID_KEY", "This application key is invalid"), REFUSED, ACCOUNT),
        (403, new("Client::Forbidden::InvalidApplicationKey", ""), REFUSED, ACCOUNT),
        (403, old("NOT_CREDENTIAL", "This credential does not exist"), REFUSED, ACCOUNT),
        (403, old("INVALID_CREDENTIAL", "This credential is not valid"), REFUSED, ACCOUNT),
        (403, old("NOT_GRANTED_CALL", "This call has not been granted"), REFUSED, ACCOUNT),
        (403, new("Client::Forbidden", "User not granted for this request"), REFUSED, ACCOUNT),
        (403, "<html>Forbidden</html>", REFUSED, ACCOUNT),
        (403, said("Sms sender OPS does not exists. Please create it first"), REFUSED, ACCOUNT),
        (404, said("Sms sender OPS does not exists. Please create it first"), REFUSED, ACCOUNT),
        (404, said("This service does not exist"), REFUSED, ACCOUNT),
        (404, said("The requested object does not exist"), REFUSED, ACCOUNT),
        (404, "", REFUSED, ACCOUNT),
        (460, said("expired"), REFUSED, ACCOUNT),
        (409, said("conflict"), REFUSED, MESSAGE),
        (301, "", REFUSED, ACCOUNT),
        (400, "", AGAIN, MESSAGE),
        (400, "<html>Bad Request</html>", AGAIN, MESSAGE),
        (413, "[]", AGAIN, MESSAGE),
        (407, "<html>Proxy</html>", AGAIN, MESSAGE),
        (429, said("Too many requests"), AGAIN, MESSAGE),
        (429, "", AGAIN, MESSAGE),
        (408, "<html>", UNKNOWN, MESSAGE),
        (500, said("Internal error: not enough credits"), UNKNOWN, MESSAGE),
        (502, "", UNKNOWN, MESSAGE),
        (503, said("Service unavailable"), UNKNOWN, MESSAGE),
        (504, "<html>", UNKNOWN, MESSAGE),
        (599, "", UNKNOWN, MESSAGE),
        (200, "<html>", UNKNOWN, MESSAGE),
        (999, "", UNKNOWN, MESSAGE),
        (101, "", UNKNOWN, MESSAGE),
    ],
)
def test_what_an_answer_says_of_a_message(status, body, certainty, scope):
    error = judged(status, body)
    assert (error.certainty, error.scope) == (certainty, scope)
    assert error.permanent is (certainty is REFUSED)
    assert error.status == status


@pytest.mark.parametrize("status", [200, 408, 500, 503])
def test_what_is_unknown_of_a_post_can_be_asked_again_of_a_get(status):
    assert judged(status, "", method="GET").certainty is AGAIN


@pytest.mark.parametrize(
    ("message", "scope"),
    [("The requested object (id = 7) does not exist", MESSAGE), ("This service does not exist", ACCOUNT)],
)
def test_a_404_of_a_get_is_about_one_object_unless_it_names_the_service(message, scope):
    assert judged(404, said(message), method="GET").scope is scope


def test_an_error_keeps_code_message_and_query_id():
    error = judged(403, old("INVALID_KEY", "This application key\nis invalid"), X_Ovh_QueryID="EU.ext-3.5f1")
    assert (error.code, error.message, error.query_id) == (
        "INVALID_KEY",
        "This application key is invalid",
        "EU.ext-3.5f1",
    )
    assert str(error) == "send: 403 INVALID_KEY: This application key is invalid (query EU.ext-3.5f1)"


def test_the_newer_shape_gives_its_class_as_code():
    assert judged(403, new("Client::Forbidden", "no")).code == "Client::Forbidden"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", "empty answer"),
        ("<p>no</p>", "9 characters (no type given) that are no answer of the API"),
        ("[" * 100_000, "100000 characters (no type given) that are no answer of the API"),
    ],
)
def test_an_answer_that_is_not_the_apis_is_described(body, message):
    assert judged(500, body).message == message


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("30", 30.0),
        (" 0 ", 0.0),
        ("Tue, 14 Nov 2023 22:14:20 GMT", 60.0),
        ("Tue, 14 Nov 2023 22:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("²", None),
        ("Tue, 99 Nov 2023 22:14:20 GMT", None),
        ("9" * 40, None),
        ("", None),
    ],
)
def test_retry_after_is_read_in_seconds_or_as_a_date(value, seconds):
    assert judged(429, "", Retry_After=value).retry_after == seconds


def test_only_a_refused_time_or_signature_is_about_time():
    assert about_time(judged(400, old("QUERY_TIME_OUT", "Query out of time")))
    assert not about_time(judged(429, said("Invalid signature of your patience")))
    assert not about_time(judged(500, said("Invalid signature")))
    assert not about_time(judged(400, said("no")))
    assert not about_time(OvhError(certainty=AGAIN, message="invalid signature"))


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("[receivers] +33612345678,\n0033612345678 refused", "[receivers] +33*****78, 0033*****78 refused"),
        ("receiver 06 12 34 56 78 or 33612345678", "receiver 06 *****78 or 336*****78"),
        ("job 27814656", "job 27814656"),
        ("x" * 1000, "x" * 300),
    ],
)
def test_a_quoted_text_is_short_and_holds_no_whole_number(text, quoted):
    assert quotable(text) == quoted


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("EU.ext-3.5f1c2d3e.82910042.6b0512345678f1", "EU.ext-3.5f1c2d3e.82910042.6b0512345678f1"),
        ("+33612345678", "+33*****78"),
        ("EU.ext-1 +33612345678", "EU.ext-1 +33*****78"),
    ],
)
def test_the_query_id_stays_whole_and_a_number_in_its_place_does_not(given, shown):
    assert judged(403, old("INVALID_KEY", "no"), X_Ovh_QueryID=given).query_id == shown
