"""`alertsms sandbox`: OVHcloud's SMS API on this machine, for drills and for trying a configuration."""

from __future__ import annotations

import click

from alertsms.cli.terminal import Parsed, Signals, own_url, taken
from alertsms.config.parsers import Address, address
from alertsms.sandbox import Sandbox, SandboxAccount
from alertsms.sandbox.exchange import CallName
from alertsms.sandbox.faults import SENDING, FaultKind
from alertsms.sandbox.server import SandboxServer

ACCOUNT = "sms-xx00000-1"
VIRTUAL_NUMBER = "+33700000000"  # as in config.example.yaml: its texts carry links, and can be answered
BALANCE = 1_000_000  # a drill of thousands of alerts must not end for want of play money


HELP = f"""Run a stand-in for OVHcloud's SMS API: it checks signatures, and no SMS leaves it.

\b
Example:  alertsms sandbox --listen 127.0.0.1:9096

What can go wrong is set while it runs, here two lost answers of the call that sends ("call" is "*" unless given):

\b
curl -d '[{{"kind": "reset_after", "call": "jobs", "times": 2}}]' http://127.0.0.1:9096/sandbox/faults

Kinds: {", ".join(FaultKind)}. With "after" in its name, and with empty_200, a message is accepted before the
answer is lost.

Calls: *, {", ".join(CallName)}.

These kinds strike jobs alone: {", ".join(kind for kind in FaultKind if kind in SENDING)}.

"blocked" is an operator that drops a sender: accepted, delivered as the receipt says, and no phone shows it.

A fault may also have "receiver", "sender", "seconds", "probability" (0 to 1), "times", "retry_after" and "ptt"; the
kinds of "status" and "redirect" a "status", those of "redirect" a "location": another address, or a "/path" of this
one.
"""


@click.command(help=HELP)
@click.option(
    "--listen",
    type=Parsed("HOST:PORT", address),
    default="127.0.0.1:9096",
    show_default=True,
    help="Where it is served.",
)
@click.option(
    "--credits",
    "balance",
    type=click.FloatRange(min=0),
    default=BALANCE,
    show_default=True,
    help="The account's balance; each segment takes one.",
)
@click.option(
    "--service-name",
    metavar="SN",
    default=ACCOUNT,
    show_default=True,
    help="The account's name: a second sandbox with another one can be the stand-by.",
)
def sandbox(*, listen: Address, balance: float, service_name: str) -> None:
    """Run a stand-in for OVHcloud's SMS API: it checks signatures, and no SMS leaves it."""
    numbers = {VIRTUAL_NUMBER.replace("+", "00"): "fr"}
    box = Sandbox(account=SandboxAccount(service_name, credits=balance, virtual_numbers=numbers))
    with Signals() as signals, start_sandbox(box, listen.host, listen.port) as server:
        click.echo(describe(server, listen.host))
        signals.until_stopped()


def start_sandbox(box: Sandbox, host: str, port: int) -> SandboxServer:
    """Serve a sandbox. Raises ClickException where the address is taken."""
    try:
        return SandboxServer(box, host, port)
    except OSError as problem:
        raise taken(host, port, problem) from problem


def describe(server: SandboxServer, host: str) -> str:
    """What somebody on this machine needs to use it; `host` is what it listens on."""
    page = f"{own_url(host, server.port)}/"
    keys, box = server.sandbox.credentials, server.sandbox
    sender = next(name for name, state in box.account.senders.items() if state == "enable")
    return f"""The sandbox runs. A phone that shows its SMS: {page}

To page through it, write into the configuration:

ovh:
  endpoint: {page}1.0
  application_key: {keys.application_key}
  application_secret: {keys.application_secret}
  consumer_key: {keys.consumer_key}
  service_name: {box.account.name}
  sender: {sender}
  # Or, so that phones can answer: virtual_number: "{VIRTUAL_NUMBER}", or sender_for_response: true, without links.

What it accepted:    curl {page}sandbox/messages
Let things go wrong: curl -d '[{{"kind": "503", "probability": 0.4}}]' {page}sandbox/faults
Let them work again: curl -X DELETE {page}sandbox/faults

Ctrl-C stops it."""
