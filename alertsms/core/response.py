"""What a phone that wrote back is told: one short SMS where more than one thing, or something else, was meant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

LISTED = 12  # numbers that are written out: they fit one segment
PAUSE = timedelta(minutes=10)  # between two such SMS to one phone: two machines must not talk to each other
A_DAY = 5  # of them at most
DAY = timedelta(days=1)


def you_have(numbers: Sequence[int]) -> str:
    """What is now in the hands of whoever wrote."""
    shown = " ".join(f"#{number}" for number in numbers[:LISTED])
    more = len(numbers) - LISTED
    return f"you have {shown}" + (f" and {more} more" if more > 0 else "")


def put_off(numbers: Sequence[int], until: str) -> str:
    """The same where it pages again at a time."""
    return f"{you_have(numbers)} until {until}"


def has(person: str, number: int) -> str:
    """Somebody else has it."""
    return f"{person} has #{number}"


def over(number: int) -> str:
    """It ended before."""
    return f"#{number} is over"


def unknown(number: int) -> str:
    """There is none."""
    return f"there is no #{number}"


def how_to_write(number: int) -> str:
    """What could not be read; `number` is one that pages this phone."""
    return f"nobody has #{number} yet. Write OK, OK {number} or SNOOZE {number} 2h"


def may_follow(before: Sequence[datetime], now: datetime) -> bool:
    """Whether one more such SMS may follow those `before`."""
    lately = [at for at in before if now - at < DAY]
    return len(lately) < A_DAY and all(now - at >= PAUSE for at in lately)
