"""What is about to go wrong in the coming weeks: times in which nobody is on call, and people who never are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from alertsms.core.schedules.person import Person
from alertsms.core.schedules.schedule import Schedule, Shift
from alertsms.core.schedules.team import Step, Team

AHEAD = timedelta(days=90)
FARTHEST = timedelta(days=730)  # for rotations in which everybody's turn takes longer to come


def gaps(schedule: Schedule, at: datetime) -> list[Shift]:
    """The spans of the coming 90 days in which nobody is on call."""
    return [shift for shift in schedule.shifts(at, at + AHEAD) if not shift.people]


def cycle(schedule: Schedule) -> timedelta:
    """How long it takes until everybody of the schedule had a turn; 90 days at least, two years at most."""
    turns = [rotation.period * (len(rotation.people) + 1) for rotation in schedule.rotations]
    if any(rotation.held_only for rotation in schedule.rotations):
        return FARTHEST  # how many turns hold is not known without looking
    return min(max([AHEAD, *turns]), FARTHEST)


def idle(schedule: Schedule, at: datetime) -> list[Person]:
    """Who takes turns in the schedule, but is never on call within its cycle: another layer is always over them."""
    busy = {person.name for shift in schedule.shifts(at, at + cycle(schedule)) for person in shift.people}
    turns = dict.fromkeys(person for rotation in schedule.rotations for person in rotation.everybody)
    return [person for person in turns if person.name not in busy]


def unmanned(steps: Iterable[Step], at: datetime) -> list[Shift]:
    """The spans of the coming 90 days in which none of some steps pages anybody."""
    named = [entry for step in steps for entry in step.page]
    schedules = [entry for entry in named if isinstance(entry, Schedule)]
    if len(schedules) < len(named) or not named:
        return []  # a person is always there; a step of nobody is noted as such
    shared = gaps(schedules[0], at)
    for other in schedules[1:]:
        pairs = [(max(gap.begins, of.begins), min(gap.ends, of.ends)) for gap in shared for of in gaps(other, at)]
        shared = [Shift(begins=begins, ends=ends, people=()) for begins, ends in pairs if begins < ends]
    return shared


def silent(team: Team, at: datetime) -> list[int]:
    """The steps, from 0, that page nobody in all of the coming 90 days."""
    return [
        number
        for number, step in enumerate(team.steps)
        if any(gap.ends - gap.begins >= AHEAD for gap in unmanned([step], at))
    ]
