"""Who is on call by a calendar: whoever's events cover the time, several people at once perhaps."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from alertsms.core.schedules.person import Person

BLOCK = timedelta(days=90)  # repeating events have no end: they are unfolded a block at a time
KEPT = 24  # blocks; six years
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class CalendarEvents(Protocol):
    """Who is on call at a time: a calendar as it is, or a file that another tool writes anew."""

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody who may ever be on call."""

    def on_call(self, at: datetime) -> tuple[Person, ...]:
        """Who is on call at `at` (aware)."""

    def changes(self, begins: datetime, ends: datetime) -> Iterator[datetime]:
        """Every moment between two at which somebody else may be."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CalendarShift:
    """One event: somebody is on call; the end does not belong to it."""

    person: Person
    begins: datetime  # aware
    ends: datetime
    level: int = 0  # the highest of those at a time are on call


@dataclass(frozen=True, kw_only=True, slots=True)
class _Block:
    """Who is on call from each of some moments to the next; its own beginning is the first of them."""

    moments: tuple[datetime, ...]
    people: tuple[tuple[Person, ...], ...]


class Calendar:
    """Events of people, unfolded where they are asked for, and remembered."""

    def __init__(
        self, people: Iterable[Person], unfold: Callable[[datetime, datetime], Iterable[CalendarShift]]
    ) -> None:
        """`unfold` gives every event that overlaps a span, always the same for the same span."""
        self.people = tuple(people)
        self._unfold = unfold
        self._blocks: dict[int, _Block] = {}

    def on_call(self, at: datetime) -> tuple[Person, ...]:
        """Who is on call at `at` (aware), in the order in which the people were given."""
        block = self._block((at - _EPOCH) // BLOCK)
        return block.people[bisect_right(block.moments, at) - 1]

    def changes(self, begins: datetime, ends: datetime) -> Iterator[datetime]:
        """Every moment at which an event begins or ends."""
        for number in range((begins - _EPOCH) // BLOCK, (ends - _EPOCH) // BLOCK + 1):
            yield from self._block(number).moments

    def prepare(self, at: datetime) -> None:
        """Unfold what is asked for soon, so that no page waits for it."""
        self.on_call(at)
        self.on_call(at + BLOCK / 3)

    def _block(self, number: int) -> _Block:
        block = self._blocks.get(number)
        if block is None:
            if len(self._blocks) >= KEPT:
                self._blocks = {}
            block = self._blocks[number] = self._unfolded(_EPOCH + number * BLOCK)
        return block

    def _unfolded(self, begins: datetime) -> _Block:
        """Walk over the moments once, counting how many events of each person run: thousands may."""
        ends = begins + BLOCK
        edges: dict[datetime, list[tuple[str, int, int]]] = {begins: []}
        for duty in self._unfold(begins, ends):
            first, last = max(duty.begins.astimezone(UTC), begins), min(duty.ends.astimezone(UTC), ends)
            if first < last:
                edges.setdefault(first, []).append((duty.person.name, duty.level, 1))
                edges.setdefault(last, []).append((duty.person.name, duty.level, -1))
        edges.pop(ends, None)
        moments = tuple(sorted(edges))
        used = {level for changes in edges.values() for _, level, _ in changes}
        levels: dict[int, Counter[str]] = {level: Counter() for level in sorted(used, reverse=True)}
        people = []
        for moment in moments:
            for name, level, more in edges[moment]:
                levels[level][name] += more
            running = next((counts for counts in levels.values() if counts.total()), Counter())
            people.append(tuple(person for person in self.people if running[person.name]))
        return _Block(moments=moments, people=tuple(people))
