"""The sequence of configurations: which came after which, by their hashes; and who runs by a newer one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, text, update

from alertsms.store.replica_tables import config_table, replica_table
from alertsms.store.replicas import ALIVE

_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('alertsms configs'))")


@dataclass(frozen=True, kw_only=True, slots=True)
class Newest:
    """The configuration that counts, and where it runs."""

    seq: int = 0
    hash: str = ""
    intake: str = ""  # the host of a replica that runs by a newer one than ours and takes alerts
    sender: str = ""  # and of one that sends, and can


def lock(tx: Connection) -> None:
    """Let one replica at a time find its place; an SQLite file has one process anyway."""
    if tx.dialect.name == "postgresql":
        tx.execute(_LOCK)


def place(tx: Connection, hash_: str) -> int:
    """The place of a configuration that was in force before; 0 for one that never was."""
    return tx.scalar(select(func.max(config_table.c.seq)).where(config_table.c.hash == hash_)) or 0


def add(tx: Connection, hash_: str, host: str, now: datetime) -> int:
    """Let a configuration be the newest; returns its place."""
    row = insert(config_table).values(hash=hash_, host=host, at=now).returning(config_table.c.seq)
    return int(tx.execute(row).scalar_one())


def newest(tx: Connection, seq: int) -> Newest:
    """The newest there is, and who runs by a newer one than that in this place; we ourselves were just seen."""
    row = tx.execute(select(config_table).order_by(config_table.c.seq.desc()).limit(1)).first()
    if row is None or row.seq <= seq:
        return Newest(seq=row.seq, hash=row.hash) if row else Newest()
    seen_at: datetime | None = tx.scalar(select(func.max(replica_table.c.seen_at)))
    if seen_at is None:
        return Newest(seq=row.seq, hash=row.hash)
    runs = (replica_table.c.seen_at > seen_at - ALIVE, ~replica_table.c.ended)
    newer = select(replica_table).where(replica_table.c.config_seq > seq, *runs)
    running = tx.execute(newer.order_by(replica_table.c.config_seq.desc())).all()
    return Newest(
        seq=row.seq,
        hash=row.hash,
        intake=next((replica.host for replica in running if replica.web), ""),
        sender=next((replica.host for replica in running if replica.worker and replica.ovh_ok), ""),
    )


def runs_by(tx: Connection, replica: str, seq: int) -> None:
    """Say at once by which a replica runs, where it is known already: what it says of itself follows in two seconds."""
    tx.execute(update(replica_table).where(replica_table.c.id == replica).values(config_seq=seq))
