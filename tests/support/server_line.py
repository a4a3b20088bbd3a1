"""The line between alertsms and PostgreSQL, to be cut at a COMMIT: before it arrives, or before its answer does."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum

COMMIT = b"COMMIT\0"  # as it stands at the end of each message that asks for it


class CommitCut(StrEnum):
    """What becomes of one COMMIT."""

    NONE = "none"
    LOST = "lost"  # it never arrives
    UNANSWERED = "unanswered"  # it arrives, and its answer does not


class ServerLine:
    """Listens on a port of its own and passes on to PostgreSQL; `decide` says of each COMMIT what becomes of it."""

    def __init__(self, host: str, port: int, decide: Callable[[int], CommitCut] = lambda _: CommitCut.NONE) -> None:
        """`decide` is given how many there were before."""
        self.decide = decide
        self.watch: Callable[[bytes], None] = lambda _: None  # is given what comes, before it is passed on
        self.cuts = 0
        self._to = host, port
        self._commits = 0
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """End it."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):  # it was closed
            while True:
                near, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        with near, socket.create_connection(self._to) as far, suppress(OSError):
            deaf = threading.Event()
            back = threading.Thread(target=self._answers, args=(far, near, deaf), daemon=True)
            back.start()
            while data := near.recv(65536):
                self.watch(data)
                cut = self._cut() if COMMIT in data else CommitCut.NONE
                if cut is CommitCut.LOST:
                    break
                if cut is CommitCut.UNANSWERED:
                    deaf.set()
                far.sendall(data)
                if deaf.is_set():
                    back.join(10)
                    break
            near.shutdown(socket.SHUT_RDWR)
            far.shutdown(socket.SHUT_RDWR)

    def _cut(self) -> CommitCut:
        with self._lock:
            number, self._commits = self._commits, self._commits + 1
            cut = self.decide(number)
            self.cuts += cut is not CommitCut.NONE
            return cut

    def _answers(self, far: socket.socket, near: socket.socket, deaf: threading.Event) -> None:
        with suppress(OSError):
            while data := far.recv(65536):
                if deaf.is_set():
                    break
                near.sendall(data)
            near.shutdown(socket.SHUT_RDWR)
