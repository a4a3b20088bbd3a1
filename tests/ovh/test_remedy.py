from __future__ import annotations

import pytest

from alertsms.ovh.error import Certainty, OvhError, remedy

NEW = "make new keys with `alertsms login`, write all three into the configuration and reload"
SENDER = (
    "the sender waits for OVHcloud's validation or was refused (up to 72 h; OVHcloud manager, SMS, Senders): until then"
    " write a validated one, or sender_for_response: true. Or an IAM policy forbids the call"
)
DECLARE = (
    "declare the sender in the OVHcloud manager (SMS, Senders), or write one that is validated, or"
    " sender_for_response: true"
)
BUY = "buy credits in the OVHcloud manager: Web Cloud, SMS, your account, Order credits"


@pytest.mark.parametrize(
    ("status", "code", "message", "sentence"),
    [
        (
            403,
            "INVALID_KEY",
            "This application key is invalid",
            f"application_key is wrong, or of another region: {NEW}",
        ),
        (403, "NOT_CREDENTIAL", "This credential does not exist", f"consumer_key is wrong: {NEW}"),
        (
            403,
            "INVALID_CREDENTIAL",
            "This credential is not valid",
            f"consumer_key expired, was withdrawn or never validated: {NEW}; choose an unlimited validity",
        ),
        (
            400,
            "INVALID_SIGNATURE",
            "Invalid signature",
            "application_secret is not that of application_key: write the right one, without quotes or spaces",
        ),
        (
            400,
            "QUERY_TIME_OUT",
            "Query out of time",
            "the time of the request was refused: set this machine's clock, `timedatectl set-ntp true`",
        ),
        (
            403,
            "NOT_GRANTED_CALL",
            "This call has not been granted",
            f"the keys lack this right, and rights cannot be added: {NEW}",
        ),
        (403, "NOT_ENOUGH_CREDITS", "Not enough credits", BUY),
        (400, "Client::BadRequest", "Your quota is reached", BUY),
        (
            403,
            "FORBIDDEN",
            "Sms sender PAGER does not exists. Please create it first",
            DECLARE,
        ),
        (403, "FORBIDDEN", "User not granted for this request", SENDER),
        (
            404,
            "NOT_FOUND",
            "This service does not exist",
            "service_name is no account of these keys: `alertsms login` lists yours",
        ),
        (
            404,
            "NOT_FOUND",
            "The requested object (id = 0033700000009) does not exist",
            "endpoint is no OVHcloud API, or service_name no account of these keys, or virtual_number none of its",
        ),
        (460, "", "This service is expired", "the SMS account has expired: renew it in the OVHcloud manager"),
        (460, "", "", "the SMS account has expired: renew it in the OVHcloud manager"),
        (
            401,
            "Client::Unauthorized",
            "You must login first",
            f"the keys or an IAM policy do not allow it: look into the OVHcloud manager, or {NEW}",
        ),
        (429, "", "Too Many Requests", "too many requests: lower ovh.max_per_second"),
        (
            504,
            "",
            "180 characters (text/html) that are no answer of the API",
            "OVHcloud is failing: look at https://www.status-ovhcloud.com; alertsms goes on trying",
        ),
        (
            None,
            "unreachable",
            "ConnectionRefusedError",
            "nothing left this machine: look at its network, DNS, firewall and proxy, and at endpoint",
        ),
        (
            None,
            "unanswered",
            "TimeoutError",
            "OVHcloud, or what is between, does not answer: look at https://www.status-ovhcloud.com, wait",
        ),
        (400, "", "[message] Given data (12 credits left) is not valid", ""),
    ],
)
def test_each_error_names_what_to_do(status, code, message, sentence):
    error = OvhError(certainty=Certainty.PERMANENT, status=status, code=code, message=message)
    assert remedy(error) == sentence
