"""`alertsms db upgrade`: the migrations that `serve` runs by itself, for whoever wants them run before."""

from __future__ import annotations

import click

from alertsms.cli.kept import store_of
from alertsms.cli.offline import loaded
from alertsms.cli.option import configured
from alertsms.store.engine import Store, StoreError
from alertsms.store.migrate import migrate
from alertsms.store.schema import VERSION


@click.group()
def db() -> None:
    """Bring the store's tables to this version.

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
