"""What an answer by SMS did, said back to the phone that it came from; and how much wrong answers a phone may send.

Whoever sends an SMS can forge the number that it shows: the owner of the phone is to notice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from alertsms.core.acknowledge import Outcome, Result
from alertsms.core.response import FEW, LISTED, TROUBLES, came_later, not_as_meant, put_off, you_have

GATHERED = timedelta(seconds=12)  # answers written within 10 s are read within so long, and said back in one SMS
AN_HOUR = 6  # of them at most for one phone, whatever else it gets
DROPPED = timedelta(minutes=5)  # older ones are no news
HOUR = timedelta(hours=1)
WRONG = 3  # numbers within an hour that the phone was never sent: then its answers count for nothing for an hour


class Mode(StrEnum):
    """Which answers by SMS count."""

    ANY = "any"
    NUMBERED = "numbered"  # those that name what this phone was paged for: others cannot know the numbers for sure
    OFF = "off"  # none, and nobody reads them


@dataclass(frozen=True, kw_only=True, slots=True)
class Deed:
    """What came of answers: the numbers that were taken, and what else is to be said."""

    taken: tuple[int, ...] = ()
    more: tuple[str, ...] = ()

    def and_also(self, other: Deed) -> Deed:
        """Both, each thing once."""
        taken, more = (*self.taken, *other.taken), (*self.more, *other.more)
        return Deed(taken=tuple(dict.fromkeys(taken)), more=tuple(dict.fromkeys(more)))

    @property
    def words(self) -> str:
        """As an SMS says it."""
        have = [you_have(self.taken, FEW if self.more else LISTED)] if self.taken else []
        return ", ".join([*have, *self.more[: TROUBLES + 1]])


def to_all(outcomes: Sequence[Outcome], until: str = "") -> Deed:
    """Of an answer to all that a phone had been told; `until`: the clock at the end of a snooze."""
    later = came_later(outcomes)
    return _deed([each.number for each in outcomes if each.result is Result.TAKEN], [later] if later else [], until)


def to_named(named: Mapping[int, Sequence[Outcome]], by: str, until: str = "") -> Deed:
    """Of an answer that names numbers, of incidents or digests; `by` is who wrote."""
    taken = [number for number, each in named.items() if any(one.result is Result.TAKEN for one in each)]
    return _deed(taken, not_as_meant(named, by), until)


def _deed(taken: Sequence[int], more: Sequence[str], until: str) -> Deed:
    if taken and until:
        return Deed(more=(put_off(taken, until, FEW if more else LISTED), *more))
    return Deed(taken=tuple(taken), more=tuple(more))


def may_confirm(before: Sequence[datetime], now: datetime) -> bool:
    """Whether one more SMS may say what an answer did, after those `before`."""
    return sum(now - at < HOUR for at in before) < AN_HOUR


def too_many(misses: Sequence[datetime], now: datetime) -> bool:
    """Whether so many numbers were wrong lately that the answers of a phone rest."""
    return sum(now - at < HOUR for at in misses) >= WRONG


def resting(until: str) -> str:
    """What the owner of the phone is told."""
    wrong = f"{WRONG} wrong numbers came in answers from this phone"
    return f"{wrong}. Until {until} none of its answers counts: use a link or alertsms ack"
