"""An SMS that the sandbox accepted, what it takes on the air, what becomes of it as time passes, and a reply.

The sandbox counts septets, UTF-16 units and parts on its own, from the standard, so that it can disagree with the
program it tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")  # the zone of the times in the sandbox's answers; OVHcloud's is not documented


# The status codes of the REST API ("PTT"), from OVHcloud's guide to SMS users; the texts are our own. Each says what
# happened, and how long it will stay so in OVHcloud's words.
PTT: dict[int, tuple[str, str]] = {
    1: ("Phone side problem, being retried", "temporary"),
    2: ("Operator side problem, being retried", "temporary"),
    3: ("Accepted by the operator", "temporary"),
    4: ("Delivered", "permanent"),
    5: ("Not delivered, no details", "indeterminated"),
    6: ("The operator gave no final status", "indeterminated"),
    8: ("Expired at the operator", "permanent"),
    20: ("Undeliverable in this form", "permanent"),
    21: ("Subscriber has no credit", "temporary"),
    23: ("Wrong, invalid or barred number", "permanent"),
    24: ("Subscriber absent", "temporary"),
    25: ("Temporary problem in the operator's network", "temporary"),
    26: ("Temporary problem of the phone", "temporary"),
    27: ("Phone permanently incompatible", "permanent"),
    28: ("Rejected as spam", "permanent"),
    29: ("Content not allowed", "permanent"),
    33: ("Parental lock", "permanent"),
    39: ("New operator failed", "indeterminated"),
    73: ("Ported number unreachable", "temporary"),
    74: ("Ported number roaming", "temporary"),
    76: ("Ported number blocked for this client", "permanent"),
    202: ("Ported number blocked, contact support", "permanent"),
    1999: ("No approved template for the United States", "permanent"),
}


class DeliveryCode(IntEnum):
    """OVHcloud's delivery receipt codes ("DLR ID")."""

    CREATING = 0
    DELIVERED = 1
    FAILED = 2
    PENDING = 4
    BUFFERED = 8
    ERROR = 16  # not billed


@dataclass(frozen=True, kw_only=True, slots=True)
class OperatorReceipt:
    """What the operator says `after` seconds from the message's departure."""

    after: float
    delivery: DeliveryCode
    ptt: int  # OVHcloud's status code, see PTT


CREATED = OperatorReceipt(after=0.0, delivery=DeliveryCode.CREATING, ptt=0)


def receipts(
    after: float = 1.0, delivery: DeliveryCode | None = DeliveryCode.DELIVERED, ptt: int = 4
) -> tuple[OperatorReceipt, ...]:
    """Return the receipts of a message whose fate is known after `after` seconds; with delivery=None, never."""
    accepted = OperatorReceipt(after=after / 5, delivery=DeliveryCode.PENDING, ptt=3)
    final = () if delivery is None else (OperatorReceipt(after=after, delivery=delivery, ptt=ptt),)
    return (accepted, *final)


@dataclass(frozen=True, kw_only=True, slots=True)
class SandboxMessage:
    """One SMS to one receiver. Times are Unix seconds."""

    id: int
    at: float  # accepted
    receiver: str  # + and digits
    text: str  # as it leaves, the STOP clause included
    tag: str
    sender: str  # "" for a short number
    size: SandboxTextSize
    credits: float
    priority: str
    validity: int  # minutes
    stop: bool  # carries the STOP clause: the job did not say noStopClause
    leaves_at: float  # later than `at` when it was deferred, or held as advertising until the morning
    visible_at: float  # before that it is in no list
    receipts: tuple[OperatorReceipt, ...]
    cancelled: bool = False
    shown: bool = True  # False: an operator dropped it, whatever its receipt says

    def receipt(self, now: float) -> OperatorReceipt:
        """Return the last receipt that has come by `now`."""
        known = () if self.cancelled else self.receipts
        return [CREATED, *(receipt for receipt in known if self.leaves_at + receipt.after <= now)][-1]

    def pending(self, now: float) -> bool:
        """Whether it is listed in jobs."""
        return self.visible_at <= now < self.leaves_at and not self.cancelled

    def sent(self, now: float) -> bool:
        """Whether it is listed in outgoing."""
        return max(self.leaves_at, self.visible_at) <= now and not self.cancelled


@dataclass(frozen=True, kw_only=True, slots=True)
class PhoneReply:
    """A reply from a phone."""

    id: int
    at: float
    sender: str
    text: str
    tag: str


def moment(at: float) -> datetime:
    """Return `at` as an aware datetime in whole seconds, as OVHcloud keeps it."""
    return datetime.fromtimestamp(int(at), PARIS)


def next_slot(at: float) -> float:
    """Return when an advertisement accepted at `at` may leave: Monday to Saturday, 08:00 to 20:00 in Paris.

    Public holidays, closed as well, are not known here.
    """
    local = datetime.fromtimestamp(at, PARIS)
    if local.weekday() < 6 and 8 <= local.hour < 20:
        return at
    opening = local.replace(hour=8, minute=0, second=0, microsecond=0)
    if local.hour >= 8:
        opening += timedelta(days=1)
    if opening.weekday() == 6:
        opening += timedelta(days=1)
    return opening.timestamp()


# 3GPP TS 23.038, 6.2.1: the default alphabet, one septet each
BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# 3GPP TS 23.038, 6.2.1.1: the extension table, two septets each (an escape goes before)
EXTENDED = frozenset("\f^{}\\[~]|€")
GSM7 = BASIC | EXTENDED


@dataclass(frozen=True, kw_only=True, slots=True)
class SandboxTextSize:
    """What a text occupies."""

    unicode: bool
    units: int  # septets, or UTF-16 units when unicode
    per_part: int
    parts: int


def measure(text: str) -> SandboxTextSize:
    """Return the size of `text`; a part never ends between an escape and its letter, nor inside a surrogate pair."""
    if GSM7.issuperset(text):
        return _size([2 if char in EXTENDED else 1 for char in text], 160, 153, unicode=False)
    return _size([2 if ord(char) > 0xFFFF else 1 for char in text], 70, 67, unicode=True)


def _size(widths: list[int], single: int, several: int, *, unicode: bool) -> SandboxTextSize:
    units = sum(widths)
    if units <= single:
        return SandboxTextSize(unicode=unicode, units=units, per_part=single, parts=1)
    parts, room = 1, several
    for width in widths:
        if width > room:
            parts, room = parts + 1, several
        room -= width
    return SandboxTextSize(unicode=unicode, units=units, per_part=several, parts=parts)
