"""One SMS account: the jobs it takes, its balance and senders, what it accepted and what came back, and how each shows.

A body is read as strictly as OVHcloud is known to read it.
"""

from __future__ import annotations

import re
import secrets
import string
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from alertsms.sandbox.exchange import RefusedError, bad_request, not_found
from alertsms.sandbox.faults import FaultKind, Strike
from alertsms.sandbox.message import (
    PARIS,
    DeliveryCode,
    OperatorReceipt,
    PhoneReply,
    SandboxMessage,
    measure,
    moment,
    next_slot,
    receipts,
)

NUMBER = re.compile(r"(?:\+|00)([1-9][0-9]{9,16})")
STOP_CLAUSE = "\nSTOP:36111"  # eleven characters
# What the short number takes for contact information; what OVHcloud counts as such is not documented.
CONTACT = re.compile(r"https?://|\bwww\.|[\w.+-]+@[\w-]+\.\w|\+[0-9]{9}", re.IGNORECASE)

STRING, BOOLEAN, LONG, STRINGS = "string", "boolean", "long", "string[]"

OF_TYPE: Mapping[str, Callable[[object], bool]] = {
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
        if not OF_TYPE[fields[name]](value):
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


FIRST_ID = 100001
SENDERS = {"ACME": "enable", "NEWNAME": "waitingValidation"}


class SandboxAccount:
    """The state behind the calls. The Sandbox's lock guards it; times are Unix seconds and arguments."""

    def __init__(
        self,
        name: str = "sms-xx00000-1",
        *,
        senders: Mapping[str, str] = SENDERS,
        credits: float = 1000.0,  # noqa: A002 - OVHcloud's word
        fate: tuple[OperatorReceipt, ...] | None = None,
        virtual_numbers: Mapping[str, str] | None = None,
    ) -> None:
        """`senders`: name -> enable, disable, refused or waitingValidation; `fate`: the receipts of each message.

        `virtual_numbers`: 0033... -> country.
        """
        self.name = name
        self.senders = dict(senders)
        self.virtual_numbers = dict(virtual_numbers or {})
        self.fate = receipts() if fate is None else fate
        self.settings: dict[str, object] = {"callBack": None, "stopCallBack": None, "description": name}
        self._opening_credits = credits
        self._next_id = FIRST_ID
        self.clear()

    def clear(self) -> None:
        """Forget all traffic and fill the balance up; ids go on, so none is ever used twice."""
        self.credits = self._opening_credits
        self.messages: dict[int, SandboxMessage] = {}
        self.incoming: dict[int, PhoneReply] = {}
        self.blacklist: dict[str, float] = {}  # number -> since when
        self.tags: Counter[str] = Counter()
        self.receivers: Counter[str] = Counter()
        self._by_tag: defaultdict[str, list[int]] = defaultdict(list)

    def submit(self, job: JobRequest, now: float, strike: Strike) -> tuple[list[SandboxMessage], list[str]]:
        """Accept `job`; return its messages and the receivers that were not. Raises RefusedError."""
        self._check_sender(job.sender)
        valid = (
            []
            if FaultKind.INVALID_RECEIVER in strike.hits
            else [
                number for number in map(normal, job.receivers) if number is not None and number not in self.blacklist
            ]
        )
        refused = [number for number in job.receivers if normal(number) not in valid]
        text = job.text + STOP_CLAUSE if job.stop else job.text
        size = measure(text)
        if FaultKind.NO_CREDITS in strike.hits or size.parts * len(valid) > self.credits:
            raise RefusedError(403, "NOT_ENOUGH_CREDITS", "Not enough credits")
        leaves_at = now + 60 * job.deferred
        first = SandboxMessage(
            id=0,
            at=now,
            receiver="",
            text=text,
            tag=job.tag,
            sender=job.sender,
            size=size,
            credits=float(size.parts),
            priority=job.priority,
            validity=job.validity,
            stop=job.stop,
            leaves_at=next_slot(leaves_at) if job.stop else leaves_at,
            visible_at=now + strike.seconds(FaultKind.LATE),
            receipts=self._fate(strike),
            shown=FaultKind.BLOCKED not in strike.hits,
        )
        return [self._record(replace(first, id=self._id(), receiver=number)) for number in valid], refused

    def _check_sender(self, sender: str) -> None:
        if not sender or sender in self.virtual_numbers:
            return
        if sender not in self.senders:
            raise RefusedError(403, "FORBIDDEN", f"Sms sender {sender} does not exists. Please create it first")
        if self.senders[sender] != "enable":
            raise RefusedError(403, "FORBIDDEN", "User not granted for this request")

    def _fate(self, strike: Strike) -> tuple[OperatorReceipt, ...]:
        after = strike.seconds(FaultKind.SLOW_RECEIPT) or (self.fate[-1].after if self.fate else 0.0)
        if FaultKind.NO_RECEIPT in strike.hits:
            return receipts(after, None)
        if bad := strike.hits.get(FaultKind.UNDELIVERED):
            return receipts(after, DeliveryCode.FAILED, bad.ptt)
        return receipts(after) if FaultKind.SLOW_RECEIPT in strike.hits else self.fate

    def _record(self, message: SandboxMessage) -> SandboxMessage:
        self.messages[message.id] = message
        self.credits -= message.credits
        self.tags[message.tag] += 1
        self.receivers[message.receiver] += 1
        self._by_tag[message.tag].append(message.id)
        return message

    def _id(self) -> int:
        self._next_id += 1
        return self._next_id - 1

    def sent(self, now: float, tag: str | None = None) -> Iterable[SandboxMessage]:
        """Return the messages in outgoing at `now`, oldest first, those with `tag` if given."""
        ids = self.messages if tag is None else self._by_tag.get(tag, [])
        return [message for message in map(self.messages.__getitem__, ids) if message.sent(now)]

    def cancel(self, id: int, now: float) -> None:  # noqa: A002 - OVHcloud's word
        """Stop a pending message and give its credits back. Raises RefusedError."""
        message = self.messages.get(id)
        if message is None or not message.pending(now):
            raise not_found(id)
        self.messages[id] = replace(message, cancelled=True)
        self.credits += message.credits

    def receive(self, sender: str, text: str, tag: str, now: float) -> PhoneReply:
        """Take a reply; one that says STOP blacklists its sender, as OVHcloud does by itself."""
        reply = PhoneReply(id=self._id(), at=now, sender=sender, text=text, tag=tag)
        self.incoming[reply.id] = reply
        if text.strip().upper() == "STOP":
            self.blacklist[sender] = now
        return reply


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
