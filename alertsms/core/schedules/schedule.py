"""Who is on call at a given time: rotations in layers, overrides, and the times in which a layer holds.

All hand-offs are wall-clock times of the schedule's own zone: 09:00 stays 09:00 when summer time begins or ends.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from alertsms.core.routing.time_interval import NamedInterval, TimeInterval
from alertsms.core.schedules.calendar import CalendarEvents
from alertsms.core.schedules.person import Person

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


@lru_cache(maxsize=16_384)  # every page asks about the same few hand-offs: 0.1 us in the place of 5
def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The moment (in UTC) at which a clock in `zone` shows the naive time `wall`.

    A time that comes twice is the first of the two; one that never comes is the first moment after it.
    """
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == wall:
        return first
    # It never comes: with the offset after the change it reads as before the change, with the one before as behind.
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return _change(before, first, zone)


def _is_past(wall: datetime, at: datetime, shown: datetime, zone: ZoneInfo) -> bool:
    """Whether a wall-clock time has come by `at`, when the clock shows `shown`."""
    # No clock was ever set by more than a day (Samoa left one out in 2011): farther off, what it shows decides.
    return shown > wall if abs(shown - wall) > DAY else instant(wall, zone) <= at


def _change(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The second in (low, high] from which the zone's offset is the one that it has at `high`."""
    offset = high.astimezone(zone).utcoffset()
    while high - low > SECOND:
        middle = low + (high - low) // SECOND // 2 * SECOND
        if middle.astimezone(zone).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return high


@dataclass(frozen=True, kw_only=True, slots=True)
class Rotation:
    """People who take turns, `every` so long from `begins` on (both by the wall clock), inside `during` only.

    Between two turns nobody is on call here for `off`.
    """

    people: tuple[Person | tuple[Person, ...], ...]  # whose turn it is: one, or several together
    every: timedelta  # whole hours; 24 h are a day of the wall clock, however long it is
    months: int = 0  # in the place of `every`, which is then about as long; a day that a month lacks is its last one
    off: timedelta = timedelta(0)  # whole hours
    begins: datetime  # naive: wall-clock time of the schedule's zone; before it nobody is on call here
    ends: datetime | None = None  # naive; from then on nobody is
    during: tuple[NamedInterval, ...] = ()  # empty: always; else while any of them is active
    held_only: bool = False  # a turn in which none of them is ever active is nobody's

    @property
    def everybody(self) -> list[Person]:
        """Everybody who takes a turn."""
        return [person for turn in range(len(self.people)) for person in self._whose(turn)]

    @property
    def intervals(self) -> list[TimeInterval]:
        """The spans of time inside which it holds."""
        return [interval for named in self.during for interval in named.intervals]

    @property
    def period(self) -> timedelta:
        """How long it is at most from one hand-off to the next."""
        return self.every + self.off

    def on_call(self, at: datetime, shown: datetime, zone: ZoneInfo) -> tuple[Person, ...]:
        """Whose turn it is at `at` (aware), when the wall clock shows `shown`; nobody outside the rotation's time."""
        ended = self.ends is not None and _is_past(self.ends, at, shown, zone)
        if ended or not _is_past(self.begins, at, shown, zone) or not self.active(at):
            return ()
        if len(self.people) == 1 and not self.off:
            return self._whose(0)
        turn = self.turn(at, shown, zone)
        if self.off and _is_past(self.end(turn), at, shown, zone):
            return ()
        return self._whose(_held(self, zone).before(turn) if self.held_only else turn)

    def active(self, at: datetime) -> bool:
        """Whether the times in which it holds say so."""
        return not self.during or any(interval.active(at) for interval in self.during)

    def _whose(self, turn: int) -> tuple[Person, ...]:
        whose = self.people[turn % len(self.people)]
        return whose if isinstance(whose, tuple) else (whose,)

    def turn(self, at: datetime, shown: datetime, zone: ZoneInfo) -> int:
        """How many hand-offs there were up to `at`, when the wall clock shows `shown`."""
        turn = self.about(shown)
        # Set back since the hand-off, the wall clock shows that as still to come: the moments decide.
        while _is_past(self.handoff(turn + 1), at, shown, zone):
            turn += 1
        return turn

    def handoff(self, turn: int) -> datetime:
        """The wall-clock time at which a turn begins, counted from 0."""
        if self.months:
            years, month = divmod(self.begins.month - 1 + turn * self.months, 12)
            first = self.begins.replace(day=1, year=self.begins.year + years, month=month + 1)
            last = monthrange(first.year, first.month)[1]
            return first.replace(day=min(self.begins.day, last)) + turn * self.off
        return self.begins + turn * self.period

    def end(self, turn: int) -> datetime:
        """The wall-clock time at which it ends."""
        return self.handoff(turn + 1) - self.off

    def about(self, shown: datetime) -> int:
        """The turn at a wall-clock time, or one before it."""
        return max((shown - self.begins) // self.period, 0)


class _Held:
    """Counts the turns of a rotation in which it holds at all: a weekend is nobody's turn on weekdays."""

    def __init__(self, rotation: Rotation, zone: ZoneInfo) -> None:
        self._rotation, self._zone = rotation, zone
        self._before = [0]  # by turn: how many before it hold

    def before(self, turn: int) -> int:
        known = self._before
        if len(known) <= turn:  # grown aside and put in place at once: any thread may ask
            known = [*known]
            while len(known) <= turn:
                known.append(known[-1] + self._holds(len(known) - 1))
            self._before = known
        return known[turn]

    def _holds(self, turn: int) -> bool:
        rotation = self._rotation
        begins, ends = (instant(wall, self._zone) for wall in (rotation.handoff(turn), rotation.end(turn)))
        edges = (at for interval in rotation.intervals for at in _edges(interval, begins, ends))
        return rotation.active(begins) or any(begins < at < ends and rotation.active(at) for at in edges)


@lru_cache(maxsize=256)  # rotations of the configurations in force
def _held(rotation: Rotation, zone: ZoneInfo) -> _Held:
    return _Held(rotation, zone)


@dataclass(frozen=True, kw_only=True, slots=True)
class Override:
    """One person in the place of whoever would be on call; the end does not belong to it."""

    person: Person
    begins: datetime  # aware
    ends: datetime  # aware


@dataclass(frozen=True, kw_only=True, slots=True)
class Shift:
    """A span of time in which the same people are on call; nobody in a gap."""

    begins: datetime  # aware
    ends: datetime
    people: tuple[Person, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    """Rotations in layers, or a calendar, and overrides over them all; the later wins over the earlier."""

    name: str
    zone: ZoneInfo
    rotations: tuple[Rotation, ...] = ()
    overrides: tuple[Override, ...] = ()
    calendar: CalendarEvents | None = None

    def on_call(self, at: datetime) -> tuple[Person, ...]:
        """Who is on call at `at` (aware): nobody in a gap."""
        for override in reversed(self.overrides):
            if override.begins <= at < override.ends:
                return (override.person,)
        shown = at.astimezone(self.zone).replace(tzinfo=None)
        for rotation in reversed(self.rotations):
            people = rotation.on_call(at, shown, self.zone)
            if people:
                return people
        return self.calendar.on_call(at) if self.calendar else ()

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody who may ever be on call."""
        turns = [person for rotation in self.rotations for person in rotation.everybody]
        noted = self.calendar.people if self.calendar else ()
        return tuple(dict.fromkeys([*turns, *noted, *(override.person for override in self.overrides)]))

    def shifts(self, begins: datetime, ends: datetime) -> list[Shift]:
        """Who is on call from `begins` to `ends` (aware), gaps among them, each span as long as it lasts."""
        times = sorted({begins, *(at for at in self._changes(begins, ends) if begins < at < ends)})
        shifts: list[Shift] = []
        for at, until in zip(times, [*times[1:], ends], strict=True):
            people = self.on_call(at)
            if shifts and shifts[-1].people == people:
                shifts[-1] = Shift(begins=shifts[-1].begins, ends=until, people=people)
            elif at < until:
                shifts.append(Shift(begins=at, ends=until, people=people))
        return shifts

    def _changes(self, begins: datetime, ends: datetime) -> Iterator[datetime]:
        for override in self.overrides:
            yield from (override.begins, override.ends)
        if self.calendar:
            yield from self.calendar.changes(begins, ends)
        for rotation in self.rotations:
            yield instant(rotation.begins, self.zone)
            if rotation.ends:
                yield instant(rotation.ends, self.zone)
            yield from _handoffs(rotation, self.zone, begins, ends)
            for interval in rotation.intervals:
                yield from _edges(interval, begins, ends)


def _handoffs(rotation: Rotation, zone: ZoneInfo, begins: datetime, ends: datetime) -> Iterator[datetime]:
    if len(rotation.people) == 1 and not rotation.off:
        return
    turn = max(rotation.about(begins.astimezone(zone).replace(tzinfo=None)) - 1, 0)
    while (at := instant(rotation.handoff(turn), zone)) < ends:
        yield from (at, instant(rotation.end(turn), zone))
        turn += 1


def _edges(interval: TimeInterval, begins: datetime, ends: datetime) -> Iterator[datetime]:
    """The moments at which an interval may begin or end: its times, midnights, and changes of the zone's offset."""
    zone = interval.location
    minutes = {0, *(minute for span in interval.times for minute in (span.first, span.last + 1))}
    day = begins.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None) - DAY
    last = ends.astimezone(zone).replace(tzinfo=None) + DAY
    while day <= last:
        for minute in minutes:
            wall = day + timedelta(minutes=minute)
            yield from (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
        if isinstance(zone, ZoneInfo):
            low, high = (wall.replace(tzinfo=zone).astimezone(UTC) for wall in (day, day + DAY))
            if low.astimezone(zone).utcoffset() != high.astimezone(zone).utcoffset():
                yield _change(low, high, zone)
        day += DAY
