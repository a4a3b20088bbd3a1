"""Replicas as rows, and the leases of their duties. PostgreSQL's clock judges both: replicas' own may differ."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, ColumnElement, Connection, delete, func, literal_column, select, update

from alertsms.store import settings
from alertsms.store.replica_tables import lease_table, replica_table
from alertsms.store.schema import EPOCH, MICROSECOND, insert_into, upsert

ALIVE = timedelta(seconds=10)  # without a sign for so long it counts as gone
LEASE = timedelta(seconds=10)
KEPT = timedelta(hours=1)  # one that went without a word is shown for so long
SILENCE = timedelta(minutes=1)  # for so long nobody took alerts in: whoever should have been heard of could not be
UNHEARD = "unheard"  # the fact that says so, until heartbeats were resumed by it
_NOW: ColumnElement[int] = literal_column("(extract(epoch FROM clock_timestamp()) * 1000000)::bigint", BigInteger)


@dataclass(frozen=True, kw_only=True, slots=True)
class Replica:
    """One process, as it last wrote of itself."""

    id: str
    host: str
    version: str
    config_seq: int  # of the file that it runs by
    web: bool  # it takes alerts in
    worker: bool  # it sends
    ovh_ok: bool  # it has a way out
    started_at: datetime
    seen_at: datetime
    ended: bool = False  # it was told to stop, and did
    timed_at: datetime | None = None  # when its clock last agreed with the database's


def now(tx: Connection) -> datetime:
    """The time of the database."""
    return EPOCH + MICROSECOND * int(tx.execute(select(_NOW)).scalar_one())


def beat(tx: Connection, replica: Replica) -> list[Replica]:
    """Write that a replica runs; returns all that were seen within an hour, by id, it among them.

    Where nobody took alerts in for a minute, that is noted for whoever watches heartbeats.
    """
    at = now(tx)
    known = every(tx, at - KEPT)
    heard = max((other.seen_at for other in known if other.web), default=None)
    if heard is None or at - heard > SILENCE:
        settings.put(tx, UNHEARD, "", at)
    mine = {**asdict(replica), "seen_at": at}
    upsert(tx, replica_table, mine)
    others = [other for other in known if other.id != replica.id]
    return sorted([*others, Replica(**mine)], key=lambda each: each.id)


def unheard(tx: Connection) -> bool:
    """Whether nobody took alerts in for a while, and heartbeats were not resumed since."""
    return settings.get(tx, UNHEARD) is not None


def heard(tx: Connection) -> None:
    """Heartbeats were resumed: their waits begin anew."""
    settings.prune(tx, UNHEARD, ())


def every(tx: Connection, since: datetime) -> list[Replica]:
    """The replicas that were seen since then, by id."""
    rows = select(replica_table).where(replica_table.c.seen_at >= since).order_by(replica_table.c.id)
    return [Replica(**row) for row in tx.execute(rows).mappings()]


def prune(tx: Connection) -> None:
    """Forget those that nobody saw for an hour."""
    tx.execute(delete(replica_table).where(replica_table.c.seen_at < now(tx) - KEPT))


def straighten(tx: Connection) -> None:
    """The database's clock was set back: nobody was seen, and no lease begins, later than now."""
    tx.execute(delete(replica_table).where(replica_table.c.seen_at > now(tx)))
    until = _NOW + LEASE // MICROSECOND
    tx.execute(update(lease_table).where(lease_table.c.until > until).values(until=until))


def end(tx: Connection, id_: str) -> None:
    """It stops: its duties are free at once, and nobody misses it."""
    tx.execute(update(replica_table).where(replica_table.c.id == id_).values(ended=True))
    free(tx, id_, ())


def lease(tx: Connection, owner: str, names: Collection[str]) -> dict[str, int]:
    """Renew what is ours of these duties, take what is free; returns the term of each that is ours now.

    A row that a transaction holds is passed over: whoever is stalled in one shall not stall us.
    """
    free_ = (lease_table.c.owner == owner) | (lease_table.c.until < _NOW)
    chosen = select(lease_table.c.name, lease_table.c.owner, lease_table.c.term)
    rows = tx.execute(
        chosen.where(lease_table.c.name.in_(sorted(names)), free_)
        .order_by(lease_table.c.name)
        .with_for_update(skip_locked=True)
    ).all()
    terms = {name: term + (before != owner) for name, before, term in rows}
    until = _NOW + LEASE // MICROSECOND
    for name, term in terms.items():
        tx.execute(update(lease_table).where(lease_table.c.name == name).values(owner=owner, term=term, until=until))
    known = set(tx.execute(select(lease_table.c.name)).scalars())
    for name in sorted(set(names) - known):
        new = insert_into(lease_table, tx.dialect.name).values(name=name, owner=owner, term=1, until=until)
        if tx.execute(new.on_conflict_do_nothing().returning(lease_table.c.name)).first():
            terms[name] = 1
    return terms


def free(tx: Connection, owner: str, keep: Iterable[str]) -> None:
    """Give up its duties, but for these: whoever asks next has them."""
    mine = (lease_table.c.owner == owner) & lease_table.c.name.not_in(sorted(keep))
    tx.execute(update(lease_table).where(mine).values(until=EPOCH))


def holds(tx: Connection, name: str, owner: str, term: int) -> bool:
    """Whether a duty is still this one's, and stays so until the transaction ends."""
    mine = (lease_table.c.name == name, lease_table.c.owner == owner, lease_table.c.term == term)
    held = select(lease_table.c.term).where(*mine, lease_table.c.until >= _NOW)
    return tx.execute(held.with_for_update(read=True)).first() is not None


def unattended(tx: Connection, names: Collection[str]) -> dict[str, float]:
    """For how many seconds nobody has had each of these duties, where nobody has it."""
    rows = select(lease_table.c.name, func.greatest(_NOW - lease_table.c.until, 0)).where(
        lease_table.c.name.in_(sorted(names)), lease_table.c.until < _NOW
    )
    return {name: int(late) / 1e6 for name, late in tx.execute(rows)}
