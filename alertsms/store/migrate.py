"""Brings the tables to the newest version; a store that has it costs one SELECT and no import of alembic."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.exc import SQLAlchemyError

from alertsms.store.copies import made_anew
from alertsms.store.engine import Store, StoreError, failure
from alertsms.store.schema import VERSION

LOCK = 0x616C657274736D73  # a number of our own: "alertsms" in ASCII


def version(store: Store) -> str | None:
    """The version of the tables; None for an empty database."""
    with store.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return found


def migrate(store: Store) -> str | None:
    """Migrate the store; returns the version it had, or None where there was nothing to do.

    An SQLite file that holds something is copied first, to FILE.before-VERSION-OLD. Raises StoreError where the
    tables are newer than this program, or cannot be changed.
    """
    try:
        before = version(store)
        if before == VERSION:
            store.begun = True
            return None
        if before and before > VERSION:
            raise StoreError(
                f"store: its tables are of version {before}, this alertsms knows {VERSION}: run the newer alertsms that"
                " wrote them, or restore the copy that it made"
            )
        if before and store.sqlite:
            _copy(Path(str(store.engine.url.database)), before)
        _upgrade(store)
        store.begun = True
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise failure(f"store: its tables cannot be brought to version {VERSION}", error) from error
    return before or "empty"


def _copy(path: Path, before: str) -> None:
    """Copy the file as a whole, what is still in its log included; for the same eyes only."""
    target = Path(f"{path}.before-{VERSION}-{before}")
    target.unlink(missing_ok=True)  # of an upgrade that was cut off
    made_anew(target)
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)


def _upgrade(store: Store) -> None:
    """Run alembic inside one transaction of our own."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with store.engine.begin() as connection:
        if not store.sqlite:  # two replicas may start at the same moment: the second finds nothing left to do
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
