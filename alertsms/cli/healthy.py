"""`alertsms healthy`: what a container's health check asks, on the address that the configuration has."""

from __future__ import annotations

import os
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import click

from alertsms.cli.terminal import configured, own_url
from alertsms.config.error import MistakeReport, Place
from alertsms.config.fields import Field, Reading
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
        with closing(HTTPConnection(url.removeprefix("http://"), timeout=TIMEOUT)) as connection:
            connection.request("GET", "/-/healthy")
            answer = connection.getresponse()
            text = answer.read(MOST).decode("utf-8", "replace")
    except (OSError, HTTPException) as problem:
        raise click.ClickException(f"no alertsms answers at {url}: {problem}") from problem
    if answer.status != 200:
        raise click.ClickException(text.strip())
    click.echo(text, nl=False)


def listens(file: str) -> Address:
    """Where a configuration listens, also one with mistakes: a server may run by the last good one."""
    try:
        text = open_text(Path(file), LARGEST)
    except (OSError, ValueError):
        text = ""
    address: Address = lenient_value(LISTEN, text, file, "server", "listen") or LISTEN.default
    return address


def lenient_value(field: Field, text: str, file: str, *path: str) -> Any:  # noqa: ANN401 - the field's
    """What stands below some keys of a text that may have mistakes elsewhere; None for nothing that can be used."""
    report = MistakeReport(file=file)
    node, line = parse(text, report), 0
    for key in path:
        if not isinstance(node, Mapping) or key not in node.entries:
            return None
        line, node = node.entries[key]
    reading = Reading(report=report, environ=os.environ, open_file=open_text, folder=Path(file).parent)
    got = field.kind.read(node, Place(line=line, path=".".join(path)), reading) if node else None
    return got.value if got else None
