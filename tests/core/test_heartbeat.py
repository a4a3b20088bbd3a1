from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from alertsms.core.alerts.alert import AlertStatus, Format, Severity
from alertsms.core.incidents.heartbeat import (
    Beats,
    Heartbeat,
    HeartbeatState,
    HeartbeatStatus,
    back,
    due,
    look,
    missing,
    resume,
)
from alertsms.core.incidents.intake import decide
from alertsms.core.routing.matcher import parse_matchers
from tests.core.night import DBA, OPS, Night, at, daily, fires, over, roster, route

MINUTE = timedelta(minutes=1)
WATCHDOG = Heartbeat(name="prometheus", matchers=parse_matchers('alertname="Watchdog"'), every=MINUTE, grace=4 * MINUTE)
BACKUP = Heartbeat(name="backup", every=timedelta(days=1), grace=timedelta(hours=2), team=DBA)
ALL = {"prometheus": WATCHDOG, "backup": BACKUP}


def standing(
    state: HeartbeatState = HeartbeatState.WELL,
    since: str = "02:10",
    seen: str | None = "02:10",
    name: str = "prometheus",
):
    return HeartbeatStatus(name=name, state=state, last_seen_at=seen and at(seen), silent_since=at(since))


# --- what time makes of it ---

SILENCES = [
    # state, looked at, then
    (HeartbeatState.WELL, "02:11", HeartbeatState.WELL),
    (HeartbeatState.WELL, "02:12:59", HeartbeatState.WELL),
    (HeartbeatState.WELL, "02:13", HeartbeatState.LATE),
    (HeartbeatState.LATE, "02:13", HeartbeatState.LATE),
    (HeartbeatState.LATE, "02:14:59", HeartbeatState.LATE),
    (HeartbeatState.LATE, "02:15", HeartbeatState.MISSING),
    (HeartbeatState.WELL, "02:15", HeartbeatState.MISSING),
    (HeartbeatState.WAITING, "02:12:59", HeartbeatState.WAITING),
    (HeartbeatState.WAITING, "02:13", HeartbeatState.LATE),
    (HeartbeatState.WAITING, "02:15", HeartbeatState.MISSING),
    (HeartbeatState.MISSING, "+1 02:15", HeartbeatState.MISSING),
    (HeartbeatState.BACK, "02:10", HeartbeatState.WELL),
    (HeartbeatState.ENDED, "02:10", HeartbeatState.MISSING),
]


@pytest.mark.parametrize(("state", "now", "then"), SILENCES)
def test_silence_makes_it_late_halfway_through_its_grace_and_missing_after_it(state, now, then):
    known = standing(state)
    after = look(known, WATCHDOG, at(now))
    assert after == replace(known, state=then)
    assert (after is known) == (then is state)


def test_without_grace_it_is_missing_at_once():
    assert look(standing(), replace(WATCHDOG, grace=timedelta(0)), at("02:11")).state is HeartbeatState.MISSING


@pytest.mark.parametrize(
    ("state", "when"),
    [
        (HeartbeatState.WAITING, "02:13"),
        (HeartbeatState.WELL, "02:13"),
        (HeartbeatState.LATE, "02:15"),
        (HeartbeatState.MISSING, None),
        (HeartbeatState.BACK, "02:10"),
        (HeartbeatState.ENDED, "02:10"),
    ],
)
def test_it_is_known_when_time_changes_it_next(state, when):
    known = standing(state)
    next_at = due(known, WATCHDOG)
    assert next_at == (when and at(when))
    if next_at:
        assert look(known, WATCHDOG, next_at).state is not state


# --- what is heard ---


@pytest.mark.parametrize(
    ("state", "then"),
    [
        (HeartbeatState.WAITING, HeartbeatState.WELL),
        (HeartbeatState.WELL, HeartbeatState.WELL),
        (HeartbeatState.LATE, HeartbeatState.BACK),
        (HeartbeatState.MISSING, HeartbeatState.BACK),
        (HeartbeatState.BACK, HeartbeatState.BACK),
        (HeartbeatState.ENDED, HeartbeatState.WELL),
    ],
)
def test_hearing_of_it_begins_anew_and_tells_where_somebody_was_told(state, then):
    now = at("02:20")
    after = Beats(refreshed=frozenset({"prometheus"})).after(standing(state), now)
    assert after == HeartbeatStatus(name="prometheus", state=then, last_seen_at=now, silent_since=now)


@pytest.mark.parametrize("state", HeartbeatState)
def test_its_end_makes_it_missing_at_once_and_only_once(state):
    after = Beats(ended=frozenset({"prometheus"})).after(standing(state), at("02:10"))
    assert after.state is (HeartbeatState.MISSING if state is HeartbeatState.MISSING else HeartbeatState.ENDED)
    assert look(after, WATCHDOG, at("02:10")).state is HeartbeatState.MISSING
    assert after.last_seen_at == at("02:10")


def test_a_body_that_says_both_of_one_refreshes_it():
    body = Beats(refreshed=frozenset({"prometheus"}), ended=frozenset({"prometheus"}))
    assert body.after(standing(), at("02:20")).state is HeartbeatState.WELL
    assert Beats(ended=frozenset({"prometheus"})).after(standing(), at("02:20")).state is HeartbeatState.ENDED
    assert Beats(refreshed=frozenset({"other"})).after(standing(), at("02:20")) == standing()
    assert not Beats()


# --- our own absence ---

ABSENCES = [
    # heartbeat, its state, silent since, we run again, and silence counts from
    (WATCHDOG, HeartbeatState.WELL, "02:10", "02:10:05", "02:10:05"),
    (WATCHDOG, HeartbeatState.WELL, "02:10", "04:00", "04:00"),
    (WATCHDOG, HeartbeatState.WAITING, "02:10", "04:00", "04:00"),
    (WATCHDOG, HeartbeatState.LATE, "02:10", "04:00", "04:00"),
    (WATCHDOG, HeartbeatState.MISSING, "02:10", "04:00", "02:10"),
    (WATCHDOG, HeartbeatState.ENDED, "02:10", "04:00", "02:10"),
    (BACKUP, HeartbeatState.WELL, "02:10", "23:00", "02:10"),  # the next one is not expected before 00:10
    (BACKUP, HeartbeatState.WELL, "02:10", "+1 00:10", "02:10"),
    (BACKUP, HeartbeatState.WELL, "02:10", "+1 00:11", "+1 00:11"),
]


@pytest.mark.parametrize(("beat", "state", "since", "start", "then"), ABSENCES)
def test_what_may_have_come_while_we_were_away_is_no_silence(beat, state, since, start, then):
    after = resume(standing(state, since), beat, at(start))
    assert (after.state, after.silent_since, after.last_seen_at) == (state, at(then), at("02:10"))


# --- what it is called ---


def test_the_alert_says_which_one_and_for_how_long():
    alert = missing(standing(HeartbeatState.LATE), at("02:15"))
    assert (alert.status, alert.labels, alert.place) == (
        AlertStatus.FIRING,
        {"alertname": "HeartbeatMissing", "heartbeat": "prometheus", "severity": "critical"},
        "prometheus",
    )
    assert alert.annotations == {"summary": "not heard of for 5 min"}
    assert missing(standing(HeartbeatState.ENDED), at("02:10")).annotations == {
        "summary": "its alert, which fires always, was resolved"
    }
    assert missing(standing(seen=None), at("02:15")).annotations == {"summary": "never heard of, for 5 min"}
    assert back("prometheus").key == alert.key != back("backup").key


# --- bodies ---


def watching(**fields) -> Night:
    return Night(roster(route(OPS, "", route(DBA, 'alertname="Watchdog"')), heartbeats=ALL, **fields))


def test_an_alert_that_is_a_heartbeat_opens_nothing_whatever_the_routes_say():
    tonight = watching()
    decision = tonight.post("02:10", fires("02:09", alertname="Watchdog"), fires("02:09"))
    assert decision.beats == Beats(refreshed=frozenset({"prometheus"}))
    assert decision.beating == ["Watchdog"]
    assert tonight.said == ["02:10 ops CRITICAL #1"]


def test_a_resolved_one_is_over_unless_the_same_body_says_that_it_fires():
    gone, other = over("02:09", alertname="Watchdog"), fires("02:09", alertname="Watchdog", prometheus="b")
    assert watching().post("02:10", gone).beats == Beats(ended=frozenset({"prometheus"}))
    for body in ([gone, other], [other, gone]):
        assert watching().post("02:10", *body).beats == Beats(refreshed=frozenset({"prometheus"}))


def test_an_incident_from_before_it_was_a_heartbeat_still_ends():
    tonight = watching()
    beats, tonight.roster = tonight.roster, roster(route(OPS, 'alertname="Watchdog"'))
    tonight.post("02:10", fires("02:09", alertname="Watchdog"))
    tonight.roster = beats
    tonight.post("02:20", over("02:19", alertname="Watchdog"))
    assert tonight.states() == ["#1 ops closed (resolved)"]


def test_one_alert_may_refresh_several():
    both = roster(heartbeats={"a": replace(WATCHDOG, name="a"), "b": replace(WATCHDOG, name="b")})
    assert decide([fires("02:09", alertname="Watchdog")], {}, both, at("02:10")).beats.refreshed == {"a", "b"}


def test_a_missing_one_pages_its_own_team_also_where_a_route_is_muted():
    muted = route(OPS, "", route(DBA, 'severity="critical"', mute_time_intervals=daily("00:00", "06:00")))
    tonight = Night(roster(muted, heartbeats=ALL))
    decision = tonight.post("02:10", missing(standing(name="backup"), at("02:10")))
    assert tonight.said == ["02:10 dba CRITICAL #1"]
    assert list(decision.via.values()) == ['route heartbeat="backup"']


def test_one_without_a_team_pages_as_the_routes_say():
    named = route(OPS, "", route(DBA, 'heartbeat="prometheus"'))
    tonight = Night(roster(named, heartbeats=ALL))
    tonight.post("02:10", missing(standing(), at("02:10")))
    tonight.post("02:20", back("prometheus"))
    tonight.post("02:21", missing(standing(), at("02:21")))
    assert tonight.said == ["02:10 dba CRITICAL #1", "02:20 dba OK #1", "02:21 dba CRITICAL AGAIN #1"]


def test_no_sender_can_speak_for_us():
    rules = roster(heartbeats=ALL)
    labels = {"alertname": "HeartbeatMissing", "heartbeat": "backup", "__source__": "alertmanager"}
    assert [each.team.name for each in rules.assign(labels, at("02:10"))] == ["ops"]
    assert rules.assign(labels | {"__source__": Format.ALERTSMS}, at("02:10"))[0].team is DBA


def test_that_one_is_missing_refreshes_no_other():
    eager = replace(WATCHDOG, matchers=parse_matchers('severity="critical"'))
    alert = missing(standing(name="backup"), at("02:10"))
    decision = decide([alert], {}, roster(heartbeats={"prometheus": eager, "backup": BACKUP}), at("02:10"))
    assert not decision.beats
    assert [change.incident.severity for change in decision.changes.values()] == [Severity.CRITICAL]
