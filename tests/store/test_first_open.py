from __future__ import annotations

from sqlalchemy import text

from alertsms.store.engine import Store


def test_a_new_file_is_never_locked_by_ourselves(tmp_path):
    """The writer and the first reader open a new file at the same moment."""
    for number in range(150):
        store = Store(f"sqlite:///{tmp_path}/{number}.db")
        try:
            assert store.read(lambda tx: tx.execute(text("PRAGMA journal_mode")).scalar()) == "wal"
        finally:
            store.close()
