"""Somebody has it: who says so, what that stops, and who hears of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alertsms.core.incidents.acknowledge import AcknowledgedVia, AckOutcome
from alertsms.core.incidents.incident import IncidentState
from alertsms.sandbox import FaultKind
from alertsms.store.answers import covered
from alertsms.store.schema import event_table, incident_table
from tests.support.house import ALICE, BOB, NIGHT, House

TEAM = """
people: {alice: "+33612345678", bob: "+33698765432", carol: "+33611111111"}
teams: {ops: {page: [alice, bob]}, db: {page: [bob, carol]}}
route: {team: ops, routes: [{matchers: ['service="db"'], team: db}]}
"""


@pytest.fixture
def plan() -> str:
    return TEAM


def ack(house: House, *numbers: int, by: str = "alice", snooze: timedelta | None = None):
    return house.app.oncall.acknowledgements.acknowledge(numbers, by=by, via=AcknowledgedVia.COMMAND, snooze=snooze)


def results(answer) -> list[tuple[int, str, str]]:
    return [(each.number, each.result.value, each.by) for each in answer.outcomes]


def states(house: House) -> list[tuple[str, str]]:
    return house.rows(incident_table.c.state, incident_table.c.acked_by)


def story(house: House, *kinds: str) -> list[tuple[str, str, str]]:
    return [
        row for row in house.rows(event_table.c.kind, event_table.c.reason, event_table.c.detail) if row[0] in kinds
    ]


def test_an_acknowledged_incident_pages_nobody_any_more(house):
    house.fire()
    house.settle()
    assert results(ack(house, 1)) == [(1, "taken", "alice")]
    before = len([text for text in house.texts if "STILL" in text])
    house.run(7200)
    assert states(house) == [("acknowledged", "alice")]
    assert len([text for text in house.texts if "STILL" in text]) == before == 0
    assert story(house, "answered") == [("answered", "acknowledged", "alice, by command")]
    assert house.metric("acknowledged_total", by="command") == 1


def test_a_page_that_has_not_left_is_cancelled(house):
    house.fire()
    ack(house, 1)
    house.settle()
    assert house.texts == []
    assert house.page_states() == [("page", "cancelled"), ("page", "cancelled")]


def test_the_second_who_takes_it_hears_who_has_it(house):
    house.fire()
    ack(house, 1, by="bob")
    assert results(ack(house, 1, by="alice")) == [(1, "already", "bob")]
    assert results(ack(house, 1, by="bob")) == [(1, "already", "bob")]
    assert states(house) == [("acknowledged", "bob")]
    assert house.metric("acknowledged_total", by="command") == 1


def test_numbers_that_are_over_or_unknown_do_not_stop_the_others(house):
    house.fire("web-01")
    house.fire("web-02")
    house.resolve("web-01")
    assert results(ack(house, 1, 2, 77)) == [(1, "over", ""), (2, "taken", "alice"), (77, "unknown", "")]


def test_only_who_has_it_hears_that_it_is_over(house, clock):
    house.fire()
    house.settle()
    ack(house, 1)
    house.settle()
    clock.advance(600)
    house.resolve()
    house.settle()
    ends = [(one.receiver, one.text) for one in house.sandbox.accepted if one.text.startswith("OK")]
    assert ends == [("+33612345678", "OK HighCPU web-01 after 12 min #1")]


def ends(house: House) -> list[tuple[str, str]]:
    """Receiver and text of each SMS that says that something is over."""
    return sorted((one.receiver, one.text) for one in house.sandbox.accepted if one.text.startswith(("OK", "resolved")))


def test_whoever_was_never_paged_hears_nothing_of_the_end(house):
    house.fire()
    house.settle()
    ack(house, 1, by="carol")
    house.resolve()
    house.settle()
    assert ends(house) == []


def test_of_what_a_login_name_has_all_who_were_paged_hear_the_end(house):
    """It has no phone, and stops the pages all the same."""
    house.fire()
    house.settle()
    ack(house, 1, by="root")
    house.run(1900)
    assert [text for text in house.texts if "STILL" in text] == []
    house.resolve()
    house.settle()
    assert ends(house) == [(phone, "OK HighCPU web-01 after 12 min #1") for phone in (ALICE, BOB)]
    assert [detail for _, _, detail in story(house, "closed")] == ["OK to alice, bob"]


def test_whose_page_never_left_hears_nothing_of_the_end_of_what_a_login_name_has(house):
    house.fire()
    ack(house, 1, by="root")
    house.resolve()
    house.settle()
    assert house.texts == []


def test_who_has_it_and_is_gone_from_the_file_relieves_nobody_of_the_end(house):
    house.fire()
    house.settle()
    ack(house, 1)
    house.settle()
    house.reload(TEAM.replace('alice: "+33612345678", ', "").replace("alice, ", ""))
    house.resolve()
    house.settle()
    assert ends(house) == [(BOB, "OK HighCPU web-01 after 12 min #1")]


def test_what_flaps_under_a_login_name_is_told_to_whom_it_paged(house, clock):
    for minute in (0, 2, 4):
        clock.advance(120)
        house.fire(start=NIGHT + timedelta(minutes=minute))
        house.settle()
        if minute == 4:
            ack(house, 1, by="root")
        house.resolve(end=NIGHT + timedelta(minutes=minute + 1))
        house.settle()
    told = sorted(one.receiver for one in house.sandbox.accepted if one.text.startswith("FLAPPING"))
    assert told == [ALICE, BOB]


@pytest.mark.parametrize(
    ("by", "told"), [("root", ["ntfy://bob", "ntfy://ops"]), ("alice", []), ("bob", ["ntfy://bob"])]
)
def test_other_channels_hear_the_end_as_their_people_do(url, clock, by, told):
    plan = TEAM.replace('bob: "+33698765432"', 'bob: {phone: "+33698765432", also: ["ntfy://bob"]}')
    house = House(url, clock, plan + 'fallback: {channels: ["ntfy://ops"]}\n')
    house.fire()
    house.run(900)
    assert {channel for channel, _, _ in house.posted} == {"ntfy://bob", "ntfy://ops"}
    ack(house, 1, by=by)
    house.run(10)
    house.resolve()
    house.run(10)
    over = [(channel, title) for channel, title, _ in house.posted if title.startswith("OK")]
    assert sorted(over) == [(channel, "OK HighCPU web-01 #1") for channel in told]
    house.close()


def test_who_took_it_from_an_sms_that_ovhcloud_never_owned_up_to_hears_the_end(house, clock):
    house.fault(FaultKind.RESET_AFTER, times=2)
    house.fault(FaultKind.ERROR_500, call="outgoing")
    house.fire()
    house.settle()
    assert sorted(one.receiver for one in house.sandbox.accepted) == ["+33612345678", "+33698765432"]
    ack(house, 1)
    house.run(70)
    assert house.states() == [("page", "cancelled"), ("page", "cancelled")]
    house.sandbox.faults.clear()
    house.resolve()
    house.settle()
    assert [(one.receiver, one.text) for one in house.sandbox.accepted][2:] == [
        ("+33612345678", "resolved meanwhile: #1 HighCPU 02:10-02:22"),
    ]


def test_who_took_it_so_under_a_login_name_hears_the_end_as_well(house):
    house.fault(FaultKind.RESET_AFTER, times=2)
    house.fault(FaultKind.ERROR_500, call="outgoing")
    house.fire()
    house.settle()
    ack(house, 1, by="root")
    house.run(70)
    house.sandbox.faults.clear()
    house.resolve()
    house.settle()
    assert ends(house) == [(phone, "resolved meanwhile: #1 HighCPU 02:10-02:22") for phone in (ALICE, BOB)]


def test_a_held_incident_that_somebody_has_stays_silent_when_its_mute_ends(url, clock):
    night = "time_intervals: [{name: night, time_intervals: [{times: [{start_time: '00:00', end_time: '02:20'}]}]}]"
    plan = TEAM.replace("{team: ops, routes", "{team: ops, mute_time_intervals: [night], routes") + night
    plan = plan.replace(
        "route: {team: ops, mute_time_intervals: [night], routes: [",
        "route: {team: ops, routes: [{matchers: ['alertname=\"HighCPU\"'], mute_time_intervals: [night]}, ",
    )
    house = House(url, clock, plan)
    house.fire()
    assert states(house) == [("held", "")]
    ack(house, 1)
    house.run(1800)
    assert house.texts == []
    assert states(house) == [("acknowledged", "alice")]
    house.close()


def test_the_same_alert_in_another_team_of_that_person_is_taken_along(url, clock):
    plan = TEAM.replace("{matchers: ['service=\"db\"'], team: db}", "{team: ops, continue: true}, {team: db}")
    house = House(url, clock, plan)
    house.fire()
    answer = ack(house, 1, by="bob")
    assert (results(answer), answer.along) == ([(1, "taken", "bob")], (2,))
    assert states(house) == [("acknowledged", "bob"), ("acknowledged", "bob")]
    house.close()


def test_another_team_keeps_its_incident_where_that_person_is_not_in_it(url, clock):
    plan = TEAM.replace("{matchers: ['service=\"db\"'], team: db}", "{team: ops, continue: true}, {team: db}")
    house = House(url, clock, plan)
    house.fire()
    ops = next(number for number, team in house.rows(incident_table.c.id, incident_table.c.team) if team == "ops")
    assert ack(house, ops, by="alice").along == ()
    assert sorted(states(house)) == [("acknowledged", "alice"), ("open", "")]
    house.close()


def test_whose_page_of_one_team_is_not_needed_any_more_is_paged_by_the_other(url, clock):
    """The answers are lost, and alice has it before they are looked up: bob's page of her team is not sent again."""
    plan = TEAM.replace("page: [bob, carol]", "page: [bob], rounds: 2").replace(
        "{matchers: ['service=\"db\"'], team: db}", "{team: ops, continue: true}, {team: db}"
    )
    house = House(url, clock, plan)
    house.fault(FaultKind.EMPTY_200_LOST, times=2)
    house.fire()
    house.settle()
    ops = next(number for number, team in house.rows(incident_table.c.id, incident_table.c.team) if team == "ops")
    ack(house, ops)
    house.run(290)
    assert house.sandbox.accepted == []
    house.run(80)
    assert [(sms.receiver, sms.text) for sms in house.sandbox.accepted] == [
        ("+33698765432", f"CRITICAL HighCPU web-01 since 02:10: CPU above 90% for 5 min #{3 - ops}")
    ]
    house.close()


def test_a_digest_stands_for_exactly_what_it_covers(url, clock):
    house = House(url, clock, TEAM.replace("page: [alice, bob]", "page: [alice]") + "storm: {after: 2}")
    house.fire("web-01", "web-02", "web-03", "web-04", "web-05")
    house.run(60)
    number = next(int(text.rpartition("#")[2]) for text in house.texts if "#" in text and " more" in text)
    assert house.app.store.read(lambda tx: covered(tx, number)) == {3: 0, 4: 0, 5: 0}
    assert results(ack(house, number)) == [(each, "taken", "alice") for each in (3, 4, 5)]
    assert [state for state, _ in states(house)] == ["open", "open", "acknowledged", "acknowledged", "acknowledged"]
    house.close()


def test_a_number_that_nothing_has_covers_nothing(house):
    assert house.app.store.read(lambda tx: covered(tx, 9)) == {}


def test_what_somebody_resolves_is_told_to_the_others(house, clock):
    house.fire()
    house.settle()
    clock.advance(300)
    answer = house.app.oncall.acknowledgements.acknowledge([1, 5], by="alice", via=AcknowledgedVia.API, resolves=True)
    house.settle()
    assert results(answer) == [(1, "taken", ""), (5, "unknown", "")]
    ends = [(one.receiver, one.text) for one in house.sandbox.accepted if one.text.startswith("OK")]
    assert ends == [("+33698765432", "OK HighCPU web-01 after 5 min #1")]
    assert story(house, "closed") == [("closed", "resolved_by_hand", "alice, by api; OK to bob")]
    again = house.app.oncall.acknowledgements.acknowledge([1], by="alice", via=AcknowledgedVia.API, resolves=True)
    assert again.outcomes[0].result is AckOutcome.OVER


def test_what_is_back_within_the_flap_window_is_nobodys_and_pages(house, clock):
    """Whoever took it at 02:10 may sleep since it ended: the return is news to them too."""
    house.fire()
    house.settle()
    ack(house, 1)
    house.settle()
    house.resolve()
    house.settle()
    before = len(house.texts)
    clock.advance(300)
    house.fire(start=NIGHT + timedelta(minutes=5))
    house.run(60)
    assert states(house) == [(IncidentState.OPEN.value, "")]
    again = "AGAIN CRITICAL HighCPU web-01: CPU above 90% for 5 min #1"
    assert sorted((one.receiver, one.text) for one in house.sandbox.accepted[before:]) == [(ALICE, again), (BOB, again)]


def test_answers_survive_a_crash(house):
    house.fire()
    house.settle()
    ack(house, 1)
    house.crash()
    house.start()
    house.run(3600)
    assert states(house) == [("acknowledged", "alice")]
    assert [text for text in house.texts if "STILL" in text] == []
