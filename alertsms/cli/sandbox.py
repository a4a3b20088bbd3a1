"""`alertsms sandbox` and `demo`: the SMS API of OVHcloud on this machine, alone or with an alertsms of its own."""

from __future__ import annotations

import json
import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import requests

from alertsms import logs
from alertsms.cli.terminal import Parsed, Signals, own_url, taken
from alertsms.config import read
from alertsms.config.parsers import Address, address
from alertsms.sandbox import DeliveryCode, Sandbox, SandboxAccount, SandboxMessage
from alertsms.sandbox.exchange import CallName
from alertsms.sandbox.faults import SENDING, FaultKind
from alertsms.sandbox.server import SandboxServer

ACCOUNT = "sms-xx00000-1"
VIRTUAL_NUMBER = "+33700000000"  # as in config.example.yaml: its texts carry links, and can be answered
RENTED = {VIRTUAL_NUMBER.replace("+", "00"): "fr"}
BALANCE = 1_000_000  # a drill of thousands of alerts must not end for want of play money
HOST = "127.0.0.1"
PATIENCE = 30.0  # seconds that `--send` waits for its SMS to be delivered
LOOK_EVERY = 0.05


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
    box = Sandbox(account=SandboxAccount(service_name, credits=balance, virtual_numbers=RENTED))
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Demo:
    """What runs."""

    sandbox: SandboxServer
    webhook: str  # its URL


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The webhook's port; else a free one.")
@click.option("--sandbox-port", type=click.IntRange(0, 65535), default=0, help="The phone page's; else a free one.")
@click.option("--send", is_flag=True, help="Post a sample alert, show its SMS once delivered, and end.")
@click.option("--verbose", "-v", is_flag=True, help="Log what happens.")
def demo(*, port: int, sandbox_port: int, send: bool, verbose: bool) -> None:
    """Try everything on this machine: no account, no file, no SMS.

    \b
    Example:  alertsms demo
              alertsms demo --send
    """  # noqa: D301
    logs.setup(level="info" if verbose else "warning")
    with Signals() as signals, running(port, sandbox_port, links=not send) as demo:
        if send:
            sys.exit(_send(demo))
        click.echo(_welcome(demo))
        signals.until_stopped()


@contextmanager
def running(port: int, sandbox_port: int, *, links: bool = False) -> Iterator[Demo]:
    """Run both, with a store that is thrown away; `links`: its SMS have one, for as long as it runs.

    Raises ClickException where an address is taken.
    """
    from alertsms.app import App  # the whole server: `sandbox` needs none of it
    from alertsms.web.listener import Listener

    made = Sandbox(account=SandboxAccount(virtual_numbers=RENTED)) if links else Sandbox()  # a name takes no answers
    with TemporaryDirectory(prefix="alertsms-demo-") as folder, start_sandbox(made, HOST, sandbox_port) as sandbox:
        app = App(read(configuration(sandbox, Path(folder), answered=links), file="demo", environ={}))
        try:
            listener = Listener(app.wsgi, HOST, port, judge=lambda: app.judge)
        except OSError as problem:
            app.stop()
            raise taken(HOST, port, problem) from problem
        address = f"http://{HOST}:{listener.port}"
        if links:  # only now it is known where
            app.context.config.current = replace(app.config, server=replace(app.config.server, external_url=address))
            app.delivery.accounts.first.sms.set_callback(app.keys.callback())  # as `doctor --set-callback` does
        try:
            app.start()
            yield Demo(sandbox=sandbox, webhook=f"{address}/webhook")
        finally:
            listener.close()
            app.stop()


def configuration(sandbox: SandboxServer, folder: Path, *, answered: bool = False) -> str:
    """The configuration of the demo: one person, one team, the sandbox in OVHcloud's place.

    `answered`: pages come from a rented number, which takes answers and whose texts have links.
    """
    sender = f'virtual_number: "{VIRTUAL_NUMBER}"' if answered else "sender: ACME"
    keys = sandbox.sandbox.credentials
    return f"""
store: {json.dumps(f"sqlite:///{folder}/alertsms.db")}
ovh:
  endpoint: {sandbox.url}
  application_key: {keys.application_key}
  application_secret: {keys.application_secret}
  consumer_key: {keys.consumer_key}
  service_name: {sandbox.sandbox.account.name}
  {sender}
people: {{alice: "+33612345678"}}
teams: {{ops: {{page: [alice]}}}}
route: {{team: ops}}
"""


def sample(now: datetime) -> dict[str, object]:
    """An Alertmanager's body with one alert that fires since `now`."""
    return {
        "version": "4",
        "status": "firing",
        "receiver": "sms",
        "groupKey": "{}:{}",
        "alerts": [
            {
                "status": "firing",
                "labels": {"alertname": "HighCPU", "instance": "web-01", "severity": "critical"},
                "annotations": {"summary": "CPU above 90% for 5 min"},
                "startsAt": now.isoformat(timespec="seconds").replace("+00:00", "Z"),
                "endsAt": "0001-01-01T00:00:00Z",
            }
        ],
    }


def _welcome(demo: Demo) -> str:
    return f"""The demo runs, with a stand-in for OVHcloud: no SMS leaves this machine.

Webhook:    {demo.webhook}
Phone page: {demo.sandbox.page}

Open the phone page, then fire an alert:

curl -H 'Content-Type: application/json' -d {shlex.quote(json.dumps(sample(datetime.now(UTC))))} {demo.webhook}

The link in its SMS says who has it. Once more pages nobody again. With both "firing" changed to "resolved", the phone
gets the OK.
Ctrl-C stops it."""


def _send(demo: Demo) -> int:
    answer = requests.post(demo.webhook, json=sample(datetime.now(UTC)), timeout=PATIENCE)
    if answer.status_code != 202:
        click.echo(f"The webhook answered {answer.status_code}: {answer.text}", err=True)
        return 1
    message = _delivered(demo.sandbox.sandbox, time.monotonic() + PATIENCE)
    if message is None:
        click.echo(f"No SMS was delivered within {PATIENCE:.0f} s; run it again with -v to see why.", err=True)
        return 1
    click.echo(f"From {message.sender} to {message.receiver}, {message.size.parts} segment, delivered:\n{message.text}")
    return 0


def _delivered(sandbox: Sandbox, deadline: float) -> SandboxMessage | None:
    while time.monotonic() < deadline:
        for message in sandbox.accepted:
            if message.receipt(sandbox.wall()).delivery is DeliveryCode.DELIVERED:
                return message
        time.sleep(LOOK_EVERY)
    return None
