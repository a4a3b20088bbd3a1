"""What the SMS API answers, read leniently: an odd or missing field costs that field, never the message."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountStatus:
    """One SMS account (`sms-xx00000-1`)."""

    status: str  # enable | disable
    channel: str  # both | marketing | transactional
    credits_left: float | None  # a French single-part SMS costs one; not a whole number
    callback: str  # URL called at each delivery receipt, "" for none

    @classmethod
    def read(cls, reply: Mapping[str, Any]) -> Self:
        """Of GET /sms/{serviceName}."""
        return cls(
            status=text(reply.get("status")),
            channel=text(reply.get("channel")),
            credits_left=number(reply.get("creditsLeft")),
            callback=text(reply.get("callBack")),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class SenderStatus:
    """A name that phones show, declared at OVHcloud."""

    status: str  # enable | disable | refused | waitingValidation
    comment: str  # the moderator's, "" for none

    @classmethod
    def read(cls, reply: Mapping[str, Any]) -> Self:
        """Of GET …/senders/{sender}."""
        return cls(status=text(reply.get("status")), comment=text(reply.get("comment")))


@dataclass(frozen=True, kw_only=True, slots=True)
class JobReport:
    """What became of a job that was taken."""

    ids: tuple[int, ...]
    invalid_receivers: tuple[str, ...]
    credits_removed: float
    credits_left: float | None  # newer answers only

    @classmethod
    def read(cls, reply: Mapping[str, Any]) -> Self:
        """Of POST …/jobs."""
        return cls(
            ids=whole_numbers(reply.get("ids")),
            invalid_receivers=texts(reply.get("invalidReceivers")),
            credits_removed=number(reply.get("totalCreditsRemoved")) or 0.0,
            credits_left=number(reply.get("creditsLeft")),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class OutgoingSms:
    """A message that left OVHcloud."""

    id: int | None
    tag: str
    receiver: str
    message: str
    dlr: int | None  # deliveryReceipt: 1 delivered; 2 and 16 failed; 0, 4 and 8 pending
    ptt: int | None  # the operator's status; its low numbers are ambiguous, the dlr decides
    created_at: datetime | None  # aware; None as well when the answer named no zone
    delivered_at: datetime | None

    @classmethod
    def read(cls, reply: Mapping[str, Any]) -> Self:
        """Of GET …/outgoing/{id}."""
        return cls(
            id=whole_number(reply.get("id")),
            tag=text(reply.get("tag")),
            receiver=text(reply.get("receiver")),
            message=text(reply.get("message")),
            dlr=whole_number(reply.get("deliveryReceipt")),
            ptt=whole_number(reply.get("ptt")),
            created_at=moment(reply.get("creationDatetime")),
            delivered_at=moment(reply.get("deliveredAt")),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class PendingJob:
    """A message that OVHcloud took and has not sent yet. It has no tag."""

    id: int | None
    receiver: str
    message: str

    @classmethod
    def read(cls, reply: Mapping[str, Any]) -> Self:
        """Of GET …/jobs/{id}."""
        return cls(
            id=whole_number(reply.get("id")),
            receiver=text(reply.get("receiver")),
            message=text(reply.get("message")),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class IncomingSms:
    """An SMS that a phone sent back."""

    id: int | None
    sender: str  # the phone's number, as OVHcloud writes it
    message: str
    created_at: datetime | None  # aware; None as well when the answer named no zone

    @classmethod
    def read(cls, reply: Mapping[str, Any]) -> Self:
        """Of GET …/incoming/{id}. Its `tag` is left alone: nothing says that it is that of the SMS answered to."""
        return cls(
            id=whole_number(reply.get("id")),
            sender=text(reply.get("sender")),
            message=text(reply.get("message")),
            created_at=moment(reply.get("creationDatetime")),
        )


def text(value: object) -> str:
    """A JSON string, "" for anything else."""
    return value if isinstance(value, str) else ""


def texts(value: object) -> tuple[str, ...]:
    """The strings of a JSON list."""
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def number(value: object) -> float | None:
    """A finite JSON number, also when written as a string."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        result = float(value)
    except (ValueError, OverflowError):
        return None
    return result if math.isfinite(result) else None


def whole_number(value: object) -> int | None:
    """A JSON integer of at most 63 bits (what a database keeps), also when written as a string."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and -(2**63) <= value < 2**63 else None  # type: ignore[operator,return-value]


def whole_numbers(value: object) -> tuple[int, ...]:
    """The integers of a JSON list."""
    items = value if isinstance(value, list) else []
    return tuple(integer for item in items if (integer := whole_number(item)) is not None)


def moment(value: object) -> datetime | None:
    """An RFC 3339 time; None without a zone, since nothing says which one is meant."""
    try:
        at = datetime.fromisoformat(text(value))
    except ValueError:
        return None
    return at if at.tzinfo else None
