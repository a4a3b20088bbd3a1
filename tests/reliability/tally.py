"""What was promised against what the phones got, as one row of a table.

An SMS may carry several pages, so "told" is decided by two witnesses: the sandbox says which messages it accepted, the
store says which pages each of them carried.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

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
    again: Sequence[tuple[str, str]]  # told by two pages: a reminder, a new round, the next number
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
        return not (self.doubled or self.again or self.strange)

    @property
    def kept(self) -> bool:
        """Whether each alert was told to each of its people, and nothing twice but for counted copies."""
        return not (self.lost or self.doubled or self.strange)

    @property
    def exact(self) -> bool:
        """Whether each was also told by one page: no reminder, no new round."""
        return self.kept and not self.again

    def __str__(self) -> str:
        again = f", again {list(self.again[:5])}" if self.again else ""
        strange = f", strange {list(self.strange[:5])}" if self.strange else ""
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
) -> Tally:
    """Compare. `accepted`: alert -> when it was answered 2xx; `people` says who must hear of an alert."""
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
    sent = Counter(sms.tag for sms in messages)
    return Tally(
        alerts=len(accepted), expected=len(wanted), sms=len(messages),
        lost=sorted(wanted - told.keys()),
        doubled=_doubled(carried, sent, ledger),
        copies=sum(count - 1 for count in sent.values()),
        again=sorted(place for place, count in _times(carried).items() if count > 1),
        strange=[*_strange(messages, ledger), *(f"{alert} to {person}" for alert, person in told.keys() - wanted)],
        waits=sorted(max(told[place] - accepted[place[0]], 0.0) for place in wanted & told.keys()),
        late_after=late_after,
    )  # fmt: skip


def _times(carried: Iterable[Line]) -> Mapping[tuple[str, str], int]:
    """By how many different pages each was told."""
    return Counter((alert, person) for alert, person, *_ in {line.identity for line in carried})


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
