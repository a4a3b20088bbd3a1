"""The command line: each command parses, calls and prints, in a module that only this command imports."""

from __future__ import annotations

from importlib import import_module

import click

from alertsms import __version__

# By name: where a command stands below alertsms.cli, and its line of help, so that listing commands imports none.
COMMANDS = {
    "serve": ("serve", "Take webhooks and send SMS, until stopped."),
    "demo": ("sandbox", "Try everything on this machine: no account, no file, no SMS."),
    "sandbox": ("sandbox", "Run a stand-in for OVHcloud's SMS API."),
    "init": ("init", "Ask a few questions, write a configuration, and send a test SMS."),
    "check": ("offline", "Print every mistake of a configuration."),
    "route": ("offline", "Print whom an alert with some labels pages."),
    "render": ("render", "Print each SMS that a webhook body would cause."),
    "on-call": ("oncall", "Print who is on call now, and the calendar of some weeks."),
    "send": ("send", "Send a test SMS to one person through the running server."),
    "contact": ("send", "Print a contact (vCard) of the number that pages come from."),
    "doctor": ("doctor", "Look over everything between an alert and a phone."),
    "healthy": ("healthy", "Ask whether the server on this machine is to be restarted."),
    "log": ("incident", "List the latest incidents, one line each."),
    "why": ("incident", "Tell what happened to an incident."),
    "ack": ("quiet", "Say that somebody has an incident: nobody else is paged for it."),
    "snooze": ("quiet", "Say that somebody has an incident for a while."),
    "resolve": ("quiet", "Say that an incident is over."),
    "silence": ("quiet", "Have Alertmanager keep quiet about an incident for a while."),
    "pause": ("quiet", "Hold back the pages of a team for a while, or print what is paused."),
    "resume": ("quiet", "End a pause."),
    "token": ("token", "Make a token for the API, list them, or revoke one."),
    "login": ("account", "Get the three keys of OVHcloud's API."),
    "hash-password": ("password", "Print what to write as a login's password."),
    "config": ("config_snippets", "Print the JSON Schema, or what to paste into your monitoring."),
    "db": ("db", "Bring the store's tables to this version, back it up, restore it."),
}


class LazyGroup(click.Group):
    """A group that imports a command when it is called: `serve` starts without what `login` needs."""

    def __init__(self, *args: object, lazy: dict[str, tuple[str, str]], **rest: object) -> None:
        super().__init__(*args, **rest)  # type: ignore[arg-type]
        self.lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Every command, in the order of the table."""
        return list(self.lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import a command."""
        if cmd_name not in self.lazy:
            return None
        command = getattr(import_module(f"alertsms.cli.{self.lazy[cmd_name][0]}"), cmd_name.replace("-", "_"))
        assert isinstance(command, click.Command)  # noqa: S101 - the table above says so
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands from the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in self.lazy.items()])


@click.group(cls=LazyGroup, lazy=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="alertsms", message="%(prog)s %(version)s")
def main() -> None:
    """Page the person on call by SMS: Alertmanager and Grafana webhooks in, OVHcloud SMS out.

    Exit codes: 0 it is so, or done; 1 it is not so, or not done; 2 the command was written wrong.

    \b
    Try it without an account:  alertsms demo
    """  # noqa: D301 - \b tells click to leave the lines as they are
