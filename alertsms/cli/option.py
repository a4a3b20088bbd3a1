"""Options and ways to end that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
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


class Address(click.ParamType):  # type: ignore[type-arg,unused-ignore]  # generic since click 8.3
    """HOST:PORT."""

    name = "HOST:PORT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        """Read it as the configuration does."""
        from alertsms.config.value import address

        try:
            return address(value) if isinstance(value, str) else value
        except ValueError as problem:
            self.fail(str(problem), param, ctx)


def taken(host: str, port: int, problem: OSError) -> click.ClickException:
    """The error for an address that cannot be listened on."""
    reason = problem.strerror or os.strerror(problem.errno) if problem.errno else str(problem)
    return click.ClickException(f"cannot listen on {host}:{port}: {reason}. Stop what uses it, or choose another port.")
