"""Write what a release leaves: `python -m tests.support.stores.make`, from the code that is released.

A server with 50 incidents is killed: of 20 the SMS arrived, 15 somebody acknowledged, and of 15 OVHcloud took no SMS.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import requests

from alertsms import __version__
from alertsms.machine.key import Purpose, read_key
from tests.reliability.phones import Phones
from tests.reliability.process import ALERTSMS, ROOT, Process
from tests.support.ports import free_port
from tests.support.promises import promises
from tests.support.stores import FOLDER, KEY, LISTEN, OVH, body, dump, names, now

PATIENCE = 60.0
CONFIG = f"""\
server:
  listen: "{LISTEN}"
  external_url: "http://{LISTEN}"
  bearer_token: let-me-in
ovh:
  endpoint: "{OVH}/1.0"
  application_key: sandbox-key
  application_secret: sandbox-secret
  consumer_key: sandbox-consumer
  service_name: sms-xx00000-1
  sender: ACME
  max_per_second: 0
people:
  alice: "+33612345678"
  bob: {{phones: ["+33698765432"], time_zone: Europe/Paris}}
teams:
  ops:
    steps:
      - {{page: [alice], wait: 2m}}
      - {{page: [bob], wait: 10m}}
    rounds: 2
    repeat_interval: 4h
  db: {{page: [bob]}}
route:
  team: ops
  routes:
    - {{matchers: ['service="db"'], team: db}}
storm: {{after: 0}} # each alert has an SMS of its own
limits: {{per_person_per_hour: 0}}
"""


def until(reached: Callable[[], bool], process: Process) -> None:
    """Wait for it. Raises AssertionError with the end of the log where it takes too long."""
    deadline = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < deadline, process.tail()
        time.sleep(0.2)


def make(folder: Path) -> tuple[str, str]:
    """The store as text, and the file."""
    phones, listen = Phones(folder), f"127.0.0.1:{free_port()}"
    config, key = folder / "config.yaml", folder / "alertsms.key"
    config.write_text(CONFIG.replace(OVH, phones.url).replace(LISTEN, listen), encoding="utf-8")
    key.touch(mode=0o600)
    key.write_text(KEY, encoding="utf-8")
    process = Process((*ALERTSMS, "serve", "--config", str(config)), folder / "alertsms.log")
    api, since = requests.Session(), now() - 10 * 60 * 1_000_000
    api.headers["Authorization"] = f"Bearer {read_key(key).derive(Purpose.COMMAND)}"

    def fire(alerts: list[str]) -> None:
        headers = {"Authorization": "Bearer let-me-in"}
        answer = requests.post(
            f"http://{listen}/webhook", json=body("firing", alerts, since), headers=headers, timeout=10
        )
        assert answer.status_code == 202, answer.text

    def read(what: str) -> list[Any]:
        return api.get(f"http://{listen}/api/v1/{what}", params={"limit": 100}, timeout=10).json()[what]

    def delivered() -> int:
        return sum(message["state"] == "delivered" for message in read("messages"))

    phones.start()
    try:
        process.start()
        process.until(lambda: requests.get(f"http://{listen}/-/ready", timeout=5).ok)
        paged = [*names("Open"), *names("Mine")]
        fire(paged)
        until(lambda: delivered() == len(paged), process)
        numbers = [incident["id"] for incident in read("incidents") if incident["labels"]["alertname"] in names("Mine")]
        answer = api.post(f"http://{listen}/api/v1/incidents/ack", json={"by": "alice", "numbers": numbers}, timeout=10)
        assert answer.ok, answer.text
        phones.fail([{"kind": "no_credits"}])
        fire(names("Wait"))
        time.sleep(3.0)  # they are tried, and refused
    finally:
        process.kill()
        phones.stop()
    return dump(folder / "alertsms.db", since), CONFIG


if __name__ == "__main__":
    with TemporaryDirectory() as made:
        store, file = make(Path(made))
        promised = promises(Path(made))
    (FOLDER / f"{__version__}.sql").write_text(store, encoding="utf-8")
    (FOLDER / f"{__version__}.yaml").write_text(file, encoding="utf-8")
    shutil.copy(ROOT / "config.example.yaml", FOLDER / f"{__version__}.example.yaml")
    (FOLDER / f"{__version__}.promised").write_text("".join(f"{line}\n" for line in promised), encoding="utf-8")
    sys.stdout.write(f"{__version__}: {len(store.encode())} bytes, {len(promised)} promises\n")
