"""`alertsms db check`: whether what is stored can be read back, and the way out where it cannot."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from alertsms import __version__
from alertsms.store import replicas, soundness
from alertsms.store.engine import Store
from alertsms.store.error import WAY_OUT
from alertsms.store.opening import migrate
from alertsms.store.schema import VERSION
from tests.cli.house import serving, write
from tests.conftest import EMPTIED, POSTGRES, _on_postgresql
from tests.store.test_damage import overwrite, root


@pytest.fixture
def file(tmp_path) -> str:
    store = Store(f"sqlite:///{tmp_path}/alertsms.db")
    migrate(store)
    store.close()
    return write(tmp_path)


def test_a_sound_file_has_a_line_for_each_table(run, file):
    result = run("db", "check", "-c", file)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert "messages: sound" in lines
    assert lines[-2:] == ["the file as a whole: sound", "No damage was found."]


def test_the_server_may_run_meanwhile(run, file):
    with serving(file):
        assert run("db", "check", "-c", file).exit_code == 0


def test_damage_is_named_with_the_way_out(run, file, tmp_path):
    path = tmp_path / "alertsms.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    overwrite(path, root(path, "messages_due"), os.urandom(4096))
    result = run("db", "check", "-c", file)
    assert result.exit_code == 1
    assert "facts: sound" in result.stdout
    (messages,) = [line for line in result.stdout.splitlines() if line.startswith("messages: ")]
    assert messages != "messages: sound"
    assert result.stderr == f"Damaged. {WAY_OUT}.\n"


def test_a_file_that_is_no_database_is_damage_too(run, file, tmp_path):
    (tmp_path / "alertsms.db").write_bytes(os.urandom(8192))
    result = run("db", "check", "-c", file)
    assert (result.exit_code, WAY_OUT in result.stderr) == (1, True)


def test_a_store_that_is_not_there_yet_is_said(run, tmp_path):
    result = run("db", "check", "-c", write(tmp_path))
    assert result.exit_code == 1
    assert "there is no" in result.stderr
    assert not Path(tmp_path / "alertsms.db").exists()


def test_current_says_the_version_of_tables_and_program(run, file, tmp_path):
    result = run("db", "current", "-c", file)
    assert result.stdout == f"The tables have version {VERSION}, this alertsms ({__version__}) knows {VERSION}.\n"
    assert result.exit_code == 0
    with closing(sqlite3.connect(tmp_path / "alertsms.db")) as other:
        other.execute("UPDATE alembic_version SET version_num = '1000'")
        other.commit()
    result = run("db", "current", "-c", file)
    assert result.stdout == f"The tables have version 1000, this alertsms ({__version__}) knows {VERSION}.\n"
    assert result.exit_code == 1
    with closing(sqlite3.connect(tmp_path / "alertsms.db")) as other:
        assert other.execute("SELECT version_num FROM alembic_version").fetchone() == ("1000",)


def test_current_names_who_runs(run, server, tmp_path):
    store = Store(server)
    now = store.read(replicas.now)
    one = replicas.Replica(
        id="a",
        host="web-1",
        version="1.0.0",
        config_seq=1,
        web=True,
        worker=True,
        ovh_ok=True,
        started_at=now,
        seen_at=now,
    )
    store.transact(lambda tx: replicas.beat(tx, one))
    store.close()
    lines = run("db", "current", "-c", on_server(tmp_path, server)).stdout.splitlines()
    assert lines[1:] == [f"web-1 takes alerts in and sends, alertsms 1.0.0, since {now:%Y-%m-%d %H:%M} UTC"]


@pytest.fixture(params=["postgresql"])
def server(request) -> str:
    """A database of PostgreSQL with empty tables."""
    if not POSTGRES:
        pytest.skip("ALERTSMS_TEST_POSTGRES names none")
    request.getfixturevalue("migrated_postgresql")
    return _on_postgresql(*EMPTIED)


def on_server(tmp_path: Path, url: str) -> str:
    file = Path(write(tmp_path))
    file.write_text(file.read_text().replace(f"sqlite:///{tmp_path}/alertsms.db", f'"{url}"'))
    return str(file)


def test_on_postgresql_every_table_is_read_and_what_was_not_done_is_said(run, tmp_path, server):
    result = run("db", "check", "-c", on_server(tmp_path, server))
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    engine = create_engine(server)
    with engine.connect() as tx:
        compared = soundness.checks(tx)
    engine.dispose()
    assert f"messages: 0 rows read{', indexes compared' if compared else ''}" in lines
    assert any("CREATE EXTENSION amcheck" in line for line in lines) is not compared
    assert lines[-1] == "No damage was found."


def test_on_postgresql_indexes_are_compared_where_amcheck_is(run, tmp_path, server):
    engine = create_engine(server)
    try:
        with engine.begin() as tx:
            tx.execute(text("CREATE EXTENSION IF NOT EXISTS amcheck"))
    except DBAPIError:
        pytest.skip("this server has no amcheck")
    try:
        assert "messages: 0 rows read, indexes compared" in run("db", "check", "-c", on_server(tmp_path, server)).stdout
    finally:
        with engine.begin() as tx:
            tx.execute(text("DROP EXTENSION amcheck"))
        engine.dispose()


def test_a_table_of_postgresql_that_cannot_be_read_is_named(run, tmp_path, server):
    engine = create_engine(server)
    with engine.begin() as tx:
        tx.execute(text("ALTER TABLE pauses RENAME TO elsewhere"))
    try:
        result = run("db", "check", "-c", on_server(tmp_path, server))
    finally:
        with engine.begin() as tx:
            tx.execute(text("ALTER TABLE elsewhere RENAME TO pauses"))
        engine.dispose()
    assert result.exit_code == 1
    assert 'pauses: relation "pauses" does not exist' in result.stdout
    assert "look at PostgreSQL's log" in result.stderr


def test_a_server_that_is_away_is_said(run, tmp_path):
    result = run("db", "check", "-c", on_server(tmp_path, "postgresql+psycopg://nobody@127.0.0.1:9/none"))
    assert result.exit_code == 1
    assert "Connection refused" in result.stderr
