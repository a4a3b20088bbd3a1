"""Which configuration is in force among replicas, and whether ours is older.

The newest that a running replica has is in force. A configuration becomes the newest where a reload changes what a
replica runs by, and where a replica starts with one that was never in force; a start with one that was changes nothing.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import Connection

from alertsms.context import Context
from alertsms.logs import event
from alertsms.store import configs
from alertsms.store.configs import Newest
from alertsms.store.error import StoreError

log = logging.getLogger("alertsms.configuration")

AGAIN_SECONDS = 15.0  # one that is older looks whether its file has changed
TURN_SECONDS = 60.0  # so long one that sends waits for its turn where only others that take alerts have the newer file
GONE_SECONDS = 600.0  # a newer file that no replica has run by for so long will hardly come back


class ConfigSequence:
    """Knows the place of the configuration in force here, and follows what other replicas were told."""

    def __init__(self, *, context: Context, follow: Callable[[str], bool]) -> None:
        """`follow` reads the file again, and takes it over where it has this hash; returns whether it did."""
        self._store, self._clock, self._metrics = context.store, context.clock, context.metrics
        self._config, self._replicas, self._follow = context.config, context.replicas, follow
        self._stepping = threading.Lock()
        self.seq: int | None = None  # None: not known yet
        self._brought = False  # what has no place yet was brought by a reload
        self._usual = True  # ours is the file's own, not an older one that worked
        self._newest = 0
        # By the clock's ticks: when a newer one was first known, when one last ran by it, when our file was last read.
        self._known_at = self._newer_at = self._looked_at = float("-inf")

    def begin(self, *, usual: bool = True) -> None:
        """Find the place of what a start runs by. `usual`: it is the file's own, and no older one that worked."""
        self._usual, self._config.decides = usual, self._replicas.alone
        try:
            self.step()
        except StoreError as error:
            event(log, logging.ERROR, "the place of the configuration is not known yet", why=str(error))

    def taken_over(self, before: str) -> None:
        """A reload took the place of the configuration with this hash: what it brought is the newest from now on."""
        if self._replicas.alone or before == self._config.current.fingerprint:
            return
        with self._stepping:
            self.seq, self._brought = None, True
        try:
            self.step()
        except StoreError as error:  # it is in force here all the same
            event(log, logging.ERROR, "other replicas do not know of the reload yet", why=str(error))

    def step(self) -> None:
        """One look at what the others run by, each second. Raises StoreError."""
        if self._replicas.alone:
            return
        with self._stepping:
            if self.seq is None:
                self._be(self._store.transact(self._place))
                self._brought = False
            self._look(self.seq or 0)

    def _place(self, tx: Connection) -> int:
        ours = self._config.current.fingerprint
        configs.lock(tx)
        known, newest = configs.place(tx, ours), configs.newest(tx, 0).seq
        if known and (known == newest or not self._brought):
            return known
        if newest and not (self._brought or self._usual):
            return 0
        return configs.add(tx, ours, os.uname().nodename, self._clock())

    def _look(self, seq: int) -> None:
        newest, ticks = self._store.read(lambda tx: configs.newest(tx, seq)), self._clock.ticks()
        if newest.seq > seq and newest.seq != self._newest:
            self._known_at, self._newer_at, self._looked_at = ticks, ticks, float("-inf")
        if newest.seq > seq:
            self._heed(newest, ticks)  # before the file is read, which may lie on a share that hangs
            if self._follows(newest, ticks):
                self._be(newest.seq)
                newest = Newest(seq=newest.seq)
        self._newest = newest.seq
        self._heed(newest, ticks)

    def _heed(self, newest: Newest, ticks: float) -> None:
        """Let those with a newer one do what needs it."""
        if newest.intake or newest.sender:
            self._newer_at = ticks
        if newest.intake and ticks - self._known_at < TURN_SECONDS:  # it routes to people whom we do not know
            newest = replace(newest, sender=newest.sender or newest.intake)
        self._obey(newest, older=newest.seq > (self.seq or 0), since=ticks - self._newer_at)

    def _follows(self, newest: Newest, ticks: float) -> bool:
        """Whether ours is the newest after all: somebody went back to it, or our file has it by now."""
        if self._config.current.fingerprint == newest.hash:
            return True
        if ticks - self._looked_at < AGAIN_SECONDS:
            return False
        self._looked_at = ticks
        return self._follow(newest.hash)

    def _obey(self, newest: Newest, *, older: bool, since: float) -> None:
        config, was = self._config, self._config.newer_intake or self._config.newer_sender
        config.newer_intake, config.newer_sender = newest.intake, newest.sender
        config.decides = not older or since > GONE_SECONDS
        self._replicas.abstains = bool(newest.sender)
        self._metrics.config_older.set(bool(newest.intake or newest.sender))
        if was != (newest.intake or newest.sender):
            newer = newest.intake or newest.sender
            says = "a running replica has a newer configuration" if newer else "no running replica has a newer one"
            event(log, logging.WARNING, says, host=newer, seq=self.seq, newest=newest.seq)

    def _be(self, seq: int) -> None:
        self.seq = self._replicas.config_seq = seq
        self._store.transact(lambda tx: configs.runs_by(tx, self._replicas.id, seq))
