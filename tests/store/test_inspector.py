"""The daily look over the file: it finds damage that nobody has met, and closes the store for it."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from alertsms.store import soundness
from alertsms.store.engine import Store
from alertsms.store.error import WAY_OUT, StoreError
from alertsms.store.opening import migrate
from alertsms.store.soundness import EVERY_SECONDS, Inspector
from tests.store.test_damage import overwrite, root
from tests.support.house import House

ROWS = (
    "INSERT INTO facts (key, value, at) VALUES ('a', 'b', 1)",
    "INSERT INTO pauses (team, begins_at, ends_at, by, reason) VALUES ('ops', 1, 2, 'alice', '')",
    "INSERT INTO heartbeats (name, state, silent_since) VALUES ('a', 'well', 1)",
)
EMPTY_INDEX = (b"\x0a\0\0\0\0\x10\0\0").ljust(4096, b"\0")  # as the file format has a leaf without a cell


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def path(migrated_file, tmp_path, clock) -> Path:
    """A file with a night's rows in it, and nothing left in its log."""
    path = tmp_path / "own.db"
    shutil.copy(migrated_file, path)
    house = House(f"sqlite:///{path}", clock)
    house.fire("web-01", "web-02")
    house.run(30)
    house.close()
    with closing(sqlite3.connect(path)) as other:
        for row in ROWS:
            other.execute(row)
        other.commit()
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def roots(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as other:
        return [name for (name,) in other.execute("SELECT name FROM sqlite_master WHERE rootpage > 0")]


def all_round(inspector: Inspector, time: Time) -> None:
    for _ in range(100):
        pause = inspector.step()
        if pause is None or pause > 1000:
            return
        time.now += pause
    raise AssertionError("it never comes to its end")


@pytest.fixture
def store(path):
    opened = Store(f"sqlite:///{path}")
    migrate(opened)
    yield opened
    opened.close()


def test_a_sound_file_is_looked_over_soon_after_the_start_and_once_a_day(store, monkeypatch):
    time, looked = Time(), []
    look = soundness.look
    monkeypatch.setattr(soundness, "look", lambda connection, table: (looked.append(table), look(connection, table))[1])
    inspector = Inspector(store=store, monotonic=time)
    assert inspector.step() == 120
    assert looked == []
    time.now = 120
    all_round(inspector, time)
    assert set(soundness.TABLES) <= set(looked)
    seen = len(looked)
    time.now += EVERY_SECONDS / 2
    inspector.step()
    assert len(looked) == seen
    time.now += EVERY_SECONDS / 2
    all_round(inspector, time)
    assert (len(looked), store.damaged) == (2 * seen, "")


@pytest.mark.parametrize("content", [b"\0" * 4096, b"\x5a" * 4096], ids=["zeros", "rubbish"])
def test_any_root_page_that_is_damaged_is_found(path, content):
    """Each table's and each index's, one by one: also of those that no question of ours needs."""
    for name in roots(path):
        copy = path.with_name("copy.db")
        shutil.copy(path, copy)
        page = root(path, name)
        with soundness.opened(str(copy)) as connection:
            names = soundness.tables(connection)
        overwrite(copy, page, content)
        with soundness.opened(str(copy)) as connection:
            assert any(soundness.look(connection, table) for table in names), name


def test_an_index_that_lost_its_rows_is_found_though_every_page_is_well_formed(store, path):
    overwrite(path, root(path, "messages_person"), EMPTY_INDEX)
    time = Time()
    inspector = Inspector(store=store, monotonic=time)
    time.now = 120
    all_round(inspector, time)
    assert store.damaged.startswith("store: a look over it found damage in table messages: ")
    assert "missing from index messages_person" in store.damaged
    assert store.damaged.endswith(WAY_OUT)
    with pytest.raises(StoreError):
        store.read(lambda _: 1)
    assert inspector.step() is None


def test_a_file_that_is_none_any_more_is_found(store, path):
    overwrite(path, 1, b"\x5a" * 4096)
    time = Time()
    inspector = Inspector(store=store, monotonic=time)
    time.now = 120
    all_round(inspector, time)
    assert "damage in its file" in store.damaged


def test_a_look_that_cannot_be_made_is_no_damage_and_fails_its_round(store, monkeypatch):
    monkeypatch.setattr(soundness, "opened", lambda *_: sqlite3.connect("file:/nowhere/at/all?mode=ro", uri=True))
    time = Time()
    inspector = Inspector(store=store, monotonic=time)
    time.now = 120
    with pytest.raises(StoreError, match="could not be looked over"):
        inspector.step()
    assert store.damaged == ""


def test_a_look_ends_when_it_is_told_to(store, monkeypatch):
    monkeypatch.setattr(soundness, "STEPS", 1)
    time = Time()
    inspector = Inspector(store=store, monotonic=time)
    time.now = 120
    inspector.stop()
    assert inspector.step() is None
    assert store.damaged == ""


def test_a_value_of_another_kind_than_its_column_is_no_damage(store, path):
    with closing(sqlite3.connect(path)) as other:
        other.execute("INSERT INTO pauses (team, begins_at, ends_at, by, reason) VALUES ('ops', 'x', 2, 'alice', '')")
        other.commit()
        said = other.execute("PRAGMA integrity_check('pauses')").fetchall()
    with soundness.opened(str(path)) as connection:
        assert soundness.look(connection, "pauses") == "", said
