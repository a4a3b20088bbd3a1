"""What OVHcloud says of a message on its way to a phone: what each code means, when to ask, and what silence means.

Source of both tables: OVHcloud's guide on SMS users, which calls the list of status codes non-exhaustive. The classes
of the status codes are a reading of their texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class ReceiptVerdict(StrEnum):
    """What a receipt means for the page."""

    GOOD = "good"  # the phone has it; final
    BAD = "bad"  # it will not arrive: the person's next number; a good one may still follow
    PENDING = "pending"  # nobody knows yet: ask again


@dataclass(frozen=True, kw_only=True, slots=True)
class OperatorStatus:
    """The operator's status code."""

    verdict: ReceiptVerdict
    words: str
    permanent: bool = False  # this number will not take another one either


# "DLR ID": deliveryReceipt of an outgoing message; `description` or `dlr` of a callback.
DLR: Mapping[int, ReceiptVerdict] = {
    0: ReceiptVerdict.PENDING,  # creating
    1: ReceiptVerdict.GOOD,
    2: ReceiptVerdict.BAD,
    4: ReceiptVerdict.PENDING,
    8: ReceiptVerdict.PENDING,  # buffered
    16: ReceiptVerdict.BAD,  # an error, not billed
}

PTT: Mapping[int, OperatorStatus] = {
    1: OperatorStatus(verdict=ReceiptVerdict.PENDING, words="the phone could not take it, tried again"),
    2: OperatorStatus(verdict=ReceiptVerdict.PENDING, words="the operator could not take it, tried again"),
    3: OperatorStatus(verdict=ReceiptVerdict.PENDING, words="accepted by the operator"),
    4: OperatorStatus(verdict=ReceiptVerdict.GOOD, words="delivered"),
    5: OperatorStatus(verdict=ReceiptVerdict.BAD, words="not delivered, no reason given"),
    6: OperatorStatus(verdict=ReceiptVerdict.PENDING, words="the operator gave no final status"),
    8: OperatorStatus(verdict=ReceiptVerdict.BAD, words="expired at the operator"),
    20: OperatorStatus(verdict=ReceiptVerdict.BAD, words="cannot be delivered in this form"),
    21: OperatorStatus(verdict=ReceiptVerdict.BAD, words="the phone's owner has no credit"),
    23: OperatorStatus(
        verdict=ReceiptVerdict.BAD, words="wrong, invalid, blacklisted or barred number", permanent=True
    ),
    24: OperatorStatus(verdict=ReceiptVerdict.BAD, words="phone off or not found"),
    25: OperatorStatus(verdict=ReceiptVerdict.BAD, words="passing trouble in the operator's network"),
    26: OperatorStatus(verdict=ReceiptVerdict.BAD, words="passing trouble of the phone: busy, or its memory full"),
    27: OperatorStatus(verdict=ReceiptVerdict.BAD, words="the phone can take no SMS", permanent=True),
    28: OperatorStatus(verdict=ReceiptVerdict.BAD, words="refused as spam"),
    29: OperatorStatus(verdict=ReceiptVerdict.BAD, words="content not allowed there"),
    33: OperatorStatus(verdict=ReceiptVerdict.BAD, words="parental lock"),
    39: OperatorStatus(verdict=ReceiptVerdict.BAD, words="the new operator failed"),
    73: OperatorStatus(verdict=ReceiptVerdict.BAD, words="ported number, not reachable"),
    74: OperatorStatus(verdict=ReceiptVerdict.BAD, words="ported number, roaming"),
    76: OperatorStatus(verdict=ReceiptVerdict.BAD, words="ported number, blocked for this account"),
    202: OperatorStatus(verdict=ReceiptVerdict.BAD, words="blocked: ask OVHcloud's support"),
    1999: OperatorStatus(verdict=ReceiptVerdict.BAD, words="the United States want an approved template"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """What a receipt says."""

    verdict: ReceiptVerdict
    permanent: bool = False
    words: str = ""


def judge(dlr: int | None, ptt: int | None) -> Judgement:
    """Read a receipt. The DLR id decides; the status code, whose low numbers are ambiguous, only where it cannot."""
    status = PTT.get(ptt) if ptt is not None else None
    verdict = DLR.get(dlr) if dlr is not None else None
    if verdict is None:
        verdict = status.verdict if status else ReceiptVerdict.PENDING
    if status is None or status.verdict is not verdict:  # words that contradict the DLR id would only confuse
        return Judgement(verdict=verdict)
    return Judgement(verdict=verdict, permanent=status.permanent, words=status.words)


FIRST_SECONDS = (10, 30, 60)  # OVHcloud's FAQ: under 10 s in France, up to a minute abroad
LONGEST_PAUSE = timedelta(minutes=10)
AFTERMATH = timedelta(minutes=10)  # after its validity a message can only have ended; the operator says so a bit later


def first_poll(sent_at: datetime, timeout: timedelta) -> datetime:
    """When to ask for the first time about a message that has just left."""
    return sent_at + min(timedelta(seconds=FIRST_SECONDS[0]), timeout)


def next_poll(sent_at: datetime, now: datetime, *, timeout: timedelta, validity: timedelta) -> datetime | None:
    """When to ask about a message that has no final receipt yet; None: not any more, only a callback counts then.

    After 10, 30 and 60 s, when `timeout` is over, then at twice the time, later every ten minutes, until ten minutes
    after the operator gave up.
    """
    end = sent_at + max(validity, timeout) + AFTERMATH
    if now >= end:
        return None
    for seconds in FIRST_SECONDS:
        if now < sent_at + timedelta(seconds=seconds) < sent_at + timeout:
            return sent_at + timedelta(seconds=seconds)
    after = timeout
    while sent_at + after <= now:
        after += min(after, LONGEST_PAUSE)
    return min(sent_at + after, end)


WINDOW = 20  # messages


def broken(without: int) -> bool:
    """Whether receipts are not to be trusted, when so many of the last 20 messages got none in time.

    More than half of them: a new account's first ten prove nothing.
    """
    return without > WINDOW // 2
