"""Whether OVHcloud lets the sender through."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from alertsms.checkup.finding import MANAGER, Finding, Level, Subject
from alertsms.outlet import Outlet
from alertsms.ovh.error import OvhError


def check_sender(subject: Subject, _now: datetime) -> Iterator[Finding]:
    """The one of the three ways to send that is configured. Raises OvhError."""
    outlet = subject.outlet
    if outlet.sender_for_response:
        yield _short_number(subject)
    elif outlet.virtual_number is not None:
        yield _virtual_number(outlet, outlet.virtual_number)
    elif outlet.sender is not None:
        yield _named_sender(outlet, outlet.sender)


def _short_number(subject: Subject) -> Finding:
    abroad = [whose for number, whose in subject.phones.items() if not number.startswith("+33")]
    if not abroad:
        return Finding(level=Level.OK, about="sender", says="a short number, without links; needs no validation")
    says = f"a short number reaches French operators only, not {', '.join(abroad)}"
    return Finding(level=Level.WARN, about="sender", says=says, fix="write a validated sender instead")


def _virtual_number(outlet: Outlet, number: str) -> Finding:
    try:
        outlet.sms.virtual_number(number)
    except OvhError as error:
        if error.status != 404:
            raise
        says = f"the virtual number …{number[-4:]} is not one of {outlet.sms.service_name}"
        return Finding(level=Level.FAIL, about="sender", says=says, fix=f"virtual_number: write one rented {MANAGER}")
    return Finding(level=Level.OK, about="sender", says="the virtual number is rented for this account")


def _named_sender(outlet: Outlet, name: str) -> Finding:
    until_then = "until then write a validated one, or sender_for_response: true (a short number, French phones only)"
    try:
        sender = outlet.sms.sender(name)
    except OvhError as error:
        if error.status != 404:
            raise
        declared = ", ".join(outlet.sms.senders()) or "none"
        says = f"{name} is no sender of {outlet.sms.service_name} (declared: {declared})"
        fix = f"declare it {MANAGER}, Senders; {until_then}"
        return Finding(level=Level.FAIL, about="sender", says=says, fix=fix)
    comment = f" ({sender.comment})" if sender.comment else ""
    if sender.status == "enable":
        return Finding(level=Level.OK, about="sender", says=f"{name} is validated")
    if sender.status == "waitingValidation":
        fix = f"OVHcloud takes up to 72 hours, and may ask for documents {MANAGER}, Senders; {until_then}"
        return Finding(
            level=Level.FAIL, about="sender", says=f"{name} waits for OVHcloud's validation{comment}", fix=fix
        )
    says = f"{name} is {'refused' if sender.status == 'refused' else 'disabled'} by OVHcloud{comment}"
    return Finding(level=Level.FAIL, about="sender", says=says, fix=f"declare another one {MANAGER}; {until_then}")
