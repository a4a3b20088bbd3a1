"""Messages as the API shows them: pending jobs, sent messages, and the filters to find them by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from alertsms.sandbox.exchange import bad_request
from alertsms.sandbox.job import normal
from alertsms.sandbox.message import PARIS, DeliveryCode, PhoneReply, SandboxMessage, moment

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
