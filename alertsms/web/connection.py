"""Requests as the HTTP server takes them: no limit of its own answers before ours, which says what to do.

Waitress answers what it cannot take with a page of text, which nobody counts or logs. Here every request reaches the
application instead, with what is wrong with it in its environ. Of a body beyond our limit the beginning is kept, enough
to find a name in; the rest is read and dropped, so that the sender gets to read the answer.
"""

from __future__ import annotations

import json
import re
from socket import SHUT_WR
from typing import Any, NamedTuple

from waitress.buffers import OverflowableBuffer
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.task import ErrorTask, WSGITask

from alertsms.core.glimpse import LOOKED_AT

FAULT = "alertsms failed on this request; its log says why. Send it again."
MAX_BODY = 16 * 1024 * 1024  # bytes
MOST_READ = 8 * MAX_BODY  # bytes of a body that is too large; a sender of more reads no answer
SEEN, BROKEN = "alertsms.seen", "alertsms.broken"  # keys of an environ: bytes of the body, or what is wrong


class Broken(NamedTuple):
    """Why a request cannot be taken as HTTP."""

    status: int
    sentence: str


class Body(OverflowableBuffer):  # type: ignore[misc]  # waitress has no types
    """Keeps a body up to the limit, else its beginning."""

    seen = 0  # bytes that came
    cut = False

    def append(self, data: bytes) -> None:
        """Take some more of it."""
        self.seen += len(data)
        if self.seen <= MAX_BODY:
            super().append(data)
        elif not self.cut:
            self._cut()

    def _cut(self) -> None:
        beginning = self.get(LOOKED_AT)[:LOOKED_AT]
        self.close()
        self.buf, self.strbuf, self.overflowed, self.cut = None, b"", False, True
        super().append(beginning)


class Parser(HTTPRequestParser):  # type: ignore[misc]
    """Reads a request; one that cannot be read is complete, with the reason in `broken`."""

    broken: Broken | None = None
    seen = 0
    error: Any  # these three are waitress' own
    body_rcv: Any
    completed: bool

    def received(self, data: bytes) -> int:
        """Take some bytes of it; returns how many were its own."""
        taken: int = super().received(data)
        if self.error:
            self._give_up()
        elif self.body_rcv is not None:
            self._weigh()
        return taken

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head, and let the body go into a buffer of ours."""
        self.start = header_plus[:2000]  # what can be said of a head that cannot be read
        try:
            super().parse_header(header_plus)
        except ValueError as error:  # an address or a length that the standard library refuses
            raise ParsingError(str(error)) from error
        if self.body_rcv is not None:
            self.body_rcv.buf = Body(self.adj.inbuf_overflow)

    def _weigh(self) -> None:
        body = self.body_rcv.getbuf()
        self.seen = body.seen
        if self.seen >= MOST_READ and not self.completed:
            self.completed = True
            self.headers["CONNECTION"] = "close"
        if self.completed and body.cut:  # the application is to read what was kept
            self.headers["CONTENT_LENGTH"] = str(len(body))

    def _give_up(self) -> None:
        """Have the application answer: with the words of waitress, and as much of the head as could be read."""
        status, why = self.error.code, _QUOTES.split(self.error.body)[0].strip()  # what it quotes may be a secret
        sentence = f"This is no request that can be read: {why}.{_HINTS.get(status, '')}"
        self.broken, self.error = Broken(status, sentence), None
        if not hasattr(self, "path"):
            self._imagine()
        self.body_rcv = self.body_rcv if self.headers_finished else None
        kept = len(self.body_rcv) if self.body_rcv is not None else 0
        self.headers |= {"CONNECTION": "close", "CONTENT_LENGTH": str(kept)}

    def _imagine(self) -> None:
        """The head of a request whose own one ends in the middle: its method and path, where they can be seen."""
        words = getattr(self, "start", b"").partition(b"\r\n")[0].decode("latin-1").split()
        told = len(words) == 3 and words[1].startswith("/") and words[0].isalpha() and words[0].isupper()
        self.command, self.path = (words[0], words[1].partition("?")[0]) if told else ("GET", "/")
        self.query = self.fragment = self.proxy_scheme = self.proxy_netloc = self.request_uri = ""
        self.url_scheme, self.version = self.adj.url_scheme, "1.0"


_QUOTES = re.compile("[\"']")
_HINTS = {
    400: " Post to http://, not to https://, unless a proxy in front takes that.",
    431: " Send fewer headers.",
    501: " Send the body with Content-Length, or in chunks.",
}


class Task(WSGITask):  # type: ignore[misc]
    """Calls the application."""

    def get_environment(self) -> dict[str, Any]:
        """Tell it what is known of the request beside its head and body."""
        environ: dict[str, Any] = super().get_environment()
        self.channel.lingers = self.request.broken is not None or self.request.seen >= MOST_READ
        return environ | {SEEN: self.request.seen, BROKEN: self.request.broken}


class Fault(ErrorTask):  # type: ignore[misc]
    """Answers what failed before or behind the application, as the application does; waitress has logged it."""

    def execute(self) -> None:
        """Say that it is to be sent again."""
        body = json.dumps({"error": FAULT}).encode() + b"\n"
        self.status, self.content_length = "503 Service Unavailable", len(body)
        self.response_headers += [("Content-Type", "application/json"), ("Retry-After", "1")]
        self.set_close_on_finish()
        self.write(body)


class Channel(HTTPChannel):  # type: ignore[misc]
    """A connection of which every request reaches the application.

    Closed while a sender still sends, a connection is reset, and the answer is lost with it. So after an answer to what
    was not read to its end, only our side is closed, and the rest is dropped.
    """

    parser_class = Parser
    task_class = Task
    error_task_class = Fault
    lingers = False
    dropped: int | None = None  # bytes, once our side is closed
    will_close: bool

    def handle_close(self) -> None:
        """Close it, or our side of it."""
        if not (self.lingers and self.connected):
            super().handle_close()
            return
        self.lingers, self.will_close, self.dropped = False, False, 0
        try:
            self.socket.shutdown(SHUT_WR)
        except OSError:
            super().handle_close()

    def received(self, data: bytes) -> bool:
        """Take bytes of requests, or drop them."""
        if self.dropped is None:
            return bool(super().received(data))
        self.dropped += len(data)
        if self.dropped > MOST_READ:
            super().handle_close()
        return True
