"""Posts as rows: what other channels than SMS are to tell. A claim is a later due time, so no crash can keep one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update
from sqlalchemy.sql.dml import ReturningInsert

from alertsms.core.post import Kind, Post, State
from alertsms.store.schema import insert_into, posts, state_is

_FIELDS = tuple(Post.__dataclass_fields__)
_NEW = tuple(name for name in _FIELDS if name != "id")


def add(tx: Connection, rows: Sequence[Post]) -> int:
    """Store posts; what the same channels are told already is not stored again. Returns how many."""
    if not rows:
        return 0
    values = [{name: getattr(row, name) for name in _NEW} for row in rows]
    return len(tx.execute(_add(tx.dialect.name), values).all())


@cache
def _add(dialect: str) -> ReturningInsert[Any]:
    return insert_into(posts, dialect).on_conflict_do_nothing().returning(posts.c.id)


def claim(tx: Connection, now: datetime, lease: timedelta, most: int, passing_over: Collection[str] = ()) -> list[Post]:
    """Begin an attempt for posts that are due, the oldest first; nobody else begins one within the lease."""
    due = (
        select(posts.c.id)
        .where(state_is(posts.c.state, State.QUEUED), posts.c.due_at <= now)
        .where(posts.c.target.not_in(list(passing_over)))
        .order_by(posts.c.due_at, posts.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    begun = (
        update(posts)
        .where(posts.c.id.in_(due.scalar_subquery()))
        .values(due_at=now + lease, lease_until=now + lease, attempts=posts.c.attempts + 1)
        .returning(posts)
    )
    return sorted((post(row) for row in tx.execute(begun).mappings()), key=lambda each: each.id)


def post(values: Mapping[Any, Any]) -> Post:
    """A row as a value."""
    kept = {name: values[name] for name in _FIELDS}
    kept["kind"], kept["state"] = Kind(kept["kind"]), State(kept["state"])
    return Post(**kept)


_MARK = (
    update(posts)
    .where(posts.c.id == bindparam("row"), posts.c.attempts == bindparam("attempt"))
    .where(state_is(posts.c.state, State.QUEUED))
)
_END = _MARK.values(state=bindparam("end"), error=bindparam("why"), lease_until=None)
_LATER = _MARK.values(due_at=bindparam("at"), error=bindparam("why"), lease_until=None)


def end(tx: Connection, one: Post, state: State, error: str = "") -> bool:
    """Note how the claimed attempt ended for good; false where somebody else began another one since."""
    values = {"row": one.id, "attempt": one.attempts, "end": state, "why": error[:300]}
    return tx.execute(_END, values).rowcount == 1


def later(tx: Connection, one: Post, at: datetime, error: str) -> bool:
    """Note that the claimed attempt was in vain, and when the next one is due; false as in `end`."""
    values = {"row": one.id, "attempt": one.attempts, "at": at, "why": error[:300]}
    return tx.execute(_LATER, values).rowcount == 1


def release(tx: Connection, now: datetime) -> int:
    """Make due what the last run had begun and did not end: it may be told twice, and is not lost."""
    begun = (state_is(posts.c.state, State.QUEUED), posts.c.lease_until.isnot(None))
    return tx.execute(update(posts).where(*begun).values(due_at=now, lease_until=None)).rowcount


def next_due(tx: Connection) -> datetime | None:
    """When the next post is due, if there is one."""
    found: datetime | None = tx.execute(_NEXT).scalar()
    return found


_NEXT = select(func.min(posts.c.due_at, type_=posts.c.due_at.type)).where(state_is(posts.c.state, State.QUEUED))
