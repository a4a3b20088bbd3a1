"""Who is handed to the senders, in which order, and that no place is ever lost."""

from __future__ import annotations

import pytest

from alertsms.delivery import claim
from alertsms.store import messages, notifications
from alertsms.store.error import StoreError
from alertsms.store.schema import message_table
from tests.support.house import ALICE, OVH, PLAN, House, alert, page

EIGHT = [f"web-0{number}" for number in range(8)]


def test_the_most_severe_goes_first_and_then_the_oldest(house):
    house.post(alert("web-01", severity="info"), alert("web-02", severity="warning"))
    house.clock.advance(1)
    house.post(alert("web-03"), alert("web-04", severity="warning"))
    house.settle()
    assert [text.split(" ")[2].rstrip(":") for text in house.texts] == ["web-03", "web-02", "web-04", "web-01"]


def test_one_number_has_four_in_flight_at_most_and_others_go_on(house):
    house.reload("""
people: {alice: "+33612345678", bob: "+33698765432"}
teams: {ops: {page: [alice]}, bobs: {page: [bob]}}
route: {team: ops, routes: [{matchers: ['who="bob"'], team: bobs}]}
""")
    house.pool.lazy = True
    house.fire(*EIGHT)
    house.post(alert("web-09", who="bob", severity="info"))
    house.settle()
    flying = [message.person for _, (message,) in house.pool.kept]
    assert sorted(flying) == ["alice"] * 4 + ["bob"]
    house.pool.lazy = False
    house.pool.run()
    house.settle()
    assert len(house.texts) == 9


def test_no_more_are_claimed_than_there_are_places(url, clock):
    house = House(url, clock, ovh=OVH.replace("max_per_second: 0", "max_per_second: 0, max_in_flight: 2"))
    house.pool.lazy = True
    house.fire(*EIGHT)
    house.settle()
    assert len(house.pool.kept) == 2
    assert house.app.delivery.dispatcher.step() is None
    house.pool.lazy = False
    house.pool.run()
    house.settle()
    assert len(house.texts) == 8
    house.close()


def test_a_lease_lasts_longer_than_the_longest_call(url, clock):
    house = House(url, clock, ovh=OVH.replace("max_per_second: 0", "max_per_second: 0, read_timeout: 2m"))
    house.pool.lazy = True
    house.fire()
    now = clock()
    house.settle()
    ((until,),) = house.rows(message_table.c.lease_until)
    ovh = house.app.config.ovh
    assert until - now > 2 * (ovh.read_timeout + ovh.connect_timeout)
    house.close()


def test_the_pace_allows_so_many_and_says_when_to_come_again(url, clock):
    house = House(url, clock, ovh=OVH.replace("max_per_second: 0", "max_per_second: 2"))
    house.fire(*EIGHT)
    house.app.delivery.dispatcher.step()
    assert len(house.texts) == 2
    pause = house.app.delivery.dispatcher.step()
    while pause == 0.0:
        pause = house.app.delivery.dispatcher.step()
    assert 0 < pause <= 0.5
    house.close()


def test_a_text_that_cannot_be_composed_stops_nobody(house, monkeypatch, caplog):
    word = claim.word

    def fail(what, incident, style, **more):
        if incident and incident.labels["instance"] == "web-01":
            raise UnicodeError("nobody foresaw this")
        return word(what, incident, style, **more)

    monkeypatch.setattr(claim, "word", fail)
    house.fire("web-01", "web-02")
    house.settle()
    assert sorted(text.partition(" #")[0] for text in house.texts) == [
        "CRITICAL HighCPU web-02: CPU above 90% for 5 min",
        "PAGE without text",
    ]
    assert "nobody foresaw this" in caplog.text
    assert house.app.delivery.rate_limiter.in_flight == 0


def test_a_template_that_fails_gives_way_and_is_counted(house):
    house.reload(PLAN.replace("page: [alice]", "page: [alice], template: '{{ 1 // (number - number) }}'"))
    house.fire()
    house.settle()
    assert house.texts == [page("web-01", 1)]
    assert house.metric("template_errors_total", team="ops") == 1


def test_a_label_that_sets_off_a_template_costs_its_own_text_only(house):
    """Whoever sends the alert decides what stands in it: its page leaves all the same, as alertsms would write it."""
    template = "{{ labels.instance | join(labels.instance) | join(labels.instance) }}"
    house.reload(PLAN.replace("page: [alice]", f"page: [alice], template: '{template}'"))
    house.fire("w" * 3_000)
    house.settle()
    assert [text.startswith("CRITICAL HighCPU www") for text in house.texts] == [True]
    assert house.metric("template_errors_total", team="ops") == 1


@pytest.mark.parametrize("part", ["read", "transact"])
def test_a_store_that_fails_costs_no_place(house, monkeypatch, part):
    house.fire(*EIGHT)

    def fail(_work):
        raise StoreError("away")

    monkeypatch.setattr(house.app.store, part, fail)
    for _ in range(5):
        with pytest.raises(StoreError):
            house.app.delivery.dispatcher.step()
    monkeypatch.undo()
    assert house.app.delivery.rate_limiter.in_flight == 0
    house.settle()
    assert len(house.texts) == 8


def test_a_page_that_was_resolved_between_reading_and_claiming_is_not_sent(house, monkeypatch):
    due, posted = notifications.due, []

    def resolve_meanwhile(*args):
        found = due(*args)
        if found and not posted:
            posted.append(1)
        return found

    monkeypatch.setattr(notifications, "due", resolve_meanwhile)
    claim = notifications.claim

    def late(tx, chosen):
        notifications.cancel(tx, next(iter(chosen)))
        return claim(tx, chosen)

    monkeypatch.setattr(notifications, "claim", late)
    house.fire()
    house.settle()
    assert posted
    assert house.texts == []
    assert house.app.delivery.rate_limiter.in_flight == 0
    assert house.rows(message_table.c.id) == []


def test_a_page_for_somebody_who_is_gone_and_that_was_resolved_meanwhile_pages_nobody(house, monkeypatch):
    house.fire()
    house.reload("""
people: {bob: "+33698765432"}
teams: {ops: {page: [bob]}}
route: {team: ops}
""")
    cancel = notifications.cancel
    monkeypatch.setattr(notifications, "cancel", lambda tx, number: cancel(tx, number) and cancel(tx, number))
    house.settle()
    assert house.texts == []
    assert house.app.delivery.rate_limiter.in_flight == 0


def test_a_message_that_another_one_claimed_is_left_alone(house, monkeypatch):
    house.fault("429", times=1)
    house.fire()
    house.settle()
    house.clock.advance(2)
    monkeypatch.setattr(messages, "claim", lambda *_: [])
    house.app.delivery.dispatcher.step()
    monkeypatch.undo()
    assert house.texts == []
    assert house.app.delivery.rate_limiter.in_flight == 0
    house.settle()
    assert len(house.texts) == 1


def test_a_pool_that_is_shut_down_keeps_no_place(house, monkeypatch):
    def refuse(*_):
        raise RuntimeError("cannot schedule new futures after shutdown")

    monkeypatch.setattr(house.pool, "submit", refuse)
    house.fire()
    house.settle()
    assert house.app.delivery.rate_limiter.in_flight == 0
    assert house.states() == [("page", "sending")]


def test_look_ups_do_not_take_every_place(house):
    house.fault("reset_before", times=4)
    house.fire(*EIGHT[:4])
    house.settle()
    house.clock.advance(1)
    house.pool.lazy = True
    house.post(alert("web-09"))
    house.app.delivery.rate_limiter.limit(max_in_flight=4, max_per_second=0)
    house.settle()
    states = [message.state for _, (message,) in house.pool.kept]
    assert sorted(states) == ["sending", "unknown", "unknown", "unknown"]
    house.pool.lazy = False
    house.pool.run()
    house.run(40)
    assert len(house.texts) == 5


def test_sends_go_first_while_a_look_up_is_on_its_way(house):
    house.fault("reset_before", times=4)
    house.fire(*EIGHT[:4])
    house.settle()
    house.app.delivery.rate_limiter.limit(max_in_flight=1, max_per_second=0)
    house.pool.lazy = True
    house.clock.advance(1)
    house.settle()
    (look_up,) = house.pool.kept
    assert look_up[1][0].state == "unknown"
    house.post(alert("web-09"))
    house.app.delivery.rate_limiter.limit(max_in_flight=2, max_per_second=0)
    house.settle()
    assert house.pool.kept[1][1][0].state == "sending"
    house.pool.lazy = False
    house.pool.run()


def test_the_last_number_serves_when_a_reload_left_fewer(house):
    house.give_phones("alice", ALICE, "+33756789012")
    house.fault("invalid_receiver", times=1)
    house.fire()
    house.app.delivery.dispatcher.step()
    house.reload(PLAN)
    house.settle()
    assert [sms.receiver for sms in house.sandbox.accepted] == [ALICE]


def test_after_a_quiet_round_it_waits_for_what_comes_next(house):
    assert house.app.delivery.dispatcher.step() is None
    house.fault("429", times=1)
    house.fire()
    house.settle()
    assert 0.5 < house.app.delivery.dispatcher.step() < 2
