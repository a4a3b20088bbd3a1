"""What opens something, as the store knows it: links in SMS as they are, all other secrets by their hashes alone.

Whoever opens a link is its person, and answers for exactly what the SMS is about. No copy of a store opens the API or
calls back receipts; what version 0 kept in clear is taken out of it here.
"""

from __future__ import annotations

import re
import secrets
import sqlite3
from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import count

from sqlalchemy import Column, ColumnElement, Connection, bindparam, delete, insert, or_, select, update

from alertsms.core.incidents.incident import IncidentState
from alertsms.core.messages.notification import NotificationKind
from alertsms.core.text.subject import ALPHABET, LENGTH, LINK_PATH, POSTED_LENGTH
from alertsms.store import settings
from alertsms.store.engine import Store
from alertsms.store.error import failure
from alertsms.store.maintenance import following
from alertsms.store.replica_tables import api_tokens
from alertsms.store.schema import (
    Time,
    fact_table,
    incident_table,
    insert_into,
    message_table,
    notification_table,
    tokens,
    upsert,
)

KEPT = timedelta(hours=24)  # after the end of what a link is about
KEY = "key"  # the fingerprint of the root key
ADDRESS = "receipts-by:"  # and the hash of a secret: receipts are called back by it, or were
ADDRESS_KEPT = timedelta(days=7)  # after it was last in use
GONE = timedelta(minutes=10)  # a key that nobody showed for so long is nobody's any more
CLEAR = ("api_token", "page_secret", "receipt_secret")  # what version 0 kept as it is
CONFIG = "config"  # its last good configuration
MOST_FREED = 64  # MiB of unused pages that a start takes the time to overwrite


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


_FIELDS = tuple(Token.__dataclass_fields__)


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
    .join(notification_table, notification_table.c.incident_id == incident_table.c.id)
    .join(message_table, notification_table.c.message_id == message_table.c.id)
    .where(message_table.c.digest == tokens.c.digest, _LASTS)
    .exists()
)
_FIND = select(tokens).where(tokens.c.token == bindparam("token"), or_(tokens.c.created_at > _SINCE, _OWN, _COVERED))


def prune(tx: Connection, now: datetime, rows: int, after: datetime) -> datetime | None:
    """Forget links that lead nowhere any more, and take them out of texts.

    Looks at `rows` of those made since `after`; returns from when on there is more to look at, None at the end.
    """
    lasts = or_(_OWN, _COVERED).label("lasts")
    old = select(tokens, lasts).where(tokens.c.created_at.between(after, bindparam("since", type_=Time)))
    seen = tx.execute(old.order_by(tokens.c.created_at).limit(rows), {"since": now - KEPT}).all()
    dead = [Token(**{name: getattr(row, name) for name in _FIELDS}) for row in seen if not row.lasts]
    if dead:
        _cut(tx, dead)
        tx.execute(delete(tokens).where(tokens.c.token.in_([link.token for link in dead])))
    return following([row.created_at for row in seen], rows, after)


def _cut(tx: Connection, dead: Sequence[Token]) -> None:
    """Take links out of the texts that they went with: in an old backup they would lead somewhere again."""
    names = {link.token for link in dead}
    people = {link.person for link in dead if link.number}
    about = select(notification_table.c.message_id).where(
        notification_table.c.incident_id.in_({link.incident_id for link in dead})
    )
    for column, chosen in (
        (message_table.c.text, message_table.c.id.in_(about.scalar_subquery())),
        (message_table.c.text, message_table.c.digest.in_({link.digest for link in dead})),
        (message_table.c.text, message_table.c.person.in_(people) & (message_table.c.kind == NotificationKind.NOTICE)),
        (
            notification_table.c.note,
            notification_table.c.person.in_(people) & (notification_table.c.kind == NotificationKind.NOTICE),
        ),
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


def hashed(secret: str) -> str:
    """By what the store knows a secret again. A plain hash is enough for 18 random bytes and more."""
    return sha256(secret.encode("utf-8", "replace")).hexdigest()


def show_key(tx: Connection, fingerprint: str, now: datetime, *, alone: bool) -> bool:
    """Whether this is the store's key; it becomes so where no other one is shown, or could be: `alone`."""
    where = None if alone else or_(fact_table.c.value == fingerprint, fact_table.c.at <= now - GONE)
    return upsert(tx, fact_table, {"key": KEY, "value": fingerprint, "at": now}, where)


def use_address(tx: Connection, known: str, now: datetime) -> None:
    """Receipts are called back by the secret of this hash."""
    settings.put(tx, ADDRESS + known, "", now)


def addresses(tx: Connection, now: datetime) -> frozenset[str]:
    """Hashes of the secrets that receipts may be called back by, that of version 0 with them."""
    recent = (fact_table.c.key.startswith(ADDRESS, autoescape=True), fact_table.c.at > now - ADDRESS_KEPT)
    kept = {str(key).removeprefix(ADDRESS) for key in tx.execute(select(fact_table.c.key).where(*recent)).scalars()}
    before = settings.get(tx, "receipt_secret")
    return frozenset(kept | {hashed(before)} if before else kept)


def retire(store: Store, now: datetime, *, config: bool) -> int | None:
    """Take what version 0 kept in clear out; None where there was nothing.

    On SQLite its bytes are overwritten, in unused pages too, since older copies lie there; returns how many of those
    pages are left. PostgreSQL gives deleted rows back by itself (autovacuum).
    """
    keys = [*CLEAR, *([CONFIG] if config else [])]
    kept = store.read(lambda tx: tx.execute(select(fact_table.c.key).where(fact_table.c.key.in_(keys))).first())
    if not kept:
        return None
    left = store.transact(lambda tx: _retire(tx, keys, now))
    if store.sqlite:
        _shorten_log(str(store.engine.url.database))
    return left


def _retire(tx: Connection, keys: Collection[str], now: datetime) -> int:
    address = settings.get(tx, "receipt_secret")
    if address:
        use_address(tx, hashed(address), now)
    if tx.dialect.name != "sqlite":
        tx.execute(delete(fact_table).where(fact_table.c.key.in_(keys)))
        return 0
    before = int(tx.exec_driver_sql("PRAGMA secure_delete").scalar_one())  # on already in some builds
    tx.exec_driver_sql("PRAGMA secure_delete=ON").all()
    try:
        kept = [dict(row) for row in tx.execute(select(fact_table).where(fact_table.c.key.not_in(keys))).mappings()]
        tx.execute(delete(fact_table))  # all of them: then SQLite overwrites whole pages
        if kept:
            tx.execute(insert(fact_table), kept)
        return _overwrite_unused(tx)
    finally:
        tx.exec_driver_sql(f"PRAGMA secure_delete={before}").all()


def _overwrite_unused(tx: Connection) -> int:
    """Fill unused pages and give them back, which overwrites them; returns how many were left as they are."""
    size = int(tx.exec_driver_sql("PRAGMA page_size").scalar_one())
    tx.exec_driver_sql("CREATE TABLE unused (bytes BLOB)")
    for _ in range(MOST_FREED):
        pages = _unused(tx)
        if not pages:
            break
        tx.exec_driver_sql("INSERT INTO unused VALUES (zeroblob(?))", (min(pages * size, 1 << 20),))
    left = _unused(tx)
    tx.exec_driver_sql("DROP TABLE unused")
    return left


def _unused(tx: Connection) -> int:
    return int(tx.exec_driver_sql("PRAGMA freelist_count").scalar_one())


def _shorten_log(path: str) -> None:
    """Write all of the log into the file and cut it to nothing: old pages stand in it too. Raises StoreError."""
    try:
        with closing(sqlite3.connect(path, timeout=5.0)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except sqlite3.Error as error:
        raise failure(f"store: the log of {path} cannot be shortened", error) from error
