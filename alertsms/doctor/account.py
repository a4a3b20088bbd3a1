"""Whether the account works, is paid for, and reaches everybody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlsplit

from alertsms.doctor.finding import MANAGER, CheckedAccount, Finding, fail, ok, warn
from alertsms.ovh.error import OvhError


def check_account(subject: CheckedAccount, _now: datetime) -> Iterator[Finding]:
    """Its state, its credits, and where receipts go. Raises OvhError."""
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
    here = _origin(subject.callback)
    return warn(
        "receipts",
        f"OVHcloud calls them back at {_origin(called)}, not at {here}" if called else "OVHcloud calls none back",
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
