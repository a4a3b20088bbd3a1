"""`alertsms pause` and `alertsms resume`: quiet for a maintenance, which ends by itself."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import click

from alertsms.cli.incident import Zone, zone_of
from alertsms.cli.offline import loaded
from alertsms.cli.options import DurationParam, as_json, checked, configured, own_url
from alertsms.cli.send import RunningServer, token
from alertsms.core.routing.duration import canonical_duration
from alertsms.core.routing.pause import Pause

PATH = "/api/v1/pauses"
teams_named = click.option("--team", "teams", multiple=True, metavar="TEAM", help="Which; may be given several times.")
everybody = click.option("--all", "everybody", is_flag=True, help="Every team.")
served_at = click.option("--url", default="", help="The server; else where the configuration says it listens.")
zoned = click.option("--zone", type=Zone(), help="The zone of the times; else that of most people in the file.")


@click.command()
@configured
@teams_named
@everybody
@click.option("--for", "length", type=DurationParam(), metavar="DURATION", help="How long, for example 2h; at most 1w.")
@click.option("--reason", default="", help="Why, for those who wonder.")
@click.option("--by", default="", help="Who wants it; else your login name.")
@served_at
@zoned
@as_json
def pause(
    *,
    config: str,
    teams: tuple[str, ...],
    everybody: bool,
    length: timedelta | None,
    reason: str,
    by: str,
    url: str,
    zone: Any,  # noqa: ANN401 - click's
    as_json: bool,
) -> None:
    """Hold back the pages of a team, or all, for a while; without a team print what is paused.

    What fires meanwhile is recorded, and paged at the end if it still fires. What fired before is not escalated
    meanwhile; resolutions are told. A team that is paused already gets the new end.

    \b
    Example:  alertsms pause --team ops --for 2h --reason "new switches" --config /etc/alertsms/config.yaml
    """  # noqa: D301
    server = _server(config, url)
    if length is None and not (teams or everybody):
        said = server.ask("GET", PATH)
    else:
        _chosen(teams, everybody=everybody)
        if length is None:
            raise click.UsageError("write how long, for example --for 2h")
        wanted: dict[str, object] = {"all": True} if everybody else {"teams": list(teams)}
        wanted |= {"for": canonical_duration(length), "reason": reason, "by": by or _login()}
        said = server.ask("POST", PATH, wanted)
    _print(said, config, zone, as_json=as_json)


@click.command()
@configured
@teams_named
@everybody
@served_at
@zoned
@as_json
def resume(*, config: str, teams: tuple[str, ...], everybody: bool, url: str, zone: Any, as_json: bool) -> None:  # noqa: ANN401
    """End a pause: what it held is paged now if it still fires. `--all` ends every pause there is.

    \b
    Example:  alertsms resume --team ops --config /etc/alertsms/config.yaml
    """  # noqa: D301
    _chosen(teams, everybody=everybody)
    query = urlencode({"all": "true"} if everybody else {"team": teams}, doseq=True)
    server = _server(config, url)
    before = [_read(one) for one in server.ask("GET", PATH)["pauses"]]
    said = server.ask("DELETE", f"{PATH}?{query}")
    for line in [] if as_json else _resumed(before, teams, zone_of(config, zone).key):
        click.echo(line)
    _print(said, config, zone, as_json=as_json)


def _resumed(before: Sequence[Pause], teams: Sequence[str], zone: str) -> Iterator[str]:
    """What ended, and which of the teams had no pause of its own; no team: all that there was."""
    over = [one for one in before if not teams or one.team in teams]
    yield from (f"Resumed: {one.words(zone, 'was')}." for one in over)
    yield from (f"{team} was not paused." for team in dict.fromkeys(teams) if team not in {one.team for one in over})
    if not teams and not over:
        yield "No team was paused."


def _chosen(teams: tuple[str, ...], *, everybody: bool) -> None:
    if bool(teams) is everybody:
        raise click.UsageError("write --team TEAM, or --all")


def _server(config: str, url: str) -> RunningServer:
    listens = loaded(config).server
    return RunningServer(checked(url) if url else own_url(listens.host, listens.port), token(config))


def _login() -> str:
    """Who types; "" where the system does not know, in a container for example."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def _print(said: Mapping[str, Any], config: str, zone: Any, *, as_json: bool) -> None:  # noqa: ANN401
    if as_json:
        click.echo(json.dumps(said, ensure_ascii=False))
        return
    key = zone_of(config, zone).key
    now = datetime.now(UTC)
    for one in map(_read, said["pauses"]):
        left = canonical_duration(timedelta(minutes=-((now - one.ends_at) // timedelta(minutes=1))))  # the minute begun
        click.echo(f"{one.words(key)} ({key}, {left} left). `{one.resume}` ends it.")
    if not said["pauses"]:
        click.echo("Nothing is paused.")


def _read(one: Mapping[str, Any]) -> Pause:
    times = {name: datetime.fromisoformat(one[name]) for name in ("begins_at", "ends_at")}
    return Pause(team=one["team"], by=one["by"], reason=one["reason"], **times)
