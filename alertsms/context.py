"""What nearly every part works by, handed in as one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from alertsms.clock import Clock
from alertsms.config import UNGUARDED, Config
from alertsms.core.messages.trouble import Hindrance, Trouble
from alertsms.core.routing.roster import Roster
from alertsms.metrics import Metrics
from alertsms.store.engine import Store


class Configuration:
    """The configuration in force: a reload takes another one over whole, or says why it does not."""

    def __init__(self, config: Config) -> None:
        self.current = config
        self.refused = ""  # why the file's own configuration is not in force

    def troubles(self) -> Iterator[Trouble]:
        """An older configuration than the file's is in force; or nobody from outside can post alerts."""
        if self.refused:
            yield Trouble(
                key="configuration",
                hinders=Hindrance.OUTSIDE,
                says=self.refused,
                settles=timedelta(minutes=5),
                fix="`alertsms check FILE` names every mistake; mend them and reload",
            )
        if self.current.server.unguarded:  # whoever upgraded is to know that at once
            yield Trouble(
                key="door",
                hinders=Hindrance.OUTSIDE,
                settles=timedelta(),
                says=f"{UNGUARDED}: what comes from outside, or by a proxy, is answered 401 and pages nobody",
                fix="set server.bearer_token, give it to the senders and reload; or server.allow_unauthenticated: true",
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """The store, the configuration, who is paged as of the last reload, the metrics and the clock of one alertsms."""

    store: Store
    config: Configuration
    roster: Callable[[], Roster]  # with what is paused now
    metrics: Metrics
    clock: Clock
