"""One running alertsms: its parts and its web from start to stop, and another configuration meanwhile."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from typing import TYPE_CHECKING

import requests

from alertsms import apprise_channels
from alertsms.apprise_channels import in_a_thread
from alertsms.clock import Clock
from alertsms.config import UNGUARDED, Config, ConfigError
from alertsms.core.messages.channel import Channel
from alertsms.core.messages.trouble import Hindrance
from alertsms.logs import event
from alertsms.machine.key import Purpose
from alertsms.machine.state import Stamp, home, keep_good
from alertsms.oncall.phone_check import PhoneCheck
from alertsms.ovh.wire import WireSession
from alertsms.web import Views, create_app
from alertsms.web.admission import Doorkeeper
from alertsms.web.api.actions import IncidentActions
from alertsms.web.api.admin import Api
from alertsms.web.api.oncall import OnCallView
from alertsms.web.api.pauses import PauseView
from alertsms.web.api.read import Incidents
from alertsms.web.api.tokens import ApiTokens
from alertsms.web.auth import Gate, HmacSecret
from alertsms.web.guard import Guard, Reach, loopback
from alertsms.web.health import Health
from alertsms.web.heartbeat import HeartbeatView
from alertsms.web.receipt import ReceiptCallback
from alertsms.web.refusals import Refusals
from alertsms.web.site.buttons import IncidentButtons
from alertsms.web.site.login import User
from alertsms.web.site.site import Site
from alertsms.web.webhook import Webhook
from alertsms.wiring import Parts
from alertsms.worker import Places

if TYPE_CHECKING:
    from flask import Flask

log = logging.getLogger("alertsms")

DRAIN_SECONDS = 7.0  # supervisors kill ten seconds after they asked; open answers get one more


class App(Parts):
    """One running alertsms."""

    def __init__(
        self,
        config: Config,
        *,
        reread: Callable[[], Config] | None = None,
        clock: Clock | None = None,
        session_factory: Callable[[], requests.Session] = WireSession,
        pool: Executor | None = None,
        post: Callable[[Channel, str, str], None] = apprise_channels.post,
        launch: Callable[[Callable[[], None]], None] = in_a_thread,
        stamp: Stamp | None = None,
        places: Places | None = None,
    ) -> None:
        """Open the store and build every part; nothing runs yet.

        `reread` reads the configuration anew for a reload; `pool` is what calls to OVH run in; `post` posts to
        a channel other than SMS, where `launch` runs it; `stamp` knows what channels were told before the store could
        be used, `places` whether the listener has any left. Raises StoreError where the store cannot be used.
        """
        self._reloading = threading.Lock()
        self._listens = config.server.host, config.server.port
        self._key_file = config.server.key_file
        self._exposed = not loopback(config.server.host)
        self._reread = reread
        super().__init__(
            config,
            clock=clock or Clock(),
            session_factory=session_factory,
            pool=pool,
            post=post,
            launch=launch,
            stamp=stamp,
            places=places,
        )
        try:
            self.wsgi = self._build_web()
        except BaseException:
            self.store.close()
            raise

    def _build_reach(self, config: Config) -> Reach:
        return replace(reach(config, listens_beyond=self._exposed), gate=self._build_gate(config))

    def _build_gate(self, config: Config) -> Gate:
        server = config.server
        signed = [
            HmacSecret(
                secret=each.secret,
                header=each.header,
                timestamp_header=each.timestamp_header,
                require_timestamp=each.require_timestamp,
            )
            for each in server.hmac
        ]
        return Gate(bearer=server.bearer_tokens, basic=server.basic, hmac=signed, now=self.clock)

    def _build_web(self) -> Flask:
        self.tokens = ApiTokens(store=self.store, own=self.token, clock=self.clock)
        guard = self._guard = Guard(reach=self._build_reach(self.config), grant=self.tokens.grant)
        self.judge = Doorkeeper(guard=guard, remembers=self.tokens.remembers)
        refusals = Refusals(context=self.context, wake=self.wake, guard=guard)
        stir = self._watching.wake
        health = Health(
            registry=self.metrics.registry,
            troubles=self.readiness.troubles,
            sick=self.readiness.sick,
            guard=guard,
            home=home(self.config.store, self.config.file),
        )
        self.confirming = confirming = PhoneCheck(
            store=self.store,
            clock=self.clock,
            wake=self.wake,
            outlet=lambda: self.ways.first,
            address=lambda: self.config.server.external_url,
        )
        buttons = IncidentButtons(
            answering=self.answering, silence=lambda: self.silencing.silence if self.config.alertmanager else None
        )
        site = Site(
            context=self.context,
            guard=guard,
            secret=self.key.derive(Purpose.PAGES),
            users=lambda: [User(name=name, password=password) for name, password in self.config.server.login],
            buttons=buttons,
            troubles=self.readiness.troubles,
        )
        views = Views(
            webhook=Webhook(context=self.context, wake=self.wake, stir=stir, refusals=refusals, guard=guard),
            receipt=ReceiptCallback(accepts=self.keyring.accepts, hint=self.receipts.hint),
            heartbeat=HeartbeatView(context=self.context, stir=stir, refusals=refusals, guard=guard),
            health=health,
            api=Api(
                context=self.context, tokens=self.tokens, reload=self.reload, wake=self.wake, confirming=confirming
            ),
            incidents=Incidents(store=self.store),
            on_call=OnCallView(roster=self.roster, clock=self.clock),
            pauses=PauseView(pauses=self.pauses, roster=self.roster, clock=self.clock),
            actions=IncidentActions(answering=self.answering, silencing=self.silencing),
            site=site,
        )
        return create_app(views, guard=guard, intake=self.intake)

    def start(self, *, fallback: bool = False) -> None:
        """Run the workers and remember the configuration as one that works.

        `fallback`: the file has mistakes and this is the last good one, which is no success.
        """
        kept = keep_good(self.config.store, self.config.file, self.config.text)
        self.keyring.retire(config=kept or not fallback)
        self.confirming.note()
        self.metrics.reload_ok.set(0 if fallback else 1)
        self.refused = "the configuration has mistakes: started with the last good one" if fallback else ""
        for worker in self._workers:
            worker.start()

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
            wrong = sum(not mistake.warning for mistake in error.mistakes)
            self._not_taken(f"{wrong} mistakes" if wrong > 1 else "a mistake")
            for mistake in error.mistakes:
                level = logging.WARNING if mistake.warning else logging.ERROR
                event(log, level, "configuration not taken", mistake=str(mistake))
            return [str(mistake) for mistake in error.mistakes]
        if self._exposed and self._build_gate(config).open and not config.server.allow_unauthenticated:
            # The socket stays where it is until a restart: a file that is right for loopback would open the door.
            self._not_taken("it would open the door")
            return self._refuse(
                "this process still listens beyond loopback, keep a webhook secret until it is restarted"
            )
        if config.server.unguarded and not self.config.server.unguarded:
            # One that started with such a file is to take in whatever else changes.
            self._not_taken("it would shut the senders out")
            return self._refuse(f"{UNGUARDED}: keep server.bearer_token, or write server.allow_unauthenticated: true")
        self._take_over(config)
        return []

    @staticmethod
    def _refuse(why: str) -> list[str]:
        sentence = f"server: {why}"
        event(log, logging.ERROR, "configuration not taken", mistake=sentence)
        return [sentence]

    def _not_taken(self, why: str) -> None:
        self.metrics.reload_ok.set(0)
        self.refused = f"the last reload was refused ({why}): the configuration before it is in force"

    def _take_over(self, config: Config) -> None:
        self.calendars.prepare(config.roster)
        outlets = self._build_outlets(config)
        self._guard.reach = self._build_reach(config)
        self.config = config
        for outlet in self.ways.replace(*outlets):
            outlet.client.close()
        self.balance.renew()
        self.confirming.note()
        places = min(config.ovh.max_in_flight, self._places)
        self.throttle.limit(max_in_flight=places, max_per_second=config.ovh.max_per_second)
        self.metrics.know_teams(config.roster.teams)
        self.metrics.reload_ok.set(1)
        self.refused = ""
        keep_good(config.store, config.file, config.text)
        event(log, logging.INFO, "configuration taken over")
        for what, changed in {
            "server.listen": (config.server.host, config.server.port) != self._listens,
            "store": config.store != self.store.url,
            "server.key_file": config.server.key_file != self._key_file,
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
        self.inspector.stop()
        until = time.monotonic() + DRAIN_SECONDS
        for worker in self._workers:
            aside = worker.hinders is Hindrance.OUTSIDE
            worker.stop(0.1 if aside else max(until - time.monotonic(), 0.1))
        while self.throttle.flying and time.monotonic() < until:
            time.sleep(0.02)
        if self.throttle.flying:
            event(log, logging.WARNING, "stopped with messages under way", messages=self.throttle.flying)
        self.fallback.drain(max(until - time.monotonic(), 0.1))
        self._pool.shutdown(wait=False, cancel_futures=True)
        self.store.close()
        for outlet in self.ways.accounts.values():
            outlet.client.close()


def reach(config: Config, *, listens_beyond: bool) -> Reach:
    """Who can reach a process that listens there, as its configuration says."""
    server = config.server
    return Reach(
        listens_beyond=listens_beyond,
        external_url=server.external_url,
        external=server.external,
        public_metrics=server.public_metrics,
        allow_unauthenticated=server.allow_unauthenticated,
        trusted=server.trusted_proxies,
    )
