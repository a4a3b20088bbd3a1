"""The way out: one OVHcloud SMS account and how messages leave by it. A reload swaps it whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import requests

from alertsms.core.answered import Mode
from alertsms.ovh.client import Client
from alertsms.ovh.inbox import Inbox
from alertsms.ovh.sms import Job, SmsApi
from alertsms.ovh.wire import WireSession

if TYPE_CHECKING:
    from alertsms.config import AccountConfig, Ovh


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


def outlets(
    ovh: Ovh,
    *,
    session_factory: Callable[[], requests.Session] = WireSession,
    on_call: Callable[[str, str, float], None] | None = None,
    ticks: Callable[[], float] | None = None,
) -> tuple[SmsAccount, SmsAccount | None]:
    """The first account of a configuration, and its stand-by; `on_call` and `ticks` are as Client says."""

    def build(account: AccountConfig) -> SmsAccount:
        client = Client(
            base_url=account.base_url,
            credentials=account.credentials,
            session_factory=session_factory,
            connect_timeout=ovh.connect_timeout.total_seconds(),
            read_timeout=ovh.read_timeout.total_seconds(),
            on_call=on_call,
            ticks=ticks,
        )
        return SmsAccount(
            client=client,
            sms=SmsApi(client, account.service_name),
            sender=account.sender or None,
            validity=ovh.validity,
            sender_for_response=account.sender_for_response,
            virtual_number=account.virtual_number or None,
            registered_in=account.registered_in,
            identity=(account,),
            receipt_timeout=ovh.receipt_timeout,
            answered=ovh.replies is not Mode.OFF,
            longest=2 * (ovh.connect_timeout + ovh.read_timeout),  # twice: it may ask for OVH's time first
        )

    return build(ovh.account), build(ovh.standby) if ovh.standby else None
