"""What days of on-call work leave behind: the pages of the store, and when the stand-in took each SMS."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from alertsms.sandbox.message import DeliveryCode
from alertsms.store.schema import BY_CHANNEL, BY_SMS, incident_table, message_table, notification_table
from tests.reliability.duty import OWNER
from tests.reliability.fortnight import Fortnight
from tests.reliability.life import Life
from tests.reliability.stretch import FALLBACK, Ring

HOUR = timedelta(hours=1)
SAID_BACK = "answered"  # the kind of what says to a phone what its answer did: beside all limits
MOST = 55  # of 60 SMS of a person in an hour; the rest is for what is critical
BAD = (DeliveryCode.FAILED, DeliveryCode.ERROR)


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """One page of the store, and when the stand-in accepted the SMS that carries it (none: it did not leave)."""

    row: Any
    accepted: datetime | None
    together: bool  # with others in one SMS
    bad: bool  # its phone did not get it
    failed: bool  # given up: where its answer was lost OVHcloud may have taken it all the same
    known_at: datetime | None  # since when alertsms knows that the SMS left


class Evidence:
    """Read once, when all is over."""

    def __init__(self, fortnight: Fortnight) -> None:
        self.night = fortnight
        self.ended = fortnight.clock()
        read = fortnight.app.store.read
        self.messages = {row.id: row for row in read(lambda tx: tx.execute(select(message_table)).all())}
        self.incidents = {row.id: row for row in read(lambda tx: tx.execute(select(incident_table)).all())}
        self.posts = read(lambda tx: tx.execute(select(notification_table).where(BY_CHANNEL)).all())
        self.accepted = defaultdict(list)  # by tag
        for sms in fortnight.sandbox.accepted:
            self.accepted[sms.tag].append((datetime.fromtimestamp(sms.at, UTC), sms))
        rows = read(
            lambda tx: tx.execute(select(notification_table).where(BY_SMS).order_by(notification_table.c.id)).all()
        )
        carried = Counter(row.message_id for row in rows if row.state == "claimed")
        self.told: dict[int, list[Told]] = defaultdict(list)
        self.by_tag: dict[str, list[Told]] = defaultdict(list)
        for row in rows:
            message = self.messages.get(row.message_id) if row.state != "cancelled" else None
            times = self.accepted.get(message.tag) if message else None
            failed = bool(message) and message.state == "failed"
            bad = failed or (bool(times) and times[-1][1].receipts[-1].delivery in BAD)
            one = Told(
                row=row,
                accepted=times[0][0] if times else None,
                together=carried[row.message_id] > 1,
                bad=bad,
                failed=failed,
                known_at=message.sent_at if message else None,
            )
            self.told[row.incident_id or 0].append(one)
            if message:
                self.by_tag[message.tag].append(one)

    def crowd(self, told: Told) -> int:
        """How many pages the same person was asked to get in the half hour before."""
        since = told.row.created_at - timedelta(minutes=30)
        return sum(
            other.row.person == told.row.person and since <= other.row.created_at <= told.row.created_at
            for some in self.told.values()
            for other in some
            if other.row.kind != SAID_BACK
        )

    def full(self, told: Told, until: datetime) -> bool:
        """Whether meanwhile this person's SMS of an hour were used up, but for those that are kept for the worst."""
        own = sorted(
            at
            for tag, times in self.accepted.items()
            for at, sms in times
            if OWNER[sms.receiver] == told.row.person and all(one.row.kind != SAID_BACK for one in self.by_tag[tag])
        )
        return any(
            sum(at - HOUR < each <= at for each in own) >= MOST for at in own if told.row.created_at <= at <= until
        )


def pairs(life: Life, end: datetime) -> Iterator[tuple[Any, datetime]]:
    yield from zip(life.turns, [*(turn.at for turn in life.turns[1:]), end], strict=True)


def state_before(life: Life, at: datetime) -> str:
    return next((turn.state for turn in reversed(life.turns) if turn.at < at), "")


def longest_free(spans: list[tuple[datetime, datetime]], begin: datetime, end: datetime) -> timedelta:
    """The longest time between the two in which none of the spans lies."""
    longest = timedelta()
    for since, until in [*sorted(spans), (end, end)]:
        longest = max(longest, min(since, end) - begin)
        begin = max(begin, until)
    return longest


def rings_of(told: list[Told]) -> list[Ring]:
    by_nth: dict[int, list[Told]] = defaultdict(list)
    for one in told:
        if one.row.step != FALLBACK:
            by_nth[one.row.nth].append(one)
    return [
        Ring(asked=min(one.row.created_at for one in some), place=(some[0].row.round, some[0].row.step), pages=some)
        for _, some in sorted(by_nth.items())
    ]
