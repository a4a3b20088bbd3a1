"""`alertsms token`: what programs and people show the API; the server keeps hashes alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from alertsms.cli.server import ServerAt, asks_server, served_at
from alertsms.cli.terminal import as_json, configured

TOKENS = "/api/v1/tokens"


@click.command()
@click.argument("name", default="")
@configured
@click.option("--full", is_flag=True, help="It may act too: acknowledge, pause, send, reload.")
@click.option("--list", "listed", is_flag=True, help="Print the names of all, what they may, and since when.")
@click.option("--revoke", metavar="NAME", default="", help="Let this one open nothing any more; also the token itself.")
@served_at
@as_json
@asks_server
def token(*, name: str, full: bool, listed: bool, revoke: str, as_json: bool, server: ServerAt) -> None:
    """Make a token that reads the API and /metrics, and print it: this once, nobody can find it out later.

    It is shown as `Authorization: Bearer`. The server must run; what opens it for this command is its key, which
    whoever runs the server can read.

    \b
    Example:  alertsms token prometheus --config /etc/alertsms/config.yaml
    """  # noqa: D301
    if bool(name or full) + listed + bool(revoke) > 1:
        raise click.UsageError("write a NAME such as prometheus (and --full perhaps), or --list, or --revoke NAME")
    if listed:
        answer = server.ask("GET", TOKENS)
        click.echo(json.dumps(answer, ensure_ascii=False) if as_json else "\n".join(_lines(answer["tokens"])))
    elif revoke:
        answer = server.ask("DELETE", TOKENS, {"name": revoke})
        click.echo(json.dumps(answer) if as_json else f"{answer['revoked']} opens nothing any more.")
    else:
        made = server.ask("POST", TOKENS, {"name": name, "full": full})
        click.echo(json.dumps(made) if as_json else made["token"])
        click.echo(f"Keep it now: it is shown this once. `alertsms token --revoke {made['name']}` ends it.", err=True)


def _lines(tokens: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for made in tokens:
        yield f"{made['name']}  {'full' if made['full'] else 'read-only'}  since {made['created_at'][:10]}"
    if not tokens:
        yield "There is none: `alertsms token NAME` makes one."
