"""An open-loop client: bodies leave on time, whether or not the ones before were answered. One thread.

Run as `python -m tests.benchmarks.load PORT RATE SECONDS FIRST TEAMS`; prints [[number, due, seconds or null], …] as
JSON. Seconds count from when a body was due, so that a server that stalls is charged for what waited behind.
"""

from __future__ import annotations

import json
import re
import select
import signal
import socket
import sys
import time
from collections import deque

from tests.benchmarks.body import request

CONNECTIONS = 48
PATIENCE_SECONDS = 5.0  # after the last body
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


def answered(data: bytes) -> int:
    """The status of a whole answer, 0 while it is incomplete."""
    head, found, rest = data.partition(b"\r\n\r\n")
    length = LENGTH.search(head) if found else None
    return int(head[9:12]) if length and len(rest) >= int(length[1]) else 0


def run(port: int, rate: float, seconds: float, first: int, teams: int) -> list[tuple[int, float, float | None]]:
    """Post `rate` bodies a second for `seconds`."""
    count = int(rate * seconds)
    bodies = [request(first + at, f"t{at % teams}") for at in range(count)]
    idle = deque(socket.create_connection(("127.0.0.1", port)) for _ in range(CONNECTIONS))
    for each in idle:
        each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    busy: dict[socket.socket, tuple[int, bytes]] = {}
    results: list[tuple[int, float, float | None]] = []
    start = time.monotonic() + 0.05
    due = [start + at / rate for at in range(count)]
    at = 0
    while (at < count or busy) and time.monotonic() < due[-1] + PATIENCE_SECONDS:
        while at < count and idle and due[at] <= time.monotonic():
            peer = idle.popleft()
            peer.sendall(bodies[at])
            busy[peer] = at, b""
            at += 1
        wait = max(due[at] - time.monotonic(), 0.0) if at < count and idle else 0.1
        for peer in select.select(list(busy), [], [], wait)[0]:
            number, data = busy.pop(peer)
            piece = peer.recv(65536)
            done = time.monotonic()
            status = answered(data + piece)
            if not piece:
                results.append((first + number, due[number], None))
            elif not status:
                busy[peer] = number, data + piece
            else:
                results.append((first + number, due[number], done - due[number] if status == 202 else None))
                idle.append(peer)
    results += [(first + number, due[number], None) for number, _ in busy.values()]
    return results + [(first + number, due[number], None) for number in range(at, count)]


if __name__ == "__main__":
    signal.alarm(600)
    port, rate, seconds, first, teams = sys.argv[1:]
    print(json.dumps(run(int(port), float(rate), float(seconds), int(first), int(teams))))
