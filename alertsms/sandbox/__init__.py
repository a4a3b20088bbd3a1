"""An OVHcloud SMS API that runs on this machine, for tests, demonstrations and drills; no SMS leaves it.

`Sandbox.answer` is all of it. `adapter.SandboxAdapter` mounts it on a requests Session, `server.serve` serves it.
"""

from __future__ import annotations

from alertsms.sandbox.exchange import Call, End, ErrorShape, Request, Response
from alertsms.sandbox.faults import Fault, Kind
from alertsms.sandbox.keys import Credentials, KeyState, Rule
from alertsms.sandbox.message import Delivery, Message, Receipt, receipts
from alertsms.sandbox.sandbox import Sandbox

__all__ = [
    "Call",
    "Credentials",
    "Delivery",
    "End",
    "ErrorShape",
    "Fault",
    "KeyState",
    "Kind",
    "Message",
    "Receipt",
    "Request",
    "Response",
    "Rule",
    "Sandbox",
    "receipts",
]
