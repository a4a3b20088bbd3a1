"""Senders, people and an alertsms between them; a model is told what happens as well, and the two are compared.

A step is a gap in seconds and a deed. A deed that makes no sense by then, or whose outcome the promises leave open, is
passed over: so any list of steps is a night.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from html import unescape

from flask.testing import FlaskClient

from tests.support import episode_model as model
from tests.support.episode_model import AGAIN, FLAPPING, WOKEN, Life, Told, Unclear
from tests.support.house import ALICE, BOB, NEXT_DUE, NIGHT, OVH, House, SimulatedClock

SITE = "https://p.example.org"
RENTED = OVH.replace("sender: ACME", 'virtual_number: "+33700000000"')
PLAN = f"""
server: {{external_url: "{SITE}", login: {{username: alice, password: wonder}}}}
people: {{alice: "{ALICE}", bob: "+33698765432"}}
teams: {{ops: {{page: [alice], rounds: 1, repeat_interval: REPEAT, ack_timeout: 0s}}}}
route: {{team: ops}}
"""
UNREAD = 60.0  # seconds after which an SMS is read, at the latest
STRIDE = 100.0  # seconds that pass at once: after two minutes without a step alertsms takes itself for just back
SNOOZE = 3600.0
TEXT = re.compile(rf"(?:(AGAIN|STILL|FLAPPING) )?(CRITICAL )?HighCPU .*#(\d+)(?: {SITE}(/a/\w+))?")
FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
SLACK = {"ok": 2.0, "snooze 1h": 2.0}  # seconds, of answers that name nothing


@dataclass(frozen=True, kw_only=True)
class Alert:
    """An alert as its senders see it."""

    skew: int = 0  # seconds that their clock is ahead
    apart: int = 20  # seconds that the second one of a pair saw it begin later


@dataclass(frozen=True)
class Step:
    """After so many seconds something happens, to one alert or several."""

    gap: int
    deed: str  # a method of Night
    how: str = ""
    alerts: tuple[int, ...] = (0,)


@dataclass(eq=False, kw_only=True)
class Answer:
    """An SMS that is not read yet, or the page that somebody has before them."""

    how: str
    alerts: tuple[int, ...]  # that it names or shows
    at: float
    text: str = ""
    inbox: int = 0  # its id there, once it is listed
    path: str = ""
    form: Mapping[str, str] | None = None


class Night:
    """One night: `live` lets it happen, and fails where alertsms does otherwise than promised."""

    def __init__(self, url: str, alerts: Sequence[Alert], repeat: str = "0s", storm: str = "") -> None:
        self.alerts = alerts
        self.house = House(url, SimulatedClock(), PLAN.replace("REPEAT", repeat) + storm, RENTED)
        self.house.sandbox.account.virtual_numbers["0033700000000"] = "fr"
        self.cookies = self._log_in()  # of alice's browser, which outlives whatever dies
        self.lives: dict[int, Life] = {}  # by alert
        self.starts: dict[int, float] = {}  # the last of each
        self.hand: list[Answer] = []  # neither read nor sent off yet
        self.links: dict[int, str] = {}  # number -> where alice can answer
        self.expected: Counter[tuple[str, int, str]] = Counter()  # mark, number and phone of each page
        self.seen = 0  # SMS
        self.number = 0
        self.did: list[str] = []

    @property
    def now(self) -> float:
        return self.house.clock.ran

    def live(self, steps: Sequence[Step]) -> None:
        """Let it all happen."""
        for step in steps:
            try:
                self.pass_time(step.gap)
            except Unclear:  # there is no way around it
                return
            self.did.append(f"{self.now:.0f} {step.deed} {step.how} {step.alerts}")
            try:
                getattr(self, step.deed)(step)
            except Unclear:
                self.did[-1] += ": passed over"
            self._work()
            self._compare()

    # Time.

    def pass_time(self, seconds: float) -> None:
        """Let it pass, with timers, and with answers that are read."""
        end = self.now + seconds
        while self.now < end:
            unread = [each for each in self.hand if each.text]
            timers = [at for one in self.lives.values() if (at := model.rings(one)) is not None]
            self._run(min([end, *timers, *(each.at + UNREAD for each in unread)]))
            for which, one in self.lives.items():
                self._note(which, model.passes(one, self.now))
            for each in [each for each in unread if each.at + UNREAD <= self.now]:
                self._compare()  # who was reminded by now had nobody
                if each in self.hand:
                    self._deliver(each)
        self._work()
        self._compare()

    def _run(self, until: float) -> None:
        """Let the house do what it does until then."""
        while self.now < until:
            at = min(at for at in (*self.house.app.store.read(lambda tx: tx.execute(NEXT_DUE).one()), LATEST) if at)
            ahead = max((at - self.house.clock()).total_seconds(), 1.0)
            self.house.clock.advance(min(ahead, until - self.now, STRIDE))
            self._send()

    def _work(self) -> None:
        """All that is due; the inbox is looked at unless what is there is to be read later."""
        if not any(each.inbox for each in self.hand):
            self.house.app.oncall.replies.step()
        self._send()

    def _send(self) -> None:
        self.house.app.oncall.escalate()
        self.house.hear()
        self.house.settle()

    # What senders do.

    def fire(self, step: Step) -> None:
        """A body says that it fires: since just now ("new"), as before ("same"), or as the other of a pair saw it."""
        for which in step.alerts:
            if step.how == "new":
                self._fires(which, self.now - 5 + self.alerts[which].skew)
            elif which in self.starts:
                self._fires(which, self.starts[which] + (self.alerts[which].apart if step.how == "pair" else 0))

    def restart(self, step: Step) -> None:
        """Prometheus and Alertmanager start together: what fires does so since just now."""
        for which in [which for which, one in self.lives.items() if not one.closed and not one.over]:
            self._fires(which, self.now - 1 + self.alerts[which].skew)

    def _fires(self, which: int, start: float) -> None:
        known = self.lives.get(which)
        told = model.fires(known, start, self.now, self.number + 1) if known else None
        self._note(which, told or model.first(self.number + 1, start, self.now))
        self.number = max(self.number, self.lives[which].number)
        self.starts[which] = start
        self.house.fire(f"web-{which}", start=stamp(start))

    def end(self, step: Step) -> None:
        """A body says that it was over a little ago."""
        for which in step.alerts:
            if which in self.lives:
                end = self.now - 5 + self.alerts[which].skew
                self._note(which, model.ends(self.lives[which], end, self.now))
                self.house.resolve(f"web-{which}", start=stamp(self.starts[which]), end=stamp(end))

    def crash(self, step: Step) -> None:
        """alertsms dies, and is started again at once."""
        if any(each.inbox for each in self.hand):
            raise Unclear
        self.house.crash()
        self.house.start()

    # What people do.

    def _log_in(self) -> dict[str, str]:
        """What alice's browser keeps, as it sends it."""
        answer = self._browser().post("/login", data={"username": "alice", "password": "wonder"})
        assert answer.status_code == 303, answer.text
        cookies = [each.partition(";")[0] for each in answer.headers.getlist("Set-Cookie")]
        return {"Cookie": "; ".join(cookies)}

    def _browser(self) -> FlaskClient:
        return self.house.app.wsgi.test_client(use_cookies=False)

    def write(self, step: Step) -> None:
        """Alice writes an SMS; OVHcloud lists it at once ("early"), or only when it is read."""
        how, _, early = step.how.partition("|")
        known = tuple(each for each in step.alerts if each in self.lives)
        if not known:
            raise Unclear
        text = how.format(" ".join(str(self.lives[each].number) for each in known))
        answer = Answer(how=how, alerts=known if "{" in how else tuple(self.alerts_now()), at=self.now, text=text)
        self.hand.append(answer)
        if early and not any(each.inbox for each in self.hand):
            self._list(answer)

    def alerts_now(self) -> Sequence[int]:
        return range(len(self.alerts))

    def draw(self, step: Step) -> None:
        """Alice opens her link, or the page of an incident."""
        where, _, act = step.how.partition("|")
        (which, *_) = step.alerts
        if which not in self.lives or not self.lives[which].open:
            raise Unclear
        number = self.lives[which].number
        path = self.links.get(number) if where == "link" else f"/incidents/{number}"
        if path is None:
            raise Unclear
        page = self._browser().get(path, headers=self.cookies)
        assert page.status_code == 200, page.text
        form = {name: unescape(value) for name, value in FIELD.findall(page.text)} | {"act": act, "by": "alice"}
        self.hand.append(Answer(how=act, alerts=(which,), at=self.now, path=path, form=form))

    def deliver(self, step: Step) -> None:
        """What alice wrote first, or has had before her for the longest time, is read or pressed."""
        if not self.hand:
            raise Unclear
        self._deliver(self.hand[0])

    def call(self, step: Step) -> None:
        """A program, or the command, answers in somebody's name: at once."""
        act, _, by = step.how.partition("|")
        known = [each for each in step.alerts if each in self.lives]
        if not known:
            raise Unclear
        more = {"for": "1h"} if act == "snooze" else {}
        body = {"by": by, "numbers": [self.lives[each].number for each in known]} | more
        after = {each: self._answered(self.lives[each], act, by, self.now, 0.0) for each in known}
        said = self.house.client.post(f"/api/v1/incidents/{act}", json=body, headers=self._token())
        assert said.status_code == 200, said.text
        self.lives |= after

    def _deliver(self, answer: Answer) -> None:
        for listed in [each for each in self.hand if answer.text and each.inbox and each is not answer]:
            self._deliver(listed)  # one look reads all that is there
        self.hand.remove(answer)
        try:
            after = self._meant(answer)
        except Unclear:
            self.house.sandbox.account.incoming.pop(answer.inbox, None)
            self.did.append(f"{self.now:.0f} {answer.text or answer.how} of {answer.at:.0f}: never came")
            return
        self.did.append(f"{self.now:.0f} {answer.text or answer.how} of {answer.at:.0f}")
        if answer.form:
            pressed = self._browser().post(answer.path, data=answer.form, headers=self.cookies)
            assert pressed.status_code in (200, 303), pressed.text
        else:
            self._read(answer)
        self.lives |= after
        for which, one in after.items():
            if one.snoozed == self.now + SNOOZE:  # counted from when it was read, or from when it was written
                until = self._incident(one.number)["snoozed_until"]
                said = (datetime.fromisoformat(until) - NIGHT).total_seconds() if until else None
                if said is not None and answer.at + SNOOZE <= said <= self.now + SNOOZE:
                    self.lives[which] = replace(one, snoozed=said)

    def _list(self, answer: Answer) -> None:
        received = self.house.sandbox.account.receive(ALICE, answer.text, "", NIGHT.timestamp() + answer.at)
        answer.inbox = received.id

    def _read(self, answer: Answer) -> None:
        """Have it looked for now, and not when it is time to."""
        if not answer.inbox:
            self._list(answer)
        before = self._replies()
        self.house.app.oncall.replies._polled_at = None
        self.house.app.oncall.replies.step()
        assert self._replies() == before + 1, f"{answer.text!r} was not read"

    def _replies(self) -> float:
        return sum(self.house.metric("replies_total", wish=wish) or 0.0 for wish in ("acknowledge", "snooze"))

    def _meant(self, answer: Answer) -> dict[int, Life]:
        """What an answer changes."""
        slack = SLACK.get(answer.how, 0.0)
        act = "snooze" if answer.how.startswith("snooze") else "resolve" if answer.how == "resolve" else "ack"
        lives = {each: self.lives[each] for each in answer.alerts if each in self.lives}
        if not answer.form and "{" not in answer.how:  # what nobody has; a snooze may mean one's own too
            if act == "snooze" and any(one.has == "alice" for one in lives.values()):
                raise Unclear
            lives = {each: one for each, one in lives.items() if not one.has}
        return {each: self._answered(one, act, "alice", answer.at, slack) for each, one in lives.items()}

    def _answered(self, one: Life, act: str, by: str, written: float, slack: float) -> Life:
        if act == "resolve":
            return model.resolve(one, written, self.now)
        until = self.now + SNOOZE if act == "snooze" else None
        return model.take(one, by, written, self.now, until, slack)

    # Everything at once.

    def restart_of_all(self, acts: Sequence[str], gap: float, parts: int) -> list[int]:
        """Everything fires, alice answers each in her way, then all starts move; returns the numbers that page again.

        `parts`: in so many bodies, one right after the other.
        """
        names = [f"web-{which}" for which in range(len(acts))]
        start = self.now - 5 + self.alerts[0].skew
        self.house.fire(*names, start=stamp(start))
        self.lives = {which: model.first(which + 1, start, self.now)[0] for which in range(len(acts))}
        self._run(self.now + 200)
        for act in {*acts} - {""}:
            self.call(Step(0, "call", f"{act}|alice", tuple(which for which, each in enumerate(acts) if each == act)))
        self._run(self.now + gap)
        self.seen = len(self.house.sandbox.accepted)
        for part in range(parts):
            start = self.now - 1 + self.alerts[0].skew
            self.house.fire(*names[part::parts], start=stamp(start))
            for which in range(part, len(acts), parts):
                self._note(which, model.fires(self.lives[which], start, self.now, 0))
            self._run(self.now + 3)
        self._run(self.now + 60)
        self._compare_states()
        return [number for mark, number, _ in self.expected if mark == AGAIN]

    def told_again(self) -> list[list[int]]:
        """What each SMS since then covers."""
        tags = {sms.tag for sms in self.house.sandbox.accepted[self.seen :] if re.search("AGAIN|are back", sms.text)}
        said = self.house.client.get("/api/v1/messages", headers=self._token()).json["messages"]
        return [each["incidents"] for each in said if each["tag"] in tags]

    # What is compared.

    def _note(self, which: int, told: Told) -> None:
        had = self.lives[which].has if which in self.lives else ""
        self.lives[which], mark = told
        phones = {ALICE, BOB} if had == "bob" and mark == AGAIN else {ALICE}  # whoever had it is paged too
        if mark is not None:
            self.expected.update((mark, self.lives[which].number, phone) for phone in phones)

    def _compare(self) -> None:
        came = Counter[tuple[str, int, str]]()
        by_number = {one.number: which for which, one in self.lives.items()}
        for sms in self.house.sandbox.accepted[self.seen :]:
            found = TEXT.fullmatch(sms.text)
            if not found:
                continue
            mark, pages, number, link = found[1] or "", found[2], int(found[3]), found[4]
            if link and sms.receiver == ALICE:
                self.links[number] = link
            if self.expected[WOKEN, number, sms.receiver]:
                came[WOKEN, number, sms.receiver] += 1
            elif mark == "STILL":
                which = by_number[number]
                one = self.lives[which]
                assert one.state() == ("open", ""), f"reminded of {one}\n{self.tale()}"
                self.lives[which] = replace(one, reminded=sms.at - NIGHT.timestamp())
            elif pages or mark == FLAPPING:
                came[mark, number, sms.receiver] += 1
        self.seen = len(self.house.sandbox.accepted)
        # Who was not paged for an episode need not know that it flaps, and who has it then is to know.
        unsure = {key for key in self.expected | came if key[0] == FLAPPING}
        came, wanted = (
            {key: many for key, many in some.items() if many and key not in unsure} for some in (came, self.expected)
        )
        assert came == wanted, f"paged {came}, promised {wanted}\n{self.tale()}"
        self.expected.clear()
        self._compare_states()

    def _compare_states(self) -> None:
        said = self.states()
        for one in self.lives.values():
            found = said.get(one.number)
            assert found == one.state(), f"#{one.number} is {found}, promised {one.state()}\n{self.tale()}"

    def states(self) -> dict[int, tuple[str, str]]:
        """What the API says of each incident: where it is, and who has it."""
        listed = self.house.client.get("/api/v1/incidents?state=all", headers=self._token()).json["incidents"]
        return {
            each["id"]: (each["state"], each["acknowledged_by"] if each["state"] == "acknowledged" else "")
            for each in listed
        }

    def tale(self) -> str:
        """What happened, for whoever reads a failure."""
        texts = [f"{sms.at - NIGHT.timestamp():.0f} {sms.receiver} {sms.text}" for sms in self.house.sandbox.accepted]
        return "\n".join([f"now {self.now:.0f}", *self.did, *texts, *map(str, self.lives.values())])

    def _incident(self, number: int) -> Mapping[str, str]:
        said = self.house.client.get(f"/api/v1/incidents/{number}", headers=self._token())
        assert said.status_code == 200, said.text
        return said.json

    def _token(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.house.app.keys.token}"}


LATEST = NIGHT + timedelta(days=300)


def stamp(seconds: float) -> datetime:
    return NIGHT + timedelta(seconds=seconds)
