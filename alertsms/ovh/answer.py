"""An answer's value as the API describes it, or the error of an answer that cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alertsms.ovh.client import ApiResponse
from alertsms.ovh.error import Certainty, OvhError
from alertsms.ovh.models import whole_numbers


def unreadable(call: str, method: str, answer: ApiResponse | None = None) -> OvhError:
    """The error for an answer that is empty or something else; a question may be asked again."""
    return OvhError(
        certainty=Certainty.TEMPORARY if method == "GET" else Certainty.UNKNOWN,
        status=answer.status if answer else None,
        code="unreadable",
        message="the answer is empty or not what the API describes",
        query_id=answer.query_id if answer else "",
        call=call,
    )


def object_of(value: object, call: str) -> Mapping[str, Any]:
    """An object. Raises OvhError."""
    if not isinstance(value, dict):
        raise unreadable(call, "GET")
    return value


def names_of(value: object, call: str) -> list[str]:
    """The names in a list. Raises OvhError."""
    if not isinstance(value, list):
        raise unreadable(call, "GET")
    return [name for name in value if isinstance(name, str)]


def ids_of(value: object, call: str) -> list[int]:
    """A list of ids. Raises OvhError: an empty body is not an empty list, "none" would have a message sent again."""
    ids = whole_numbers(value)
    if not isinstance(value, list) or len(ids) != len(value):
        raise unreadable(call, "GET")
    return list(ids)
