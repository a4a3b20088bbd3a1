"""Serves the sandbox over HTTP/1.1 with keep-alive, and can do to a connection what a network does.

Its own small reader of requests, since the standard library's handler spends most of its time on header objects.
"""

from __future__ import annotations

import socket
import socketserver
import struct
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from functools import partial
from io import BufferedIOBase
from threading import Event, Thread
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

from alertsms.sandbox.exchange import REASONS, ExchangeEnd, Request, Response
from alertsms.sandbox.sandbox import Callbacks, Sandbox

LONGEST_LINE = 64 * 1024  # bytes
LARGEST_BODY = 16 * 1024 * 1024  # bytes
PATIENCE = 120.0  # seconds that a connection may be idle
COURIERS = 4  # threads, so that one slow receiver does not stop the receipts of the others
CALL_SECONDS = 5.0  # for one callback; OVHcloud's own is not documented


class UnreadableError(Exception):
    """What came is not a request that is understood here."""


def read_request(stream: BufferedIOBase) -> Request | None:
    """Return the next request of a connection, None at its end. Raises UnreadableError."""
    line = stream.readline(LONGEST_LINE)
    if not line.strip():
        return None
    words = line.decode("latin-1").split()
    if len(words) != 3 or not words[2].startswith("HTTP/1.") or not words[1].startswith("/"):
        raise UnreadableError("not an HTTP/1.1 request")
    headers = _read_headers(stream)
    return Request(
        method=words[0],
        url=f"http://{headers.get('host', '')}{words[1]}",
        headers=headers,
        body=_read_body(stream, headers),
    )


def _read_headers(stream: BufferedIOBase) -> dict[str, str]:
    headers: dict[str, str] = {}
    while (line := stream.readline(LONGEST_LINE)) not in (b"\r\n", b"\n", b""):
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon or len(headers) > 100:
            raise UnreadableError("not a header")
        headers[name.lower()] = value.strip()
    return headers


def _read_body(stream: BufferedIOBase, headers: dict[str, str]) -> bytes:
    if "transfer-encoding" in headers:
        raise UnreadableError("write the body with Content-Length")
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > LARGEST_BODY:
        raise UnreadableError("Content-Length is not a number of at most 16 MiB")
    body = stream.read(int(length))
    if len(body) < int(length):
        raise ConnectionAbortedError("the client left in the middle of its body")
    return body


def written(response: Response) -> bytes:
    """Return the bytes of a response, in one piece so that one packet carries it."""
    reason = REASONS.get(response.status, "")
    lines = [f"HTTP/1.1 {response.status} {reason}", f"content-length: {len(response.body)}"]
    lines += [f"{name}: {value}" for name, value in response.headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + response.body


class Connection(socketserver.StreamRequestHandler):
    """One client's connection."""

    server: SandboxListener
    timeout = PATIENCE
    disable_nagle_algorithm = True

    def setup(self) -> None:
        """Make the connection known to close()."""
        super().setup()
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        """Close the streams."""
        self.server.connections.discard(self.connection)
        super().finish()

    def handle(self) -> None:
        """Answer requests until the client, or a fault, ends the connection."""
        try:
            while not self.server.closing.is_set() and (request := read_request(self.rfile)) is not None:
                if not self._send(self.server.sandbox.answer(request)) or request.headers.get("connection") == "close":
                    return
        except UnreadableError as error:
            self._send(Response(status=400, headers={"connection": "close"}, body=str(error).encode()))
        except OSError:  # the client went away, or was idle for too long
            return

    def _send(self, response: Response) -> bool:
        """Do what the response says; return whether the connection lives on."""
        if response.delay and self.server.closing.wait(response.delay):
            return False
        if response.end is ExchangeEnd.ANSWER:
            self.connection.sendall(written(response))
            return True
        if response.end is ExchangeEnd.RESET:
            # With a linger of zero seconds the kernel drops what is unsent and closes with RST (socket(7)).
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        return False


class SandboxListener(socketserver.ThreadingTCPServer):
    """The listening socket; a thread for each connection."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 1024

    def __init__(self, address: tuple[str, int], sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.closing = Event()
        self.connections: set[socket.socket] = set()
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, Connection)

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        """Close a connection; one that was reset is closed already."""
        if isinstance(request, socket.socket) and request.fileno() != -1:
            super().shutdown_request(request)


class Couriers:
    """Threads that call receipts back."""

    def __init__(self, callbacks: Callbacks, wall: Callable[[], float], report: Callable[[str], None]) -> None:
        self._callbacks = callbacks
        self._wall = wall
        self._report = report
        self._closed = False
        self._opener = build_opener(ProxyHandler({}))  # the callback is on this machine or near: never by a proxy
        self._threads = [Thread(target=self._run, name=f"sandbox-courier-{n}", daemon=True) for n in range(COURIERS)]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Stop after the calls under way."""
        self._closed = True
        self._callbacks.wake()
        for thread in self._threads:
            thread.join(CALL_SECONDS + 1)

    def _run(self) -> None:
        while not self._closed:
            url = self._callbacks.take(self._wall())
            if url is None:
                self._callbacks.wait(self._wall(), 0.2)
            else:
                self._report(self._call(url))

    def _call(self, url: str) -> str:
        try:
            with self._opener.open(url, timeout=CALL_SECONDS) as answer:
                return str(answer.status)
        except HTTPError as error:
            error.close()
            return str(error.code)
        except (OSError, ValueError):  # refused, reset, timed out, or not a URL: OVHcloud's retries are not documented
            return "failed"


class SandboxServer(AbstractContextManager["SandboxServer"]):
    """A sandbox that is served in the background, on a free port unless one is given; close() stops it."""

    def __init__(self, sandbox: Sandbox, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen. Raises OSError when the address is taken."""
        self.sandbox = sandbox
        self._listener = SandboxListener((host, port), sandbox)
        self.port: int = self._listener.server_address[1]
        name = f"[{host}]" if ":" in host else host
        self.page = f"http://{name}:{self.port}/"
        self.url = f"{self.page}1.0"
        self._couriers = Couriers(sandbox.callbacks, sandbox.wall, partial(sandbox.count, "callback"))
        self._thread = Thread(target=self._listener.serve_forever, args=(0.05,), name="sandbox", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening, end faults that wait, and leave no thread behind that accepts or calls."""
        self._listener.closing.set()
        self._listener.shutdown()
        self._listener.server_close()
        for connection in list(self._listener.connections):
            with suppress(OSError):  # it ended by itself meanwhile
                connection.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._couriers.close()

    def __exit__(self, *_: object) -> None:
        self.close()
