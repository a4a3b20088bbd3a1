"""A floor: the least that answers a webhook, one thread a connection; with a path, each answer after a synced commit.

Run as `python -m tests.benchmarks.answer [PATH]`; prints its port, ends with stdin.
"""

from __future__ import annotations

import json
import re
import signal
import socket
import sqlite3
import sys
import threading

LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
ANSWER = b"HTTP/1.1 202 Accepted\r\nContent-Length: 3\r\n\r\n{}\n"


class Table:
    """One connection to an SQLite file, behind a lock."""

    def __init__(self, path: str) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        for setting in ("journal_mode=WAL", "synchronous=FULL"):
            self._connection.execute(f"PRAGMA {setting}")
        self._connection.execute("CREATE TABLE bodies (id INTEGER PRIMARY KEY, body BLOB NOT NULL)")

    def keep(self, body: bytes) -> None:
        with self._lock:
            self._connection.execute("INSERT INTO bodies (body) VALUES (?)", (body,))


def serve(peer: socket.socket, table: Table | None) -> None:
    data = b""
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while piece := peer.recv(65536):
        data += piece
        head, found, rest = data.partition(b"\r\n\r\n")
        length = LENGTH.search(head) if found else None
        if length and len(rest) >= int(length[1]):
            if table:
                table.keep(rest)
            data = b""
            peer.sendall(ANSWER)


def listen(listener: socket.socket, table: Table | None) -> None:
    while True:
        peer, _ = listener.accept()
        threading.Thread(target=serve, args=(peer, table), daemon=True).start()


if __name__ == "__main__":
    signal.alarm(600)
    table = Table(sys.argv[1]) if len(sys.argv) > 1 else None
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    threading.Thread(target=listen, args=(listener, table), daemon=True).start()
    print(json.dumps(listener.getsockname()[1]), flush=True)
    sys.stdin.read()
