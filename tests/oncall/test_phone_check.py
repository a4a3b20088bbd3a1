"""Each phone is asked whether it is its person's, by whatever way it has to say so."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from alertsms.store import verified_phones
from alertsms.store.schema import tokens
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
    token = {"Authorization": f"Bearer {house.app.token}"}
    answer = house.client.post("/api/v1/send", json={"person": "alice", "confirm": True}, headers=token)
    house.settle()
    return answer


def confirmed(house: House) -> dict[str, str]:
    return {number: each.person for number, each in house.app.store.read(verified_phones.confirmed).items()}


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
    assert len(house.texts) == 2, "nothing comes back"


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
    token = {"Authorization": f"Bearer {house.app.token}"}
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
    house.app.confirming.note()
    house.app.store.transact(lambda tx: verified_phones.confirm(tx, ALICE, "alice", house.clock()))
    house.clock.advance(60)
    house.sandbox.account.senders["PAGER"] = "enable"
    house.next_config = replace(house.next_config, ovh=replace(house.next_config.ovh, sender="PAGER"))
    assert house.app.reload() == []
    assert confirmed(house) == {}
