"""A team's chat and other channels: each page, acknowledgement and end once, with links to answer by."""

from __future__ import annotations

import re

import pytest

from alertsms.store import phones
from alertsms.store.schema import incident_table
from tests.support.house import BOB, House

CHAT, ALICE_TOO = "json://chat.example.org", "json://alice.example.org"
PLAN = f"""
server: {{external_url: "https://p.example.org"}}
people: {{alice: {{phone: "+33612345678", also: ["{ALICE_TOO}"]}}, bob: "+33698765432"}}
teams: {{ops: {{page: [alice, bob], also: ["{CHAT}"], tell_others: false}}}}
route: {{team: ops}}
"""
LINK = re.compile(r"https://p\.example\.org/a/[0-9A-Za-z]{11,12}")
PAGED = "CRITICAL HighCPU web-01: CPU above 90% for 5 min #1 (team ops, since 2026-03-03 02:10 UTC)"


@pytest.fixture
def plan() -> str:
    return PLAN


def told(house: House, url: str = CHAT) -> list[str]:
    return [LINK.sub("LINK", body) for to, title, body in house.posted if to == url and "alertsms:" not in title]


def link(house: House, url: str = CHAT) -> str:
    """The path of the last link that went there."""
    bodies = [body for to, _, body in house.posted if to == url and LINK.search(body)]
    return LINK.findall(bodies[-1])[-1].removeprefix("https://p.example.org")


def press(house: House, path: str, act: str = "take") -> int:
    proof = re.search('name="token" value="([^"]+)"', house.client.get(path).text)[1]
    return house.client.post(path, data={"token": proof, "act": act}).status_code


def test_a_chat_gets_each_page_acknowledgement_and_end_once(house):
    house.fire()
    house.run(5)
    house.fire()
    house.run(5)
    (text,) = [sms.text for sms in house.sandbox.accepted if sms.receiver == BOB]
    press(house, LINK.search(text)[0].removeprefix("https://p.example.org"))
    house.run(120)
    house.clock.advance(600)
    house.resolve()
    house.run(30)
    assert told(house) == [
        f"{PAGED}\n  answer: LINK",
        "bob has it: HighCPU web-01: CPU above 90% for 5 min #1 (team ops, since 2026-03-03 02:10 UTC)",
        "OK HighCPU web-01 after 12 min #1 (team ops)",
    ]


def test_a_chat_hears_what_comes_back_and_each_further_step(house):
    house.reload(PLAN.replace("page: [alice, bob]", "steps: [{page: [alice], wait: 2m}, {page: [bob], wait: 2m}]"))
    house.fire()
    house.run(200)
    house.clock.advance(540)
    house.resolve()
    house.run(30)
    house.fire(start=house.clock())
    house.run(30)
    assert told(house) == [
        f"{PAGED}\n  answer: LINK",
        f"{PAGED}\n  answer: LINK",
        told(house)[2],
        f"AGAIN {PAGED.replace('02:10', '02:22')}\n  answer: LINK",
    ]
    assert told(house)[2].startswith("OK HighCPU web-01 after ")


def test_whoever_reads_the_chat_answers_for_it(house):
    house.fire()
    house.run(5)
    press(house, link(house))
    house.run(30)
    assert (
        told(house)[-1]
        == "the chat of ops has it: HighCPU web-01: CPU above 90% for 5 min #1 (team ops, since 2026-03-03 02:10 UTC)"
    )
    assert house.client.get(link(house)).status_code == 200


def test_a_link_beside_the_phone_is_its_persons_and_proves_no_phone(house):
    house.fire()
    house.run(5)
    press(house, link(house, ALICE_TOO))
    house.run(30)
    assert told(house)[-1].startswith("alice has it: ")
    assert house.app.store.read(phones.confirmed) == {}


@pytest.mark.parametrize("whose", [ALICE_TOO, CHAT])
def test_a_link_of_a_channel_takes_its_own_incident_and_no_other(house, whose):
    """Who reads it need not have the phone that all the others paged."""
    house.fire("web-01")
    house.run(30)
    path = link(house, whose)
    house.fire("web-02", "web-03")
    house.run(30)
    assert "that paged me" not in house.client.get(path).text
    assert press(house, path, "all") == 403
    assert states(house) == ["open", "open", "open"]
    assert press(house, path) == 303
    assert states(house) == ["acknowledged", "open", "open"]


def test_the_link_of_a_channel_confirms_no_phone_by_a_text_that_carries_it(house):
    """Whoever reads the channel may write labels too, and so have it go out by SMS."""
    house.fire("web-01")
    house.run(30)
    path = link(house, ALICE_TOO)
    labels = {"alertname": "Lure", "severity": "critical"}
    house.post({"status": "firing", "labels": labels, "annotations": {"summary": f"https://p.example.org{path}"}})
    house.run(30)
    assert any(path in text for text in house.texts)
    press(house, path)
    assert house.app.store.read(phones.confirmed) == {}


def states(house: House) -> list[str]:
    return [state for (state,) in house.rows(incident_table.c.state)]


def test_posts_carry_the_links_that_help(house):
    labels = {"alertname": "HighCPU", "instance": "web-01", "severity": "critical"}
    house.post(
        {
            "status": "firing",
            "labels": labels,
            "annotations": {"runbook_url": "https://r.example.org/cpu"},
            "generatorURL": "http://prom.example.org/g",
            "dashboardURL": "https://g.example.org/d/1",
        }
    )
    house.run(5)
    (body,) = told(house)
    assert body.split("\n")[1:] == [
        "  answer: LINK",
        "  runbook: https://r.example.org/cpu",
        "  dashboard: https://g.example.org/d/1",
        "  source: http://prom.example.org/g",
    ]


def test_without_an_address_of_ours_there_is_nothing_to_answer_by(house):
    house.reload(PLAN.replace('server: {external_url: "https://p.example.org"}', ""))
    house.fire()
    house.run(5)
    assert told(house) == [PAGED]
