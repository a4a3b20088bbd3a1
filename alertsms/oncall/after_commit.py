"""What follows a commit: one function counts and wakes by what a transaction did to incidents."""

from __future__ import annotations

from collections.abc import Callable

from alertsms.core.incidents.incident import Applied, Trigger
from alertsms.metrics import Metrics


def after_commit(applied: Applied, metrics: Metrics, wake: Callable[[], None]) -> None:
    """Count and wake by what a transaction did, once it is committed; each door has log lines of its own."""
    for team in applied.cancelled:
        metrics.sms.labels(team, "cancelled").inc()
    for team in applied.unanswered:
        metrics.unanswered.labels(team).inc()
    if applied.pages or applied.texts or applied.unanswered:
        wake()
    for change in applied.changes:
        if change.rung in (Trigger.STEP, Trigger.ROUND):
            metrics.escalations.labels(change.incident.team).inc()
