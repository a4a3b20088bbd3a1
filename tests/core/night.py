"""A night on call in simulated time: bodies come, timers ring, and what is said to whom is written down."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import count
from typing import Any

from alertsms.core.alerts.alert import Alert, AlertStatus, Format, Severity, Source, alert_key
from alertsms.core.incidents.escalation import ring
from alertsms.core.incidents.incident import Change, Incident, IncidentReason, IncidentState, close
from alertsms.core.incidents.intake import Decision, decide
from alertsms.core.incidents.lifecycle import release, settle
from alertsms.core.routing.matcher import parse_matchers
from alertsms.core.routing.roster import Roster, Route
from alertsms.core.routing.time_interval import NamedInterval, TimeInterval, parse_times
from alertsms.core.schedules.person import Person
from alertsms.core.schedules.team import Step, Team

AM = Source(format=Format.ALERTMANAGER)
MIDNIGHT = datetime(2026, 3, 3, tzinfo=UTC)  # a Tuesday
ALICE, BOB = (Person(name=name, phones=()) for name in ("alice", "bob"))
OPS = Team(name="ops", steps=(Step(page=(ALICE,)),), rounds=1)  # stories about more people say so
DBA = Team(name="dba", steps=(Step(page=(BOB,)),), rounds=1)
QUIET = replace(OPS, repeat_interval=timedelta(0))  # no reminders: stories about other things stay short


def at(text: str) -> datetime:
    """A moment such as `02:10`, `02:10:30`, or `+1 02:10` on the day after."""
    days, _, clock = text.rpartition(" ")
    return datetime.combine(MIDNIGHT.date(), time.fromisoformat(clock), UTC) + timedelta(days=int(days or 0))


def alert(status: AlertStatus, labels: dict[str, str], fields: dict[str, Any]) -> Alert:
    named = {"alertname": "HighCPU", "instance": "web-01", "severity": "critical"} | labels
    return Alert(**{"source": AM, "status": status, "key": alert_key(AM, "", named), "labels": named} | fields)


def fires(since: str | None, *, fields: dict[str, Any] | None = None, **labels: str) -> Alert:
    """A firing alert; `since` is its startsAt, None where the sender gave none."""
    return alert(AlertStatus.FIRING, labels, {"starts_at": since and at(since)} | (fields or {}))


def over(until: str | None, *, fields: dict[str, Any] | None = None, **labels: str) -> Alert:
    """A resolved alert; `until` is its endsAt."""
    return alert(AlertStatus.RESOLVED, labels, {"ends_at": until and at(until)} | (fields or {}))


def route(team: Team, matchers: str = "", *routes: Route, **fields: Any) -> Route:
    return Route(team=team, matchers=parse_matchers(matchers), routes=routes, **fields)


def daily(start: str, end: str) -> tuple[NamedInterval]:
    return (NamedInterval(name="daily", intervals=(TimeInterval(times=(parse_times(start, end),)),)),)


def roster(tree: Route | None = None, **fields: Any) -> Roster:
    tree = tree or route(OPS)
    teams = {node.team.name: node.team for node in (tree, *tree.routes)}
    return Roster(**{"people": {}, "teams": teams, "route": tree} | fields)


class Night:
    """Incidents as the store keeps them, and nothing else of it; OVH accepts every page at once."""

    def __init__(self, rules: Roster | None = None) -> None:
        self.roster = rules or roster()
        self.incidents: dict[int, Incident] = {}
        self.retired: set[int] = set()
        self.said: list[str] = []
        self.unanswered: list[str] = []  # when all rounds were over
        self.accepting = True
        self._numbers = count(1)

    def post(self, clock: str | datetime, *alerts: Alert) -> Decision:
        """One body arrives, after all timers that were due before it have rung."""
        now = self.until(clock)
        decision = decide(alerts, self.known(), self.roster, now)
        self._save(decision.changes.values(), now)
        return decision

    def until(self, clock: str | datetime) -> datetime:
        """Let time pass: each timer rings at its minute, then mutes are looked at."""
        now = at(clock) if isinstance(clock, str) else clock
        while due := [one for one in self.now() if one.step_due_at and one.step_due_at <= now]:
            one = min(due, key=lambda one: (one.step_due_at, one.id))
            self.ring(one, one.step_due_at)
        for one in self.now():
            if one.reason is IncidentReason.MUTED and not self._muted(one, now):
                self._save([release(one, team=self.roster.team(one.team), muted=False, now=now)], now)
        return now

    def ring(self, one: Incident, now: datetime) -> None:
        team, muted = self.roster.team(one.team), self._muted(one, now)
        if one.state is IncidentState.HELD:
            self._save([release(one, team=team, muted=muted, now=now)], now)
        elif settled := settle(one, team=team, now=now):
            self._save([settled], now)
        else:
            unsent = set() if self.accepting else {person.name for person in team.people}
            self._save([ring(one, team=team, muted=muted, unsent=unsent, usable=self.accepting, now=now)], now)

    def goes_stale(self, number: int, clock: str) -> None:
        self._save([close(self.incidents[number], IncidentReason.STALE, at(clock))], at(clock))

    def acknowledge(self, number: int, by: str = "alice") -> None:
        changed = {"state": IncidentState.ACKNOWLEDGED, "acked_by": by, "step_due_at": None}
        self.incidents[number] = replace(self.incidents[number], **changed)

    def known(self) -> dict[bytes, dict[str, Incident]]:
        known: dict[bytes, dict[str, Incident]] = {}
        for one in self.now():
            known.setdefault(one.key, {})[one.team] = one
        return known

    def now(self) -> list[Incident]:
        """The current incidents."""
        return [one for one in self.incidents.values() if one.id not in self.retired]

    def states(self) -> list[str]:
        return [f"#{one.id} {one.team} {one.state} ({one.reason})" for one in self.incidents.values()]

    def _muted(self, one: Incident, now: datetime) -> bool:
        return any(each.muted for each in self.roster.assign(one.labels, now) if each.team.name == one.team)

    def _save(self, changes: Collection[Change], now: datetime) -> None:
        for change in changes:
            one = change.incident
            if change.retires:
                self.retired.add(change.retires)
            if not one.id:
                # The database's unique index would refuse a second current incident of an alert and team.
                assert one.team not in self.known().get(one.key, {})
                one = replace(one, id=next(self._numbers))
            elif not change.write:
                assert self.incidents[one.id] == one
            if change.tells:
                self._say(now, one, "OK")
            if change.flaps:
                self._say(now, one, "FLAPPING")
            if change.exhausted:
                self.unanswered.append(f"{now:%H:%M} #{one.id}")
            if change.pages:
                self._say(now, one, f"{one.severity.name} {_mood(change)}".strip())
                if self.accepting:
                    one = replace(one, last_paged_at=now, step_sent_at=one.step_sent_at or now)
            self.incidents[one.id] = one

    def _say(self, now: datetime, one: Incident, what: str) -> None:
        days = (now - MIDNIGHT).days
        self.said.append(f"{f'+{days} ' if days else ''}{now:%H:%M} {one.team} {what} #{one.id}")


def _mood(change: Change) -> str:
    return "STILL" if change.rung else "AGAIN" if change.incident.episode else ""


def incident(**fields: Any) -> Incident:
    """An incident of ops that opened at 02:10 and was paged then."""
    return Incident(
        **{
            "id": 42,
            "key": b"k",
            "team": "ops",
            "state": IncidentState.OPEN,
            "reason": IncidentReason.FIRING,
            "severity": Severity.CRITICAL,
            "labels": {"alertname": "HighCPU"},
            "opened_at": at("02:10"),
            "last_seen_at": at("02:10"),
            "paged": 1,
            "step_at": at("02:10"),
            "step_due_at": at("02:15"),
        }
        | fields
    )
