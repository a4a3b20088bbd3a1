"""Somebody has it: what the others are told, whose page left lately, and by which ways."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alertsms.core.incidents.acknowledge import AcknowledgedVia
from alertsms.sandbox import FaultKind
from tests.support.house import ALICE, BOB, NIGHT, House
from tests.support.house import page as text_of

CAROL = "+33611111111"
TEAM = """
people: {alice: "+33612345678", bob: "+33698765432", carol: "+33611111111"}
teams: {ops: {page: [alice, bob], rounds: 1}}
route: {team: ops}
"""


@pytest.fixture
def plan() -> str:
    return TEAM


def remarks(house: House) -> list[tuple[str, str]]:
    """Receiver and text of each SMS that is no page and no OK."""
    return [(one.receiver, one.text) for one in house.sandbox.accepted if " has " in one.text]


def ack(house: House, *numbers: int, by: str = "alice"):
    return house.app.oncall.acknowledgements.acknowledge(numbers, by=by, via=AcknowledgedVia.LINK)


def test_the_others_hear_once_who_has_it(house):
    house.fire()
    house.settle()
    ack(house, 1)
    ack(house, 1, by="bob")
    house.run(60)
    assert remarks(house) == [(BOB, "alice has it: HighCPU web-01 #1")]


def test_one_answer_to_several_incidents_is_one_sms(house):
    for name in ("web-01", "web-02", "web-03"):  # in one body, PostgreSQL numbers them as it likes
        house.fire(name)
    house.settle()
    ack(house, 1, 2, 3)
    house.settle()
    assert remarks(house) == [(BOB, "alice has 3: #1 HighCPU web-01, #2 HighCPU web-02, #3 HighCPU web-03")]


def test_what_does_not_fit_is_counted(house):
    for number in range(12):
        house.fire(f"a-rather-long-name-{number}")
    house.settle()
    ack(house, *range(1, 13))
    house.settle()
    ((_, text),) = remarks(house)
    assert text == (
        "alice has 12: #1 HighCPU a-rather-long-name-0, #2 HighCPU a-rather-long-name-1,"
        " #3 HighCPU a-rather-long-name-2, #4 HighCPU a-rather-long-name-3, 8 others"
    )


@pytest.mark.parametrize(("seconds", "told"), [(15 * 60, [BOB]), (15 * 60 + 1, [])])
def test_who_was_paged_longer_ago_sleeps_on(house, clock, seconds, told):
    house.fire()
    house.settle()
    clock.advance(seconds)
    ack(house, 1)
    house.settle()
    assert [receiver for receiver, _ in remarks(house)] == told


def test_who_was_paged_before_it_ended_and_came_back_hears_nothing_more(house, clock):
    """Bob heard OK; whoever follows him was paged for its return."""
    house.fire()
    house.settle()
    house.resolve(end=NIGHT + timedelta(minutes=1))
    clock.advance(180)
    house.settle()
    house.reload(TEAM.replace("[alice, bob]", "[alice, carol]"))
    house.fire(start=NIGHT + timedelta(minutes=3))
    house.settle()
    ack(house, 1)
    house.settle()
    assert [receiver for receiver, _ in remarks(house)] == [CAROL]


def test_who_is_just_being_paged_again_hears_it_behind_that_page(url, clock):
    house = House(url, clock, TEAM.replace("rounds: 1", "rounds: 1, nudge: 2m"))
    house.fire()
    house.settle()
    clock.advance(119)
    house.run(0)
    house.fault(FaultKind.ERROR_500_AFTER, times=2)
    house.run(1)
    ack(house, 1)
    house.settle()
    assert remarks(house) == []
    house.run(30)
    theirs = [one.text.split()[0] for one in house.sandbox.accepted if one.receiver == BOB]
    assert theirs == ["CRITICAL", "STILL", "alice"]
    house.close()


def test_whose_page_has_not_left_gets_neither(house):
    house.fire()
    ack(house, 1)
    house.settle()
    assert house.texts == []


def test_whose_page_is_under_way_hears_it_behind_that_page(house, clock):
    house.fault(FaultKind.ERROR_500_AFTER)
    house.fault(FaultKind.ERROR_500_AFTER)
    house.fire()
    house.settle()
    ack(house, 1)
    assert remarks(house) == []
    house.run(30)
    assert [one.text for one in house.sandbox.accepted if one.receiver == BOB] == [
        text_of("web-01", 1),
        "alice has it: HighCPU web-01 #1",
    ]


def test_whose_page_under_way_fails_hears_nothing(house, clock):
    house.fault(FaultKind.EMPTY_200_LOST)
    house.fault(FaultKind.EMPTY_200_LOST)
    house.fire()
    house.settle()
    ack(house, 1)
    house.run(60)
    assert house.texts == []
    assert house.page_states() == [("page", "claimed"), ("page", "claimed"), ("taken", "cancelled")]


def test_a_team_may_want_none_of_that(url, clock):
    house = House(url, clock, TEAM.replace("rounds: 1", "rounds: 1, tell_others: false"))
    house.fire()
    house.settle()
    ack(house, 1)
    house.settle()
    assert remarks(house) == []
    house.close()


def test_a_login_name_is_told_to_everybody_who_was_paged(house):
    house.fire()
    house.settle()
    ack(house, 1, by="root")
    house.settle()
    assert sorted(remarks(house)) == sorted((each, "root has it: HighCPU web-01 #1") for each in (ALICE, BOB))


def test_other_channels_that_heard_of_it_hear_who_has_it(url, clock):
    plan = TEAM.replace('bob: "+33698765432"', 'bob: {phone: "+33698765432", also: ["ntfy://bob"]}')
    house = House(url, clock, plan + 'fallback: {channels: ["ntfy://ops"]}\n')
    house.fire()
    house.run(10)
    ack(house, 1)
    house.run(10)
    assert [(channel, title) for channel, title, _ in house.posted] == [
        ("ntfy://bob", "CRITICAL HighCPU web-01 #1"),
        ("ntfy://bob", "alice has it: HighCPU web-01 #1"),
    ]
    house.close()


@pytest.mark.one_store
def test_a_fallback_that_was_told_hears_who_has_it(url, clock):
    house = House(url, clock, TEAM + 'fallback: {channels: ["ntfy://ops"]}\n')
    house.fault(FaultKind.ERROR_500, times=1000)
    house.fire()
    house.run(300)
    assert [channel for channel, _, _ in house.posted] != []
    before = len(house.posted)
    ack(house, 1)
    house.run(10)
    assert [(channel, title) for channel, title, _ in house.posted[before:]][:1] == [
        ("ntfy://ops", "alice has it: HighCPU web-01 #1"),
    ]
    house.close()


def test_the_story_says_whom_it_was_told(house):
    house.fire()
    house.settle()
    ack(house, 1)
    house.settle()
    said = [detail for (detail,) in house.rows(events_detail()) if "who has it" in detail]
    assert [one.partition(":")[0] for one in said] == ["who has it, to bob (+33*******32)"]


def events_detail():
    from alertsms.store.schema import event_table

    return event_table.c.detail
