"""The words for a phone that wrote back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from alertsms.core.acknowledge import Outcome, Result

LISTED = 12  # numbers that are written out: they fit one segment
FEW = 3  # ... where more than one list of them must fit
TROUBLES = 3  # of them are written out
PAUSE = timedelta(minutes=10)  # between two such SMS to one phone: two machines must not talk to each other
A_DAY = 5  # of them at most
DAY = timedelta(days=1)


def you_have(numbers: Sequence[int], most: int = LISTED) -> str:
    """What is now in the hands of whoever wrote."""
    return f"You have {_numbers(numbers, most)}"


def _numbers(numbers: Sequence[int], most: int) -> str:
    """As many as fit."""
    shown = " ".join(f"#{number}" for number in numbers[:most])
    more = len(numbers) - most
    return shown + (f" and {more} more" if more > 0 else "")


def not_as_meant(named: Mapping[int, Sequence[Outcome]], by: str) -> list[str]:
    """To an answer that names numbers: what did not go as meant. `by` is who wrote.

    A number may be that of a digest: it went well where any of what that covers did, but for what is back since.
    """
    troubles = [words for number, outcomes in named.items() if (words := _trouble(number, outcomes, by))]
    later = came_later([each for outcomes in named.values() for each in outcomes])
    return [*troubles[:TROUBLES], *([later] if later else [])]


def _trouble(number: int, outcomes: Sequence[Outcome], by: str) -> str:
    by_result = {each.result: each for each in outcomes}
    already = by_result.get(Result.ALREADY)
    if Result.TAKEN in by_result or (already and already.by == by):
        return ""
    if already:
        return has(already.by, number)
    if Result.OVER in by_result:
        return over(number)
    return "" if Result.BACK in by_result else unknown(number)


def came_later(outcomes: Sequence[Outcome]) -> str:
    """What an answer came too early for: it pages on, and waits for another answer. "" where there is nothing."""
    late = {each.number: each.incident for each in outcomes if each.result is Result.BACK}
    back = [number for number, one in late.items() if one and one.episode]
    new = [number for number, one in late.items() if not (one and one.episode)]
    said = [f"{_numbers(back, FEW)} {'is' if len(back) == 1 else 'are'} back"] if back else []
    said += [f"{_numbers(new, FEW)} came later"] if new else []
    return ", ".join([*said, "write OK"]) if said else ""


def put_off(numbers: Sequence[int], until: str, most: int = LISTED) -> str:
    """The same where it pages again at a time."""
    return f"{you_have(numbers, most)} until {until}"


def has(person: str, number: int) -> str:
    """Somebody else has it."""
    return f"{person} has #{number}"


def over(number: int) -> str:
    """It ended before."""
    return f"#{number} is over"


def unknown(number: int) -> str:
    """There is none."""
    return f"#{number} is unknown"


def how_to_write(number: int, *, bare: bool = True) -> str:
    """What could not be read; `number` is one that pages this phone. `bare`: an OK without a number counts too."""
    return f"Nobody has #{number} yet. Write {'OK, ' if bare else ''}OK {number} or SNOOZE {number} 2h"


def may_follow(before: Sequence[datetime], now: datetime) -> bool:
    """Whether one more such SMS may follow those `before`."""
    lately = [at for at in before if now - at < DAY]
    return len(lately) < A_DAY and all(now - at >= PAUSE for at in lately)
