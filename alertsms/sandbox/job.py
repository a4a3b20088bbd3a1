"""Messages as the API takes and shows them: the body of `POST /sms/{sn}/jobs`, jobs, sent messages, their filters.

A body is read as strictly as OVHcloud is known to read it.
"""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alertsms.sandbox.exchange import bad_request
from alertsms.sandbox.message import PARIS, DeliveryCode, PhoneReply, SandboxMessage, moment

NUMBER = re.compile(r"(?:\+|00)([1-9][0-9]{9,16})")
STOP_CLAUSE = "\nSTOP:36111"  # eleven characters
# What the short number takes for contact information; what OVHcloud counts as such is not documented.
CONTACT = re.compile(r"https?://|\bwww\.|[\w.+-]+@[\w-]+\.\w|\+[0-9]{9}", re.IGNORECASE)

STRING, BOOLEAN, LONG, STRINGS = "string", "boolean", "long", "string[]"

IS: Mapping[str, Callable[[object], bool]] = {
    STRING: lambda value: isinstance(value, str),
    BOOLEAN: lambda value: isinstance(value, bool),
    LONG: lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= 0,
    STRINGS: lambda value: isinstance(value, list) and all(isinstance(item, str) for item in value),
}
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
        if not IS[fields[name]](value):
            raise bad_request(f"[{name}] Given data ({value}) is not valid for type {fields[name]}")
        if name in ENUMS and value not in ENUMS[name][1]:
            raise bad_request(f"[{name}] Given data ({value}) does not belong to the {ENUMS[name][0]} enumeration")
    return body


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


# name -> (how its value is read, which messages it keeps at a time)
Filters = Mapping[str, tuple[Callable[[str, str], object], Callable[[Any, float, Any], bool]]]


def job(message: SandboxMessage, now: float) -> dict[str, object]:
    """Return `message` as GET jobs/{id} shows it: it has no tag there."""
    receipt = message.receipt(now)
    left = message.leaves_at <= now
    delivered = receipt.delivery is DeliveryCode.DELIVERED
    return {
        "id": message.id,
        "creationDatetime": moment(message.at).isoformat(),
        "credits": message.credits,
        "deliveredAt": moment(message.leaves_at + receipt.after).isoformat() if delivered else None,
        "sentAt": moment(message.leaves_at).isoformat() if left else None,
        "deliveryReceipt": int(receipt.delivery),
        "ptt": receipt.ptt,
        "differedDelivery": int(message.leaves_at - message.at) // 60,
        "message": message.text,
        "messageLength": len(message.text),
        "numberOfSms": message.size.parts,
        "receiver": message.receiver,
        "sender": message.sender,
    }


def outgoing(message: SandboxMessage, now: float) -> dict[str, object]:
    """Return `message` as GET outgoing/{id} shows it."""
    return {**job(message, now), "tag": message.tag, "batchID": None, "messageID": None, "tariffCode": "sandbox"}


def _date(name: str, value: str) -> datetime:
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise bad_request(f"[{name}] Given data ({value}) is not valid for type datetime") from None
    return at if at.tzinfo else at.replace(tzinfo=PARIS)


def _long(name: str, value: str) -> int:
    if not value.removeprefix("-").isdecimal():
        raise bad_request(f"[{name}] Given data ({value}) is not valid for type long")
    return int(value)


def _string(name: str, value: str) -> str:  # noqa: ARG001 - one shape for all readers
    return value


FILTERS: Filters = {
    "tag": (_string, lambda message, _, tag: message.tag == tag),
    "receiver": (_string, lambda message, _, number: message.receiver in (number, normal(number))),
    "sender": (_string, lambda message, _, sender: message.sender == sender),
    "creationDatetime.from": (_date, lambda message, _, at: moment(message.at) >= at),
    "creationDatetime.to": (_date, lambda message, _, at: moment(message.at) <= at),
    "ptt": (_long, lambda message, now, ptt: message.receipt(now).ptt == ptt),
    "deliveryReceipt": (_long, lambda message, now, code: message.receipt(now).delivery == code),
    "differedDelivery": (_long, lambda message, _, minutes: int(message.leaves_at - message.at) // 60 == minutes),
}


REPLY_FILTERS = {name: FILTERS[name] for name in ("tag", "sender", "creationDatetime.from", "creationDatetime.to")}


def matcher(
    query: Mapping[str, str], filters: Filters = FILTERS
) -> Callable[[SandboxMessage | PhoneReply, float], bool]:
    """Return the test that all filters of `query` make together; raises RefusedError for one that does not exist."""
    if unknown := [name for name in query if name not in filters]:
        raise bad_request(f"Received not described parameters: ({', '.join(unknown)})")
    tests = [(filters[name][1], filters[name][0](name, value)) for name, value in query.items()]
    return lambda message, now: all(test(message, now, wanted) for test, wanted in tests)
