"""One OVHcloud SMS account: how messages leave by it, and the inbox of what phones send back. A reload swaps it whole.

Reference: https://eu.api.ovh.com/console/?section=%2Fsms&branch=v1
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import quote

from alertsms.ovh.client import Client
from alertsms.ovh.models import IncomingSms
from alertsms.ovh.sms import Job, SmsApi, stamp


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
        return self._client.get_ids(self._path, call="incoming", params={"creationDatetime.from": stamp(since)})

    def read(self, ids: Iterable[int]) -> dict[int, IncomingSms]:
        """GET …/incoming/{id}, several in one read; those that are gone are left out. Raises OvhError."""
        return self._client.get_many(self._path, call="incoming_id", ids=ids, read=IncomingSms.read)


@dataclass(frozen=True, kw_only=True, slots=True)
class SmsAccount:
    """An account and the sender that its messages show."""

    client: Client
    sms: SmsApi
    sender: str | None = None
    sender_for_response: bool = False
    virtual_number: str | None = None
    registered_in: tuple[str, ...] = ()  # countries whose register knows the sender's name
    answered: bool = True  # False: nobody reads what phones answer
    validity: timedelta = timedelta(minutes=30)
    receipt_timeout: timedelta = timedelta(minutes=2)  # without a receipt by then: the person's next number
    longest: timedelta = timedelta(seconds=13)  # that one call takes: to connect, and to read the answer
    identity: tuple[object, ...] = field(default=(), repr=False)  # a reload to an equal one changed nothing

    @property
    def shows(self) -> str:
        """What phones show as the sender."""
        number = self.virtual_number
        return self.sender or (f"the number …{number[-4:]}" if number else "a short number")

    @property
    def inbox(self) -> Inbox | None:
        """Where answers to its messages come in; None where nobody reads them, or the sender is a name."""
        if not self.answered or (self.virtual_number is None and not self.sender_for_response):
            return None
        return Inbox(self.client, self.sms.service_name, self.virtual_number)

    def job(self, *, number: str, text: str, tag: str) -> Job:
        """One message as OVH takes it; the tag finds it again when the answer is lost."""
        minutes = max(int(self.validity / timedelta(minutes=1)), 1)
        return Job(
            receiver=number,
            message=text,
            tag=tag,
            sender=self.sender,
            validity_minutes=minutes,
            sender_for_response=self.sender_for_response,
            virtual_number=self.virtual_number,
        )
