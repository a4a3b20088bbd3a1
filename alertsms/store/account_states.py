"""What SMS accounts said of themselves to any replica: why one takes nothing, when calls were too many, its credits.

An account's row is what all are to believe. A row of an account and a replica says that this one alone cannot reach it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, or_, select

from alertsms.store.replica_tables import account_table
from alertsms.store.schema import fact_table, insert_into, upsert

KEPT = timedelta(days=90)  # what no replica has said since is of accounts, and of replicas, that are gone
TOLD = "told:"  # fact, and the account's name: operators know that it takes nothing, and not yet that it does


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountState:
    """One row."""

    account: str  # its mark, and behind a stroke the replica that cannot reach it
    at: datetime  # when its cause was written
    cause: str = ""  # "" while it works
    why: str = ""
    fix: str = ""
    slowed_at: datetime | None = None  # when a 429 came last
    credits: float | None = None  # that are left


def every(tx: Connection, marks: Collection[str]) -> dict[str, AccountState]:
    """What is known of some accounts, and who cannot reach them."""
    ours = or_(*(account_table.c.account.startswith(mark, autoescape=True) for mark in marks))
    return {row["account"]: AccountState(**row) for row in tx.execute(select(account_table).where(ours)).mappings()}


def put(tx: Connection, account: str, now: datetime, changed: dict[str, Any]) -> None:
    """Write some columns of a row, which is there afterwards."""
    row = {"account": account, "cause": "", "why": "", "fix": "", "at": now, **changed}
    insert = insert_into(account_table, tx.dialect.name).values(row)
    tx.execute(insert.on_conflict_do_update(index_elements=["account"], set_=changed))


def drop(tx: Connection, account: str, now: datetime) -> None:
    """Forget a row, and what is of long ago."""
    tx.execute(delete(account_table).where(or_(account_table.c.account == account, account_table.c.at < now - KEPT)))


def begin_notice(tx: Connection, account: str, now: datetime) -> bool:
    """Note that operators are told of an account that takes nothing; false where they were."""
    return upsert(tx, fact_table, {"key": TOLD + account, "value": "", "at": now}, where=fact_table.c.key.is_(None))


def end_notice(tx: Connection, account: str) -> bool:
    """Note that they are told of the end; false where they were not told that it began, or of its end as well."""
    return tx.execute(delete(fact_table).where(fact_table.c.key == TOLD + account)).rowcount == 1


def noticed(tx: Connection) -> set[str]:
    """The names of accounts of whose trouble operators know, and not of its end."""
    told = select(fact_table.c.key).where(fact_table.c.key.startswith(TOLD, autoescape=True))
    return {key.removeprefix(TOLD) for key in tx.scalars(told)}
