"""Heartbeats as rows: when each was heard of, and what is still to be told of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, select

from alertsms.core.incidents.heartbeat import Beats, HeartbeatState, HeartbeatStatus
from alertsms.store.schema import heartbeats, insert_into

_COLUMNS = tuple(field.name for field in fields(HeartbeatStatus))


def every(tx: Connection) -> dict[str, HeartbeatStatus]:
    """All that is known of heartbeats, by name."""
    return _found(tx, select(heartbeats))


def locked(tx: Connection) -> dict[str, HeartbeatStatus]:
    """The same, locked until the transaction ends."""
    return _found(tx, select(heartbeats).order_by(heartbeats.c.name).with_for_update())


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
    row = insert_into(heartbeats, tx.dialect.name)
    row = row.on_conflict_do_update(
        index_elements=["name"], set_={name: row.excluded[name] for name in _COLUMNS if name != "name"}
    )
    values = [{name: getattr(status, name) for name in _COLUMNS} for status in standings]
    if values:
        tx.execute(row, values)


def forget(tx: Connection, names: Collection[str]) -> None:
    """Drop heartbeats that are gone from the configuration."""
    tx.execute(delete(heartbeats).where(heartbeats.c.name.in_(sorted(names))))


def _found(tx: Connection, query: Select[Any]) -> dict[str, HeartbeatStatus]:
    rows = tx.execute(query).mappings()
    return {
        row["name"]: HeartbeatStatus(
            **{**{name: row[name] for name in _COLUMNS}, "state": HeartbeatState(row["state"])}
        )
        for row in rows
    }
