"""Five people and three teams, and who is on call when: reckoned with a calendar alone, as the one who judges must."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
PHONES = {
    "ana": ("+33610000001", "+33610000002"),
    "ben": ("+33610000011",),
    "cleo": ("+33610000021",),
    "dan": ("+33610000031",),
    "eve": ("+33610000041", "+33610000042"),
}
OWNER = {number: name for name, numbers in PHONES.items() for number in numbers}
MINUTE = timedelta(minutes=1)


def first(local: datetime) -> list[str]:
    """One after the other, a day each from 09:00; Dan and Eve stood in for others."""
    for person, since, until in OVERRIDES:
        if since <= local < until:
            return [person]
    days = ((local - timedelta(hours=9)).date() - date(2026, 10, 12)).days
    return [("ana", "ben", "cleo")[days % 3]]


def second(local: datetime) -> list[str]:
    """By weeks, from Monday 10:00."""
    weeks = ((local - timedelta(hours=10)).date() - date(2026, 10, 12)).days // 7
    return [("dan", "eve")[weeks % 2]]


def days(local: datetime) -> list[str]:
    """In office hours, a day each from midnight; nobody at other times."""
    if local.weekday() > 4 or not 9 <= local.hour < 18:
        return []
    return [("eve", "ben")[(local.date() - date(2026, 10, 12)).days % 2]]


OVERRIDES = (
    ("dan", datetime(2026, 10, 21, 18), datetime(2026, 10, 22, 9)),
    ("eve", datetime(2026, 10, 25, 1), datetime(2026, 10, 25, 5)),  # the night when summer time ends
)
SCHEDULES = {"first": first, "second": second, "days": days}


@dataclass(frozen=True, kw_only=True, slots=True)
class Squad:
    """One team as it is configured."""

    steps: tuple[tuple[tuple[str, ...], timedelta], ...]  # whom each pages, and how long it waits
    rounds: int
    repeat: timedelta
    nudge: timedelta = timedelta()
    timeout: timedelta = timedelta()  # how long somebody may have an incident; zero: for good
    tells: bool = True
    behind: str = ""  # the team that its fallback pages

    def people(self, step: int, at: datetime) -> set[str]:
        """Whom a step pages."""
        local = at.astimezone(PARIS).replace(tzinfo=None)
        found = (SCHEDULES[name](local) if name in SCHEDULES else [name] for name in self.steps[step][0])
        return {person for people in found for person in people}

    def next_step(self, at: datetime, after: int = -1) -> int | None:
        """The first step behind `after` that has somebody."""
        return next((step for step in range(after + 1, len(self.steps)) if self.people(step, at)), None)

    def __contains__(self, person: str) -> bool:
        """Whether any step may page this person."""
        everybody = {"first": "ana ben cleo dan eve", "second": "dan eve", "days": "eve ben"}
        return any(person in everybody.get(name, name).split() for names, _ in self.steps for name in names)


SQUADS = {
    "web": Squad(steps=((("first",), 5 * MINUTE), (("second",), 10 * MINUTE)), rounds=3, repeat=45 * MINUTE),
    "db": Squad(
        steps=((("days",), 3 * MINUTE), (("first", "cleo"), 8 * MINUTE), (("dan", "eve"), 5 * MINUTE)),
        rounds=2,
        repeat=30 * MINUTE,
        nudge=2 * MINUTE,
        timeout=60 * MINUTE,
        behind="web",
    ),
    "net": Squad(
        steps=((("cleo", "dan"), 7 * MINUTE), (("second",), 4 * MINUTE)), rounds=1, repeat=60 * MINUTE, tells=False
    ),
}
CHANNEL = "json://{}.example.org"


def plan() -> str:
    """The same as a configuration."""
    people = ", ".join(
        f"{name}: {{phones: {json.dumps(numbers)}, time_zone: Europe/Paris}}" for name, numbers in PHONES.items()
    )
    overrides = ", ".join(
        f'{{person: {person}, from: "{since:%Y-%m-%d %H:%M}", to: "{until:%Y-%m-%d %H:%M}"}}'
        for person, since, until in OVERRIDES
    )
    teams = "\n".join(f"  {name}: {_team(name, squad)}" for name, squad in SQUADS.items())
    return f"""
server: {{external_url: "https://p.example.org"}}
people: {{{people}}}
schedules:
  first:
    time_zone: Europe/Paris
    rotations: [{{people: [ana, ben, cleo], every: 1d, from: "2026-10-12 09:00"}}]
    overrides: [{overrides}]
  second: {{time_zone: Europe/Paris, rotations: [{{people: [dan, eve], every: 1w, from: "2026-10-12 10:00"}}]}}
  days:
    time_zone: Europe/Paris
    rotations: [{{people: [eve, ben], every: 1d, from: "2026-10-12 00:00", during: [office]}}]
time_intervals:
  - name: office
    time_intervals:
      - {{weekdays: ["monday:friday"], times: [{{start_time: "09:00", end_time: "18:00"}}], location: Europe/Paris}}
teams:
{teams}
route:
  team: web
  routes:
    - {{matchers: ['team="both"'], team: web, continue: true}}
    - {{matchers: ['team=~"db|both"'], team: db}}
    - {{matchers: ['team="net"'], team: net}}
storm: {{after: 5, within: 2m}}
limits: {{per_person_per_hour: 60}}
"""


def _team(name: str, squad: Squad) -> str:
    def length(wait: timedelta) -> str:
        return f"{wait // MINUTE}m"

    steps = ", ".join(f"{{page: [{', '.join(names)}], wait: {length(wait)}}}" for names, wait in squad.steps)
    behind = f"team: {squad.behind}, " if squad.behind else ""
    more = f", nudge: {length(squad.nudge)}" if squad.nudge else ""
    more += f", ack_timeout: {length(squad.timeout)}" if squad.timeout else ""
    return (
        f"{{steps: [{steps}], rounds: {squad.rounds}, repeat_interval: {length(squad.repeat)},"
        f" tell_others: {'yes' if squad.tells else 'no'},"
        f' fallback: {{{behind}channels: ["{CHANNEL.format(name)}"]}}{more}}}'
    )
