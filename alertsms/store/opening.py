"""Opens the store for a run: tables of today, and what the last run left in the middle."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import make_url

from alertsms.core.routing.roster import Roster
from alertsms.logs import event
from alertsms.store import channels, comparison, maintenance, messages, settings
from alertsms.store.engine import Store
from alertsms.store.migrate import migrate

log = logging.getLogger("alertsms")


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """A store that is ready for work."""

    store: Store
    installation: str  # what the tag of each of its messages begins with
    since: datetime | None  # up to when the last run wrote to it; None: it has no past that OVHcloud could know
    restored: bool  # somebody put a backup in its place


def open_store(url: str, clock: Callable[[], datetime], roster: Roster) -> Opened:
    """Open, migrate and tidy up. Raises StoreError where the store cannot be used."""
    store = Store(url)
    try:
        return _opened(store, clock, roster)
    except BaseException:
        store.close()
        raise


def _opened(store: Store, clock: Callable[[], datetime], roster: Roster) -> Opened:
    before = migrate(store)
    if before:
        event(log, logging.INFO, "store migrated", before=before, store=_place(store))
    store.transact(lambda tx: channels.adopt_earlier(tx, roster))
    now = clock()
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
    lost = store.transact(lambda tx: messages.orphans(tx, now, all_of_them=store.sqlite))
    if lost:
        event(log, logging.WARNING, "messages were being sent when the last run ended: OVH is asked", messages=lost)
    return Opened(store=store, installation=installation, since=since, restored=restored)


def _place(store: Store) -> str:
    """Where it is, without its password. A relative path is shown whole: in another folder it is another store."""
    url = make_url(store.url)
    return os.path.realpath(url.database or "") if store.sqlite else url.render_as_string(hide_password=True)
