"""What databases cost tests: one of PostgreSQL's for each process, and statements that are compiled once for all."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from sqlalchemy import URL, Engine, create_engine, make_url, text
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError


def own_database(url: str, worker: str) -> str:
    """The URL of the worker's database, made where it is missing; the given one for tests that run in one process."""
    if not url or not worker:
        return url
    shared = make_url(url)
    name = f"{shared.database}_{worker}"
    engine = create_engine(shared, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        # Asking first whether it is there would leave time for another run, whose workers have the same names.
        with suppress(IntegrityError, ProgrammingError):
            connection.execute(text(f'CREATE DATABASE "{name}"'))
        if not connection.execute(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name}).scalar():
            raise RuntimeError(f"the database {name} is not there, and cannot be made")
    engine.dispose()
    return shared.set(database=name).render_as_string(hide_password=False)


class CompiledOnce:
    """Makes engines that share what SQLAlchemy compiled: stories open many, and that took a tenth of their time."""

    def __init__(self) -> None:
        self._models: dict[str, Engine] = {}

    def __call__(self, url: str | URL, **options: Any) -> Engine:
        """What `create_engine` makes."""
        engine = create_engine(url, **options)
        model = self._models.get(engine.dialect.name) or self._connected(engine)
        # What is compiled is kept by dialect, and each engine has one of its own.
        engine.dialect = engine.pool._dialect = model.dialect
        engine._compiled_cache = model._compiled_cache
        return engine

    def _connected(self, engine: Engine) -> Engine:
        """An engine whose dialect knows its server; that one itself where there is none."""
        name = engine.dialect.name
        model = create_engine(engine.url if name == "postgresql" else "sqlite://", query_cache_size=2000)
        try:
            model.connect().close()
        except OperationalError:
            return engine
        model.dispose()
        self._models[name] = model
        return model
