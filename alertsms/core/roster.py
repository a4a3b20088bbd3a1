"""Everything that decides who is paged and how, as one frozen value; a reload swaps it whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from alertsms.core.alert import Severity
from alertsms.core.person import Person
from alertsms.core.route import Route
from alertsms.core.team import Team

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
    """People, teams, the route tree and the rules of incidents and texts."""

    people: Mapping[str, Person]
    teams: Mapping[str, Team]
    route: Route
    ignore_labels: frozenset[str] = frozenset()
    severity_label: str = "severity"
    severity_values: Mapping[str, Severity] = field(default_factory=lambda: dict(SEVERITY_VALUES))  # lower case
    flap_window: timedelta = timedelta(minutes=15)
    stale_after: timedelta = timedelta(days=3)
    max_segments: int = 1

    def severity(self, labels: Mapping[str, str]) -> Severity:
        """The rank of an alert; a missing or unknown severity counts as critical."""
        return self.severity_values.get(labels.get(self.severity_label, "").strip().lower(), Severity.CRITICAL)
