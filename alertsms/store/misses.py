"""Wrong passwords as rows, by whom they count for: replicas count them together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, case, delete, select

from alertsms.store.replica_tables import miss_table
from alertsms.store.schema import insert_into


def add(tx: Connection, fresh: Mapping[str, int], within: timedelta, now: datetime) -> None:
    """Count misses of these places, in one statement; what is older than `within` counts a quarter, then nothing."""
    rows = [{"place": place, "count": count, "first_at": now, "last_at": now} for place, count in sorted(fresh.items())]
    insert, old = insert_into(miss_table, tx.dialect.name).values(rows), miss_table.c.first_at < now - within
    counted = {
        "count": case((old, miss_table.c.count // 4), else_=miss_table.c.count) + insert.excluded.count,
        "first_at": case((old, insert.excluded.first_at), else_=miss_table.c.first_at),
        "last_at": now,
    }
    tx.execute(delete(miss_table).where(miss_table.c.last_at < now - within))
    tx.execute(insert.on_conflict_do_update(index_elements=["place"], set_=counted))


def many(tx: Connection, least: int, within: timedelta, now: datetime, rows: int) -> dict[str, datetime]:
    """When those who missed so often did so last, at most so many of them, the latest."""
    query = select(miss_table).where(miss_table.c.last_at > now - within, miss_table.c.count >= least)
    latest = tx.execute(query.order_by(miss_table.c.last_at.desc()).limit(rows))
    return {row.place: row.last_at for row in latest}
