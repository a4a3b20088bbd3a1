"""Who is on call from some time on: for programs, and as iCalendar (RFC 5545) for people's own calendars."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from alertsms.core.routing.roster import Pause, Roster
from alertsms.core.schedules.person import Person
from alertsms.core.schedules.schedule import Schedule, Shift
from alertsms.core.schedules.team import Step, Team
from alertsms.core.text.json_form import PAUSE, Json, JsonField, Shape, flag, local, many, maybe, names, number, text

T = TypeVar("T")

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
        since=next(
            (before[-1].begins for far in LOOKS if len(before := schedule.shifts(at - far, at + MOMENT)) > 1), None
        ),
        following=next((after[1] for far in LOOKS if len(after := schedule.shifts(at, at + far)) > 1), None),
    )


def paused(roster: Roster, at: datetime) -> list[Pause]:
    """What holds pages back at `at`, whoever is on call."""
    return [pause for pause in roster.pauses if pause.begins_at <= at < pause.ends_at]


def _people(words: str, read: Callable[[T], Iterable[Person]]) -> JsonField[T]:
    return names(words, lambda value: [person.name for person in read(value)])


def _local(shift: Shift, calendar: Rota) -> Shift:
    zone = calendar.schedule.zone
    return replace(shift, begins=shift.begins.astimezone(zone), ends=shift.ends.astimezone(zone))


_PEOPLE = "Names of people; none: nobody is on call."
SHIFT: Shape[Shift] = Shape(
    {
        "from": local("When it begins.", lambda shift: shift.begins),
        "to": local("When it ends.", lambda shift: shift.ends),
        "people": _people(_PEOPLE, lambda shift: shift.people),
    },
    "Shift",
    "A span of time in which the same people are on call.",
)
SCHEDULE: Shape[Rota] = Shape(
    {
        "name": text("Its name.", lambda calendar: calendar.schedule.name),
        "time_zone": text("The zone of its hand-offs.", lambda calendar: calendar.schedule.zone),
        "people": _people(_PEOPLE, lambda calendar: calendar.now.people),
        "since": maybe(
            local(
                "Since when they are; null: for more than a year.",
                lambda calendar: calendar.since and calendar.since.astimezone(calendar.schedule.zone),
            )
        ),
        "until": maybe(
            local(
                "The next hand-off; null: none within a year.",
                lambda calendar: calendar.following and _local(calendar.following, calendar).begins,
            )
        ),
        "next": maybe(
            names(
                "Who is on call after it.",
                lambda calendar: calendar.following and [person.name for person in calendar.following.people],
            )
        ),
        "shifts": many(
            SHIFT,
            "The calendar, gaps among it.",
            lambda calendar: [_local(shift, calendar) for shift in calendar.shifts],
        ),
    },
    "Schedule",
    "Who is on call, by one schedule.",
)
STEP: Shape[tuple[Step, datetime]] = Shape(
    {
        "people": _people("Whom it would page then.", lambda step: step[0].people(step[1])),
        "wait_seconds": number("How long it waits for an answer.", lambda step: step[0].wait.total_seconds()),
    },
    "Step",
    "One step of an escalation.",
)
TEAM: Shape[tuple[Team, datetime]] = Shape(
    {
        "name": text("Its name.", lambda team: team[0].name),
        "record_only": flag("It pages nobody.", lambda team: team[0].record_only),
        "steps": many(
            STEP, "Who is paged first, and who after that.", lambda team: [(step, team[1]) for step in team[0].steps]
        ),
    },
    "Team",
    "A team's steps.",
)
ON_CALL: Shape[object] = Shape(
    {
        "at": local("As of when."),
        "schedules": many(SCHEDULE, "Every schedule."),
        "teams": many(TEAM, "Every team."),
        "pauses": many(PAUSE, "What holds pages back then, whoever is on call."),
    }
)


def as_dict(roster: Roster, at: datetime, weeks: int) -> Json:
    """Each schedule from a time on, and whom each step of each team pages then."""
    return ON_CALL.of(
        at=at,
        schedules=[rota(schedule, at, weeks) for schedule in roster.schedules.values()],
        teams=[(team, at) for team in roster.teams.values()],
        pauses=paused(roster, at),
    )


_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})  # 3.3.11
_LONGEST = 75  # octets of a line, section 3.1


def calendar(rotas: list[Rota], now: datetime) -> str:
    """Every shift of some schedules as an event; `now` stands in each as the time of writing."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//alertsms//on-call//EN"]
    for rota in rotas:
        lines += _events(rota, now)
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _events(rota: Rota, now: datetime) -> Iterator[str]:
    name = rota.schedule.name
    # The shift that runs is told from its beginning: read again a day later, it is the same event.
    first = replace(rota.now, begins=rota.since or rota.now.begins)
    for shift in (first, *rota.shifts[1:]):
        for person in shift.people:
            # A quote cannot stand in a parameter (3.2), whatever somebody is called.
            shown = person.name.replace('"', "'")
            yield from (
                "BEGIN:VEVENT",
                f"UID:{_utc(shift.begins)}-{escaped(person.name)}-{escaped(name)}@alertsms",
                f"DTSTAMP:{_utc(now)}",
                f"DTSTART:{_utc(shift.begins)}",
                f"DTEND:{_utc(shift.ends)}",
                f"SUMMARY:{escaped(f'{person.name} on call ({name})')}",
                *([f'ATTENDEE;CN="{shown}":mailto:{person.email}'] if person.email else ()),
                "END:VEVENT",
            )


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def escaped(text: str) -> str:
    """A text as a value of a property; vCards have the same rule (RFC 2426, 5)."""
    return text.translate(_ESCAPES)


def _folded(line: str) -> str:
    """Break a long line between characters; what follows begins with a space."""
    parts, size = [""], 0
    for char in line:
        octets = len(char.encode())
        if size + octets > _LONGEST:
            parts.append("")
            size = 1
        parts[-1] += char
        size += octets
    return "\r\n ".join(parts)
