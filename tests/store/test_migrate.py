"""The tables: made and brought forward by migrations, and the same as those that the code knows."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from alertsms.store import opening, settings
from alertsms.store.engine import Store
from alertsms.store.error import StoreError
from alertsms.store.opening import migrate, version
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
        *("account_states", "configs", "leases", "login_misses", "replicas", "replies"),
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
    assert differences(bare) == []


def differences(store: Store) -> list[object]:
    """What a migration would change to have the tables that the code knows."""
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return compare_metadata(context, metadata)


def test_migrations_and_code_know_the_same_indexes(bare):
    """Alembic does not compare the condition of a partial index."""
    migrate(bare)
    made = indexes(bare)
    with bare.engine.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
        metadata.drop_all(connection)
        metadata.create_all(connection)
    assert len(made) > 20
    assert indexes(bare) == made


INDEXES = {
    True: "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
    False: "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'",
}


def indexes(store: Store) -> dict[str, str]:
    """Each by its name, as the database itself would make it again."""
    rows = store.read(lambda tx: tx.execute(text(INDEXES[store.sqlite])).all())
    return {name: " ".join(sql.split()) for name, sql in rows}


def test_a_newer_version_is_refused(bare):
    migrate(bare)
    with bare.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(
        StoreError, match=f"its tables are of version 9999, this alertsms knows {VERSION}: run the newer"
    ):
        migrate(bare)


def newer(bare: Store, version: str) -> None:
    migrate(bare)
    with bare.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})


def test_an_older_program_starts_beside_newer_ones(bare):
    """On PostgreSQL: in a roll-out it may be started again. On SQLite nobody else is there."""
    newer(bare, "1999")
    if bare.sqlite:
        with pytest.raises(StoreError, match="its tables are of version 1999"):
            migrate(bare)
    else:
        assert migrate(bare) is None
        assert version(bare) == "1999"


def test_newer_tables_may_say_that_an_older_program_cannot_do_without_something(bare):
    newer(bare, "1999")
    bare.transact(lambda tx: settings.put(tx, settings.LEAST, "1998", datetime(2026, 3, 3, tzinfo=UTC)))
    with pytest.raises(StoreError, match="its tables are of version 1999"):
        migrate(bare)


def test_an_older_file_is_copied_before_it_changes(bare, tmp_path, monkeypatch):
    migrate(bare)
    with bare.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    upgraded = []
    monkeypatch.setattr(opening, "_upgrade", lambda store, *_: upgraded.append(store))
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


def test_tables_on_sqlite_import_nothing_of_postgresql():
    """That dialect would be a seventh of what a start imports."""
    program = "import sys, alertsms.store.opening; print('sqlalchemy.dialects.postgresql' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout == "False\n"
