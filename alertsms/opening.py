"""Opens the store for a run: tables of today, and what the last run left in the middle."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import make_url

from alertsms.logs import event
from alertsms.store import outbox, posts, upkeep
from alertsms.store.engine import Store
from alertsms.store.migrate import migrate

log = logging.getLogger("alertsms")


def open_store(url: str, clock: Callable[[], datetime]) -> Store:
    """Open, migrate and tidy up. Raises StoreError where the store cannot be used."""
    store = Store(url)
    try:
        _prepare(store, clock)
    except BaseException:
        store.close()
        raise
    return store


def _prepare(store: Store, clock: Callable[[], datetime]) -> None:
    before = migrate(store)
    if before:
        event(log, logging.INFO, "store migrated", before=before, store=_place(store))
    now = clock()
    if store.sqlite:  # on PostgreSQL another replica's times, messages and posts are not ours to touch
        behind = store.transact(lambda tx: upkeep.catch_up(tx, now))
        if behind:
            event(log, logging.WARNING, "the clock is behind what the store has seen; pending times were shifted",
                  seconds=behind.total_seconds())  # fmt: skip
        store.transact(lambda tx: posts.release(tx, now))
    lost = store.transact(lambda tx: outbox.orphans(tx, now, all_of_them=store.sqlite))
    if lost:
        event(log, logging.WARNING, "messages were being sent when the last run ended: OVH is asked", messages=lost)


def _place(store: Store) -> str:
    """Where it is, without its password. A relative path is shown whole: in another folder it is another store."""
    url = make_url(store.url)
    return os.path.realpath(url.database or "") if store.sqlite else url.render_as_string(hide_password=True)
