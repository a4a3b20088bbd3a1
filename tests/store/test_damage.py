"""A file that turns out to be damaged, or another one, is refused whole, and says what to do."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from alertsms.store import settings
from alertsms.store.engine import Store
from alertsms.store.error import WAY_OUT, StoreAway, StoreError, away, damage
from alertsms.store.opening import migrate

NOW = datetime(2026, 3, 3, 2, 10, tzinfo=UTC)
PAGE = 4096


@pytest.fixture
def path(migrated_file, tmp_path) -> Path:
    shutil.copy(migrated_file, tmp_path / "own.db")
    return tmp_path / "own.db"


@pytest.fixture
def file(path):
    store = Store(f"sqlite:///{path}")
    migrate(store)
    store.transact(lambda tx: settings.put(tx, "a", "1", NOW))
    with closing(sqlite3.connect(path)) as other:  # what is in the log would hide what is in the file
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    yield store
    store.close()


def overwrite(path: Path, page: int, content: bytes) -> None:
    with path.open("r+b") as out:
        out.seek((page - 1) * PAGE)
        out.write(content)


def root(path: Path, name: str) -> int:
    with closing(sqlite3.connect(path)) as other:
        return other.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)).fetchone()[0]


def refused(store: Store) -> set[str]:
    """What each way to use it says."""
    said = set()
    for use in (store.whole, lambda: store.read(lambda _: 1), lambda: store.transact(lambda _: 1)):
        with pytest.raises(StoreError) as error:
            use()
        said.add(str(error.value))
    return said


@pytest.mark.parametrize("door", ["read", "transact"])
def test_damage_that_one_connection_meets_closes_the_store(file, path, door):
    overwrite(path, root(path, "pauses"), os.urandom(PAGE))
    file.whole()
    with pytest.raises(StoreError, match="malformed"):
        getattr(file, door)(lambda tx: tx.exec_driver_sql("SELECT reason FROM pauses").all())
    assert refused(file) == {f"store: database disk image is malformed. {WAY_OUT}"}


def test_another_database_copied_over_the_file_closes_the_store(file, path, tmp_path):
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE notes (text)")
        other.commit()
    path.write_bytes((tmp_path / "other.db").read_bytes())
    for _ in range(3):
        with suppress(StoreError):
            file.transact(lambda tx: settings.put(tx, "b", "1", NOW))
            file.read(lambda tx: tx.exec_driver_sql("SELECT count(*) FROM messages").all())
    (said,) = refused(file)
    assert said.endswith(WAY_OUT)


def test_a_mistake_of_ours_closes_nothing(file):
    for statement in ("SELECT * FROM nothing", "SELEKT 1"):
        with pytest.raises(StoreError):
            file.read(lambda tx, statement=statement: tx.exec_driver_sql(statement))
    file.transact(lambda tx: settings.put(tx, "b", "1", NOW))


def test_a_table_that_was_never_there_is_no_damage(tmp_path):
    store = Store(f"sqlite:///{tmp_path}/bare.db")
    with pytest.raises(StoreError, match="no such table"):
        store.read(lambda tx: settings.get(tx, "a"))
    assert not store.damaged
    store.close()


def test_a_file_with_two_names_is_refused(path, tmp_path):
    (tmp_path / "second.db").hardlink_to(path)
    for name in ("own.db", "second.db"):
        with pytest.raises(StoreError, match=r"more than one name .* delete the other name"):
            Store(f"sqlite:///{tmp_path}/{name}")


def test_a_second_name_that_it_gets_later_is_seen(file, path, tmp_path):
    file.look()
    assert not file.linked
    (tmp_path / "second.db").hardlink_to(path)
    file.look()
    assert file.linked == "store: its file has 2 names (hard links)"
    file.transact(lambda tx: settings.put(tx, "b", "1", NOW))  # nothing is lost by it


def sqlite(code: int) -> OperationalError:
    error = sqlite3.OperationalError("in its own words")
    error.sqlite_errorcode = code
    return OperationalError("SELECT", {}, error)


@pytest.mark.parametrize(
    ("code", "closes", "passes"),
    [
        (sqlite3.SQLITE_CORRUPT, True, False),
        (sqlite3.SQLITE_CORRUPT_INDEX, True, False),
        (sqlite3.SQLITE_NOTADB, True, False),
        (sqlite3.SQLITE_IOERR_READ, True, False),
        (sqlite3.SQLITE_IOERR_SHORT_READ, True, False),
        (sqlite3.SQLITE_IOERR_WRITE, False, False),
        (sqlite3.SQLITE_FULL, False, True),
        (sqlite3.SQLITE_BUSY, False, True),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, False, True),
        (sqlite3.SQLITE_READONLY, False, False),
    ],
)
def test_what_an_error_of_sqlite_says_of_the_file(code, closes, passes):
    assert (damage(sqlite(code)), away(sqlite(code))) == (closes, passes)


class Refusal(Exception):  # noqa: N818 - psycopg's word for it is longer
    """As psycopg raises it."""

    def __init__(self, words: str, sqlstate: str | None = None) -> None:
        super().__init__(words)
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (Refusal("connection failed: Connection refused"), True),
        (Refusal("failed to resolve host 'db': Name or service not known"), True),
        (Refusal("connection timeout expired"), True),
        (Refusal("FATAL:  the database system is starting up"), True),
        (Refusal("FATAL:  sorry, too many clients already"), True),
        (Refusal("FATAL:  server login has been failing, try again later (server_login_retry)"), True),
        (Refusal("terminating connection due to administrator command", "57P01"), True),
        (Refusal('FATAL:  password authentication failed for user "alertsms"'), False),
        (Refusal('FATAL:  database "alertsms" does not exist'), False),
        (Refusal('FATAL:  role "alertsms" does not exist'), False),
        (Refusal('FATAL:  no pg_hba.conf entry for host "10.0.0.7"'), False),
        (Refusal("permission denied for table messages", "42501"), False),
    ],
)
def test_which_refusal_of_postgresql_may_pass_by_itself(error, passes):
    assert away(OperationalError("SELECT", {}, error)) is passes


def test_no_free_connection_may_pass_by_itself():
    assert away(PoolTimeout())


def test_a_database_that_is_not_reached_is_away():
    store = Store("postgresql+psycopg://nobody@127.0.0.1:9/none")
    with pytest.raises(StoreAway):
        store.transact(lambda tx: 1)
    with pytest.raises(StoreAway):
        migrate(store)
    store.close()


def test_a_file_that_another_program_holds_is_away(path, monkeypatch):
    connect = sqlite3.connect
    monkeypatch.setattr("alertsms.store.engine.sqlite3.connect", lambda path, **_: connect(path, timeout=0.0))
    with closing(connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreAway, match="locked"):
            Store(f"sqlite:///{path}")
