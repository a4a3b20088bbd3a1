"""An alertsms whose steps are driven by hand, on a clock that is moved by hand, with the sandbox mounted in-process."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import floor
from types import SimpleNamespace

import requests
from sqlalchemy import ColumnElement, func, select

from alertsms.app import App
from alertsms.config import Config, read
from alertsms.context import Clock, Outside
from alertsms.core.messages import circuit_breaker
from alertsms.core.messages.notification import Channel
from alertsms.core.schedules.person import PhoneNumber
from alertsms.sandbox import Fault, FaultKind, Sandbox, SandboxAccount
from alertsms.sandbox.adapter import SandboxAdapter
from alertsms.store.schema import BY_CHANNEL, BY_SMS, incident_table, message_table, notification_table
from alertsms.web.receipt import callback_url

NIGHT = datetime(2026, 3, 3, 2, 10, tzinfo=UTC)
ALICE, BOB = "+33612345678", "+33698765432"
OVH = """
ovh: {endpoint: "http://ovh.test/1.0", application_key: sandbox-key, application_secret: sandbox-secret,
      consumer_key: sandbox-consumer, service_name: sms-xx00000-1, sender: ACME, max_per_second: 0}
"""
STANDBY = OVH.replace(
    "max_per_second: 0",
    """max_per_second: 0,
      standby: {endpoint: "http://spare.test/1.0", application_key: sandbox-key, application_secret: sandbox-secret,
                consumer_key: sandbox-consumer, service_name: sms-xx00000-2, sender: ACME}""",
)
PLAN = """
people: {alice: "+33612345678", bob: "+33698765432"}
teams: {ops: {page: [alice]}}
route: {team: ops}
"""
CALM = ("storm: {after: 0}", "limits: {per_person_per_hour: 0}")  # stories about storms say otherwise


SETTLED = timedelta(minutes=3)  # an outage is then told everywhere, and only probes go on
NEXT_DUE = select(
    *(
        select(func.min(column, type_=column.type)).where(waits).scalar_subquery()
        for column, waits in (
            (notification_table.c.due_at, notification_table.c.state == "queued"),
            (message_table.c.due_at, message_table.c.state.in_(["queued", "sending", "unknown"])),
            (message_table.c.poll_at, message_table.c.poll_at.isnot(None)),
            (message_table.c.receipt_due_at, message_table.c.receipt_due_at.isnot(None)),
            (incident_table.c.step_due_at, incident_table.c.step_due_at.isnot(None)),
        )
    )
)


class SimulatedClock(Clock):
    """Time passes when a test says so."""

    def __init__(self, now: datetime = NIGHT) -> None:
        self.ran = 0.0
        self.set_at = -1.0  # when somebody set it last
        self.wall = now.timestamp()
        self.database = self  # whose wall clock is PostgreSQL's
        super().__init__(lambda: self.wall, lambda: self.ran, lambda _: self.database.wall)

    def advance(self, seconds: float) -> None:
        self.ran += seconds
        self.wall += seconds

    def set_wall(self, seconds: float) -> None:
        """Somebody sets the machine's clock, by so many seconds."""
        self.wall += seconds
        self.set_at = self.ran


class AtOnce(Executor):
    """A pool that does what it is given before it says thanks; with `lazy` it keeps it for `run`."""

    def __init__(self) -> None:
        self.lazy = False
        self.kept: list[tuple[Callable[..., object], tuple[object, ...]]] = []

    def submit(self, fn, /, *args, **kwargs):
        if self.lazy:
            self.kept.append((fn, args))
        else:
            fn(*args)
        return Future()

    def run(self) -> None:
        kept, self.kept = self.kept, []
        for fn, args in kept:
            fn(*args)


class House:
    """One running alertsms, as tests see it."""

    def __init__(self, url: str, clock: SimulatedClock, plan: str = PLAN, ovh: str = OVH) -> None:
        self.url, self.clock, self.ovh = url, clock, ovh
        # The window: our client signs with the real monotonic clock, the sandbox checks with the simulated one.
        self.sandbox = Sandbox(wall=lambda: clock().timestamp(), window=1e9)
        self.spare = Sandbox(account=SandboxAccount("sms-xx00000-2"), wall=lambda: clock().timestamp(), window=1e9)
        self.posted: list[tuple[str, str, str]] = []  # channel, title and text of each post to other channels
        self.first_plan = plan
        self.next_config = self.config(plan)
        self.kept_house = clock.ran
        self.stride = 300.0  # seconds that pass at once, at most, while nothing is due
        self.alone = True  # whether all duties are its own, however long it stood still
        self.chores = 60.0  # seconds between the housekeeper's rounds, at least
        self.start()

    def config(self, plan: str, *, lenient: bool = False) -> Config:
        rules = "".join(f"{line}\n" for line in CALM if line.partition(" ")[0] not in plan)
        if "rounds" not in plan:  # stories about escalation say how many
            plan = re.sub(r"(\w+: \{)(?=[^{}]*\bpage: )", r"\1rounds: 1, ", plan)
        text = f"store: {json.dumps(self.url)}\n{self.ovh}{rules}{plan}"
        return read(text, file="house.yaml", environ={}, lenient=lenient)

    def start(self) -> None:
        """Start it, again after `crash`."""
        self.pool = AtOnce()
        self.app = App(
            self.next_config,
            reread=lambda: self.next_config,
            clock=self.clock,
            outside=Outside(
                session_factory=self.session, pool=self.pool, post=self.post_to, launch=lambda work: work()
            ),
        )
        self.app.context.replicas.alone = self.alone  # its steps are driven by hand, those of leases too
        self.client = self.app.wsgi.test_client()

    def seem_to_run(self) -> None:
        """Let the threads pass for running, as their steps are taken by hand, in a time of their own."""
        for worker in self.app.watch.workers:
            worker._thread = SimpleNamespace(is_alive=lambda: True, ident=1, join=lambda _: None)
            worker.last_round = float("inf")

    def session(self) -> requests.Session:
        session = requests.Session()
        session.mount("http://ovh.test", SandboxAdapter(self.sandbox, advance=self.clock.advance))
        session.mount("http://moved.test", SandboxAdapter(self.sandbox, advance=self.clock.advance))
        session.mount("http://spare.test", SandboxAdapter(self.spare, advance=self.clock.advance))
        return session

    def post_to(self, channel: Channel, title: str, body: str) -> None:
        """What other channels are told is kept here; one that a test wants broken raises."""
        self.posted.append((channel.url, title, body))

    def close(self) -> None:
        for _, (kept,) in self.pool.kept:
            self.app.delivery.rate_limiter.give_back("" if isinstance(kept, list) else kept.person)
        self.app.watch.readiness._ask_store._done.wait(5.0)  # else it would connect once more, behind the end
        self.app.stop()

    def crash(self) -> None:
        """The process ends without a word: what it has in hand stays as the store has it."""
        self.app.store.close()

    def reload(self, plan: str) -> None:
        self.next_config = self.config(plan)
        assert self.app.reload() == []

    def move(self, address: str = "http://moved.test") -> None:
        """An operator writes another address of OVHcloud's API, and reloads."""
        self.ovh = self.ovh.replace("http://ovh.test", address)
        self.reload(self.first_plan)

    def give_phones(self, name: str, *phones: str) -> None:
        """Let a person have several numbers."""
        roster = self.app.config.roster
        person = replace(roster.people[name], phones=tuple(PhoneNumber(e164=phone) for phone in phones))
        teams = {
            each.name: replace(
                each,
                steps=tuple(
                    replace(step, page=tuple(person if one.name == name else one for one in step.page))
                    for step in each.steps
                ),
            )
            for each in roster.teams.values()
        }
        changed = replace(roster, people=dict(roster.people) | {name: person}, teams=teams)
        self.app.context.config.current = replace(self.app.config, roster=changed)

    # What happens to it.

    def post(self, *alerts: dict[str, object], path: str = "/webhook", **more: object):
        """One Alertmanager body."""
        body = {"version": "4", "status": "firing", "receiver": "sms", "groupKey": "{}:{}", "alerts": list(alerts)}
        return self.client.post(path, json=body | more)

    def fire(self, *instances: str, **more: object) -> dict[str, object]:
        """Post firing alerts, and return the answer's summary."""
        answer = self.post(*(alert(instance, **more) for instance in instances or ("web-01",)))
        assert answer.status_code == 202, answer.text
        return answer.json

    def resolve(self, *instances: str, **more: object) -> dict[str, object]:
        """Post resolutions, and return the answer's summary."""
        ended = [alert(instance, "resolved", **more) for instance in instances or ("web-01",)]
        answer = self.post(*ended, status="resolved")
        assert answer.status_code == 202, answer.text
        return answer.json

    def have_callbacks(self) -> None:
        """Have OVHcloud call back at each receipt, as an operator does."""
        self.app.delivery.accounts.first.sms.set_callback(
            callback_url("http://pager.test", self.app.keys.receipt_secret)
        )

    def call_back(self) -> int:
        """Deliver the callbacks that are due; returns how many."""
        done = 0
        while url := self.sandbox.callbacks.take(self.clock().timestamp()):
            assert self.client.get(url.removeprefix("http://pager.test")).status_code == 200
            done += 1
        return done

    def fault(self, kind: FaultKind, call: str = "jobs", **more: object) -> None:
        self.sandbox.faults.add(Fault(kind=kind, call=call, **more))

    def reply(self, number: str, text: str) -> None:
        """A phone sends an SMS back."""
        self.sandbox.account.receive(number, text, "", self.clock().timestamp())

    # What it does.

    def settle(self) -> None:
        """Send and look up all that is due now: as its worker does, round after round until nobody wakes it."""
        self.app.delivery.comparison.step()
        woken = self.app.wakeups.dispatcher
        for _ in range(1000):
            woken.clear()
            if self.app.delivery.dispatcher.step() != 0.0 and not woken.is_set():
                return
        raise AssertionError("the dispatcher never comes to rest")

    def hear(self) -> None:
        """Read all receipts that are due now, and decide about those that did not come."""
        while self.app.delivery.receipts.step() == 0.0:
            pass

    def run(self, seconds: float, hop: float = 1.0) -> None:
        """Let time pass; every part takes its steps."""
        end = self.clock.ran + seconds
        while True:
            while self.app.oncall.replies.step() == 0.0:
                pass
            while self.app.oncall.escalate() == 0.0:
                pass
            self.hear()
            if not self.app.context.replicas.alone:
                self.app.watch.timekeeper.step()
            if self.clock.ran >= self.kept_house + min(self._stride(), self.chores):
                self.app.watch.housekeeper.step()
                self.kept_house = self.clock.ran
            silence = self.app.oncall.heartbeats.step()
            self.app.delivery.account_monitor.step()
            self.settle()
            self.app.delivery.channels.step()
            if self.clock.ran >= end:
                return
            quiet = min(self._quiet_seconds(), end - self.clock.ran if silence is None else floor(silence))
            self.clock.advance(min(max(hop, quiet), end - self.clock.ran))

    def _quiet_seconds(self) -> float:
        """For how many whole seconds no part has anything to do: a night of them need not be walked one by one."""
        now, ways = self.clock(), self.app.delivery.accounts
        known = list(ways.breakers.values())
        shut = all(
            each.state is circuit_breaker.BreakerState.OPEN and now - (each.opened_at or now) > SETTLED
            for each in known
        )
        if not shut and any(not each.closed or each.tried_at for each in known):
            return 0.0
        due = self.app.store.read(lambda tx: tx.execute(NEXT_DUE).one())
        times = [(at - now).total_seconds() for at in (*due, *(each.probe_at for each in known)) if at is not None]
        ahead = [each for each in times if each > 0] if shut else times  # what is late then waits for a probe
        stride = self._stride()
        listening = 5.0 if ways.first.inbox else stride
        return floor(min(*ahead, listening, stride - now.timestamp() % stride))

    def _stride(self) -> float:
        """For how many seconds nobody need look: a heartbeat is looked at each minute, a clock that was set at once."""
        if self.clock.set_at >= self.kept_house:
            return 10.0
        return min(self.stride, 60.0) if self.app.config.roster.heartbeats else self.stride

    # What can be seen of it.

    @property
    def texts(self) -> list[str]:
        """The texts of all accepted SMS."""
        return [message.text for message in self.sandbox.accepted]

    def states(self) -> list[tuple[str, str]]:
        """Kind and state of each message."""
        return self.rows(message_table.c.kind, message_table.c.state)

    def page_states(self) -> list[tuple[str, str]]:
        """Kind and state of each page."""
        return self.rows(notification_table.c.kind, notification_table.c.state)

    def rows(self, *columns, where: ColumnElement[bool] = BY_SMS) -> list[tuple]:
        """Rows of a table; of notifications those to phones, unless `where` says otherwise."""
        table = columns[0].table
        query = select(*columns).order_by(table.c.id)
        query = query.where(where) if table is notification_table else query
        return self.app.store.read(lambda tx: [tuple(row) for row in tx.execute(query)])

    def posts(self, *names: str) -> list[tuple]:
        """What channels were to be given, a row a channel."""
        return self.rows(*(notification_table.c[name] for name in names), where=BY_CHANNEL)

    def metric(self, name: str, **labels: str) -> float | None:
        return self.app.context.metrics.registry.get_sample_value(f"alertsms_{name}", labels)


def alert(
    instance: str = "web-01",
    status: str = "firing",
    *,
    name: str = "HighCPU",
    start: datetime | None = NIGHT,
    end: datetime | None = None,
    **labels: str,
) -> dict[str, object]:
    """One entry of an Alertmanager body."""
    if status == "resolved":
        end = end or NIGHT + timedelta(minutes=12)
    return {
        "status": status,
        "labels": {"alertname": name, "instance": instance, "severity": "critical"} | labels,
        "annotations": {"summary": "CPU above 90% for 5 min"},
        "startsAt": stamp(start),
        "endsAt": stamp(end),
    }


def stamp(at: datetime | None) -> str:
    return at.isoformat().replace("+00:00", "Z") if at else "0001-01-01T00:00:00Z"


def page(instance: str, number: int, prefix: str = "") -> str:
    """The SMS of `alert(instance)`."""
    return f"{prefix}CRITICAL HighCPU {instance}: CPU above 90% for 5 min #{number}"
