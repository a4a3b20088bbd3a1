"""Configurations to write, a server that runs beside a command, and a command in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from alertsms.app import App
from alertsms.config import load
from alertsms.web.listener import Listener

PATIENCE = 20.0  # seconds that a test waits for what should come at once, on a busy machine


def until(true: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait until something is so, and fail when it takes too long."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.02)


def write(folder: Path, *, endpoint: str = "http://127.0.0.1:9/1.0", port: int = 0, more: str = "") -> str:
    """Write a configuration that pages alice; returns its path."""
    file = folder / "config.yaml"
    file.write_text(f"""\
store: sqlite:///{folder}/alertsms.db
server: {{listen: "127.0.0.1:{port}"}}
ovh:
  endpoint: {endpoint}
  application_key: sandbox-key
  application_secret: sandbox-secret
  consumer_key: sandbox-consumer
  service_name: sms-xx00000-1
  sender: ACME
people: {{alice: "+33612345678"}}
teams: {{ops: {{page: [alice]}}}}
route: {{team: ops}}
{more}""")
    return str(file)


@contextmanager
def serving(file: str) -> Iterator[App]:
    """The server of a configuration, in this process."""
    app = App(load(file))
    listener = Listener(app.wsgi, app.config.server.host, app.config.server.port, judge=lambda: app.judge)
    app.start()
    try:
        yield app
    finally:
        listener.close()
        app.stop()


class Command:
    """`alertsms …` in a process of its own, its output in files."""

    def __init__(self, folder: Path, *words: str, environ: dict[str, str] | None = None) -> None:
        folder.mkdir(exist_ok=True)
        self._out, self._err = folder / "stdout", folder / "stderr"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            kept = {name: value for name, value in os.environ.items() if not name.startswith(("ALERTSMS_", "OVH_"))}
            self.process = subprocess.Popen(
                [sys.executable, "-m", "alertsms", *words],
                stdout=out,
                stderr=err,
                env=kept | (environ or {}),
            )

    @property
    def out(self) -> str:
        return self._out.read_text()

    @property
    def err(self) -> str:
        return self._err.read_text()

    def says(self, text: str) -> None:
        """Wait until it has printed or logged this."""
        until(lambda: text in self.out + self.err or self.process.poll() is not None)
        assert text in self.out + self.err, self.out + self.err

    def ends(self) -> int:
        return self.process.wait(PATIENCE)

    def signal(self, kind: int) -> None:
        self.process.send_signal(kind)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
