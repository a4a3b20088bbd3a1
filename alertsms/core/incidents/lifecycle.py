"""An incident's life once it is open: a mention, a resolution, flapping, the end of a hold or acknowledgement.

An alert that ends and comes back again and again flaps. It stays one open incident until it is stable: one text says so
in the place of an OK, what follows tells nobody, and escalation goes on as if it fired all the time.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from alertsms.core.alerts.alert import Alert, Severity
from alertsms.core.incidents.acknowledge import ack_ends, snoozed, unacknowledged
from alertsms.core.incidents.escalation import LOOK_AGAIN, begin, resume, timed, with_timer
from alertsms.core.incidents.incident import Change, Incident, IncidentReason, IncidentState, close, held
from alertsms.core.schedules.team import Team

LATE_COPY = timedelta(minutes=2)  # a firing copy this soon after the end may be one that was under way
TOUCH_AFTER = timedelta(minutes=1)  # a mention is written down at most this often: copies then cost no write
STATE_REASON = "grafana_state_reason"  # why an alert fires or ended, where that is not its condition
ANEW = timedelta(minutes=5)  # a start moves by less between the two senders of a pair, or after a blip
OFTEN = 3  # closings within an hour: it flaps
WITHIN = timedelta(hours=1)
STABLE = timedelta(minutes=15)  # without an end or a return for so long it flaps no more
KEPT = 50  # closings: an alert that ends every ten seconds shall not make a long row

LASTING = (IncidentState.OPEN, IncidentState.ACKNOWLEDGED)  # what is held or closed has nobody awake for it now


class Arrival(NamedTuple):
    """A firing alert as it comes to one team."""

    alert: Alert
    team: Team
    severity: Severity
    muted: bool


def maybe_over(known: Incident, alert: Alert, now: datetime) -> bool:
    """Whether a firing mention may be a copy, late on its way, of what its sender resolved a moment ago.

    What only went stale was resolved by nobody.
    """
    by_somebody = known.reason in (IncidentReason.RESOLVED, IncidentReason.RESOLVED_BY_HAND)
    return (
        known.state is IncidentState.CLOSED
        and by_somebody
        and now < (known.closed_at or known.last_seen_at) + LATE_COPY
        and _began_before(known, alert)
    )


def _began_before(known: Incident, alert: Alert) -> bool:
    """Whether an alert's start lies before what ended, by the sender's times alone. An unknown one proves nothing.

    It need not be the start that is known: the two senders of a pair see an alert a second apart.
    """
    if alert.starts_at is None:
        return False
    same = known.latest_start is not None and alert.starts_at <= known.latest_start
    return same or (known.ends_at is not None and alert.starts_at < known.ends_at)


def began_anew(known: Incident, start: datetime | None, now: datetime) -> bool:
    """Whether a start says that an incident which is not over here ended and came back, and that nobody posted the end.

    It lies well behind all that is known of the incident: each start before it, the acknowledgement (or, where nobody
    has it, the last page of it), the last return. Smaller steps come from the two senders of a pair, or from a blip.
    """
    lasting = known.state in LASTING and known.closed_at is None
    if not lasting or start is None or known.latest_start is None or snoozed(known, now):
        return False
    noticed = (known.acked_at,) if known.state is IncidentState.ACKNOWLEDGED else (known.step_at, known.last_paged_at)
    return all(start - at > ANEW for at in (known.latest_start, known.begun_at, *noticed) if at)


def mention(known: Incident, arrival: Arrival, now: datetime) -> Change:
    """A firing alert whose incident is not closed: nobody is paged, unless it was held and need not be any more."""
    alert, team, muted = arrival.alert, arrival.team, arrival.muted
    later = alert.starts_at is not None and not _began_before(known, alert)
    if known.reason is IncidentReason.LATE_COPY and later:  # no copy of what is over: it is back
        returned = replace(seen(known, alert, now), starts_at=alert.starts_at)
        return _prove(returned, IncidentReason.AGAIN, team=team, muted=muted, now=now)
    # Alertmanager says nothing of what it suppresses: this comes from where it is not.
    silent = known.state is IncidentState.HELD and known.reason in (IncidentReason.MUTED, IncidentReason.SUPPRESSED)
    if silent and not muted:
        return release(seen(known, alert, now), team=team, muted=False, now=now)
    newer = alert.starts_at and (known.latest_start is None or alert.starts_at > known.latest_start)
    if newer or now >= known.last_seen_at + TOUCH_AFTER:
        return Change(incident=seen(known, alert, now), reason=IncidentReason.KNOWN)
    return Change(incident=known, reason=IncidentReason.KNOWN, write=False)


def seen(known: Incident, alert: Alert, now: datetime) -> Incident:
    """The incident after a mention: the latest words count, and the first start as long as it lasts."""
    return replace(
        known,
        last_seen_at=now,
        absent_at=None,
        annotations=alert.annotations,
        place=alert.place or known.place,
        truncated=alert.truncated,
        receiver=alert.receiver,
        latest_start=max(filter(None, (known.latest_start, alert.starts_at)), default=None),
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
        theirs = replace(again, state=IncidentState.ACKNOWLEDGED, reason=reason, step_due_at=ack_ends(known, team))
        return Change(incident=theirs, reason=reason)
    if muted:
        return _mute(again)
    if known.acked_by:
        return _begin(again, reason, team=team, now=now)
    return resume(replace(again, state=IncidentState.OPEN, reason=reason), team, now, reason, away=away)


def _mute(incident: Incident) -> Change:
    """Hold the incident. Nobody has it; who had it last is remembered, to be paged at the end of the hold."""
    return held(replace(unacknowledged(incident), acked_by=incident.acked_by), IncidentReason.MUTED)


def _begin(incident: Incident, reason: IncidentReason, *, team: Team, now: datetime) -> Change:
    """Page it from the first step, and whoever had it last too."""
    opened = replace(unacknowledged(incident), state=IncidentState.OPEN, reason=reason, begun_at=now)
    change = begin(opened, team, now, reason)
    return replace(change, also=incident.acked_by) if change.pages else change


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
    """The mention was no late copy. In a team that the alert reached only now it is no return either."""
    if known.closed_at:
        return reopen(known, reason, team=team, muted=muted, now=now)
    begins = replace(known, ends_at=None, step_due_at=None)
    return _mute(begins) if muted else _begin(begins, reason, team=team, now=now)


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
    return close(replace(known, ends_at=alert.ends_at, annotations={**fired, **why}), IncidentReason.RESOLVED, now)


def ended(known: Incident, change: Change | None, *, team: Team, now: datetime) -> Change | None:
    """Decide what a resolution comes to; `change` is what it does to an alert that is calm. None: nothing.

    1. The first two within an hour close the incident.
    2. From the third on it does not close: it flaps, and whoever was paged hears that once.
    """
    if change is None or change.closes is None or known.reason is IncidentReason.LATE_COPY:
        return change
    if known.flap_due_at and known.closed_at and known.state in LASTING:  # said before
        return None
    over = replace(change.incident, closings=(*(at for at in known.closings if now - at < WITHIN), now)[-KEPT:])
    if known.state not in LASTING or not (known.flap_due_at or len(over.closings) >= OFTEN):
        return replace(change, incident=over)
    reason = IncidentReason.FLAPPING if known.state is IncidentState.OPEN else known.reason
    flaps = replace(over, state=known.state, reason=reason, flap_due_at=now + STABLE)
    begins = known.flap_due_at is None
    return Change(
        incident=timed(flaps, team),
        flaps=begins,
        reason=IncidentReason.FLAPPING if begins else IncidentReason.FLAPS,
    )


def back(known: Incident, change: Change, *, team: Team, now: datetime) -> Change:
    """Decide what a firing mention does to what flaps and was over; `change` is what it does otherwise."""
    if (
        not (known.flap_due_at and known.closed_at)
        or known.state not in LASTING
        or change.reason is not IncidentReason.KNOWN
    ):
        return change
    fires = replace(change.incident, ends_at=None, closed_at=None, last_seen_at=now, flap_due_at=now + STABLE)
    return Change(incident=timed(fires, team), reason=IncidentReason.FLAPS)


def unposted(known: Incident, start: datetime, *, team: Team, muted: bool, now: datetime) -> Change:
    """Decide what the return of an alert does whose end nobody posted (`began_anew`): an end and a return at once."""
    end = ended(known, close(known, IncidentReason.UNPOSTED, now), team=team, now=now)
    assert end  # noqa: S101 - it was not over
    over = replace(end.incident, latest_start=start)
    if over.state is not IncidentState.CLOSED:  # it flaps
        return end.then(Change(incident=timed(replace(over, closed_at=None), team), reason=IncidentReason.FLAPS))
    over = replace(over, starts_at=start)
    return end.then(reopen(over, IncidentReason.UNPOSTED, team=team, muted=muted, now=now))


def settle(incident: Incident, *, team: Team, now: datetime) -> Change | None:
    """Decide what becomes of an incident that has been stable; None where it does not flap, or not for long enough.

    Over: it closes, and those who were paged get an OK. Firing: it is an open incident like others, which tells nobody.
    """
    if incident.flap_due_at is None or now < incident.flap_due_at or incident.state not in LASTING:
        return None
    if incident.closed_at:
        return close(incident, IncidentReason.RESOLVED, now)
    steady = replace(
        incident,
        flap_due_at=None,
        reason=IncidentReason.AGAIN if incident.state is IncidentState.OPEN else incident.reason,
    )
    return Change(incident=timed(steady, team), reason=IncidentReason.STEADY)


def acknowledgement_over(incident: Incident, *, team: Team, muted: bool, fires: bool | None, now: datetime) -> Change:
    """The timer of an acknowledged incident rang: it pages again from the first step, or its timer is set anew.

    `fires` says whether its source confirms that it still fires; None: nothing can. Only where the team leaves
    `ack_timeout` to that does it matter: a snooze ends, and a timeout of the team's own is meant as it stands.
    """
    over = ack_ends(incident, team)
    if over is None or over > now:
        return Change(incident=with_timer(incident, over), reason=IncidentReason.TIMER)
    snooze = incident.snoozed_until is not None
    if not snooze and team.ack_timeout is None and not fires:
        later = None if fires is None else now + LOOK_AGAIN
        return Change(incident=with_timer(incident, later), reason=IncidentReason.TIMER)
    return page_again(
        incident, IncidentReason.SNOOZE_OVER if snooze else IncidentReason.ACK_TIMEOUT, team=team, muted=muted, now=now
    )


def page_again(incident: Incident, reason: IncidentReason, *, team: Team, muted: bool, now: datetime) -> Change:
    """An acknowledgement is over, or its person left the configuration: the incident is its team's again."""
    if muted:
        return held(unacknowledged(incident), IncidentReason.MUTED)
    return begin(replace(unacknowledged(incident), state=IncidentState.OPEN, reason=reason), team, now, reason)
