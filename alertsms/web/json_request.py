"""What a request carries as JSON or in its query; what is wrong with it is refused by a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from flask import request

from alertsms.core.routing.duration import DurationError, parse_duration
from alertsms.store.error import StoreError
from alertsms.web.guard import Refused

HIGHEST = 2**63 - 1  # number of an incident or a page that the store can hold


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
