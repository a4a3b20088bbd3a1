"""Where the store lies: in one known place, whatever folder a command is started in."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path

VARIABLE = "ALERTSMS_STATE"
SQLITE = "sqlite:///"
STORE = "alertsms.db"
KEY = "alertsms.key"
BESIDE = (KEY, "alertsms.told")  # what an older version kept in the folder of its store


def sqlite_path(store: str) -> str:
    """The path in the URL of an SQLite file."""
    return store.removeprefix(SQLITE).partition("?")[0]


def store_url(written: str, file: str, environ: Mapping[str, str] = os.environ) -> str:
    """The store of a configuration, whatever folder a command is started in.

    A relative path of SQLite counts from the configuration's folder. Where nothing is written, the file lies in the
    state folder.
    """
    beside = Path(file).absolute().parent
    if not written:
        own = environ.get(VARIABLE)
        return f"{SQLITE}{Path(own).absolute() if own else beside}/{STORE}"
    path = written.removeprefix(SQLITE)
    if path == written or path.startswith(("/", "${")):  # a server, an absolute path, a variable that is not read
        return written
    return f"{SQLITE}{os.path.normpath(beside)}/{path}"


def left_behind(written: str, store: str) -> Path | None:
    """The file of an older version, for which the path counted from the current folder; None where none is in the way.

    `written`: the store as the configuration has it. `store`: the same as an absolute URL.
    """
    path = sqlite_path(written) if written else STORE
    if not store.startswith(SQLITE) or "://" in path or os.path.isabs(path):  # noqa: PTH117 - a text so far
        return None
    before, now = Path.cwd() / path, Path(sqlite_path(store))
    return before if before.is_file() and before.stat().st_size and not now.exists() else None


def moving(before: Path, store: str) -> str:
    """What to do about a file that was left behind: move it with all that belongs to it, or name it."""
    now = Path(sqlite_path(store))
    beside = (Path(f"{before}{more}") for more in ("", "-wal", "-shm"))
    kept = (before.parent / name for name in BESIDE)
    moved = [str(path) for path in (*beside, *kept) if path.exists()]
    return (
        f"there is no store {now}, but one of an older version at {before}: paths count from the folder of the"
        f" configuration now. Stop every alertsms, then `mv {shlex.join(moved)} {shlex.quote(str(now.parent))}`,"
        f" or write store: sqlite:///{before}"
    )
