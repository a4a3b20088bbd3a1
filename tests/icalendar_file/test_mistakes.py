"""Events that cannot be, or that come seldom: the first are refused with the event and the fix, the others taken."""

from __future__ import annotations

from datetime import datetime

import pytest

from alertsms.icalendar_file.protocol import IcsError
from tests.icalendar_file.test_events import PARIS, PEOPLE, contents, names, written

pytestmark = pytest.mark.usefixtures("in_this_process")

BEGINS = "SUMMARY:alice;;DTSTART:20260105T090000Z;;DURATION:PT1H"


def refused(raw: bytes) -> str:
    with pytest.raises(IcsError) as problem:
        contents(raw, PEOPLE, PARIS)
    return str(problem.value)


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
    one = contents(written(f"SUMMARY:alice;;DTSTART:{begins};;DURATION:PT1H;;RRULE:{rule}"), PEOPLE, PARIS)
    at = f"{datetime.fromisoformat(at + '+00:00').astimezone(PARIS):%Y-%m-%d %H:%M}"
    assert names(one, at) == "alice"


def test_the_work_of_a_calendar_as_tools_write_it_is_far_from_too_much():
    weekly = "SUMMARY:bob;;DTSTART;TZID=Europe/Paris:20160104T090000;;DURATION:PT8H;;RRULE:FREQ=WEEKLY"
    ends = (";BYDAY=MO,TU,WE,TH,FR", ";BYDAY=MO;COUNT=52", ";INTERVAL=4", ";UNTIL=20270101T000000Z")
    one = contents(written(*[weekly + end for end in ends] * 5), PEOPLE, PARIS)
    assert names(one, "2026-03-04 12:00") == "bob"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("DTEND:20260105T100000Z", "without one DTSTART, write when it begins or leave it out"),
        (
            "DTSTART:20260105T090000Z;;DTSTART:20260106T090000Z",
            "without one DTSTART, write when it begins or leave it out",
        ),
        (
            "DTSTART:00010101T090000Z",
            "that cannot be unfolded (OverflowError: date value out of range): correct its times or leave it out",
        ),
        (
            "DTSTART:20260105T090000Z;;DTEND:99991231T235959Z",
            "that cannot be unfolded (OverflowError: date value out of range): correct its times or leave it out",
        ),
        (
            "DTSTART:20260105T090000Z;;DURATION:P3650000D",
            "that cannot be unfolded (OverflowError: date value out of range): correct its times or leave it out",
        ),
        ("DTSTART:20260105T090000Z;;RRULE:FREQ=WHAT", "with an RRULE that cannot be read: correct it or leave it out"),
        ("DTSTART:20260105T090000Z;;RRULE:COUNT=2", "with an RRULE that cannot be read: correct it or leave it out"),
        ("DTSTART:20260105T090000Z;;RRULE:xx", "with an RRULE that cannot be read: correct it or leave it out"),
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
