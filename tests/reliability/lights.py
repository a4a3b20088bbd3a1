"""An alertsms that is watched from outside while something in it is broken: its lights, its pages, and both after.

Around it stand all that it talks to, in this process: a sandbox with phones, a service that it pings, a channel for
when SMS fail, an Alertmanager. Its time leaps between two looks, and theirs with it; see `leaps`.
"""

from __future__ import annotations

import json
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import requests

from alertsms.sandbox import Fault, FaultKind, Sandbox, SandboxAccount
from alertsms.sandbox.exchange import CallName
from alertsms.sandbox.server import SandboxServer
from tests.reliability.driver import Alert, Body
from tests.reliability.leaps import Leaps
from tests.reliability.ledger import PAGES, of_file
from tests.reliability.phones import RENTED
from tests.reliability.process import Process
from tests.support.ports import free_port

PEOPLE = 4
FIRST = 8  # alerts that wait when something breaks
SECOND_STEP = 45.0  # seconds after the first SMS
# What is promised, in seconds from the break.
DARK, HEARD, LEFT = 60.0, 150.0, 150.0
SHOWN = 40.0  # what fails for half a minute stands in the list; and somebody has to ask
STRIDE = 4.5  # seconds that are left out between two looks; less than a part may be late
BUSY = 60.0  # real seconds that a busy machine has for what it has to catch up with
NEXT = 15.0  # seconds between two alerts while it is broken
NAME = re.compile(r"\bL\d{3}\b")
CALENDAR = """BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:drill\r
BEGIN:VEVENT\r
UID:1\r
DTSTAMP:20260101T000000Z\r
DTSTART:20260101T000000Z\r
DTEND:20260102T000000Z\r
RRULE:FREQ=DAILY\r
SUMMARY:deputy0\r
END:VEVENT\r
END:VCALENDAR\r
"""


class World:
    """What answers beside OVHcloud, and when it was asked: the service that is pinged, a channel, an Alertmanager."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.pings: list[float] = []
        self.posts: list[tuple[float, str]] = []
        world = self

        class Answer(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                if self.path == "/ping":
                    world.pings.append(now())
                # Young, so that what it does not list may yet come.
                status = {"uptime": datetime.fromtimestamp(now(), UTC).isoformat(), "versionInfo": {"version": "0"}}
                lists = {"/api/v2/status": status, "/api/v2/receivers": [{"name": "sms"}]}
                self._say(lists.get(self.path, []))

            def do_POST(self) -> None:
                said = self.rfile.read(int(self.headers["Content-Length"])).decode()
                if self.path == "/told":  # what a person's own channel gets is no light
                    world.posts.append((now(), said))
                self._say({})

            def _say(self, what: object) -> None:
                body = json.dumps(what).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                """Whoever asked was killed."""

        self._server = Server(("127.0.0.1", 0), Answer)
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """What /-/ready said."""

    at: float
    status: int  # 0: nothing
    said: str


@dataclass(kw_only=True, slots=True)
class Watched:
    """What could be seen from outside from a break on."""

    since: float
    looks: list[Look] = field(default_factory=list)
    pings: list[float] = field(default_factory=list)
    posts: list[tuple[float, str]] = field(default_factory=list)
    missing: int = 0  # pages that should have left by now
    refused: int = 0  # alerts that were not taken by now

    @property
    def dark(self) -> str:
        """Why /-/ready did not say in time that it is not ready; "" where it did."""
        late = [look for look in self.looks if look.at > self.since + DARK and look.status != 503]
        return f"ready answered {late[0].status} {late[0].at - self.since:.0f} s after: {late[0].said}" if late else ""

    @property
    def lit(self) -> str:
        """Why /-/ready said that it is not ready, where it should have gone on; "" where it did.

        One such answer by itself is a busy machine that did not come to it within two seconds.
        """
        pairs = zip(self.looks, self.looks[1:], strict=False)
        wrong = [look for look, following in pairs if look.status != 200 != following.status]
        return f"ready answered {wrong[0].status}: {wrong[0].said}" if wrong else ""

    def listed(self, within: float = DARK) -> str:
        """Why no trouble stood in the body of /-/ready in time; "" where one did."""
        late = [look for look in self.looks if look.at > self.since + within]
        fine = [look for look in late if not troubles(look.said)]
        return f"no trouble listed {fine[0].at - self.since:.0f} s after: {fine[0].said}" if fine else ""

    @property
    def silent(self) -> str:
        """Why the ping did not stop in time; "" where it did."""
        late = [at - self.since for at in self.pings if at > self.since + DARK]
        return f"pinged {', '.join(f'{at:.0f}' for at in late)} s after" if late else ""

    @property
    def heard(self) -> str:
        """Why no channel was told in time; "" where one was."""
        return "" if any(at <= self.since + HEARD for at, _ in self.posts) else "no channel was told"

    @property
    def left(self) -> str:
        """Why not all alerts were taken, and told in time; "" where they were."""
        said = {"alerts were not taken": self.refused, "pages did not leave": self.missing}
        return ", ".join(f"{count} {what}" for what, count in said.items() if count)


def deputy(person: str) -> str:
    """Who is paged after somebody."""
    return person.replace("person", "deputy")


def troubles(said: str) -> Sequence[object]:
    """What the body of /-/ready lists, under whatever name."""
    with suppress(ValueError):
        body = json.loads(said)
        return [one for value in body.values() if isinstance(value, list | dict) for one in value]
    return [said] if said else []


class Night:
    """One alertsms, what is around it, and the alerts that it is given."""

    def __init__(self, folder: Path, store: str, *, seed: int = 0) -> None:
        """`store` is the URL of a store with tables."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.store = folder, store
        self.clock = Leaps()
        self.now = self.clock.wall
        self.world = World(self.now)
        self.sandbox = Sandbox(
            account=SandboxAccount(credits=1e6, virtual_numbers={RENTED.replace("+", "00"): "fr"}),
            wall=self.now,
            window=600.0,
            seed=seed,
        )
        self._ovh: SandboxServer | None = SandboxServer(self.sandbox)
        self._ovh_port = self._ovh.port
        self.port, self._control = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.web = requests.Session()
        self.file = folder / "alertsms.yaml"
        (folder / "calendar.ics").write_text(CALENDAR, encoding="utf-8", newline="")
        self.file.write_text(self._configuration(), encoding="utf-8")
        alertsms = (sys.executable, "-m", "tests.reliability.leaps", str(self._control))
        command = (*alertsms, "serve", "--config", str(self.file))
        self.process = Process(command, folder / "alertsms.log")
        self.stride = STRIDE
        self.digests = False  # whether some SMS may tell of several alerts
        self.fired: list[Alert] = []
        self.accepted: dict[str, float] = {}  # alert -> when it was first answered 2xx
        self.answers: Counter[int] = Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.web.close()
        self.world.close()
        if self._ovh:
            self._ovh.close()

    @staticmethod
    def _phones() -> dict[str, str]:
        """Everybody's number."""
        return {
            f"{who}{each}": f"+336120000{step}{each}"
            for each in range(PEOPLE)
            for step, who in enumerate(("person", "deputy"))
        }

    def _configuration(self) -> str:
        """Every part has something to do: a calendar, a heartbeat, an inbox, an Alertmanager."""
        first = [f"person{each}" for each in range(PEOPLE)]
        steps = {
            name: [{"page": [name], "wait": f"{SECOND_STEP:.0f}s"}, {"page": [deputy(name)], "wait": "2h"}]
            for name in first
        }
        teams: dict[str, Any] = {name: {"steps": steps[name], "rounds": 1, "repeat_interval": "12h"} for name in first}
        teams["calm"] = {"steps": [{"page": ["deputies"], "wait": "2h"}]}
        world, channel = f"http://127.0.0.1:{self.world.port}", f"json://127.0.0.1:{self.world.port}"
        people: dict[str, Any] = {name: {"phones": [phone]} for name, phone in self._phones().items()}
        people["person0"]["also"] = [f"{channel}/also"]
        config = {
            "server": {"listen": f"127.0.0.1:{self.port}", "external_url": self.url},
            "store": self.store,
            "people": people,
            "schedules": {"deputies": {"ics": str(self.folder / "calendar.ics")}},
            "teams": teams,
            "route": {"team": "person0", "routes": [{"matchers": [f'for="{name}"'], "team": name} for name in first]},
            "fallback": {"channels": [f"{channel}/told"]},
            "ping_url": f"{world}/ping",
            "alertmanager": {"urls": [world], "reconcile_after": "1m"},
            "heartbeats": [{"name": "drill", "every": "12h", "grace": "12h", "team": "calm"}],
            "storm": {"after": 0},
            "limits": {"per_person_per_hour": 0},
            "ovh": {
                "endpoint": f"http://127.0.0.1:{self._ovh_port}/1.0",
                "application_key": "sandbox-key",
                "application_secret": "sandbox-secret",
                "consumer_key": "sandbox-consumer",
                "service_name": "sms-xx00000-1",
                "virtual_number": RENTED,
                "max_in_flight": 2,
            },
        }
        return "".join(f"{key}: {json.dumps(value)}\n" for key, value in config.items())

    # What is done to it.

    def start(self) -> None:
        """Start it and wait until it takes alerts and says so to the service that it pings."""
        pings = len(self.world.pings)
        self.begin()
        taken = self.until(lambda: len(self.world.pings) > pings and self.look().status == 200, 130.0, busy=BUSY)
        assert taken, (self.look(), self.process.tail())

    def hold(self) -> None:
        """Accept alerts that cannot leave yet: OVHcloud takes its time."""
        self.sandbox.faults.add(Fault(kind=FaultKind.DELAY, call=CallName.JOBS, seconds=2.0))
        self.fire(FIRST)
        while len(self.accepted) < FIRST:  # a busy machine may have it posted again
            assert sum(self.answers.values()) < 20, self.answers
            self.offer()
        assert self.until(lambda: bool(self.sandbox.accepted), 60.0), "nothing leaves"
        assert self.owed(self.now()), "nothing waits"

    def fire(self, count: int) -> None:
        """Alerts begin; their sender posts them now, and again later what was not taken."""
        began = datetime.fromtimestamp(self.now() - 60.0, UTC)
        at = len(self.fired)
        self.fired += [
            Alert(name=f"L{n:03}", person=f"person{n % PEOPLE}", starts_at=began) for n in range(at, at + count)
        ]
        self.offer()

    def offer(self) -> None:
        """Post what was not taken so far, each once more."""
        wanted = [alert for alert in self.fired if alert.name not in self.accepted]
        for at in range(0, len(wanted), PEOPLE):
            self._post(wanted[at : at + PEOPLE])

    def repeat(self) -> None:
        """Post all once more, as their sender does every few hours."""
        for at in range(0, len(self.fired), PEOPLE):
            self._post(self.fired[at : at + PEOPLE])

    def _post(self, alerts: Sequence[Alert]) -> None:
        try:
            status = self.web.post(f"{self.url}/webhook", json=Body(alerts=alerts).as_json(), timeout=10).status_code
        except requests.RequestException:
            status = 0
        self.answers[status] += 1
        for alert in alerts if 200 <= status < 300 else ():
            self.accepted.setdefault(alert.name, self.now())

    def lose_ovh(self) -> None:
        """Nobody listens there any more."""
        assert self._ovh
        self._ovh.close()
        self._ovh = None

    def find_ovh(self) -> None:
        """It is back."""
        self._ovh = SandboxServer(self.sandbox, port=self._ovh_port)

    def begin(self) -> None:
        """Start it and wait until it listens."""
        self.process.start()
        hurry = time.monotonic() + BUSY
        while self.look().status == 0:
            assert self.process.alive, f"it ended: {self.process.tail(600)}"
            assert time.monotonic() < hurry, f"it does not listen: {self.process.tail(600)}"
            time.sleep(0.1)

    def _tell(self, wish: object) -> None:
        assert requests.post(f"http://127.0.0.1:{self._control}/", json=wish, timeout=10).ok

    def break_(self, part: str, call: str) -> None:
        """Let this call of this part fail from now on."""
        self._tell({"break": [part, call]})

    def mend(self) -> None:
        """Let nothing fail any more."""
        self._tell({"break": ["", ""]})

    def skip(self, seconds: float) -> None:
        """So much time passes at once, here and there."""
        if seconds:
            self._tell({"skip": seconds})
            self.clock.skipped += seconds

    def failed_at(self, patience: float) -> float | None:
        """When what is broken was met first: some parts come round once a minute. None: not within so many seconds."""
        self.fire(1)  # what takes alerts is met by one
        self.until(lambda: self.parts()["failed_at"] is not None, patience)
        at: float | None = self.parts()["failed_at"]
        return at

    def parts(self) -> dict[str, Any]:
        """The workers that it has, which part was seen to make which outermost call, since when one of them fails."""
        found: dict[str, Any] = requests.get(f"http://127.0.0.1:{self._control}/", timeout=10).json()
        return found

    # What is seen of it.

    def until(self, done: Callable[[], bool], patience: float, *, busy: float = 0.0) -> bool:
        """Wait until something is so; false where that takes too long, and `busy` real seconds are over."""
        end, hurry = self.now() + patience, time.monotonic() + busy
        while not done():
            if self.now() > end and time.monotonic() > hurry:
                return False
            self.pass_time()
        return True

    def pass_time(self) -> None:
        """Between two looks: most of it at once, the rest as it goes, so that a call has the time that it takes."""
        self.skip(self.stride)
        time.sleep(0.5)

    def look(self) -> Look:
        """Ask whether it is ready."""
        try:
            answer = self.web.get(f"{self.url}/-/ready", timeout=10)
        except requests.RequestException as error:
            return Look(at=self.now(), status=0, said=type(error).__name__)
        return Look(at=self.now(), status=answer.status_code, said=answer.text.strip())

    def told(self) -> Counter[tuple[str, str]]:
        """How often each number was told of each alert."""
        found: Counter[tuple[str, str]] = Counter()
        for sms in self.sandbox.accepted:
            for name in NAME.findall(sms.text):
                found[name, f"+{sms.receiver.lstrip('+0')}"] += 1
        return found

    def carried(self) -> set[tuple[str, str]]:
        """Who got which alert in a digest, which need not name all, as a store that can be read says."""
        tags = {sms.tag for sms in self.sandbox.accepted}
        phones = self._phones()
        return {(line.alert, phones[line.person]) for line in of_file(self.store).of(PAGES) if line.tag in tags}

    def owed(self, before: float) -> list[tuple[str, str]]:
        """Whom nobody has told of an alert that was accepted before then."""
        told = {*self.told(), *(self.carried() if self.digests else ())}
        mine = [alert for alert in self.fired if self.accepted.get(alert.name, before) < before]
        phones = self._phones()
        wanted = [(alert.name, phones[who]) for alert in mine for who in (alert.person, deputy(alert.person))]
        return [each for each in wanted if each not in told]

    def doubled(self) -> list[tuple[str, str]]:
        """Who was told of one alert twice."""
        return [each for each, times in self.told().items() if times > 1]

    def watch(
        self, seconds: float = max(DARK, HEARD, LEFT), *, since: float | None = None, every: float = NEXT
    ) -> Watched:
        """See what it says and does from a break on, while more alerts begin, one `every` so many seconds.

        What shows only later, and kept nothing from leaving before, counts from when it shows: nobody may have met it.
        """
        began = self.now() if since is None else since
        found, shown, following = Watched(since=began), None, began
        while self.now() < (shown or began) + seconds:
            if self.now() >= following:
                following += every
                self.fire(1)
            self.pass_time()
            found.looks.append(self.look())
            if shown is None and (found.looks[-1].status != 200 or len(self.accepted) < len(self.fired)):
                shown = self.now()
        if shown and shown > began + DARK and not self.owed(shown - SECOND_STEP - DARK / 2):
            found.since = shown
        found.pings = [at for at in self.world.pings if at > began]
        found.posts = [(at, said) for at, said in self.world.posts if at > began]
        found.refused = len(self.fired) - len(self.accepted)
        found.missing = len(self.owed(self.now() - SECOND_STEP - DARK / 2))
        return found

    def over(self, patience: float = 400.0, *, once: int | None = None) -> str:
        """What is not as it must be once all was mended: everything leaves once, and every light is on again.

        `once`: only so many of the first alerts may not be told twice; of the others it may have forgotten.
        """
        pings = len(self.world.pings)

        def done() -> bool:
            self.offer()
            return len(self.accepted) == len(self.fired) and not self.owed(self.now())

        def lit() -> bool:
            look = self.look()
            put_back = look.said.count('"hinders"') == 1 and "the store was put back to" in look.said  # for an hour
            return look.status == 200 and (put_back or len(self.world.pings) > pings)

        wrong = [] if self.until(done, patience, busy=BUSY) else [f"lost: {self.owed(self.now())[:5]}, {self.answers}"]
        if not self.until(lit, 200.0, busy=BUSY):
            wrong.append(f"its lights stay off: {self.look()}, {len(self.world.pings) - pings} pings")
        first = {alert.name for alert in self.fired[:once]}
        if doubled := [each for each in self.doubled() if each[0] in first]:
            wrong.append(f"doubled: {doubled[:5]}")
        return "; ".join(wrong)
