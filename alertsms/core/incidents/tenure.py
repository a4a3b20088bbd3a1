"""For how long somebody has an incident: for one episode, until a snooze ends, or for their team's `ack_timeout`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from alertsms.core.alerts.alert import Severity
from alertsms.core.incidents.escalation import begin
from alertsms.core.incidents.incident import Change, Incident, IncidentReason, IncidentState
from alertsms.core.schedules.team import Team

USUAL = timedelta(hours=2)  # of critical incidents, where their source can confirm that they still fire
LOOK_AGAIN = timedelta(minutes=5)  # at an incident whose source could not be asked


def ends(one: Incident, team: Team) -> datetime | None:
    """When an acknowledged incident is to page again, or to be asked about at its source; None: never."""
    if one.snoozed_until:
        return one.snoozed_until
    usual = USUAL if one.severity is Severity.CRITICAL else timedelta(0)
    timeout = usual if team.ack_timeout is None else team.ack_timeout
    return one.acked_at + timeout if one.acked_at and timeout else None


def snoozed(one: Incident, now: datetime) -> bool:
    """Whether somebody asked for quiet until a time that is still ahead: that holds, whatever ends and comes back."""
    return one.snoozed_until is not None and one.snoozed_until > now


def freed(one: Incident) -> Incident:
    """The incident once nobody has it any more."""
    return replace(one, acked_by="", acked_at=None, snoozed_until=None)


def give_back(one: Incident, *, team: Team, muted: bool, fires: bool | None, now: datetime) -> Change:
    """The timer of an acknowledged incident rang: it pages again from the first step, or its timer is set anew.

    `fires` says whether its source confirms that it still fires; None: nothing can. Only where the team leaves
    `ack_timeout` to that does it matter: a snooze ends, and a timeout of the team's own is meant as it stands.
    """
    over = ends(one, team)
    if over is None or over > now:
        return _timer(one, over)
    snoozed = one.snoozed_until is not None
    if not snoozed and team.ack_timeout is None and not fires:
        return _timer(one, None if fires is None else now + LOOK_AGAIN)
    return _back(
        one, IncidentReason.SNOOZE_OVER if snoozed else IncidentReason.ACK_TIMEOUT, team=team, muted=muted, now=now
    )


def leave(one: Incident, *, team: Team, muted: bool, now: datetime) -> Change:
    """Whoever has it left the configuration, and surely did not take it along: it is its team's again."""
    return _back(one, IncidentReason.LEFT, team=team, muted=muted, now=now)


def _back(one: Incident, reason: IncidentReason, *, team: Team, muted: bool, now: datetime) -> Change:
    if muted:
        held = replace(freed(one), state=IncidentState.HELD, reason=IncidentReason.MUTED, step_due_at=None)
        return Change(incident=held, reason=IncidentReason.MUTED)
    return begin(replace(freed(one), state=IncidentState.OPEN, reason=reason), team, now, reason)


def _timer(one: Incident, at: datetime | None) -> Change:
    if at is None or (one.flap_due_at and one.flap_due_at < at):  # what flaps is looked at for that, too
        at = one.flap_due_at
    return Change(incident=replace(one, step_due_at=at), reason=IncidentReason.TIMER)
