"""Whether an incident's team is held back right now."""

from __future__ import annotations

from datetime import datetime

from alertsms.core.incidents.incident import Incident
from alertsms.core.routing.roster import Roster


def muted(one: Incident, roster: Roster, now: datetime) -> bool:
    """Whether a pause or the routes, as they are now, hold this incident's team back. No route to it: not muted."""
    if roster.paused(roster.team(one.team).name, now):
        return True
    labels = {**one.labels, "__receiver__": one.receiver, "__source__": one.source}
    return any(each.muted for each in roster.assign(labels, now) if each.team.name == one.team)
