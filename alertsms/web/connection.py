"""A connection of the HTTP server: every request of it reaches the application, and nobody holds it for long."""

from __future__ import annotations

import json
import logging
import time
from socket import SHUT_WR
from typing import Any

from flask import Request
from waitress.channel import HTTPChannel
from waitress.task import ErrorTask, WSGITask

from alertsms.logs import event
from alertsms.web.admission import EARLY, MAX_BODY, STRANGER, UNREAD, Allowance, Doorkeeper
from alertsms.web.peer import whence
from alertsms.web.request_parser import AHEAD, BROKEN, FAULT, MOST_READ, SEEN, STRANGE, Broken, Parser

log = logging.getLogger("alertsms.listener")

MOST_DROPPED = 2 * MAX_BODY  # bytes after an answer that did not wait for them
IDLE_SECONDS = 30.0  # a connection without a request is closed: the next one has its place
HEAD_SECONDS = 10.0  # from the first byte of a request to the end of its headers
DROP_SECONDS = 10.0  # for what still comes after the answer
READ_AT_ONCE = 64 * 1024  # bytes of what is only kept or dropped; waitress takes 8 KiB of what it has to parse


class Task(WSGITask):  # type: ignore[misc]
    """Calls the application."""

    def get_environment(self) -> dict[str, Any]:
        """Tell it what is known of the request beside its head and body."""
        environ: dict[str, Any] = super().get_environment()
        request = self.request
        self.channel.lingers = request.broken is not None or request.unread or request.seen >= MOST_READ
        known = (request.allowance or UNREAD).known
        return environ | {SEEN: request.seen, BROKEN: request.broken, STRANGE: not known, AHEAD: request.unread}


class ErrorResponder(ErrorTask):  # type: ignore[misc]
    """Answers what failed before or behind the application, as the application does; waitress has logged it."""

    def execute(self) -> None:
        """Say that it is to be sent again."""
        body = json.dumps({"error": FAULT}).encode() + b"\n"
        self.status, self.content_length = "503 Service Unavailable", len(body)
        self.response_headers += [("Content-Type", "application/json"), ("Retry-After", "1")]
        self.set_close_on_finish()
        self.write(body)


class _NoAddress(logging.LoggerAdapter[logging.Logger]):
    """The log of waitress without the address that was asked for, which may be a link."""

    def process(self, msg: Any, kwargs: Any) -> tuple[Any, Any]:  # noqa: ANN401
        """Cut "... while serving /a/x7Kq5MdPbR4"."""
        return str(msg).partition(" while serving ")[0], kwargs


class ClientConnection(HTTPChannel):  # type: ignore[misc]
    """A connection of which every request reaches the application.

    Closed while a sender still sends, a connection is reset, and the answer is lost with it. So after an answer to what
    was not read to its end, only our side is closed, and the rest is dropped.
    """

    task_class = Task
    error_task_class = ErrorResponder
    logger = _NoAddress(logging.getLogger("waitress"), {})
    lingers = False
    dropped: int | None = None  # bytes, once our side is closed
    waits_since = 0.0  # for a thread, by the monotonic clock
    request: Parser | None  # the one that is coming in
    requests: list[Parser]  # those that are being answered

    def __init__(self, server: Any, sock: Any, addr: Any, adj: Any, map: Any = None) -> None:  # noqa: A002, ANN401
        super().__init__(server, sock, addr, adj, map=map)
        self.peer: str = addr[0]
        self.whose = whence(self.peer, "", ())
        self._stage: tuple[Parser | None, bool] = (None, False)
        self._since = time.monotonic()  # it is at this stage
        server.enter(self)

    def parser_class(self, adj: Any) -> Parser:  # noqa: ANN401 - waitress asks for a class
        """One that asks this connection what it may read."""
        return Parser(adj, self)

    # What is asked while a request comes in.

    def judge(self, parser: Parser) -> Allowance:
        """What a request may send, by its headers; none of them may break the loop."""
        try:
            judge: Doorkeeper | None = self.server.judge()
            allowance = judge.judge(_as_request(parser, self.peer)) if judge else EARLY
        except Exception:
            log.exception("a request could not be judged")
            allowance = STRANGER
        forwarded = parser.headers.get("X_FORWARDED_FOR", "")  # a stranger counts for whom a trusted proxy names
        whose = "" if allowance.known else whence(self.peer, forwarded, self.server.trusted)
        self.server.crowd.judged(self, known=allowance.known, whose=whose)
        return allowance

    # Deadlines.

    @property
    def busy(self) -> bool:
        """Whether a request is being answered."""
        return bool(self.requests)

    def overdue(self, now: float) -> bool:
        """Whether it has been at one stage for too long, at a time of the monotonic clock."""
        return not self.requests and now - self._since > self._patience()

    def _patience(self) -> float:
        if self.dropped is not None:
            return DROP_SECONDS
        if self.request is None:
            return IDLE_SECONDS
        return self.request.allowance.seconds if self.request.allowance else HEAD_SECONDS

    def expire(self) -> None:
        """Close it; a known sender whose body does not come is told to send it again."""
        request = self.request
        if request is None or self.dropped is not None:
            self.drop()
        elif request.allowance and request.allowance.known:
            request.refuse(Broken(503, f"The body did not come within {request.allowance.seconds:g} s: send it again."))
            with self.requests_lock:
                self.request = None
                self.requests.append(request)
                self.server.add_task(self)
        else:
            event(log, logging.INFO, "request cut off", peer=self.peer, seconds=self._patience())
            self.drop()

    def drop(self) -> None:
        """Close it at once."""
        self.lingers = False
        self.handle_close()

    def recv(self, buffer_size: int) -> bytes:
        """Take some bytes from the kernel."""
        body = self.request is not None and self.request.headers_finished and not self.request.chunked
        data: bytes = super().recv(READ_AT_ONCE if body or self.dropped is not None else buffer_size)
        return data

    def service(self) -> None:
        """Answer a request, in a thread of its own."""
        super().service()
        self._since = time.monotonic()

    def handle_close(self) -> None:
        """Close it, or our side of it."""
        if not (self.lingers and self.connected):
            self._gone()
            return
        self.lingers, self.will_close, self.dropped = False, False, 0
        self._since = time.monotonic()
        try:
            self.socket.shutdown(SHUT_WR)
        except OSError:
            self._gone()

    def _gone(self) -> None:
        super().handle_close()
        self.server.crowd.leave(self)
        if self.request is not None:
            self.request.close()

    def received(self, data: bytes) -> bool:
        """Take bytes of requests, or drop them."""
        if self.dropped is None:
            taken = bool(super().received(data))
            # A stage begins with a request, and once its headers are there.
            stage = self.request, self.request is not None and self.request.allowance is not None
            if stage != self._stage:
                self._stage, self._since = stage, time.monotonic()
            if self.request is not None:  # there is more to come
                self.server.crowd.note_bytes(self)
            return taken
        self.dropped += len(data)
        if self.dropped > MOST_DROPPED:
            self._gone()
        return True


def _as_request(parser: Parser, peer: str) -> Request:
    environ = {f"HTTP_{name}": value for name, value in parser.headers.items()}
    return Request(
        environ
        | {
            "REQUEST_METHOD": parser.command,
            "PATH_INFO": parser.path,
            "QUERY_STRING": parser.query,
            "REMOTE_ADDR": peer,
            "SERVER_PROTOCOL": f"HTTP/{parser.version}",
            "SERVER_NAME": "",
            "SERVER_PORT": "",
            "wsgi.url_scheme": "http",
        }
    )
