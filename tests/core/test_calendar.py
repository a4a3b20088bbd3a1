"""Events of people, unfolded where they are asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from alertsms.core.schedules.calendar import BLOCK, KEPT, Calendar, CalendarShift
from tests.core.test_schedule import ALICE, BOB, CAROL

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Daily:
    """Alice from eight to eight each day, for ever; and what was asked for."""

    def __init__(self) -> None:
        self.asked: list[datetime] = []

    def unfold(self, begins: datetime, ends: datetime) -> list[CalendarShift]:
        self.asked.append(begins)
        days = range((begins - FIRST) // DAY - 1, (ends - FIRST) // DAY + 1)
        return [
            CalendarShift(person=ALICE, begins=FIRST + day * DAY + 8 * HOUR, ends=FIRST + day * DAY + 20 * HOUR)
            for day in days
        ]


def fixed(*duties: CalendarShift) -> Calendar:
    return Calendar([CAROL, ALICE, BOB], lambda _begins, _ends: duties)


def test_each_hour_of_a_year_agrees_with_the_events():
    calendar = Calendar([ALICE], Daily().unfold)
    for hour in range(365 * 24):
        assert bool(calendar.on_call(FIRST + hour * HOUR)) == (8 <= hour % 24 < 20)


def test_a_span_is_unfolded_once_and_ahead_of_need():
    daily = Daily()
    calendar = Calendar([ALICE], daily.unfold)
    calendar.prepare(FIRST)
    assert 1 <= len(daily.asked) <= 2
    for _ in range(3):
        calendar.prepare(FIRST)
        calendar.on_call(FIRST + 20 * DAY)
    assert len(daily.asked) == len(set(daily.asked)) <= 2


def test_only_so_many_spans_are_remembered():
    daily = Daily()
    calendar = Calendar([ALICE], daily.unfold)
    for number in range(KEPT + 1):
        assert calendar.on_call(FIRST + number * BLOCK + 9 * HOUR) == (ALICE,)
    assert calendar.on_call(FIRST + 9 * HOUR) == (ALICE,)
    assert len(daily.asked) == KEPT + 2
    assert len(calendar._blocks) == 2


def test_an_event_longer_than_a_span_holds_all_the_way():
    long = fixed(CalendarShift(person=ALICE, begins=FIRST - 5 * BLOCK, ends=FIRST + 5 * BLOCK))
    seen = [long.on_call(FIRST + span * BLOCK) for span in (-6, -5, 0, 4, 5)]
    assert seen == [(), (ALICE,), (ALICE,), (ALICE,), ()]


def test_people_come_in_the_order_of_the_file_each_once():
    doubled = fixed(*[CalendarShift(person=person, begins=FIRST, ends=FIRST + DAY) for person in (BOB, ALICE, BOB)])
    assert doubled.on_call(FIRST + HOUR) == (ALICE, BOB)


def test_an_event_without_length_is_none():
    assert fixed(CalendarShift(person=ALICE, begins=FIRST, ends=FIRST)).on_call(FIRST) == ()


def test_changes_are_where_events_begin_and_end():
    one = fixed(CalendarShift(person=ALICE, begins=FIRST + HOUR, ends=FIRST + 3 * HOUR))
    moments = set(one.changes(FIRST, FIRST + DAY))
    assert {FIRST + HOUR, FIRST + 3 * HOUR} <= moments


def test_of_two_levels_at_a_time_the_higher_one_is_on_call():
    first = CalendarShift(person=ALICE, begins=FIRST, ends=FIRST + 12 * HOUR, level=1)
    second = CalendarShift(person=BOB, begins=FIRST + 6 * HOUR, ends=FIRST + 18 * HOUR, level=2)
    for calendar in (fixed(first, second), fixed(second, first)):
        on_call = [calendar.on_call(FIRST + hour * HOUR) for hour in (3, 9, 15, 21)]
        assert on_call == [(ALICE,), (BOB,), (BOB,), ()]
