from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertsms.core.routing.time_interval import (
    IntervalError,
    NamedInterval,
    Span,
    TimeInterval,
    parse_days_of_month,
    parse_location,
    parse_months,
    parse_times,
    parse_weekdays,
    parse_years,
)

PARIS = ZoneInfo("Europe/Paris")


def interval(
    times: str = "", weekdays: str = "", days: str = "", months: str = "", years: str = "", zone: str = "UTC"
) -> TimeInterval:
    """An interval told in one line: elements apart by blanks, times as 09:00-17:00."""
    return TimeInterval(
        times=tuple(parse_times(*span.split("-")) for span in times.split()),
        weekdays=tuple(map(parse_weekdays, weekdays.split())),
        days_of_month=tuple(map(parse_days_of_month, days.split())),
        months=tuple(map(parse_months, months.split())),
        years=tuple(map(parse_years, years.split())),
        location=parse_location(zone),
    )


OFFICE = {"times": "09:00-17:00", "weekdays": "monday:friday"}
EASTER = {"days": "4:6", "months": "4", "years": "2020"}
LAST_THREE = {"days": "-3:-1"}
SYDNEY = {**OFFICE, "zone": "Australia/Sydney"}
QUARTER_END = {
    "weekdays": "monday:friday sunday",
    "months": "january:march",
    "days": "-7:-1",
    "years": "2020:2025 2030:2035",
    "times": "09:00-17:00",
}
SCATTERED = {
    "weekdays": "monday:wednesday saturday sunday",
    "times": "13:00-15:00",
    "days": "1 10 20:-1",
    "years": "2020:2023",
    "months": "january:march",
}

CONTAINED = [
    ({}, "2026-07-01T03:04Z", True),
    (OFFICE, "2026-03-02T15:04Z", True),  # a Monday
    (OFFICE, "2026-03-06T16:59:59Z", True),  # a Friday
    (OFFICE, "2026-03-02T09:00Z", True),
    (OFFICE, "2026-03-02T08:59:59Z", False),
    (OFFICE, "2026-03-02T17:00Z", False),
    (OFFICE, "2026-03-01T15:04Z", False),  # a Sunday
    (OFFICE, "2026-03-07T15:04Z", False),  # a Saturday
    ({"times": "17:00-24:00"}, "2026-03-02T23:59:59Z", True),
    ({"times": "17:00-24:00"}, "2026-03-03T00:00Z", False),
    ({"times": "00:00-01:00 05:00-06:00"}, "2026-03-03T05:30Z", True),
    ({"times": "00:00-01:00 05:00-06:00"}, "2026-03-03T01:00Z", False),
    ({"weekdays": "sunday:monday"}, "2026-03-01T12:00Z", True),
    ({"weekdays": "sunday:monday"}, "2026-03-03T12:00Z", False),
    ({"weekdays": "saturday"}, "2026-03-07T12:00Z", True),
    (EASTER, "2020-04-04T15:04Z", True),
    (EASTER, "2020-04-05T00:00Z", True),
    (EASTER, "2020-04-06T23:59Z", True),
    (EASTER, "2020-04-03T23:59Z", False),
    (EASTER, "2020-04-07T00:00Z", False),
    (EASTER, "2020-05-05T12:00Z", False),
    (EASTER, "2019-04-05T12:00Z", False),
    (LAST_THREE, "2020-01-29T00:00Z", True),
    (LAST_THREE, "2020-01-28T23:59Z", False),
    (LAST_THREE, "2020-02-27T12:00Z", True),  # a leap year
    (LAST_THREE, "2021-02-26T12:00Z", True),
    (LAST_THREE, "2021-02-25T12:00Z", False),
    (LAST_THREE, "2020-04-03T23:59Z", False),
    (LAST_THREE, "2020-03-01T00:00Z", False),
    ({"days": "30:31"}, "2021-02-28T12:00Z", False),
    ({"days": "30:31"}, "2021-04-30T12:00Z", True),
    ({"days": "1:-1"}, "2021-02-28T12:00Z", True),
    ({"days": "-31:-30"}, "2021-02-01T12:00Z", False),
    ({"days": "-31:-28"}, "2021-02-01T12:00Z", True),
    ({"months": "may:august 12"}, "2026-12-24T12:00Z", True),
    ({"months": "may:august 12"}, "2026-09-01T12:00Z", False),
    ({"years": "2026:2027"}, "2027-12-31T23:59Z", True),
    ({"years": "2026:2027"}, "2028-01-01T00:00Z", False),
    (SYDNEY, "2021-04-06T13:00+10:00", True),
    (SYDNEY, "2021-04-06T13:00Z", False),
    # summer time there, and already November: the zone decides the month too
    ({**SYDNEY, "months": "11"}, "2021-10-31T22:00Z", True),
    ({**SYDNEY, "months": "11"}, "2021-10-31T21:00Z", False),
    # the month that loses an hour has not lost a day
    ({"days": "-1", "zone": "America/New_York"}, "2021-03-30T12:00-04:00", False),
    ({"days": "-1", "zone": "America/New_York"}, "2021-03-31T12:00-04:00", True),
    (QUARTER_END, "2021-01-27T09:00Z", True),
    (QUARTER_END, "2021-01-28T16:59Z", True),
    (QUARTER_END, "2030-03-31T12:00Z", True),  # a Sunday
    (QUARTER_END, "2021-01-30T12:00Z", False),  # a Saturday
    (QUARTER_END, "2021-01-24T12:00Z", False),
    (QUARTER_END, "2021-04-27T12:00Z", False),
    (QUARTER_END, "2026-01-28T12:00Z", False),
    (SCATTERED, "2021-01-10T13:00Z", True),
    (SCATTERED, "2021-01-30T14:24Z", True),
    (SCATTERED, "2021-01-20T12:59Z", False),
    (SCATTERED, "2021-02-02T13:00Z", False),
]


@pytest.mark.parametrize(("fields", "at", "expected"), CONTAINED)
def test_an_interval_holds_a_time_when_each_of_its_fields_does(fields, at, expected):
    assert interval(**fields).contains(datetime.fromisoformat(at)) is expected


def test_days_beyond_either_end_of_a_month_stay_in_that_month():
    june = TimeInterval(days_of_month=(Span(first=-31, last=31),), months=(Span(first=6, last=6),))
    assert june.contains(datetime(2020, 6, 1, tzinfo=UTC))
    assert june.contains(datetime(2020, 6, 30, 23, 59, tzinfo=UTC))
    assert not june.contains(datetime(2020, 5, 31, tzinfo=UTC))


def test_a_named_interval_is_active_when_any_of_its_specifications_is():
    off_duty = NamedInterval(
        name="off-duty",
        intervals=(
            interval("00:00-09:00 17:00-24:00", zone="Australia/Sydney"),
            interval(weekdays="saturday sunday", zone="Australia/Sydney"),
        ),
    )
    assert off_duty.active(datetime.fromisoformat("2024-01-01T00:00+11:00"))
    assert not off_duty.active(datetime.fromisoformat("2024-01-01T09:00+11:00"))
    assert off_duty.active(datetime.fromisoformat("2024-01-01T10:00Z"))
    assert off_duty.active(datetime.fromisoformat("2024-01-06T12:00+11:00"))


def minutes_inside(span: TimeInterval, day: datetime, hours: int) -> int:
    return sum(span.contains(day + timedelta(minutes=minute)) for minute in range(hours * 60))


def test_half_past_two_comes_never_once_or_twice_when_the_clocks_change():
    """Walks the two days of change and a plain one minute by minute, by the wall clock of Paris."""
    night = interval("02:00-03:00", zone="Europe/Paris")
    midnight = {day: datetime.fromisoformat(day).replace(tzinfo=PARIS).astimezone(UTC) for day in DAYS_OF_CHANGE}
    assert {day: minutes_inside(night, at, 6) for day, at in midnight.items()} == DAYS_OF_CHANGE


DAYS_OF_CHANGE = {"2026-03-28": 60, "2026-03-29": 0, "2026-10-25": 120}


def test_local_is_the_zone_of_this_machine(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert interval("09:00-10:00", zone="Local").contains(datetime(2026, 1, 1, 0, 30, tzinfo=UTC))
    finally:
        monkeypatch.undo()
        time.tzset()


READ = [
    (parse_weekdays, "monday", Span(first=1, last=1)),
    (parse_weekdays, "Sunday:SATURDAY", Span(first=0, last=6)),
    (parse_days_of_month, "1", Span(first=1, last=1)),
    (parse_days_of_month, "1:31", Span(first=1, last=31)),
    (parse_days_of_month, "1:-1", Span(first=1, last=-1)),
    (parse_days_of_month, "-31:-1", Span(first=-31, last=-1)),
    (parse_days_of_month, "28:-1", Span(first=28, last=-1)),
    (parse_months, "January:december", Span(first=1, last=12)),
    (parse_months, "1:3", Span(first=1, last=3)),
    (parse_months, "may", Span(first=5, last=5)),
    (parse_years, "2026", Span(first=2026, last=2026)),
    (parse_years, "2026:2028", Span(first=2026, last=2028)),
    (parse_location, "UTC", UTC),
    (parse_location, "Europe/Paris", PARIS),
    (parse_location, "Local", None),
]


@pytest.mark.parametrize(("parse", "text", "expected"), READ)
def test_an_element_is_one_value_or_a_span(parse, text, expected):
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [("00:00", "24:00", (0, 1440)), ("01:35", "17:39", (95, 1059)), ("23:58", "23:59", (1438, 1439))],
)
def test_times_are_minutes_of_the_day(start, end, minutes):
    assert parse_times(start, end) == Span(first=minutes[0], last=minutes[1] - 1)


REFUSED_TIMES = [
    ("14:03", "", 'a span of the day needs both ends, write start_time: "09:00" and end_time: "17:00"'),
    ("", "14:03", 'a span of the day needs both ends, write start_time: "09:00" and end_time: "17:00"'),
    ("17:31", "17:31", "17:31 to 17:31 is empty: the end does not belong to it, write a later end_time"),
    ("22:00", "06:00", "22:00 to 06:00 runs over midnight, write two entries: 22:00 to 24:00 and 00:00 to 06:00"),
    ("24:00", "17:41", "no span of the day begins at 24:00, write 00:00"),
    ("12:30", "24:01", '"24:01" is no time of day, write HH:MM from 00:00 to 24:00, such as 09:00'),
    ("9:00", "17:00", '"9:00" is no time of day, write 09:00'),
    ("01:99", "23:59", '"01:99" is no time of day, write HH:MM from 00:00 to 24:00, such as 09:00'),
    ("1020", "24:00", '"1020" is no time of day, write HH:MM from 00:00 to 24:00, such as 09:00'),
    ("09:00\n", "24:00", '"09:00\n" is no time of day, write HH:MM from 00:00 to 24:00, such as 09:00'),
]


@pytest.mark.parametrize(("start", "end", "advice"), REFUSED_TIMES)
def test_what_is_no_span_of_a_day_is_answered_with_what_to_write(start, end, advice):
    with pytest.raises(IntervalError) as refused:
        parse_times(start, end)
    assert str(refused.value) == advice


BAD_DAY = "is no day of a month, write 1 to 31, or -1 to -31 to count from its end"
REFUSED = [
    (parse_weekdays, "mon:fri", '"mon" is no weekday, write monday'),
    (parse_weekdays, "wendesday", '"wendesday" is no weekday, write wednesday'),
    (parse_weekdays, "s", '"s" is no weekday, write a name such as monday'),
    (parse_weekdays, "1:3", '"1" is no weekday, write a name such as monday'),
    (parse_weekdays, "monday : friday", '"monday : friday" holds a space, write it without, such as monday:friday'),
    (parse_weekdays, "monday:", '"monday:" is neither one value nor first:last, write for example monday:friday'),
    (parse_weekdays, "", '"" is neither one value nor first:last, write for example monday:friday'),
    (
        parse_weekdays,
        "friday:monday",
        '"friday:monday" ends before it begins, write two entries: "friday:saturday" and "sunday:monday"',
    ),
    (
        parse_weekdays,
        "saturday:sunday",
        '"saturday:sunday" ends before it begins, write two entries: "saturday" and "sunday"',
    ),
    (parse_days_of_month, "0", f'"0" {BAD_DAY}'),
    (parse_days_of_month, "32", f'"32" {BAD_DAY}'),
    (parse_days_of_month, "-50:-20", f'"-50" {BAD_DAY}'),
    (parse_days_of_month, "1:first", f'"first" {BAD_DAY}'),
    (parse_days_of_month, "-15:5", '"-15:5" runs over the end of the month, write two entries: "-15:-1" and "1:5"'),
    (parse_days_of_month, "5:3", '"5:3" ends before it begins, write 3:5'),
    (parse_days_of_month, "-1:-3", '"-1:-3" ends before it begins, write -3:-1'),
    (parse_days_of_month, "10:-25", '"10:-25" is empty in a month of 28 days, begin earlier or end later'),
    (parse_days_of_month, "29:-1", '"29:-1" is empty in a month of 28 days, begin earlier or end later'),
    (
        parse_days_of_month,
        "1:2:3",
        '"1:2:3" is neither one value nor first:last, write for example 1:5, or -3:-1 for the last three days',
    ),
    (parse_months, "jan", '"jan" is no month, write january'),
    (parse_months, "ju", '"ju" is no month, write a name such as january, or 1 to 12'),
    (parse_months, "march:junius", '"junius" is no month, write a name such as january, or 1 to 12'),
    (parse_months, "13", '"13" is no month, write a name such as january, or 1 to 12'),
    (
        parse_months,
        "december:february",
        '"december:february" ends before it begins, write two entries: "december" and "january:february"',
    ),
    (
        parse_months,
        "11:1",
        '"11:1" ends before it begins, write two entries: "november:december" and "january"',
    ),
    (parse_years, "2028:2026", '"2028:2026" ends before it begins, write 2026:2028'),
    (parse_years, "26", '"26" is long over, write the year with four digits, such as 2026'),
    (parse_years, "-1", '"-1" is no year, write for example 2026'),
    (parse_years, "next", '"next" is no year, write for example 2026'),
    (parse_location, "europe/paris", '"europe/paris" is no time zone, write Europe/Paris'),
    (parse_location, "Europe/Pariss", '"Europe/Pariss" is no time zone, write Europe/Paris'),
    (parse_location, "new york", '"new york" is no time zone, write America/New_York'),
    (parse_location, "Europe", '"Europe" is no time zone, write a name such as Europe/Paris, or UTC or Local'),
    (
        parse_location,
        "/etc/localtime",
        '"/etc/localtime" is no time zone, write a name such as Europe/Paris, or UTC or Local',
    ),
    (parse_location, "", '"" is no time zone, write a name such as Europe/Paris, or UTC or Local'),
]


@pytest.mark.parametrize(("parse", "text", "advice"), REFUSED)
def test_what_is_no_element_is_answered_with_what_to_write(parse, text, advice):
    with pytest.raises(IntervalError) as refused:
        parse(text)
    assert str(refused.value) == advice


def days_of(first: int, last: int, length: int) -> set[int]:
    """Brute force: the days of a month of `length` days from first to last, counted on a list of them."""
    days = list(range(1, length + 1))
    start = first - 1 if first > 0 else length + first
    end = last - 1 if last > 0 else length + last
    return {day for index, day in enumerate(days) if start <= index <= end}


@given(
    st.integers(-31, 31).filter(bool),
    st.integers(-31, 31).filter(bool),
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)),
)
@settings(max_examples=200)
def test_days_of_month_agree_with_counting_them(first, last, at):
    span = TimeInterval(days_of_month=(Span(first=first, last=last),))
    length = ((at.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)).day
    assert span.contains(at.replace(tzinfo=UTC)) is (at.day in days_of(first, last, length))


@given(st.integers(-31, 31).filter(bool), st.integers(-31, 31).filter(bool))
@settings(max_examples=200)
def test_a_span_of_days_that_loads_is_not_empty_in_a_long_month_and_one_that_does_not_is_no_span(first, last):
    try:
        parse_days_of_month(f"{first}:{last}")
    except IntervalError:
        assert first < 0 < last or not days_of(first, last, 28)
    else:
        assert days_of(first, last, 31)
