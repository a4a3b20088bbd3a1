"""Many alerts through three replicas, each a page of one SMS: which were lost, doubled, and how late the latest was."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.reliability.driver import Alert
from tests.reliability.phones import Phones
from tests.reliability.replica_files import Pair, Replica

PLAN = {
    "people": {"alice": "+33612000001"},
    "teams": {"all": {"page": ["alice"]}},
    "route": {"team": "all"},
}
ARRIVED, SETTLED = 60.0, 3.0  # seconds


@dataclass(frozen=True, kw_only=True)
class Pages:
    """What became of them."""

    lost: list[str]
    doubled: list[str]
    sms: int
    late: float  # seconds, from the first 202 to the phone
    took: float  # seconds
    seconds: dict[str, float]  # of each, by its text

    def late_but(self, excused: Collection[str]) -> float:
        """The same, without some texts."""
        return max((seconds for text, seconds in self.seconds.items() if text not in excused), default=0.0)


def page(built: list[Replica], phones: Phones, count: int, every: float) -> Pages:
    """Post an alert each so many seconds to two of them at the same moment, and wait for the SMS."""
    began = time.monotonic()
    at = datetime.now(UTC) - timedelta(minutes=1)
    names = [f"A{n:05}" for n in range(count)]
    pair = Pair(built)
    pair.post([Alert(name=name, person="all", starts_at=at) for name in names], every)
    pair.end()
    unanswered = [name for name, taken in pair.taken.items() if not taken]
    assert not unanswered
    until = time.monotonic() + ARRIVED
    while time.monotonic() < until and len(arrived(phones)) < count:
        time.sleep(0.5)
    time.sleep(SETTLED)
    got = arrived(phones)
    seconds = {sms.text: sms.at - min(pair.taken[sms.text.split()[1]]) for sms in phones.messages()}
    return Pages(
        lost=sorted(set(names) - got.keys()),
        doubled=[name for name, times in got.items() if times > 1],
        sms=got.total(),
        late=max(seconds.values()),
        seconds=seconds,
        took=time.monotonic() - began,
    )


def arrived(phones: Phones) -> Counter[str]:
    """How many SMS there are of each alert."""
    return Counter(sms.text.split()[1] for sms in phones.messages())
