"""The HTTP server's own limits, over a real socket: ours answer, in JSON, and leave an incident."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import pytest
from waitress.channel import ClientDisconnected

from alertsms.store.schema import incident_table
from alertsms.web.admission import MAX_BODY
from alertsms.web.connection import Task
from alertsms.web.listener import Listener
from alertsms.web.request_parser import MOST_READ
from tests.support.house import PLAN, House, alert

GUARDED = PLAN + 'server: {bearer_token: "let-me-in"}\n'
BODY = json.dumps({"version": "4", "alerts": [alert()]}).encode()
LENGTH = b"Content-Length: %d\r\n"
AGENT = b"User-Agent: Alertmanager/0.28\r\n"


@pytest.fixture
def port(house: House) -> Iterator[int]:
    listener = Listener(house.app.wsgi, "127.0.0.1", 0, judge=lambda: house.app.judge)
    yield listener.port
    listener.close()


def exchange(
    port: int, head: bytes, body: Iterator[bytes] | tuple[bytes, ...] = ()
) -> tuple[int, dict[str, object], bytes]:
    """Send a request and read all that comes back: status, the JSON object, and what was said before it."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as wire:
        wire.sendall(head + b"\r\n")
        for part in body:
            wire.sendall(part)
        said = b""
        while data := wire.recv(65536):
            said += data
    before, _, rest = said.rpartition(b"HTTP/1.")
    start, _, text = rest.partition(b"\r\n\r\n")
    return int(start.split()[1]), json.loads(text), before


def post(*lines: bytes, path: bytes = b"/webhook") -> bytes:
    return b"POST " + path + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + AGENT + b"".join(lines)


def large(size: int) -> Iterator[bytes]:
    """A body of so many bytes that begins like one of ours."""
    beginning = BODY[:-1] + b', "more": "'
    yield beginning
    left, part = size - len(beginning), b"x" * 2**20
    while left > 0:
        yield part[:left]
        left -= len(part)


def chunks(parts: Iterator[bytes]) -> Iterator[bytes]:
    for part in parts:
        yield b"%x\r\n%s\r\n" % (len(part), part)
    yield b"0\r\n\r\n"


@pytest.mark.parametrize("size", [MAX_BODY + 1, 2 * MAX_BODY, 2 * MAX_BODY + 1, 40 * 2**20])
@pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "in chunks"])
def test_whatever_its_size_a_body_gets_our_sentence_and_an_incident(house, port, size, chunked):
    body = chunks(large(size)) if chunked else large(size)
    head = post(b"Transfer-Encoding: chunked\r\n" if chunked else LENGTH % size)
    status, said, _ = exchange(port, head, body)
    assert (status, said["error"].partition(",")[0]) == (413, f"The body has {size} bytes")
    house.settle()
    assert house.texts == ["WEBHOOK REFUSED 413 from alertmanager: HighCPU: CPU above 90% for 5 min #1"]
    assert house.metric("webhook_requests_total", source="unknown", code="413") == 1


def test_of_a_body_without_end_no_more_is_read_than_a_bound(house, port, monkeypatch):
    for room in ("connection", "request_parser"):
        monkeypatch.setattr(f"alertsms.web.{room}.MOST_READ", 20 * 2**20)
    monkeypatch.setattr("alertsms.web.webhook.MOST_READ", 20 * 2**20)
    status, said, _ = exchange(port, post(LENGTH % (MOST_READ * 1000)), large(20 * 2**20))
    assert status == 413
    assert said["error"].startswith("The body has more than 20971")
    assert len(house.rows(incident_table.c.id)) == 1


def test_a_large_body_is_not_kept(port):
    """What is dropped takes no memory: the buffer never holds more than the limit, nor a file."""
    from alertsms.web.request_parser import BodyBuffer

    body = BodyBuffer(4 * MAX_BODY)
    part, most = b"x" * 2**20, 0
    for _ in range(100):
        body.append(part)
        most = max(most, len(body))
    assert (most, len(body), body.seen, body.overflowed) == (MAX_BODY, 2**20, 100 * 2**20, False)
    body.close()


def test_whoever_asks_before_sending_is_told_to_go_on(house, port):
    status, _, before = exchange(port, post(LENGTH % (MAX_BODY + 1), b"Expect: 100-continue\r\n"), large(MAX_BODY + 1))
    assert (status, before) == (413, b"HTTP/1.1 100 Continue\r\n\r\n")


def test_a_body_of_the_largest_size_is_taken_whole(house, port):
    for head, body in (
        (post(LENGTH % MAX_BODY), (BODY, b" " * (MAX_BODY - len(BODY)))),
        (post(b"Transfer-Encoding: chunked\r\n"), tuple(chunks(iter((BODY, b" " * (MAX_BODY - len(BODY))))))),
        (b"PUT" + post(LENGTH % len(BODY))[4:], (BODY,)),
    ):
        status, said, _ = exchange(port, head, body)
        assert (status, said["alerts"]) == (202, 1)


def test_what_is_too_large_needs_the_secret(house, port):
    house.reload(GUARDED)
    assert exchange(port, post(LENGTH % (MAX_BODY + 1)), large(MAX_BODY + 1))[0] == 401
    assert house.rows(incident_table.c.id) == []
    head = post(LENGTH % (MAX_BODY + 1), b"Authorization: Bearer let-me-in\r\n")
    assert exchange(port, head, large(MAX_BODY + 1))[0] == 413
    assert len(house.rows(incident_table.c.id)) == 1


@pytest.mark.parametrize(
    ("head", "body", "status"),
    [
        (post(b"Transfer-Encoding: chunked\r\n"), (b"zz\r\n" + BODY,), 400),
        (post(b"Transfer-Encoding: chunked\r\n"), (b"%x\r\n%s??" % (len(BODY), BODY),), 400),
        (post(b"Transfer-Encoding: gzip\r\n"), (), 501),
        (post(b"Content-Length: many\r\n"), (), 400),
        (post(b"Content-Length: -1\r\n"), (), 400),
        (post(b"No colon here\r\n"), (), 400),
    ],
    ids=["no chunk", "a chunk without end", "another encoding", "no length", "a negative length", "no header"],
)
def test_a_post_that_is_no_http_gets_a_sentence_and_an_incident(house, port, head, body, status):
    got, said, _ = exchange(port, head, body)
    assert (got, said["error"].partition(":")[0]) == (status, "This is no request that can be read")
    assert house.metric("webhook_requests_total", source="unknown", code=str(status)) == 1
    assert len(house.rows(incident_table.c.id)) == 1


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n", 400),
        (b"nonsense\r\n", 400),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 300_000 + b"\r\n", 431),
        (b"GET http://[::1/ HTTP/1.1\r\n", 400),
        (b"GET /-/ready HTTP/1.1\r\nBad header\r\n", 400),
        (b"GET /heartbeat/x HTTP/1.1\r\nBad header\r\n", 400),
    ],
    ids=["tls", "nonsense", "a large head", "a bad address", "a bad header", "a bad header at a heartbeat"],
)
def test_what_is_no_webhook_gets_a_sentence_and_is_counted(house, port, head, status, caplog):
    got, said, _ = exchange(port, head)
    assert (got, said["error"].partition(":")[0]) == (status, "This is no request that can be read")
    assert house.metric("webhook_requests_total", source="unknown", code=str(status)) == 1
    assert house.rows(incident_table.c.id) == []
    assert "request refused" in [record.message for record in caplog.records]


def test_no_secret_of_a_broken_head_is_told(house, port, caplog):
    _, said, _ = exchange(port, post(b"Authorization: Bearer let-\rme-in\r\n"))
    assert said["error"].startswith("This is no request that can be read: Bare CR or LF found in header line.")
    shown = (
        house.client.get("/incidents/1").text
        + str(house.rows(incident_table.c.annotations))
        + str([record.fields for record in caplog.records if hasattr(record, "fields")])
    )
    assert "Bare CR" in shown
    assert "me-in" not in shown


LINKS = [b"/a/", b"//a/", b"/A/", b"/pager/a/", b"/pager/alertsms/webhook/a/", b"/a%2F", b"/x/"]
WRONG = [
    (b"Cookie: " + b"x" * 20_000 + b"\r\n", b""),
    (b"Content-Length: x\r\n", b""),
    (LENGTH % 70_000, b"x" * 70_000),
    (LENGTH % 8, b'"alerts"'),
]


@pytest.mark.parametrize("before", LINKS)
@pytest.mark.parametrize(("line", "body"), WRONG, ids=["head", "length", "large", "none"])
def test_no_log_and_no_incident_holds_a_link_or_the_secret_of_receipts(house, port, caplog, before, line, body):
    """Whatever is wrong with the request, and whatever a proxy put before the path."""
    caplog.set_level("DEBUG")
    receipts = before.replace(b"a", b"ovh/receipt")
    secrets = [(before, b"x7Kq5MdPbR4"), (before, b"x7Kq5MdP"), (receipts, house.app.keys.receipt_secret.encode())]
    for beginning, secret in secrets:
        head = post(line, b"Authorization: Bearer let-me-in\r\n", path=beginning + secret)
        for method in (b"POST ", b"GET "):
            assert knock(port, head.replace(b"POST ", method) + b"\r\n" + body).startswith(b"HTTP/1.")
        told = [f"{record.getMessage()}{getattr(record, 'fields', '')}" for record in caplog.records]
        assert secret.decode() not in f"{told}{house.rows(incident_table.c.labels, incident_table.c.annotations)}"


def knock(port: int, request: bytes) -> bytes:
    """Whatever comes back, until the other side closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as wire:
        wire.sendall(request)
        return b"".join(iter(lambda: wire.recv(65536), b""))


@pytest.mark.parametrize("fails", [ClientDisconnected, OSError])
def test_the_servers_own_log_holds_no_link_either(port, caplog, monkeypatch, fails):
    caplog.set_level("DEBUG")

    def gone(_task):
        raise fails

    monkeypatch.setattr(Task, "execute", gone)
    knock(port, b"GET /a/x7Kq5MdPbR4 HTTP/1.1\r\nHost: localhost\r\n\r\n")
    words = [record.getMessage() for record in caplog.records if record.name == "waitress"]
    assert words == ["Client disconnected" if fails is ClientDisconnected else "Exception"]
    assert "x7Kq5MdPbR4" not in caplog.text


def test_whoever_still_sends_keeps_no_listener_from_its_end(house):
    listener = Listener(house.app.wsgi, "127.0.0.1", 0, judge=lambda: house.app.judge)
    with socket.create_connection(("127.0.0.1", listener.port), timeout=20) as wire:
        wire.sendall(b"nonsense\r\n\r\n")
        while wire.recv(65536):
            pass
        wire.sendall(b"more nonsense")
        listener.close()
        assert not listener.alive


def test_several_requests_share_a_connection_as_before(house, port):
    with socket.create_connection(("127.0.0.1", port), timeout=20) as wire:
        for _ in range(3):
            wire.sendall(post(LENGTH % len(BODY)).replace(b"Connection: close\r\n", b"") + b"\r\n" + BODY)
            said = b""
            while b"\r\n\r\n" not in said or not said.endswith(b"}\n"):
                said += wire.recv(65536)
            assert said.startswith(b"HTTP/1.1 202")


def test_a_fault_below_the_application_is_a_sentence_too(port, monkeypatch):
    monkeypatch.setattr("alertsms.web.connection.Task.get_environment", lambda _self: 1 / 0)
    status, said, _ = exchange(port, post(LENGTH % len(BODY)), (BODY,))
    assert status == 503
    assert said == {"error": "alertsms failed on this request; its log says why. Send it again."}
