"""Config in, running parts out: the only file that builds things."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from ipaddress import ip_address
from typing import TYPE_CHECKING

import requests
from prometheus_client import CollectorRegistry

from alertsms import channels
from alertsms.answering import Answering
from alertsms.balance import Balance
from alertsms.calendars import EVERY_SECONDS as CALENDAR_SECONDS
from alertsms.calendars import Calendars
from alertsms.clock import Clock
from alertsms.config import Config, ConfigError
from alertsms.confirming import Confirming
from alertsms.core.channel import Channel
from alertsms.core.roster import Roster
from alertsms.core.storm import Rules
from alertsms.dispatcher import Dispatcher
from alertsms.escalator import Escalator
from alertsms.fallback import Fallback, in_a_thread
from alertsms.heartbeat import Heartbeats
from alertsms.housekeeper import Housekeeper
from alertsms.logs import event
from alertsms.lookup import Lookup
from alertsms.metrics import Metrics
from alertsms.opening import open_store
from alertsms.outlet import Outlet, outlets
from alertsms.ovh.wire import WireSession
from alertsms.pauses import Pauses
from alertsms.ping import EVERY_SECONDS as PING_SECONDS
from alertsms.ping import Ping
from alertsms.prober import Prober
from alertsms.readiness import Readiness
from alertsms.receipts import Receipts
from alertsms.reconciler import EVERY_SECONDS as RECONCILE_SECONDS
from alertsms.reconciler import Reconciler
from alertsms.replies import Replies
from alertsms.sender import Sender
from alertsms.silencing import Silencing
from alertsms.store import facts
from alertsms.store.engine import StoreError
from alertsms.throttle import Throttle
from alertsms.ways import Ways
from alertsms.web import create_app
from alertsms.web.answers import Answers
from alertsms.web.api import Api
from alertsms.web.auth import Gate, HmacSecret
from alertsms.web.health import Health
from alertsms.web.heartbeat import Heartbeat
from alertsms.web.incidents import Incidents
from alertsms.web.login import User
from alertsms.web.oncall import OnCall
from alertsms.web.pauses import Pausing
from alertsms.web.people import People
from alertsms.web.receipt import Receipt, callback_url
from alertsms.web.webhook import Webhook
from alertsms.worker import Worker

if TYPE_CHECKING:
    from flask import Flask

log = logging.getLogger("alertsms")

DRAIN_SECONDS = 7.0  # supervisors kill ten seconds after they asked; open answers get one more


class App:
    """One running alertsms."""

    def __init__(self, config: Config, *, reread: Callable[[], Config] | None = None, clock: Clock | None = None,
                 session_factory: Callable[[], requests.Session] = WireSession,
                 pool: Executor | None = None, post: Callable[[Channel, str, str], None] = channels.post,
                 launch: Callable[[Callable[[], None]], None] = in_a_thread) -> None:  # fmt: skip
        """Open the store and build every part; nothing runs yet.

        `reread` reads the configuration anew for a reload; `pool` is what calls to OVH run in; `post` posts to
        a channel other than SMS, where `launch` runs it. Raises StoreError
        where the store cannot be used.
        """
        self._places = config.ovh.max_in_flight
        self._pool = pool or ThreadPoolExecutor(max_workers=self._places, thread_name_prefix="sender")
        self._reloading = threading.Lock()
        self._post, self._launch = post, launch
        self._listens = config.server.host, config.server.port
        self._exposed = not loopback(config.server.host)
        self.config = config
        self._reread = reread
        self._sessions = session_factory
        self.clock = clock or Clock()
        self.metrics = Metrics(CollectorRegistry())
        self.metrics.know_teams(config.roster.teams)
        opened = open_store(config.store, self.clock)
        self.store, self.token, self.receipt_secret = opened.store, opened.token, opened.receipt_secret
        self._page_secret = opened.page_secret
        try:
            self.ways = Ways(*self._build_outlets(config), clock=self.clock)
            self._gate = self._build_gate(config)
            self.pauses = Pauses(store=self.store, metrics=self.metrics, clock=self.clock,
                                 teams=lambda: self.config.roster.teams)  # fmt: skip
            self.pauses.refresh()
            self._build()
            self.calendars.prepare(config.roster)
            self.wsgi = self._build_web()
        except BaseException:
            self.store.close()
            raise

    def roster(self) -> Roster:
        """Who is paged and how, as of the last reload, and what is paused."""
        return self.pauses.over(self.config.roster)

    def rules(self) -> Rules:
        """How storms are gathered and how much anybody gets, as of the last reload."""
        storm, limits = self.config.storm, self.config.limits
        return Rules(after=storm.after, within=storm.within, per_hour=limits.per_person_per_hour,
                     reserve_credits=limits.reserve_credits)  # fmt: skip

    def _build_outlets(self, config: Config) -> tuple[Outlet, Outlet | None]:
        return outlets(config.ovh, session_factory=self._sessions, on_call=self.metrics.ovh_call)

    def _build_gate(self, config: Config) -> Gate:
        server = config.server
        signed = [HmacSecret(secret=each.secret, header=each.header, timestamp_header=each.timestamp_header,
                             require_timestamp=each.require_timestamp) for each in server.hmac]  # fmt: skip
        return Gate(bearer=server.bearer_tokens, basic=server.basic, hmac=signed, now=self.clock)

    def _build(self) -> None:
        ovh = self.config.ovh
        self.throttle = Throttle(max_in_flight=ovh.max_in_flight, max_per_second=ovh.max_per_second)
        parts = {"store": self.store, "roster": self.roster, "metrics": self.metrics, "clock": self.clock}
        leaving = {"ways": self.ways, "throttle": self.throttle, "wake": self.wake}
        self.balance = Balance(
            **parts, wake=self.wake, accounts=lambda: self.ways.accounts, works=self.ways.works,  # type: ignore[arg-type]
            low_credits=lambda: self.config.limits.low_credits, callback=self.callback,
        )  # fmt: skip
        self.sender = sender = Sender(**parts, **leaving, credits=self.balance.heard)  # type: ignore[arg-type]
        lookup = Lookup(**parts, **leaving)  # type: ignore[arg-type]
        self.dispatcher = Dispatcher(
            **parts, throttle=self.throttle, owner=secrets.token_hex(8), pool=self._pool, send=sender.step,  # type: ignore[arg-type]
            look_up=lookup.step, ways=self.ways, rules=self.rules, address=lambda: self.config.server.external_url,
        )  # fmt: skip
        self.prober = Prober(**parts, ways=self.ways, wake=self.wake)  # type: ignore[arg-type]
        self.heartbeats = Heartbeats(**parts, wake=self.wake)  # type: ignore[arg-type]
        self.escalator = Escalator(**parts, wake=self.wake, usable=lambda: self.ways.proven)  # type: ignore[arg-type]
        self.receipts = Receipts(
            **parts, ways=self.ways, throttle=self.throttle, pool=self._pool, wake=self.wake, again=self.heard,  # type: ignore[arg-type]
        )  # fmt: skip
        self.answering = Answering(**parts, wake=self.wake)  # type: ignore[arg-type]
        self.replies = Replies(
            **parts, **leaving, answering=self.answering, stopped=self.balance.renew,  # type: ignore[arg-type]
        )  # fmt: skip
        asking = {"listed": lambda: self.config.alertmanager, "session_factory": self._sessions}
        self.reconciler = Reconciler(**parts, wake=self.wake, **asking)  # type: ignore[arg-type]
        self.escalator.confirms = self.reconciler.confirms
        self.silencing = Silencing(**parts, **asking)  # type: ignore[arg-type]
        self.housekeeper = Housekeeper(
            store=self.store,
            metrics=self.metrics,
            clock=self.clock,
            retention=lambda: self.config.retention,
            wake=self.wake,
            look=self.pauses.refresh,
        )
        self.metrics.watch(self.housekeeper.oldest_seconds, lambda: self.ways.first.client.offset_seconds or 0.0)
        self.fallback = Fallback(
            **parts, post=self._post, launch=self._launch, wake=self._wake_fallback, usable=lambda: self.ways.usable,  # type: ignore[arg-type]
        )  # fmt: skip
        self._falling_back = Worker("fallback", self.fallback.step, pause=5.0, foreseen=StoreError)
        self._dispatching = Worker("dispatcher", self.dispatcher.step, pause=5.0, foreseen=StoreError)
        self._probing_ways = Worker("prober", self.prober.step, pause=1.0, foreseen=StoreError)
        self._receiving = Worker("receipt reader", self.receipts.step, pause=1.0, foreseen=StoreError)
        self._watching = Worker("heartbeats", self.heartbeats.step, pause=5.0, foreseen=StoreError)
        self._workers = [
            self._dispatching,
            self._receiving,
            Worker("escalator", self.escalate, pause=1.0, foreseen=StoreError),
            Worker("housekeeper", self.housekeeper.step, pause=10.0, foreseen=StoreError),
            self._watching,
            self._probing_ways,
            self._falling_back,
        ]
        self.readiness = Readiness(
            store=self.store, clock=self.clock, workers=self._workers, usable=lambda: self.ways.usable,
            receipts=lambda: self.receipts.working, oldest_seconds=self.housekeeper.oldest_seconds,
        )  # fmt: skip
        self.ping = Ping(url=lambda: self.config.ping_url, troubles=self.readiness.stuck)
        # They may hang for as long as what they ask does: no page waits for them.
        balancing = Worker("balance", self.balance.step, pause=10.0, foreseen=StoreError)
        self.balance.urgent = balancing.wake
        listening = Worker("reply reader", self.replies.step, pause=10.0, foreseen=StoreError)
        self._aside = [listening, Worker("ping", self.ping.step, pause=PING_SECONDS, foreseen=StoreError), balancing]
        self.calendars = Calendars(**parts)  # type: ignore[arg-type]
        self._aside.append(Worker("calendars", self.calendars.step, pause=CALENDAR_SECONDS, foreseen=StoreError))
        self._aside.append(Worker("reconciler", self.reconciler.step, pause=RECONCILE_SECONDS, foreseen=StoreError))
        self.ways.turned = self._turned
        self.prober.resume()

    def _build_web(self) -> Flask:
        webhook = Webhook(store=self.store, roster=self.roster, gate=lambda: self._gate, metrics=self.metrics,
                          clock=self.clock, wake=self.wake, stir=self._watching.wake)  # fmt: skip
        heartbeat = Heartbeat(store=self.store, roster=self.roster, gate=lambda: self._gate, clock=self.clock,
                              stir=self._watching.wake)  # fmt: skip
        receipt = Receipt(secret=self.receipt_secret, hint=self.receipts.hint)
        health = Health(registry=self.metrics.registry, troubles=self.readiness.troubles)
        confirming = Confirming(
            store=self.store, clock=self.clock, wake=self.wake, outlet=lambda: self.ways.first,
            address=lambda: self.config.server.external_url,
        )  # fmt: skip
        api = Api(store=self.store, roster=self.roster, token=self.token, clock=self.clock, reload=self.reload,
                  wake=self.wake, confirming=confirming)  # fmt: skip
        people = People(
            store=self.store, roster=self.roster, clock=self.clock, secret=self._page_secret, exposed=self._exposed,
            users=lambda: [User(name=name, password=password) for name, password in self.config.server.login],
            external_url=lambda: self.config.server.external_url, answering=self.answering,
            silence=lambda: self.silencing.silence if self.config.alertmanager else None,
            troubles=self.readiness.stuck,
        )  # fmt: skip
        return create_app(webhook=webhook, receipt=receipt, heartbeat=heartbeat, health=health, api=api,
                          incidents=Incidents(store=self.store),
                          on_call=OnCall(roster=self.roster, clock=self.clock),
                          answers=Answers(answering=self.answering, silencing=self.silencing), people=people,
                          pausing=Pausing(pauses=self.pauses, roster=self.roster, clock=self.clock),
                          exposed=self._exposed, public_metrics=self.config.server.public_metrics)  # fmt: skip

    def escalate(self) -> float | None:
        """Ring the timers; after a start only once it is known who answered meanwhile: they may have it."""
        return self.escalator.step() if self.replies.ready else None

    def wake(self) -> None:
        """There may be something to send, or to post."""
        self._dispatching.wake()
        self._falling_back.wake()

    def _wake_fallback(self) -> None:
        """A channel answered."""
        self._falling_back.wake()

    def _turned(self) -> None:
        """An account can be used again, or no more."""
        self._probing_ways.wake()
        self.wake()

    def heard(self) -> None:
        """There may be a receipt to read."""
        self._receiving.wake()

    def start(self, *, fallback: bool = False) -> None:
        """Run the workers and remember the configuration as one that works.

        `fallback`: the file has mistakes and this is the last good one: nothing new to remember, and no success.
        """
        now = self.clock()
        if not fallback:
            self.store.transact(lambda tx: facts.put(tx, "config", self.config.text, now))
        self.metrics.reload_ok.set(0 if fallback else 1)
        for worker in self._workers + self._aside:
            worker.start()

    def callback(self) -> str:
        """Where OVHcloud can call receipts back; "" where nobody reaches us."""
        url = self.config.server.external_url
        return callback_url(url, self.receipt_secret) if url else ""

    def reload(self) -> list[str]:
        """Read the configuration anew and take it over whole; returns its mistakes, with which nothing changes."""
        if not self._reread:
            return ["this alertsms runs without a file"]
        with self._reloading:
            return self._reload(self._reread)

    def _reload(self, reread: Callable[[], Config]) -> list[str]:
        try:
            config = reread()
        except ConfigError as error:
            self.metrics.reload_ok.set(0)
            for mistake in error.mistakes:
                event(log, logging.ERROR, "configuration not taken", mistake=str(mistake))
            return [str(mistake) for mistake in error.mistakes]
        if self._exposed and self._build_gate(config).open and not config.server.allow_unauthenticated:
            # The socket stays where it is until a restart: a file that is right for loopback would open the door.
            self.metrics.reload_ok.set(0)
            sentence = "server: this process still listens beyond loopback, keep a webhook secret until it is restarted"
            event(log, logging.ERROR, "configuration not taken", mistake=sentence)
            return [sentence]
        self._take_over(config)
        return []

    def _take_over(self, config: Config) -> None:
        self.calendars.prepare(config.roster)
        outlets, gate = self._build_outlets(config), self._build_gate(config)
        now = self.clock()
        self.config, self._gate = config, gate
        for outlet in self.ways.replace(*outlets):
            outlet.client.close()
        self.balance.renew()
        places = min(config.ovh.max_in_flight, self._places)
        self.throttle.limit(max_in_flight=places, max_per_second=config.ovh.max_per_second)
        self.metrics.know_teams(config.roster.teams)
        self.metrics.reload_ok.set(1)
        try:
            self.store.transact(lambda tx: facts.put(tx, "config", config.text, now))
        except StoreError as error:
            event(log, logging.ERROR, "the configuration could not be kept for the next start", why=str(error))
        event(log, logging.INFO, "configuration taken over")
        for what, changed in {
            "server.listen": (config.server.host, config.server.port) != self._listens,
            "store": config.store != self.store.url,
            "ovh.max_in_flight": config.ovh.max_in_flight > places,
        }.items():
            if changed:
                event(log, logging.WARNING, "this change waits for a restart", key=what)
        self.wake()

    def stop(self) -> None:
        """Claim nothing more, let what is under way end for eight seconds, and close the store.

        What is cut off is `sending` in the store: the next start asks OVH about it.
        """
        self.readiness.stopping = True
        until = time.monotonic() + DRAIN_SECONDS
        for worker in self._aside:
            worker.stop(0.1)
        for worker in self._workers:
            worker.stop(max(until - time.monotonic(), 0.1))
        while self.throttle.flying and time.monotonic() < until:
            time.sleep(0.02)
        if self.throttle.flying:
            event(log, logging.WARNING, "stopped with messages under way", messages=self.throttle.flying)
        self.fallback.drain(max(until - time.monotonic(), 0.1))
        self._pool.shutdown(wait=False, cancel_futures=True)
        self.store.close()
        for outlet in self.ways.accounts.values():
            outlet.client.close()


def loopback(host: str) -> bool:
    """Whether only this machine reaches this address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
