"""The link in an SMS: in which texts it stands, whose it is, and how long it leads somewhere."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from alertsms.core.incidents.acknowledge import AcknowledgedVia
from alertsms.store import tokens
from alertsms.store.schema import message_table, notification_table
from alertsms.store.schema import tokens as rows
from tests.support.house import House

TEAM = """
server: {external_url: "https://p.example.org"}
people: {alice: "+33612345678", bob: "+33698765432"}
teams: {ops: {page: [alice, bob]}}
route: {team: ops}
"""
LINK = re.compile(r"https://p\.example\.org/a/([0-9A-Za-z]{11})$")


@pytest.fixture
def plan() -> str:
    return TEAM


def found(house: House, token: str) -> tuple[str, int | None, int | None] | None:
    now = house.clock()
    one = house.app.store.read(lambda tx: tokens.find(tx, token, now))
    return (one.person, one.incident_id, one.digest) if one else None


def links(house: House) -> list[str]:
    return [match[1] for text in house.texts if (match := LINK.search(text))]


def test_each_page_has_a_link_of_its_own(house):
    house.fire()
    house.settle()
    first, second = links(house)
    assert (
        sorted(LINK.sub("LINK", text) for text in house.texts)
        == ["CRITICAL HighCPU web-01: CPU above 90% for 5 min #1 LINK"] * 2
    )
    assert [found(house, first), found(house, second)] == [("alice", 1, None), ("bob", 1, None)]


def test_a_digest_has_one_link_for_all_that_it_covers(url, clock):
    house = House(url, clock, TEAM.replace("page: [alice, bob]", "page: [alice]") + "storm: {after: 2}")
    house.fire("web-01", "web-02", "web-03", "web-04")
    house.run(30)
    text = house.texts[-1]
    assert LINK.sub("LINK", text) == "+2 more CRITICAL: HighCPU x2 since 02:10 #5 LINK"
    assert found(house, LINK.search(text)[1]) == ("alice", None, 5)
    house.close()


def test_a_link_leads_somewhere_until_a_day_after_the_end(house, clock):
    house.fire()
    house.settle()
    token = links(house)[0]
    clock.advance(3 * 86400)
    assert found(house, token) == ("alice", 1, None)
    house.app.oncall.acknowledgements.acknowledge([1], by="alice", via=AcknowledgedVia.WEB, resolves=True)
    clock.advance(86400 - 1)
    assert found(house, token) == ("alice", 1, None)
    clock.advance(2)
    assert found(house, token) is None


def test_the_link_of_a_digest_leads_somewhere_while_one_of_its_incidents_is_open(url, clock):
    house = House(url, clock, TEAM.replace("page: [alice, bob]", "page: [alice]") + "storm: {after: 2}")
    house.fire("web-01", "web-02", "web-03", "web-04")
    house.run(30)
    token = LINK.search(house.texts[-1])[1]
    house.app.oncall.acknowledgements.acknowledge([3], by="alice", via=AcknowledgedVia.WEB, resolves=True)
    clock.advance(3 * 86400)
    assert found(house, token) == ("alice", None, 5)
    house.app.oncall.acknowledgements.acknowledge([4], by="alice", via=AcknowledgedVia.WEB, resolves=True)
    clock.advance(86401)
    assert found(house, token) is None
    house.close()


def test_dead_links_are_forgotten_and_live_ones_are_not(house, clock):
    house.fire("web-01", "web-02")
    house.settle()
    house.app.oncall.acknowledgements.acknowledge([1], by="alice", via=AcknowledgedVia.WEB, resolves=True)
    clock.advance(2 * 86400)
    house.app.watch.housekeeper.step()
    left = house.app.store.read(lambda tx: list(tx.execute(select(rows.c.incident_id)).scalars()))
    assert left == [2, 2]


def texts(house: House) -> list[str]:
    """As the store, and so a backup of it, has them."""
    return [text for (text,) in house.rows(message_table.c.text)]


def test_texts_lose_links_that_lead_nowhere_any_more(house, clock):
    house.fire("web-01")
    house.fire("web-02")
    house.settle()
    house.app.oncall.acknowledgements.acknowledge([1], by="alice", via=AcknowledgedVia.WEB, resolves=True)
    clock.advance(86400 - 60)
    house.app.watch.housekeeper.step()
    assert len([text for text in texts(house) if LINK.search(text)]) == 4
    clock.advance(3700)
    house.app.watch.housekeeper.step()
    said = texts(house)
    assert [text for text in said if "#1" in text] == ["CRITICAL HighCPU web-01: CPU above 90% for 5 min #1"] * 2
    assert all(LINK.search(text) for text in said if "#2" in text)


def test_a_digest_keeps_its_link_until_all_of_it_is_over(url, clock):
    house = House(url, clock, TEAM.replace("page: [alice, bob]", "page: [alice]") + "storm: {after: 2}")
    house.fire("web-01", "web-02", "web-03", "web-04")
    house.run(30)
    for number, left in ((3, True), (4, False)):
        house.app.oncall.acknowledgements.acknowledge([number], by="alice", via=AcknowledgedVia.WEB, resolves=True)
        clock.advance(90000)
        house.app.watch.housekeeper.step()
        assert bool(LINK.search(texts(house)[-1])) is left
    house.close()


def test_the_question_whether_a_phone_is_theirs_loses_its_link_too(house, clock):
    token = {"Authorization": f"Bearer {house.app.keys.token}"}
    house.client.post("/api/v1/send", json={"person": "alice", "confirm": True}, headers=token)
    house.settle()
    assert "/a/" in texts(house)[0]
    clock.advance(90000)
    house.app.watch.housekeeper.step()
    assert [
        text for text in (*texts(house), *(note for (note,) in house.rows(notification_table.c.note))) if "/a/" in text
    ] == []


def test_texts_that_want_no_answer_have_no_link(house, clock):
    house.fire()
    house.settle()
    clock.advance(60)
    house.resolve()
    house.settle()
    assert [text for text in house.texts if text.startswith("OK")] == ["OK HighCPU web-01 after 12 min #1"] * 2


def test_without_an_address_there_is_no_link(url, clock):
    house = House(url, clock, TEAM.replace('server: {external_url: "https://p.example.org"}', ""))
    house.fire()
    house.settle()
    assert house.texts == ["CRITICAL HighCPU web-01: CPU above 90% for 5 min #1"] * 2
    assert house.app.store.read(lambda tx: list(tx.execute(select(rows.c.token)))) == []
    house.close()


def test_a_link_has_room_before_the_place_and_is_never_cut(house):
    house.fire("a-very-long-host-name-in-a-data-centre-far-away.example.org" * 3)
    house.settle()
    assert all(LINK.search(text) for text in house.texts)
    assert all(text.startswith("CRITICAL HighCPU a-very-long") for text in house.texts)


def test_a_reminder_has_a_link_of_its_own_too(house):
    house.fire()
    house.run(1900)
    assert len(links(house)) == len(set(links(house))) == 4


def test_tokens_are_short_and_of_letters_that_nobody_confuses():
    made = {tokens.new() for _ in range(1000)}
    assert len(made) == 1000
    assert {len(one) for one in made} == {11}
    assert not set("".join(made)) & set("0Oo1Il2Z")
    assert timedelta(hours=24) == tokens.KEPT
