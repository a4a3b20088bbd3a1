"""What every way to answer shares: the transaction, and what follows it. The doors by which answers come have it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from alertsms.context import Context
from alertsms.core.incidents.acknowledge import AcknowledgedVia, AckOutcome, AckResult
from alertsms.logs import event
from alertsms.store import acknowledge

log = logging.getLogger("alertsms.answering")


class Acknowledgements:
    """Takes the answers of humans. Numbers are of incidents or of digests; a digest stands for what it covers."""

    def __init__(
        self,
        *,
        context: Context,
        wake: Callable[[], None],
    ) -> None:
        """`wake` tells the dispatcher that there may be something to send."""
        self._store, self._roster, self._metrics, self._clock, self._wake = (
            context.store,
            context.roster,
            context.metrics,
            context.clock,
            wake,
        )

    def acknowledge(
        self,
        numbers: Collection[int],
        *,
        by: str,
        via: AcknowledgedVia,
        snooze: timedelta | None = None,
        written: datetime | None = None,
    ) -> AckResult:
        """Somebody has these, for so long if `snooze` says so; what began after that was `written` (now) is not meant.

        Raises StoreError where it could not be stored.
        """
        now, roster = self._clock(), self._roster()
        until, seen = now + snooze if snooze else None, min(written or now, now)
        answer = self._store.transact(
            lambda tx: acknowledge.acknowledge(
                tx, roster, acknowledge.meant(tx, numbers), by=by, via=via, now=now, written=seen, until=until
            )
        )
        self.told(answer, by=by, via=via, what="snoozed" if snooze else "acknowledged")
        return answer

    def resolve(
        self, numbers: Collection[int], *, by: str, via: AcknowledgedVia, written: datetime | None = None
    ) -> AckResult:
        """Somebody says that these are over; what began after that was `written` (now) is not meant.

        Raises StoreError where it could not be stored.
        """
        now, roster = self._clock(), self._roster()
        seen = min(written or now, now)
        answer = self._store.transact(
            lambda tx: acknowledge.resolve(
                tx, roster, acknowledge.meant(tx, numbers), by=by, via=via, now=now, written=seen
            )
        )
        self.told(answer, by=by, via=via, what="resolved by hand")
        return answer

    def now(self) -> datetime:
        """The time that incidents begin by."""
        return self._clock()

    def open_ones(self) -> list[int]:
        """The numbers of all that is open and that nobody has."""
        return self._store.read(acknowledge.open_ones)

    def told(self, answer: AckResult, *, by: str, via: AcknowledgedVia, what: str = "acknowledged") -> None:
        """Count, log and wake: for those who store an answer in a transaction of their own, once that is committed."""
        for team in answer.cancelled:
            self._metrics.sms.labels(team, "cancelled").inc()
        if what != "resolved by hand":
            self._metrics.acknowledged.labels(via.value).inc(answer.taken)
        for each in answer.outcomes:
            if each.result is AckOutcome.TAKEN:
                shown = each.incident.shown if each.incident else {"incident": f"#{each.number}"}
                event(log, logging.INFO, what, **shown, by=by, via=via.value)
        for number in answer.along:
            event(log, logging.INFO, what, incident=f"#{number}", by=by, via=via.value, why="the same in another team")
        if answer.pages:
            self._wake()
