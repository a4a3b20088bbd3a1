"""What the store says each SMS carried: one line for each page, with the tag of the message that it became part of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, create_engine, func, select

from alertsms.store.schema import BY_SMS, incident_table, message_table, notification_table, state_is

T = TypeVar("T")
PAGES = frozenset({"page"})
OKS = frozenset({"resolved", "meanwhile"})
TAKEN = frozenset({"taken"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One page as stored."""

    alert: str  # the alert's name; "" for a notice
    incident: int
    person: str
    kind: str
    state: str
    episode: int
    round: int
    step: int
    nth: int
    phone: int
    created_at: datetime
    tag: str  # of the message that carries it; "" while none does
    claimed_at: datetime | None  # when that message was made, to leave at once
    ended: str  # its state

    @property
    def identity(self) -> tuple[object, ...]:
        """What may be told once: two incidents of one alert would make two of it."""
        return *self.place, self.nth, self.phone

    @property
    def place(self) -> tuple[object, ...]:
        """Whom it tells of what, and for which step of which round."""
        return self.alert, self.person, self.kind, self.episode, self.round, self.step


@dataclass(frozen=True, kw_only=True, slots=True)
class Ledger:
    """The pages of a store, and of each message how often it was sent again on purpose."""

    lines: Sequence[Line]
    resends: Mapping[str, int]  # by tag

    def of(self, kinds: frozenset[str]) -> list[Line]:
        """The lines of these kinds that were not cancelled before they left."""
        return [line for line in self.lines if line.kind in kinds and line.alert]


def read(tx: Connection) -> Ledger:
    """The ledger of an open store."""
    columns = [
        notification_table.c[name]
        for name in ("person", "kind", "state", "episode", "round", "step", "nth", "phone", "created_at")
    ]
    found = (
        select(
            incident_table.c.labels,
            notification_table.c.incident_id,
            message_table.c.tag,
            message_table.c.created_at.label("claimed_at"),
            message_table.c.state.label("ended"),
            *columns,
        )
        .select_from(
            notification_table.outerjoin(
                incident_table, notification_table.c.incident_id == incident_table.c.id
            ).outerjoin(message_table, notification_table.c.message_id == message_table.c.id)
        )
        .where(BY_SMS)
        .order_by(notification_table.c.id)
    )
    lines = [
        Line(
            alert=(row["labels"] or {}).get("alertname", ""),
            incident=row["incident_id"] or 0,
            tag=row["tag"] or "",
            claimed_at=row["claimed_at"],
            ended=row["ended"] or "",
            **{column.name: row[column.name] for column in columns},
        )
        for row in tx.execute(found).mappings()
    ]
    counted = tx.execute(select(message_table.c.tag, message_table.c.resends))
    return Ledger(lines=lines, resends=dict(iter(counted)))


def of_file(url: str) -> Ledger:
    """The ledger of a store that another process may have open."""
    return _ask(url, read)


def acknowledged(url: str) -> Mapping[int, str]:
    """The incidents of such a store that somebody has, and who."""
    query = select(incident_table.c.id, incident_table.c.acked_by).where(
        state_is(incident_table.c.state, "acknowledged")
    )
    return _ask(url, lambda tx: dict(iter(tx.execute(query))))


def below(url: str, round_: int, step: int) -> int:
    """How many open incidents of such a store have not had an SMS of this step of this round accepted yet."""
    there = (incident_table.c.round > round_) | (
        (incident_table.c.round == round_) & (incident_table.c.step >= step) & incident_table.c.step_sent_at.isnot(None)
    )
    query = select(func.count()).select_from(incident_table).where(state_is(incident_table.c.state, "open"), ~there)
    return _ask(url, lambda tx: int(tx.execute(query).scalar_one()))


def _ask(url: str, work: Callable[[Connection], T]) -> T:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return work(connection)
    finally:
        engine.dispose()
