"""The network between senders and alertsms: a line of our own that can be cut in each way that lines are cut."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from enum import StrEnum


class Cut(StrEnum):
    """What becomes of a connection."""

    NONE = "none"  # passed on, both ways
    REFUSED = "refused"  # nobody listens
    SILENT = "silent"  # it is taken, and nothing passes: a firewall that drops
    DEAF = "deaf"  # bodies arrive, their answers do not


class Line:
    """Listens on a port of its own and passes on to another; see `cut`."""

    def __init__(self, port: int) -> None:
        """`port` is where alertsms listens."""
        self._to = port
        self._cut = Cut.NONE
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self._listener = self._listen(0)
        self.port = int(self._listener.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"

    def cut(self, how: Cut) -> None:
        """From now on; what is connected is cut off."""
        before, self._cut = self._cut, how
        if how is Cut.REFUSED:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
        elif before is Cut.REFUSED:
            self._listener = self._listen(self.port)
        self._hang_up()

    def close(self) -> None:
        """End it."""
        if self._cut is not Cut.REFUSED:
            self.cut(Cut.REFUSED)

    def _listen(self, port: int) -> socket.socket:
        listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return listener

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):  # it was closed
            while True:
                near, _ = listener.accept()
                self._keep(near)
                if self._cut is Cut.SILENT:
                    continue
                far = socket.create_connection(("127.0.0.1", self._to))
                self._keep(far)
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._pass, args=(one, other, other is near), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket, answers: bool) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                if not (answers and self._cut is Cut.DEAF):
                    other.sendall(data)
            other.shutdown(socket.SHUT_WR)

    def _keep(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.append(connection)

    def _hang_up(self) -> None:
        with self._lock:
            cut_off, self._open = self._open, []
        for connection in cut_off:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
