"""The tables: made and brought forward by migrations, and the same as those that the code knows."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from alertsms.core.incidents.incident import IncidentState
from alertsms.store import incidents
from alertsms.store import migrate as migrations
from alertsms.store.engine import Store, StoreError
from alertsms.store.migrate import migrate, version
from alertsms.store.schema import VERSION, metadata


@pytest.fixture
def bare(bare_url):
    store = Store(bare_url)
    yield store
    store.close()


def test_an_empty_database_gets_all_tables(bare):
    assert version(bare) is None
    assert migrate(bare) == "empty"
    assert version(bare) == VERSION
    assert set(inspect(bare.engine).get_table_names()) == {
        "alembic_version",
        "api_tokens",
        "confirmations",
        "events",
        "facts",
        "heartbeats",
        "incidents",
        "messages",
        "pages",
        "pauses",
        "tokens",
    }


def test_a_database_of_this_version_costs_no_migration(bare):
    migrate(bare)
    assert migrate(bare) is None


def test_migrations_and_code_know_the_same_tables(bare):
    migrate(bare)
    with bare.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_migrations_and_code_know_the_same_indexes(bare):
    """Alembic does not compare the condition of a partial index."""
    if not bare.sqlite:
        pytest.skip("the text of an index is told by SQLite")
    migrate(bare)
    query = text("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name")
    made = {name: _plain(sql) for name, sql in bare.read(lambda tx: tx.execute(query).all())}
    with bare.engine.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
        metadata.drop_all(connection)
        metadata.create_all(connection)
    known = {name: _plain(sql) for name, sql in bare.read(lambda tx: tx.execute(query).all())}
    assert made == known


def _plain(sql: str) -> str:
    return " ".join(sql.split())


def test_a_newer_version_is_refused(bare):
    migrate(bare)
    with bare.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(
        StoreError, match=f"its tables are of version 9999, this alertsms knows {VERSION}: run the newer"
    ):
        migrate(bare)


def test_an_older_file_is_copied_before_it_changes(bare, tmp_path, monkeypatch):
    migrate(bare)
    with bare.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    upgraded = []
    monkeypatch.setattr(migrations, "_upgrade", lambda store, *_: upgraded.append(store))
    assert migrate(bare) == "0000"
    assert upgraded == [bare]
    if not bare.sqlite:
        return
    copy = tmp_path / f"alertsms.db.before-{VERSION}-0000"
    assert copy.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(copy)) as old:
        assert old.execute("SELECT version_num FROM alembic_version").fetchall() == [("0000",)]


def test_a_migration_that_fails_leaves_everything_as_it_was(bare):
    with bare.engine.begin() as connection:
        connection.execute(text("CREATE TABLE messages (id INTEGER PRIMARY KEY)"))
    with pytest.raises(StoreError, match=f"cannot be brought to version {VERSION}"):
        migrate(bare)
    assert inspect(bare.engine).get_table_names() == ["messages"]


def test_an_old_file_that_cannot_be_copied_is_not_changed(bare, tmp_path):
    if not bare.sqlite:
        pytest.skip("only files are copied")
    migrate(bare)
    with bare.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    (tmp_path / f"alertsms.db.before-{VERSION}-0000").mkdir()
    assert version(bare) == "0000"
    with pytest.raises(StoreError, match="cannot be brought"):
        migrate(bare)


FIRST_INCIDENT = """
INSERT INTO incidents (id, key, team, state, reason, current, severity, labels, annotations, place, truncated, receiver,
    source, opened_at, last_seen_at, acked_by, episode, round, paged)
VALUES (42, :key, 'ops', 'open', 'firing', true, 1, '{}', '{}', '', 0, '', 'alertmanager', 1, 1, '', 0, 0, 1)
"""


def test_what_an_older_version_wrote_goes_on(bare):
    """A store of the first version, with an open incident in it."""
    upgrade_to(bare, "0001")
    assert version(bare) == "0001"
    with bare.engine.begin() as connection:
        connection.execute(text(FIRST_INCIDENT), {"key": b"k" * 16})
    steps = []
    assert migrate(bare, lambda *step: steps.append(step)) == "0001"
    changing = [(done, total) for what, done, total in steps if what == "Changing its tables"]
    assert changing == [(done, len(changing) - 1) for done in range(len(changing))]
    [one] = bare.transact(lambda tx: incidents.get(tx, [42]))
    assert (one.id, one.state, one.step, one.began, one.closings, one.step_sent_at) == (
        42,
        IncidentState.OPEN,
        0,
        0,
        (),
        None,
    )


POST = """
INSERT INTO posts (id, target, incident_id, kind, episode, nth, text, created_at, due_at, state, attempts, lease_until,
    error, took)
VALUES (:id, :target, :incident, :kind, 0, 0, :text, 5, 7, :state, :attempts, :lease, :error, :took)
"""
NO_POST = {
    "id": 1,
    "target": "global",
    "incident": 42,
    "kind": "unsent",
    "text": "",
    "state": "queued",
    "attempts": 0,
    "lease": None,
    "error": "",
    "took": "",
}
PAGE = """
INSERT INTO pages (incident_id, person, team, kind, priority, due_at, created_at, state, episode, nth, phone, plain,
    note)
VALUES (42, 'alice', 'ops', 'page', 0, 5, 5, 'queued', 0, 0, 0, false, '')
"""


def test_what_waited_for_channels_goes_on_in_the_one_queue(bare):
    """No migration knows the channels: what waits moves to them later, but for those that have it."""
    upgrade_to(bare, "0006")
    posts = [
        NO_POST,
        NO_POST | {"id": 2, "target": "person:alice", "kind": "page", "attempts": 3, "took": "aa bb ", "error": "no"},
        NO_POST | {"id": 3, "target": "team:db", "state": "sent", "attempts": 1, "took": "aa "},
        NO_POST | {"id": 4, "target": "team:web", "state": "sent", "attempts": 1},
        NO_POST | {"id": 5, "incident": None, "kind": "notice", "text": "low", "attempts": 1, "lease": 7},
        NO_POST | {"id": 6, "kind": "resolved", "state": "dropped"},
        NO_POST | {"id": 8, "kind": "unheard", "state": "failed"},
    ]
    with bare.engine.begin() as connection:
        connection.execute(text(FIRST_INCIDENT), {"key": b"k" * 16})
        connection.execute(text(PAGE))
        connection.execute(text(POST), posts)
    assert migrate(bare) == "0006"
    columns = "person, destination, kind, state, attempts, note, error, lease_until"
    query = text(f"SELECT {columns} FROM pages ORDER BY id")
    assert bare.read(lambda tx: [tuple(row) for row in tx.execute(query)]) == [
        ("alice", "sms", "page", "queued", 0, "", "", None),
        ("global", "", "unsent", "queued", 0, "", "", None),
        ("person:alice", "aa", "page", "sent", 3, "", "", None),
        ("person:alice", "bb", "page", "sent", 3, "", "", None),
        ("person:alice", "", "page", "queued", 3, "", "no", None),
        ("team:db", "aa", "unsent", "sent", 1, "", "", None),
        ("team:web", "", "unsent", "sent", 1, "", "", None),
        ("global", "", "notice", "queued", 1, "low", "", 7),
    ]
    assert "posts" not in inspect(bare.engine).get_table_names()


def upgrade_to(store, revision):
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent / "migrations"))
    with store.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
