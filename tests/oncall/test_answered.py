"""What an answer by SMS did is said back to its phone, whose number may have been forged; and which answers count."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alertsms.config import ConfigError
from alertsms.core.incidents.acknowledge import AcknowledgedVia
from alertsms.sandbox import FaultKind
from alertsms.store import settings
from alertsms.store.schema import incident_table, notification_table
from tests.oncall.test_replies import PLAN, SHORT, count, sent, states
from tests.support.house import ALICE, BOB, NIGHT, House, page

SECOND = "+33756789012"
NUMBERED = SHORT.replace("sender_for_response: true", "sender_for_response: true, replies: numbered")
OFF = SHORT.replace("sender_for_response: true", "sender_for_response: true, replies: off")
ALONE = PLAN.replace("[alice, bob]", "[alice]")
HOW = "Nobody has #{0} yet. Write OK {0} or SNOOZE {0} 2h"


@pytest.fixture
def night(url, clock):
    built = House(url, clock, PLAN, SHORT)
    yield built
    built.close()


@pytest.fixture
def numbered(url, clock):
    built = House(url, clock, ALONE, NUMBERED)
    yield built
    built.close()


def paged(house: House, *instances: str) -> None:
    house.fire(*(instances or ("web-01",)))
    house.run(30)


def said(house: House, number: str = ALICE) -> list[str]:
    """What that phone got beside pages and OKs."""
    return [text for text in sent(house, number) if not text.startswith(("CRITICAL", "OK", "STILL"))]


# What is said back.


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ack all", "You have #1 #2"),
        ("ok", "You have #1 #2"),
        ("ok 1", "You have #1"),
        ("snooze 2 2h", "You have #2 until 05:10"),
        ("ok 2 7", "You have #2, #7 is unknown"),
    ],
)
def test_an_answer_that_nobody_of_that_phone_wrote_is_noticed_there(url, clock, text, words):
    plan = PLAN.replace('bob: "', 'carol: "+33611223344", bob: "') + "time_zone: Europe/Paris\n"
    house = House(url, clock, plan, SHORT)
    paged(house, "web-01", "web-02")
    house.reply(ALICE, text)
    house.run(30)
    assert said(house) == [words]
    assert said(house, BOB) == []
    house.close()


def test_an_owner_who_did_not_write_it_has_it_page_again(night):
    paged(night)
    night.reply(ALICE, "ack all")
    night.run(30)
    assert said(night) == ["You have #1"]
    night.reply(ALICE, "snooze 1 1m")
    night.run(120)
    assert states(night) == [(1, "open", "")]
    assert [text for text in sent(night, BOB) if text.startswith(("STILL", "AGAIN"))] != []


def test_answers_within_ten_seconds_are_said_back_in_one(night):
    paged(night, "web-01", "web-02", "web-03")
    night.run(9)
    night.reply(ALICE, "ok 1")
    night.run(9)
    night.reply(ALICE, "ok 2")
    for _ in range(40):
        night.run(1)
    night.reply(ALICE, "ok 9")
    night.run(40)
    night.reply(ALICE, "ok 3")
    night.run(40)
    assert sorted(said(night)) == ["#9 is unknown", "You have #1 #2", "You have #3"]


def test_a_long_snooze_is_said_back_behind_however_many_short_ones(night):
    paged(night, *[f"web-0{number}" for number in range(1, 8)])
    for number in range(1, 7):
        night.reply(ALICE, f"snooze {number} {number}m")
    night.reply(ALICE, "snooze 7 7d")
    night.run(30)
    assert said(night)[-1].endswith("#1 #2 #3 #4 #5 #6 #7 until 10 Mar 02:10 at the latest")


BOTH = "{matchers: ['severity=critical'], team: "
ALSO = PLAN.replace("teams: {", "teams: {db: {page: [bob, alice], tell_others: no}, ").replace(
    "{team: ops}", f"{{team: ops, routes: [{BOTH}ops, continue: true}}, {BOTH}db}}]}}"
)


def test_an_answer_that_took_only_what_another_team_has_says_what(night):
    paged(night)
    night.reply(ALICE, "ok 1")
    night.run(30)
    night.reload(ALSO)
    paged(night)
    assert states(night) == [(1, "acknowledged", "alice"), (2, "open", "")]
    night.reply(ALICE, "ok 1")
    night.run(30)
    assert states(night)[1] == (2, "acknowledged", "alice")
    assert said(night) == ["You have #1", "You have #2"]


def test_an_answer_that_changed_nothing_is_not_said_back(night):
    paged(night)
    for _ in range(2):
        night.reply(ALICE, "ok")
        night.run(30)
    assert said(night) == ["You have #1"]


def test_other_ways_to_answer_are_not_said_back(night):
    paged(night)
    night.app.oncall.acknowledgements.acknowledge([1], by="alice", via=AcknowledgedVia.LINK)
    night.run(60)
    assert said(night) == []


def test_six_an_hour_are_said_back(night):
    for number in range(1, 9):
        paged(night, f"web-0{number}")
        night.reply(ALICE, f"ok {number}")
        night.run(40)
    assert said(night) == [f"You have #{number}" for number in range(1, 7)]
    assert {state for _, state, _ in states(night)} == {"acknowledged"}
    night.run(3600, hop=60)
    paged(night, "db-01")
    night.reply(ALICE, "ok 9")
    night.run(40)
    assert said(night)[6:] == ["You have #9"]


def test_they_are_beside_what_a_person_gets_in_an_hour(url, clock):
    """Neither does the limit keep one back, nor does one keep a page back."""
    house = House(url, clock, ALONE + "limits: {per_person_per_hour: 3}\n", SHORT)
    for number in range(1, 4):
        paged(house, f"web-0{number}")
        house.reply(ALICE, f"ok {number}")
        house.run(40)
    assert len(sent(house)) == 6
    paged(house, "web-04")
    assert len(sent(house)) == 6
    house.close()


def test_one_counts_for_no_storm(url, clock):
    house = House(url, clock, ALONE + "storm: {after: 2}\n", SHORT)
    paged(house)
    house.reply(ALICE, "ok")
    house.run(30)
    paged(house, "web-02")
    assert sent(house) == [page("web-01", 1), "You have #1", page("web-02", 2)]
    house.close()


def test_no_other_number_ever_gets_one(url, clock):
    house = House(url, clock, ALONE, SHORT)
    house.give_phones("alice", ALICE, SECOND)
    paged(house)
    house.reply(ALICE, "ok")
    house.run(9)
    house.fault(FaultKind.INVALID_RECEIVER)
    house.run(3600, hop=30)
    assert [sms.receiver for sms in house.sandbox.accepted] == [ALICE]
    assert states(house) == [(1, "acknowledged", "alice")]
    assert house.rows(notification_table.c.kind, notification_table.c.phone) == [("page", 0), ("answered", 0)]
    house.close()


@pytest.mark.parametrize("kind", ["undelivered", "no_receipt"])
def test_one_that_does_not_arrive_moves_nothing(url, clock, kind):
    house = House(url, clock, ALONE + 'fallback: {channels: ["json://nowhere"]}\n', SHORT)
    house.give_phones("alice", ALICE, SECOND)
    paged(house)
    house.reply(ALICE, "ok")
    house.run(5)
    house.fault(kind, receiver=ALICE)
    house.run(3600, hop=30)
    assert [sms.receiver for sms in house.sandbox.accepted] == [ALICE, ALICE]
    assert house.posted == []
    house.close()


def test_the_second_number_of_somebody_gets_its_own(url, clock):
    house = House(url, clock, ALONE, SHORT)
    house.give_phones("alice", ALICE, SECOND)
    paged(house)
    house.reply(SECOND, "ok 1")
    house.run(30)
    assert said(house, SECOND) == ["You have #1"]
    assert said(house) == []
    house.close()


@pytest.mark.one_store
@pytest.mark.parametrize("fault", ["429", "no_credits"])
@pytest.mark.parametrize(("seconds", "left"), [(120, ["You have #1"]), (400, [])])
def test_one_that_cannot_leave_within_five_minutes_is_dropped(night, fault, seconds, left):
    paged(night)
    night.fault(fault)
    night.reply(ALICE, "ok")
    night.run(seconds)
    night.sandbox.faults.clear()
    night.run(600)
    assert said(night) == left


def test_one_that_waits_when_the_process_ends_leaves_once(night):
    paged(night)
    night.reply(ALICE, "ok")
    night.run(9)
    night.crash()
    night.start()
    night.run(60)
    assert said(night) == ["You have #1"]


def test_one_whose_answer_was_lost_is_looked_up_and_not_doubled(night):
    paged(night)
    night.reply(ALICE, "ok")
    night.run(9)
    night.fault("reset_after", times=1)
    night.run(120)
    assert said(night) == ["You have #1"]


def test_the_last_credits_are_not_for_them(url, clock):
    house = House(url, clock, ALONE + "limits: {per_person_per_hour: 0, reserve_credits: 50}\n", SHORT)
    paged(house)
    house.app.store.transact(lambda tx: settings.put(tx, "credits", "50", NIGHT))
    house.reply(ALICE, "ok")
    house.run(60)
    assert said(house) == []
    assert states(house) == [(1, "acknowledged", "alice")]
    house.close()


def test_a_reload_that_takes_the_number_away_takes_the_text_along(url, clock):
    house = House(url, clock, ALONE, SHORT)
    house.give_phones("alice", ALICE, SECOND)
    paged(house)
    house.reply(SECOND, "ok 1")
    house.run(11)
    house.reload(ALONE)
    house.run(60)
    assert said(house) == []
    assert house.rows(notification_table.c.kind, notification_table.c.state)[-1] == ("answered", "cancelled")
    house.close()


# Numbered: only what that phone was paged for.


@pytest.mark.parametrize("text", ["ok", "ack all", "1", "snooze 2h"])
def test_an_answer_without_a_number_counts_for_nothing_and_learns_how_to_write(numbered, text):
    paged(numbered)
    numbered.reply(ALICE, text)
    numbered.run(30)
    assert states(numbered) == [(1, "open", "")]
    assert said(numbered) == [HOW.format(1)]
    assert count(numbered, "unnumbered") == 1


def test_a_number_of_that_phone_counts(numbered):
    paged(numbered, "web-01", "web-02")
    numbered.reply(ALICE, "ok 2")
    numbered.run(30)
    assert states(numbered) == [(1, "open", ""), (2, "acknowledged", "alice")]
    assert said(numbered) == ["You have #2"]


def test_a_number_that_the_phone_was_not_sent_does_not(url, clock):
    house = House(url, clock, PLAN.replace("ops: {page: [alice, bob]", "ops: {page: [bob]"), NUMBERED)
    paged(house)
    house.reply(ALICE, "ok 1")
    house.run(30)
    assert states(house) == [(1, "open", "")]
    assert said(house) == ["#1 is unknown"]
    house.close()


def test_a_slip_beside_a_right_number_is_said(numbered):
    paged(numbered)
    numbered.reply(ALICE, "ok 1 11")
    numbered.run(30)
    assert states(numbered) == [(1, "acknowledged", "alice")]
    assert said(numbered) == ["You have #1, #11 is unknown"]


def test_the_number_of_a_digest_counts(url, clock):
    house = House(url, clock, ALONE + "storm: {after: 1}\n", NUMBERED)
    house.fire("web-01")
    house.settle()
    paged(house, "web-02", "web-03")
    house.reply(ALICE, "ok 4")
    house.run(30)
    assert [state for _, state, _ in states(house)] == ["open", "acknowledged", "acknowledged"]
    assert said(house)[-1] == "You have #4"
    house.close()


RESTS = "3 wrong numbers came in answers from this phone. Until 03:1"


GUESSES = [("ok 7", "ok 8", "ok 9"), ("ok 7 8 9",), ("ok 1 2 3 4 5 6 7 8 9",), ("ok 7 8", "ok 1 9")]


@pytest.mark.parametrize("texts", GUESSES)
def test_three_wrong_numbers_and_the_answers_of_a_phone_rest_for_an_hour(numbered, texts):
    paged(numbered)
    for text in texts:
        numbered.reply(ALICE, text)
        numbered.run(20)
    assert said(numbered)[-1].startswith(RESTS)
    assert said(numbered)[-1].endswith("none of its answers counts: use a link or alertsms ack")
    numbered.reply(ALICE, "ok 1")
    numbered.run(30)
    assert states(numbered) == [(1, "open", "")]
    numbered.crash()
    numbered.start()
    numbered.reply(ALICE, "ok 1")
    numbered.run(1800, hop=30)
    assert states(numbered) == [(1, "open", "")]
    numbered.run(1800, hop=30)
    numbered.reply(ALICE, "ok 1")
    numbered.run(70)
    assert states(numbered) == [(1, "acknowledged", "alice")]


def test_wrong_numbers_of_one_phone_are_not_those_of_another(url, clock):
    house = House(url, clock, PLAN, NUMBERED)
    paged(house)
    house.reply(BOB, "ok 7 8 9")
    house.reply(ALICE, "ok 1")
    house.run(30)
    assert states(house) == [(1, "acknowledged", "alice")]
    house.close()


def test_wrong_numbers_are_forgotten_after_an_hour(numbered):
    paged(numbered)
    for text in ("ok 7", "ok 8"):
        numbered.reply(ALICE, text)
        numbered.run(20)
    numbered.run(3600, hop=60)
    numbered.reply(ALICE, "ok 9")
    numbered.run(70)
    numbered.reply(ALICE, "ok 1")
    numbered.run(70)
    assert states(numbered) == [(1, "acknowledged", "alice")]


def test_a_stop_is_heard_while_answers_rest(numbered):
    paged(numbered)
    numbered.reply(ALICE, "ok 7 8 9")
    numbered.run(20)
    numbered.reply(ALICE, "STOP")
    numbered.run(20)
    assert count(numbered, "stop") == 1


# Off: nobody reads them.


def test_where_answers_are_off_nobody_asks_for_them(url, clock):
    house = House(url, clock, ALONE, OFF)
    paged(house)
    house.reply(ALICE, "ok")
    house.run(120)
    assert states(house) == [(1, "open", "")]
    assert said(house) == []
    assert house.app.oncall.replies.step() is None
    house.close()


def test_a_reload_lets_them_count_again(url, clock):
    house = House(url, clock, ALONE, OFF)
    paged(house)
    house.ovh = SHORT
    house.reload(ALONE)
    house.reply(ALICE, "ok")
    house.run(30)
    assert house.rows(incident_table.c.state) == [("acknowledged",)]
    house.close()


def test_another_word_is_a_mistake(url, clock):
    with pytest.raises(ConfigError, match="write one of any, numbered, off"):
        House(url, clock, ALONE, SHORT.replace("sender_for_response: true", "sender_for_response: true, replies: no"))


def test_the_bounds_are_those_that_are_documented():
    from alertsms.core.text import reply

    assert (timedelta(seconds=12), timedelta(minutes=5)) == (reply.GATHERED, reply.DROPPED)
    assert (6, 3, timedelta(hours=1)) == (reply.AN_HOUR, reply.WRONG, reply.HOUR)
