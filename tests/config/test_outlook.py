"""What `check` foresees: gaps, people who are never on call, steps that page nobody."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from alertsms.config import load
from tests.config.sample import KEYS, LINES, accepted
from tests.icalendar_file.test_events import written as calendar

NOW = datetime(2026, 3, 3, 2, 10, tzinfo=UTC)
PEOPLE = '  bob: "+33698765432"\n  carol: "+33756789012"\n'
OFFICE = "{weekdays: ['monday:friday'], times: [{start_time: '09:00', end_time: '18:00'}]}"


def said(schedules: str, ops: str = "{page: [day]}") -> list[str]:
    """What is said of some schedules, as of a night in March, and of nothing else."""
    top = "\n".join(LINES[:5]) + f"\n{PEOPLE}teams:\n  ops: {ops}\nroute: {{team: ops}}\n"
    text = f"{top}fallback: {{channels: 'json://x'}}\ntime_zone: Europe/Paris\nschedules:\n{schedules}"
    return [
        str(one).partition("warning: ")[2]
        for one in accepted(text, now=NOW).warnings
        if '" is in no team' not in one.message
    ]


ALWAYS = "{people: [alice, bob], from: 2026-01-05 09:00}"


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (f"rotations: [{ALWAYS}]", []),
        (
            "rotations: [{people: [alice, bob], from: 2026-01-05 09:00, to: 2026-03-10 09:00}]",
            ["this step pages nobody from 2026-03-10 09:00 (Europe/Paris) on, for the rest of 90 days"],
        ),
        (
            "rotations: [{people: [alice, bob], from: 2026-03-10 09:00}]",
            ["this step pages nobody now to 2026-03-10 09:00 (Europe/Paris)"],
        ),
        (
            "rotations: [{people: [alice], from: 2026-01-05, to: 2026-03-10}, {people: bob, from: 2026-03-11}]",
            ["this step pages nobody from 2026-03-10 00:00 (Europe/Paris) to 2026-03-11 00:00 (Europe/Paris)"],
        ),
        (
            f"rotations: [{{people: [alice, bob], from: 2026-01-05 09:00, during: {OFFICE}}}]",
            ["this step pages nobody now to 2026-03-03 09:00 (Europe/Paris), and 64 more times in the next 90 days"],
        ),
        (
            "rotations: [{people: alice, from: 2026-01-05, to: 2026-02-01}]",
            ["this step pages nobody in the next 90 days", '"alice" is never on call here in the next 90 days'],
        ),
        (
            f"rotations: [{ALWAYS}, {{people: carol, from: 2026-01-05}}]",
            ['"alice" is never on call here in the next 90 days', '"bob" is never on call here in the next 90 days'],
        ),
        # Whose turn comes after more than 90 days is not idle.
        ("rotations: [{people: [alice, bob, carol], every: 8w, from: 2026-03-02 09:00}]", []),
    ],
)
def test_gaps_and_people_who_are_never_on_call(day, expected):
    found = said(f"  day: {{{day}}}", "{steps: [{page: day}, {page: carol}]}")
    assert found == expected


WORK = f"{{people: carol, from: 2026-01-05, during: {OFFICE}}}"
LAYERS = f"  primary: {{rotations: [{ALWAYS}]}}\n  office: {{rotations: [{WORK}]}}\n"


def test_a_layer_for_office_hours_is_no_gap_where_others_are_paged_with_it():
    """Nobody could ever have made `check --strict` pass."""
    assert said(LAYERS, "{page: [office, primary]}") == []
    assert said(LAYERS, "{steps: [{page: [office, primary]}, {page: primary}]}") == []
    (gap,) = said(LAYERS, "{steps: [{page: office}, {page: primary}]}")
    assert gap == "this step pages nobody now to 2026-03-03 09:00 (Europe/Paris), and 64 more times in the next 90 days"


ZONE = "Europe/Paris"
ADVICE = "its fallback is all that is told then, add a step with people"
OVER = "  day: {rotations: [{people: bob, from: 2026-01-05, to: 2026-02-01}]}\n"
FIRST = "  even: {rotations: [{people: [alice], from: 2026-01-05, to: 2026-03-20}]}\n"
LATER = "  odd: {rotations: [{people: [bob], from: 2026-03-10}]}\n"


@pytest.mark.parametrize(
    ("schedules", "ops", "expected"),
    [
        (OVER, "{steps: [{page: alice}, {page: day}]}", ["this step pages nobody in the next 90 days"]),
        (OVER, "{page: [alice, day]}", []),
        (
            OVER,
            "{page: day}",
            [f"no step pages anybody in the next 90 days: {ADVICE}"],
        ),
        (FIRST + LATER, "{page: [even, odd]}", []),
        (
            FIRST + LATER,
            "{steps: [{page: even}, {page: odd}]}",
            [
                f"this step pages nobody from 2026-03-20 00:00 ({ZONE}) on, for the rest of 90 days",
                f"this step pages nobody now to 2026-03-10 00:00 ({ZONE})",
            ],
        ),
        (
            FIRST,
            "{page: even}",
            [f"no step pages anybody from 2026-03-20 00:00 (Europe/Paris) on, for the rest of 90 days: {ADVICE}"],
        ),
        (
            FIRST + LATER.replace("03-10", "03-25"),
            "{steps: [{page: [even]}, {page: [even, odd]}]}",
            [
                f"this step pages nobody from 2026-03-20 00:00 ({ZONE}) on, for the rest of 90 days",
                f"this step pages nobody from 2026-03-20 00:00 ({ZONE}) to 2026-03-25 00:00 ({ZONE})",
                f"no step pages anybody from 2026-03-20 00:00 ({ZONE}) to 2026-03-25 00:00 ({ZONE}): {ADVICE}",
            ],
        ),
        (OVER, "{record_only: true, page: day}", []),
    ],
)
def test_steps_and_teams_that_page_nobody(schedules, ops, expected):
    found = said(schedules, ops)
    assert [one for one in found if "step" in one] == expected


def test_nothing_is_foreseen_without_a_time():
    text = "\n".join([*LINES[:6], "  ops: {page: day}", *LINES[7:], "schedules:", OVER.replace("bob", "alice")])
    assert [one for one in accepted(text).warnings if one.path] == []


def test_events_of_a_calendar_that_name_nobody_are_named(tmp_path):
    file = tmp_path / "config.yaml"
    text = "\n".join([*LINES[:6], "  ops: {page: [alice, day]}", *LINES[7:]])
    file.write_text(f"{text}\nschedules: {{day: {{ics: day.ics}}}}\n")
    daily = "DTSTART;VALUE=DATE:20260301;;RRULE:FREQ=DAILY"
    events = [f"{daily};;SUMMARY:{name}" for name in ("alice", *"tuvwxyz")]
    (tmp_path / "day.ics").write_bytes(calendar(*events))
    [one] = [one for one in load(file, KEYS, now=NOW).warnings if one.path]
    assert str(one) == (
        f"{file} line 10, schedules.day.ics: warning: no person of this file is found in "
        '"t", "u", "v", "w", "x" and 2 more: write people with these names or e-mail addresses'
    )
