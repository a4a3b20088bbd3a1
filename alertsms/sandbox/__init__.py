"""An OVHcloud SMS API that runs on this machine, for tests, demonstrations and drills; no SMS leaves it.

`Sandbox.answer` is all of it. `adapter.SandboxAdapter` mounts it on a requests Session, `server.SandboxServer` serves
it over HTTP.
"""

from __future__ import annotations

from alertsms.sandbox.account import SandboxAccount
from alertsms.sandbox.exchange import CallName, ErrorShape, ExchangeEnd, Request, Response
from alertsms.sandbox.faults import Fault, FaultKind
from alertsms.sandbox.keys import AccessRule, KeyState, SigningSecrets
from alertsms.sandbox.message import DeliveryCode, OperatorReceipt, SandboxMessage, receipts
from alertsms.sandbox.sandbox import Sandbox

__all__ = [
    "AccessRule",
    "CallName",
    "DeliveryCode",
    "ErrorShape",
    "ExchangeEnd",
    "Fault",
    "FaultKind",
    "KeyState",
    "OperatorReceipt",
    "Request",
    "Response",
    "Sandbox",
    "SandboxAccount",
    "SandboxMessage",
    "SigningSecrets",
    "receipts",
]
