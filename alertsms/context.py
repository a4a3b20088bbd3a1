"""What nearly every part works by, handed in as one; how it reaches the outside, and what wakes it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import Event

import requests
from sqlalchemy import Connection

from alertsms import apprise_channels
from alertsms.apprise_channels import in_a_thread
from alertsms.config import UNGUARDED, Config
from alertsms.core.incidents.incident import Applied, Trigger
from alertsms.core.messages.notification import Channel
from alertsms.core.messages.trouble import Hindrance, Trouble
from alertsms.core.routing.roster import Pause, Roster
from alertsms.metrics import Metrics
from alertsms.ovh.wire import WireSession
from alertsms.replicas import Replicas
from alertsms.store import maintenance
from alertsms.store.engine import Store
from alertsms.store.maintenance import CLOCK_STEP
from alertsms.store.messages import SmsMessage
from alertsms.store.wake_channel import HEARTBEATS, PAGES, SHARED, WakeChannel

SLEW_SECONDS = 10.0  # what the database's clock is ahead by, or behind, is caught up with in so long
SLOW_SECONDS = 1.0  # an answer that took longer says too little about when it was given


class Clock:
    """The wall clock at the start plus the monotonic clock since: aware times that never jump.

    On PostgreSQL it is the database's clock, which replicas share: the boot-time clock plus its distance from that.
    Setting either clock moves nothing until `follow` is called.
    """

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        database: Callable[[Connection], float] = maintenance.seconds,
    ) -> None:
        self._wall, self._database = wall, database
        self.ticks = monotonic  # the seconds that it counts by: what else counts by them can be compared with it
        self._course = wall() - monotonic(), 0.0, 0.0  # the base; seconds to slew by for each one, and since when
        self.on_step: list[Callable[[timedelta], None]] = []  # called with a step: whoever has times in memory
        self.agreed = False  # with the database's; until then it goes by the wall clock
        self.steps = timedelta()  # by which times in the store were shifted, altogether, as far as it followed

    def __call__(self) -> datetime:
        """Now, aware, in UTC."""
        (base, rate, since), ticks = self._course, self.ticks()
        return datetime.fromtimestamp(base + ticks + rate * min(ticks - since, SLEW_SECONDS), UTC)

    def step(self) -> timedelta:
        """How far the wall clock was set away from ours; zero while it is within five seconds."""
        away = timedelta(seconds=self._wall() - self().timestamp())
        return away if abs(away) > CLOCK_STEP else timedelta()

    def follow(self, step: timedelta) -> None:
        """Take over a step of the wall clock, once what was pending has been shifted with it."""
        base, rate, since = self._course
        self._course = base + step.total_seconds(), rate, since
        for shift in self.on_step:
            shift(step)

    def slew(self, away: timedelta) -> None:
        """Be so much further in ten seconds. `away` is less than ten seconds, so that time never goes back."""
        ticks = self.ticks()
        self._course = self().timestamp() - ticks, away.total_seconds() / SLEW_SECONDS, ticks

    def away(self, store: Store) -> timedelta | None:
        """How far the database's clock is ahead of ours, by the quickest of three answers; None where all were slow.

        Raises StoreError.
        """
        seconds, away = min(store.read(lambda tx: [self._ask(tx) for _ in range(3)]))
        return timedelta(seconds=away) if seconds <= SLOW_SECONDS else None

    def _ask(self, tx: Connection) -> tuple[float, float]:
        began = self.ticks()
        theirs = self._database(tx)
        took = self.ticks() - began
        return took, theirs + took / 2 - self().timestamp()

    def agree(self, store: Store) -> datetime:
        """Go by the database's clock from the start, where there is one; returns the time. Raises StoreError."""
        if not store.sqlite:
            self.steps = store.read(maintenance.steps)
            if (away := self.away(store)) is not None:
                self.follow(away)
                self.agreed = True
        return self()

    def current(self, tx: Connection) -> bool:
        """Whether times in the store are by this clock: another replica may have shifted them a moment ago.

        On SQLite there is nobody else. To be asked in a transaction that acts because time passed.
        """
        return tx.dialect.name == "sqlite" or maintenance.steps(tx) == self.steps


class Configuration:
    """The configuration in force: a reload takes another one over whole, or says why it does not."""

    def __init__(self, config: Config) -> None:
        self.current = config
        self.refused = ""  # why the file's own configuration is not in force
        self.pauses: tuple[Pause, ...] = ()  # that run, as of the last look into the store
        # Hosts of running replicas that have a newer file: one that takes alerts, one that sends. "" while none does.
        self.newer_intake = self.newer_sender = ""
        self.decides = True  # nobody has a newer file, or had for a while: what ours does not name is gone
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
        if newer := self.newer_intake or self.newer_sender:
            # It is not ready: a balancer is to bring alerts to the others, by whose file they are routed.
            yield Trouble(
                key="older file",
                hinders=Hindrance.INTAKE,
                settles=timedelta(minutes=5),  # a change of the file comes to one replica after the other
                says=f"its file is older than the one that {newer} runs by: it {_left_undone(self)}",
                fix="put the newer file here, it is read again by itself; if this one is meant, change and reload it",
            )
        if self.current.server.unguarded:  # whoever upgraded is to know that at once
            yield Trouble(
                key="door",
                hinders=Hindrance.OUTSIDE,
                settles=timedelta(),
                says=f"{UNGUARDED}: what comes from outside, or by a proxy, is answered 401 and pages nobody",
                fix="set server.bearer_token, give it to the senders and reload; or server.allow_unauthenticated: true",
            )


def _left_undone(config: Configuration) -> str:
    done = (config.newer_intake and "takes no alerts", config.newer_sender and "sends nothing")
    return " and ".join(filter(None, done))


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """The store, the configuration, who is paged now, the metrics and the clock of one alertsms."""

    store: Store
    config: Configuration
    roster: Callable[[], Roster]  # of the configuration in force, with what is paused
    metrics: Metrics
    clock: Clock
    replicas: Replicas


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
    follower: Event = field(default_factory=Event)
    say: Callable[[str], None] | None = None  # to other replicas; None where there are none

    @property
    def written(self) -> Callable[[], None]:
        """What a door calls once pages are committed: they may leave by any replica."""
        return self._and_others(self.notify, PAGES)

    @property
    def heard(self) -> Callable[[], None]:
        """What a door calls once it heard of a heartbeat that was missed."""
        return self._and_others(self.heartbeats.set, HEARTBEATS)

    def follow(self, channel: WakeChannel) -> None:
        """Let other replicas end pauses, too."""
        channel.on(PAGES, self.notify)
        channel.on(HEARTBEATS, self.heartbeats.set)
        channel.on(SHARED, self.follower.set)

    def _and_others(self, ours: Callable[[], None], word: str) -> Callable[[], None]:
        say = self.say
        if say is None:
            return ours

        def wake() -> None:
            ours()
            say(word)

        return wake

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
