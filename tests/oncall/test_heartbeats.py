"""Heartbeats from the first sign of life to the page about their silence, and back."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from alertsms.core.incidents.heartbeat import HeartbeatState
from alertsms.core.incidents.incident import NOBODY
from alertsms.store import heartbeats
from alertsms.store.schema import event_table, incident_table
from tests.support.house import ALICE, BOB, House, SimulatedClock, alert

MINUTE, HOUR = 60, 3600
PLAN = """
people: {alice: "+33612345678", bob: "+33698765432"}
teams:
  ops: {page: [alice], rounds: 1, repeat_interval: 0}
  dba: {page: [bob], rounds: 1, repeat_interval: 0, fallback: {channels: ["json://dba.test"]}}
route: {team: ops, routes: [{matchers: ['alertname="Watchdog"'], team: dba}]}
fallback: {channels: ["json://watch.test"]}
"""
WATCHED = f"""{PLAN}
heartbeats:
  - {{name: prometheus, matchers: ['alertname="Watchdog"'], every: 1m, grace: 4m}}
"""
BACKED_UP = f"""{PLAN}
heartbeats: [{{name: backup, every: 6m, grace: 2m, team: dba}}]
"""
BEAT = {"name": "Watchdog", "severity": "none"}


@pytest.fixture
def watched(url: str, clock: SimulatedClock) -> Iterator[House]:
    built = House(url, clock, WATCHED)
    yield built
    built.close()


@pytest.fixture
def backed_up(url: str, clock: SimulatedClock) -> Iterator[House]:
    built = House(url, clock, BACKED_UP)
    yield built
    built.close()


def beating(house: House, minutes: int) -> None:
    """The Watchdog comes each minute."""
    for _ in range(minutes):
        house.fire("prom-01", **BEAT)
        house.run(MINUTE)


def state(house: House, name: str = "prometheus") -> HeartbeatState:
    return house.app.store.read(heartbeats.every)[name].state


def posts(house: House, channel: str) -> list[str]:
    return [body.removeprefix("alertsms says of itself:\n") for url, _, body in house.posted if url == channel]


def test_a_heartbeat_that_comes_pages_nobody_though_a_route_names_it(watched):
    beating(watched, 30)
    assert (watched.texts, watched.posted, watched.rows(incident_table.c.id)) == ([], [], [])
    assert watched.rows(event_table.c.incident_id, event_table.c.reason, event_table.c.detail, event_table.c.count) == [
        (NOBODY, "heartbeat", "Watchdog", 30)
    ]


def test_silence_is_told_to_channels_halfway_and_pages_at_its_end_and_the_return_says_ok(watched):
    beating(watched, 3)
    watched.run(1 * MINUTE + 59)  # three minutes after the last one, but for a second
    assert (state(watched), watched.posted) == (HeartbeatState.WELL, [])
    watched.run(1)
    assert state(watched) is HeartbeatState.LATE
    assert posts(watched, "json://watch.test") == [
        "the heartbeat prometheus is late: not heard of for 3 min, after 5 min its team is paged"
    ]
    watched.run(1 * MINUTE + 59)
    assert watched.texts == []
    watched.run(1)
    assert watched.texts == ["CRITICAL HeartbeatMissing prometheus: not heard of for 5 min #1"]
    watched.run(7 * MINUTE)
    watched.fire("prom-01", **BEAT)
    watched.run(MINUTE)
    assert watched.texts[1:] == ["OK HeartbeatMissing prometheus after 7 min #1"]
    assert [message.receiver for message in watched.sandbox.accepted] == [ALICE, ALICE]
    assert state(watched) is HeartbeatState.WELL


@pytest.mark.one_store
def test_one_that_is_back_before_it_was_missing_is_told_to_channels_alone_and_once_an_hour(watched):
    beating(watched, 1)
    for _ in range(3):
        watched.run(3 * MINUTE)
        watched.fire("prom-01", **BEAT)
        watched.run(1)
    assert posts(watched, "json://watch.test") == [
        "the heartbeat prometheus is late: not heard of for 3 min, after 5 min its team is paged",
        "the heartbeat prometheus is back",
    ]
    beating(watched, 60)
    watched.run(2 * MINUTE)
    assert len(posts(watched, "json://watch.test")) == 3
    assert (watched.texts, watched.rows(incident_table.c.id)) == ([], [])


def test_one_that_was_never_heard_of_is_missing_too(watched):
    watched.run(5 * MINUTE)
    assert watched.texts == ["CRITICAL HeartbeatMissing prometheus: never heard of, for 5 min #1"]


def test_a_resolved_one_is_missing_now(watched):
    beating(watched, 2)
    watched.resolve("prom-01", **BEAT)
    watched.run(1)
    assert watched.texts == ["CRITICAL HeartbeatMissing prometheus: its alert, which fires always, was resolved #1"]
    watched.resolve("prom-01", **BEAT)
    watched.run(9 * MINUTE)
    watched.fire("prom-01", **BEAT)
    watched.run(1)
    assert watched.texts[1:] == ["OK HeartbeatMissing prometheus after 9 min #1"]


def test_an_end_that_was_taken_back_before_anybody_looked_tells_nobody(watched):
    beating(watched, 2)
    watched.resolve("prom-01", **BEAT)
    beating(watched, 2)
    assert (watched.texts, watched.posted) == ([], [])


def test_its_team_is_paged_and_its_channels_hear_that_it_is_late(backed_up):
    backed_up.run(7 * MINUTE)
    assert posts(backed_up, "json://dba.test") == [
        "the heartbeat backup is late: never heard of, for 7 min, after 8 min its team is paged"
    ]
    assert posts(backed_up, "json://watch.test") == []
    backed_up.run(1 * MINUTE)
    assert [(message.receiver, message.text) for message in backed_up.sandbox.accepted] == [
        (BOB, "CRITICAL HeartbeatMissing backup: never heard of, for 8 min #1")
    ]


def test_a_job_refreshes_its_own_by_a_url(backed_up):
    for _ in range(3):
        assert backed_up.client.get("/heartbeat/backup").status_code == 200
        backed_up.run(6 * MINUTE)
    assert (backed_up.texts, state(backed_up, "backup")) == ([], HeartbeatState.WELL)
    backed_up.run(2 * MINUTE)
    assert backed_up.texts == ["CRITICAL HeartbeatMissing backup: not heard of for 8 min #1"]
    assert backed_up.client.post("/heartbeat/backup", data=b"\xff whatever").status_code == 200
    backed_up.run(1)
    assert len(backed_up.texts) == 2


# --- restarts, and other times when we do not listen ---


def away(house: House, seconds: float) -> None:
    house.crash()
    house.clock.advance(seconds)
    house.kept_house = house.clock.ran
    house.start()


def test_our_own_absence_is_no_silence(watched):
    beating(watched, 2)
    away(watched, 3 * HOUR)
    watched.run(2 * MINUTE + 59)
    assert (watched.texts, watched.posted) == ([], [])
    watched.run(2 * MINUTE + 1)
    assert watched.texts == ["CRITICAL HeartbeatMissing prometheus: not heard of for 3 h 6 min #1"]


def test_a_restart_forgets_no_timer_of_what_is_not_expected_yet(backed_up):
    assert backed_up.client.get("/heartbeat/backup").status_code == 200
    for _ in range(4):
        backed_up.run(40)
        away(backed_up, 20)
    backed_up.run(4 * MINUTE - 1)
    assert backed_up.texts == []
    backed_up.run(1)
    assert backed_up.texts == ["CRITICAL HeartbeatMissing backup: not heard of for 8 min #1"]


def test_what_is_missing_stays_so_over_a_restart_and_pages_no_second_time(watched):
    watched.run(6 * MINUTE)
    away(watched, HOUR)
    watched.run(9 * MINUTE)
    assert len(watched.texts) == 1
    watched.fire("prom-01", **BEAT)
    watched.run(1)
    assert watched.texts[1:] == ["OK HeartbeatMissing prometheus after 1 h 10 min #1"]


@pytest.mark.parametrize("what", ["back", "ended"])
def test_what_was_heard_just_before_a_crash_is_told_after_it(watched, what):
    watched.run(6 * MINUTE if what == "back" else 1)
    if what == "back":
        watched.fire("prom-01", **BEAT)
    else:
        watched.resolve("prom-01", **BEAT)
    away(watched, 5)
    before = len(watched.texts)
    watched.run(1)
    said = {
        "back": "OK HeartbeatMissing prometheus after 1 min #1",
        "ended": "CRITICAL HeartbeatMissing prometheus: its alert, which fires always, was resolved #1",
    }
    assert watched.texts[before:] == [said[what]]


def test_a_while_in_which_we_hung_counts_as_absence(watched):
    beating(watched, 2)
    watched.clock.advance(20 * MINUTE)
    watched.run(2 * MINUTE + 59)
    assert (watched.texts, watched.posted) == ([], [])


@pytest.mark.parametrize("step", [2 * HOUR, -2 * HOUR])
def test_setting_the_clock_is_no_silence_and_no_sign_of_life(watched, step):
    beating(watched, 2)
    watched.clock.set_wall(step)
    watched.run(3 * MINUTE)
    assert watched.texts == []
    watched.run(3 * MINUTE)  # a clock that jumped ahead may look like an absence of ours
    assert len(watched.texts) == 1
    assert re.fullmatch("CRITICAL HeartbeatMissing prometheus: not heard of for [56] min #1", watched.texts[0])


# --- it stays an incident as long as it lasts ---


def test_what_is_missing_for_long_does_not_go_stale(watched):
    watched.reload(WATCHED + "stale_after: 2m\n")
    watched.run(10 * MINUTE)
    assert watched.rows(incident_table.c.state) == [("open",)]
    assert len(watched.texts) == 1


def test_what_is_missing_does_not_go_stale_when_the_clock_is_set_back(watched):
    watched.reload(WATCHED + "stale_after: 2m\n")
    watched.run(7 * MINUTE)
    watched.clock.set_wall(-2 * HOUR)
    watched.run(10 * MINUTE)
    assert watched.rows(incident_table.c.state) == [("open",)]
    assert len(watched.texts) == 1


def test_one_that_goes_missing_again_and_again_keeps_its_number(watched):
    watched.run(6 * MINUTE)
    beating(watched, 1)
    watched.run(5 * MINUTE)
    assert watched.texts == [
        "CRITICAL HeartbeatMissing prometheus: never heard of, for 5 min #1",
        "OK HeartbeatMissing prometheus after 1 min #1",
        "AGAIN CRITICAL HeartbeatMissing prometheus: not heard of for 5 min #1",
    ]


# --- reloads ---


def test_one_that_is_taken_out_of_the_file_is_over(watched):
    watched.run(6 * MINUTE)
    watched.reload(PLAN)
    watched.run(1)
    assert watched.texts[1:] == [
        "OK HeartbeatMissing prometheus after 1 min, not fixed: it is no heartbeat of the configuration any more #1"
    ]
    assert watched.app.store.read(heartbeats.every) == {}
    watched.run(9 * MINUTE)
    assert len(watched.texts) == 2


def test_new_waits_count_from_the_last_sign_of_life(watched):
    beating(watched, 2)
    watched.reload(WATCHED.replace("grace: 4m", "grace: 20m"))
    watched.run(9 * MINUTE)
    assert (watched.texts, watched.posted) == ([], [])
    watched.reload(WATCHED)
    watched.run(1)
    assert watched.texts == ["CRITICAL HeartbeatMissing prometheus: not heard of for 10 min #1"]


# --- what can be seen of it ---


def seen(house: House, name: str = "prometheus") -> float | None:
    series = "alertsms_heartbeat_last_seen_timestamp_seconds"
    return house.app.context.metrics.registry.get_sample_value(series, {"name": name})


def counted(house: House) -> dict[str, float | None]:
    states = ("waiting", "well", "late", "missing")
    return {each: number for each in states if (number := house.metric("heartbeats", state=each))}


def test_metrics_say_when_each_was_heard_of_and_count_them_by_state(watched):
    watched.run(1)
    assert (seen(watched), counted(watched)) == (None, {"waiting": 1})
    at = watched.clock().timestamp()
    beating(watched, 1)
    assert (seen(watched), counted(watched)) == (at, {"well": 1})
    assert (
        watched.app.context.metrics.registry.get_sample_value(
            "alertsms_heartbeat_missing_after_seconds", {"name": "prometheus"}
        )
        == 5 * MINUTE
    )
    watched.run(5 * MINUTE)
    assert (seen(watched), counted(watched)) == (at, {"missing": 1})
    watched.reload(PLAN)
    watched.run(1)
    assert (seen(watched), counted(watched)) == (None, {})


def test_a_house_without_heartbeats_looks_at_none(house):
    house.run(1)
    assert house.app.oncall.heartbeats.step() is None
    house.fire("prom-01", **BEAT)
    assert house.app.store.read(heartbeats.every) == {}


def test_other_alerts_of_the_body_page_as_ever(watched):
    assert watched.post(alert("prom-01", **BEAT), alert("web-01")).json["pages"] == 1


def test_of_several_that_go_missing_at_once_each_story_names_its_own(url, clock):
    names = [f"job{number}" for number in range(8)]
    beats = ", ".join(f"{{name: {name}, every: 6m, grace: 2m, team: dba}}" for name in names)
    house = House(url, clock, f"{PLAN}\nheartbeats: [{beats}]\n")
    house.run(20 * MINUTE)
    ways = [detail for kind, detail in house.rows(event_table.c.kind, event_table.c.detail) if kind == "paged"]
    house.close()
    assert [re.findall('heartbeat="(.+?)"', way) for way in ways] == [[name] for name in names]
