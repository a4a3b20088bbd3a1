"""What becomes of a message whose answer was lost."""

from __future__ import annotations

from alertsms.store.error import StoreError
from alertsms.store.schema import message_table
from tests.support.house import PLAN, page


def test_at_most_three_copies_follow_and_the_last_one_after_a_minute(house):
    house.fault("reset_before")
    house.fire()
    sent_at = []
    for _ in range(100):
        house.run(2, hop=2)
        (state,) = house.rows(message_table.c.resends)
        sent_at += [house.clock()] * (state[0] - len(sent_at))
        if house.states()[0][1] == "failed":
            break
    assert len(sent_at) == 3
    assert (sent_at[2] - sent_at[1]).total_seconds() >= 60
    assert house.metric("sms_unknown_total", resolution="resent") == 3
    assert house.metric("sms_unknown_total", resolution="absent") == 1
    assert house.metric("sms_total", team="ops", outcome="failed") == 1


def test_after_a_failure_the_incident_moves_on_with_a_new_page(house):
    house.reload(PLAN.replace("{page:", "{rounds: 3, page:"))
    house.fault("reset_before")
    house.fire()
    house.run(200, hop=5)
    house.sandbox.faults.clear()
    house.run(101)
    assert len(house.texts) == 1
    assert house.states()[0] == ("page", "failed")


def test_a_look_up_that_fails_proves_nothing_for_a_minute(house):
    house.fault("reset_after", times=1)
    house.fault("500", call="outgoing")
    house.fire()
    house.run(58, hop=4)
    assert house.states() == [("page", "unknown")]
    house.sandbox.faults.clear()
    house.run(5)
    assert house.texts == [page("web-01", 1)]
    assert house.metric("sms_unknown_total", resolution="found") == 1


def test_where_ovh_cannot_say_a_second_copy_is_better_than_none(house):
    house.fault("reset_before", times=1)
    house.fault("500", call="outgoing")
    house.fire()
    house.run(70, hop=4)
    assert len(house.texts) == 1
    assert house.metric("sms_unknown_total", resolution="resent") == 1


def test_when_ovh_never_says_the_message_ends_unconfirmed(house):
    house.fault("reset_after")
    house.fault("500", call="outgoing")
    house.fire()
    house.run(340, hop=5)
    assert house.metric("sms_unknown_total", resolution="unconfirmed") == 1
    assert len([sms for sms in house.sandbox.accepted if sms.tag == house.rows(message_table.c.tag)[0][0]]) == 4


def test_a_message_that_shows_late_is_found_by_a_later_look(house):
    house.fault("late", seconds=10)
    house.fault("reset_after", times=1)
    house.fire()
    house.run(20)
    assert house.texts == [page("web-01", 1)]
    assert house.metric("sms_unknown_total", resolution="found") == 1


def test_a_429_to_a_look_up_slows_everything_down(house):
    house.fault("reset_after", times=1)
    house.fault("429", call="outgoing", times=1)
    house.fire()
    house.run(2)
    assert house.app.delivery.rate_limiter._share == 0.5


def test_only_the_look_that_can_prove_absence_reads_what_is_pending(house):
    house.fault("reset_before", times=1)
    house.fire()
    house.run(10)
    assert house.sandbox.counts["outgoing"] == {"200": 3}
    assert house.sandbox.counts["pending"] == {}
    house.run(6)
    assert house.sandbox.counts["pending"] == {"200": 1}
    assert house.texts == [page("web-01", 1)]


def test_a_look_up_whose_end_cannot_be_stored_is_made_again(house, monkeypatch):
    house.fault("reset_after", times=1)
    house.fire()
    house.settle()
    transact = house.app.store.transact

    def never(work):
        if house.app.delivery.rate_limiter.in_flight and house.sandbox.counts["outgoing"]:
            raise StoreError("full")
        return transact(work)

    monkeypatch.setattr(house.app.store, "transact", never)
    house.run(3)
    monkeypatch.undo()
    assert house.app.delivery.rate_limiter.in_flight == 0
    assert house.states() == [("page", "unknown")]
    house.run(70, hop=5)
    assert house.texts == [page("web-01", 1)]
    assert house.states() == [("page", "delivered")]


def test_an_unneeded_message_that_was_accepted_all_the_same_is_followed_by_its_ok(house):
    house.fault("late", seconds=5)
    house.fault("reset_after", times=1)
    house.fire()
    house.settle()
    house.resolve()
    house.run(30)
    assert house.texts == [page("web-01", 1), "OK HighCPU web-01 after 12 min #1"]


def test_a_message_that_somebody_else_settled_is_left_alone(house):
    house.fault("reset_after", times=1)
    house.fire()
    house.settle()
    house.pool.lazy = True
    house.clock.advance(2)
    house.settle()
    with house.app.store.engine.begin() as tx:
        tx.execute(message_table.update().values(state="sent", lease_owner=""))
    house.pool.run()
    assert house.metric("sms_unknown_total", resolution="found") is None
    assert house.states() == [("page", "sent")]
