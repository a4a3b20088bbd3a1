"""Incidents, stories and SMS for programs: the JSON of the API, and of `alertsms why --json`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from alertsms.core.incidents.acknowledge import AckResult
from alertsms.core.incidents.heartbeat import Heartbeat, HeartbeatState, HeartbeatStatus
from alertsms.core.incidents.incident import Incident, IncidentState
from alertsms.core.incidents.timeline import Chronicle, PageDelivery, SmsAttempt, StoredEvent
from alertsms.core.routing.pause import Pause
from alertsms.core.text.reasons import words_of
from alertsms.core.text.subject import name_of, references, references_text, summary_of


def incident(incident: Incident) -> dict[str, Any]:
    """One incident as it is now."""
    return {
        "id": incident.id,
        "team": incident.team,
        "state": incident.state.value,
        "reason": incident.reason.value,
        "severity": incident.severity.name.lower(),
        "name": name_of(incident.labels),
        "place": incident.place,
        "summary": summary_of(incident.annotations, incident.labels),
        "labels": dict(incident.labels),
        "annotations": references_text(incident.annotations),
        "links": references(incident.annotations),
        "source": incident.source,
        "receiver": incident.receiver,
        "starts_at": stamp(incident.starts_at),
        "ends_at": stamp(incident.ends_at),
        "opened_at": stamp(incident.opened_at),
        "closed_at": stamp(incident.closed_at),
        "last_seen_at": stamp(incident.last_seen_at),
        "last_paged_at": stamp(incident.last_paged_at),
        "acknowledged_by": "" if incident.state is IncidentState.HELD else incident.acked_by,
        "acknowledged_at": stamp(incident.acked_at),
        "snoozed_until": stamp(incident.snoozed_until),
        "returned": incident.episode,
    }


def answer(result: AckResult) -> dict[str, Any]:
    """What came of one act of somebody."""
    outcomes = [
        {
            "number": outcome.number,
            "result": outcome.result.value,
            "by": outcome.by,
            "incident": incident(outcome.incident) if outcome.incident else None,
        }
        for outcome in result.outcomes
    ]
    return {"outcomes": outcomes, "along": list(result.along)}


def chronicle(story: Chronicle) -> dict[str, Any]:
    """One incident with its whole story."""
    return incident(story.incident) | {
        "events": [event(entry) for entry in story.told],
        "pages": [delivery(page) for page in story.deliveries],
    }


def pause(pause: Pause) -> dict[str, Any]:
    """One pause; its team is empty where it spares all of them."""
    times = {"begins_at": stamp(pause.begins_at), "ends_at": stamp(pause.ends_at)}
    return {"team": pause.team, **times, "by": pause.by, "reason": pause.reason}


def event(event: StoredEvent) -> dict[str, Any]:
    """One event; `words` say to people what `kind` and `reason` say to programs."""
    return {
        "at": stamp(event.at),
        "last_at": stamp(event.last_at),
        "count": event.count,
        "returned": event.episode,
        "kind": event.kind.value,
        "reason": event.reason,
        "words": words_of(event.kind, event.reason),
        "detail": event.detail,
    }


def delivery(delivery: PageDelivery) -> dict[str, Any]:
    """One page, and the SMS that carries it."""
    return {
        "person": delivery.person,
        "kind": delivery.kind.value,
        "state": delivery.state.value,
        "returned": delivery.episode,
        "due_at": stamp(delivery.due_at),
        "message": sms(delivery.sms) if delivery.sms else None,
    }


def sms(sms: SmsAttempt) -> dict[str, Any]:
    """One SMS, its number masked."""
    return {
        "tag": sms.tag,
        "person": sms.person,
        "team": sms.team,
        "number": sms.number.masked,
        "text": sms.text,
        "segments": sms.segments,
        "kind": sms.kind.value,
        "state": sms.state.value,
        "attempts": sms.attempts,
        "resends": sms.resends,
        "account": sms.account,
        "ovh_id": sms.ovh_id,
        "credits": sms.credits,
        "created_at": stamp(sms.created_at),
        "sent_at": stamp(sms.sent_at),
        "delivered_at": stamp(sms.delivered_at),
        "dlr": sms.dlr,
        "ptt": sms.ptt,
        "error": sms.error,
        "digest": sms.digest,
        "incidents": list(sms.incidents),
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
