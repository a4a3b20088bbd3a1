"""One call of the API, as the function that answers it sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from alertsms.sandbox.account import SandboxAccount
from alertsms.sandbox.exchange import Request
from alertsms.sandbox.faults import Strike
from alertsms.sandbox.keys import Consumer, ConsumerKeys
from alertsms.sandbox.message import SandboxMessage


@dataclass(kw_only=True, slots=True)
class Asked:
    """One call, with all that it may look at."""

    account: SandboxAccount
    keys: ConsumerKeys
    consumer: Consumer | None  # None on the two calls that need no signature
    request: Request
    query: Mapping[str, str]
    body: object  # parsed JSON; None when there is no body
    now: float
    ovh_now: float  # `now` on OVHcloud's clock, which a fault may have moved
    strike: Strike
    accepted: list[SandboxMessage]  # filled by POST jobs
