"""An alert that ended and came back, of which only the return was posted: by its sender's own times it is back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from alertsms.core.incidents.acknowledge import AcknowledgedVia, Acknowledgement
from alertsms.core.incidents.escalation import decided
from alertsms.core.incidents.incident import IncidentReason, IncidentState, NotifiedPeople
from alertsms.core.incidents.lifecycle import began_anew, unposted
from tests.core.night import OPS, QUIET, Night, at, daily, fires, incident, over, roster, route

MINUTE = timedelta(minutes=1)


def night(*answers: tuple[str, str], tree=None) -> Night:
    """It fires from 02:09 on; somebody has it since 02:12."""
    tonight = Night(roster(tree or route(QUIET)))
    tonight.post("02:10", fires("02:09"))
    tonight.until("02:12")
    take(tonight, "02:12")
    return tonight


def take(tonight: Night, clock: str, *, until: str | None = None) -> None:
    now = at(clock)
    act = Acknowledgement(by="alice", via=AcknowledgedVia.LINK, now=now, written=now, until=until and at(until))
    tonight._save([act.change(tonight.incidents[1], OPS)], now)


def test_it_pages_again_under_its_number_and_is_nobodys():
    tonight = night()
    tonight.post("04:10", fires("04:09"))
    assert tonight.said[1:] == ["04:10 ops CRITICAL AGAIN #1"]
    assert tonight.states() == ["#1 ops open (unposted)"]
    one = tonight.incidents[1]
    assert (one.starts_at, one.latest_start, one.begun_at, one.episode) == (at("04:09"), at("04:09"), at("04:10"), 1)
    assert (one.acked_by, one.acked_at, one.step, one.closed_at) == ("", None, 0, None)


@pytest.mark.parametrize(
    ("known", "start"),
    [
        ({"latest_start": "02:09", "acked_at": "02:12"}, "02:17:00"),  # five minutes after the acknowledgement
        ({"latest_start": "02:20", "acked_at": "02:12"}, "02:25:00"),  # ... after the start before
        ({"latest_start": "02:09", "acked_at": "02:12", "begun_at": "02:30"}, "02:35:00"),  # ... after its return
    ],
)
def test_a_step_of_five_minutes_from_anything_that_is_known_is_the_same_episode(known, start):
    one = incident(
        state=IncidentState.ACKNOWLEDGED, acked_by="alice", **{name: at(when) for name, when in known.items()}
    )
    assert not began_anew(one, at(start), at("05:00"))
    assert began_anew(one, at(start) + timedelta(seconds=1), at("05:00"))


def test_small_steps_are_remembered_and_add_up_to_nothing():
    tonight = night()
    for minute in (13, 18, 23, 28, 33):
        tonight.post(f"02:{minute + 1}", fires(f"02:{minute}"))
    assert tonight.states() == ["#1 ops acknowledged (acknowledged)"]
    assert tonight.incidents[1].latest_start == at("02:33")


def test_an_older_start_and_an_unknown_one_say_nothing():
    tonight = night()
    tonight.post("03:10", fires("02:00"))
    tonight.post("03:12", fires(None))
    assert tonight.states() == ["#1 ops acknowledged (acknowledged)"]
    one = incident(state=IncidentState.ACKNOWLEDGED, acked_at=at("02:12"))
    assert not began_anew(one, at("04:00"), at("04:00")), "no start of it was ever known"


def test_a_snooze_holds_until_its_time():
    tonight = night()
    take(tonight, "02:13", until="04:00")
    tonight.post("03:10", fires("03:09"))
    assert (tonight.incidents[1].state, tonight.incidents[1].latest_start) == (IncidentState.ACKNOWLEDGED, at("03:09"))
    assert began_anew(tonight.incidents[1], at("04:01"), at("04:01"))


def test_what_nobody_took_is_back_long_after_its_last_page():
    tonight = Night(roster(route(QUIET)))
    tonight.post("02:10", fires("02:09"))
    tonight.post("02:16", fires("02:15"))  # no more than five minutes after the page
    tonight.post("02:26", fires("02:25"))
    assert tonight.said == ["02:10 ops CRITICAL #1", "02:26 ops CRITICAL AGAIN #1"]


def test_a_reminder_counts_as_known_of_it():
    one = incident(latest_start=at("02:09"), step_at=at("02:40"), last_paged_at=at("03:10"))
    assert not began_anew(one, at("03:15"), at("03:16"))
    assert began_anew(one, at("03:16"), at("03:16"))


def test_its_steps_go_on_where_nobody_had_it():
    one = incident(latest_start=at("02:09"), starts_at=at("02:09"), step_sent_at=at("02:10"), round=0)
    change = unposted(one, at("02:30"), team=OPS, muted=False, now=at("02:31"))
    assert (change.incident.step_at, change.also, change.pages) == (at("02:10"), "", True)


def test_in_a_mute_it_pages_when_that_ends_and_nobody_hears_an_ok():
    tonight = night(tree=route(QUIET, mute_time_intervals=daily("03:00", "06:00")))
    tonight.post("04:10", fires("04:09"))
    assert tonight.states() == ["#1 ops held (muted)"]
    tonight.until("06:00")
    assert tonight.said[1:] == ["06:00 ops CRITICAL AGAIN #1"]


def test_the_third_one_within_an_hour_flaps_and_stays_with_whoever_has_it():
    tonight = night()
    for minute in (20, 30):
        tonight.post(f"02:{minute}", fires(f"02:{minute - 1}"))
        take(tonight, f"02:{minute}:30")
    tonight.post("02:40", fires("02:39"))
    assert tonight.said[1:] == [
        "02:20 ops CRITICAL AGAIN #1",
        "02:30 ops CRITICAL AGAIN #1",
        "02:40 ops FLAPPING #1",
    ]
    tonight.post("02:50", fires("02:49"))
    assert len(tonight.said) == 4
    assert tonight.incidents[1].state is IncidentState.ACKNOWLEDGED
    assert tonight.incidents[1].flap_due_at == at("02:50") + 15 * MINUTE


def test_what_flaps_and_is_over_has_its_end():
    one = incident(latest_start=at("02:09"), closed_at=at("02:20"), flap_due_at=at("02:35"))
    assert not began_anew(one, at("03:00"), at("03:00"))


def test_the_end_of_before_the_return_comes_too_late():
    tonight = night()
    tonight.post("04:10", fires("04:09"))
    tonight.post("04:11", over("03:00"))
    assert tonight.states() == ["#1 ops open (unposted)"]


def test_it_keeps_its_number_however_short_the_flap_window_is():
    tonight = night()
    tonight.roster = roster(route(QUIET), flap_window=timedelta(0))
    tonight.post("04:10", fires("04:09"))
    assert tonight.said[1:] == ["04:10 ops CRITICAL AGAIN #1"]


def test_its_story_says_that_no_end_was_posted():
    one = incident(latest_start=at("02:09"))
    change = unposted(one, at("02:30"), team=OPS, muted=False, now=at("02:31"))
    story = list(decided(change, NotifiedPeople(paged=["alice"]), at=at("02:31")))
    assert [(event.kind, event.reason, event.episode) for event in story] == [
        ("closed", IncidentReason.UNPOSTED, 0),
        ("paged", IncidentReason.UNPOSTED, 1),
    ]
    held = replace(
        change, pages=False, incident=replace(change.incident, state=IncidentState.HELD), reason=IncidentReason.MUTED
    )
    assert [event.reason for event in decided(held, NotifiedPeople(), at=at("02:31"))] == [
        IncidentReason.UNPOSTED,
        IncidentReason.MUTED,
    ]
