"""One SMS to one number: its states, their only edges, when to try or to ask again, and what its receipt says.

Source of both tables of receipts: OVHcloud's guide on SMS users, which calls the list of status codes non-exhaustive.
The classes of the status codes are a reading of their texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class MessageState(StrEnum):
    """Where a message is. The comment says what leads out of it."""

    QUEUED = "queued"  # waits for its next attempt: claimed, cancelled by a resolution, or refused for good
    SENDING = "sending"  # claimed under a lease: OVH answers, refuses, says try again, or its answer is lost
    UNKNOWN = "unknown"  # may have been accepted: a look-up by tag finds it or allows another attempt
    SENT = "sent"  # OVH gave an id for this number: a receipt ends it
    DELIVERED = "delivered"  # the phone has it; final
    UNDELIVERED = "undelivered"  # a bad receipt; only a late good one leads out
    CANCELLED = "cancelled"  # no longer wanted before it left; final
    FAILED = "failed"  # refused for good, or given up; final


# What a state says of a message; in SQL they are lists.
IN_FLIGHT = (MessageState.SENDING, MessageState.UNKNOWN)  # nobody knows yet whether it left
PENDING = (MessageState.QUEUED, *IN_FLIGHT)  # what becomes of it is still to be decided
REACHED = (MessageState.SENT, MessageState.DELIVERED)  # the phone has it, as far as anybody knows
ACCEPTED = (*REACHED, MessageState.UNDELIVERED)  # OVHcloud took it
MAY_HAVE_LEFT = (*IN_FLIGHT, *ACCEPTED)

EDGES: dict[MessageState, frozenset[MessageState]] = {
    MessageState.QUEUED: frozenset({MessageState.SENDING, MessageState.CANCELLED, MessageState.FAILED}),
    MessageState.SENDING: frozenset(
        {MessageState.SENT, MessageState.QUEUED, MessageState.FAILED, MessageState.UNKNOWN}
    ),
    MessageState.UNKNOWN: frozenset(
        {MessageState.SENT, MessageState.QUEUED, MessageState.CANCELLED, MessageState.FAILED}
    ),
    MessageState.SENT: frozenset({MessageState.DELIVERED, MessageState.UNDELIVERED}),
    MessageState.UNDELIVERED: frozenset({MessageState.DELIVERED}),
    MessageState.DELIVERED: frozenset(),
    MessageState.CANCELLED: frozenset(),
    MessageState.FAILED: frozenset(),
}

# 1, 2, 4, 8, 15, then every 30 s: with four calls in ten failing, sixty pages are out within 150 s nearly always.
RETRY_SECONDS = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
JITTER = 0.2
LIMITED = "send: 429"  # how the error of a message begins that was refused so and has not been asked about since
MOST_WISHED, MOST_WISHED_CRITICAL = 300.0, 60.0  # seconds that one header may keep a page waiting

# After the answer was lost. OVH does not say how soon an accepted job shows in `outgoing`, so absence before the
# last of these is no proof.
LOOKUPS = tuple(timedelta(seconds=seconds) for seconds in (1, 3, 7, 15))
LOOKUP_RETRY = timedelta(seconds=2)  # after a look-up that itself failed, which proves nothing
LOOKUP_PATIENCE = timedelta(seconds=60)  # so long we wait for one that answers
LOOKUP_SHUT = timedelta(seconds=15)  # between look-ups while no account can be asked nor sent by
MAX_RESENDS = 3  # copies cost money and sleep: at most three more after the first
RESEND_PAUSE = timedelta(seconds=60)  # between the second resend and the third


def retry_at(
    now: datetime, *, attempts: int, jitter: float, retry_after: float | None = None, critical: bool = True
) -> datetime:
    """When to send again a message that was certainly not sent.

    `attempts` is how often it was tried (1 or more), `jitter` lies in -1..1, `retry_after` is OVH's wish in seconds,
    of which little is granted to keep a `critical` page waiting.
    """
    seconds = RETRY_SECONDS[min(max(attempts, 1), len(RETRY_SECONDS)) - 1] * (1 + JITTER * jitter)
    if retry_after is not None:
        seconds = max(seconds, min(retry_after, MOST_WISHED_CRITICAL if critical else MOST_WISHED))
    return now + timedelta(seconds=seconds)


class LookupResult(StrEnum):
    """What a look-up by tag said."""

    FOUND = "found"  # OVH has it
    EARLY = "early"  # OVH does not show it yet: too soon to count
    ABSENT = "absent"  # OVH answered that it has none
    SILENT = "silent"  # the look-up itself failed: proves nothing


class LookupDecision(StrEnum):
    """What becomes of an unknown message; the values are those of sms_unknown_total{resolution}."""

    FOUND = "found"  # it was accepted: sent
    WAIT = "wait"  # too early to say: ask again
    RESEND = "resent"  # OVH has none, or cannot say: one more copy
    STANDBY = "standby"  # resends used up on the first account: one more copy by the other
    CANCEL = "cancelled"  # nobody wants it any more
    ABSENT = "absent"  # resends used up, and OVH still says it has none: failed, the incident moves on
    UNCONFIRMED = "unconfirmed"  # resends used up, and OVH cannot say: failed, the incident moves on


@dataclass(frozen=True, kw_only=True, slots=True)
class UncertainMessage:
    """What is known of a message whose answer was lost."""

    since: datetime  # when the last answer was lost
    resends: int = 0
    resent_at: datetime | None = None
    wanted: bool = True  # false once it was resolved or acknowledged meanwhile
    shut: bool = False  # no account takes messages: a copy could not leave, and a look-up has no answer
    spare: bool = False  # the stand-by works, and it went by the first account
    moved: bool = False  # calls of the account that it went by are led to another address, or were just now
    held: bool = False  # they are: neither asked nor sent again until somebody has mended that


def proves(since: datetime, now: datetime) -> bool:
    """Whether OVH's "none" counts when asked now; an earlier look can only find the message."""
    return now >= since + LOOKUPS[-1]


def after_lookup(doubt: UncertainMessage, finding: LookupResult, now: datetime) -> tuple[LookupDecision, datetime]:
    """Decide about an unknown message; the time says when the step is due (now, but for WAIT)."""
    if finding is LookupResult.FOUND:
        return LookupDecision.FOUND, now
    if doubt.held:
        return LookupDecision.WAIT, now + LOOKUP_SHUT
    if finding is LookupResult.SILENT and (pause := _patience(doubt, now)):
        return LookupDecision.WAIT, now + pause
    for after in LOOKUPS:
        if now < doubt.since + after:
            return LookupDecision.WAIT, doubt.since + after
    if finding is LookupResult.EARLY:  # the time came while OVH was asked
        return LookupDecision.WAIT, now
    if not doubt.wanted:
        return LookupDecision.CANCEL, now
    if doubt.resends >= MAX_RESENDS:
        return _used_up(doubt, finding, now)
    # The last copy leaves room for the ones before it to show up at OVH.
    if doubt.resends == MAX_RESENDS - 1 and doubt.resent_at and now < doubt.resent_at + RESEND_PAUSE:
        return LookupDecision.WAIT, doubt.resent_at + RESEND_PAUSE
    return LookupDecision.RESEND, now


def _patience(doubt: UncertainMessage, now: datetime) -> timedelta | None:
    """How long to wait after a look-up that failed, which proves nothing; None when that was long enough."""
    if now < doubt.since + LOOKUP_PATIENCE:
        return LOOKUP_RETRY
    # A dead account must burn no copies: what became of it is asked once there is a way out again.
    return LOOKUP_SHUT if doubt.shut and doubt.wanted else None


def _used_up(doubt: UncertainMessage, finding: LookupResult, now: datetime) -> tuple[LookupDecision, datetime]:
    if doubt.moved:  # that is no loss: each trial of the address may cost one more, looked up before
        due = (doubt.resent_at or now) + RESEND_PAUSE
        return (LookupDecision.RESEND, now) if now >= due else (LookupDecision.WAIT, due)
    if doubt.spare and doubt.resends == MAX_RESENDS:
        return LookupDecision.STANDBY, now
    return LookupDecision.ABSENT if finding is LookupResult.ABSENT else LookupDecision.UNCONFIRMED, now


class ReceiptVerdict(StrEnum):
    """What a receipt means for the page."""

    GOOD = "good"  # the phone has it; final
    BAD = "bad"  # it will not arrive: the person's next number; a good one may still follow
    PENDING = "pending"  # nobody knows yet: ask again


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """What a receipt, or the status code of an operator, says."""

    verdict: ReceiptVerdict
    words: str = ""
    permanent: bool = False  # this number will not take another SMS either


# "DLR ID": deliveryReceipt of an outgoing message; `description` or `dlr` of a callback.
DLR: Mapping[int, ReceiptVerdict] = {
    0: ReceiptVerdict.PENDING,  # creating
    1: ReceiptVerdict.GOOD,
    2: ReceiptVerdict.BAD,
    4: ReceiptVerdict.PENDING,
    8: ReceiptVerdict.PENDING,  # buffered
    16: ReceiptVerdict.BAD,  # an error, not billed
}

PTT: Mapping[int, Judgement] = {
    1: Judgement(verdict=ReceiptVerdict.PENDING, words="the phone could not take it, tried again"),
    2: Judgement(verdict=ReceiptVerdict.PENDING, words="the operator could not take it, tried again"),
    3: Judgement(verdict=ReceiptVerdict.PENDING, words="accepted by the operator"),
    4: Judgement(verdict=ReceiptVerdict.GOOD, words="delivered"),
    5: Judgement(verdict=ReceiptVerdict.BAD, words="not delivered, no reason given"),
    6: Judgement(verdict=ReceiptVerdict.PENDING, words="the operator gave no final status"),
    8: Judgement(verdict=ReceiptVerdict.BAD, words="expired at the operator"),
    20: Judgement(verdict=ReceiptVerdict.BAD, words="cannot be delivered in this form"),
    21: Judgement(verdict=ReceiptVerdict.BAD, words="the phone's owner has no credit"),
    23: Judgement(verdict=ReceiptVerdict.BAD, words="wrong, invalid, blacklisted or barred number", permanent=True),
    24: Judgement(verdict=ReceiptVerdict.BAD, words="phone off or not found"),
    25: Judgement(verdict=ReceiptVerdict.BAD, words="passing trouble in the operator's network"),
    26: Judgement(verdict=ReceiptVerdict.BAD, words="passing trouble of the phone: busy, or its memory full"),
    27: Judgement(verdict=ReceiptVerdict.BAD, words="the phone can take no SMS", permanent=True),
    28: Judgement(verdict=ReceiptVerdict.BAD, words="refused as spam"),
    29: Judgement(verdict=ReceiptVerdict.BAD, words="content not allowed there"),
    33: Judgement(verdict=ReceiptVerdict.BAD, words="parental lock"),
    39: Judgement(verdict=ReceiptVerdict.BAD, words="the new operator failed"),
    73: Judgement(verdict=ReceiptVerdict.BAD, words="ported number, not reachable"),
    74: Judgement(verdict=ReceiptVerdict.BAD, words="ported number, roaming"),
    76: Judgement(verdict=ReceiptVerdict.BAD, words="ported number, blocked for this account"),
    202: Judgement(verdict=ReceiptVerdict.BAD, words="blocked: ask OVHcloud's support"),
    1999: Judgement(verdict=ReceiptVerdict.BAD, words="the United States want an approved template"),
}


def judge(dlr: int | None, ptt: int | None) -> Judgement:
    """Read a receipt. The DLR id decides; the status code, whose low numbers are ambiguous, only where it cannot."""
    status = PTT.get(ptt) if ptt is not None else None
    verdict = DLR.get(dlr) if dlr is not None else None
    if verdict is None:
        verdict = status.verdict if status else ReceiptVerdict.PENDING
    # Words that contradict the DLR id would only confuse.
    return status if status and status.verdict is verdict else Judgement(verdict=verdict)


# OVHcloud's FAQ: under 10 s in France, up to a minute abroad. The first one is `timeout` where that is shorter.
POLLS = (timedelta(seconds=10), timedelta(seconds=30), timedelta(minutes=1))
LONGEST_PAUSE = timedelta(minutes=10)
AFTERMATH = timedelta(minutes=10)  # after its validity a message can only have ended; the operator says so a bit later


def next_poll(sent_at: datetime, now: datetime, *, timeout: timedelta, validity: timedelta) -> datetime | None:
    """When to ask about a message that has no final receipt yet; None: not any more, only a callback counts then.

    After 10, 30 and 60 s, when `timeout` is over, then at twice the time, later every ten minutes, until ten minutes
    after the operator gave up.
    """
    end = sent_at + max(validity, timeout) + AFTERMATH
    if now >= end:
        return None
    for after in POLLS:
        if now < sent_at + after < sent_at + timeout:
            return sent_at + after
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
