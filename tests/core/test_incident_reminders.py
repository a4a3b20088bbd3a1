from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from alertsms.core.incident import Reason, State, remind, unreached
from alertsms.core.team import Team
from tests.core.night import OPS, QUIET, Night, at, daily, fires, incident, over, roster, route

HOUR = timedelta(hours=1)


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


def test_the_default_is_every_half_hour():
    tonight = Night()
    tonight.post("02:10", fires("02:09"))
    tonight.until("03:15")
    assert tonight.said[1:] == ["02:40 ops CRITICAL STILL #1", "03:10 ops CRITICAL STILL #1"]


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


def test_an_acknowledged_incident_reminds_nobody():
    change = remind(incident(state=State.ACKNOWLEDGED), team=OPS, muted=False, unsent=False, now=at("02:40"))
    assert (change.pages, change.incident.step_due_at) == (False, None)


def test_a_reload_can_end_reminders():
    for team in (QUIET, Team(name="ops", record_only=True)):
        change = remind(incident(), team=team, muted=False, unsent=False, now=at("02:40"))
        assert (change.pages, change.incident.step_due_at, change.reason) == (False, None, Reason.TIMER)
        assert change.incident.reason is Reason.FIRING


def test_the_interval_counts_from_the_page_that_ovh_accepted():
    late = incident(last_paged_at=at("02:14"))
    change = remind(late, team=OPS, muted=False, unsent=False, now=at("02:40"))
    assert (change.pages, change.incident.step_due_at) == (False, at("02:44"))
    change = remind(late, team=OPS, muted=False, unsent=False, now=at("02:44"))
    assert (change.pages, change.reminds, change.incident.step_due_at) == (True, True, at("03:14"))
    assert change.incident.paged == 2


def test_a_page_still_on_its_way_is_not_doubled_by_a_reminder():
    for unsent, muted, why in ((True, False, Reason.UNSENT), (False, True, Reason.MUTED)):
        change = remind(incident(), team=OPS, muted=muted, unsent=unsent, now=at("02:40"))
        assert (change.pages, change.incident.step_due_at, change.incident.paged) == (False, at("02:45"), 1)
        assert change.reason is why


def test_a_reminder_of_what_nobody_was_told_is_a_first_page():
    change = remind(incident(), team=OPS, muted=False, unsent=False, now=at("02:40"))
    assert (change.pages, change.reminds) == (True, False)


# --- nobody was reached ---


def rounds(team: Team, **said: bool) -> list[tuple[int, object]]:
    """The round and timer after each time that nobody was reached, paging each time it rings."""
    one, found = incident(step_due_at=None), []
    for _ in range(3):
        one = unreached(one, team=team, **{"refused": False, "silent": False} | said, now=at("02:11")).incident
        found.append((one.round, one.step_due_at))
    return found


def test_three_rounds_follow_at_once_then_the_reminder():
    assert rounds(OPS) == [(1, at("02:11")), (2, at("02:11")), (0, at("02:41"))]


def test_a_round_waits_where_ovh_may_have_the_message():
    assert rounds(OPS, silent=True) == [(1, at("02:16")), (2, at("02:16")), (0, at("02:41"))]


def test_a_refused_number_is_not_tried_again_before_the_reminder():
    assert rounds(OPS, refused=True) == [(0, at("02:41"))] * 3
    assert rounds(QUIET, refused=True) == [(0, None)] * 3


@pytest.mark.parametrize("team", [OPS, QUIET, replace(OPS, remind_max=timedelta(0))])
def test_a_round_pages_whatever_the_reminders_are_set_to(team):
    one = unreached(incident(), team=team, refused=False, silent=False, now=at("02:11")).incident
    change = remind(one, team=team, muted=False, unsent=False, now=at("02:11"))
    assert (change.pages, change.reminds, change.incident.paged, change.incident.round) == (True, False, 2, 1)


def test_a_round_waits_for_the_end_of_a_mute():
    change = remind(incident(round=1), team=OPS, muted=True, unsent=False, now=at("02:11"))
    assert (change.pages, change.incident.step_due_at, change.incident.round) == (False, at("02:16"), 1)
