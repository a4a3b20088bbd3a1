from __future__ import annotations

from datetime import UTC, datetime

import pytest

from alertsms.sandbox import Sandbox, SandboxAccount
from alertsms.sandbox.message import next_slot
from tests.sandbox.pager import Pager


def test_an_accepted_job_is_reported_and_kept(sandbox, pager):
    report = pager.send(tag="a1", priority="high", validityPeriod=30)
    assert report == {
        "ids": [100001],
        "validReceivers": ["+33612345678"],
        "invalidReceivers": [],
        "totalCreditsRemoved": 1.0,
        "creditsLeft": 999.0,
        "tag": "a1",
    }
    (message,) = sandbox.accepted
    assert (message.id, message.receiver, message.text) == (100001, "+33612345678", "db-1 is down")
    assert (message.sender, message.tag, message.validity, message.stop) == ("ACME", "a1", 30, False)


def test_a_job_without_tag_is_given_one(pager):
    tag = pager.send()["tag"]
    assert len(tag) == 16
    assert tag.isalnum()


def test_nothing_stops_the_same_job_twice(sandbox, pager):
    pager.send(tag="once")
    pager.send(tag="once")
    assert [message.tag for message in sandbox.accepted] == ["once", "once"]


@pytest.mark.parametrize(
    "number", ["0612345678", "+33 6 12 34 56 78", "33612345678", "+0612345678", "", "+3361234567x"]
)
def test_a_number_that_is_not_international_is_invalid_with_status_200(sandbox, pager, number):
    report = pager.send(receivers=[number])
    assert (report["ids"], report["invalidReceivers"], report["totalCreditsRemoved"]) == ([], [number], 0)
    assert sandbox.accepted == []


def test_a_job_may_be_half_valid(pager):
    report = pager.send(receivers=["+33612345678", "06", "0033698765432"])
    assert report["validReceivers"] == ["+33612345678", "+33698765432"]
    assert report["invalidReceivers"] == ["06"]
    assert report["ids"] == [100001, 100002]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sendre": "ACME"}, "Received not described parameters: (sendre)"),
        ({"message": 5}, "[message] Given data (5) is not valid for type string"),
        ({"message": None}, "[message] Missing parameter"),
        ({"message": ""}, "[message] Missing parameter"),
        ({"receivers": None}, "[receivers] Missing parameter (the sandbox keeps no stored lists)"),
        ({"receivers": "+33612345678"}, "[receivers] Given data (+33612345678) is not valid for type string[]"),
        ({"noStopClause": "true"}, "[noStopClause] Given data (true) is not valid for type boolean"),
        ({"senderForResponse": 1}, "[senderForResponse] Given data (1) is not valid for type boolean"),
        ({"validityPeriod": "30m"}, "[validityPeriod] Given data (30m) is not valid for type long"),
        ({"validityPeriod": True}, "[validityPeriod] Given data (True) is not valid for type long"),
        ({"priority": "urgent"}, "[priority] Given data (urgent) does not belong to the sms.PriorityEnum enumeration"),
        ({"charset": "latin1"}, "[charset] Given data (latin1) does not belong to the sms.CharsetEnum enumeration"),
        ({"class": "loud"}, "[class] Given data (loud) does not belong to the sms.ClassEnum enumeration"),
    ],
)
def test_a_field_that_ovhcloud_would_refuse_is_refused(sandbox, pager, changes, said):
    assert pager.send_refused(**changes) == (400, said)
    assert sandbox.accepted == []


@pytest.mark.parametrize("body", [b"[]", b"not json", b"\xff", b""])
def test_a_body_that_is_no_object_is_refused(pager, body):
    assert pager.refused("POST", "/sms/sms-xx00000-1/jobs", body)[0] == 400


def test_null_is_a_value_and_not_an_absence(pager):
    body = {**pager.job(), "tag": None}
    said = "[tag] Given data (None) is not valid for type string"
    assert pager.refused("POST", "/sms/sms-xx00000-1/jobs", body) == (400, said)


def test_only_a_validated_sender_may_send(pager):
    assert pager.send_refused(sender="OTHER") == (403, "Sms sender OTHER does not exists. Please create it first")
    assert pager.send_refused(sender="NEWNAME") == (403, "User not granted for this request")


@pytest.mark.parametrize("text", ["see https://a.example", "WWW.a.example", "mail ops@a.example", "call +33612345678"])
def test_the_short_number_refuses_contact_information(pager, text):
    said = (400, "cannot send contact information with shortcode")
    assert pager.send_refused(message=text, sender=None, senderForResponse=True) == said
    assert pager.send_refused(message=text, sender=None) == said  # no sender at all is a short number too
    assert pager.send(message=text)["ids"]


def test_the_short_number_wins_over_a_name(sandbox, pager):
    pager.send(sender="OTHER", senderForResponse=True)
    assert sandbox.accepted[0].sender == ""


def test_credits_are_charged_by_segment_and_run_out(clock):
    sandbox = Sandbox(account=SandboxAccount(credits=3), wall=clock)
    pager = Pager(sandbox, clock)
    assert pager.send(message="x" * 161)["totalCreditsRemoved"] == 2
    assert pager.send_refused(message="x" * 161) == (403, "Not enough credits")
    assert pager.send(message="é" * 160)["creditsLeft"] == 0
    assert len(sandbox.accepted) == 2


def test_a_job_that_forgets_no_stop_clause_is_an_advertisement(sandbox, pager):
    assert pager.send(message="x" * 150, noStopClause=None)["totalCreditsRemoved"] == 2
    (message,) = sandbox.accepted
    assert message.text == "x" * 150 + "\nSTOP:36111"
    assert message.stop


def test_an_advertisement_is_held_at_night_although_it_was_accepted(sandbox, pager, clock):
    clock.advance(11 * 3600)  # 23:00
    assert pager.send(noStopClause=False)["ids"] == [100001]
    assert pager.own("GET", "/jobs") == [100001]
    assert pager.own("GET", "/outgoing") == []
    clock.advance(9 * 3600 - 1)
    assert pager.own("GET", "/outgoing") == []
    clock.advance(1)
    assert pager.own("GET", "/outgoing") == [100001]
    assert pager.own("GET", "/jobs") == []


def test_a_page_leaves_at_night(pager, clock):
    clock.advance(11 * 3600)
    pager.send()
    assert pager.own("GET", "/outgoing") == [100001]


@pytest.mark.parametrize(
    ("at", "leaves"),
    [
        ("2024-06-03T10:00", "2024-06-03T10:00"),  # Monday noon in Paris
        ("2024-06-03T05:59", "2024-06-03T06:00"),  # before 08:00
        ("2024-06-03T18:00", "2024-06-04T06:00"),  # 20:00
        ("2024-06-08T18:30", "2024-06-10T06:00"),  # Saturday evening: Monday
        ("2024-06-09T10:00", "2024-06-10T06:00"),  # Sunday
        ("2024-06-09T02:00", "2024-06-10T06:00"),
        ("2024-03-30T20:00", "2024-04-01T06:00"),  # the clocks go forward on the Sunday between
    ],
)
def test_advertisements_leave_from_monday_to_saturday_by_day(at, leaves):
    def seconds(text):
        return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()

    assert next_slot(seconds(at)) == seconds(leaves)


def test_a_deferred_job_can_be_looked_at_and_cancelled(sandbox, pager, clock):
    pager.send(differedPeriod=10, tag="later")
    job = pager.own("GET", "/jobs/100001")
    assert (job["differedDelivery"], job["sentAt"], job["numberOfSms"]) == (10, None, 1)
    assert "tag" not in job
    pager.own("DELETE", "/jobs/100001")
    clock.advance(601)
    assert pager.own("GET", "/outgoing") == pager.own("GET", "/jobs") == []
    assert pager.own("GET")["creditsLeft"] == 1000
    assert pager.refused("DELETE", "/sms/sms-xx00000-1/jobs/100001")[0] == 404
    assert sandbox.accepted[0].cancelled


def test_a_virtual_number_sends_under_itself(clock):
    sandbox = Sandbox(account=SandboxAccount(virtual_numbers={"0033700000001": "fr"}), wall=clock)
    pager = Pager(sandbox, clock)
    assert pager.own("GET", "/virtualNumbers") == ["0033700000001"]
    assert pager.own("GET", "/virtualNumbers/0033700000001") == {"number": "0033700000001", "countryCode": "fr"}
    body = {"message": "see https://a.example", "receivers": ["+33612345678"]}
    pager.own("POST", "/virtualNumbers/0033700000001/jobs", body)
    assert [(message.sender, message.stop) for message in sandbox.accepted] == [("0033700000001", False)]
    path = "/sms/sms-xx00000-1/virtualNumbers"
    refused = pager.refused("POST", f"{path}/0033700000001/jobs", {**body, "noStopClause": True})
    assert refused == (400, "Received not described parameters: (noStopClause)")
    assert pager.refused("POST", f"{path}/0033700000002/jobs", body)[0] == 404
    assert pager.refused("GET", f"{path}/0033700000002")[0] == 404


def test_a_virtual_number_shows_what_came_in(clock):
    pager = Pager(Sandbox(account=SandboxAccount(virtual_numbers={"0033700000001": "fr"}), wall=clock), clock)
    for text in ("ok", "ack 12"):
        assert pager.page("POST", "/sandbox/incoming", {"sender": "+33612345678", "message": text}).status == 200
    path = "/virtualNumbers/0033700000001/incoming"
    assert pager.own("GET", path) == [100001, 100002]
    assert pager.own("GET", f"{path}/100002")["message"] == "ack 12"
    found = pager.own("GET", f"{path}/100001,100002,7", x_ovh_batch=",")
    assert [(row["key"], row["value"] and row["value"]["message"]) for row in found] == [
        ("100001", "ok"),
        ("100002", "ack 12"),
        ("7", None),
    ]
    assert pager.refused("GET", f"/sms/sms-xx00000-1{path.replace('1/', '2/')}")[0] == 404
