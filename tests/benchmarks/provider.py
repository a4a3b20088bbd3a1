"""A stand-in for OVHcloud that costs next to nothing: it checks no signature, answers after a while and notes arrivals.

Runs as a process of its own; commands come on stdin, one a line, each answered by one line of JSON on stdout:

    delay SECONDS   answer so long after a request has come
    well            answer
    hang            take requests and never answer
    down            close every connection, and the port
    count           how many SMS have come since `forget`
    report          [[mark or null, monotonic seconds], …] of the SMS since `forget`
    forget
"""

from __future__ import annotations

import heapq
import json
import os
import re
import select
import signal
import socket
import sys
import time

from tests.benchmarks.body import MARK

ALIVE_SECONDS = 3600
TAG = re.compile(rb'"tag":"([^"]*)"')
ASKED = re.compile(rb"/outgoing/([0-9,]+)")
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


class Provider:
    """One thread and `select`: it knows microseconds where epoll rounds its wait up to a millisecond."""

    def __init__(self) -> None:
        self.delay = 0.0
        self.mode = "well"
        self.arrived: list[tuple[int | None, float]] = []
        self.buffers: dict[socket.socket, bytes] = {}
        self.answers: list[tuple[float, int, socket.socket, bytes]] = []
        self.number = 0
        self.tags: dict[int, str] = {}  # of accepted messages: their receipts are asked for
        self.commands = b""
        self.port = 0
        self.listener: socket.socket | None = None
        self.open()

    def open(self) -> None:
        if self.listener is None:
            self.listener = socket.create_server(("127.0.0.1", self.port), backlog=256, reuse_port=False)
            self.port = self.listener.getsockname()[1]

    def run(self) -> None:
        print(json.dumps(self.port), flush=True)
        while True:
            listening = [self.listener] if self.listener else []
            wait = max(self.answers[0][0] - time.monotonic(), 0.0) if self.answers else None
            ready, _, _ = select.select([0, *listening, *self.buffers], [], [], wait)
            for each in ready:
                if each == 0:
                    if not self.obey():
                        return
                elif each is self.listener:
                    self.accept()
                elif each in self.buffers:
                    self.read(each)
            while self.answers and self.answers[0][0] <= time.monotonic():
                _, _, peer, answer = heapq.heappop(self.answers)
                self.write(peer, answer)

    def accept(self) -> None:
        peer, _ = self.listener.accept()
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffers[peer] = b""

    def read(self, peer: socket.socket) -> None:
        try:
            piece = peer.recv(65536)
        except OSError:
            piece = b""
        if not piece:
            self.drop(peer)
            return
        at = time.monotonic()
        data = self.buffers[peer] + piece
        head, found, rest = data.partition(b"\r\n\r\n")
        length = LENGTH.search(head) if found else None
        size = int(length[1]) if length else 0
        if not found or len(rest) < size:
            self.buffers[peer] = data
            return
        self.buffers[peer] = rest[size:]
        self.take(peer, head, rest[:size], at)

    def take(self, peer: socket.socket, head: bytes, body: bytes, at: float) -> None:
        self.number += 1
        if head.startswith(b"POST"):
            mark = MARK.search(body)
            self.arrived.append((int(mark[1]) if mark else None, at))
            tag = TAG.search(body)
            self.tags[self.number] = tag[1].decode() if tag else ""
        if self.mode == "well":
            answer = self.answer(head)
            if self.delay:
                heapq.heappush(self.answers, (at + self.delay, self.number, peer, answer))
            else:
                self.write(peer, answer)

    def answer(self, head: bytes) -> bytes:
        if head.startswith(b"POST"):
            value: object = {
                "ids": [self.number],
                "validReceivers": ["+33600000000"],
                "invalidReceivers": [],
                "totalCreditsRemoved": 1,
                "tag": "",
            }
        elif asked := ASKED.search(head):
            value = self.receipts([int(number) for number in asked[1].split(b",")])
        else:
            value = int(time.time()) if b"/auth/time" in head else []
        body = json.dumps(value).encode()
        return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)

    def receipts(self, numbers: list[int]) -> object:
        """Every phone has its message; several are answered as X-Ovh-Batch has them."""
        found = {
            number: {"id": number, "tag": self.tags.get(number, ""), "deliveryReceipt": 1, "ptt": 4}
            for number in numbers
        }
        return (
            [{"key": str(key), "value": value} for key, value in found.items()]
            if len(numbers) > 1
            else found[numbers[0]]
        )

    def write(self, peer: socket.socket, answer: bytes) -> None:
        if peer in self.buffers:
            try:
                peer.sendall(answer)
            except OSError:
                self.drop(peer)

    def drop(self, peer: socket.socket) -> None:
        del self.buffers[peer]
        peer.close()

    def obey(self) -> bool:
        piece = os.read(0, 4096)
        self.commands += piece
        while b"\n" in self.commands:
            line, _, self.commands = self.commands.partition(b"\n")
            print(json.dumps(self.command(*line.decode().split())), flush=True)
        return bool(piece)

    def command(self, word: str, value: str = "") -> object:
        if word == "delay":
            self.delay = float(value)
        elif word in ("well", "hang", "down"):
            self.turn(word)
        elif word == "count":
            return len(self.arrived)
        elif word == "report":
            return self.arrived
        elif word == "forget":
            self.arrived = []
        return None

    def turn(self, mode: str) -> None:
        """Switch; connections end, so that nobody waits for an answer of the mode before."""
        self.mode = mode
        self.answers.clear()
        for peer in list(self.buffers):
            self.drop(peer)
        if mode == "down" and self.listener:
            self.listener.close()
            self.listener = None
        elif mode != "down":
            self.open()


if __name__ == "__main__":
    signal.alarm(ALIVE_SECONDS)  # whatever becomes of the parent
    sys.setswitchinterval(1)
    Provider().run()
