"""Who is paged together, in which order, and for how long; and the gaps in that which the coming weeks bring."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from alertsms.core.messages.notification import NO_FALLBACK, Channel, Fallback
from alertsms.core.schedules.person import Person
from alertsms.core.schedules.schedule import Schedule, Shift

STEP_WAIT = timedelta(minutes=5)
ROUNDS = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """Whom one step of an escalation pages together, and how long it waits for an answer before the next."""

    page: tuple[Person | Schedule, ...] = ()
    wait: timedelta = STEP_WAIT  # from when OVHcloud accepted the first SMS of the step

    def people(self, at: datetime) -> tuple[Person, ...]:
        """Who that is at `at`: each person once, nobody in the gap of a schedule."""
        people: dict[str, Person] = {}
        for entry in self.page:
            for person in entry.on_call(at) if isinstance(entry, Schedule) else (entry,):
                people[person.name] = person
        return tuple(people.values())


@dataclass(frozen=True, kw_only=True, slots=True)
class Team:
    """The people whom a route pages, step by step."""

    name: str
    steps: tuple[Step, ...] = ()
    rounds: int = ROUNDS  # so often the steps are gone through before the fallback
    nudge: timedelta = timedelta(0)  # how often a step pages its people again; zero: once
    record_only: bool = False  # incidents are recorded, nobody is paged
    send_resolved: bool = True
    tell_others: bool = True  # when somebody acknowledges, others who were just paged are notified
    ack_timeout: timedelta | None = (
        None  # what is acknowledged pages again after it; None: where the source can confirm
    )
    repeat_interval: timedelta = timedelta(minutes=30)  # zero: no reminders
    remind_max: timedelta = timedelta(hours=24)
    fallback: Fallback = NO_FALLBACK
    also: tuple[Channel, ...] = ()  # they get each page, acknowledgement and end once
    template: str = ""  # a Jinja2 template of the text; "" for the composed one

    def step(self, number: int) -> Step:
        """A step by its number, from 0; the last one where a reload left fewer."""
        return self.steps[min(number, len(self.steps) - 1)] if self.steps else Step()

    def first(self, at: datetime) -> tuple[Person, ...]:
        """Whom the team pages first at `at`: a step in whose schedules nobody is on call is passed over."""
        return next((people for step in self.steps if (people := step.people(at))), ())

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody whom any of the steps may ever page."""
        return tuple(
            {
                person.name: person
                for step in self.steps
                for entry in step.page
                for person in (entry.people if isinstance(entry, Schedule) else (entry,))
            }.values()
        )


AHEAD = timedelta(days=90)
FARTHEST = timedelta(days=730)  # for rotations in which everybody's turn takes longer to come


def cycle(schedule: Schedule) -> timedelta:
    """How long it takes until everybody of the schedule had a turn; 90 days at least, two years at most."""
    turns = [rotation.period * (len(rotation.people) + 1) for rotation in schedule.rotations]
    if any(rotation.held_only for rotation in schedule.rotations):
        return FARTHEST  # how many turns hold is not known without looking
    return min(max([AHEAD, *turns]), FARTHEST)


def never_on_call(schedule: Schedule, at: datetime) -> list[Person]:
    """Who takes turns in the schedule, but is never on call within its cycle: another layer is always over them."""
    busy = {person.name for shift in schedule.shifts(at, at + cycle(schedule)) for person in shift.people}
    turns = dict.fromkeys(person for rotation in schedule.rotations for person in rotation.everybody)
    return [person for person in turns if person.name not in busy]


def uncovered(steps: Iterable[Step], at: datetime) -> list[Shift]:
    """The spans of the coming 90 days in which none of some steps pages anybody."""
    named = [entry for step in steps for entry in step.page]
    schedules = [entry for entry in named if isinstance(entry, Schedule)]
    if len(schedules) < len(named) or not named:
        return []  # a person is always there; a step of nobody is noted as such
    shared = [Shift(begins=at, ends=at + AHEAD, people=())]
    for schedule in schedules:
        gaps = [shift for shift in schedule.shifts(at, at + AHEAD) if not shift.people]
        pairs = [(max(gap.begins, of.begins), min(gap.ends, of.ends)) for gap in shared for of in gaps]
        shared = [Shift(begins=begins, ends=ends, people=()) for begins, ends in pairs if begins < ends]
    return shared


def dead_steps(team: Team, at: datetime) -> list[int]:
    """The steps, from 0, that page nobody in all of the coming 90 days."""
    return [
        number
        for number, step in enumerate(team.steps)
        if any(gap.ends - gap.begins >= AHEAD for gap in uncovered([step], at))
    ]
