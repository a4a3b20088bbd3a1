from __future__ import annotations

import pytest
import requests
from urllib3.exceptions import ProtocolError

from alertsms.sandbox import Fault, FaultKind
from alertsms.sandbox.adapter import SandboxAdapter


@pytest.fixture
def session(sandbox, clock):
    with requests.Session() as session:
        session.trust_env = False
        session.mount("https://eu.api.ovh.com", SandboxAdapter(sandbox, advance=clock.advance))
        yield session


TIME = "https://eu.api.ovh.com/1.0/auth/time"


def test_a_session_talks_to_the_sandbox_under_any_address(session):
    response = session.get(TIME)
    assert (response.status_code, response.reason, response.json()) == (200, "OK", 1700564400)
    assert response.headers["Content-Type"] == "application/json; charset=utf-8"
    assert response.encoding == "utf-8"


def test_the_bytes_sent_are_the_bytes_verified(sandbox, session, pager):
    asked = pager.request("POST", "/sms/sms-xx00000-1/jobs", pager.job(message="défaut"))
    pager.sandbox.answer(asked)
    session.mount("http://sandbox.test", SandboxAdapter(sandbox))
    assert session.post(asked.url, data=asked.body, headers=asked.headers).json()["ids"] == [100002]
    assert session.post(asked.url, data=asked.body.decode(), headers=asked.headers).json()["ids"] == [100003]


@pytest.mark.parametrize(
    ("fault", "raised", "waited"),
    [
        (Fault(kind=FaultKind.DELAY, seconds=11), requests.ReadTimeout, 10),
        (Fault(kind=FaultKind.HANG, seconds=30), requests.ReadTimeout, 10),
        (Fault(kind=FaultKind.HANG_AFTER, seconds=30), requests.ReadTimeout, 10),
        (Fault(kind=FaultKind.HANG, seconds=4), requests.ConnectionError, 4),
        (Fault(kind=FaultKind.RESET_BEFORE), requests.ConnectionError, 0),
        (Fault(kind=FaultKind.RESET_AFTER), requests.ConnectionError, 0),
    ],
)
def test_a_fault_raises_what_the_network_would_make_requests_raise(sandbox, session, clock, fault, raised, waited):
    sandbox.faults.replace([fault])
    before = clock()
    with pytest.raises(raised) as caught:
        session.get(TIME, timeout=(3, 10))
    assert clock() - before == waited
    if raised is requests.ConnectionError:
        assert isinstance(caught.value.args[0], ProtocolError)


def test_a_delay_within_the_timeout_is_only_slow(sandbox, session, clock):
    sandbox.faults.replace([Fault(kind=FaultKind.DELAY, seconds=9)])
    assert session.get(TIME, timeout=10).status_code == 200
    assert clock() == 1700564409.0


def test_no_timeout_waits_for_as_long_as_it_takes(sandbox, session, clock):
    sandbox.faults.replace([Fault(kind=FaultKind.HANG, seconds=300)])
    with pytest.raises(requests.ConnectionError):
        session.get(TIME)
    assert clock() == 1700564700.0


def test_an_empty_answer_is_empty(sandbox, session):
    sandbox.faults.replace([Fault(kind=FaultKind.EMPTY_200)])
    response = session.get(TIME)
    assert (response.status_code, response.content) == (200, b"")
