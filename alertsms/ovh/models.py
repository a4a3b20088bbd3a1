"""What the SMS API answers, read leniently: an odd or missing field costs that field, never the message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from alertsms.ovh.client import number, whole_number


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


def moment(value: object) -> datetime | None:
    """An RFC 3339 time; None without a zone, since nothing says which one is meant."""
    try:
        at = datetime.fromisoformat(text(value))
    except ValueError:
        return None
    return at if at.tzinfo else None
