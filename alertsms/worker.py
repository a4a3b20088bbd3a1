"""Runs one part's steps until told to stop, and watches whether what is done again and again succeeds."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import NamedTuple

from alertsms.core.messages.trouble import Hindrance, Trouble
from alertsms.logs import event
from alertsms.ovh.error import OvhError
from alertsms.store.error import StoreError

log = logging.getLogger("alertsms.worker")
BREATH_SECONDS = 1.0  # after a step that raised, so that a broken store is not asked a thousand times a second
SICK_SECONDS = 300.0  # a part that has failed for so long while its store works may be mended by a restart
RESTART = "restart alertsms: what it has taken is in its store and leaves then"
LOOK = "see its log for why; what waits leaves by itself once that is mended"
FAILING_SECONDS = 30.0  # what has failed for so long, without one success, does not come right by itself
FORGOTTEN_SECONDS = 300.0  # what is only done when there is something to do may have nothing to do for a night
RECENT_SECONDS = 60.0  # so long a sender's refusal counts
STORE = "store"  # the key of the store's own trouble
Monotonic = Callable[[], float]


class FailureWatch:
    """Since when something fails; many threads share it."""

    def __init__(self, monotonic: Monotonic = time.monotonic, *, forgets: float = math.inf) -> None:
        """`forgets`: after so many seconds without a try the last failure says nothing any more."""
        self._monotonic, self._forgets = monotonic, forgets
        self._tried_at = -math.inf
        # Since when, why, and whether the store is why; whoever succeeds writes None.
        self.failing: tuple[float, str, bool] | None = None

    def bad(self, error: Exception, *, store: bool = False) -> None:
        """It failed; `store`: for the store's sake, whose words may be shown. Others may hold an address or a name."""
        known, self._tried_at = self.failing, self._monotonic()
        why = str(error) if store else f"it broke with {type(error).__name__}, the log shows where"
        self.failing = known[0] if known else self._monotonic(), why, store

    @property
    def seconds(self) -> float:
        """For how long it has failed; 0 where it succeeded last."""
        known = self.failing
        return self._monotonic() - known[0] if known else 0.0

    def trouble(self, key: str, what: str, hinders: Hindrance, fix: str) -> Iterator[Trouble]:
        """One trouble once it has failed for half a minute: `what` cannot do its work."""
        known, now = self.failing, self._monotonic()
        if known and now - known[0] >= FAILING_SECONDS and now - self._tried_at < self._forgets:
            says = f"{what} has failed for {words(now - known[0])}: {known[1]}"
            yield Trouble(key=key, hinders=hinders, says=says, fix=fix, behind=STORE if known[2] else "")


class _Miss(NamedTuple):
    since: float
    at: float  # of the last one
    times: int  # in a row
    error: OvhError


class FailingQuestions:
    """Questions to OVHcloud that fail for themselves, by account: since when, and why."""

    def __init__(self, monotonic: Monotonic = time.monotonic) -> None:
        self._monotonic = monotonic
        self._misses: dict[str, _Miss] = {}

    def good(self, account: str) -> None:
        """One was answered."""
        self._misses.pop(account, None)

    def bad(self, account: str, error: OvhError) -> OvhError | None:
        """One was not; returns why the one before was not, None where it was."""
        now, known = self._monotonic(), self._misses.get(account)
        self._misses[account] = _Miss(known.since if known else now, now, known.times + 1 if known else 1, error)
        return known.error if known else None

    def long(self, accounts: Iterable[str]) -> dict[str, OvhError]:
        """Those of some accounts that failed twice in a row, for half a minute: one question may get lost.

        Not those that nothing was asked of for five minutes: there may be nothing to ask.
        """
        now, wanted = self._monotonic(), set(accounts)
        return {
            account: miss.error
            for account, miss in list(self._misses.items())
            if account in wanted
            and miss.times > 1
            and miss.at - miss.since >= FAILING_SECONDS
            and now - miss.at < FORGOTTEN_SECONDS
        }


class IntakeWatch:
    """Whether what senders post can be stored, as of the last minute; by the name of each door."""

    def __init__(self, monotonic: Monotonic = time.monotonic) -> None:
        self.monotonic, self._lock = monotonic, threading.Lock()
        self._refused: dict[str, tuple[float, str]] = {}  # when and why
        self.stored_at: dict[str, float] = {}  # when something that came by a door was stored last

    def refused(self, door: str, why: str) -> None:
        """Something that came by this door could not be stored."""
        with self._lock:
            self._refused[door] = self.monotonic(), why

    def troubles(self) -> Iterator[Trouble]:
        """What was refused within the last minute; where others came through since, alerts are taken all the same."""
        now = self.monotonic()
        with self._lock:
            recent = {door: (at, why) for door, (at, why) in self._refused.items() if now - at < RECENT_SECONDS}
            self._refused = recent
        for door, (at, why) in recent.items():
            taken = self.stored_at.get(door, -math.inf) > at
            yield Trouble(
                key=f"intake:{door}",
                hinders=Hindrance.OUTSIDE if taken else Hindrance.INTAKE,
                says=f"what came by {door} could not be stored {now - at:.0f} s ago: {why}",
                fix="the log says why; its sender has to post it again",
                settles=timedelta(minutes=2),
                behind=STORE,
            )


class Places:
    """Whether the machine has room for one more connection."""

    fix = "raise the limit of open files (LimitNOFILE= of systemd, --ulimit nofile= of docker), or see who holds them"

    def __init__(self, monotonic: Monotonic = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lacked: tuple[float, float, str] | None = None  # first and last time, and why

    def lacked(self, why: str) -> None:
        """There was none."""
        now, known = self._monotonic(), self._lacked
        self._lacked = known[0] if known else now, now, why

    def found(self) -> None:
        """There was, which a moment later says nothing: connections come and go."""
        known = self._lacked
        if known and self._monotonic() - known[1] >= RECENT_SECONDS:
            self._lacked = None

    def troubles(self) -> Iterator[Trouble]:
        """None was left within the last minute."""
        known = self._lacked
        if known and self._monotonic() - known[1] < RECENT_SECONDS:
            says = f"no connection can be taken: {known[2]}"
            yield Trouble(key="places", hinders=Hindrance.INTAKE, says=says, fix=self.fix)


def words(seconds: float) -> str:
    """A length of time for people."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


class Worker:
    """A thread that calls `step` when woken, and at least every `pause` seconds."""

    def __init__(
        self,
        name: str,
        step: Callable[[], float | None],
        *,
        pause: float,
        woken: threading.Event | None = None,
        hinders: Hindrance = Hindrance.SENDING,
        patience: float = FAILING_SECONDS,
        monotonic: Monotonic = time.monotonic,
    ) -> None:
        """`step` does one round and returns in how many seconds it wants the next one; None: after `pause`.

        `woken` is set by whoever has something for it to do now; `hinders`: what does not happen while this fails;
        `patience`: how many seconds one round may take.
        """
        self.name, self.hinders = name, hinders
        self._step = step
        self._pause = pause
        self._patience, self._monotonic = patience, monotonic
        self._woken = woken or threading.Event()
        self._stopping = False
        self._pulse = FailureWatch(monotonic)
        self.last_round = monotonic()
        self._thread = threading.Thread(target=self._main, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self.last_round = self._monotonic()
        self._thread.start()

    def stop(self, timeout: float | None = None) -> None:
        """End after the round that runs, waiting at most `timeout` seconds for it."""
        self._stopping = True
        self._woken.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout)

    @property
    def alive(self) -> bool:
        """Whether its thread runs."""
        return self._thread.is_alive()

    @property
    def ended(self) -> bool:
        """Whether its thread ran, and ended although nobody told it to."""
        return self._thread.ident is not None and not self.alive and not self._stopping

    def troubles(self) -> Iterator[Trouble]:
        """What is wrong with it: its thread ended, a round does not end, or its rounds fail."""
        key, what, waited = f"part:{self.name}", f"its {self.name}", self._monotonic() - self.last_round
        if not self.alive:
            yield Trouble(key=key, hinders=self.hinders, says=f"{what} does not run", fix=RESTART)
        elif waited > self._pause + self._patience:
            says = f"{what} has not come round for {words(waited)}"
            yield Trouble(key=key, hinders=self.hinders, says=says, fix=RESTART)
        else:
            yield from self._pulse.trouble(key, what, self.hinders, LOOK)

    @property
    def sick(self) -> bool:
        """Whether a restart may mend it, as long as its store works: for what waits on others it does not."""
        seconds = max(self._pulse.seconds, self._monotonic() - self.last_round - self._pause)
        return self.hinders is not Hindrance.OUTSIDE and seconds > SICK_SECONDS

    def _main(self) -> None:
        while not self._stopping:
            self._woken.clear()
            pause = self._round()
            self.last_round = self._monotonic()
            if not self._stopping:
                self._woken.wait(self._pause if pause is None else min(pause, self._pause))

    def _round(self) -> float | None:
        try:
            pause = self._step()
        except StoreError as error:  # tells all by its words: its line has no traceback
            event(log, logging.ERROR, "a step failed and will be tried again", part=self.name, why=str(error))
            self._pulse.bad(error, store=True)
            return BREATH_SECONDS
        except Exception as error:
            log.exception("a step failed and will be tried again", extra={"fields": {"part": self.name}})
            self._pulse.bad(error)
            return BREATH_SECONDS
        self._pulse.failing = None
        return pause
