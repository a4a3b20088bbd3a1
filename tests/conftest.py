"""What stories need: a store on each database, a clock that tests move, and a house whose steps they drive by hand."""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import Engine, create_engine, text

from alertsms.core.messages import sender_rules
from alertsms.store.engine import Store
from alertsms.store.opening import migrate
from alertsms.store.schema import metadata
from tests.support.database import CompiledOnce, own_database
from tests.support.house import PLAN, House, SimulatedClock

# postgresql+psycopg://… of a database that tests may empty; tests that run side by side make one each beside it.
POSTGRES = own_database(os.environ.get("ALERTSMS_TEST_POSTGRES", ""), os.environ.get("PYTEST_XDIST_WORKER", ""))
TESTS = Path(__file__).parent
RAM = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # stories commit often, and a disk's sync takes its time
# Deleting the few rows of a story is fifty times as quick as TRUNCATE, which makes new files.
EMPTIED = (
    *(f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables)),
    "SELECT setval(quote_ident(sequencename)::regclass, 1, false) FROM pg_sequences",
)
BOTH = ["sqlite", *(["postgresql"] if POSTGRES else [])]


MARKERS = (
    "one_store: a long story whose statements shorter ones try on PostgreSQL too",
    "unit: decisions, texts and parsers: `-m unit` is what to run after each change",
    "story: a store, or a whole alertsms",
    "postgres: on PostgreSQL",
    "slow: whole processes that are killed, cut off, or measured",
)
UNITS = ("core", "config", "ovh")  # what needs no store and no process
SLOW = ("reliability", "benchmarks")


def pytest_configure(config: pytest.Config) -> None:
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With `-m unit` the other rooms are not even read."""
    room = collection_path if collection_path.parent == TESTS and collection_path.is_dir() else None
    return True if room and config.option.markexpr == "unit" and room.name not in UNITS else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by its room; leave those out that would run a long story twice."""
    items[:] = [item for item in items if not (item.get_closest_marker("one_store") and "[postgresql" in item.name)]
    for item in items:
        room = item.path.relative_to(TESTS).parts[0]
        item.add_marker("unit" if room in UNITS else "slow" if room in SLOW else "story")
        if "[postgresql" in item.name:
            item.add_marker("postgres")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Lines count where an example shows them, neither by chance nor by length: tracing doubles what a test takes."""
    by_chance = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
    traces = sys.gettrace(), threading.gettrace()
    measured = type(traces[0]).__module__.startswith("coverage")  # a debugger's trace stays
    if not (measured and (by_chance or item.get_closest_marker("one_store"))):
        return (yield)
    sys.settrace(None)
    threading.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(traces[0])
        threading.settrace(traces[1])


@cache
def _postgresql() -> Engine:
    return create_engine(POSTGRES, isolation_level="AUTOCOMMIT")


def _on_postgresql(*statements: str) -> str:
    with _postgresql().connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    return POSTGRES


def _migrated(url: str) -> str:
    store = Store(url)
    migrate(store)
    store.close()
    return url


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        made = CompiledOnce()
        patch.setattr("alertsms.store.engine.create_engine", made)
        if POSTGRES:
            patch.setattr("alertsms.store.postgresql.create_engine", made)
        yield


@pytest.fixture(scope="session", autouse=True)
def senders_of_today() -> Iterator[None]:
    """What operators let through is never old here: else `check` and `doctor` would warn from some day on."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sender_rules, "AS_OF", max(sender_rules.AS_OF, datetime.now(UTC).date()))
        yield


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with all tables: copying it is ten times as quick as making it."""
    path = tmp_path_factory.mktemp("store") / "alertsms.db"
    _migrated(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgresql() -> str:
    return _migrated(_on_postgresql("DROP SCHEMA public CASCADE", "CREATE SCHEMA public"))


@pytest.fixture(autouse=True)
def state_folder(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies beside an SQLite file lies in a folder of its own on PostgreSQL, not in the one the tests run in."""
    if "[postgresql" in request.node.name:
        monkeypatch.setenv("ALERTSMS_STATE", str(request.getfixturevalue("tmp_path")))


@pytest.fixture(params=BOTH)
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without a table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/alertsms.db"
        return
    yield _on_postgresql("DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    _on_postgresql("DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    _migrated(POSTGRES)


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database with empty tables."""
    if request.param == "sqlite":
        with TemporaryDirectory(dir=RAM, prefix="alertsms-test-") as folder:
            shutil.copy(request.getfixturevalue("migrated_file"), f"{folder}/alertsms.db")
            yield f"sqlite:///{folder}/alertsms.db"
        return
    request.getfixturevalue("migrated_postgresql")
    yield _on_postgresql(*EMPTIED)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """A store with all tables."""
    opened = Store(url)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock()


@pytest.fixture
def plan() -> str:
    """Who is paged: a module of stories may have a plan of its own."""
    return PLAN


@pytest.fixture
def house(url: str, clock: SimulatedClock, plan: str) -> Iterator[House]:
    """Everything between the webhook and the phone, without a thread that acts by itself."""
    built = House(url, clock, plan)
    yield built
    built.close()
