from __future__ import annotations

import json

import pytest

from alertsms.ovh.error import (
    Certainty,
    ErrorResponse,
    OvhError,
    Scope,
    about_signature,
    about_time,
    moved,
    quotable,
    refusal,
)

REFUSED, AGAIN, UNKNOWN = Certainty.PERMANENT, Certainty.TEMPORARY, Certainty.UNKNOWN
MESSAGE, ACCOUNT = Scope.MESSAGE, Scope.ACCOUNT
NOW = 1_700_000_000.0


def judged(status: int, body: object = None, *, method: str = "POST", **headers: str) -> OvhError:
    text = body if isinstance(body, str) else json.dumps(body)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return refusal(ErrorResponse(call="send", method=method, status=status, headers=named, body=text), now=NOW)


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
        (401, "<html>Log in</html>", UNKNOWN, ACCOUNT),
        (403, "<html>Forbidden</html>", UNKNOWN, ACCOUNT),
        (403, said("Sms sender OPS does not exists. Please create it first"), REFUSED, ACCOUNT),
        (404, said("Sms sender OPS does not exists. Please create it first"), REFUSED, ACCOUNT),
        (404, said("This service does not exist"), REFUSED, ACCOUNT),
        (404, said("The requested object does not exist"), REFUSED, ACCOUNT),
        (404, "", UNKNOWN, ACCOUNT),
        (460, said("expired"), REFUSED, ACCOUNT),
        (460, "", UNKNOWN, ACCOUNT),
        (409, said("conflict"), REFUSED, MESSAGE),
        (301, "", UNKNOWN, MESSAGE),
        (304, "", UNKNOWN, MESSAGE),
        (100, "", UNKNOWN, MESSAGE),
        (204, "", UNKNOWN, MESSAGE),
        (206, '{"ids"', UNKNOWN, MESSAGE),
        (400, "", AGAIN, MESSAGE),
        (400, "<html>Bad Request</html>", AGAIN, MESSAGE),
        (413, "[]", AGAIN, MESSAGE),
        (407, "<html>Proxy</html>", AGAIN, MESSAGE),
        (429, said("Too many requests"), AGAIN, MESSAGE),
        (429, "", AGAIN, MESSAGE),
        (425, "", AGAIN, MESSAGE),
        (425, said("Too early"), AGAIN, MESSAGE),
        (431, "<html>", AGAIN, MESSAGE),
        (409, "", UNKNOWN, MESSAGE),
        (418, "<html>", UNKNOWN, MESSAGE),
        (451, "<html>", UNKNOWN, MESSAGE),
        (499, "", UNKNOWN, MESSAGE),
        (499, said("Client closed request"), UNKNOWN, MESSAGE),
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


@pytest.mark.parametrize("status", [200, 302, 408, 499, 500, 503])
def test_what_is_unknown_of_a_post_can_be_asked_again_of_a_get(status):
    assert judged(status, "", method="GET").certainty is AGAIN


@pytest.mark.parametrize(
    ("message", "scope"),
    [("The requested object (id = 7) does not exist", MESSAGE), ("This service does not exist", ACCOUNT)],
)
def test_a_404_of_a_get_is_about_one_object_unless_it_names_the_service(message, scope):
    assert judged(404, said(message), method="GET").scope is scope


def redirected(location: str, status: int = 307) -> OvhError:
    url = "https://eu.api.ovh.com/1.0/sms/sms-xx00000-1/jobs"
    headers = {"Location": location} if location else {}
    return refusal(
        ErrorResponse(
            call="send",
            method="POST",
            status=status,
            headers=headers,
            body="",
            url=url,
            base_url="https://eu.api.ovh.com/1.0",
        ),
        now=NOW,
    )


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
def test_a_redirect_to_ovhclouds_other_name_says_which_endpoint_to_write(status):
    error = redirected("https://api.eu.ovhcloud.com/1.0/sms/sms-xx00000-1/jobs", status)
    assert (error.certainty, error.scope, moved(error)) == (UNKNOWN, ACCOUNT, True)
    assert error.message == "OVHcloud's API has moved: write endpoint: https://api.eu.ovhcloud.com/1.0 and reload"


@pytest.mark.parametrize(
    ("location", "address"),
    [
        ("http://captive.example.org/login?back=1", "http://captive.example.org"),
        ("//proxy.example.org:8080/1.0/sms/sms-xx00000-1/jobs", "https://proxy.example.org:8080/1.0"),
        ("https://me:secret@evil.ovh.com.example.org/", "https://evil.ovh.com.example.org"),
        ("http://eu.api.ovh.com.attacker.test/1.0", "http://eu.api.ovh.com.attacker.test"),
    ],
)
def test_a_redirect_to_a_stranger_is_not_recommended(location, address):
    error = redirected(location)
    assert moved(error)
    assert error.message.startswith(f"led to {address}, none of OVHcloud's addresses")


@pytest.mark.parametrize("location", ["https://api.eu.ovhcloud.com", "https://api.eu.ovhcloud.com/console/"])
def test_an_endpoint_to_write_has_the_version_of_the_api_whatever_the_redirect_names(location):
    """Without it the next answer would be a 404, in the same night."""
    message = redirected(location).message
    assert message == "OVHcloud's API has moved: write endpoint: https://api.eu.ovhcloud.com/1.0 and reload"


@pytest.mark.parametrize(
    ("location", "address"),
    [
        ("http://api.eu.ovhcloud.com/1.0/sms/sms-xx00000-1/jobs", "http://api.eu.ovhcloud.com/1.0"),
        ("http://eu.api.ovh.com/1.0/sms/sms-xx00000-1/jobs", "http://eu.api.ovh.com/1.0"),
        ("https://www.ovh.com/maintenance", "https://www.ovh.com"),
    ],
)
def test_neither_a_page_of_ovhclouds_nor_an_address_without_encryption_is_to_be_written(location, address):
    error = redirected(location)
    assert moved(error)
    assert error.message.startswith(f"led to {address}, where OVHcloud has no API that could be trusted")


@pytest.mark.parametrize(
    "location",
    [
        "",
        "/login",
        "https://eu.api.ovh.com/1.0/",
        "https://EU.api.ovh.com:443/x",
        "mailto:a@example.org",
        "http://[",
        "ftp://x.test",
        "https://x.test:99999/",
    ],
)
def test_a_redirect_that_leads_to_no_other_address_says_nothing_of_the_account(location):
    error = redirected(location)
    assert (error.certainty, error.scope, moved(error)) == (UNKNOWN, MESSAGE, False)


def test_the_same_address_without_its_encryption_is_another_one():
    assert moved(redirected("http://eu.api.ovh.com/1.0/sms/sms-xx00000-1/jobs"))


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
        ("99999999", 99999999.0),
        ("nan", None),
        ("1e3", None),
        ("Tue, 14 Nov 2023 22:14:20 -0000", 60.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 251_702_300_799.0),
        ("", None),
    ],
)
def test_retry_after_is_read_in_seconds_or_as_a_date(value, seconds):
    assert judged(429, "", Retry_After=value).retry_after == seconds


def test_a_refused_time_is_not_about_the_signature():
    assert about_signature(judged(400, old("INVALID_SIGNATURE", "Invalid signature")))
    assert about_signature(judged(400, said("Invalid signature")))
    assert not about_signature(judged(400, old("QUERY_TIME_OUT", "Query out of time")))
    assert not about_signature(judged(500, said("Invalid signature")))


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
