"""Opens the store for a run: tables of today, and what the last run left in the middle.

A store that has the newest tables costs one SELECT and no import of alembic.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, inspect, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from alertsms.core.routing.roster import Roster
from alertsms.logs import event
from alertsms.store import channels, comparison, maintenance, outcomes, settings
from alertsms.store.copies import Progress, copy, unseen
from alertsms.store.engine import Store
from alertsms.store.error import StoreError, failure, masked
from alertsms.store.schema import VERSION

log = logging.getLogger("alertsms")
FIRST = "1000"  # the first migration; what is older is carried over to it
CHANGING = "Changing its tables"
LOCK = 0x616C657274736D73  # a number of our own: "alertsms" in ASCII


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """A store that is ready for work."""

    store: Store
    installation: str  # what the tag of each of its messages begins with
    since: datetime | None  # up to when the last run wrote to it; None: it has no past that OVHcloud could know
    restored: bool  # somebody put a backup in its place


def open_store(url: str, clock: Callable[[Store], datetime], roster: Roster) -> Opened:
    """Open, migrate and tidy up; `clock` tells the time that goes with a store.

    Raises StoreError where the store cannot be used.
    """
    store = Store(url)
    try:
        return _opened(store, clock, roster)
    except BaseException:
        store.close()
        raise


def _opened(store: Store, clock: Callable[[Store], datetime], roster: Roster) -> Opened:
    before = migrate(store)
    if before:
        event(log, logging.INFO, "store migrated", before=before, store=_place(store))
    store.transact(lambda tx: channels.adopt_earlier(tx, roster))
    now = clock(store)
    (installation, made), restored = store.transact(
        lambda tx: (comparison.installation(tx, now), settings.get(tx, comparison.RESTORED) is not None)
    )
    if restored:  # before anything is numbered
        store.transact(lambda tx: comparison.number_on(tx, 0))
    since = None if made else store.transact(lambda tx: comparison.unread(tx, now))
    if store.sqlite:  # on PostgreSQL another replica's times, messages and posts are not ours to touch
        behind = store.transact(lambda tx: maintenance.catch_up(tx, now))
        if behind:
            event(
                log,
                logging.WARNING,
                "the clock is behind what the store has seen; pending times were shifted",
                seconds=behind.total_seconds(),
            )
        store.transact(lambda tx: channels.release(tx, now))
    lost = store.transact(lambda tx: outcomes.orphans(tx, now, all_of_them=store.sqlite))
    if lost:
        event(log, logging.WARNING, "messages were being sent when the last run ended: OVH is asked", messages=lost)
    return Opened(store=store, installation=installation, since=since, restored=restored)


def _place(store: Store) -> str:
    """Where it is, without its password. A relative path is shown whole: in another folder it is another store."""
    url = make_url(store.url)
    return os.path.realpath(url.database or "") if store.sqlite else masked(url)


def version(store: Store) -> str | None:
    """The version of the tables; None for an empty database."""
    with store.engine.connect() as connection:
        return version_of(connection)


def version_of(connection: Connection) -> str | None:
    """The version of the tables that a connection leads to; None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return revision


def migrate(store: Store, progress: Progress = unseen) -> str | None:
    """Migrate the store; returns the version it had, or None where there was nothing to do.

    An SQLite file that holds something is copied first, to FILE.before-VERSION-OLD. Newer tables on PostgreSQL are
    used as they are: in a roll-out an older replica starts beside newer ones. Raises StoreError where the tables are
    too new for this program, or cannot be changed.
    """
    try:
        before = version(store)
        if before == VERSION:
            store.begun = True
            return None
        if before and before > VERSION:
            if not store.sqlite and _lives_beside(store, before):
                store.begun = True
                return None
            raise StoreError(
                f"store: its tables are of version {before}, this alertsms knows {VERSION}: run the newer alertsms that"
                " wrote them, or restore the copy that it made"
            )
        if before and store.sqlite:
            path = str(store.engine.url.database)
            copy(Path(path), Path(f"{path}.before-{VERSION}-{before}"), "Copying the store first", progress)
        _upgrade(store, progress)
        store.begun = True
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise failure(f"store: its tables cannot be brought to version {VERSION}", error) from error
    return before or "empty"


def _lives_beside(store: Store, version: str) -> bool:
    """Whether this program may use newer tables: within a major version they were only added to, unless they say else.

    A migration that takes something away notes the oldest version of a program that can do without it.
    """
    least = store.read(lambda tx: settings.get(tx, settings.LEAST)) or FIRST
    return version[0] == VERSION[0] and least <= VERSION


def _upgrade(store: Store, progress: Progress) -> None:
    """Take every step inside one transaction of our own: all of them, or none."""
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    from alertsms.store.migrations.earlier import carry_over

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    scripts = ScriptDirectory.from_config(config)
    with store.engine.begin() as connection:
        if not store.sqlite:  # two replicas may start at the same moment: the second finds nothing left to do
            connection.execute(text("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0"))
            connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
            connection.execute(text("SET LOCAL lock_timeout = 2000"))  # others wait behind whoever waits for a table
        before = version_of(connection)
        if before and before >= VERSION:  # another one did it meanwhile
            return
        earlier = before is not None and before < FIRST
        steps = earlier + len(list(scripts.iterate_revisions("head", FIRST if earlier else before or "base")))
        done = iter(range(1, steps + 1))
        progress(CHANGING, 0, steps)
        if earlier:
            carry_over(connection, scripts.get_revision(FIRST).module.TABLES, FIRST)
            progress(CHANGING, next(done), steps)
        config.attributes["connection"] = connection
        config.attributes["applied"] = lambda **_: progress(CHANGING, next(done, steps), steps)
        command.upgrade(config, "head")
