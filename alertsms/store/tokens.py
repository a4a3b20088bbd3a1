"""Links in SMS as rows: whoever opens one is its person, and answers for exactly what the SMS is about."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, insert, or_, select

from alertsms.core.incident import State
from alertsms.core.link import ALPHABET, LENGTH
from alertsms.store.schema import Time, messages, pages, tokens
from alertsms.store.schema import incidents as incident_rows

KEPT = timedelta(hours=24)  # after the end of what a link is about


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """What one link is for: an incident, a digest, or a number to be confirmed."""

    token: str
    person: str
    incident_id: int | None = None
    digest: int | None = None
    number: str | None = None  # E.164
    created_at: datetime


def new() -> str:
    """A token that nobody can guess."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def add(tx: Connection, rows: Sequence[Token]) -> None:
    """Store tokens, in one statement."""
    if rows:
        tx.execute(insert(tokens), [asdict(row) for row in rows])


def find(tx: Connection, token: str, now: datetime) -> Token | None:
    """What a link is for, while something of that is not over, and for a day more; else None."""
    row = tx.execute(_FIND, {"token": token, "since": now - KEPT}).mappings().first()
    return Token(**{name: row[name] for name in Token.__dataclass_fields__}) if row else None


_SINCE = bindparam("since", type_=Time)
_LASTS = (incident_rows.c.state != State.CLOSED) | (incident_rows.c.closed_at > _SINCE)
_OWN = select(incident_rows.c.id).where(incident_rows.c.id == tokens.c.incident_id, _LASTS).exists()
_COVERED = (
    select(incident_rows.c.id)
    .join(pages, pages.c.incident_id == incident_rows.c.id)
    .join(messages, pages.c.message_id == messages.c.id)
    .where(messages.c.digest == tokens.c.digest, _LASTS)
    .exists()
)
_LIVES = or_(tokens.c.created_at > _SINCE, _OWN, _COVERED)
_FIND = select(tokens).where(tokens.c.token == bindparam("token"), _LIVES)


def prune(tx: Connection, now: datetime, rows: int) -> int:
    """Forget links that lead nowhere any more, at most so many; returns how many."""
    dead = select(tokens.c.token).where(tokens.c.created_at <= _SINCE, ~_OWN, ~_COVERED).limit(rows)
    return tx.execute(delete(tokens).where(tokens.c.token.in_(dead.scalar_subquery())), {"since": now - KEPT}).rowcount
