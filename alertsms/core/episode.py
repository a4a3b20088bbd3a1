"""What a mention, a resolution or the end of a hold does to an incident: what is known in, the change out."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from alertsms.core.alert import Alert, Severity
from alertsms.core.escalation import begin, resume
from alertsms.core.incident import Change, Incident, Reason, State, close
from alertsms.core.team import Team
from alertsms.core.tenure import ends, freed, lasts

LATE_COPY = timedelta(minutes=2)  # a firing copy this soon after the end may be one that was under way
TOUCH_AFTER = timedelta(minutes=1)  # a mention is written down at most this often: copies then cost no write


def receive(known: Incident | None, alert: Alert, *, team: Team, severity: Severity, muted: bool, now: datetime,
            flap_window: timedelta) -> Change:  # fmt: skip
    """Decide what a firing alert does to the incident it may already have in this team.

    1. Unknown: a new incident.
    2. Open, held or acknowledged: that incident, whatever its startsAt.
    3. Closed: a late copy is held, an early return re-opens the number, a later one is a new incident.
    """
    if known is None:
        return _open(alert, team=team, severity=severity, muted=muted, now=now)
    if known.state is not State.CLOSED:
        return _mention(known, alert, team=team, muted=muted, now=now)
    if known.reason is Reason.TEST:
        return Change(incident=known, reason=Reason.KNOWN, write=False)
    closed_at = known.closed_at or known.last_seen_at
    if now < closed_at + LATE_COPY and _maybe_over(known, alert):
        held = replace(_seen(known, alert, now), state=State.HELD, reason=Reason.LATE_COPY, step_due_at=now + LATE_COPY)
        return Change(incident=held, reason=Reason.LATE_COPY)
    if now < closed_at + flap_window:
        return _reopen(_seen(known, alert, now), Reason.AGAIN, team=team, muted=muted, now=now)
    return _open(alert, team=team, severity=severity, muted=muted, now=now, retires=known.id)


def _maybe_over(known: Incident, alert: Alert) -> bool:
    """Whether a firing mention may be of what its sender has just resolved: then it started no later.

    An unknown start cannot prove that; nor did the sender resolve what only went stale.
    """
    by_somebody = known.reason in (Reason.RESOLVED, Reason.RESOLVED_BY_HAND)
    if not by_somebody or alert.starts_at is None or known.latest_start is None:
        return False
    return alert.starts_at <= known.latest_start


def _open(alert: Alert, *, team: Team, severity: Severity, muted: bool, now: datetime,
          retires: int | None = None) -> Change:  # fmt: skip
    """Open a new incident: held when muted, over at once when it is a test."""
    reason = Reason.TEST if alert.test else Reason.MUTED if muted else Reason.FIRING
    state = State.CLOSED if alert.test else State.HELD if muted else State.OPEN
    incident = Incident(
        key=alert.key, team=team.name, state=state, reason=reason, severity=severity, labels=alert.labels,
        annotations=alert.annotations, place=alert.place, truncated=alert.truncated, receiver=alert.receiver,
        source=str(alert.source.format), starts_at=alert.starts_at, latest_start=alert.starts_at, opened_at=now,
        closed_at=now if alert.test else None, last_seen_at=now,
    )  # fmt: skip
    if state is State.HELD:
        return Change(incident=incident, reason=reason, retires=retires)
    change = replace(begin(incident, team, now, reason), retires=retires)
    if state is State.CLOSED:  # a test goes no further than its first text
        return replace(change, incident=replace(change.incident, step_due_at=None), exhausted=False)
    return change


def _mention(known: Incident, alert: Alert, *, team: Team, muted: bool, now: datetime) -> Change:
    """A firing alert whose incident is not closed: nobody is paged, unless it was held and need not be any more."""
    newer = bool(alert.starts_at and (known.latest_start is None or alert.starts_at > known.latest_start))
    if known.reason is Reason.LATE_COPY and newer:  # no copy of what is over: it is back
        back = replace(_seen(known, alert, now), starts_at=alert.starts_at)
        return _reopen(back, Reason.AGAIN, team=team, muted=muted, now=now)
    # Alertmanager says nothing of what it suppresses: this comes from where it is not.
    if known.state is State.HELD and known.reason in (Reason.MUTED, Reason.SUPPRESSED) and not muted:
        return release(_seen(known, alert, now), team=team, muted=False, now=now)
    if newer or now >= known.last_seen_at + TOUCH_AFTER:
        return Change(incident=_seen(known, alert, now), reason=Reason.KNOWN)
    return Change(incident=known, reason=Reason.KNOWN, write=False)


def _seen(known: Incident, alert: Alert, now: datetime) -> Incident:
    """The incident after a mention: the latest words count, and the first start as long as it lasts."""
    starts = [at for at in (known.latest_start, alert.starts_at) if at]
    return replace(
        known, last_seen_at=now, absent_at=None, annotations=alert.annotations, place=alert.place or known.place,
        truncated=alert.truncated, receiver=alert.receiver, latest_start=max(starts) if starts else None,
        starts_at=alert.starts_at if known.state is State.CLOSED else known.starts_at or alert.starts_at,
    )  # fmt: skip


def _reopen(known: Incident, reason: Reason, *, team: Team, muted: bool, now: datetime) -> Change:
    """The alert is back within the flap window: the same number, marked AGAIN; whoever had it still has it."""
    away = now - (known.closed_at or now)
    again = replace(known, episode=known.episode + 1, ends_at=None, closed_at=None, begun_at=now, last_paged_at=None,
                    step_due_at=None)  # fmt: skip
    if known.acked_by and lasts(known, team, now):
        theirs = replace(again, state=State.ACKNOWLEDGED, reason=reason, step_due_at=ends(known, team))
        return Change(incident=theirs, reason=reason)
    again = freed(again)
    if muted:
        return Change(incident=replace(again, state=State.HELD, reason=Reason.MUTED), reason=Reason.MUTED)
    return resume(replace(again, state=State.OPEN, reason=reason), team, now, reason, away=away)


def release(known: Incident, *, team: Team, muted: bool, now: datetime) -> Change:
    """A hold ended while the incident still fires: page it, unless it is muted now.

    A late copy that nobody resolved again was real: the alert is back.
    """
    if known.reason is Reason.LATE_COPY:
        return _reopen(known, Reason.RELEASED, team=team, muted=muted, now=now)
    if muted:
        return Change(incident=known, reason=Reason.MUTED, write=False)
    freed = replace(known, state=State.OPEN, reason=Reason.RELEASED, begun_at=now)
    return begin(freed, team, now, Reason.RELEASED)


def resolve(known: Incident, alert: Alert, now: datetime) -> Change | None:
    """Decide what a resolved alert does to an incident of any team; None where it is closed already."""
    if known.state is State.CLOSED:
        return None
    # A resolution older than the incident's start is a late copy of what was over before.
    if alert.ends_at and known.latest_start and alert.ends_at < known.latest_start:
        return Change(incident=known, reason=Reason.OLD_RESOLUTION, write=False)
    # Grafana's note that an alert ended without being fixed is worth telling those who were paged.
    why = {name: text for name, text in alert.annotations.items() if name == "grafana_state_reason"}
    over = replace(known, ends_at=alert.ends_at, annotations={**known.annotations, **why})
    return close(over, Reason.RESOLVED, now)
