"""Pauses as rows: those that run, and for a while those that are over."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select, true, update

from alertsms.core.routing.roster import Pause
from alertsms.store.schema import pause_table


def running(tx: Connection, now: datetime) -> tuple[Pause, ...]:
    """The pauses that are not over, by team."""
    query = select(pause_table).where(pause_table.c.ends_at > now).order_by(pause_table.c.team, pause_table.c.id)
    return tuple(
        Pause(team=row.team, begins_at=row.begins_at, ends_at=row.ends_at, by=row.by, reason=row.reason)
        for row in tx.execute(query)
    )


def begin(tx: Connection, wanted: Collection[Pause], now: datetime) -> None:
    """Begin pauses, each in the place of one that its team has: what was said last counts, sooner or later."""
    end(tx, [pause.team for pause in wanted], now)
    tx.execute(insert(pause_table), [asdict(pause) for pause in wanted])


def end(tx: Connection, teams: Collection[str] | None, now: datetime) -> int:
    """End the running pauses of these teams, or all there are; returns how many."""
    whose: ColumnElement[Any] = true() if teams is None else pause_table.c.team.in_(list(teams))
    return tx.execute(update(pause_table).where(pause_table.c.ends_at > now, whose).values(ends_at=now)).rowcount
