"""What a running alertsms is made of: each part with what it works by, and the threads that drive them."""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import timedelta

import requests
from prometheus_client import CollectorRegistry

from alertsms.clock import Clock
from alertsms.config import UNGUARDED, AccountConfig, Config, Ovh
from alertsms.context import Context
from alertsms.core.messages.channel import Channel
from alertsms.core.messages.digest_plan import DigestRules
from alertsms.core.messages.trouble import Hindrance, Source, Trouble
from alertsms.core.routing.roster import Roster
from alertsms.core.text.answered import Mode
from alertsms.delivery.account_monitor import AccountMonitor
from alertsms.delivery.accounts import Accounts
from alertsms.delivery.alarm import ALARM_SECONDS, TroubleNotifier
from alertsms.delivery.channels import ChannelNotifier
from alertsms.delivery.comparison import Comparison
from alertsms.delivery.credit_monitor import CreditMonitor
from alertsms.delivery.dispatcher import Dispatcher
from alertsms.delivery.lookup import Lookup
from alertsms.delivery.ping import PING_SECONDS, Ping
from alertsms.delivery.rate_limiter import RateLimiter
from alertsms.delivery.receipts import Receipts
from alertsms.delivery.sender import Sender
from alertsms.housekeeper import Housekeeper
from alertsms.machine.key import Purpose
from alertsms.machine.keyring import Keyring, for_run
from alertsms.machine.state import TOLD, Stamp, folder
from alertsms.metrics import Metrics
from alertsms.oncall.acknowledge import Acknowledgements
from alertsms.oncall.calendars import CALENDAR_SECONDS, Calendars
from alertsms.oncall.escalator import Escalator
from alertsms.oncall.heartbeats import Heartbeats
from alertsms.oncall.pauses import Pauses
from alertsms.oncall.reconciler import RECONCILE_SECONDS, Reconciler
from alertsms.oncall.replies import Replies
from alertsms.oncall.silences import Silences
from alertsms.ovh.client import Client, ClientClocks
from alertsms.ovh.sms import SmsApi
from alertsms.ovh.sms_account import SmsAccount
from alertsms.ovh.wire import WireSession
from alertsms.readiness import Overdue, Patiently, Readiness
from alertsms.store.engine import StoreError
from alertsms.store.inspector import LONGEST_SECONDS, Inspector
from alertsms.store.opening import open_store
from alertsms.web.receipt import callback_url
from alertsms.worker import FAILING_SECONDS, IntakeWatch, Places, Worker

ASIDE_SECONDS = 300.0  # a round of questions to somebody who hangs takes minutes


class Parts:
    """Everything behind the web, built and not yet running."""

    def __init__(
        self,
        config: Config,
        *,
        clock: Clock,
        session_factory: Callable[[], requests.Session],
        pool: Executor | None,
        post: Callable[[Channel, str, str], None],
        launch: Callable[[Callable[[], None]], None],
        stamp: Stamp | None = None,
        places: Places | None = None,
    ) -> None:
        """Open the store and build every part. Raises StoreError where the store cannot be used."""
        self._places = config.ovh.max_in_flight
        self._pool = pool or ThreadPoolExecutor(max_workers=self._places, thread_name_prefix="sender")
        self._post, self._launch = post, launch
        self._stamp = stamp or Stamp(folder(config.store, config.file) / TOLD)
        self._sessions = session_factory
        self._workers: list[Worker] = []
        self.intake, self.places = IntakeWatch(), places or Places()
        self.refused = ""  # why the file's own configuration is not in force
        self.config = config
        self.clock = clock
        self.metrics = Metrics(CollectorRegistry())
        self.metrics.know_teams(config.roster.teams)
        self.key = for_run(config.server.key_file, config.store, config.file)
        self._opened = open_store(config.store, self.clock)
        self.store = self._opened.store
        try:
            self.keyring = Keyring(store=self.store, clock=self.clock, key=self.key)
            self._build()
        except BaseException:
            self.store.close()
            raise

    def roster(self) -> Roster:
        """Who is paged and how, as of the last reload, and what is paused."""
        return self.pauses.over(self.config.roster)

    def rules(self) -> DigestRules:
        """How storms are gathered and how much anybody gets, as of the last reload."""
        storm, limits = self.config.storm, self.config.limits
        return DigestRules(
            after=storm.after,
            within=storm.within,
            per_hour=limits.per_person_per_hour,
            reserve_credits=limits.reserve_credits,
        )

    def _build_accounts(self, config: Config) -> tuple[SmsAccount, SmsAccount | None]:
        calls = self.metrics.ovh_call
        return sms_accounts(config.ovh, session_factory=self._sessions, on_call=calls, ticks=self.clock.ticks)

    def _build(self) -> None:
        self.accounts = Accounts(
            *self._build_accounts(self.config), clock=self.clock, on_change=self._wake_account_monitor
        )
        self.rate_limiter = RateLimiter(
            max_in_flight=self.config.ovh.max_in_flight, max_per_second=self.config.ovh.max_per_second
        )
        self.pauses = Pauses(
            store=self.store, metrics=self.metrics, clock=self.clock, teams=lambda: self.config.roster.teams
        )
        self.pauses.refresh()
        self.context = Context(store=self.store, roster=self.roster, metrics=self.metrics, clock=self.clock)
        self._build_sending()
        self._build_timers()
        self._build_answers()
        self._build_workers()
        self.account_monitor.resume()
        self.calendars.prepare(self.config.roster)

    def _build_sending(self) -> None:
        """What brings pages out of the house, and follows them."""
        self.credit_monitor = CreditMonitor(
            context=self.context,
            accounts=self.accounts,
            wake=self.wake,
            urgent=self._wake_watch,
            low_credits=lambda: self.config.limits.low_credits,
        )
        self.account_monitor = AccountMonitor(
            context=self.context,
            accounts=self.accounts,
            credit_monitor=self.credit_monitor,
            wake=self.wake,
            callback=self.callback,
            outdated=lambda url: self.keyring.outdated(url.rpartition("/")[2]),
        )
        self.sender = Sender(
            context=self.context,
            ways=self.accounts,
            throttle=self.rate_limiter,
            wake=self.wake,
            credits=self.credit_monitor.spent,
        )
        self.lookup = Lookup(
            context=self.context, accounts=self.accounts, rate_limiter=self.rate_limiter, wake=self.wake
        )
        self.comparison = Comparison(
            context=self.context,
            ways=self.accounts,
            wake=self.wake,
            installation=self._opened.installation,
            since=self._opened.since,
            restored=self._opened.restored,
            retention=lambda: self.config.retention,
        )
        self.dispatcher = Dispatcher(
            context=self.context,
            installation=self._opened.installation,
            free=self.comparison.free,
            throttle=self.rate_limiter,
            owner=secrets.token_hex(8),
            pool=self._pool,
            send=self.sender.step,
            look_up=self.lookup.step,
            ways=self.accounts,
            rules=self.rules,
            address=lambda: self.config.server.external_url,
        )
        self.receipts = Receipts(
            context=self.context,
            accounts=self.accounts,
            rate_limiter=self.rate_limiter,
            wake=self.wake,
            pool=self._pool,
            again=self._wake_receipts,
        )
        self.fallback = ChannelNotifier(
            context=self.context,
            post=self._post,
            launch=self._launch,
            wake=self._wake_fallback,
            usable=lambda: self.accounts.usable,
            address=lambda: self.config.server.external_url,
        )

    def _build_timers(self) -> None:
        """What acts because time passes."""
        self.heartbeats = Heartbeats(context=self.context, wake=self.wake)
        self.escalator = Escalator(context=self.context, wake=self.wake, usable=lambda: self.accounts.proven)
        self.housekeeper = Housekeeper(
            store=self.store,
            metrics=self.metrics,
            clock=self.clock,
            retention=lambda: self.config.retention,
            wake=self.wake,
            look=self._look,
        )
        self._ask_oldest = Patiently(self.housekeeper.oldest_seconds)
        self.inspector = Inspector(store=self.store)
        self.calendars = Calendars(context=self.context)

    def _build_answers(self) -> None:
        """What hears from people, and from Alertmanagers."""
        self.answering = Acknowledgements(context=self.context, wake=self.wake)
        self.replies = Replies(
            context=self.context,
            ways=self.accounts,
            throttle=self.rate_limiter,
            wake=self.wake,
            answering=self.answering,
            stopped=self.credit_monitor.renew,
            numbered=lambda: self.config.ovh.replies is Mode.NUMBERED,
        )
        self.reconciler = Reconciler(
            context=self.context,
            listed=lambda: self.config.alertmanager,
            session_factory=self._sessions,
            wake=self.wake,
        )
        self.escalator.confirms = self.reconciler.confirms
        self.silencing = Silences(
            context=self.context, listed=lambda: self.config.alertmanager, session_factory=self._sessions
        )

    def _build_workers(self) -> None:
        self.ping = Ping(url=lambda: self.config.ping_url, troubles=self.troubles)
        self.readiness = Readiness(
            store=self.store,
            clock=self.clock,
            workers=self._workers,
            sources=self._sources(),
            usable=lambda: self.accounts.usable,
            idle_seconds=self._idle_seconds,
            oldest_seconds=self.housekeeper.oldest_seconds,
        )
        self.metrics.watch(
            self._oldest_seconds, lambda: self.accounts.first.client.offset_seconds or 0.0, self.readiness.count
        )
        self.alarm = TroubleNotifier(
            troubles=self.troubles,
            roster=lambda: self.config.roster,
            stamp=self._stamp,
            post=self._post,
            launch=self._launch,
        )
        probing = (
            2 * self.accounts.longest.total_seconds() + FAILING_SECONDS
        )  # each of two accounts, one after the other
        self._dispatching = self._work("dispatcher", self.dispatcher.step, pause=5.0)
        self._falling_back = self._work("fallback", self.fallback.step, pause=5.0)
        self._probing = self._work("prober", self.account_monitor.step, pause=1.0, patience=probing)
        self._receiving = self._work("receipt reader", self.receipts.step, pause=1.0)
        self._watching = self._work("heartbeats", self.heartbeats.step, pause=5.0)
        self._work("escalator", self.escalate, pause=1.0)
        self._work("housekeeper", self.housekeeper.step, pause=10.0)
        self._work("comparison", self.comparison.step, pause=10.0, patience=ASIDE_SECONDS)
        # These may hang for as long as what they ask does: no page waits for them.
        self._aside("reply reader", self.replies.step, pause=10.0)
        self._watching_accounts = self._aside("balance", self.account_monitor.watch, pause=10.0)
        self._aside("calendars", self.calendars.step, pause=CALENDAR_SECONDS)
        self._aside("reconciler", self.reconciler.step, pause=RECONCILE_SECONDS)
        self._work("inspector", self.inspector.step, pause=60.0, patience=LONGEST_SECONDS, hinders=Hindrance.OUTSIDE)
        self._aside("alarm", self.alarm.step, pause=ALARM_SECONDS)
        self._aside("ping", self.ping.step, pause=PING_SECONDS)

    def _work(
        self,
        name: str,
        step: Callable[[], float | None],
        *,
        pause: float,
        patience: float = FAILING_SECONDS,
        hinders: Hindrance = Hindrance.SENDING,
    ) -> Worker:
        """A thread, which by this stands in the list of troubles whenever it does not do its work."""
        worker = Worker(name, step, pause=pause, patience=patience, foreseen=StoreError, hinders=hinders)
        self._workers.append(worker)
        return worker

    def _aside(self, name: str, step: Callable[[], float | None], *, pause: float) -> Worker:
        """A thread that asks others, and without which pages leave."""
        return self._work(name, step, pause=pause, patience=ASIDE_SECONDS, hinders=Hindrance.OUTSIDE)

    def _sources(self) -> dict[str, Source]:
        """Who knows of troubles beside those of threads and store."""
        return {
            "intake": self.intake.troubles,
            "the listener": self.places.troubles,
            "the sender": self.sender.troubles,
            "the look-up": self.lookup.troubles,
            "the pool": self.dispatcher.troubles,
            "the taking in of receipts": self.receipts.troubles,
            "the accounts": self.account_monitor.troubles,
            "the watch over accounts": self.account_monitor.silent,
            "the watch over credits": self.credit_monitor.troubles,
            "the comparison": self.comparison.troubles,
            "the reading of replies": self.replies.troubles,
            "the channels": self.fallback.troubles,
            "the calendars": self.calendars.troubles,
            "the reconciler": self.reconciler.troubles,
            "the ping": self.ping.troubles,
            "the configuration": self._of_configuration,
            "the key": self.keyring.troubles,
            "the door": self._of_door,
        }

    def troubles(self) -> list[Trouble]:
        """All that is wrong now."""
        return self.readiness.troubles()

    def _of_configuration(self) -> Iterator[Trouble]:
        """The file has mistakes, so that an older one is in force."""
        if self.refused:
            yield Trouble(
                key="configuration",
                hinders=Hindrance.OUTSIDE,
                says=self.refused,
                settles=timedelta(minutes=5),
                fix="`alertsms check FILE` names every mistake; mend them and reload",
            )

    def _of_door(self) -> Iterator[Trouble]:
        """Others are meant to reach it, and cannot post: who upgraded is to hear that at once."""
        if self.config.server.unguarded:
            yield Trouble(
                key="door",
                hinders=Hindrance.OUTSIDE,
                settles=timedelta(),
                says=f"{UNGUARDED}: what comes from outside, or by a proxy, is answered 401 and pages nobody",
                fix="set server.bearer_token, give it to the senders and reload; or server.allow_unauthenticated: true",
            )

    def _oldest_seconds(self) -> float:
        """For a scrape, which a store that hangs shall not keep waiting."""
        try:
            return self._ask_oldest()
        except Overdue:
            return math.nan

    def _idle_seconds(self) -> float:
        """For how long nothing was handed to the senders, beyond what one of them may take."""
        idle = time.monotonic() - self.dispatcher.handed_at
        return idle - 2 * self.accounts.longest.total_seconds() if self.rate_limiter.in_flight else idle

    def escalate(self) -> float | None:
        """Ring the timers; after a start only once it is known who answered meanwhile, and what had left by then."""
        return self.escalator.step() if self.replies.ready and self.comparison.over() else None

    def wake(self) -> None:
        """There may be something to send, or to post."""
        self._dispatching.wake()
        self._falling_back.wake()

    def _wake_fallback(self) -> None:
        """A channel answered."""
        self._falling_back.wake()

    def _wake_account_monitor(self) -> None:
        """An account can be used again, or no more."""
        self._probing.wake()
        self.wake()

    def _wake_watch(self) -> None:
        """Credits are low, or an account is to be asked anew."""
        self._watching_accounts.wake()

    def _wake_receipts(self) -> None:
        """There may be a receipt to read."""
        self._receiving.wake()

    def _look(self) -> None:
        """Read what replicas share."""
        self.pauses.refresh()
        self.keyring.step()

    @property
    def token(self) -> str:
        """What the alertsms command shows: whoever may read the key may tell the server what to do."""
        return self.key.derive(Purpose.COMMAND)

    @property
    def receipt_secret(self) -> str:
        """In the address that OVHcloud calls receipts back to."""
        return self.key.derive(Purpose.RECEIPTS)

    def callback(self) -> str:
        """Where OVHcloud can call receipts back; "" where nobody reaches us, or by a secret that others do not know."""
        url = self.config.server.external_url
        return callback_url(url, self.receipt_secret) if url and self.keyring.speaks else ""


def sms_accounts(
    ovh: Ovh,
    *,
    session_factory: Callable[[], requests.Session] = WireSession,
    on_call: Callable[[str, str, float], None] | None = None,
    ticks: Callable[[], float] = time.monotonic,
) -> tuple[SmsAccount, SmsAccount | None]:
    """The first account of a configuration, and its stand-by; `on_call` is as Client says, `ticks` as its clocks."""

    def build(account: AccountConfig) -> SmsAccount:
        client = Client(
            base_url=account.base_url,
            credentials=account.credentials,
            session_factory=session_factory,
            timeout=(ovh.connect_timeout.total_seconds(), ovh.read_timeout.total_seconds()),
            on_call=on_call,
            clocks=ClientClocks(ticks=ticks),
        )
        return SmsAccount(
            client=client,
            sms=SmsApi(client, account.service_name),
            sender=account.sender or None,
            validity=ovh.validity,
            sender_for_response=account.sender_for_response,
            virtual_number=account.virtual_number or None,
            registered_in=account.registered_in,
            identity=(account,),
            receipt_timeout=ovh.receipt_timeout,
            answered=ovh.replies is not Mode.OFF,
            longest=2 * (ovh.connect_timeout + ovh.read_timeout),  # twice: it may ask for OVH's time first
        )

    return build(ovh.account), build(ovh.standby) if ovh.standby else None
