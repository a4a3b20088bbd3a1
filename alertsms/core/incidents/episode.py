"""What a mention, a resolution or the end of a hold does to an incident: what is known in, the change out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from alertsms.core.alerts.alert import Alert, Severity
from alertsms.core.incidents.escalation import begin, resume
from alertsms.core.incidents.incident import Change, Incident, IncidentReason, IncidentState, close
from alertsms.core.incidents.tenure import ends, freed, snoozed
from alertsms.core.schedules.team import Team

LATE_COPY = timedelta(minutes=2)  # a firing copy this soon after the end may be one that was under way
TOUCH_AFTER = timedelta(minutes=1)  # a mention is written down at most this often: copies then cost no write
STATE_REASON = "grafana_state_reason"  # why an alert fires or ended, where that is not its condition
ANEW = timedelta(minutes=5)  # a start moves by less between the two senders of a pair, or after a blip


def receive(
    known: Incident | None,
    alert: Alert,
    *,
    team: Team,
    severity: Severity,
    muted: bool,
    now: datetime,
    flap_window: timedelta,
    elsewhere: Iterable[Incident] = (),
) -> Change:
    """Decide what a firing alert does to the incident it may already have in this team.

    `elsewhere` is what the alert is in other teams: a reload may have moved it since its end.

    1. Open, held or acknowledged: that incident, whatever its startsAt (but for `began_anew`, to be asked before).
    2. A late copy of what ended a moment ago, in whichever team, is held.
    3. Closed: an early return re-opens the number. What is unknown, or comes back later, is a new incident.
    """
    if known is not None and known.state is not IncidentState.CLOSED:
        return _mention(known, alert, team=team, muted=muted, now=now)
    if known is not None and known.reason is IncidentReason.TEST:
        return Change(incident=known, reason=IncidentReason.KNOWN, write=False)
    ended = next((one for one in (known, *elsewhere) if one and _maybe_over(one, alert, now)), None)
    if known is not None and (ended is known or now < _closed_at(known) + flap_window):
        back = seen(known, alert, now)
        return _hold(back, now) if ended else reopen(back, IncidentReason.AGAIN, team=team, muted=muted, now=now)
    retires = known.id if known is not None else None
    if ended is not None:
        new = _new(
            alert, team=team, severity=severity, state=IncidentState.HELD, reason=IncidentReason.LATE_COPY, now=now
        )
        starts = max(filter(None, (ended.latest_start, alert.starts_at)), default=None)
        return replace(_hold(replace(new, ends_at=ended.ends_at, latest_start=starts), now), retires=retires)
    return _open(alert, team=team, severity=severity, muted=muted, now=now, retires=retires)


def _closed_at(known: Incident) -> datetime:
    return known.closed_at or known.last_seen_at


def _maybe_over(known: Incident, alert: Alert, now: datetime) -> bool:
    """Whether a firing mention may be a copy, late on its way, of what its sender resolved a moment ago.

    What only went stale was resolved by nobody.
    """
    by_somebody = known.state is IncidentState.CLOSED and known.reason in (
        IncidentReason.RESOLVED,
        IncidentReason.RESOLVED_BY_HAND,
    )
    return by_somebody and now < _closed_at(known) + LATE_COPY and _began_before(known, alert)


def _began_before(known: Incident, alert: Alert) -> bool:
    """Whether an alert's start lies before what ended, by the sender's times alone. An unknown one proves nothing.

    It need not be the start that is known: the two senders of a pair see an alert a second apart.
    """
    start = alert.starts_at
    if start is None:
        return False
    same = known.latest_start is not None and start <= known.latest_start
    return same or (known.ends_at is not None and start < known.ends_at)


def _hold(known: Incident, now: datetime) -> Change:
    """Page it in two minutes, unless it is resolved again: then it was a late copy."""
    held = replace(known, state=IncidentState.HELD, reason=IncidentReason.LATE_COPY, step_due_at=now + LATE_COPY)
    return Change(incident=held, reason=IncidentReason.LATE_COPY)


def began_anew(known: Incident, start: datetime | None, now: datetime) -> bool:
    """Whether a start says that an incident which is not over here ended and came back, and that nobody posted the end.

    It lies well behind all that is known of the incident: each start before it, the acknowledgement (or, where nobody
    has it, the last page of it), the last return. Smaller steps come from the two senders of a pair, or from a blip.
    """
    lasting = known.state in (IncidentState.OPEN, IncidentState.ACKNOWLEDGED) and known.closed_at is None
    if not lasting or start is None or known.latest_start is None or snoozed(known, now):
        return False
    had = (known.acked_at,) if known.state is IncidentState.ACKNOWLEDGED else (known.step_at, known.last_paged_at)
    return all(start - at > ANEW for at in (known.latest_start, known.begun_at, *had) if at)


def _open(
    alert: Alert, *, team: Team, severity: Severity, muted: bool, now: datetime, retires: int | None = None
) -> Change:
    """Open a new incident: held when muted, over at once when it is a test."""
    reason = IncidentReason.TEST if alert.test else IncidentReason.MUTED if muted else IncidentReason.FIRING
    state = IncidentState.CLOSED if alert.test else IncidentState.HELD if muted else IncidentState.OPEN
    incident = _new(alert, team=team, severity=severity, state=state, reason=reason, now=now)
    if state is IncidentState.HELD:
        return Change(incident=incident, reason=reason, retires=retires)
    change = replace(begin(incident, team, now, reason), retires=retires)
    if state is IncidentState.CLOSED:  # a test goes no further than its first text
        over = replace(change.incident, closed_at=now, step_due_at=None)
        return replace(change, incident=over, exhausted=False)
    return change


def _new(
    alert: Alert, *, team: Team, severity: Severity, state: IncidentState, reason: IncidentReason, now: datetime
) -> Incident:
    return Incident(
        key=alert.key,
        team=team.name,
        state=state,
        reason=reason,
        severity=severity,
        labels=alert.labels,
        annotations=alert.kept,
        place=alert.place,
        truncated=alert.truncated,
        receiver=alert.receiver,
        source=str(alert.source.format),
        starts_at=alert.starts_at,
        latest_start=alert.starts_at,
        opened_at=now,
        last_seen_at=now,
    )


def _mention(known: Incident, alert: Alert, *, team: Team, muted: bool, now: datetime) -> Change:
    """A firing alert whose incident is not closed: nobody is paged, unless it was held and need not be any more."""
    later = alert.starts_at is not None and not _began_before(known, alert)
    if known.reason is IncidentReason.LATE_COPY and later:  # no copy of what is over: it is back
        back = replace(seen(known, alert, now), starts_at=alert.starts_at)
        return _prove(back, IncidentReason.AGAIN, team=team, muted=muted, now=now)
    # Alertmanager says nothing of what it suppresses: this comes from where it is not.
    if (
        known.state is IncidentState.HELD
        and known.reason in (IncidentReason.MUTED, IncidentReason.SUPPRESSED)
        and not muted
    ):
        return release(seen(known, alert, now), team=team, muted=False, now=now)
    newer = alert.starts_at and (known.latest_start is None or alert.starts_at > known.latest_start)
    if newer or now >= known.last_seen_at + TOUCH_AFTER:
        return Change(incident=seen(known, alert, now), reason=IncidentReason.KNOWN)
    return Change(incident=known, reason=IncidentReason.KNOWN, write=False)


def seen(known: Incident, alert: Alert, now: datetime) -> Incident:
    """The incident after a mention: the latest words count, and the first start as long as it lasts."""
    starts = [at for at in (known.latest_start, alert.starts_at) if at]
    return replace(
        known,
        last_seen_at=now,
        absent_at=None,
        annotations=alert.kept,
        place=alert.place or known.place,
        truncated=alert.truncated,
        receiver=alert.receiver,
        latest_start=max(starts) if starts else None,
        starts_at=alert.starts_at if known.state is IncidentState.CLOSED else known.starts_at or alert.starts_at,
    )


def reopen(known: Incident, reason: IncidentReason, *, team: Team, muted: bool, now: datetime) -> Change:
    """The alert is back: the same number, marked AGAIN. A snooze still holds, an acknowledgement was for what ended.

    Where nobody had it the step clock goes on, else whoever had it is paged with the people of the first step.
    """
    away = now - (known.closed_at or now)
    again = replace(
        known,
        episode=known.episode + 1,
        ends_at=None,
        closed_at=None,
        begun_at=now,
        last_paged_at=None,
        step_due_at=None,
    )
    if snoozed(known, now):
        theirs = replace(again, state=IncidentState.ACKNOWLEDGED, reason=reason, step_due_at=ends(known, team))
        return Change(incident=theirs, reason=reason)
    if muted:
        return Change(incident=_put_by(again, IncidentReason.MUTED), reason=IncidentReason.MUTED)
    if known.acked_by:
        return _begin(again, reason, team=team, now=now)
    return resume(replace(again, state=IncidentState.OPEN, reason=reason), team, now, reason, away=away)


def _put_by(one: Incident, reason: IncidentReason) -> Incident:
    """The incident held. Nobody has it; who had it last is remembered, to be paged at the end of the hold."""
    return replace(freed(one), state=IncidentState.HELD, reason=reason, acked_by=one.acked_by)


def _begin(one: Incident, reason: IncidentReason, *, team: Team, now: datetime) -> Change:
    """Page it from the first step, and whoever had it last too."""
    change = begin(replace(freed(one), state=IncidentState.OPEN, reason=reason, begun_at=now), team, now, reason)
    return replace(change, also=one.acked_by) if change.pages else change


def release(known: Incident, *, team: Team, muted: bool, now: datetime) -> Change:
    """A hold ended while the incident still fires: page it, unless it is muted now.

    A late copy that nobody resolved again was real: the alert is back.
    """
    if known.reason is IncidentReason.LATE_COPY:
        return _prove(known, IncidentReason.RELEASED, team=team, muted=muted, now=now)
    if muted:
        return Change(incident=known, reason=IncidentReason.MUTED, write=False)
    return _begin(known, IncidentReason.RELEASED, team=team, now=now)


def _prove(known: Incident, reason: IncidentReason, *, team: Team, muted: bool, now: datetime) -> Change:
    """It was no late copy. In a team that the alert reached only now it is no return either."""
    if known.closed_at:
        return reopen(known, reason, team=team, muted=muted, now=now)
    begins = replace(known, ends_at=None, step_due_at=None)
    if muted:
        return Change(incident=_put_by(begins, IncidentReason.MUTED), reason=IncidentReason.MUTED)
    return _begin(begins, reason, team=team, now=now)


def resolve(known: Incident, alert: Alert, now: datetime) -> Change | None:
    """Decide what a resolved alert does to an incident of any team; None where it is closed already."""
    if known.state is IncidentState.CLOSED:
        return None
    # A resolution older than the incident's start is a late copy of what was over before.
    if alert.ends_at and known.latest_start and alert.ends_at < known.latest_start:
        return Change(incident=known, reason=IncidentReason.OLD_RESOLUTION, write=False)
    # Grafana's note that an alert ended without being fixed is worth telling those who were paged.
    why = {name: text for name, text in alert.annotations.items() if name == STATE_REASON}
    fired = {name: text for name, text in known.annotations.items() if name != STATE_REASON}
    over = replace(known, ends_at=alert.ends_at, annotations={**fired, **why})
    return close(over, IncidentReason.RESOLVED, now)
