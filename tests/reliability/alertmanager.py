"""Real Alertmanagers, with the configuration that alertsms prints for them as their whole configuration."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import requests

from tests.reliability.process import ALERTSMS, ENVIRON, Process
from tests.support.ports import free_port

# Debian's package calls it prometheus-alertmanager, the project's own archive alertmanager.
PROGRAMS = ("prometheus-alertmanager", "alertmanager")


def program(*names: str) -> str | None:
    """The first of these programs that is installed."""
    return next((found for name in names if (found := shutil.which(name))), None)


def configuration(url: str, file: Path) -> Path:
    """Let alertsms print the configuration that posts to it at `url`."""
    printed = subprocess.run(
        [*ALERTSMS, "config", "alertmanager", "--url", url],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        cwd=file.parent,
        env=ENVIRON,
    )
    assert printed.returncode == 0, printed.stderr
    file.write_text(printed.stdout, encoding="utf-8")
    return file


class Alertmanager:
    """One of them; told of its peers, part of a cluster."""

    def __init__(self, folder: Path, config: Path) -> None:
        folder.mkdir()
        self.url = f"http://127.0.0.1:{free_port()}"
        self.peer = f"127.0.0.1:{free_port()}"
        self._folder, self._config = folder, config
        self._process: Process | None = None

    def start(self, peers: Sequence[str] = (), *, clustered: bool = False) -> None:
        """Start it and wait until it takes alerts."""
        found = program(*PROGRAMS)
        assert found
        self._process = Process(
            (
                found,
                f"--config.file={self._config}",
                f"--storage.path={self._folder}",
                f"--web.listen-address={self.url.removeprefix('http://')}",
                f"--cluster.listen-address={self.peer if clustered else ''}",
                *(f"--cluster.peer={peer}" for peer in peers),
                "--cluster.settle-timeout=5s",
            ),
            self._folder / "alertmanager.log",
        )
        self._process.start()
        self._process.until(lambda: requests.get(f"{self.url}/-/ready", timeout=2).ok)

    def stop(self) -> None:
        """End it."""
        if self._process:
            self._process.stop()

    @property
    def log(self) -> str:
        """The end of its log."""
        return self._process.tail() if self._process else ""

    def peers(self) -> int:
        """How many members its cluster has, itself included."""
        status = requests.get(f"{self.url}/api/v2/status", timeout=5).json()
        return len(status["cluster"].get("peers") or [])

    def posts(self) -> tuple[float, float]:
        """Notifications by webhook: tried, and failed."""
        samples = dict(
            line.rsplit(" ", 1)
            for line in requests.get(f"{self.url}/metrics", timeout=5).text.splitlines()
            if 'integration="webhook"' in line and not line.startswith("#")
        )

        def total(name: str) -> float:
            return sum(float(value) for key, value in samples.items() if key.startswith(name + "{"))

        return total("alertmanager_notifications_total"), total("alertmanager_notifications_failed_total")

    def add(self, name: str, *, start: datetime, end: datetime | None = None) -> None:
        """Put an alert in, as `amtool alert add` does; with `end` in the past it is resolved."""
        amtool = program("amtool")
        assert amtool
        command = [
            amtool,
            f"--alertmanager.url={self.url}",
            "alert",
            "add",
            f"alertname={name}",
            "severity=critical",
            "instance=db-1",
            "--annotation=summary=Disk full in an hour",
            f"--start={start.isoformat()}",
            *([f"--end={end.isoformat()}"] if end else []),
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False, cwd=self._folder)
        assert done.returncode == 0, done.stderr
