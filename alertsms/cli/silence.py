"""`alertsms silence`: Alertmanager itself keeps quiet about an incident, asked by the running server."""

from __future__ import annotations

import json
import sys
from datetime import timedelta

import click

from alertsms.cli.ack import login_name
from alertsms.cli.incident import IncidentNumber
from alertsms.cli.options import DurationParam, as_json, configured
from alertsms.cli.running_server import ServerAt, asks_server, served_at
from alertsms.core.routing.duration import canonical_duration

PATIENCE = 120.0  # seconds; the server asks each Alertmanager, and one that hangs takes some 25


@click.command()
@click.argument("number", type=IncidentNumber())
@click.argument("length", type=DurationParam(), metavar="DURATION")
@configured
@click.option("--by", default="", help="Who wants it; else your login name.")
@served_at
@as_json
@asks_server
def silence(*, number: int, length: timedelta, by: str, as_json: bool, server: ServerAt) -> None:
    """Have Alertmanager keep quiet about an incident, or all that a digest covers, for 1m to 1w.

    The silence has exactly the alert's labels. Nobody is paged meanwhile; what still fires then pages again.

    \b
    Example:  alertsms silence 42 2h --config /etc/alertsms/config.yaml
    """  # noqa: D301
    wanted = {"by": login_name(by), "for": canonical_duration(length)}
    said = server.ask("POST", f"/api/v1/incidents/{number}/silence", wanted, timeout=PATIENCE)
    click.echo(json.dumps(said, ensure_ascii=False) if as_json else said["words"])
    sys.exit(0 if said["silenced"] else 1)
