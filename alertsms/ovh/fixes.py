"""What somebody can do about an error of OVHcloud's API, in a sentence: its own words seldom say."""

from __future__ import annotations

import re
from typing import NamedTuple

from alertsms.ovh.error import OvhError

NEW_KEYS = "make new keys with `alertsms login`, write all three into the configuration and reload"


class FixRow(NamedTuple):
    """Which words of `status code message (call)`, and what to do."""

    words: re.Pattern[str]
    sentence: str


def _row(pattern: str, sentence: str) -> FixRow:
    return FixRow(re.compile(pattern, re.IGNORECASE), sentence)


# The first line that fits decides. Wordings are those that users of the API reported; OVHcloud publishes no list.
TABLE = (
    _row(r"^unreachable\b", "nothing left this machine: look at its network, DNS, firewall and proxy, and at endpoint"),
    _row(
        r"^unanswered\b", "OVHcloud, or what is between, does not answer: look at https://www.status-ovhcloud.com, wait"
    ),
    _row(
        r"\bINVALID_SIGNATURE\b|invalid signature",
        "application_secret is not that of application_key: write the right one, without quotes or spaces",
    ),
    _row(
        r"\bQUERY_TIME_OUT\b|out of time",
        "the time of the request was refused: set this machine's clock, `timedatectl set-ntp true`",
    ),
    _row(
        r"\bINVALID_KEY\b|application key is invalid",
        f"application_key is wrong, or of another region: {NEW_KEYS}",
    ),
    _row(r"\bNOT_CREDENTIAL\b|credential does not exist", f"consumer_key is wrong: {NEW_KEYS}"),
    _row(
        r"\bINVALID_CREDENTIAL\b|credential is not valid",
        f"consumer_key expired, was withdrawn or never validated: {NEW_KEYS}; choose an unlimited validity",
    ),
    _row(
        r"\bNOT_GRANTED_CALL\b|not been granted",
        f"the keys lack this right, and rights cannot be added: {NEW_KEYS}",
    ),
    _row(r"^460\b|\bexpired\b", "the SMS account has expired: renew it in the OVHcloud manager"),
    _row(r"\[(message|receivers?)\b", ""),  # quotes the text, whatever that is about
    _row(r"credits?\b|\bquota\b", "buy credits in the OVHcloud manager: Web Cloud, SMS, your account, Order credits"),
    _row(
        r"\bsender\b.*\b(exist|create)",
        "declare the sender in the OVHcloud manager (SMS, Senders), or write one that is validated, or"
        " sender_for_response: true",
    ),
    _row(
        r"not granted for this request|\bsender\b",
        "the sender waits for OVHcloud's validation or was refused (up to 72 h; OVHcloud manager, SMS, Senders): until"
        " then write a validated one, or sender_for_response: true. Or an IAM policy forbids the call",
    ),
    _row(
        r"\bthis service\b|\bservice\b.*\bexist",
        "service_name is no account of these keys: `alertsms login` lists yours",
    ),
    _row(r"^40[13]\b", f"the keys or an IAM policy do not allow it: look into the OVHcloud manager, or {NEW_KEYS}"),
    _row(
        r"^404\b",
        "endpoint is no OVHcloud API, or service_name no account of these keys, or virtual_number none of its",
    ),
    _row(r"^407\b", "the proxy on the way wants a password: write it into https_proxy"),
    _row(r"^429\b", "too many requests: lower ovh.max_per_second"),
    _row(
        r"^3\d\d\b.*\bendpoint\b",
        "something answers in the API's place and leads elsewhere, which is never followed: write the endpoint that is"
        " named here, if it is OVHcloud's, and reload",
    ),
    _row(r"^3\d\d\b", "what answers at endpoint leads somewhere else: look at the proxy between, or write ovh-eu"),
    _row(r"\bunreadable\b", "what answers at endpoint is no OVHcloud API, or is failing: write ovh-eu, or wait"),
    _row(r"^(408|5\d\d)\b", "OVHcloud is failing: look at https://www.status-ovhcloud.com; alertsms goes on trying"),
)


def remedy(error: OvhError) -> str:
    """What to do about an error, without a full stop; "" for one that says all there is to say."""
    said = " ".join(str(part) for part in (error.status, error.code, error.message) if part)
    return next((row.sentence for row in TABLE if row.words.search(said)), "")
