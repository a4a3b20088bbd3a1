from __future__ import annotations

from dataclasses import replace

import pytest

from alertsms.core.alerts.alert import Severity
from alertsms.core.incidents.incident import Change, Incident, IncidentReason, IncidentState, close
from alertsms.core.incidents.lifecycle import resolve
from alertsms.core.schedules.team import Team
from tests.core.night import DBA, QUIET, Night, at, daily, fires, incident, over, roster, route


def night(**rules) -> Night:
    return Night(roster(route(QUIET), **rules))


# --- it fires, it goes on, it ends ---


def test_an_alert_pages_once_and_its_resolution_says_ok_once():
    tonight = night()
    tonight.post("02:10", fires("02:09"))
    tonight.post("02:10:15", fires("02:09"))  # the other half of an HA pair
    tonight.post("02:15", fires("02:09"), fires("02:14", instance="web-02"))  # the group grew
    tonight.post("06:10", fires("02:09"), fires("02:14", instance="web-02"))  # Alertmanager's own repeat
    tonight.post("06:20", over("06:19"))
    tonight.post("06:20:15", over("06:19"))
    assert tonight.said == ["02:10 ops CRITICAL #1", "02:15 ops CRITICAL #2", "06:20 ops OK #1"]
    assert tonight.states() == ["#1 ops closed (resolved)", "#2 ops open (firing)"]


def test_a_resolution_of_what_was_never_open_does_nothing():
    tonight = night()
    assert tonight.post("02:10", over("02:09")).changes == {}


def test_an_incident_remembers_what_its_alert_said():
    tonight = night()
    words = {"annotations": {"summary": "hot"}, "place": "web-01", "truncated": 3, "receiver": "pager"}
    tonight.post("02:10", fires("02:09", fields=words, severity="warning"))
    one = tonight.incidents[1]
    assert (one.labels["instance"], one.annotations, one.place) == ("web-01", {"summary": "hot"}, "web-01")
    assert (one.truncated, one.receiver, one.source, one.severity) == (3, "pager", "alertmanager", Severity.WARNING)
    assert (one.starts_at, one.latest_start, one.opened_at) == (at("02:09"), at("02:09"), at("02:10"))
    assert (one.last_seen_at, one.closed_at, one.ends_at) == (at("02:10"), None, None)
    assert (one.episode, one.round, one.acked_by) == (0, 0, "")


def test_an_incident_without_particulars_is_new_and_has_nothing_to_add():
    bare = {
        "key": b"k",
        "team": "ops",
        "state": IncidentState.OPEN,
        "reason": IncidentReason.FIRING,
        "severity": Severity.CRITICAL,
    }
    one = Incident(**bare, labels={}, opened_at=at("02:10"), last_seen_at=at("02:10"))
    assert (one.id, one.truncated, one.episode, one.round, one.paged) == (0, 0, 0, 0, 0)


def test_the_words_that_stand_in_the_store_last():
    assert list(IncidentState) == ["open", "held", "acknowledged", "closed"]
    assert list(IncidentReason) == [
        "firing",
        "again",
        "unposted",
        "muted",
        "late_copy",
        "known",
        "released",
        "resolved",
        "old_resolution",
        "stale",
        "test",
        "acknowledged",
        "snoozed",
        "ack_timeout",
        "snooze_over",
        "left",
        "suppressed",
        "quiet",
        "vanished",
        "resolved_by_hand",
        "flapping",
        "timer",
        "flaps",
        "steady",
        "unsent",
        "unanswered",
        "remind_max",
    ]


@pytest.mark.parametrize("moved", ["02:01", "02:14", None])
def test_an_open_incident_stays_that_incident_where_its_start_hardly_moves(moved):
    """Alertmanager keeps the earliest start of several, and a blip moves it to a little later."""
    tonight = night()
    tonight.post("02:10", fires("02:09"))
    tonight.post("03:31", fires(moved))
    assert tonight.said == ["02:10 ops CRITICAL #1"]
    assert tonight.incidents[1].starts_at == at("02:09")
    assert tonight.incidents[1].latest_start == max(at("02:09"), at(moved or "02:09"))


def test_a_start_that_comes_later_fills_in_an_unknown_one():
    tonight = night()
    tonight.post("02:10", fires(None))
    assert tonight.incidents[1].latest_start is None
    tonight.post("02:10:05", fires("02:09"))
    assert (tonight.incidents[1].starts_at, tonight.incidents[1].latest_start) == (at("02:09"), at("02:09"))
    tonight.post("02:20", fires(None))
    assert (tonight.incidents[1].starts_at, tonight.incidents[1].latest_start) == (at("02:09"), at("02:09"))


def test_a_mention_is_written_down_once_a_minute_with_its_newest_words():
    tonight = night()
    tonight.post("02:10", fires("02:09", fields={"place": "rack 4", "annotations": {"summary": "90 %"}}))
    soon = tonight.post("02:10:59", fires("02:09", fields={"annotations": {"summary": "95 %"}}))
    assert [change.write for change in soon.changes.values()] == [False]
    tonight.post("02:11", fires("02:09", fields={"annotations": {"summary": "99 %"}, "truncated": 2, "receiver": "b"}))
    one = tonight.incidents[1]
    assert (one.last_seen_at, one.annotations["summary"], one.truncated) == (at("02:11"), "99 %", 2)
    assert (one.place, one.receiver) == ("rack 4", "b")  # a place is not lost to a body that could not tell it
    tonight.post("02:12:30", fires("02:09", fields={"place": "rack 5"}))
    assert tonight.incidents[1].place == "rack 5"


def test_a_later_start_is_written_down_at_once():
    """Else a late copy of the resolution before it would close what fires now."""
    tonight = night()
    tonight.post("02:10", fires("02:09"))
    tonight.post("02:10:20", fires("02:10"))
    tonight.post("02:10:40", over("02:09:30"))
    assert tonight.states() == ["#1 ops open (firing)"]


# --- resolutions ---


@pytest.mark.parametrize(
    ("ends", "state"),
    [("02:08:59", "open (firing)"), ("02:09", "closed (resolved)"), (None, "closed (resolved)")],
)
def test_a_resolution_older_than_the_start_is_a_late_copy(ends, state):
    tonight = night()
    tonight.post("02:10", fires("02:09"))
    tonight.post("02:20", over(ends))
    assert tonight.states() == [f"#1 ops {state}"]


def test_any_resolution_closes_what_has_no_known_start():
    tonight = night()
    tonight.post("02:10", fires(None))
    tonight.post("02:20", over("01:00"))
    assert tonight.states() == ["#1 ops closed (resolved)"]


def test_a_resolution_keeps_the_senders_end_and_only_grafanas_reason_of_its_words():
    tonight = night()
    tonight.post("02:10", fires("02:09", fields={"annotations": {"summary": "hot", "description": "very"}}))
    ended = {"annotations": {"summary": "cool", "grafana_state_reason": "Paused"}}
    tonight.post("02:20", over("02:19", fields=ended))
    one = tonight.incidents[1]
    assert one.annotations == {"summary": "hot", "description": "very", "grafana_state_reason": "Paused"}
    assert (one.ends_at, one.closed_at, one.last_seen_at) == (at("02:19"), at("02:20"), at("02:20"))
    assert one.step_due_at is None


def test_a_resolution_ends_the_present_episode():
    change = resolve(incident(episode=3), over(None), at("02:20"))
    assert change
    assert (change.closes, change.tells, change.pages, change.reason) == (3, True, False, IncidentReason.RESOLVED)
    assert change.write
    assert change.incident.step_due_at is None


def test_what_is_closed_is_not_closed_again():
    assert (
        resolve(incident(state=IncidentState.CLOSED, reason=IncidentReason.RESOLVED), over(None), at("02:20")) is None
    )


def test_a_late_copy_of_a_resolution_needs_no_write():
    change = resolve(incident(latest_start=at("02:09")), over("02:08"), at("02:20"))
    assert change == Change(
        incident=incident(latest_start=at("02:09")), reason=IncidentReason.OLD_RESOLUTION, write=False
    )


def test_going_stale_closes_without_a_word():
    tonight = night()
    tonight.post("02:10", fires("02:09"))
    tonight.goes_stale(1, "+3 02:11")
    assert tonight.said == ["02:10 ops CRITICAL #1"]
    assert tonight.states() == ["#1 ops closed (stale)"]
    assert close(incident(episode=2), IncidentReason.STALE, at("02:20")).closes == 2


# --- a team that only records ---


def test_a_team_that_only_records_pages_nobody_and_reminds_nobody():
    record = Team(name="quiet", record_only=True)
    today = Night(roster(route(record, mute_time_intervals=daily("09:00", "10:00"))))
    today.post("02:10", fires("02:09"))
    assert today.incidents[1].step_due_at is None
    today.post("02:20", over("02:19"))
    today.post("02:30", fires("02:29"))
    today.post("09:30", fires("09:29", instance="web-02"))
    today.until("12:00")
    assert [line for line in today.said if "CRITICAL" in line] == []
    assert today.states() == ["#1 quiet open (again)", "#2 quiet open (released)"]
    assert [(one.paged, one.step_due_at) for one in today.incidents.values()] == [(0, None), (0, None)]


# --- Grafana's Test button ---


def test_the_test_button_gives_one_text_and_no_lasting_incident():
    tonight = night()
    pressed = fires("02:10", fields={"test": True})
    tonight.post("02:10", pressed)
    copy = tonight.post("02:10:15", pressed)
    assert [change.write for change in copy.changes.values()] == [False]
    tonight.post("02:50", pressed)
    assert tonight.said == ["02:10 ops CRITICAL #1"]
    assert tonight.states() == ["#1 ops closed (test)"]
    assert (tonight.incidents[1].closed_at, tonight.incidents[1].step_due_at) == (at("02:10"), None)


def test_the_test_button_is_answered_in_a_mute_too():
    tonight = Night(roster(route(QUIET, mute_time_intervals=daily("00:00", "06:00"))))
    tonight.post("02:10", fires("02:10", fields={"test": True}))
    assert tonight.said == ["02:10 ops CRITICAL #1"]


# --- two changes of one body ---

PAGED = Change(incident=incident(), reason=IncidentReason.FIRING, pages=True, retires=7)
CLOSED = close(incident(), IncidentReason.RESOLVED, at("02:20"))
MENTIONED = Change(incident=incident(last_seen_at=at("02:20")), reason=IncidentReason.KNOWN)
NOTHING = Change(incident=incident(), reason=IncidentReason.KNOWN, write=False)


def test_nothing_new_leaves_the_first_change_as_it_is():
    assert PAGED.then(NOTHING) == PAGED


def test_a_mention_keeps_the_page_and_the_place_of_the_first_change():
    both = PAGED.then(MENTIONED)
    assert (both.incident, both.pages, both.retires, both.write) == (MENTIONED.incident, True, 7, True)
    assert not MENTIONED.then(MENTIONED).pages


def test_a_closing_takes_the_page_back_and_tells():
    both = PAGED.then(CLOSED)
    assert (both.pages, both.closes, both.tells, both.incident.state) == (False, 0, True, IncidentState.CLOSED)


def test_a_page_that_it_is_back_stands_for_the_ok():
    both = CLOSED.then(PAGED)
    assert (both.pages, both.closes, both.tells, both.retires) == (True, 0, False, 7)
    assert CLOSED.then(MENTIONED).tells
    assert CLOSED.then(replace(CLOSED, closes=1)).closes == 1


def test_incidents_of_two_teams_are_two():
    tonight = Night(roster(route(QUIET, "", route(QUIET, "", continue_=True), route(DBA))))
    tonight.post("02:10", fires("02:09"))
    tonight.post("02:20", over("02:19"))
    assert tonight.said == ["02:10 ops CRITICAL #1", "02:10 dba CRITICAL #2", "02:20 ops OK #1", "02:20 dba OK #2"]
