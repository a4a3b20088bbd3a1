"""iCalendar files of other tools: whose event it is, when, and what happens to a file that breaks."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from alertsms.core.schedules.calendar import BLOCK
from alertsms.core.schedules.person import Person, PhoneNumber
from alertsms.core.schedules.schedule import Override, Schedule
from alertsms.icalendar_file.events import Events
from alertsms.icalendar_file.file import Contents, File
from alertsms.icalendar_file.protocol import IcsError

pytestmark = pytest.mark.usefixtures("in_this_process")

PARIS = ZoneInfo("Europe/Paris")


def somebody(name: str, email: str = "") -> Person:
    return Person(name=name, phones=(PhoneNumber(e164="+33612345678"),), email=email)


ALICE, SMITH, BOB = (
    somebody("alice", "alice@example.org"),
    somebody("alice smith"),
    somebody("bob", "Bob@Example.org"),
)
PEOPLE = (ALICE, SMITH, BOB)
ZONE = """\
BEGIN:VTIMEZONE
TZID:Company Time
BEGIN:STANDARD
DTSTART:20001029T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:20000326T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
END:VTIMEZONE
"""


NOW = datetime(2026, 6, 1, tzinfo=UTC)


def contents(raw: bytes, people: Sequence[Person], zone: ZoneInfo) -> Contents:
    return Contents(raw, people, zone, NOW)


def written(*events: str, before: str = "") -> bytes:
    """A file with these events; a line break is written as ;; in them."""
    parts = [f"BEGIN:VEVENT\nUID:{n}\nDTSTAMP:20260101T000000Z\n{each}\nEND:VEVENT" for n, each in enumerate(events)]
    text = "\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", *filter(None, [before.strip()]), *parts])
    return f"{text}\nEND:VCALENDAR\n".replace(";;", "\n").replace("\n", "\r\n").encode()


def names(events: Contents | File, at: str, zone: ZoneInfo = PARIS) -> str:
    roll = events.calendar if isinstance(events, Contents) else events
    return ", ".join(person.name for person in roll.on_call(datetime.fromisoformat(at).replace(tzinfo=zone)))


def read(*events: str, before: str = "") -> Contents:
    return contents(written(*events, before=before), PEOPLE, PARIS)


NINE_TO_FIVE = "DTSTART;TZID=Europe/Paris:20260105T090000;;DTEND;TZID=Europe/Paris:20260105T170000"


@pytest.mark.parametrize(
    ("lines", "who"),
    [
        ("SUMMARY:alice", "alice"),
        ("SUMMARY:On call - Alice", "alice"),
        ("SUMMARY:On call: Alice Smith (primary)", "alice smith"),
        ("SUMMARY:alice, bob", "alice, bob"),
        ("SUMMARY:ALICE@example.org", "alice"),
        ("SUMMARY:alice@elsewhere.example", ""),
        ("SUMMARY:malice", ""),
        ("SUMMARY:alice.cooper", ""),
        ("SUMMARY:Who?;;ATTENDEE;CN=X:mailto:bob@example.org", "bob"),
        ("SUMMARY:Who?;;ATTENDEE;CN=Alice Smith:mailto:unknown@example.org", "alice smith"),
        ("SUMMARY:instead of alice;;ATTENDEE:MAILTO:bob@example.org", "bob"),
        ("ATTENDEE:mailto:alice@example.org;;ATTENDEE:mailto:bob@example.org", "alice, bob"),
        ("ATTENDEE:mailto:alice@example.org;;ATTENDEE;PARTSTAT=DECLINED:mailto:bob@example.org", "alice"),
        # The manager invites, and stands among the guests.
        (
            "ORGANIZER:mailto:bob@example.org;;ATTENDEE:mailto:bob@example.org;;ATTENDEE:MAILTO:alice@example.org",
            "alice",
        ),
        ("ORGANIZER:mailto:bob@example.org;;ATTENDEE:mailto:bob@example.org", "bob"),
        ("ORGANIZER:mailto:bob@example.org;;SUMMARY:alice", "alice"),
        ("ORGANIZER:mailto:bob@example.org;;SUMMARY:On call", "bob"),
        ("STATUS:CANCELLED;;SUMMARY:alice", ""),
        ("DESCRIPTION:alice", ""),
    ],
)
def test_people_are_found_by_e_mail_or_name(lines, who):
    assert names(read(f"{NINE_TO_FIVE};;{lines}"), "2026-01-05 12:00") == who


def test_an_event_holds_from_its_first_minute_to_its_last():
    one = read(f"{NINE_TO_FIVE};;SUMMARY:bob")
    clocks = ["08:59", "09:00", "16:59", "17:00"]
    assert [names(one, f"2026-01-05 {clock}") for clock in clocks] == ["", "bob", "bob", ""]


@pytest.mark.parametrize(
    ("lines", "begins", "ends"),
    [
        ("DTSTART:20260105T080000Z;;DTEND:20260105T160000Z", "2026-01-05 09:00", "2026-01-05 17:00"),
        ("DTSTART:20260105T090000;;DURATION:PT8H", "2026-01-05 09:00", "2026-01-05 17:00"),  # no zone: the schedule's
        ("DTSTART;VALUE=DATE:20260105;;DTEND;VALUE=DATE:20260112", "2026-01-05 00:00", "2026-01-12 00:00"),
        ("DTSTART;VALUE=DATE:20260105", "2026-01-05 00:00", "2026-01-06 00:00"),
        ("DTSTART;VALUE=DATE:20260329", "2026-03-29 00:00", "2026-03-30 00:00"),  # 23 hours
        ("DTSTART;TZID=Company Time:20260701T090000;;DURATION:PT1H", "2026-07-01 09:00", "2026-07-01 10:00"),
        ("DTSTART;TZID=America/New_York:20260310T090000;;DURATION:PT1H", "2026-03-10 14:00", "2026-03-10 15:00"),
        ("DTSTART;TZID=Romance Standard Time:20260701T090000;;DURATION:PT1H", "2026-07-01 09:00", "2026-07-01 10:00"),
    ],
)
def test_times_are_read_in_every_form(lines, begins, ends):
    one = read(f"{lines};;SUMMARY:alice", before=ZONE)
    from_, to = (datetime.fromisoformat(at) for at in (begins, ends))
    second = timedelta(seconds=1)
    seen = [names(one, str(at)) for at in (from_ - second, from_, to - second, to)]
    assert seen == ["", "alice", "alice", ""]


def test_a_day_of_a_far_zone_is_whole_where_spans_meet():
    meets = datetime(2000, 1, 1, tzinfo=UTC) + 106 * BLOCK
    assert meets == datetime(2026, 2, 13, tzinfo=UTC)
    for name in ("Pacific/Auckland", "Pacific/Honolulu"):
        zone = ZoneInfo(name)
        one = contents(written("DTSTART;VALUE=DATE:20260213;;SUMMARY:alice"), PEOPLE, zone)
        hours = [names(one, f"2026-02-13 {hour:02}:00", zone) for hour in range(24)]
        assert hours == ["alice"] * 24


def test_whole_days_begin_where_the_calendar_says_that_it_is():
    """As its times without a zone do: else the wrong person is on call for an hour or two at each hand-off."""
    file = written(
        "DTSTART;VALUE=DATE:20261130;;DTEND;VALUE=DATE:20261207;;SUMMARY:alice", before="X-WR-TIMEZONE:Europe/Paris"
    )
    one = contents(file, PEOPLE, ZoneInfo("UTC"))
    assert [names(one, at) for at in ("2026-11-29 23:59", "2026-11-30 00:00", "2026-12-07 00:00")] == ["", "alice", ""]


def test_what_repeats_keeps_its_hour_over_the_change_to_summer_time_and_may_miss_a_day():
    weekly = "RRULE:FREQ=WEEKLY;;EXDATE;TZID=Europe/Paris:20260112T090000;;SUMMARY:alice"
    one = read(f"{NINE_TO_FIVE};;{weekly}")
    mondays = ["2026-01-05", "2026-01-12", "2026-03-23", "2026-03-30", "2031-06-16"]
    assert [names(one, f"{day} 09:00") for day in mondays] == ["alice", "", "alice", "alice", "alice"]
    assert [names(one, f"{day} 08:59") for day in mondays] == [""] * 5


def test_one_of_a_series_may_be_somebody_elses():
    moved = "DTSTART;TZID=Europe/Paris:20260112T120000;;DTEND;TZID=Europe/Paris:20260112T170000"
    text = written(
        f"{NINE_TO_FIVE};;RRULE:FREQ=WEEKLY;;SUMMARY:alice",
        f"{moved};;RECURRENCE-ID;TZID=Europe/Paris:20260112T090000;;SUMMARY:bob",
    )
    one = contents(text.replace(b"UID:1\r\n", b"UID:0\r\n"), PEOPLE, PARIS)
    assert [names(one, f"2026-01-12 {clock}") for clock in ("09:00", "12:00", "17:00")] == ["", "bob", ""]
    assert names(one, "2026-01-19 09:00") == "alice"


def test_events_that_overlap_page_together_and_a_schedule_tells_its_shifts():
    one = read(f"{NINE_TO_FIVE};;SUMMARY:bob", "DTSTART:20260105T120000Z;;DTEND:20260105T180000Z;;SUMMARY:alice")
    day = Schedule(name="day", zone=PARIS, calendar=one.calendar)
    begins = datetime(2026, 1, 5, tzinfo=PARIS)
    assert [
        (f"{shift.begins.astimezone(PARIS):%H:%M}", [each.name for each in shift.people])
        for shift in day.shifts(begins, begins + timedelta(days=1))
    ] == [
        ("00:00", []),
        ("09:00", ["bob"]),
        ("13:00", ["alice", "bob"]),
        ("17:00", ["alice"]),
        ("19:00", []),
    ]
    assert day.people == (ALICE, BOB)


def test_an_override_wins_over_a_calendar():
    over = Override(person=BOB, begins=datetime(2026, 1, 5, 8, tzinfo=UTC), ends=datetime(2026, 1, 5, 9, tzinfo=UTC))
    day = Schedule(name="day", zone=PARIS, calendar=read(f"{NINE_TO_FIVE};;SUMMARY:alice").calendar, overrides=(over,))
    assert [day.on_call(datetime(2026, 1, 5, hour, tzinfo=UTC)) for hour in (8, 9)] == [(BOB,), (ALICE,)]


def test_events_of_nobody_are_named_once_and_only_those_of_the_span():
    weekly = f"{NINE_TO_FIVE};;RRULE:FREQ=WEEKLY;;SUMMARY:Zoe  is\ton call"
    one = read(weekly, NINE_TO_FIVE, "DTSTART:20200105T090000Z;;SUMMARY:long ago")
    begins = datetime(2026, 1, 1, tzinfo=UTC)
    assert one.strangers(begins, begins + timedelta(days=90)) == ["Zoe is on call", "an event without a title"]


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "is no whole iCalendar file: it does not end with END:VCALENDAR"),
        (b"<html>sign in</html>", "is no whole iCalendar file: it does not end with END:VCALENDAR"),
        (written(NINE_TO_FIVE)[:-30], "is no whole iCalendar file: it does not end with END:VCALENDAR"),
        (b"sign in\r\nEND:VCALENDAR\r\n", "is no iCalendar file: "),
        (written(*["DTSTART:20260105T080000Z"] * 5001), "has 5,001 events, export at most 5,000"),
    ],
)
def test_a_file_that_is_no_calendar_is_refused_with_the_reason(raw, why):
    with pytest.raises(IcsError) as refused:
        contents(raw, PEOPLE, PARIS)
    assert str(refused.value).startswith(why)


# --- files ---


@pytest.fixture
def file(tmp_path) -> File:
    path = tmp_path / "night.ics"
    path.write_bytes(written(f"{NINE_TO_FIVE};;SUMMARY:alice"))
    found = File(path, PEOPLE, PARIS)
    assert found.renew(NOW)
    return found


def rewrite(path: Path, raw: bytes) -> None:
    """Write a file anew, a second later."""
    path.write_bytes(raw)
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 10**9))


def test_a_file_is_read_again_only_when_it_changed(file):
    assert not file.renew(NOW)
    rewrite(file.path, written(f"{NINE_TO_FIVE};;SUMMARY:bob"))
    assert names(file, "2026-01-05 12:00") == "alice"
    assert file.renew(NOW)
    assert names(file, "2026-01-05 12:00") == "bob"
    assert file.people == (BOB,)


@pytest.mark.parametrize("raw", [b"<html>", b"x" * (2 * 1024 * 1024 + 1)])
def test_a_file_that_breaks_leaves_what_was_read_and_is_asked_again(file, raw):
    rewrite(file.path, raw)
    for _ in range(2):
        with pytest.raises(IcsError):
            file.renew(NOW)
        assert names(file, "2026-01-05 12:00") == "alice"
    rewrite(file.path, written(f"{NINE_TO_FIVE};;SUMMARY:bob"))
    assert file.renew(NOW)
    assert names(file, "2026-01-05 12:00") == "bob"


def test_a_file_that_is_gone_says_so_and_one_that_never_was_has_nobody(file, tmp_path):
    file.path.unlink()
    with pytest.raises(IcsError, match="cannot be read: No such file or directory"):
        file.renew(NOW)
    assert names(file, "2026-01-05 12:00") == "alice"
    other = File(tmp_path / "none.ics", PEOPLE, PARIS)
    assert (other.people, names(other, "2026-01-05 12:00")) == ((), "")
    assert list(other.changes(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))) == []


def test_an_event_that_cannot_be_unfolded_leaves_a_gap_of_its_own_and_a_line_in_the_log(caplog, monkeypatch):
    whole = Events._occurrence

    def unfold(self, time, begins, ends):
        if str(time["SUMMARY"]) == "alice":
            raise OverflowError("date value out of range")
        return whole(self, time, begins, ends)

    monkeypatch.setattr(Events, "_occurrence", unfold)
    one = read(f"{NINE_TO_FIVE};;SUMMARY:alice", f"{NINE_TO_FIVE};;SUMMARY:bob")
    assert names(one, "2026-01-05 12:00") == "bob"
    assert one.strangers(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)) == []
    assert "an event of a calendar cannot be unfolded: nobody is on call by it" in caplog.text


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir], ids=["a pipe", "a folder"])
def test_what_is_no_file_is_not_waited_for(tmp_path, make):
    make(tmp_path / "night.ics")
    with pytest.raises(IcsError, match=r"^cannot be read: it is .*, write the path of a file$"):
        File(tmp_path / "night.ics", PEOPLE, PARIS).renew(NOW)


def test_hundreds_of_shifts_within_a_day_are_counted_in_one_walk():
    """Two people take turns by the minute, and each shift lasts for three."""
    shifts = [
        f"DTSTART:20260105T{n // 60:02}{n % 60:02}00Z;;DURATION:PT3M;;SUMMARY:{'bob' if n % 2 else 'alice'}"
        for n in range(300)
    ]
    one = read(*shifts)
    clocks = ["00:00", "00:01", "03:00", "05:00", "05:01", "05:02"]
    assert [names(one, f"2026-01-05 {clock}", ZoneInfo("UTC")) for clock in clocks] == [
        "alice",
        "alice, bob",
        "alice, bob",
        "alice, bob",
        "bob",
        "",
    ]
