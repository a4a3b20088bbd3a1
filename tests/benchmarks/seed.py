"""A store with many queued pages, filled by copying what one alert for each team leaves in it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from alertsms.config import read
from alertsms.context import Clock
from alertsms.core.alerts.payload import parse
from alertsms.core.incidents.intake import decide
from alertsms.store import apply, incidents
from alertsms.store.engine import Store
from alertsms.store.opening import migrate
from tests.benchmarks.body import body
from tests.benchmarks.server import config


def seed(folder: Path, *, teams: int, rows: int) -> None:
    """Make a store of about `rows` incidents, each with one queued page, over as many people as there are teams."""
    chosen = read(config(folder, provider=1, teams=teams, in_flight=1, port=1).read_text(), file="", environ={})
    store = Store(chosen.store)
    try:
        migrate(store)
        _one_each(store, chosen.roster, teams)
    finally:
        store.close()
    _copy(folder / "alertsms.db", teams, max(rows // teams, 1))


def _one_each(store: Store, roster, teams: int) -> None:
    now = Clock()()
    for team in range(teams):
        alerts = parse(body(team, f"t{team}"), name="", ignore_labels=roster.ignore_labels).alerts

        def page(tx, alerts=alerts) -> None:
            decision = decide(alerts, incidents.find(tx, [alert.key for alert in alerts]), roster, now)
            changes = incidents.save(tx, list(decision.changes.values()))
            apply.notify(tx, changes, roster, now)

        store.transact(page)


def _copy(file: Path, teams: int, each: int) -> None:
    """Copy incident and page number 1 to `teams` until each team has `each`; everything but numbers and keys stays."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("BEGIN")
    for table in ("incidents", "pages"):
        names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        changed = {
            "id": f"id + n * {teams}",
            "incident_id": f"incident_id + n * {teams}",
            "key": "randomblob(16)",
            "due_at": "due_at + n",
            "created_at": "created_at + n",
        }
        values = ", ".join(changed.get(name, f'"{name}"') for name in names)
        quoted = ", ".join(f'"{name}"' for name in names)
        connection.execute(
            f"WITH RECURSIVE many(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n + 1 < {each})"
            f" INSERT INTO {table} ({quoted}) SELECT {values} FROM many, {table} WHERE id <= {teams} ORDER BY n, id"
        )
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
