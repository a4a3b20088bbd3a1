"""JSON objects in and out, and for a refusal a sentence that an operator can act on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from flask import Response, request

from alertsms.core.routing.duration import DurationError, parse_duration
from alertsms.store.engine import StoreError

HIGHEST = 2**63 - 1  # number of an incident or a page that the store can hold
# Every answer has them, errors too: a browser is to run, sniff and keep none of it.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    # With no-referrer a browser names no Origin with a form either ("null"): ours could not be told from another's.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def answer(status: int, body: object) -> Response:
    """A JSON answer."""
    return Response(json.dumps(body, ensure_ascii=False) + "\n", status, content_type="application/json")


def sent_object() -> dict[str, Any]:
    """The JSON object that a request carries, whatever its content type; empty where there is none."""
    try:
        body = request.get_json(force=True, silent=True)
    except RecursionError:  # nested too deeply
        return {}
    return body if isinstance(body, dict) else {}


def query_number(name: str, most: int, example: str = "", *, usual: int | None = None) -> int:
    """A number of the query; `usual` where it has none. Raises Refused."""
    text = request.args.get(name, str(usual))
    if text.isascii() and text.isdecimal() and len(text) < 20 and 0 < int(text) <= most:
        return int(text)
    raise Refused(400, f"{name} is a number from 1 to {most}: {example or f'write {name}=20'}.")


# A key of an environ: something of this request was stored. That it was answered says nothing of the store.
STORED = "alertsms.stored"


def sent_duration(sent: Mapping[str, Any]) -> timedelta:
    """How long the `for` of a JSON object is. Raises Refused."""
    try:
        return parse_duration(str(sent.get("for") or ""))
    except DurationError as problem:
        raise Refused(400, f"for: {problem}.") from problem


@contextmanager
def storing() -> Iterator[None]:
    """Refuse with 503 where the store does not take what is written meanwhile."""
    try:
        yield
    except StoreError as error:
        raise Refused(503, f"Not stored, try again: {error}.") from error


class Refused(Exception):  # noqa: N818 - an answer, not a fault
    """A request that is refused, with its status and sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence

    def answer(self) -> Response:
        """What the sender gets; Alertmanager writes it to its log in full."""
        response = answer(self.status, {"error": self.sentence})
        if self.status == 401:
            response.headers["WWW-Authenticate"] = 'Bearer realm="alertsms"'
        if self.status == 503:
            response.headers["Retry-After"] = "1"
        return response
