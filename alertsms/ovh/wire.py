"""The last metre of a call: tells a request that never left from one that may have, and bounds the wait for an answer.

requests raises the same SSLError for a handshake and for an answer cut short, and its read timeout starts anew with
every byte. A message must not be lost over the first, nor a slot over the second.
"""

from __future__ import annotations

import math
import time
from http.client import HTTPResponse
from io import BufferedReader, RawIOBase
from socket import socket
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import HTTPError


class Unsent(requests.ConnectionError):
    """No connection: not a byte of the request left."""


class NoAnswerError(requests.ConnectionError):
    """The connection was there: the request may have arrived."""


class WireSession(requests.Session):
    """A Session that follows no redirect and tells Unsent from Unanswered. For one thread."""

    def __init__(self) -> None:
        super().__init__()
        for scheme in ("http://", "https://"):
            self.mount(scheme, Wire())

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: requests would read and parse where it leads even when told not to follow."""


class Wire(HTTPAdapter):
    """An adapter with one connection, which notes when a request begins to leave."""

    left = False

    def __init__(self) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:  # noqa: ANN401
        """As HTTPAdapter does; every failure is Unsent or Unanswered, with its cause."""
        self.left = False
        try:
            return super().send(request, *args, **kwargs)
        except (OSError, HTTPError, ValueError) as error:
            raise (NoAnswerError if self.left else Unsent)(error) from error

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> HTTPConnectionPool:  # noqa: ANN401
        """The pool, whose connections report to this adapter."""
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        if not issubclass(pool.ConnectionCls, TimedConnection):
            pool.ConnectionCls = type("WireLine", (TimedConnection, pool.ConnectionCls), {"wire": self})
        connections: HTTPConnectionPool = pool
        return connections


class TimedResponse(HTTPResponse):
    """An answer whose whole reading, first byte to last, may take as long as the socket's timeout."""

    def __init__(self, sock: socket, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(sock, *args, **kwargs)
        self.fp = BufferedReader(Timed(self.fp.detach(), sock))


class TimedConnection(HTTPConnection):
    """Mixed into urllib3's connection: to a host, through a proxy, with or without TLS."""

    wire: Wire
    response_class = TimedResponse
    _opening = False

    def connect(self) -> None:
        """Open the connection; what is said to a proxy meanwhile is not the request."""
        self._opening = True
        try:
            super().connect()
        finally:
            self._opening = False

    def send(self, data: Any) -> None:  # noqa: ANN401
        """Write a piece of the request, and note that it left."""
        if self.sock is None:
            self.connect()
        if not self._opening:
            self.wire.left = True
        super().send(data)


class Timed(RawIOBase):
    """Reads a socket until a moment, not for a time after each byte; `seconds` else as long as its timeout."""

    def __init__(
        self, raw: RawIOBase, sock: socket, *, seconds: float | None = None, largest: float = math.inf
    ) -> None:
        super().__init__()
        self._raw = raw
        self._sock = sock
        self._until = time.monotonic() + (seconds or sock.gettimeout() or 0.0)
        self._room = largest  # bytes

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any, /) -> int | None:  # noqa: ANN401
        """Read what is there; TimeoutError when the time is over, OSError when it is too long."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        self._sock.settimeout(left)
        size = self._raw.readinto(buffer)
        self._room -= size or 0
        if self._room < 0:
            raise OSError("the answer is too long")
        return size

    def close(self) -> None:
        """Let go of the socket."""
        self._raw.close()
        super().close()
