"""`alertsms ack`, `snooze`, `resolve` and `silence`: somebody answers from a terminal, through the running server."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import click

from alertsms.cli.incident import INCIDENT_NUMBER
from alertsms.cli.server import ServerAt, asks_server, served_at
from alertsms.cli.terminal import DURATION, as_json, configured, loaded, login, print_json
from alertsms.core.incidents.acknowledge import AcknowledgedVia, AckOutcome
from alertsms.core.routing.duration import canonical_duration

by_whom = click.option("--by", default="", help="Who answers, as the configuration names them; else your login name.")
everything = click.option("--all", "everything", is_flag=True, help="Everything that is open.")


@click.command()
@click.argument("numbers", type=INCIDENT_NUMBER, nargs=-1)
@configured
@everything
@by_whom
@served_at
@as_json
@asks_server
def ack(*, numbers: tuple[int, ...], everything: bool, by: str, as_json: bool, server: ServerAt) -> None:
    """Say that somebody has incidents: nobody is paged for them any more, and the others hear who it is.

    The number of a digest stands for all that it covers.

    \b
    Example:  alertsms ack 42 43 --by alice --config /etc/alertsms/config.yaml
    """  # noqa: D301
    name = login_name(by)
    answer = _ask(server, "ack", {**_meant(numbers, everything=everything), "by": name})
    _note_stranger(answer, name, server.config)
    _print(answer, name, "has it now", good=(AckOutcome.TAKEN,), as_json=as_json)


@click.command()
@click.argument("number", type=INCIDENT_NUMBER)
@click.argument("length", type=DURATION, metavar="DURATION")
@configured
@by_whom
@served_at
@as_json
@asks_server
def snooze(*, number: int, length: timedelta, by: str, as_json: bool, server: ServerAt) -> None:
    """Say that somebody has an incident for a while; if it still fires then, it pages again.

    \b
    Example:  alertsms snooze 42 2h --by alice --config /etc/alertsms/config.yaml
    """  # noqa: D301
    name, words = login_name(by), canonical_duration(length)
    answer = _ask(server, "snooze", {"numbers": [number], "by": name, "for": words})
    _note_stranger(answer, name, server.config)
    _print(answer, name, f"has it for {words}", good=(AckOutcome.TAKEN,), as_json=as_json)


@click.command()
@click.argument("numbers", type=INCIDENT_NUMBER, nargs=-1)
@configured
@everything
@by_whom
@served_at
@as_json
@asks_server
def resolve(*, numbers: tuple[int, ...], everything: bool, by: str, as_json: bool, server: ServerAt) -> None:
    """Say that incidents are over, whatever their sender thinks. Should it mention them again, they are back.

    \b
    Example:  alertsms resolve 42 --config /etc/alertsms/config.yaml
    """  # noqa: D301
    name = login_name(by)
    answer = _ask(server, "resolve", {**_meant(numbers, everything=everything), "by": name})
    _print(answer, name, "is over now", good=(AckOutcome.TAKEN, AckOutcome.OVER), as_json=as_json)


def _meant(numbers: tuple[int, ...], *, everything: bool) -> dict[str, object]:
    if bool(numbers) is everything:
        raise click.UsageError("write numbers, such as 42, or --all")
    return {"all": True} if everything else {"numbers": list(numbers)}


def login_name(by: str) -> str:
    """The acknowledger: the name in --by, else the login name. Raises UsageError."""
    name = by or login()
    if not name:
        raise click.UsageError("the system does not know your name: write --by NAME")
    return name


def _ask(server: ServerAt, act: str, body: Mapping[str, object]) -> Any:  # noqa: ANN401 - JSON
    return server.ask("POST", f"/api/v1/incidents/{act}", {**body, "via": AcknowledgedVia.COMMAND.value})


def _note_stranger(answer: Mapping[str, Any], name: str, config: str) -> None:
    """Say what a name without a phone does not do: a slip in --by, or root's own, would go unnoticed until morning."""
    taken = any(outcome["result"] == AckOutcome.TAKEN for outcome in answer["outcomes"])
    if taken and name not in loaded(config).roster.people:
        click.echo(
            f"{name} is none of `people`: all who were paged will hear of the end. Next time write --by NAME.", err=True
        )


def _print(answer: Mapping[str, Any], name: str, done: str, *, good: Sequence[str], as_json: bool) -> None:
    """A line for each number; exit with 1 where one is not as it was wanted."""
    outcomes: list[Mapping[str, Any]] = answer["outcomes"]
    fine = [
        outcome["result"] in good or (outcome["result"] == AckOutcome.ALREADY and outcome["by"] == name)
        for outcome in outcomes
    ]
    if as_json:
        print_json(answer)
    else:
        for outcome, well in zip(outcomes, fine, strict=True):
            click.echo(_sentence(outcome, name, done), err=not well)
        if answer["along"]:
            along = ", ".join(f"#{number}" for number in answer["along"])
            click.echo(f"With it {along}: the same in other teams of {name}.")
        if not outcomes:
            click.echo("Nothing is open.")
    sys.exit(0 if all(fine) else 1)


def _sentence(outcome: Mapping[str, Any], name: str, done: str) -> str:
    incident = outcome["incident"]
    if incident is None:
        return f"There is no #{outcome['number']}: `alertsms log` lists the latest."
    what = " ".join(
        filter(None, (f"#{incident['id']}", incident["severity"].upper(), *map(incident.get, ("name", "place"))))
    )
    match outcome["result"]:
        case AckOutcome.TAKEN:
            return f"{what}: {'it' if done == 'is over now' else name} {done}."
        case AckOutcome.ALREADY:
            return f"{what}: {outcome['by']} has it already."
        case AckOutcome.BACK:
            return f"{what}: it is back since, and pages on. Write it again if you mean that, too."
    return f"{what}: it is over."


PATIENCE = 120.0  # seconds; the server asks each Alertmanager, and a hanging Alertmanager takes some 25


@click.command()
@click.argument("number", type=INCIDENT_NUMBER)
@click.argument("length", type=DURATION, metavar="DURATION")
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
    answer = server.ask("POST", f"/api/v1/incidents/{number}/silence", wanted, timeout=PATIENCE)
    print_json(answer) if as_json else click.echo(answer["words"])
    sys.exit(0 if answer["silenced"] else 1)
