from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from alertsms.core.alerts.alert import Severity
from alertsms.core.incidents.incident import Change, Incident, IncidentReason, IncidentState
from alertsms.core.incidents.intake import receive
from alertsms.core.incidents.lifecycle import Arrival, release
from alertsms.core.schedules.team import Team
from tests.core.night import DBA, OPS, QUIET, Night, at, daily, fires, incident, over, roster, route

HOUR = timedelta(hours=1)


def night(**rules) -> Night:
    return Night(roster(route(QUIET), **rules))


# --- it fires after it closed ---


def test_a_late_copy_is_held_and_paged_after_two_minutes_unless_resolved_again():
    tonight = night()
    tonight.post("02:10", fires("02:09"))
    tonight.post("02:20", over("02:19"))
    tonight.post("02:21:59", fires("02:09"))
    assert tonight.states() == ["#1 ops held (late_copy)"]
    tonight.post("02:23", fires("02:09"))  # one more copy changes nothing
    tonight.until("02:23:58")
    assert tonight.said == ["02:10 ops CRITICAL #1", "02:20 ops OK #1"]
    tonight.until("02:24")
    assert tonight.said[2:] == ["02:23 ops CRITICAL AGAIN #1"]
    assert tonight.states() == ["#1 ops open (released)"]
    assert (tonight.incidents[1].begun_at, tonight.incidents[1].starts_at) == (at("02:23:59"), at("02:09"))


def test_a_late_copy_that_is_resolved_again_was_just_that():
    tonight = night()
    tonight.post("02:10", fires("02:09"))
    tonight.post("02:20", over("02:19"))
    tonight.post("02:20:10", fires("02:09"))
    tonight.post("02:20:20", over("02:19"))  # the other one of the pair resolves too: nobody hears it twice
    tonight.until("05:00")
    assert tonight.said == ["02:10 ops CRITICAL #1", "02:20 ops OK #1"]
    assert tonight.states() == ["#1 ops closed (resolved)"]
    assert tonight.incidents[1].episode == 0


def test_a_later_start_is_no_late_copy():
    tonight = night()
    tonight.post("02:10", fires("02:09"))
    tonight.post("02:20", over("02:19"))
    tonight.post("02:20:30", fires("02:20"))
    assert tonight.said[2:] == ["02:20 ops CRITICAL AGAIN #1"]
    assert (tonight.incidents[1].starts_at, tonight.incidents[1].episode) == (at("02:20"), 1)


def test_a_later_start_pages_what_was_held_as_a_late_copy():
    tonight = night()
    tonight.post("02:10", fires("02:09"))
    tonight.post("02:20", over("02:19"))
    tonight.post("02:20:10", fires("02:09"))
    tonight.post("02:21", fires("02:20:30"))
    assert tonight.said[2:] == ["02:21 ops CRITICAL AGAIN #1"]
    assert tonight.states() == ["#1 ops open (again)"]
    assert tonight.incidents[1].starts_at == at("02:20:30")
    tonight.until("02:30")
    assert len(tonight.said) == 3


@pytest.mark.parametrize(("before", "after"), [(None, "02:09"), ("02:09", None), (None, None)])
def test_an_unknown_start_proves_no_copy(before, after):
    tonight = night()
    tonight.post("02:10", fires(before))
    tonight.post("02:20", over(None))
    tonight.post("02:20:10", fires(after))
    assert tonight.said[2:] == ["02:20 ops CRITICAL AGAIN #1"]


@pytest.mark.parametrize("copy", ["02:09:01", "02:18:59"])
def test_a_copy_of_the_other_sender_of_a_pair_need_not_start_at_the_same_second(copy):
    """It started before the end that was posted: it tells of what is over."""
    tonight = night()
    tonight.post("02:10", fires("02:09"))
    tonight.post("02:20", over("02:19"))
    tonight.post("02:20:03", fires(copy))
    tonight.post("02:20:06", fires("02:09"))
    assert tonight.states() == ["#1 ops held (late_copy)"]
    tonight.post("02:20:13", over("02:19"))
    tonight.until("05:00")
    assert tonight.said == ["02:10 ops CRITICAL #1", "02:20 ops OK #1"]


def test_the_known_end_tells_a_late_copy_where_no_start_is_known():
    tonight = night()
    tonight.post("02:10", fires(None))
    tonight.post("02:20", over("02:19"))
    tonight.post("02:20:10", fires("02:09"))
    assert tonight.states() == ["#1 ops held (late_copy)"]


def test_a_sender_that_was_cut_off_comes_back_with_its_old_start_and_pages():
    tonight = night()
    tonight.post("02:10", fires("02:09"))
    tonight.post("02:15", over("02:14"))  # nothing was heard of it any more
    tonight.post("02:25", fires("02:09"))
    assert tonight.said[2:] == ["02:25 ops CRITICAL AGAIN #1"]


# --- a reload moves its route ---

MOVED = roster(route(DBA, ""))


def moved(copy: str, *, by_hand: bool = False) -> Night:
    """It ends in one team; a copy of it comes to another."""
    tonight = night()
    tonight.post("02:10", fires("02:09"))
    tonight.post("02:20", over(None if by_hand else "02:19"))
    tonight.roster = MOVED
    tonight.post("02:20:03", fires(copy))
    return tonight


@pytest.mark.parametrize(("copy", "by_hand"), [("02:09", False), ("02:09:01", False), ("02:09", True)])
def test_a_late_copy_that_a_reload_sends_to_another_team_is_held_there(copy, by_hand):
    tonight = moved(copy, by_hand=by_hand)
    tonight.post("02:20:05", fires("02:09"))
    assert tonight.states()[1:] == ["#2 dba held (late_copy)"]
    tonight.post("02:20:13", over("02:19"))
    tonight.until("02:24")
    assert tonight.states()[1:] == ["#2 dba closed (resolved)"]
    assert tonight.said == ["02:10 ops CRITICAL #1", "02:20 ops OK #1"]


def test_one_that_nobody_resolves_again_pages_that_team_for_the_first_time():
    tonight = moved("02:09:01")
    tonight.until("02:23")
    assert tonight.said[2:] == ["02:22 dba CRITICAL #2"]
    assert tonight.incidents[2].ends_at is None


def test_a_later_start_pages_that_team_at_once():
    tonight = moved("02:09:01")
    tonight.post("02:20:30", fires("02:20"))
    assert tonight.said[2:] == ["02:20 dba CRITICAL #2"]


def test_in_a_mute_of_that_team_it_is_held_on():
    tonight = moved("02:09:01")
    tonight.roster = roster(
        route(replace(DBA, repeat_interval=timedelta(0)), mute_time_intervals=daily("02:21", "06:00"))
    )
    tonight.until("02:30")
    assert tonight.states()[1:] == ["#2 dba held (muted)"]
    tonight.until("06:00")
    assert tonight.said[2:] == ["06:00 dba CRITICAL #2"]


def test_what_ended_longer_ago_opens_at_once_in_another_team():
    tonight = night()
    tonight.post("02:10", fires("02:09"))
    tonight.post("02:20", over("02:19"))
    tonight.roster = MOVED
    tonight.post("02:22", fires("02:09"))
    assert tonight.said[2:] == ["02:22 dba CRITICAL #2"]


def test_a_late_copy_in_a_team_that_had_the_alert_long_ago_retires_that_number():
    tonight = Night(roster(route(DBA)))
    tonight.post("00:10", fires("00:09"))
    tonight.post("00:20", over("00:19"))
    tonight.roster = roster(route(QUIET))
    tonight.post("02:10", fires("02:09"))
    tonight.post("02:20", over("02:19"))
    tonight.roster = MOVED
    tonight.post("02:20:03", fires("02:09"))
    assert tonight.states()[2:] == ["#3 dba held (late_copy)"]
    assert tonight.retired == {1}


def test_an_earlier_start_is_a_late_copy_too():
    tonight = night()
    tonight.post("02:10", fires("02:09"))
    tonight.post("02:20", over("02:19"))
    tonight.post("02:20:10", fires("01:00"))
    assert tonight.states() == ["#1 ops held (late_copy)"]


def test_two_minutes_after_the_end_the_same_start_is_back():
    tonight = night()
    tonight.post("02:10", fires("02:09"))
    tonight.post("02:20", over("02:19"))
    tonight.post("02:22", fires("02:09"))
    assert tonight.said[2:] == ["02:22 ops CRITICAL AGAIN #1"]


def test_what_only_went_stale_is_back_at_once():
    tonight = night()
    tonight.post("02:10", fires("02:09"))
    tonight.goes_stale(1, "+3 02:10")
    tonight.post("+3 02:11", fires("02:09"))
    assert tonight.said == ["02:10 ops CRITICAL #1", "+3 02:11 ops CRITICAL AGAIN #1"]


def test_within_the_flap_window_the_number_re_opens_later_a_new_one_opens():
    tonight = night()
    tonight.post("02:10", fires("02:09"))
    tonight.post("02:20", over("02:19"))
    tonight.post("02:34:59", fires("02:34"))
    tonight.post("02:40", over("02:39"))
    tonight.post("02:55", fires("02:54"))
    assert tonight.said == [
        "02:10 ops CRITICAL #1",
        "02:20 ops OK #1",
        "02:34 ops CRITICAL AGAIN #1",
        "02:40 ops OK #1",
        "02:55 ops CRITICAL #2",
    ]
    assert tonight.retired == {1}
    assert (tonight.incidents[1].paged, tonight.incidents[2].paged, tonight.incidents[2].episode) == (2, 1, 0)


def test_the_flap_window_is_the_rosters():
    tonight = night(flap_window=HOUR)
    tonight.post("02:10", fires("02:09"))
    tonight.post("02:20", over("02:19"))
    tonight.post("03:19", fires("03:18"))
    assert tonight.said[2:] == ["03:19 ops CRITICAL AGAIN #1"]


def test_a_return_forgets_the_end_and_how_the_last_episode_was_told():
    tonight = night()
    tonight.post("02:10", fires("02:09", fields={"annotations": {"summary": "hot"}}))
    tonight.incidents[1] = replace(tonight.incidents[1], round=2)
    tonight.post("02:20", over("02:19", fields={"annotations": {"grafana_state_reason": "Paused"}}))
    tonight.accepting = False
    tonight.post("02:25", fires("02:24", fields={"annotations": {"summary": "hotter"}}))
    one = tonight.incidents[1]
    assert (one.ends_at, one.closed_at, one.last_paged_at, one.round) == (None, None, None, 0)
    assert (one.begun_at, one.opened_at, one.last_seen_at) == (at("02:25"), at("02:10"), at("02:25"))
    assert one.annotations == {"summary": "hotter"}


def test_a_closing_time_that_is_missing_is_the_last_mention():
    arrival = Arrival(alert=fires("03:18"), team=OPS, severity=Severity.CRITICAL, muted=False)
    for closed_at, last_seen_at in ((None, "02:20"), ("02:20", "02:50")):
        old = incident(
            state=IncidentState.CLOSED,
            reason=IncidentReason.RESOLVED,
            closed_at=closed_at and at(closed_at),
            last_seen_at=at(last_seen_at),
        )
        assert receive(old, arrival, now=at("03:19"), flap_window=HOUR).incident.id == 42
        assert receive(old, arrival, now=at("03:20"), flap_window=HOUR).incident.id == 0


@pytest.mark.parametrize(
    ("reason", "state"),
    [
        (IncidentReason.RESOLVED, IncidentState.HELD),
        (IncidentReason.RESOLVED_BY_HAND, IncidentState.HELD),
        (IncidentReason.STALE, IncidentState.OPEN),
        (IncidentReason.VANISHED, IncidentState.OPEN),
    ],
)
def test_a_copy_may_be_late_where_somebody_said_that_it_is_over(reason, state):
    over_by = incident(state=IncidentState.CLOSED, reason=reason, closed_at=at("02:20"), latest_start=at("02:09"))
    assert returned(over_by, since="02:09", now="02:21").incident.state is state


def test_its_step_goes_on_where_it_stood_when_it_ended():
    """Paged at 02:10, over from 02:13 to 02:25: two of its five minutes are left."""
    paged = incident(
        state=IncidentState.CLOSED, reason=IncidentReason.RESOLVED, closed_at=at("02:13"), step_sent_at=at("02:10")
    )
    assert returned(paged).incident.step_due_at == at("02:27")


# --- acknowledged ---

HAD = incident(
    state=IncidentState.CLOSED,
    reason=IncidentReason.RESOLVED,
    closed_at=at("02:20"),
    acked_by="alice",
    acked_at=at("02:12"),
)


def returned(
    known: Incident, *, team: Team = OPS, muted: bool = False, since: str = "02:24", now: str = "02:25"
) -> Change:
    arrival = Arrival(alert=fires(since), team=team, severity=Severity.CRITICAL, muted=muted)
    return receive(known, arrival, now=at(now), flap_window=HOUR)


@pytest.mark.parametrize("timeout", [None, HOUR])
def test_a_snooze_holds_until_its_time_over_an_end_and_a_return(timeout):
    change = returned(replace(HAD, snoozed_until=at("03:00")), team=replace(OPS, ack_timeout=timeout))
    assert (change.incident.state, change.incident.acked_by, change.pages) == (
        IncidentState.ACKNOWLEDGED,
        "alice",
        False,
    )
    assert change.incident.step_due_at == at("03:00")


@pytest.mark.parametrize("until", [None, "02:24"])
def test_an_acknowledgement_was_for_the_episode_that_ended(until):
    """Whoever had it believes it to be over by now: they are paged with the first step."""
    one = replace(HAD, snoozed_until=until and at(until), round=0, step=1, step_sent_at=at("02:11"), acked_by="bob")
    change = returned(one, team=replace(OPS, steps=(*OPS.steps, *DBA.steps), ack_timeout=timedelta(0)))
    assert (change.incident.state, change.incident.reason, change.pages) == (
        IncidentState.OPEN,
        IncidentReason.AGAIN,
        True,
    )
    assert (change.incident.step, change.also) == (0, "bob")
    assert (change.incident.acked_by, change.incident.acked_at, change.incident.snoozed_until) == ("", None, None)


def test_muted_it_is_nobodys_and_whoever_had_it_is_paged_when_the_mute_ends():
    held = returned(HAD, muted=True).incident
    assert (held.state, held.reason, held.acked_at) == (IncidentState.HELD, IncidentReason.MUTED, None)
    change = release(held, team=OPS, muted=False, now=at("06:00"))
    assert (change.pages, change.also, change.incident.acked_by) == (True, "alice", "")


def test_acknowledged_it_pages_again_when_it_comes_back():
    tonight = night()
    tonight.post("02:10", fires("02:09"))
    tonight.acknowledge(1)
    tonight.post("02:20", over("02:19"))
    tonight.post("02:25", fires("02:24"))
    assert tonight.states() == ["#1 ops open (again)"]
    assert tonight.said == ["02:10 ops CRITICAL #1", "02:20 ops OK #1", "02:25 ops CRITICAL AGAIN #1"]


def test_acknowledged_each_time_it_pages_twice_more_and_then_flaps():
    tonight = night()
    for minute in (10, 20, 30):
        tonight.post(f"02:{minute}", fires(f"02:{minute - 1:02}"))
        tonight.acknowledge(1)
        tonight.post(f"02:{minute + 5}", over(f"02:{minute + 4}"))
    assert [line for line in tonight.said if "CRITICAL" in line] == [
        "02:10 ops CRITICAL #1",
        "02:20 ops CRITICAL AGAIN #1",
        "02:30 ops CRITICAL AGAIN #1",
    ]
    assert [line for line in tonight.said if "FLAPPING" in line] == ["02:35 ops FLAPPING #1"]
    assert tonight.states() == ["#1 ops acknowledged (again)"]


def test_a_late_copy_that_was_real_pages_whoever_had_what_ended():
    held = incident(state=IncidentState.HELD, reason=IncidentReason.LATE_COPY, acked_by="alice", closed_at=at("02:20"))
    change = release(held, team=OPS, muted=False, now=at("02:22"))
    assert (change.incident.state, change.incident.reason) == (IncidentState.OPEN, IncidentReason.RELEASED)
    assert (change.pages, change.also, change.incident.episode) == (True, "alice", 1)


def test_a_team_that_only_records_pages_nobody_for_a_return():
    change = returned(HAD, team=replace(OPS, record_only=True))
    assert (change.pages, change.also, change.incident.state) == (False, "", IncidentState.OPEN)


def test_a_new_incident_after_the_window_is_nobodys_yet():
    tonight = night()
    tonight.post("02:10", fires("02:09"))
    tonight.acknowledge(1)
    tonight.post("02:20", over("02:19"))
    tonight.post("03:00", fires("02:59"))
    assert tonight.said[2:] == ["03:00 ops CRITICAL #2"]
    assert tonight.incidents[2].acked_by == ""


# --- muted ---


def muted_until(end: str) -> Night:
    return Night(roster(route(QUIET, mute_time_intervals=daily("00:00", end))))


def test_what_fires_in_a_mute_is_recorded_and_pages_when_the_mute_ends():
    tonight = muted_until("06:00")
    tonight.post("02:10", fires("02:09"))
    tonight.post("02:40", fires("02:09"))
    tonight.until("05:59")
    assert (tonight.said, tonight.states()) == ([], ["#1 ops held (muted)"])
    assert (tonight.incidents[1].paged, tonight.incidents[1].last_seen_at) == (0, at("02:40"))
    tonight.until("06:00")
    assert tonight.said == ["06:00 ops CRITICAL #1"]
    assert tonight.states() == ["#1 ops open (released)"]
    assert (tonight.incidents[1].begun_at, tonight.incidents[1].opened_at) == (at("06:00"), at("02:10"))


def test_a_mention_after_the_mute_pages_even_before_anybody_looked():
    held = incident(state=IncidentState.HELD, reason=IncidentReason.MUTED, paged=0, step_due_at=None)
    alert = fires(None, fields={"receiver": "new"})
    arrival = Arrival(alert=alert, team=OPS, severity=Severity.CRITICAL, muted=False)
    change = receive(held, arrival, now=at("06:00"), flap_window=HOUR)
    assert (change.pages, change.incident.state, change.reason) == (True, IncidentState.OPEN, IncidentReason.RELEASED)
    assert (change.incident.paged, change.incident.last_seen_at) == (1, at("06:00"))
    assert change.incident.receiver == "new"


def test_what_is_resolved_while_muted_never_pages():
    tonight = muted_until("06:00")
    tonight.post("02:10", fires("02:09"))
    tonight.post("02:20", over("02:19"))
    tonight.until("07:00")
    assert tonight.states() == ["#1 ops closed (resolved)"]
    assert [line for line in tonight.said if "CRITICAL" in line] == []


def test_a_mute_that_begins_does_not_close_or_hold_what_is_open():
    tonight = Night(roster(route(QUIET, mute_time_intervals=daily("03:00", "06:00"))))
    tonight.post("02:10", fires("02:09"))
    tonight.post("03:10", fires("02:09"))
    assert tonight.states() == ["#1 ops open (firing)"]
    tonight.post("03:20", over("03:19"))
    assert tonight.said == ["02:10 ops CRITICAL #1", "03:20 ops OK #1"]


def test_what_comes_back_in_a_mute_is_held_and_pages_as_again_when_it_ends():
    tonight = Night(roster(route(QUIET, mute_time_intervals=daily("02:22", "06:00"))))
    tonight.post("02:10", fires("02:09"))
    tonight.post("02:20", over("02:19"))
    tonight.post("02:25", fires("02:24"))
    assert tonight.states() == ["#1 ops held (muted)"]
    tonight.until("06:00")
    assert tonight.said[2:] == ["06:00 ops CRITICAL AGAIN #1"]


def test_a_late_copy_whose_two_minutes_end_in_a_mute_is_held_on():
    tonight = Night(roster(route(QUIET, mute_time_intervals=daily("02:22", "06:00"))))
    tonight.post("02:10", fires("02:09"))
    tonight.post("02:20:30", over("02:19"))
    tonight.post("02:21", fires("02:09"))
    tonight.until("02:30")
    assert tonight.states() == ["#1 ops held (muted)"]
    tonight.until("06:00")
    assert tonight.said[2:] == ["06:00 ops CRITICAL AGAIN #1"]


def test_a_late_copy_proved_real_in_a_mute_is_held_on():
    tonight = Night(roster(route(QUIET, mute_time_intervals=daily("02:22", "06:00"))))
    tonight.post("02:10", fires("02:09"))
    tonight.post("02:21", over("02:20"))
    tonight.post("02:21:30", fires("02:09"))
    tonight.post("02:22:30", fires("02:22"))
    assert tonight.states() == ["#1 ops held (muted)"]


def test_a_mute_that_still_holds_changes_nothing():
    held = incident(state=IncidentState.HELD, reason=IncidentReason.MUTED)
    assert release(held, team=OPS, muted=True, now=at("03:00")) == Change(
        incident=held, reason=IncidentReason.MUTED, write=False
    )
