"""Two installations on one account both read its inbox: an answer is spoken to by whoever wrote to that phone last."""

from __future__ import annotations

import pytest

from alertsms.sandbox import Fault, FaultKind
from alertsms.sandbox.account import read_job
from alertsms.sandbox.faults import Strike
from tests.oncall.test_replies import PLAN, SHORT, sent, states
from tests.support.house import ALICE, House, page


@pytest.fixture
def night(url, clock):
    built = House(url, clock, PLAN, SHORT)
    yield built
    built.close()


@pytest.fixture
def numbered(url, clock):
    built = House(
        url, clock, PLAN, SHORT.replace("sender_for_response: true", "sender_for_response: true, replies: numbered")
    )
    yield built
    built.close()


def other_writes(house: House, text: str, number: str = ALICE) -> None:
    """The other installation pages a phone, a moment later."""
    house.clock.advance(5)
    job = read_job(
        {
            "message": text,
            "receivers": [number],
            "senderForResponse": True,
            "noStopClause": True,
            "tag": "othr0123456789ab",
        }
    )
    house.sandbox.account.submit(job, house.clock().timestamp(), Strike(hits={}))
    house.clock.advance(5)


def test_a_right_answer_to_the_other_one_does_not_come_back_as_unknown(night):
    night.fire()
    night.run(30)
    other_writes(night, "CRITICAL Disk db-1 #3")
    night.reply(ALICE, "ok 3")
    night.run(60)
    assert sent(night) == [page("web-01", 1), "CRITICAL Disk db-1 #3"]
    assert states(night) == [(1, "open", "")]


def test_whoever_wrote_last_says_so_as_before(night):
    other_writes(night, "CRITICAL Disk db-1 #3")
    night.fire()
    night.run(30)
    night.reply(ALICE, "ok 3")
    night.run(60)
    assert sent(night)[-1].startswith("#3 is unknown")


def test_a_number_of_the_other_one_takes_no_incident_that_this_phone_was_not_paged_for(url, clock):
    plan = PLAN.replace("ops: {page: [alice, bob]", "ops: {page: [bob]").replace(
        "}}\nroute", "}, db: {page: [alice]}}\nroute"
    )
    night = House(url, clock, plan, SHORT)
    night.fire()
    night.run(30)
    other_writes(night, "CRITICAL Disk db-1 #1")
    night.reply(ALICE, "ok 1")
    night.run(60)
    assert states(night) == [(1, "open", "")]
    night.reply(ALICE, "ack all")
    night.run(60)
    assert states(night) == [(1, "open", "")]
    night.close()


def test_what_it_did_here_is_said_whoever_wrote_last(night):
    night.fire()
    night.run(30)
    other_writes(night, "CRITICAL Disk db-1 #3")
    night.reply(ALICE, "ok 1")
    night.run(60)
    assert states(night) == [(1, "acknowledged", "alice")]
    assert sent(night)[-1] == "You have #1"


def test_numbers_of_the_other_one_are_not_counted_as_wrong_ones(numbered):
    numbered.fire()
    numbered.run(30)
    for number in (3, 4, 5, 6):
        other_writes(numbered, f"CRITICAL Disk db-1 #{number}")
        numbered.reply(ALICE, f"ok {number}")
        numbered.run(30)
    numbered.reply(ALICE, "ok 1")
    numbered.run(60)
    assert states(numbered) == [(1, "acknowledged", "alice")]


def test_guesses_are_counted_whoever_wrote_last(numbered):
    """A forger may have something else on the account write to that phone: a code for a login, say."""
    numbered.fire()
    numbered.run(30)
    other_writes(numbered, "Your code is 482913")
    numbered.reply(ALICE, "ok 7 8 9")
    numbered.run(30)
    rests = sent(numbered)[-1]
    assert rests.startswith("3 wrong numbers came in answers from this phone. Until 03:1")
    other_writes(numbered, "Your code is 182911")
    numbered.reply(ALICE, "ok 1")
    numbered.run(30)
    assert states(numbered) == [(1, "open", "")]
    assert sent(numbered).count(rests) == 1


def test_where_ovhcloud_does_not_say_who_wrote_last_it_is_spoken_to(night):
    night.fire()
    night.run(30)
    other_writes(night, "CRITICAL Disk db-1 #3")
    night.reply(ALICE, "ok 3")
    night.sandbox.faults.add(Fault(kind=FaultKind.ERROR_500, call="outgoing"))
    night.run(60)
    assert sent(night)[-1].startswith("#3 is unknown")
