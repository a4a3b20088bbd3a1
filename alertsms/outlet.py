"""The way out: one OVHcloud SMS account and how messages leave by it. A reload swaps it whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from alertsms.ovh.client import Client
from alertsms.ovh.sms import Job, Sms


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlet:
    """An account and the sender that its messages show."""

    client: Client
    sms: Sms
    sender: str | None = None
    sender_for_response: bool = False
    virtual_number: str | None = None
    validity: timedelta = timedelta(minutes=30)
    longest: timedelta = timedelta(seconds=13)  # that one call takes: to connect, and to read the answer
    identity: tuple[object, ...] = field(default=(), repr=False)  # a reload to an equal one changed nothing

    def job(self, *, number: str, text: str, tag: str) -> Job:
        """One message as OVH takes it; the tag finds it again when the answer is lost."""
        minutes = max(int(self.validity / timedelta(minutes=1)), 1)
        return Job(receiver=number, message=text, tag=tag, sender=self.sender, validity_minutes=minutes,
                   sender_for_response=self.sender_for_response, virtual_number=self.virtual_number)  # fmt: skip
