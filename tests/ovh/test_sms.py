from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest

from alertsms.ovh.client import number, texts, whole_number, whole_numbers
from alertsms.ovh.error import Certainty, OvhError, Scope
from alertsms.ovh.models import moment, text
from alertsms.ovh.sms import Job, SmsApi
from tests.ovh.peer import close, hang, http

JOB = Job(receiver="+33698765432", message="CRITICAL disk db-1: 95% é #7", tag="01hz3k9qpage0007", sender="PAGER")
NUMBER = "+33698765432"


@pytest.fixture
def sms(client):
    return SmsApi(client, "sms-xy12345-1")


# Sending


def test_a_job_is_posted_whole(peer, sms):
    peer.answers(
        http(
            200,
            {"ids": [71], "validReceivers": [NUMBER], "invalidReceivers": [], "totalCreditsRemoved": 1, "tag": "t"},
            X_Ovh_QueryID="EU.ext-1",
        )
    )
    report = sms.send(JOB)
    assert peer.targets() == ["POST /1.0/sms/sms-xy12345-1/jobs"]
    assert json.loads(peer.last.body) == {
        "message": "CRITICAL disk db-1: 95% é #7",
        "receivers": ["+33698765432"],
        "charset": "UTF-8",
        "priority": "high",
        "tag": "01hz3k9qpage0007",
        "validityPeriod": 30,
        "noStopClause": True,
        "sender": "PAGER",
    }
    assert report.ids == (71,)
    assert (report.credits_removed, report.credits_left) == (1.0, None)


def test_a_short_number_replaces_the_sender():
    body = Job(receiver=NUMBER, message="x", tag="t", sender_for_response=True).body()
    assert body["senderForResponse"] is True
    assert "sender" not in body
    with pytest.raises(ValueError, match=r"^a job has a sender or a short number, not both$"):
        Job(receiver=NUMBER, message="x", tag="t", sender="PAGER", sender_for_response=True)


def test_without_either_neither_is_sent():
    assert Job(receiver=NUMBER, message="x", tag="t", validity_minutes=5, priority="low").body() == {
        "message": "x",
        "receivers": [NUMBER],
        "charset": "UTF-8",
        "priority": "low",
        "tag": "t",
        "validityPeriod": 5,
        "noStopClause": True,
    }


def test_a_virtual_number_has_its_own_path_and_fewer_fields(peer, sms):
    peer.answers(http(200, {"ids": [5]}))
    sms.send(Job(receiver=NUMBER, message="x", tag="t", sender="PAGER", virtual_number="+33700000001"))
    assert peer.targets() == ["POST /1.0/sms/sms-xy12345-1/virtualNumbers/0033700000001/jobs"]
    assert json.loads(peer.last.body).keys() == {
        "message",
        "receivers",
        "charset",
        "priority",
        "tag",
        "validityPeriod",
    }


@pytest.mark.parametrize(
    ("answer", "ids", "left"),
    [
        ({"ids": [71]}, (71,), None),
        ({"ids": ["71"], "creditsLeft": "12.5"}, (71,), 12.5),
        ({"ids": [71, 72], "invalidReceivers": ["+33611111111"], "creditsLeft": 9, "more": {}}, (71, 72), 9.0),
        ({"ids": [71], "invalidReceivers": None, "totalCreditsRemoved": "much", "tag": 4}, (71,), None),
    ],
)
def test_a_job_with_an_id_is_accepted_whatever_else_the_answer_lacks(peer, sms, answer, ids, left):
    peer.answers(http(200, answer))
    report = sms.send(JOB)
    assert (report.ids, report.credits_left) == (ids, left)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"ids": [], "validReceivers": [], "invalidReceivers": ["+33698765432"]}, "invalid_receiver"),
        ({"ids": [], "invalidReceivers": ["0033698765432"]}, "invalid_receiver"),
        ({"ids": [71], "invalidReceivers": ["33698765432"]}, "invalid_receiver"),
        ({"invalidReceivers": [" +33 6 98 76 54 32"]}, "invalid_receiver"),
        ({"ids": [], "invalidReceivers": []}, "no_id"),
        ({"ids": []}, "no_id"),
    ],
)
def test_a_200_that_refuses_the_number_is_a_permanent_failure(peer, sms, answer, code):
    peer.answers(http(200, answer, X_Ovh_QueryID="EU.ext-2"))
    with pytest.raises(OvhError) as caught:
        sms.send(JOB)
    error = caught.value
    assert (error.certainty, error.scope, error.code) == (Certainty.PERMANENT, Scope.MESSAGE, code)
    assert str(error) == (
        f"send: 200 {code}: OVHcloud refused the number: it cannot take SMS, or answered STOP (alertsms doctor tells)"
        " (query EU.ext-2)"
    )


@pytest.mark.parametrize(
    "answer",
    [
        http(200, b""),
        http(204, b""),
        http(200, None),
        http(200, []),
        http(200, "ok"),
        http(200, {}),
        http(200, {"ids": None}),
        http(200, {"ids": "71"}),
        http(200, {"ids": [None]}),
        http(200, {"validReceivers": [NUMBER]}),
        http(200, b"<html>", kind="text/html"),
        http(500, {"message": "Internal"}),
        http(503, b""),
        close,
    ],
)
def test_an_answer_that_does_not_say_is_unknown(peer, sms, answer):
    peer.answers(answer)
    with pytest.raises(OvhError) as caught:
        sms.send(JOB)
    assert (caught.value.certainty, caught.value.scope) == (Certainty.UNKNOWN, Scope.MESSAGE)
    assert caught.value.call == "send"


# Reading


def test_accounts_are_listed(peer, sms):
    peer.answers(http(200, ["sms-xy12345-1", 7]))
    assert sms.services() == ["sms-xy12345-1"]
    assert peer.targets() == ["GET /1.0/sms"]


def test_an_account_is_read(peer, sms):
    peer.answers(
        http(
            200, {"name": "sms-xy12345-1", "status": "enable", "channel": "both", "creditsLeft": 41.5, "callBack": None}
        )
    )
    account = sms.account()
    assert (account.status, account.channel, account.credits_left) == ("enable", "both", 41.5)
    assert account.callback == ""


def test_senders_are_listed_and_read(peer, sms):
    peer.answers(
        http(200, ["PAGER", "OPS", 5]),
        http(200, {"sender": "PAGER", "status": "refused", "type": "alpha", "comment": "no logo"}),
        http(404, {"errorCode": "NOT_FOUND", "message": "The requested object (sender = a/b) does not exist"}),
    )
    assert sms.senders() == ["PAGER", "OPS"]
    sender = sms.sender("PAGER")
    assert (sender.status, sender.comment) == ("refused", "no logo")
    with pytest.raises(OvhError) as caught:
        sms.sender("a/b")
    assert caught.value.status == 404
    assert peer.targets() == [
        "GET /1.0/sms/sms-xy12345-1/senders",
        "GET /1.0/sms/sms-xy12345-1/senders/PAGER",
        "GET /1.0/sms/sms-xy12345-1/senders/a%2Fb",
    ]


def test_the_blacklist_is_read_however_numbers_are_written_and_a_number_is_taken_off(peer, sms):
    peer.answers(http(200, ["+33612345678", "0033698765432", "33711111111"]), http(200, None))
    listed = sms.blacklist()
    assert listed == {
        "+33612345678": "+33612345678",
        "+33698765432": "0033698765432",
        "+33711111111": "33711111111",
    }
    sms.allow_again(listed["+33612345678"])
    assert peer.targets() == [
        "GET /1.0/sms/sms-xy12345-1/blacklists",
        "DELETE /1.0/sms/sms-xy12345-1/blacklists/%2B33612345678",
    ]


def test_a_rented_number_is_asked_for(peer, sms):
    peer.answers(http(200, {"number": "0033700000001", "countryCode": "fr"}), http(404, {"message": "no"}))
    sms.virtual_number("+33700000001")
    with pytest.raises(OvhError):
        sms.virtual_number("+33700000001")
    assert peer.targets()[0] == "GET /1.0/sms/sms-xy12345-1/virtualNumbers/0033700000001"


def test_an_odd_account_name_is_percent_encoded(peer, client):
    peer.answers(http(200, {}))
    SmsApi(client, "sms/é?").account()
    assert peer.targets() == ["GET /1.0/sms/sms%2F%C3%A9%3F"]


def test_a_message_that_left_is_read(peer, sms):
    peer.answers(
        http(
            200,
            {
                "id": 71,
                "tag": "t",
                "receiver": NUMBER,
                "message": "x",
                "credits": 1,
                "deliveryReceipt": 1,
                "ptt": 4,
                "creationDatetime": "2026-03-01T10:00:00+01:00",
                "sentAt": "2026-03-01T10:00:01",
            },
        )
    )
    left = sms.outgoings([71])[71]
    assert peer.targets() == ["GET /1.0/sms/sms-xy12345-1/outgoing/71"]
    assert (left.id, left.tag, left.receiver, left.message) == (71, "t", NUMBER, "x")
    assert (left.dlr, left.ptt) == (1, 4)
    assert left.created_at == datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
    assert left.delivered_at is None


@pytest.mark.parametrize("answer", [http(200, b""), http(200, {}), http(200, [1, None]), http(200, "x")])
def test_an_unreadable_list_is_never_taken_for_an_empty_one(peer, sms, answer):
    peer.answers(answer, answer)
    for ask in (lambda: sms.outgoing_ids("t"), sms.job_ids):
        with pytest.raises(OvhError) as caught:
            ask()
        assert caught.value.certainty is Certainty.TEMPORARY


@pytest.mark.parametrize("name", ["services", "account", "senders", "blacklist"])
def test_an_unreadable_answer_to_a_get_is_temporary(peer, sms, name):
    peer.answers(http(200, b""))
    with pytest.raises(OvhError) as caught:
        getattr(sms, name)()
    assert (caught.value.certainty, caught.value.call) == (Certainty.TEMPORARY, name)


# Looking up what became of a message

ROOT = "/1.0/sms/sms-xy12345-1"
TAGGED = f"GET {ROOT}/outgoing?tag=01hz3k9qpage0007"


def find(sms) -> int | None:
    return sms.find(JOB.tag, JOB.receiver, JOB.message)


def pending(nr: int, receiver: str = NUMBER, message: str = JOB.message) -> dict[str, object]:
    return {"id": nr, "receiver": receiver, "message": message}


def test_a_message_that_left_is_found_by_its_tag(peer, sms):
    peer.answers(http(200, []), http(200, [73, 71, 72]))
    assert find(sms) == 71
    assert peer.targets() == [f"GET {ROOT}/jobs", TAGGED]


def test_a_pending_message_is_found_by_number_and_text(peer, sms):
    rows = [
        {"key": "8", "value": pending(8, receiver="+33611111111")},
        {"key": "9", "value": pending(9, message="CRITICAL disk db-2")},
        {"key": "10", "value": pending(10, receiver="0033698765432")},
    ]
    peer.answers(http(200, [10, 8, 9]), http(200, rows))
    assert find(sms) == 10
    assert peer.targets() == [f"GET {ROOT}/jobs", f"GET {ROOT}/jobs/8,9,10"]
    assert peer.last.headers["x-ovh-batch"] == ","


def test_a_message_that_leaves_between_the_two_questions_is_found(peer, sms):
    """It is asked for where it leaves before it is asked for where it arrives."""
    peer.answers(http(200, [8]), http(404, {"message": "gone"}), http(200, [71]))
    assert find(sms) == 71
    assert peer.targets() == [f"GET {ROOT}/jobs", f"GET {ROOT}/jobs/8", TAGGED]


def test_a_message_that_ovhcloud_does_not_show_is_not_found(peer, sms):
    peer.answers(http(200, [8]), http(200, pending(8, message="else")), http(200, []))
    assert find(sms) is None
    assert peer.targets()[1] == f"GET {ROOT}/jobs/8"


def test_a_look_that_cannot_prove_anything_asks_one_question(peer, sms):
    peer.answers(http(200, []))
    assert sms.find(JOB.tag, JOB.receiver, JOB.message, pending=False) is None
    assert peer.targets() == [TAGGED]


def test_only_the_fifty_newest_pending_jobs_are_read(peer, sms):
    rows = [{"key": str(nr), "value": pending(nr, message="else")} for nr in range(50, 100)]
    peer.answers(http(200, list(range(99, -1, -1))), http(200, rows), http(200, []))
    assert find(sms) is None
    assert peer.targets()[1] == f"GET {ROOT}/jobs/" + ",".join(map(str, range(50, 100)))


@pytest.mark.parametrize(
    "batch",
    [
        http(404, {"message": "no such job"}),
        http(400, {"message": "[id] Given data (8,9) is not valid for type long"}),
        http(200, pending(8)),
    ],
)
def test_where_a_batch_is_not_understood_jobs_are_read_one_by_one(peer, sms, batch):
    peer.answers(http(200, [8, 9]), batch, http(404, {"message": "gone"}), http(200, pending(9)))
    assert find(sms) == 9
    assert peer.targets()[2:] == [f"GET {ROOT}/jobs/8", f"GET {ROOT}/jobs/9"]


@pytest.mark.parametrize("rest", [[], [{"key": "9", "value": None, "error": {}}]])
def test_a_job_that_a_batch_does_not_show_is_asked_for_by_itself(peer, sms, rest):
    other = pending(8, message="CRITICAL disk db-2")
    peer.answers(http(200, [8, 9]), http(200, [{"key": "8", "value": other}, *rest]), http(200, pending(9)))
    assert find(sms) == 9
    assert peer.targets()[2:] == [f"GET {ROOT}/jobs/9"]


@pytest.mark.parametrize(
    "script",
    [
        [http(200, []), http(500, b""), http(500, b""), http(500, b"")],
        [http(200, []), close, http(503, b""), close],
        [http(503, b""), http(503, b""), http(503, b""), http(200, [])],
        [http(200, [8, 9]), http(500, b""), http(500, b""), http(500, b""), http(200, [])],
        [http(200, [8]), http(500, b""), close, http(500, b""), http(200, [])],
        [http(429, b""), http(200, [])],
        [http(200, []), http(429, b"")],
    ],
)
def test_a_look_up_that_fails_is_an_error_and_never_a_no(peer, sms, script):
    peer.answers(*script)
    with pytest.raises(OvhError) as caught:
        find(sms)
    assert caught.value.certainty is Certainty.TEMPORARY


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ([http(500, b""), http(200, []), close, http(200, [])], None),
        ([http(500, b""), http(200, []), close, http(200, [71])], 71),
        (
            [http(500, b""), http(500, b""), http(500, b""), http(200, [71])],
            71,
        ),  # where it left it is, whatever still waits
        ([http(500, b""), close, http(200, []), http(500, b""), http(500, b""), http(200, [])], None),
        ([http(403, {"message": "no right to see jobs"}), http(200, [71])], 71),
    ],
)
def test_a_question_that_fails_once_or_twice_is_asked_again(peer, sms, script, found):
    peer.answers(*script)
    assert find(sms) == found


def test_the_first_times_a_question_is_asked_with_little_patience(peer, sms, monkeypatch):
    """Of a look-up's time, answers that never come took the most."""
    monkeypatch.setattr("alertsms.ovh.sms.IMPATIENT", (0.2, 0.3))
    peer.answers(hang, hang, http(200, []), hang, http(200, [71]))
    began = time.monotonic()
    assert find(sms) == 71
    assert 0.7 <= time.monotonic() - began < 3.0  # the client itself waits five seconds for each


def test_the_third_time_it_waits_as_long_as_for_anything_else(peer, sms, monkeypatch):
    def late(peer, sock) -> None:
        peer.over.wait(0.4)
        sock.sendall(http(200, [71]))

    monkeypatch.setattr("alertsms.ovh.sms.IMPATIENT", (0.1, 0.1))
    peer.answers(hang, hang, late)
    assert sms.find(JOB.tag, JOB.receiver, JOB.message, pending=False) == 71


def test_many_jobs_are_read_fifty_at_a_time(peer, sms):
    def rows(ids):
        return http(200, [{"key": str(nr), "value": pending(nr)} for nr in ids])

    peer.answers(rows(range(50)), rows(range(50, 60)))
    assert [job.id for job in sms.jobs(range(60))] == list(range(60))
    assert len(peer.targets()) == 2


# Fields


@pytest.mark.parametrize(
    ("read", "value", "found"),
    [
        (text, "a", "a"),
        (text, 1, ""),
        (text, None, ""),
        (texts, ["a", 1, None], ("a",)),
        (texts, "abc", ()),
        (number, 1.5, 1.5),
        (number, "2", 2.0),
        (number, "two", None),
        (number, True, None),
        (number, float("nan"), None),
        (number, 10**400, None),
        (number, None, None),
        (whole_number, 7, 7),
        (whole_number, "7", 7),
        (whole_number, "7.5", None),
        (whole_number, "²", None),
        (whole_number, "9" * 5000, None),
        (whole_number, True, None),
        (whole_number, 7.0, None),
        (whole_numbers, [1, "2", "x"], (1, 2)),
        (whole_numbers, {"1": 2}, ()),
        (moment, "2026-03-01T10:00:00Z", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        (moment, "2026-03-01T10:00:00", None),
        (moment, "yesterday", None),
        (moment, 5, None),
    ],
)
def test_a_field_is_read_or_left_out(read, value, found):
    assert read(value) == found


# Receipts


def left(nr: int, **more) -> dict[str, object]:
    return {"id": nr, "tag": f"tag{nr}", "deliveryReceipt": 1, "ptt": 4} | more


def test_receipts_are_read_fifty_at_a_time(peer, sms):
    rows = [{"key": str(nr), "value": left(nr)} for nr in range(50)]
    peer.answers(http(200, rows), http(200, left(50)))
    found = sms.outgoings(range(51))
    assert list(found) == list(range(51))
    assert (found[7].tag, found[7].dlr, found[7].ptt) == ("tag7", 1, 4)
    assert peer.targets() == [
        f"GET {ROOT}/outgoing/" + ",".join(map(str, range(50))),
        f"GET {ROOT}/outgoing/50",
    ]


def test_what_a_batch_says_is_not_there_is_left_out(peer, sms):
    rows = [{"key": "8", "value": left(8)}, {"key": "9", "value": None, "error": "This object does not exist"}]
    peer.answers(http(200, rows))
    assert list(sms.outgoings([8, 9])) == [8]


@pytest.mark.parametrize(
    "batch",
    [
        http(404, {"message": "no such message"}),
        http(400, {"message": "[id] Given data (8,9) is not valid for type long"}),
        http(200, left(8)),
        http(200, [8, 9]),
        http(200, [{"key": "7", "value": left(7)}]),
        http(200, [{"key": "8"}, {"key": "9", "value": "?"}]),
    ],
)
def test_where_a_batch_is_not_understood_receipts_are_read_one_by_one(peer, sms, batch):
    peer.answers(batch, http(404, {"message": "gone"}), http(200, left(9)))
    assert list(sms.outgoings([8, 9])) == [9]
    assert peer.targets()[1:] == [f"GET {ROOT}/outgoing/8", f"GET {ROOT}/outgoing/9"]


@pytest.mark.parametrize("script", [[http(503, b"")], [http(404, {"message": "no"}), http(503, b"")]])
def test_receipts_that_cannot_be_read_are_an_error(peer, sms, script):
    peer.answers(*script)
    with pytest.raises(OvhError) as caught:
        sms.outgoings([8, 9])
    assert caught.value.certainty is Certainty.TEMPORARY


def test_the_callback_of_the_account_is_set(peer, sms):
    peer.answers(http(200, b"null"))
    sms.set_callback("https://pager.example.org/ovh/receipt/s3cret")
    assert peer.targets() == [f"PUT {ROOT}"]
    assert json.loads(peer.last.body) == {"callBack": "https://pager.example.org/ovh/receipt/s3cret"}


def test_what_left_for_a_number_is_asked_for_by_the_number(peer, sms):
    peer.answers(http(200, [71, 72]))
    assert sms.outgoing_to(NUMBER, datetime(2026, 3, 3, 1, tzinfo=UTC)) == [71, 72]
    (target,) = peer.targets()
    assert target.startswith(
        "GET /1.0/sms/sms-xy12345-1/outgoing?receiver=%2B33698765432&creationDatetime.from=2026-03-03T"
    )
