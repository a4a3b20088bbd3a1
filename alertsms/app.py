"""One running alertsms: its parts and its web from start to stop, and another configuration meanwhile."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Literal

from flask import Flask
from prometheus_client import CollectorRegistry

from alertsms.config import UNGUARDED, Config, ConfigError
from alertsms.context import Clock, Configuration, Context, Outside, Wakeups
from alertsms.core.messages.trouble import Hindrance
from alertsms.logs import event
from alertsms.machine.key import Key
from alertsms.machine.keyring import for_run
from alertsms.machine.state import TOLD, Stamp, folder, home, keep_good
from alertsms.metrics import Metrics
from alertsms.oncall.config_sequence import ConfigSequence
from alertsms.replicas import Replicas, boot_seconds
from alertsms.store.engine import Store
from alertsms.store.error import StoreError
from alertsms.store.opening import Opened, open_store
from alertsms.web import Views, create_app
from alertsms.web.admission import Doorkeeper
from alertsms.web.api.admin import AdminView, ApiTokens
from alertsms.web.api.incidents import IncidentApi
from alertsms.web.auth import CLOSED, Gate
from alertsms.web.guard import Guard, Reach, loopback
from alertsms.web.health import Health
from alertsms.web.heartbeat import HeartbeatView
from alertsms.web.receipt import ReceiptCallback
from alertsms.web.refusals import Refusals
from alertsms.web.site.incident_view import IncidentButtons
from alertsms.web.site.site import Site
from alertsms.web.webhook import Webhook
from alertsms.wiring import Delivery, Keys, OnCall, Watch
from alertsms.worker import IntakeWatch, Places

log = logging.getLogger("alertsms")

DRAIN_SECONDS = 7.0  # supervisors kill ten seconds after they asked; open answers get one more


class App:
    """One running alertsms."""

    def __init__(
        self,
        config: Config,
        *,
        reread: Callable[[], Config] | None = None,
        clock: Clock | None = None,
        outside: Outside | None = None,
        stamp: Stamp | None = None,
        places: Places | None = None,
        only: Literal["", "web", "worker"] = "",
    ) -> None:
        """Open the store and build every part; nothing runs yet.

        `reread` reads the configuration anew for a reload; `stamp` knows what channels were told before the store could
        be used, `places` whether the listener has any left; `only` whether this replica takes alerts in and sends, or
        does one of both. Raises StoreError where the store cannot be used, or is a file and `only` is given.
        """
        self._reloading = threading.Lock()
        self._bound = config  # what its socket, store and key are by until a restart
        self._exposed = not loopback(config.server.host)
        self._reread, self._only = reread, only
        self.intake, self.places = IntakeWatch(), places or Places()
        # Replicas on PostgreSQL go by its clock, a file's one process by its machine's.
        clock = clock or (Clock() if config.store.startswith("sqlite") else Clock(monotonic=boot_seconds))
        key = for_run(config.server.key_file, config.store, config.file)
        if only and config.store.startswith("sqlite"):
            raise StoreError(f"--only {only}: an SQLite store is for one process, which does everything")
        opened = open_store(config.store, clock.agree, config.roster)
        try:
            self._build(config, opened, key, clock, outside or Outside(), stamp)
        except BaseException:
            opened.store.close()
            raise

    def _build(
        self, config: Config, opened: Opened, key: Key, clock: Clock, outside: Outside, stamp: Stamp | None
    ) -> None:
        in_force, metrics = Configuration(config), Metrics(CollectorRegistry())
        metrics.know_teams(config.roster.teams)
        self.context = context = Context(
            store=opened.store,
            config=in_force,
            roster=in_force.roster,
            metrics=metrics,
            clock=clock,
            replicas=Replicas(store=opened.store, clock=clock, web=self._only != "worker", worker=self._only != "web"),
        )
        self.wakeups = Wakeups(say=None if context.replicas.alone else context.replicas.wake.say)
        self.wakeups.follow(context.replicas.wake)
        self.keys = keys = Keys(key, context)
        self.delivery = delivery = Delivery(context, opened=opened, keys=keys, outside=outside, wakeups=self.wakeups)
        self.oncall = OnCall(context, delivery=delivery, outside=outside, wakeups=self.wakeups)
        self.sequence = ConfigSequence(context=context, follow=self._follow)
        self.watch = Watch(
            context,
            sequence=self.sequence,
            keys=keys,
            delivery=delivery,
            oncall=self.oncall,
            outside=outside,
            stamp=stamp or Stamp(folder(config.store, config.file) / TOLD),
            wakeups=self.wakeups,
            doors={"intake": self.intake.troubles, "the listener": self.places.troubles},
        )
        delivery.account_monitor.resume()
        self.oncall.calendars.prepare(config.roster)
        self.wsgi = self._build_web()

    @property
    def config(self) -> Config:
        """The configuration in force."""
        return self.context.config.current

    @property
    def store(self) -> Store:
        """What it wrote down."""
        return self.context.store

    def _build_reach(self, config: Config) -> Reach:
        server, now = config.server, self.context.clock
        gate = Gate(bearer=server.bearer_tokens, basic=server.basic, hmac=server.hmac, now=now)
        return reach(config, listens_beyond=self._exposed, gate=gate)

    def _build_web(self) -> Flask:
        context, keys, oncall, readiness = self.context, self.keys, self.oncall, self.watch.readiness
        wake, wake_heartbeats = self.wakeups.written, self.wakeups.heard
        self.tokens = ApiTokens(store=context.store, own=keys.token, clock=context.clock)
        guard = self._guard = Guard(reach=self._build_reach(self.config), grant=self.tokens.grant)
        self.judge = Doorkeeper(guard=guard, remembers=self.tokens.remembers)
        refusals = Refusals(context=context, wake=wake, guard=guard)
        health = Health(
            registry=context.metrics.registry,
            troubles=readiness.troubles,
            sick=readiness.sick,
            guard=guard,
            home=home(self.config.store, self.config.file),
        )
        site = Site(
            context=context,
            guard=guard,
            secret=keys.pages,
            buttons=IncidentButtons(
                context=context, acknowledgements=oncall.acknowledgements, silences=oncall.silences
            ),
            troubles=readiness.troubles,
        )
        self.watch.shares.append(site.share)
        views = Views(
            webhook=Webhook(
                context=context, wake=wake, wake_heartbeats=wake_heartbeats, refusals=refusals, guard=guard
            ),
            receipt=ReceiptCallback(accepts=keys.keyring.accepts, called_back=self.delivery.receipts.called_back),
            heartbeat=HeartbeatView(context=context, wake_heartbeats=wake_heartbeats, refusals=refusals, guard=guard),
            health=health,
            admin=AdminView(
                context=context,
                tokens=self.tokens,
                reload=self.reload,
                wake=wake,
                phone_check=oncall.phone_check,
                pauses=oncall.pauses,
            ),
            incidents=IncidentApi(context=context, acknowledgements=oncall.acknowledgements, silences=oncall.silences),
            site=site,
        )
        return create_app(views, guard=guard, intake=self.intake, takes_in=context.replicas.web)

    def start(self, *, fallback: bool = False) -> None:
        """Run the workers and remember the configuration as one that works.

        `fallback`: the file has mistakes and this is the last good one, which is no success.
        """
        kept = keep_good(self.config.store, self.config.file, self.config.text)
        self.keys.keyring.retire(config=kept or not fallback)
        self.oncall.phone_check.note_sender()
        self.context.metrics.reload_ok.set(0 if fallback else 1)
        self.context.replicas.step()
        if fallback:
            self.context.config.refused = "the configuration has mistakes: started with the last good one"
        self.sequence.begin(usual=not fallback)
        for worker in self.watch.workers:
            worker.start()

    def reload(self) -> list[str]:
        """Read the configuration anew and take it over whole; returns its mistakes, with which nothing changes."""
        if not self._reread:
            return ["this alertsms runs without a file"]
        with self._reloading:
            before = self.config.fingerprint
            mistakes = self._reload(self._reread)
            if not mistakes:
                self.sequence.taken_over(before)
            return mistakes

    def _follow(self, wanted: str) -> bool:
        """Take the file over where it is what another replica runs by, by its hash; returns whether it was."""
        if not self._reread or not self._reloading.acquire(blocking=False):  # one that is under way says more
            return False
        try:
            return not self._reload(self._reread, wanted) and self.config.fingerprint == wanted
        finally:
            self._reloading.release()

    def _reload(self, reread: Callable[[], Config], wanted: str = "") -> list[str]:
        try:
            config = reread()
        except ConfigError as error:
            wrong = sum(not mistake.warning for mistake in error.mistakes)
            self._not_taken(f"{wrong} mistakes" if wrong > 1 else "a mistake")
            for mistake in error.mistakes:
                level = logging.WARNING if mistake.warning else logging.ERROR
                event(log, level, "configuration not taken", mistake=str(mistake))
            return [str(mistake) for mistake in error.mistakes]
        if wanted and config.fingerprint != wanted:  # nobody said that it is to be in force
            return []
        if self._exposed and self._build_reach(config).gate.open and not config.server.allow_unauthenticated:
            # The socket stays where it is until a restart: a file that is right for loopback would open the door.
            keep = "this process still listens beyond loopback, keep a webhook secret until it is restarted"
            return self._refuse("it would open the door", keep)
        if config.server.unguarded and not self.config.server.unguarded:
            # One that started with such a file is to take in whatever else changes.
            keep = f"{UNGUARDED}: keep server.bearer_token, or write server.allow_unauthenticated: true"
            return self._refuse("it would shut the senders out", keep)
        self._take_over(config)
        return []

    def _refuse(self, why: str, keep: str) -> list[str]:
        self._not_taken(why)
        event(log, logging.ERROR, "configuration not taken", mistake=f"server: {keep}")
        return [f"server: {keep}"]

    def _not_taken(self, why: str) -> None:
        self.context.metrics.reload_ok.set(0)
        self.context.config.refused = f"the last reload was refused ({why}): the configuration before it is in force"

    def _take_over(self, config: Config) -> None:
        self.oncall.calendars.prepare(config.roster)
        accounts, reach = self.delivery.sms_accounts(config), self._build_reach(config)
        self.context.config.current, self._guard.reach = config, reach
        fits = self.delivery.take_over(config, accounts)
        self.oncall.phone_check.note_sender()
        self.context.metrics.know_teams(config.roster.teams)
        self.context.metrics.reload_ok.set(1)
        self.context.config.refused = ""
        keep_good(config.store, config.file, config.text)
        event(log, logging.INFO, "configuration taken over")
        bound = self._bound
        for what, changed in {
            "server.listen": (config.server.host, config.server.port) != (bound.server.host, bound.server.port),
            "store": config.store != bound.store,
            "server.key_file": config.server.key_file != bound.server.key_file,
            "ovh.max_in_flight": not fits,
        }.items():
            if changed:
                event(log, logging.WARNING, "this change waits for a restart", key=what)
        self.wakeups.notify()

    def stop(self) -> None:
        """Claim nothing more, let what is under way end for eight seconds, and close the store.

        What is cut off is `sending` in the store: the next start asks OVH about it.
        """
        self.watch.readiness.stopping = True
        self.watch.inspector.stop()
        until = time.monotonic() + DRAIN_SECONDS
        for worker in self.watch.workers:
            worker.stop(0.1 if worker.hinders is Hindrance.OUTSIDE else max(until - time.monotonic(), 0.1))
        self.delivery.drain(until)
        with suppress(StoreError):  # then the others notice within ten seconds
            self.context.replicas.stop()
        self.store.close()
        self.delivery.close()


def reach(config: Config, *, listens_beyond: bool, gate: Gate = CLOSED) -> Reach:
    """Who can reach a process that listens there, as its configuration says."""
    server = config.server
    return Reach(
        public=listens_beyond or server.external,
        external_url=server.external_url,
        public_metrics=server.public_metrics,
        allow_unauthenticated=server.allow_unauthenticated,
        gate=gate,
        trusted=server.trusted_proxies,
    )
