"""What became of a message is followed to the phone; who cannot be reached is reached at the next number."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy import update

from alertsms.core.incidents.incident import EventKind
from alertsms.sandbox.message import receipts
from alertsms.store import history
from alertsms.store.error import StoreError
from alertsms.store.receipts import claim
from alertsms.store.schema import incident_table, message_table, notification_table
from tests.support.house import ALICE, BOB, NIGHT, PLAN, page

SECOND = "+33756789012"
PAGE = page("web-01", 1)
LATE = "CRITICAL HighCPU web-01 since 02:10: CPU above 90% for 5 min #1"
THREE_ROUNDS = PLAN.replace("{page:", "{rounds: 3, page:")
OK = "OK HighCPU web-01 after 12 min #1"


@pytest.fixture
def two(house):
    """Alice has two numbers."""
    house.give_phones("alice", ALICE, SECOND)
    return house


def sent(house) -> list[tuple[str, str]]:
    return [(sms.receiver, sms.text) for sms in house.sandbox.accepted]


def receivers(house) -> list[str]:
    return [sms.receiver for sms in house.sandbox.accepted]


def told(house, number: int = 1) -> list[tuple[str, str]]:
    """Receipts, and what followed, in the story of an incident."""
    story = house.app.store.read(lambda tx: history.timeline(tx, number))
    return [(each.reason, each.detail) for each in story if each.kind in (EventKind.RECEIPT, EventKind.MOVED_ON)]


def change_fate(house, index: int, **fate) -> None:
    """The operator changes its mind about the message that was accepted as number `index`."""
    sms = house.sandbox.accepted[index]
    house.sandbox.account.messages[sms.id] = replace(sms, receipts=receipts(**fate))


def outcome(house, name: str) -> float | None:
    return house.metric("sms_total", team="ops", outcome=name)


def test_a_page_is_followed_to_the_phone_without_any_callback(house):
    house.fire()
    house.run(9)
    assert house.states() == [("page", "sent")]
    house.run(1)
    assert house.states() == [("page", "delivered")]
    assert (outcome(house, "sent"), outcome(house, "delivered"), outcome(house, "undelivered")) == (1, 1, 0)
    assert house.metric("delivery_seconds_count") == 1
    assert house.metric("delivery_seconds_sum") == 1
    assert told(house) == [("delivered", "SMS to alice (+33*******78): DLR 1, PTT 4: delivered")]
    house.run(300, hop=10)
    assert house.sandbox.counts["outgoing"].total() == 1


def test_a_callback_has_it_read_at_once(house):
    house.have_callbacks()
    house.fire()
    house.run(2)
    assert house.call_back() == 2
    house.hear()
    assert house.states() == [("page", "delivered")]
    assert house.clock() == NIGHT + timedelta(seconds=2)


def test_a_bad_receipt_pages_the_person_s_next_number(two):
    two.fault("undelivered", receiver=ALICE)
    two.fire()
    two.run(30)
    assert sent(two) == [(ALICE, PAGE), (SECOND, PAGE)]
    assert two.states() == [("page", "undelivered"), ("page", "delivered")]
    assert (outcome(two, "delivered"), outcome(two, "undelivered")) == (1, 1)
    assert told(two) == [
        ("undelivered", "SMS to alice (+33*******78): DLR 2, PTT 24: phone off or not found"),
        ("next_number", "alice +33*******12"),
        ("delivered", "SMS to alice (+33*******12): DLR 1, PTT 4: delivered"),
    ]
    two.run(600, hop=10)
    assert len(two.texts) == 2


def test_the_second_number_of_who_left_is_the_first_one_of_who_came(two):
    two.fault("undelivered", receiver=ALICE)
    two.fire()
    two.settle()
    two.clock.advance(10)
    two.hear()
    two.reload(f"""
people: {{bob: {{phones: ["{BOB}", "+33699887766"]}}}}
teams: {{ops: {{page: [bob]}}}}
route: {{team: ops}}
""")
    two.clock.advance(60)
    two.settle()
    assert receivers(two) == [ALICE, BOB]


@pytest.mark.one_store
def test_who_is_reached_at_no_number_is_tried_in_three_rounds_then_at_the_reminder(two):
    two.reload(THREE_ROUNDS)
    two.give_phones("alice", ALICE, SECOND)
    two.fault("undelivered")
    two.fire()
    two.run(25)
    assert sent(two) == [(ALICE, PAGE), (SECOND, PAGE)]
    assert two.rows(incident_table.c.round, incident_table.c.step_due_at) == [(0, NIGHT + timedelta(minutes=5))]
    two.run(20 * 60, hop=5)
    assert sent(two)[2:] == [(ALICE, LATE), (SECOND, LATE), (ALICE, LATE), (SECOND, LATE)]
    assert two.rows(incident_table.c.round) == [(3,)]
    two.sandbox.faults.clear()
    two.run(45 * 60, hop=30)
    assert sent(two)[6:] == [(ALICE, LATE)]
    assert [reason for reason, _ in told(two) if reason in ("unreached", "unanswered")] == ["unreached", "unanswered"]


def test_a_number_that_will_never_take_an_sms_is_not_tried_again_before_the_reminder(two):
    two.fault("undelivered", ptt=23)
    two.fire()
    two.run(20 * 60, hop=5)
    assert receivers(two) == [ALICE, SECOND]


def test_a_round_that_reaches_somebody_waits_for_an_answer(two):
    two.reload(THREE_ROUNDS)
    two.give_phones("alice", ALICE, SECOND)
    two.fault("undelivered", times=2)
    two.fire()
    two.run(9 * 60, hop=5)
    assert receivers(two) == [ALICE, SECOND, ALICE]
    assert two.states()[2] == ("page", "delivered")
    assert two.rows(incident_table.c.round, incident_table.c.step_due_at) == [(1, NIGHT + timedelta(minutes=10))]


def test_somebody_of_the_team_who_was_reached_is_enough(two):
    two.reload(
        """
people: {alice: "+33612345678", bob: "+33698765432"}
teams: {ops: {page: [alice, bob]}}
route: {team: ops}
"""
    )
    two.fault("undelivered", receiver=ALICE)
    two.fire()
    two.run(4 * 60, hop=5)
    assert two.rows(incident_table.c.round, incident_table.c.step_due_at) == [(0, NIGHT + timedelta(minutes=5))]
    assert len(two.texts) == 2


def test_no_receipt_in_two_minutes_pages_the_next_number(two):
    two.fault("no_receipt", receiver=ALICE)
    two.fire()
    two.run(119)
    assert receivers(two) == [ALICE]
    two.run(1)
    assert sent(two) == [(ALICE, PAGE), (SECOND, PAGE)]
    two.run(20)
    assert two.states() == [("page", "sent"), ("page", "delivered")]
    assert told(two)[:2] == [
        ("none_in_time", "SMS to alice (+33*******78)"),
        ("next_number", "alice +33*******12"),
    ]
    two.run(1200, hop=10)
    assert len(two.texts) == 2


@pytest.mark.parametrize("step", [-7200, 7200])
def test_a_clock_that_is_set_delays_no_next_number(two, step):
    two.run(20)
    two.clock.set_wall(step)
    two.run(20)
    two.fault("500", call="outgoing")
    two.fire()
    two.run(150)
    assert receivers(two) == [ALICE, SECOND]


def test_the_time_for_a_receipt_is_the_operator_s(url, clock):
    from tests.support.house import OVH, House

    house = House(url, clock, ovh=OVH.replace("sender: ACME", "sender: ACME, receipt_timeout: 30s"))
    house.give_phones("alice", ALICE, SECOND)
    house.fault("no_receipt", receiver=ALICE)
    house.fire()
    house.run(30)
    assert receivers(house) == [ALICE, SECOND]
    house.close()


def test_no_receipt_from_the_last_number_changes_nothing(house):
    house.fault("no_receipt")
    house.fire()
    house.run(299, hop=5)
    assert house.texts == [PAGE]
    assert house.rows(incident_table.c.round, incident_table.c.step_due_at) == [(0, NIGHT + timedelta(minutes=5))]
    assert told(house) == [("none_in_time", "SMS to alice (+33*******78)")]


def test_a_good_receipt_that_comes_late_is_noted_and_undoes_nothing(two):
    two.fault("slow_receipt", receiver=ALICE, seconds=180)
    two.fire()
    two.run(150)
    assert two.states() == [("page", "sent"), ("page", "delivered")]
    two.run(120)
    assert two.states() == [("page", "delivered"), ("page", "delivered")]
    assert outcome(two, "delivered") == 2
    assert len(two.texts) == 2


def test_a_good_receipt_after_a_bad_one_counts_when_it_is_called_back(two):
    two.fault("undelivered", receiver=ALICE)
    two.fire()
    two.run(30)
    change_fate(two, 0)
    two.run(600, hop=10)
    assert two.states() == [("page", "undelivered"), ("page", "delivered")]
    assert (
        two.client.get(f"/ovh/receipt/{two.app.keys.receipt_secret}?id={two.sandbox.accepted[0].id}").status_code == 200
    )
    two.hear()
    assert two.states() == [("page", "delivered"), ("page", "delivered")]
    assert (outcome(two, "delivered"), outcome(two, "undelivered")) == (2, 1)
    assert ("delivered_late", "SMS to alice (+33*******78): DLR 1, PTT 4: delivered") in told(two)
    assert len(two.texts) == 2


def test_a_bad_receipt_that_is_called_back_again_is_read_and_asked_about_no_more(two):
    two.fault("undelivered", receiver=ALICE)
    two.fire()
    two.run(30)
    two.app.delivery.receipts.called_back(two.sandbox.accepted[0].id)
    two.run(60)
    assert (outcome(two, "undelivered"), len(two.texts)) == (1, 2)
    assert two.rows(message_table.c.poll_at) == [(None,), (None,)]


@pytest.mark.parametrize("order", list(permutations([4, 1, 0])))
def test_updates_in_any_order_count_one_delivery(house, order):
    house.fire()
    house.run(2)
    for dlr in order:
        path = f"/ovh/receipt/{house.app.keys.receipt_secret}?id={house.sandbox.accepted[0].id}&description={dlr}&ptt=3"
        assert house.client.get(path).status_code == 200
        house.hear()
    assert house.states() == [("page", "delivered")]
    assert outcome(house, "delivered") == 1


def test_a_callback_that_comes_before_our_own_commit_is_dropped_and_the_first_poll_reads_the_receipt(house):
    house.fire()
    house.pool.lazy = True
    house.settle()
    house.app.delivery.receipts.called_back(100_001)  # the first id that the sandbox gives
    house.pool.lazy = False
    house.pool.run()
    assert house.sandbox.accepted[0].id == 100_001
    house.run(9)
    assert house.states() == [("page", "sent")]
    house.run(1)
    assert house.states() == [("page", "delivered")]


def test_an_id_that_nobody_knows_is_dropped_and_asks_ovh_nothing(house):
    house.fire()
    house.run(60)
    asked = house.sandbox.counts["outgoing"].total()
    house.app.delivery.receipts.called_back(4711)
    house.run(11 * 60, hop=5)
    assert house.sandbox.counts["outgoing"].total() == asked


@pytest.mark.one_store
def test_a_callback_while_the_store_fails_is_answered_well_and_the_next_poll_reads_the_receipt(house, monkeypatch):
    house.fire()
    house.run(2)

    def broken(*_: object) -> bool:
        raise StoreError("store: no")

    with monkeypatch.context() as patched:
        patched.setattr("alertsms.delivery.receipts.receipts.poll_now", broken)
        path = f"/ovh/receipt/{house.app.keys.receipt_secret}?id={house.sandbox.accepted[0].id}"
        assert house.client.get(path).status_code == 200
    house.run(8)
    assert house.states() == [("page", "delivered")]


def test_when_receipts_do_not_come_at_all_waits_alone_decide(two):
    two.fault("no_receipt")
    two.fire(*(f"web-{number:02}" for number in range(10)))
    two.run(121)
    assert receivers(two) == [ALICE] * 10 + [SECOND] * 10
    assert two.metric("receipts_working") == 1
    two.run(121)
    assert two.metric("receipts_working") == 0
    notices = two.rows(notification_table.c.kind, notification_table.c.note, notification_table.c.due_at)
    assert [row[1:] for row in notices if row[0] == "notice"] == [
        (
            "NO RECEIPTS from OVHcloud for 20 of the last 20 SMS: until they come, second numbers are not tried",
            NIGHT.replace(hour=8, minute=0),
        ),
    ]
    two.fire("db-01")
    two.run(300, hop=5)
    assert receivers(two)[20:] == [ALICE]
    two.sandbox.faults.clear()
    two.fire(*(f"app-{number:02}" for number in range(10)))
    two.run(140, hop=5)
    assert two.metric("receipts_working") == 1


def test_a_message_that_ovh_shows_under_another_id_is_found_by_its_tag(house):
    house.fire()
    house.settle()
    house.app.store.transact(lambda tx: tx.execute(update(message_table).values(ovh_id=4711)))
    house.run(11)
    assert house.states() == [("page", "delivered")]
    assert house.rows(message_table.c.ovh_id) == [(house.sandbox.accepted[0].id,)]


def test_the_receipt_of_somebody_else_s_message_is_not_taken_for_ours(two):
    two.fault("undelivered", times=1)
    two.fire("web-01", "web-02")
    two.settle()
    mine, other = (sms.id for sms in two.sandbox.accepted)
    two.app.store.transact(
        lambda tx: tx.execute(update(message_table).where(message_table.c.ovh_id == other).values(ovh_id=mine))
    )
    two.run(11)
    assert sorted(two.states()) == [("page", "delivered"), ("page", "sent"), ("page", "undelivered")]
    assert receivers(two) == [ALICE, ALICE, SECOND]


def test_a_message_that_ovh_does_not_show_yet_is_asked_about_again(house):
    house.fault("late", seconds=20)
    house.fire()
    house.run(29)
    assert house.states() == [("page", "sent")]
    house.run(1)
    assert house.states() == [("page", "delivered")]


def test_the_ok_goes_to_the_number_that_had_the_page(two):
    two.fault("undelivered", receiver=ALICE)
    two.fire()
    two.run(30)
    two.resolve()
    two.settle()
    assert sent(two)[2:] == [(SECOND, OK)]


def test_a_page_that_no_phone_got_is_followed_by_its_ok_all_the_same(house):
    """It may arrive yet: then nobody should get up for it."""
    house.fault("undelivered", times=1)
    house.fire()
    house.run(15)
    house.resolve()
    house.settle()
    assert sent(house)[1:] == [(ALICE, OK)]


def test_what_resolved_before_the_next_number_had_it_is_told_there_in_one_text(two):
    two.fault("undelivered", receiver=ALICE)
    two.fire()
    two.settle()
    two.clock.advance(10)
    two.hear()
    two.resolve()
    two.settle()
    assert sent(two)[1:] == [(SECOND, "resolved meanwhile: #1 HighCPU 02:10-02:22")]


def test_what_resolved_meanwhile_pages_no_other_number(two):
    two.fault("undelivered", receiver=ALICE, times=1)
    two.fire()
    two.run(5)
    two.resolve()
    two.run(300, hop=5)
    assert sent(two) == [(ALICE, PAGE), (ALICE, OK)]
    assert two.states() == [("page", "undelivered"), ("resolved", "delivered")]


@pytest.mark.parametrize("kind", ["undelivered", "no_receipt"])
def test_what_somebody_has_acknowledged_meanwhile_pages_no_other_number(two, kind):
    two.fault(kind, receiver=ALICE)
    two.fire()
    two.run(5)
    two.app.store.transact(lambda tx: tx.execute(update(incident_table).values(state="acknowledged", acked_by="bob")))
    two.run(300, hop=5)
    assert sent(two) == [(ALICE, PAGE)]


def test_a_restart_forgets_no_receipt_and_no_time(two):
    two.fault("no_receipt", receiver=ALICE)
    two.fire()
    two.run(60)
    two.crash()
    two.start()
    two.give_phones("alice", ALICE, SECOND)
    two.run(59)
    assert receivers(two) == [ALICE]
    two.run(2)
    assert receivers(two) == [ALICE, SECOND]


def test_after_an_absence_ovh_is_asked_before_the_time_that_went_by_counts(two):
    two.fire()
    two.settle()
    two.crash()
    two.clock.advance(1200)
    two.start()
    two.give_phones("alice", ALICE, SECOND)
    two.pool.lazy = True
    two.run(5)  # so long the answer takes
    two.pool.lazy = False
    two.pool.run()
    two.run(30)
    assert two.texts == [PAGE]
    assert two.states() == [("page", "delivered")]


def test_an_ovh_that_does_not_answer_delays_no_decision(two):
    two.fault("hang", call="outgoing")
    two.fire()
    two.run(150)
    assert receivers(two) == [ALICE, SECOND]


def test_receipts_are_read_while_sends_take_all_places(two):
    two.fire()
    two.settle()
    two.clock.advance(10)
    for number in range(two.app.delivery.rate_limiter.places):
        assert two.app.delivery.rate_limiter.take(f"somebody-{number}")
    two.hear()
    assert two.states() == [("page", "delivered")]
    for number in range(two.app.delivery.rate_limiter.places):
        two.app.delivery.rate_limiter.give_back(f"somebody-{number}")


def test_two_replicas_do_not_ask_about_the_same_message(house):
    house.fire()
    house.settle()
    now, until = NIGHT + timedelta(seconds=10), NIGHT + timedelta(seconds=40)
    assert len(house.app.store.transact(lambda tx: claim(tx, now, until, 50))) == 1
    assert house.app.store.transact(lambda tx: claim(tx, now, until, 50)) == []
    assert len(house.app.store.transact(lambda tx: claim(tx, until, until, 50))) == 1


def test_a_number_that_is_gone_while_its_page_waits_does_not_stop_the_others(two):
    """The first number had the page already: it goes to whatever number stands in the second's place."""
    two.fault("undelivered", receiver=ALICE)
    two.fire()
    two.settle()
    two.fault("429", receiver=SECOND)
    two.run(11)
    two.give_phones("alice", ALICE, "+33711111111")
    two.run(30)
    assert receivers(two) == [ALICE, "+33711111111"]


BEHIND = """
people: {alice: "+33612345678", bob: "+33698765432"}
teams: {ops: {page: [alice]}, boss: {page: [bob]}}
route: {team: ops}
fallback: {team: boss, channels: ["json://ops.example.org/hidden"]}
"""


def posted(house) -> list[tuple[str, str]]:
    return house.posts("kind", "person")


def test_the_fallback_is_told_at_once_when_no_phone_of_a_team_got_it(house):
    house.reload(BEHIND)
    house.fault("undelivered", receiver=ALICE)
    house.fire()
    house.run(12)
    assert receivers(house) == [ALICE, BOB]
    assert [kind for kind, _ in posted(house)] == ["unreached"]
    house.run(600, hop=5)
    assert receivers(house) == [ALICE, BOB]  # somebody has it: no further round


def test_a_page_that_no_phone_got_keeps_nobody_from_hearing_that_the_next_one_does_not_leave(house):
    house.reload(BEHIND.replace("team: boss, ", ""))
    house.give_phones("alice", ALICE, SECOND)
    house.fault("undelivered", receiver=ALICE)
    house.fault("429", receiver=SECOND)
    house.fire()
    house.run(200, hop=5)
    assert [kind for kind, _ in posted(house)] == ["unsent"]


def test_the_channels_are_told_when_no_phone_says_in_time_that_it_has_the_page(house):
    house.reload(BEHIND.replace("page: [alice]", "page: [alice, bob]", 1))
    house.fault("no_receipt")
    house.fire()
    house.run(110, hop=5)
    assert posted(house) == []
    house.run(60, hop=5)
    assert posted(house) == [("unheard", "global")]
    ((_, title, text),) = house.posted
    assert title == "CRITICAL HighCPU web-01 #1"
    assert text.splitlines() == [
        "SMS left for this, and no phone has confirmed one in time:",
        "CRITICAL HighCPU web-01: CPU above 90% for 5 min #1 (team ops, since 2026-03-03 02:10 UTC)",
    ]
    house.run(600, hop=5)
    assert [kind for kind, _ in posted(house)] == ["unheard", "unanswered"]
    assert receivers(house) == [ALICE, BOB]
    house.resolve()
    house.run(10)
    assert [title for _, title, _ in house.posted[2:]] == ["OK HighCPU web-01 #1"]


def test_the_channels_are_not_told_while_another_phone_has_the_page(house):
    house.reload(BEHIND.replace("page: [alice]", "page: [alice, bob]", 1))
    house.fault("no_receipt", receiver=ALICE)
    house.fire()
    house.run(299, hop=5)
    assert posted(house) == []


@pytest.mark.one_store
def test_receipts_that_cannot_be_read_are_a_trouble_while_there_is_something_to_ask(house):
    house.app.delivery.receipts._unanswered._monotonic = lambda: house.clock.ran

    def listed() -> list[str]:
        return [trouble.says for trouble in house.app.delivery.receipts.troubles()]

    house.fault("500", call="outgoing")
    house.fire()
    house.run(20)
    assert listed() == []
    house.run(40)
    (said,) = listed()
    assert said.startswith("delivery receipts cannot be read: outgoing_id: 500")
    house.sandbox.faults.clear()
    house.run(60)
    assert listed() == []
