"""A real browser as phone: the SMS arrives, its link is opened, one button is pressed, the second phone is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from tests.reliability.browser import Browser
from tests.reliability.house import House

LABELS = {"alertname": "A00007", "instance": "<b>web-01</b>", "severity": "critical"}
BODY = {"alerts": [{"status": "firing", "labels": LABELS, "annotations": {"summary": "CPU & memory"}}]}


@pytest.fixture
def browser(tmp_path) -> Iterator[Browser]:
    browser = Browser(tmp_path / "browser", phone=True)
    try:
        yield browser
    finally:
        browser.close()


def fire(house: House) -> None:
    house.start()
    assert requests.post(f"{house.url}/webhook", json=BODY, timeout=10).status_code == 202


def test_the_phone_shows_what_arrived_and_nothing_of_it_as_markup(build, phones, browser):
    house = build(people=1)
    fire(house)
    browser.open(f"{phones.url}/")
    shown = browser.until("main", "CRITICAL A00007 <b>web-01</b>: CPU & memory #1")
    assert house.numbers["person0"] in shown


def test_an_sms_arrives_its_link_is_opened_and_the_second_phone_is_told(build, phones, browser):
    house = build(people=2, together=True, links=True)
    fire(house)
    browser.open(f"{phones.url}/")
    first = f'section[aria-label="Phone {house.numbers["person0"]}"]'
    second = f'section[aria-label="Phone {house.numbers["person1"]}"]'
    browser.until(first, "CRITICAL A00007")
    browser.until(second, "CRITICAL A00007")
    link = browser.property(f"{first} .bubble a", "href")
    assert link.startswith(f"{house.url}/a/")

    browser.open(link)
    browser.until("h1", "A00007 <b>web-01</b>")
    assert "CPU & memory" in browser.text("main")
    browser.click("button.huge")
    browser.until("main", "You have it")
    assert browser.url == link

    browser.open(f"{phones.url}/")
    browser.until(second, "person0 has it: A00007")
    assert "has it" not in browser.text(first)


def test_somebody_answers_on_the_phone_and_the_second_one_is_told(build, phones, browser):
    house = build(people=2, together=True, answers=True)
    fire(house)
    browser.open(f"{phones.url}/")
    first, second = (f'section[aria-label="Phone {house.numbers[each]}"]' for each in ("person0", "person1"))
    browser.until(first, "CRITICAL A00007")
    browser.write(f"{second} input", "a word begun")
    browser.write(f"{first} input", "ok")
    browser.click(f"{first} form button")
    assert "ok" in browser.until(f"{first} .reply", "ok")
    browser.until(second, "person0 has it: A00007")
    assert browser.property(f"{second} input", "value") == "a word begun"
    assert browser.property(f"{first} input", "value") == ""


def test_a_name_cannot_be_answered_and_the_phone_says_so(build, phones, browser):
    house = build(people=1)
    fire(house)
    browser.open(f"{phones.url}/")
    browser.until("main", "CRITICAL A00007")
    assert browser.property("form input", "placeholder") == "ACME is a name: it takes no answers"
    assert browser.property("form input", "disabled")


def test_it_all_works_in_the_width_of_a_phone(build, browser):
    """Nothing hangs over the edge, however long the words of an alert are."""
    house = build(people=1)
    fire(house)
    long = {"alertname": "VeryLong" * 20, "instance": "host.example.org:9100," * 20}
    body = {"alerts": [{"status": "firing", "labels": long, "annotations": {"description": "x" * 900}}]}
    assert requests.post(f"{house.url}/webhook", json=body, timeout=10).status_code == 202
    for path in ("/", "/incidents/2", "/on-call", "/login", "/incidents/99"):
        browser.open(f"{house.url}{path}")
        assert browser.property("html", "scrollWidth") <= browser.property("html", "clientWidth"), path
        assert browser.property("html", "clientWidth") == 390


def test_somebody_without_a_link_answers_at_a_desk(build, browser):
    house = build(people=2)
    fire(house)
    browser.open(f"{house.url}/")
    browser.until("main", "nobody has it yet")
    browser.click("a.card")
    browser.until("h1", "A00007")
    browser.click("select option:nth-of-type(3)")
    browser.click('button[value="take"]')
    browser.until("main", "person1 has it")
