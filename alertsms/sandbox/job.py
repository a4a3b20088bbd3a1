"""The body of `POST /sms/{sn}/jobs`, read as strictly as OVHcloud is known to read it."""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass

from alertsms.sandbox.exchange import bad_request

NUMBER = re.compile(r"(?:\+|00)([1-9][0-9]{9,16})")
STOP_CLAUSE = "\nSTOP:36111"  # eleven characters
# What the short number takes for contact information; what OVHcloud counts as such is not documented.
CONTACT = re.compile(r"https?://|\bwww\.|[\w.+-]+@[\w-]+\.\w|\+[0-9]{9}", re.IGNORECASE)

STRING, BOOLEAN, LONG, STRINGS = "string", "boolean", "long", "string[]"

ENUMS: Mapping[str, tuple[str, frozenset[str]]] = {
    "charset": ("sms.CharsetEnum", frozenset({"UTF-8"})),
    "class": ("sms.ClassEnum", frozenset({"flash", "phoneDisplay", "sim", "toolkit"})),
    "coding": ("sms.CodingEnum", frozenset({"7bit", "8bit"})),
    "priority": ("sms.PriorityEnum", frozenset({"high", "medium", "low", "veryLow"})),
}
VIRTUAL_FIELDS: Mapping[str, str] = {
    "message": STRING,
    "receivers": STRINGS,
    "receiversSlotId": STRING,
    "receiversDocumentUrl": STRING,
    "priority": STRING,
    "validityPeriod": LONG,
    "differedPeriod": LONG,
    "charset": STRING,
    "coding": STRING,
    "class": STRING,
    "tag": STRING,
}
FIELDS = {**VIRTUAL_FIELDS, "sender": STRING, "senderForResponse": BOOLEAN, "noStopClause": BOOLEAN}


@dataclass(frozen=True, kw_only=True, slots=True)
class JobRequest:
    """What a client asks to send."""

    text: str
    receivers: tuple[str, ...]  # as written, valid or not
    sender: str  # "" when a short number is to be used
    stop: bool
    priority: str
    validity: int  # minutes
    deferred: int  # minutes
    tag: str


def normal(number: str) -> str | None:
    """Return a number as + and digits, or None when OVHcloud would not send to it (06... is not international)."""
    match = NUMBER.fullmatch(number)
    return f"+{match[1]}" if match else None


def described(body: object, fields: Mapping[str, str]) -> Mapping[str, object]:
    """Return `body` if it is an object of nothing but `fields` with the right types; raise RefusedError otherwise."""
    if not isinstance(body, dict):
        raise bad_request("Received body is not a JSON object")
    if unknown := [name for name in body if name not in fields]:
        raise bad_request(f"Received not described parameters: ({', '.join(unknown)})")
    for name, value in body.items():
        if not _is(value, fields[name]):
            raise bad_request(f"[{name}] Given data ({value}) is not valid for type {fields[name]}")
        if name in ENUMS and value not in ENUMS[name][1]:
            raise bad_request(f"[{name}] Given data ({value}) does not belong to the {ENUMS[name][0]} enumeration")
    return body


def _is(value: object, kind: str) -> bool:
    if kind == STRINGS:
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if kind == LONG:
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return isinstance(value, bool if kind == BOOLEAN else str)


def read_job(body: object, *, virtual_number: str = "") -> JobRequest:
    """Return the job in `body`, or raise RefusedError; a virtual number is always its job's sender."""
    given = dict(described(body, VIRTUAL_FIELDS if virtual_number else FIELDS))
    if not given.get("message"):
        raise bad_request("[message] Missing parameter")
    if "receivers" not in given:
        raise bad_request("[receivers] Missing parameter (the sandbox keeps no stored lists)")
    job = JobRequest(
        text=str(given["message"]),
        receivers=tuple(given["receivers"]),  # type: ignore[arg-type]  # described() saw that it is a list
        sender=virtual_number or ("" if given.get("senderForResponse") else str(given.get("sender", ""))),
        stop=not virtual_number and not given.get("noStopClause", False),
        priority=str(given.get("priority", "high")),
        validity=int(str(given.get("validityPeriod", 2880))),
        deferred=int(str(given.get("differedPeriod", 0))),
        tag=str(given.get("tag") or _tag()),
    )
    if not job.sender and CONTACT.search(job.text):
        raise bad_request("cannot send contact information with shortcode")
    return job


def _tag() -> str:
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(16))
