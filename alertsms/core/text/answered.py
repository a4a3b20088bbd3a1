"""The words for a phone that wrote back: what its answer did; and how much wrong answers a phone may send.

Whoever sends an SMS can forge the number that it shows: the owner of the phone is to notice.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from alertsms.core.incidents.acknowledge import AckOutcome, Outcome
from alertsms.core.text.gsm7 import measure

GATHERED = timedelta(seconds=12)  # answers written within 10 s are read within so long, and said back in one SMS
AN_HOUR = 6  # of them at most for one phone, whatever else it gets
DROPPED = timedelta(minutes=5)  # older ones are no news
HOUR = timedelta(hours=1)
WRONG = 3  # numbers within an hour that the phone was never sent: then its answers count for nothing for an hour
LISTED = 12  # numbers that are written out: they fit one segment
FEW = 3  # ... where more than one list of them must fit
TROUBLES = 3  # things that did not go as meant are written out
PAUSE = timedelta(minutes=10)  # between two such SMS to one phone: two machines must not talk to each other
A_DAY = 5  # of them at most
DAY = timedelta(days=1)
CONFIRMED = "Confirmed."  # to an OK that answers the question whose phone it is, and takes nothing


class Mode(StrEnum):
    """Which answers by SMS count."""

    ANY = "any"
    NUMBERED = "numbered"  # those that name what this phone was paged for: others cannot know the numbers for sure
    OFF = "off"  # none, and nobody reads them


@dataclass(frozen=True, kw_only=True, slots=True)
class Until:
    """The end of a snooze."""

    at: datetime
    clock: str  # as the clock of whoever wrote shows it


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerEffect:
    """What came of answers: the numbers that were taken, and until when, and what else is to be said."""

    taken: Mapping[int, Until | None] = field(default_factory=dict)
    troubles: tuple[str, ...] = ()
    back: tuple[int, ...] = ()  # what came back since, and what began since: neither was meant
    new: tuple[int, ...] = ()

    def and_also(self, later: AnswerEffect) -> AnswerEffect:
        """The effects of both answers, each thing once; of a number the later answer counts."""
        late = {*later.back, *later.new}
        return AnswerEffect(
            taken={number: until for number, until in self.taken.items() if number not in late} | dict(later.taken),
            troubles=tuple(dict.fromkeys((*self.troubles, *later.troubles))),
            back=_both(self.back, later.back, later.taken),
            new=_both(self.new, later.new, later.taken),
        )

    @property
    def words(self) -> str:
        """As one SMS says it: what was taken, to what end and what was not meant stand in it whatever the rest is."""
        return next(
            (text for most, troubles in _SHORTER if measure(text := self._said(most, troubles)).segments <= 1),
            self._said(1, 0),
        )

    def _said(self, most: int, troubles: int) -> str:
        later = came_later(self.back, self.new, most)
        return ", ".join([*self._have(most), *self.troubles[:troubles], *([later] if later else [])])

    def _have(self, most: int) -> list[str]:
        """What is taken for good and what for a while; of different times the last, which hides no longer one."""
        own = [number for number, until in self.taken.items() if until is None]
        snoozed = {number: until for number, until in self.taken.items() if until}
        have = [numbers(own, most)] if own else []
        if snoozed:
            clock = max(snoozed.values(), key=lambda until: until.at).clock
            latest = "" if len({until.clock for until in snoozed.values()}) == 1 else " at the latest"
            have.append(f"{numbers(list(snoozed), most)} until {clock}{latest}")
        return [f"You have {', '.join(have)}"] if have else []


# How many numbers of each kind and how many troubles are written out: as many as fit one SMS.
_SHORTER = ((LISTED, TROUBLES), (FEW, TROUBLES), (FEW, 1), (1, 1))


def _both(before: tuple[int, ...], later: tuple[int, ...], taken: Collection[int]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(number for number in (*before, *later) if number not in taken or number in later))


def to_all(outcomes: Sequence[Outcome], until: Until | None = None, along: Sequence[int] = ()) -> AnswerEffect:
    """What came of an answer to all that a phone was notified of; `along`: what else it took, in other teams."""
    taken = [outcome.number for outcome in outcomes if outcome.result is AckOutcome.TAKEN]
    back, new = late(outcomes)
    return AnswerEffect(taken=dict.fromkeys((*taken, *along), until), back=back, new=new)


def to_named(
    named: Mapping[int, Sequence[Outcome]], by: str, until: Until | None = None, along: Sequence[int] = ()
) -> AnswerEffect:
    """What came of an answer that names numbers, of incidents or digests; `by` is who wrote."""
    taken = [number for number, of in named.items() if any(outcome.result is AckOutcome.TAKEN for outcome in of)]
    troubles = tuple(words for number, of in named.items() if (words := _trouble(number, of, by)))
    back, new = late([outcome for of in named.values() for outcome in of])
    return AnswerEffect(taken=dict.fromkeys((*taken, *along), until), troubles=troubles, back=back, new=new)


def may_confirm(before: Sequence[datetime], now: datetime) -> bool:
    """Whether one more SMS may say what an answer did, after those `before`."""
    return sum(now - at < HOUR for at in before) < AN_HOUR


def too_many(misses: Sequence[datetime], now: datetime) -> bool:
    """Whether so many numbers were wrong lately that the answers of a phone rest."""
    return sum(now - at < HOUR for at in misses) >= WRONG


def resting(until: str) -> str:
    """The notice to the owner of a phone whose answers rest."""
    wrong = f"{WRONG} wrong numbers came in answers from this phone"
    return f"{wrong}. Until {until} none of its answers counts: use a link or alertsms ack"


def numbers(listed: Sequence[int], most: int) -> str:
    """Numbers as one text lists them, as many as `most`."""
    shown = " ".join(f"#{number}" for number in listed[:most])
    more = len(listed) - most
    return shown + (f" and {more} more" if more > 0 else "")


def _trouble(number: int, outcomes: Sequence[Outcome], by: str) -> str:
    """What did not go as meant with a number that `by` wrote; "" where all did.

    A number may be that of a digest: it went well where any of what that covers did, but for what is back since.
    """
    by_result = {outcome.result: outcome for outcome in outcomes}
    already = by_result.get(AckOutcome.ALREADY)
    if AckOutcome.TAKEN in by_result or (already and already.by == by):
        return ""
    if already:
        return f"{already.by} has #{number}"
    if AckOutcome.OVER in by_result:
        return f"#{number} is over"
    return "" if AckOutcome.BACK in by_result else f"#{number} is unknown"


def late(outcomes: Sequence[Outcome]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """What an answer came too early for: the numbers of what came back since, and of what began since."""
    incidents = {outcome.number: outcome.incident for outcome in outcomes if outcome.result is AckOutcome.BACK}
    back = tuple(number for number, incident in incidents.items() if incident and incident.episode)
    return back, tuple(number for number in incidents if number not in back)


def came_later(back: Sequence[int], new: Sequence[int], most: int = FEW) -> str:
    """The words that these incidents page on, and wait for another answer. "" where there are none."""
    most = min(most, FEW)
    said = [f"{numbers(back, most)} {'is' if len(back) == 1 else 'are'} back"] if back else []
    said += [f"{numbers(new, most)} came later"] if new else []
    return ", ".join([*said, "write OK"]) if said else ""


def how_to_write(number: int, *, bare: bool = True) -> str:
    """What could not be read; `number` is one that pages this phone. `bare`: an OK without a number counts too."""
    return f"Nobody has #{number} yet. Write {'OK, ' if bare else ''}OK {number} or SNOOZE {number} 2h"


def may_follow(before: Sequence[datetime], now: datetime) -> bool:
    """Whether one more such SMS may follow those `before`."""
    lately = [at for at in before if now - at < DAY]
    return len(lately) < A_DAY and all(now - at >= PAUSE for at in lately)
