"""The SMS that phones send back to an account, or to a number that is rented for it.

Reference: https://eu.api.ovh.com/console/?section=%2Fsms&branch=v1
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import quote

from alertsms.ovh.answer import ids_of
from alertsms.ovh.batch import several
from alertsms.ovh.client import Client
from alertsms.ovh.models import IncomingSms


class Inbox:
    """What came in. Nothing is deleted: others may read the same account."""

    def __init__(self, client: Client, service_name: str, virtual_number: str | None = None) -> None:
        """`virtual_number` in E.164: it has a list of its own."""
        self._client = client
        self.name = f"{service_name}:{virtual_number}" if virtual_number else service_name
        rented = f"/virtualNumbers/{virtual_number.replace('+', '00')}" if virtual_number else ""
        self._path = f"/sms/{quote(service_name, safe='')}{rented}/incoming"

    @property
    def their_seconds(self) -> float | None:
        """OVHcloud's time, which those of its answers are of; None before the first call."""
        return self._client.their_seconds

    def ids(self, since: datetime) -> list[int]:
        """GET …/incoming?creationDatetime.from=: what came since then; there is no filter for what is unread.

        Nothing documents in which order, nor that ids rise, nor whether the filter heeds the zone: ask for a day more.
        Raises OvhError.
        """
        query = {"creationDatetime.from": since.astimezone(UTC).replace(microsecond=0).isoformat()}
        return ids_of(self._client.get(self._path, call="incoming", params=query), "incoming")

    def read(self, ids: Iterable[int]) -> dict[int, IncomingSms]:
        """GET …/incoming/{id}, several in one read; those that are gone are left out. Raises OvhError."""
        return several(self._client, self._path, "incoming_id", ids, IncomingSms.read)
