"""`alertsms serve` as a user starts it, on a store of its own, with the stand-in for OVHcloud behind it."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from pathlib import Path
from typing import Self

from tests.benchmarks.body import request
from tests.benchmarks.load import answered
from tests.benchmarks.process import end, spawn
from tests.support.ports import free_port

START_SECONDS = 60.0
TICKS = os.sysconf("SC_CLK_TCK")


def config(folder: Path, *, provider: int, teams: int, in_flight: int, port: int, storms: bool = False) -> Path:
    """One person a team, one team a value of the label `team`; as many teams as a drain needs numbers."""
    names = range(teams)
    keys = "application_key: key, application_secret: secret, consumer_key: consumer"
    account = "service_name: sms-xx00000-1, sender: ACME, max_per_second: 0"
    lines = [
        f'store: "sqlite:///{folder}/alertsms.db"',
        f'server: {{listen: "127.0.0.1:{port}"}}',
        f'ovh: {{endpoint: "http://127.0.0.1:{provider}/1.0", {keys}, {account}, max_in_flight: {in_flight}}}',
        # Else some hundred SMS a second for five people: the measure is how fast they leave.
        *([] if storms else ["storm: {after: 0}", "limits: {per_person_per_hour: 0}"]),
        "people:",
        *(f'  p{name}: "+336{name:08d}"' for name in names),
        "teams:",
        *(f"  t{name}: {{page: [p{name}]}}" for name in names),
        "route:",
        "  team: t0",
        "  routes:",
        *(f"    - {{matchers: ['team=\"t{name}\"'], team: t{name}}}" for name in names),
    ]
    file = folder / "config.yaml"
    file.write_text("\n".join(lines) + "\n")
    return file


class Server:
    """One running alertsms."""

    def __init__(
        self, folder: Path, *, provider: int, teams: int = 5, in_flight: int = 32, storms: bool = False
    ) -> None:
        """Start it; `folder` may hold a store. `storms`: with the default rules of storms."""
        self.port = free_port()
        file = config(folder, provider=provider, teams=teams, in_flight=in_flight, port=self.port, storms=storms)
        self._log = (folder / "alertsms.log").open("ab")
        self._began = time.monotonic()
        self._child = spawn("-m", "alertsms", "serve", "--config", file, stdout=self._log, stderr=self._log)

    def first_answer(self, number: int) -> float:
        """Post one alert until it is taken; seconds from the start of the process to its 202."""
        while time.monotonic() < self._began + START_SECONDS and self._child.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1.0) as peer:
                peer.settimeout(10.0)
                peer.sendall(request(number, "t0"))
                data = b""
                while not answered(data) and (piece := peer.recv(65536)):
                    data += piece
                if answered(data) == 202:
                    return time.monotonic() - self._began
            time.sleep(0.003)
        raise RuntimeError(f"alertsms did not start, see {self._log.name}")

    def resident(self) -> float:
        """Memory in use, in MB."""
        pages = int(Path(f"/proc/{self._child.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def processor(self) -> float:
        """Seconds of processor time so far."""
        fields = Path(f"/proc/{self._child.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def metrics(self, times: int) -> tuple[list[float], int]:
        """Scrape over one connection: the seconds of each, and how many series there are."""
        ask = b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        seconds = []
        with socket.create_connection(("127.0.0.1", self.port), 10.0) as peer:
            for _ in range(times):
                began = time.monotonic()
                peer.sendall(ask)
                data = b""
                while not answered(data) and (piece := peer.recv(65536)):
                    data += piece
                seconds.append(time.monotonic() - began)
        lines = data.partition(b"\r\n\r\n")[2].splitlines()
        return seconds, sum(not line.startswith(b"#") for line in lines)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # What its store holds is thrown away: no need to wait for calls that hang.
        end(self._child, at_once=True)
        self._log.close()

    def stop(self) -> None:
        """Stop it as a supervisor does."""
        end(self._child)
