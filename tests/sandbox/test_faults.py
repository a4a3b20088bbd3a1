from __future__ import annotations

import json

import pytest

from alertsms.sandbox import ExchangeEnd, Fault, FaultKind, Sandbox
from alertsms.sandbox.faults import BREAKS, SENDING
from tests.sandbox.pager import Pager

JOBS = "/sms/sms-xx00000-1/jobs"


@pytest.mark.parametrize(
    ("kind", "accepted", "outcome", "body"),
    [
        ("408", 0, "408", b"<html><body><h1>408 Request Time-out</h1></body></html>"),
        ("408_after", 1, "408", b"<html><body><h1>408 Request Time-out</h1></body></html>"),
        ("429", 0, "429", None),
        ("429_after", 1, "429", None),
        ("redirect", 0, "307", b"<html><body><h1>307</h1></body></html>"),
        ("redirect_after", 1, "307", b"<html><body><h1>307</h1></body></html>"),
        ("status", 0, "502", b"<html><body><h1>502</h1></body></html>"),
        ("status_after", 1, "502", b"<html><body><h1>502</h1></body></html>"),
        ("500", 0, "500", None),
        ("500_after", 1, "500", None),
        ("503", 0, "503", None),
        ("503_after", 1, "503", None),
        ("html_504", 0, "504", b"<html><body><h1>504 Gateway Time-out</h1></body></html>"),
        ("html_504_after", 1, "504", b"<html><body><h1>504 Gateway Time-out</h1></body></html>"),
        ("empty_200", 1, "200", b""),
        ("empty_200_lost", 0, "200", b""),
        ("hang", 0, "hang", b""),
        ("hang_after", 1, "hang", b""),
        ("reset_before", 0, "reset", b""),
        ("reset_after", 1, "reset", b""),
    ],
)
def test_an_answer_that_breaks_says_nothing_of_what_was_accepted(sandbox, pager, kind, accepted, outcome, body):
    sandbox.faults.replace([Fault(kind=FaultKind(kind), call="jobs")])
    response = pager.answer("POST", JOBS, pager.job(tag="t"))
    assert response.outcome == outcome
    assert len(sandbox.accepted) == accepted
    assert sandbox.counts["jobs"] == {outcome: 1}
    if body is None:
        assert json.loads(response.body)["httpCode"].startswith(outcome)
    else:
        assert response.body == body
    sandbox.faults.clear()
    assert len(pager.own("GET", "/outgoing?tag=t")) == accepted


def test_each_kind_is_either_a_break_or_changes_what_happens():
    others = {FaultKind.DELAY, FaultKind.CLOCK_JUMP}
    assert BREAKS.keys() | SENDING | others == {*FaultKind}


def test_a_hang_lasts_as_long_as_it_is_told_to(sandbox, pager):
    sandbox.faults.replace([Fault(kind=FaultKind.HANG, seconds=7)])
    response = pager.answer("GET", "/sms")
    assert (response.end, response.delay) == (ExchangeEnd.CLOSE, 7)


def test_a_delay_accepts_at_once_and_answers_late(sandbox, pager):
    sandbox.faults.replace([Fault(kind=FaultKind.DELAY, seconds=4), Fault(kind=FaultKind.ERROR_500_AFTER)])
    response = pager.answer("POST", JOBS, pager.job())
    assert (response.status, response.delay, len(sandbox.accepted)) == (500, 4, 1)
    sandbox.faults.replace([Fault(kind=FaultKind.DELAY)])
    assert (pager.answer("GET", "/sms").status, pager.answer("GET", "/sms").delay) == (200, 1)


def test_too_many_requests_may_say_when_to_come_back(sandbox, pager):
    sandbox.faults.replace([Fault(kind=FaultKind.ERROR_429, retry_after=12)])
    assert pager.answer("GET", "/sms").headers["retry-after"] == "12"
    sandbox.faults.replace([Fault(kind=FaultKind.ERROR_429)])
    assert "retry-after" not in pager.answer("GET", "/sms").headers


@pytest.mark.parametrize(
    ("location", "led_to"),
    [
        ("https://api.eu.ovhcloud.com", "https://api.eu.ovhcloud.com/1.0/sms/sms-xx00000-1/outgoing?tag=t"),
        ("/login", "/login"),
    ],
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_leads_elsewhere_or_to_another_page(sandbox, pager, location, led_to, status):
    sandbox.faults.replace([Fault(kind=FaultKind.REDIRECT, location=location, status=status)])
    response = pager.answer("GET", "/sms/sms-xx00000-1/outgoing?tag=t")
    assert (response.status, response.headers["location"]) == (status, led_to)


@pytest.mark.parametrize("wish", [99999999, -1, "Fri, 31 Dec 9999 23:59:59 GMT", "nan", ""])
def test_any_answer_that_breaks_may_wish_for_any_wait(sandbox, pager, wish):
    sandbox.faults.replace([Fault(kind=FaultKind.STATUS, status=204, retry_after=wish)])
    response = pager.answer("GET", "/sms")
    assert (response.status, response.body, response.headers["retry-after"]) == (204, b"", str(wish))


def test_a_fault_strikes_its_call_alone(sandbox, pager):
    sandbox.faults.replace([Fault(kind=FaultKind.ERROR_503, call="outgoing")])
    assert pager.send()["ids"]
    assert pager.answer("GET", "/sms/sms-xx00000-1/outgoing").status == 503
    assert pager.answer("GET", "/sms/sms-xx00000-1/outgoing/100001").status == 503
    assert pager.own("GET", "/jobs") == []


def test_a_fault_for_all_calls_spares_the_sandboxs_own_pages(sandbox, pager):
    sandbox.faults.replace([Fault(kind=FaultKind.ERROR_500)])
    assert pager.page("GET", "/1.0/auth/time").status == 500
    assert pager.page("GET", "/sandbox/messages").status == 200


def test_a_fault_is_over_after_its_times(sandbox, pager):
    sandbox.faults.replace([Fault(kind=FaultKind.ERROR_500, times=2), Fault(kind=FaultKind.ERROR_503, times=1)])
    assert [pager.answer("GET", "/sms").status for _ in range(4)] == [500, 500, 503, 200]
    assert sandbox.faults.standing == []


def test_a_fault_may_concern_one_receiver(sandbox, pager):
    sandbox.faults.replace([Fault(kind=FaultKind.ERROR_500, receiver="+33698765432")])
    assert pager.send()["ids"]
    assert pager.answer("POST", JOBS, pager.job(receivers=["+33698765432"])).status == 500


def test_chance_can_be_repeated(clock):
    def run(seed):
        sandbox = Sandbox(wall=clock, seed=seed)
        sandbox.faults.add(Fault(kind=FaultKind.ERROR_500, probability=0.4))
        return [Pager(sandbox, clock).answer("GET", "/sms").status for _ in range(200)]

    assert run(1) == run(1) != run(2)
    assert 50 < run(1).count(500) < 110


def test_receivers_can_be_called_invalid(sandbox, pager):
    sandbox.faults.replace([Fault(kind=FaultKind.INVALID_RECEIVER, times=1)])
    assert pager.own("GET", "/jobs") == []  # not a sending: the fault waits
    report = pager.send()
    assert (report["ids"], report["invalidReceivers"]) == ([], ["+33612345678"])
    assert sandbox.accepted == []


def test_credits_can_be_called_used_up(sandbox, pager):
    sandbox.faults.replace([Fault(kind=FaultKind.NO_CREDITS)])
    assert pager.send_refused() == (403, "Not enough credits")
    assert sandbox.accepted == []


def test_ovhclouds_clock_can_jump(sandbox, pager, clock):
    sandbox.faults.replace([Fault(kind=FaultKind.CLOCK_JUMP, seconds=-400)])
    assert pager.page("GET", "/1.0/auth/time").body == b"1700564000"
    assert pager.refused("GET", "/sms") == (400, "Query out of time")
    assert pager("GET", "/sms", stamp="1700564000") == ["sms-xx00000-1"]


def test_an_accepted_message_may_show_up_late(sandbox, pager, clock):
    """Nobody documents how soon an accepted job is listed, so absence must not be taken for proof."""
    sandbox.faults.replace([Fault(kind=FaultKind.LATE, seconds=20)])
    pager.send(tag="t")
    clock.advance(19)
    assert pager.own("GET", "/outgoing?tag=t") == pager.own("GET", "/jobs") == []
    clock.advance(1)
    assert pager.own("GET", "/outgoing?tag=t") == [100001]


@pytest.mark.parametrize(
    ("fault", "at_once", "later"),
    [
        (None, (0, 0), (1, 4)),
        (Fault(kind=FaultKind.SLOW_RECEIPT, seconds=600), (0, 0), (4, 3)),
        (Fault(kind=FaultKind.NO_RECEIPT), (0, 0), (4, 3)),
        (Fault(kind=FaultKind.UNDELIVERED), (0, 0), (2, 24)),
        (Fault(kind=FaultKind.UNDELIVERED, ptt=23), (0, 0), (2, 23)),
    ],
)
def test_receipts_come_as_the_fault_says(sandbox, pager, clock, fault, at_once, later):
    sandbox.faults.replace([fault] if fault else [])
    pager.send()

    def shown():
        message = pager.own("GET", "/outgoing/100001")
        return message["deliveryReceipt"], message["ptt"]

    assert shown() == at_once
    clock.advance(599)
    assert shown() == later


def test_an_operator_may_drop_a_sender_and_say_delivered(sandbox, pager):
    sandbox.account.senders["INFO"] = "enable"
    sandbox.faults.replace([Fault(kind=FaultKind.BLOCKED, sender="INFO")])
    for sender in ("INFO", "ACME"):
        pager.answer("POST", JOBS, pager.job(sender=sender))
    assert [(one.sender, one.shown) for one in sandbox.accepted] == [("INFO", False), ("ACME", True)]
    assert {one.receipt(one.at + 60).delivery.name for one in sandbox.accepted} == {"DELIVERED"}
