"""What was promised against what the phones got, as one row of a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.reliability.phones import Sms

HEADINGS = ("alerts", "SMS", "lost", "doubled", "late", "p50 s", "slowest s", "seconds")


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """The count of one run."""

    alerts: int
    expected: int  # SMS: one for each alert and receiver
    lost: Sequence[tuple[str, str]]  # (alert, receiver)
    doubled: Sequence[tuple[str, str]]
    strange: Sequence[str]  # texts about nothing that was accepted
    waits: Sequence[float]  # seconds from the 2xx to the SMS, ascending
    late_after: float

    @property
    def late(self) -> int:
        """How many SMS came later than they should."""
        return sum(wait > self.late_after for wait in self.waits)

    @property
    def slowest(self) -> float:
        """Seconds of the slowest SMS."""
        return self.waits[-1] if self.waits else 0.0

    @property
    def exact(self) -> bool:
        """Whether each alert paged each of its people exactly once."""
        return not (self.lost or self.doubled or self.strange)

    def row(self, seconds: float) -> tuple[str, ...]:
        """For people, in the order of HEADINGS."""
        middle = self.waits[len(self.waits) // 2] if self.waits else 0.0
        counts = (self.alerts, self.expected, len(self.lost), len(self.doubled), self.late)
        return (*map(str, counts), f"{middle:.2f}", f"{self.slowest:.1f}", f"{seconds:.0f}")

    def __str__(self) -> str:
        strange = f", strange {list(self.strange[:5])}" if self.strange else ""
        return f"lost {list(self.lost[:10])}, doubled {list(self.doubled[:10])}{strange}, slowest {self.slowest:.1f} s"


def tally(
    accepted: Mapping[str, float],
    messages: Iterable[Sms],
    receivers: Callable[[str], Sequence[str]],
    *,
    late_after: float,
) -> Tally:
    """Compare. `accepted`: alert -> when it was answered 2xx; `receivers` says who must hear of an alert."""
    messages = list(messages)
    got = Counter((sms.alert, sms.receiver) for sms in messages)
    wanted = {(alert, receiver) for alert in accepted for receiver in receivers(alert)}
    first: dict[tuple[str, str], float] = {}
    for sms in messages:
        first.setdefault((sms.alert, sms.receiver), sms.at)
    return Tally(
        alerts=len(accepted),
        expected=len(wanted),
        lost=sorted(wanted - got.keys()),
        doubled=sorted(each for each, count in got.items() if count > 1),
        strange=[sms.text for sms in messages if (sms.alert, sms.receiver) not in wanted],
        waits=sorted(max(at - accepted[alert], 0.0) for (alert, to), at in first.items() if (alert, to) in wanted),
        late_after=late_after,
    )
