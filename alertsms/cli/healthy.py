"""`alertsms healthy`: what a container's health check asks, on the address that the configuration has."""

from __future__ import annotations

import os
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import click

from alertsms.cli.options import configured, own_url
from alertsms.config.error import MistakeReport, Place
from alertsms.config.fields import Reading
from alertsms.config.parsers import Address
from alertsms.config.read import LARGEST, open_text
from alertsms.config.server import SERVER
from alertsms.config.yaml import Mapping, parse

TIMEOUT = 3.0  # seconds
MOST = 4096  # bytes of an answer
LISTEN = SERVER.keys["listen"]


@click.command()
@configured
def healthy(config: str) -> None:
    """Ask the server on this machine whether it is to be restarted; exit with 1 if so, or if it does not answer.

    \b
    Example:  alertsms healthy --config /etc/alertsms/config.yaml
    """  # noqa: D301
    at = listens(config)
    url = own_url(at.host, at.port)
    try:
        answer = _asked(url.removeprefix("http://"))
    except (OSError, HTTPException) as problem:
        raise click.ClickException(f"no alertsms answers at {url}: {problem}") from problem
    click.echo(answer, nl=False)


def _asked(where: str) -> str:
    line = HTTPConnection(where, timeout=TIMEOUT)
    try:
        line.request("GET", "/-/healthy")
        answer = line.getresponse()
        said = answer.read(MOST).decode("utf-8", "replace")
    finally:
        line.close()
    if answer.status != 200:
        raise click.ClickException(said.strip())
    return said


def listens(file: str) -> Address:
    """Where a configuration listens, also one with mistakes: a server may run by the last good one."""
    usual: Address = LISTEN.default
    try:
        node = parse(open_text(Path(file), LARGEST), MistakeReport(file=file))
    except (OSError, ValueError):
        return usual
    _, section = node.entries.get("server", (0, None)) if isinstance(node, Mapping) else (0, None)
    line, value = section.entries.get("listen", (0, None)) if isinstance(section, Mapping) else (0, None)
    if value is None:
        return usual
    reading = Reading(
        report=MistakeReport(file=file), environ=os.environ, open_file=open_text, folder=Path(file).parent
    )
    got = LISTEN.kind.read(value, Place(line=line), reading)
    return got.value if got else usual
