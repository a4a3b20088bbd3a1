"""What `alertsms doctor` looks at in the places where the server keeps things: store, key, last good file, pauses."""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy.engine import make_url

from alertsms.cli.store_reader import own_key, paused_in, reading, unconfirmed_in, used
from alertsms.config import Config
from alertsms.core.incidents.intake import LASTS
from alertsms.doctor.finding import Finding, fail, ok, warn
from alertsms.machine.files import VARIABLE, exposed, left_behind, moving
from alertsms.machine.keyring import place
from alertsms.machine.state import folder, good_path
from alertsms.store import settings
from alertsms.store.engine import UNLINK, StoreError, names

LEAST_FREE = 100 * 2**20  # bytes; less, and the store may soon be unable to commit


def store(config: Config) -> Finding:
    """Whether alerts could be stored: alertsms promises nothing that it has not stored."""
    url = config.store
    before = left_behind(config.written_store, url)
    if before:
        says, _, fix = moving(before, url).partition(". ")
        return fail("store", says, fix)
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _file(Path(str(parsed.database)))
    try:
        known = used(url)
    except StoreError as error:
        return fail(
            "store",
            " ".join(str(error).removeprefix("store: ").split()),
            "start PostgreSQL, and check host, user and password of `store`",
        )
    return ok("store", "PostgreSQL answers" + ("" if known else "; not used yet"))


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
    about = "key"
    where = place(config.server.key_file, config.store, config.file)
    for says, fix in exposed(where, folder(config.store, config.file)):
        yield warn(about, says, fix)
    try:
        own_key(config)
    except click.ClickException as error:
        if not _started(config) or _unwritable(where.parent):
            return
        says, _, fix = error.message.partition(": ")
        yield warn(about, says, fix)
        return
    yield ok(about, "the alertsms command and the server have the same one")


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
        team = config.roster.team(pause.team)
        zone = team.people[0].time_zone if team.people else "UTC"
        yield warn("pauses", f"{pause.words(zone)} ({zone})", f"`{pause.resume}` ends it before")


def doubled(config: Config) -> Iterator[Finding]:
    """Alerts that came by two names of the webhook within a day; what cannot be read has been said already."""
    try:
        with reading(config.store) as connection:
            fact = settings.recent(connection, settings.TWIN, datetime.now(UTC) - LASTS)
    except StoreError:
        return
    if fact:
        says, _, fix = fact.partition(". ")
        yield warn("webhooks", says, fix)


def confirmed(config: Config) -> Iterator[Finding]:
    """Numbers that may be anybody's; nothing where the store cannot be read, which is another finding's to say."""
    missing = unconfirmed_in(config.store, config.roster, config.ovh.shows)
    if missing:
        yield warn(
            "numbers",
            f"nobody has confirmed {', '.join(missing)} for {config.ovh.shows}",
            "`alertsms send NAME --confirm` asks; any answer of theirs confirms a number too",
        )
    elif missing is not None:
        yield ok("numbers", "each was confirmed by whoever has the phone")
