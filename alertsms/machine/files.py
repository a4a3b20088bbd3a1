"""Where our files lie; files that somebody else names, read within bounds; and ours, for their user alone."""

from __future__ import annotations

import logging
import os
import shlex
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from alertsms.logs import event

_KINDS = {
    stat.S_IFDIR: "a directory",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def opened(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a file to read. Raises OSError, and ValueError for what is no file: a pipe would wait for its writer."""
    _refuse_others(Path(path).stat())  # before it is opened: to open a device may do something
    file = open(  # noqa: SIM115 - only it takes an opener; closed by whoever asked
        path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK | os.O_NOCTTY)
    )
    try:
        _refuse_others(os.fstat(file.fileno()))
    except ValueError:
        file.close()
        raise
    return file


def _refuse_others(status: os.stat_result) -> None:
    kind = stat.S_IFMT(status.st_mode)
    if kind != stat.S_IFREG:
        raise ValueError(f"it is {_KINDS.get(kind, 'something else')}, write the path of a file")


def read_whole(path: Path, largest: int) -> bytes:
    """What a file holds. Raises OSError, and ValueError for what is no file or is larger than `largest` bytes."""
    with opened(path) as file:
        raw = file.read(largest + 1)
    if len(raw) > largest:
        raise ValueError(f"it is larger than {largest // 1024} KiB")
    return raw


log = logging.getLogger("alertsms.private")

OURS = 0o600


def mend(path: Path, fix: str) -> None:
    """Give a file that we made the mode that it was made with, and say so where it had another.

    A link, or a file with several names or of somebody else, is left alone: it may be there to have us change another.
    """
    with suppress(OSError):  # it is not there, or is nothing that we could open
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            status = os.fstat(descriptor)
            alone = stat.S_ISREG(status.st_mode) and status.st_nlink == 1 and status.st_uid == os.geteuid()
            if alone and stat.S_IMODE(status.st_mode) & ~OURS:
                os.fchmod(descriptor, OURS)
                event(
                    log,
                    logging.WARNING,
                    "others could use a file of ours: not any more",
                    file=str(path),
                    mode=f"{stat.S_IMODE(status.st_mode):o}",
                    fix=fix,
                )
        finally:
            os.close(descriptor)


def exposed(key: Path, state: Path) -> Iterator[tuple[str, str]]:
    """What others of this machine may do to the key and its folder, each with what mends it.

    Others are those outside of the group too: a group may have been let in, as some hand secrets over.
    """
    mode = _mode(key)
    ways = [word for bit, word in ((stat.S_IROTH, "read"), (stat.S_IWOTH, "write")) if mode & bit]
    if ways:
        mends = f"`chmod o= {shlex.quote(str(key))}`, and make a new key if they may have used it"
        yield f"every user of this machine may {' and '.join(ways)} the key {key}", mends
    for folder in dict.fromkeys((state, key.parent)):
        if _mode(folder) & stat.S_IWOTH:
            says = f"every user of this machine may write to {folder}, and so put a key of theirs there"
            yield says, f"`chmod o-w {shlex.quote(str(folder))}`"


def _mode(path: Path) -> int:
    """The mode of what is there; 0 for what cannot be looked at."""
    try:
        return path.stat().st_mode
    except OSError:
        return 0


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
