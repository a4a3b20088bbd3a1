"""Each SMS that comes in is read soon, and acted upon once, whatever fails in between."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from alertsms.oncall import replies as door
from alertsms.ovh.error import Certainty, OvhError, Scope
from alertsms.ovh.sms import Inbox
from alertsms.store import settings
from alertsms.store.answers import MOST, Cursor
from alertsms.store.error import StoreError
from alertsms.store.replica_tables import reply_table
from alertsms.store.schema import incident_table
from tests.oncall.test_replies import PLAN, SHORT, count, sent, states
from tests.support.house import ALICE, NIGHT, OVH, STANDBY, House, page

RENTED = OVH.replace("sender: ACME", 'virtual_number: "+33700000001"')
TAKEN = [(1, "acknowledged", "alice")]


@pytest.fixture
def night(url, clock):
    built = House(url, clock, PLAN, SHORT)
    yield built
    built.close()


def asked(house) -> int:
    return house.sandbox.counts["incoming"].total()


@pytest.mark.one_store
def test_replies_are_asked_for_each_minute_and_every_ten_seconds_while_one_is_expected(night):
    night.reload(PLAN.replace("rounds: 1", "rounds: 1, repeat_interval: 0s"))
    night.run(300, hop=5)
    quiet = asked(night)
    assert quiet == 6
    night.fire()
    night.run(120)
    assert asked(night) - quiet == 12
    night.clock.advance(31 * 60)
    night.app.oncall.replies.step()
    late = asked(night)
    night.run(300, hop=5)
    assert asked(night) - late == 5


def test_a_name_as_sender_has_no_replies(house):
    house.reply(ALICE, "ok")
    house.fire()
    house.run(300)
    assert asked(house) == 0
    assert states(house) == [(1, "open", "")]
    assert house.app.oncall.replies.ready


def test_a_rented_number_is_answered_too(url, clock):
    house = House(url, clock, PLAN, RENTED)
    house.sandbox.account.virtual_numbers["0033700000001"] = "fr"
    house.fire()
    house.run(30)
    house.reply(ALICE, "ok")
    house.run(10)
    assert states(house) == TAKEN
    house.close()


def test_the_same_reply_counts_once_however_often_it_is_listed(night):
    night.fire("web-01", "web-02")
    night.run(30)
    night.reply(ALICE, "ok")
    night.run(60)
    assert count(night, "acknowledge") == 1
    assert sent(night)[2:] == ["You have #1 #2"]


def test_it_counts_once_across_a_restart_too(night):
    night.fire("web-01", "web-02")
    night.run(30)
    night.reply(ALICE, "ok")
    night.run(10)
    night.crash()
    night.start()
    night.fire("web-03")
    night.run(60)
    assert [state for _, state, _ in states(night)] == ["acknowledged", "acknowledged", "open"]
    assert count(night, "acknowledge") == 0, "this process has seen none"


def test_what_could_not_be_stored_is_read_again(night, monkeypatch):
    night.fire()
    night.run(30)
    night.reply(ALICE, "ok")
    transact = night.app.store.transact

    def broken(work):
        raise StoreError("store: the disk is full")

    monkeypatch.setattr(night.app.store, "transact", broken)
    night.clock.advance(10)
    with pytest.raises(StoreError):
        night.app.oncall.replies.step()
    monkeypatch.setattr(night.app.store, "transact", transact)
    assert states(night) == [(1, "open", "")]
    night.run(10)
    assert states(night) == TAKEN


def test_a_crash_before_the_commit_loses_nothing(night):
    night.fire()
    night.run(30)
    night.reply(ALICE, "ok")
    night.crash()
    night.start()
    night.run(1)
    assert states(night) == TAKEN


def test_a_reply_that_nobody_foresaw_keeps_no_other_from_being_read(night, monkeypatch, caplog):
    night.fire()
    night.run(30)
    handle = door.handle

    def fragile(tx, roster, sms):
        if sms.text == "boom":
            raise ZeroDivisionError
        return handle(tx, roster, sms)

    monkeypatch.setattr(door, "handle", fragile)
    night.reply(ALICE, "boom")
    night.reply(ALICE, "ok")
    night.run(60)
    assert states(night) == TAKEN
    assert caplog.text.count("a reply could not be obeyed") == 1


def test_a_flood_is_read_to_its_end(night):
    night.fire()
    night.run(30)
    for _ in range(120):
        night.reply("+33700000009", "ok")
    night.reply(ALICE, "ok")
    night.run(10)
    assert (count(night, "stranger"), states(night)) == (120, TAKEN)


def test_what_was_answered_while_nobody_listened_is_done_before_anything_else(night):
    night.fire()
    night.run(30)
    night.crash()
    night.reply(ALICE, "ok")
    night.clock.advance(3600)
    night.start()
    assert not night.app.oncall.replies.ready
    night.run(1)
    assert night.app.oncall.replies.ready
    assert states(night) == TAKEN
    assert sent(night) == [page("web-01", 1)]


def test_nobody_is_paged_again_before_the_answers_have_been_read(night):
    """Its reminder came due while nobody listened, and so did the answer: OVHcloud shows that a little later."""
    night.fire()
    night.run(30)
    night.crash()
    night.reply(ALICE, "ok")
    night.clock.advance(3600)
    night.fault("503", call="incoming", times=2)
    night.start()
    night.run(120)
    assert states(night) == TAKEN
    assert sent(night) == [page("web-01", 1), "You have #1"]


def test_nobody_waits_longer_than_a_minute_for_replies_that_cannot_be_read(night, caplog):
    night.fault("503", call="incoming")
    night.crash()
    night.start()
    night.run(59)
    assert not night.app.oncall.replies.ready
    night.run(1)
    assert night.app.oncall.replies.ready
    assert caplog.text.count("replies could not be read") == 1, "once, not at each try"


def test_keys_without_the_right_to_read_replies_keep_nobody_waiting(night, caplog):
    rules = night.sandbox.keys.consumers["sandbox-consumer"].rules
    night.sandbox.keys.grant(tuple(r for r in rules if "incoming" not in r.path), now=0, key="sandbox-consumer")
    night.run(1)
    assert night.app.oncall.replies.ready
    assert "replies could not be read" in caplog.text


def test_a_shut_account_is_not_asked(night):
    night.run(60)
    before = asked(night)
    dead = OvhError(certainty=Certainty.PERMANENT, scope=Scope.ACCOUNT, status=403, code="INVALID_CREDENTIAL")
    night.app.delivery.accounts.failed("first", dead, night.clock(), night.clock())
    night.clock.advance(60)
    night.app.oncall.replies.step()
    assert asked(night) == before


def test_a_429_slows_everything_down(night):
    night.fault("429", call="incoming", times=1)
    night.run(1)
    assert night.app.delivery.rate_limiter._share == 0.5


def test_what_is_older_than_a_day_is_said_and_not_done(night, caplog):
    night.fire()
    night.run(30)
    night.reply(ALICE, "ok")
    night.crash()
    night.clock.advance(25 * 3600)
    night.start()
    night.run(60)
    assert states(night) == [(1, "open", "")]
    assert (count(night, "late"), count(night, "acknowledge")) == (1, 0)
    assert "an SMS came in too late to act upon" in caplog.text


def test_a_reply_without_a_time_takes_what_was_told_before_the_last_look(night, monkeypatch):
    """Its time has no zone, say: it came after the last look, so what was told before that is surely meant."""
    monkeypatch.setattr("alertsms.ovh.models.moment", lambda _: None)
    night.fire()
    night.run(30)
    night.reply(ALICE, "ok")
    night.clock.advance(5)
    night.fire("web-02")
    night.settle()
    night.run(10)
    assert states(night) == [*TAKEN, (2, "open", "")]


def test_each_account_has_its_own(url, clock):
    house = House(url, clock, PLAN, STANDBY.replace("sender: ACME", "sender_for_response: true"))
    house.fire()
    house.run(30)
    house.spare.account.receive(ALICE, "ok", "", clock().timestamp())
    house.run(10)
    assert states(house) == TAKEN
    house.close()


def test_what_is_done_with_is_kept_small(night):
    night.reply(ALICE, "hello")
    night.run(60)
    kept = night.app.store.read(lambda tx: json.loads(settings.get(tx, "replies:sms-xx00000-1")))
    assert (kept["done"], kept["floor"]) == ([100001], 0)
    for _ in range(3):
        night.clock.advance(26 * 3600)
        night.app.oncall.replies.step()
    kept = night.app.store.read(lambda tx: json.loads(settings.get(tx, "replies:sms-xx00000-1")))
    assert (kept["done"], kept["floor"]) == ([], 0)


def test_ids_need_not_rise():
    known = Cursor().after(7).after(9)
    assert known.fresh([9, 8, 7, 10]) == [8, 10]
    assert known.among([9, 10]).done == {9}


def test_no_more_than_an_older_alertsms_needs_are_remembered_one_by_one():
    known = Cursor(done=frozenset(range(1, MOST)), floor=0)
    for number in range(MOST, MOST + 11):
        known = known.after(number)
    assert (len(known.done), known.floor) == (MOST, 0)
    assert known.fresh(range(1, MOST + 12)) == [*range(1, 11), MOST + 11]


def test_what_an_older_alertsms_passed_over_is_passed_over():
    assert Cursor(done=frozenset([12]), floor=10).fresh([9, 10, 11, 12, 13]) == [11, 13]


def listing(monkeypatch, *lists: list[int] | None) -> None:
    """What OVHcloud lists at each look: None for all that there is."""
    whole, looks = Inbox.ids, iter(lists)
    monkeypatch.setattr(
        Inbox, "ids", lambda self, since: whole(self, since) if (ids := next(looks, None)) is None else ids
    )


def test_an_older_list_after_a_newer_one_does_nothing_twice(night, monkeypatch):
    night.fire()
    night.run(30)
    night.reply(ALICE, "ok")
    listing(monkeypatch, None, [], [], None)
    night.run(10)
    assert states(night) == TAKEN
    night.resolve()
    night.clock.advance(600)
    night.fire(start=night.clock())
    night.run(60)
    assert count(night, "acknowledge") == 1
    assert [state for _, state, _ in states(night)][-1] == "open", "the answer was to the page before"


def test_what_is_listed_late_twice_and_out_of_order_is_done_once_each(night, monkeypatch):
    night.fire()
    night.run(30)
    for _ in range(6):
        night.reply("+33700000009", "ok")
    listing(monkeypatch, [100008, 100007, 100008], [100004], [], [100006, 100004, 100003, 100003])
    night.run(60)
    assert count(night, "stranger") == 6
    rows = night.app.store.read(lambda tx: tx.execute(select(reply_table.c.inbox, reply_table.c.reply_id)).all())
    assert sorted(rows) == [("sms-xx00000-1", number) for number in range(100003, 100009)]


def test_answers_of_long_ago_are_forgotten(night):
    night.reply(ALICE, "hello")
    night.run(60)
    for days, rows in ((89, 1), (2, 0)):
        night.clock.advance(days * 86400)
        night.app.oncall.replies.step()
        assert night.app.store.read(lambda tx: len(tx.execute(select(reply_table.c.id)).all())) == rows


def test_a_page_of_which_replies_are_expected_is_one_that_nobody_has(night):
    night.fire()
    night.run(30)
    night.reply(ALICE, "ok")
    night.run(10)
    before = asked(night)
    night.run(120, hop=5)
    assert asked(night) - before == 2
    assert night.rows(incident_table.c.acked_at) == [(NIGHT + timedelta(seconds=40),)]
