"""What strangers cannot take from known senders, over real sockets: memory, time and places."""

from __future__ import annotations

import hmac
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest
from sqlalchemy import func, select

from alertsms.store.schema import incident_table
from alertsms.web import connection, request_parser
from alertsms.web.admission import FORM, MAX_BODY, SIGNED_BODY, SMALL
from alertsms.web.capacity import LARGE_BYTES, SIGNED_AT_ONCE, Crowd, connection_limits
from alertsms.web.listener import LARGEST_HEAD, PAGE_SECONDS, PAGE_THREADS, THREADS, Listener
from tests.cli.house import until
from tests.support.house import PLAN, alert

GUARDED = PLAN + 'server: {bearer_token: "let-me-in", trusted_proxies: [127.0.0.9]}\n'
SIGNED = PLAN + "server: {hmac: {secret: not-told}, trusted_proxies: [127.0.0.9]}\n"
SIGNATURE = b"X-Grafana-Alerting-Signature: 00\r\n"
RIGHT = b"Authorization: Bearer let-me-in\r\n"
LARGE = SMALL + 1  # bytes
BODY = json.dumps({"version": "4", "alerts": [alert()]}).encode()


@pytest.fixture
def listener(house) -> Iterator[Listener]:
    house.reload(GUARDED)
    listener = Listener(house.app.wsgi, "127.0.0.1", 0, judge=lambda: house.app.judge)
    yield listener
    listener.close()


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def connect(listener: Listener, peer: str = "127.0.0.1") -> socket.socket:
    return socket.create_connection(("127.0.0.1", listener.port), timeout=20, source_address=(peer, 0))


def post(length: int, *lines: bytes, path: bytes = b"/webhook") -> bytes:
    size = b"Content-Length: %d\r\n" % length
    return b"POST " + path + b" HTTP/1.1\r\nHost: localhost\r\n" + size + b"".join(lines) + b"\r\n"


def answer(wire: socket.socket) -> tuple[int, dict[str, object], bytes]:
    """Read one answer: its status and JSON, and its head."""
    said = b""
    while b"\r\n\r\n" not in said or not said.endswith(b"}\n"):
        more = wire.recv(65536)
        assert more, said
        said += more
    head, _, text = said.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(text), head


def held(listener: Listener) -> tuple[int, int]:
    """Bytes of bodies of known senders that do not count as small, and of strangers."""
    bodies = listener._server.bodies
    return bodies.known.held, bodies.strange.held


def pass_seconds(listener: Listener, seconds: float) -> None:
    """Look at who is overdue so many seconds from now, as the loop does each second."""
    server = listener._server
    server.trigger.pull_trigger(
        lambda: (setattr(server, "_looked_at", float("-inf")), server.close_slow(time.monotonic() + seconds))
    )


def closed(wire: socket.socket) -> bool:
    try:
        return wire.recv(1) == b""
    except ConnectionResetError:
        return True


# Before the body.


def test_a_wrong_secret_is_answered_before_the_body_comes(house, listener):
    with connect(listener) as wire:
        wire.sendall(post(MAX_BODY, b"Authorization: Bearer let-me-out\r\n"))
        status, said, head = answer(wire)
        assert (status, said["error"].partition(".")[0]) == (401, "Not let in: unknown bearer token")
        assert b"Connection: close" in head
        assert held(listener) == (0, 0)
        for _ in range(8):  # whoever sends all the same is not reset before it read the answer
            wire.sendall(b"x" * 2**20)
        assert wire.recv(1) == b""
    assert house.metric("webhook_requests_total", source="unknown", code="401") == 1


@pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "in chunks"])
@pytest.mark.parametrize("path", [b"/webhook", b"/heartbeat/job", b"/alert"])
def test_nothing_of_a_strangers_body_is_kept(listener, path, chunked):
    head = post(31 * 2**20, path=path)
    if chunked:
        head = head.replace(b"Content-Length: 32505856", b"Transfer-Encoding: chunked")
    with connect(listener) as wire:
        wire.sendall(head + b"100000\r\n" + b"x" * 2**20)
        assert answer(wire)[0] == 401
        assert held(listener) == (0, 0)


def test_what_follows_a_refused_head_is_no_request(house, listener):
    """Its body may look like one."""
    with connect(listener) as wire:
        wire.sendall(post(5000) + b"POST /webhook HTTP/1.1\r\nHost: x\r\n" + RIGHT + b"Content-Length: 2\r\n\r\n{}")
        assert answer(wire)[0] == 401
        assert wire.recv(100) == b""
    assert house.app.store.read(lambda tx: tx.scalar(select(func.count()).select_from(incident_table))) == 0


@pytest.mark.parametrize(
    ("lines", "path", "size", "invited"),
    [
        ((RIGHT,), b"/webhook", len(BODY), True),
        ((), b"/webhook", len(BODY), False),
        ((), b"/login", 100, True),
        ((), b"/login", FORM + 1, False),
    ],
    ids=["a known sender", "a stranger", "a form", "a large form"],
)
def test_a_body_is_invited_only_where_it_will_be_read(listener, lines, path, size, invited):
    with connect(listener) as wire:
        wire.sendall(post(size, b"Expect: 100-continue\r\n", *lines, path=path))
        assert (wire.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n") == invited


def test_a_large_form_is_refused_by_its_length(listener):
    with connect(listener) as wire:
        wire.sendall(post(FORM + 1, path=b"/login"))
        status, said, _ = answer(wire)
        assert (status, said["error"]) == (413, "The body has 4097 bytes, at most 4096 are taken.")


def test_a_large_form_in_chunks_is_refused_when_it_is_too_large(listener):
    with connect(listener) as wire:
        head = post(1, path=b"/login").replace(b"Content-Length: 1", b"Transfer-Encoding: chunked")
        wire.sendall(head + b"20000\r\n" + b"x" * 0x20000)
        status, said, _ = answer(wire)
        assert (status, said["error"]) == (413, "The body has more than 4096 bytes, at most 4096 are taken.")
        assert held(listener) == (0, 0)


def test_a_large_head_is_refused(listener):
    with connect(listener) as wire:
        wire.sendall(b"GET /login HTTP/1.1\r\nX: " + b"x" * LARGEST_HEAD + b"\r\n\r\n")
        assert answer(wire)[0] == 431


def test_many_headers_are_refused(listener):
    with connect(listener) as wire:
        wire.sendall(b"GET /login HTTP/1.1\r\n" + b"A:\r\n" * 2000 + b"\r\n")
        status, said, _ = answer(wire)
        assert (status, said["error"].partition(".")[0]) == (
            431,
            "This is no request that can be read: It has too many headers",
        )


def test_a_stranger_sends_no_request_ahead(listener):
    """Each would take a hundred times the bytes that it was sent in."""
    with connect(listener) as wire:
        wire.sendall(b"GET /-/healthy HTTP/1.1\r\n\r\n" * 2000)
        assert everything(wire).count(b"HTTP/1.1 200 OK") <= 1


def test_a_known_sender_that_sends_ahead_without_end_is_told_to_wait(listener):
    with connect(listener) as wire:
        wire.sendall((b"GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n" + RIGHT + b"\r\n") * 60)
        said = everything(wire)
    assert said.count(b"HTTP/1.1 200 OK") <= request_parser.MOST_AHEAD
    assert said.count(b"HTTP/1.0 429 TOO MANY REQUESTS") == 1


def everything(wire: socket.socket) -> bytes:
    """All that is answered until the connection is closed."""
    said = b""
    with suppress(ConnectionResetError):
        while more := wire.recv(65536):
            said += more
    return said


@pytest.mark.parametrize(
    "ask",
    [
        post(2, SIGNATURE) + b"{}",
        post(2, path=b"/nothing") + b"{}",
        b"GET /a/x7Kq5MdPbR4 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
    ids=["a wrong signature", "where nothing is", "a wrong link", "its health"],
)
def test_a_stranger_needs_a_connection_for_each_question(house, listener, ask):
    """Four hundred that asked over and over by one each had a right webhook wait until they ended."""
    house.reload(GUARDED.replace("{bearer", "{hmac: {secret: not-told}, bearer"))
    with connect(listener) as wire, connect(listener) as known:
        wire.sendall(ask * 3)
        said = everything(wire)
        assert (said.count(b"HTTP/1.1 "), said.count(b"Connection: close")) == (1, 1)
        for _ in range(2):
            known.sendall(post(len(BODY), RIGHT) + BODY)
            status, _, head = answer(known)
            assert (status, b"Connection: close" in head) == (202, False)


@pytest.mark.parametrize(
    "chunks",
    [b"0" * 9_000, b"0\r\n" + b"X: x\r\n" * 2_000, b"1\r\nx\r\n" * 2_000],
    ids=["a size", "a trailer", "many chunks of a byte"],
)
def test_what_stands_between_chunks_is_bounded(listener, chunks):
    with connect(listener) as wire:
        head = post(1, RIGHT).replace(b"Content-Length: 1", b"Transfer-Encoding: chunked")
        wire.sendall(head + chunks)
        assert answer(wire)[0] == 400


def test_a_judge_that_fails_lets_nobody_in_and_breaks_nothing(house, listener, monkeypatch):
    monkeypatch.setattr(house.app.judge, "judge", lambda _request: 1 / 0)
    for size in (SMALL + 1, 2):
        with connect(listener) as wire:
            wire.sendall(post(size) + b"{}")
            assert answer(wire)[0] == 401


def test_strangers_take_no_place_inside_the_intake(listener, monkeypatch):
    monkeypatch.setattr("alertsms.web.webhook.PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr("threading.BoundedSemaphore.acquire", lambda *_, **__: False)  # all of them are taken
    for lines, status in (((), 401), ((RIGHT,), 503)):
        with connect(listener) as wire:
            wire.sendall(post(len(BODY), *lines) + BODY)
            assert answer(wire)[0] == status


# Bytes.


def test_signed_bodies_are_small_and_few(house, listener, stack):
    house.reload(SIGNED)
    with connect(listener) as wire:
        wire.sendall(post(SIGNED_BODY + 1, SIGNATURE))
        status, said, _ = answer(wire)
        assert (status, said["error"].partition(":")[0]) == (
            413,
            f"The body has {SIGNED_BODY + 1} bytes, at most {SIGNED_BODY} are taken",
        )
    waiting = [stack.enter_context(connect(listener)) for _ in range(SIGNED_AT_ONCE + 1)]
    for nth, wire in enumerate(waiting, 1):
        wire.sendall(post(LARGE, SIGNATURE) + b"x" * (LARGE - 1))
        until(lambda nth=nth: held(listener) == (0, (LARGE - 1) * min(nth, SIGNED_AT_ONCE)))
    until(
        lambda: any(
            each.request and each.request.seen and each.request.body_rcv.getbuf().full
            for each in list(listener._server.active_channels.values())
        )
    )
    waiting[0].sendall(b"x")  # the quietest one made room
    status, said, head = answer(waiting[0])
    assert (status, said["error"]) == (503, "Too many bodies are being read already: send it again.")
    assert b"Retry-After: 1" in head
    assert list(house.app.intake.troubles()) == []  # strangers turn no light red
    with connect(listener) as wire:
        wire.sendall(post(2, SIGNATURE) + b"{}")  # a small one needs no such place
        assert answer(wire)[0] == 401
    waiting[1].sendall(b"x")
    assert answer(waiting[1])[0] == 401
    until(lambda: held(listener) == (0, (LARGE - 1) * (SIGNED_AT_ONCE - 1)))
    for wire in waiting:
        wire.close()
    until(lambda: held(listener) == (0, 0))


def signed(body: bytes) -> bytes:
    mac = hmac.new(b"not-told", body, "sha256").hexdigest()
    return post(len(body), b"X-Grafana-Alerting-Signature: %s\r\n" % mac.encode()) + body


@pytest.mark.parametrize("sent", [0, 1], ids=["that send nothing", "that send nearly all of it"])
def test_bodies_of_strangers_keep_no_right_signature_waiting(house, listener, stack, sent):
    """Neither a large body nor a small one, and no form: they have what the quietest hold."""
    house.reload(SIGNED)
    strangers = [stack.enter_context(connect(listener)) for _ in range(LARGE_BYTES // SIGNED_BODY)]
    for wire in strangers:
        wire.sendall(post(SIGNED_BODY, SIGNATURE) + b"x" * (SIGNED_BODY - 1) * sent)
    until(lambda: held(listener) == (0, (SIGNED_BODY - 1) * len(strangers) * sent))
    for size in (0, LARGE):
        with connect(listener, "127.0.0.5") as wire:
            wire.sendall(signed(json.dumps({"version": "4", "alerts": [alert()], "pad": "x" * size}).encode()))
            assert answer(wire)[0] == 202


def gave_way(channel: connection.ClientConnection) -> bool:
    """Whether the body that comes in was forgotten, and whoever sends more of it was told."""
    body = channel.request.body_rcv if channel.request else None
    return channel.dropped is not None or (body is not None and body.getbuf().full)


@pytest.mark.parametrize(
    ("peer", "lines"),
    [("127.0.0.2", b""), ("127.0.0.9", b"X-Forwarded-For: 192.0.2.1\r\n")],
    ids=["from its own address", "by a trusted proxy"],
)
def test_one_address_cannot_have_anothers_body_give_way(house, listener, stack, peer, lines):
    """However many it begins: a signed body that comes in slowly is let in all the same."""
    house.reload(SIGNED)
    right = peer if lines else "127.0.0.5"
    with connect(listener, right) as wire:
        whole = signed(json.dumps({"version": "4", "alerts": [alert()], "pad": "x" * LARGE}).encode())
        whole = whole.replace(b"\r\n\r\n", b"\r\nX-Forwarded-For: 192.0.2.5\r\n\r\n", 1)
        wire.sendall(whole[:-1])
        until(lambda: held(listener)[1] > LARGE)
        for _ in range(SIGNED_AT_ONCE + 4):
            other = stack.enter_context(connect(listener, peer))
            other.sendall(post(SIGNED_BODY, SIGNATURE, lines) + b"x" * (SIGNED_BODY - 1))
        until(lambda: sum(map(gave_way, list(listener._server.active_channels.values()))) >= 5)
        wire.sendall(whole[-1:])
        assert answer(wire)[0] == 202


def test_a_chunk_that_cannot_be_read_gives_way_to_nobody(house, listener):
    """What came of it is being answered: it is not taken away meanwhile."""
    house.reload(SIGNED)
    with connect(listener) as wire:
        head = post(1, SIGNATURE).replace(b"Content-Length: 1", b"Transfer-Encoding: chunked")
        wire.sendall(head + b"1\r\nx\r\nno size\r\n")
        assert answer(wire)[0] == 400
        assert listener._server.bodies.strange.coming == {}


def test_large_bodies_of_known_senders_share_their_memory_and_small_ones_pass(house, listener, stack):
    waiting = [stack.enter_context(connect(listener)) for _ in range(4)]
    for wire in waiting:
        wire.sendall(post(MAX_BODY, RIGHT) + b"x" * (MAX_BODY - 1))
    until(lambda: held(listener) == (4 * (MAX_BODY - 1 - SMALL), 0))
    with connect(listener) as wire:
        wire.sendall(post(MAX_BODY, RIGHT) + b"x" * 2**20)
        assert answer(wire)[0] == 503
    with connect(listener) as wire:
        wire.sendall(post(len(BODY), RIGHT) + BODY)
        assert answer(wire)[0] == 202
    for wire in waiting:
        wire.close()
    until(lambda: held(listener) == (0, 0))
    assert (
        house.rows(incident_table.c.labels)[0][0]["alertname"] == "HighCPU"
    )  # the 503 is none, its sender comes again


# Time.


def test_whoever_drips_a_head_is_cut_off(listener):
    with connect(listener) as wire:
        wire.sendall(b"GET /login HTTP/1.1\r\n")
        until(lambda: any(each.request for each in list(listener._server.active_channels.values())))
        pass_seconds(listener, 8)
        wire.sendall(b"X: x\r\n")
        pass_seconds(listener, 11)
        assert closed(wire)


def test_a_silent_connection_and_one_that_reads_no_answer_are_closed(listener):
    with connect(listener) as silent, connect(listener) as deaf:
        channels = listener._server.active_channels
        until(lambda: len(channels) == 2)
        one = max(channels.values(), key=lambda each: each.addr[1] == deaf.getsockname()[1])
        one.total_outbufs_len += 1  # as if the kernel took nothing more for it
        pass_seconds(listener, 25)
        deaf.settimeout(0.2)
        with pytest.raises(TimeoutError):
            deaf.recv(1)
        pass_seconds(listener, 31)
        deaf.settimeout(20)
        assert closed(deaf)
        assert closed(silent)


def test_a_known_sender_whose_body_does_not_come_is_told_to_send_it_again(house, listener):
    with connect(listener) as wire, connect(listener) as form:
        wire.sendall(post(100, RIGHT) + b"{")
        form.sendall(post(100, path=b"/login") + b"x")
        until(lambda: [bool(each.request) for each in listener._server.active_channels.values()] == [True, True])
        pass_seconds(listener, 11)
        assert closed(form)
        pass_seconds(listener, 61)
        status, said, _ = answer(wire)
        assert (status, said["error"]) == (503, "The body did not come within 60 s: send it again.")
        assert closed(wire)
    assert house.rows(incident_table.c.id) == []
    assert [trouble.key for trouble in house.app.intake.troubles()] == ["intake:/webhook"]


def test_what_is_dropped_after_an_answer_ends_too(listener):
    with connect(listener) as wire:
        wire.sendall(post(MAX_BODY))
        assert answer(wire)[0] == 401
        until(lambda: [each.dropped for each in listener._server.active_channels.values()] == [0])
        pass_seconds(listener, 11)
        until(lambda: not listener._server.active_channels)


# Places.


def test_a_webhook_finds_a_place_among_strangers(house, listener, stack):
    server = listener._server
    server.crowd = Crowd(total=12, reserved=4, per_address=100)
    with connect(listener) as known:
        known.sendall(post(len(BODY), RIGHT) + BODY)
        assert answer(known)[0] == 202
        strangers = [stack.enter_context(connect(listener, "127.0.0.2")) for _ in range(40)]
        for wire in strangers[20:]:
            wire.sendall(b"GET /")
        until(lambda: len(server.active_channels) == 9)
        known.sendall(post(len(BODY), RIGHT) + BODY)
        assert answer(known)[0] == 202
    with connect(listener) as late:
        late.sendall(post(len(BODY), RIGHT) + BODY)
        assert answer(late)[0] == 202
    assert closed(strangers[0])


def test_links_and_pages_hold_up_nothing_else_while_the_store_hangs(house, listener, stack, monkeypatch):
    """However many are asked for; each is answered, and those before the store are few."""
    go, inside, read = threading.Event(), threading.Semaphore(0), house.app.store.read
    monkeypatch.setattr(house.app.store, "read", lambda work: (inside.release(), go.wait(20), read(work))[-1])
    ask = b"GET /a/x7Kq5MdPbR4 HTTP/1.1\r\nHost: localhost\r\n\r\n"
    links = [stack.enter_context(connect(listener, f"127.0.0.{2 + nth % 7}")) for nth in range(THREADS + 40)]
    for wire in links:
        wire.sendall(ask)
    server = listener._server
    assert all(inside.acquire(timeout=10) for _ in range(PAGE_THREADS))
    until(lambda: len(server.pages.queue) == len(links) - PAGE_THREADS)
    with connect(listener, "127.0.0.5") as wire:
        wire.sendall(b"GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert wire.recv(12) == b"HTTP/1.1 200"
    pass_seconds(listener, PAGE_SECONDS + 1)
    said = everything(links[-1])
    assert said.startswith(b"HTTP/1.1 503 ")
    assert b"Retry-After: 1" in said
    assert b"the store is slow perhaps: try it again" in said
    assert not inside.acquire(blocking=False)
    go.set()
    assert everything(links[0]).startswith(b"HTTP/1.1 404")


@pytest.mark.parametrize("path", ["/login", "/login/"])
def test_logins_take_no_place_of_links(listener, path):
    """They wait for each other's passwords to be looked at, which takes long."""
    asked = []
    listener._server.pages.add_task = asked.append
    with connect(listener) as wire:
        wire.sendall(post(1, path=path.encode()) + b"x")
        assert wire.recv(12).startswith(b"HTTP/1.1 ")
    assert asked == []


def test_a_page_waits_its_turn_behind_wrong_links(listener, stack):
    for nth in range(THREADS + 40):
        stack.enter_context(connect(listener, f"127.0.0.{2 + nth % 7}")).sendall(
            b"GET /a/x7Kq5MdPbR4 HTTP/1.1\r\nHost: localhost\r\n\r\n"
        )
    with connect(listener, "127.0.0.99") as wire:
        wire.sendall(b"GET /on-call HTTP/1.1\r\nHost: localhost\r\n" + RIGHT + b"\r\n")
        assert wire.recv(12) == b"HTTP/1.1 200"


def test_a_body_that_comes_in_outlasts_silent_connections(listener, stack):
    server = listener._server
    server.crowd = Crowd(total=12, reserved=4, per_address=100)
    with connect(listener) as wire:
        wire.sendall(post(40, path=b"/nothing"))
        for nth in range(40):
            until(
                lambda nth=nth: any(
                    each.request and each.request.seen == nth and each.request.allowance
                    for each in list(server.active_channels.values())
                )
            )
            silent = stack.enter_context(connect(listener))
            until(
                lambda silent=silent: any(
                    each.addr == silent.getsockname() for each in list(server.active_channels.values())
                )
            )
            wire.sendall(b"x")
        assert answer(wire)[0] == 404


def test_one_address_has_a_few_places_unless_it_is_a_trusted_proxy(listener, stack):
    server = listener._server
    server.crowd = Crowd(total=100, reserved=10, per_address=5)
    for _ in range(20):
        stack.enter_context(connect(listener, "127.0.0.2"))
        stack.enter_context(connect(listener, "127.0.0.9"))

    def peers(peer: str) -> int:
        return sum(each.peer == peer for each in list(server.active_channels.values()))

    until(lambda: (peers("127.0.0.2"), peers("127.0.0.9")) == (5, 20))


def test_connections_are_bounded_by_what_may_be_open(listener):
    crowd = listener._server.crowd
    assert crowd.total <= connection_limits(10**6)[0]
    assert listener._server.adj.connection_limit > crowd.total
