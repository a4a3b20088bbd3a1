"""`alertsms db`: the store's migrations, which `serve` runs by itself too, and its copies."""

from __future__ import annotations

import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy import URL, make_url

from alertsms.cli.kept import store_of
from alertsms.cli.offline import loaded
from alertsms.cli.option import configured
from alertsms.store import copies
from alertsms.store.engine import Store, StoreError
from alertsms.store.migrate import migrate
from alertsms.store.schema import VERSION


@click.group()
def db() -> None:
    """Bring the store's tables to this version, copy it, or put a copy in its place.

    \b
    Example:  alertsms db upgrade --config /etc/alertsms/config.yaml
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


FILE = click.Path(path_type=Path)


@db.command(short_help="Copy the store to FILE while it is in use.")
@configured
@click.argument("file", type=FILE)
def backup(config: str, file: Path) -> None:
    """Copy the store to a new FILE; a server that uses it goes on.

    The copy holds texts, phone numbers and secrets: keep it as safe as the store. PostgreSQL has its own tool, whose
    call is printed.

    \b
    Example:  alertsms db backup --config /etc/alertsms/config.yaml /var/backups/alertsms-$(date +%F).db
    """  # noqa: D301
    store = _file(config, _DUMP, file)
    try:
        made = copies.back_up(store, file, Shown())
    except StoreError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{file} holds {store} {_as_of(made)} ({_size(made.bytes)}, version {made.version}).")


@db.command(short_help="Put the copy FILE in the store's place; no server may use it.")
@configured
@click.argument("file", type=FILE)
def restore(config: str, file: Path) -> None:
    """Put a copy in the store's place, after reading it whole; what it replaces is kept beside it.

    Stop the server first. When it starts again it asks OVHcloud what left since the copy was made, before it sends.

    \b
    Example:  alertsms db restore --config /etc/alertsms/config.yaml /var/backups/alertsms-2026-03-03.db
    """  # noqa: D301
    store = _file(config, _LOAD, file)
    try:
        found, aside = copies.restore(file, store, datetime.now(UTC))
    except StoreError as error:
        raise click.ClickException(str(error)) from error
    kept = f" What it replaces is kept as {aside}." if aside else ""
    click.echo(f"{store} is what it was {_as_of(found)}.{kept} Start the server: it says what left since.")


_DUMP = "pg_dump --format=custom --file={file} {database}"
_LOAD = "pg_restore --clean --if-exists --no-owner --single-transaction --dbname={database} {file}"


def _file(config: str, command: str, file: Path) -> Path:
    """The SQLite file of a configuration. For PostgreSQL it says what to run, and fails: nothing was done."""
    loaded(config)  # a file that cannot be read must not lead to the usual store
    url = make_url(store_of(config))
    if url.get_backend_name() == "sqlite":
        return Path(str(url.database))
    place = {"host": url.host, "port": url.port, "database": url.database, "query": url.query}
    shown = URL.create("postgresql", username=url.username, **place).render_as_string()  # type: ignore[arg-type]
    line = command.format(file=shlex.quote(str(file)), database=shlex.quote(shown))
    stop = "stop every alertsms, and " if command is _LOAD else ""
    raise click.ClickException(f"nothing was done, the store is a PostgreSQL database: {stop}run\n  {line}")


class Shown:
    """Progress: one line that grows on a terminal, else a line for each quarter of what takes long."""

    def __init__(self) -> None:
        self._terminal, self._told = sys.stderr.isatty(), 0

    def __call__(self, done: int, every: int) -> None:
        """So many bytes of so many."""
        percent = 100 * done // max(every, 1)
        if self._terminal:
            click.echo(f"\r{percent} % of {_size(every)}" + ("\n" if done >= every else ""), nl=False, err=True)
        elif percent // 25 > self._told:
            self._told = percent // 25
            click.echo(f"{percent} % of {_size(every)}", err=True)


def _as_of(copy: copies.Copy) -> str:
    return f"as of {copy.written_at:%Y-%m-%d %H:%M:%S} UTC" if copy.written_at else "before anything was written to it"


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
