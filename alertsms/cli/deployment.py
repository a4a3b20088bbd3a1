"""`alertsms config systemd|compose|kubernetes`: what runs alertsms, as files of the package's data."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click

from alertsms import __version__
from alertsms.cli.healthy import listens
from alertsms.cli.watch import data
from alertsms.machine.files import SQLITE, sqlite_path, store_url

COMMAND = "/opt/alertsms/bin/alertsms"  # these three as the unit has them
FILE = "/etc/alertsms/config.yaml"
STATE = Path("/var/lib/alertsms")
HOMES = (Path("/home"), Path("/root"))
LAST_PRIVILEGED = 1023  # up to this port a capability is wanted


@click.command(short_help="A unit for systemd.")
@click.option(
    "--config",
    "-c",
    "file",
    metavar="FILE",
    envvar="ALERTSMS_CONFIG",
    default=FILE,
    show_default=True,
    help="The configuration to serve by.",
)
def systemd(*, file: str) -> None:
    """Print a unit for systemd that serves by a configuration, with this command, shut in as far as that goes.

    \b
    Example:  alertsms config systemd > /etc/systemd/system/alertsms.service
    """  # noqa: D301
    command = Path(sys.executable).with_name("alertsms")
    click.echo(unit(Path(file).absolute(), command if command.exists() else Path(COMMAND)), nl=False)


@click.command(short_help="Two replicas and a PostgreSQL for Docker Compose.")
def compose() -> None:
    """Print a file for Docker Compose: two replicas on one PostgreSQL, with their secrets in files.

    \b
    Example:  alertsms config compose > compose.yaml
    """  # noqa: D301
    click.echo(data("compose.yaml").replace("VERSION", __version__), nl=False)


@click.command(short_help="Two replicas for Kubernetes.")
def kubernetes() -> None:
    """Print what two replicas need in Kubernetes, on a PostgreSQL of yours: write your names into it.

    \b
    Example:  alertsms config kubernetes > alertsms.yaml
    """  # noqa: D301
    click.echo(data("kubernetes.yaml").replace("VERSION", __version__), nl=False)


def unit(file: Path, command: Path) -> str:
    """The unit that serves by a configuration; both paths are absolute. The file need not be there yet."""
    text = data("alertsms.service").replace(COMMAND, _quoted(command)).replace(FILE, _quoted(file))
    if any(_below(command, home) or _below(file, home) for home in HOMES):
        text = text.replace("ProtectHome=yes", "ProtectHome=read-only")
    if 0 < listens(str(file)).port <= LAST_PRIVILEGED:
        wanted = "CapabilityBoundingSet=CAP_NET_BIND_SERVICE\nAmbientCapabilities=CAP_NET_BIND_SERVICE"
        text = text.replace("CapabilityBoundingSet=", wanted)
    store = _sqlite(file)
    if store and not _below(store.parent, STATE):
        strict = "ProtectSystem=strict\n"
        text = text.replace(strict, f"{strict}ReadWritePaths={_quoted(store.parent)}\n")
    return text


def _sqlite(file: Path) -> Path | None:
    """The SQLite file that a configuration names."""
    from alertsms.cli.server import written_store  # the whole client: the other commands need none of it

    written = written_store(str(file))
    return Path(sqlite_path(store_url(written, str(file)))) if written.startswith(SQLITE) else None


def _below(path: Path, folder: Path) -> bool:
    return path == folder or folder in path.parents


def _quoted(path: Path) -> str:
    """A path as a line of a unit has it: % begins something else there, $ in a command too."""
    text = str(path).replace("%", "%%").replace("\\", "\\\\").replace('"', '\\"')
    return text if re.fullmatch(r"[\w/.,@+:%=-]+", text, re.ASCII) else f'"{text}"'
