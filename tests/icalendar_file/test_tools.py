"""Calendars in the shapes that tools write, walked hour by hour over a year with both clock changes.

All of them say the same: alice and bob take turns by the week from Monday, 5 January 2026 on, and carol has one of
bob's weeks in August.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from alertsms.icalendar_file.protocol import IcsError
from tests.icalendar_file.test_events import NINE_TO_FIVE, PARIS, PEOPLE, contents, names, somebody, written

pytestmark = pytest.mark.usefixtures("in_this_process")

HERE = Path(__file__).parent / "calendars"
CREW = tuple(somebody(name, f"{name}@example.org") for name in ("alice", "bob", "carol"))
HOUR = timedelta(hours=1)


def expected(at: datetime, zone: ZoneInfo, hour: int) -> list[str]:
    """Who has the week in which a clock of the zone shows this time, as one would count on a wall calendar."""
    day = (at.astimezone(zone).replace(tzinfo=None) - hour * HOUR).date()
    week = (day - date(2026, 1, 5)).days // 7
    monday = date(2026, 1, 5) + timedelta(weeks=week)
    return [] if week < 0 else ["carol"] if monday == date(2026, 8, 10) else [("alice", "bob")[week % 2]]


@pytest.mark.parametrize("home", ["Europe/Paris", "UTC", "America/New_York"])
@pytest.mark.parametrize(
    ("tool", "zone", "hour"),
    [
        ("exchange", "Europe/Paris", 9),
        ("exchange-own-zone", "Europe/Paris", 9),
        ("exchange-days", "", 0),  # whole days without a zone of the calendar are the schedule's
        ("google-days", "Europe/Paris", 0),
        ("pagerduty", "Europe/Paris", 9),
        ("opsgenie", "Europe/Paris", 9),
        ("oncall", "UTC", 8),
    ],
)
def test_each_tool_is_understood_at_each_hour_of_a_year(tool, zone, hour, home):
    if tool == "exchange-days" and home != "Europe/Paris":
        pytest.skip("carol's week is written by the clock of Paris")
    calendar = contents((HERE / f"{tool}.ics").read_bytes(), CREW, ZoneInfo(home)).calendar
    at, wrong = datetime(2026, 1, 1, tzinfo=UTC), []
    while at < datetime(2027, 1, 1, tzinfo=UTC):
        found = [person.name for person in calendar.on_call(at)]
        if found != expected(at, ZoneInfo(zone or home), hour):
            wrong.append((at.astimezone(PARIS), found))
        at += HOUR
    assert wrong == []


DAYS = [f"2026-02-{day} 12:00" for day in (16, 17, 18, 19, 20)]
DAILY = "SUMMARY:alice;;RRULE:FREQ=DAILY{};;DTSTART;VALUE=DATE:20260216;;DTEND;VALUE=DATE:20260217"
AT_NINE = "SUMMARY:alice;;RRULE:FREQ=DAILY{};;DTSTART;TZID=Europe/Paris:20260216T090000;;DURATION:P1D"


def who(*events: str, before: str = "", zone: ZoneInfo = PARIS) -> list[str]:
    raw = written(*events, before=before).replace(b"UID:1\r\n", b"UID:0\r\n")
    return [names(contents(raw, PEOPLE, zone), at) for at in DAYS]


@pytest.mark.parametrize("zone", ["Europe/Paris", "UTC", "America/New_York", "Asia/Kolkata"])
@pytest.mark.parametrize(
    "named",
    [
        "RECURRENCE-ID;VALUE=DATE:20260218",
        "RECURRENCE-ID:20260218T000000Z",
        "RECURRENCE-ID:20260217T230000Z",  # midnight in Paris
        "RECURRENCE-ID:20260218T050000Z",  # midnight in New York
        "RECURRENCE-ID:20260217T183000Z",  # midnight in Kolkata
        "RECURRENCE-ID:20260218T000000",
        "RECURRENCE-ID;TZID=Romance Standard Time:20260218T000000",
    ],
)
def test_one_of_an_all_day_series_is_one_persons_however_its_day_is_written(named, zone):
    """Two people were paged: the moment was no day of the series, so that nothing gave way to it."""
    moved = f"SUMMARY:bob;;{named};;DTSTART;VALUE=DATE:20260218;;DTEND;VALUE=DATE:20260219"
    found = [one for one in who(DAILY.format(""), moved, zone=ZoneInfo(zone)) if one]
    assert found.count("bob") == 1
    assert "alice, bob" not in found


@pytest.mark.parametrize("named", ["RECURRENCE-ID;VALUE=DATE:20260218", "RECURRENCE-ID:20260218T080000Z"])
def test_one_of_a_series_of_times_may_be_named_by_its_day(named):
    moved = f"SUMMARY:bob;;{named};;DTSTART;TZID=Europe/Paris:20260218T090000;;DURATION:P1D"
    assert who(AT_NINE.format(""), moved) == ["alice", "alice", "bob", "alice", "alice"]


@pytest.mark.parametrize(
    ("series", "left_out"),
    [
        (DAILY, "EXDATE:20260217T230000Z"),
        (DAILY, "EXDATE:20260218T000000Z"),
        (DAILY, "EXDATE;TZID=Romance Standard Time:20260218T000000"),
        (DAILY, "EXDATE;VALUE=DATE:20260218;;EXDATE;VALUE=DATE:20260301"),
        (AT_NINE, "EXDATE;VALUE=DATE:20260218"),
        (AT_NINE, "EXDATE:20260218T080000Z"),
    ],
)
def test_a_day_that_is_left_out_is_left_out_however_it_is_written(series, left_out):
    assert who(f"{series.format('')};;{left_out}") == ["alice", "alice", "", "alice", "alice"]


@pytest.mark.parametrize(
    ("series", "until"),
    [
        (DAILY, "20260218"),
        (DAILY, "20260218T000000Z"),
        (DAILY, "20260217T230000Z"),  # Exchange: midnight of the last day
        (DAILY, "20260218T225959Z"),  # Google: the end of it
        (DAILY, "20260218T235959Z"),
        (AT_NINE, "20260218"),
        (AT_NINE, "20260218T090000"),
        (AT_NINE, "20260218T080000Z"),
    ],
)
def test_the_last_day_of_a_series_belongs_to_it_however_it_is_written(series, until):
    assert who(series.format(f";UNTIL={until}")) == ["alice", "alice", "alice", "", ""]


def test_days_and_spans_that_are_added_are_taken():
    added = "RDATE;VALUE=DATE:20260218;;RDATE;VALUE=PERIOD:20260219T000000Z/PT24H"
    assert who(f"SUMMARY:alice;;DTSTART;VALUE=DATE:20260216;;{added}") == ["alice", "", "alice", "alice", ""]


@pytest.mark.parametrize(
    ("named", "first"),
    [
        ("Romance Standard Time", "2026-02-16 00:00"),
        ("Nowhere/At All", "2026-02-16 01:00"),
        ("../x", "2026-02-16 01:00"),
    ],
)
def test_a_calendars_own_zone_may_have_a_name_of_windows_or_none_that_is_known(named, first):
    raw = written("SUMMARY:alice;;DTSTART;VALUE=DATE:20260216", before=f"X-WR-TIMEZONE:{named}")
    one = contents(raw, PEOPLE, ZoneInfo("UTC"))
    before = str(datetime.fromisoformat(first) - timedelta(minutes=1))
    assert [names(one, before), names(one, first)] == ["", "alice"]


def test_a_zone_of_another_program_is_known_by_its_end():
    one = "SUMMARY:alice;;DTSTART;TZID=/mozilla.org/20050126_1/Europe/Paris:20260216T000000;;DURATION:P1D"
    assert who(one)[:2] == ["alice", ""]


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("@alice", "alice"),
        ("[L2] @alice", "alice"),
        ("<@Alice>", "alice"),
        ("@alice @bob", "alice, bob"),
        ("ops@alice", ""),
        ("@alice-team", ""),
        ("Alice  Smith", "alice smith"),
    ],
)
def test_a_title_may_say_at_whom(title, found):
    assert names(contents(written(f"{NINE_TO_FIVE};;SUMMARY:{title}"), PEOPLE, PARIS), "2026-01-05 12:00") == found


@pytest.mark.parametrize(
    "guest",
    [
        "ATTENDEE:bob@example.org",  # PagerDuty
        "ATTENDEE:mailto:bob%40example.org",
        "ATTENDEE;EMAIL=bob@example.org:/aMjg/principal/",  # Apple
        "ATTENDEE;CN=bob@example.org:mailto:calendar@example.net",
    ],
)
def test_a_guest_is_found_by_every_way_of_naming_one(guest):
    assert names(contents(written(f"{NINE_TO_FIVE};;SUMMARY:x;;{guest}"), PEOPLE, PARIS), "2026-01-05 12:00") == "bob"


def test_levels_count_in_calendars_of_grafana_oncall_only():
    """Elsewhere [L1] and [L2] may be the first and the second line, which are both on call."""
    events = (f"{NINE_TO_FIVE};;SUMMARY:[L1] alice", f"{NINE_TO_FIVE};;SUMMARY:[L2] bob")
    plain = written(*events)
    oncall = plain.replace(b"PRODID:-//x//EN", b"PRODID://Grafana Labs//Grafana On-Call//")
    found = [names(contents(raw, PEOPLE, PARIS), "2026-01-05 12:00") for raw in (plain, oncall)]
    assert found == ["alice, bob", "bob"]


def test_a_time_that_is_in_no_calendar_of_its_zone_is_refused():
    with pytest.raises(IcsError, match=r"^has events whose times cannot be read \(.*\): export it anew$"):
        who(f"{DAILY.format('')};;EXDATE:00010101T000000Z", zone=ZoneInfo("America/New_York"))


def test_a_series_of_days_without_an_end_may_name_the_last_of_all_days():
    assert who(DAILY.format(";UNTIL=99991231T235959Z")) == ["alice"] * 5
