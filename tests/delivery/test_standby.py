"""A second account: used while the first one cannot send, for what the first one loses, and left again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from alertsms.sandbox import Fault, FaultKind
from alertsms.sandbox.keys import KeyState
from alertsms.store.schema import message_table, notification_table
from tests.delivery.test_account_monitor import give_channel, keys_die, keys_live, notices
from tests.support.house import ALICE, PLAN, STANDBY, House, SimulatedClock, page

EIGHT = [f"web-0{number}" for number in range(8)]


@pytest.fixture
def house(url: str, clock: SimulatedClock) -> Iterator[House]:
    built = House(url, clock, ovh=STANDBY)
    give_channel(built)
    yield built
    built.close()


def first(house: House) -> list[str]:
    return [message.text for message in house.sandbox.accepted]


def second(house: House) -> list[str]:
    return [message.text for message in house.spare.accepted]


def spare_fault(house: House, kind: str, call: str = "jobs", **more: object) -> None:
    house.spare.faults.add(Fault(kind=FaultKind(kind), call=call, **more))


def test_a_dead_first_account_is_replaced_at_once_and_taken_back_when_it_lives(house):
    keys_die(house)
    house.fire(*EIGHT)
    house.run(1)
    assert sorted(text.split()[2].rstrip(":") for text in second(house)) == EIGHT
    assert set(house.rows(message_table.c.account, message_table.c.state)) == {("standby", "sent")}
    assert house.metric("account_usable", account="first") == 0
    assert house.metric("account_usable", account="standby") == 1
    keys_live(house)
    house.run(31)
    house.fire("db-1", "db-2")
    house.run(1)
    assert len(first(house)) == 2
    assert house.metric("account_usable", account="first") == 1


@pytest.mark.parametrize("step", [-7200, 7200])
def test_a_clock_that_was_set_delays_no_change_of_accounts(house, step):
    house.run(20)
    house.clock.set_wall(step)
    house.run(20)
    keys_die(house)
    house.fire("web-01")
    house.run(2)
    assert len(second(house)) == 1
    house.clock.set_wall(-step)
    house.run(20)
    keys_live(house)
    house.run(31)
    house.fire("db-1")
    house.run(2)
    assert house.metric("account_usable", account="first") == 1


def test_the_root_team_hears_of_it_by_sms_in_the_morning(house):
    keys_die(house)
    house.fire()
    house.run(60)
    assert notices(house)[0].startswith("SMS account first not usable, the other one is used: ")
    (due,) = (
        due for kind, due in house.rows(notification_table.c.kind, notification_table.c.due_at) if kind == "notice"
    )
    assert due.hour == 8


def test_a_first_account_that_takes_nothing_for_a_minute_is_left(house):
    house.fault("429")
    house.fire()
    house.run(59)
    assert second(house) == []
    house.run(1)
    assert second(house) == [page("web-01", 1)]
    house.fire("web-02")
    house.run(1)
    assert len(second(house)) == 2
    house.sandbox.faults.clear()
    house.run(40)
    house.fire("web-03", "web-04")
    house.run(1)
    assert len(first(house)) == 2


def test_ten_quick_failures_leave_the_stand_by_alone_for_a_minute(house):
    house.fault("429")
    house.fire(*EIGHT)
    house.run(50)
    assert second(house) == []
    house.run(12)
    assert len(second(house)) == 8


@pytest.mark.one_store
def test_what_the_first_loses_again_and_again_goes_by_the_stand_by_once(house):
    """The first works for others: only this message is lost, and then by the stand-by too."""
    house.reload("""
people: {alice: "+33612345678", bob: "+33698765432"}
teams: {ops: {page: [alice]}, bobs: {page: [bob]}}
route: {team: ops, routes: [{matchers: ['who="bob"'], team: bobs}]}
""")
    house.fault("reset_before", receiver=ALICE)
    spare_fault(house, "reset_after", times=1)
    house.fire()
    for number in range(15):
        house.fire(f"db-{number}", who="bob")
        house.run(15)
    assert second(house) == [page("web-01", 1)]
    assert len(first(house)) == 15
    assert house.rows(message_table.c.account, message_table.c.state, message_table.c.resends)[0] == (
        "standby",
        "delivered",
        4,
    )
    assert house.metric("sms_unknown_total", resolution="standby") == 1


@pytest.mark.one_store
def test_what_both_lose_has_failed(house):
    house.reload("""
people: {alice: "+33612345678", bob: "+33698765432"}
teams: {ops: {page: [alice]}, bobs: {page: [bob]}}
route: {team: ops, routes: [{matchers: ['who="bob"'], team: bobs}]}
""")
    house.fault("reset_before", receiver=ALICE)
    spare_fault(house, "reset_before")
    house.fire()
    for number in range(15):
        house.fire(f"db-{number}", who="bob")
        house.run(15)
    assert house.rows(message_table.c.account, message_table.c.state, message_table.c.resends)[0] == (
        "standby",
        "failed",
        4,
    )


def test_the_answer_of_a_message_is_looked_up_where_it_went(house):
    keys_die(house)
    spare_fault(house, "reset_after", times=1)
    house.fire()
    house.run(20)
    assert second(house) == [page("web-01", 1)]
    assert house.rows(message_table.c.account, message_table.c.state) == [("standby", "delivered")]
    assert house.sandbox.counts["outgoing"].total() == 0
    assert house.spare.counts["outgoing"].total() >= 1


def test_a_message_lost_by_a_first_account_that_died_goes_by_the_stand_by(house):
    house.fault("reset_before", times=1)
    house.fire()
    house.run(0)
    keys_die(house)
    house.fire("web-02")
    house.run(80)
    assert sorted(second(house)) == [page("web-01", 1), page("web-02", 2)]
    assert [resends for (resends,) in house.rows(message_table.c.resends)] == [1, 0]


@pytest.mark.one_store
def test_both_accounts_dead_keep_the_pages_until_either_lives(house):
    keys_die(house)
    house.spare.keys.consumers["sandbox-consumer"].state = KeyState.EXPIRED
    house.fire(*EIGHT)
    house.run(500)
    assert first(house) + second(house) == []
    assert {state for _, state in house.states()} <= {"queued"}
    assert house.sandbox.counts["jobs"].total() + house.spare.counts["jobs"].total() <= 8
    assert sorted(text.partition(",")[0] for text in notices(house)) == [
        "SMS account first not usable",
        "SMS account standby not usable",
    ]
    house.spare.keys.consumers["sandbox-consumer"].state = KeyState.VALIDATED
    house.run(31)
    assert len(second(house)) == 8
    assert first(house) == []


def test_a_reload_that_takes_the_stand_by_away_loses_nothing(house):
    keys_die(house)
    spare_fault(house, "reset_before")
    house.fire()
    house.run(5)
    house.ovh = house.ovh.partition(",\n      standby")[0] + "}\n"
    house.next_config = house.config(PLAN)
    house.reload(PLAN)
    house.run(5)
    assert house.metric("account_usable", account="standby") is None
    keys_live(house)
    house.run(120)
    assert len(first(house)) == 1
    assert second(house) == []


def test_a_test_message_goes_by_whichever_account_works(house):
    keys_die(house)
    house.fire()
    house.run(1)
    token = {"Authorization": f"Bearer {house.app.keys.token}"}
    answer = house.client.post("/api/v1/send", json={"person": "bob"}, headers=token)
    assert answer.status_code == 202, answer.text
    house.run(1)
    assert [message.receiver for message in house.spare.accepted] == ["+33612345678", "+33698765432"]
