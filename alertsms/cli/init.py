"""`alertsms init`: a few questions, and a configuration that pages, with its secrets in files of their own."""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from alertsms.cli.account import Wanted, accounts_of, by_page, new_key, opened, plain_errors, wanted_from
from alertsms.cli.send import GOOD, followed
from alertsms.cli.terminal import HERE
from alertsms.config import load, parsers
from alertsms.machine.files import STORE, VARIABLE
from alertsms.ovh.sms import SmsApi

SHORT = "short number"
CHANNEL = "Where to tell when SMS fail, an Apprise URL such as mailto://USER:PASSWORD@HOST (empty: nowhere)"
WAIT = timedelta(minutes=10)
PATIENCE = 60.0  # seconds that the test SMS may take


@dataclass(frozen=True, kw_only=True, slots=True)
class InitAnswers:
    """What somebody answered."""

    wanted: Wanted
    application_key: str
    service_name: str
    sender: str  # "" for the short number
    people: dict[str, str]  # name -> number
    team: str
    channel: str


@click.command()
@click.argument("file", default=HERE, type=click.Path(path_type=Path))
@click.option("--endpoint", envvar="OVH_ENDPOINT", default="ovh-eu", show_default=True, help="Its name, or a URL.")
@click.option("--no-send", is_flag=True, help="End without a test SMS.")
def init(*, file: Path, endpoint: str, no_send: bool) -> None:
    """Ask a few questions, write a commented configuration to FILE, and end with a test SMS.

    Secrets go into the folder `secrets` beside it, for your eyes only. Nothing that exists is overwritten.

    \b
    Example:  alertsms init /etc/alertsms/config.yaml
    """  # noqa: D301
    folder = file.absolute().parent
    for path in (file, folder / "secrets"):
        if path.exists():
            raise click.ClickException(f"{path} exists already: move it away, or write another FILE.")
    try:
        with plain_errors():
            answers, hidden = _answers(wanted_from(endpoint, None))
            _write(file, folder, answers, hidden)
            click.echo(f"\n{file} is written, its secrets are in {folder / 'secrets'}.")
            if answers.channel:
                click.echo(
                    f"The URL of the fallback stands in {file} itself, with its password: both are for your eyes only."
                )
            if not no_send:
                _test(file, next(iter(answers.people)))
    except OSError as problem:
        raise click.ClickException(f"{problem.filename}: {problem.strerror}") from problem
    click.echo(f"""
Next:
  alertsms serve --config {file}
  alertsms doctor --config {file}
  alertsms config alertmanager --config {file}      # what to paste into Alertmanager; also grafana, prometheus""")


def _answers(wanted: Wanted) -> tuple[InitAnswers, dict[str, str]]:
    """Everything, in the order in which one thing needs the other; the secrets apart. Raises OvhError, ValueError."""
    click.echo(by_page(wanted))
    key = click.prompt("Application key").strip()
    secret = click.prompt("Application secret", hide_input=True).strip()
    consumer = click.prompt(
        "Consumer key (empty: ask for one)", hide_input=True, default="", show_default=False
    ).strip()
    consumer = consumer or new_key(wanted, key, secret, WAIT)
    with closing(opened(wanted, key, secret, consumer)) as client:
        service = _chosen(
            "SMS account", list(accounts_of(client, None)), "Order one in the OVHcloud manager, under Web Cloud, SMS."
        )
        sms = SmsApi(client, service)
        named = [name for name in sms.senders() if sms.sender(name).status == "enable"]  # others' SMS are refused
    sender = _chosen("Sender", [*named, SHORT], "")
    answers = InitAnswers(
        wanted=wanted,
        application_key=key,
        service_name=service,
        sender="" if sender == SHORT else sender,
        people=_people(),
        team=click.prompt("Name of the team that is paged", default="ops"),
        channel=_read(CHANNEL, lambda text: parsers.channel(text) if text else "", default=""),
    )
    return answers, {
        "ovh_application_secret": secret,
        "ovh_consumer_key": consumer,
        "webhook": secrets.token_urlsafe(32),
    }


def _chosen(what: str, names: list[str], none: str) -> str:
    if not names:
        raise click.ClickException(f"{what}: these keys reach none. {none}")
    return str(click.prompt(what, type=click.Choice(names), default=names[0]))


def _people() -> dict[str, str]:
    people: dict[str, str] = {}
    while True:
        name = click.prompt(
            "Name of another person (empty: no more)" if people else "Name of a person", default="" if people else None
        ).strip()
        if not name:
            return people
        people[name] = _read("Their mobile number, such as +33612345678", lambda text: parsers.phone(text).e164)


def _read(what: str, read: Callable[[str], str], default: str | None = None) -> str:
    while True:
        try:
            return read(click.prompt(what, default=default, show_default=False).strip())
        except ValueError as problem:
            click.echo(f"{problem}.", err=True)


def _write(file: Path, folder: Path, answers: InitAnswers, hidden: dict[str, str]) -> None:
    """The secrets first: a file that names what is not there would be of no use. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "secrets").mkdir(mode=0o700)
    for name, secret in hidden.items():
        _keep(folder / "secrets" / name, f"{secret}\n")
    _keep(file, _text(folder, answers))


def _keep(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(text)


def _text(folder: Path, answers: InitAnswers) -> str:
    quoted = json.dumps
    people = "\n".join(f"  {quoted(name)}: {quoted(phone)}" for name, phone in answers.people.items())
    sender = f"sender: {quoted(answers.sender)}" if answers.sender else "sender_for_response: true"
    state = Path(os.environ.get(VARIABLE) or folder).absolute()
    return f"""\
# The configuration of alertsms. `alertsms check {HERE}` names every mistake; config.example.yaml explains every key.

# How SMS go out. The secrets lie in files of their own: nobody else may read them.
ovh:
  endpoint: {quoted(answers.wanted.endpoint)}
  application_key: {quoted(answers.application_key)}
  application_secret_file: secrets/ovh_application_secret
  consumer_key_file: secrets/ovh_consumer_key
  service_name: {quoted(answers.service_name)}
  # What phones show; a short number (sender_for_response: true) takes answers, and its texts have no links.
  {sender}

# Who can be paged. Several numbers: {{phones: ["+33612345678", "+33756789012"]}}.
people:
{people}

# Who is paged together, and what comes after: add steps where there are more people.
teams:
  {quoted(answers.team)}: {{page: {quoted(list(answers.people))}}}

# Which alert pages which team.
route: {{team: {quoted(answers.team)}}}

# Who is told when SMS themselves fail.
{_fallback(answers)}

server:
  listen: "127.0.0.1:9095"
  # What Alertmanager and Grafana show: `alertsms config alertmanager` prints their part.
  bearer_token_file: secrets/webhook

# Where pages are kept: one place, whatever folder a command is started in.
store: {quoted(f"sqlite:///{state}/{STORE}")}
"""


def _fallback(answers: InitAnswers) -> str:
    if not answers.channel:
        return '# fallback: {channels: ["mailto://USER:PASSWORD@HOST"]}'
    says = "# A password in it can be left to the environment: write ${VARIABLE} in its place.\n"
    return f"{says}fallback: {{channels: [{json.dumps(answers.channel.replace('$', '$$'))}]}}"


def _test(file: Path, person: str) -> None:
    from alertsms.app import App  # the whole server: the questions need none of it

    app = App(load(file))
    app.start()
    try:
        client = app.wsgi.test_client()
        shown = {"Authorization": f"Bearer {app.keys.token}"}
        page: Any = client.post("/api/v1/send", json={"person": person, "text": ""}, headers=shown).json
        where = f"/api/v1/messages?page={page['pages'][0]}"
        message = followed(lambda: client.get(where, headers=shown).json, time.monotonic() + PATIENCE)  # type: ignore[arg-type,return-value]
    finally:
        app.stop()
    if message.get("state") not in GOOD:
        why = message.get("error") or "it did not leave in time"
        raise click.ClickException(f"the test SMS to {person}: {why}. `alertsms doctor -c {file}` says more.")
    click.echo(f"OVHcloud has the test SMS to {person} ({message['number']}).")
