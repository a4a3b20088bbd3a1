"""`alertsms doctor`: everything between an alert and a phone looked over, each trouble with its fix."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime

import click

from alertsms.cli.local_checks import (
    EVERYBODY,
    answered,
    channels,
    configuration,
    confirmed,
    doubled,
    kept,
    key,
    misplaced,
    paused,
    server,
    store,
    tried,
)
from alertsms.cli.server import own_key
from alertsms.cli.terminal import as_json, configured, print_json
from alertsms.config import Config, ConfigError, load
from alertsms.delivery.sms_account import sms_accounts
from alertsms.doctor import CheckedAccount, Finding, FindingLevel, fail, ok, phones
from alertsms.doctor.account import examine
from alertsms.doctor.alertmanager import check_alertmanagers
from alertsms.machine.key import Purpose
from alertsms.ovh.error import OvhError, remedy
from alertsms.web.receipt import callback_url

SHOWN = {FindingLevel.OK: "ok  ", FindingLevel.WARN: "warn", FindingLevel.FAIL: "FAIL"}


@click.command()
@configured
@click.option("--unblock", is_flag=True, help="Take people's numbers off OVHcloud's STOP list; ask them first.")
@click.option("--set-callback", is_flag=True, help="Let OVHcloud call delivery receipts back at server.external_url.")
@click.option(
    "--tell",
    metavar="[PERSON]",
    is_flag=False,
    flag_value=EVERYBODY,
    help="Post a test to every channel; with a name, try each phone and channel of that person.",
)
@as_json
def doctor(*, config: str, unblock: bool, set_callback: bool, tell: str | None, as_json: bool) -> None:
    """Look over everything between an alert and a phone; each trouble comes with its fix. Exit with 1 on a FAIL.

    Sends no SMS, but for `--tell PERSON`. Works while the server runs, and while it does not.

    \b
    Example:  alertsms doctor --config /etc/alertsms/config.yaml
    """  # noqa: D301
    findings: list[Finding] = []
    for finding in _everything(config, unblock=unblock, set_callback=set_callback, tell=tell):
        findings.append(finding)
        if not as_json:
            click.echo(_shown(finding))
    failed = any(finding.level is FindingLevel.FAIL for finding in findings)
    if as_json:
        print_json({"ok": not failed, "findings": list(map(asdict, findings))})
    else:
        click.echo(_summary(findings))
    sys.exit(1 if failed else 0)


def _shown(finding: Finding) -> str:
    line = f"{SHOWN[finding.level]}  {finding.about}: {finding.says}"
    return f"{line}\n      -> {finding.fix}" if finding.fix else line


def _summary(findings: list[Finding]) -> str:
    count = Counter(finding.level for finding in findings)
    if fails := count[FindingLevel.FAIL]:
        return f"{fails} of {len(findings)} FAIL. Start with the first: what follows may come of it."
    if warns := count[FindingLevel.WARN]:
        return f"Nothing fails; {warns} of {len(findings)} could be better."
    return f"All {len(findings)} are well. `alertsms send NAME` shows it on a phone."


def _everything(file: str, *, unblock: bool, set_callback: bool, tell: str | None) -> Iterator[Finding]:
    """From the file to the phone, in the order in which one needs the other."""
    try:
        config = load(file)
    except ConfigError as error:
        for mistake in error.mistakes:
            says, _, fix = str(replace(mistake, warning=False)).partition(", write ")
            fix = f"write {fix}" if fix else "mend that line; `alertsms check FILE` says when it is right"
            yield Finding(
                level=FindingLevel.WARN if mistake.warning else FindingLevel.FAIL,
                about="configuration",
                says=says,
                fix=fix,
            )
        return
    yield from configuration(config, file)
    yield from channels(config.roster, tell=tell)
    token = _secret(config, Purpose.COMMAND)
    yield from tried(config, tell, token) if tell and tell != EVERYBODY else ()
    state = answered(config, token)
    apart = list(misplaced(config, state))
    yield from apart or _stored(config)
    yield from server(config, state)
    yield from () if apart else doubled(config)
    if config.alertmanager:
        yield from check_alertmanagers(config.alertmanager, datetime.now(UTC))
    for subject in _subjects(config):
        try:
            yield from _unblocked(subject) if unblock else ()
            yield from _called_back(subject) if set_callback else ()
            yield from examine(subject, datetime.now(UTC))
        finally:
            subject.outlet.client.close()
    yield from () if apart else confirmed(config)


def _stored(config: Config) -> Iterator[Finding]:
    yield from store(config)
    yield from key(config)
    yield from kept(config)
    yield from paused(config)


def _subjects(config: Config) -> Iterator[CheckedAccount]:
    first, standby = sms_accounts(config.ovh)
    # OVHcloud calls receipts back, unless nobody reaches us, or no server has made the key yet.
    url, secret = config.server.external_url, _secret(config, Purpose.RECEIPTS)
    subject = CheckedAccount(
        outlet=first,
        phones=phones(config.roster.people.values()),
        low_credits=config.low_credits,
        callback=callback_url(url, secret) if url and secret else "",
    )
    yield subject
    if standby:
        yield replace(subject, outlet=standby, name="ovh.standby")


def _secret(config: Config, purpose: Purpose) -> str:
    """A secret of the server's key; "" for a key that cannot be read: another finding says so."""
    try:
        return own_key(config).derive(purpose)
    except click.ClickException:
        return ""


def _called_back(subject: CheckedAccount) -> Iterator[Finding]:
    """Set the account's callback: it has one for all its messages."""
    about = f"{subject.name} receipts"
    if not subject.callback:
        yield fail(
            about,
            "there is no address to be called back at",
            "set server.external_url, and start `alertsms serve` once: it makes the key of which the address is made",
        )
        return
    try:
        subject.outlet.sms.set_callback(subject.callback)
    except OvhError as error:
        yield fail(about, str(error), remedy(error))
    else:
        yield ok(about, "OVHcloud was told where to call them back")


def _unblocked(subject: CheckedAccount) -> Iterator[Finding]:
    """Take everybody off the STOP list; whoever answers STOP again is on it again."""
    about, sms = f"{subject.name} STOP list", subject.outlet.sms
    try:
        for number, listed in sms.blacklist().items():
            if number in subject.phones:
                sms.allow_again(listed)
                yield ok(about, f"{subject.phones[number]} was taken off it")
    except OvhError as error:
        yield fail(about, str(error), remedy(error))
