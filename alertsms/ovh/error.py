"""What can go wrong with a call to OVHcloud, and what each failure says of the message that was to be sent."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import NamedTuple


class Certainty(StrEnum):
    """What an error says of the request."""

    PERMANENT = "permanent"  # refused: the same call will be refused again
    TEMPORARY = "temporary"  # known not done: try again
    UNKNOWN = "unknown"  # may have been done: look it up before trying again


class Scope(StrEnum):
    """What a permanent refusal is about; any other error is MESSAGE."""

    MESSAGE = "message"  # this number or this text
    ACCOUNT = "account"  # keys, rights, credits, sender, service: every message would be refused


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


class Row(NamedTuple):
    """One line of the table: which statuses, which words of `METHOD code message`, and what that means."""

    first: int
    last: int
    words: re.Pattern[str]
    certainty: Certainty
    scope: Scope = Scope.MESSAGE


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


ANY = _words("")
ABOUT_TIME = _words(r"QUERY_TIME_OUT|INVALID_SIGNATURE|query out of time|invalid signature")
_PERMANENT, _TEMPORARY, _UNKNOWN = Certainty.PERMANENT, Certainty.TEMPORARY, Certainty.UNKNOWN

# The first line that fits decides. Wordings are those that users of the API reported; OVHcloud publishes no list.
TABLE = (
    Row(200, 299, ANY, _UNKNOWN),  # taken, but the answer cannot be read
    Row(300, 399, ANY, _PERMANENT, Scope.ACCOUNT),  # never followed: a signature is for one URL
    Row(400, 499, ABOUT_TIME, _TEMPORARY),
    Row(407, 407, ANY, _TEMPORARY),  # a proxy on the way wants a password
    Row(408, 408, ANY, _UNKNOWN),  # a gateway gave up waiting for the API behind it
    Row(429, 429, ANY, _TEMPORARY),
    Row(400, 499, _words(r"\[(message|receivers?)\b|contact information"), _PERMANENT),
    Row(401, 403, ANY, _PERMANENT, Scope.ACCOUNT),
    Row(404, 404, _words(r"^(POST|PUT)\b|\bservice\b|\bsender\b|\burl\b"), _PERMANENT, Scope.ACCOUNT),
    Row(404, 404, ANY, _PERMANENT),  # GET of one object that is not there
    Row(460, 460, ANY, _PERMANENT, Scope.ACCOUNT),  # the service has expired
    Row(400, 499, _words(r"\bcredits?\b|\bquota\b|\bsender\b"), _PERMANENT, Scope.ACCOUNT),
    # Not a word of OVHcloud's: something on the way refused it, which says nothing of the number or the text.
    Row(400, 499, _words(r"^[A-Z]+$"), _TEMPORARY),
    Row(400, 499, ANY, _PERMANENT),
    Row(0, 999, ANY, _UNKNOWN),  # 5xx above all, 503 too
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """An answer as it came: what the table needs of it."""

    call: str
    method: str
    status: int
    headers: Mapping[str, str]  # any case
    body: str

    @property
    def query_id(self) -> str:
        """What OVHcloud's support asks for: whole, although its digits may look like a phone number."""
        said = self.headers.get("X-Ovh-QueryID", "")
        return said if _QUERY_ID.fullmatch(said) else quotable(said)


def refusal(reply: Reply, *, now: float) -> OvhError:
    """The error that an answer stands for; `now` in UNIX seconds, for a Retry-After that is a date."""
    code, message = _said(reply.body)
    # What the API quotes in brackets is the caller's own text: an alert about "credits" is not an empty account.
    words = re.sub(r"\([^)]*\)?", "", f"{reply.method} {code} {message}").strip()
    row = next(row for row in TABLE if row.first <= reply.status <= row.last and row.words.search(words))
    return OvhError(
        certainty=settled(row.certainty, reply.method),
        scope=row.scope,
        status=reply.status,
        code=code or ("unreadable" if reply.status < 300 else ""),
        message=message or _described(reply),
        query_id=reply.query_id,
        retry_after=_retry_after(reply.headers.get("Retry-After", ""), now),
        call=reply.call,
    )


def settled(certainty: Certainty, method: str) -> Certainty:
    """A GET changes nothing: whatever became of it, it can be asked again."""
    return _TEMPORARY if certainty is _UNKNOWN and method == "GET" else certainty


def about_time(error: OvhError) -> bool:
    """Whether OVHcloud refused the timestamp or the signature."""
    said = ABOUT_TIME.search(f"{error.code} {error.message}")
    return error.certainty is _TEMPORARY and error.status not in (None, 429) and said is not None


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
    line = " ".join(text.split())
    return _NUMBER.sub(_masked, line)[:300]


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


def _described(reply: Reply) -> str:
    if not reply.body.strip():
        return "empty answer"
    kind = reply.headers.get("Content-Type", "") or "no type given"
    return f"{len(reply.body)} characters ({quotable(kind)}) that are no answer of the API"


def _retry_after(value: str, now: float) -> float | None:
    if re.fullmatch(r"[0-9]{1,9}", value.strip()):
        return float(value)
    try:
        return max(parsedate_to_datetime(value).timestamp() - now, 0.0)
    except (ValueError, OverflowError):
        return None
