from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from alertsms.sandbox import Fault, FaultKind
from alertsms.sandbox.sandbox import Callbacks


def query(url):
    return dict(parse_qsl(urlsplit(url).query))


def test_a_receipt_is_called_back_when_it_is_due_and_once(sandbox, pager, clock):
    pager.own("PUT", "", {"callBack": "https://pager.example/receipt?key=s3cret"})
    pager.send()
    assert sandbox.callbacks.take(clock()) is None
    clock.advance(0.5)
    assert query(sandbox.callbacks.take(clock()))["ptt"] == "3"
    assert sandbox.callbacks.take(clock()) is None
    clock.advance(0.5)
    url = sandbox.callbacks.take(clock())
    assert url.startswith("https://pager.example/receipt?key=s3cret&")
    assert query(url) == {
        "key": "s3cret",
        "id": "100001",
        "ptt": "4",
        "date": "2023-11-21T12:00:01+01:00",
        "description": "1",
        "descriptionDlr": "Delivered",
    }
    assert sandbox.callbacks.take(clock() + 3600) is None


def test_nothing_is_called_without_a_callback(sandbox, pager, clock):
    pager.send()
    assert sandbox.callbacks.take(clock() + 3600) is None


def test_a_failure_is_called_back_with_its_code(sandbox, pager, clock):
    pager.own("PUT", "", {"callBack": "https://pager.example/receipt"})
    sandbox.faults.replace([Fault(kind=FaultKind.UNDELIVERED, ptt=8)])
    pager.send()
    urls = [sandbox.callbacks.take(clock() + 60) for _ in range(2)]
    assert [(query(url)["description"], query(url)["ptt"]) for url in urls] == [("4", "3"), ("2", "8")]


def test_a_reset_forgets_the_calls_to_come(sandbox, pager, clock):
    pager.own("PUT", "", {"callBack": "https://pager.example/receipt"})
    pager.send()
    sandbox.reset()
    assert sandbox.callbacks.take(clock() + 60) is None


def test_the_calls_to_come_are_bounded(sandbox, pager):
    pager.send()
    callbacks = Callbacks(most=3)
    for _ in range(2):
        callbacks.expect("https://pager.example", sandbox.accepted[0])
    assert [callbacks.take(float("inf")) is None for _ in range(4)] == [False, False, False, True]
