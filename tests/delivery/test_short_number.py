"""A short number needs no declared sender, and refuses links and what it takes for contact information."""

from __future__ import annotations

import pytest

from alertsms.ovh.error import about_contact
from alertsms.store.schema import message_table
from tests.support.house import OVH, PLAN, House, alert

SHORT = OVH.replace("sender: ACME", "sender_for_response: true")


@pytest.fixture
def short(url, clock):
    built = House(url, clock, PLAN, SHORT)
    yield built
    built.close()


def fire(house: House, summary: str, **labels: str) -> None:
    one = alert("web-01")
    one["labels"] |= labels
    one["annotations"] = {"summary": summary}
    assert house.post(one).status_code == 202


def test_links_and_addresses_are_left_out_before_sending(short):
    fire(short, "disk full: https://wiki.example.org/disk, mail ops@example.org or call +33 6 12 34 56 78")
    short.settle()
    (text,) = short.texts
    assert text == "CRITICAL HighCPU web-01: disk full: mail or call #1"
    assert short.states() == [("page", "sent")]


def test_with_a_name_as_sender_links_stay(house):
    fire(house, "see https://wiki.example.org/disk")
    house.settle()
    assert house.texts == ["CRITICAL HighCPU web-01: see https://wiki.example.org/disk #1"]


def test_a_text_that_is_refused_all_the_same_goes_out_once_more_plainer(short, monkeypatch):
    """What counts as contact information is not documented: then what fires and its number must do."""
    monkeypatch.setattr("alertsms.core.text.wording.for_short_number", lambda subject: subject)
    fire(short, "disk full: https://wiki.example.org/disk")
    short.settle()
    assert short.texts == ["CRITICAL HighCPU #1"]
    assert short.states() == [("page", "failed"), ("page", "sent")]
    assert short.metric("sms_attempts_total", result="plainer") == 1
    assert short.metric("sms_total", team="ops", outcome="failed") == 0


def test_a_plain_text_that_is_refused_has_failed(short, monkeypatch):
    monkeypatch.setattr("alertsms.core.text.wording.for_short_number", lambda subject: subject)
    monkeypatch.setattr("alertsms.core.text.wording.minimal", lambda subject: subject)
    fire(short, "disk full: https://wiki.example.org/disk")
    short.settle()
    assert short.texts == []
    assert short.rows(message_table.c.state) == [("failed",), ("failed",)]
    assert short.metric("sms_total", team="ops", outcome="failed") == 1


def test_what_was_resolved_meanwhile_is_not_sent_again(short, monkeypatch):
    monkeypatch.setattr("alertsms.core.text.wording.for_short_number", lambda subject: subject)
    short.pool.lazy = True
    fire(short, "disk full: https://wiki.example.org/disk")
    short.settle()
    short.resolve()
    short.pool.lazy = False
    short.pool.run()
    short.settle()
    assert len(short.texts) == 1
    assert short.texts[0].startswith("resolved meanwhile: #1 HighCPU")


def test_only_a_refusal_for_contact_information_is_one():
    from alertsms.ovh.error import Certainty, OvhError

    said = "Cannot send contact information with shortcode"
    assert about_contact(OvhError(certainty=Certainty.PERMANENT, message=said))
    assert not about_contact(OvhError(certainty=Certainty.UNKNOWN, message=said))
    assert not about_contact(OvhError(certainty=Certainty.PERMANENT, message="no credits"))
