"""A PostgreSQL database of its own for each process that runs tests, so that none empties another's."""

from __future__ import annotations

from sqlalchemy import create_engine, make_url, text


def own_database(url: str, worker: str) -> str:
    """The URL of the worker's database, made where it is missing; the given one for tests that run in one process."""
    if not url or not worker:
        return url
    shared = make_url(url)
    name = f"{shared.database}_{worker}"
    engine = create_engine(shared, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        if not connection.execute(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name}).scalar():
            connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return shared.set(database=name).render_as_string(hide_password=False)
