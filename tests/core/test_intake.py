from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from alertsms.core.alerts.payload import parse
from alertsms.core.incidents.incident import IncidentReason, IncidentState
from alertsms.core.incidents.intake import decide
from alertsms.core.schedules.team import Team
from tests.core.bodies import am, entry
from tests.core.night import DBA, QUIET, Night, at, daily, fires, incident, over, roster, route

QUIET_DBA = replace(DBA, repeat_interval=timedelta(0))
BOTH = route(QUIET, "", route(QUIET, continue_=True), route(QUIET_DBA))


def night(tree=None) -> Night:
    return Night(roster(tree or route(QUIET)))


# --- one body, one alert, several entries ---


def test_an_alert_listed_twice_is_one_incident_and_one_page():
    tonight = night()
    decision = tonight.post("02:10", fires("02:09"), fires("02:09"))
    (change,) = decision.changes.values()
    assert (change.pages, change.write, change.reason, change.incident.state) == (
        True,
        True,
        IncidentReason.FIRING,
        IncidentState.OPEN,
    )
    assert tonight.said == ["02:10 ops CRITICAL #1"]


def test_an_alert_listed_with_two_starts_is_one_page_and_the_later_start_counts():
    tonight = night()
    tonight.post("02:10", fires("02:07"), fires("02:09"))
    assert tonight.said == ["02:10 ops CRITICAL #1"]
    assert (tonight.incidents[1].starts_at, tonight.incidents[1].latest_start) == (at("02:07"), at("02:09"))


def test_an_alert_listed_twice_that_comes_after_the_window_retires_the_old_number_once():
    tonight = night()
    tonight.post("02:10", fires("02:09"))
    tonight.post("02:20", over("02:19"))
    tonight.post("04:10", fires("04:08"), fires("04:09"))
    assert tonight.said[2:] == ["04:10 ops CRITICAL #2"]
    assert tonight.retired == {1}


@pytest.mark.parametrize("ends", [("02:19", "02:19"), ("02:19", "02:18"), ("02:19", "02:01"), ("02:01", "02:19")])
def test_a_resolution_listed_twice_closes_once(ends):
    """One of them may be an old one: it neither stops the other nor takes it back."""
    tonight = night()
    tonight.post("02:10", fires("02:09"))
    decision = tonight.post("02:20", *map(over, ends))
    (change,) = decision.changes.values()
    assert (change.closes, change.tells, change.write) == (0, True, True)
    assert tonight.states() == ["#1 ops closed (resolved)"]
    assert tonight.incidents[1].ends_at == at("02:19")
    assert tonight.said[1:] == ["02:20 ops OK #1"]


REPLICAS = [
    # the start of what fires, the end of what is resolved
    ("02:09", "02:19"),
    ("02:19", "02:19"),
    (None, "02:19"),
    ("02:20", None),
    ("02:09", None),
]


@pytest.mark.parametrize(("start", "end"), REPLICAS)
def test_an_alert_that_fires_and_is_resolved_in_one_body_fires(start, end):
    """Two replicas that ignore_labels makes one alert may differ, and nobody knows which of them is right."""
    for body in ([fires(start), over(end)], [over(end), fires(start)]):
        tonight = night()
        tonight.post("02:20", fires("02:09"))
        tonight.post("02:21", *body)
        assert tonight.states() == ["#1 ops open (firing)"]
        tonight.until("03:00")
        assert tonight.said == ["02:20 ops CRITICAL #1"]


def test_of_several_that_fire_the_first_start_contradicts_a_resolution():
    for starts in (["02:09", "02:20"], ["02:20", "02:09"], ["02:20", None], [None, "02:20"]):
        tonight = night()
        tonight.post("02:20", fires("02:09"))
        tonight.post("02:21", over("02:19"), *map(fires, starts))
        assert tonight.said == ["02:20 ops CRITICAL #1"]


def test_an_alert_that_ended_and_came_back_in_one_body_is_back():
    """AGAIN says that it was over: an OK beside it would only confuse."""
    for body in ([fires("02:20"), over("02:19")], [over("02:19"), fires("02:20")]):
        tonight = night()
        tonight.post("02:10", fires("02:09"))
        decision = tonight.post("02:21", *body)
        (change,) = decision.changes.values()
        assert (change.closes, change.pages, change.tells) == (0, True, False)
        assert tonight.said == ["02:10 ops CRITICAL #1", "02:21 ops CRITICAL AGAIN #1"]


def test_what_came_back_into_a_mute_says_ok_now_and_pages_later():
    tonight = night(route(QUIET, mute_time_intervals=daily("02:20", "06:00")))
    tonight.post("02:10", fires("02:09"))
    tonight.post("02:21", over("02:19"), fires("02:20"))
    tonight.until("06:00")
    assert tonight.said[1:] == ["02:21 ops OK #1", "06:00 ops CRITICAL AGAIN #1"]


@pytest.mark.parametrize(("ahead", "state"), [("+1 02:10", "open (firing)"), ("+1 02:10:01", "closed (resolved)")])
def test_a_start_more_than_a_day_ahead_is_unknown(ahead, state):
    """Kept, it would make each true end look like one of before."""
    tonight = night()
    tonight.post("02:10", fires(ahead))
    tonight.post("02:20", over("02:19"))
    assert tonight.states() == [f"#1 ops {state}"]


def test_one_alerts_resolution_says_nothing_about_another():
    tonight = night()
    tonight.post("02:10", fires("02:09"), fires("02:09", instance="web-02"))
    tonight.post("02:20", over("02:19"), fires("02:09", instance="web-02"))
    assert tonight.states() == ["#1 ops closed (resolved)", "#2 ops open (firing)"]


def test_sixteen_equal_bodies_at_one_moment_page_once():
    tonight = night()
    (alert,) = parse(am(entry())).alerts
    for _ in range(16):
        tonight.post("02:10", alert)
    assert tonight.said == ["02:10 ops CRITICAL #1"]


# --- routes and teams ---


def test_a_resolution_closes_every_teams_incident_whatever_the_routes_say_now():
    tonight = night(BOTH)
    tonight.post("02:10", fires("02:09"))
    other = Team(name="new", repeat_interval=timedelta(0))
    tonight.roster = roster(route(other, mute_time_intervals=daily("00:00", "06:00")))
    tonight.post("02:20", over("02:19"))
    assert tonight.states() == ["#1 ops closed (resolved)", "#2 dba closed (resolved)"]
    assert tonight.said[2:] == ["02:20 ops OK #1", "02:20 dba OK #2"]


def test_an_old_resolution_leaves_the_one_team_open_and_closes_the_other():
    tonight = night(BOTH)
    tonight.post("02:10", fires("02:09"))
    tonight.incidents[2] = replace(tonight.incidents[2], latest_start=at("02:30"))
    tonight.post("02:40", over("02:20"))
    assert tonight.states() == ["#1 ops closed (resolved)", "#2 dba open (firing)"]


def test_the_team_that_may_be_told_now_goes_before_the_muted_one():
    """A person of both is paged through the first one, not held with the second."""
    muted = route(QUIET, continue_=True, mute_time_intervals=daily("00:00", "06:00"))
    decision = night(route(QUIET, "", muted, route(QUIET_DBA))).post("02:10", fires("02:09"))
    assert [(change.incident.team, change.pages) for change in decision.changes.values()] == [
        ("dba", True),
        ("ops", False),
    ]


OTHERS = [
    (IncidentState.OPEN, {7}),
    (IncidentState.ACKNOWLEDGED, {7}),
    (IncidentState.HELD, set()),  # what it paged was over before
    (IncidentState.CLOSED, set()),
]


@pytest.mark.parametrize(("state", "others"), OTHERS)
def test_whom_another_teams_open_incident_paged_is_not_paged_again(state, others):
    alert = fires("02:09")
    reason = IncidentReason.LATE_COPY if state is IncidentState.HELD else IncidentReason.FIRING
    known = {alert.key: {"dba": incident(id=7, key=alert.key, team="dba", state=state, reason=reason)}}
    assert decide([alert], known, roster(), at("02:20")).others == others


def test_a_teams_own_incident_is_none_of_the_others():
    """It is open by what the store knows, over and back by this body: its people are paged again."""
    alert = fires("02:20")
    known = {alert.key: {"ops": incident(id=7, key=alert.key)}}
    decision = decide([over("02:19"), alert], known, roster(), at("02:21"))
    assert [change.pages for change in decision.changes.values()] == [True]
    assert decision.others == set()


def test_what_pages_nobody_asks_for_no_others():
    alert = fires("02:09")
    known = {alert.key: {"ops": incident(key=alert.key), "dba": incident(id=7, key=alert.key, team="dba")}}
    assert decide([alert], known, roster(), at("02:20")).others == set()


def test_always_firing_alerts_rest_and_are_counted():
    tonight = night()
    decision = tonight.post("02:10", fires("02:09"), fires("02:09", alertname="Watchdog"), fires(None, severity="none"))
    assert len(decision.resting) == 2
    assert tonight.said == ["02:10 ops CRITICAL #1"]


def test_a_team_moved_by_a_reload_opens_an_incident_of_its_own():
    tonight = night()
    tonight.post("02:10", fires("02:09"))
    tonight.roster = roster(route(QUIET_DBA))
    decision = tonight.post("02:20", fires("02:09"))
    assert tonight.states() == ["#1 ops open (firing)", "#2 dba open (firing)"]
    assert decision.others == {1}


def test_the_severity_and_the_window_are_the_rosters():
    tonight = Night(roster(route(QUIET), severity_label="level", flap_window=timedelta(hours=1)))
    tonight.post("02:10", fires("02:09", level="warning"))
    tonight.post("02:20", over("02:19", level="warning"))
    tonight.post("03:10", fires("03:09", level="warning"))
    assert tonight.said == ["02:10 ops WARNING #1", "02:20 ops OK #1", "03:10 ops WARNING AGAIN #1"]


def test_matchers_see_the_receiver():
    tonight = night(route(QUIET, "", route(QUIET_DBA, "__receiver__=db")))
    tonight.post("02:10", fires("02:09", fields={"receiver": "db"}))
    assert tonight.said == ["02:10 dba CRITICAL #1"]


def test_a_start_far_ahead_does_not_keep_an_alert_from_ending():
    tonight = night()
    tonight.post("02:10", replace(fires("02:09"), starts_at=at("02:09") + timedelta(days=36500)))
    tonight.post("02:12", fires("02:09"))
    tonight.post("02:20", over("02:19"))
    assert tonight.incidents[1].state is IncidentState.CLOSED
