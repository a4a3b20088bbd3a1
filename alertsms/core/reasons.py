"""The reasons of a story in plain words, for somebody who reads them at nine in the morning."""

from __future__ import annotations

from alertsms.core.decided import (
    ACKNOWLEDGED,
    BEFORE,
    CONTRADICTED,
    HEARTBEAT,
    NO_PEOPLE,
    RECORD_ONLY,
    RESTING,
    TAKEN,
)
from alertsms.core.incident import Reason, Rung
from alertsms.core.storm import Why
from alertsms.core.story import Kind, Told

_WORDS: dict[tuple[Kind, str], str] = {
    (Kind.PAGED, Reason.FIRING): "paged, it is new",
    (Kind.PAGED, Reason.AGAIN): "paged again, it is back",
    (Kind.PAGED, Reason.UNPOSTED): "paged again, it is back: it started anew after all that was known of it",
    (Kind.PAGED, Reason.RELEASED): "paged, what held it back is over",
    (Kind.PAGED, Reason.LEFT): "paged again, whoever had it is none of `people` any more",
    (Kind.PAGED, Reason.ACK_TIMEOUT): "paged again, whoever had it has had it for too long (ack_timeout)",
    (Kind.PAGED, Reason.SNOOZE_OVER): "paged again, the snooze is over",
    (Kind.PAGED, Reason.TEST): "paged, Grafana's test",
    (Kind.PAGED, Rung.STEP): "paged next, nobody had answered",
    (Kind.PAGED, Rung.ROUND): "paged in another round, nobody had answered",
    (Kind.PAGED, Rung.NUDGE): "paged again (nudge), nobody has answered",
    (Kind.PAGED, Rung.ANEW): "paged anew, OVHcloud lost the SMS before",
    (Kind.PAGED, Rung.REMINDER): "paged again as a reminder, it still fires",
    (Kind.PAGED, "fallback"): "paged in its team's place, whom nothing reached",
    (Kind.PAGED, "fallback_unanswered"): "paged in its team's place, of whom nobody answered",
    (Kind.NOT_PAGED, Reason.KNOWN): "mentioned again, nobody paged: it is known already",
    (Kind.NOT_PAGED, Reason.MUTED): "nobody paged, it is muted for now",
    (Kind.NOT_PAGED, Reason.SUPPRESSED): "nobody paged: Alertmanager silences or inhibits it",
    (
        Kind.NOT_PAGED,
        Reason.LATE_COPY,
    ): "nobody paged yet: it started before what just ended was over, so it may be a late copy;"
    " paged in 2 min unless it is resolved again",
    (Kind.NOT_PAGED, Reason.OLD_RESOLUTION): "not closed: the resolution is older than its start, a late copy",
    (Kind.NOT_PAGED, Reason.FLAPPING): "not closed: it ended so often lately that it flaps",
    (Kind.NOT_PAGED, Reason.FLAPS): "ended or came back again, nobody told: it flaps",
    (Kind.NOT_PAGED, Reason.STEADY): "flaps no more: it fired for 15 min on end",
    (Kind.NOT_PAGED, Reason.UNSENT): "not paged again: the SMS before it is still under way",
    (Kind.NOT_PAGED, Reason.REMIND_MAX): "no more reminders: remind_max is over",
    (Kind.NOT_PAGED, CONTRADICTED): "not closed: the same body said that it fires",
    (Kind.NOT_PAGED, RECORD_ONLY): "nobody paged: its team only records",
    (Kind.NOT_PAGED, ACKNOWLEDGED): "nobody paged: somebody has it",
    (Kind.NOT_PAGED, TAKEN): "nobody paged: its people hear of the same alert through another team",
    (Kind.NOT_PAGED, NO_PEOPLE): "nobody paged: nobody of the team is on call",
    (Kind.NOT_PAGED, RESTING): "nobody paged: it always fires, and no route names it",
    (Kind.NOT_PAGED, HEARTBEAT): "nobody paged: it refreshes a heartbeat",
    (Kind.CLOSED, Reason.RESOLVED): "over: its sender resolved it",
    (Kind.CLOSED, Reason.UNPOSTED): "over at some time: its end was never posted",
    (Kind.CLOSED, Reason.STALE): "closed: nothing mentioned it for too long (stale_after)",
    (Kind.CLOSED, Reason.QUIET): "over: no other one for an hour",
    (Kind.CLOSED, Reason.VANISHED): "over: gone from Alertmanager, which never said so",
    (Kind.CLOSED, Reason.RESOLVED_BY_HAND): "over: somebody says so",
    (Kind.ANSWERED, Reason.ACKNOWLEDGED): "somebody has it",
    (Kind.ANSWERED, Reason.SNOOZED): "somebody has it for a while",
    (Kind.ANSWERED, BEFORE): "answered before it began or came back, so that does not count",
    (Kind.ANSWERED, "silenced"): "silenced in Alertmanager",
    (Kind.ATTEMPT, "accepted"): "accepted by OVHcloud",
    (Kind.ATTEMPT, "found"): "found at OVHcloud after its answer was lost",
    (Kind.ATTEMPT, "retry"): "not sent, to be tried again",
    (Kind.ATTEMPT, "unknown"): "OVHcloud's answer was lost, to be looked up",
    (Kind.ATTEMPT, "resent"): "not found at OVHcloud, to be sent once more",
    (Kind.ATTEMPT, "unneeded"): "not sent again: nobody needs it any more",
    (Kind.ATTEMPT, "refused"): "refused for good",
    (Kind.ATTEMPT, "given_up"): "given up",
    (Kind.ATTEMPT, "plainer"): "refused for contact information, to be sent once more without",
    (Kind.ATTEMPT, Why.STORM): "waits for a digest: too many came at once (storm.after)",
    (Kind.ATTEMPT, Why.LIMIT): "waits: this hour's SMS are used up (limits.per_person_per_hour)",
    (Kind.ATTEMPT, Why.RESERVE): "waits: the last credits are for critical alerts (limits.reserve_credits)",
    (Kind.ATTEMPT, "recomposed"): "waited out an outage, to be worded anew",
    (Kind.RECEIPT, "delivered"): "is on the phone",
    (Kind.RECEIPT, "delivered_late"): "is on the phone after all",
    (Kind.RECEIPT, "undelivered"): "was not delivered",
    (Kind.RECEIPT, "none_in_time"): "has no receipt in time (receipt_timeout)",
    (Kind.MOVED_ON, "next_number"): "the next number follows",
    (Kind.MOVED_ON, "unreached"): "no phone of its step could be reached",
    (Kind.MOVED_ON, Reason.UNANSWERED): "nobody has answered, its fallback is told if it has one",
    (Kind.CHANNEL, "told"): "told by other channels",
    (Kind.CHANNEL, "retry"): "other channels did not take it, to be tried again",
    (Kind.CHANNEL, "failed"): "other channels did not take it, given up",
}
_KINDS = {
    Kind.PAGED: "paged",
    Kind.NOT_PAGED: "nobody paged",
    Kind.CLOSED: "closed",
    Kind.ATTEMPT: "attempt",
    Kind.RECEIPT: "receipt",
    Kind.MOVED_ON: "next",
    Kind.ANSWERED: "answered",
    Kind.CHANNEL: "other channels",
}


def sentence(told: Told) -> str:
    """One event in words, with its detail."""
    words = words_of(told.kind, told.reason)
    # "SMS to alice (+33*******78): OVH id 1" begins with what the words are about.
    if told.kind in (Kind.ATTEMPT, Kind.RECEIPT) and told.detail:
        what, _, more = told.detail.partition(": ")
        return ": ".join(filter(None, (f"{what} {words}", more)))
    return ": ".join(filter(None, (words, told.detail)))


def words_of(kind: Kind, reason: str) -> str:
    """A sentence for a reason; one that is not in the table, of a newer version say, stands for itself."""
    return _WORDS.get((kind, reason)) or f"{_KINDS[kind]}: {reason.replace('_', ' ')}"
