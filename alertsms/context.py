"""What nearly every part works by, handed in as one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from alertsms.clock import Clock
from alertsms.core.routing.roster import Roster
from alertsms.metrics import Metrics
from alertsms.store.engine import Store


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """The store, who is paged as of the last reload, the metrics and the clock of one running alertsms."""

    store: Store
    roster: Callable[[], Roster]
    metrics: Metrics
    clock: Clock
