"""A service elsewhere hears every minute that pages would leave, and nothing when they would not."""

from __future__ import annotations

import logging

import pytest
import requests

from alertsms.core.messages.trouble import Hindrance, Trouble
from alertsms.delivery.alarm import Ping
from tests.ovh.peer import Peer, close, http


@pytest.fixture
def peer():
    peer = Peer(time=None)
    yield peer
    peer.stop()


@pytest.fixture
def troubles() -> list[Trouble]:
    return []


def trouble(says: str, key: str = "store") -> Trouble:
    return Trouble(key=key, hinders=Hindrance.OUTSIDE, says=says, fix="mend it")


@pytest.fixture
def ping(peer, troubles):
    return Ping(url=lambda: f"{peer.url}/SECRET?x=1", troubles=lambda: troubles)


def said(caplog) -> list[str]:
    return [f"{record.levelname} {record.getMessage()} {record.fields}" for record in caplog.records]


def test_the_address_is_fetched_as_it_is_written(peer, ping):
    peer.answers(http(200, "OK"))
    ping.step()
    assert peer.targets() == ["GET /1.0/SECRET?x=1"]
    assert peer.last.headers["user-agent"].startswith("alertsms/")


def test_nothing_is_fetched_without_an_address(troubles):
    Ping(url=lambda: "", troubles=lambda: troubles, session_factory=lambda: pytest.fail("it was")).step()


def test_it_is_silent_while_something_is_wrong_and_says_why_once(peer, ping, troubles, caplog):
    caplog.set_level(logging.INFO, "alertsms.ping")
    troubles.append(trouble("store: disk I/O error"))
    ping.step()
    ping.step()
    assert peer.targets() == []
    assert said(caplog) == ["WARNING ping_url was not fetched {'why': 'store: disk I/O error'}"]
    troubles.clear()
    peer.answers(http(200, "OK"), http(200, "OK"))
    ping.step()
    ping.step()
    assert said(caplog)[1:] == ["INFO ping_url is fetched again {}"]
    assert len(peer.targets()) == 2


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (http(404, "no such check"), "it answers 404"),
        (http(301, "", Location="https://elsewhere.test/"), "it answers 301"),
        (close, "no answer (NoAnswerError)"),
    ],
)
def test_a_failure_is_logged_without_the_address(peer, ping, caplog, answer, why):
    peer.answers(answer)
    ping.step()
    assert said(caplog) == [f"WARNING ping_url was not fetched {{'why': '{why}'}}"]
    assert "SECRET" not in caplog.text


def test_its_own_failure_is_a_trouble_for_others_and_no_reason_to_leave_it_out(peer, ping, troubles):
    peer.answers(http(404, "no such check"), http(200, "OK"))
    ping.step()
    (own,) = ping.troubles()
    assert (own.hinders, own.says) == (Hindrance.OUTSIDE, "ping_url cannot be fetched: it answers 404")
    troubles.append(own)
    ping.step()
    assert list(ping.troubles()) == []
    assert len(peer.targets()) == 2


def test_an_address_where_nobody_listens_is_a_failure_like_any_other(caplog):
    Ping(url=lambda: "http://127.0.0.1:1/SECRET", troubles=list, session_factory=requests.Session).step()
    assert said(caplog) == ["WARNING ping_url was not fetched {'why': 'no answer (ConnectionError)'}"]
