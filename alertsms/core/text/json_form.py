"""Incidents, stories and SMS for programs: the JSON of the API, and of `alertsms why --json`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from alertsms.core.incidents.acknowledge import AckResult
from alertsms.core.incidents.chronicle import Chronicle, PageDelivery, SmsAttempt
from alertsms.core.incidents.heartbeat import Heartbeat, HeartbeatState, HeartbeatStatus
from alertsms.core.incidents.incident import Incident, IncidentState
from alertsms.core.incidents.timeline import StoredEvent
from alertsms.core.routing.pause import Pause
from alertsms.core.text.reasons import words_of
from alertsms.core.text.subject import name_of, references, references_text, summary_of


def incident(one: Incident) -> dict[str, Any]:
    """One incident as it is now."""
    return {
        "id": one.id,
        "team": one.team,
        "state": one.state.value,
        "reason": one.reason.value,
        "severity": one.severity.name.lower(),
        "name": name_of(one.labels),
        "place": one.place,
        "summary": summary_of(one.annotations, one.labels),
        "labels": dict(one.labels),
        "annotations": references_text(one.annotations),
        "links": references(one.annotations),
        "source": one.source,
        "receiver": one.receiver,
        "starts_at": stamp(one.starts_at),
        "ends_at": stamp(one.ends_at),
        "opened_at": stamp(one.opened_at),
        "closed_at": stamp(one.closed_at),
        "last_seen_at": stamp(one.last_seen_at),
        "last_paged_at": stamp(one.last_paged_at),
        "acknowledged_by": "" if one.state is IncidentState.HELD else one.acked_by,
        "acknowledged_at": stamp(one.acked_at),
        "snoozed_until": stamp(one.snoozed_until),
        "returned": one.episode,
    }


def answer(came: AckResult) -> dict[str, Any]:
    """What came of one act of somebody."""
    outcomes = [
        {
            "number": each.number,
            "result": each.result.value,
            "by": each.by,
            "incident": incident(each.incident) if each.incident else None,
        }
        for each in came.outcomes
    ]
    return {"outcomes": outcomes, "along": list(came.along)}


def chronicle(story: Chronicle) -> dict[str, Any]:
    """One incident with its whole story."""
    return incident(story.incident) | {
        "events": [event(told) for told in story.told],
        "pages": [delivery(each) for each in story.deliveries],
    }


def pause(one: Pause) -> dict[str, Any]:
    """One pause; its team is empty where it spares all of them."""
    times = {"begins_at": stamp(one.begins_at), "ends_at": stamp(one.ends_at)}
    return {"team": one.team, **times, "by": one.by, "reason": one.reason}


def event(told: StoredEvent) -> dict[str, Any]:
    """One event; `words` say to people what `kind` and `reason` say to programs."""
    return {
        "at": stamp(told.at),
        "last_at": stamp(told.last_at),
        "count": told.count,
        "returned": told.episode,
        "kind": told.kind.value,
        "reason": told.reason,
        "words": words_of(told.kind, told.reason),
        "detail": told.detail,
    }


def delivery(each: PageDelivery) -> dict[str, Any]:
    """One page, and the SMS that carries it."""
    return {
        "person": each.person,
        "kind": each.kind.value,
        "state": each.state.value,
        "returned": each.episode,
        "due_at": stamp(each.due_at),
        "message": sms(each.sms) if each.sms else None,
    }


def sms(one: SmsAttempt) -> dict[str, Any]:
    """One SMS, its number masked."""
    return {
        "tag": one.tag,
        "person": one.person,
        "team": one.team,
        "number": one.number.masked,
        "text": one.text,
        "segments": one.segments,
        "kind": one.kind.value,
        "state": one.state.value,
        "attempts": one.attempts,
        "resends": one.resends,
        "account": one.account,
        "ovh_id": one.ovh_id,
        "credits": one.credits,
        "created_at": stamp(one.created_at),
        "sent_at": stamp(one.sent_at),
        "delivered_at": stamp(one.delivered_at),
        "dlr": one.dlr,
        "ptt": one.ptt,
        "error": one.error,
        "digest": one.digest,
        "incidents": list(one.incidents),
    }


def heartbeat(beat: Heartbeat, known: HeartbeatStatus | None, number: int | None) -> dict[str, Any]:
    """One heartbeat; `number` is the incident that it is missing. Durations are seconds."""
    late = known is not None and known.state in (HeartbeatState.WAITING, HeartbeatState.WELL)
    waits = known is not None and (late or known.state is HeartbeatState.LATE)
    return {
        "name": beat.name,
        "state": _SEEN.get(known.state, known.state).value if known else HeartbeatState.WAITING.value,
        "every": beat.every.total_seconds(),
        "grace": beat.grace.total_seconds(),
        "team": beat.team.name if beat.team else None,
        "matchers": [str(matcher) for matcher in beat.matchers],
        "last_seen_at": stamp(known.last_seen_at) if known else None,
        "late_at": stamp(known.silent_since + beat.late_after) if known and late else None,
        "missing_at": stamp(known.silent_since + beat.missing_after) if known and waits else None,
        "incident": number,
    }


_SEEN = {
    HeartbeatState.BACK: HeartbeatState.WELL,
    HeartbeatState.ENDED: HeartbeatState.MISSING,
}  # what they are in a moment


def stamp(at: datetime | None) -> str | None:
    """A time in ISO 8601, UTC."""
    return at.isoformat().replace("+00:00", "Z") if at else None
