"""What every way to answer shares: the transaction, and what follows it. The doors by which answers come have it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

from alertsms.context import Context
from alertsms.core.incidents.acknowledge import AcknowledgedVia, Acknowledgement, AckResult
from alertsms.core.incidents.incident import Change
from alertsms.oncall.after_commit import LogLine, after_commit
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
        self._store, self._roster, self._metrics = context.store, context.roster, context.metrics
        self.now, self.wake = context.clock, wake  # the time that incidents begin by

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
        now = self.now()
        until = now + snooze if snooze else None
        act = Acknowledgement(by=by, via=via, now=now, written=min(written or now, now), until=until)
        return self._do(numbers, act)

    def resolve(
        self, numbers: Collection[int], *, by: str, via: AcknowledgedVia, written: datetime | None = None
    ) -> AckResult:
        """Somebody says that these are over; what began after that was `written` (now) is not meant.

        Raises StoreError where it could not be stored.
        """
        now = self.now()
        return self._do(
            numbers, Acknowledgement(by=by, via=via, now=now, written=min(written or now, now), resolves=True)
        )

    def _do(self, numbers: Collection[int], act: Acknowledgement) -> AckResult:
        roster = self._roster()
        answer = self._store.transact(
            lambda tx: acknowledge.acknowledge(tx, roster, acknowledge.meant(tx, numbers), act)
        )
        self.announce(answer)
        return answer

    def open_ones(self) -> list[int]:
        """The numbers of all that is open and that nobody has."""
        return self._store.read(acknowledge.open_ones)

    def announce(self, answer: AckResult) -> None:
        """Count, log and wake: for those who store an answer in a transaction of their own, once that is committed."""
        act = answer.act
        if not act.resolves:
            self._metrics.acknowledged.labels(act.via.value).inc(answer.taken)

        def fields(change: Change) -> dict[str, Any]:
            number = change.incident.id
            if number in answer.along:
                why = "the same in another team"
                return {"incident": f"#{number}", "by": act.by, "via": act.via.value, "why": why}
            return {**change.incident.shown, "by": act.by, "via": act.via.value}

        line = LogLine(log=log, text=act.words, fields=fields)
        after_commit(answer.applied, line, self._metrics, self.wake)
