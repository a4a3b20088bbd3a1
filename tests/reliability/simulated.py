"""Many alerts through one alertsms on a simulated clock: hours pass in minutes, and OVHcloud fails as it is told."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from sqlalchemy import func, select

from alertsms.sandbox import Sandbox, SandboxAccount
from alertsms.sandbox.adapter import SandboxAdapter
from alertsms.store.schema import incident_table
from tests.reliability.driver import Alert, Body
from tests.reliability.ledger import PAGES, Ledger, read
from tests.reliability.tally import Tally, tally
from tests.support.house import NIGHT, House, SimulatedClock

ON_THE_WAY = ("queued", "sending", "unknown")
AT_ONCE = 16  # calls that a running system has under way; here they follow one another
GROUP = 5  # alerts in a body
TURN = 1.0  # seconds
FALLBACK = "json://fallback.example.org"
NUMBER = re.compile(r"#(\d+)(?!.*#\d)")  # the last one of an SMS: a digest's own, or an incident's


def plan(
    people: int,
    *,
    phones: int = 1,
    repeat_interval: str = "12h",
    storm: int = 0,
    per_hour: int = 0,
    muted: Sequence[int] = (),
    rounds: int = 1,
    more: str = "",
) -> str:
    """People who are each paged for the alerts that name them, and the next of them after that, in so many rounds.

    With one round there is one step, too. No digests before a storm of so many SMS.
    `muted` are the people whose routes have the time interval `night`, which `more` defines.
    """
    names = [f"person{number}" for number in range(people)]
    after = {name: [name, second(name, people)] if rounds > 1 and people > 1 else [name] for name in names}
    teams = {
        name: {
            "steps": [{"page": [each]} for each in after[name]],
            "rounds": rounds,
            "repeat_interval": repeat_interval,
            "fallback": {"channels": [FALLBACK]},
        }
        for name in names
    }
    mute: dict[str, object] = {"mute_time_intervals": ["night"]}
    routes = [
        {"matchers": [f'for="{name}"'], "team": name} | (mute if each in muted else {})
        for each, name in enumerate(names)
    ]
    return f"""
people: {json.dumps({name: {"phones": numbers(each, phones)} for each, name in enumerate(names)})}
teams: {json.dumps(teams)}
route: {json.dumps({"team": names[0], "routes": routes})}
storm: {{after: {storm}}}
limits: {{per_person_per_hour: {per_hour}}}
{more}
"""


def second(person: str, people: int) -> str:
    """Who is paged after somebody who does not answer."""
    return f"person{(int(person.removeprefix('person')) + 1) % people}"


def numbers(person: int, phones: int = 1) -> list[str]:
    """The numbers of somebody, in the order in which they are tried."""
    return [f"+3361{nth}{person:06}" for nth in range(phones)]


def alerts(count: int, people: int, *, first: int = 0, now: datetime = NIGHT) -> list[Alert]:
    """`count` alerts, turn by turn for each of the people."""
    began = now - timedelta(minutes=1)
    numbers = range(first, first + count)
    return [Alert(name=f"A{number:05}", person=f"person{number % people}", starts_at=began) for number in numbers]


class Simulation(House):
    """A house with a driver: what it posts, it posts again until it is answered 2xx."""

    def __init__(
        self, url: str, *, people: int, seed: int = 0, now: datetime = NIGHT, answered: float = 0.0, **settings: Any
    ) -> None:
        """`answered`: the share of all SMS that page whose reader says at once to have what they tell of."""
        self.people, self.answered, self.chance = people, answered, random.Random(seed)
        rounds = int(settings.get("rounds", 1))
        self.rungs = [(each, step) for each in range(rounds) for step in range(2 if rounds > 1 and people > 1 else 1)]
        self.read = 0  # SMS that people have read by now
        self.taken: dict[int, float] = {}  # incident -> when somebody was told to have it
        clock = SimulatedClock(now)
        self.began = clock().timestamp()
        super().__init__(url, clock, plan=plan(people, **settings))
        # OVHcloud's time is its own: whoever sets this machine's clock does not set that one.
        self.sandbox = Sandbox(account=SandboxAccount(credits=1e6), wall=self.time, window=1e9, seed=seed)
        self.accepted: dict[str, float] = {}  # alert -> when it was first answered 2xx
        self.answers: list[int] = []  # other than 2xx
        self.person: dict[str, str] = {}
        self.kept: list[Body] = []  # to be posted again
        self.saying: list[tuple[str, Mapping[str, str]]] = []  # paths and bodies, to be said again

    def time(self) -> float:
        """The true time, in Unix seconds."""
        return self.began + self.clock.ran

    def session(self) -> requests.Session:
        """Wait as sixteen calls at a time would."""
        session = requests.Session()
        adapter = SandboxAdapter(self.sandbox, advance=lambda seconds: self.clock.advance(seconds / AT_ONCE))
        session.mount("http://ovh.test", adapter)
        return session

    def settle(self) -> None:
        """As its worker does; but calls take time here, and when enough has passed it is the others' turn."""
        self.app.delivery.comparison.step()
        woken, began = self.app.wakeups.dispatcher, self.clock.ran
        while self.clock.ran < began + TURN:
            woken.clear()
            if self.app.delivery.dispatcher.step() != 0.0 and not woken.is_set():
                return

    def run(self, seconds: float, hop: float = 1.0) -> None:
        """As a house; people read what came, and some of them answer."""
        super().run(seconds, hop)
        came, self.read = self.sandbox.accepted[self.read :], len(self.sandbox.accepted)
        for sms in came if self.answered else ():
            number = NUMBER.search(sms.text)
            if number and not sms.text.startswith("OK") and self.chance.random() < self.answered:
                self.take(int(number[1]), by=f"person{int(sms.receiver[-6:])}")

    def first(self) -> int:
        """The first incident's number: on PostgreSQL a body that was cut off before its commit uses one up."""
        number: int = self.app.store.read(lambda tx: tx.execute(select(func.min(incident_table.c.id))).scalar_one())
        return number

    def take(self, number: int, *, by: str, snooze: str = "") -> None:
        """Somebody says to have an incident, or what a digest tells of, and says it again until it is heard."""
        act, more = ("snooze", {"for": snooze}) if snooze else ("ack", {})
        self.saying.append((f"/api/v1/incidents/{number}/{act}", {"by": by} | more))
        self.again()

    def say(self, path: str, body: Mapping[str, str]) -> bool:
        """Say it once; returns whether it was heard."""
        answer = self.client.post(path, json=body, headers={"Authorization": f"Bearer {self.app.keys.token}"})
        if answer.status_code != 200:
            self.answers.append(answer.status_code)
            return False
        for outcome in answer.json["outcomes"] if "for" not in body else ():
            if outcome["result"] in ("taken", "already"):
                self.taken.setdefault(outcome["number"], self.time())
        return True

    def deliver(self, alerts: Sequence[Alert], *, over: bool = False) -> None:
        """Post alerts, firing or resolved, in groups; what is not taken is kept for `again`."""
        ends_at = datetime.fromtimestamp(self.time(), UTC) if over else None
        self.person |= {alert.name: alert.person for alert in alerts}
        for at in range(0, len(alerts), GROUP):
            self.kept.append(Body(alerts=alerts[at : at + GROUP], ends_at=ends_at))
        self.again()

    def again(self) -> None:
        """Post and say what was not taken, in order, as far as it is taken now."""
        while self.saying and self.say(*self.saying[0]):
            self.saying.pop(0)
        while self.kept:
            status = self.send(self.kept[0])
            if status != 202:
                self.answers.append(status)
                return
            for alert in self.kept.pop(0).alerts:
                self.accepted.setdefault(alert.name, self.time())

    def send(self, body: Body) -> int:
        """Post one body once; returns the status of the answer."""
        return self.client.post("/webhook", json=body.as_json()).status_code

    @property
    def resting(self) -> bool:
        """Whether nothing is on its way; a notice may wait for the morning."""
        states = {state for kind, state in [*self.states(), *self.page_states()] if kind != "notice"}
        return not states.intersection(ON_THE_WAY)

    def rest(self, patience: float, hop: float = 1.0) -> bool:
        """Let time pass until nothing is on its way any more; false if `patience` seconds are over before."""
        return self._until(lambda: self.resting, patience, hop, 5)

    def told(self, patience: float, hop: float = 1.0, *, but: Collection[str] = ()) -> bool:
        """Let time pass until everybody was told of all alerts `but` these, and nothing is on its way any more."""

        def done() -> bool:
            return self.resting and {alert for alert, _ in self.tally(late_after=patience).lost} <= set(but)

        return self._until(done, patience, hop, 60)

    def climbed(self, patience: float, hop: float = 10.0) -> bool:
        """Let time pass until each incident is somebody's or was told in each round, and nothing is on its way."""

        def done() -> bool:
            query = select(incident_table.c.id).where(
                incident_table.c.state == "open", incident_table.c.round <= self.rungs[-1][0]
            )
            return self.resting and not self.app.store.read(lambda tx: tx.execute(query.limit(1)).first())

        return self._until(done, patience, hop, 3)

    def _until(self, done: Callable[[], bool], patience: float, hop: float, hops: int) -> bool:
        """`done` is asked after so many hops."""
        end = self.clock.ran + patience
        while self.clock.ran < end:
            self.run(hops * hop, hop=hop)
            if done():
                return True
        return False

    def ledger(self) -> Ledger:
        """What the store says by now."""
        found: Ledger = self.app.store.read(read)
        return found

    def tally(self, *, late_after: float, kinds: frozenset[str] = PAGES, climbed: bool = False) -> Tally:
        """What the phones have got by now of what was taken; `climbed`: every step must have been, too."""
        return tally(
            self.accepted,
            self.sandbox.accepted,
            self.ledger(),
            lambda alert: [self.person[alert]],
            late_after=late_after,
            kinds=kinds,
            taken=self.taken,
            rungs=self.rungs if climbed else (),
            behind=lambda alert: [second(self.person[alert], self.people)],
        )
