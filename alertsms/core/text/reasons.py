"""The reasons of a story in plain words, for somebody who reads them at nine in the morning."""

from __future__ import annotations

from alertsms.core.incidents.incident import (
    ACKNOWLEDGED,
    BEFORE,
    CONTRADICTED,
    HEARTBEAT,
    NO_PEOPLE,
    RECORD_ONLY,
    RESTING,
    TAKEN,
    EventKind,
    IncidentReason,
    StoredEvent,
    Trigger,
)
from alertsms.core.messages.digest_plan import HoldReason

_WORDS: dict[tuple[EventKind, str], str] = {
    (EventKind.PAGED, IncidentReason.FIRING): "paged, it is new",
    (EventKind.PAGED, IncidentReason.AGAIN): "paged again, it is back",
    (
        EventKind.PAGED,
        IncidentReason.UNPOSTED,
    ): "paged again, it is back: it started anew after all that was known of it",
    (EventKind.PAGED, IncidentReason.RELEASED): "paged, what held it back is over",
    (EventKind.PAGED, IncidentReason.LEFT): "paged again, whoever had it is none of `people` any more",
    (EventKind.PAGED, IncidentReason.ACK_TIMEOUT): "paged again, whoever had it has had it for too long (ack_timeout)",
    (EventKind.PAGED, IncidentReason.SNOOZE_OVER): "paged again, the snooze is over",
    (EventKind.PAGED, IncidentReason.TEST): "paged, Grafana's test",
    (EventKind.PAGED, Trigger.STEP): "paged next, nobody had answered",
    (EventKind.PAGED, Trigger.ROUND): "paged in another round, nobody had answered",
    (EventKind.PAGED, Trigger.NUDGE): "paged again (nudge), nobody has answered",
    (EventKind.PAGED, Trigger.ANEW): "paged anew, OVHcloud lost the SMS before",
    (EventKind.PAGED, Trigger.REMINDER): "paged again as a reminder, it still fires",
    (EventKind.PAGED, "fallback"): "paged in its team's place, whom nothing reached",
    (EventKind.PAGED, "fallback_unanswered"): "paged in its team's place, of whom nobody answered",
    (EventKind.NOT_PAGED, IncidentReason.KNOWN): "mentioned again, nobody paged: it is known already",
    (EventKind.NOT_PAGED, IncidentReason.MUTED): "nobody paged, it is muted for now",
    (EventKind.NOT_PAGED, IncidentReason.SUPPRESSED): "nobody paged: Alertmanager silences or inhibits it",
    (
        EventKind.NOT_PAGED,
        IncidentReason.LATE_COPY,
    ): "nobody paged yet: it started before what just ended was over, so it may be a late copy;"
    " paged in 2 min unless it is resolved again",
    (
        EventKind.NOT_PAGED,
        IncidentReason.OLD_RESOLUTION,
    ): "not closed: the resolution is older than its start, a late copy",
    (EventKind.NOT_PAGED, IncidentReason.FLAPPING): "not closed: it ended so often lately that it flaps",
    (EventKind.NOT_PAGED, IncidentReason.FLAPS): "ended or came back again, nobody told: it flaps",
    (EventKind.NOT_PAGED, IncidentReason.STEADY): "flaps no more: it fired for 15 min on end",
    (EventKind.NOT_PAGED, IncidentReason.UNSENT): "not paged again: the SMS before it is still under way",
    (EventKind.NOT_PAGED, IncidentReason.REMIND_MAX): "no more reminders: remind_max is over",
    (EventKind.NOT_PAGED, CONTRADICTED): "not closed: the same body said that it fires",
    (EventKind.NOT_PAGED, RECORD_ONLY): "nobody paged: its team only records",
    (EventKind.NOT_PAGED, ACKNOWLEDGED): "nobody paged: somebody has it",
    (EventKind.NOT_PAGED, TAKEN): "nobody paged: its people hear of the same alert through another team",
    (EventKind.NOT_PAGED, NO_PEOPLE): "nobody paged: nobody of the team is on call",
    (EventKind.NOT_PAGED, RESTING): "nobody paged: it always fires, and no route names it",
    (EventKind.NOT_PAGED, HEARTBEAT): "nobody paged: it refreshes a heartbeat",
    (EventKind.CLOSED, IncidentReason.RESOLVED): "over: its sender resolved it",
    (EventKind.CLOSED, IncidentReason.UNPOSTED): "over at some time: its end was never posted",
    (EventKind.CLOSED, IncidentReason.STALE): "closed: nothing mentioned it for too long (stale_after)",
    (EventKind.CLOSED, IncidentReason.QUIET): "over: no other one for an hour",
    (EventKind.CLOSED, IncidentReason.VANISHED): "over: gone from Alertmanager, which never said so",
    (EventKind.CLOSED, IncidentReason.RESOLVED_BY_HAND): "over: somebody says so",
    (EventKind.ANSWERED, IncidentReason.ACKNOWLEDGED): "somebody has it",
    (EventKind.ANSWERED, IncidentReason.SNOOZED): "somebody has it for a while",
    (EventKind.ANSWERED, BEFORE): "answered before it began or came back, so that does not count",
    (EventKind.ANSWERED, "silenced"): "silenced in Alertmanager",
    (EventKind.ATTEMPT, "accepted"): "accepted by OVHcloud",
    (EventKind.ATTEMPT, "found"): "found at OVHcloud after its answer was lost",
    (EventKind.ATTEMPT, "retry"): "not sent, to be tried again",
    (EventKind.ATTEMPT, "unknown"): "OVHcloud's answer was lost, to be looked up",
    (EventKind.ATTEMPT, "resent"): "not found at OVHcloud, to be sent once more",
    (EventKind.ATTEMPT, "unneeded"): "not sent again: nobody needs it any more",
    (EventKind.ATTEMPT, "refused"): "refused for good",
    (EventKind.ATTEMPT, "given_up"): "given up",
    (EventKind.ATTEMPT, "plainer"): "refused for contact information, to be sent once more without",
    (EventKind.ATTEMPT, HoldReason.STORM): "waits for a digest: too many came at once (storm.after)",
    (EventKind.ATTEMPT, HoldReason.LIMIT): "waits: this hour's SMS are used up (limits.per_person_per_hour)",
    (EventKind.ATTEMPT, HoldReason.RESERVE): "waits: the last credits are for critical alerts (limits.reserve_credits)",
    (EventKind.ATTEMPT, "recomposed"): "waited out an outage, to be worded anew",
    (EventKind.RECEIPT, "delivered"): "is on the phone",
    (EventKind.RECEIPT, "delivered_late"): "is on the phone after all",
    (EventKind.RECEIPT, "undelivered"): "was not delivered",
    (EventKind.RECEIPT, "none_in_time"): "has no receipt in time (receipt_timeout)",
    (EventKind.MOVED_ON, "next_number"): "the next number follows",
    (EventKind.MOVED_ON, "unreached"): "no phone of its step could be reached",
    (EventKind.MOVED_ON, IncidentReason.UNANSWERED): "nobody has answered, its fallback is told if it has one",
    (EventKind.CHANNEL, "told"): "told by other channels",
    (EventKind.CHANNEL, "retry"): "other channels did not take it, to be tried again",
    (EventKind.CHANNEL, "failed"): "other channels did not take it, given up",
}
_KINDS = {
    EventKind.PAGED: "paged",
    EventKind.NOT_PAGED: "nobody paged",
    EventKind.CLOSED: "closed",
    EventKind.ATTEMPT: "attempt",
    EventKind.RECEIPT: "receipt",
    EventKind.MOVED_ON: "next",
    EventKind.ANSWERED: "answered",
    EventKind.CHANNEL: "other channels",
}


def sentence(event: StoredEvent) -> str:
    """One event in words, with its detail."""
    words = words_of(event.kind, event.reason)
    # "SMS to alice (+33*******78): OVH id 1" begins with what the words are about.
    if event.kind in (EventKind.ATTEMPT, EventKind.RECEIPT) and event.detail:
        what, _, more = event.detail.partition(": ")
        return ": ".join(filter(None, (f"{what} {words}", more)))
    return ": ".join(filter(None, (words, event.detail)))


def words_of(kind: EventKind, reason: str) -> str:
    """A sentence for a reason; one that is not in the table, of a newer version say, stands for itself."""
    return _WORDS.get((kind, reason)) or f"{_KINDS[kind]}: {reason.replace('_', ' ')}"
