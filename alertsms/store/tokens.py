"""Tokens as rows: those of links in SMS, and those for the API that people made.

Whoever opens a link is its person, and answers for exactly what the SMS is about. Of a token for the API the store has
the hash alone, so that no copy of it opens anything.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import count

from sqlalchemy import Column, ColumnElement, Connection, bindparam, delete, insert, or_, select, update

from alertsms.core.incidents.incident import IncidentState
from alertsms.core.messages.notification import NotificationKind
from alertsms.core.text.link import ALPHABET, LENGTH, LINK_PATH, POSTED_LENGTH
from alertsms.store.schema import Time, api_tokens, incident_table, insert_into, message_table, page_table, tokens

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

    @property
    def by_sms(self) -> bool:
        """Whether it went by SMS: that of a post to another channel proves nothing of a phone."""
        return len(self.token) == LENGTH


def new(*, posted: bool = False) -> str:
    """A token that nobody can guess, for an SMS or for what is `posted` to a channel."""
    return "".join(secrets.choice(ALPHABET) for _ in range(POSTED_LENGTH if posted else LENGTH))


def add(tx: Connection, rows: Sequence[Token]) -> None:
    """Store tokens, in one statement."""
    if rows:
        tx.execute(insert(tokens), [asdict(row) for row in rows])


def find(tx: Connection, token: str, now: datetime) -> Token | None:
    """What a link is for, while something of that is not over, and for a day more; else None."""
    row = tx.execute(_FIND, {"token": token, "since": now - KEPT}).mappings().first()
    return Token(**row) if row else None


_SINCE = bindparam("since", type_=Time)
_LASTS = (incident_table.c.state != IncidentState.CLOSED) | (incident_table.c.closed_at > _SINCE)
_OWN = select(incident_table.c.id).where(incident_table.c.id == tokens.c.incident_id, _LASTS).exists()
_COVERED = (
    select(incident_table.c.id)
    .join(page_table, page_table.c.incident_id == incident_table.c.id)
    .join(message_table, page_table.c.message_id == message_table.c.id)
    .where(message_table.c.digest == tokens.c.digest, _LASTS)
    .exists()
)
_FIND = select(tokens).where(tokens.c.token == bindparam("token"), or_(tokens.c.created_at > _SINCE, _OWN, _COVERED))


def prune(tx: Connection, now: datetime, rows: int) -> int:
    """Forget links that lead nowhere any more, at most so many, and take them out of texts; returns how many."""
    chosen = select(tokens).where(tokens.c.created_at <= _SINCE, ~_OWN, ~_COVERED).limit(rows)
    dead = [Token(**row) for row in tx.execute(chosen, {"since": now - KEPT}).mappings()]
    if dead:
        _cut(tx, dead)
        tx.execute(delete(tokens).where(tokens.c.token.in_([link.token for link in dead])))
    return len(dead)


def _cut(tx: Connection, dead: Sequence[Token]) -> None:
    """Take links out of the texts that they went with: in an old backup they would lead somewhere again."""
    names = {link.token for link in dead}
    people = {link.person for link in dead if link.number}
    about = select(page_table.c.message_id).where(page_table.c.incident_id.in_({link.incident_id for link in dead}))
    for column, chosen in (
        (message_table.c.text, message_table.c.id.in_(about.scalar_subquery())),
        (message_table.c.text, message_table.c.digest.in_({link.digest for link in dead})),
        (message_table.c.text, message_table.c.person.in_(people) & (message_table.c.kind == NotificationKind.NOTICE)),
        (page_table.c.note, page_table.c.person.in_(people) & (page_table.c.kind == NotificationKind.NOTICE)),
    ):
        _rewrite(tx, column, chosen, names)


def _rewrite(tx: Connection, column: Column[str], chosen: ColumnElement[bool], names: Collection[str]) -> None:
    table = column.table
    texts = tx.execute(select(table.c.id, column).where(chosen, column.contains(LINK_PATH, autoescape=True))).all()
    cut = [{"row": row, "words": said} for row, text in texts if (said := _without(text, names)) != text]
    if cut:
        chosen_row = table.c.id == bindparam("row")
        tx.execute(update(table).where(chosen_row).values({column: bindparam("words")}), cut)


_LINK = re.compile(rf"\s?https?://\S+?{LINK_PATH}([{ALPHABET}]+)")


def _without(text: str, names: Collection[str]) -> str:
    return _LINK.sub(lambda match: "" if match[1] in names else match[0], text)


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiToken:
    """One token, as far as the store knows it."""

    name: str
    hash: str
    full: bool  # it may act too, not only read
    created_at: datetime


def for_api(tx: Connection) -> list[ApiToken]:
    """All of them, the oldest first."""
    query = select(api_tokens).order_by(api_tokens.c.created_at, api_tokens.c.name)
    return [ApiToken(**row) for row in tx.execute(query).mappings()]


def add_for_api(tx: Connection, token: ApiToken) -> bool:
    """Store one; false where there is one of that name."""
    row = insert_into(api_tokens, tx.dialect.name).values(**asdict(token)).on_conflict_do_nothing()
    return tx.execute(row.returning(api_tokens.c.name)).first() is not None


def revoke(tx: Connection, name: str, known: str) -> str | None:
    """Forget the one of this name or hash, so that it opens nothing any more; returns its name, None where none is."""
    named = or_(api_tokens.c.name == name, api_tokens.c.hash == known)
    return tx.scalar(delete(api_tokens).where(named).returning(api_tokens.c.name))


def unused_name(tx: Connection) -> str:
    """A name for a token that was given none: token-1, token-2 and so on."""
    taken = set(tx.execute(select(api_tokens.c.name)).scalars())
    return next(name for number in count(1) if (name := f"token-{number}") not in taken)
