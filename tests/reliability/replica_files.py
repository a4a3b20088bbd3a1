"""Replicas on one PostgreSQL whose files differ: each has one of its own, and is asked by its own address."""

from __future__ import annotations

import json
import signal
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

from alertsms.machine.key import Purpose, read_key
from tests.reliability.driver import Alert, Body
from tests.reliability.phones import Phones
from tests.reliability.process import ALERTSMS, Process
from tests.support.ports import free_port

GIVES_UP = 20.0  # seconds after which a copy that nobody takes is left to the other one
PAUSE = 0.5  # seconds before it is posted again


class Replica:
    """One of several."""

    def __init__(self, folder: Path, url: str, phones: Phones, key: Path) -> None:
        folder.mkdir()
        self.port, self.store, self._key = free_port(), url, key
        self.endpoint = f"{phones.url}/1.0"
        self.url = f"http://127.0.0.1:{self.port}"
        self._file = folder / "alertsms.yaml"
        state = ("env", f"ALERTSMS_STATE={folder}")
        self.process = Process((*state, *ALERTSMS, "serve", "--config", str(self._file)), folder / "alertsms.log")

    def write(self, plan: Mapping[str, object]) -> None:
        """Put another file in its place; nobody says so."""
        config = {
            "server": {"listen": f"127.0.0.1:{self.port}", "key_file": str(self._key)},
            "store": self.store,
            "storm": {"after": 0},
            "limits": {"per_person_per_hour": 0},
            "ovh": {
                "endpoint": self.endpoint,
                "application_key": "sandbox-key",
                "application_secret": "sandbox-secret",
                "consumer_key": "sandbox-consumer",
                "service_name": "sms-xx00000-1",
                "sender": "ACME",
            },
            **plan,
        }
        self._file.write_text("".join(f"{key}: {json.dumps(value)}\n" for key, value in config.items()))

    def start(self) -> None:
        """Start it, and wait until it answers; one with an older file is never ready."""
        self.process.start()
        self.process.until(lambda: self.get("/api/v1/pauses").ok)

    def only(self, what: str) -> None:
        """Let it do one half of the work, `web` or `worker`, from its next start on."""
        self.process.command += ["--only", what]

    def stand_still(self, seconds: float) -> None:
        """Stop it where it is, and let it go on; blocks meanwhile."""
        self.process.send(signal.SIGSTOP)
        time.sleep(seconds)
        self.process.send(signal.SIGCONT)

    def ask(self, method: str, path: str, body: object = None) -> requests.Response:
        token = read_key(self._key).derive(Purpose.COMMAND)
        headers = {"Authorization": f"Bearer {token}"}
        return requests.request(method, f"{self.url}{path}", json=body, headers=headers, timeout=10)

    def get(self, path: str) -> requests.Response:
        return self.ask("GET", path)

    def reload(self) -> None:
        answer = self.ask("POST", "/-/reload")
        assert answer.ok, answer.text


def replicas(
    count: int,
    folder: Path,
    url: str,
    phones: Phones,
    plan: Mapping[str, object],
    make: Callable[..., Replica] = Replica,
) -> list[Replica]:
    """So many that run by the same file."""
    key = folder / "key"
    key.write_bytes(b64encode(bytes(range(32))))
    key.chmod(0o600)
    built = [make(folder / f"replica{number}", url, phones, key) for number in range(count)]
    for each in built:
        each.write(plan)
    try:
        with ThreadPoolExecutor(count) as pool:
            list(pool.map(lambda each: each.start(), built))
    except BaseException:
        stop(built)
        raise
    return built


def stop(built: Sequence[Replica]) -> None:
    for each in built:
        each.process.kill()


class Pair:
    """Two Alertmanagers of a cluster, which post each alert to two replicas at the same moment."""

    def __init__(self, built: Sequence[Replica]) -> None:
        self._replicas, self._count = built, 0
        self.taken: dict[str, list[float]] = {}  # when (Unix seconds) each copy of an alert was answered 202
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(64)

    def post(self, alerts: Sequence[Alert], every: float) -> None:
        """Post them, one each so many seconds."""
        for alert in alerts:
            began = time.monotonic()
            first = self._count % len(self._replicas)
            self._count += 1
            self.taken.setdefault(alert.name, [])
            for number in (first, (first + 1) % len(self._replicas)):
                self._pool.submit(self._deliver, self._replicas[number], alert)
            time.sleep(max(began + every - time.monotonic(), 0.0))

    def _deliver(self, to: Replica, alert: Alert) -> None:
        until = time.monotonic() + GIVES_UP
        while time.monotonic() < until:
            try:
                answer = requests.post(f"{to.url}/webhook", json=Body(alerts=[alert]).as_json(), timeout=10)
                if answer.status_code == 202:
                    with self._lock:
                        self.taken[alert.name].append(time.time())
                    return
            except requests.RequestException:
                pass
            time.sleep(PAUSE)

    def end(self) -> None:
        """Wait for the last copies."""
        self._pool.shutdown()
