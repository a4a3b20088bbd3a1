"""Days of on-call work on a simulated clock: alerts, people who answer by chance or not at all, and what fails."""

from __future__ import annotations

import logging
import random
import re
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Any

from sqlalchemy import Connection, select

from alertsms.core.incidents.refusal import REFUSED
from alertsms.core.messages.notification import Channel
from alertsms.sandbox import Fault, FaultKind
from alertsms.store.schema import incident_table
from tests.reliability.duty import OWNER, PARIS, PHONES, SQUADS, plan
from tests.reliability.life import Answered, Life, Trouble, Turn, differs
from tests.support.house import NEXT_DUE, OVH, House, SimulatedClock, alert
from tests.support.nights import Errors

RENTED = OVH.replace("sender: ACME", 'virtual_number: "+33700000001"')  # takes links, and can be answered
LINK = re.compile(r"https://p\.example\.org(/a/[0-9A-Za-z]{11})")
NUMBER = re.compile(r"#(\d+)")
NOW = select(
    *(
        incident_table.c[name]
        for name in ("id", "team", "labels", "state", "acked_by", "episode", "opened_at", "snoozed_until", "acked_at")
    )
)
BROKEN = '{"alerts": [{"labels": {"alertname": "Memory"}, "annotations": {"summary": "volume "data" is full"}}]}'
SECOND = timedelta(seconds=1)
READ_IN = 75.0  # seconds until an SMS that came in is read, at the latest
WAYS = {
    "link": 6,
    "reply": 5,
    "reply number": 4,
    "reply all": 1,
    "reply snooze": 1,
    "api": 3,
    "api snooze": 1,
    "api resolve": 0.5,
    "link resolve": 0.5,
}


class Fortnight(House):
    """`live` lets it all happen."""

    def __init__(self, url: str, seed: int, *, begins: datetime, days: float, many: int) -> None:
        self.random, self.seconds, self.seed = Random(seed), days * 86400.0, seed
        random.seed(seed)  # of alertsms' own jitter
        self.began = begins
        self.agenda: list[tuple[float, int, Callable[[], None]]] = []
        self.nth = count()
        self.heard: list[tuple[datetime, str, str]] = []  # by channels: when, which, the text
        self.troubles: dict[str, Trouble] = {}
        self.answers: list[Answered] = []
        self.lives: dict[int, Life] = {}
        self.pauses: list[tuple[str, datetime, datetime]] = []  # team, from, to
        self.breaks: list[tuple[datetime, datetime]] = []  # alertsms or OVHcloud is down
        self.off: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)  # by number
        self.seen, self.unread_until, self.broken, self.ovh_down = 0, 0.0, list[Fault](), 0
        self.rings = True  # something was due
        self.errors = Errors()
        super().__init__(url, SimulatedClock(begins), plan(), RENTED)
        self.sandbox.account.virtual_numbers["0033700000001"] = "fr"
        self.sandbox.account.credits = 1e6
        self._foresee(many, days)

    def at(self, seconds: float, act: Callable[[], None]) -> None:
        """Have something happen so many seconds from the start."""
        heappush(self.agenda, (seconds, next(self.nth), act))

    def live(self) -> None:
        """From the first alert until all has come to an end, or a day more."""
        logging.getLogger("alertsms").addHandler(self.errors)
        end = self.seconds
        while self.clock.ran < end:
            while self.agenda and self.agenda[0][0] <= self.clock.ran:
                heappop(self.agenda)[2]()
            self.turn()
            self._phones()
            if self.rings or self.clock.ran < self.unread_until or self.clock().second == 0:
                self._look()
            following = min(self.agenda[0][0] if self.agenda else end, end)
            self.clock.advance(max(min(self._quiet_seconds(), following - self.clock.ran), 0.0))
        logging.getLogger("alertsms").removeHandler(self.errors)

    def turn(self) -> None:
        """Every part takes its steps."""
        while self.app.oncall.replies.step() == 0.0:
            pass
        while self.app.oncall.escalate() == 0.0:
            pass
        self.hear()
        if self.clock.ran >= self.kept_house + 60:
            self.app.watch.housekeeper.step()
            self.app.delivery.account_monitor.watch()
            self.kept_house = self.clock.ran
        self.app.oncall.heartbeats.step()
        self.app.delivery.account_monitor.step()
        self.settle()
        self.app.delivery.channels.step()

    def _quiet_seconds(self) -> float:
        """Until something is due: a reply to be read, a timer, or a minute, when mutes are looked at."""
        now = self.clock()
        due = self.app.store.read(lambda tx: tx.execute(NEXT_DUE).one())
        times = [(at - now).total_seconds() for at in due if at is not None]
        patience = 10.0 if self.clock.ran < self.unread_until else 60.0
        quiet = max(min([*times, patience, 60 - now.second]), 20.0 if self.ovh_down else 1.0)
        self.rings = min(times, default=60.0) <= quiet
        return quiet

    def post_to(self, channel: Channel, title: str, body: str) -> None:
        self.heard.append((self.clock(), channel.url, f"{title}\n{body}"))

    # What is to come.

    def _foresee(self, many: int, days: float) -> None:
        chance = self.random
        calm = self.seconds - 5 * 3600  # in the last hours nothing new comes, and all that was asked can end
        flood = min(25, many // 8)
        storm = chance.uniform(0.2, 0.8) * calm
        for number in range(many):
            at = storm + chance.uniform(0, 90) if number < flood else chance.uniform(0, calm)
            self._foresee_one(f"A{number:04}", at)
        for begin in [*(chance.uniform(0, calm) for _ in range(max(round(days / 3), 1))), storm + 60]:
            self.at(begin, self._ovh_down(chance.uniform(600, 3000)))
        for _ in range(max(round(days * 1.5), 2)):
            self.at(chance.uniform(0, calm), self._die)
        for _ in range(max(round(days / 2), 1)):
            self.at(chance.uniform(0, calm), self._pause)
        for numbers in PHONES.values():
            for _ in range(max(round(days / 2), 1)):
                self.at(chance.uniform(0, calm), self._switch_off(numbers))
        self.broken.append(Fault(kind=FaultKind.ERROR_500_AFTER, call="jobs", probability=0.03))
        self._mend()
        self._foresee_templates(Random(f"templates {self.seed}"), max(round(days / 3), 1), calm)

    def _foresee_templates(self, chance: Random, many: int, calm: float) -> None:
        """Nights with a broken template: the same body is refused again and again."""
        self.troubles[REFUSED] = Trouble(name=REFUSED, team="web", severity="critical", simple=False)
        self.spells = many
        for nth in range(many):
            at, end = calm * nth / many, calm * (nth + 1) / many - 2 * 3600
            for _ in range(chance.choice((1, 4, 9))):
                self.at(at, self._refuse)
                at += chance.uniform(300, 3300)
                if at > end:
                    break

    def _foresee_one(self, name: str, at: float) -> None:
        chance = self.random
        (team,) = chance.choices(["web", "db", "net", "both"], [6, 5, 5, 1])
        trouble = Trouble(name=name, team=team, severity=chance.choice(("critical", "critical", "warning")))
        self.troubles[name] = trouble
        lasts = chance.choice((chance.uniform(60, 400), *[chance.uniform(400, 7200)] * 3, chance.uniform(7200, 30000)))
        if chance.random() < 0.04:
            trouble.simple, lasts = False, chance.uniform(100, 300)
            for back in range(1, chance.choice((2, 6))):
                self.at(at + 500 * back, lambda: self._fire(trouble))
                self.at(at + 500 * back + lasts, lambda: self._resolve(trouble))
        self.at(at, lambda: self._fire(trouble))
        if chance.random() < 0.97 or not trouble.simple:
            self.at(at + lasts, lambda: self._resolve(trouble))

    def _entry(self, trouble: Trouble, status: str = "firing") -> dict[str, object]:
        end = self.clock() if status == "resolved" else None
        return alert(
            "web-01",
            status,
            name=trouble.name,
            start=trouble.fired,
            end=end,
            severity=trouble.severity,
            team=trouble.team,
        )

    def _fire(self, trouble: Trouble) -> None:
        trouble.fired = self.clock()
        answer = self.post(self._entry(trouble))
        assert answer.status_code == 202, answer.text
        self._look()

    def _refuse(self) -> None:
        self._look()
        trouble = self.troubles[REFUSED]
        trouble.fired = self.clock()
        answer = self.client.post("/webhook", data=BROKEN)
        assert answer.status_code == 400, answer.text
        trouble.over = self.clock() + timedelta(hours=1)
        self._look()

    def _resolve(self, trouble: Trouble) -> None:
        self._look()
        answer = self.post(self._entry(trouble, "resolved"), status="resolved")
        assert answer.status_code == 202, answer.text
        trouble.over = self.clock()
        self._look()

    # What fails.

    def _mend(self) -> None:
        self.sandbox.faults.replace(self.broken)

    def _break(self, fault: Fault, seconds: float, done: Callable[[], None] = lambda: None) -> None:
        self.broken.append(fault)
        self._mend()

        def over() -> None:
            self.broken = [each for each in self.broken if each is not fault]
            self._mend()
            done()

        self.at(self.clock.ran + seconds, over)

    def _ovh_down(self, seconds: float) -> Callable[[], None]:
        def begin() -> None:
            self.ovh_down += 1
            # After it alertsms must notice that it is over: it tries at least once a minute.
            self.breaks.append((self.clock(), self.clock() + timedelta(seconds=seconds + 120)))
            self._break(
                Fault(kind=self.random.choice((FaultKind.ERROR_503, FaultKind.RESET_BEFORE)), call="*"), seconds, end
            )

        def end() -> None:
            self.ovh_down -= 1

        return begin

    def _die(self) -> None:
        """kill -9, and a start after a while."""
        before = self.clock()
        self.crash()
        self.clock.advance(self.random.choice((2, 30, 200, 1500)))
        self.start()
        self.app.delivery.account_monitor.watch()
        self.breaks.append((before, self.clock() + 65 * SECOND))  # it reads what was answered meanwhile first
        self.unread_until = self.clock.ran + READ_IN

    def _pause(self) -> None:
        team, length = self.random.choice([*SQUADS]), self.random.choice((20, 60, 150))
        headers = {"Authorization": f"Bearer {self.app.keys.token}"}
        now = self.clock()
        if any(other == team and until > now for other, _, until in self.pauses):
            return
        answer = self.client.post("/api/v1/pauses", json={"teams": [team], "for": f"{length}m"}, headers=headers)
        assert answer.status_code == 200, answer.text
        self.pauses.append((team, now, now + timedelta(minutes=length)))

    def _switch_off(self, numbers: tuple[str, ...]) -> Callable[[], None]:
        def begin() -> None:
            seconds = self.random.uniform(1800, 15000)
            kind = self.random.choice((FaultKind.UNDELIVERED, FaultKind.NO_RECEIPT))
            for number in self.random.choice((numbers, numbers[:1])):
                self.off[number].append((self.clock(), self.clock() + timedelta(seconds=seconds)))
                self._break(Fault(kind=kind, receiver=number[1:]), seconds)

        return begin

    def is_off(self, number: str, at: datetime) -> bool:
        """Whether a phone is switched off."""
        return any(since <= at < until for since, until in self.off[number])

    # What people do.

    def _phones(self) -> None:
        """Whoever has got a page answers it some time, or not."""
        new, self.seen = self.sandbox.accepted[self.seen :], len(self.sandbox.accepted)
        for sms in new:
            if LINK.search(sms.text) and not self.is_off(sms.receiver, self.clock()):
                self._react(sms)

    def _react(self, sms: Any) -> None:
        chance = self.random
        asleep = not 7 <= self.clock().astimezone(PARIS).hour < 23
        if chance.random() < (0.75 if asleep else 0.6):
            return
        delay = chance.uniform(15, 240) if chance.random() < 0.7 else chance.uniform(240, 3600)
        (way,) = chance.choices([*WAYS], [*WAYS.values()])
        self.at(self.clock.ran + delay, lambda: self._answer(sms, way))

    def _answer(self, sms: Any, way: str) -> None:
        now, person = self.clock(), OWNER[sms.receiver]
        if self.is_off(sms.receiver, now):
            return
        named = int(NUMBER.findall(sms.text)[-1])
        self._look()
        self.answers.append(Answered(at=now, person=person, number=sms.receiver, way=way, tag=sms.tag, named=named))
        how, _, what = way.partition(" ")
        if how == "link":
            self._press(LINK.search(sms.text)[1], what or "take")
        elif how == "api":
            self._ask(named, person, what or "ack")
        else:
            some = {
                "": ("ok", "1", "Pris", "OK merci"),
                "number": (f"ack {named}", f"ok #{named}", f"{named}"),
                "all": ("ack all", "ok tout"),
                "snooze": (f"snooze {named} 30m",),
            }[what]
            self.reply(sms.receiver, self.random.choice(some))
            self.unread_until = self.clock.ran + READ_IN
        self._look()

    def _press(self, path: str, act: str) -> None:
        page = self.client.get(path)
        if page.status_code == 404:  # it ended more than a day ago
            return
        proof = re.search('name="token" value="([^"]+)"', page.text)
        if proof:
            answer = self.client.post(path, data={"token": proof[1], "act": act})
            assert answer.status_code in (200, 303), answer.text

    def _ask(self, number: int, person: str, act: str) -> None:
        about = {"by": person, "for": "30m"} if act == "snooze" else {"by": person}
        if act == "ack":
            about["via"] = self.random.choice(("command", "api"))
        headers = {"Authorization": f"Bearer {self.app.keys.token}"}
        answer = self.client.post("/api/v1/incidents/" + act, json=about | {"numbers": [number]}, headers=headers)
        assert answer.status_code == 200, answer.text

    # What is seen of it.

    def _look(self) -> None:
        """Note which incidents changed hands."""
        now = self.clock()

        def read(tx: Connection) -> list[Any]:
            going = [number for number, life in self.lives.items() if life.turns[-1].state != "closed"]
            known = (
                incident_table.c.id.in_(going)
                | (incident_table.c.state != "closed")
                | (incident_table.c.opened_at >= now)
            )
            return tx.execute(NOW.where(known)).all()

        for row in self.app.store.read(read):
            life = self.lives.get(row.id)
            turn = Turn(
                at=now,
                state=row.state,
                by=row.acked_by,
                episode=row.episode,
                until=row.snoozed_until,
                acked=row.acked_at,
            )
            if life is None:
                life = self.lives[row.id] = Life(alert=row.labels["alertname"], team=row.team, opened=row.opened_at)
            if not life.turns or differs(life.turns[-1], turn):
                life.turns.append(turn)
