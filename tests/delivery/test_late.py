"""One number alone is refused again and again: once its page can leave, it says since when it fires."""

from __future__ import annotations

import pytest

from alertsms.store import tokens
from alertsms.store.schema import message_table
from tests.support.house import ALICE, BOB, NIGHT, House, alert
from tests.support.house import page as text_of

TEAM = """
people: {alice: "+33612345678", bob: "+33698765432"}
teams: {ops: {page: [alice, bob]}}
route: {team: ops}
"""
SITE = TEAM + 'server: {external_url: "https://p.example.org", allow_unauthenticated: true}\n'
TRIED = 60  # seconds in which the next try surely was
SINCE = "CRITICAL HighCPU web-01 since 02:10: CPU above 90% for 5 min #1"


@pytest.fixture
def plan() -> str:
    return TEAM


def busy(house: House, seconds: float) -> None:
    """OVHcloud wants no SMS to bob for so long."""
    house.fault("429", receiver=BOB.removeprefix("+"))
    house.fire()
    house.run(seconds, hop=10)
    house.sandbox.faults.clear()
    house.run(TRIED, hop=10)


def told(house: House) -> list[tuple[str, str]]:
    return [(one.receiver, one.text) for one in house.sandbox.accepted]


@pytest.mark.parametrize(("seconds", "text"), [(40, text_of("web-01", 1)), (130, SINCE)])
def test_what_leaves_more_than_two_minutes_late_says_since_when(house, seconds, text):
    busy(house, seconds)
    assert told(house) == [(ALICE, text_of("web-01", 1)), (BOB, text)]
    assert (BOB, text) in house.rows(message_table.c.number, message_table.c.text)


def test_its_link_stays_what_it_was(url, clock):
    house = House(url, clock, SITE)
    busy(house, 130)
    (_, late), now = told(house)[1], house.clock()
    words, _, token = late.rpartition(" https://p.example.org/a/")
    (made,) = house.app.store.read(lambda tx: [tokens.find(tx, token, now)])
    assert (words, made.person, made.incident_id) == (SINCE, "bob", 1)
    assert made.created_at == NIGHT
    house.close()


def test_what_only_looks_like_a_link_of_ours_makes_none(house):
    house.fault("429", receiver=BOB.removeprefix("+"))
    one = alert()
    one["annotations"] = {"summary": "see https://p.example.org/a/x7Kq5MdP"}
    house.post(one)
    house.run(130, hop=10)
    house.reload(SITE)
    house.sandbox.faults.clear()
    house.run(TRIED, hop=10)
    assert told(house)[1] == (BOB, "CRITICAL HighCPU web-01 since 02:10: see https://p.example.org/a/x7Kq5MdP #1")


def test_what_ovh_may_have_stays_as_it_was(house):
    """The first try is lost, and OVHcloud says that it has none: each copy is looked up by the text of the first."""
    house.fault("reset_before", times=1, receiver=BOB.removeprefix("+"))
    house.fire()
    house.settle()
    busy(house, 200)
    assert told(house) == [(ALICE, text_of("web-01", 1)), (BOB, text_of("web-01", 1))]
    assert sorted(house.rows(message_table.c.number, message_table.c.resends)) == [(ALICE, 0), (BOB, 1)]


def test_a_late_text_whose_answer_is_lost_is_found_by_its_new_words(house):
    house.fault("429", receiver=BOB.removeprefix("+"))
    house.fire()
    house.run(130, hop=10)
    house.sandbox.faults.clear()
    house.fault("reset_after", times=1)
    house.run(TRIED + 30, hop=10)
    assert told(house) == [(ALICE, text_of("web-01", 1)), (BOB, SINCE)]
    assert house.metric("sms_unknown_total", resolution="found") == 1


def test_a_notice_and_an_ok_say_no_more_than_they_did(house):
    house.fire()
    house.settle()
    house.fault("429", receiver=BOB.removeprefix("+"))
    house.resolve()
    house.run(200, hop=10)
    house.sandbox.faults.clear()
    house.run(TRIED, hop=10)
    assert told(house)[-1] == (BOB, "OK HighCPU web-01 after 12 min #1")
