"""Flapping: an alert that ends and comes back again and again. It stays one open incident until it is stable.

One text says so in the place of an OK. What follows tells nobody, while escalation goes on as if it fired all the time.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from alertsms.core.incidents import escalation, tenure
from alertsms.core.incidents.episode import reopen
from alertsms.core.incidents.incident import Change, Incident, IncidentReason, IncidentState, close
from alertsms.core.schedules.team import Team
from alertsms.core.text.language import ENGLISH, say
from alertsms.core.text.subject import duration_text

OFTEN = 3  # closings
WITHIN = timedelta(hours=1)
STABLE = timedelta(minutes=15)
KEPT = 50  # closings: an alert that ends every ten seconds shall not make a long row

LASTING = (IncidentState.OPEN, IncidentState.ACKNOWLEDGED)


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
        incident=replace(flaps, step_due_at=due(flaps, team)),
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
    return Change(incident=replace(fires, step_due_at=due(fires, team)), reason=IncidentReason.FLAPS)


def unposted(known: Incident, start: datetime, *, team: Team, muted: bool, now: datetime) -> Change:
    """Decide what the return of an alert does whose end nobody posted (`began_anew`): an end and a return at once."""
    end = ended(known, close(known, IncidentReason.UNPOSTED, now), team=team, now=now)
    assert end  # noqa: S101 - it was not over
    over = replace(end.incident, latest_start=start)
    if over.state is IncidentState.CLOSED:
        anew = replace(over, starts_at=start)
        return end.then(reopen(anew, IncidentReason.UNPOSTED, team=team, muted=muted, now=now))
    fires = replace(over, closed_at=None)
    return end.then(Change(incident=replace(fires, step_due_at=due(fires, team)), reason=IncidentReason.FLAPS))


def settle(one: Incident, *, team: Team, now: datetime) -> Change | None:
    """Decide what becomes of an incident that has been stable; None where it does not flap, or not for long enough.

    Over: it closes, and those who were paged hear OK. Firing: it is an open incident like others, which tells nobody.
    """
    if one.flap_due_at is None or now < one.flap_due_at or one.state not in LASTING:
        return None
    if one.closed_at:
        return close(one, IncidentReason.RESOLVED, now)
    steady = replace(
        one, flap_due_at=None, reason=IncidentReason.AGAIN if one.state is IncidentState.OPEN else one.reason
    )
    return Change(incident=replace(steady, step_due_at=due(steady, team)), reason=IncidentReason.STEADY)


def due(one: Incident, team: Team) -> datetime | None:
    """When an incident's timer is to ring, whoever has it or not."""
    back_at = tenure.ends(one, team) if one.state is IncidentState.ACKNOWLEDGED else escalation.due(one, team)
    return min((at for at in (back_at, one.flap_due_at) if at), default=None)


def words(one: Incident, language: str = ENGLISH) -> str:
    """Return `3 times in 40 min`: how often it ended lately."""
    if not one.closings:
        return ""
    lasting = duration_text(one.closings[-1] - one.closings[0], language)
    return f"{len(one.closings)} {say(language, 'times in')} {lasting}"
