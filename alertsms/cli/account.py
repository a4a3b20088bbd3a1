"""`alertsms login`: from an OVHcloud account to the lines of `ovh:` that a configuration needs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import click
from click.core import ParameterSource

from alertsms.cli.terminal import DURATION, Meter
from alertsms.core.routing.duration import canonical_duration
from alertsms.ovh.auth import access_rules, create_token_url, current_credential, request_credential
from alertsms.ovh.client import Client
from alertsms.ovh.connection import Credentials
from alertsms.ovh.endpoint import other_name, url_of
from alertsms.ovh.error import Certainty, OvhError, remedy
from alertsms.ovh.sms import SmsApi
from alertsms.store.copies import Progress

LOOK_EVERY = 2.0  # seconds
PENDING = ("INVALID_CREDENTIAL", "NOT_CREDENTIAL")  # what OVHcloud says of a key that nobody has validated yet
WRONG_SECRET = "INVALID_SIGNATURE"  # noqa: S105 - OVHcloud's code


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What the keys are to be for."""

    endpoint: str  # as it is written
    base_url: str
    service_name: str | None


def _hidden(context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    """A secret of the environment, or asked for where `-` is written. Written itself it is taken, with a warning."""
    if value == "-":
        return str(click.prompt((option.name or "").replace("_", " ").capitalize(), hide_input=True))
    if context.get_parameter_source(option.name or "") is ParameterSource.COMMANDLINE:
        name, variable = option.opts[0], option.envvar
        click.echo(
            f"{name}: everybody on this machine can read it in the list of processes, and your shell keeps it. Write"
            f" {name} - to be asked for it, or set ${variable}; then make new keys.",
            err=True,
        )
    return value


@click.command()
@click.option("--endpoint", envvar="OVH_ENDPOINT", default="ovh-eu", show_default=True, help="Its name, or a URL.")
@click.option("--service-name", metavar="SN", help="The SMS account that the keys are for; else any of yours.")
@click.option(
    "--application-key",
    metavar="AK",
    envvar="OVH_APPLICATION_KEY",
    help="The key of an application of yours; without it a link makes all three keys.",
)
@click.option(
    "--application-secret",
    metavar="-",
    envvar="OVH_APPLICATION_SECRET",
    callback=_hidden,
    help="Its secret, by $OVH_APPLICATION_SECRET; else, or for -, it is asked for.",
)
@click.option(
    "--consumer-key",
    metavar="-",
    envvar="OVH_CONSUMER_KEY",
    callback=_hidden,
    help="A key that you have, by $OVH_CONSUMER_KEY, or for - asked for: it is checked.",
)
@click.option("--wait", type=DURATION, default="10m", show_default=True, help="How long to wait for your validation.")
def login(
    *,
    endpoint: str,
    service_name: str | None,
    application_key: str | None,
    application_secret: str | None,
    consumer_key: str | None,
    wait: timedelta,
) -> None:
    """Get the three keys of OVHcloud's API, with just the rights that alertsms needs, and show the SMS accounts.

    \b
    Example:  alertsms login                          prints a link that makes all three keys
              alertsms login --application-key AK     asks for a consumer key of an application that you have
    """  # noqa: D301
    wanted = wanted_from(endpoint, service_name)
    if not application_key:
        click.echo(by_link(wanted))
        return
    secret = application_secret or click.prompt("Application secret", hide_input=True)
    with plain_errors():
        if consumer_key is None:
            consumer_key = new_key(wanted, application_key, secret, wait)
        with closing(opened(wanted, application_key, secret, consumer_key)) as client:
            accounts = accounts_of(client, service_name)
    click.echo(_keys_work(wanted, application_key, consumer_key, accounts))


@contextmanager
def plain_errors() -> Iterator[None]:
    """Let what OVHcloud refuses end a command, with the fix."""
    try:
        yield
    except OvhError as error:
        fix = remedy(error)
        raise click.ClickException(f"OVHcloud: {error}" + (f"\n-> {fix}" if fix else "")) from error
    except ValueError as problem:  # a key with a space in it
        raise click.ClickException(str(problem)) from problem


def wanted_from(endpoint: str, service_name: str | None) -> Wanted:
    """What keys are to be for. Raises UsageError."""
    try:
        return Wanted(endpoint=endpoint, base_url=url_of(endpoint), service_name=service_name)
    except ValueError as problem:
        raise click.UsageError(f"--endpoint: {problem}") from problem


def by_page(wanted: Wanted) -> str:
    """Where to make the keys, for somebody who is about to be asked for them."""
    return f"""\
Open this page, log in, name the application (alertsms), choose "Unlimited" and create the keys. It asks for the
rights that alertsms needs, and no others:

   {create_token_url(wanted.endpoint, wanted.service_name)}
{_other_page(wanted)}"""


def _other_page(wanted: Wanted) -> str:
    """Where that page is once OVHcloud has moved it; "" for an endpoint with one name only."""
    other = other_name(wanted.base_url)
    if not other:
        return ""
    here, there = (create_token_url(url, None).partition("?")[0] for url in (wanted.base_url, other))
    return f"""
   Is there no such page? OVHcloud moves it: open the same with {there}
   in the place of {here}
"""


def by_link(wanted: Wanted) -> str:
    """What to do without an application: one page makes the application and all three keys."""
    return f"""\
1. Open this page, log in, name the application (alertsms), choose "Unlimited" and create the keys. The page
   asks for the rights that alertsms needs, and no others:

   {create_token_url(wanted.endpoint, wanted.service_name)}
{_other_page(wanted)}
2. Write the keys where only alertsms reads them, and name them in its configuration:

{_lines(wanted, "${OVH_APPLICATION_KEY}", "${OVH_CONSUMER_KEY}", wanted.service_name)}

3. With OVH_APPLICATION_KEY, OVH_APPLICATION_SECRET and OVH_CONSUMER_KEY set, `alertsms login` checks them and
   lists your SMS accounts and their credits."""


def _lines(wanted: Wanted, application_key: str, consumer_key: str, service_name: str | None) -> str:
    return f"""ovh:
  endpoint: {wanted.endpoint}
  application_key: {application_key}
  application_secret: ${{OVH_APPLICATION_SECRET}}
  consumer_key: {consumer_key}
  service_name: {service_name or "sms-xx00000-1"}
  sender: ACME                   # one of your validated senders, or sender_for_response: true"""


def opened(wanted: Wanted, application_key: str, secret: str, consumer_key: str) -> Client:
    """A client with these keys. Raises ValueError where one cannot be a key."""
    return Client(
        base_url=wanted.base_url,
        credentials=Credentials(application_key=application_key, application_secret=secret, consumer_key=consumer_key),
    )


def new_key(wanted: Wanted, application_key: str, secret: str, wait: timedelta) -> str:
    """Ask for a consumer key and wait until somebody has validated it. Raises OvhError, ClickException."""
    request = request_credential(wanted.base_url, application_key, access_rules(wanted.service_name))
    click.echo(
        f"Open this page and log in to validate the new key (choose an unlimited validity):\n\n   "
        f"{request.validation_url}\n\nWaiting for it, Ctrl-C ends ..."
    )
    with closing(opened(wanted, application_key, secret, request.consumer_key)) as client, Meter() as meter:
        validated(client, wait, progress=meter)
    return request.consumer_key


def validated(
    client: Client,
    wait: timedelta,
    *,
    progress: Progress,
    sleep: Callable[[float], Any] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> None:
    """Return once the client's consumer key is validated. Raises OvhError, or ClickException after `wait`."""
    signatures, began = 0, monotonic()
    what = f"Waiting for its validation, at most {canonical_duration(wait)}"
    while True:
        state = ""
        try:
            state = current_credential(client).status
        except OvhError as error:
            signatures += WRONG_SECRET in error.code
            if signatures > 1:  # the first may be due to a clock that was just set right
                raise click.ClickException(
                    "OVHcloud refuses the signature: the application secret is wrong."
                ) from error
            if error.certainty is Certainty.PERMANENT and error.code not in PENDING:
                raise
        if state == "validated":
            return
        if state in ("refused", "expired"):
            raise click.ClickException(f"the key was {state}: run the command again.")
        waited = monotonic() - began
        if waited >= wait.total_seconds():
            raise click.ClickException(
                f"nobody validated the key within {canonical_duration(wait)}: run the command again."
            )
        progress(what, int(waited), int(wait.total_seconds()))
        sleep(LOOK_EVERY)


def accounts_of(client: Client, service_name: str | None) -> dict[str, float | None]:
    """The SMS accounts that the keys reach, and their credits. Raises OvhError."""
    names = [service_name] if service_name else SmsApi(client, "").services()
    return {name: SmsApi(client, name).account().credits_left for name in names}


def _keys_work(wanted: Wanted, application_key: str, consumer_key: str, accounts: dict[str, float | None]) -> str:
    listed = "\n".join(
        f"  {name}: {'credits unknown' if left is None else f'{left:.12g} credits left'}"
        for name, left in accounts.items()
    )
    return f"""The keys work. Write into the configuration:

{_lines(wanted, application_key, consumer_key, next(iter(accounts), None))}

Your SMS accounts:
{listed or "  none: order one in the OVHcloud manager, under Web Cloud, SMS."}"""
