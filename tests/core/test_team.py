"""Whom a team pages, and when that is nobody."""

from __future__ import annotations

from alertsms.core.schedules.team import Step, Team
from tests.core.test_schedule import ALICE, BOB, CAROL, local, rotation, schedule

WEEK = schedule(rotation(ALICE, BOB))
OPS = Team(name="ops", steps=(Step(page=(WEEK,)), Step(page=(CAROL, WEEK))))


def test_the_first_step_pages_who_is_on_call_and_a_gap_goes_to_the_next():
    assert [OPS.first(local(f"2026-01-{day} 09:00")) for day in ("04", "05", "12")] == [(CAROL,), (ALICE,), (BOB,)]
    assert Team(name="gap", steps=(Step(page=(WEEK,)),)).first(local("2026-01-04 09:00")) == ()
    assert Team(name="quiet", record_only=True).first(local("2026-01-05 09:00")) == ()


def test_a_step_pages_everybody_once_and_a_team_knows_all_who_ever_are():
    both = Step(page=(WEEK, BOB))
    assert [both.people(local(f"2026-01-{day} 09:00")) for day in ("05", "12")] == [(ALICE, BOB), (BOB,)]
    assert OPS.people == (ALICE, BOB, CAROL)


def test_steps_are_counted_from_0_and_the_last_stands_for_those_a_reload_took_away():
    assert [OPS.step(number) for number in (0, 1, 2)] == [OPS.steps[0], OPS.steps[1], OPS.steps[1]]
    assert Team(name="quiet", record_only=True).step(0) == Step()
