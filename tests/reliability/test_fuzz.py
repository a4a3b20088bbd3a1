"""Whatever strangers, phones and OVHcloud say, for an hour: a sentence, no hang, and no growing memory."""

from __future__ import annotations

import gc
import json
import logging
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from alertsms.ovh.wire import WireSession
from alertsms.sandbox.adapter import SandboxAdapter
from alertsms.sandbox.exchange import Request, Response
from alertsms.sandbox.sandbox import Sandbox
from alertsms.store.schema import message_table
from alertsms.web.listener import Listener
from tests.support.house import ALICE, BOB, OVH, PLAN, House, SimulatedClock, alert

SECONDS, SHORT_SECONDS = 600.0, 10.0  # of each kind: an hour, or a minute, in all
AT_ONCE = 50  # examples between two looks at the memory; Hypothesis forgets them then
HANG = 10.0  # seconds without an answer over a socket; of the processor, for one example
GROWTH_MB = 48.0  # from the end of the first tenth on
SECRET = "let-me-in"
LOGIN = '{username: alice, password: "wonder"}'
GUARDED = PLAN + (
    f'server: {{bearer_token: "{SECRET}", hmac: {{secret: "not-told"}}, login: [{LOGIN}],'
    ' external_url: "https://pager.test", trusted_proxies: ["127.0.0.0/8"]}\n'
)
ANSWERED = OVH.replace("sender: ACME", 'virtual_number: "+33700000000"')
SAID = frozenset(
    {100, 200, 202, 204, 303, 308, 400, 401, 403, 404, 405, 408, 411, 413, 414, 415, 417, 422, 429, 431, 501, 505}
)

words = st.text(max_size=40)
near = st.sampled_from(
    ["", "0", "-1", "1e9", "٣", "9" * 400, "\0", "\x80", "é" * 70, "%", "%ff", "..", "//", "<b>", "'; --"]
)  # what is nearly something
anything = words | near


@pytest.fixture(autouse=True)
def silent() -> Iterator[None]:
    """pytest would keep each line of the log."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def fuzzed(file_url) -> Iterator[House]:
    house = House(file_url, SimulatedClock(), GUARDED, ANSWERED)
    house.sandbox.account.virtual_numbers["0033700000000"] = "fr"
    fire(house, "web-01")
    house.settle()
    yield house
    house.close()


@pytest.fixture
def whole(short) -> Callable[[Callable[..., object], str, object, int], None]:
    """Tries a property with ever new examples, for as long as each kind has."""

    def whole(property_: Callable[[object], object], name: str, report, seed: int, values) -> None:
        seconds = SHORT_SECONDS if short else SECONDS
        began, tried, first, slowest = time.monotonic(), 0, 0.0, 0.0
        while (passed := time.monotonic() - began) < seconds:
            first = first or (memory() if passed > seconds / 10 and tried else 0.0)
            took = trial(property_, values, seed + tried)
            tried, slowest = tried + AT_ONCE, max(slowest, took)
        grown = memory() - (first or memory())
        report.count(f"fuzzing: {name}, {grown:.0f} MB more", tried, time.monotonic() - began)
        assert slowest < HANG
        assert grown < GROWTH_MB

    return whole


def trial(property_: Callable[[object], object], values: st.SearchStrategy[object], seed: int) -> float:
    """Try it with so many values; the seconds that the slowest took of the processor."""
    took = [0.0]

    def one(value: object) -> None:
        began = time.process_time()
        property_(value)
        took.append(time.process_time() - began)

    test = settings(max_examples=AT_ONCE, deadline=None, database=None, suppress_health_check=list(HealthCheck))(
        given(values)(one)
    )
    seeded(seed)(test)()
    return max(took)


def fire(house: House, instance: str) -> None:
    """An alert of a sender that has the secret."""
    body = {"version": "4", "status": "firing", "receiver": "sms", "groupKey": "{}:{}", "alerts": [alert(instance)]}
    assert house.client.post("/webhook", json=body, headers={"Authorization": f"Bearer {SECRET}"}).status_code == 202


def memory() -> float:
    """What this process takes, in MB."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def answered(answer: TestResponse) -> None:
    assert answer.status_code in SAID, (answer.status, answer.text[:300])


# Headers, over a real socket.

NAMES = [
    "Host",
    "Authorization",
    "Content-Length",
    "Transfer-Encoding",
    "Content-Type",
    "Connection",
    "Expect",
    "X-Forwarded-For",
    "X-Forwarded-Proto",
    "Forwarded",
    "Via",
    "Origin",
    "Sec-Fetch-Site",
    "Cookie",
    "User-Agent",
    "X-Grafana-Alerting-Signature",
    "Content-Encoding",
    "Upgrade",
    "Range",
    "If-None-Match",
]
VALUES = [
    "localhost",
    f"Bearer {SECRET}",
    "Basic Og==",
    "Basic %",
    "5",
    "-5",
    "0x5",
    "5, 5",
    "chunked",
    "gzip, chunked",
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "close",
    "keep-alive",
    "100-continue",
    "127.0.0.1",
    "::1, 10.0.0.1",
    "[::1]:80",
    "for=1.2.3.4",
    "null",
    "cross-site",
    "alertsms=alice|1|2|3",
    "__Host-alertsms=a",
    "charset=utf-99",
    "bytes=0-",
    "*",
    "h2c",
]
PATHS = [
    "/",
    "/webhook",
    "/webhook/alertmanager",
    "/alert",
    "/heartbeat/x",
    "/a/x7Kq5MdPbR4",
    "/login",
    "/logout",
    "/ovh/receipt/x",
    "/metrics",
    "/-/ready",
    "/-/reload",
    "/incidents/1",
    "/api/v1/incidents",
    "/api/v1/tokens",
    "//webhook",
    "*",
    "http://x/",
    "/%00",
    "/a/%ff",
    "/on-call?weeks=9999999999",
    "/incidents?q=%",
]
good_lines = st.lists(
    st.builds(lambda name, value: f"{name}: {value}".encode(), st.sampled_from(NAMES), st.sampled_from(VALUES)),
    max_size=5,
)
bad_lines = st.lists(
    st.builds(lambda name, value: name.encode() + b": " + value, st.sampled_from(NAMES), st.binary(max_size=30))
    | st.binary(max_size=30),
    max_size=3,
)
usual = st.sampled_from([b"GET", b"POST", b"POST", b"PUT", b"DELETE", b"HEAD"])
unusual = st.sampled_from([b"OPTIONS", b"TRACE", b"CONNECT", b"PATCH", b"\0", b"get"])
bodies = st.binary(max_size=40) | st.sampled_from([b"{}", b"[]", b"5\r\nhello\r\n0\r\n\r\n", b"ffffffffff\r\n"])


def a_head(method: bytes, path: str, version: bytes, lines: list[bytes], body: bytes) -> bytes:
    return b"%s %s HTTP/%s\r\n%s\r\n\r\n%s" % (method, path.encode(), version, b"\r\n".join(lines), body)


# Two of three are read to their end by waitress; the others are refused by their form, most of them.
read_well = st.builds(a_head, usual, st.sampled_from(PATHS), st.just(b"1.1"), good_lines, st.just(b""))
with_body = st.builds(
    lambda path, lines, body: a_head(b"POST", path, b"1.1", [*lines, b"Content-Length: %d" % len(body)], body),
    st.sampled_from(PATHS),
    good_lines,
    bodies,
)
odd_ones = st.builds(
    a_head,
    usual | unusual,
    st.sampled_from(PATHS),
    st.sampled_from([b"1.1", b"1.0", b"2.0", b"9", b""]),
    st.tuples(good_lines, bad_lines).map(lambda both: [*both[0], *both[1]]),
    bodies,
)
heads = st.one_of(read_well, with_body, odd_ones)


@pytest.fixture
def listening(fuzzed) -> Iterator[Listener]:
    fuzzed.seem_to_run()
    listener = Listener(fuzzed.app.wsgi, "127.0.0.1", 0, judge=lambda: fuzzed.app.judge)
    yield listener
    listener.close()


def said(listener: Listener, raw: bytes) -> bytes:
    """All that is answered to bytes after which nothing comes."""
    heard = b""
    with socket.create_connection(("127.0.0.1", listener.port), timeout=HANG) as wire, suppress(ConnectionError):
        wire.sendall(raw)
        wire.shutdown(socket.SHUT_WR)
        while more := wire.recv(65536):
            heard += more
    return heard


def test_any_head_is_answered_or_closed(fuzzed, listening, whole, report, seed):
    def tried(raw: object) -> None:
        heard = said(listening, raw)
        for status in re.findall(rb"^HTTP/1\.[01] (\d{3}) ", heard, re.MULTILINE):
            assert int(status) in SAID, heard

    whole(tried, "headers", report, seed, heads)
    pages(fuzzed)


# Forms, links, receipts.

keys = st.sampled_from(["act", "token", "by", "username", "password", "next", "duration", "id", "dlr", "ptt", "q"])
forms = st.dictionaries(keys | words, anything, max_size=6)
cookies = st.builds("|".join, st.lists(anything | st.sampled_from(["alice", "1772503800"]), max_size=5))


def test_any_form_is_answered(fuzzed, whole, report, seed):
    link = f"/a/{token(fuzzed)}"
    where = st.sampled_from(["/login", "/logout", link, "/incidents/1", "/", "/on-call", "/-/reload"])

    def tried(value: object) -> None:
        path, form, cookie = value
        headers = {"Cookie": f"__Host-alertsms={cookie}".encode("latin-1", "replace").decode("latin-1")}
        headers = {name: text.replace("\r", "").replace("\n", "") for name, text in headers.items()}
        for method in ("POST", "GET"):
            ask = {"data": form} if method == "POST" else {"query_string": form}
            answered(fuzzed.client.open(path, method=method, headers=headers, **ask))

    whole(tried, "forms", report, seed, st.tuples(where, forms, cookies))
    pages(fuzzed)


def token(house: House) -> str:
    (text,) = house.texts[:1]
    return text.rpartition("/a/")[2].split()[0]


def test_any_link_is_answered(fuzzed, whole, report, seed):
    right = token(fuzzed)
    letters = st.characters(exclude_categories=["Cs"])  # half a character of UTF-16 cannot be sent
    nearly = st.builds(lambda at, letter: right[:at] + letter + right[at + 1 :], st.integers(0, 11), letters)

    def tried(value: object) -> None:
        for path in (f"/a/{value}", f"/heartbeat/{value}", f"/ovh/receipt/{value}", f"/webhook/{value}"):
            answered(fuzzed.client.open(path, method="GET"))
            answered(fuzzed.client.open(path, method="POST", data=b"act=ack"))

    whole(tried, "links", report, seed, nearly | anything)
    assert fuzzed.client.get(f"/a/{right}").status_code == 200
    pages(fuzzed)


def test_any_receipt_is_answered(fuzzed, whole, report, seed):
    path = f"/ovh/receipt/{fuzzed.app.keys.receipt_secret}"
    ids = st.integers() | anything | st.floats() | st.none() | st.lists(st.integers(), max_size=2)
    values = st.dictionaries(st.sampled_from(["id", "dlr", "ptt", "description", "tag"]), ids, max_size=5)

    def tried(value: object) -> None:
        text = {name: str(each) for name, each in value.items()}
        answered(fuzzed.client.get(path, query_string=text))
        answered(fuzzed.client.post(path, data=text))
        answered(fuzzed.client.post(path, json=value))
        answered(fuzzed.client.post(path, data=json.dumps(value)[:-1], content_type="application/json"))
        fuzzed.hear()

    whole(tried, "receipts", report, seed, values)
    pages(fuzzed)


# Answers of phones.

verbs = [
    "ok",
    "1",
    "ack",
    "ack all",
    "ok #1",
    "ok 1",
    "snooze 1 2h",
    "snooze 1",
    "pris",
    "ok tout",
    "stop",
    "STOP 1",
    "no",
]
texts = st.lists(st.sampled_from(verbs) | anything, max_size=4).map(" ".join)
numbers = st.sampled_from([ALICE, BOB, "0033612345678", "+1", "", "ACME", "3612345678"]) | words


def test_any_reply_is_read(fuzzed, whole, report, seed):
    def tried(value: object) -> None:
        number, text = value
        fuzzed.reply(number, text)
        fuzzed.run(10)

    whole(tried, "replies", report, seed, st.tuples(numbers, texts))
    fuzzed.sandbox.account.blacklist.clear()  # who answered STOP is out of reach
    pages(fuzzed)


# Answers of OVHcloud.


def changed(value: object, at: int, other: object) -> object:
    """A JSON value with another in the place of one of its parts."""
    if isinstance(value, dict) and value:
        key = list(value)[at % len(value)]
        return value | {key: changed(value[key], at // len(value), other)}
    if isinstance(value, list) and value:
        place = at % len(value)
        return [*value[:place], changed(value[place], at // len(value), other), *value[place + 1 :]]
    return other


def garbled(body: bytes, at: int, other: object) -> bytes:
    try:
        return json.dumps(changed(json.loads(body), at, other)).encode()
    except ValueError:
        return body


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | anything,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
damage = st.one_of(
    st.builds(lambda at, other: lambda body: garbled(body, at, other), st.integers(0, 999), json_values),
    st.builds(
        lambda raw: lambda _: raw, st.binary(max_size=200) | st.sampled_from([b"[" * 20000, b"1" * 9000, b"NaN"])
    ),
    st.builds(lambda at: lambda body: body[: at % (len(body) or 1)], st.integers(0, 5000)),
    st.builds(lambda times: lambda body: body * times, st.integers(2, 5)),
)
kinds_of_answer = st.sampled_from([200, 200, 200, 204, 206, 301, 400, 401, 403, 404, 409, 429, 500, 503, 599])
headers_of_answer = st.dictionaries(
    st.sampled_from(["content-type", "retry-after", "x-ovh-queryid", "location"]),
    st.sampled_from(
        ["", "text/html", "application/json; charset=x", "-1", "1e400", "Wed, 99 Foo", "http://[", "9" * 99]
    ),
    max_size=3,
)
answers = st.lists(st.none() | st.tuples(kinds_of_answer, damage, headers_of_answer), max_size=12)


class Spoiled:
    """The sandbox, which carries everything out, and answers something else."""

    def __init__(
        self, sandbox: Sandbox, pending: list[tuple[int, Callable[[bytes], bytes], dict[str, str]] | None]
    ) -> None:
        self._sandbox, self._pending = sandbox, pending

    def answer(self, request: Request) -> Response:
        answer = self._sandbox.answer(request)
        odd = self._pending.pop(0) if self._pending else None
        if odd is None:
            return answer
        status, spoil, headers = odd
        return replace(answer, status=status, body=spoil(answer.body), headers=dict(answer.headers) | headers)


class OddHouse(House):
    """An alertsms whose OVHcloud is not itself."""

    def __init__(self, url: str) -> None:
        self.pending = []
        super().__init__(url, SimulatedClock(), GUARDED, ANSWERED)
        self.sandbox.account.virtual_numbers["0033700000000"] = "fr"

    def session(self) -> requests.Session:
        session = WireSession()
        session.mount(
            "http://ovh.test", SandboxAdapter(Spoiled(self.sandbox, self.pending), advance=self.clock.advance)
        )
        return session


@pytest.fixture
def odd(file_url) -> Iterator[OddHouse]:
    house = OddHouse(file_url)
    yield house
    house.close()


def test_any_answer_of_ovhcloud_is_borne(odd, whole, report, seed):
    """No step raises; and what was accepted or is to be sent leaves once OVHcloud is itself again."""
    numbers = iter(range(10**9))

    def tried(value: object) -> None:
        odd.pending[:] = value
        fire(odd, f"fuzz-{next(numbers)}")
        odd.reply(ALICE, "ok")
        odd.run(20)
        odd.app.delivery.account_monitor.watch()
        odd.pending.clear()
        odd.run(60)

    whole(tried, "answers of OVHcloud", report, seed, answers)
    odd.sandbox.account.credits = 1_000  # an hour of SMS may have used them up
    pages(odd)


def pages(house: House) -> None:
    """Nothing of it was in the way: the next alert reaches its phone."""
    fire(house, "last-one")
    for _ in range(20):
        house.run(60)
        if any("last-one" in text for text in house.texts):
            return
    raise AssertionError(house.rows(message_table.c.state, message_table.c.error)[-5:])
