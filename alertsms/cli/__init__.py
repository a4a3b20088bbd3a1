"""The command line: each command parses, calls and prints, in a module that only this command imports."""

from __future__ import annotations

from importlib import import_module
from typing import NamedTuple

import click

from alertsms import __version__


class Lazy(NamedTuple):
    """Where a command stands, and its line of help, so that listing commands imports none."""

    module: str  # below alertsms.cli
    line: str


COMMANDS = {
    "serve": Lazy(module="serve", line="Take webhooks and send SMS, until stopped."),
    "demo": Lazy(module="demo", line="Try everything on this machine: no account, no file, no SMS."),
    "sandbox": Lazy(module="sandbox", line="Run a stand-in for OVHcloud's SMS API."),
    "init": Lazy(module="init", line="Ask a few questions, write a configuration, and send a test SMS."),
    "check": Lazy(module="offline", line="Print every mistake of a configuration."),
    "route": Lazy(module="offline", line="Print whom an alert with some labels pages."),
    "render": Lazy(module="render", line="Print each SMS that a webhook body would cause."),
    "on-call": Lazy(module="oncall", line="Print who is on call now, and the calendar of some weeks."),
    "send": Lazy(module="send", line="Send a test SMS to one person through the running server."),
    "contact": Lazy(module="send", line="Print a contact (vCard) of the number that pages come from."),
    "doctor": Lazy(module="doctor", line="Look over everything between an alert and a phone."),
    "healthy": Lazy(module="healthy", line="Ask whether the server on this machine is to be restarted."),
    "log": Lazy(module="incident", line="List the latest incidents, one line each."),
    "why": Lazy(module="incident", line="Tell what happened to an incident."),
    "ack": Lazy(module="quiet", line="Say that somebody has an incident: nobody else is paged for it."),
    "snooze": Lazy(module="quiet", line="Say that somebody has an incident for a while."),
    "resolve": Lazy(module="quiet", line="Say that an incident is over."),
    "silence": Lazy(module="quiet", line="Have Alertmanager keep quiet about an incident for a while."),
    "pause": Lazy(module="quiet", line="Hold back the pages of a team for a while, or print what is paused."),
    "resume": Lazy(module="quiet", line="End a pause."),
    "token": Lazy(module="token", line="Make a token for the API, list them, or revoke one."),
    "login": Lazy(module="account", line="Get the three keys of OVHcloud's API."),
    "hash-password": Lazy(module="token", line="Print what to write as a login's password."),
    "config": Lazy(module="config_snippets", line="Print the JSON Schema, or what to paste into your monitoring."),
    "db": Lazy(module="db", line="Bring the store's tables to this version, back it up, restore it."),
}


class LazyGroup(click.Group):
    """A group that imports a command when it is called: `serve` starts without what `login` needs."""

    def __init__(self, *args: object, lazy: dict[str, Lazy], **rest: object) -> None:
        super().__init__(*args, **rest)  # type: ignore[arg-type]
        self.lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Every command, in the order of the table."""
        return list(self.lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import a command."""
        if cmd_name not in self.lazy:
            return None
        module = import_module(f"alertsms.cli.{self.lazy[cmd_name].module}")
        command = getattr(module, cmd_name.replace("-", "_"))
        assert isinstance(command, click.Command)  # noqa: S101 - the table above says so
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands from the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.line) for name, command in self.lazy.items()])


@click.group(cls=LazyGroup, lazy=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="alertsms", message="%(prog)s %(version)s")
def main() -> None:
    """Page the person on call by SMS: Alertmanager and Grafana webhooks in, OVHcloud SMS out.

    Exit codes: 0 it is so, or done; 1 it is not so, or not done; 2 the command was written wrong.

    \b
    Try it without an account:  alertsms demo
    """  # noqa: D301 - \b tells click to leave the lines as they are
