"""The route tree: which teams an alert reaches, and whether they may hear of it now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from alertsms.core.alerts.alert import Alert
from alertsms.core.routing.matcher import Matcher
from alertsms.core.routing.time_interval import NamedInterval
from alertsms.core.schedules.team import Team


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """One node of the tree, with Alertmanager's meaning of every key but the team, which stands for a receiver."""

    team: Team
    matchers: tuple[Matcher, ...] = ()
    routes: tuple[Route, ...] = ()
    continue_: bool = False
    mute_time_intervals: tuple[NamedInterval, ...] = ()
    active_time_intervals: tuple[NamedInterval, ...] = ()

    def match(self, labels: Mapping[str, str]) -> tuple[Match, ...]:
        """The nodes that an alert ends at, in the order of the tree; none only if this node's own matchers refuse.

        Depth first, left to right: a child that fits ends the search among its siblings unless it says `continue`,
        and where no child fits the node itself is the result (https://prometheus.io/docs/alerting/latest/configuration/#route).
        """
        return tuple(_descend(self, labels, ()))


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """Where an alert ended: the nodes from the root down to the one that takes it."""

    path: tuple[Route, ...]

    @property
    def route(self) -> Route:
        """The node that takes the alert."""
        return self.path[-1]

    @property
    def team(self) -> Team:
        """Who is paged."""
        return self.path[-1].team

    def muted(self, at: datetime) -> bool:
        """Whether the node's time intervals hold its pages back at `at` (aware). Parents' intervals do not count."""
        route = self.path[-1]
        if any(interval.active(at) for interval in route.mute_time_intervals):
            return True
        wanted = route.active_time_intervals
        return bool(wanted) and not any(interval.active(at) for interval in wanted)

    @property
    def words(self) -> str:
        """The way down the tree, for people: `route team="db" > severity="critical"`."""
        steps = [", ".join(map(str, route.matchers)) for route in self.path if route.matchers]
        return f"route {' > '.join(steps)}" if steps else "root route"

    def holds(self, at: datetime) -> str:
        """Which time intervals hold its pages back at `at`, for people."""
        route = self.path[-1]
        muting = [interval.name for interval in route.mute_time_intervals if interval.active(at)]
        if muting:
            return f"{self.words} is muted during {', '.join(muting)}"
        return f"{self.words} pages only during {', '.join(interval.name for interval in route.active_time_intervals)}"

    def names(self, label: str) -> bool:
        """Whether some matcher on the way asks for a value of `label`: without it an alert would not come here."""
        return any(matcher.requires(label) for route in self.path for matcher in route.matchers)


def labels_for(alert: Alert) -> Mapping[str, str]:
    """What matchers see of an alert: its labels, `__receiver__` and `__source__` (ours win over a sender's)."""
    return {**alert.labels, "__receiver__": alert.receiver, "__source__": alert.source.format.value}


def _descend(route: Route, labels: Mapping[str, str], above: tuple[Route, ...]) -> list[Match]:
    for matcher in route.matchers:
        if not matcher.matches(labels):
            return []
    path = (*above, route)
    ends: list[Match] = []
    for child in route.routes:
        matches = _descend(child, labels, path)
        ends += matches
        if matches and not child.continue_:
            break
    return ends or [Match(path=path)]
