"""Reads files that somebody else names: never one that keeps its reader waiting, and never more than fits."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

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
    file = open(path, "rb", opener=_at_once)  # noqa: SIM115 - only it takes an opener; closed by whoever asked
    try:
        _refuse_others(os.fstat(file.fileno()))
    except ValueError:
        file.close()
        raise
    return file


def _at_once(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY)


def _refuse_others(found: os.stat_result) -> None:
    kind = stat.S_IFMT(found.st_mode)
    if kind != stat.S_IFREG:
        raise ValueError(f"it is {_KINDS.get(kind, 'something else')}, write the path of a file")


def read_whole(path: Path, largest: int) -> bytes:
    """What a file holds. Raises OSError, and ValueError for what is no file or is larger than `largest` bytes."""
    with opened(path) as file:
        raw = file.read(largest + 1)
    if len(raw) > largest:
        raise ValueError(f"it is larger than {largest // 1024} KiB")
    return raw
