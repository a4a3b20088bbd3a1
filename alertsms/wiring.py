"""What a running alertsms is made of: each part with what it works by, and the threads that drive them."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from alertsms.config import Config
from alertsms.context import Context, Outside, Wakeups, count_call
from alertsms.core.messages.trouble import Hindrance, Source, Trouble
from alertsms.delivery.account_monitor import AccountMonitor
from alertsms.delivery.account_news import AccountNews
from alertsms.delivery.accounts import Accounts, RateLimiter
from alertsms.delivery.alarm import ALARM_SECONDS, PING_SECONDS, Ping, TroubleNotifier
from alertsms.delivery.channels import ChannelNotifier
from alertsms.delivery.comparison import Comparison
from alertsms.delivery.credit_monitor import CreditMonitor
from alertsms.delivery.dispatcher import Dispatcher
from alertsms.delivery.receipts import Receipts
from alertsms.delivery.sender import Sender
from alertsms.delivery.sms_account import sms_accounts
from alertsms.housekeeper import Housekeeper, Timekeeper
from alertsms.logs import event
from alertsms.machine.key import Key, Purpose
from alertsms.machine.keyring import Keyring
from alertsms.machine.state import Stamp
from alertsms.oncall.acknowledge import Acknowledgements
from alertsms.oncall.alertmanager import RECONCILE_SECONDS, Reconciler, Silences
from alertsms.oncall.calendars import CALENDAR_SECONDS, Calendars
from alertsms.oncall.config_sequence import ConfigSequence
from alertsms.oncall.escalator import Escalator
from alertsms.oncall.heartbeats import Heartbeats
from alertsms.oncall.pauses import Pauses
from alertsms.oncall.phone_check import PhoneCheck
from alertsms.oncall.replies import Replies
from alertsms.ovh.sms import SmsAccount
from alertsms.readiness import Overdue, Patiently, Readiness
from alertsms.replicas import BEAT_SECONDS
from alertsms.store.opening import Opened
from alertsms.store.soundness import LONGEST_SECONDS, Inspector
from alertsms.web.receipt import callback_url
from alertsms.worker import FAILING_SECONDS, Worker

log = logging.getLogger("alertsms")
ASIDE_SECONDS = 300.0  # a round of questions to somebody who hangs takes minutes


class Keys:
    """What is derived from the root key."""

    def __init__(self, root: Key, context: Context) -> None:
        self._config = context.config
        self.keyring = Keyring(store=context.store, clock=context.clock, key=root)
        self.pages = root.derive(Purpose.PAGES)  # signs cookies and forms
        # What the alertsms command shows: whoever may read the key may tell the server what to do.
        self.token = root.derive(Purpose.COMMAND)
        self.receipt_secret = root.derive(Purpose.RECEIPTS)  # in the address that OVHcloud calls receipts back to

    def callback(self) -> str:
        """Where OVHcloud can call receipts back; "" where nobody reaches us, or by a secret that others do not know."""
        url = self._config.current.server.external_url
        return callback_url(url, self.receipt_secret) if url and self.keyring.speaks else ""


class Delivery:
    """What brings notifications out of the house, and follows them."""

    def __init__(self, context: Context, *, opened: Opened, keys: Keys, outside: Outside, wakeups: Wakeups) -> None:
        config = context.config.current
        self._sessions = outside.session_factory
        self._most = config.ovh.max_in_flight  # a reload starts no threads
        self._context = context
        self.pool = outside.pool or ThreadPoolExecutor(max_workers=self._most, thread_name_prefix="sender")
        self.accounts = Accounts(*self.sms_accounts(config), clock=context.clock, on_change=wakeups.account_changed)
        context.clock.on_step.append(self.accounts.shift)
        self.rate_limiter = RateLimiter(max_in_flight=self._most, max_per_second=config.ovh.max_per_second)
        self.credit_monitor = CreditMonitor(
            context=context,
            accounts=self.accounts,
            wake=wakeups.notify,
            urgent=wakeups.credit_monitor.set,
        )
        self.news = AccountNews(context=context, accounts=self.accounts, rate_limiter=self.rate_limiter)
        self.account_monitor = AccountMonitor(
            context=context,
            news=self.news,
            credit_monitor=self.credit_monitor,
            wake=wakeups.notify,
            callback=keys.callback,
            outdated=lambda url: keys.keyring.outdated(url.rpartition("/")[2]),
        )
        self.sender = Sender(
            context=context,
            accounts=self.accounts,
            rate_limiter=self.rate_limiter,
            wake=wakeups.notify,
            urgent=wakeups.credit_monitor.set,
        )
        self.comparison = Comparison(
            context=context,
            accounts=self.accounts,
            wake=wakeups.notify,
            opened=opened,
        )
        self.dispatcher = Dispatcher(
            context=context,
            installation=opened.installation,
            free=self.comparison.free,
            rate_limiter=self.rate_limiter,
            pool=self.pool,
            send=self.sender.step,
            look_up=self.sender.look_up,
            accounts=self.accounts,
        )
        self.receipts = Receipts(
            context=context,
            accounts=self.accounts,
            rate_limiter=self.rate_limiter,
            wake=wakeups.notify,
            pool=self.pool,
            again=wakeups.receipts.set,
        )
        self.channels = ChannelNotifier(
            context=context,
            post=outside.post,
            launch=outside.launch,
            wake=wakeups.channels.set,
            usable=lambda: self.accounts.usable,
        )

    def sms_accounts(self, config: Config) -> tuple[SmsAccount, SmsAccount | None]:
        """The first account of a configuration, and its stand-by."""
        on_call, ticks = partial(count_call, self._context.metrics), self._context.clock.ticks
        return sms_accounts(config.ovh, session_factory=self._sessions, on_call=on_call, ticks=ticks)

    def take_over(self, config: Config, accounts: tuple[SmsAccount, SmsAccount | None]) -> bool:
        """Send by another configuration from now on; false where some of it waits for a restart."""
        for account in self.accounts.replace(*accounts):
            account.client.close()
        self.account_monitor.renew()
        places = min(config.ovh.max_in_flight, self._most)
        self.rate_limiter.limit(max_in_flight=places, max_per_second=config.ovh.max_per_second)
        return config.ovh.max_in_flight <= places

    def idle_seconds(self) -> float:
        """For how long nothing was handed to the senders, beyond what one of them may take."""
        idle = time.monotonic() - self.dispatcher.handed_at
        return idle - 2 * self.accounts.longest.total_seconds() if self.rate_limiter.in_flight else idle

    def drain(self, until: float) -> None:
        """Let what is under way end until a monotonic time; what is cut off is `sending` in the store."""
        while self.rate_limiter.in_flight and time.monotonic() < until:
            time.sleep(0.02)
        if self.rate_limiter.in_flight:
            event(log, logging.WARNING, "stopped with messages under way", messages=self.rate_limiter.in_flight)
        self.channels.drain(max(until - time.monotonic(), 0.1))
        self.pool.shutdown(wait=False, cancel_futures=True)

    def close(self) -> None:
        """End the connections."""
        for account in self.accounts.by_name.values():
            account.client.close()


class OnCall:
    """What people answer, and what acts because time passes or because an Alertmanager says something."""

    def __init__(self, context: Context, *, delivery: Delivery, outside: Outside, wakeups: Wakeups) -> None:
        self._delivery, self._config = delivery, context.config
        self.pauses = Pauses(context=context)
        self.pauses.refresh()
        self.heartbeats = Heartbeats(context=context, wake=wakeups.notify)
        self.calendars = Calendars(context=context)
        self.acknowledgements = Acknowledgements(context=context, wake=wakeups.written)
        self.replies = Replies(
            context=context,
            news=delivery.news,
            rate_limiter=delivery.rate_limiter,
            acknowledgements=self.acknowledgements,
            on_stop=delivery.credit_monitor.renew,
        )
        self.reconciler = Reconciler(context=context, session_factory=outside.session_factory, wake=wakeups.notify)
        self.escalator = Escalator(
            context=context,
            wake=wakeups.notify,
            usable=lambda: delivery.accounts.proven,
            confirms=self.reconciler.confirms,
        )
        self.silences = Silences(context=context, session_factory=outside.session_factory)
        self.phone_check = PhoneCheck(context=context, accounts=delivery.accounts, wake=wakeups.written)

    def escalate(self) -> float | None:
        """Ring the timers; after a start only once it is known who answered meanwhile, and what had left by then."""
        if self._config.newer_sender:
            return None
        return self.escalator.step() if self.replies.ready and self._delivery.comparison.over() else None


class Watch:
    """What sees that all of it works, keeps the store tidy, and runs the threads."""

    def __init__(
        self,
        context: Context,
        *,
        keys: Keys,
        delivery: Delivery,
        oncall: OnCall,
        outside: Outside,
        stamp: Stamp,
        wakeups: Wakeups,
        doors: Mapping[str, Source],
        sequence: ConfigSequence,
    ) -> None:
        """`doors`: who knows of troubles of what comes in."""

        def look() -> None:
            oncall.pauses.refresh()
            keys.keyring.step()

        # What replicas share, and doors of theirs.
        self.shares: list[Callable[[], object]] = [oncall.pauses.refresh, sequence.step]

        def follow() -> None:
            for share in self.shares:
                share()

        self._replicas, self.workers = context.replicas, list[Worker]()
        self.housekeeper = Housekeeper(context=context, wake=wakeups.notify, look=look)
        self.timekeeper = Timekeeper(context=context)
        self.inspector = Inspector(store=context.store)
        self.ping = Ping(url=lambda: context.config.current.ping_url, troubles=self.troubles)
        self.readiness = Readiness(
            store=context.store,
            clock=context.clock,
            workers=self.workers,
            sources={**doors, **self._sources(context, keys, delivery, oncall)},
            usable=lambda: delivery.accounts.usable_here,
            idle_seconds=delivery.idle_seconds if context.replicas.worker else float,
            oldest_seconds=self.housekeeper.oldest_seconds,
        )
        self._ask_oldest = Patiently(self.housekeeper.oldest_seconds)
        context.metrics.watch(
            self._oldest_seconds, lambda: delivery.accounts.first.client.offset_seconds or 0.0, self.readiness.count
        )
        self.alarm = TroubleNotifier(
            troubles=self.troubles,
            roster=lambda: context.config.current.roster,
            stamp=stamp,
            post=outside.post,
            launch=outside.launch,
        )
        self.workers.extend(self._workers(delivery, oncall, wakeups))
        self.workers.extend([] if self._replicas.alone else self._beside_others(follow, wakeups))

    def troubles(self) -> list[Trouble]:
        """All that is wrong now."""
        return self.readiness.troubles()

    def _sources(self, context: Context, keys: Keys, delivery: Delivery, oncall: OnCall) -> dict[str, Source]:
        return {
            "the sender": delivery.sender.troubles,
            "the pool": delivery.dispatcher.troubles,
            "the taking in of receipts": delivery.receipts.troubles,
            "the accounts": delivery.account_monitor.troubles,
            "the line to accounts": delivery.news.troubles,
            "the watch over accounts": delivery.account_monitor.silent,
            "the watch over credits": delivery.credit_monitor.troubles,
            "the comparison": delivery.comparison.troubles,
            "the reading of replies": oncall.replies.troubles,
            "the channels": delivery.channels.troubles,
            "the calendars": oncall.calendars.troubles,
            "the reconciler": oncall.reconciler.troubles,
            "the ping": self.ping.troubles,
            "the configuration": context.config.troubles,
            "the key": keys.keyring.troubles,
            "the replicas": context.replicas.troubles,
            "the time": self.timekeeper.troubles,
        }

    def _workers(self, delivery: Delivery, oncall: OnCall, wakeups: Wakeups) -> list[Worker]:
        """A thread each, which by this stands in the list of troubles whenever it does not do its work."""
        probing = 2 * delivery.accounts.longest.total_seconds() + FAILING_SECONDS  # of two accounts, one by one
        monitor, outside, replicas = delivery.account_monitor, Hindrance.OUTSIDE, self._replicas
        most = 5.0 if replicas.alone else 1.0  # other replicas may write pages, and die before they tell of them
        sending = [
            Worker("dispatcher", delivery.dispatcher.step, pause=most, woken=wakeups.dispatcher),
            Worker("fallback", delivery.channels.step, pause=most, woken=wakeups.channels),
            Worker("prober", monitor.step, pause=1.0, woken=wakeups.account_monitor, patience=probing),
            Worker("receipt reader", delivery.receipts.step, pause=1.0, woken=wakeups.receipts),
            Worker("heartbeats", oncall.heartbeats.step, pause=most, woken=wakeups.heartbeats),
            Worker("escalator", oncall.escalate, pause=1.0),
            Worker("comparison", delivery.comparison.step, pause=10.0, patience=ASIDE_SECONDS),
            # These may hang for as long as what they ask does: no page waits for them.
            _aside("reply reader", oncall.replies.step, pause=10.0),
            _aside("balance", monitor.watch, pause=10.0, woken=wakeups.credit_monitor),
            _aside("reconciler", oncall.reconciler.step, pause=RECONCILE_SECONDS),
        ]
        return [
            *(sending if replicas.worker else []),
            Worker("housekeeper", self.housekeeper.step, pause=10.0),
            Worker("inspector", self.inspector.step, pause=60.0, patience=LONGEST_SECONDS, hinders=outside),
            _aside("calendars", oncall.calendars.step, pause=CALENDAR_SECONDS),
            _aside("alarm", self.alarm.step, pause=ALARM_SECONDS),
            _aside("ping", self.ping.step, pause=PING_SECONDS),
        ]

    def _beside_others(self, follow: Callable[[], None], wakeups: Wakeups) -> list[Worker]:
        """What only several replicas need."""
        return [
            Worker("replicas", self._replicas.step, pause=BEAT_SECONDS),
            Worker("clock", self.timekeeper.step, pause=1.0),
            Worker("orphans", self.housekeeper.find_orphans, pause=2.0),
            Worker("wake-up", self._replicas.wake.step, pause=10.0, hinders=Hindrance.OUTSIDE),
            _aside("follower", follow, pause=1.0, woken=wakeups.follower),  # it may read a file on a share that hangs
        ]

    def _oldest_seconds(self) -> float:
        """For a scrape, which a store that hangs shall not keep waiting."""
        try:
            return self._ask_oldest()
        except Overdue:
            return math.nan


_aside = partial(Worker, patience=ASIDE_SECONDS, hinders=Hindrance.OUTSIDE)
