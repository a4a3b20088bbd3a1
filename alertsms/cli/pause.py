"""`alertsms pause` and `alertsms resume`: quiet for a maintenance, which ends by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import click

from alertsms.cli.incident import zone_of, zoned
from alertsms.cli.options import DURATION, as_json, bundled, configured, login, print_json
from alertsms.cli.running_server import ServerAt, asks_server, served_at
from alertsms.core.routing.duration import canonical_duration
from alertsms.core.routing.roster import Pause

PATH = "/api/v1/pauses"
teams_named = click.option("--team", "teams", multiple=True, metavar="TEAM", help="Which; may be given several times.")
everybody = click.option("--all", "everybody", is_flag=True, help="Every team.")


def _body(
    teams: tuple[str, ...], length: timedelta | None, reason: str, by: str, *, everybody: bool
) -> dict[str, object] | None:
    """The body of the request; None where nothing is to be paused. Raises UsageError."""
    if length is None and not teams and not everybody:
        return None
    _check_chosen(teams, everybody=everybody)
    if length is None:
        raise click.UsageError("write how long, for example --for 2h")
    which: dict[str, object] = {"all": True} if everybody else {"teams": list(teams)}
    return which | {"for": canonical_duration(length), "reason": reason, "by": by or login()}


@click.command()
@configured
@teams_named
@everybody
@click.option("--for", "length", type=DURATION, metavar="DURATION", help="How long, for example 2h; at most 1w.")
@click.option("--reason", default="", help="Why, for those who wonder.")
@click.option("--by", default="", help="Who wants it; else your login name.")
@served_at
@zoned
@as_json
@asks_server
@bundled("body", _body, "teams", "everybody", "length", "reason", "by")
def pause(*, body: dict[str, object] | None, zone: ZoneInfo | None, as_json: bool, server: ServerAt) -> None:
    """Hold back the pages of a team, or all, for a while; without a team print what is paused.

    What fires meanwhile is recorded, and paged at the end if it still fires. What fired before is not escalated
    meanwhile; resolutions are told. A team that is paused already gets the new end.

    \b
    Example:  alertsms pause --team ops --for 2h --reason "new switches" --config /etc/alertsms/config.yaml
    """  # noqa: D301
    _print(server.ask("POST", PATH, body) if body else server.ask("GET", PATH), server.config, zone, as_json=as_json)


@click.command()
@configured
@teams_named
@everybody
@served_at
@zoned
@as_json
@asks_server
def resume(*, teams: tuple[str, ...], everybody: bool, zone: ZoneInfo | None, as_json: bool, server: ServerAt) -> None:
    """End a pause: what it held is paged now if it still fires. `--all` ends every pause there is.

    \b
    Example:  alertsms resume --team ops --config /etc/alertsms/config.yaml
    """  # noqa: D301
    _check_chosen(teams, everybody=everybody)
    query = urlencode({"all": "true"} if everybody else {"team": teams}, doseq=True)
    before = [_read(running) for running in server.ask("GET", PATH)["pauses"]]
    answer = server.ask("DELETE", f"{PATH}?{query}")
    for line in [] if as_json else _resumed(before, teams, zone_of(server.config, zone).key):
        click.echo(line)
    _print(answer, server.config, zone, as_json=as_json)


def _resumed(before: Sequence[Pause], teams: Sequence[str], zone: str) -> Iterator[str]:
    """What ended, and which of the teams had no pause of its own; no team: all that there was."""
    over = [ended for ended in before if not teams or ended.team in teams]
    yield from (f"Resumed: {ended.words(zone, 'was')}." for ended in over)
    resumed = {ended.team for ended in over}
    yield from (f"{team} was not paused." for team in dict.fromkeys(teams) if team not in resumed)
    if not teams and not over:
        yield "No team was paused."


def _check_chosen(teams: tuple[str, ...], *, everybody: bool) -> None:
    if bool(teams) is everybody:
        raise click.UsageError("write --team TEAM, or --all")


def _print(answer: Mapping[str, Any], config: str, zone: ZoneInfo | None, *, as_json: bool) -> None:
    if as_json:
        print_json(answer)
        return
    key = zone_of(config, zone).key
    now = datetime.now(UTC)
    for running in map(_read, answer["pauses"]):
        left = canonical_duration(
            timedelta(minutes=-((now - running.ends_at) // timedelta(minutes=1)))
        )  # the minute begun
        click.echo(f"{running.words(key)} ({key}, {left} left). `{running.resume}` ends it.")
    if not answer["pauses"]:
        click.echo("Nothing is paused.")


def _read(row: Mapping[str, Any]) -> Pause:
    times = {name: datetime.fromisoformat(row[name]) for name in ("begins_at", "ends_at")}
    return Pause(team=row["team"], by=row["by"], reason=row["reason"], **times)
