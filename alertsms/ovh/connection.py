"""A request put on the wire and its answer read, within bounds; what fails here becomes an OvhError by one rule."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any
from weakref import WeakSet

import requests
from urllib3.exceptions import HTTPError, NewConnectionError

from alertsms.ovh.error import Certainty, OvhError, quotable
from alertsms.ovh.wire import NoAnswerError, Unsent

IDLE = 10.0  # seconds; a firewall may have dropped an older connection without a word, and a page would be `unknown`
LARGEST = 1 << 20  # bytes of an answer that are read, some hundred thousand ids; the rest makes it unreadable
PIECE = 1 << 16

# The causes that say there was no connection; anything else may have left. Unsent is ours, the rest is what other
# adapters raise.
NOT_SENT = (
    Unsent,
    requests.ConnectTimeout,
    requests.exceptions.ProxyError,
    requests.exceptions.SSLError,
    NewConnectionError,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class HttpResponse:
    """What came back, whatever its status."""

    status: int
    headers: Mapping[str, str]  # any case
    body: bytes


class HttpConnection:
    """Sessions to one place, one for each thread that calls.

    `timeout` is seconds to connect (for each address tried) and seconds for the whole answer.
    """

    def __init__(
        self,
        base_url: str,
        *,
        timeout: tuple[float, float],
        monotonic: Callable[[], float],
        session_factory: Callable[[], requests.Session],
    ) -> None:
        self._monotonic = monotonic
        self._session_factory = session_factory
        self._mine = threading.local()
        self._lock = threading.Lock()
        self._sessions: WeakSet[requests.Session] = WeakSet()
        # Proxies and certificate bundles of the environment, looked up once: requests would do so at each call.
        environment = session_factory().merge_environment_settings(base_url, {}, stream=True, verify=None, cert=None)
        self._settings: dict[str, Any] = {**environment, "allow_redirects": False}
        self._timeout = timeout

    def exchange(self, request: requests.PreparedRequest, patience: float | None = None) -> HttpResponse:
        """Send and read, `patience` seconds at most. Raises OvhError: TEMPORARY if nothing left, else UNKNOWN."""
        session = self._session()
        connect, read = self._timeout
        timeout = connect, read if patience is None else min(read, patience)
        try:
            with session.send(request, timeout=timeout, **self._settings) as response:
                body = _read(response)
            return HttpResponse(status=response.status_code, headers=response.headers, body=body)
        except (OSError, HTTPError) as error:
            # The message has the cause; the chain would print URLs, and the passwords of proxies.
            raise _lost(error) from None
        finally:
            self._mine.used_at = self._monotonic()

    def close(self) -> None:
        """Close every thread's connection; a later call opens it again."""
        with self._lock:
            sessions = list(self._sessions)
        for session in sessions:
            session.close()

    def _session(self) -> requests.Session:
        mine = self._mine
        session: requests.Session | None = getattr(mine, "session", None)
        if session is None:
            session = mine.session = self._session_factory()
            with self._lock:
                self._sessions.add(session)
        elif self._monotonic() - mine.used_at >= IDLE:
            session.close()
        return session


def _read(response: requests.Response) -> bytes:
    body = b""
    try:
        for piece in response.iter_content(PIECE):
            body += piece
            if len(body) > LARGEST:
                break
    except (OSError, HTTPError) as error:
        raise NoAnswerError(error) from error
    return body[:LARGEST]


def _lost(error: Exception) -> OvhError:
    causes = list(islice(_causes(error), 10))
    unsent = not isinstance(error, NoAnswerError) and any(isinstance(cause, NOT_SENT) for cause in causes)
    return OvhError(
        certainty=Certainty.TEMPORARY if unsent else Certainty.UNKNOWN,
        code="unreachable" if unsent else "unanswered",
        message=why(error),
    )


def why(error: Exception) -> str:
    """What was wrong in the end with a request that has no answer: `ConnectionRefusedError: [Errno 111] ...`."""
    root = list(islice(_causes(error), 10))[-1]
    # Only the system's own words: those of requests and urllib3 can quote URLs.
    words = str(root) if isinstance(root, OSError) and not isinstance(root, requests.RequestException) else ""
    return quotable(": ".join(part for part in (type(root).__name__, words) if part))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    # urllib3 hides the cause in `reason`, requests in its first argument.
    while error is not None:
        yield error
        inside = (getattr(error, "reason", None), error.__cause__, *error.args)
        error = next((cause for cause in inside if isinstance(cause, BaseException)), None)
