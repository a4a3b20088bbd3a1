"""The tables: made and brought forward by migrations, and the same as those that the code knows."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

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
        "alembic_version", "events", "facts", "incidents", "messages", "pages", "posts",
    }  # fmt: skip


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
    with pytest.raises(StoreError, match="its tables are of version 9999, this alertsms knows 0001: run the newer"):
        migrate(bare)


def test_an_older_file_is_copied_before_it_changes(bare, tmp_path, monkeypatch):
    migrate(bare)
    with bare.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    upgraded = []
    monkeypatch.setattr(migrations, "_upgrade", upgraded.append)
    assert migrate(bare) == "0000"
    assert upgraded == [bare]
    if not bare.sqlite:
        return
    copy = tmp_path / "alertsms.db.before-0001-0000"
    assert copy.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(copy)) as old:
        assert old.execute("SELECT version_num FROM alembic_version").fetchall() == [("0000",)]


def test_a_migration_that_fails_leaves_everything_as_it_was(bare):
    with bare.engine.begin() as connection:
        connection.execute(text("CREATE TABLE messages (id INTEGER PRIMARY KEY)"))
    with pytest.raises(StoreError, match="cannot be brought to version 0001"):
        migrate(bare)
    assert inspect(bare.engine).get_table_names() == ["messages"]


def test_an_old_file_that_cannot_be_copied_is_not_changed(bare, tmp_path):
    if not bare.sqlite:
        pytest.skip("only files are copied")
    migrate(bare)
    with bare.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    (tmp_path / "alertsms.db.before-0001-0000").mkdir()
    with pytest.raises(StoreError, match="cannot be brought"):
        migrate(bare)
