"""Warnings about the weeks to come, which depend on the time at which a file is checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from alertsms.config.error import quote
from alertsms.config.fields import Reading, Section
from alertsms.core.schedules.schedule import Schedule, Shift
from alertsms.core.schedules.team import AHEAD, Step, Team, cycle, dead_steps, never_on_call, uncovered
from alertsms.icalendar_file.file import File

_SHOWN = 5  # titles of events that name nobody


def warn_of_schedules(root: Section, built: Mapping[str, Schedule | None], now: datetime, reading: Reading) -> None:
    """Note people who are never on call, and events of a calendar that name nobody.

    A schedule may well have gaps: it is one layer of several. What pages nobody is a step.
    """
    for name, got in (root.value("schedules") or {}).items():
        schedule = built[name]
        if not got or not schedule:
            continue
        for person in never_on_call(schedule, now):
            reading.report.warn(
                got.at, f"{quote(person.name)} is never on call here in the next {cycle(schedule).days} days"
            )
        if isinstance(schedule.calendar, File):
            _warn_of_strangers(got.value, schedule.calendar, now, reading)


def _warn_of_strangers(section: Section, file: File, now: datetime, reading: Reading) -> None:
    titles = file.strangers(now, now + AHEAD)
    if titles:
        shown = ", ".join(map(quote, titles[:_SHOWN]))
        more = f" and {len(titles) - _SHOWN} more" if len(titles) > _SHOWN else ""
        reading.report.warn(
            section.place("ics"),
            f"no person of this file is found in {shown}{more}: write people with these names or e-mail addresses",
        )


def warn_of_teams(root: Section, built: Mapping[str, Team | None], now: datetime, reading: Reading) -> None:
    """Note steps that page nobody, and times in which no step of a team does."""
    for name, got in root.value("teams").items():
        team = built[name]
        if not got or not team or team.record_only:
            continue
        silent = dead_steps(team, now)
        written = got.value.items("steps") if 1 < len(team.steps) > len(silent) else []
        for entry, step in zip(written, team.steps, strict=False):
            if alone := uncovered([step], now):
                reading.report.warn(entry.at, f"this step pages nobody {_when(alone, now, _zone([step]))}")
        if empty := uncovered(team.steps, now):
            when = _when(empty, now, _zone(team.steps))
            reading.report.warn(
                got.at,
                f"no step pages anybody {when}: its fallback is all that is told then, add a step with people",
            )


def _zone(steps: Iterable[Step]) -> ZoneInfo:
    return next(target.zone for step in steps for target in step.page if isinstance(target, Schedule))


def _when(gaps: Sequence[Shift], now: datetime, zone: ZoneInfo) -> str:
    """When nobody is there: the first time in full."""
    first, last = gaps[0], now + AHEAD
    if (first.begins, first.ends) == (now, last):
        return f"in the next {AHEAD.days} days"
    begins = "now" if first.begins == now else f"from {_moment(first.begins, zone)}"
    ends = f"on, for the rest of {AHEAD.days} days" if first.ends == last else f"to {_moment(first.ends, zone)}"
    others = len(gaps) - 1
    more = f", and {others} more {'time' if others == 1 else 'times'} in the next {AHEAD.days} days" if others else ""
    return f"{begins} {ends}{more}"


def _moment(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M} ({zone})"
