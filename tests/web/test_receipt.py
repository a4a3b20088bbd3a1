"""The address that OVHcloud calls at each delivery receipt: never trusted, and never refused."""

from __future__ import annotations

import threading

import pytest

from alertsms.web.receipt import PLACES, ReceiptCallback, callback_url
from tests.support.house import House
from tests.web.test_app import EXPOSED

ID = 100_001  # the first message of the sandbox


@pytest.fixture
def accepted(house):
    """A message on its way, whose phone has it in a second."""
    house.fire()
    house.settle()
    house.clock.advance(2)
    return house


def address(house: House) -> str:
    return f"/ovh/receipt/{house.app.keys.receipt_secret}"


@pytest.mark.parametrize(
    ("method", "how"),
    [
        ("GET", {"query_string": {"id": ID, "ptt": 4, "description": 1, "descriptionDlr": "Delivered"}}),
        ("GET", {"query_string": {"id": ID, "dlr": "1"}}),
        ("GET", {"query_string": {"id": ID}}),
        ("POST", {"query_string": {"id": ID, "description": "1"}}),
        ("POST", {"data": {"id": ID, "ptt": 4, "description": 1}}),
        ("POST", {"json": {"id": ID, "dlr": 1}}),
        ("POST", {"data": b'{"id": "100001"}'}),
        ("POST", {"query_string": {"id": ID}, "data": b"\xff\x00 garbage"}),
    ],
)
def test_a_callback_has_the_receipt_read_however_it_names_the_message(accepted, method, how):
    answer = accepted.client.open(address(accepted), method=method, **how)
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert accepted.states() == [("page", "sent")]  # OVHcloud is not asked while it waits for the answer
    accepted.hear()
    assert accepted.states() == [("page", "delivered")]


@pytest.mark.parametrize(
    "query", ["", "?id=", "?id=x", "?id=-1", "?id=1.5", f"?id={'9' * 30}", "?id=4711", "?description=1", "?id[]=1"]
)
def test_what_names_no_message_of_ours_is_answered_well_and_asks_ovh_nothing(accepted, query):
    assert accepted.client.get(address(accepted) + query).status_code == 200
    accepted.hear()
    assert accepted.states() == [("page", "sent")]
    assert accepted.sandbox.counts["outgoing"].total() == 0


@pytest.mark.parametrize("secret", ["wrong", "é", "x" * 1000])
def test_a_wrong_secret_is_an_address_that_is_none(accepted, secret):
    assert accepted.client.get(f"/ovh/receipt/{secret}?id={ID}").status_code == 404
    assert accepted.client.get("/ovh/receipt").status_code == 404
    accepted.hear()
    assert accepted.states() == [("page", "sent")]


def test_a_callback_that_lies_changes_nothing(accepted):
    """Whoever knows the secret can have a receipt read, and no more."""
    assert accepted.client.get(f"{address(accepted)}?id={ID}&description=2&ptt=23").status_code == 200
    accepted.hear()
    assert accepted.states() == [("page", "delivered")]


def test_it_answers_on_an_address_beyond_loopback_and_keeps_its_secret(url, clock):
    house = House(url, clock, EXPOSED + "}\n")
    before = address(house)
    assert house.client.get(before).status_code == 200
    house.crash()
    house.start()
    assert address(house) == before
    house.close()


def test_the_address_to_give_to_ovhcloud():
    assert callback_url("https://pager.example.org", "s3cret") == "https://pager.example.org/ovh/receipt/s3cret"
    assert callback_url("https://example.org/pager/", "s3cret") == "https://example.org/pager/ovh/receipt/s3cret"


def test_while_the_store_hangs_callbacks_take_few_threads(house):
    entered, leave = threading.Semaphore(0), threading.Event()

    def hang(_: int) -> None:
        entered.release()
        leave.wait(10)

    callback = ReceiptCallback(accepts=lambda _: True, called_back=hang)

    def call() -> None:
        with house.app.wsgi.test_request_context(f"/?id={ID}"):
            assert callback.called("secret").status_code == 200

    callers = [threading.Thread(target=call) for _ in range(PLACES)]
    for caller in callers:
        caller.start()
        assert entered.acquire(timeout=10)
    call()  # is answered at once
    assert not entered.acquire(blocking=False)
    leave.set()
    for caller in callers:
        caller.join()
    call()
    assert entered.acquire(blocking=False)
