"""An alert that ends and comes back again and again: one SMS says FLAPPING, and no more until it is stable."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alertsms.store.schema import incident_table
from tests.stories.test_events import story
from tests.support.house import ALICE, BOB, House, alert, page
from tests.web.test_app import token

ONE = """
people: {alice: "+33612345678", bob: "+33698765432"}
teams: {ops: {page: [alice], rounds: 1}}
route: {team: ops}
"""
STEPS = """
people: {alice: "+33612345678", bob: "+33698765432"}
teams: {ops: {steps: [{page: [alice], wait: 20m}, {page: [bob], wait: 5m}], rounds: 1}}
route: {team: ops}
"""
THREE = [
    page("web-01", 1),
    "OK HighCPU web-01 after 5 min #1",
    page("web-01", 1, "AGAIN "),
    "OK HighCPU web-01 after 5 min #1",
    page("web-01", 1, "AGAIN "),
    "FLAPPING HighCPU web-01: 3 times in 20 min #1",
]


@pytest.fixture
def one(house):
    house.reload(ONE)
    return house


def fires(house: House, minutes: float) -> None:
    """It fires from now on, and so many minutes pass."""
    house.fire(start=house.clock())
    house.run(60 * minutes)


def ends(house: House, minutes: float) -> None:
    """It is over, and so many minutes pass."""
    house.resolve(end=house.clock())
    house.run(60 * minutes)


def thrice(house: House, minutes: float = 5) -> None:
    """It fires and ends three times, the last time at 02:35."""
    for _ in range(2):
        fires(house, 5)
        ends(house, minutes)
    fires(house, 4)
    house.run(60)
    ends(house, 0)


def test_the_third_end_within_an_hour_says_flapping_in_the_place_of_ok(one):
    thrice(one)
    assert one.texts == THREE
    assert one.rows(incident_table.c.state, incident_table.c.reason) == [("open", "flapping")]


def test_then_nobody_hears_of_it_until_it_was_over_for_a_quarter_of_an_hour(one):
    thrice(one)
    for _ in range(3):
        ends(one, 1)
        fires(one, 1)
    ends(one, 0)
    one.run(15 * 60 - 1)
    assert one.texts == THREE
    one.run(2)
    assert one.texts[6:] == ["OK HighCPU web-01 after 11 min #1"]
    assert one.rows(incident_table.c.state, incident_table.c.reason) == [("closed", "resolved")]
    assert [each for each in story(one) if each[0] == "not_paged"] == [
        ("not_paged", "flapping", "told alice", 1),
        ("not_paged", "flaps", "", 6),
    ]


def test_what_fires_on_is_an_open_incident_again_without_a_word(one):
    thrice(one)
    fires(one, 15)
    one.run(2)
    assert one.texts == THREE
    assert one.rows(incident_table.c.state, incident_table.c.reason, incident_table.c.flap_due_at) == [
        ("open", "again", None)
    ]
    assert ("not_paged", "steady", "", 1) in story(one)


@pytest.mark.one_store
def test_ends_that_are_far_apart_are_told_each(one):
    for _ in range(4):
        fires(one, 25)
        ends(one, 10)
    assert [text.partition(" ")[0] for text in one.texts] == ["CRITICAL", "OK", *["AGAIN", "OK"] * 3]


@pytest.mark.one_store
def test_what_was_over_for_a_quarter_of_an_hour_is_something_new(one):
    for _ in range(4):
        fires(one, 1)
        ends(one, 16)
    assert one.texts == [
        text
        for number in range(1, 5)
        for text in (
            page("web-01", number),
            f"OK HighCPU web-01 after 1 min #{number}",
        )
    ]


def test_escalation_goes_on_as_if_it_fired_all_the_time(house):
    house.reload(STEPS)
    thrice(house, 2)
    house.run(310)  # it fired for 15 minutes so far, and flaps for five
    to_bob = [sms.text for sms in house.sandbox.accepted if sms.receiver == BOB]
    assert to_bob == ["FLAPPING CRITICAL HighCPU web-01 since 02:24: CPU above 90% for 5 min #1"]


def test_whoever_has_it_hears_that_it_flaps_and_nobody_else(house):
    house.reload(STEPS)
    thrice_but_the_end(house)
    took = house.client.post("/api/v1/incidents/1/ack", json={"by": "alice"}, headers=token(house))
    assert took.status_code == 200, took.text
    ends(house, 1)
    before = len(house.texts)
    assert house.texts[-1] == "FLAPPING HighCPU web-01: 3 times in 13 min #1"
    fires(house, 1)
    ends(house, 16)
    assert house.texts[before:] == ["OK HighCPU web-01 after 6 min #1"]
    assert {sms.receiver for sms in house.sandbox.accepted} == {ALICE}


def thrice_but_the_end(house: House) -> None:
    for _ in range(2):
        fires(house, 5)
        ends(house, 2)
    fires(house, 4)


@pytest.mark.one_store
def test_one_who_takes_it_while_it_is_over_for_a_moment_does_not_keep_it_open(one):
    thrice(one)
    took = one.client.post("/api/v1/incidents/1/ack", json={"by": "alice"}, headers=token(one))
    assert took.status_code == 200, took.text
    one.run(15 * 60 + 1)
    assert one.rows(incident_table.c.state, incident_table.c.flap_due_at) == [("closed", None)]
    assert one.texts[6:] == ["OK HighCPU web-01 after 5 min #1"]


@pytest.mark.one_store
def test_a_page_that_has_not_left_says_flapping_itself(one):
    one.fault("429")
    for _ in range(2):
        fires(one, 1)
        ends(one, 1)
    one.fire(start=one.clock())
    one.resolve(end=one.clock())
    one.sandbox.faults.clear()
    one.run(120)
    assert one.texts[-1].startswith("FLAPPING CRITICAL HighCPU web-01")
    assert not any(text.startswith("FLAPPING HighCPU") for text in one.texts)


def test_it_survives_a_restart_and_a_reload(one):
    thrice(one)
    one.crash()
    one.start()
    one.reload(STEPS)
    fires(one, 1)
    ends(one, 16)
    assert one.texts[6:] == ["OK HighCPU web-01 after 6 min #1"]


def test_a_late_copy_neither_begins_nor_ends_it(one):
    for _ in range(2):
        fires(one, 5)
        one.resolve(end=one.clock())
        one.fire(start=one.clock() - timedelta(minutes=5))  # held for two minutes
        one.run(60)
        one.resolve(end=one.clock() - timedelta(minutes=1))
        one.run(60)
    assert one.texts == THREE[:4]


def test_back_within_one_body_it_flaps_and_fires(one):
    thrice_but_the_end(one)
    now = one.clock()
    one.post(alert("web-01", "resolved", end=now), alert("web-01", start=now + timedelta(seconds=1)))
    one.run(1)
    assert one.texts[-1] == "FLAPPING HighCPU web-01: 3 times in 13 min #1"
    assert one.rows(incident_table.c.state, incident_table.c.closed_at) == [("open", None)]


def test_several_that_flap_are_told_in_one_text(one):
    one.fire("web-01")
    one.fire("web-02")
    one.run(120)
    one.resolve("web-01", "web-02", end=one.clock())
    one.run(120)
    one.fire("web-01", "web-02", start=one.clock())
    one.run(120)
    one.resolve("web-01", "web-02", end=one.clock())
    one.run(120)
    one.fire("web-01", "web-02", start=one.clock())
    one.run(120)
    one.resolve("web-01", "web-02", end=one.clock())
    one.run(70)
    assert one.texts[-1] == "FLAPPING #1 HighCPU web-01, #2 HighCPU web-02"


def test_a_team_without_oks_hears_that_it_flaps(house):
    house.reload(ONE.replace("rounds: 1", "rounds: 1, send_resolved: false"))
    thrice(house)
    house.run(16 * 60)
    assert house.texts == [THREE[0], THREE[2], THREE[4], THREE[5]]


BESIDE = (
    ONE.replace('alice: "+33612345678"', 'alice: {phone: "+33612345678", also: "json://alice"}')
    + 'fallback: {channels: "json://ops"}\n'
)


def test_a_persons_other_channels_hear_it_in_the_place_of_ok_as_well(house):
    """Not those of the fallback, which heard that nobody answered: they hear the end."""
    house.reload(BESIDE)
    for seconds in (60, 60, 330):
        house.fire(start=house.clock())
        house.run(seconds, hop=30)
        house.resolve(end=house.clock())
        house.run(60, hop=30)
    house.run(15 * 60, hop=30)
    again, over, flaps = "AGAIN CRITICAL HighCPU web-01 #1", "OK HighCPU web-01 #1", "FLAPPING HighCPU web-01 #1"
    told = [title for channel, title, _ in house.posted if channel == "json://alice"]
    assert told == ["CRITICAL HighCPU web-01 #1", over, again, over, again, flaps, over]
    assert [title for channel, title, _ in house.posted if channel == "json://ops"] == [again, over]
    assert [body for _, title, body in house.posted if title == flaps] == [
        "FLAPPING HighCPU web-01: 3 times in 8 min #1 (team ops, since 2026-03-03 02:14 UTC)"
    ]
    assert ("channel", "FLAPPING to alice by json") in [(each[0], each[2]) for each in story(house)]


@pytest.mark.parametrize(("by", "told"), [("bob", False), ("alice", True), ("root", True)])
@pytest.mark.one_store
def test_a_persons_other_channels_sleep_on_where_somebody_else_has_it(house, by, told):
    house.reload(BESIDE)
    thrice_but_the_end(house)
    took = house.client.post("/api/v1/incidents/1/ack", json={"by": by}, headers=token(house))
    assert took.status_code == 200, took.text
    ends(house, 1)
    assert any(title.startswith("FLAPPING") for _, title, _ in house.posted) is told


def test_flapping_again_after_a_while_says_so_again(one):
    thrice(one)
    fires(one, 16)
    ends(one, 1)
    assert one.texts[6:] == ["FLAPPING HighCPU web-01: 4 times in 36 min #1"]
