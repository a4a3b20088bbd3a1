"""Ports for servers of tests: each is given once, though several runs of the tests go on side by side."""

from __future__ import annotations

import fcntl
import os
import random
import socket
import tempfile
from contextlib import suppress
from pathlib import Path

_held: list[int] = []  # lock files, open as long as this process lives


def free_port() -> int:
    """A port that nobody listens on, that no other test is given while this process lives, nor the system to a call.

    Between the choice of a port and its server's start lie seconds; two that chose the same would take each other's
    server for their own.
    """
    folder = Path(tempfile.gettempdir()) / f"alertsms-test-ports-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    while True:
        port = random.SystemRandom().randrange(15_000, 32_000)  # below those that systems give to connections
        lock = os.open(folder / str(port), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
            _held.append(lock)
            return port
        os.close(lock)
