"""Small things to remember: the credits that are left, when a notice was last given."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from alertsms.store.schema import fact_table, upsert

ALL_LEFT = "logout:all"  # every login before its time is over: a copy of a store does not know who left since


def get(tx: Connection, key: str) -> str | None:
    """The value of a fact."""
    return tx.scalar(select(fact_table.c.value).where(fact_table.c.key == key))


def when(tx: Connection, key: str) -> datetime | None:
    """When a fact was last put."""
    return tx.scalar(select(fact_table.c.at).where(fact_table.c.key == key))


def put(tx: Connection, key: str, value: str, now: datetime) -> None:
    """Remember a fact, in place of what it was."""
    upsert(tx, fact_table, {"key": key, "value": value, "at": now})


def prune(tx: Connection, prefix: str, keep: Collection[str]) -> None:
    """Forget the facts whose keys begin so, but for these."""
    tx.execute(
        delete(fact_table).where(
            fact_table.c.key.startswith(prefix, autoescape=True), fact_table.c.key.not_in(list(keep))
        )
    )


def forget(tx: Connection, prefix: str, before: datetime) -> None:
    """Forget the facts whose keys begin so and that were put before a time."""
    tx.execute(delete(fact_table).where(fact_table.c.key.startswith(prefix, autoescape=True), fact_table.c.at < before))


def once(tx: Connection, key: str, every: timedelta, now: datetime) -> bool:
    """Whether this is the first time in `every`; true for one caller only, however many ask at the same moment."""
    return upsert(tx, fact_table, {"key": key, "value": "", "at": now}, where=fact_table.c.at <= now - every)


LEAST = "least_version"  # of a program that can live with these tables, where a migration took something away
PEOPLE = "people"  # the names of the last configuration, as JSON
RUNG = "rung"  # when a replica last rang the timers
TWIN = "webhook_twin"  # the last alert that came by two names of the webhook, in words


def recent(tx: Connection, key: str, since: datetime) -> str:
    """The value of a fact that was put since then; "" where there is none."""
    return tx.scalar(select(fact_table.c.value).where(fact_table.c.key == key, fact_table.c.at > since)) or ""
