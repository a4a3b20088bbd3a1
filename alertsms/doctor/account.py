"""Whether the account works, is paid for, reaches everybody, and lets its sender through; the order of all checks.

What cannot work without something else that failed is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from alertsms.core.messages import sender_rules
from alertsms.doctor import MANAGER, CheckedAccount, Finding, FindingLevel, fail, ok, warn
from alertsms.doctor.keys import check_keys, check_reach
from alertsms.ovh.error import OvhError, remedy
from alertsms.ovh.sms import SmsAccount


def _check_account(subject: CheckedAccount, _now: datetime) -> Iterator[Finding]:
    sms = subject.outlet.sms
    try:
        account = subject.status or sms.account()
    except OvhError as error:
        if error.status != 404:
            raise
        yield fail(
            "account", f"{sms.service_name} is no SMS account of these keys", f"service_name: write {_others(subject)}"
        )
        return
    if account.status == "disable":
        yield fail(
            "account",
            f"{sms.service_name} is disabled",
            f"look for an unpaid bill {MANAGER}, or ask OVHcloud's support",
        )
    elif account.channel == "marketing":
        yield warn(
            "account",
            f"{sms.service_name} is for marketing only",
            "order an account for transactional SMS: OVHcloud holds advertising back at night and on Sundays",
        )
    else:
        yield ok("account", f"{sms.service_name} is enabled")
    yield credits_finding(account.credits_left, subject.low_credits)
    yield _callback(account.callback, subject)


def _others(subject: CheckedAccount) -> str:
    try:
        return " or ".join(subject.outlet.sms.services()) or "the one that you order in the OVHcloud manager"
    except OvhError:
        return f"the name that stands {MANAGER}"


def credits_finding(left: float | None, low: float) -> Finding:
    """What a balance means."""
    fix = f"buy credits {MANAGER}, and let it top itself up (automatic recredit)"
    if left is None:
        return warn("credits", "OVHcloud does not tell how many are left", fix)
    if left < 1:
        return fail("credits", f"{left:.12g} left: no SMS leaves", fix)
    if left < low:
        return warn("credits", f"{left:.12g} left, fewer than low_credits ({low:.12g})", fix)
    return ok("credits", f"{left:.12g} left")


def _callback(called: str, subject: CheckedAccount) -> Finding:
    if not subject.callback:
        return ok("receipts", "they are polled; with server.external_url OVHcloud could call them back")
    if called == subject.callback:
        return ok("receipts", f"OVHcloud calls them back at {_origin(called)}")
    return warn(
        "receipts",
        f"OVHcloud calls them back at {_origin(called)}, not at {_origin(subject.callback)}"
        if called
        else "OVHcloud calls none back",
        "`alertsms doctor --set-callback` sets this server's address; until then receipts are polled",
    )


def _origin(url: str) -> str:
    """The part of an address that is no secret."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/…"


def check_stop_list(subject: CheckedAccount, _now: datetime) -> Iterator[Finding]:
    """Who answered STOP: OVHcloud takes it for a refusal of advertising, and blocks the phone. Raises OvhError."""
    blocked = subject.outlet.sms.blacklist() if subject.blocked is None else subject.blocked
    hit = [whose for number, whose in subject.phones.items() if number in blocked]
    if not hit:
        yield ok("STOP list", "nobody who can be paged is on it")
    for whose in hit:
        yield fail(
            "STOP list",
            f"{whose} answered STOP once: OVHcloud sends this phone nothing",
            "with that person's consent `alertsms doctor --unblock` takes the number off OVHcloud's list",
        )


def _check_sender(subject: CheckedAccount, now: datetime) -> Iterator[Finding]:
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
    for doubt in sender_rules.named(name, subject.phones, subject.outlet.registered_in):
        yield Finding(
            level=FindingLevel.FAIL if doubt.blocked else FindingLevel.WARN,
            about="sender",
            says=f"{name} {doubt.says}",
            fix=doubt.fix,
        )
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


A_DAY = timedelta(days=1)


def _check_replies(subject: CheckedAccount, now: datetime) -> Iterator[Finding]:
    inbox = subject.outlet.inbox
    if inbox is None:
        return
    try:
        came = len(inbox.ids(now - A_DAY))
    except OvhError as error:
        if error.status != 404:
            raise
        return  # the number is not rented: the check of the sender has said so
    yield ok("replies", f"they can be read; {came} came within a day")


Check = Callable[[CheckedAccount, datetime], Iterator[Finding]]
NEEDED = ("reach", "keys", "account")  # where one of these fails, what follows would only say it again
CHECKS: tuple[tuple[str, Check], ...] = (
    ("reach", check_reach),
    ("keys", check_keys),
    ("account", _check_account),
    ("sender", _check_sender),
    ("STOP list", check_stop_list),
    ("replies", _check_replies),
)


def examine(subject: CheckedAccount, now: datetime) -> Iterator[Finding]:
    """Look at everything. Raises nothing: an error of the API is a finding."""
    for about, check in CHECKS:
        findings = list(_tried(subject, about, check, now))
        yield from findings
        if any(finding.level is FindingLevel.FAIL and finding.about.endswith(NEEDED) for finding in findings):
            return


def _tried(subject: CheckedAccount, about: str, check: Check, now: datetime) -> Iterator[Finding]:
    try:
        for finding in check(subject, now):
            yield replace(finding, about=f"{subject.name} {finding.about}")
    except OvhError as error:
        # Without the right to look, what cannot be looked at may well be good; the check of rights has said the rest.
        level = FindingLevel.WARN if error.code == "NOT_GRANTED_CALL" else FindingLevel.FAIL
        host = urlsplit(subject.outlet.client.base_url).netloc
        plain = replace(error, call="")
        says = f"{host}: {plain}" if error.status is None else f"{host} answers {error.call}: {plain}"
        yield Finding(level=level, about=f"{subject.name} {about}", says=says, fix=remedy(error))
