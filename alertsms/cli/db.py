"""`alertsms db`: the store's tables, brought to this version or looked over for damage."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from sqlalchemy import create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from alertsms.cli.kept import store_of
from alertsms.cli.offline import loaded
from alertsms.cli.option import configured
from alertsms.store import soundness
from alertsms.store.engine import WAY_OUT, Store, StoreError, damage, words
from alertsms.store.migrate import migrate
from alertsms.store.schema import VERSION

SERVER_WAY_OUT = (
    "The database is damaged, or the user of `store` may not read it: look at PostgreSQL's log; REINDEX mends an"
    " index, a damaged table needs a backup"
)
NO_AMCHECK = (
    "Indexes were not compared with their tables: CREATE EXTENSION amcheck, and GRANT EXECUTE ON FUNCTION"
    " bt_index_check(regclass, boolean), let this command do so."
)


@click.group()
def db() -> None:
    """Bring the store's tables to this version, or look for damage.

    \b
    Example:  alertsms db check --config /etc/alertsms/config.yaml
    """  # noqa: D301


@db.command(short_help="Bring the tables to this version; serve does so too.")
@configured
def upgrade(config: str) -> None:
    """Bring the store's tables to this version; `serve` does so by itself.

    \b
    Example:  alertsms db upgrade --config /etc/alertsms/config.yaml
    """  # noqa: D301
    loaded(config)  # a file that cannot be read must not lead to the usual store
    try:
        store = Store(store_of(config))
        try:
            before = migrate(store)
        finally:
            store.close()
    except StoreError as error:
        raise click.ClickException(str(error)) from error
    was = "an empty store" if before == "empty" else f"version {before}"
    click.echo(f"From {was} to version {VERSION}." if before else f"The store is at version {VERSION} already.")


@db.command(short_help="Look for damage; the server may run meanwhile.")
@configured
def check(config: str) -> None:
    """Look over the store for damage, a line for each table; exit with 1 where there is some, and say the way out.

    It only reads, so the server may run meanwhile.

    \b
    Example:  alertsms db check --config /etc/alertsms/config.yaml
    """  # noqa: D301
    loaded(config)
    url = make_url(store_of(config))
    on_file = url.get_backend_name() == "sqlite"
    wrong = False
    for line, sound in _file(Path(str(url.database))) if on_file else _server(url):
        click.echo(line)
        wrong = wrong or not sound
    if wrong:
        click.echo(f"Damaged. {WAY_OUT if on_file else SERVER_WAY_OUT}.", err=True)
    else:
        click.echo("No damage was found.")
    sys.exit(1 if wrong else 0)


def _file(path: Path) -> Iterator[tuple[str, bool]]:
    """A line for each table of a file, and whether it is sound."""
    if not path.is_file():
        raise click.ClickException(f"store: there is no {path} yet: start `alertsms serve`")
    try:
        with soundness.opened(str(path)) as connection:
            for table in soundness.tables(connection):
                wrong = soundness.look(connection, table)
                yield f"{table}: {wrong or 'sound'}", not wrong
            wrong = soundness.leftover(connection)
            yield f"the file as a whole: {wrong or 'sound'}", not wrong
    except sqlite3.Error as error:
        if not damage(error):
            raise click.ClickException(f"store: {path} cannot be read: {error}") from error
        yield f"{path}: {error}", False


def _server(url: URL) -> Iterator[tuple[str, bool]]:
    """A line for each table of PostgreSQL: every row is read, and indexes compared where amcheck is there."""
    engine = create_engine(url, isolation_level="REPEATABLE READ", hide_parameters=True)
    try:
        with engine.connect() as tx:
            thorough = soundness.checks(tx)
        for table in soundness.TABLES:
            try:
                with engine.connect() as tx:
                    rows = soundness.read_through(tx, table, thorough=thorough)
            except SQLAlchemyError as error:
                yield f"{table}: {' '.join(words(error).split())}", False
            else:
                done = "read, indexes compared" if thorough else "read"
                yield f"{table}: {'1 row' if rows == 1 else f'{rows} rows'} {done}", True
        if not thorough:
            yield NO_AMCHECK, True
    except SQLAlchemyError as error:
        raise click.ClickException(f"store: {words(error)}") from error
    finally:
        engine.dispose()
