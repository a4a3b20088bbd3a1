"""Every way in which a call to OVHcloud can end, and what becomes of the message."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from alertsms.ovh.error import Certainty, OvhError
from alertsms.store import messages
from alertsms.store.error import StoreError
from alertsms.store.schema import incident_table, message_table
from tests.support.house import ALICE, BOB, page

LOST_BUT_ACCEPTED = ["reset_after", "500_after", "503_after", "408_after", "html_504_after", "hang_after", "empty_200"]
LOST_AND_NOT_ACCEPTED = ["reset_before", "500", "503", "408", "html_504", "hang", "empty_200_lost"]


@pytest.mark.parametrize("kind", LOST_BUT_ACCEPTED)
def test_an_accepted_message_whose_answer_is_lost_is_found_and_not_sent_again(house, kind):
    house.fault(kind, times=1)
    house.fire()
    house.settle()
    assert house.states() == [("page", "unknown")]
    house.run(20)
    assert house.states() == [("page", "delivered")]
    assert house.texts == [page("web-01", 1)]
    assert house.metric("sms_unknown_total", resolution="found") == 1
    assert house.metric("sms_attempts_total", result="unknown") == 1
    assert house.metric("sms_total", team="ops", outcome="sent") == 1


@pytest.mark.parametrize("kind", LOST_AND_NOT_ACCEPTED)
def test_a_lost_message_that_ovh_does_not_have_is_sent_once_more(house, kind):
    house.fault(kind, times=1)
    house.fire()
    house.run(40)
    assert house.states() == [("page", "delivered")]
    assert house.texts == [page("web-01", 1)]
    assert house.metric("sms_unknown_total", resolution="resent") == 1
    assert house.rows(message_table.c.attempts, message_table.c.resends) == [(2, 1)]


def test_a_429_is_retried_no_sooner_than_ovh_wishes(house):
    house.fault("429", times=1, retry_after=20)
    house.fire()
    house.run(19)
    assert house.texts == []
    house.run(3)
    assert house.texts == [page("web-01", 1)]
    assert house.metric("sms_attempts_total", result="retry") == 1


@pytest.mark.parametrize(
    "status", [202, 204, 205, 206, 301, 302, 303, 304, 307, 308, 401, 403, 404, 409, 451, 499, 502, 511]
)
def test_an_odd_answer_after_accepting_doubles_nothing(house, status):
    """Whatever a gateway makes of an answer, only OVHcloud's own words say that a message was not taken."""
    house.fault("status_after", status=status, times=1)
    house.fire()
    house.run(100)
    assert house.texts == [page("web-01", 1)]
    assert house.states() == [("page", "delivered")]


@pytest.mark.parametrize("status", [204, 301, 307, 400, 403, 404, 407, 413, 425, 429, 451, 499, 502, 503])
def test_an_odd_answer_before_accepting_loses_nothing(house, status):
    house.fault("status", status=status, times=1)
    house.fire()
    house.run(60)
    assert house.texts == [page("web-01", 1)]
    assert house.states() == [("page", "delivered")]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["/elsewhere", "https://api.eu.ovhcloud.com"])
def test_redirects_now_and_then_after_accepting_double_nothing(house, status, location):
    house.fault("redirect_after", status=status, location=location, probability=0.3)
    house.fire(*(f"web-{number:02}" for number in range(12)))
    house.run(900)
    assert sorted(text.split()[2] for text in house.texts) == [f"web-{number:02}:" for number in range(12)]


def test_what_was_taken_though_ovh_said_429_is_not_sent_again(house):
    house.fault("429_after", times=1)
    house.fire()
    house.run(20)
    assert house.texts == [page("web-01", 1)]
    assert house.states() == [("page", "delivered")]
    assert house.sandbox.counts["jobs"] == {"429": 1}


def test_while_calls_are_refused_the_question_before_a_new_try_is_refused_too(house):
    """A storm of 429 costs no more calls than it did: the question takes the place of the try."""
    house.fire("web-00")
    house.settle()
    house.fault("429", call="jobs")
    house.fault("429", call="outgoing")
    house.fire()
    house.run(60)
    tries = house.rows(message_table.c.attempts)[1][0]
    assert house.sandbox.counts["jobs"] == {"200": 1, "429": 1}
    assert house.sandbox.counts["outgoing"]["429"] >= tries - 1
    house.sandbox.faults.clear()
    house.run(40)
    assert house.texts == [page("web-00", 1), page("web-01", 2)]


@pytest.mark.parametrize("fault", ["500", "503", "reset"])
def test_a_question_that_fails_for_good_keeps_no_page_after_a_429(house, fault):
    """The list of what left is broken, sending works: after a minute one copy leaves, as after a lost answer."""
    house.fault("429", times=1)
    house.fault(fault, call="outgoing")
    house.fire()
    house.run(120)
    assert house.texts == [page("web-01", 1)]


def test_keys_that_may_not_ask_may_send_after_a_429_all_the_same(house, monkeypatch):
    def never(*_args, **_more):
        raise OvhError(certainty=Certainty.PERMANENT, status=403, code="NOT_GRANTED_CALL", call="outgoing")

    monkeypatch.setattr(house.app.delivery.accounts.first.sms, "outgoing_ids", never)
    house.fault("429", times=1)
    house.fire()
    house.run(5)
    assert house.texts == [page("web-01", 1)]


@pytest.mark.parametrize("wish", [99_999_999, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_no_header_makes_a_critical_page_wait_for_more_than_a_minute(house, wish):
    house.fault("429", times=1, retry_after=wish)
    house.fire()
    house.run(59)
    assert house.texts == []
    house.run(3)
    assert house.texts == [page("web-01", 1)]


def test_a_warning_waits_for_five_minutes_at_most(house):
    house.fault("429", times=1, retry_after=99_999_999)
    house.fire(severity="warning")
    house.run(290)
    assert house.texts == []
    house.run(20)
    assert len(house.texts) == 1


@pytest.mark.parametrize("wish", [-5, "nan", "soon", "", "9" * 40, "Tue, 99 Nov 2023 22:14:20 GMT"])
def test_a_wish_that_cannot_be_read_is_none(house, wish):
    house.fault("429", times=1, retry_after=wish)
    house.fire()
    house.run(3)
    assert house.texts == [page("web-01", 1)]


def test_a_number_that_ovh_refuses_gives_way_to_the_next_one(house):
    house.give_phones("alice", ALICE, "+33756789012")
    house.fault("invalid_receiver", times=1)
    house.fire()
    house.settle()
    assert [(sms.receiver, sms.text) for sms in house.sandbox.accepted] == [("+33756789012", page("web-01", 1))]
    assert house.states() == [("page", "failed"), ("page", "sent")]
    assert house.metric("sms_total", team="ops", outcome="failed") == 1


def test_after_the_last_number_the_page_has_failed_and_the_reminder_tries_anew(house):
    house.give_phones("alice", ALICE, "+33756789012")
    house.fault("invalid_receiver", times=2)
    house.fire()
    house.run(20)
    assert house.states() == [("page", "failed"), ("page", "failed")]
    assert house.metric("sms_total", team="ops", outcome="failed") == 2
    house.run(2400, hop=300)
    assert [sms.receiver for sms in house.sandbox.accepted] == [ALICE]


def test_an_empty_account_fails_no_message(house):
    house.fault("no_credits")
    house.fire()
    house.run(600, hop=10)
    assert house.states() == [("page", "queued")]
    assert house.metric("sms_attempts_total", result="account") > 10
    house.sandbox.faults.clear()
    house.run(40)
    assert len(house.texts) == 1


def test_what_certainly_did_not_leave_is_retried_until_it_does(house, monkeypatch):
    def refused(job):
        raise OvhError(certainty=Certainty.TEMPORARY, code="unreachable", message="connection refused")

    sms = house.app.delivery.accounts.first.sms
    monkeypatch.setattr(sms, "send", refused)
    house.fire()
    house.run(120, hop=5)
    assert house.states() == [("page", "queued")]
    monkeypatch.undo()
    house.run(40)
    assert len(house.texts) == 1


def test_a_crash_between_claim_and_send_sends_it_once(house):
    house.fire()
    house.pool.lazy = True
    house.settle()
    assert house.states() == [("page", "sending")]
    house.crash()
    house.start()
    house.run(90)
    assert house.texts == [page("web-01", 1)]
    assert house.metric("sms_unknown_total", resolution="resent") == 1


def test_a_crash_between_send_and_mark_does_not_send_it_twice(house, monkeypatch):
    monkeypatch.setattr(messages, "move", lambda *_, **__: 1 / 0)
    house.fire()
    house.settle()
    assert house.states() == [("page", "sending")]
    monkeypatch.undo()
    house.crash()
    house.start()
    house.run(90)
    assert house.texts == [page("web-01", 1)]
    assert house.metric("sms_unknown_total", resolution="found") == 1
    assert house.states() == [("page", "delivered")]


def test_a_place_is_given_back_whatever_happens(house, monkeypatch):
    monkeypatch.setattr(messages, "move", lambda *_, **__: 1 / 0)
    house.fire("web-01", "web-02", "web-03", "web-04", "web-05")
    house.settle()
    assert house.app.delivery.rate_limiter.in_flight == 0


def test_what_is_claimed_and_comes_late_is_not_sent_but_looked_up(house):
    house.fire()
    house.pool.lazy = True
    house.settle()
    house.clock.advance(50)
    house.pool.lazy = False
    house.pool.run()
    assert house.texts == []
    assert house.states() == [("page", "sending")]
    house.run(60)
    assert len(house.texts) == 1
    assert house.metric("sms_unknown_total", resolution="resent") == 1


def test_an_outcome_that_cannot_be_stored_is_tried_again(house, monkeypatch):
    store, answers = house.app.store, [StoreError("full"), StoreError("full")]
    transact, waits = store.transact, []

    def sometimes(work):
        if house.texts and answers:
            raise answers.pop()
        return transact(work)

    monkeypatch.setattr(store, "transact", sometimes)
    monkeypatch.setattr(house.app.delivery.sender, "_sleep", waits.append)
    house.fire()
    house.settle()
    assert house.states() == [("page", "sent")]
    assert waits == [1.0, 1.0]


def test_an_outcome_that_can_never_be_stored_costs_a_look_up(house, monkeypatch):
    store = house.app.store
    transact = store.transact

    def never(work):
        if house.texts:
            raise StoreError("full")
        return transact(work)

    monkeypatch.setattr(house.app.delivery.sender, "_sleep", lambda _: None)
    monkeypatch.setattr(store, "transact", never)
    house.fire()
    house.settle()
    monkeypatch.undo()
    assert house.states() == [("page", "sending")]
    assert house.metric("sms_total", team="ops", outcome="sent") == 0
    house.run(90)
    assert house.texts == [page("web-01", 1)]
    assert house.metric("sms_total", team="ops", outcome="sent") == 1


def test_a_late_answer_changes_nothing_about_a_later_attempt(house):
    """The first attempt's thread was away for longer than its lease; the same process holds the second attempt."""
    house.fire()
    house.pool.lazy = True
    house.settle()
    first = house.app.store.read(lambda tx: messages.message(tx.execute(select(message_table)).mappings().one()))
    house.clock.advance(61)
    house.app.watch.housekeeper.step()
    house.pool.kept.clear()
    house.app.delivery.rate_limiter.give_back("alice")
    house.pool.lazy = False
    for _ in range(20):
        house.clock.advance(1)
        house.pool.lazy = house.states() == [("page", "queued")]
        house.settle()
    assert house.states() == [("page", "sending")] or house.states() == [("page", "sent")]
    moved = house.app.store.transact(lambda tx: messages.move(tx, first, messages.MessageState.FAILED))
    assert not moved


def test_the_next_reminder_counts_from_the_moment_ovh_accepted_the_page(house):
    house.fault("429")
    house.fire()
    house.run(600, hop=30)
    house.sandbox.faults.clear()
    house.run(60)
    assert len(house.texts) == 1
    house.run(1500, hop=100)
    assert len(house.texts) == 1
    house.run(400, hop=100)
    assert len(house.texts) == 2


def test_two_people_are_paged_together_and_one_refusal_stops_nobody(house):
    house.reload("""
people: {alice: "+33612345678", bob: "+33698765432"}
teams: {ops: {page: [alice, bob]}}
route: {team: ops}
""")
    house.fault("invalid_receiver", receiver=ALICE)
    house.fire()
    house.run(20)
    assert [sms.receiver for sms in house.sandbox.accepted] == [BOB]
    house.resolve()
    house.settle()
    assert [sms.receiver for sms in house.sandbox.accepted] == [BOB, BOB]
    assert house.rows(incident_table.c.state) == [("closed",)]
