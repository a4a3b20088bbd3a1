"""Where the root key lies, and whether the store knows it: replicas with different keys refuse each other's secrets."""

from __future__ import annotations

import logging
import os
import secrets
import tempfile
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from alertsms.core.messages.trouble import Hindrance, Trouble
from alertsms.logs import event
from alertsms.machine.files import KEY, VARIABLE, mend
from alertsms.machine.key import MAKE_ONE, SIZE, Key, NoKey, Purpose, read_key
from alertsms.machine.state import folder
from alertsms.store import tokens
from alertsms.store.engine import Store
from alertsms.store.error import StoreError
from alertsms.store.tokens import hashed

log = logging.getLogger("alertsms.keyring")

# How often the key is shown to the store, and keys of replicas are read: a file is used by one process alone.
EVERY = timedelta(minutes=1)
EVERY_ALONE = timedelta(hours=1)


def place(key_file: Path | None, store: str, file: str) -> Path:
    """Where the key lies: in `server.key_file`, else in the state folder."""
    return key_file or folder(store, file) / KEY


def for_run(key_file: Path | None, store: str, file: str) -> Key:
    """The key to run with, made where there is none yet; where none can be had, one of this run only that says why.

    A file that was named is not made: another replica may have the one that belongs there.
    """
    path = place(key_file, store, file)
    if not key_file:
        mend(path, "if others may have read or written it, delete it and restart: a new one is made")
    try:
        try:
            return read_key(path)
        except FileNotFoundError:
            if key_file:
                raise NoKey(f"server.key_file names {path}, and there is no such file") from None
            _make(path)
            return read_key(path)
    except NoKey as error:
        return _passing(str(error), f"give that file to the user that runs alertsms ({MAKE_ONE}), and restart")
    except OSError as error:
        return _passing(
            f"no key can be kept at {path}: {error.strerror}",
            f"set server.key_file, or {VARIABLE} to a folder that can be written to, and restart",
        )


def _passing(lacks: str, fix: str) -> Key:
    return Key(raw=secrets.token_bytes(SIZE), lacks=lacks, fix=fix)


def _make(path: Path) -> None:
    """Write a new key, for this user's eyes only; of two processes that do so at once the first one's stays."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w") as out:
            out.write(urlsafe_b64encode(secrets.token_bytes(SIZE)).decode() + "\n")
            out.flush()
            os.fsync(out.fileno())
        _name(Path(name), path)
    finally:
        Path(name).unlink(missing_ok=True)


def _name(made: Path, path: Path) -> None:
    try:
        os.link(made, path)
    except FileExistsError:
        pass
    except OSError:  # a file system without hard links
        if not path.exists():
            made.replace(path)


class Keyring:
    """The key of this run, and what the store knows of it. Shown to the store by each round of the housekeeper."""

    def __init__(self, *, store: Store, clock: Callable[[], datetime], key: Key) -> None:
        """Show it at once. Raises StoreError."""
        self._store, self._clock, self._key = store, clock, key
        self._fingerprint = key.derive(Purpose.FINGERPRINT)
        self._receipts = key.derive(Purpose.RECEIPTS)
        self._known: frozenset[str] = frozenset()  # hashes of secrets that receipts may be called back by
        self._foreign = False  # the store knows another key
        self._shown_at: datetime | None = None
        self.step()

    def step(self) -> None:
        """Show the key when that is due. Raises StoreError."""
        now, every = self._clock(), EVERY_ALONE if self._store.sqlite else EVERY
        if self._shown_at and timedelta() <= now - self._shown_at < every:
            return
        foreign = False if self._key.lacks else not self._store.transact(lambda tx: self._show(tx, now))
        if self._foreign != foreign:
            event(log, logging.ERROR if foreign else logging.INFO, _FOREIGN if foreign else "the store knows this key")
        self._foreign, self._shown_at = foreign, now
        self._known = self._store.read(lambda tx: tokens.addresses(tx, now))

    def _show(self, tx: Connection, now: datetime) -> bool:
        """Whether it is the store's key now."""
        tokens.use_address(tx, hashed(self._receipts), now)
        return tokens.show_key(tx, self._fingerprint, now, alone=self._store.sqlite)

    @property
    def speaks(self) -> bool:
        """Whether a callback may be set with a secret of this key: replicas and the next start have it."""
        return not (self._foreign or self._key.lacks)

    def accepts(self, secret: str) -> bool:
        """Whether receipts are called back by it, or were until lately."""
        return secrets.compare_digest(secret.encode("utf-8", "replace"), self._receipts.encode()) or (
            hashed(secret) in self._known
        )

    def outdated(self, secret: str) -> bool:
        """Whether it is one of ours, but of before: of an older version or another key. It stays good for days."""
        known = hashed(secret)
        if not self.speaks or secret == self._receipts or known not in self._known:
            return False
        now = self._clock()
        self._store.transact(lambda tx: tokens.use_address(tx, known, now))
        return True

    def retire(self, *, config: bool) -> None:
        """Take what an older version kept in clear out of the store; `config`: its configuration too."""
        now = self._clock()
        try:
            left = tokens.retire(self._store, now, config=config)
        except StoreError as error:
            event(log, logging.ERROR, "secrets of an older version are still in the store", why=str(error))
            return
        if left is not None:
            event(log, logging.WARNING, "secrets that an older version kept were taken out of the store", fix=_COPIES)
        if left:
            event(
                log,
                logging.WARNING,
                "older copies of them may be left in unused pages of the file",
                fix="stop alertsms once and run: sqlite3 FILE VACUUM",
            )

    def troubles(self) -> Iterator[Trouble]:
        """The key is not what it should be: alerts are taken and paged all the same."""
        if self._key.lacks:
            yield Trouble(
                key="key",
                hinders=Hindrance.OUTSIDE,
                says=f"{self._key.lacks}: a restart ends logins and open pages, and the alertsms command is refused",
                fix=self._key.fix,
            )
        elif self._foreign:
            yield Trouble(
                key="key",
                hinders=Hindrance.OUTSIDE,
                says=_FOREIGN,
                fix="give every replica the same server.key_file, and restart",
            )


_FOREIGN = "another replica has another key: links' forms, logins and receipts of one are refused by the other"
_COPIES = "delete backups, dumps and FILE.before-* copies of the store that are older than now, or change its secrets"
