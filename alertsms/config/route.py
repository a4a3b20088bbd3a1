"""The sections `route` and `time_intervals`, in Alertmanager's spelling: which alert pages which team, and when."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, tzinfo
from typing import Any

from alertsms.config.error import quote
from alertsms.config.fields import Again, Field, Got, Listing, Reading, Section, Table, no_such, resolve
from alertsms.config.scalars import FLAG, Text
from alertsms.core.routing.matcher import Matcher, parse_matchers
from alertsms.core.routing.roster import Route
from alertsms.core.routing.time_interval import (
    NamedInterval,
    Span,
    TimeInterval,
    parse_days_of_month,
    parse_location,
    parse_months,
    parse_times,
    parse_weekdays,
    parse_years,
)
from alertsms.core.schedules.team import Team

_GROUPS = "every alert is a page of its own here: leave it out"
_NAMES = Listing("a list of names from time_intervals", Text("a name from time_intervals"))


def _matchers(text: str) -> tuple[Matcher, ...]:
    try:
        return parse_matchers(text)
    except ValueError as problem:
        raise ValueError(f"{quote(text)}, {problem}") from problem


MATCHERS = Listing(
    'a list of matchers such as severity="critical"',
    Text('a matcher such as severity="critical"', _matchers),
    single=True,
    empty=True,
)
ROUTE: Table = Table(
    "team, matchers and routes",
    (
        Field(
            "team", Text("the name of a team below teams"), "The team that is paged; else the one of the route above."
        ),
        Field(
            "matchers",
            MATCHERS,
            'Which alerts: label="value", or !=, =~, !~ (RE2, the whole value). All of them must match.',
        ),
        Field("continue", FLAG, "Try the routes after this one too when it matched.", default=False),
        Field(
            "routes",
            Listing("a list of routes", Again(lambda: ROUTE), empty=True),
            "Finer routes, tried in order: the first that matches wins.",
        ),
        Field("mute_time_intervals", _NAMES, "Hold pages back while one of these intervals is active."),
        Field("active_time_intervals", _NAMES, "Hold pages back except while one of these intervals is active."),
    ),
    hints={
        "receiver": "Alertmanager's receivers are teams here: write team",
        "match": "write matchers: ['label=\"value\"']",
        "match_re": "write matchers: ['label=~\"pattern\"']",
        "group_by": _GROUPS,
        "group_wait": _GROUPS,
        "group_interval": _GROUPS,
        "repeat_interval": "reminders belong to a team: write it below teams",
    },
)

TIMES = Table(
    'start_time: "HH:MM" and end_time: "HH:MM"',
    (
        Field("start_time", Text('a time such as "09:00"'), "The first minute, HH:MM.", required=True),
        Field("end_time", Text('a time such as "18:00"'), "The minute after the last, up to 24:00.", required=True),
    ),
)


def _spans(example: str, parse: Callable[[str], Any]) -> Listing:
    return Listing(f"a list such as [{example}]", Text(f"for example {example}", parse))


INTERVAL = Table(
    "times, weekdays, days_of_month, months, years or location",
    (
        Field("times", Listing("a list of {start_time, end_time}", TIMES), "Times of the day."),
        Field("weekdays", _spans('"monday:friday"', parse_weekdays), "Days of the week."),
        Field("days_of_month", _spans('"1:5"', parse_days_of_month), "Days of the month; -1 is the last."),
        Field("months", _spans('"may:august"', parse_months), "Months."),
        Field("years", _spans('"2026:2028"', parse_years), "Years."),
        Field("location", Text("an IANA time zone such as Europe/Paris", parse_location), "The zone of all of these."),
    ),
)
NAMED_INTERVAL = Table(
    "name and time_intervals",
    (
        Field("name", Text("a name for routes to use"), "The name that routes and schedules use.", required=True),
        Field(
            "time_intervals",
            Listing("a list of intervals", INTERVAL),
            "The interval is active when any of these is; in each of them every key must fit.",
            required=True,
        ),
    ),
)
INTERVALS = Listing("a list of {name, time_intervals}", NAMED_INTERVAL, empty=True)


def intervals(root: Section, reading: Reading) -> dict[str, NamedInterval] | None:
    """Build the named intervals; None when the whole section is wrong."""
    if "time_intervals" in root and "time_intervals" not in root.got:
        return None
    built: dict[str, NamedInterval] = {}
    zone = parse_location(root.value("time_zone") or "UTC") or UTC
    for got in root.items("time_intervals"):
        name = got.value.value("name")
        if name in built:
            reading.report.error(got.value.place("name"), f"{quote(name)} is defined above already, write another name")
        elif name:
            sections = [part.value for part in got.value.items("time_intervals")]
            _note_zone(got.value, sections, root.value("time_zone"), reading)
            built[name] = NamedInterval(
                name=name, intervals=tuple(interval(section, reading, zone) for section in sections)
            )
    return built


def _note_zone(named: Section, parts: Iterable[Section], zone: str | None, reading: Reading) -> None:
    """Note an interval that may come from Alertmanager, where times without a location are UTC."""
    if zone in (None, "UTC") or all("location" in part for part in parts):
        return
    reading.report.note(
        named.place("name"),
        f"09:00 in {quote(named.value('name'))} is 09:00 in {zone};"
        " write location: UTC below it if it came from Alertmanager",
    )


def interval(section: Section, reading: Reading, location: tzinfo = UTC) -> TimeInterval:
    """Build one specification; `location` is the zone where it names none."""
    return TimeInterval(
        times=tuple(filter(None, (_times(got, reading) for got in section.items("times")))),
        weekdays=_values(section, "weekdays"),
        days_of_month=_values(section, "days_of_month"),
        months=_values(section, "months"),
        years=_values(section, "years"),
        location=section.value("location") if "location" in section.got else location,
    )


def _values(section: Section, key: str) -> tuple[Any, ...]:
    return tuple(got.value for got in section.items(key))


def _times(got: Got, reading: Reading) -> Span | None:
    start, end = got.value.value("start_time"), got.value.value("end_time")
    if not start or not end:
        return None
    try:
        return parse_times(start, end)
    except ValueError as problem:
        reading.report.error(got.at, str(problem), found=f"{start} to {end}")
        return None


class Tree:
    """Builds the route tree, and remembers which names it used."""

    def __init__(
        self, teams: Mapping[str, Team | None], named: Mapping[str, NamedInterval] | None, reading: Reading
    ) -> None:
        self.teams = teams
        self.named = named or {}
        self.names_known = named is not None
        self.reading = reading
        self.used_teams: set[str] = set()
        self.used_intervals: set[str] = set()

    def root(self, section: Section) -> Route | None:
        """Build the whole tree; the root matches everything and names a team. None after noting that it does not."""
        for key in ("matchers", "continue", "mute_time_intervals", "active_time_intervals"):
            if key in section:
                self.reading.report.error(
                    section.place(key),
                    f"the root route takes every alert at any time: move {key} into one of its routes",
                )
        if section.lacks("team"):
            self.reading.report.error(section.at, "team is missing, write the team that gets what no other route takes")
        return self.build(section, None)

    def build(self, section: Section, above: Team | None) -> Route | None:
        """Build one route and those below it; a route without a team has the one above it."""
        named = section.got.get("team")
        team = None if "team" in section else above
        if named:
            self.used_teams.add(named.value)
            team = resolve(named, self.teams, "team", self.reading)
        matchers = [matcher for got in section.items("matchers") for matcher in got.value]
        routes = [self.build(got.value, team) for got in section.items("routes")]
        self.warn_of_shadowed(section)
        muted, active = (self.intervals(section, f"{key}_time_intervals") for key in ("mute", "active"))
        if team is None:
            return None
        return Route(
            team=team,
            matchers=tuple(matchers),
            routes=tuple(route for route in routes if route),
            continue_=section.value("continue"),
            mute_time_intervals=muted,
            active_time_intervals=active,
        )

    def intervals(self, section: Section, key: str) -> tuple[NamedInterval, ...]:
        """Find the intervals that a route names."""
        for got in section.items(key):
            self.used_intervals.add(got.value)
            if self.names_known and got.value not in self.named:
                self.reading.report.error(got.at, no_such("time interval", got.value, self.named), found=got.found)
        return tuple(self.named[got.value] for got in section.items(key) if got.value in self.named)

    def warn_of_unused(self, root: Section, elsewhere: set[str]) -> None:
        """Note the teams and intervals that no route names, nor is named `elsewhere` (intervals only)."""
        teams = self.teams.values()
        for name, got in root.value("teams").items():
            if name not in self.used_teams and not any(team and team.fallback.team == name for team in teams):
                self.reading.report.warn(
                    got.at, f"no route leads to {quote(name)}, nothing pages this team", found=name
                )
        for got in root.items("time_intervals"):
            name, at = got.value.value("name"), got.value.place("name")
            if name not in self.used_intervals | elsewhere:
                where = "route or schedule" if "schedules" in root else "route"
                self.reading.report.warn(at, f"no {where} names {quote(name)}", found=name)

    def warn_of_shadowed(self, section: Section) -> None:
        """Note a route without matchers before others: those are never tried."""
        for got in section.items("routes")[:-1]:
            if not got.value.value("matchers") and "matchers" not in got.value.got and not got.value.value("continue"):
                self.reading.report.warn(
                    got.at,
                    "this route takes every alert, those after it are never tried: write matchers, or put it last",
                )
