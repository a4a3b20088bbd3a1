"""Alerts as one piece of a transaction: what is known of them, the decision, and all rows that follow from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from alertsms.core.alerts.alert import Alert, Format
from alertsms.core.incidents import refusal
from alertsms.core.incidents.decided import beating, contradicted, decided, resting
from alertsms.core.incidents.incident import Change
from alertsms.core.incidents.lifecycle import Decision, decide
from alertsms.core.incidents.timeline import Event
from alertsms.core.messages.notice import NoticeBySms
from alertsms.core.routing.roster import Roster
from alertsms.store import events, incidents, notices, pages


@dataclass(frozen=True, kw_only=True, slots=True)
class Applied:
    """What alerts did."""

    decision: Decision
    changes: Sequence[Change]
    written: pages.Written


def receive(
    tx: Connection, alerts: Sequence[Alert], roster: Roster, now: datetime, own: Sequence[Alert] = ()
) -> Applied:
    """Take alerts in; `own` are those about what this body could not say.

    1. What is known of them, locked.
    2. The decision.
    3. Incidents, pages and the story.
    """
    if own:
        own = refusal.bounded(own, incidents.open_of(tx, Format.INTAKE))
        alerts = [*alerts, *own]
    decision = decide(alerts, incidents.find(tx, [alert.key for alert in alerts]), roster, now)
    decided_on = list(decision.changes.values())
    if own:
        keys = {alert.key for alert in own}
        decided_on = [refusal.mentioned(one, now) if one.incident.key in keys else one for one in decided_on]
    changes = incidents.save(tx, decided_on)
    written = pages.write(tx, changes, roster, now, decision.others)
    events.note(tx, _story(changes, decision, written, now))
    if own and roster.route.team.record_only:
        _post(tx, own, roster, now)
    return Applied(decision=decision, changes=changes, written=written)


def _post(tx: Connection, own: Sequence[Alert], roster: Roster, now: datetime) -> None:
    """Where the root team pages nobody, its fallback's channels alone can hear that a sender believes it pages."""
    for alert in own:
        summary = alert.annotations.get("summary") or alert.annotations["description"]
        notices.tell(
            tx,
            roster,
            key=f"intake:{alert.key.hex()}",
            every=refusal.QUIET_AFTER,
            now=now,
            sms=NoticeBySms.NEVER,
            text=f"{alert.labels['alertname']} {alert.place}: {summary}",
        )


def _story(changes: Sequence[Change], decision: Decision, written: pages.Written, now: datetime) -> list[Event]:
    """What `alertsms why` is to tell of a body."""
    told = [
        each
        for change in changes
        for each in decided(
            change,
            written.heard(change.incident.id),
            at=now,
            via=decision.via.get((change.incident.key, change.incident.team), ""),
        )
    ]
    told += contradicted(decision.contradicted, now)
    return told + resting(decision.resting, now) + beating(decision.beating, now)
