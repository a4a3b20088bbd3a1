"""Calendars that ask for hours of work, or for what cannot be: each is refused at once, with the event and the fix."""

from __future__ import annotations

from datetime import datetime

import pytest

from alertsms.icalendar_file.events import Events
from alertsms.icalendar_file.limits import IcsError
from tests.icalendar_file.test_events import PARIS, PEOPLE, ZONE, names, written

BEGINS = "SUMMARY:alice;;DTSTART:20260105T090000Z;;DURATION:PT1H"
TOO_OFTEN = (
    'repeats too often: up to an event "alice" (UID {}) its rules ask for more than 75,000 steps until 2040, let old'
    " ones end (UNTIL) or begin later (DTSTART)"
)


def refused(raw: bytes) -> str:
    with pytest.raises(IcsError) as problem:
        Events(raw, PEOPLE, PARIS)
    return str(problem.value)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYMONTHDAY=30;BYMONTH=2",
        "FREQ=HOURLY;BYMONTHDAY=30;BYMONTH=2",
        "FREQ=YEARLY;BYMONTHDAY=30;BYMONTH=2",
        "FREQ=MONTHLY;BYDAY=+6MO",
        "FREQ=DAILY;INTERVAL=7;BYDAY=TU",  # from a Monday on
        "FREQ=HOURLY;INTERVAL=2;BYHOUR=8",  # from nine on
        "FREQ=DAILY;BYSETPOS=2",
    ],
)
def test_a_rule_that_never_comes_is_refused_without_looking_for_it_until_the_year_9999(rule):
    for end in ("", ";COUNT=3", ";UNTIL=20260110T000000Z"):
        said = refused(written(f"{BEGINS};;RRULE:{rule}{end}"))
        fix = "on no day at all: correct it or leave it out"
        assert said.startswith('has an event "alice" (UID 0) with the rule FREQ=')
        assert said.endswith(fix)


@pytest.mark.parametrize(
    ("begins", "rule", "at"),
    [
        ("20240229T090000Z", "FREQ=YEARLY", "2028-02-29 09:30"),
        ("20260131T090000Z", "FREQ=MONTHLY;INTERVAL=5", "2028-07-31 09:30"),
        ("20260105T090000Z", "FREQ=HOURLY;INTERVAL=2;BYHOUR=9", "2026-02-01 09:30"),
        ("20260105T090000Z", "FREQ=HOURLY;INTERVAL=36", "2026-01-08 09:30"),
        ("20260105T090000Z", "FREQ=DAILY;INTERVAL=7;BYDAY=MO", "2026-02-02 09:30"),
        ("20260105T090000Z", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29", "2028-02-29 09:30"),
        ("20260105T090000Z", "FREQ=WEEKLY;INTERVAL=3;BYDAY=WE;COUNT=500", "2026-01-28 09:30"),
        ("20260105T090000Z", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-01-30 09:30"),
        ("20260105T090000Z", "FREQ=DAILY;UNTIL=99991231T235959Z", "2026-02-02 09:30"),
        ("20260105T090000Z", "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "2026-05-11 09:30"),
        ("16040211T090000Z", "FREQ=YEARLY", "2026-02-11 09:30"),
    ],
)
def test_what_comes_however_seldom_is_taken(begins, rule, at):
    one = Events(written(f"SUMMARY:alice;;DTSTART:{begins};;DURATION:PT1H;;RRULE:{rule}"), PEOPLE, PARIS)
    at = f"{datetime.fromisoformat(at + '+00:00').astimezone(PARIS):%Y-%m-%d %H:%M}"
    assert names(one, at) == "alice"


@pytest.mark.parametrize(
    ("lines", "number"),
    [
        (["DTSTART:19000101T090000Z;;DURATION:PT1H;;RRULE:FREQ=HOURLY"], 0),
        (["DTSTART:20160101T090000Z;;DURATION:PT1H;;RRULE:FREQ=DAILY"] * 10, 8),
        (["DTSTART:20391231T090000Z;;DURATION:PT1H;;RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO"] * 5, 3),
        (["DTSTART:20160101T090000Z;;RDATE:" + ",".join(["20260101T000000Z"] * 3_800)], 0),
    ],
    ids=["old", "many", "seldom", "dates"],
)
def test_rules_are_refused_by_the_work_that_they_are_however_they_make_it(lines, number, monkeypatch):
    monkeypatch.setattr("alertsms.icalendar_file.limits.MOST_STEPS", 75_000)  # a tenth, so that it takes less
    said = refused(written(*[f"SUMMARY:alice;;{each}" for each in lines]))
    assert said == TOO_OFTEN.format(number)


def test_the_work_of_a_calendar_as_tools_write_it_is_far_from_too_much():
    weekly = "SUMMARY:bob;;DTSTART;TZID=Europe/Paris:20160104T090000;;DURATION:PT8H;;RRULE:FREQ=WEEKLY"
    ends = (";BYDAY=MO,TU,WE,TH,FR", ";BYDAY=MO;COUNT=52", ";INTERVAL=4", ";UNTIL=20270101T000000Z")
    one = Events(written(*[weekly + end for end in ends] * 5), PEOPLE, PARIS)
    assert names(one, "2026-03-04 12:00") == "bob"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("DTEND:20260105T100000Z", "without one DTSTART, write when it begins or leave it out"),
        (
            "DTSTART:20260105T090000Z;;DTSTART:20260106T090000Z",
            "without one DTSTART, write when it begins or leave it out",
        ),
        ("DTSTART:00010101T090000Z", "in the year 1, write 1583 to 2199 or leave it out"),
        ("DTSTART:20260105T090000Z;;DTEND:99991231T235959Z", "in the year 9999, write 1583 to 2199 or leave it out"),
        ("DTSTART:20260105T090000Z;;DURATION:P3650000D", "that lasts more than 36,525 days"),
        (
            "DTSTART:20260105T090000Z;;DURATION:P367D;;RRULE:FREQ=YEARLY",
            "that lasts more than 366 days, again and again",
        ),
        ("DTSTART:20260105T090000Z;;RRULE:FREQ=WHAT", "with an RRULE that cannot be read: correct it or leave it out"),
        ("DTSTART:20260105T090000Z;;RRULE:COUNT=2", "with an RRULE that cannot be read: correct it or leave it out"),
        (
            "DTSTART:20260105T090000Z;;RRULE:FREQ=DAILY;INTERVAL=999999999",
            "that repeats every 999999999, write an INTERVAL from 1 to 1,000",
        ),
    ],
)
def test_an_event_that_cannot_be_is_named(lines, said):
    assert refused(written(f"SUMMARY:alice;;{lines}")) == f'has an event "alice" (UID 0) {said}'


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            "EXDATE;TZID=Asia/Tokyo:00010101T000000",
            "that cannot be unfolded (OverflowError: date value out of range): correct its times or leave it out",
        ),
        ("UID:2", "that cannot be unfolded (TypeError: unhashable type: 'list'): correct its times or leave it out"),
    ],
)
def test_what_only_the_library_trips_over_is_told_with_its_event(lines, said):
    told = refused(written(BEGINS, f"{BEGINS.replace('alice', 'bob')};;RRULE:FREQ=DAILY;COUNT=3;;{lines}"))
    assert told.startswith('has an event "bob" (UID ')
    assert told.endswith(said)


def test_a_date_that_is_none_is_told_with_its_event():
    told = refused(written(f"{BEGINS};;RDATE:nonsense"))
    assert told.startswith('has an event "alice" (UID 0) that cannot be read (')
    assert told.endswith("): correct it or leave it out")


def test_a_calendar_of_another_reckoning_is_refused():
    assert refused(written(BEGINS, before="CALSCALE:JULIAN")) == (
        "has events that cannot be unfolded (InvalidCalendar: Only Gregorian calendars are supported.): correct its"
        " times or leave it out"
    )


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (
            b"BEGIN:VCALENDAR\r\n" * 80_000 + b"END:VCALENDAR\r\n" * 80_000,
            "has parts in parts, 4 deep and more, which no calendar has: export it anew",
        ),
        (
            b"BEGIN:VCALENDAR\r\n" * 3
            + b"BEG\r\n IN;X=1:VCALENDAR\r\n\r\n BEGIN:VCALENDAR\r\nBEGIN:X\r\nEND:VCALENDAR",
            "has parts in parts, 4 deep and more, which no calendar has: export it anew",
        ),
        (
            b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VTODO\r\nEND:VTODO\r\n" * 20_000 + b"END:VCALENDAR",
            "has 20,001 parts, export at most 20,000, without those long over",
        ),
        (
            written(BEGINS + ";;ATTENDEE:mailto:x@y.example" * 1001),
            "has an event of more than 1000 lines, export it with fewer guests and exceptions",
        ),
        (
            written("DTSTART:20260105T090000Z;;SUMMARY:" + "alicd " * 200_000),
            "has a line SUMMARY of more than 1,000 characters, write a shorter one",
        ),
        (
            written(f"{BEGINS};;RRULE:FREQ=DAILY;BYMONTHDAY={'1,' * 500}1"),
            "has a line RRULE of more than 1,000 characters, write a shorter one",
        ),
        (
            written(f'{BEGINS};;X-A;B=":"{";a=1" * 500}:1'),
            "has a line X-A of more than 1,000 characters, write a shorter one",
        ),
    ],
    ids=["nested", "folded", "parts", "guests", "title", "rule", "parameters"],
)
def test_what_the_parser_would_be_lost_in_is_refused_before_it(raw, said):
    assert refused(raw) == said


CHANGES = "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU"


@pytest.mark.parametrize(
    "rule",
    [
        "RRULE:FREQ=SECONDLY",
        "RRULE:FREQ=YEARLY;BYHOUR=1,2,3",
        "RRULE:FREQ=YEARLY;INTERVAL=0",
        "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "RRULE:FREQ=YEARLY;FREQ=HOURLY",
        "RRULE:FREQ=YEARLY;BYMONTH=what",
    ],
)
def test_a_time_zone_that_changes_as_none_does_is_refused(rule):
    assert refused(written(BEGINS, before=ZONE.replace(CHANGES, rule))) == (
        f"has a time zone that changes by {rule}, which none does: leave its VTIMEZONE out; names such as Europe/Paris"
        " are known without"
    )


def test_a_time_zone_with_a_long_history_is_refused():
    history = ZONE.replace(CHANGES, "\n".join([CHANGES] * 100))
    assert refused(written(BEGINS, before=history)) == "has 101 rules of time zones, export at most 100"


def test_a_time_zone_of_thousands_of_dates_is_refused():
    """Each is worked out when the file is read, on no matter how many lines."""
    line = "RDATE:" + ",".join(["20000101T030000"] * 50)
    several = ZONE.replace(CHANGES, "\n".join([line] * 101))
    assert refused(written(BEGINS, before=several)) == "has 5,050 dates in time zones, export at most 5,000"
    long = ZONE.replace(CHANGES, f"{line},{line.removeprefix('RDATE:')}")
    assert refused(written(BEGINS, before=long)) == (
        "has a line RDATE of more than 1,000 characters, write a shorter one"
    )
    few = ZONE.replace(CHANGES, line)
    assert Events(written(BEGINS, before=few), PEOPLE, PARIS)
