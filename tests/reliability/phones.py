"""The sandbox in a process of its own, which no kill of alertsms reaches, and what its phones got.

    python -m tests.reliability.phones PORT SEED

serves it: as `alertsms sandbox` does, but with a balance for thousands of SMS, a rented number, and a seed for its
faults.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import requests

from alertsms.sandbox import Sandbox, SandboxAccount
from alertsms.sandbox.server import SandboxServer
from tests.reliability.process import Process
from tests.support.ports import free_port

RENTED = "+33700000001"  # its account may send from this one, and be answered there


@dataclass(frozen=True, kw_only=True, slots=True)
class Sms:
    """One SMS that the sandbox accepted."""

    id: int
    at: float  # Unix seconds
    receiver: str
    text: str
    tag: str


class Phones:
    """The sandbox's process, seen through its own pages."""

    def __init__(self, folder: Path, *, seed: int = 0) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process = Process(
            (sys.executable, "-m", "tests.reliability.phones", str(self.port), str(seed)), folder / "sandbox.log"
        )
        self._web = requests.Session()
        self._seen: list[Sms] = []
        self._lock = threading.Lock()  # several may read

    def start(self) -> None:
        """Serve it."""
        self._process.start()
        self._process.until(lambda: self._web.get(f"{self.url}/sandbox/counts", timeout=2).ok)

    def stop(self) -> None:
        """End it."""
        self._web.close()
        self._process.stop()

    def messages(self) -> list[Sms]:
        """Every SMS so far, in order."""
        with self._lock:
            since = self._seen[-1].id if self._seen else 0
            query = {"since": since, "counts": "no"}
            found = self._web.get(f"{self.url}/sandbox/messages", params=query, timeout=10).json()["messages"]
            self._seen += [
                Sms(
                    id=each["id"],
                    at=datetime.fromisoformat(each["at"]).timestamp(),
                    receiver=each["receiver"],
                    text=each["text"],
                    tag=each["tag"],
                )
                for each in found
            ]
            return list(self._seen)

    def reset(self) -> None:
        """Forget every SMS and let no fault strike."""
        assert self._web.post(f"{self.url}/sandbox/reset", timeout=10).ok
        self._seen.clear()

    def fail(self, faults: Iterable[Mapping[str, object]]) -> None:
        """Let these faults strike from now on, and no others."""
        answer = self._web.post(f"{self.url}/sandbox/faults", json=list(faults), timeout=10)
        assert answer.ok, answer.text

    def calls(self) -> Mapping[str, Mapping[str, int]]:
        """How each call was answered, and how often."""
        found: Mapping[str, Mapping[str, int]] = self._web.get(f"{self.url}/sandbox/counts", timeout=10).json()["calls"]
        return found


if __name__ == "__main__":
    stops = (signal.SIGTERM, signal.SIGINT)
    signal.pthread_sigmask(signal.SIG_BLOCK, stops)  # before there are threads, which inherit it
    rented = {RENTED.replace("+", "00"): "fr"}
    with SandboxServer(
        Sandbox(account=SandboxAccount(credits=1_000_000.0, virtual_numbers=rented), seed=int(sys.argv[2])),
        port=int(sys.argv[1]),
    ):
        signal.sigwait(stops)
