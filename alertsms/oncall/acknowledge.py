"""What the doors share by which people acknowledge: the transaction, and what follows it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from alertsms.context import Context, after_commit
from alertsms.core.incidents.acknowledge import AcknowledgedVia, Acknowledgement, AckResult
from alertsms.core.text.subject import log_fields
from alertsms.logs import event
from alertsms.store import answers

log = logging.getLogger("alertsms.answering")


class Acknowledgements:
    """Acknowledges and resolves for people. Numbers are of incidents or of digests; a digest is what it covers."""

    def __init__(self, *, context: Context, wake: Callable[[], None]) -> None:
        self._store, self._roster, self._metrics = context.store, context.roster, context.metrics
        self.now, self.wake = context.clock, wake  # the time that incidents begin by

    def acknowledge(
        self,
        numbers: Collection[int],
        *,
        by: str,
        via: AcknowledgedVia,
        written: datetime | None = None,
        snooze: timedelta | None = None,
        resolves: bool = False,
    ) -> AckResult:
        """Acknowledge incidents, for `snooze` where it is given, or resolve them, in a transaction.

        Whatever began after that was `written` (now) is left out. Raises StoreError where it could not be stored.
        """
        now, roster = self.now(), self._roster()
        until = now + snooze if snooze else None
        act = Acknowledgement(by=by, via=via, now=now, written=min(written or now, now), until=until, resolves=resolves)
        result = self._store.transact(lambda tx: answers.acknowledge(tx, roster, answers.meant(tx, numbers), act))
        self.announce(result)
        return result

    def open_numbers(self) -> list[int]:
        """The numbers of all incidents that are open and that nobody acknowledged."""
        return self._store.read(answers.open_ones)

    def announce(self, result: AckResult) -> None:
        """Count, log and wake after the commit, also of a transaction that a door made itself."""
        act = result.act
        if not act.resolves:
            self._metrics.acknowledged.labels(act.via.value).inc(result.taken)
        after_commit(result.applied, self._metrics, self.wake)
        for change in result.applied.changes:
            number, fields, why = change.incident.id, log_fields(change.incident), {}
            if number in result.along:
                fields, why = {"incident": f"#{number}"}, {"why": "the same in another team"}
            event(log, logging.INFO, act.words, **fields, by=act.by, via=act.via.value, **why)
