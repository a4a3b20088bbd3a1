"""HTTP and SMTP whose answers end: read up to a size, within a time.

requests and smtplib read whatever comes for as long as it comes. That is for what is asked by code that reads nothing
itself: our own small questions, and Apprise's plug-ins, which find these classes where they look for the modules.
"""

from __future__ import annotations

import smtplib
import sys
from functools import partial
from io import BufferedReader
from types import ModuleType
from typing import Any

import requests

from alertsms.ovh.wire import Timed, Wire

LARGEST = 1024 * 1024  # bytes of an answer, unpacked
PIECE = 64 * 1024
SECONDS = 15.0  # for an answer where nobody said how long; of a mail server for all answers together
REDIRECTS = 5


class BoundedSession(requests.Session):
    """A Session that reads a bounded answer, each within the time that its caller gives."""

    def __init__(self) -> None:
        super().__init__()
        self.max_redirects = REDIRECTS
        for scheme in ("http://", "https://"):
            self.mount(scheme, BoundedWire())


class BoundedWire(Wire):
    """Reads the answer itself, before requests does so without end."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:  # noqa: ANN401
        """As HTTPAdapter does. Raises ConnectionError where the answer is too long or takes too long."""
        keeps = kwargs.get("stream", False)
        answer = super().send(request, *args, **{**kwargs, "timeout": kwargs.get("timeout") or SECONDS, "stream": True})
        if not keeps or answer.is_redirect:
            answer._content = read(answer)  # noqa: SLF001 - what requests does with all of it
        return answer


def read(answer: requests.Response) -> bytes:
    """The body. Raises ConnectionError where it is longer than LARGEST."""
    body = bytearray()
    for piece in answer.iter_content(PIECE):
        body += piece
        if len(body) > LARGEST:
            answer.close()
            raise requests.ConnectionError(f"an answer of more than {LARGEST // 1024} KiB")
    return bytes(body)


class BoundedSMTP(smtplib.SMTP):
    """A mail client."""

    def getreply(self) -> tuple[int, bytes]:
        """As smtplib does. Raises SMTPServerDisconnected where the answers are too long or take too long."""
        if self.file is None and self.sock:
            raw = self.sock.makefile("rb", buffering=0)
            self.file = BufferedReader(Timed(raw, self.sock, seconds=SECONDS, largest=LARGEST))
        return super().getreply()


class BoundedSMTPS(BoundedSMTP, smtplib.SMTP_SSL):
    """A mail client that begins with TLS."""


def _request(method: str, url: str, **rest: Any) -> requests.Response:  # noqa: ANN401
    with BoundedSession() as session:
        return session.request(method, url, **rest)


def _twin(usual: ModuleType, **bounded: object) -> ModuleType:
    twin = ModuleType(usual.__name__, f"{usual.__name__}, with bounded answers")
    vars(twin).update({name: value for name, value in vars(usual).items() if not name.startswith("__")} | bounded)
    return twin


_METHODS = {
    name: partial(_request, name.upper()) for name in ("get", "options", "head", "post", "put", "patch", "delete")
}
_INSTEAD = {
    "requests": (
        requests,
        _twin(requests, request=_request, Session=BoundedSession, session=BoundedSession, **_METHODS),
    ),
    "smtplib": (smtplib, _twin(smtplib, SMTP=BoundedSMTP, SMTP_SSL=BoundedSMTPS)),
}


def bind(package: str) -> None:
    """Let the loaded modules of a package that use `requests` or `smtplib` use those with bounded answers."""
    for name, module in list(sys.modules.items()):
        if name.startswith(f"{package}."):
            for word, (usual, bounded) in _INSTEAD.items():
                if getattr(module, word, None) is usual:
                    setattr(module, word, bounded)
