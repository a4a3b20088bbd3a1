"""Whether pages reach everybody: what a check-up is of, and what it gives. A finding says what is so, and the fix.

`alertsms doctor` prints them, `serve` logs those of its accounts once when it starts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from alertsms.core.schedules.person import Person
from alertsms.core.text.subject import masked
from alertsms.ovh.models import AccountStatus
from alertsms.ovh.sms import SmsAccount

MANAGER = "in the OVHcloud manager (Web Cloud, SMS)"


class FindingLevel(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARN = "warn"  # pages leave; something else does not work, or soon will not
    FAIL = "fail"  # pages do not leave, or not to everybody


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that was looked at."""

    level: FindingLevel
    about: str
    says: str
    fix: str = ""


def ok(about: str, says: str) -> Finding:
    """What is as it should be."""
    return Finding(level=FindingLevel.OK, about=about, says=says)


def warn(about: str, says: str, fix: str = "") -> Finding:
    """What could be better."""
    return Finding(level=FindingLevel.WARN, about=about, says=says, fix=fix)


def fail(about: str, says: str, fix: str) -> Finding:
    """What keeps pages from somebody."""
    return Finding(level=FindingLevel.FAIL, about=about, says=says, fix=fix)


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedAccount:
    """An account, and what it is to do."""

    outlet: SmsAccount
    name: str = "ovh"  # where it stands in the configuration
    phones: Mapping[str, str]  # E.164 -> whose it is, as people may see it
    low_credits: float
    callback: str = ""  # where OVHcloud is to call receipts back; "": nowhere
    status: AccountStatus | None = None  # as just read; None: the check reads it
    blocked: Collection[str] | None = None  # the STOP list as just read, E.164; None: the check reads it


def phones(people: Iterable[Person]) -> dict[str, str]:
    """Every number that can be paged, with its person and its masked form."""
    return {phone.e164: f"{person.name} ({masked(phone.e164)})" for person in people for phone in person.phones}
