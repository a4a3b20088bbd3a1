"""The file of an SQLite store: one alertsms a file, by one name, in WAL mode."""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

from alertsms.store.error import StoreAway, StoreError, StoreHeld, failure

UNLINK = "delete the other name, `find / -samefile` finds it: by it a second alertsms would write to the same file"


def names(path: str | Path) -> int:
    """How many names a file has; 0 for what is no file."""
    status = status_of(path)
    return status.st_nlink if status and stat.S_ISREG(status.st_mode) else 0


def status_of(path: str | Path) -> os.stat_result | None:
    """Which file it is; None where there is none."""
    try:
        return Path(path).stat()
    except OSError:
        return None


def lock_file(path: str) -> int:
    """Take the lock file beside the database.

    Never through a descriptor of the database itself: closing that would drop SQLite's own locks.
    """
    try:
        descriptor = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        fix = "Its folder must exist and be writable"
        raise _refused(error, f"store: {path} cannot be opened: {error.strerror}. {fix}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise StoreHeld(
            f"store: {path} is in use by another process. One process a file: stop the other one, give this one a file"
            " of its own, or use PostgreSQL for several"
        ) from error
    try:
        Path(path).touch(mode=0o600)  # texts and numbers are nobody else's business
    except OSError as error:
        os.close(descriptor)
        raise _refused(error, f"store: {path} cannot be written: {error.strerror}") from error
    return descriptor


def _refused(error: OSError, sentence: str) -> StoreError:
    """A disk that is full may have room in a while; what else keeps a file from being opened, somebody has to mend."""
    return (StoreAway if error.errno in (errno.ENOSPC, errno.EDQUOT) else StoreError)(sentence)


def write_ahead(path: str) -> None:
    """Put the file into WAL mode, which it then keeps, while nobody else has it open.

    The writer and the first reader would both do it to a new file, and SQLite answers one of them "locked" at once.
    """
    try:
        with closing(sqlite3.connect(path, timeout=5.0)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
    except sqlite3.Error as error:
        raise failure(f"store: {path} cannot be used", error) from error
