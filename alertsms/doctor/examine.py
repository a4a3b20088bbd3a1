"""The order of the checks: what cannot work without something else that failed is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from alertsms.doctor.account import check_account, check_sender, check_stop_list
from alertsms.doctor.finding import CheckedAccount, Finding, FindingLevel, ok
from alertsms.doctor.keys import check_keys, check_reach
from alertsms.ovh.error import OvhError
from alertsms.ovh.fixes import remedy

A_DAY = timedelta(days=1)


def check_replies(subject: CheckedAccount, now: datetime) -> Iterator[Finding]:
    """Read the inbox, if the sender has one. Raises OvhError."""
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
FIRST: tuple[tuple[str, Check], ...] = (("reach", check_reach), ("keys", check_keys), ("account", check_account))
NEEDED = ("reach", "keys", "account")  # where one of these fails, what follows would only say it again
THEN: tuple[tuple[str, Check], ...] = (
    ("sender", check_sender),
    ("STOP list", check_stop_list),
    ("replies", check_replies),
)


def examine(subject: CheckedAccount, now: datetime) -> Iterator[Finding]:
    """Look at everything. Raises nothing: an error of the API is a finding."""
    for about, check in FIRST:
        findings = list(_tried(subject, about, check, now))
        yield from findings
        if any(finding.level is FindingLevel.FAIL and finding.about.endswith(NEEDED) for finding in findings):
            return
    for about, check in THEN:
        yield from _tried(subject, about, check, now)


def _tried(subject: CheckedAccount, about: str, check: Check, now: datetime) -> Iterator[Finding]:
    """The findings of one check, under the account's name."""
    try:
        for finding in check(subject, now):
            yield replace(finding, about=f"{subject.name} {finding.about}")
    except OvhError as error:
        # Without the right to look, what cannot be looked at may well be good; the check of rights has said the rest.
        level = FindingLevel.WARN if error.code == "NOT_GRANTED_CALL" else FindingLevel.FAIL
        host = urlsplit(subject.outlet.client.base_url).netloc
        said = replace(error, call="")
        says = f"{host}: {said}" if error.status is None else f"{host} answers {error.call}: {said}"
        yield Finding(level=level, about=f"{subject.name} {about}", says=says, fix=remedy(error))
