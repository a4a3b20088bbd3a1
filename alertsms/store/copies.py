"""Copies of an SQLite store: made while a server uses it, and put in its place while none does."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from alertsms.store.comparison import LAST_WRITTEN, RESTORED
from alertsms.store.error import StoreError
from alertsms.store.schema import EPOCH, MICROSECOND, VERSION
from alertsms.store.settings import ALL_LEFT

PAGES = 2048  # in one step: some 8 MB, between which progress is shown
SIDES = ("-wal", "-shm")  # what SQLite keeps beside a file

# Called with what is being done, how much of it is done, and of how much: 0 where nobody knows.
Progress = Callable[[str, int, int], None]
STEPS = 1_000_000  # instructions of SQLite's machine between two calls while a file of unknown length is read


def unseen(_what: str, _done: int, _total: int) -> None:
    """Show no progress."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Copy:
    """A store in a file of its own."""

    version: str
    written_at: datetime | None  # when it was last written to
    bytes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Restored:
    """What a copy in the place of a store came to."""

    copy: Copy
    aside: Path | None  # where the store of before is kept
    tokens: tuple[str, ...]  # names of those that opened the API when it was made: they are over


def back_up(store: Path, target: Path, progress: Progress = unseen) -> Copy:
    """Copy a store, as it is at one moment, to a new file for the same eyes only. Raises StoreError.

    What reads it meanwhile, and writes to it, goes on.
    """
    if not store.exists():
        raise StoreError(f"store: there is no {store} yet: start `alertsms serve`")
    if target.exists():
        raise StoreError(f"{target} is there already: name a new file")
    part = target.with_name(f"{target.name}.part")
    try:
        copy(store, part, "Copying the store", progress)
        made = inspect(part, "Reading the copy from end to end", progress)
        part.replace(target)
        _settle(target.parent)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"store: {store} cannot be copied to {target}: {error}") from error
    finally:
        _remove(part)
    return made


def restore(backup: Path, store: Path, now: datetime, progress: Progress = unseen) -> Restored:
    """Put a copy in the place of a store that nobody uses, with no token and no login that may have ended since.

    What it replaces is moved aside with what SQLite keeps beside it. Raises StoreError, also where a server uses it.
    """
    if not backup.is_file():
        raise StoreError(f"there is no file {backup}")
    if store.exists() and backup.samefile(store):
        raise StoreError(f"{backup} is the store itself: name a copy of it")
    part = store.with_name(f"{store.name}.restoring")
    try:
        with _alone(store):
            held = inspect(backup, f"Reading {backup} from end to end", progress)
            copy(backup, part, "Copying it", progress)
            tokens = _mark(part, held, now)
            aside = _move_aside(store, now)
            part.replace(store)
            _settle(store.parent)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"store: {store} cannot be replaced by {backup}: {error}") from error
    finally:
        _remove(part)
    return Restored(copy=held, aside=aside, tokens=tokens)


def inspect(path: Path, what: str, progress: Progress) -> Copy:
    """What a file holds, read from its first byte to its last. Raises StoreError where it is no whole store of ours."""
    try:
        with closing(_open(path)) as connection:
            connection.set_progress_handler(lambda: progress(what, 0, 0), STEPS)
            progress(what, 0, 0)
            (damage,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            if damage != "ok":
                raise StoreError(f"{path} is damaged ({damage}): take another copy")
            (version,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            (at,) = connection.execute(LAST_WRITTEN).fetchone()
    except sqlite3.Error as error:
        raise StoreError(f"{path} is no whole store of alertsms: {error}") from error
    if str(version) > VERSION:
        raise StoreError(f"{path} is of version {version}, this alertsms knows {VERSION}: run the newer one")
    written = None if at is None else EPOCH + at * MICROSECOND
    return Copy(version=str(version), written_at=written, bytes=path.stat().st_size)


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=5.0, isolation_level=None)


def copy(source: Path, target: Path, what: str, progress: Progress) -> None:
    """Copy the state of one moment: a read transaction keeps it, else each write would begin the copy anew."""
    _remove(target)
    # For this user alone, where not even a link is: SQLite would write into it, and its owner could read along.
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))

    def show(_status: int, remaining: int, total: int) -> None:
        progress(what, total - remaining, total)

    with closing(_open(source)) as read, closing(sqlite3.connect(target)) as written:
        read.execute("BEGIN")
        read.execute("SELECT count(*) FROM sqlite_master").fetchone()
        read.backup(written, pages=PAGES, progress=show)
        written.execute("PRAGMA journal_mode=DELETE")  # one file, that anything may carry
    with target.open("rb") as file:
        os.fsync(file.fileno())


def ended(now: datetime) -> tuple[str, str]:
    """What ends every token and every login of a copy: those that were revoked or left since would count again."""
    at = (now - EPOCH) // MICROSECOND
    row = f"INSERT INTO facts (key, value, at) VALUES ('{ALL_LEFT}', '', {at})"  # noqa: S608 - a number of ours
    return "DELETE FROM api_tokens", f"{row} ON CONFLICT (key) DO UPDATE SET at = excluded.at"


def _mark(path: Path, copied: Copy, now: datetime) -> tuple[str, ...]:
    """Let the next start know that it runs on a copy, and of when; returns the names of the tokens that end by it."""
    at = ((copied.written_at or now) - EPOCH) // MICROSECOND
    tokens, logins = ended(now)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT OR REPLACE INTO facts (key, value, at) VALUES (?, ?, ?)", (RESTORED, "", at))
        connection.execute(logins)
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'api_tokens'").fetchone():
            return ()  # of an older version, which had none
        names = connection.execute("SELECT name FROM api_tokens ORDER BY created_at, name").fetchall()
        connection.execute(tokens)
        return tuple(name for (name,) in names)


@contextmanager
def _alone(store: Path) -> Iterator[None]:
    """Hold the lock that a server holds. Raises StoreError where one does."""
    descriptor = os.open(f"{os.path.realpath(store)}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise StoreError(f"store: a server uses {store}: stop it first") from error
    try:
        yield
    finally:
        os.close(descriptor)


def _move_aside(store: Path, now: datetime) -> Path | None:
    if not store.exists():
        return None
    aside = store.with_name(f"{store.name}.replaced-{now:%Y%m%dT%H%M%SZ}")
    for side in ("", *SIDES):
        with suppress(FileNotFoundError):
            store.with_name(store.name + side).rename(aside.with_name(aside.name + side))
    return aside


def _settle(folder: Path) -> None:
    """Let a power cut find the names as they are."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(path: Path) -> None:
    for side in ("", "-journal", *SIDES):
        path.with_name(path.name + side).unlink(missing_ok=True)
