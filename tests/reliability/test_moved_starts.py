"""A real Prometheus and a real Alertmanager whose starts say something else than what happened.

Both are started again together, and every start moves; or one is cut off from the other for ten minutes, and comes back
with the old ones. alertsms runs in this process with all its workers, by a clock that can run ahead: in the short form
minutes in which nothing happens pass in seconds, in the full one they are waited for.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import requests

from alertsms.app import App
from alertsms.config import read
from alertsms.context import Clock
from alertsms.web.listener import Listener
from tests.reliability.alertmanager import Alertmanager, program
from tests.reliability.conftest import missing
from tests.reliability.line import Cut, Line
from tests.reliability.prometheus import PROGRAMS, Prometheus
from tests.support.ports import free_port

PLAN = """
store: "sqlite:///{folder}/alertsms.db"
server: {{listen: "127.0.0.1:{port}"}}
ovh: {{endpoint: "{phones}/1.0", application_key: sandbox-key, application_secret: sandbox-secret,
      consumer_key: sandbox-consumer, service_name: sms-xx00000-1, sender: ACME}}
people: {{alice: "+33612345678"}}
teams: {{ops: {{page: [alice], rounds: 1, repeat_interval: 12h}}}}
route: {{team: ops}}
"""
STRIDE = 90.0  # seconds that the clock may run ahead at once: more, and alertsms takes itself for just back
PATIENCE = 40.0  # seconds for what should come within fifteen, on a busy machine
QUIET = 12.0  # seconds in which what must not come would have come: two group_intervals
MINUTE = 60.0


class Ahead(Clock):
    """The time, so many seconds behind or ahead."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(lambda: time.time() + self.seconds, lambda: time.monotonic() + self.seconds)


class Chain:
    """Prometheus, a line that can be cut, Alertmanager, alertsms and phones."""

    def __init__(self, app: App, clock: Ahead, phones, folder: Path, build: Callable[[], Alertmanager]) -> None:
        self.app, self.clock, self._phones, self._folder, self._build = app, clock, phones, folder, build
        self._running: list[Prometheus | Alertmanager] = []
        self._started = 0
        self.line: Line | None = None

    def start(self, names: Sequence[str]) -> None:
        """Start Alertmanager, then Prometheus; neither knows anything of before."""
        found = program(*PROGRAMS)
        if not found:
            missing("Prometheus is not installed (Debian: prometheus)")
        alertmanager = self._build()
        alertmanager.start()
        self._running = [alertmanager]
        self.line = Line(int(alertmanager.url.rpartition(":")[2]))
        self._started += 1
        prometheus = Prometheus(found, self._folder / f"prometheus{self._started}", names, self.line.url)
        prometheus.start()
        self._running.append(prometheus)

    def stop(self) -> None:
        """End both."""
        for each in self._running:
            each.stop()
        if self.line:
            self.line.close()
        self._running, self.line = [], None

    def tell(self, names: Sequence[str], start: datetime) -> None:
        """What an Alertmanager posts, told without one: the first episode of the short form, long ago."""
        labels = {"severity": "critical", "instance": "db-1"}
        alerts = [
            {
                "status": "firing",
                "labels": labels | {"alertname": name},
                "startsAt": start.isoformat(),
                "annotations": {"summary": "Disk full in an hour"},
            }
            for name in names
        ]
        body = {"version": "4", "status": "firing", "receiver": "alertsms", "groupKey": "{}:{}", "alerts": alerts}
        assert self.ask("webhook", body).status_code == 202

    def wait(self, seconds: float, *, short: bool) -> None:
        """Let so much time pass: for alertsms alone, in the short form, and not before each receipt was read.

        By a clock that runs ahead, a receipt that a busy machine has not fetched yet is one that does not come.
        """
        self.until(lambda: {each["state"] for each in self._messages()} == {"delivered"})
        if not short:
            time.sleep(seconds)
            return
        while seconds > 0:
            self.clock.seconds += min(seconds, STRIDE)
            seconds -= STRIDE
            time.sleep(1.5)  # each part takes its step

    def ask(self, path: str, body: object) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.app.keys.token}"}
        return requests.post(
            f"http://127.0.0.1:{self.app.config.server.port}/{path}", json=body, headers=headers, timeout=10
        )

    def texts(self) -> list[str]:
        return [sms.text for sms in self._phones.messages()]

    def until(self, true: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not true():
            logs = "\n".join(each.log for each in self._running)
            assert time.monotonic() < deadline, f"{self.texts()} {self.incidents()}\n{logs}"
            time.sleep(0.1)

    def incidents(self) -> dict[int, tuple[str, str]]:
        """Each one's state, and who has it."""
        headers = {"Authorization": f"Bearer {self.app.keys.token}"}
        url = f"http://127.0.0.1:{self.app.config.server.port}/api/v1/incidents?state=all"
        listed = requests.get(url, headers=headers, timeout=10).json()["incidents"]
        return {each["id"]: (each["state"], each["acknowledged_by"]) for each in listed}

    def covered(self, since: int) -> Counter[int]:
        """How many SMS each incident was told in since the first so many."""
        tags = {sms.tag for sms in self._phones.messages()[since:]}
        return Counter(number for each in self._messages() if each["tag"] in tags for number in each["incidents"])

    def _messages(self) -> list[dict]:
        headers = {"Authorization": f"Bearer {self.app.keys.token}"}
        url = f"http://127.0.0.1:{self.app.config.server.port}/api/v1/messages"
        return requests.get(url, headers=headers, timeout=10).json()["messages"]


@pytest.fixture
def chain(tmp_path, phones, alertmanagers, short) -> Iterator[Chain]:
    port = free_port()
    clock = Ahead(-30 * MINUTE if short else 0.0)
    config = read(PLAN.format(folder=tmp_path, port=port, phones=phones.url), file="chain.yaml", environ={})
    app = App(config, clock=clock)
    listener = Listener(app.wsgi, "127.0.0.1", port, judge=lambda: app.judge)

    def build() -> Alertmanager:
        built = alertmanagers(Url(f"http://127.0.0.1:{port}"))
        written = tmp_path / "alertmanager.yml"
        written.write_text(written.read_text().replace("group_interval: 30s", "group_interval: 5s"))
        return built

    chain = Chain(app, clock, phones, tmp_path, build)
    try:
        app.start()
        yield chain
    finally:
        chain.stop()
        listener.close()
        app.stop()


class Url:
    """What an Alertmanager posts to."""

    def __init__(self, url: str) -> None:
        self.url = url


def test_a_restart_of_both_pages_five_again_at_once_and_the_rest_in_one_text(chain, short):
    names = [f"A{number:05}" for number in range(1, 13)]
    if short:
        chain.tell(names, chain.clock() - timedelta(minutes=1))
    else:
        chain.start(names)
    chain.until(lambda: len(chain.incidents()) == len(names) and sum(chain.covered(0).values()) == len(names))
    snoozed, *others = sorted(chain.incidents())
    chain.ask("api/v1/incidents/ack", {"by": "alice", "numbers": others})
    chain.ask("api/v1/incidents/snooze", {"by": "alice", "numbers": [snoozed], "for": "4h"})
    assert set(chain.incidents().values()) == {("acknowledged", "alice")}
    chain.wait(30 * MINUTE if short else 6 * MINUTE, short=short)
    chain.stop()
    before = len(chain.texts())
    chain.start(names)
    chain.until(lambda: sum(chain.covered(before).values()) >= len(names) - 1)
    time.sleep(QUIET)
    *again, digest = chain.texts()[before:]
    assert [text[:15] for text in again] == ["AGAIN CRITICAL "] * 5, f"{again}, then {digest}"
    assert digest.startswith("+6 are back, or their sender restarted: CRITICAL "), digest
    assert chain.covered(before) == Counter(others)  # each once
    assert chain.incidents() == dict.fromkeys(others, ("open", "")) | {snoozed: ("acknowledged", "alice")}


@pytest.mark.parametrize("minutes", [10, 0])
def test_a_prometheus_that_was_cut_off_is_heard_again_with_its_old_starts(chain, short, minutes):
    """Ten minutes later it pages at once; a moment later it may be a late copy, and pages after two minutes."""
    page = "CRITICAL A00001 db-1"
    chain.start(["A00001"])
    chain.until(lambda: chain.texts() == [f"{page}: Disk full in an hour #1"])
    chain.ask("api/v1/incidents/1/ack", {"by": "alice"})
    chain.line.cut(Cut.REFUSED)
    chain.until(lambda: len(chain.texts()) == 2)
    assert chain.texts()[1].startswith("OK A00001 db-1 after ")
    chain.wait(minutes * MINUTE, short=short)
    chain.line.cut(Cut.NONE)
    if not minutes:
        chain.until(lambda: chain.incidents()[1][0] == "held")
        time.sleep(QUIET)
        assert len(chain.texts()) == 2
        chain.wait(2 * MINUTE, short=short)
    chain.until(lambda: len(chain.texts()) == 3)
    assert chain.texts()[2].startswith(f"AGAIN {page}"), chain.texts()
    time.sleep(QUIET)
    assert (len(chain.texts()), chain.incidents()) == (3, {1: ("open", "")})
