"""What can go wrong with a call to OVHcloud: what it says of the message that was to be sent, and what mends it.

Known not done is only what the API itself says, and what an answer says by its definition; everything else is looked up
by tag before a copy leaves:

- 1xx, 2xx without a readable body (204, 205, 206, HTML): unknown, the job may be taken.
- 3xx: unknown. A redirect may come before the API was reached, or in the place of its answer. It is never followed: the
  signature is for one URL. Where it leads to another address, every call will be led there: it is about the account.
- 4xx with the API's own words: it judged the request and refused it. OVHcloud's 429 too, which its pages say to try
  again; since nothing says where it is counted, the sender asks for the tag before each new try.
- 4xx without its words came from something on the way. Those that by RFC 9110, 6585 and 8470 end a request before it is
  acted upon (400, 405, 411, 413, 414, 415, 417, 421, 425, 426, 428, 429, 431, and a proxy's 407): not done. The others,
  401, 403 and 404 of a filter that may have hidden the API's answer, 408 and 499 of a gateway: unknown.
- 5xx, whoever says it, 503 too: unknown, OVHcloud says nowhere whether it is answered before or after.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import SplitResult, urljoin, urlsplit

from alertsms.ovh.endpoint import NAMES, is_ovhcloud


class Certainty(StrEnum):
    """What an error says of the request."""

    PERMANENT = "permanent"  # refused: the same call will be refused again
    TEMPORARY = "temporary"  # known not done: try again
    UNKNOWN = "unknown"  # may have been done: look it up before trying again


class Scope(StrEnum):
    """What an error is about."""

    MESSAGE = "message"  # this number or this text, or this one try
    ACCOUNT = "account"  # keys, rights, credits, sender, service, address: every message would end alike


@dataclass(kw_only=True, eq=False)
class OvhError(Exception):
    """A call that did not end well. Holds neither secrets nor a whole phone number, so it can be logged."""

    certainty: Certainty
    scope: Scope = Scope.MESSAGE
    status: int | None = None  # HTTP; None when there was no answer
    code: str = ""  # OVHcloud's errorCode or class; "unreachable", "unanswered" or "unreadable" when it gave none
    message: str = ""
    query_id: str = ""  # X-Ovh-QueryID: what OVHcloud's support asks for
    retry_after: float | None = None  # seconds, as the answer wished
    call: str = ""  # the name of the call, as in the metrics

    @property
    def permanent(self) -> bool:
        """Whether the same call would be refused again."""
        return self.certainty is Certainty.PERMANENT

    def __str__(self) -> str:
        """For example: `send: 403 INVALID_KEY: This application key is invalid (query EU.ext-3.5f1)`."""
        what = " ".join(str(part) for part in (self.status, self.code) if part)
        query = f" (query {self.query_id})" if self.query_id else ""
        return ": ".join(part for part in (self.call, what, self.message) if part) + query


class ErrorRow(NamedTuple):
    """One line of the table: which statuses, which words of `METHOD code message`, and what that means."""

    first: int
    last: int
    words: re.Pattern[str]
    certainty: Certainty
    scope: Scope = Scope.MESSAGE


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


ANY = _words("")
WORDLESS = _words(r"^[A-Z]+$")  # not a word of OVHcloud's: something on the way answered
WRITING = _words(r"^(POST|PUT|DELETE)$")  # the same, for what a GET is not
ABOUT_SIGNATURE = _words(r"INVALID_SIGNATURE|invalid signature")  # the time is signed too
ABOUT_TIME = _words(rf"QUERY_TIME_OUT|query out of time|{ABOUT_SIGNATURE.pattern}")
_PERMANENT, _TEMPORARY, _UNKNOWN = Certainty.PERMANENT, Certainty.TEMPORARY, Certainty.UNKNOWN

# The first line that fits decides. Wordings are those that users of the API reported; OVHcloud publishes no list.
TABLE = (
    ErrorRow(200, 399, ANY, _UNKNOWN),  # taken, but the answer cannot be read; or led elsewhere, see refusal()
    ErrorRow(400, 499, ABOUT_TIME, _TEMPORARY),
    ErrorRow(407, 407, ANY, _TEMPORARY),  # a proxy on the way wants a password
    ErrorRow(408, 408, ANY, _UNKNOWN),  # a gateway gave up waiting for the API behind it
    ErrorRow(425, 425, ANY, _TEMPORARY),  # too early: not acted upon, lest it be a replay
    ErrorRow(429, 429, ANY, _TEMPORARY),
    ErrorRow(499, 499, ANY, _UNKNOWN),  # a gateway took us for gone
    ErrorRow(401, 404, WRITING, _UNKNOWN, Scope.ACCOUNT),
    ErrorRow(460, 460, WRITING, _UNKNOWN, Scope.ACCOUNT),
    ErrorRow(400, 499, _words(r"\[(message|receivers?)\b|contact information"), _PERMANENT),
    ErrorRow(401, 403, ANY, _PERMANENT, Scope.ACCOUNT),
    ErrorRow(404, 404, _words(r"^(POST|PUT)\b|\bservice\b|\bsender\b|\burl\b"), _PERMANENT, Scope.ACCOUNT),
    ErrorRow(404, 404, ANY, _PERMANENT),  # GET of one object that is not there
    ErrorRow(460, 460, ANY, _PERMANENT, Scope.ACCOUNT),  # the service has expired
    ErrorRow(400, 499, _words(r"\bcredits?\b|\bquota\b|\bsender\b"), _PERMANENT, Scope.ACCOUNT),
    # Refused unread, which says nothing of the number or the text.
    *(
        ErrorRow(status, status, WORDLESS, _TEMPORARY)
        for status in (400, 405, 411, 413, 414, 415, 417, 421, 426, 428, 431)
    ),
    ErrorRow(400, 499, WORDLESS, _UNKNOWN),
    ErrorRow(400, 499, ANY, _PERMANENT),
    ErrorRow(0, 999, ANY, _UNKNOWN),  # 5xx above all, 503 too
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ErrorResponse:
    """An answer as it came: what the table needs of it."""

    call: str
    method: str
    status: int
    headers: Mapping[str, str]  # any case
    body: str
    url: str = ""  # that was called
    base_url: str = ""  # what it begins with: the endpoint

    @property
    def query_id(self) -> str:
        """What OVHcloud's support asks for: whole, although its digits may look like a phone number."""
        said = self.headers.get("X-Ovh-QueryID", "")
        return said if _QUERY_ID.fullmatch(said) else quotable(said)


def refusal(reply: ErrorResponse, *, now: float) -> OvhError:
    """The error that an answer stands for; `now` in UNIX seconds, for a Retry-After that is a date."""
    code, message = _said(reply.body)
    # What the API quotes in brackets is the caller's own text: an alert about "credits" is not an empty account.
    words = re.sub(r"\([^)]*\)?", "", f"{reply.method} {code} {message}").strip()
    row = next(row for row in TABLE if row.first <= reply.status <= row.last and row.words.search(words))
    away = _elsewhere(reply)
    return OvhError(
        certainty=settled(row.certainty, reply.method),
        scope=Scope.ACCOUNT if away else row.scope,
        status=reply.status,
        code=code or ("unreadable" if reply.status < 300 else ""),
        message=away or message or _described(reply),
        query_id=reply.query_id,
        retry_after=_retry_after(reply.headers.get("Retry-After", ""), now),
        call=reply.call,
    )


def moved(error: OvhError) -> bool:
    """Whether a redirect to another address came in the place of an answer."""
    return error.scope is Scope.ACCOUNT and error.status is not None and 300 <= error.status < 400


def _elsewhere(reply: ErrorResponse) -> str:
    """What a redirect to another address means, with what to write; "" for any other answer."""
    location = reply.headers.get("Location", "")
    if not (300 <= reply.status < 400 and location):
        return ""
    try:
        target = urljoin(reply.url, location)
        here, there = urlsplit(reply.url), urlsplit(target)
        if there.scheme not in ("http", "https") or not there.hostname or _origin(here) == _origin(there):
            return ""
        host = there.netloc.rpartition("@")[2]
    except ValueError:
        return ""
    called = reply.url.removeprefix(reply.base_url)
    kept = bool(called) and target.endswith(called)  # what was called is there under the same path
    path = there.path.removesuffix(urlsplit(called).path) if kept else ""
    if there.hostname in NAMES and not kept:
        path = urlsplit(reply.base_url).path
    address = " ".join(f"{there.scheme}://{host}{path}".split())[:200]
    if is_ovhcloud(there.hostname):
        if there.scheme == "https" and path:
            return f"OVHcloud's API has moved: write endpoint: {address} and reload"
        return f"led to {address}, where OVHcloud has no API that could be trusted: see what stands between"
    return f"led to {address}, none of OVHcloud's addresses: see what stands between, or write that as endpoint"


def _origin(parts: SplitResult) -> tuple[str, str | None, int]:
    return parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)


def settled(certainty: Certainty, method: str) -> Certainty:
    """A GET changes nothing: whatever became of it, it can be asked again."""
    return _TEMPORARY if certainty is _UNKNOWN and method == "GET" else certainty


def about_time(error: OvhError) -> bool:
    """Whether OVHcloud refused the timestamp or the signature."""
    said = ABOUT_TIME.search(f"{error.code} {error.message}")
    return error.certainty is _TEMPORARY and error.status not in (None, 429) and said is not None


def about_signature(error: OvhError) -> bool:
    """Whether OVHcloud refused the signature, which may be for its time or for the secret that it was made with."""
    return about_time(error) and ABOUT_SIGNATURE.search(f"{error.code} {error.message}") is not None


_QUERY_ID = re.compile(r"[A-Z]{2,12}\.[\w.-]{1,100}", re.ASCII)  # EU.ext-3.5f1c2d3e.8291.6b0f…

_NUMBER = re.compile(r"\+?\d(?:[ .-]?\d){8,}")  # nine digits and more, as people and machines write phone numbers


def _masked(number: re.Match[str]) -> str:
    kept = 4 if number[0].startswith("00") else 3
    return f"{number[0][:kept]}*****{number[0][-2:]}"


def about_contact(error: OvhError) -> bool:
    """Whether a short number refused the text for something that it took for contact information."""
    return error.permanent and "contact information" in error.message.lower()


def quotable(text: str) -> str:
    """A stranger's text on one line, at most 300 characters, phone numbers masked: fit for a log."""
    return _NUMBER.sub(_masked, " ".join(text.split()))[:300]


def _said(body: str) -> tuple[str, str]:
    # Old: {errorCode, httpCode, message}; newer: {class, message, details}.
    try:
        reply = json.loads(body)
    except (ValueError, RecursionError):
        return "", ""
    if not isinstance(reply, dict):
        return "", ""
    code = reply.get("errorCode") or reply.get("class") or ""
    return quotable(str(code))[:60], quotable(str(reply.get("message") or ""))


def _described(reply: ErrorResponse) -> str:
    if not reply.body.strip():
        return "empty answer"
    kind = reply.headers.get("Content-Type", "") or "no type given"
    return f"{len(reply.body)} characters ({quotable(kind)}) that are no answer of the API"


def _retry_after(value: str, now: float) -> float | None:
    if re.fullmatch(r"[0-9]{1,9}", value.strip()):
        return float(value)
    try:
        at = parsedate_to_datetime(value)
        return max((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now, 0.0)  # "-0000" names no zone
    except (ValueError, OverflowError):
        return None


NEW_KEYS = "make new keys with `alertsms login`, write all three into the configuration and reload"

# What somebody can do, by words of `status code message`; OVHcloud's own seldom say. The first line that fits decides.
FIXES = (
    (r"^unreachable\b", "nothing left this machine: look at its network, DNS, firewall and proxy, and at endpoint"),
    (r"^unanswered\b", "OVHcloud, or what is between, does not answer: look at https://www.status-ovhcloud.com, wait"),
    (
        r"\bINVALID_SIGNATURE\b|invalid signature",
        "application_secret is not that of application_key: write the right one, without quotes or spaces",
    ),
    (
        r"\bQUERY_TIME_OUT\b|out of time",
        "the time of the request was refused: set this machine's clock, `timedatectl set-ntp true`",
    ),
    (r"\bINVALID_KEY\b|application key is invalid", f"application_key is wrong, or of another region: {NEW_KEYS}"),
    (r"\bNOT_CREDENTIAL\b|credential does not exist", f"consumer_key is wrong: {NEW_KEYS}"),
    (
        r"\bINVALID_CREDENTIAL\b|credential is not valid",
        f"consumer_key expired, was withdrawn or never validated: {NEW_KEYS}; choose an unlimited validity",
    ),
    (r"\bNOT_GRANTED_CALL\b|not been granted", f"the keys lack this right, and rights cannot be added: {NEW_KEYS}"),
    (r"^460\b|\bexpired\b", "the SMS account has expired: renew it in the OVHcloud manager"),
    (r"\[(message|receivers?)\b", ""),  # quotes the text, whatever that is about
    (r"credits?\b|\bquota\b", "buy credits in the OVHcloud manager: Web Cloud, SMS, your account, Order credits"),
    (
        r"\bsender\b.*\b(exist|create)",
        (
            "declare the sender in the OVHcloud manager (SMS, Senders), or write one that is validated, or"
            " sender_for_response: true"
        ),
    ),
    (
        r"not granted for this request|\bsender\b",
        (
            "the sender waits for OVHcloud's validation or was refused (up to 72 h; OVHcloud manager, SMS, Senders):"
            " until then write a validated one, or sender_for_response: true. Or an IAM policy forbids the call"
        ),
    ),
    (
        r"\bthis service\b|\bservice\b.*\bexist",
        "service_name is no account of these keys: `alertsms login` lists yours",
    ),
    (r"^40[13]\b", f"the keys or an IAM policy do not allow it: look into the OVHcloud manager, or {NEW_KEYS}"),
    (r"^404\b", "endpoint is no OVHcloud API, or service_name no account of these keys, or virtual_number none of its"),
    (r"^407\b", "the proxy on the way wants a password: write it into https_proxy"),
    (r"^429\b", "too many requests: lower ovh.max_per_second"),
    (
        r"^3\d\d\b.*\bendpoint\b",
        (
            "something answers in the API's place and leads elsewhere, which is never followed: write the endpoint that"
            " is named here, if it is OVHcloud's, and reload"
        ),
    ),
    (r"^3\d\d\b", "what answers at endpoint leads somewhere else: look at the proxy between, or write ovh-eu"),
    (r"\bunreadable\b", "what answers at endpoint is no OVHcloud API, or is failing: write ovh-eu, or wait"),
    (r"^(408|5\d\d)\b", "OVHcloud is failing: look at https://www.status-ovhcloud.com; alertsms goes on trying"),
)


def remedy(error: OvhError) -> str:
    """What to do about an error, without a full stop; "" for one that says all there is to say."""
    said = " ".join(str(part) for part in (error.status, error.code, error.message) if part)
    return next((sentence for words, sentence in FIXES if re.search(words, said, re.IGNORECASE)), "")
