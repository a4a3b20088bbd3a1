"""What `alertsms doctor` looks at on this machine: the file, the channels, what the server keeps, and the server."""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import requests
from sqlalchemy.engine import make_url

from alertsms.apprise_channels import ChannelError, post
from alertsms.cli.server import RunningServer, another, own_key, paused_in, reading, server_state, unconfirmed_in, used
from alertsms.cli.terminal import own_url
from alertsms.config import Config
from alertsms.config.ovh import unanswerable
from alertsms.core.incidents.intake import LASTS
from alertsms.core.messages.notification import GLOBAL, Channel
from alertsms.core.messages.trouble import Hindrance
from alertsms.core.routing.roster import Roster
from alertsms.doctor import Finding, FindingLevel, fail, ok, warn
from alertsms.doctor.postgresql import commit_settings, durability, same_time
from alertsms.machine.files import VARIABLE, exposed, left_behind, moving
from alertsms.machine.keyring import place
from alertsms.machine.state import folder, good_path, home
from alertsms.store import settings
from alertsms.store.error import StoreError
from alertsms.store.file import UNLINK, names

LEAST_FREE = 100 * 2**20  # bytes; less, and the store may soon be unable to commit
EVERYBODY = "*"  # --tell without a name
TEST = "Somebody ran `alertsms doctor --tell`: this channel is told when SMS fail."
TEST_CHAT = "A test of alertsms: what pages team {team} is told here too."
TEST_BESIDE = "Somebody ran `alertsms doctor --tell`: this channel gets every page of {person}."


def configuration(config: Config, file: str) -> Iterator[Finding]:
    """The warnings of the file, whether anything notices when alertsms is gone, and whether phones can answer."""
    yield ok("configuration", f"{file} is right")
    for warning in config.warnings:
        where = f"line {warning.line}" + (f", {warning.path}" if warning.path else "")
        yield warn("configuration", f"{where}: {warning.message}")
    if not config.ping_url:
        yield warn(
            "ping_url",
            "nothing elsewhere notices when alertsms, or this machine, is gone",
            "set ping_url to the address of a check, at healthchecks.io for example",
        )
    if fix := unanswerable(config.ovh, config.server.external_url):
        yield warn("answers", "nobody can answer from a phone", fix)


def channels(roster: Roster, *, tell: str | None) -> Iterator[Finding]:
    """The channels that are notified when SMS fail; `tell` posts a test to each, or to those of one person."""
    known = _places(roster)
    if tell and tell != EVERYBODY:
        known = {channel: place for channel, place in known.items() if place[0] == f"people.{tell}"}
    if known and not tell:
        schemes = ", ".join(dict.fromkeys(channel.scheme for channel in known))
        yield ok("channels", f"{schemes} configured; --tell posts a test to each")
    for channel, (where, words) in known.items() if tell else ():
        try:
            post(channel, "alertsms: a test", words)
        except ChannelError as error:
            yield fail(
                "channels",
                f"{channel.scheme} of {where} took no test: {error}",
                "mend that URL, or what it leads to, and try again",
            )
        else:
            yield ok("channels", f"{channel.scheme} of {where} took a test")


def tried(config: Config, person: str, token: str) -> Iterator[Finding]:
    """Have the server send a test to each phone of a person."""
    about = "phones"
    if person not in config.roster.people:
        yield fail(about, f"{person} is none of people", f"write one of {', '.join(config.roster.people)}")
        return
    # Without a link or an answer nothing can be confirmed; then the first phone alone gets a test.
    wanted = {
        "person": person,
        "confirm": bool(config.server.external_url or config.ovh.sender_for_response or config.ovh.virtual_number),
    }
    try:
        count = len(RunningServer(_url(config), token).ask("POST", "/api/v1/send", wanted)["pages"])
    except click.ClickException as error:
        yield fail(
            about, f"no test SMS to {person}: {error.message}", "start `alertsms serve`, and run this as its user"
        )
        return
    says = f"{'an SMS is' if count == 1 else f'{count} SMS are'} on the way to {person}: see that it rings"
    if missed := len(config.roster.people[person].phones) - count:
        yield warn(
            about,
            f"{says}; {missed} more were not tried",
            "set server.external_url, or send by a number that can be answered: then each phone is asked",
        )
    else:
        yield ok(about, says)


def _places(roster: Roster) -> dict[Channel, tuple[str, str]]:
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


def store(config: Config) -> Iterator[Finding]:
    """Whether alerts could be stored, and stay: alertsms promises nothing that it has not stored."""
    url = config.store
    parsed = make_url(url)
    if before := left_behind(config.written_store, url):
        says, _, fix = moving(before, url).partition(". ")
        yield fail("store", says, fix)
    elif parsed.get_backend_name() == "sqlite":
        yield _file(Path(str(parsed.database)))
    else:
        try:
            known = used(url)
            yield ok("store", "PostgreSQL answers" + ("" if known else "; not used yet"))
            with reading(url) as connection:
                yield from durability(commit_settings(connection))
                yield from same_time(connection, time.time())
        except StoreError as error:
            yield fail(
                "store",
                " ".join(str(error).removeprefix("store: ").split()),
                "start PostgreSQL, and check host, user and password of `store`",
            )


def _file(path: Path) -> Finding:
    folder = path.absolute().parent
    if not folder.is_dir():
        return fail(
            "store",
            f"the folder {folder} is not there",
            f"mkdir -p {shlex.quote(str(folder))}, and give it to the user that runs alertsms",
        )
    if why := _unwritable(folder):
        return _refused(folder, why)
    if path.exists() and not os.access(path, os.W_OK):
        return _refused(path, "Permission denied")
    if names(path) > 1:
        return fail("store", f"{path} has {names(path)} names (hard links), and is not opened", UNLINK)
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE:
        return fail("store", f"{free // 2**20} MB are free beside {path}", "make room: without it no alert is taken")
    try:
        known = used(f"sqlite:///{path}")
    except StoreError as error:
        return fail(
            "store",
            str(error).removeprefix("store: "),
            "put a backup in its place (with -wal and -shm moved away), or start with a new file; `alertsms db check`"
            " says what is damaged",
        )
    return ok("store", f"{path} is writable" + ("" if known else "; not used yet"))


def _unwritable(folder: Path) -> str:
    """Why nothing can be kept in a folder; "" where it can: a file without a name is tried, rights do not say all."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return ""
    except OSError as error:
        return error.strerror or str(error)


def _refused(path: Path, why: str) -> Finding:
    return fail(
        "store",
        f"{path} cannot be written by this user: {why}",
        "run this as the user that runs alertsms: sudo -u USER alertsms doctor …. If it was, give the place to that"
        f" user: chown USER {shlex.quote(str(path))}, or write another store",
    )


def key(config: Config) -> Iterator[Finding]:
    """Whether the root key can be used; where none can be made, `kept` has said why."""
    where = place(config.server.key_file, config.store, config.file)
    for says, fix in exposed(where, folder(config.store, config.file)):
        yield warn("key", says, fix)
    try:
        own_key(config)
    except click.ClickException as error:
        started = False
        with suppress(StoreError):  # a store that cannot be read has been said already
            started = used(config.store)
        if not started or _unwritable(where.parent):
            return
        says, _, fix = error.message.partition(": ")
        yield warn("key", says, fix)
    else:
        yield ok("key", "the alertsms command and the server have the same one")


def kept(config: Config) -> Iterator[Finding]:
    """Whether a start whose file has mistakes would have a good one."""
    path = good_path(config.store, config.file)
    if why := _unwritable(path.parent):
        yield warn(
            "state",
            f"nothing can be kept in {path.parent} ({why}), where the key and the last good file belong: a start whose"
            " file has mistakes would page nobody",
            f"set {VARIABLE} to a folder that the user who runs alertsms can write to, for the server and for this",
        )
    elif path.exists():
        yield ok("last good file", f"it is kept as {path}")


def paused(config: Config) -> Iterator[Finding]:
    """Who is not paged because somebody said so. A store that cannot be read has been said already."""
    for pause in paused_in(config.store, datetime.now(UTC)):
        zone = next((person.time_zone for person in config.roster.team(pause.team).people), "UTC")
        yield warn("pauses", f"{pause.words(zone)} ({zone})", f"`{pause.resume}` ends it before")


def doubled(config: Config) -> Iterator[Finding]:
    """Alerts that came by two names of the webhook within a day; what cannot be read has been said already."""
    fact = None
    with suppress(StoreError), reading(config.store) as connection:
        fact = settings.recent(connection, settings.TWIN, datetime.now(UTC) - LASTS)
    if fact:
        says, _, fix = fact.partition(". ")
        yield warn("webhooks", says, fix)


def confirmed(config: Config) -> Iterator[Finding]:
    """Numbers that may be anybody's; nothing where the store cannot be read, which is another finding's to say."""
    if missing := unconfirmed_in(config.store, config.roster, config.ovh.shows):
        yield warn(
            "numbers",
            f"nobody has confirmed {', '.join(missing)} for {config.ovh.shows}",
            "`alertsms send NAME --confirm` asks; any answer of theirs confirms a number too",
        )
    elif missing is not None:
        yield ok("numbers", "each was confirmed by whoever has the phone")


def answered(config: Config, token: str) -> dict[str, Any] | None:
    """What the server says of itself, with the key's `token` all; {} where nothing answers, None where others do."""
    try:
        return server_state(_url(config), token)
    except requests.RequestException:
        return {}


def _url(config: Config) -> str:
    return own_url(config.server.host, config.server.port)


def misplaced(config: Config, state: dict[str, Any] | None) -> Iterator[Finding]:
    """That the server keeps its things elsewhere: what this command finds in its own places is nobody's."""
    if difference := another(state or {}, _url(config), home(config.store, config.file)):
        yield fail("server", *difference)


def server(config: Config, state: dict[str, Any] | None) -> Iterator[Finding]:
    """Who may post, and whether a server runs and is well."""
    listens = config.server
    where = f"{listens.host}:{listens.port}"
    if listens.allow_unauthenticated:
        yield warn(
            "webhooks",
            f"whoever reaches {where} can page people",
            "set server.bearer_token, and drop server.allow_unauthenticated",
        )
    elif listens.unguarded:
        yield fail(
            "webhooks",
            f"others reach {where} by {listens.external_url}, and are answered 401: no secret is set",
            "set server.bearer_token, and give it to the senders",
        )
    else:
        yield ok(
            "webhooks", f"{where} wants a secret" if listens.guarded else f"{where} is reached from this machine only"
        )
    yield from _running(_url(config), state)


def _running(url: str, state: dict[str, Any] | None) -> Iterator[Finding]:
    if state == {}:
        yield fail(
            "server", f"no alertsms answers at {url}", "start `alertsms serve`, and look at its log if it does not stay"
        )
        return
    if state is None:
        yield fail(
            "server", f"what answers at {url} is no alertsms", "stop what uses the port, or write another server.listen"
        )
        return
    if state["ready"]:
        yield ok("server", f"the one at {url} takes alerts and sends")
    if hindered := state.get("hindered"):
        says = f"the one at {url} has troubles with {' and '.join(map(str, hindered))}"
        fix = "run this as a user who may read the store: then it says which"
        level = FindingLevel.WARN if state["ready"] else FindingLevel.FAIL
        yield Finding(level=level, about="server", says=says, fix=fix)
    for trouble in state.get("troubles", []):
        outside = trouble["hinders"] == Hindrance.OUTSIDE
        says = f"the one at {url} {'says' if outside else 'is not ready'}: {trouble['says']}"
        level = FindingLevel.WARN if outside else FindingLevel.FAIL
        yield Finding(level=level, about="server", says=says, fix=trouble["fix"] or "wait a moment, and ask again")
