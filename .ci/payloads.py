# ruff: noqa: INP001, T201 - a check that prints
"""Posts every body of a folder to a fresh house and compares the SMS it causes with the folder's README.

    python .ci/payloads.py FOLDER

The last table of FOLDER/README.md has the columns file, firing and SMS. Each body meets an empty store, one team with
one person and a sandbox of its own. Every text is printed, for a human to judge; any difference exits 1.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from alertsms.app import App
from alertsms.config import read
from alertsms.sandbox import Sandbox
from alertsms.sandbox.server import SandboxServer

ROW = re.compile(r"^\|\s*`([^`]+)`\s*\|\s*(\d+)\s*\|\s*(\d+)\s*\|$")
PATIENCE = 10.0  # seconds for the SMS that are expected
QUIET = 0.4  # seconds without another one before the count is believed

CONFIG = """
store: "sqlite:///{folder}/house.db"
ovh:
  endpoint: "{url}"
  application_key: sandbox-key
  application_secret: sandbox-secret
  consumer_key: sandbox-consumer
  service_name: sms-xx00000-1
  sender: ACME
  max_per_second: 0
people: {{alice: "+33612345678"}}
teams: {{ops: {{page: [alice]}}}}
route: {{team: ops}}
storm: {{after: 1000}}
limits: {{per_person_per_hour: 1000}}
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """What the table says of one body."""

    file: str
    firing: int
    sms: int


def table(readme: str) -> list[Expected]:
    """The rows of the last table whose columns are a file and two numbers."""
    rows = (ROW.match(line.strip()) for line in readme.splitlines())
    return [Expected(file=row[1], firing=int(row[2]), sms=int(row[3])) for row in rows if row]


@contextmanager
def house() -> Iterator[tuple[App, Sandbox]]:
    """An alertsms that nobody told anything yet, and the sandbox that it sends to."""
    sandbox = Sandbox()
    with tempfile.TemporaryDirectory() as folder, SandboxServer(sandbox) as server:
        text = CONFIG.format(folder=folder, url=server.url)
        app = App(read(text, file="house.yaml", environ={}))
        app.start()
        try:
            yield app, sandbox
        finally:
            app.stop()


def post(body: bytes, expected: int) -> tuple[int, int, list[str]]:
    """The status code, how many alerts fired, and the texts that one body causes in a fresh house."""
    with house() as (app, sandbox):
        answer = app.wsgi.test_client().post("/webhook", data=body, content_type="application/json")
        sandbox.wait_for(expected, PATIENCE)
        time.sleep(QUIET)
        firing = app.context.metrics.registry.get_sample_value
        series = ("alertmanager", "grafana", "grafana-legacy")
        fired = sum(
            firing("alertsms_alerts_received_total", {"source": source, "status": "firing"}) or 0 for source in series
        )
        return answer.status_code, int(fired), [message.text for message in sandbox.accepted]


def check(folder: Path, expected: Expected) -> bool:
    """Post one body, print what came of it, and tell whether that is what the table says."""
    status, firing, texts = post((folder / expected.file).read_bytes(), expected.sms)
    right = (status, firing, len(texts)) == (202, expected.firing, expected.sms)
    outcome = f"{status}, {firing} firing, {len(texts)} SMS"
    wanted = "" if right else f" (expected 202, {expected.firing} firing, {expected.sms} SMS)"
    print(f"{'ok  ' if right else 'FAIL'} {expected.file}: {outcome}{wanted}")
    for text in texts:
        print(f"       {len(text):3} {text}")
    return right


def main(argv: list[str]) -> int:
    """Exit code 0: all as expected; 1: not; 2: called wrongly."""
    if len(argv) != 2 or not (Path(argv[1]) / "README.md").is_file():
        print(__doc__, file=sys.stderr)
        return 2
    folder = Path(argv[1])
    rows = table((folder / "README.md").read_text(encoding="utf-8"))
    bodies = {path.name for path in folder.glob("*.json") if isinstance(json.loads(path.read_text("utf-8")), dict)}
    unlisted = bodies - {row.file for row in rows}
    for name in sorted(unlisted):
        print(f"FAIL {name}: the table says nothing of it")
    results = [check(folder, row) for row in rows]
    print(f"{sum(results)} of {len(results)} bodies as expected")
    return 0 if results and all(results) and not unlisted else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv))
