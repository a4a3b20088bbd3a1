"""People made of threads: they read what their phones got, and of some of it they say that they have it.

Each answers by one of three ways and does not give up before it is heard: the link in the SMS, the API, an SMS back.
"""

from __future__ import annotations

import heapq
import random
import re
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import requests

from tests.reliability.house import House
from tests.reliability.ledger import acknowledged
from tests.reliability.phones import Sms

NUMBER = re.compile(r"#(\d+)(?!.*#\d)")  # the last one of an SMS: a digest's own, or an incident's
LINK = re.compile(r"https?://\S+/a/\w+")
PROOF = re.compile('name="token" value="([^"]+)"')
TELLS = ("OK", "TEST")  # begin texts that need no answer
WRITING = 3.0  # seconds that an SMS back takes: of one written in the second its incident began nothing is taken
AGAIN = 0.5  # seconds until somebody who was not heard tries it again, or looks again
HANDS = 4  # answers at the same time
Way = Callable[[requests.Session, Sms, int], bool]  # returns whether it was heard


@dataclass(order=True, slots=True)
class Answer:
    """What somebody is about to say."""

    at: float  # monotonic
    sms: Sms = field(compare=False)
    number: int = field(compare=False)
    way: Way = field(compare=False)


class People:
    """All whom a house pages."""

    def __init__(self, house: House, *, share: float, seed: int, think: float) -> None:
        """`share` of the SMS that page are answered, each by chance within `think` seconds."""
        self.taken: dict[int, float] = {}  # incident -> when somebody was first told that it is theirs; Unix seconds
        self.written: set[int] = set()  # incidents that an SMS back was about, which nobody has yet
        self.odd: list[str] = []  # what no answer may be answered with
        self._house, self._share, self._think, self._random = house, share, think, random.Random(seed)
        self._names = {number.removeprefix("+"): name for name, number in house.numbers.items()}
        self._token = ""
        self._ways: tuple[Way, ...] = (self._press, self._call, self._reply)
        self._due: list[Answer] = []
        self._left: list[Sms] = []  # what they let ring
        self._busy = 0
        self._read = 0
        self._change = threading.Condition()
        self._over = False
        self._threads = [threading.Thread(target=each, daemon=True) for each in (self._look, *[self._say] * HANDS)]

    def start(self) -> None:
        """They begin to read; the house runs."""
        self._token = self._house.token
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """From now on they answer everything, what they let ring before too; at once: SMS back take their time."""
        with self._change:
            self._share, left, self._left = 1.0, self._left, []
            self._ways = (self._press, self._call)
        for sms in left:
            self._decide(sms)

    def sleep(self, patience: float) -> bool:
        """They read no more, and end when all that they had to say was heard; false if that takes too long."""
        deadline = time.monotonic() + patience
        while (waiting := self._due or self._busy or self.written) and time.monotonic() < deadline:
            time.sleep(0.05)
        with self._change:
            self._over = True
            self._change.notify_all()
        for thread in self._threads:
            thread.join(20.0)
        return not waiting

    def _look(self) -> None:
        looked = 0.0
        while not self._over:
            with suppress(requests.RequestException):  # a busy machine: they look again
                came = self._house.phones.messages()
                fresh, self._read = came[self._read :], len(came)
                for sms in fresh:
                    self._decide(sms)
            if self.written and time.monotonic() - looked > AGAIN:
                self._follow()
                looked = time.monotonic()
            time.sleep(0.2)

    def _follow(self) -> None:
        """Nobody is told that an SMS back was heard: the store says so."""
        done = self.written & acknowledged(self._house.store).keys()
        with self._change:
            self.written -= done
            for number in done:
                self.taken.setdefault(number, time.time())

    def _decide(self, sms: Sms) -> None:
        number = NUMBER.search(sms.text)
        if not number or not LINK.search(sms.text) or sms.text.startswith(TELLS):
            return
        with self._change:
            if self._random.random() >= self._share:
                self._left.append(sms)
                return
            way = self._random.choice(self._ways)
            soonest = WRITING if way == self._reply else 0.0
            at = time.monotonic() + self._random.uniform(soonest, self._think)
            heapq.heappush(self._due, Answer(at=at, sms=sms, number=int(number[1]), way=way))
            self._change.notify()

    def _say(self) -> None:
        with requests.Session() as session:
            while answer := self._next():
                try:
                    heard = answer.way(session, answer.sms, answer.number)
                except requests.RequestException:
                    heard = False  # alertsms is dead just now
                with self._change:
                    self._busy -= 1
                    if not heard:
                        answer.at = time.monotonic() + AGAIN
                        heapq.heappush(self._due, answer)

    def _next(self) -> Answer | None:
        with self._change:
            while not self._over:
                wait = self._due[0].at - time.monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    self._busy += 1
                    return heapq.heappop(self._due)
                self._change.wait(wait)
        return None

    def _press(self, session: requests.Session, sms: Sms, number: int) -> bool:
        """The link is opened, and its button pressed."""
        link = LINK.search(sms.text)[0]  # type: ignore[index]  # that is why it was chosen
        page = session.get(link, timeout=10)
        proof = PROOF.search(page.text)
        if not proof:
            return self._heard(page.status_code, f"GET {link}")
        pressed = session.post(link, data={"token": proof[1], "act": "take"}, timeout=10, allow_redirects=False)
        # Somebody else may have had it: then the page says so.
        return self._heard(pressed.status_code, f"POST {link}", number)

    def _call(self, session: requests.Session, sms: Sms, number: int) -> bool:
        """A program says so in somebody's name."""
        path = f"/api/v1/incidents/{number}/ack"
        said = session.post(
            f"{self._house.url}{path}",
            json={"by": self._names[sms.receiver.removeprefix("+")]},
            headers={"Authorization": f"Bearer {self._token}"},
            timeout=10,
        )
        return self._heard(said.status_code, f"POST {path}", number)

    def _reply(self, session: requests.Session, sms: Sms, number: int) -> bool:
        """An SMS goes back."""
        said = {"sender": f"+{sms.receiver.removeprefix('+')}", "message": f"ok {number}"}
        assert session.post(f"{self._house.phones.url}/sandbox/incoming", json=said, timeout=10).ok
        with self._change:
            self.written.add(number)
        return True

    def _heard(self, status: int, what: str, number: int = 0) -> bool:
        """Whether this answer is the last word; notes since when somebody has it."""
        with self._change:
            if status in (200, 303) and number:
                self.taken.setdefault(number, time.time())
            elif status not in (200, 303, 503):
                self.odd.append(f"{status}: {what}")
        return status != 503
