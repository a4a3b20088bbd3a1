"""The words for a phone that wrote back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from alertsms.core.incidents.acknowledge import AckOutcome, Outcome

LISTED = 12  # numbers that are written out: they fit one segment
FEW = 3  # ... where more than one list of them must fit
TROUBLES = 3  # things that did not go as meant are written out
PAUSE = timedelta(minutes=10)  # between two such SMS to one phone: two machines must not talk to each other
A_DAY = 5  # of them at most
DAY = timedelta(days=1)
CONFIRMED = "Confirmed."  # to an OK that answers the question whose phone it is, and takes nothing


def numbers(some: Sequence[int], most: int) -> str:
    """As many as fit."""
    shown = " ".join(f"#{number}" for number in some[:most])
    more = len(some) - most
    return shown + (f" and {more} more" if more > 0 else "")


def not_as_meant(named: Mapping[int, Sequence[Outcome]], by: str) -> list[str]:
    """To an answer that names numbers: what did not go as meant. `by` is who wrote.

    A number may be that of a digest: it went well where any of what that covers did, but for what is back since.
    """
    return [words for number, outcomes in named.items() if (words := _trouble(number, outcomes, by))]


def _trouble(number: int, outcomes: Sequence[Outcome], by: str) -> str:
    by_result = {each.result: each for each in outcomes}
    already = by_result.get(AckOutcome.ALREADY)
    if AckOutcome.TAKEN in by_result or (already and already.by == by):
        return ""
    if already:
        return has(already.by, number)
    if AckOutcome.OVER in by_result:
        return over(number)
    return "" if AckOutcome.BACK in by_result else unknown(number)


def late(outcomes: Sequence[Outcome]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """What an answer came too early for: the numbers of what came back since, and of what began since."""
    found = {each.number: each.incident for each in outcomes if each.result is AckOutcome.BACK}
    back = tuple(number for number, one in found.items() if one and one.episode)
    return back, tuple(number for number in found if number not in back)


def came_later(back: Sequence[int], new: Sequence[int], most: int = FEW) -> str:
    """That these page on, and wait for another answer. "" where there are none."""
    most = min(most, FEW)
    said = [f"{numbers(back, most)} {'is' if len(back) == 1 else 'are'} back"] if back else []
    said += [f"{numbers(new, most)} came later"] if new else []
    return ", ".join([*said, "write OK"]) if said else ""


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
