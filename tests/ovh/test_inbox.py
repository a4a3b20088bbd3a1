"""What phones send back is listed and read, whatever the API leaves undocumented."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from alertsms.ovh.error import OvhError
from alertsms.ovh.models import IncomingSms
from alertsms.ovh.sms import Inbox
from tests.ovh.peer import http

SINCE = datetime(2026, 3, 2, 3, 10, 0, 123456, tzinfo=timezone(timedelta(hours=1)))
OK = {
    "id": 7,
    "creationDatetime": "2026-03-03T03:10:40+01:00",
    "credits": 0.0,
    "message": "ok",
    "sender": "+33612345678",
    "tag": "",
}


@pytest.fixture
def inbox(client):
    return Inbox(client, "sms-xy12345-1")


def test_what_came_since_a_time_is_listed(peer, inbox):
    peer.answers(http(200, [9, "7"]))
    assert inbox.ids(SINCE) == [9, 7]
    query = "creationDatetime.from=2026-03-02T02%3A10%3A00%2B00%3A00"
    assert peer.targets() == [f"GET /1.0/sms/sms-xy12345-1/incoming?{query}"]


def test_a_rented_number_has_a_list_of_its_own(peer, client):
    rented = Inbox(client, "sms-xy12345-1", "+33700000001")
    peer.answers(http(200, [7]), http(200, OK))
    rented.ids(SINCE)
    assert list(rented.read([7])) == [7]
    path = "GET /1.0/sms/sms-xy12345-1/virtualNumbers/0033700000001/incoming"
    assert [target.partition("?")[0] for target in peer.targets()] == [path, f"{path}/7"]


def test_a_reply_is_read(peer, inbox):
    peer.answers(http(200, OK))
    at = datetime(2026, 3, 3, 2, 10, 40, tzinfo=UTC)
    assert inbox.read([7]) == {7: IncomingSms(id=7, sender="+33612345678", message="ok", created_at=at)}


def test_several_are_read_at_once_and_what_is_gone_is_left_out(peer, inbox):
    peer.answers(http(200, [{"key": "7", "value": OK}, {"key": "8", "value": None}]))
    assert list(inbox.read([7, 8])) == [7]
    assert peer.targets() == ["GET /1.0/sms/sms-xy12345-1/incoming/7,8"]


@pytest.mark.parametrize("body", [None, {}, ["x"], "none"])
def test_what_is_no_list_of_ids_does_not_mean_that_nothing_came(peer, inbox, body):
    peer.answers(http(200, body) if body is not None else http(200, b""))
    with pytest.raises(OvhError, match="unreadable"):
        inbox.ids(SINCE)
