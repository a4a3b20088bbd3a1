"""Schedules, walked minute by minute across clock changes, and checked against a model that counts."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertsms.core.routing.time_interval import NamedInterval, TimeInterval, parse_times, parse_weekdays
from alertsms.core.schedules.person import Person, PhoneNumber
from alertsms.core.schedules.schedule import Override, Rotation, Schedule, Shift, instant
from alertsms.core.schedules.team import FARTHEST, cycle, never_on_call

PARIS, NEW_YORK, LORD_HOWE = (ZoneInfo(name) for name in ("Europe/Paris", "America/New_York", "Australia/Lord_Howe"))
MINUTE, HOUR, DAY, WEEK = (timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(weeks=1))


def somebody(name: str) -> Person:
    return Person(name=name, phones=(PhoneNumber(e164="+33612345678"),))


ALICE, BOB, CAROL = map(somebody, ("alice", "bob", "carol"))


def rotation(*people: Person, every: timedelta = WEEK, begins: str = "2026-01-05 09:00", **more) -> Rotation:
    return Rotation(people=people, every=every, begins=datetime.fromisoformat(begins), **more)


def schedule(*rotations: Rotation, zone: ZoneInfo = PARIS, overrides: tuple[Override, ...] = ()) -> Schedule:
    return Schedule(name="primary", zone=zone, rotations=rotations, overrides=overrides)


def local(text: str, zone: ZoneInfo = PARIS, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)


def names(found: Schedule, at: datetime) -> list[str]:
    return [person.name for person in found.on_call(at)]


def told(shifts: list[Shift], zone: ZoneInfo = PARIS) -> list[str]:
    return [
        f"{shift.begins.astimezone(zone):%a %d %H:%M}-{shift.ends.astimezone(zone):%a %d %H:%M}"
        f" {' '.join(person.name for person in shift.people) or 'nobody'}"
        for shift in shifts
    ]


@pytest.mark.parametrize(
    ("wall", "zone", "moment"),
    [
        ("2026-03-03 09:00", PARIS, "2026-03-03 08:00"),
        ("2026-03-29 02:00", PARIS, "2026-03-29 01:00"),  # does not exist: 03:00 summer time
        ("2026-03-29 02:30", PARIS, "2026-03-29 01:00"),
        ("2026-03-29 03:00", PARIS, "2026-03-29 01:00"),
        ("2026-10-25 02:30", PARIS, "2026-10-25 00:30"),  # comes twice: the first
        ("2026-10-25 03:00", PARIS, "2026-10-25 02:00"),
        ("2026-03-08 02:30", NEW_YORK, "2026-03-08 07:00"),
        ("2026-11-01 01:30", NEW_YORK, "2026-11-01 05:30"),
        ("2026-10-04 02:15", LORD_HOWE, "2026-10-03 15:30"),  # their clocks move by half an hour
        ("2026-04-05 01:45", LORD_HOWE, "2026-04-04 14:45"),
    ],
)
def test_a_wall_clock_time_is_one_moment(wall, zone, moment):
    assert instant(datetime.fromisoformat(wall), zone) == datetime.fromisoformat(moment).replace(tzinfo=UTC)


def test_a_week_each_from_monday_nine_o_clock():
    weekly = schedule(rotation(ALICE, BOB))
    assert names(weekly, local("2026-01-05 08:59")) == []
    assert names(weekly, local("2026-01-05 09:00")) == ["alice"]
    assert names(weekly, local("2026-01-12 08:59")) == ["alice"]
    assert names(weekly, local("2026-01-12 09:00")) == ["bob"]
    assert names(weekly, local("2026-08-10 09:00")) == ["bob"]  # thirty-one weeks on, in summer time


def test_a_daily_hand_off_stays_at_nine_when_the_clocks_change():
    daily = schedule(rotation(ALICE, BOB, every=DAY, begins="2026-03-28 09:00"))
    assert told(daily.shifts(local("2026-03-28 09:00"), local("2026-03-31 09:00"))) == [
        "Sat 28 09:00-Sun 29 09:00 alice",
        "Sun 29 09:00-Mon 30 09:00 bob",
        "Mon 30 09:00-Tue 31 09:00 alice",
    ]


def test_a_turn_that_would_begin_in_the_missing_hour_begins_after_it():
    night = schedule(rotation(ALICE, BOB, every=DAY, begins="2026-03-28 02:30"))
    assert told(night.shifts(local("2026-03-28 12:00"), local("2026-03-30 12:00"))) == [
        "Sat 28 12:00-Sun 29 03:00 alice",
        "Sun 29 03:00-Mon 30 02:30 bob",
        "Mon 30 02:30-Mon 30 12:00 alice",
    ]


def test_a_turn_that_begins_at_a_time_that_comes_twice_begins_at_the_first():
    night = schedule(rotation(ALICE, BOB, every=DAY, begins="2026-10-24 02:30"))
    assert names(night, local("2026-10-25 02:29")) == ["alice"]
    assert names(night, local("2026-10-25 02:30")) == ["bob"]
    assert names(night, local("2026-10-25 02:10", fold=1)) == ["bob"]


def test_a_later_layer_wins_where_it_holds():
    office = NamedInterval(
        name="office",
        intervals=(
            TimeInterval(
                times=(parse_times("09:00", "18:00"),), weekdays=(parse_weekdays("monday:friday"),), location=PARIS
            ),
        ),
    )
    layered = schedule(rotation(ALICE), rotation(BOB, CAROL, every=DAY, begins="2026-01-05 00:00", during=(office,)))
    assert told(layered.shifts(local("2026-01-09 00:00"), local("2026-01-13 00:00"))) == [
        "Fri 09 00:00-Fri 09 09:00 alice",
        "Fri 09 09:00-Fri 09 18:00 bob",
        "Fri 09 18:00-Mon 12 09:00 alice",
        "Mon 12 09:00-Mon 12 18:00 carol",
        "Mon 12 18:00-Tue 13 00:00 alice",
    ]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (
            "02:30",
            "12:00",
            [
                "Sat 24 22:00-Sun 25 00:30 nobody",
                "Sun 25 00:30-Sun 25 01:00 alice",
                "Sun 25 01:00-Sun 25 01:30 nobody",
                "Sun 25 01:30-Sun 25 11:00 alice",
            ],
        ),
        (
            "00:00",
            "02:30",
            [
                "Sat 24 22:00-Sun 25 00:30 alice",
                "Sun 25 00:30-Sun 25 01:00 nobody",
                "Sun 25 01:00-Sun 25 01:30 alice",
                "Sun 25 01:30-Sun 25 11:00 nobody",
            ],
        ),
    ],
)
def test_a_time_window_in_the_hour_that_comes_twice_opens_or_closes_twice(start, end, expected):
    window = NamedInterval(name="x", intervals=(TimeInterval(times=(parse_times(start, end),), location=PARIS),))
    held = schedule(rotation(ALICE, during=(window,)))
    assert told(held.shifts(local("2026-10-25 00:00"), local("2026-10-25 12:00")), ZoneInfo("UTC")) == expected


def test_an_override_wins_over_all_layers_and_the_later_over_the_earlier():
    over = (
        Override(person=BOB, begins=local("2026-01-06 09:00"), ends=local("2026-01-08 09:00")),
        Override(person=CAROL, begins=local("2026-01-07 12:00"), ends=local("2026-01-07 14:00")),
    )
    shifts = schedule(rotation(ALICE), overrides=over).shifts(local("2026-01-06 00:00"), local("2026-01-09 00:00"))
    assert told(shifts) == [
        "Tue 06 00:00-Tue 06 09:00 alice",
        "Tue 06 09:00-Wed 07 12:00 bob",
        "Wed 07 12:00-Wed 07 14:00 carol",
        "Wed 07 14:00-Thu 08 09:00 bob",
        "Thu 08 09:00-Fri 09 00:00 alice",
    ]


def test_a_gap_is_a_shift_of_nobody():
    ended = schedule(rotation(ALICE, ends=datetime(2026, 1, 7, 9)))
    assert told(ended.shifts(local("2026-01-05 00:00"), local("2026-01-08 00:00"))) == [
        "Mon 05 00:00-Mon 05 09:00 nobody",
        "Mon 05 09:00-Wed 07 09:00 alice",
        "Wed 07 09:00-Thu 08 00:00 nobody",
    ]


class Model:
    """Counts hand-offs one by one, as somebody with a wall clock and a list would."""

    def __init__(self, one: Rotation, zone: ZoneInfo, until: datetime) -> None:
        self.one, self.moments = one, []
        wall = one.begins
        while not self.moments or self.moments[-1] <= until:
            self.moments.append(self.shown(wall, zone))
            wall += one.every

    @staticmethod
    def shown(wall: datetime, zone: ZoneInfo) -> datetime:
        """The first minute at which a clock in the zone shows this time or a later one."""
        at = wall.replace(tzinfo=UTC) - timedelta(hours=15)
        while at.astimezone(zone).replace(tzinfo=None) < wall:
            left = wall - at.astimezone(zone).replace(tzinfo=None)
            at += max(MINUTE, left - 90 * MINUTE)
        return at

    def on_call(self, at: datetime) -> list[str]:
        turn = bisect_right(self.moments, at) - 1
        return [self.one.people[turn % len(self.one.people)].name] if turn >= 0 else []


CHANGES = [
    (PARIS, "2026-03-28 20:00"),
    (PARIS, "2026-10-24 20:00"),
    (NEW_YORK, "2026-03-07 20:00"),
    (NEW_YORK, "2026-10-31 20:00"),
    (LORD_HOWE, "2026-04-04 20:00"),
    (LORD_HOWE, "2026-10-03 20:00"),
]


@pytest.mark.parametrize(("zone", "evening"), CHANGES)
@pytest.mark.parametrize("every", [HOUR, 8 * HOUR, DAY])
@pytest.mark.parametrize("begins", ["02:00", "02:30", "01:30", "09:00"])
def test_each_minute_across_a_clock_change_agrees_with_the_model(zone, evening, every, begins):
    start = local(evening, zone)
    first = f"{start - timedelta(days=1):%Y-%m-%d} {begins}"
    walked = schedule(rotation(ALICE, BOB, CAROL, every=every, begins=first), zone=zone)
    model = Model(walked.rotations[0], zone, start + timedelta(hours=16))
    at = start.astimezone(UTC)
    for _ in range(14 * 60):
        assert names(walked, at) == model.on_call(at), at.astimezone(zone)
        at += MINUTE


@settings(max_examples=50, deadline=None)
@given(
    zone=st.sampled_from([PARIS, NEW_YORK, LORD_HOWE, ZoneInfo("Asia/Kathmandu"), ZoneInfo("America/St_Johns")]),
    begins=st.datetimes(datetime(2026, 1, 1), datetime(2026, 11, 1)).map(
        lambda at: at.replace(second=0, microsecond=0)
    ),
    every=st.sampled_from([6 * HOUR, 12 * HOUR, DAY, 2 * DAY, WEEK]),
    people=st.integers(1, 3),
    seed=st.randoms(use_true_random=False),
)
def test_a_hundred_thousand_queries_agree_with_the_model(zone, begins, every, people, seed: Random):
    one = schedule(Rotation(people=(ALICE, BOB, CAROL)[:people], every=every, begins=begins), zone=zone)
    first = begins.replace(tzinfo=UTC) - DAY
    model = Model(one.rotations[0], zone, first + timedelta(days=70))
    for _ in range(2000):
        at = first + timedelta(seconds=seed.randrange(70 * 86400))
        assert names(one, at) == model.on_call(at)


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from([PARIS, NEW_YORK, LORD_HOWE]),
    day=st.integers(0, 360),
    span=st.tuples(st.integers(0, 23), st.integers(1, 24)).filter(lambda pair: pair[0] < pair[1]),
    every=st.sampled_from([8 * HOUR, DAY, 2 * DAY]),
)
def test_shifts_say_at_each_minute_who_is_on_call(zone, day, span, every):
    held = NamedInterval(
        name="x",
        intervals=(TimeInterval(times=(parse_times(f"{span[0]:02}:00", f"{span[1]:02}:00"),), location=LORD_HOWE),),
    )
    layered = schedule(
        rotation(ALICE, BOB, every=every),
        rotation(CAROL, begins="2026-01-10 00:00", during=(held,)),
        zone=zone,
    )
    begins = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day)
    shifts = layered.shifts(begins, begins + 2 * DAY)
    assert [shift.ends for shift in shifts[:-1]] == [shift.begins for shift in shifts[1:]]
    assert (shifts[0].begins, shifts[-1].ends) == (begins, begins + 2 * DAY)
    for shift in shifts:
        at = shift.begins
        while at < shift.ends:
            assert layered.on_call(at) == shift.people
            at += 7 * MINUTE
        assert layered.on_call(shift.ends - SECOND) == shift.people
    assert all(one.people != two.people for one, two in pairwise(shifts))


SECOND = timedelta(seconds=1)


# --- months, several in a turn, pauses, and turns that count only where they hold ---

WEEKDAYS = NamedInterval(
    name="weekdays", intervals=(TimeInterval(weekdays=(parse_weekdays("monday:friday"),), location=PARIS),)
)


def test_a_turn_of_a_month_begins_on_its_day_or_on_the_last_one():
    monthly = schedule(rotation(ALICE, BOB, every=31 * DAY, months=1, begins="2026-01-31 09:00"))
    assert [
        f"{shift.begins.astimezone(PARIS):%d %b %H:%M} {shift.people[0].name}"
        for shift in monthly.shifts(local("2026-01-31 09:00"), local("2026-07-01 00:00"))
    ] == [
        "31 Jan 09:00 alice",
        "28 Feb 09:00 bob",
        "31 Mar 09:00 alice",
        "30 Apr 09:00 bob",
        "31 May 09:00 alice",
        "30 Jun 09:00 bob",
    ]
    assert names(monthly, local("2036-03-01 00:00")) == ["bob"], "ten years on, after 121 hand-offs"


def test_several_take_a_turn_together():
    together = schedule(rotation((ALICE, BOB), CAROL))
    assert names(together, local("2026-01-05 09:00")) == ["alice", "bob"]
    assert names(together, local("2026-01-12 09:00")) == ["carol"]
    assert together.people == (ALICE, BOB, CAROL)


def test_between_two_turns_the_layer_below_holds():
    paused = schedule(rotation(CAROL), rotation(ALICE, BOB, off=WEEK))
    assert told(paused.shifts(local("2026-01-05 09:00"), local("2026-02-02 09:00"))) == [
        "Mon 05 09:00-Mon 12 09:00 alice",
        "Mon 12 09:00-Mon 19 09:00 carol",
        "Mon 19 09:00-Mon 26 09:00 bob",
        "Mon 26 09:00-Mon 02 09:00 carol",
    ]
    alone = schedule(rotation(ALICE, off=WEEK))
    assert [names(alone, local(day)) for day in ("2026-01-05 09:00", "2026-01-12 09:00", "2026-01-19 09:00")] == [
        ["alice"],
        [],
        ["alice"],
    ]


@pytest.mark.parametrize(("held_only", "seen"), [(False, 5), (True, 7)])
def test_a_daily_turn_on_weekdays_leaves_nobody_out_where_only_days_count_that_it_holds(held_only, seen):
    """Seven people by the day: the sixth and the seventh had every Saturday and Sunday, on which it does not hold."""
    people = [somebody(name) for name in "abcdefg"]
    daily = rotation(*people, every=DAY, begins="2026-01-05 00:00", during=(WEEKDAYS,), held_only=held_only)
    found = schedule(daily).shifts(local("2026-01-05 00:00"), local("2026-03-02 00:00"))
    assert len({shift.people for shift in found if shift.people}) == seen
    week = [names(schedule(daily), local("2026-01-12 12:00") + day * DAY) for day in range(7)]
    assert [one[0] if one else "" for one in week] == ([*"fgabc", "", ""] if held_only else [*"abcde", "", ""])


class Careful:
    """Goes from hand-off to hand-off and looks at each quarter of an hour, as somebody with much time would."""

    def __init__(self, one: Rotation, zone: ZoneInfo, until: datetime) -> None:
        self.one, self.spans, wall, turn = one, [], one.begins, 0
        while not self.spans or self.spans[-1][1] <= until:
            ends = (
                month_on(one.begins, len(self.spans) + 1) + len(self.spans) * one.off
                if one.months
                else wall + one.every
            )
            first, last = Model.shown(wall, zone), Model.shown(ends, zone)
            self.spans.append((first, last, turn))
            looks = [first + each * 15 * MINUTE for each in range(int((last - first) / (15 * MINUTE)))]
            looks.append(last - MINUTE)  # it may hold for less than a quarter, at the end of a turn
            turn += not one.held_only or any(one.during[0].active(at) for at in looks)
            wall = ends + one.off

    def on_call(self, at: datetime) -> list[str]:
        for first, last, turn in self.spans:
            if first <= at < last and (not self.one.during or self.one.during[0].active(at)):
                each = self.one.people[turn % len(self.one.people)]
                return [person.name for person in (each if isinstance(each, tuple) else (each,))]
        return []


def month_on(at: datetime, months: int) -> datetime:
    """The same day so many months later, found by trying shorter ones."""
    year, month = at.year + (at.month - 1 + months) // 12, (at.month - 1 + months) % 12 + 1
    for day in range(at.day, 27, -1):
        try:
            return at.replace(year=year, month=month, day=day)
        except ValueError:
            continue
    return at.replace(year=year, month=month)


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from([PARIS, NEW_YORK, LORD_HOWE]),
    begins=st.datetimes(datetime(2026, 1, 1), datetime(2026, 11, 1)).map(
        lambda at: at.replace(second=0, microsecond=0)
    ),
    length=st.sampled_from([(12 * HOUR, 0), (DAY, 0), (WEEK, 0), (31 * DAY, 1)]),
    off=st.sampled_from([timedelta(0), 12 * HOUR, 3 * DAY]),
    people=st.sampled_from([(ALICE,), (ALICE, BOB), ((ALICE, BOB), CAROL), (ALICE, BOB, CAROL)]),
    counts=st.sampled_from([(), (WEEKDAYS,)]),
    held_only=st.booleans(),
    seed=st.randoms(use_true_random=False),
)
def test_every_kind_of_turn_agrees_with_somebody_who_counts(zone, begins, length, off, people, counts, held_only, seed):
    one = Rotation(
        people=people,
        every=length[0],
        months=length[1],
        off=off,
        begins=begins,
        during=counts,
        held_only=held_only and bool(counts),
    )
    walked, first = schedule(one, zone=zone), begins.replace(tzinfo=UTC) - DAY
    careful = Careful(one, zone, first + 75 * DAY)
    for _ in range(300):
        at = first + timedelta(minutes=seed.randrange(75 * 1440))
        assert names(walked, at) == careful.on_call(at), at.astimezone(zone)
    shifts = walked.shifts(first, first + 20 * DAY)
    for shift in shifts:
        assert walked.on_call(shift.begins) == walked.on_call(shift.ends - SECOND) == shift.people
    assert all(one.people != two.people for one, two in pairwise(shifts))


def test_who_takes_a_turn_of_those_that_count_is_not_idle():
    """How many turns count is not known without looking: the longest look says who never has one."""
    one = Rotation(people=(ALICE, BOB), every=DAY, begins=datetime(2026, 1, 5), during=(WEEKDAYS,), held_only=True)
    assert (cycle(schedule(one)), never_on_call(schedule(one), datetime(2026, 3, 3, tzinfo=UTC))) == (FARTHEST, [])
