from __future__ import annotations

import pytest
from sqlalchemy import text

from alertsms.store.engine import Store, Writer
from alertsms.store.error import StoreError


def test_a_new_file_is_never_locked_by_ourselves(tmp_path):
    """The writer and the first reader open a new file at the same moment."""
    for number in range(150):
        store = Store(f"sqlite:///{tmp_path}/{number}.db")
        try:
            assert store.read(lambda tx: tx.execute(text("PRAGMA journal_mode")).scalar()) == "wal"
        finally:
            store.close()


def test_nobody_can_read_a_new_file_before_its_writer_has_opened_it(tmp_path, monkeypatch):
    """A first look that meets the writer's holds up a migration, which SQLite then calls "locked" at once."""
    opened: list[int] = []
    monkeypatch.setattr(Writer, "_main", lambda self: opened.append(self._engine.pool.checkedout()))
    store = Store(f"sqlite:///{tmp_path}/new.db")
    store.close()
    assert opened == [1]


def test_a_file_that_its_writer_cannot_open_is_said_and_let_go(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("alertsms.store.engine.write_ahead", lambda path: (tmp_path / "new.db").write_bytes(b"n" * 4096))
        with pytest.raises(StoreError, match="file is not a database"):
            Store(f"sqlite:///{tmp_path}/new.db")
    (tmp_path / "new.db").unlink()
    Store(f"sqlite:///{tmp_path}/new.db").close()
