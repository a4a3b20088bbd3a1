"""A real Alertmanager that keeps quiet: what it silences is held, what ended unseen is closed, and it can be asked to.

alertsms runs in this process, with all its workers, so that minutes of waiting can be seconds.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import requests

from alertsms.app import App
from alertsms.config import Config, read
from alertsms.store import incidents
from alertsms.web.listener import Listener
from tests.reliability.alertmanager import Alertmanager
from tests.reliability.line import Cut, Line
from tests.reliability.test_alertmanager import PAGE
from tests.support.ports import free_port

STILL = "STILL CRITICAL A00001 db-1"  # and since when, in the zone of whoever reads it
STEP = timedelta(seconds=8)  # that a step waits for an answer, in the place of minutes
SHORT = {"reconcile_after": timedelta(seconds=1), "settled": timedelta(seconds=1), "twice": timedelta(seconds=2)}
PATIENCE = 25.0  # seconds for what should come within ten, on a busy machine
LABELS = {"alertname": "A00001", "severity": "critical", "instance": "db-1"}
PLAN = """
store: "sqlite:///{folder}/alertsms.db"
server: {{listen: "127.0.0.1:{port}"}}
ovh: {{endpoint: "{phones}/1.0", application_key: sandbox-key, application_secret: sandbox-secret,
      consumer_key: sandbox-consumer, service_name: sms-xx00000-1, sender: ACME}}
people: {{alice: "+33612345678", bob: "+33698765432"}}
teams: {{ops: {{steps: [{{page: [alice]}}, {{page: [bob]}}], rounds: 1}}}}
route: {{team: ops}}
alertmanager: {{urls: "{alertmanager}"}}
"""
ALICE, BOB = "+33612345678", "+33698765432"


def hurried(config: Config) -> Config:
    """The same with shorter waits than a file may have."""
    assert config.alertmanager
    ops = config.roster.teams["ops"]
    ops = replace(ops, steps=tuple(replace(step, wait=STEP) for step in ops.steps))
    roster = replace(config.roster, teams={"ops": ops}, route=replace(config.roster.route, team=ops))
    return replace(config, roster=roster, alertmanager=replace(config.alertmanager, **SHORT))


class Night:
    """alertsms and one Alertmanager that posts to it, by a line that can be cut."""

    def __init__(self, app: App, alertmanager: Alertmanager, line: Line, phones) -> None:
        self.app, self.alertmanager, self.line, self._phones = app, alertmanager, line, phones
        (self._asking,) = (each for each in app.watch.workers if each.name == "reconciler")

    def until(self, true: Callable[[], object]) -> None:
        """Wait until something is so, with Alertmanager asked more often than twice a minute."""
        deadline = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < deadline, f"{self.texts()} {self.state()}\n{self.alertmanager.log}"
            self.rest(0.25)

    def rest(self, seconds: float) -> None:
        """Let time pass."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._asking._woken.set()
            time.sleep(0.25)

    def texts(self, who: str = "") -> list[tuple[str, str]]:
        """Every SMS, or those of one phone."""
        return [(sms.receiver, sms.text) for sms in self._phones.messages() if who in ("", sms.receiver)]

    def state(self) -> tuple[str, str]:
        found = self.app.store.read(lambda tx: incidents.get(tx, [1]))
        return (found[0].state.value, found[0].reason.value) if found else ("", "")

    def taken(self, status: str) -> float | None:
        """How many alerts of this status were posted to us."""
        labels = {"source": "alertmanager", "status": status}
        return self.app.context.metrics.registry.get_sample_value("alertsms_alerts_received_total", labels)

    def silence(self, seconds: float) -> None:
        """Somebody silences the alert in Alertmanager."""
        now = datetime.now(UTC)
        wanted = {
            "matchers": [{"name": "alertname", "value": "A00001", "isRegex": False}],
            "comment": "new disks",
            "startsAt": now.isoformat(),
            "createdBy": "eve",
            "endsAt": (now + timedelta(seconds=seconds)).isoformat(),
        }
        answer = requests.post(f"{self.alertmanager.url}/api/v2/silences", json=wanted, timeout=5)
        assert answer.ok, answer.text

    def silences(self) -> list[dict]:
        """Those that Alertmanager has."""
        return requests.get(f"{self.alertmanager.url}/api/v2/silences", timeout=5).json()

    def paged(self, start: datetime) -> None:
        """The alert fires, and alice is paged."""
        self.alertmanager.add("A00001", start=start)
        self.until(self.texts)
        assert self.texts() == [(ALICE, PAGE)]


@pytest.fixture
def night(tmp_path, phones, alertmanagers) -> Iterator[Night]:
    port = free_port()
    line = Line(port)
    alertmanager = alertmanagers(line)
    config = tmp_path / "alertmanager.yml"
    config.write_text(config.read_text().replace("group_interval: 30s", "group_interval: 5s"))
    text = PLAN.format(folder=tmp_path, port=port, phones=phones.url, alertmanager=alertmanager.url)
    app = App(hurried(read(text, file="night.yaml", environ={})))
    listener = Listener(app.wsgi, "127.0.0.1", port, judge=lambda: app.judge)
    try:
        app.start()
        alertmanager.start()
        yield Night(app, alertmanager, line, phones)
    finally:
        line.close()
        listener.close()
        app.stop()


def test_what_is_silenced_pages_nobody_until_the_silence_ends_and_then_goes_on(night, start):
    night.paged(start)
    night.silence(3 * STEP.total_seconds())
    night.rest(2 * STEP.total_seconds())
    assert (night.texts(), night.state()) == ([(ALICE, PAGE)], ("held", "suppressed"))
    night.until(lambda: len(night.texts()) == 3)
    assert [who for who, _ in night.texts()] == [ALICE, ALICE, BOB]
    assert night.texts()[1][1].startswith(STILL)


def test_a_silence_that_somebody_asks_for_is_in_alertmanager_and_pages_nobody_until_it_is_taken_away(night, start):
    night.paged(start)
    port, key = night.app.config.server.port, {"Authorization": f"Bearer {night.app.keys.token}"}
    asked = requests.post(
        f"http://127.0.0.1:{port}/api/v1/incidents/1/silence",
        json={"by": "alice", "for": "2h"},
        headers=key,
        timeout=10,
    )
    assert asked.json()["words"] == "Alertmanager keeps quiet about #1 for 2 h."
    (made,) = night.silences()
    exact = {each["name"]: each["value"] for each in made["matchers"] if each["isEqual"] and not each["isRegex"]}
    assert (exact, len(made["matchers"])) == (LABELS, len(LABELS))
    assert (made["createdBy"], made["comment"]) == ("alice", "alertsms #1, by alice")
    lasts = datetime.fromisoformat(made["endsAt"]) - datetime.fromisoformat(made["startsAt"])
    assert round(lasts.total_seconds()) == 7200
    night.rest(2 * STEP.total_seconds())
    assert (night.texts(), night.state()) == ([(ALICE, PAGE)], ("held", "suppressed"))
    assert requests.delete(f"{night.alertmanager.url}/api/v2/silence/{made['id']}", timeout=5).ok
    night.until(lambda: len(night.texts()) == 2)
    assert night.texts()[1][1].startswith(STILL)


def test_an_end_that_never_reached_us_is_found_and_told_once(night, start):
    night.paged(start)
    night.line.cut(Cut.REFUSED)
    night.alertmanager.add("A00001", start=start, end=start + timedelta(minutes=12))
    night.until(lambda: night.state()[0] == "closed")
    assert night.state() == ("closed", "vanished")
    night.until(lambda: len(night.texts(ALICE)) == 2)
    assert re.fullmatch(r"OK A00001 db-1 after \d+ s, gone from Alertmanager #1", night.texts(ALICE)[1][1])
    night.line.cut(Cut.NONE)
    night.until(lambda: night.taken("resolved") == 1)
    night.rest(2.0)
    assert len(night.texts(ALICE)) == 2
