"""What one body does: each alert against the incidents it already has, folded into one change an incident."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from alertsms.core.alert import Alert, Status
from alertsms.core.incident import Change, Incident, State, receive, resolve
from alertsms.core.roster import Roster
from alertsms.core.route import labels_for

Known = Mapping[bytes, Mapping[str, Incident]]  # the current incidents of an alert, by team


@dataclass(kw_only=True, slots=True)
class Decision:
    """What is to be written for one body."""

    changes: dict[tuple[bytes, str], Change] = field(default_factory=dict)  # the last one of each alert and team
    others: set[int] = field(default_factory=set)  # open incidents of paged alerts in other teams: they paged people
    resting: int = 0  # always-firing alerts that no route names: they open nothing

    def add(self, change: Change) -> None:
        """Fold a change into what this body has done to the same incident already."""
        place = change.incident.key, change.incident.team
        before = self.changes.get(place)
        self.changes[place] = before.then(change) if before else change


def decide(alerts: Sequence[Alert], known: Known, roster: Roster, now: datetime) -> Decision:
    """Decide about all alerts of a body: resolutions first, so that what fires last is what counts."""
    decision = Decision()
    for alert in alerts:
        if alert.status is Status.RESOLVED:
            # Every team's incident closes, whatever the routes or the clock say now.
            for incident in known.get(alert.key, {}).values():
                change = resolve(incident, alert, now)
                if change:
                    decision.add(change)
    for alert in alerts:
        if alert.status is Status.FIRING:
            _fire(decision, alert, known.get(alert.key, {}), roster, now)
    return decision


def _fire(decision: Decision, alert: Alert, known: Mapping[str, Incident], roster: Roster, now: datetime) -> None:
    assignments = roster.assign(labels_for(alert), now)
    decision.resting += not assignments
    # A team that may be told now goes first: a person of two teams is paged through it, not held with the other.
    for assignment in sorted(assignments, key=lambda each: each.muted):
        team = assignment.team
        done = decision.changes.get((alert.key, team.name))
        change = receive(
            done.incident if done else known.get(team.name), alert, team=team, severity=roster.severity(alert.labels),
            muted=assignment.muted, now=now, flap_window=roster.flap_window,
        )  # fmt: skip
        decision.add(change)
        if change.pages:
            decision.others |= {
                one.id for name, one in known.items() if name != team.name and one.state != State.CLOSED
            }
