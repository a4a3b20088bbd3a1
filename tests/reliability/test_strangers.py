"""Strangers try links and passwords, send large bodies and hold connections: nobody else is shut out, nothing grows."""

from __future__ import annotations

import http.client
import json
import os
import re
import resource
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import chain, cycle, islice, repeat
from pathlib import Path
from typing import Self
from urllib.parse import urlencode

import pytest

from tests.reliability.driver import Body, alerts
from tests.reliability.house import House

A, B, PROXY = "127.0.0.2", "127.0.0.3", "127.0.0.9"
PEERS = [f"127.0.0.{last}" for last in range(2, 9)]
TRIES = 200
SENDERS, SIZE = 40, 31 * 2**20  # connections, bytes of each body
GROWTH_MB = 60.0  # of memory
MOST_GROWTH_MB = 120.0  # whatever strangers send, as SECURITY.md says
IDLE, DRIPPING = 600, 500
ANSWER_SECONDS = 2.0
WEBHOOKS = 10
SERVER = {
    "bearer_token": "let-me-in",
    "hmac": {"secret": "not-told"},
    "login": [{"username": "person0", "password": "wonder"}],
}
PROXIED = SERVER | {"trusted_proxies": [PROXY]}
RIGHT = {"Authorization": "Bearer let-me-in"}
SIGNED = "X-Grafana-Alerting-Signature: 00"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Somebody:
    """A browser or a program at an address of its own."""

    def __init__(self, house: House, address: str) -> None:
        self._port, self._address = house.port, address
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        """One request over a connection of its own."""
        wire = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30, source_address=(self._address, 0))
        try:
            cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            wire.request(method, path, body, headers | ({"Cookie": cookie} if cookie else {}))
            answer = wire.getresponse()
            for name, value in re.findall(r"^Set-Cookie: ([^=]+)=([^;]*)", str(answer.headers), re.MULTILINE):
                self.cookies[name] = value
            return answer.status, answer.read()
        finally:
            wire.close()

    def log_in(self, password: str) -> int:
        """The status of a login."""
        form = urlencode({"username": "person0", "password": password}).encode()
        return self.ask("POST", "/login", form, **FORM)[0]


def post(house: House, number: int, address: str = "127.0.0.1") -> int:
    body = json.dumps(Body(alerts=[alerts(number + 1, house.people)[number]]).as_json()).encode()
    return Somebody(house, address).ask("POST", "/webhook", body, **RIGHT)[0]


def link(house: House) -> str:
    """The path of the link in the first SMS."""
    deadline = time.monotonic() + 60
    while not (messages := house.phones.messages()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    (path,) = re.findall(rf"{re.escape(house.url)}(/a/\w+)", messages[0].text)
    return path


def test_wrong_links_and_passwords_shut_nobody_out(build, report):
    house = build(people=1, links=True, server=SERVER)
    house.start()
    began = time.monotonic()
    assert post(house, 0) == 202
    right = link(house)
    known = Somebody(house, A)
    assert known.log_in("wonder") == 303
    stranger = Somebody(house, A)
    for number in range(TRIES):
        assert stranger.ask("GET", f"/a/{str(number).translate(DIGITS).rjust(11, 'x')}")[0] == 404
        assert stranger.log_in(str(number)) in (403, 429)
    assert [Somebody(house, address).ask("GET", right)[0] for address in (A, B)] == [200, 200]
    assert Somebody(house, B).log_in("wonder") == 303
    assert known.log_in("wonder") == 303
    report.count("strangers: links and passwords", 1, time.monotonic() - began, sms=1)


DIGITS = str.maketrans("0123456789", "abcdefghij")


# Bodies.


def heads() -> Iterator[tuple[str, bytes]]:
    """Whose address, and what strangers may write above a body, for ever."""
    size = f"Content-Length: {SIZE}"
    chunked = "Transfer-Encoding: chunked"
    kinds = (
        ("/webhook", size),
        ("/webhook", f"{size}\r\nAuthorization: Bearer let-me-out"),
        ("/login", size),
        ("/webhook", f"{size}\r\n{SIGNED}"),
        ("/webhook", f"{chunked}\r\n{SIGNED}"),
        ("/heartbeat/x", chunked),
        ("/nothing", chunked),
        ("/a/x7Kq5MdPbR4", chunked),
    )
    for address, (path, lines) in zip(cycle(PEERS), cycle(kinds), strict=False):
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {address}\r\n{lines}\r\n\r\n"
        yield address, head.encode()


def send(house: House, peer: str, head: bytes, wires: ExitStack) -> None:
    """Send nearly all of a body, whatever is answered, and keep the connection."""
    part, left = b"x" * 2**20, SIZE - 1
    wire = wires.enter_context(socket.create_connection(("127.0.0.1", house.port), 30, source_address=(peer, 0)))
    with suppress(OSError):
        wire.sendall(head)
        if b"chunked" in head:
            wire.sendall(b"%x\r\n" % SIZE)
        while left > 0:
            wire.sendall(part[:left])
            left -= len(part)


def memory(house: House, field: str) -> float:
    """What /proc says of the process, in MB."""
    status = Path(f"/proc/{house.process.id}/status").read_text()
    return int(re.search(rf"^{field}:\s+(\d+) kB", status, re.MULTILINE)[1]) / 1000


@contextmanager
def measured(house: House) -> Iterator[Callable[[], float]]:
    """By how much memory has grown at its highest since, in MB."""
    before = memory(house, "VmRSS")
    Path(f"/proc/{house.process.id}/clear_refs").write_text("5")  # the highest counts from now on
    yield lambda: memory(house, "VmHWM") - before


@pytest.mark.parametrize("proxy", [False, True], ids=["from their own addresses", "by a trusted proxy"])
def test_bodies_of_strangers_take_little_memory(build, report, proxy):
    house = build(people=1, server=PROXIED)
    house.start()
    assert post(house, 0) == 202
    began = time.monotonic()
    with ExitStack() as wires, measured(house) as grown:
        threads = [
            threading.Thread(target=send, args=(house, PROXY if proxy else address, head, wires), daemon=True)
            for address, head in islice(heads(), SENDERS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(90)
        assert post(house, 1) == 202
        assert grown() < GROWTH_MB
        report.count(f"strangers: bodies, {grown():.0f} MB more", 2, time.monotonic() - began)


HEADERS = "".join(f"X-A{nth:03}: {'y' * 110}\r\n" for nth in range(120))  # of nearly 16 KiB
PARKED, POSTING = 370, 40  # connections


def park(house: House, nth: int, wires: ExitStack) -> None:
    """Send the largest of heads and nearly all of a small body, and keep the connection."""
    at = ("127.0.0.1", house.port)
    wire = wires.enter_context(socket.create_connection(at, 30, source_address=(PEERS[nth % len(PEERS)], 0)))
    head = f"POST /webhook HTTP/1.1\r\nHost: localhost\r\nContent-Length: 65536\r\n{SIGNED}\r\n{HEADERS}\r\n"
    with suppress(OSError):
        wire.sendall(head.encode() + b"x" * 65_535)


def test_all_that_strangers_send_at_once_takes_what_the_threat_model_says(build, report):
    """Whole bodies of 2 MiB with a wrong signature, which are copied to be judged, beside the largest of heads."""
    files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(files[0], 4096), files[1]), files[1]))
    house = build(people=1, server=SERVER)
    house.start()
    assert post(house, 0) == 202
    began, body = time.monotonic(), b"x" * (2 * 2**20)
    signature = dict([SIGNED.split(": ")])

    def ask(nth: int) -> None:
        while time.monotonic() < began + 12:
            with suppress(OSError, http.client.HTTPException):
                Somebody(house, f"127.0.1.{1 + nth % 7}").ask("POST", "/webhook", body, **signature)

    with ExitStack() as wires, measured(house) as grown:
        for nth in range(PARKED):
            park(house, nth, wires)
        threads = [threading.Thread(target=ask, args=(nth,), daemon=True) for nth in range(POSTING)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert post(house, 1) == 202
        assert grown() < MOST_GROWTH_MB
        report.count(f"strangers: all at once, {grown():.0f} MB more", 2, time.monotonic() - began)


# Connections.


HEAD = b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n"


class Crowd:
    """Connections that say nothing, or a byte of a head or a body now and then; those that are closed come again."""

    def __init__(self, house: House) -> None:
        self._port, self._stop = house.port, threading.Event()
        self._wires: dict[socket.socket, Iterator[bytes]] = {}
        self._selector = selectors.DefaultSelector()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.opened = 0

    def __enter__(self) -> Self:
        for _ in range(IDLE + DRIPPING):
            self._open()
        self._thread.start()
        return self

    def _open(self) -> None:
        wire = socket.socket()
        wire.bind((PEERS[self.opened % len(PEERS)], 0))
        wire.setblocking(False)
        wire.connect_ex(("127.0.0.1", self._port))
        self._wires[wire] = _pieces(self.opened)
        self.opened += 1
        self._selector.register(wire, selectors.EVENT_READ)

    def _run(self) -> None:
        while not self._stop.wait(0.5):
            for key, _ in self._selector.select(0):
                self._again(key.fileobj)
            for wire, pieces in self._wires.items():
                with suppress(OSError, StopIteration):
                    wire.send(next(pieces))

    def _again(self, wire: socket.socket) -> None:
        with suppress(OSError):
            if wire.recv(4096):
                return
        self._selector.unregister(wire)
        wire.close()
        self._wires.pop(wire)
        self._open()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(10)
        for wire in self._wires:
            wire.close()
        self._selector.close()


def _pieces(nth: int) -> Iterator[bytes]:
    """What the nth connection says, piece by piece: of 11, six say nothing."""
    if nth % 11 < 6:
        return iter(())
    return repeat(b"G") if nth % 2 else chain([HEAD], repeat(b"x"))


def test_a_webhook_is_answered_among_silent_and_dripping_connections(build, report):
    files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(files[0], 4096), files[1]), files[1]))
    house = build(people=1, server=SERVER)
    house.start()
    began, took = time.monotonic(), []
    with Crowd(house) as crowd:
        for number in range(WEBHOOKS):
            time.sleep(0.5)
            asked = time.monotonic()
            assert post(house, number) == 202
            took.append(time.monotonic() - asked)
        assert crowd.opened > IDLE + DRIPPING  # others took their places
    report.count(f"strangers: connections, {max(took):.2f} s at most", WEBHOOKS, time.monotonic() - began)
    assert max(took) <= ANSWER_SECONDS


# Templates.

HOSTILE = {"n": "900000000", "a": "a" * 4_000, "digits": "9" * 4_000}
BOMBS = [  # each reads its size from a label, as a sender writes it
    "{{ labels.digits | int }}",
    "{{ number | round(0 - labels.n | int) }}",
    "{{ labels.a | join(labels.a) | join(labels.a) }}",
    "{{ labels.a | map('replace', '', 'aaaa') | join | map('replace', '', 'aaaa') | join }}",
    "{% set x = labels.a %}" + "{% set x = x ~ x ~ x ~ x %}" * 4,
    "{% for c in labels.a %}" + "{% if labels.a in labels.a %}{% endif %}" * 80 + "{% endfor %}",
    "{% for c in labels.a if labels.a | map('upper') | list %}{% endfor %}",
]
BOMB_SECONDS = 1.0  # of the processor, for the whole way from the webhook to the phone
BUILT_IN = "CRITICAL {name} db-1: reliability drill, for={person}, n=900000000 #{number}"


def test_a_template_that_runs_wild_ends_and_its_page_leaves_all_the_same(build, report):
    house = build(people=len(BOMBS))
    file = house.process.log.with_name("alertsms.yaml")
    text = file.read_text(encoding="utf-8")
    for person, source in zip(house.people, BOMBS, strict=True):
        team = f'{{"page": ["{person}"], '
        assert team in text
        text = text.replace(team, f'{team}"template": {json.dumps(source)}, ')
    file.write_text(text, encoding="utf-8")
    house.start()
    began, grown = time.monotonic(), 0.0
    for number, alert in enumerate(alerts(len(BOMBS), house.people)):
        body = Body(alerts=[alert]).as_json()
        body["alerts"][0]["labels"] |= HOSTILE
        before = processor_seconds(house)
        with measured(house) as more:
            assert Somebody(house, B).ask("POST", "/webhook", json.dumps(body).encode(), **FORM)[0] == 202
            said = BUILT_IN.format(name=alert.name, person=house.people[number], number=number + 1)
            assert arrived(house, number + 1) == said
            grown = max(grown, more())
        assert processor_seconds(house) - before < BOMB_SECONDS, BOMBS[number]
    assert grown < GROWTH_MB
    report.count(f"template bombs, {grown:.0f} MB more", len(BOMBS), time.monotonic() - began, sms=len(BOMBS))


def processor_seconds(house: House) -> float:
    """What its process took of the processor by now."""
    fields = Path(f"/proc/{house.process.id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def arrived(house: House, count: int) -> str:
    """The text of the SMS that is the so many-th."""
    deadline = time.monotonic() + 60
    while len(messages := house.phones.messages()) < count:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return messages[-1].text
