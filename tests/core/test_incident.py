from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from alertsms.core.alert import Severity
from alertsms.core.incident import Change, Incident, Reason, State, close, receive, release, remind, resolve, unreached
from alertsms.core.team import Team
from tests.core.night import DBA, OPS, Night, at, daily, fires, incident, over, roster, route

QUIET = replace(OPS, repeat_interval=timedelta(0))  # no reminders: stories about other things stay short
HOUR = timedelta(hours=1)


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
    bare = {"key": b"k", "team": "ops", "state": State.OPEN, "reason": Reason.FIRING, "severity": Severity.CRITICAL}
    one = Incident(**bare, labels={}, opened_at=at("02:10"), last_seen_at=at("02:10"))
    assert (one.id, one.truncated, one.episode, one.round, one.paged) == (0, 0, 0, 0, 0)


def test_the_words_that_stand_in_the_store_last():
    assert list(State) == ["open", "held", "acknowledged", "closed"]
    assert list(Reason) == [
        "firing", "again", "muted", "late_copy", "known", "released", "resolved", "old_resolution", "stale", "test",
    ]  # fmt: skip


@pytest.mark.parametrize("moved", ["02:01", "03:30", None])
def test_an_open_incident_stays_that_incident_wherever_its_start_moves(moved):
    """Alertmanager keeps the earliest start of several, and a restart moves it to later."""
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
    assert (change.closes, change.tells, change.pages, change.reason) == (3, True, False, Reason.RESOLVED)
    assert change.write
    assert change.incident.step_due_at is None


def test_what_is_closed_is_not_closed_again():
    assert resolve(incident(state=State.CLOSED, reason=Reason.RESOLVED), over(None), at("02:20")) is None


def test_a_late_copy_of_a_resolution_needs_no_write():
    change = resolve(incident(latest_start=at("02:09")), over("02:08"), at("02:20"))
    assert change == Change(incident=incident(latest_start=at("02:09")), reason=Reason.OLD_RESOLUTION, write=False)


def test_going_stale_closes_without_a_word():
    tonight = night()
    tonight.post("02:10", fires("02:09"))
    tonight.goes_stale(1, "+3 02:11")
    assert tonight.said == ["02:10 ops CRITICAL #1"]
    assert tonight.states() == ["#1 ops closed (stale)"]
    assert close(incident(episode=2), Reason.STALE, at("02:20")).closes == 2


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
    rules = {"team": OPS, "severity": Severity.CRITICAL, "muted": False, "flap_window": HOUR}
    for closed_at, last_seen_at in ((None, "02:20"), ("02:20", "02:50")):
        old = incident(state=State.CLOSED, reason=Reason.RESOLVED, closed_at=closed_at and at(closed_at),
                       last_seen_at=at(last_seen_at))  # fmt: skip
        assert receive(old, fires("03:18"), now=at("03:19"), **rules).incident.id == 42
        assert receive(old, fires("03:18"), now=at("03:20"), **rules).incident.id == 0


# --- acknowledged ---


def test_acknowledged_it_stays_so_when_it_comes_back_within_the_window():
    tonight = night()
    tonight.post("02:10", fires("02:09"))
    tonight.acknowledge(1)
    tonight.post("02:15", fires("02:09"))
    tonight.post("02:20", over("02:19"))
    tonight.post("02:25", fires("02:24"))
    assert tonight.states() == ["#1 ops acknowledged (again)"]
    assert (tonight.incidents[1].acked_by, tonight.incidents[1].step_due_at) == ("alice", None)
    assert [line for line in tonight.said if "CRITICAL" in line] == ["02:10 ops CRITICAL #1"]


def test_acknowledged_it_stays_so_after_a_late_copy_and_in_a_mute():
    for muted in (False, True):
        held = incident(state=State.HELD, reason=Reason.LATE_COPY, acked_by="alice")
        change = release(held, team=OPS, muted=muted, now=at("02:22"))
        assert (change.incident.state, change.incident.reason) == (State.ACKNOWLEDGED, Reason.RELEASED)
        assert not change.pages


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
    held = incident(state=State.HELD, reason=Reason.MUTED, paged=0, step_due_at=None)
    change = receive(
        held, fires(None, fields={"receiver": "new"}), team=OPS, severity=Severity.CRITICAL, muted=False,
        now=at("06:00"), flap_window=HOUR,
    )  # fmt: skip
    assert (change.pages, change.incident.state, change.reason) == (True, State.OPEN, Reason.RELEASED)
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
    held = incident(state=State.HELD, reason=Reason.MUTED)
    assert release(held, team=OPS, muted=True, now=at("03:00")) == Change(
        incident=held, reason=Reason.MUTED, write=False
    )


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
    tonight = muted_until("06:00")
    tonight.post("02:10", fires("02:10", fields={"test": True}))
    assert tonight.said == ["02:10 ops CRITICAL #1"]


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
        assert (change.pages, change.incident.step_due_at, change.reason) == (False, None, Reason.FIRING)


def test_the_interval_counts_from_the_page_that_ovh_accepted():
    late = incident(last_paged_at=at("02:14"))
    change = remind(late, team=OPS, muted=False, unsent=False, now=at("02:40"))
    assert (change.pages, change.incident.step_due_at) == (False, at("02:44"))
    change = remind(late, team=OPS, muted=False, unsent=False, now=at("02:44"))
    assert (change.pages, change.reminds, change.incident.step_due_at) == (True, True, at("03:14"))
    assert change.incident.paged == 2


def test_a_page_still_on_its_way_is_not_doubled_by_a_reminder():
    for unsent, muted in ((True, False), (False, True)):
        change = remind(incident(), team=OPS, muted=muted, unsent=unsent, now=at("02:40"))
        assert (change.pages, change.incident.step_due_at, change.incident.paged) == (False, at("02:45"), 1)


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


# --- two changes of one body ---

PAGED = Change(incident=incident(), reason=Reason.FIRING, pages=True, retires=7)
CLOSED = close(incident(), Reason.RESOLVED, at("02:20"))
MENTIONED = Change(incident=incident(last_seen_at=at("02:20")), reason=Reason.KNOWN)
NOTHING = Change(incident=incident(), reason=Reason.KNOWN, write=False)


def test_nothing_new_leaves_the_first_change_as_it_is():
    assert PAGED.then(NOTHING) == PAGED


def test_a_mention_keeps_the_page_and_the_place_of_the_first_change():
    both = PAGED.then(MENTIONED)
    assert (both.incident, both.pages, both.retires, both.write) == (MENTIONED.incident, True, 7, True)
    assert not MENTIONED.then(MENTIONED).pages


def test_a_closing_takes_the_page_back_and_tells():
    both = PAGED.then(CLOSED)
    assert (both.pages, both.closes, both.tells, both.incident.state) == (False, 0, True, State.CLOSED)


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
