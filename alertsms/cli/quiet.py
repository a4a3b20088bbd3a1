"""`alertsms ack`, `snooze`, `resolve`, `silence`, `pause` and `resume`: no more pages, of an incident or of a team."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import click

from alertsms.cli.incident import INCIDENT_NUMBER, zone_of, zoned
from alertsms.cli.server import ServerAt, asks_server, served_at
from alertsms.cli.terminal import DURATION, as_json, bundled, configured, loaded, login, print_json
from alertsms.core.incidents.acknowledge import AcknowledgedVia, AckOutcome
from alertsms.core.routing.duration import canonical_duration
from alertsms.core.routing.roster import Pause

PATIENCE = 120.0  # seconds; the server asks each Alertmanager, and a hanging Alertmanager takes some 25
PAUSES = "/api/v1/pauses"
by_whom = click.option("--by", default="", help="Who answers, as the configuration names them; else your login name.")
everything = click.option("--all", "everything", is_flag=True, help="Everything that is open.")
teams_named = click.option("--team", "teams", multiple=True, metavar="TEAM", help="Which; may be given several times.")
everybody = click.option("--all", "everybody", is_flag=True, help="Every team.")


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
    _check_chosen(numbers, "numbers, such as 42", everything=everything)
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


def _body(
    teams: tuple[str, ...], length: timedelta | None, reason: str, by: str, *, everybody: bool
) -> dict[str, object] | None:
    """The body of the request; None where nothing is to be paused. Raises UsageError."""
    if length is None and not teams and not everybody:
        return None
    _check_chosen(teams, "--team TEAM", everything=everybody)
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
    _print_pauses(
        server.ask("POST", PAUSES, body) if body else server.ask("GET", PAUSES), server.config, zone, as_json=as_json
    )


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
    _check_chosen(teams, "--team TEAM", everything=everybody)
    query = urlencode({"all": "true"} if everybody else {"team": teams}, doseq=True)
    before = [_read(running) for running in server.ask("GET", PAUSES)["pauses"]]
    answer = server.ask("DELETE", f"{PAUSES}?{query}")
    for line in [] if as_json else _resumed(before, teams, zone_of(server.config, zone).key):
        click.echo(line)
    _print_pauses(answer, server.config, zone, as_json=as_json)


def _resumed(before: Sequence[Pause], teams: Sequence[str], zone: str) -> Iterator[str]:
    over = [ended for ended in before if not teams or ended.team in teams]
    yield from (f"Resumed: {ended.words(zone, 'was')}." for ended in over)
    resumed = {ended.team for ended in over}
    yield from (f"{team} was not paused." for team in dict.fromkeys(teams) if team not in resumed)
    if not teams and not over:
        yield "No team was paused."


def _check_chosen(named: Sequence[object], how: str, *, everything: bool) -> None:
    if bool(named) is everything:
        raise click.UsageError(f"write {how}, or --all")


def _print_pauses(answer: Mapping[str, Any], config: str, zone: ZoneInfo | None, *, as_json: bool) -> None:
    if as_json:
        print_json(answer)
        return
    key, now = zone_of(config, zone).key, datetime.now(UTC)
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
