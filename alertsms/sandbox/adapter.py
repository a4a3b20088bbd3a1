"""Mounts the sandbox on a requests Session, without sockets and without waiting: faults become what requests raises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http.client import RemoteDisconnected
from io import BytesIO

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPResponse
from urllib3.exceptions import ProtocolError, ReadTimeoutError

from alertsms.sandbox.exchange import REASONS, ExchangeEnd, Request, Response
from alertsms.sandbox.sandbox import Sandbox

Timeout = float | tuple[float | None, float | None] | None


class SandboxAdapter(BaseAdapter):
    """`session.mount("https://eu.api.ovh.com", SandboxAdapter(sandbox))`; any address will do."""

    def __init__(self, sandbox: Sandbox, *, advance: Callable[[float], None] | None = None) -> None:
        """`advance` gets the seconds that a client would have waited, to move the clock of tests."""
        super().__init__()
        self._sandbox = sandbox
        self._advance = advance or (lambda _: None)

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002, ARG002
        timeout: Timeout = None,
        verify: bool | str = True,  # noqa: FBT001, FBT002, ARG002
        cert: object = None,  # noqa: ARG002
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002
    ) -> requests.Response:
        """Answer `request`, or raise the requests exception that its fault would cause."""
        body = request.body or b""
        answer = self._sandbox.answer(
            Request(
                method=request.method or "GET",
                url=request.url or "",
                headers={str(name).lower(): str(value) for name, value in request.headers.items()},
                body=body.encode() if isinstance(body, str) else bytes(body),
            )
        )
        patience = timeout[1] if isinstance(timeout, tuple) else timeout
        if patience is not None and answer.delay > patience:
            self._advance(patience)
            late = ReadTimeoutError(None, str(request.url), f"Read timed out. (read timeout={patience})")  # type: ignore[arg-type]
            raise requests.ReadTimeout(late, request=request)
        self._advance(answer.delay)
        if answer.end is not ExchangeEnd.ANSWER:
            raise requests.ConnectionError(ProtocolError("Connection aborted.", _cut(answer.end)), request=request)
        return _response(request, answer)

    def close(self) -> None:
        """Nothing to close."""


def _cut(end: ExchangeEnd) -> OSError:
    if end is ExchangeEnd.RESET:
        return ConnectionResetError(104, "Connection reset by peer")
    return RemoteDisconnected("Remote end closed connection without response")


def _response(request: requests.PreparedRequest, answer: Response) -> requests.Response:
    response = requests.Response()
    response.status_code = answer.status
    response.reason = REASONS.get(answer.status, "")
    response.headers = CaseInsensitiveDict(answer.headers)
    response.encoding = requests.utils.get_encoding_from_headers(response.headers)
    response.raw = HTTPResponse(body=BytesIO(answer.body), status=answer.status, preload_content=False)
    response.url = request.url or ""
    response.request = request
    return response
