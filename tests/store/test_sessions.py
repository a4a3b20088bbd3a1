"""Sessions on PostgreSQL: their limits, a connection that breaks, and a COMMIT whose answer is lost."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import bindparam, func, insert, make_url, select, text, update

from alertsms.store import settings
from alertsms.store.engine import Store
from alertsms.store.error import StoreAway, StoreError, masked
from alertsms.store.schema import fact_table
from tests.conftest import POSTGRES
from tests.support.pooler import MISSING, PROGRAM, Pooler
from tests.support.server_line import CommitCut, ServerLine

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(not POSTGRES, reason="ALERTSMS_TEST_POSTGRES names no database that tests may empty"),
]
NOW = datetime(2026, 3, 3, 2, 10, tzinfo=UTC)
LIMITS = {
    "statement_timeout": "10s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "5s",
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "10000",
}


@pytest.fixture
def url(migrated_postgresql) -> str:
    from tests.conftest import EMPTIED, _on_postgresql

    return _on_postgresql(*EMPTIED)


@pytest.fixture
def line() -> Iterator[ServerLine]:
    real = make_url(POSTGRES)
    line = ServerLine(real.host or "127.0.0.1", real.port or 5432)
    yield line
    line.close()


@pytest.fixture
def beyond(url, line) -> Iterator[Store]:
    """A store beyond a line that can be cut."""
    store = Store(make_url(url).set(host="127.0.0.1", port=line.port).render_as_string(hide_password=False))
    store.read(lambda tx: tx.scalar(text("SELECT 1")))
    yield store
    store.close()


def count(tx, key: str = "a") -> int:
    """Count one up: to be done once, whatever happens to its answer."""
    tx.execute(insert(fact_table).values(key=f"{key}{number(tx)}", value="", at=NOW))
    return number(tx)


def number(tx) -> int:
    return tx.scalar(select(func.count()).select_from(fact_table))


def terminate(tx) -> None:
    others = "pid <> pg_backend_pid() AND datname = current_database() AND application_name LIKE 'alertsms/%'"
    tx.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))


def test_each_session_has_its_limits_and_a_name(store):
    asked = {name: f"SHOW {name}" for name in (*LIMITS, "application_name")}
    shown = store.transact(lambda tx: {name: tx.scalar(text(ask)) for name, ask in asked.items()})
    assert shown.pop("application_name").startswith("alertsms/")
    if make_url(POSTGRES).host in (None, "") or str(make_url(POSTGRES).host).startswith("/"):
        shown = {name: LIMITS[name] if name.startswith("tcp") else value for name, value in shown.items()}
    assert shown == LIMITS


def test_what_the_url_says_of_a_line_goes_before(url):
    store = Store(make_url(url).update_query_dict({"application_name": "night"}).render_as_string(hide_password=False))
    assert store.read(lambda tx: tx.scalar(text("SHOW application_name"))) == "night"
    store.close()


@pytest.mark.parametrize("cut", [CommitCut.LOST, CommitCut.UNANSWERED])
def test_a_commit_that_is_cut_off_is_done_once(beyond, line, cut):
    line.decide = lambda before: cut if before % 2 == 0 else CommitCut.NONE
    assert [beyond.transact(count) for _ in range(4)] == [1, 2, 3, 4]
    assert line.cuts >= 2
    line.decide = lambda _: CommitCut.NONE
    assert beyond.read(number) == 4


def test_nobody_can_say_what_another_server_did_not_commit(beyond, line, monkeypatch):
    """A number of the old server may be another transaction's on the new one."""
    monkeypatch.setattr("alertsms.store.postgresql._MARK", "SELECT pg_current_xact_id()::text, '2026-01-01'")
    line.decide = lambda before: CommitCut.UNANSWERED if before == 0 else CommitCut.NONE
    with pytest.raises(StoreAway, match="nobody can say whether it was taken"):
        beyond.transact(count)


def test_a_broken_connection_is_tried_again(url, store):
    other = Store(url)
    runs = []

    def work(tx):
        runs.append(1)
        if len(runs) < 3:
            other.transact(terminate)
        return count(tx)

    assert store.transact(work) == 1
    assert len(runs) == 3
    other.close()


def test_all_that_idles_may_be_broken(url, store):
    """A server that was started anew leaves none of them: neither a question nor a transaction meets that."""
    together = threading.Barrier(5)
    threads = [threading.Thread(target=store.read, args=(lambda tx: together.wait(5),)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other = Store(url)
    other.transact(terminate)
    assert store.read(number) == 0
    other.transact(terminate)
    assert store.transact(count) == 1
    other.close()


def test_a_lock_that_another_session_keeps_is_not_waited_for(store, url):
    store.transact(lambda tx: settings.put(tx, "a", "", NOW))
    held, go = threading.Event(), threading.Event()

    def hold(tx):
        tx.execute(text("SELECT key FROM facts FOR UPDATE"))
        held.set()
        go.wait(20)

    holder = threading.Thread(target=store.transact, args=(hold,))
    holder.start()
    held.wait(5)
    try:
        store._writer._sleep = lambda _: go.set()  # the other one ends between two tries
        assert store.transact(lambda tx: settings.put(tx, "a", "later", NOW)) is None
    finally:
        go.set()
        holder.join()
    assert store.read(lambda tx: settings.get(tx, "a")) == "later"


def test_what_is_slow_by_itself_has_more_time_in_its_second_run(store):
    """A large body on a busy machine decides for longer than a stalled replica may keep its locks."""
    limits = []

    def work(tx):
        limits.append(tx.scalar(text("SHOW idle_in_transaction_session_timeout")))
        if len(limits) == 1:
            tx.execute(text("SET LOCAL idle_in_transaction_session_timeout = 20"))
            time.sleep(0.2)
        return count(tx)

    assert store.transact(work) == 1
    assert limits == ["5s", "30s"]
    assert store.transact(lambda tx: tx.scalar(text("SHOW idle_in_transaction_session_timeout"))) == "5s"


@pytest.mark.parametrize("state", ["55P03", "57014", "53300", "25006"])
def test_what_passes_by_itself_says_not_now(store, state):
    store._writer._sleep = lambda _: None
    asked = []

    def work(tx):
        asked.append(1)
        if len(asked) == 1:
            tx.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'not now' USING ERRCODE = '{state}'; END $$"))
        return count(tx)

    assert store.transact(work) == 1


@pytest.mark.parametrize("state", ["53100", "42P01", "23505"])
def test_what_does_not_pass_in_moments_is_not_tried_again(store, state):
    asked = []

    def work(tx):
        asked.append(1)
        tx.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{state}'; END $$"))

    with pytest.raises(StoreError, match="no"):
        store.transact(work)
    assert len(asked) == 1


def test_a_commit_that_breaks_unforeseen_leaves_no_lock(store, monkeypatch):
    """Its connection would stay inside its transaction in the pool, and everybody would wait for it."""
    from sqlalchemy import Connection

    made = []
    with monkeypatch.context() as patch:

        def commit(connection):
            made.append(connection.connection.driver_connection)
            raise RuntimeError("unforeseen")

        patch.setattr(Connection, "commit", commit)
        with pytest.raises(RuntimeError, match="unforeseen"):
            store.transact(count)
    assert [raw.closed for raw in made] == [True]
    assert store.transact(count) == 1


def test_a_connection_whose_limits_cannot_be_set_is_closed(url, monkeypatch):
    monkeypatch.setattr("alertsms.store.postgresql.LIMITS", {"nonsense": 1})
    store = Store(url)
    made = []
    from sqlalchemy import event

    event.listen(store.engine, "connect", lambda raw, _: made.append(raw), insert=True)
    with pytest.raises(StoreError, match="nonsense"):
        store.read(number)
    assert [raw.closed for raw in made] == [True]
    store.close()


def test_many_rows_are_no_stream(store, monkeypatch):
    """A process that is stopped in the middle of a stream keeps PostgreSQL waiting for the rest of it."""
    import psycopg

    def refuse(*_args, **_options):
        raise AssertionError("a stream")

    monkeypatch.setattr(psycopg.Connection, "pipeline", refuse)
    monkeypatch.setattr(psycopg.Connection, "_pipeline_nolock", refuse, raising=False)
    rows = [{"key": key, "value": "", "at": NOW} for key in "abc"]
    store.transact(lambda tx: tx.execute(insert(fact_table), rows))
    changed = update(fact_table).where(fact_table.c.key == bindparam("which")).values(value="changed")
    which = [{"which": key} for key in "axc"]
    assert store.transact(lambda tx: tx.execute(changed, which).rowcount) == 2


def test_a_password_is_shown_nowhere():
    url = make_url(
        "postgresql+psycopg://me:hidden@/alertsms?host=a:5432&host=b:5432&password=hidden&sslpassword=hidden"
    )
    assert masked(url) == "postgresql+psycopg://me:***@/alertsms?host=a%3A5432&host=b%3A5432"


def test_a_url_of_two_servers_leads_to_the_one_that_takes_writes(url, monkeypatch):
    real = make_url(url)
    two = real.set(host=None, port=None).update_query_dict(
        {"host": ("127.0.0.1:9", f"{real.host}:{real.port or 5432}"), "target_session_attrs": "read-write"}
    )
    store = Store(two.render_as_string(hide_password=False))
    assert store.transact(count) == 1
    store.close()


@pytest.fixture
def pooler(url, tmp_path) -> Iterator[Pooler]:
    if not PROGRAM:
        (pytest.fail if os.environ.get("ALERTSMS_REQUIRE_ALL") else pytest.skip)(MISSING)
    pooler = Pooler(tmp_path / "pooler", url, sessions=1)
    yield pooler
    pooler.stop()


def test_behind_a_pooler_limits_belong_to_a_transaction(url, pooler):
    """Another program's transaction has the same session next, and PgBouncer knows no statement by its name."""
    beyond = Store(pooler.url)
    for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
        assert beyond.transact(lambda tx, name=name: tx.scalar(text(f"SHOW {name}"))) == LIMITS[name]
        assert beyond.read(lambda tx, name=name: tx.scalar(text(f"SHOW {name}"))) == LIMITS[name]
    for at in range(12):
        beyond.transact(lambda tx, at=at: settings.put(tx, f"{at}", "", NOW))
    assert beyond._writer.pooled
    beyond.close()
    import psycopg

    plain = make_url(pooler.url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as other:
        assert other.execute("SHOW statement_timeout").fetchone() == ("0",)
        assert other.execute("SELECT count(*) FROM pg_prepared_statements").fetchone() == (0,)
    direct = Store(url)
    direct.read(number)
    assert not direct._writer.pooled
    direct.close()
