"""What follows a commit: one function counts, logs and wakes by what a transaction did to incidents."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from alertsms.core.incidents.incident import Applied, Change, Trigger
from alertsms.logs import event
from alertsms.metrics import Metrics


@dataclass(frozen=True, kw_only=True, slots=True)
class LogLine:
    """How a door's log tells of one change."""

    log: logging.Logger
    text: str
    fields: Callable[[Change], dict[str, Any] | None]  # what stands beside the text; None: not worth a line
    most: int | None = None  # lines of one transaction


def after_commit(applied: Applied, line: LogLine | None, metrics: Metrics, wake: Callable[[], None]) -> None:
    """Count, log and wake by what a transaction did, once it is committed. None: the door has lines of its own."""
    for team in applied.cancelled:
        metrics.sms.labels(team, "cancelled").inc()
    for team in applied.unanswered:
        metrics.unanswered.labels(team).inc()
    if applied.pages or applied.texts or applied.unanswered:
        wake()
    shown = 0
    for change in applied.changes:
        if change.rung in (Trigger.STEP, Trigger.ROUND):
            metrics.escalations.labels(change.incident.team).inc()
        fields = line.fields(change) if line and shown != line.most else None
        if line and fields is not None:
            event(line.log, logging.INFO, line.text, **fields)
            shown += 1
