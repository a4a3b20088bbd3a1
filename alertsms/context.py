"""What nearly every part works by, handed in as one; how it reaches the outside, and what wakes it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import Event

import requests

from alertsms import apprise_channels
from alertsms.apprise_channels import in_a_thread
from alertsms.config import UNGUARDED, Config
from alertsms.core.incidents.incident import Applied, Trigger
from alertsms.core.messages.notification import Channel
from alertsms.core.messages.trouble import Hindrance, Trouble
from alertsms.core.routing.roster import Pause, Roster
from alertsms.metrics import Metrics
from alertsms.ovh.wire import WireSession
from alertsms.store.engine import Store
from alertsms.store.maintenance import CLOCK_STEP
from alertsms.store.messages import SmsMessage


class Clock:
    """The wall clock at the start plus the monotonic clock since: aware times that never jump.

    Setting the machine's clock moves nothing until `follow` is called.
    """

    def __init__(self, wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._wall = wall
        self.ticks = monotonic  # the seconds that it counts by: what else counts by them can be compared with it
        self._base = wall() - monotonic()
        self.on_step: list[Callable[[timedelta], None]] = []  # called with a step: whoever has times in memory

    def __call__(self) -> datetime:
        """Now, aware, in UTC."""
        return datetime.fromtimestamp(self._base + self.ticks(), UTC)

    def step(self) -> timedelta:
        """How far the wall clock was set away from ours; zero while it is within five seconds."""
        away = timedelta(seconds=self._wall() - self.ticks() - self._base)
        return away if abs(away) > CLOCK_STEP else timedelta()

    def follow(self, step: timedelta) -> None:
        """Take over a step of the wall clock, once what was pending has been shifted with it."""
        self._base += step.total_seconds()
        for shift in self.on_step:
            shift(step)


class Configuration:
    """The configuration in force: a reload takes another one over whole, or says why it does not."""

    def __init__(self, config: Config) -> None:
        self.current = config
        self.refused = ""  # why the file's own configuration is not in force
        self.pauses: tuple[Pause, ...] = ()  # that run, as of the last look into the store
        self._paused: tuple[Roster, tuple[Pause, ...], Roster] | None = None

    def roster(self) -> Roster:
        """Who is paged, with the pauses that run; one and the same until either changes."""
        roster, running, kept = self.current.roster, self.pauses, self._paused
        if not running:
            return roster
        if not kept or kept[0] is not roster or kept[1] is not running:
            kept = self._paused = roster, running, replace(roster, pauses=running)
        return kept[2]

    def troubles(self) -> Iterator[Trouble]:
        """An older configuration than the file's is in force; or nobody from outside can post alerts."""
        if self.refused:
            yield Trouble(
                key="configuration",
                hinders=Hindrance.OUTSIDE,
                says=self.refused,
                settles=timedelta(minutes=5),
                fix="`alertsms check FILE` names every mistake; mend them and reload",
            )
        if self.current.server.unguarded:  # whoever upgraded is to know that at once
            yield Trouble(
                key="door",
                hinders=Hindrance.OUTSIDE,
                settles=timedelta(),
                says=f"{UNGUARDED}: what comes from outside, or by a proxy, is answered 401 and pages nobody",
                fix="set server.bearer_token, give it to the senders and reload; or server.allow_unauthenticated: true",
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """The store, the configuration, who is paged now, the metrics and the clock of one alertsms."""

    store: Store
    config: Configuration
    roster: Callable[[], Roster]  # of the configuration in force, with what is paused
    metrics: Metrics
    clock: Clock


@dataclass(frozen=True, kw_only=True, slots=True)
class Outside:
    """How the world outside is reached; tests put others in their place."""

    session_factory: Callable[[], requests.Session] = WireSession
    pool: Executor | None = None  # in which calls to OVHcloud run; None: threads of its own
    post: Callable[[Channel, str, str], None] = apprise_channels.post  # to a channel that is not SMS
    launch: Callable[[Callable[[], None]], None] = in_a_thread  # where it runs


@dataclass(frozen=True, kw_only=True, slots=True)
class Wakeups:
    """What ends a thread's pause early. They exist before the parts, each of which is built with those it needs."""

    dispatcher: Event = field(default_factory=Event)
    channels: Event = field(default_factory=Event)
    account_monitor: Event = field(default_factory=Event)
    credit_monitor: Event = field(default_factory=Event)
    receipts: Event = field(default_factory=Event)
    heartbeats: Event = field(default_factory=Event)

    def notify(self) -> None:
        """There may be something to send, or to post."""
        self.dispatcher.set()
        self.channels.set()

    def account_changed(self) -> None:
        """An account can be used again, or no more."""
        self.account_monitor.set()
        self.notify()


def after_commit(applied: Applied, metrics: Metrics, wake: Callable[[], None]) -> None:
    """Count and wake by what a transaction did, once it is committed; each door has log lines of its own."""
    for team in applied.cancelled:
        metrics.sms.labels(team, "cancelled").inc()
    for team in applied.unanswered:
        metrics.unanswered.labels(team).inc()
    if applied.pages or applied.texts or applied.unanswered:
        wake()
    for change in applied.changes:
        if change.rung in (Trigger.STEP, Trigger.ROUND):
            metrics.escalations.labels(change.incident.team).inc()


def count_call(metrics: Metrics, call: str, code: str, seconds: float) -> None:
    """Count one call to OVHcloud."""
    metrics.ovh_requests.labels(call, code).inc()
    metrics.ovh_seconds.observe(seconds)


def count_sent(metrics: Metrics, message: SmsMessage, now: datetime) -> None:
    """Count a message that OVHcloud took."""
    metrics.sms.labels(message.team, "sent").inc()
    metrics.segments.inc(message.segments)
    metrics.page_seconds.observe(max((now - message.asked_at).total_seconds(), 0.0))


def count_delivered(metrics: Metrics, message: SmsMessage, at: datetime) -> None:
    """Count a message that its phone has."""
    metrics.sms.labels(message.team, "delivered").inc()
    metrics.delivery_seconds.observe(max((at - message.asked_at).total_seconds(), 0.0))
