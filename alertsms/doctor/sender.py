"""Whether OVHcloud lets the sender through."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from alertsms.core.messages import sender_rules
from alertsms.doctor.finding import MANAGER, CheckedAccount, Finding, FindingLevel, fail, ok, warn
from alertsms.ovh.error import OvhError
from alertsms.ovh.sms import SmsAccount


def check_sender(subject: CheckedAccount, now: datetime) -> Iterator[Finding]:
    """The one of the three ways to send that is configured. Raises OvhError."""
    outlet = subject.outlet
    if outlet.sender_for_response:
        yield from _short_number(subject)
    elif outlet.virtual_number is not None:
        yield _virtual_number(outlet, outlet.virtual_number)
    elif outlet.sender is not None:
        yield _named_sender(outlet, outlet.sender)
        yield from _countries(outlet.sender, subject, now)


def _short_number(subject: CheckedAccount) -> Iterator[Finding]:
    doubts = list(sender_rules.short_number(subject.phones))
    if not doubts:
        yield ok("sender", "a short number, without links; needs no validation")
    for doubt in doubts:
        yield fail("sender", f"a short number {doubt.says}", doubt.fix)


def _countries(name: str, subject: CheckedAccount, now: datetime) -> Iterator[Finding]:
    """What the operators of each phone's country do to a name that OVHcloud has validated."""
    for doubt in sender_rules.named(name, subject.phones, subject.outlet.registered_in):
        level = FindingLevel.FAIL if doubt.blocked else FindingLevel.WARN
        yield Finding(level=level, about="sender", says=f"{name} {doubt.says}", fix=doubt.fix)
    if sender_rules.is_old(now.date()):
        yield warn(
            "countries",
            f"what operators let through is known as of {sender_rules.AS_OF}: rules of countries may have changed",
            "upgrade alertsms, and try each phone: `send`",
        )


def _virtual_number(outlet: SmsAccount, number: str) -> Finding:
    try:
        outlet.sms.virtual_number(number)
    except OvhError as error:
        if error.status != 404:
            raise
        return fail(
            "sender",
            f"the virtual number …{number[-4:]} is not one of {outlet.sms.service_name}",
            f"virtual_number: write one rented {MANAGER}",
        )
    return ok("sender", "the virtual number is rented for this account")


def _named_sender(outlet: SmsAccount, name: str) -> Finding:
    until_then = "until then write a validated one, or sender_for_response: true (a short number, French phones only)"
    try:
        sender = outlet.sms.sender(name)
    except OvhError as error:
        if error.status != 404:
            raise
        declared = ", ".join(outlet.sms.senders()) or "none"
        return fail(
            "sender",
            f"{name} is no sender of {outlet.sms.service_name} (declared: {declared})",
            f"declare it {MANAGER}, Senders; {until_then}",
        )
    comment = f" ({sender.comment})" if sender.comment else ""
    if sender.status == "enable":
        return ok("sender", f"{name} is validated")
    if sender.status == "waitingValidation":
        return fail(
            "sender",
            f"{name} waits for OVHcloud's validation{comment}",
            f"OVHcloud takes up to 72 hours, and may ask for documents {MANAGER}, Senders; {until_then}",
        )
    return fail(
        "sender",
        f"{name} is {'refused' if sender.status == 'refused' else 'disabled'} by OVHcloud{comment}",
        f"declare another one {MANAGER}; {until_then}",
    )
