"""alertsms as its users run it: `alertsms serve` with a file, in a process that can be killed and started again."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import requests
from prometheus_client.parser import text_string_to_metric_families

from alertsms.machine.files import KEY as FILE
from alertsms.machine.key import Purpose, read_key
from tests.reliability.driver import Alert, Driver
from tests.reliability.ledger import PAGES, below, of_file
from tests.reliability.phones import RENTED, Phones
from tests.reliability.process import ALERTSMS, Process
from tests.reliability.tally import Tally, tally
from tests.support.ports import free_port

WAIT = "30s"  # for an answer; the shortest that may be configured
UNDER_WAY = 60.0  # seconds after which the lease on an SMS that is being sent ends: no call lasts longer
ON_THE_WAY = ("queued", "sending", "unknown")


class House:
    """One alertsms with a store of its own."""

    def __init__(
        self,
        folder: Path,
        phones: Phones,
        *,
        people: int,
        ovh: str = "",
        together: bool = False,
        disk: Path | None = None,
        links: bool = False,
        answers: bool = False,
        rounds: int = 1,
        server: Mapping[str, object] | None = None,
    ) -> None:
        """`people` are paged for the alerts that name them, or all for each alert when `together`.

        `ovh`: more settings under that key, in YAML's flow style. `disk`: where the store is; else in the folder.
        `links`: SMS carry links to it. `answers`: they come from a number that phones can answer; a short one, unless
        they carry links. `rounds`: if more than one, the next person is paged after somebody who does not answer.
        `server`: more settings under that key.
        """
        self.phones = phones
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.people = [f"person{number}" for number in range(people)]
        self.numbers = {name: f"+336120000{number:02}" for number, name in enumerate(self.people)}
        self.together, self.links, self.answers, self.server = together, links, answers, server or {}
        steps = 2 if rounds > 1 and people > 1 else 1
        self.rungs = [(each, step) for each in range(rounds) for step in range(steps)]
        self.database = (disk or folder) / "alertsms.db"
        self.store = f"sqlite:///{self.database}"
        file = folder / "alertsms.yaml"
        file.write_text(self._configuration(folder, phones, ovh), encoding="utf-8")
        self.process = Process((*ALERTSMS, "serve", "--config", str(file)), folder / "alertsms.log")

    def _configuration(self, folder: Path, phones: Phones, ovh: str) -> str:
        teams: dict[str, object] = {name: self._team(name) for name in self.people}
        routes = [{"matchers": [f'for="{name}"'], "team": name} for name in self.people]
        if self.together:
            teams, routes = {"all": {"page": self.people, "rounds": 1}}, []
        config = {
            "server": {"listen": f"127.0.0.1:{self.port}"}
            | ({"external_url": self.url} if self.links else {})
            | self.server,
            "store": self.store,
            "people": self.numbers,
            "teams": teams,
            "route": {"team": next(iter(teams)), "routes": routes},
            # A storm's digests are another drill's subject: here each alert is to be told on its own.
            "storm": {"after": 0},
            "limits": {"per_person_per_hour": 0},
        }
        lines = [f"{key}: {json.dumps(value)}" for key, value in config.items()]
        keys = (
            f'endpoint: "{phones.url}/1.0", application_key: sandbox-key, application_secret: sandbox-secret,'
            " consumer_key: sandbox-consumer, service_name: sms-xx00000-1,"
            f" {self._sender()}"
        )
        return "\n".join([*lines, f"ovh: {{{keys}{ovh and ', '}{ovh}}}", ""])

    def _sender(self) -> str:
        if not self.answers:
            return "sender: ACME"
        return f'virtual_number: "{RENTED}"' if self.links else "sender_for_response: true"

    def _team(self, name: str) -> dict[str, object]:
        if len(self.rungs) == 1:
            return {"page": [name], "rounds": 1}
        steps = [{"page": [each], "wait": WAIT} for each in (name, *self.behind(name))]
        return {"steps": steps, "rounds": len(self.rungs) // len(steps), "repeat_interval": "12h"}

    def behind(self, person: str) -> Sequence[str]:
        """Who is paged after somebody who does not answer."""
        there = self.people.index(person)
        return () if len(self.rungs) == 1 or len(self.people) == 1 else [self.people[there - 1]]

    def paged(self, person: str) -> Sequence[str]:
        """Who is paged for an alert that names `person`."""
        return self.people if self.together else [person]

    def tally(
        self,
        driver: Driver,
        fired: Iterable[Alert],
        *,
        late_after: float,
        kinds: frozenset[str] = PAGES,
        taken: Mapping[int, float] | None = None,
    ) -> Tally:
        """What the phones have got by now of the alerts that the driver saw taken.

        `taken`: incidents that somebody has, since when (Unix seconds); given, all others must have gone up each step.
        """
        person = {alert.name: alert.person for alert in fired}
        got = self.phones.messages()  # first: what left later may be in the store all the same
        return tally(
            driver.accepted,
            got,
            of_file(self.store),
            lambda alert: self.paged(person[alert]),
            behind=lambda alert: self.behind(person[alert]),
            late_after=late_after,
            kinds=kinds,
            taken=taken or {},
            rungs=self.rungs if taken is not None else (),
            under_way=UNDER_WAY,
        )

    def start(self) -> None:
        """Start it and wait until it takes alerts."""
        self.process.start()
        self.process.until(lambda: requests.get(f"{self.url}/-/ready", timeout=5).ok)

    @property
    def token(self) -> str:
        """What shows its API that somebody may read its key."""
        return self.secret(Purpose.COMMAND)

    def secret(self, purpose: Purpose) -> str:
        """One that it derives from its key."""
        return read_key(self.database.parent / FILE).derive(purpose)

    def climbed(self, patience: float) -> bool:
        """Wait until each incident is somebody's or at the last step of the last round."""
        deadline = time.monotonic() + patience
        while below(self.store, *self.rungs[-1]):
            if time.monotonic() > deadline:
                return False
            time.sleep(1.0)
        return True

    def metrics(self) -> dict[tuple[str, str], float]:
        """Its samples, by name and the value of their last label."""
        text = requests.get(f"{self.url}/metrics", timeout=5).text
        samples = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
        return {(sample.name, next(reversed(sample.labels.values()), "")): sample.value for sample in samples}

    def settled(self, quiet: float = 11.0, patience: float = 180.0) -> bool:
        """Wait until nothing is on its way to OVH any more, and for a while nothing was; false if it takes too long.

        The gauges are sampled every ten seconds, so an empty one has to stay so for longer.
        """
        deadline = time.monotonic() + patience
        empty_since = time.monotonic()
        while time.monotonic() < deadline:
            metrics = self.metrics()
            if any(metrics.get(("alertsms_outbox_messages", state), 1) for state in ON_THE_WAY):
                empty_since = time.monotonic()
            if time.monotonic() - empty_since >= quiet:
                return True
            time.sleep(0.5)
        return False
