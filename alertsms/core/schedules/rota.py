"""Who is on call from some time on: for the calendar that people read, and for programs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from alertsms.core.routing.pause import Pause
from alertsms.core.routing.roster import Roster
from alertsms.core.schedules.person import Person
from alertsms.core.schedules.schedule import Schedule, Shift
from alertsms.core.schedules.team import Team
from alertsms.core.text import json_form

WEEK, MOMENT = timedelta(weeks=1), timedelta(microseconds=1)
LOOKS = (WEEK, 8 * WEEK, 60 * WEEK)  # how far the next hand-off is looked for, a little first


@dataclass(frozen=True, kw_only=True, slots=True)
class Rota:
    """One schedule from a moment on."""

    schedule: Schedule
    shifts: tuple[Shift, ...]  # gaps among them; the first begins at that moment, the last is cut where the rota ends
    since: datetime | None  # when the first shift began; None: more than a year ago
    following: Shift | None  # who comes after the first shift; None: nobody else for more than a year

    @property
    def now(self) -> Shift:
        """Who is on call at that moment."""
        return self.shifts[0]

    @property
    def gaps(self) -> tuple[Shift, ...]:
        """The spans in which nobody is."""
        return tuple(shift for shift in self.shifts if not shift.people)


def rota(schedule: Schedule, at: datetime, weeks: int) -> Rota:
    """Who is on call from `at` (aware) on, for so many weeks."""
    return Rota(
        schedule=schedule,
        shifts=tuple(schedule.shifts(at, at + weeks * WEEK)),
        since=_since(schedule, at),
        following=_next(schedule, at),
    )


def _since(schedule: Schedule, at: datetime) -> datetime | None:
    for far in LOOKS:
        shifts = schedule.shifts(at - far, at + MOMENT)
        if len(shifts) > 1:
            return shifts[-1].begins
    return None


def _next(schedule: Schedule, at: datetime) -> Shift | None:
    for far in LOOKS:
        shifts = schedule.shifts(at, at + far)
        if len(shifts) > 1:
            return shifts[1]
    return None


def as_dict(roster: Roster, at: datetime, weeks: int) -> dict[str, Any]:
    """Everything for programs: each schedule, and whom each step of each team pages at `at`."""
    return {
        "at": at.isoformat(),
        "schedules": [schedule(rota(one, at, weeks)) for one in roster.schedules.values()],
        "teams": [_team(team, at) for team in roster.teams.values()],
        "pauses": [json_form.pause(one) for one in paused(roster, at)],
    }


def paused(roster: Roster, at: datetime) -> list[Pause]:
    """What holds pages back at `at`, whoever is on call."""
    return [pause for pause in roster.pauses if pause.begins_at <= at < pause.ends_at]


def schedule(rota_: Rota) -> dict[str, Any]:
    """A schedule for programs; its times carry the offset of its zone."""
    following = rota_.following
    return {
        "name": rota_.schedule.name,
        "time_zone": str(rota_.schedule.zone),
        "people": _names(rota_.now.people),
        "since": _shown(rota_.since, rota_) if rota_.since else None,
        "until": _shown(following.begins, rota_) if following else None,
        "next": _names(following.people) if following else None,
        "shifts": [
            {"from": _shown(shift.begins, rota_), "to": _shown(shift.ends, rota_), "people": _names(shift.people)}
            for shift in rota_.shifts
        ],
    }


def _team(team: Team, at: datetime) -> dict[str, Any]:
    return {
        "name": team.name,
        "record_only": team.record_only,
        "steps": [
            {"people": _names(step.people(at)), "wait_seconds": step.wait.total_seconds()} for step in team.steps
        ],
    }


def _names(people: Iterable[Person]) -> list[str]:
    return [person.name for person in people]


def _shown(at: datetime, shown: Rota) -> str:
    return at.astimezone(shown.schedule.zone).isoformat()
