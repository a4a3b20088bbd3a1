"""Alertmanagers made of threads: each posts its bodies in turn and keeps every one until it is answered 2xx."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import requests

# Alertmanager's backoff, notify/notify.go: half a second, half as much again each time, jitter of one half.
BACKOFF, FACTOR, JITTER, LONGEST = 0.5, 1.5, 0.5, 60.0
ZERO = "0001-01-01T00:00:00Z"


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert:
    """One alert that must page."""

    name: str  # of its own, so that its SMS can be told from all others
    person: str
    starts_at: datetime
    severity: str = "critical"

    def body(self, ends_at: datetime | None = None) -> dict[str, object]:
        """As Alertmanager lists it, firing or resolved."""
        labels = {"alertname": self.name, "for": self.person, "severity": self.severity, "instance": "db-1"}
        return {
            "status": "resolved" if ends_at else "firing",
            "labels": labels,
            "annotations": {"summary": "reliability drill"},
            "startsAt": _stamp(self.starts_at),
            "endsAt": _stamp(ends_at) if ends_at else ZERO,
        }


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def alerts(count: int, people: Sequence[str]) -> list[Alert]:
    """`count` alerts, turn by turn for each of the people."""
    began = datetime.now(UTC) - timedelta(minutes=1)
    return [Alert(name=f"A{n:05}", person=people[n % len(people)], starts_at=began) for n in range(count)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Body:
    """One notification: a group of alerts."""

    alerts: Sequence[Alert]
    ends_at: datetime | None = None

    def as_json(self) -> dict[str, object]:
        """What is posted."""
        return {
            "version": "4",
            "receiver": "sms",
            "status": "resolved" if self.ends_at else "firing",
            "groupLabels": {},
            "groupKey": "{}:{}",
            "truncatedAlerts": 0,
            "externalURL": "http://127.0.0.1:9093",
            "commonLabels": {},
            "commonAnnotations": {},
            "alerts": [alert.body(self.ends_at) for alert in self.alerts],
        }


class Driver:
    """Several Alertmanagers that share the work; some bodies come from two, as from a pair that both send."""

    def __init__(self, url: str, *, clients: int, seed: int, pace: float = 0.0) -> None:
        """`pace`: seconds that a client waits between two bodies."""
        self.accepted: dict[str, float] = {}  # alert -> when (Unix seconds) it was first answered 2xx
        self.refused: list[str] = []  # answers that say "never again": any is a failure
        self.posts = self.retries = 0
        self._url, self._clients, self._pace = f"{url}/webhook", clients, pace
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self, alerts: Sequence[Alert], *, ends_at: datetime | None = None) -> None:
        """Begin to post these alerts, in groups of one to five."""
        bodies: list[list[Body]] = [[] for _ in range(self._clients)]
        for number, group in enumerate(self._groups(alerts)):
            body = Body(alerts=group, ends_at=ends_at)
            bodies[number % self._clients].append(body)
            if self._random.random() < 0.25:
                bodies[(number + 1) % self._clients].append(body)
        self._threads = [threading.Thread(target=self._client, args=(each,), daemon=True) for each in bodies]
        for thread in self._threads:
            thread.start()

    def _groups(self, alerts: Sequence[Alert]) -> Iterator[Sequence[Alert]]:
        at = 0
        while at < len(alerts):
            size = self._random.randint(1, 5)
            yield alerts[at : at + size]
            at += size

    @property
    def done(self) -> bool:
        """Whether every body was accepted."""
        return not any(thread.is_alive() for thread in self._threads)

    def join(self, patience: float) -> bool:
        """Wait for the end; false, and stop, if it takes too long."""
        deadline = time.monotonic() + patience
        for thread in self._threads:
            thread.join(max(deadline - time.monotonic(), 0.0))
        done = self.done
        self._stop.set()
        return done

    def _client(self, bodies: Sequence[Body]) -> None:
        with requests.Session() as session:
            for body in bodies:
                self._deliver(session, body)
                self._stop.wait(self._pace)

    def _deliver(self, session: requests.Session, body: Body) -> None:
        pause = BACKOFF
        while not self._stop.is_set():
            status = self._post(session, body)
            if 200 <= status < 300:
                now = time.time()
                with self._lock:
                    for alert in body.alerts:
                        self.accepted.setdefault(alert.name, now)
                return
            with self._lock:
                self.retries += 1
                if 400 <= status < 500:
                    self.refused.append(f"{status} for {[alert.name for alert in body.alerts]}")
            self._stop.wait(pause * (1 + JITTER * random.uniform(-1, 1)))
            pause = min(pause * FACTOR, LONGEST)

    def _post(self, session: requests.Session, body: Body) -> int:
        """The status of one try; 0 where there was no answer."""
        with self._lock:
            self.posts += 1
        try:
            return session.post(self._url, json=body.as_json(), timeout=10).status_code
        except requests.RequestException:
            return 0
