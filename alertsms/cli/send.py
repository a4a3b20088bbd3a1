"""`alertsms send` and `contact`: a test SMS through the running server, and the number of pages as a contact."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import click

from alertsms.cli.server import ServerAt, asks_server, served_at
from alertsms.cli.terminal import DURATION, as_json, configured, loaded, print_json
from alertsms.core.routing.duration import canonical_duration
from alertsms.core.schedules.rota import escaped

GOOD, BAD = ("sent", "delivered"), ("failed", "undelivered", "cancelled")
RANG = "Did the phone of {} ring, and does it show that SMS?"
AFTERWARDS = "`alertsms check` and `doctor` name the numbers that nobody has confirmed since the sender changed."
SILENT = "{} did not ring: docs/phones.md says what to set on it. Then ask again: alertsms send {} --confirm"
LOOK_EVERY = 0.2
NO_NUMBER = (
    "{} is no number, and no phone takes it as a contact: docs/phones.md says how to let it ring all the same, and"
    " virtual_number rents a number."
)


@click.command()
@click.argument("person")
@configured
@click.option("--text", default="", help="The text; else one that says it is a test.")
@click.option("--confirm", is_flag=True, help="Ask each of the person's phones to confirm that it is theirs.")
@served_at
@click.option("--wait", type=DURATION, default="60s", show_default=True, help="How long to wait for OVHcloud.")
@as_json
@asks_server
def send(*, person: str, text: str, confirm: bool, wait: timedelta, as_json: bool, server: ServerAt) -> None:
    """Send a test SMS to one person through the running server; exit with 0 once OVHcloud has it.

    With --confirm each of their numbers gets one, with a link or a request to answer: whoever does has the phone. On a
    terminal you are asked whether it rang: a sender that is a name cannot be answered. If not, the exit
    code is 1.

    \b
    Example:  alertsms send alice --config /etc/alertsms/config.yaml
    """  # noqa: D301
    asks = confirm and not as_json and on_terminal()
    wanted = {"person": person, "confirm": True, "witness": asks} if confirm else {"person": person, "text": text}
    numbers = server.ask("POST", "/api/v1/send", wanted)["pages"]
    deadline = time.monotonic() + wait.total_seconds()
    messages = [followed(partial(server.ask, "GET", f"/api/v1/messages?page={page}"), deadline) for page in numbers]
    silent = False
    if as_json:
        print_json(messages if confirm else messages[0])
    else:
        for message in messages:
            click.echo(_sentence(message, person, wait), err=message.get("state") not in GOOD)
        for page, message in zip(numbers, messages, strict=True) if asks else ():
            if message.get("state") not in GOOD:
                continue
            phone = f"{person} ({message['number']})"
            if click.confirm(RANG.format(phone)):
                server.ask("POST", "/api/v1/confirmations", {"page": page})
            else:
                silent = True
                click.echo(SILENT.format(phone, person), err=True)
        if confirm:
            click.echo(AFTERWARDS)
    sys.exit(0 if not silent and all(message.get("state") in GOOD for message in messages) else 1)


def on_terminal() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin.isatty()


def followed(messages: Callable[[], list[dict[str, Any]]], deadline: float) -> dict[str, Any]:
    """The last message of a page, once it came to an end or `deadline` (monotonic) passed; {} for none."""
    while True:
        message: dict[str, Any] = next(reversed(messages()), {})
        if message.get("state") in GOOD + BAD or time.monotonic() >= deadline:
            return message
        time.sleep(LOOK_EVERY)


def _sentence(message: dict[str, Any], person: str, wait: timedelta) -> str:
    if not message:
        return f"The SMS to {person} has not left within {canonical_duration(wait)}: look at the server's log."
    whom = f"{person} ({message['number']})"
    if message["state"] in GOOD:
        return f"OVHcloud has the SMS to {whom}, its id is {message['ovh_id']}: {message['text']}"
    why = message["error"] or "no reason given"
    if message["state"] in BAD:
        return f"The SMS to {whom} {message['state']}: {why}"
    waited = f"after {canonical_duration(wait)} and {message['attempts']} attempts"
    return f"The SMS to {whom} is {message['state']} {waited}: {why}. The server goes on trying."


@click.command()
@click.option("--name", default="alertsms", show_default=True, help="What phones show it as.")
@configured
def contact(*, name: str, config: str) -> None:
    """Print a contact (vCard 3.0) of the number that pages come from: let phones ring for it at night.

    \b
    Example:  alertsms contact > alertsms.vcf
    """  # noqa: D301
    ovh = loaded(config).ovh
    rented = (account.virtual_number for account in (ovh, ovh.standby) if account and account.virtual_number)
    numbers = dict.fromkeys(rented)
    if not numbers:
        raise click.ClickException(NO_NUMBER.format(ovh.shows))
    shown = escaped(name)
    lines = ["BEGIN:VCARD", "VERSION:3.0", f"N:;{shown};;;", f"FN:{shown}"]
    lines += [f"TEL;TYPE=CELL:{number}" for number in numbers]
    click.echo("".join(f"{line}\r\n" for line in (*lines, "END:VCARD")), nl=False)
