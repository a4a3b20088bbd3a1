"""Long without a way out, or long away ourselves: what waited is told as it is by then, and nothing is lost."""

from __future__ import annotations

from collections import Counter

import pytest

from alertsms.core.incidents.incident import EventKind
from alertsms.store.schema import event_table, message_table, notification_table
from tests.delivery.test_account_monitor import calls, give_channel, keys_die, keys_live, notices
from tests.support.house import PLAN, House

HOUR = 3600.0


def down(house: House) -> None:
    """No send arrives, and no question is answered."""
    house.fault("503", call="*")


@pytest.mark.one_store
def test_three_hours_without_ovh_lose_nothing_and_say_what_is_open_and_what_is_over(house):
    give_channel(house)
    house.fire("warm-up")
    house.run(1)
    house.resolve("warm-up")
    house.run(1)
    house.sandbox.account.credits = 10_000
    down(house)
    names = [f"web-{number:04}" for number in range(100)]
    for at in range(0, 100, 50):
        house.fire(*names[at : at + 50])
    house.run(1.5 * HOUR, hop=60)
    house.resolve(*names[:50])
    house.run(1.5 * HOUR, hop=60)
    assert len(house.texts) == 2
    assert calls(house) < 40
    assert len(notices(house)) == 1
    house.sandbox.faults.clear()
    house.app.delivery.rate_limiter.limit(max_in_flight=1000, max_per_second=0)
    house.run(300, hop=30)
    assert told(house) == {("page", 1 + 50), ("resolved", 1), ("meanwhile", 50)}
    assert len(house.texts) <= 102


def told(house: House) -> set[tuple[str, int]]:
    """Of how many incidents the page, or the end, is part of a text that OVH accepted, none of them twice."""
    sent = {
        number
        for number, state in house.rows(message_table.c.id, message_table.c.state)
        if state in ("sent", "delivered")
    }
    carried = [
        (kind, incident)
        for kind, incident, message in house.rows(
            notification_table.c.kind, notification_table.c.incident_id, notification_table.c.message_id
        )
        if message in sent
    ]
    assert len(carried) == len(set(carried))
    return set(Counter(kind for kind, _ in carried).items())


def test_what_was_composed_before_an_outage_leaves_with_its_start_time(house):
    keys_die(house)
    house.fire()
    house.run(0)
    (before,) = house.rows(message_table.c.text)
    house.run(11 * 60, hop=5)
    keys_live(house)
    house.run(31)
    assert before == ("CRITICAL HighCPU web-01: CPU above 90% for 5 min #1",)
    assert house.texts == ["CRITICAL HighCPU web-01 since 02:10: CPU above 90% for 5 min #1"]
    assert house.states() == [("page", "cancelled"), ("page", "delivered")]
    happened = house.rows(event_table.c.kind, event_table.c.reason, event_table.c.count)
    assert (EventKind.ATTEMPT, "recomposed", 1) in happened
    assert house.metric("sms_total", team="ops", outcome="cancelled") == 1


def test_what_was_taken_with_a_429_before_an_outage_is_looked_up_as_it_is(house):
    """Worded anew it would have another tag, by which nobody could find that it left."""
    house.fault("429_after", times=1)
    house.fire()
    house.run(0)
    keys_die(house)
    house.run(11 * 60, hop=5)
    keys_live(house)
    house.run(300)
    assert house.texts == ["CRITICAL HighCPU web-01: CPU above 90% for 5 min #1"]
    assert house.states() == [("page", "delivered")]


def test_a_short_outage_takes_nothing_apart(house):
    keys_die(house)
    house.fire()
    house.run(5 * 60, hop=5)
    keys_live(house)
    house.run(31)
    assert house.states() == [("page", "delivered")]
    assert house.app.delivery.accounts.backlog_until is None


@pytest.mark.one_store
def test_what_ovh_may_have_is_not_taken_apart(house):
    house.fault("reset_after", times=1)
    house.fire()
    house.run(0)
    keys_die(house)
    house.fire("web-02")
    house.run(15 * 60, hop=5)
    keys_live(house)
    house.run(60)
    assert sorted(text.split()[2].rstrip(":") for text in house.texts) == ["web-01", "web-02"]
    assert ("page", "unknown") not in house.states()


@pytest.mark.one_store
def test_an_account_that_refuses_each_trial_has_its_messages_taken_apart_every_ten_minutes_at_most(house):
    house.sandbox.account.senders["ACME"] = "waitingValidation"
    house.fire()
    house.run(HOUR, hop=5)
    assert len(house.states()) <= 7


@pytest.mark.one_store
def test_few_messages_that_fail_for_long_are_one_flood_too(house):
    """Too few to open the breaker: it is the time that counts."""
    house.fault("429")
    house.fire()
    house.run(15 * 60, hop=5)
    house.fire("web-02")
    house.sandbox.faults.clear()
    house.run(60)
    assert len(house.texts) == 2
    assert house.app.delivery.accounts.backlog_until is not None


def test_after_our_own_absence_what_waited_is_worded_anew(house):
    house.fault("429")
    house.fire()
    house.run(60)
    house.crash()
    house.clock.advance(HOUR)
    house.sandbox.faults.clear()
    house.start()
    assert house.app.delivery.accounts.backlog_until == house.clock()
    house.run(60)
    assert house.texts == ["CRITICAL HighCPU web-01 since 02:10: CPU above 90% for 5 min #1"]


def test_after_an_absence_with_nothing_waiting_there_is_no_flood(house):
    house.fire()
    house.run(60)
    house.crash()
    house.clock.advance(HOUR)
    house.start()
    assert house.app.delivery.accounts.backlog_until is None


@pytest.mark.one_store
def test_a_restart_in_the_middle_of_an_outage_does_not_forget_how_long_it_lasts(house):
    house.fire("warm-up")
    house.run(20)
    keys_die(house)
    house.fire()
    house.run(8 * 60, hop=5)
    house.crash()
    house.start()
    house.run(4 * 60, hop=5)
    keys_live(house)
    house.run(31)
    assert house.texts[1:] == ["CRITICAL HighCPU web-01 since 02:10: CPU above 90% for 5 min #2"]


def test_a_reload_with_new_keys_after_a_long_outage_is_the_end_of_it(house):
    keys_die(house)
    house.fire()
    house.run(15 * 60, hop=5)
    house.sandbox.keys.grant(house.sandbox.keys.consumers["sandbox-consumer"].rules, now=0, key="new")
    house.ovh = house.ovh.replace("sandbox-consumer", "new")
    house.reload(PLAN)
    house.app.delivery.account_monitor.step()
    assert house.app.delivery.accounts.backlog_until == house.clock()
    house.run(10)
    assert house.texts == ["CRITICAL HighCPU web-01 since 02:10: CPU above 90% for 5 min #1"]


def test_a_copy_is_never_taken_apart(house):
    """OVH may show the one before it yet: the next look-up must find the same tag and text."""
    keys_die(house)
    house.fire()
    house.run(1)
    with house.app.store.engine.begin() as tx:
        tx.execute(message_table.update().values(resends=1))
    house.run(11 * 60, hop=5)
    keys_live(house)
    house.run(31)
    assert house.states() == [("page", "delivered")]


def test_what_waited_is_taken_apart_before_a_message_may_try(house, monkeypatch):
    keys_die(house)
    house.fire()
    house.run(11 * 60, hop=5)
    keys_live(house)
    seen: list[list[tuple[str, str]]] = []
    monkeypatch.setattr(house.app.delivery.accounts, "_on_change", lambda: seen.append(house.states()))
    house.clock.advance(31)
    house.app.delivery.account_monitor.step()
    assert seen == [[("page", "cancelled")]]


def test_the_end_of_what_resolved_in_a_digest_that_an_outage_took_apart_is_told(house):
    """Others still needed the digest, so the end waited behind it."""
    house.reload("storm: {after: 1}" + PLAN)
    house.fire()
    house.run(1)
    house.fire("web-02", "web-03")
    keys_die(house)
    house.run(30, hop=5)
    house.resolve("web-02")
    house.run(15 * 60, hop=30)
    assert ("resolved", "waiting") in house.page_states()
    keys_live(house)
    house.run(5 * 60, hop=10)
    assert told(house) == {("page", 2), ("meanwhile", 1)}
    assert not {state for _, state in house.page_states()} & {"queued", "waiting"}


def test_the_end_of_what_resolved_in_a_digest_whose_number_is_gone_is_told(house):
    house.reload("storm: {after: 1}" + PLAN)
    house.fire()
    house.run(1)
    house.fire("web-02", "web-03")
    keys_die(house)
    house.run(30, hop=5)
    house.resolve("web-02")
    house.reload("storm: {after: 1}" + PLAN.replace("+33612345678", "+33712345678"))
    keys_live(house)
    house.run(5 * 60, hop=10)
    assert told(house) == {("page", 2), ("meanwhile", 1)}
    assert not {state for _, state in house.page_states()} & {"queued", "waiting"}
