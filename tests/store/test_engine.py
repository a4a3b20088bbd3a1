"""A transaction: answered after the commit, alone or in a group, or not at all."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select, text

from alertsms.store import settings
from alertsms.store.engine import Store, WriterTask
from alertsms.store.error import Conflict, StoreError
from alertsms.store.schema import fact_table

NOW = datetime(2026, 3, 3, 2, 10, tzinfo=UTC)


def keys(store: Store) -> list[str]:
    return list(store.read(lambda tx: tx.execute(select(fact_table.c.key).order_by(fact_table.c.key)).scalars()))


def put(key: str, value: str = ""):
    return lambda tx: settings.put(tx, key, value, NOW)


def together(store: Store, *works):
    """Start all pieces while the writer is busy with another, so that they become one group; their outcomes."""
    busy, go = threading.Event(), threading.Event()

    def hold(_tx) -> None:
        busy.set()
        go.wait(5)

    outcomes: list[object] = [None] * len(works)

    def run(at: int, work) -> None:
        try:
            outcomes[at] = store.transact(work)
        except Exception as error:
            outcomes[at] = error

    threads = [threading.Thread(target=store.transact, args=(hold,))]
    threads[0].start()
    busy.wait(5)
    for at, work in enumerate(works):
        threads.append(threading.Thread(target=run, args=(at, work)))
        threads[-1].start()
        while store._writer._pieces.qsize() <= at and threads[-1].is_alive():
            time.sleep(0.0001)
    go.set()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.fixture
def file_store(migrated_file, tmp_path, monkeypatch):
    monkeypatch.setattr("alertsms.store.engine.GROUP_SECONDS", 60.0)  # a slow machine must not split a group
    path = tmp_path / "own.db"
    path.write_bytes(migrated_file.read_bytes())
    store = Store(f"sqlite:///{path}")
    yield store
    store.close()


def test_a_transaction_returns_its_result_and_is_seen_at_once(store):
    assert store.transact(lambda tx: (put("a")(tx), 42)[1]) == 42
    assert keys(store) == ["a"]


def test_the_error_of_a_work_passes_through_and_undoes_it(store):
    def work(tx):
        put("a")(tx)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        store.transact(work)
    assert keys(store) == []


def test_a_statement_that_fails_is_a_store_error_without_its_parameters(store):
    with pytest.raises(StoreError) as failed:
        store.transact(lambda tx: tx.execute(text("INSERT INTO nothing VALUES (:number)"), {"number": "+33612345678"}))
    chain = [failed.value, failed.value.__cause__]
    assert not any("+33612345678" in str(error) for error in chain)
    with pytest.raises(StoreError):
        store.read(lambda tx: tx.execute(text("SELECT * FROM nothing")))


def test_a_conflict_is_decided_again_three_times_at_most(store):
    tries = []

    def work(tx):
        tries.append(1)
        if len(tries) < 3:
            raise Conflict
        return "third"

    assert store.transact(work) == "third"

    def never(tx):
        raise Conflict

    with pytest.raises(StoreError, match="kept writing"):
        store.transact(never)


def test_one_piece_that_fails_does_not_undo_its_group(file_store):
    def fail(tx):
        put("b")(tx)
        raise ValueError("b")

    outcomes = together(file_store, put("a"), fail, put("c"))
    assert [str(outcome) for outcome in outcomes] == ["None", "b", "None"]
    assert keys(file_store) == ["a", "c"]


def test_a_statement_that_fails_does_not_undo_its_group(file_store):
    outcomes = together(file_store, put("a"), lambda tx: tx.execute(text("SELECT * FROM nothing")), put("c"))
    assert isinstance(outcomes[1], StoreError)
    assert keys(file_store) == ["a", "c"]


def test_where_a_whole_group_breaks_each_piece_is_tried_alone(file_store):
    tries = []

    def undone(tx):
        tries.append(1)
        tx.connection.driver_connection.execute("ROLLBACK")
        raise ValueError("what SQLite does when the disk is full")

    outcomes = together(file_store, put("a"), undone, put("c"))
    assert str(outcomes[1]) == "what SQLite does when the disk is full"
    assert len(tries) == 2
    assert keys(file_store) == ["a", "c"]


def test_a_full_disk_is_a_store_error_and_leaves_nothing_half_written(file_store):
    def most(tx, pages: int) -> None:
        tx.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    full = file_store.transact(lambda tx: tx.exec_driver_sql("PRAGMA page_count").scalar())
    file_store.transact(lambda tx: most(tx, full))
    large = "x" * 100_000
    outcomes = together(file_store, put("small"), put("large", large), put("little"))
    assert [isinstance(outcome, StoreError) for outcome in outcomes] == [False, True, False]
    assert "full" in str(outcomes[1])
    file_store.transact(lambda tx: most(tx, 1_000_000))
    file_store.transact(put("large", large))
    assert keys(file_store) == ["large", "little", "small"]


def test_a_piece_that_began_is_answered_although_begin_fails_the_second_time(file_store):
    path = file_store.engine.url.database
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)

    def undone(tx):
        raw = tx.connection.driver_connection
        raw.execute("ROLLBACK")
        raw.execute("PRAGMA busy_timeout=10")
        other.execute("BEGIN IMMEDIATE")
        raise ValueError("undone")

    outcomes = together(file_store, put("a"), undone)
    other.execute("ROLLBACK")
    other.close()
    assert all(isinstance(outcome, StoreError) and "locked" in str(outcome) for outcome in outcomes)
    file_store.transact(put("later"))
    assert keys(file_store) == ["later"]


def test_the_writer_withdraws_a_piece_that_did_not_begin_in_time(file_store):
    busy, go = threading.Event(), threading.Event()

    def hold(_tx) -> None:
        busy.set()
        go.wait(5)

    thread = threading.Thread(target=file_store.transact, args=(hold,))
    thread.start()
    busy.wait(5)
    with pytest.raises(TimeoutError, match=r"within 0\.05 s"):
        file_store._writer.run(put("a"), patience=0.05)
    go.set()
    thread.join()
    file_store.transact(put("b"))
    assert keys(file_store) == ["b"]


def test_a_piece_that_began_cannot_be_withdrawn(file_store):
    busy, go = threading.Event(), threading.Event()

    def slow(_tx) -> str:
        busy.set()
        go.wait(5)
        return "done"

    threading.Timer(0.1, go.set).start()
    assert file_store._writer.run(slow, patience=0.01) == "done"
    piece = WriterTask(slow)
    assert piece.start()
    assert not piece.cancel()


def test_a_group_ends_when_its_time_is_over_and_the_rest_follows(file_store, monkeypatch):
    def piece(key: str):
        def work(tx):
            put(key)(tx)
            return tx.get_transaction()

        return work

    monkeypatch.setattr("alertsms.store.engine.GROUP_SECONDS", 0.0)  # long over, whatever the machine
    outcomes = together(file_store, *(piece(key) for key in "abcd"))
    assert len(set(outcomes)) > 1
    assert keys(file_store) == ["a", "b", "c", "d"]


def test_more_pieces_than_a_group_holds_are_all_done(file_store):
    together(file_store, *(put(f"{number:03}") for number in range(70)))
    assert len(keys(file_store)) == 70


def test_readers_and_the_writer_do_not_wait_for_each_other(file_store):
    file_store.transact(put("a"))
    with file_store.engine.connect() as reader:
        assert reader.execute(select(func.count()).select_from(fact_table)).scalar() == 1
        file_store.transact(put("b"))
        assert reader.execute(select(func.count()).select_from(fact_table)).scalar() == 1
    assert keys(file_store) == ["a", "b"]


def test_a_store_that_is_closed_says_so(file_store):
    file_store.close()
    with pytest.raises(StoreError, match="closed"):
        file_store.transact(put("a"))
    with pytest.raises(StoreError, match="closed"):
        file_store.read(lambda tx: None)
    file_store.close()


def test_closing_finishes_what_waits(file_store):
    outcome = []
    thread = threading.Thread(target=lambda: outcome.append(file_store.transact(lambda tx: put("a")(tx) or "done")))
    thread.start()
    thread.join()
    file_store.close()
    assert outcome == ["done"]


def test_a_second_process_on_the_same_file_is_refused(file_store, tmp_path):
    os.symlink(file_store.engine.url.database, tmp_path / "link.db")
    for path in (file_store.engine.url.database, tmp_path / "link.db"):
        code = f"from alertsms.store.engine import Store; Store('sqlite:///{path}')"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert "is in use by another process. One process a file: stop the other one" in done.stderr


def test_the_file_is_for_our_eyes_only_and_free_again_after_closing(tmp_path):
    path = tmp_path / "alertsms.db"
    Store(f"sqlite:///{path}").close()
    assert path.stat().st_mode & 0o777 == 0o600
    Store(f"sqlite:///{path}").close()


def test_what_survives_a_power_cut(file_store):
    with file_store.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("sqlite://", "an SQLite store is a file"),
        ("mysql://user@host/name", "mysql is not supported, write sqlite:///… or postgresql"),
        ("sqlite:////nowhere/at/all.db", "Its folder must exist and be writable"),
    ],
)
def test_a_store_that_cannot_be_says_what_to_write(url, sentence):
    with pytest.raises(StoreError, match=sentence):
        Store(url)


def test_a_file_that_is_no_database_is_refused_and_not_locked(tmp_path):
    path = tmp_path / "notes.db"
    path.write_text("these are notes, and quite a few of them, not a database" * 50)
    for _ in range(2):
        with pytest.raises(StoreError, match="file is not a database"):
            Store(f"sqlite:///{path}")


def test_a_damaged_file_is_refused_with_what_to_do(tmp_path):
    """Nothing that runs on it can mend it, and the file beside it would spoil the copy."""
    path = tmp_path / "own.db"
    path.write_bytes(os.urandom(4096))
    with pytest.raises(StoreError) as refusal:
        Store(f"sqlite:///{path}")
    assert str(refusal.value) == (
        f"store: {path} cannot be used: file is not a database. The file is damaged: stop alertsms, move the file away"
        " with its -wal and -shm beside it, and put the last copy in its place, or start without one. What came after"
        " that copy is forgotten, until its senders repeat what still fires"
    )


def test_a_folder_is_no_store(tmp_path):
    with pytest.raises(StoreError, match="cannot be used"):
        Store(f"sqlite:///{tmp_path}")


def test_a_postgresql_that_is_away_is_a_store_error():
    store = Store("postgresql+psycopg://nobody@127.0.0.1:9/none")
    with pytest.raises(StoreError):
        store.transact(lambda tx: 1)
    store.close()


def test_the_death_of_the_writer_ends_the_process(tmp_path):
    code = f"""
from alertsms.store.engine import Store
def work(tx):
    raise SystemExit("no more")
Store("sqlite:///{tmp_path}/alertsms.db").transact(work)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 70
    assert "no more" in done.stderr


def test_a_fact_can_be_replaced_and_is_told_once_an_hour(store):
    from datetime import timedelta

    store.transact(put("a", "1"))
    store.transact(put("a", "2"))
    assert store.read(lambda tx: settings.get(tx, "a")) == "2"
    assert store.read(lambda tx: settings.get(tx, "b")) is None
    hour = timedelta(hours=1)
    times = [NOW, NOW + timedelta(minutes=59), NOW + hour, NOW + hour]
    asked = [store.transact(lambda tx, at=at: settings.once(tx, "notice:x", hour, at)) for at in times]
    assert asked == [True, False, True, False]


def test_a_copy_of_the_file_can_be_read_while_it_is_open(file_store):
    file_store.transact(put("a"))
    with closing(sqlite3.connect(file_store.engine.url.database)) as other:
        assert other.execute("SELECT count(*) FROM facts").fetchone() == (1,)
