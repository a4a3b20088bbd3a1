"""What several commands share on a terminal: options, how far something has come, and ways to end."""

from __future__ import annotations

import functools
import getpass
import json
import os
import queue
import shutil
import signal
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

import click

from alertsms.config import Config, ConfigError, load
from alertsms.config.parsers import web_address
from alertsms.core.routing.duration import parse_duration

HERE = "config.yaml"
QUARTER = 25  # percent: elsewhere so often is a line written, for a log that somebody reads later
STOP = (signal.SIGTERM, signal.SIGINT)
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


def _chosen(_context: click.Context, _option: click.Parameter, value: str | None) -> str:
    """The file that is named, else that of this folder. Raises UsageError that says what to write."""
    if value or Path(HERE).exists():
        return value or HERE
    raise click.UsageError(NO_FILE)


configured = click.option(
    "--config",
    "-c",
    metavar="FILE",
    envvar="ALERTSMS_CONFIG",
    callback=_chosen,
    help=f"The configuration; else $ALERTSMS_CONFIG, else ./{HERE}.",
)


def loaded(file: str) -> Config:
    """A configuration without its secrets; its mistakes go to stderr and end the command with 1."""
    try:
        return load(file, secrets=False)
    except ConfigError as error:
        click.echo(error, err=True)
        sys.exit(1)


def bundled(name: str, make: Callable[..., Any], *options: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command some of its options as one argument that is made of them."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
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


class Meter(AbstractContextManager["Meter"]):
    """Shown on stderr, and gone from a terminal at the end, so that what follows begins on a line of its own."""

    def __init__(self, *, lines: bool = True, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`lines`: whether to say it where there is no terminal, too."""
        self._terminal, self._lines, self._monotonic = sys.stderr.isatty(), lines, monotonic
        self._what, self._since, self._shown, self._quarters = "", 0.0, "", 0

    def __call__(self, what: str, done: int, total: int) -> None:
        """So much of `what` is done, of how much; 0 where nobody knows: then seconds are counted."""
        begins = what != self._what
        if begins:
            self._what, self._since, self._quarters = what, self._monotonic(), 0
        percent = 100 * min(done, total) // total if total else None
        if self._terminal:
            self._write_over(
                f"{what}: {int(self._monotonic() - self._since)} s" if percent is None else _at(what, percent)
            )
        elif self._lines and percent is None and begins:
            click.echo(f"{what} ...", err=True)
        elif self._lines and percent is not None and percent // QUARTER > self._quarters:
            self._quarters = percent // QUARTER
            click.echo(_at(what, percent), err=True)

    def _write_over(self, line: str) -> None:
        line = line[: shutil.get_terminal_size().columns - 1]  # one that wraps cannot be written over
        if line != self._shown:
            click.echo(f"\r{line:{len(self._shown)}}", nl=False, err=True)
            self._shown = line

    def clear(self) -> None:
        """Leave a terminal's line empty, for something else to be written there."""
        if self._shown:
            click.echo(f"\r{'':{len(self._shown)}}\r", nl=False, err=True)
            self._shown = ""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.clear()


def _at(what: str, percent: int) -> str:
    return f"{what}: {percent} %"


class Signals:
    """Catches SIGTERM, SIGINT and those named; the handlers only note them, so that they never meet a lock."""

    def __init__(self, *others: signal.Signals) -> None:
        self._kinds = (*STOP, *others)
        self._came: queue.SimpleQueue[int] = queue.SimpleQueue()  # its put() may interrupt itself
        self._before: dict[signal.Signals, object] = {}

    def __enter__(self) -> Self:
        for kind in self._kinds:
            self._before[kind] = signal.signal(kind, self._note)
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        for kind, handler in self._before.items():
            signal.signal(kind, handler)  # type: ignore[arg-type]  # what signal() gave

    def _note(self, kind: int, _: FrameType | None) -> None:
        self._came.put(kind)

    def wait(self, seconds: float) -> signal.Signals | None:
        """The next signal; None when none comes within `seconds`."""
        try:
            return signal.Signals(self._came.get(timeout=seconds))
        except queue.Empty:
            return None

    def until_stopped(self) -> None:
        """Wait for SIGTERM or SIGINT."""
        while self.wait(60.0) not in STOP:
            pass
