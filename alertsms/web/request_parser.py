"""A request as it comes in: no limit of its own answers before ours, which says what to do.

Waitress answers what it cannot take with a page of text, which nobody counts or logs. Here every request reaches the
application instead, with what is wrong with it in its environ. Of a body beyond our limit the beginning is kept, enough
to find a name in; the rest is read and dropped, so that the sender gets to read the answer.

What a request may send is judged when its headers are there (web/admission.py). A body that its answer does not depend
on is not kept, nor asked for: the application answers by the headers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from waitress.buffers import OverflowableBuffer
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.utilities import BadRequest, RequestHeaderFieldsTooLarge

from alertsms.core.incidents.refusal import LOOKED_AT
from alertsms.web.admission import MAX_BODY, UNREAD, Allowance
from alertsms.web.capacity import Purse

if TYPE_CHECKING:
    from alertsms.web.connection import ClientConnection

FAULT = "alertsms failed on this request; its log says why. Send it again."
MOST_READ = 8 * MAX_BODY  # bytes of a body that is too large; a sender of more reads no answer
# Keys of an environ: the bytes of the body; what is wrong; that the headers show no secret; that the answer did not
# wait for the body.
SEEN, BROKEN, STRANGE, AHEAD = "alertsms.seen", "alertsms.broken", "alertsms.strange", "alertsms.ahead"
# What a parser keeps beside the body, which waitress does not bound.
MOST_HEADERS = 128
MOST_BETWEEN = 4096  # bytes of sizes and trailers more than there is in the chunks
MOST_AHEAD = 8  # requests that somebody sends before the first of them is answered


class Broken(NamedTuple):
    """Why a request cannot be taken as HTTP."""

    status: int
    sentence: str


def too_large(counted: int | str, most: int, hint: str = "") -> Broken:
    """Why a body of so many bytes is refused."""
    return Broken(413, f"The body has {counted} bytes, at most {most} are taken{hint and ': '}{hint or '.'}")


class BodyBuffer(OverflowableBuffer):  # type: ignore[misc]  # waitress has no types
    """Keeps a body up to the limit, else its beginning; and nothing where there is no room for it."""

    seen = 0  # bytes that came
    cut = full = False

    def __init__(self, overflow: int, most: int = MAX_BODY, purse: Purse | None = None) -> None:
        super().__init__(overflow)
        self._most, self._purse = most, purse
        if purse:
            purse.enter(self._give_way)

    def append(self, data: bytes) -> None:
        """Take some more of it."""
        self.seen += len(data)
        if self.cut or self.full:
            return
        if self.seen > self._most:
            self.cut = True
            self._keep(LOOKED_AT)
        elif self._purse and not self._purse.hold(self.seen):
            self._give_way()
        else:
            super().append(data)

    def _give_way(self) -> None:
        """Keep nothing: whoever sends more of it is told to send it again."""
        self.full = True
        self._keep(0)

    def _keep(self, size: int) -> None:
        beginning = self.get(size)[:size]
        super().close()
        self.buf, self.strbuf, self.overflowed = None, b"", False
        super().append(beginning)

    def arrived(self) -> None:
        """There is no more of it to come."""
        if self._purse:
            self._purse.arrived()

    def close(self) -> None:
        """Forget it, and give its room back."""
        super().close()
        if self._purse:
            self._purse.close()


class Parser(HTTPRequestParser):  # type: ignore[misc]
    """Reads a request; one that cannot be read is complete, with the reason in `broken`."""

    broken: Broken | None = None
    allowance: Allowance | None = None  # once its headers are there
    unread = False  # the answer does not wait for the rest of it
    seen = 0
    error: Any  # these two are waitress' own
    body_rcv: Any

    def __init__(self, adj: Any, channel: ClientConnection) -> None:  # noqa: ANN401 - waitress' own
        super().__init__(adj)
        self._channel = channel

    def received(self, data: bytes) -> int:
        """Take some bytes of it; returns how many were its own, which all are where the rest will not be read."""
        if len(self._channel.requests) >= MOST_AHEAD:
            self._imagine()
            self.refuse(Broken(429, "Too many requests at once over one connection: wait for their answers."))
            return len(data)
        taken: int = super().received(data)
        if self.error:
            self._give_up()
        elif self.headers_finished and not self.allowance and not self.empty:
            self._admit()
        elif self.body_rcv is not None:
            self._weigh()
        return len(data) if self.unread or self.broken else taken

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head, and let the body go into a buffer of ours."""
        self.start = header_plus[:2000]  # what can be said of a head that cannot be read
        if header_plus.count(b"\n") > MOST_HEADERS:
            raise ParsingError(_MANY_HEADERS)
        try:
            super().parse_header(header_plus)
        except ValueError as error:  # an address or a length that the standard library refuses
            raise ParsingError(str(error)) from error
        if self.body_rcv is not None:
            self.body_rcv.buf = BodyBuffer(self.adj.inbuf_overflow)

    def _admit(self) -> None:
        """Judge it by its headers: what its body may be, and whether its connection stays open for more.

        A stranger's does not. Four hundred that ask over and over would have everybody wait for the loop.
        """
        self.allowance = allowance = self._channel.judge(self)
        self.header_plus = b""  # it is read
        if not allowance.known:
            self.headers["CONNECTION"] = "close"
        if self.body_rcv is None:
            return
        size = self.content_length  # 0 where it comes in chunks
        if not allowance.most:
            self.refuse(Broken(503, "alertsms was starting: send it again.") if allowance.early else None)
        elif size > allowance.most and not allowance.quoted:
            self.refuse(too_large(size, allowance.most, HINT if allowance.signed else ""))
        else:
            most = LOOKED_AT if size > allowance.most else allowance.most
            size = most if self.chunked else min(size, most)
            purse = self._channel.server.bodies.purse(allowance, size, self._channel.whose)
            self.body_rcv.buf = BodyBuffer(self.adj.inbuf_overflow, most, purse)

    def refuse(self, broken: Broken | None) -> None:
        """Have the application answer now, with what is wrong or by the headers alone, and invite nothing more."""
        if self.body_rcv is not None:
            self.body_rcv.getbuf().close()
        self.broken, self.unread, self.body_rcv, self.completed, self.expect_continue = broken, True, None, True, False
        self.headers |= {"CONNECTION": "close", "CONTENT_LENGTH": "0"}

    def _weigh(self) -> None:
        body, allowance = self.body_rcv.getbuf(), self.allowance or UNREAD
        self.seen = body.seen
        if self.body_bytes_received - 2 * body.seen > MOST_BETWEEN:  # each chunk costs time, however small it is
            self.error, self.completed = BadRequest("There is more between the chunks than in them"), True
            self._give_up()
        elif body.full:
            self.refuse(Broken(503, "Too many bodies are being read already: send it again."))
        elif body.cut and not allowance.quoted:
            self.refuse(too_large(f"more than {allowance.most}", allowance.most, HINT if allowance.signed else ""))
        else:
            if self.seen >= MOST_READ and not self.completed:
                self.completed = True
                self.headers["CONNECTION"] = "close"
            if self.completed:
                body.arrived()
            if self.completed and body.cut:  # the application is to read what was kept
                self.headers["CONTENT_LENGTH"] = str(len(body))

    def _give_up(self) -> None:
        """Have the application answer: with the words of waitress, and as much of the head as could be read."""
        if self.error.body == _MANY_HEADERS:
            self.error = RequestHeaderFieldsTooLarge(_MANY_HEADERS)
        status, why = self.error.code, re.split("[\"']", self.error.body)[0].strip()  # what it quotes may be a secret
        sentence = f"This is no request that can be read: {why}.{_HINTS.get(status, '')}"
        self.broken, self.error = Broken(status, sentence), None
        if not hasattr(self, "path"):
            self._imagine()
        self.body_rcv = self.body_rcv if self.headers_finished else None
        kept = 0
        if self.body_rcv is not None:
            kept = len(self.body_rcv)
            self.body_rcv.getbuf().arrived()
        self.headers |= {"CONNECTION": "close", "CONTENT_LENGTH": str(kept)}

    def _imagine(self) -> None:
        """The head of a request whose own one ends in the middle: its method and path, where they can be seen."""
        words = getattr(self, "start", b"").partition(b"\r\n")[0].decode("latin-1").split()
        readable = len(words) == 3 and words[1].startswith("/") and words[0].isalpha() and words[0].isupper()
        self.command, self.path = (words[0], words[1].partition("?")[0]) if readable else ("GET", "/")
        self.query = self.fragment = self.proxy_scheme = self.proxy_netloc = self.request_uri = ""
        self.url_scheme, self.version = self.adj.url_scheme, "1.0"


HINT = "set max_alerts, to 1000 for example, in the sender's webhook settings."
_MANY_HEADERS = "It has too many headers"
_HINTS = {
    400: " Post to http://, not to https://, unless a proxy in front takes that.",
    431: " Send fewer headers.",
    501: " Send the body with Content-Length, or in chunks.",
}
