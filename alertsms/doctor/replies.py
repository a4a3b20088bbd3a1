"""Whether people can answer by SMS, and whether their answers can be read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from alertsms.doctor.finding import CheckedAccount, Finding, FindingLevel
from alertsms.ovh.error import OvhError

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
    yield Finding(level=FindingLevel.OK, about="replies", says=f"they can be read; {came} came within a day")
