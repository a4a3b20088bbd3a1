"""Options and ways to end that several commands share."""

from __future__ import annotations

import functools
import getpass
import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from alertsms.config import Config, ConfigError, load
from alertsms.config.parsers import web_address
from alertsms.core.routing.duration import parse_duration

F = TypeVar("F", bound=Callable[..., Any])
Command = Callable[..., None]
HERE = "config.yaml"
NO_FILE = f"""no configuration: write --config FILE, set ALERTSMS_CONFIG, or put {HERE} here. The smallest one:

ovh:
  application_key: ...         # `alertsms login` gets these three
  application_secret: ...
  consumer_key: ...
  service_name: sms-xx00000-1
  sender: ACME
people:
  alice: "+33612345678"
teams:
  ops: {{page: [alice]}}
route: {{team: ops}}"""


def configured(command: F) -> F:
    """Give a command `--config FILE` as its argument `config`: $ALERTSMS_CONFIG, else ./config.yaml if there is one."""
    return click.option(
        "--config",
        "-c",
        metavar="FILE",
        envvar="ALERTSMS_CONFIG",
        callback=lambda _context, _option, value: value or here(),
        help=f"The configuration; else $ALERTSMS_CONFIG, else ./{HERE}.",
    )(command)


def here() -> str:
    """The configuration of this folder. Raises UsageError that says what to write when there is none."""
    if Path(HERE).exists():
        return HERE
    raise click.UsageError(NO_FILE)


def loaded(file: str) -> Config:
    """A configuration without its secrets; its mistakes go to stderr and end the command with 1."""
    try:
        return load(file, secrets=False)
    except ConfigError as error:
        click.echo(error, err=True)
        sys.exit(1)


def bundled(name: str, make: Callable[..., Any], *options: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command some of its options as one argument that is made of them."""

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def run(**given: Any) -> None:  # noqa: ANN401 - click's
            command(**{name: make(**{option: given.pop(option) for option in options})}, **given)

        return run

    return decorate


class Parsed(click.ParamType):  # type: ignore[type-arg,unused-ignore]  # generic since click 8.3
    """A text that `parse` turns into the value; it raises ValueError with what to write."""

    def __init__(self, name: str, parse: Callable[[str], object]) -> None:
        self.name, self._parse = name, parse

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        """Read it, unless a default is a value already."""
        try:
            return self._parse(value) if isinstance(value, str) else value
        except ValueError as problem:
            self.fail(str(problem), param, ctx)


def moment(text: str) -> datetime:
    """A time in ISO 8601; one without an offset is UTC, so that it means the same on every machine."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f'"{text}" is no time, write for example 2026-11-21T02:10+01:00') from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


DURATION = Parsed("DURATION", parse_duration)  # as the configuration has it, such as 60s
at_time = click.option(
    "--at", type=Parsed("TIME", moment), help="As if it were this time; UTC without an offset. Else now."
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def checked(url: str) -> str:
    """The value of --url. Raises UsageError."""
    try:
        return web_address(url)
    except ValueError as problem:
        raise click.UsageError(f"--url: {problem}") from problem


def login() -> str:
    """Who types; "" where the system does not know, in a container for example."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def own_url(host: str, port: int) -> str:
    """Where what listens on HOST:PORT answers on this machine."""
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"http://[{near}]:{port}" if ":" in near else f"http://{near}:{port}"


def taken(host: str, port: int, problem: OSError) -> click.ClickException:
    """The error for an address that cannot be listened on."""
    reason = problem.strerror or os.strerror(problem.errno) if problem.errno else str(problem)
    return click.ClickException(f"cannot listen on {host}:{port}: {reason}. Stop what uses it, or choose another port.")


def print_json(value: object) -> None:
    """Print for programs, names in their own letters."""
    click.echo(json.dumps(value, ensure_ascii=False))
