"""Heartbeats as rows: when each was heard of, and what is still to be told of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, select

from alertsms.core.incidents.heartbeat import Beats, HeartbeatState, HeartbeatStatus
from alertsms.store.schema import heartbeats, upsert


def every(tx: Connection, *, lock: bool = False) -> dict[str, HeartbeatStatus]:
    """All that is known of heartbeats, by name; `lock`: until the transaction ends."""
    query = select(heartbeats)
    return _found(tx, query.order_by(heartbeats.c.name).with_for_update() if lock else query)


def hear(tx: Connection, beats: Beats, now: datetime) -> bool:
    """Note what a body or a request says of heartbeats; whether any of that is still to be told."""
    names = sorted(beats.refreshed | beats.ended)
    chosen = select(heartbeats).where(heartbeats.c.name.in_(names)).order_by(heartbeats.c.name).with_for_update()
    known = _found(tx, chosen)
    after = [beats.after(known.get(name) or HeartbeatStatus(name=name, silent_since=now), now) for name in names]
    save(tx, after)
    return any(status.state in (HeartbeatState.BACK, HeartbeatState.ENDED) for status in after)


def save(tx: Connection, standings: Iterable[HeartbeatStatus]) -> None:
    """Write heartbeats, in place of what was known of them."""
    for status in standings:
        upsert(tx, heartbeats, asdict(status))


def forget(tx: Connection, names: Collection[str]) -> None:
    """Drop heartbeats that are gone from the configuration."""
    tx.execute(delete(heartbeats).where(heartbeats.c.name.in_(sorted(names))))


def _found(tx: Connection, query: Select[Any]) -> dict[str, HeartbeatStatus]:
    return {
        row["name"]: HeartbeatStatus(**{**row, "state": HeartbeatState(row["state"])})
        for row in tx.execute(query).mappings()
    }
