"""The SMS accounts of a configuration, and what OVHcloud refused one for."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable
from dataclasses import astuple, dataclass

import requests

from alertsms.config import AccountConfig, Ovh
from alertsms.core.messages.circuit_breaker import Cause
from alertsms.core.text.reply import Mode
from alertsms.ovh.client import Client
from alertsms.ovh.connection import ClientClocks
from alertsms.ovh.error import OvhError, Scope, moved
from alertsms.ovh.sms import SmsAccount, SmsApi
from alertsms.ovh.wire import WireSession

# The first line whose words are in "STATUS CODE MESSAGE" tells what an account was refused for. OVHcloud publishes no
# list; "User not granted for this request" is what users report of a sender that waits for its validation.
_CAUSES = (
    (
        re.compile(
            r"INVALID_(KEY|CREDENTIAL|SIGNATURE)|NOT_CREDENTIAL|^401\b|must login|invalid signature", re.IGNORECASE
        ),
        Cause.KEYS,
    ),
    (re.compile(r"NOT_GRANTED_CALL|has not been granted", re.IGNORECASE), Cause.RIGHTS),
    (re.compile(r"credits?\b|quota", re.IGNORECASE), Cause.CREDITS),
    (re.compile(r"\bsender\b|User not granted", re.IGNORECASE), Cause.SENDER),
    (re.compile(r"^(404|460)\b|\bservice\b|expired", re.IGNORECASE), Cause.SERVICE),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountChoice:
    """How messages may leave just now."""

    account: str
    room: int | None  # how many: None as many as there are places, 1 as a trial, 0 none
    spare: str  # the account for a message that used up its copies on the first
    yields: bool = False  # another replica has a way out, and this one has none: it asks about nothing


def cause_of(error: OvhError) -> Cause | None:
    """Why an account was refused; None where the error is not about the account."""
    if error.scope is not Scope.ACCOUNT:
        return None
    if moved(error):
        return Cause.MOVED
    said = f"{error.status or ''} {error.code} {error.message}"
    return next((cause for words, cause in _CAUSES if words.search(said)), Cause.REFUSED)


def sms_accounts(
    ovh: Ovh,
    *,
    session_factory: Callable[[], requests.Session] = WireSession,
    on_call: Callable[[str, str, float], None] | None = None,
    ticks: Callable[[], float] = time.monotonic,
) -> tuple[SmsAccount, SmsAccount | None]:
    """The first account of a configuration, and its stand-by; `on_call` is as Client says, `ticks` as its clocks."""

    def build(account: AccountConfig) -> SmsAccount:
        client = Client(
            base_url=account.base_url,
            credentials=account.credentials,
            session_factory=session_factory,
            timeout=(ovh.connect_timeout.total_seconds(), ovh.read_timeout.total_seconds()),
            on_call=on_call,
            clocks=ClientClocks(ticks=ticks),
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
            mark=hashlib.sha256(repr(astuple(account)).encode()).hexdigest()[:16],
            receipt_timeout=ovh.receipt_timeout,
            answered=ovh.replies is not Mode.OFF,
            longest=2 * (ovh.connect_timeout + ovh.read_timeout),  # twice: it may ask for OVH's time first
        )

    return build(ovh.account), build(ovh.standby) if ovh.standby else None
