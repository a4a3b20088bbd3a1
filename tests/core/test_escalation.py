"""Whom an unanswered incident pages next, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from alertsms.core.incidents.escalation import begin, place, resume, ring, timed, unreached
from alertsms.core.incidents.incident import Change, Incident, IncidentReason, IncidentState, Trigger
from alertsms.core.schedules.schedule import Schedule
from alertsms.core.schedules.team import Step, Team
from tests.core.night import ALICE, BOB, OPS, QUIET, Night, at, daily, fires, incident, over, roster, route

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
NOBODY = Schedule(name="gap", zone=ZoneInfo("UTC"))
TWO = Team(name="ops", steps=(Step(page=(ALICE,)), Step(page=(BOB,), wait=10 * MINUTE)), rounds=2)
PAGED = incident(step_sent_at=at("02:10"), last_paged_at=at("02:10"))


def rings(
    one: Incident, team: Team, clock: str, *, muted: bool = False, unsent: str = "", usable: bool = True
) -> Change:
    return ring(one, team=team, muted=muted, unsent=set(unsent.split()), usable=usable, now=at(clock))


def seen(change: Change) -> tuple[object, ...]:
    """Why it pages, round, step and timer."""
    one = change.incident
    return change.rung if change.pages else None, one.round, one.step, one.step_due_at


# --- steps and rounds ---


def test_a_night_that_nobody_answers():
    tonight = Night(roster(route(TWO)))
    tonight.post("02:10", fires("02:09"))
    tonight.until("04:00")
    assert tonight.said == [
        "02:10 ops CRITICAL #1",
        "02:15 ops CRITICAL STILL #1",
        "02:25 ops CRITICAL STILL #1",
        "02:30 ops CRITICAL STILL #1",
        "03:00 ops CRITICAL STILL #1",
        "03:30 ops CRITICAL STILL #1",
        "04:00 ops CRITICAL STILL #1",
    ]
    assert tonight.unanswered == ["02:40 #1"]


def test_a_step_waits_from_when_its_sms_was_accepted():
    slow = replace(PAGED, step_sent_at=at("02:13"))
    assert seen(rings(slow, TWO, "02:15")) == (None, 0, 0, at("02:18"))
    assert seen(rings(slow, TWO, "02:18")) == (Trigger.STEP, 0, 1, at("02:28"))


def test_a_step_of_which_nothing_left_is_passed_after_five_more_minutes():
    stuck = incident()
    assert seen(rings(stuck, TWO, "02:15", unsent="alice")) == (None, 0, 0, at("02:20"))
    assert seen(rings(stuck, TWO, "02:20", unsent="alice")) == (Trigger.STEP, 0, 1, at("02:30"))


def test_while_no_account_is_usable_no_step_is_taken_and_its_time_begins_afterwards():
    one = incident()
    for minute in range(20, 50):
        change = rings(one, TWO, f"02:{minute}", usable=False)
        assert seen(change) == (None, 0, 0, at(f"02:{minute}") + MINUTE)
        one = change.incident
    assert seen(rings(one, TWO, "02:50")) == (None, 0, 0, at("02:54"))
    assert seen(rings(replace(one, step_sent_at=at("02:50")), TWO, "02:54")) == (None, 0, 0, at("02:55"))


def test_an_account_that_fails_later_does_not_stop_what_was_paged():
    assert seen(rings(PAGED, TWO, "02:15", usable=False)) == (Trigger.STEP, 0, 1, at("02:25"))


def test_after_a_long_stop_one_step_is_taken_and_then_waited_for():
    change = rings(PAGED, TWO, "06:00")
    assert seen(change) == (Trigger.STEP, 0, 1, at("06:10"))
    assert seen(rings(change.incident, TWO, "06:00")) == (None, 0, 1, at("06:10"))


def test_a_mute_lets_no_step_pass():
    change = rings(PAGED, TWO, "02:15", muted=True)
    assert (*seen(change), change.reason) == (None, 0, 0, at("02:20"), IncidentReason.MUTED)
    assert seen(rings(change.incident, TWO, "02:20")) == (Trigger.STEP, 0, 1, at("02:30"))


def test_a_gap_goes_to_the_next_step_at_once():
    team = replace(TWO, steps=(Step(page=(NOBODY,)), Step(page=(ALICE,)), Step(page=(NOBODY,)), Step(page=(BOB,))))
    change = begin(incident(paged=0), team, at("02:10"), IncidentReason.FIRING)
    assert seen(change) == (None, 0, 1, at("02:15"))
    change = rings(replace(change.incident, step_sent_at=at("02:10")), team, "02:15")
    assert seen(change) == (Trigger.STEP, 0, 3, at("02:20"))
    change = rings(replace(change.incident, step_sent_at=at("02:15")), team, "02:20")
    assert seen(change) == (Trigger.ROUND, 1, 1, at("02:25"))


def test_where_nobody_is_on_call_the_fallback_hears_at_once_and_whoever_comes_is_paged():
    empty = replace(TWO, steps=(Step(page=(NOBODY,)),))
    change = begin(incident(paged=0, step_at=None), empty, at("02:10"), IncidentReason.FIRING)
    assert (change.exhausted, *seen(change)) == (True, None, 2, 0, at("02:15"))
    assert change.incident.paged == 1, "what the fallback's people get and the page after it are two"
    again = rings(change.incident, empty, "02:15")
    assert (again.exhausted, *seen(again)) == (False, None, 2, 0, at("02:20"))
    assert timed(change.incident, empty).step_due_at == at("02:15")
    assert seen(rings(again.incident, TWO, "02:20", muted=True)) == (None, 2, 0, at("02:25"))
    come = rings(again.incident, TWO, "02:20")
    assert (come.pages, come.incident.round, come.incident.step_due_at) == (True, 0, at("02:25"))


def test_fewer_steps_after_a_reload_are_the_last_one():
    third = replace(PAGED, step=2)
    assert seen(rings(third, TWO, "02:15")) == (None, 0, 2, at("02:20"))
    assert seen(rings(third, TWO, "02:20")) == (Trigger.ROUND, 1, 0, at("02:25"))


def test_fewer_rounds_after_a_reload_leave_the_reminders():
    assert seen(rings(replace(PAGED, round=1), replace(TWO, rounds=1), "02:15")) == (None, 1, 0, at("02:40"))


def test_only_an_open_incident_of_a_team_that_pages_has_a_clock():
    recorded = replace(OPS, record_only=True)
    for one, team in ((replace(PAGED, state=IncidentState.ACKNOWLEDGED), OPS), (PAGED, recorded)):
        assert seen(rings(one, team, "02:15")) == (None, 0, 0, None)
        assert timed(one, team).step_due_at is None
    assert begin(PAGED, recorded, at("02:15"), IncidentReason.AGAIN).incident.step_due_at is None


def test_the_place_is_told_where_there_are_several():
    assert place(PAGED, TWO) == "step 1 of 2, round 1 of 2"
    assert place(replace(PAGED, step=5, round=1), TWO) == "step 2 of 2, round 2 of 2"
    assert place(PAGED, replace(OPS, rounds=3)) == "round 1 of 3"
    assert place(replace(PAGED, round=2), TWO) == ""


def test_after_the_last_round_the_first_step_has_the_reminders():
    last = rings(replace(PAGED, round=1, step=1), TWO, "02:20")
    assert (last.exhausted, *seen(last)) == (True, None, 2, 0, at("02:40"))


# --- nudges ---

NUDGED = replace(TWO, nudge=2 * MINUTE)


def test_a_nudge_pages_the_step_again_within_its_wait():
    tonight = Night(roster(route(NUDGED)))
    tonight.post("02:10", fires("02:09"))
    tonight.until("02:25")
    assert [line.split()[0] for line in tonight.said] == [
        *("02:10", "02:12", "02:14"),  # alice
        *("02:15", "02:17", "02:19", "02:21", "02:23"),  # bob
        "02:25",
    ]


def test_a_nudge_is_no_step():
    change = rings(PAGED, NUDGED, "02:12")
    assert (*seen(change), change.incident.paged) == (Trigger.NUDGE, 0, 0, at("02:14"), 2)
    assert (change.incident.step_at, change.incident.step_sent_at) == (at("02:10"), at("02:10"))


def test_a_nudge_waits_for_the_page_before_it():
    change = rings(PAGED, NUDGED, "02:12", unsent="alice")
    assert (*seen(change), change.reason) == (None, 0, 0, at("02:14"), IncidentReason.UNSENT)
    assert seen(rings(incident(), NUDGED, "02:12")) == (None, 0, 0, at("02:14"))


def test_a_page_that_one_of_them_awaits_keeps_nobody_else_from_a_nudge_or_a_reminder():
    both = replace(NUDGED, steps=(Step(page=(ALICE, BOB)),), rounds=1)
    for one, rung in ((PAGED, Trigger.NUDGE), (replace(PAGED, round=1), Trigger.REMINDER)):
        assert seen(rings(one, both, "02:40" if one.round else "02:12", unsent="alice carol"))[0] == rung
        assert seen(rings(one, both, "02:40" if one.round else "02:12", unsent="alice bob"))[0] is None


# --- the timer, from what is stored ---


@pytest.mark.parametrize(
    ("one", "team", "expected"),
    [
        (incident(), TWO, "02:15"),
        (incident(), NUDGED, "02:12"),
        (PAGED, TWO, "02:15"),
        (replace(PAGED, last_paged_at=at("02:12")), NUDGED, "02:14"),
        (replace(PAGED, last_paged_at=at("02:14")), NUDGED, "02:15"),
        (replace(PAGED, step_sent_at=at("02:12")), NUDGED, "02:14"),  # what was paged last belongs to the step before
        (incident(), replace(TWO, nudge=HOUR), "02:15"),  # no nudge is awaited beyond the wait
        (replace(PAGED, round=2), TWO, "02:40"),
        (incident(step_at=None), TWO, "02:15"),  # of an older version
        (replace(PAGED, flap_due_at=at("02:11")), TWO, "02:11"),
        (replace(PAGED, round=2, flap_due_at=at("02:50")), replace(TWO, repeat_interval=timedelta(0)), "02:50"),
    ],
)
def test_when_the_clock_is_looked_at_next(one, team, expected):
    assert timed(one, team).step_due_at == at(expected)


def test_what_flaps_is_looked_at_in_time_whatever_its_timer_does():
    flaps = replace(PAGED, flap_due_at=at("02:18"))
    assert seen(rings(flaps, TWO, "02:15")) == (Trigger.STEP, 0, 1, at("02:18"))
    assert seen(rings(flaps, TWO, "02:15", muted=True)) == (None, 0, 0, at("02:18"))
    assert seen(rings(flaps, QUIET, "02:15")) == (None, 1, 0, at("02:18"))


# --- it comes back ---


def test_what_comes_back_goes_on_with_the_step_it_was_at():
    """Closed from 02:18 to 02:21, two minutes before the next step was due."""
    second = replace(PAGED, step=1, step_at=at("02:10"))
    change = resume(second, TWO, at("02:21"), IncidentReason.AGAIN, away=3 * MINUTE)
    assert (change.pages, *seen(change)) == (True, None, 0, 1, at("02:23"))
    assert (change.incident.step_at, change.incident.step_sent_at) == (at("02:13"), at("02:13"))
    unsent = replace(second, step_sent_at=None)
    assert resume(unsent, TWO, at("02:21"), IncidentReason.AGAIN, away=3 * MINUTE).incident.step_sent_at is None


@pytest.mark.parametrize("one", [replace(PAGED, round=2), incident(step_at=None), replace(PAGED, step=1)])
def test_what_had_been_through_all_rounds_or_nowhere_begins_anew(one):
    team = replace(TWO, steps=(TWO.steps[0], Step(page=(NOBODY,)))) if one.step else TWO
    assert seen(resume(one, team, at("02:21"), IncidentReason.AGAIN, away=MINUTE)) == (None, 0, 0, at("02:26"))


# --- nobody was reached ---


def bad(one: Incident, team: Team, *, refused: bool = False, round_reached: bool = False) -> Incident:
    return unreached(one, team=team, refused=refused, round_reached=round_reached, now=at("02:11")).incident


def test_a_step_that_reached_nobody_is_over_at_once():
    for one in (PAGED, incident()):
        moved = bad(one, TWO)
        assert moved.step_due_at == at("02:11")
        assert seen(rings(moved, TWO, "02:11")) == (Trigger.STEP, 0, 1, at("02:21"))


def test_a_new_round_waits_as_long_as_the_step_would():
    for one in (replace(PAGED, step=1), incident(step=1)):
        assert bad(one, TWO).step_due_at == at("02:20")
        late = unreached(one, team=TWO, refused=False, round_reached=False, now=at("02:30")).incident
        assert late.step_due_at == at("02:30"), "not in the past"


def test_a_step_whose_sms_are_lost_is_paged_anew_at_once_before_a_new_round():
    """In a step before the last the next one comes all the same; where no SMS can leave, its page waits."""
    last = replace(PAGED, step=1)
    lost = unreached(last, team=TWO, refused=False, round_reached=False, now=at("02:11"), lost=True).incident
    assert lost.step_due_at == at("02:11")
    assert seen(rings(lost, TWO, "02:11")) == (Trigger.ANEW, 0, 1, at("02:21"))
    earlier = unreached(PAGED, team=TWO, refused=False, round_reached=False, now=at("02:11"), lost=True).incident
    assert seen(rings(earlier, TWO, "02:11"))[0] is Trigger.STEP


def test_a_number_that_is_refused_ends_the_rounds_where_nobody_was_reached():
    assert (bad(PAGED, OPS, refused=True).round, bad(PAGED, OPS, refused=True).step_due_at) == (1, at("02:40"))
    assert bad(PAGED, QUIET, refused=True).step_due_at is None
    assert bad(replace(PAGED, step=1), TWO, refused=True, round_reached=True).round == 0
    assert bad(PAGED, TWO, refused=True).step_due_at == at("02:11")


def test_a_reminder_that_reached_nobody_is_followed_by_the_next_one():
    assert bad(replace(PAGED, round=2), TWO).step_due_at == at("02:40")


# --- reminders ---


def test_reminders_come_every_interval_for_a_day_and_stop():
    tonight = Night(roster(route(replace(OPS, repeat_interval=timedelta(hours=6)))))
    tonight.post("02:10", fires("02:09"))
    tonight.post("08:00", fires("02:09"))
    tonight.until("+3 00:00")
    assert tonight.said == [
        "02:10 ops CRITICAL #1",
        "08:10 ops CRITICAL STILL #1",
        "14:10 ops CRITICAL STILL #1",
        "20:10 ops CRITICAL STILL #1",
        "+1 02:10 ops CRITICAL STILL #1",
    ]
    assert tonight.incidents[1].step_due_at is None


def test_the_day_of_reminders_starts_when_the_mute_ends():
    team = replace(OPS, repeat_interval=HOUR, remind_max=2 * HOUR)
    tonight = Night(roster(route(team, mute_time_intervals=daily("00:00", "06:00"))))
    tonight.post("00:10", fires("00:09"))
    tonight.until("06:00")
    tonight.until("12:00")
    assert tonight.said[1:] == ["07:00 ops CRITICAL STILL #1", "08:00 ops CRITICAL STILL #1"]


def test_the_day_of_reminders_starts_anew_with_each_return():
    tonight = Night(roster(route(replace(OPS, repeat_interval=HOUR, remind_max=HOUR))))
    tonight.post("02:10", fires("02:09"))
    tonight.post("02:50", over("02:49"))
    tonight.post("03:00", fires("02:59"))
    tonight.until("09:00")
    assert tonight.said[2:] == ["03:00 ops CRITICAL AGAIN #1", "04:00 ops CRITICAL STILL #1"]


def test_the_interval_counts_from_the_page_that_ovh_accepted():
    late = replace(PAGED, round=1, last_paged_at=at("02:14"))
    assert seen(rings(late, OPS, "02:40")) == (None, 1, 0, at("02:44"))
    assert seen(rings(late, OPS, "02:44")) == (Trigger.REMINDER, 2, 0, at("03:14"))


def test_a_page_still_on_its_way_is_not_doubled_by_a_reminder():
    for unsent, muted, why in (("alice", False, IncidentReason.UNSENT), ("", True, IncidentReason.MUTED)):
        change = rings(replace(PAGED, round=1), OPS, "02:40", unsent=unsent, muted=muted)
        assert (*seen(change), change.reason) == (None, 1, 0, at("02:45"), why)


def test_a_reminder_goes_to_whoever_is_there():
    team = replace(TWO, steps=(Step(page=(NOBODY,)), *TWO.steps))
    assert seen(rings(replace(PAGED, round=2), team, "02:40")) == (Trigger.REMINDER, 3, 1, at("03:10"))
    empty = replace(TWO, steps=(Step(page=(NOBODY,)),))
    assert seen(rings(replace(PAGED, round=2), empty, "02:40")) == (None, 2, 0, at("02:45"))


def test_a_reload_can_end_reminders():
    change = rings(replace(PAGED, round=1), QUIET, "02:40")
    assert (*seen(change), change.reason) == (None, 1, 0, None, IncidentReason.TIMER)
    assert change.incident.reason is IncidentReason.FIRING
