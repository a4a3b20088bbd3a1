"""What a call to OVHcloud needs beside its content: a signature by its keys and its time, and a connection.

A request is put on the wire and its answer read within bounds; what fails here becomes an OvhError by one rule.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from hashlib import sha1
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
REFRESH = 3600.0  # seconds; a computer's clock drifts by a second or two a day
RETRY = 60.0  # seconds until a failed refresh is tried again: the old offset is still good
DOUBT = 5.0  # seconds between two refreshes that refusals cause
AGREES = 2.0  # seconds between two times that are the same: each may be cut off by up to one

# The causes that say there was no connection; anything else may have left. Unsent is ours, the rest is what other
# adapters raise.
NOT_SENT = (
    Unsent,
    requests.ConnectTimeout,
    requests.exceptions.ProxyError,
    requests.exceptions.SSLError,
    NewConnectionError,
)


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

    def exchange(
        self, request: requests.PreparedRequest, patience: float | None = None
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Send, and read within `patience` seconds. Raises OvhError: TEMPORARY if nothing left, else UNKNOWN."""
        session = self._session()
        connect, read = self._timeout
        timeout = connect, read if patience is None else min(read, patience)
        try:
            with session.send(request, timeout=timeout, **self._settings) as response:
                return response.status_code, response.headers, _read(response)
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    """The three keys of a token; shown by none of their text forms.

    White space around a key is dropped: the newline of a secret file would make every signature invalid. ValueError
    when a key holds anything but printable ASCII.
    """

    application_key: str = field(repr=False)
    application_secret: str = field(repr=False)
    consumer_key: str = field(repr=False)

    def __post_init__(self) -> None:
        for key in fields(self):
            value = getattr(self, key.name).strip()
            if not (value.isascii() and value.isprintable()) or " " in value:
                raise ValueError(f"{key.name} has characters that no OVHcloud key has")
            if set(value) & set("\"'`"):
                raise ValueError(f"{key.name} has a quotation mark, which no OVHcloud key has: write it without")
            object.__setattr__(self, key.name, value)

    def hide(self, text: str) -> str:
        """The text without these keys, should it quote one."""
        for key in (self.application_secret, self.consumer_key, self.application_key):
            text = text.replace(key, "***") if key else text
        return text


def sign(secret: str, consumer: str, method: str, url: str, body: bytes, timestamp: int) -> str:
    """The value of X-Ovh-Signature for exactly these bytes and this URL, as sent; `timestamp` in UNIX seconds."""
    text = f"{secret}+{consumer}+{method}+{url}+".encode() + body + f"+{timestamp}".encode()
    return "$1$" + sha1(text).hexdigest()  # noqa: S324, the API's choice


@dataclass(frozen=True, kw_only=True, slots=True)
class ClientClocks:
    """What a client goes by, all in seconds."""

    wall: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic  # calls are timed by it
    ticks: Callable[[], float] = time.monotonic  # OVHcloud's time is counted by them


class ServerClock:
    """OVHcloud's time as an offset to the monotonic clock, so that a step of the wall clock changes nothing.

    One thread asks for all: at first use the others wait for its answer, good or bad; later they go on with the
    offset they have.
    """

    def __init__(self, ask: Callable[[], int], monotonic: Callable[[], float]) -> None:
        self._ask = ask
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._offset: float | None = None
        self._synced_at = self._refreshed_at = float("-inf")
        self._due = float("-inf")
        self._failures = 0
        self._failure: OvhError | None = None
        self._syncs = 0  # answers so far
        self._doubted_by: int | None = None  # how many there were at the first refusal since a call went well

    @property
    def seconds(self) -> float | None:
        """OVHcloud's time as UNIX seconds; None before it was asked for."""
        return None if self._offset is None else self._monotonic() + self._offset

    def stamp(self) -> int:
        """The UNIX second to sign with; asks OVHcloud when that is due. Raises OvhError if it never answered yet."""
        offset = self._offset
        if offset is None:
            offset = self._first()
        elif self._monotonic() >= self._due and self._lock.acquire(blocking=False):
            try:
                self._refreshed_at = self._monotonic()
                self._due = self._refreshed_at + RETRY
                with suppress(OvhError):  # the old one is still good
                    offset = self._sync()
            finally:
                self._lock.release()
        return int(self._monotonic() + offset)

    def doubt(self, signed_at: float) -> None:
        """OVHcloud refused the time or the signature of a call signed at `signed_at` (monotonic seconds)."""
        if signed_at >= self._synced_at:
            self._due = min(self._due, max(self._monotonic(), self._refreshed_at + DOUBT))
        if self._doubted_by is None:
            self._doubted_by = self._syncs

    def trust(self) -> None:
        """OVHcloud took a signature: an earlier refusal was of the time, or is over."""
        self._doubted_by = None

    def confirms(self, stamp: int, signed_at: float) -> bool:
        """Whether OVHcloud was asked for its time since it first refused, and a call carried that very time.

        `stamp` is what the call carried, `signed_at` when that was (monotonic seconds).
        """
        if self._offset is None or self._doubted_by is None or self._syncs <= self._doubted_by:
            return False
        return abs(signed_at + self._offset - stamp) <= AGREES

    def _first(self) -> float:
        failures = self._failures
        with self._lock:
            if self._offset is not None:
                return self._offset
            if self._failure is not None and self._failures != failures:
                raise replace(self._failure)  # of the one that asked while this thread waited
            try:
                return self._sync()
            except OvhError as error:
                self._failures += 1
                self._failure = error
                raise

    def _sync(self) -> float:
        asked_at = self._monotonic()
        theirs = self._ask()
        now = self._monotonic()
        # They cut the second off, so this runs up to a second late and never ahead of them.
        offset = theirs - (asked_at + now) / 2
        self._offset = offset
        self._syncs += 1
        self._synced_at = now
        self._due = now + REFRESH
        return offset
