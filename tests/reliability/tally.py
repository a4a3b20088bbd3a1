"""What was promised against what the phones got, as one row of a table.

An SMS may carry several pages, so "told" is decided by two witnesses: the sandbox says which messages it accepted, the
store says which pages each of them carried.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from types import MappingProxyType
from typing import Any, Protocol

from tests.reliability.ledger import PAGES, Ledger, Line


class Accepted(Protocol):
    """An SMS that the sandbox accepted."""

    at: float  # Unix seconds
    text: str
    tag: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """The count of one run."""

    alerts: int
    expected: int  # (alert, person)
    sms: int  # accepted by the sandbox, whatever they carried
    lost: Sequence[tuple[str, str]]  # (alert, person)
    doubled: Sequence[tuple[str, str]]
    copies: int  # SMS that were sent again because OVHcloud could not say, each counted in the store
    again: Sequence[tuple[str, str]]  # told by two pages of one step: a nudge, the next number
    after: Sequence[tuple[str, str]]  # paged for what somebody had by then
    skipped: Sequence[str]  # alerts that did not go up their team's steps one by one, as far as they had to
    strange: Sequence[str]  # texts about nothing that was accepted
    waits: Sequence[float]  # seconds from the 2xx to the SMS, ascending
    late_after: float

    @property
    def late(self) -> int:
        """How many were told later than they should."""
        return sum(wait > self.late_after for wait in self.waits)

    @property
    def slowest(self) -> float:
        """Seconds of the slowest SMS."""
        return self.waits[-1] if self.waits else 0.0

    def wait(self, share: float) -> float:
        """Seconds within which this share of all were told."""
        return self.waits[min(int(len(self.waits) * share), len(self.waits) - 1)] if self.waits else 0.0

    @property
    def once(self) -> bool:
        """Whether what was told was told once, and is true."""
        return not (self.doubled or self.again or self.after or self.strange)

    @property
    def kept(self) -> bool:
        """Whether each alert was told to each of its people, and nothing twice but for counted copies."""
        return not (self.lost or self.doubled or self.after or self.strange)

    @property
    def exact(self) -> bool:
        """Whether each step was also taken in its turn, and told its people by one page."""
        return self.kept and not self.again and not self.skipped

    def __str__(self) -> str:
        again = f", again {list(self.again[:5])}" if self.again else ""
        again += f", paged after an answer {list(self.after[:5])}" if self.after else ""
        strange = f", strange {list(self.strange[:5])}" if self.strange else ""
        strange += f", out of step {list(self.skipped[:5])}" if self.skipped else ""
        return (
            f"lost {len(self.lost)} {list(self.lost[:10])}, doubled {list(self.doubled[:10])}, copies {self.copies}"
            f"{again}{strange}, slowest {self.slowest:.1f} s"
        )


def tally(
    accepted: Mapping[str, float],
    messages: Iterable[Accepted],
    ledger: Ledger,
    people: Callable[[str], Sequence[str]],
    *,
    late_after: float,
    kinds: frozenset[str] = PAGES,
    behind: Callable[[str], Sequence[str]] = lambda _: (),
    taken: Mapping[int, float] = MappingProxyType({}),
    under_way: float | None = None,
    rungs: Sequence[tuple[int, int]] = (),
) -> Tally:
    """Compare. `accepted`: alert -> when it was answered 2xx; `people` says who must hear of an alert.

    `behind` says who else may: the people of later steps. `taken`: incident -> from when on it pages nobody, since
    somebody has it; whoever has not heard of it by then need not. `under_way`: seconds that an SMS which was claimed
    before may still take; None where nothing happens at the same time. `rungs`: the rounds and steps that every alert
    has to go through unless somebody has it; empty where they are not asked for.
    """
    messages = list(messages)
    first: dict[str, float] = {}
    for sms in messages:
        first.setdefault(sms.tag, sms.at)
    carried = [line for line in ledger.of(kinds) if line.tag in first]
    wanted = {(alert, person) for alert in accepted for person in people(alert)}
    told: dict[tuple[str, str], float] = {}
    for line in carried:
        place, at = (line.alert, line.person), first[line.tag]
        told[place] = min(told.get(place, at), at)
    had = {line.alert for line in ledger.lines if line.incident in taken}
    may = wanted | {(alert, person) for alert in accepted for person in behind(alert)}
    sent = Counter(sms.tag for sms in messages)
    return Tally(
        alerts=len(accepted),
        expected=len(wanted),
        sms=len(messages),
        lost=sorted(each for each in wanted - told.keys() if each[0] not in had),
        doubled=_doubled(carried, sent, ledger),
        copies=sum(count - 1 for count in sent.values()),
        again=sorted({place[:2] for place, count in _times(carried).items() if count > 1}),
        after=sorted(
            {
                (line.alert, line.person)
                for line in carried
                if line.kind in PAGES and _too_late(line, first[line.tag], taken.get(line.incident, inf), under_way)
            }
        ),
        skipped=list(_skipped(ledger.of(kinds), first, taken, rungs)) if rungs else (),
        strange=[*_strange(messages, ledger), *(f"{alert} to {person}" for alert, person in told.keys() - may)],
        waits=sorted(max(told[place] - accepted[place[0]], 0.0) for place in wanted & told.keys()),
        late_after=late_after,
    )


def _too_late(line: Line, at: float, taken: float, under_way: float | None) -> bool:
    """Whether an SMS that was accepted `at` should not have left any more."""
    if under_way is None:
        return at > taken
    claimed = line.claimed_at.timestamp() if line.claimed_at else at
    return claimed > taken or at > taken + under_way


def _skipped(
    lines: Iterable[Line], first: Collection[str], taken: Collection[int], rungs: Sequence[tuple[int, int]]
) -> Iterator[str]:
    """Alerts of which a step was left out, or was the last though nobody has them.

    A step of which OVHcloud lost every copy, or refused them, was gone to all the same.
    """
    went: dict[tuple[str, int], set[tuple[int, int]]] = defaultdict(set)
    for line in lines:
        if line.kind in PAGES and (line.tag in first or line.ended == "failed"):
            went[line.alert, line.incident].add((line.round, line.step))
    for (alert, incident), told in went.items():
        if told != set(rungs[: len(told) if incident in taken else None]):
            yield f"{alert} {sorted(told)}"


def _times(carried: Iterable[Line]) -> Mapping[tuple[Any, ...], int]:
    """By how many different pages each step of an alert told each person."""
    return Counter({line.identity: line.place for line in carried}.values())


def _doubled(carried: Iterable[Line], sent: Mapping[str, int], ledger: Ledger) -> list[tuple[str, str]]:
    """Who was told the same twice: in two messages, or in more copies of one than the store counted."""
    carried = list(carried)
    times = Counter(line.identity for line in carried)
    uncounted = {tag for tag, count in sent.items() if count - 1 > ledger.resends.get(tag, 0)}
    return sorted({(line.alert, line.person) for line in carried if times[line.identity] > 1 or line.tag in uncounted})


def _strange(messages: Iterable[Accepted], ledger: Ledger) -> list[str]:
    """Texts that the store knows nothing of, or that do not name the one alert that they carry."""
    about: dict[str, list[Line]] = {}
    for line in ledger.lines:
        about.setdefault(line.tag, []).append(line)
    strange = []
    for sms in messages:
        lines = about.get(sms.tag, [])
        if sms.tag not in ledger.resends or (len(lines) == 1 and lines[0].alert not in sms.text):
            strange.append(sms.text)
    return strange
