"""`alertsms ack`, `snooze` and `resolve`: somebody answers from a terminal, through the running server."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import click

from alertsms.cli.incident import IncidentNumber
from alertsms.cli.offline import loaded
from alertsms.cli.options import DurationParam, as_json, checked, configured, own_url
from alertsms.cli.send import RunningServer, token
from alertsms.core.incidents.acknowledge import AcknowledgedVia, AckOutcome
from alertsms.core.routing.duration import canonical_duration

by_whom = click.option("--by", default="", help="Who answers, as the configuration names them; else your login name.")
served_at = click.option("--url", default="", help="The server; else where the configuration says it listens.")
everything = click.option("--all", "everything", is_flag=True, help="Everything that is open.")


@click.command()
@click.argument("numbers", type=IncidentNumber(), nargs=-1)
@configured
@everything
@by_whom
@served_at
@as_json
def ack(*, numbers: tuple[int, ...], config: str, everything: bool, by: str, url: str, as_json: bool) -> None:
    """Say that somebody has incidents: nobody is paged for them any more, and the others hear who it is.

    The number of a digest stands for all that it covers.

    \b
    Example:  alertsms ack 42 43 --by alice --config /etc/alertsms/config.yaml
    """  # noqa: D301
    name = login_name(by)
    said = _ask(config, url, "ack", {**_meant(numbers, everything=everything), "by": name})
    _note_stranger(said, name, config)
    _print(said, name, "has it now", good=(AckOutcome.TAKEN,), as_json=as_json)


@click.command()
@click.argument("number", type=IncidentNumber())
@click.argument("length", type=DurationParam(), metavar="DURATION")
@configured
@by_whom
@served_at
@as_json
def snooze(*, number: int, length: timedelta, config: str, by: str, url: str, as_json: bool) -> None:
    """Say that somebody has an incident for a while; if it still fires then, it pages again.

    \b
    Example:  alertsms snooze 42 2h --by alice --config /etc/alertsms/config.yaml
    """  # noqa: D301
    name, words = login_name(by), canonical_duration(length)
    said = _ask(config, url, "snooze", {"numbers": [number], "by": name, "for": words})
    _note_stranger(said, name, config)
    _print(said, name, f"has it for {words}", good=(AckOutcome.TAKEN,), as_json=as_json)


@click.command()
@click.argument("numbers", type=IncidentNumber(), nargs=-1)
@configured
@everything
@by_whom
@served_at
@as_json
def resolve(*, numbers: tuple[int, ...], config: str, everything: bool, by: str, url: str, as_json: bool) -> None:
    """Say that incidents are over, whatever their sender thinks. Should it mention them again, they are back.

    \b
    Example:  alertsms resolve 42 --config /etc/alertsms/config.yaml
    """  # noqa: D301
    name = login_name(by)
    said = _ask(config, url, "resolve", {**_meant(numbers, everything=everything), "by": name})
    _print(said, name, "is over now", good=(AckOutcome.TAKEN, AckOutcome.OVER), as_json=as_json)


def _meant(numbers: tuple[int, ...], *, everything: bool) -> dict[str, object]:
    if bool(numbers) is everything:
        raise click.UsageError("write numbers, such as 42, or --all")
    return {"all": True} if everything else {"numbers": list(numbers)}


def login_name(by: str) -> str:
    """Who answers: who is told, or else who typed. Raises UsageError."""
    try:
        name = by or getpass.getuser()
    except (KeyError, OSError):
        name = ""
    if not name:
        raise click.UsageError("the system does not know your name: write --by NAME")
    return name


def running(config: str, url: str) -> RunningServer:
    """The server of a configuration, or the one at `url`. Raises ClickException."""
    listens = loaded(config).server
    return RunningServer(checked(url) if url else own_url(listens.host, listens.port), token(config))


def _ask(config: str, url: str, act: str, body: Mapping[str, object]) -> Any:  # noqa: ANN401 - JSON
    return running(config, url).ask("POST", f"/api/v1/incidents/{act}", {**body, "via": AcknowledgedVia.COMMAND.value})


def _note_stranger(said: Mapping[str, Any], name: str, config: str) -> None:
    """Say what a name without a phone does not do: a slip in --by, or root's own, would go unnoticed until morning."""
    taken = any(each["result"] == AckOutcome.TAKEN for each in said["outcomes"])
    if taken and name not in loaded(config).roster.people:
        click.echo(
            f"{name} is none of `people`: all who were paged will hear of the end. Next time write --by NAME.", err=True
        )


def _print(said: Mapping[str, Any], name: str, done: str, *, good: Sequence[str], as_json: bool) -> None:
    """A line for each number; exit with 1 where one is not as it was wanted."""
    outcomes: list[Mapping[str, Any]] = said["outcomes"]
    fine = [
        each["result"] in good or (each["result"] == AckOutcome.ALREADY and each["by"] == name) for each in outcomes
    ]
    if as_json:
        click.echo(json.dumps(said, ensure_ascii=False))
    else:
        for each, well in zip(outcomes, fine, strict=True):
            click.echo(_sentence(each, name, done), err=not well)
        if said["along"]:
            along = ", ".join(f"#{number}" for number in said["along"])
            click.echo(f"With it {along}: the same in other teams of {name}.")
        if not outcomes:
            click.echo("Nothing is open.")
    sys.exit(0 if all(fine) else 1)


def _sentence(each: Mapping[str, Any], name: str, done: str) -> str:
    one = each["incident"]
    if one is None:
        return f"There is no #{each['number']}: `alertsms log` lists the latest."
    what = " ".join(filter(None, (f"#{one['id']}", one["severity"].upper(), one["name"], one["place"])))
    match each["result"]:
        case AckOutcome.TAKEN:
            return f"{what}: {'it' if done == 'is over now' else name} {done}."
        case AckOutcome.ALREADY:
            return f"{what}: {each['by']} has it already."
        case AckOutcome.BACK:
            return f"{what}: it is back since, and pages on. Write it again if you mean that, too."
    return f"{what}: it is over."
