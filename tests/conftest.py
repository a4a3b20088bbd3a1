"""What stories need: a store on each database, a clock that tests move, and a house whose steps they drive by hand."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from alertsms.store.engine import Store
from alertsms.store.migrate import migrate
from tests.house import House, SimulatedClock

POSTGRES = os.environ.get("ALERTSMS_TEST_POSTGRES", "")  # postgresql+psycopg://… of a database that tests may empty


@pytest.fixture(params=["sqlite", *(["postgresql"] if POSTGRES else [])])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/alertsms.db"
    engine = create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return POSTGRES


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """A store with all tables."""
    opened = Store(url)
    migrate(opened)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock()


@pytest.fixture
def house(url: str, clock: SimulatedClock) -> Iterator[House]:
    """Everything between the webhook and the phone, without a thread that acts by itself."""
    built = House(url, clock)
    yield built
    built.close()
