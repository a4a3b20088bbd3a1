"""The section `schedules`: who takes turns in being on call. Its times are wall-clock times of the schedule's zone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from alertsms.config import parsers
from alertsms.config.error import quote
from alertsms.config.fields import Either, Field, Got, Listing, Named, Reading, Section, Table, no_such, resolve
from alertsms.config.people import ZONE
from alertsms.config.route import INTERVAL, interval
from alertsms.config.scalars import Text, duration, word
from alertsms.core.routing.time_interval import NamedInterval
from alertsms.core.schedules.person import Person
from alertsms.core.schedules.schedule import Override, Rotation, Schedule, instant
from alertsms.icalendar_file.file import INSTALL, File, installed
from alertsms.icalendar_file.protocol import IcsError

_PERSON = Text("the name of a person below people")
_WALL = Text('a time such as "2026-01-05 09:00"', parsers.wall_time)

_TURN = Listing(_PERSON.wanted, _PERSON, single=True)
_MONTHS = re.compile(r"([1-9][0-9]?)mo")


class Count(StrEnum):
    """Which turns of a rotation count."""

    ALWAYS = "always"  # all
    DURING = "during"  # those in which it holds: a daily turn on weekdays skips weekends


_TURN_LENGTH = duration("1w", "1h", "1y", step=timedelta(hours=1))


def _every(text: str) -> timedelta | int:
    """Read a duration, or a number of months of the calendar: Alertmanager's spelling has none."""
    months = _MONTHS.fullmatch(text)
    if months is None:
        length: timedelta = _TURN_LENGTH.parse(text)
        return length
    if int(months[1]) > 12:
        raise ValueError(f"{quote(text)} is out of bounds, write 1mo to 12mo")
    return int(months[1])


_EVERY = replace(
    _TURN_LENGTH,
    parse=_every,
    shape={"anyOf": [_TURN_LENGTH.shape, {"type": "string", "pattern": "^[1-9][0-9]?mo$"}]},
)


ROTATION = Table(
    "people, every and from",
    (
        Field(
            "people",
            Listing("a list of names of people", _TURN, single=True),
            "Who takes turns, in this order; a list in it takes a turn together: [[alice, bob], carol].",
            required=True,
        ),
        Field(
            "every",
            _EVERY,
            "How long a turn is, in whole hours, or in months: 1mo.",
            timedelta(weeks=1),
        ),
        Field(
            "off",
            duration("1w", "1h", "1y", step=timedelta(hours=1), zero=True),
            "How long nobody is on call by this layer after each turn; 0 for no pause.",
            timedelta(0),
        ),
        Field(
            "from",
            _WALL,
            "When the first turn begins, and at which time of the day each is handed over.",
            required=True,
        ),
        Field("to", _WALL, "When the last turn ends."),
        Field(
            "during",
            Listing(
                "a list of names from time_intervals",
                Either(Text("a name from time_intervals"), INTERVAL),
                single=True,
            ),
            "Only while one of these is active: names from time_intervals, or intervals in the zone of the schedule.",
        ),
        Field(
            "count",
            word(Count),
            "Which turns count: always, or during, only those in which it holds at all.",
            Count.ALWAYS,
        ),
    ),
    hints={
        "persons": "write people",
        "users": "write people",
        "start": "write from",
        "end": "write to",
        "length": "write every",
        "time_intervals": "write during",
        "restrictions": "write during",
    },
)
OVERRIDE = Table(
    "person, from and to",
    (
        Field("person", _PERSON, "Who is on call, in the place of whoever would be.", required=True),
        Field("from", _WALL, "The first minute.", required=True),
        Field("to", _WALL, "The minute after the last.", required=True),
    ),
    hints={"people": "write person", "user": "write person", "start": "write from", "end": "write to"},
)
SCHEDULE = Table(
    "rotations: [{people, every, from}]",
    (
        Field("time_zone", ZONE, "The zone of all times of the schedule; else the one of the top level."),
        Field(
            "rotations",
            Listing("a list of {people, every, from}", ROTATION),
            "Who takes turns. Where several hold, the last of them wins.",
        ),
        Field(
            "ics",
            Text("the path of an iCalendar file"),
            "Or an iCalendar file of another tool: who is on call is found in its events by e-mail or name.",
        ),
        Field(
            "overrides",
            Listing("a list of {person, from, to}", OVERRIDE, empty=True),
            "Somebody in the place of whoever would be on call; the last one wins.",
        ),
    ),
    hints={
        "layers": "write rotations",
        "rotation": "write rotations",
        "tz": "write time_zone",
        "ical": "write ics",
        "calendar": "write ics",
        "url": "fetch the file by a cron job, and write ics",
        "people": "write it below rotations",
        "every": "write it below rotations",
    },
)
SCHEDULES = Named("names of schedules, such as primary: {rotations: [...]}", SCHEDULE)


def schedules(
    root: Section, known: Mapping[str, Person | None], named: Mapping[str, NamedInterval] | None, reading: Reading
) -> dict[str, Schedule | None]:
    """Build every schedule; None stands for one whose entry is wrong. `named` is None where they cannot be known."""
    builder = _Builder(known, named, reading)
    built: dict[str, Schedule | None] = {}
    for name, got in (root.value("schedules") or {}).items():
        if got and name in known:
            reading.report.error(
                got.at, f"{quote(name)} is a person too, a step could mean either: write another name", found=name
            )
        built[name] = got and builder.schedule(name, got.value, ZoneInfo(root.value("time_zone")))
    return built


def intervals_named(root: Section) -> set[str]:
    """Every time interval that a rotation names."""
    rotations = [
        rotation.value
        for got in (root.value("schedules") or {}).values()
        if got
        for rotation in got.value.items("rotations")
    ]
    return {got.value for section in rotations for got in section.items("during") if isinstance(got.value, str)}


class _Builder:
    def __init__(
        self, known: Mapping[str, Person | None], named: Mapping[str, NamedInterval] | None, reading: Reading
    ) -> None:
        self.known, self.named, self.reading = known, named, reading

    def schedule(self, name: str, section: Section, above: ZoneInfo) -> Schedule:
        """Build one schedule; what is wrong in it is noted and left out."""
        zone = ZoneInfo(section.value("time_zone")) if "time_zone" in section.got else above
        if section.lacks("rotations", "overrides", "ics"):
            self.reading.report.error(section.at, f"nobody is on call here, write {SCHEDULE.wanted}")
        if "rotations" in section and "ics" in section:
            self.reading.report.error(section.place("ics"), "rotations stands here too, keep one of them")
        return Schedule(
            name=name,
            zone=zone,
            rotations=tuple(filter(None, (self.rotation(got.value, zone) for got in section.items("rotations")))),
            overrides=tuple(filter(None, (self.override(got.value, zone) for got in section.items("overrides")))),
            calendar=self.calendar(section, zone),
        )

    def calendar(self, section: Section, zone: ZoneInfo) -> File | None:
        got = section.got.get("ics")
        if got is None:
            return None
        if not installed():
            self.reading.report.error(got.at, f"icalendar, which reads such files, is not installed: {INSTALL}")
            return None
        file = File(self.reading.folder / got.value, [person for person in self.known.values() if person], zone)
        try:
            file.renew(self.reading.now or datetime.now(UTC))
        except IcsError as problem:
            note = self.reading.report.warn if self.reading.lenient else self.reading.report.error
            note(got.at, f"{got.value} {problem}", found=got.found)
        return file

    def rotation(self, section: Section, zone: ZoneInfo) -> Rotation | None:
        """Build one layer; None where a part is missing, which has been noted."""
        turns = [[self.person(got) for got in turn.value] for turn in section.items("people")]
        during = tuple(self.during(section, zone))
        held_only = section.value("count") is Count.DURING
        if held_only and "during" not in section:
            self.reading.report.error(
                section.place("count"),
                "count: during counts the turns in which during holds, write during, or leave count out",
            )
        if not self.span(section) or not turns or any(None in turn or not turn for turn in turns):
            return None
        length: timedelta | int = section.value("every")
        months = length if isinstance(length, int) else 0
        every = length if isinstance(length, timedelta) else timedelta(days=31 * months)
        people = (tuple(dict.fromkeys(person for person in turn if person)) for turn in turns)
        return Rotation(
            people=tuple(together[0] if len(together) == 1 else together for together in people),
            every=every,
            months=months,
            off=section.value("off"),
            begins=section.value("from"),
            ends=section.value("to"),
            during=during,
            held_only=held_only,
        )

    def override(self, section: Section, zone: ZoneInfo) -> Override | None:
        """Build one override; None where a part is missing, which has been noted."""
        person = self.person(section.got["person"]) if "person" in section.got else None
        if not self.span(section) or not person or "to" not in section.got:
            return None
        begins, ends = (instant(section.value(key), zone) for key in ("from", "to"))
        return Override(person=person, begins=begins, ends=ends)

    def span(self, section: Section) -> bool:
        """Whether `from` is there, and before `to`."""
        begins: datetime | None = section.value("from")
        ends: datetime | None = section.value("to")
        if begins and ends and ends <= begins:
            self.reading.report.error(
                section.place("to"),
                f"{quote(section.got['to'].found)} is not after from, write a later time",
                found=section.got["to"].found,
            )
            return False
        return begins is not None

    def person(self, got: Got) -> Person | None:
        return resolve(got, self.known, "person", self.reading)

    def during(self, section: Section, zone: ZoneInfo) -> Iterator[NamedInterval]:
        """Find the intervals that a rotation names, and build those that are written in it."""
        for got in section.items("during"):
            if isinstance(got.value, Section):
                yield NamedInterval(name="", intervals=(interval(got.value, self.reading, zone),))
            elif self.named is not None and got.value not in self.named:
                self.reading.report.error(got.at, no_such("time interval", got.value, self.named), found=got.found)
            elif self.named is not None:
                self.warn_of_other_zone(got, self.named[got.value], zone)
                yield self.named[got.value]

    def warn_of_other_zone(self, got: Got, named: NamedInterval, zone: ZoneInfo) -> None:
        """Note an interval whose times are UTC, as in Alertmanager, in a schedule of another zone."""
        if str(zone) != "UTC" and any(part.times and part.location is UTC for part in named.intervals):
            self.reading.report.warn(
                got.at,
                f"the times of {quote(got.value)} are UTC, write location: {zone} below it if that is not meant",
                found=got.found,
            )
