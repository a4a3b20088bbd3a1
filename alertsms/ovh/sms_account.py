"""The way out: one OVHcloud SMS account and how messages leave by it. A reload swaps it whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from alertsms.ovh.client import Client
from alertsms.ovh.inbox import Inbox
from alertsms.ovh.sms import Job, SmsApi


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
