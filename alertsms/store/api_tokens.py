"""Tokens for the API that people made: the store has their hashes, so that no copy of it opens anything."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import count

from sqlalchemy import Connection, delete, or_, select

from alertsms.store.schema import api_tokens, insert_into


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiToken:
    """One token, as far as the store knows it."""

    name: str
    hash: str
    full: bool  # it may act too, not only read
    created_at: datetime


def every(tx: Connection) -> list[ApiToken]:
    """All of them, the oldest first."""
    rows = tx.execute(select(api_tokens).order_by(api_tokens.c.created_at, api_tokens.c.name)).mappings()
    return [ApiToken(**row) for row in rows]


def add(tx: Connection, token: ApiToken) -> bool:
    """Store one; false where there is one of that name."""
    row = insert_into(api_tokens, tx.dialect.name).values(**asdict(token)).on_conflict_do_nothing()
    return tx.execute(row.returning(api_tokens.c.name)).first() is not None


def revoke(tx: Connection, name: str, known: str) -> str | None:
    """Forget the one of this name or hash, so that it opens nothing any more; returns its name, None where none is."""
    named = or_(api_tokens.c.name == name, api_tokens.c.hash == known)
    row = tx.execute(delete(api_tokens).where(named).returning(api_tokens.c.name)).first()
    return str(row[0]) if row else None


def unused_name(tx: Connection) -> str:
    """A name for a token that was given none: token-1, token-2 and so on."""
    taken = set(tx.execute(select(api_tokens.c.name)).scalars())
    return next(name for number in count(1) if (name := f"token-{number}") not in taken)
