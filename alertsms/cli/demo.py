"""`alertsms demo`: alertsms and the sandbox together, on a store that is thrown away."""

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
from alertsms.app import App
from alertsms.cli.sandbox import VIRTUAL_NUMBER, start_sandbox
from alertsms.cli.terminal import Signals, taken
from alertsms.config import read
from alertsms.sandbox import DeliveryCode, Sandbox, SandboxAccount, SandboxMessage
from alertsms.sandbox.server import SandboxServer
from alertsms.web.listener import Listener

HOST = "127.0.0.1"
PATIENCE = 30.0  # seconds that `--send` waits for its SMS to be delivered
LOOK_EVERY = 0.05


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
    rented = {VIRTUAL_NUMBER.replace("+", "00"): "fr"} if links else {}  # only a number can be answered
    made = Sandbox(account=SandboxAccount(virtual_numbers=rented)) if links else Sandbox()
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
            app.delivery.accounts.first.sms.set_callback(
                app.keys.callback()
            )  # as `alertsms doctor --set-callback` does
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
    body = shlex.quote(json.dumps(sample(datetime.now(UTC))))
    return f"""The demo runs, with a stand-in for OVHcloud: no SMS leaves this machine.

Webhook:    {demo.webhook}
Phone page: {demo.sandbox.page}

Open the phone page, then fire an alert:

curl -H 'Content-Type: application/json' -d {body} {demo.webhook}

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
