"""People and the numbers their phones answer to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class PhoneNumber:
    """A phone number in E.164 form, for example +33612345678."""

    e164: str

    @property
    def masked(self) -> str:
        """The number as logs may show it: country code and the last two digits."""
        return f"{self.e164[:3]}{'*' * max(len(self.e164) - 5, 1)}{self.e164[-2:]}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Somebody who can be paged; the numbers are tried in order."""

    name: str
    phones: tuple[PhoneNumber, ...]
    email: str = ""
    time_zone: str = "UTC"  # IANA name: the zone of the times in this person's texts
