"""What `alertsms doctor` looks at on this machine: the file, the store, the server that runs."""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import requests
from sqlalchemy.engine import make_url

from alertsms.apprise_channels import ChannelError, post
from alertsms.cli.options import own_url
from alertsms.cli.send import RunningServer
from alertsms.cli.store_reader import own_key, reading, unconfirmed_in, used
from alertsms.cli.whereabouts import another, asked
from alertsms.config import Config
from alertsms.config.ovh import unanswerable
from alertsms.core.incidents.intake import LASTS
from alertsms.core.messages.channel import GLOBAL, Channel
from alertsms.core.messages.trouble import Hindrance
from alertsms.core.routing.roster import Roster
from alertsms.doctor import Finding, FindingLevel
from alertsms.machine.keyring import place
from alertsms.machine.place import VARIABLE, left_behind, moving
from alertsms.machine.private import exposed
from alertsms.machine.state import folder, good_path, home
from alertsms.store import pauses, settings
from alertsms.store.engine import UNLINK, StoreError, names

EVERYBODY = "*"  # --tell without a name
LEAST_FREE = 100 * 2**20  # bytes; less, and the store may soon be unable to commit
TITLE = "alertsms: a test"
TEST = "Somebody ran `alertsms doctor --tell`: this channel is told when SMS fail."
TEST_CHAT = "A test of alertsms: what pages team {team} is told here too."
TEST_BESIDE = "Somebody ran `alertsms doctor --tell`: this channel gets every page of {person}."


def configuration(config: Config, file: str) -> Iterator[Finding]:
    """What the reader warned of, and who is told when SMS itself fails."""
    yield Finding(level=FindingLevel.OK, about="configuration", says=f"{file} is right")
    for warning in config.warnings:
        where = f"line {warning.line}" + (f", {warning.path}" if warning.path else "")
        says = f"{where}: {warning.message}"
        yield Finding(level=FindingLevel.WARN, about="configuration", says=says)
    if not config.ping_url:
        says = "nothing elsewhere notices when alertsms, or this machine, is gone"
        fix = "set ping_url to the address of a check, at healthchecks.io for example"
        yield Finding(level=FindingLevel.WARN, about="ping_url", says=says, fix=fix)


def answers(config: Config) -> Iterator[Finding]:
    """Whether a page can be answered from the phone that shows it."""
    if fix := unanswerable(config.ovh, config.server.external_url):
        yield Finding(level=FindingLevel.WARN, about="answers", says="nobody can answer from a phone", fix=fix)


def channels(roster: Roster, *, tell: str | None) -> Iterator[Finding]:
    """Who is told when SMS fail; a test, which alone shows that it works, goes to each that `tell` means."""
    known = _places(roster)
    if tell and tell != EVERYBODY:
        known = {channel: place for channel, place in known.items() if place[0] == f"people.{tell}"}
    if known and not tell:
        schemes = ", ".join(dict.fromkeys(channel.scheme for channel in known))
        says = f"{schemes} configured; --tell posts a test to each"
        yield Finding(level=FindingLevel.OK, about="channels", says=says)
    for channel, (where, words) in known.items() if tell else ():
        try:
            post(channel, TITLE, words)
        except ChannelError as error:
            says = f"{channel.scheme} of {where} took no test: {error}"
            fix = "mend that URL, or what it leads to, and try again"
            yield Finding(level=FindingLevel.FAIL, about="channels", says=says, fix=fix)
        else:
            yield Finding(level=FindingLevel.OK, about="channels", says=f"{channel.scheme} of {where} took a test")


def tried(config: Config, person: str, token: str) -> Iterator[Finding]:
    """Have the server send a test to each phone of a person."""
    about = "phones"
    if person not in config.roster.people:
        fix = f"write one of {', '.join(config.roster.people)}"
        yield Finding(level=FindingLevel.FAIL, about=about, says=f"{person} is none of people", fix=fix)
        return
    asked_of = RunningServer(own_url(config.server.host, config.server.port), token)
    ovh = config.ovh
    # Without a link or an answer nothing can be confirmed; then the first phone alone gets a test.
    confirm = bool(config.server.external_url or ovh.sender_for_response or ovh.virtual_number)
    try:
        count = len(asked_of.ask("POST", "/api/v1/send", {"person": person, "confirm": confirm})["pages"])
    except click.ClickException as error:
        fix = "start `alertsms serve`, and run this as its user"
        yield Finding(level=FindingLevel.FAIL, about=about, says=f"no test SMS to {person}: {error.message}", fix=fix)
        return
    says = f"{'an SMS is' if count == 1 else f'{count} SMS are'} on the way to {person}: see that it rings"
    if missed := len(config.roster.people[person].phones) - count:
        fix = "set server.external_url, or send by a number that can be answered: then each phone is asked"
        yield Finding(level=FindingLevel.WARN, about=about, says=f"{says}; {missed} more were not tried", fix=fix)
        return
    yield Finding(level=FindingLevel.OK, about=about, says=says)


def _places(roster: Roster) -> dict[Channel, tuple[str, str]]:
    """Every channel once, where it stands, and what its test says."""
    beside = {
        channel: (f"people.{person.name}", TEST_BESIDE.format(person=person.name))
        for person in roster.people.values()
        for channel in person.also
    }
    chats = {
        channel: (f"teams.{team.name}.also", TEST_CHAT.format(team=team.name))
        for team in roster.teams.values()
        for channel in team.also
    }
    behind = {
        channel: ("fallback" if team.fallback.target == GLOBAL else f"teams.{team.name}.fallback", TEST)
        for team in roster.teams.values()
        for channel in team.fallback.channels
    }
    return beside | chats | behind


def store(config: Config) -> Finding:
    """Whether what alertsms is told could be kept: it promises nothing that it has not stored."""
    url = config.store
    before = left_behind(config.written_store, url)
    if before:
        says, _, fix = moving(before, url).partition(". ")
        return Finding(level=FindingLevel.FAIL, about="store", says=says, fix=fix)
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _file(Path(str(parsed.database)))
    try:
        known = used(url)
    except StoreError as error:
        fix = "start PostgreSQL, and check host, user and password of `store`"
        words = " ".join(str(error).removeprefix("store: ").split())
        return Finding(level=FindingLevel.FAIL, about="store", says=words, fix=fix)
    return Finding(
        level=FindingLevel.OK, about="store", says="PostgreSQL answers" + ("" if known else "; not used yet")
    )


def _file(path: Path) -> Finding:
    folder = path.absolute().parent
    if not folder.is_dir():
        fix = f"mkdir -p {shlex.quote(str(folder))}, and give it to the user that runs alertsms"
        return Finding(level=FindingLevel.FAIL, about="store", says=f"the folder {folder} is not there", fix=fix)
    if why := _unwritable(folder):
        return _refused(folder, why)
    if path.exists() and not os.access(path, os.W_OK):
        return _refused(path, "Permission denied")
    if names(path) > 1:
        says = f"{path} has {names(path)} names (hard links), and is not opened"
        return Finding(level=FindingLevel.FAIL, about="store", says=says, fix=UNLINK)
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE:
        says = f"{free // 2**20} MB are free beside {path}"
        return Finding(level=FindingLevel.FAIL, about="store", says=says, fix="make room: without it no alert is taken")
    try:
        known = used(f"sqlite:///{path}")
    except StoreError as error:
        fix = (
            "put a backup in its place (with -wal and -shm moved away), or start with a new file; `alertsms db check`"
            " says what is damaged"
        )
        return Finding(level=FindingLevel.FAIL, about="store", says=str(error).removeprefix("store: "), fix=fix)
    return Finding(
        level=FindingLevel.OK, about="store", says=f"{path} is writable" + ("" if known else "; not used yet")
    )


def _unwritable(folder: Path) -> str:
    """Why nothing can be kept in a folder; "" where it can: a file without a name is tried, rights do not say all."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return ""
    except OSError as error:
        return error.strerror or str(error)


def _refused(path: Path, why: str) -> Finding:
    fix = (
        "run this as the user that runs alertsms: sudo -u USER alertsms doctor …. If it was, give the place to that"
        f" user: chown USER {shlex.quote(str(path))}, or write another store"
    )
    return Finding(
        level=FindingLevel.FAIL, about="store", says=f"{path} cannot be written by this user: {why}", fix=fix
    )


def key(config: Config) -> Iterator[Finding]:
    """Whether the root key can be used; where none can be made, `kept` has said why."""
    about = "key"
    where = place(config.server.key_file, config.store, config.file)
    for says, fix in exposed(where, folder(config.store, config.file)):
        yield Finding(level=FindingLevel.WARN, about=about, says=says, fix=fix)
    try:
        own_key(config)
    except click.ClickException as error:
        beside = place(config.server.key_file, config.store, config.file).parent
        if not _started(config) or _unwritable(beside):
            return
        says, _, fix = error.message.partition(": ")
        yield Finding(level=FindingLevel.WARN, about=about, says=says, fix=fix)
        return
    yield Finding(level=FindingLevel.OK, about=about, says="the alertsms command and the server have the same one")


def _started(config: Config) -> bool:
    """Whether a server ran; a store that cannot be read has been said already."""
    try:
        return used(config.store)
    except StoreError:
        return False


def kept(config: Config) -> Iterator[Finding]:
    """Whether a start whose file has mistakes would have a good one."""
    path = good_path(config.store, config.file)
    if why := _unwritable(path.parent):
        says = (
            f"nothing can be kept in {path.parent} ({why}), where the key and the last good file belong: a start whose"
            " file has mistakes would page nobody"
        )
        fix = f"set {VARIABLE} to a folder that the user who runs alertsms can write to, for the server and for this"
        yield Finding(level=FindingLevel.WARN, about="state", says=says, fix=fix)
    elif path.exists():
        yield Finding(level=FindingLevel.OK, about="last good file", says=f"it is kept as {path}")


def paused(config: Config) -> Iterator[Finding]:
    """Who is not paged because somebody said so. A store that cannot be read has been said already."""
    try:
        with reading(config.store) as connection:
            running = pauses.running(connection, datetime.now(UTC))
    except StoreError:
        return
    for one in running:
        team = config.roster.team(one.team)
        zone = team.people[0].time_zone if team.people else "UTC"
        fix = f"`{one.resume}` ends it before"
        yield Finding(level=FindingLevel.WARN, about="pauses", says=f"{one.words(zone)} ({zone})", fix=fix)


def doubled(config: Config) -> Iterator[Finding]:
    """Alerts that came by two names of the webhook within a day; what cannot be read has been said already."""
    try:
        with reading(config.store) as connection:
            said = settings.recent(connection, settings.TWIN, datetime.now(UTC) - LASTS)
    except StoreError:
        return
    if said:
        says, _, fix = said.partition(". ")
        yield Finding(level=FindingLevel.WARN, about="webhooks", says=says, fix=fix)


def confirmed(config: Config) -> Iterator[Finding]:
    """Numbers that may be anybody's; nothing where the store cannot be read, which is another finding's to say."""
    missing = unconfirmed_in(config.store, config.roster, config.ovh.shows)
    if missing:
        says = f"nobody has confirmed {', '.join(missing)} for {config.ovh.shows}"
        fix = "`alertsms send NAME --confirm` asks; any answer of theirs confirms a number too"
        yield Finding(level=FindingLevel.WARN, about="numbers", says=says, fix=fix)
    elif missing is not None:
        yield Finding(level=FindingLevel.OK, about="numbers", says="each was confirmed by whoever has the phone")


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What came from where the server should be."""

    url: str
    there: bool  # whether anything answered
    says: dict[str, Any] | None  # what an alertsms says of itself; None from anything else


def answered(config: Config, token: str) -> Answer:
    """Ask the server; with the key's `token` it says what is wrong."""
    url = own_url(config.server.host, config.server.port)
    try:
        return Answer(url=url, there=True, says=asked(url, token))
    except requests.RequestException:
        return Answer(url=url, there=False, says=None)


def misplaced(config: Config, answer: Answer) -> Iterator[Finding]:
    """That the server keeps its things elsewhere: what this command finds in its own places is nobody's."""
    if found := another(answer.says or {}, answer.url, home(config.store, config.file)):
        yield Finding(level=FindingLevel.FAIL, about="server", says=found[0], fix=found[1])


def server(config: Config, answer: Answer) -> Iterator[Finding]:
    """Who may post, and whether a server runs and is well."""
    listens = config.server
    where = f"{listens.host}:{listens.port}"
    if listens.allow_unauthenticated:
        fix = "set server.bearer_token, and drop server.allow_unauthenticated"
        yield Finding(
            level=FindingLevel.WARN, about="webhooks", says=f"whoever reaches {where} can page people", fix=fix
        )
    elif listens.unguarded:
        fix = "set server.bearer_token, and give it to the senders"
        says = f"others reach {where} by {listens.external_url}, and are answered 401: no secret is set"
        yield Finding(level=FindingLevel.FAIL, about="webhooks", says=says, fix=fix)
    else:
        says = f"{where} wants a secret" if listens.guarded else f"{where} is reached from this machine only"
        yield Finding(level=FindingLevel.OK, about="webhooks", says=says)
    yield from _running(answer)


def _running(answer: Answer) -> Iterator[Finding]:
    """What the server says of itself, each trouble with its fix."""
    url, said = answer.url, answer.says
    if not answer.there:
        fix = "start `alertsms serve`, and look at its log if it does not stay"
        yield Finding(level=FindingLevel.FAIL, about="server", says=f"no alertsms answers at {url}", fix=fix)
        return
    if said is None:
        fix = "stop what uses the port, or write another server.listen"
        yield Finding(level=FindingLevel.FAIL, about="server", says=f"what answers at {url} is no alertsms", fix=fix)
        return
    if said["ready"]:
        yield Finding(level=FindingLevel.OK, about="server", says=f"the one at {url} takes alerts and sends")
    if hindered := said.get("hindered"):
        says = f"the one at {url} has troubles with {' and '.join(map(str, hindered))}"
        fix = "run this as a user who may read the store: then it says which"
        level = FindingLevel.WARN if said["ready"] else FindingLevel.FAIL
        yield Finding(level=level, about="server", says=says, fix=fix)
    for trouble in said.get("troubles", []):
        outside = trouble["hinders"] == Hindrance.OUTSIDE
        says = f"the one at {url} {'says' if outside else 'is not ready'}: {trouble['says']}"
        level = FindingLevel.WARN if outside else FindingLevel.FAIL
        yield Finding(level=level, about="server", says=says, fix=trouble["fix"] or "wait a moment, and ask again")
