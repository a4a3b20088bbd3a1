"""Signed calls to OVHcloud's API: one answer or one OvhError, never a retry; the queue does that.

The founding guide: "First steps with the OVHcloud APIs", section on signed requests.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import requests
from requests.structures import CaseInsensitiveDict

from alertsms import __version__
from alertsms.ovh.connection import ClientClocks, Credentials, HttpConnection, ServerClock, sign
from alertsms.ovh.error import (
    Certainty,
    ErrorResponse,
    OvhError,
    Scope,
    about_signature,
    about_time,
    moved,
    refusal,
    settled,
)
from alertsms.ovh.wire import WireSession

AT_ONCE = 50  # ids in one batch read, as OVHcloud's control panel does
LATEST = 1 << 53  # UNIX seconds: JSON may say more, and no float could hold it

T = TypeVar("T")
Params = Mapping[str, str | int | bool | None]  # None: not sent
Read = Callable[[Mapping[str, Any]], T]


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiCall:
    """One call to make; `name` is its name in metrics and errors."""

    name: str
    method: str
    path: str  # under the base URL, its parts percent-encoded
    params: Params | None = None
    body: Any = None
    signed: bool = True
    batch: bool = False  # several ids in the path, divided by commas
    patience: float | None = None  # seconds for the answer, where less than usual will do


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiResponse:
    """A 2xx answer: its JSON value, None when it had no body."""

    value: Any
    reply: ErrorResponse


class Client:
    """The API with one set of keys, for many threads at once.

    `timeout` is seconds to connect (for each address tried) and seconds for the whole answer. `on_call` is told of each
    exchange: its name, its HTTP status ("unreachable" or "unanswered" without one) and its seconds.
    """

    def __init__(
        self,
        *,
        base_url: str,
        credentials: Credentials,
        timeout: tuple[float, float] = (3.0, 10.0),
        clocks: ClientClocks | None = None,
        session_factory: Callable[[], requests.Session] = WireSession,
        on_call: Callable[[str, str, float], None] | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._credentials = credentials
        self._timeout, self._session_factory = timeout, session_factory
        self._clocks = clocks or ClientClocks()
        self._on_call = on_call or (lambda _call, _code, _seconds: None)
        self.server_clock = ServerClock(self._ask_time, self._clocks.ticks)
        self._connection = HttpConnection(
            self.base_url, timeout=timeout, monotonic=self._clocks.monotonic, session_factory=session_factory
        )

    def get(self, path: str, *, call: str, params: Params | None = None, patience: float | None = None) -> Any:  # noqa: ANN401
        """GET: the JSON value, None for an empty answer. Raises OvhError, never an UNKNOWN one."""
        return self.answer(ApiCall(name=call, method="GET", path=path, params=params, patience=patience)).value

    def get_object(self, path: str, *, call: str) -> Mapping[str, Any]:
        """GET an object. Raises OvhError, for anything else too."""
        value = self.get(path, call=call)
        if not isinstance(value, dict):
            raise unreadable(call, "GET")
        return value

    def get_names(self, path: str, *, call: str) -> list[str]:
        """GET the names in a list. Raises OvhError, for anything else too."""
        value = self.get(path, call=call)
        if not isinstance(value, list):
            raise unreadable(call, "GET")
        return list(texts(value))

    def get_ids(
        self, path: str, *, call: str, params: Params | None = None, patience: float | None = None
    ) -> list[int]:
        """GET a list of ids. Raises OvhError: an empty body is no empty list, which would have a message sent again."""
        value = self.get(path, call=call, params=params, patience=patience)
        ids = whole_numbers(value)
        if not isinstance(value, list) or len(ids) != len(value):
            raise unreadable(call, "GET")
        return list(ids)

    def get_many(
        self, path: str, *, call: str, ids: Iterable[int], read: Read[T], certain: bool = False
    ) -> dict[int, T]:
        """The objects below `path`, in one read for each 50; those that OVHcloud does not show are left out.

        `certain`: what such a read says is not there is asked for once more, by itself. Raises OvhError.
        """
        wanted = list(ids)
        objects: dict[int, T] = {}
        for start in range(0, len(wanted), AT_ONCE):
            objects |= self._batch(path, call, wanted[start : start + AT_ONCE], read, certain=certain)
        return objects

    def _batch(self, path: str, call: str, ids: list[int], read: Read[T], *, certain: bool) -> dict[int, T]:
        objects: dict[int, T] = {}
        absent: set[int | None] = set()
        for row in self._rows(path, call, ids) if len(ids) > 1 else ():
            key, value = whole_number(row.get("key")), row.get("value", "")
            if value is None and not certain:
                absent.add(key)
            elif key in ids and isinstance(value, dict):
                objects[key] = read(value)
        for id in ids:  # noqa: A001 - OVHcloud's word
            if id not in objects and id not in absent:
                try:
                    objects[id] = read(self.get_object(f"{path}/{id}", call=call))
                except OvhError as error:
                    if error.status != 404:  # gone meanwhile
                        raise
        return objects

    def _rows(self, path: str, call: str, ids: list[int]) -> list[Mapping[str, Any]]:
        """One batch read as it came; nothing where it is odd: ask one by one. Raises OvhError for what may pass.

        X-Ovh-Batch is what OVHcloud's control panel uses, and no page of the API describes it.
        """
        joined = ",".join(map(str, ids))
        try:
            value = self.answer(ApiCall(name=call, method="GET", path=f"{path}/{joined}", batch=True)).value
        except OvhError as error:
            if error.permanent:
                return []
            raise
        return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []

    def change(self, method: str, path: str, *, call: str, body: Any = None) -> Any:  # noqa: ANN401
        """POST, PUT or DELETE with `body` as JSON: the JSON value, None for an empty answer. Raises OvhError."""
        return self.answer(ApiCall(name=call, method=method, path=path, body=body)).value

    @property
    def offset_seconds(self) -> float | None:
        """OVHcloud's clock less this machine's, in seconds; None before the first signed call."""
        theirs = self.server_clock.seconds
        return None if theirs is None else theirs - self._clocks.wall()

    def elsewhere(self, base_url: str) -> Client:
        """The same at another address; to be closed by whoever asked for it."""
        return Client(
            base_url=base_url,
            credentials=self._credentials,
            timeout=self._timeout,
            session_factory=self._session_factory,
        )

    def close(self) -> None:
        """Close every thread's connection; a later call opens it again."""
        self._connection.close()

    def answer(self, call: ApiCall) -> ApiResponse:
        """Make one call: sign it, exchange it, judge what came. Raises OvhError."""
        request = self._prepare(call)
        signed_at = self._clocks.ticks()
        reply = self._exchange(call, request)
        if 200 <= reply.status < 300:
            if call.signed:
                self.server_clock.trust()
            try:
                value = json.loads(reply.body) if reply.body.strip() else None
                return ApiResponse(value=value, reply=reply)
            except (ValueError, RecursionError):
                pass
        error = refusal(reply, now=self._clocks.wall())
        if about_time(error):
            self.server_clock.doubt(signed_at)
            # Only a question tells: a body that OVHcloud reads in another way is refused in the same words
            # (ovh/python-ovh#103), and one such message must not shut the account to all others.
            asked = call.method == "GET" and about_signature(error)
            if asked and self.server_clock.confirms(int(request.headers["X-Ovh-Timestamp"]), signed_at):
                error = replace(error, certainty=Certainty.PERMANENT, scope=Scope.ACCOUNT)  # then it is the secret
        raise error

    def _prepare(self, call: ApiCall) -> requests.PreparedRequest:
        # ASCII with escapes, as OVHcloud's own Python client sends it: nothing on the way can re-encode it.
        body = b"" if call.body is None else json.dumps(call.body, separators=(",", ":"), allow_nan=False).encode()
        headers = {
            "Accept": "application/json",
            "User-Agent": f"alertsms/{__version__}",
            "X-Ovh-Application": self._credentials.application_key,
        }
        if body:
            headers |= {"Content-Type": "application/json;charset=utf-8", "Content-Length": str(len(body))}
        if call.batch:
            headers["X-Ovh-Batch"] = ","
        request = requests.PreparedRequest()  # filled by hand: prepare() costs an eighth of a whole call
        request.method = call.method
        request.prepare_url(self.base_url + call.path + (_query(call.params) if call.params else ""), None)
        request.headers = CaseInsensitiveDict(headers)
        request.body = body or None
        request.prepare_cookies({})  # a Session that is not ours reads them when it meets a redirect
        if call.signed:
            keys, url, at = self._credentials, str(request.url), self.server_clock.stamp()
            signature = sign(keys.application_secret, keys.consumer_key, call.method, url, body, at)
            request.headers["X-Ovh-Consumer"] = keys.consumer_key
            request.headers["X-Ovh-Timestamp"] = str(at)
            request.headers["X-Ovh-Signature"] = signature
        return request

    def _exchange(self, call: ApiCall, request: requests.PreparedRequest) -> ErrorResponse:
        began = self._clocks.monotonic()
        try:
            status, headers, body = self._connection.exchange(request, call.patience)
        except OvhError as error:
            self._on_call(call.name, error.code, self._clocks.monotonic() - began)
            raise replace(error, call=call.name, certainty=settled(error.certainty, call.method)) from None
        self._on_call(call.name, str(status), self._clocks.monotonic() - began)
        return ErrorResponse(
            call=call.name,
            method=call.method,
            status=status,
            headers=headers,
            body=self._credentials.hide(body.decode("utf-8-sig", "replace")),
            url=str(request.url),
            base_url=self.base_url,
        )

    def _ask_time(self) -> int:
        # GET /auth/time: UNIX seconds, and the only call that needs no key at all.
        try:
            value = self.answer(ApiCall(name="time", method="GET", path="/auth/time", signed=False)).value
        except OvhError as error:
            scope = Scope.ACCOUNT if moved(error) else Scope.MESSAGE
            raise replace(error, certainty=Certainty.TEMPORARY, scope=scope) from None
        if type(value) is not int or not 0 <= value < LATEST:
            raise OvhError(certainty=Certainty.TEMPORARY, code="unreadable", message="not a time", call="time")
        return value


def _query(params: Params) -> str:
    # A lone "?" would be signed and not sent; a "+" in a value would be read as a space.
    text = {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in params.items()
        if value is not None
    }
    return "?" + urlencode(text, quote_via=quote, safe="") if text else ""


def unreadable(call: str, method: str, answer: ApiResponse | None = None) -> OvhError:
    """The error for an answer that is empty or something else; a question may be asked again."""
    return OvhError(
        certainty=Certainty.TEMPORARY if method == "GET" else Certainty.UNKNOWN,
        status=answer.reply.status if answer else None,
        code="unreadable",
        message="the answer is empty or not what the API describes",
        query_id=answer.reply.query_id if answer else "",
        call=call,
    )


# What answers hold, read leniently.


def texts(value: object) -> tuple[str, ...]:
    """The strings of a JSON list."""
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def number(value: object) -> float | None:
    """A finite JSON number, also when written as a string."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        result = float(value)
    except (ValueError, OverflowError):
        return None
    return result if math.isfinite(result) else None


def whole_number(value: object) -> int | None:
    """A JSON integer of at most 63 bits (what a database keeps), also when written as a string."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and -(2**63) <= value < 2**63 else None  # type: ignore[operator,return-value]


def whole_numbers(value: object) -> tuple[int, ...]:
    """The integers of a JSON list."""
    integers: list[int] = []
    for item in value if isinstance(value, list) else ():
        integer = whole_number(item)
        if integer is not None:
            integers.append(integer)
    return tuple(integers)
