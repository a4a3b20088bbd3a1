"""What one body does: each alert against the incidents it already has, folded into one change an incident."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from alertsms.core.alerts.alert import Alert, AlertStatus
from alertsms.core.incidents import flapping
from alertsms.core.incidents.episode import began_anew, receive, resolve, seen
from alertsms.core.incidents.heartbeat import Beats
from alertsms.core.incidents.incident import Change, Incident, IncidentReason, IncidentState
from alertsms.core.routing.roster import Assignment, Roster
from alertsms.core.routing.route import labels_for
from alertsms.core.text.subject import name_of

PAGED = (IncidentState.OPEN, IncidentState.ACKNOWLEDGED)  # what is held or closed has nobody awake for it now
AHEAD = timedelta(days=1)  # more than any two clocks differ
Known = Mapping[bytes, Mapping[str, Incident]]  # the current incidents of an alert, by team
Words = dict[int, str]  # about the routes that this body's alerts came by, by the identity of the route


@dataclass(kw_only=True, slots=True)
class Decision:
    """What is to be written for one body."""

    changes: dict[tuple[bytes, str], Change] = field(default_factory=dict)  # the last one of each alert and team
    others: set[int] = field(default_factory=set)  # open incidents of paged alerts in other teams: they paged people
    resting: list[str] = field(default_factory=list)  # always-firing alerts that no route names open nothing: names
    beats: Beats = field(default_factory=Beats)  # the heartbeats that it refreshes, or says are over
    beating: list[str] = field(default_factory=list)  # the alerts that refresh them: names
    contradicted: list[Incident] = field(default_factory=list)  # said to be over by a body that says they fire
    via: dict[tuple[bytes, str], str] = field(default_factory=dict)  # by which route, or what mutes it, for people

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
    over = [alert for alert in alerts if alert.status is AlertStatus.RESOLVED]
    fires = [alert for alert in alerts if alert.status is AlertStatus.FIRING]
    if roster.heartbeats:
        fires = _listen(decision, fires, over, roster)
    starts = _starts(fires) if over else {}
    for alert in over:
        if _contradicted(alert, starts):
            decision.contradicted += [
                one for one in known.get(alert.key, {}).values() if one.state is not IncidentState.CLOSED
            ]
            continue
        # Every team's incident closes, whatever the routes or the clock say now.
        for team, incident in known.get(alert.key, {}).items():
            before = decision.left(alert.key, team) or incident
            change = flapping.ended(before, resolve(before, alert, now), team=roster.team(team), now=now)
            if change:
                decision.add(change)
    words: Words = {}
    for alert in fires:
        _fire(decision, alert, known.get(alert.key, {}), roster, now, words)
    return decision


def _listen(decision: Decision, fires: Sequence[Alert], over: Sequence[Alert], roster: Roster) -> list[Alert]:
    """Note which heartbeats a body speaks of; returns what fires and is none. An end of one still closes incidents."""
    rest, names = [], set[str]()
    for alert in fires:
        refreshed = roster.refreshes(labels_for(alert))
        if refreshed:
            decision.beating.append(name_of(alert.labels))
            names |= refreshed
        else:
            rest.append(alert)
    gone = {name for alert in over for name in roster.refreshes(labels_for(alert))}
    decision.beats = Beats(heard=frozenset(names), ended=frozenset(gone - names))
    return rest


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


def _fire(
    decision: Decision, alert: Alert, known: Mapping[str, Incident], roster: Roster, now: datetime, words: Words
) -> None:
    assignments = roster.assign(labels_for(alert), now)
    if not assignments:
        decision.resting.append(name_of(alert.labels))
    # A team that may be told now goes first: a person of two teams is paged through it, not held with the other.
    for assignment in sorted(assignments, key=lambda each: each.muted):
        team = assignment.team
        before = decision.left(alert.key, team.name) or known.get(team.name)
        if before and alert.starts_at and began_anew(before, alert.starts_at, now):
            before = seen(before, alert, now)
            change = flapping.unposted(before, alert.starts_at, team=team, muted=assignment.muted, now=now)
        else:
            change = receive(
                before,
                alert,
                team=team,
                severity=roster.severity(alert.labels),
                muted=assignment.muted,
                now=now,
                flap_window=roster.flap_window,
                elsewhere=known.values(),
            )
            change = flapping.back(before, change, team=team, now=now) if before else change
        decision.add(change)
        if change.reason not in (IncidentReason.KNOWN, IncidentReason.FLAPS):
            decision.via[alert.key, team.name] = _via(words, assignment, now)
        if change.pages:
            decision.others |= {one.id for name, one in known.items() if name != team.name and one.state in PAGED}


def _via(words: Words, assignment: Assignment, now: datetime) -> str:
    """The words about a route, which most alerts of a body share."""
    route = assignment.match.route
    if id(route) not in words:
        words[id(route)] = assignment.words(now)
    return words[id(route)]
