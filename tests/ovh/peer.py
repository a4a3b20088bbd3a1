"""A server on 127.0.0.1 that behaves as badly as a test asks, byte by byte."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import struct
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

JSON = "application/json"


@dataclass(frozen=True, kw_only=True)
class Seen:
    method: str
    target: str
    headers: dict[str, str]  # names in lower case
    body: bytes


def http(status: int, body: object = None, *, kind: str = JSON, **headers: str) -> bytes:
    """One whole answer; `body` as JSON unless it is bytes; X_Name=value gives a header X-Name."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(raw)}", f"Content-Type: {kind}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + raw


@dataclass
class Peer:
    """Answers each request with the next of `script`: bytes, or what a function does with the connection.

    GET …/auth/time is answered with `time`, outside the script, unless `time` is None.
    """

    script: deque[bytes | Callable[[Peer, socket.socket], None]] = field(default_factory=deque)
    time: int | None = 1_700_000_000
    greet: Callable[[Peer, socket.socket], None] | None = None  # done with a connection instead of reading from it
    tls: ssl.SSLContext | None = None
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/1.0"

    def answers(self, *script) -> None:
        self.script.extend(script)

    def targets(self) -> list[str]:
        """METHOD target of each request but those for the time."""
        return [f"{seen.method} {seen.target}" for seen in self.seen if not seen.target.endswith("/auth/time")]

    @property
    def last(self) -> Seen:
        return self.seen[-1]

    def stop(self) -> None:
        self.over.set()
        for sock in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while not self.over.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(sock)
            thread = threading.Thread(target=self._serve, args=(sock,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):
            if self.greet:
                self.greet(self, sock)
            elif self.tls:
                sock = self.tls.wrap_socket(sock, server_side=True)
                self._open.append(sock)
            with sock.makefile("rb") as lines:
                while not self.greet and self._one(sock, lines):
                    pass
        sock.close()

    def _one(self, sock: socket.socket, lines) -> bool:
        first = lines.readline().decode("latin-1").split()
        if len(first) != 3:
            return False
        headers = {}
        while (line := lines.readline().decode("latin-1").strip()) != "":
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        body = lines.read(int(headers.get("content-length", "0")))
        self.seen.append(Seen(method=first[0], target=first[1], headers=headers, body=body))
        if self.time is not None and first[1].endswith("/auth/time"):
            sock.sendall(http(200, self.time))
            return True
        step = self.script.popleft()
        if isinstance(step, bytes):
            sock.sendall(step)
            return True
        step(self, sock)
        return False


def close(_peer: Peer, _sock: socket.socket) -> None:
    """Close the connection without a word."""


def reset(_peer: Peer, sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def hang(peer: Peer, _sock: socket.socket) -> None:
    peer.over.wait()


def says(*pieces: bytes):
    """Say this much, then close."""
    return lambda _peer, sock: [sock.sendall(piece) for piece in pieces] and None


def drips(start: bytes, drop: bytes = b"x", every: float = 0.02):
    """Say `start`, then a drop every so many seconds, for ever: each read succeeds, the answer never ends."""

    def drip(peer: Peer, sock: socket.socket) -> None:
        sock.sendall(start)
        while not peer.over.wait(every):
            sock.sendall(drop)

    return drip
