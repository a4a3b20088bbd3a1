"""Each phone is asked whether it is its person's, by whatever way it has to say so."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from alertsms.store import answers, phones
from alertsms.store.schema import incident_table, tokens
from tests.oncall.test_replies import PLAN, SHORT
from tests.support.house import ALICE, OVH, House

TWO = PLAN.replace('alice: "+33612345678"', 'alice: {phones: ["+33612345678", "+33756789012"]}')
URL = 'server: {external_url: "https://pager.example.org"}\n'
RENTED = OVH.replace("sender: ACME", 'virtual_number: "+33700000001"')


@pytest.fixture
def built(url, clock):
    houses = []

    def build(plan: str = TWO, ovh: str = OVH) -> House:
        houses.append(House(url, clock, plan, ovh))
        houses[-1].sandbox.account.virtual_numbers["0033700000001"] = "fr"
        return houses[-1]

    yield build
    for house in houses:
        house.close()


def ask(house: House):
    token = {"Authorization": f"Bearer {house.app.keys.token}"}
    answer = house.client.post("/api/v1/send", json={"person": "alice", "confirm": True}, headers=token)
    house.settle()
    return answer


def confirmed(house: House) -> dict[str, str]:
    return {number: each.person for number, each in house.app.store.read(phones.confirmed).items()}


def test_each_number_gets_a_link_of_its_own(built):
    house = built(TWO + URL)
    answer = ask(house)
    assert (answer.status_code, answer.json) == (202, {"page": 1, "pages": [1, 2]})
    known = house.app.store.read(lambda tx: dict(list(tx.execute(select(tokens.c.number, tokens.c.token)))))
    assert [(sms.receiver, sms.text) for sms in house.sandbox.accepted] == [
        (number, f"alertsms pages alice on this phone. To confirm, open https://pager.example.org/a/{known[number]}")
        for number in (ALICE, "+33756789012")
    ]


def test_where_the_sender_can_be_answered_an_answer_will_do(built):
    house = built(TWO, SHORT)
    ask(house)
    assert set(house.texts) == {"alertsms pages alice on this phone. To confirm, answer OK"}
    house.reply("+33756789012", "OK")
    house.run(60)
    assert confirmed(house) == {"+33756789012": "alice"}
    assert house.texts[2:] == ["Confirmed."]


def test_an_ok_to_the_question_takes_no_page_that_came_before_it(built):
    """Whoever answers a question about the phone has not said who looks after what fires."""
    house = built(PLAN, SHORT)
    house.fire("web-01")
    house.fire("web-02")
    house.run(30)
    ask(house)
    house.run(30)
    before = len(house.texts)
    house.reply(ALICE, "Oui")
    house.run(30)
    assert house.rows(incident_table.c.state) == [("open",), ("open",)]
    assert confirmed(house) == {ALICE: "alice"}
    assert (house.texts[before:], house.metric("replies_total", wish="confirm")) == (["Confirmed."], 1)
    house.reply(ALICE, "ok 1")
    house.run(30)
    assert house.rows(incident_table.c.state) == [("acknowledged",), ("open",)], "a number says what is meant"


@pytest.mark.parametrize("text", ["ok", "ok all", "snooze 2h"])
def test_an_answer_behind_a_page_that_followed_the_question_is_the_pages(built, text):
    house = built(PLAN, SHORT)
    ask(house)
    house.run(30)
    house.fire()
    house.run(30)
    house.reply(ALICE, text)
    house.run(30)
    assert house.rows(incident_table.c.state) == [("acknowledged",)]
    assert "Confirmed." not in house.texts


def test_an_ok_that_crossed_the_page_is_the_questions(built):
    house = built(PLAN, SHORT)
    ask(house)
    house.run(30)
    house.reply(ALICE, "ok")
    house.clock.advance(3)
    house.fire()
    house.run(30)
    assert house.rows(incident_table.c.state) == [("open",)]
    assert "Confirmed." in house.texts


def test_a_question_of_yesterday_is_no_longer_what_an_ok_is_about(built):
    house = built(PLAN.replace("rounds: 1", "rounds: 1, repeat_interval: 0"), SHORT)
    house.fire()
    house.run(30)
    ask(house)
    house.clock.advance(13 * 3600)
    house.reply(ALICE, "ok")
    house.run(90)
    assert house.rows(incident_table.c.state) == [("acknowledged",)]


def test_where_answers_want_a_number_the_question_is_answered_without_one(built):
    house = built(PLAN, SHORT.replace("response: true", "response: true, replies: numbered"))
    house.fire()
    house.run(30)
    ask(house)
    house.reply(ALICE, "ok")
    house.run(30)
    assert house.rows(incident_table.c.state) == [("open",)]
    assert house.texts[-1] == "Confirmed."


@pytest.mark.parametrize(
    ("ovh", "how"),
    [(SHORT, "answer OK"), (RENTED, r"answer OK or open https://pager\.example\.org/a/\w{11}")],
    ids=["short number", "rented number"],
)
def test_a_short_number_is_given_no_link_and_a_rented_one_both(built, ovh, how):
    house = built(PLAN + URL, ovh)
    ask(house)
    assert re.fullmatch(f"alertsms pages alice on this phone. To confirm, {how}", house.texts[0])


def test_without_any_way_to_confirm_nothing_is_sent(built):
    house = built(PLAN)
    answer = ask(house)
    assert answer.status_code == 409
    assert answer.json["error"] == (
        "A phone has no way to confirm: set server.external_url, so that an SMS can carry a link, or send by a number"
        " that can be answered (ovh.sender_for_response, ovh.virtual_number)."
    )
    assert house.texts == []


def test_whoever_sees_the_sms_arrive_may_say_so(built):
    house = built(TWO)
    token = {"Authorization": f"Bearer {house.app.keys.token}"}
    wanted = {"person": "alice", "confirm": True, "witness": True}
    answer = house.client.post("/api/v1/send", json=wanted, headers=token)
    house.settle()
    assert set(house.texts) == {"alertsms pages alice on this phone."}
    second = answer.json["pages"][1]
    assert house.client.post("/api/v1/confirmations", json={"page": second}, headers=token).json == {"confirmed": True}
    assert confirmed(house) == {"+33756789012": "alice"}
    for none in (99, "2", None):
        assert house.client.post("/api/v1/confirmations", json={"page": none}, headers=token).status_code == 404


def test_a_reload_with_another_sender_asks_for_new_confirmations(built):
    house = built(TWO)
    house.app.start = None  # its workers are the house's own
    house.app.oncall.phone_check.note_sender()
    house.app.store.transact(lambda tx: answers.confirm(tx, ALICE, "alice", house.clock()))
    house.clock.advance(60)
    house.sandbox.account.senders["PAGER"] = "enable"
    house.next_config = replace(house.next_config, ovh=replace(house.next_config.ovh, sender="PAGER"))
    assert house.app.reload() == []
    assert confirmed(house) == {}
