"""`alertsms doctor`: everything between an alert and a phone looked over, each trouble with its fix."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
import requests
from sqlalchemy.engine import make_url

from alertsms.checkup import Finding, Level, Subject, examine, phones
from alertsms.cli.kept import recall
from alertsms.cli.option import as_json, configured, own_url
from alertsms.config import Config, ConfigError, Server, load
from alertsms.outlet import outlets
from alertsms.ovh.error import OvhError
from alertsms.ovh.remedy import remedy
from alertsms.store.engine import StoreError

LEAST_FREE = 100 * 2**20  # bytes; less, and the store may soon be unable to commit
TIMEOUT = 3.0  # seconds for the server on this machine
SHOWN = {Level.OK: "ok  ", Level.WARN: "warn", Level.FAIL: "FAIL"}


@click.command()
@configured
@click.option("--unblock", is_flag=True, help="Take people's numbers off OVHcloud's STOP list; ask them first.")
@as_json
def doctor(*, config: str, unblock: bool, as_json: bool) -> None:
    """Look over everything between an alert and a phone; each trouble comes with its fix. Exit with 1 on a FAIL.

    Sends no SMS; `alertsms send` does. Works while the server runs, and while it does not.

    \b
    Example:  alertsms doctor --config /etc/alertsms/config.yaml
    """  # noqa: D301
    found: list[Finding] = []
    for finding in _everything(config, unblock=unblock):
        found.append(finding)
        if not as_json:
            click.echo(shown(finding))
    failed = any(finding.level is Level.FAIL for finding in found)
    if as_json:
        rows = [{"level": one.level, "about": one.about, "says": one.says, "fix": one.fix} for one in found]
        click.echo(json.dumps({"ok": not failed, "findings": rows}, ensure_ascii=False))
    else:
        click.echo(summary(found))
    sys.exit(1 if failed else 0)


def shown(finding: Finding) -> str:
    """A finding on its line, the fix below it."""
    line = f"{SHOWN[finding.level]}  {finding.about}: {finding.says}"
    return f"{line}\n      -> {finding.fix}" if finding.fix else line


def summary(found: list[Finding]) -> str:
    """The last line: how bad it is."""
    fails, warns = (sum(one.level is level for one in found) for level in (Level.FAIL, Level.WARN))
    if fails:
        return f"{fails} of {len(found)} FAIL. Start with the first: what follows may come of it."
    if warns:
        return f"Nothing fails; {warns} of {len(found)} could be better."
    return f"All {len(found)} are well. `alertsms send NAME` shows it on a phone."


def _everything(file: str, *, unblock: bool) -> Iterator[Finding]:
    """From the file to the phone, in the order in which one needs the other."""
    try:
        config = load(file)
    except ConfigError as error:
        for mistake in error.mistakes:
            says, _, fix = str(mistake).partition(", write ")
            fix = f"write {fix}" if fix else "mend that line; `alertsms check FILE` says when it is right"
            yield Finding(level=Level.FAIL, about="configuration", says=says, fix=fix)
        return
    yield from configuration(config, file)
    yield store(config.store)
    yield from server(config.server)
    for subject in subjects(config):
        try:
            yield from _unblocked(subject) if unblock else ()
            yield from examine(subject, datetime.now(UTC))
        finally:
            subject.outlet.client.close()


def configuration(config: Config, file: str) -> Iterator[Finding]:
    """What the reader warned of, and who is told when SMS itself fails."""
    yield Finding(level=Level.OK, about="configuration", says=f"{file} is right")
    for warning in config.warnings:
        says = f"line {warning.line}, {warning.path}: {warning.message}"
        yield Finding(level=Level.WARN, about="configuration", says=says)
    if not config.ping_url:
        says = "nothing elsewhere notices when alertsms, or this machine, is gone"
        fix = "set ping_url to the address of a check, at healthchecks.io for example"
        yield Finding(level=Level.WARN, about="ping_url", says=says, fix=fix)


def store(url: str) -> Finding:
    """Whether what alertsms is told could be kept: it promises nothing that it has not stored."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _file(Path(str(parsed.database)))
    try:
        known = recall(url, "config")
    except StoreError as error:
        fix = "start PostgreSQL, and check host, user and password of `store`"
        return Finding(level=Level.FAIL, about="store", says=str(error).removeprefix("store: "), fix=fix)
    return Finding(level=Level.OK, about="store", says="PostgreSQL answers" + ("" if known else "; not used yet"))


def _file(path: Path) -> Finding:
    folder = path.absolute().parent
    if not folder.is_dir():
        fix = f"mkdir -p {folder}, and give it to the user that runs alertsms"
        return Finding(level=Level.FAIL, about="store", says=f"the folder {folder} is not there", fix=fix)
    for each in (folder, path):
        if each.exists() and not os.access(each, os.W_OK):
            fix = f"give it to the user that runs alertsms: chown USER {each}"
            return Finding(level=Level.FAIL, about="store", says=f"{each} cannot be written by this user", fix=fix)
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE:
        says = f"{free // 2**20} MB are free beside {path}"
        return Finding(level=Level.FAIL, about="store", says=says, fix="make room: without it no alert is taken")
    try:
        known = recall(f"sqlite:///{path}", "config")
    except StoreError as error:
        fix = "put a backup in its place (with -wal and -shm moved away), or start with a new file"
        return Finding(level=Level.FAIL, about="store", says=str(error).removeprefix("store: "), fix=fix)
    return Finding(level=Level.OK, about="store", says=f"{path} is writable" + ("" if known else "; not used yet"))


def server(listens: Server) -> Iterator[Finding]:
    """Who may post, and whether a server runs and is well."""
    where = f"{listens.host}:{listens.port}"
    if listens.allow_unauthenticated:
        fix = "set server.bearer_token, and drop server.allow_unauthenticated"
        yield Finding(level=Level.WARN, about="webhooks", says=f"whoever reaches {where} can page people", fix=fix)
    else:
        guarded = bool(listens.bearer_tokens or listens.basic or listens.hmac)
        says = f"{where} wants a secret" if guarded else f"{where} is reached from this machine only"
        yield Finding(level=Level.OK, about="webhooks", says=says)
    yield _running(own_url(listens.host, listens.port))


def _running(url: str) -> Finding:
    try:
        with requests.Session() as session:
            session.trust_env = False  # a proxy of the environment does not lead to this machine
            said = session.get(f"{url}/-/ready", timeout=TIMEOUT).json()
    except requests.exceptions.JSONDecodeError:
        said = None
    except requests.RequestException:
        fix = "start `alertsms serve`, and look at its log if it does not stay"
        return Finding(level=Level.WARN, about="server", says=f"no alertsms answers at {url}", fix=fix)
    if not isinstance(said, dict) or "ready" not in said:
        fix = "stop what uses the port, or write another server.listen"
        return Finding(level=Level.FAIL, about="server", says=f"what answers at {url} is no alertsms", fix=fix)
    if said["ready"]:
        return Finding(level=Level.OK, about="server", says=f"the one at {url} takes alerts and sends")
    why = "; ".join(map(str, said.get("because", [])))
    fix = "look at its log, mend that, and restart it if it does not come back by itself"
    return Finding(level=Level.FAIL, about="server", says=f"the one at {url} is not ready: {why}", fix=fix)


def subjects(config: Config) -> Iterator[Subject]:
    """The accounts of a configuration."""
    first, standby = outlets(config.ovh)
    whose, low = phones(config.roster.people.values()), config.limits.low_credits
    yield Subject(outlet=first, phones=whose, low_credits=low)
    if standby:
        yield Subject(outlet=standby, name="ovh.standby", phones=whose, low_credits=low)


def _unblocked(subject: Subject) -> Iterator[Finding]:
    """Take everybody off the STOP list; whoever answers STOP again is on it again."""
    about, sms = f"{subject.name} STOP list", subject.outlet.sms
    try:
        for number, listed in sms.blacklist().items():
            if number in subject.phones:
                sms.allow_again(listed)
                yield Finding(level=Level.OK, about=about, says=f"{subject.phones[number]} was taken off it")
    except OvhError as error:
        yield Finding(level=Level.FAIL, about=about, says=str(error), fix=remedy(error))
