"""Whether the account works, is paid for, and reaches everybody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlsplit

from alertsms.doctor.finding import MANAGER, CheckedAccount, Finding, FindingLevel
from alertsms.ovh.error import OvhError


def check_account(subject: CheckedAccount, _now: datetime) -> Iterator[Finding]:
    """Its state, its credits, and where receipts go. Raises OvhError."""
    sms = subject.outlet.sms
    try:
        account = subject.status or sms.account()
    except OvhError as error:
        if error.status != 404:
            raise
        says = f"{sms.service_name} is no SMS account of these keys"
        yield Finding(
            level=FindingLevel.FAIL, about="account", says=says, fix=f"service_name: write {_others(subject)}"
        )
        return
    if account.status == "disable":
        fix = f"look for an unpaid bill {MANAGER}, or ask OVHcloud's support"
        yield Finding(level=FindingLevel.FAIL, about="account", says=f"{sms.service_name} is disabled", fix=fix)
    elif account.channel == "marketing":
        fix = "order an account for transactional SMS: OVHcloud holds advertising back at night and on Sundays"
        yield Finding(
            level=FindingLevel.WARN, about="account", says=f"{sms.service_name} is for marketing only", fix=fix
        )
    else:
        yield Finding(level=FindingLevel.OK, about="account", says=f"{sms.service_name} is enabled")
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
        return Finding(
            level=FindingLevel.WARN, about="credits", says="OVHcloud does not tell how many are left", fix=fix
        )
    if left < 1:
        return Finding(level=FindingLevel.FAIL, about="credits", says=f"{left:.12g} left: no SMS leaves", fix=fix)
    if left < low:
        says = f"{left:.12g} left, fewer than low_credits ({low:.12g})"
        return Finding(level=FindingLevel.WARN, about="credits", says=says, fix=fix)
    return Finding(level=FindingLevel.OK, about="credits", says=f"{left:.12g} left")


def _callback(called: str, subject: CheckedAccount) -> Finding:
    if not subject.callback:
        says = "they are polled; with server.external_url OVHcloud could call them back"
        return Finding(level=FindingLevel.OK, about="receipts", says=says)
    if called == subject.callback:
        return Finding(level=FindingLevel.OK, about="receipts", says=f"OVHcloud calls them back at {_origin(called)}")
    here = _origin(subject.callback)
    says = f"OVHcloud calls them back at {_origin(called)}, not at {here}" if called else "OVHcloud calls none back"
    fix = "`alertsms doctor --set-callback` sets this server's address; until then receipts are polled"
    return Finding(level=FindingLevel.WARN, about="receipts", says=says, fix=fix)


def _origin(url: str) -> str:
    """The part of an address that is no secret."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/…"


def check_stop_list(subject: CheckedAccount, _now: datetime) -> Iterator[Finding]:
    """Who answered STOP: OVHcloud takes it for a refusal of advertising, and blocks the phone. Raises OvhError."""
    blocked = subject.outlet.sms.blacklist() if subject.blocked is None else subject.blocked
    hit = [whose for number, whose in subject.phones.items() if number in blocked]
    if not hit:
        yield Finding(level=FindingLevel.OK, about="STOP list", says="nobody who can be paged is on it")
    for whose in hit:
        fix = "with that person's consent `alertsms doctor --unblock` takes the number off OVHcloud's list"
        says = f"{whose} answered STOP once: OVHcloud sends this phone nothing"
        yield Finding(level=FindingLevel.FAIL, about="STOP list", says=says, fix=fix)
