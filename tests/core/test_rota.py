"""What is told of a schedule from some time on, and its form as iCalendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from alertsms.core.routing.roster import Roster, Route
from alertsms.core.schedules.rota import as_dict, calendar, rota
from alertsms.core.schedules.team import Step, Team
from tests.core.test_schedule import ALICE, BOB, local, rotation, schedule, somebody

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_the_next_hand_off_is_found_beyond_the_weeks_that_are_shown():
    yearly = schedule(rotation(ALICE, BOB, every=timedelta(days=364)))
    seen = rota(yearly, local("2026-06-01 09:00"), 1)
    assert (seen.now.people, seen.following.people, seen.gaps) == ((ALICE,), (BOB,), ())
    assert (seen.since, seen.following.begins) == (local("2026-01-05 09:00"), local("2027-01-04 09:00"))


def test_at_the_moment_of_a_hand_off_the_next_turn_has_begun():
    seen = rota(schedule(rotation(ALICE, BOB)), local("2026-01-12 09:00"), 2)
    assert (seen.now.people, seen.since) == ((BOB,), local("2026-01-12 09:00"))


def test_who_is_alone_for_years_has_no_end_in_sight():
    seen = rota(schedule(rotation(ALICE)), local("2028-06-01 09:00"), 4)
    assert (seen.since, seen.following, len(seen.shifts)) == (None, None, 1)


def test_programs_are_told_whom_each_step_pages():
    week = schedule(rotation(ALICE, BOB))
    ops = Team(name="ops", steps=(Step(page=(week,), wait=timedelta(minutes=10)), Step(page=(BOB, week))))
    quiet = Team(name="quiet", record_only=True)
    roster = Roster(people={}, teams={"ops": ops, "quiet": quiet}, route=Route(team=ops))
    assert as_dict(roster, local("2026-01-06 09:00"), 1)["teams"] == [
        {
            "name": "ops",
            "record_only": False,
            "steps": [
                {"people": ["alice"], "wait_seconds": 600.0},
                {"people": ["bob", "alice"], "wait_seconds": 300.0},
            ],
        },
        {"name": "quiet", "record_only": True, "steps": []},
    ]


def test_a_shift_is_the_same_event_whenever_it_is_exported():
    week = schedule(rotation(ALICE, BOB))
    first, later = (calendar([rota(week, local(at), 1)], NOW) for at in ("2026-01-06 09:00", "2026-01-08 10:00"))
    assert (
        first.splitlines()[3:8]
        == later.splitlines()[3:8]
        == [
            "BEGIN:VEVENT",
            "UID:20260105T080000Z-alice-primary@alertsms",
            "DTSTAMP:20260101T000000Z",
            "DTSTART:20260105T080000Z",
            "DTEND:20260112T080000Z",
        ]
    )


def test_names_that_iCalendar_would_misread_are_escaped_and_long_lines_folded_between_characters():
    odd = schedule(rotation(somebody("Zoë; the, \\ first " + "é" * 40)))
    lines = calendar([rota(odd, local("2026-01-06 09:00"), 1)], NOW).encode().split(b"\r\n")
    assert max(map(len, lines)) <= 75
    whole = b"\r\n".join(lines).replace(b"\r\n ", b"").decode().split("\r\n")
    assert whole[8] == "SUMMARY:Zoë\\; the\\, \\\\ first " + "é" * 40 + " on call (primary)"


def test_whose_address_is_known_is_invited_to_the_shift():
    known = replace(somebody('Robert "Bob" Doe'), email="bob@example.org")
    lines = calendar([rota(schedule(rotation(known)), local("2026-01-06 09:00"), 1)], NOW).split("\r\n")
    assert lines[9] == "ATTENDEE;CN=\"Robert 'Bob' Doe\":mailto:bob@example.org"
