"""Nights made up from a seed: people, alerts and all that fails around them, then quiet.

Each part of alertsms has stories of its own; here they happen to one another.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from random import Random
from typing import Any

import requests
from sqlalchemy import select

from alertsms.apprise_channels import ChannelError
from alertsms.core.messages.notification import Channel
from alertsms.sandbox import FaultKind
from alertsms.sandbox.adapter import SandboxAdapter
from alertsms.store.schema import incident_table
from tests.support import answers
from tests.support.answers import SITE
from tests.support.house import NIGHT, OVH, STANDBY, House, SimulatedClock, alert
from tests.support.morning import Morning

PEOPLE = ("alice", "bob", "carol", "dave")
TEAMS = ("ops", "db", "net", "all", "quiet")
NAMES = ("HighCPU", "DiskFull", "BackupFailed")
PTT = (24, 1, 12, 3, 29, 0, 100)
BEFORE = (
    FaultKind.ERROR_408,
    FaultKind.ERROR_429,
    FaultKind.ERROR_500,
    FaultKind.ERROR_503,
    FaultKind.HTML_504,
    FaultKind.EMPTY_200_LOST,
    FaultKind.HANG,
    FaultKind.RESET_BEFORE,
)
AFTER = (
    FaultKind.ERROR_408_AFTER,
    FaultKind.ERROR_500_AFTER,
    FaultKind.ERROR_503_AFTER,
    FaultKind.HTML_504_AFTER,
    FaultKind.EMPTY_200,
    FaultKind.HANG_AFTER,
    FaultKind.RESET_AFTER,
)
RECEIPTS = (
    FaultKind.SLOW_RECEIPT,
    FaultKind.NO_RECEIPT,
    FaultKind.UNDELIVERED,
    FaultKind.INVALID_RECEIVER,
    FaultKind.LATE,
)
SECONDS = {FaultKind.LATE: 4.0, FaultKind.SLOW_RECEIPT: 200.0, FaultKind.HANG: 12.0, FaultKind.HANG_AFTER: 12.0}
MINUTE, HOUR = 60.0, 3600.0


class DeathError(BaseException):
    """The process dies in the middle of a call."""


class Deadly(SandboxAdapter):
    """Lets a call be the last thing that a process does."""

    def __init__(self, sandbox: Any, night: Night) -> None:
        super().__init__(sandbox, advance=lambda seconds: night.clock.advance(seconds / 8))
        self.night = night

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        night = self.night
        if night.dies == "before":
            raise DeathError
        try:
            return super().send(request, *args, **more)
        finally:
            night.note_times()
            if night.dies == "after":
                raise DeathError


class Errors(logging.Handler):
    """Keeps what was logged with a traceback: nobody foresaw it."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info:
            self.found.append(f"{record.getMessage()}: {record.exc_info[1]!r}")


class Night(House):
    """One night: `spend` lets it happen, `wrongs` says what is not as it should be in the morning."""

    def __init__(self, url: str, seed: int) -> None:
        self.random = Random(seed)
        self.seed, self.dies, self.deaf = seed, "", False
        self.untimely: list[str] = []  # SMS that mislead whoever gets them
        self.times: dict[int, float] = {}  # id of an accepted SMS -> running time; of both accounts
        self.counted: Counter[str] = Counter()  # outcomes of messages before the last restart
        self.errors = Errors()
        self.stepped = self.changed = self.restarted = False
        self.said: list[str] = []  # what happened, for whoever reads a failure
        self.wrote: list[tuple[datetime, str]] = []  # when who sent an SMS back
        self.alerts: dict[tuple[str, str, str], dict[str, object]] = {}  # those that fire
        self.ended: list[tuple[str, str, str]] = []
        phones = {name: self.random.choice((1, 2)) for name in PEOPLE}
        self.plan_of: dict[str, Any] = {"numbers": phones, "gone": set(), "settings": self._settings()}
        places = f"max_per_second: 0, max_in_flight: {self.random.choice((16, 16, 3))}"
        ovh = self.random.choice((OVH, OVH, STANDBY)).replace("max_per_second: 0", places)
        self.answerable = self.random.random() < 0.4
        if self.answerable:
            ovh = ovh.replace("sender: ACME", "sender_for_response: true", 1)
        super().__init__(url, SimulatedClock(), self.plan(), ovh=ovh)
        if self.random.random() < 0.5:
            self.have_callbacks()

    # Who is paged.

    def _settings(self) -> str:
        chance = self.random
        self.per_hour = chance.choice((0, 0, 30, 30, 12))
        self.after = chance.choice((0, 1, 2, 5))
        limits = f"per_person_per_hour: {self.per_hour}, reserve_credits: {chance.choice((0, 50))}"
        return f"storm: {{after: {self.after}, within: {chance.choice(('1m', '2m', '10m'))}}}\nlimits: {{{limits}}}\n"

    def plan(self) -> str:
        """The configuration of now, from seed and reloads."""
        chance, known = self.random, self.plan_of
        kept = [name for name in PEOPLE if name not in known["gone"]]
        phones = {
            name: [f"+3361{nth}00000{PEOPLE.index(name)}" for nth in range(known["numbers"][name])] for name in kept
        }
        also = {"alice": ', also: ["json://alice.example.org"]'} if self.seed % 3 == 0 else {}
        people = ", ".join(f"{name}: {{phones: {phones[name]}{also.get(name, '')}}}" for name in kept)
        ops = [name for name in ("alice", "bob") if name in kept] or kept[:1]
        db = [name for name in ("bob", "dave") if name in kept] or kept[:1]
        net = [name for name in ("carol",) if name in kept] or kept[-1:]
        repeat = known.setdefault("repeat", chance.choice(("15m", "30m", "30m", "12h")))
        told = known.setdefault("told", chance.choice(("true", "true", "true", "false")))
        ring = 'fallback: {team: all, channels: ["json://net.example.org"]}, '
        behind = known.setdefault("behind", chance.choice((ring, "", "fallback: {team: ops}, ")))
        behind = behind.replace("ops", "all") if "ops" in known["gone"] else behind
        ways = known.setdefault("ways", [answers.random_teams(chance) + f"repeat_interval: {repeat}" for _ in TEAMS])
        then = known.setdefault("then", chance.choice(("", "", ", wait: 12m")))
        teams = [
            f"ops: {{{ways[0]}, steps: {steps(ops, then)}}}",
            f"db: {{{ways[1]}, steps: {steps([*db, *kept[:1]], then)}, send_resolved: {told}}}",
            f"net: {{{behind}{ways[2]}, page: {net}}}",
            f"all: {{{ways[3]}, page: {kept}}}",
            "quiet: {record_only: true}",
        ]
        routes = [f"""{{matchers: ['team="{team}"'], team: {team}}}""" for team in TEAMS if team not in known["gone"]]
        routes.insert(0, """{matchers: ['both="yes"'], team: all, continue: true}""")
        root = "ops" if "ops" not in known["gone"] else "all"
        routes.insert(0, f"""{{matchers: ['shift="night"'], team: {root}, mute_time_intervals: [now_and_then]}}""")
        some = [team for team in teams if team.partition(":")[0] not in known["gone"]]
        fallback = known.setdefault(
            "channels", chance.choice(("", 'fallback: {channels: ["json://ops.example.org"]}\n'))
        )
        spans = ", ".join(
            f'{{start_time: "{hour:02}:{first}", end_time: "{hour:02}:{last}"}}'
            for hour in range(1, 8)
            for first, last in (("10", "20"), ("40", "55"))
        )
        return f"""
people: {{{people}}}
teams: {{{", ".join(some)}}}
route: {{team: {root}, routes: [{", ".join(routes)}]}}
time_intervals: [{{name: now_and_then, time_intervals: [{{times: [{spans}]}}]}}]
{known.setdefault("site", chance.choice(("", f'server: {{external_url: "{SITE}"}}{chr(10)}')))}\
{fallback}{known["settings"]}"""

    # How it runs.

    def session(self) -> requests.Session:
        session = requests.Session()
        session.mount("http://ovh.test", Deadly(self.sandbox, self))
        session.mount("http://spare.test", Deadly(self.spare, self))
        return session

    def note_times(self) -> None:
        """Remember when each SMS was accepted."""
        for place in (self.sandbox, self.spare):
            for message in reversed(place.accepted):
                if id(place) + message.id in self.times:
                    break
                self.times[id(place) + message.id] = self.clock.ran
                if wrong := self.app.store.read(lambda tx, tag=message.tag: answers.untimely(tx, tag)):
                    self.untimely.append(f"{self.clock.ran:.0f} {message.receiver} {message.text}: {wrong}")

    def post_to(self, channel: Channel, title: str, body: str) -> None:
        if self.deaf:
            raise ChannelError("503 from the server")
        super().post_to(channel, title, body)

    def run(self, seconds: float, hop: float = 1.0) -> None:
        """As a house, with credits looked after and callbacks taken."""
        end = self.clock.ran + seconds
        while self.clock.ran < end:
            super().run(min(hop * 5, end - self.clock.ran), hop)
            self.app.delivery.account_monitor.watch()
            self.call_back()

    def count(self) -> Counter[str]:
        """Outcomes of messages by now, over all restarts."""
        now: Counter[str] = Counter(self.counted)
        for family in self.app.context.metrics.registry.collect():
            for sample in family.samples:
                if sample.name == "alertsms_sms_total":
                    now[sample.labels["outcome"]] += int(sample.value)
        return now

    # What happens.

    def spend(self, happenings: int = 30) -> None:
        """Let it all happen, then let everything work again, and time pass until nothing can be on its way."""
        with self.listened():
            self.fire_some()
            for _ in range(happenings):
                self.happen()
                self.pass_some_time()
            self.calm()
            self.run(2 * MINUTE, hop=20.0)
            self.run(2.5 * HOUR, hop=450.0)
            for _ in range(8):  # where digests are half an hour apart, so are the steps that they carry
                if not self.climbing():
                    break
                self.run(HOUR, hop=450.0)

    def climbing(self) -> bool:
        """Whether an incident has not been through all rounds of its team."""
        rounds = {
            name: 0 if team.record_only else team.rounds for name, team in self.app.context.roster().teams.items()
        }
        return any(
            one["state"] == "open" and one["current"] and one["round"] < rounds.get(one["team"], 0)
            for one in self.table(incident_table)
        )

    def end(self) -> None:
        """Resolve everything, and let time pass until everybody was told."""
        with self.listened():
            for label in list(self.alerts):
                self.resolve_one(label)
            self.run(2 * MINUTE, hop=20.0)
            self.run(2.5 * HOUR, hop=450.0)

    @contextmanager
    def listened(self) -> Iterator[None]:
        """Note what is logged with a traceback."""
        logging.getLogger("alertsms").addHandler(self.errors)
        try:
            yield
        finally:
            logging.getLogger("alertsms").removeHandler(self.errors)

    def pass_some_time(self) -> None:
        chance = self.random.random()
        if chance < 0.3:
            self.settle()
        elif chance < 0.7:
            self.run(self.random.uniform(1, 20), hop=4.0)
        elif chance < 0.93:
            self.run(self.random.uniform(30, 300), hop=14.0)
        else:
            self.run(self.random.uniform(300, 1800), hop=60.0)

    def happen(self) -> None:
        """One thing, by chance."""
        some = {
            self.fire_some: 8,
            self.fire_again: 4,
            self.resolve_some: 7,
            self.return_one: 3,
            self.fire_grafana: 1,
            self.break_calls: 4,
            self.break_receipts: 4,
            self.break_account: 2,
            self.mend: 4,
            self.restart: 2,
            self.reload_other: 1,
            self.set_clock: 0.5,
            self.answer: 5,
            self.pause: 0.7,
            self.flap: 1.5,
            self.return_unposted: 2,
        }
        (what,) = self.random.choices(list(some), list(some.values()))
        self.said.append(f"{self.clock.ran:.0f} {what.__name__}")
        what()

    def time(self) -> datetime:
        """The senders' time, which nobody sets."""
        return NIGHT + timedelta(seconds=self.clock.ran)

    def label(self) -> tuple[str, str, str]:
        return (self.random.choice(NAMES), f"web-{self.random.randrange(6)}", self.random.choice((*TEAMS, "misc")))

    def entry(self, label: tuple[str, str, str], status: str = "firing", **more: Any) -> dict[str, object]:
        name, instance, team = label
        chance = Random(repr(label))
        labels = {"team": team, "severity": chance.choice(("critical", "critical", "warning", "info"))}
        labels |= {"both": "yes"} if chance.random() < 0.2 else {}
        labels |= {"shift": "night"} if chance.random() < 0.15 else {}
        return alert(instance, status, name=name, **labels, **more)

    def fire_some(self) -> None:
        many = self.random.choice((1, 1, 1, 2, 4, 12))
        labels = {self.label() for _ in range(many)}
        for label in labels:
            if label not in self.alerts:
                self.alerts[label] = self.entry(label, start=self.time() - timedelta(seconds=30))
        self.deliver(*[self.alerts[label] for label in sorted(labels)])

    def fire_again(self) -> None:
        """A retry, or a group that grew."""
        if self.alerts:
            some = self.random.sample(sorted(self.alerts), min(len(self.alerts), self.random.choice((1, 3))))
            self.deliver(*[self.alerts[label] for label in some])

    def resolve_some(self) -> None:
        if self.alerts:
            many = self.random.choice((1, 1, 2, len(self.alerts)))
            for label in self.random.sample(sorted(self.alerts), min(len(self.alerts), many)):
                self.resolve_one(label)

    def resolve_one(self, label: tuple[str, str, str]) -> None:
        begun = self.alerts.pop(label)
        over = self.entry(label, "resolved", end=self.time())
        self.deliver(over | {"startsAt": begun["startsAt"]}, status="resolved")
        self.ended.append(label)

    def return_one(self) -> None:
        """What ended is back at once; sometimes as a late copy that nobody meant."""
        if not self.ended:
            return
        label = self.ended.pop()
        if label in self.alerts:
            return
        if self.random.random() < 0.5:
            self.alerts[label] = self.entry(label, start=self.time())
            self.deliver(self.alerts[label])
        else:
            before = self.time() - timedelta(hours=1)
            self.deliver(self.entry(label, start=before))
            self.alerts[label] = self.entry(label, start=before)

    def return_unposted(self) -> None:
        """One of them has a later start: it ended and came back, and nobody posted the end."""
        if not self.alerts:
            return
        label = self.random.choice(sorted(self.alerts))
        self.alerts[label] = self.entry(label, start=self.time())
        self.deliver(self.alerts[label])

    def flap(self) -> None:
        """One of them ends and comes back, again and again."""
        if not self.alerts:
            return
        label = self.random.choice(sorted(self.alerts))
        for _ in range(self.random.choice((3, 3, 4, 6))):
            self.resolve_one(label)
            self.run(self.random.uniform(0, 200), hop=20.0)
            self.ended.remove(label)
            self.alerts[label] = self.entry(label, start=self.time())
            self.deliver(self.alerts[label])
            self.run(self.random.uniform(0, 200), hop=20.0)
        if self.random.random() < 0.5:
            self.resolve_one(label)

    def fire_grafana(self) -> None:
        """A body of Grafana's, its own label set."""
        label = ("Grafana", f"g-{self.random.randrange(3)}", self.random.choice(TEAMS))
        entry = self.entry(label, start=self.time() - timedelta(seconds=10))
        entry |= {
            "fingerprint": f"f{label[1]}{label[2]}",
            "valueString": "[ var='A' value=1 ]",
            "values": {"A": 1},
            "silenceURL": "https://grafana.example.org/s",
            "dashboardURL": "",
            "panelURL": "",
        }
        body = {"orgId": 1, "title": "[FIRING:1]", "state": "alerting", "message": "x"}
        answer = self.post(entry, **body)
        assert answer.status_code == 202, answer.text
        self.run(self.random.uniform(0, 60), hop=10.0)
        over = entry | {"status": "resolved", "endsAt": self.time().isoformat()}
        answer = self.post(over, **(body | {"status": "resolved", "state": "ok"}))
        assert answer.status_code == 202, answer.text

    def deliver(self, *entries: dict[str, object], **more: object) -> None:
        answer = self.post(*entries, **more)
        assert answer.status_code == 202, answer.text

    def answer(self) -> None:
        answers.answer(self)

    def pause(self) -> None:
        answers.pause(self)

    def break_calls(self) -> None:
        kind = self.random.choice(BEFORE + AFTER)
        times = self.random.choice((1, 3, 20, None))
        more = {"seconds": SECONDS.get(kind)}
        self.said[-1] += f" {kind} {times}"
        self.fault(
            kind,
            call=self.random.choice(("jobs", "jobs", "outgoing", "*")),
            times=times,
            probability=self.random.choice((0.3, 1.0)),
            **more,
        )

    def break_receipts(self) -> None:
        kind = self.random.choice(RECEIPTS)
        more: dict[str, Any] = {"seconds": SECONDS.get(kind)}
        if self.random.random() < 0.5:
            more["receiver"] = f"361{self.random.randrange(2)}00000{self.random.randrange(4)}"
        self.said[-1] += f" {kind} {more}"
        self.fault(
            kind,
            times=self.random.choice((1, 5, None)),
            ptt=self.random.choice(PTT),
            probability=self.random.choice((0.5, 1.0)),
            **more,
        )

    def break_account(self) -> None:
        how = self.random.choice(("sender", "credits", "few", "down", "stop"))
        self.said[-1] += f" {how}"
        if how == "sender":
            self.sandbox.account.senders["ACME"] = "waitingValidation"
        elif how == "stop":
            self.sandbox.account.receive(
                f"+33610000000{self.random.randrange(4)}", "STOP", "", self.clock().timestamp()
            )
        elif how == "down":
            self.fault(self.random.choice((FaultKind.ERROR_503, FaultKind.RESET_BEFORE)), call="*")
            self.pass_some_time()
        else:
            self.sandbox.account.credits = 0.0 if how == "credits" else 30.0

    def mend(self) -> None:
        """What is broken works again."""
        for place in (self.sandbox, self.spare):
            place.faults.clear()
            place.account.senders["ACME"] = "enable"
            place.account.credits = 1000.0
            place.account.blacklist.clear()
        self.deaf = False

    def calm(self) -> None:
        self.said.append(f"{self.clock.ran:.0f} calm")
        self.mend()

    def restart(self) -> None:
        """It ends in the middle of something, or between two things, and starts again after a while."""
        how = self.random.choice(("idle", "claimed", "before", "after"))
        self.said[-1] += f" {how}"
        if how == "claimed":
            self.pool.lazy = True
            with suppress(AssertionError):
                self.settle()
        elif how != "idle":
            self.dies = how
            with suppress(DeathError):
                self.settle()
            self.dies = ""
        self.counted = self.count()
        self.crash()
        self.clock.advance(self.random.choice((1, 20, 200, 2000)))
        self.restarted = True
        self.start()

    def reload_other(self) -> None:
        """Somebody, some number, or some team is gone, or back."""
        gone = self.plan_of["gone"]
        gone ^= {self.random.choice(("alice", "bob", "dave", "net", "ops"))}
        for name in PEOPLE:
            if self.random.random() < 0.3:
                self.plan_of["numbers"][name] ^= 3
        self.changed = True
        self.reload(self.plan())

    def set_clock(self) -> None:
        self.stepped = True
        self.clock.set_wall(self.random.choice((-600.0, 600.0, 30.0, -30.0)))

    # What must be true.

    def table(self, table: Any) -> list[dict[str, Any]]:
        return self.app.store.read(
            lambda tx: [dict(row) for row in tx.execute(select(table).order_by(table.c.id)).mappings()]
        )

    def wrongs(self, *, over: bool) -> list[str]:
        """All that is not as it should be."""
        view = Morning(self)
        found = [
            *view.unfinished(over=over),
            *view.unheard(),
            *view.copies(),
            *view.oks(over=over),
            *view.texts(),
            *view.pressure(),
            *view.stories(),
            *view.counts(),
            *view.unanswered(),
            *view.flapping(),
            *view.holders(),
            *view.said_back(),
        ]
        return found + self.untimely + self.errors.found


def steps(people: list[str], then: str) -> str:
    """One step for each of some people."""
    return (
        f"[{', '.join(f'{{page: [{name}]{then if at else str()}}}' for at, name in enumerate(dict.fromkeys(people)))}]"
    )


def told(wrongs: list[str]) -> str:
    """For a failure's message."""
    return "\n".join(wrongs[:10])
