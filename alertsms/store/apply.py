"""The one transaction of incidents: what is known of them, the decision, and all rows that follow from it.

Every door ends here: webhooks, heartbeats and refused bodies by `receive`, timers, Alertmanager's own list and answers
of people by `write`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from alertsms.core.alerts.alert import Alert, Format, Severity
from alertsms.core.incidents import refusal
from alertsms.core.incidents.incident import Applied, Change, IncidentReason
from alertsms.core.incidents.intake import Decision, decide, others
from alertsms.core.incidents.timeline import (
    CONTRADICTED,
    HEARTBEAT,
    RESTING,
    Event,
    EventKind,
    decided,
    event_of,
    unopened,
)
from alertsms.core.messages.notification import NoticeBySms, Notification, NotificationKind, priority
from alertsms.core.routing.roster import Roster
from alertsms.store import cancellation, events, heartbeats, incidents, notices, notify_others, pages


def receive(
    tx: Connection, alerts: Sequence[Alert], roster: Roster, now: datetime, own: Sequence[Alert] = ()
) -> Applied:
    """Take alerts in; `own` are those about what this body could not say.

    1. Find what is known of them, and lock it.
    2. Decide.
    3. Write what changed, and note which heartbeats came.
    """
    if own:
        own = refusal.bounded(own, incidents.open_of(tx, Format.INTAKE))
        alerts = [*alerts, *own]
    decision = decide(alerts, incidents.find(tx, [alert.key for alert in alerts]), roster, now)
    changes = list(decision.changes.values())
    if own:
        keys = {alert.key for alert in own}
        changes = [refusal.mentioned(change, now) if change.incident.key in keys else change for change in changes]
    applied = write(tx, changes, roster, now, body=decision)
    stirs = heartbeats.hear(tx, decision.beats, now) if decision.beats else False
    noticed = _notice(tx, own, roster, now) if own and roster.route.team.record_only else 0
    return replace(applied, texts=applied.texts + noticed, stirs=stirs) if stirs or noticed else applied


def write(
    tx: Connection,
    changes: Iterable[Change],
    roster: Roster,
    now: datetime,
    *,
    via: str = "",
    body: Decision | None = None,
) -> Applied:
    """Write what was decided about incidents. `via`: by which way a person answered. `body`: what a body decided.

    1. Save the incidents.
    2. Write, or cancel, the notifications that follow.
    3. Note the events in the timelines.
    """
    saved = incidents.save(tx, list(changes))
    written = pages.Written()
    if any(map(_notifies, saved)):
        written = pages.write(tx, saved, roster, now, body.others if body else _others(tx, saved))
    cancelled, texts = list(written.cancelled), written.oks
    if body is None:  # bodies neither acknowledge nor suppress
        relieved = notify_others.relieve(tx, saved, roster, now)
        suppressed = [change.incident.id for change in saved if change.reason is IncidentReason.SUPPRESSED]
        cancelled += [*relieved.cancelled, *cancellation.spare(tx, suppressed, now)[1]]
        texts += relieved.texts
    events.note(tx, list(_events(saved, written, now, via, body)))
    return Applied(
        changes=saved,
        pages=written.pages,
        texts=texts,
        cancelled=cancelled,
        unanswered=written.unanswered,
        resting=len(body.resting) if body else 0,
    )


def page_by_hand(tx: Connection, person: str, words: str, now: datetime, *, phone: int = 0) -> int:
    """Write an SMS to one phone that is about no incident: a test, a question, or what an answer came to."""
    page = Notification(
        person=person,
        team="",
        kind=NotificationKind.NOTICE,
        priority=priority(NotificationKind.NOTICE, Severity.CRITICAL),
        due_at=now,
        created_at=now,
        nth=0,
        phone=phone,
        note=words,
    )
    return pages.put(tx, page)


def _notifies(change: Change) -> bool:
    """Whether somebody is to be told anything, or nothing any more."""
    return change.pages or change.closes is not None or change.flaps or change.exhausted


def _others(tx: Connection, changes: Iterable[Change]) -> set[int]:
    """Open incidents of the alerts that page now, in other teams: whom they paged is not paged again."""
    paging = [change.incident for change in changes if change.pages]
    known = incidents.find(tx, [incident.key for incident in paging]) if paging else {}
    return {number for incident in paging for number in others(known.get(incident.key, {}), incident.team)}


def _events(
    changes: Iterable[Change], written: pages.Written, now: datetime, via: str, body: Decision | None
) -> Iterator[Event]:
    """What `alertsms why` is to tell."""
    for change in changes:
        incident = change.incident
        way = body.via.get((incident.key, incident.team), "") if body else via
        yield from decided(change, written.heard(incident.id), at=now, via=way)
    if body and (body.contradicted or body.resting or body.beating):
        yield from (event_of(incident, now, EventKind.NOT_PAGED, CONTRADICTED) for incident in body.contradicted)
        yield from unopened(RESTING, body.resting, now)
        yield from unopened(HEARTBEAT, body.beating, now)


def _notice(tx: Connection, own: Sequence[Alert], roster: Roster, now: datetime) -> int:
    """Where the root team pages nobody, its fallback's channels alone can hear that a sender believes it pages."""
    told = 0
    for alert in own:
        summary = alert.annotations.get("summary") or alert.annotations["description"]
        told += notices.tell(
            tx,
            roster,
            key=f"intake:{alert.key.hex()}",
            every=refusal.QUIET_AFTER,
            now=now,
            sms=NoticeBySms.NEVER,
            text=f"{alert.labels['alertname']} {alert.place}: {summary}",
        )
    return told
