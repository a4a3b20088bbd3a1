"""Schedules as they are written: who is on call, by the wall clock of their zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from alertsms.config import ConfigError, load, read
from alertsms.core.schedules.schedule import Schedule
from tests.config.sample import KEYS, LINES, accepted, refusal
from tests.icalendar_file.test_events import written as calendar

PARIS = ZoneInfo("Europe/Paris")
ON_CALL = """\
  bob: "+33698765432"
  carol: "+33756789012"
teams:
  ops:
    steps: [{page: [primary, carol], wait: 10m}, {page: bob}]
schedules:
  primary:
    time_zone: Europe/Paris
    rotations:
      - {people: [alice, bob], every: 1w, from: 2026-01-05 09:00}
      - {people: [carol], from: "2026-01-05", to: 2026-07-01 00:00, during: [nights]}
    overrides:
      - {person: carol, from: "2026-08-01T09:00:00", to: 2026-08-15 09:00}
time_intervals:
  - name: nights
    time_intervals:
      - {times: [{start_time: "22:00", end_time: "24:00"}], location: Europe/Paris}
route: {team: ops}
"""


def names(schedule: Schedule, at: str) -> list[str]:
    return [person.name for person in schedule.on_call(datetime.fromisoformat(at).replace(tzinfo=PARIS))]


def written(schedule: str) -> Schedule:
    """A schedule of one line."""
    text = "\n".join([*LINES[:6], "  ops: {page: [alice, day]}", *LINES[7:], f"schedules: {{day: {schedule}}}"])
    return accepted(text).roster.schedules["day"]


@pytest.mark.parametrize(
    ("at", "who"),
    [
        ("2026-01-05 08:59", []),
        ("2026-01-05 09:00", ["alice"]),
        ("2026-01-05 22:00", ["carol"]),
        ("2026-01-12 09:00", ["bob"]),
        ("2026-03-30 08:59", ["bob"]),  # after the change to summer time still at nine
        ("2026-03-30 09:00", ["alice"]),
        ("2026-07-06 23:00", ["alice"]),  # the nights' layer is over
        ("2026-08-10 12:00", ["carol"]),
        ("2026-08-15 09:00", ["bob"]),
    ],
)
def test_a_schedule_says_who_is_on_call(at, who):
    config = accepted("\n".join(LINES[:5]) + "\n" + ON_CALL)
    assert names(config.roster.schedules["primary"], at) == who
    assert [one for one in config.warnings if one.path] == []


def test_a_step_pages_who_is_on_call_when_it_begins_together_with_people():
    team = accepted("\n".join(LINES[:5]) + "\n" + ON_CALL).roster.route.team
    monday = datetime(2026, 1, 5, 9, tzinfo=PARIS)
    assert [[one.name for one in step.people(monday)] for step in team.steps] == [["alice", "carol"], ["bob"]]
    assert [one.name for one in team.step(0).people(monday + timedelta(weeks=1))] == ["bob", "carol"]
    assert [one.name for one in team.step(0).people(monday - timedelta(days=1))] == ["carol"]  # a gap
    assert {one.name for one in team.people} == {"alice", "bob", "carol"}


def test_without_a_zone_of_its_own_a_schedule_has_the_one_of_the_file():
    day = written("{rotations: [{people: alice, from: 2026-01-05 09:00}]}")
    assert (day.zone, day.rotations[0].every) == (ZoneInfo("UTC"), timedelta(weeks=1))


def test_hours_written_in_a_rotation_are_those_of_its_schedule():
    office = "{times: [{start_time: '09:00', end_time: '18:00'}]}"
    day = written(f"{{time_zone: Europe/Paris, rotations: [{{people: alice, from: 2026-01-05, during: {office}}}]}}")
    assert [names(day, f"2026-07-01 {clock}") for clock in ("08:59", "09:00", "18:00")] == [[], ["alice"], []]


def test_overrides_alone_are_a_schedule_of_gaps():
    day = written("{overrides: [{person: alice, from: 2026-01-05, to: 2026-01-06}]}")
    assert day.on_call(datetime(2026, 1, 5, tzinfo=UTC))
    assert not day.on_call(datetime(2026, 1, 6, tzinfo=UTC))


# --- calendars ---


@pytest.fixture
def beside(tmp_path):
    """A file whose team pages by the calendar beside it."""
    path = tmp_path / "config.yaml"
    text = "\n".join([*LINES[:6], "  ops: {page: day}", *LINES[7:]])
    path.write_text(f"{text}\ntime_zone: Europe/Paris\nschedules: {{day: {{ics: day.ics}}}}\n")
    return path


def test_a_calendar_stands_beside_the_file_and_its_days_are_those_of_the_zone(beside):
    beside.with_name("day.ics").write_bytes(calendar("DTSTART;VALUE=DATE:20260701;;SUMMARY:alice"))
    config = load(beside, KEYS)
    [day] = config.roster.schedules.values()
    assert [names(day, f"2026-{at}") for at in ("06-30 23:59", "07-01 00:00", "07-02 00:00")] == [[], ["alice"], []]
    assert [one for one in config.warnings if one.path] == []


def test_a_calendar_that_cannot_be_read_is_a_mistake(beside):
    with pytest.raises(ConfigError) as refused:
        load(beside, KEYS)
    assert str(refused.value).replace(str(beside), "config.yaml") == (
        "config.yaml line 11, schedules.day.ics: day.ics cannot be read: No such file or directory"
    )
    beside.with_name("day.ics").write_bytes(b"<html>")
    with pytest.raises(ConfigError, match=r"day\.ics is no whole iCalendar file: it does not end with END:VCALENDAR"):
        load(beside, KEYS)


def test_the_last_good_configuration_starts_without_its_calendar_and_finds_it_later(beside):
    config = read(beside.read_text(), file=str(beside), environ=KEYS, lenient=True)
    [day] = config.roster.schedules.values()
    assert names(day, "2026-07-01 00:00") == []
    assert [one.message for one in config.warnings if one.path == "schedules.day.ics"] == [
        "day.ics cannot be read: No such file or directory"
    ]
    beside.with_name("day.ics").write_bytes(calendar("DTSTART;VALUE=DATE:20260701;;SUMMARY:alice"))
    assert day.calendar.renew(datetime(2026, 7, 1, tzinfo=UTC))
    assert names(day, "2026-07-01 00:00") == ["alice"]


def test_a_calendar_needs_its_libraries(monkeypatch):
    monkeypatch.setattr("alertsms.icalendar_file.file.find_spec", lambda _name: None)
    assert refusal("\n".join([*LINES, "schedules: {day: {ics: day.ics}}"])) == (
        "config.yaml line 10, schedules.day.ics: icalendar, which reads such files, is not installed: "
        "pip install -r requirements.txt"
    )


# --- months, several in a turn, pauses, turns that count only where they hold ---


def test_turns_of_months_pauses_and_several_people_are_read():
    weekdays = "{weekdays: ['monday:friday']}"
    text = "\n".join(LINES).replace("ops: {page: [alice]}", "ops: {page: [alice, day]}")
    text = text.replace("teams:", '  bob: "+33698765432"\n  carol: "+33756789012"\nteams:')
    found = accepted(
        f"{text}\nschedules: {{day: {{rotations: [{{people: [[alice, bob, alice], carol], every: 3mo, off: 1w,"
        f" from: 2026-01-05 09:00, during: {weekdays}, count: during}}]}}}}"
    )
    (one,) = found.roster.schedules["day"].rotations
    assert [[person.name for person in each] if isinstance(each, tuple) else each.name for each in one.people] == [
        ["alice", "bob"],
        "carol",
    ]
    assert (one.months, one.every, one.off, one.held_only) == (3, timedelta(days=93), timedelta(weeks=1), True)
