"""Many objects in one read: X-Ovh-Batch, which OVHcloud's control panel uses and no page of the API describes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from alertsms.ovh.answer import object_of
from alertsms.ovh.client import ApiCall, Client
from alertsms.ovh.error import OvhError
from alertsms.ovh.models import whole_number

AT_ONCE = 50  # ids in one batch read, as OVHcloud's control panel does

T = TypeVar("T")
Read = Callable[[Mapping[str, Any]], T]


def several(client: Client, path: str, call: str, ids: Iterable[int], read: Read[T]) -> dict[int, T]:
    """The objects below `path`, in one read for each 50; those that OVHcloud does not show are left out.

    Raises OvhError.
    """
    wanted = list(ids)
    found: dict[int, T] = {}
    for start in range(0, len(wanted), AT_ONCE):
        found |= _some(client, path, call, wanted[start : start + AT_ONCE], read)
    return found


def _some(client: Client, path: str, call: str, ids: list[int], read: Read[T]) -> dict[int, T]:
    found: dict[int, T] = {}
    absent: set[int | None] = set()
    for row in (rows(client, path, call, ids) if len(ids) > 1 else None) or []:
        key, value = whole_number(row.get("key")), row.get("value", "")
        if value is None:
            absent.add(key)
        elif key in ids and isinstance(value, dict):
            found[key] = read(value)
    for id in ids:  # noqa: A001 - OVHcloud's word
        if id not in found and id not in absent:
            with present():
                found[id] = read(object_of(client.get(f"{path}/{id}", call=call), call))
    return found


def rows(client: Client, path: str, call: str, ids: list[int]) -> list[Mapping[str, Any]] | None:
    """One batch read as it came; None where anything is odd: ask one by one. Raises OvhError for what may pass."""
    joined = ",".join(map(str, ids))
    try:
        value = client.answer(ApiCall(name=call, method="GET", path=f"{path}/{joined}", batch=True)).value
    except OvhError as error:
        if error.permanent:
            return None
        raise
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else None


@contextmanager
def present() -> Iterator[None]:
    """Pass over what is gone meanwhile."""
    try:
        yield
    except OvhError as error:
        if error.status != 404:
            raise
