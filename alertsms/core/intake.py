"""What one body does: each alert against the incidents it already has, folded into one change an incident."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from alertsms.core.alert import Alert, Status
from alertsms.core.incident import Change, Incident, State, receive, resolve
from alertsms.core.roster import Roster
from alertsms.core.route import labels_for

PAGED = (State.OPEN, State.ACKNOWLEDGED)  # what is held or closed has nobody awake for it now
AHEAD = timedelta(days=1)  # more than any two clocks differ
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

    def left(self, key: bytes, team: str) -> Incident | None:
        """The incident as this body has left it so far, if it did anything to it."""
        change = self.changes.get((key, team))
        return change.incident if change else None


def decide(alerts: Sequence[Alert], known: Known, roster: Roster, now: datetime) -> Decision:
    """Decide about all alerts of a body.

    1. Resolutions, but for those that the same body contradicts.
    2. What fires, so that an alert which ended and came back is back.
    """
    decision = Decision()
    alerts = [_believable(alert, now) for alert in alerts]
    over = [alert for alert in alerts if alert.status is Status.RESOLVED]
    fires = [alert for alert in alerts if alert.status is Status.FIRING]
    starts = _starts(fires) if over else {}
    for alert in over:
        if _contradicted(alert, starts):
            continue
        # Every team's incident closes, whatever the routes or the clock say now.
        for team, incident in known.get(alert.key, {}).items():
            change = resolve(decision.left(alert.key, team) or incident, alert, now)
            if change:
                decision.add(change)
    for alert in fires:
        _fire(decision, alert, known.get(alert.key, {}), roster, now)
    return decision


def _believable(alert: Alert, now: datetime) -> Alert:
    """A start that lies more than a day ahead is nobody's: kept, it would make each true end look like an older one."""
    if alert.starts_at and alert.starts_at > now + AHEAD:
        return replace(alert, starts_at=None)
    return alert


def _starts(fires: Sequence[Alert]) -> dict[bytes, datetime | None]:
    """The first start of each firing alert; None where one of its entries has none."""
    starts: dict[bytes, datetime | None] = {}
    for alert in fires:
        first = starts.get(alert.key, alert.starts_at)
        starts[alert.key] = min(first, alert.starts_at) if first and alert.starts_at else None
    return starts


def _contradicted(alert: Alert, starts: Mapping[bytes, datetime | None]) -> bool:
    """Whether the body of a resolution also says that the alert fires: two replicas that we call one may differ.

    Not so where it started after this end: then it is over and back.
    """
    if alert.key not in starts:
        return False
    start = starts[alert.key]
    return start is None or alert.ends_at is None or start <= alert.ends_at


def _fire(decision: Decision, alert: Alert, known: Mapping[str, Incident], roster: Roster, now: datetime) -> None:
    assignments = roster.assign(labels_for(alert), now)
    decision.resting += not assignments
    # A team that may be told now goes first: a person of two teams is paged through it, not held with the other.
    for assignment in sorted(assignments, key=lambda each: each.muted):
        team = assignment.team
        change = receive(
            decision.left(alert.key, team.name) or known.get(team.name), alert, team=team,
            severity=roster.severity(alert.labels), muted=assignment.muted, now=now, flap_window=roster.flap_window,
        )  # fmt: skip
        decision.add(change)
        if change.pages:
            decision.others |= {one.id for name, one in known.items() if name != team.name and one.state in PAGED}
