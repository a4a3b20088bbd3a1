"""What the store knows of secrets: hashes alone. What an older version kept in clear is taken out of it here."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from contextlib import closing
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection, delete, insert, or_, select

from alertsms.store import settings
from alertsms.store.engine import Store, failure
from alertsms.store.schema import fact_table, upsert

KEY = "key"  # the fingerprint of the root key
ADDRESS = "receipts-by:"  # and the hash of a secret: receipts are called back by it, or were
ADDRESS_KEPT = timedelta(days=7)  # after it was last in use
GONE = timedelta(minutes=10)  # a key that nobody showed for so long is nobody's any more
CLEAR = ("api_token", "page_secret", "receipt_secret")  # what version 0 kept as it is
CONFIG = "config"  # its last good configuration
MOST_FREED = 64  # MiB of unused pages that a start takes the time to overwrite


def hashed(secret: str) -> str:
    """By what the store knows a secret again. A plain hash is enough for 18 random bytes and more."""
    return sha256(secret.encode("utf-8", "replace")).hexdigest()


def show(tx: Connection, fingerprint: str, now: datetime, *, alone: bool) -> bool:
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
