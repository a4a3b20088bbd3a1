"""Everything that decides who is paged and how, the route tree among it, as one frozen value; a reload swaps it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from alertsms.core.alerts.alert import Alert, Format, Severity
from alertsms.core.incidents.heartbeat import LABEL, Heartbeat
from alertsms.core.incidents.incident import Incident
from alertsms.core.messages.notification import GLOBAL, NO_FALLBACK, Channel, Fallback
from alertsms.core.routing.matcher import Matcher, Op
from alertsms.core.routing.time_interval import NamedInterval
from alertsms.core.schedules.person import Person
from alertsms.core.schedules.schedule import Schedule
from alertsms.core.schedules.team import Team
from alertsms.core.text.language import ENGLISH

EVERYBODY = ""  # in the place of a pause's team: all teams
LONGEST = timedelta(days=7)  # a pause that somebody forgets ends by itself
WORDS = 200  # characters of a pause's reason, and of a name


@dataclass(frozen=True, kw_only=True, slots=True)
class Pause:
    """Maintenance: from when until when a team is not paged, and who said so beforehand."""

    team: str = EVERYBODY
    begins_at: datetime
    ends_at: datetime
    by: str = ""
    reason: str = ""

    def holds(self, team: str, at: datetime) -> bool:
        """Whether it holds this team's pages back at `at`."""
        return self.team in (team, EVERYBODY) and self.begins_at <= at < self.ends_at

    @property
    def whose(self) -> str:
        """Whom it spares, as the subject of a sentence."""
        return self.team if self.team != EVERYBODY else "every team"

    @property
    def resume(self) -> str:
        """The command that ends it."""
        return f"alertsms resume --team {self.team}" if self.team != EVERYBODY else "alertsms resume --all"

    def words(self, zone: str, verb: str = "is") -> str:
        """Return `ops is paused until Tue 3 Mar 04:10 by alice: new switches`, times in this zone."""
        there = self.ends_at.astimezone(ZoneInfo(zone))
        until = f"{self.whose} {verb} paused until {there:%a} {there.day} {there:%b %H:%M}"
        return ": ".join(filter(None, (f"{until} by {self.by}" if self.by else until, self.reason)))


def holding(pauses: Iterable[Pause], team: str, at: datetime) -> Pause | None:
    """The pause that holds a team's pages back at `at`; of several the one that ends last."""
    return max((pause for pause in pauses if pause.holds(team, at)), key=lambda pause: pause.ends_at, default=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """One node of the tree, with Alertmanager's meaning of every key but the team, which stands for a receiver."""

    team: Team
    matchers: tuple[Matcher, ...] = ()
    routes: tuple[Route, ...] = ()
    continue_: bool = False
    mute_time_intervals: tuple[NamedInterval, ...] = ()
    active_time_intervals: tuple[NamedInterval, ...] = ()

    def match(self, labels: Mapping[str, str], above: RoutePath = ()) -> tuple[RoutePath, ...]:
        """The nodes that an alert ends at, in the order of the tree; none only if this node's own matchers refuse.

        Depth first, left to right: a child that fits ends the search among its siblings unless it says `continue`,
        and where no child fits the node itself is the result (https://prometheus.io/docs/alerting/latest/configuration/#route).
        """
        for matcher in self.matchers:
            if not matcher.matches(labels):
                return ()
        path = (*above, self)
        ends: tuple[RoutePath, ...] = ()
        for child in self.routes:
            paths = child.match(labels, path)
            ends += paths
            if paths and not child.continue_:
                break
        return ends or (path,)

    def muted(self, at: datetime) -> bool:
        """Whether the node's time intervals hold its pages back at `at` (aware). Parents' intervals do not count."""
        for interval in self.mute_time_intervals:
            if interval.active(at):
                return True
        wanted = self.active_time_intervals
        return bool(wanted) and not any(interval.active(at) for interval in wanted)


RoutePath = tuple[Route, ...]  # where an alert ended: the nodes from the root down to the one that takes it


def asks_for(path: RoutePath, label: str) -> bool:
    """Whether some matcher on the way asks for a value of `label`: without it an alert would not come here."""
    return any(matcher.requires(label) for route in path for matcher in route.matchers)


def labels_for(alert: Alert) -> Mapping[str, str]:
    """What matchers see of an alert: its labels, `__receiver__` and `__source__` (ours win over a sender's)."""
    return {**alert.labels, "__receiver__": alert.receiver, "__source__": alert.source.format.value}


def muted(incident: Incident, roster: Roster, now: datetime) -> bool:
    """Whether a pause or the routes, as they are now, hold this incident's team back. No route to it: not muted."""
    if holding(roster.pauses, roster.team(incident.team).name, now):
        return True
    labels = {**incident.labels, "__receiver__": incident.receiver, "__source__": incident.source}
    return any(assignment.muted for assignment in roster.assign(labels, now) if assignment.team.name == incident.team)


# Alerts that fire always, by kube-prometheus' custom; they page only where a route names them.
ALWAYS_FIRING = frozenset({"Watchdog", "InfoInhibitor"})
OWN = frozenset({Format.ALERTSMS, Format.INTAKE})  # alerts that we make

SEVERITY_VALUES: Mapping[str, Severity] = {
    "critical": Severity.CRITICAL,
    "page": Severity.CRITICAL,
    "emergency": Severity.CRITICAL,
    "fatal": Severity.CRITICAL,
    "disaster": Severity.CRITICAL,
    "p1": Severity.CRITICAL,
    "error": Severity.ERROR,
    "high": Severity.ERROR,
    "major": Severity.ERROR,
    "p2": Severity.ERROR,
    "warning": Severity.WARNING,
    "warn": Severity.WARNING,
    "medium": Severity.WARNING,
    "minor": Severity.WARNING,
    "average": Severity.WARNING,
    "ticket": Severity.WARNING,
    "p3": Severity.WARNING,
    "info": Severity.INFO,
    "information": Severity.INFO,
    "low": Severity.INFO,
    "notice": Severity.INFO,
    "none": Severity.INFO,
    "p4": Severity.INFO,
    "p5": Severity.INFO,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Roster:
    """People, schedules, teams, the route tree and the rules of incidents and texts."""

    people: Mapping[str, Person]
    teams: Mapping[str, Team]
    route: Route
    schedules: Mapping[str, Schedule] = field(default_factory=dict)
    ignore_labels: frozenset[str] = frozenset()
    show_labels: tuple[str, ...] = ()  # in every text, right after the name
    severity_label: str = "severity"
    severity_values: Mapping[str, Severity] = field(default_factory=lambda: dict(SEVERITY_VALUES))  # lower case
    flap_window: timedelta = timedelta(minutes=15)
    stale_after: timedelta = timedelta(days=3)
    max_segments: int = 1
    fallback: Fallback = NO_FALLBACK  # the top level's
    heartbeats: Mapping[str, Heartbeat] = field(default_factory=dict)
    pauses: tuple[Pause, ...] = ()  # no part of the file: somebody wants quiet for a while

    def severity(self, labels: Mapping[str, str]) -> Severity:
        """The rank of an alert; a missing or unknown severity counts as critical."""
        return self.severity_values.get(labels.get(self.severity_label, "").strip().lower(), Severity.CRITICAL)

    def team(self, name: str) -> Team:
        """A team by name; one that is gone since a reload becomes the root's."""
        return self.teams.get(name) or self.route.team

    def acknowledger(self, incident: Incident) -> str:
        """Who of `people` has an incident; "" where nobody has, or a name that nothing can be sent to: a slip, say."""
        return incident.acked_by if incident.acked_by in self.people else ""

    def channels(self, target: str) -> tuple[Channel, ...]:
        """The channels behind the target of a post, as of now; empty where it has none any more."""
        if target == GLOBAL:
            return self.fallback.channels
        kind, _, name = target.partition(":")
        if kind == "team":
            return self.team(name).fallback.channels
        owner = self.people.get(name) if kind == "person" else self.teams.get(name)
        return owner.also if owner else ()

    @property
    def all_channels(self) -> frozenset[Channel]:
        """Every channel that a post may go to."""
        owned = [*(person.also for person in self.people.values()), *(team.also for team in self.teams.values())]
        owned += [self.fallback.channels, *(team.fallback.channels for team in self.teams.values())]
        return frozenset(channel for channels in owned for channel in channels)

    def language(self, target: str) -> str:
        """The language of a post: its person's, else English."""
        kind, _, name = target.partition(":")
        return self.people[name].language if kind == "person" and name in self.people else ENGLISH

    def zone(self, target: str) -> str:
        """The zone of the times in a post: the person's, or that of the team's first."""
        kind, _, name = target.partition(":")
        people = [self.people[name]] if name in self.people else []
        return _zone(people if kind == "person" else self.team(name).people)

    def assign(self, labels: Mapping[str, str], at: datetime) -> tuple[Assignment, ...]:
        """Who is to be paged for an alert with these labels (`__receiver__` and `__source__` among them) at `at`.

        A team that several routes lead to is muted only where each of them is, or while it is paused. Empty for an
        always-firing alert that no route names.
        """
        if labels.get("__source__") == Format.INTAKE:  # nobody's routes know of what was refused
            return (self._direct(Route(team=self.route.team), at),)
        beat = self.heartbeats.get(labels.get(LABEL, "")) if labels.get("__source__") == Format.ALERTSMS else None
        if beat and beat.team:  # that needs no route, and none mutes it
            named = Route(team=beat.team, matchers=(Matcher(name=LABEL, op=Op.EQUAL, value=beat.name),))
            return (self._direct(named, at),)
        assignments: dict[str, Assignment] = {}
        none = labels.get(self.severity_label, "").strip().lower() == "none"
        always_fires = none or labels.get("alertname") in ALWAYS_FIRING
        for path in self.route.match(labels):
            if not always_fires or self._names(path, none=none):
                team = path[-1].team
                pause = holding(self.pauses, team.name, at) if self.pauses else None
                muted = pause is not None or path[-1].muted(at)
                if team.name not in assignments or not muted:
                    assignments[team.name] = Assignment(team=team, muted=muted, path=path, pause=pause)
        return tuple(assignments.values())

    def _direct(self, route: Route, at: datetime) -> Assignment:
        """An alert that goes to a team without the tree: nothing but a pause holds it back."""
        pause = holding(self.pauses, route.team.name, at)
        return Assignment(team=route.team, muted=pause is not None, path=(route,), pause=pause)

    def refreshes(self, labels: Mapping[str, str]) -> frozenset[str]:
        """The heartbeats that an alert with these labels (as for `assign`) is: then it pages nobody."""
        if labels.get("__source__") in OWN:  # that one is missing is no sign of life of another
            return frozenset()
        return frozenset(beat.name for beat in self.heartbeats.values() if beat.refreshed_by(labels))

    def _names(self, path: RoutePath, *, none: bool) -> bool:
        """Whether the route which matched names an always-firing alert; `none`: by the severity of that name too."""
        return asks_for(path, "alertname") or (none and asks_for(path, self.severity_label))


@dataclass(frozen=True, kw_only=True, slots=True)
class Assignment:
    """One team that an alert goes to, and whether its page waits for the end of a mute."""

    team: Team
    muted: bool
    path: RoutePath  # the way that it came
    pause: Pause | None = None  # what holds it, before any time interval does

    def words(self, at: datetime) -> str:
        """By which route it came (`route team="db" > severity="critical"`), or what holds its page back at `at`."""
        if self.pause:
            return self.pause.words(_zone(self.team.people))
        steps = [", ".join(map(str, route.matchers)) for route in self.path if route.matchers]
        way = f"route {' > '.join(steps)}" if steps else "root route"
        end = self.path[-1]
        if not self.muted:
            return way
        muting = [interval.name for interval in end.mute_time_intervals if interval.active(at)]
        if muting:
            return f"{way} is muted during {', '.join(muting)}"
        return f"{way} pages only during {', '.join(interval.name for interval in end.active_time_intervals)}"


def _zone(people: Sequence[Person]) -> str:
    return people[0].time_zone if people else "UTC"
