"""A real Prometheus whose rules always fire, and which tells an Alertmanager so every second or two."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import requests

from tests.reliability.process import Process
from tests.support.ports import free_port

PROGRAMS = ("prometheus",)
RESENT = 1  # seconds; four times as long after the last time that it was told, Alertmanager takes an alert for resolved


class Prometheus:
    """One of them; started again it forgets since when its rules fire, as one without a `for` does."""

    def __init__(self, program: str, folder: Path, names: Sequence[str], alertmanager: str) -> None:
        """`names` are those of its alerts, `alertmanager` is the URL of whom it tells."""
        folder.mkdir()
        self.url = f"http://127.0.0.1:{free_port()}"
        rules = [
            {
                "alert": name,
                "expr": "vector(1)",
                "labels": {"severity": "critical", "instance": "db-1"},
                "annotations": {"summary": "Disk full in an hour"},
            }
            for name in names
        ]
        config = {
            "global": {"evaluation_interval": f"{RESENT}s"},
            "rule_files": ["rules.yml"],
            "alerting": {
                "alertmanagers": [{"static_configs": [{"targets": [alertmanager.removeprefix("http://")]}]}],
            },
        }
        # JSON is YAML, too.
        (folder / "rules.yml").write_text(json.dumps({"groups": [{"name": "always", "rules": rules}]}))
        (folder / "prometheus.yml").write_text(json.dumps(config))
        self._process = Process(
            (
                program,
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address={self.url.removeprefix('http://')}",
                f"--rules.alert.resend-delay={RESENT}s",
            ),
            folder / "prometheus.log",
        )

    def start(self) -> None:
        """Start it and wait until it evaluates its rules."""
        self._process.start()
        self._process.until(lambda: requests.get(f"{self.url}/-/ready", timeout=2).ok)

    def stop(self) -> None:
        """End it."""
        self._process.stop()

    @property
    def log(self) -> str:
        """The end of its log."""
        return self._process.tail()
