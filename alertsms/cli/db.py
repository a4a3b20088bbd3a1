"""`alertsms db`: the store's tables brought to this version, looked over for damage, and copied."""

from __future__ import annotations

import shlex
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from alertsms import __version__
from alertsms.cli.server import elsewhere, mismatch, reading, refuse_left_behind, store_of
from alertsms.cli.terminal import Meter, configured, loaded
from alertsms.store import copies, replicas, soundness
from alertsms.store.engine import Store
from alertsms.store.error import WAY_OUT, StoreError, damage, words
from alertsms.store.opening import migrate, version_of
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
    """Bring the store's tables to this version, look for damage, copy it, or put a copy in its place.

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
    chosen = loaded(config)  # a file that cannot be read must not lead to the usual store
    try:
        refuse_left_behind(chosen)
        click.echo(f"Bringing the store to version {VERSION}; a large one takes some minutes ...", err=True)
        with closing(Store(store_of(config))) as store, Meter() as meter:
            before = migrate(store, meter)
    except StoreError as error:
        raise click.ClickException(str(error)) from error
    was = "an empty store" if before == "empty" else f"version {before}"
    click.echo(f"From {was} to version {VERSION}." if before else f"The store is at version {VERSION} already.")


@db.command(short_help="Say which version the tables have, and who runs on them.")
@configured
def current(config: str) -> None:
    """Say which version the store's tables have, which this program knows, and on PostgreSQL who runs on them.

    It only reads. Exit with 1 where `serve` of this program would change the tables, or refuse them.

    \b
    Example:  alertsms db current --config /etc/alertsms/config.yaml
    """  # noqa: D301
    loaded(config)  # a file that cannot be read must not lead to the usual store
    try:
        with reading(store_of(config)) as tx:
            version = version_of(tx)
            shared = tx.dialect.name == "postgresql" and inspect(tx).has_table("replicas")
            running = replicas.every(tx, replicas.now(tx) - replicas.ALIVE) if shared else []
    except StoreError as error:
        raise click.ClickException(elsewhere(config, str(error))) from error
    tables = f"The tables have version {version}" if version else "There are no tables yet"
    click.echo(f"{tables}, this alertsms ({__version__}) knows {VERSION}.")
    for each in running:
        does = " and ".join(word for word, true in (("takes alerts in", each.web), ("sends", each.worker)) if true)
        click.echo(
            f"{each.host} {does or 'starts'}, alertsms {each.version}, since {each.started_at:%Y-%m-%d %H:%M} UTC"
        )
    sys.exit(0 if version == VERSION else 1)


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
    damaged = False
    if on_file and not Path(str(url.database)).is_file():
        raise click.ClickException(elsewhere(config, f"store: there is no {url.database} yet: start `alertsms serve`"))
    with Meter(lines=False) as meter:  # each table has its line
        for line, sound in _looked_over(Path(str(url.database)), meter) if on_file else _server(url, meter):
            meter.clear()
            click.echo(line)
            damaged = damaged or not sound
    if damaged:
        click.echo(f"Damaged. {WAY_OUT if on_file else SERVER_WAY_OUT}.", err=True)
    else:
        click.echo("No damage was found.")
    sys.exit(1 if damaged else 0)


def _looked_over(path: Path, progress: copies.Progress) -> Iterator[tuple[str, bool]]:
    try:
        with soundness.opened(str(path)) as connection:
            tables = soundness.tables(connection)
            for at, table in enumerate(tables):
                progress(f"Reading {table}", at, len(tables) + 1)
                wrong = soundness.look(connection, table)
                yield f"{table}: {wrong or 'sound'}", not wrong
            progress("Reading the file as a whole", len(tables), len(tables) + 1)
            wrong = soundness.leftover(connection)
            yield f"the file as a whole: {wrong or 'sound'}", not wrong
    except sqlite3.Error as error:
        if not damage(error):
            raise click.ClickException(f"store: {path} cannot be read: {error}") from error
        yield f"{path}: {error}", False


def _server(url: URL, progress: copies.Progress) -> Iterator[tuple[str, bool]]:
    """A line for each table of PostgreSQL: every row is read, and indexes compared where amcheck is there."""
    engine = create_engine(url, isolation_level="REPEATABLE READ", hide_parameters=True)
    try:
        with engine.connect() as tx:
            thorough = soundness.checks(tx)
        for at, table in enumerate(soundness.TABLES):
            progress(f"Reading {table}", at, len(soundness.TABLES))
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


FILE = click.Path(path_type=Path)


@db.command(short_help="Copy the store to FILE while it is in use.")
@configured
@click.argument("file", type=FILE)
def backup(config: str, file: Path) -> None:
    """Copy the store to a new FILE; a server that uses it goes on.

    The copy holds texts, phone numbers and the links of what is open: keep it as safe as the store. Neither the key nor
    the configuration is in it. PostgreSQL has its own tool, whose call is printed.

    \b
    Example:  alertsms db backup --config /etc/alertsms/config.yaml /var/backups/alertsms-$(date +%F).db
    """  # noqa: D301
    store = _file(config, _DUMP, file)
    if wrong := mismatch(config):  # a copy of it would be worth nothing
        raise click.ClickException(wrong)
    try:
        with Meter() as meter:
            made = copies.back_up(store, file, meter)
    except StoreError as error:
        raise click.ClickException(elsewhere(config, str(error))) from error
    click.echo(f"{file} holds {store} {_as_of(made)} ({made.bytes / 1e6:.1f} MB, version {made.version}).")


@db.command(short_help="Put the copy FILE in the store's place; no server may use it.")
@configured
@click.argument("file", type=FILE)
def restore(config: str, file: Path) -> None:
    """Put a copy in the store's place, after reading it whole; what it replaces is kept beside it.

    Stop the server first. When it starts again it asks OVHcloud what left since the copy was made, before it sends.
    All tokens and logins of the copy are over, since some may have been revoked after it was made.

    \b
    Example:  alertsms db restore --config /etc/alertsms/config.yaml /var/backups/alertsms-2026-03-03.db
    """  # noqa: D301
    store = _file(config, _LOAD, file)
    try:
        with Meter() as meter:
            done = copies.restore(file, store, datetime.now(UTC), meter)
    except StoreError as error:
        raise click.ClickException(str(error)) from error
    kept = f" What it replaces is kept as {done.aside}." if done.aside else ""
    click.echo(f"{store} is what it was {_as_of(done.copy)}.{kept} Start the server: it says what left since.")
    names = f": make {', '.join(done.tokens)} anew with `alertsms token`" if done.tokens else ""
    click.echo(f"All tokens and logins are over{names}.")


_DUMP = "pg_dump --format=custom --file={file} {database}"
_END = """
and, since tokens and logins that ended after the copy was made would count again, end all of them:
  psql --single-transaction --dbname={database} --command={ended}"""
_LOAD = "pg_restore --clean --if-exists --no-owner --single-transaction --dbname={database} {file}"


def _file(config: str, command: str, file: Path) -> Path:
    """The SQLite file of a configuration. For PostgreSQL it says what to run, and fails: nothing was done."""
    loaded(config)  # a file that cannot be read must not lead to the usual store
    url = make_url(store_of(config))
    if url.get_backend_name() == "sqlite":
        return Path(str(url.database))
    shown = _for_tools(url)
    line = command.format(file=shlex.quote(str(file)), database=shlex.quote(shown))
    stop, after = "", ""
    if command is _LOAD:
        ended = shlex.quote("; ".join(copies.ended(datetime.now(UTC))))
        stop, after = "stop every alertsms, and ", _END.format(ended=ended, database=shlex.quote(shown))
    raise click.ClickException(f"nothing was done, the store is a PostgreSQL database: {stop}run\n  {line}{after}")


def _for_tools(url: URL) -> str:
    """Where the database is, as PostgreSQL's own tools read it, without the password."""
    several = {
        name: value
        for name, value in url.get_dialect()().create_connect_args(url)[1].items()
        if name in ("host", "port") and "," in str(value)
    }
    plain = url.difference_update_query(("password", "sslpassword", *several))
    place = URL.create("postgresql", username=url.username, host=url.host, port=url.port, database=url.database)
    return place.update_query_dict({**plain.query, **several}).render_as_string()


def _as_of(copy: copies.Copy) -> str:
    return f"as of {copy.written_at:%Y-%m-%d %H:%M:%S} UTC" if copy.written_at else "before anything was written to it"
