"""Who else runs on this store, and which duties are ours: on SQLite nobody, and all of them.

Each writes every two seconds that it runs, by the database's clock. A duty is what one does for all, by a lease of ten
seconds: its holder trusts it for nine, and asks for it once more in each transaction that writes, so that one which
stood still for a while writes nothing when it wakes.
"""

from __future__ import annotations

import math
import secrets
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from alertsms import __version__
from alertsms.core.messages.trouble import Hindrance, Trouble
from alertsms.store import replicas
from alertsms.store.engine import Store
from alertsms.store.replicas import ALIVE, LEASE, Replica
from alertsms.store.wake_channel import WakeChannel

BEAT_SECONDS = 2.0
TRUST_SECONDS = LEASE.total_seconds() - 1.0  # from the start of the attempt that got it
MISSED_SECONDS = 30.0  # a duty that nobody has for so long is a trouble
LOOK = "see that a worker runs (`alertsms serve`), and what the logs of the replicas say"


def boot_seconds() -> float:
    """Seconds that go on while a machine is suspended, where it has such a clock."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


@dataclass(frozen=True, kw_only=True, slots=True)
class Duty:
    """A duty that is ours for now, and by which term; without an owner there is nobody to share it with."""

    name: str
    owner: str = ""
    term: int = 0

    def hold(self, tx: Connection) -> bool:
        """Whether it is still ours, and stays so until this transaction ends: asked first in each that writes."""
        return not self.owner or replicas.holds(tx, self.name, self.owner, self.term)


class Replicas:
    """This one among the replicas on one store."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Callable[[], datetime],
        web: bool = True,
        worker: bool = True,
        seconds: Callable[[], float] = boot_seconds,
    ) -> None:
        """`web`: this one takes alerts in; `worker`: it sends; `seconds`: a clock that only goes on."""
        self._store, self._clock, self._seconds = store, clock, seconds
        self.id = secrets.token_hex(8)  # random for each process: a host's name is no identity
        self.alone = store.sqlite
        self.web, self.worker = web, worker
        self.wake = WakeChannel(store, sends=worker)
        self.config_seq = 0  # the place of the configuration that this one runs by
        self.ovh_ok = True  # it has a way out
        self.timed_at: datetime | None = None  # when our clock last agreed with the database's
        self.abstains = False  # its configuration is older than another's: it takes no duty, and gives back what it has
        self._started_at = clock()
        self._wanted: set[str] = set()
        self._declined: set[str] = set()
        self._leases: dict[str, Duty] = {}
        self._since = -math.inf  # when the attempt began that got them
        self._known: Sequence[Replica] = ()  # as of the last look
        self._missed: dict[str, float] = {}

    def alive(self) -> Sequence[Replica]:
        """Those that were seen within ten seconds, this one among them, as of the last look; none on SQLite."""
        newest = max((replica.seen_at for replica in self._known), default=None)
        return [each for each in self._known if newest and newest - each.seen_at <= ALIVE and not each.ended]

    def duty(self, name: str) -> Duty | None:
        """A duty while it is ours; None while another replica has it. Asking for it is what makes us want it."""
        if self.alone:
            return Duty(name=name)
        self._wanted.add(name)
        trusted = not self.abstains and self._seconds() - self._since < TRUST_SECONDS
        return self._leases.get(name) if trusted else None

    def decline(self, name: str, *, declined: bool = True) -> None:
        """Leave a duty to others, from the next round on, or want it again: whoever cannot do it shall not have it."""
        (self._declined.add if declined else self._declined.discard)(name)

    def step(self) -> None:
        """One round: say that we run, see who else does, renew what is ours and take what is free."""
        if self.alone:
            return
        since, wanted = self._seconds(), set() if self.abstains else self._wanted - self._declined
        mine = Replica(
            id=self.id,
            host=socket.gethostname(),
            version=__version__,
            config_seq=self.config_seq,
            web=self.web,
            worker=self.worker,
            ovh_ok=self.ovh_ok,
            started_at=self._started_at,
            seen_at=self._started_at,
            timed_at=self.timed_at,
        )

        def round_(tx: Connection) -> tuple[list[Replica], dict[str, int], dict[str, float]]:
            known = replicas.beat(tx, mine)
            if self._declined or self.abstains:
                replicas.free(tx, self.id, wanted)
            return known, replicas.lease(tx, self.id, wanted), replicas.unattended(tx, self._wanted)

        self._known, terms, self._missed = self._store.transact(round_)
        self._leases = {name: Duty(name=name, owner=self.id, term=term) for name, term in terms.items()}
        self._since = since

    def stop(self) -> None:
        """Say that we end, so that others take our duties at once. Raises StoreError."""
        if not self.alone:
            self._leases = {}
            self._store.transact(lambda tx: replicas.end(tx, self.id))

    def troubles(self) -> Iterator[Trouble]:
        """A replica went without a word, nobody sends, nobody takes alerts in, a duty is not done, or we are deaf."""
        yield from self.wake.troubles()
        alive = self.alive()
        if not alive:
            return
        newest = max(replica.seen_at for replica in alive)
        for gone in self._known:
            silent = (newest - gone.seen_at).total_seconds()
            again = any(each.started_at > gone.seen_at for each in alive)  # another one took its place
            if not gone.ended and silent > ALIVE.total_seconds() and not again:
                yield Trouble(
                    key=f"replica:{gone.id}",
                    hinders=Hindrance.OUTSIDE,
                    says=f"the replica on {gone.host} was last seen {silent:.0f} s ago",
                    fix="start it again, or see why its machine cannot reach PostgreSQL",
                )
        if not any(replica.worker for replica in alive):
            says = "no replica sends: all that run were started with --only web"
            yield Trouble(key="replicas:worker", hinders=Hindrance.OUTSIDE, says=says, fix="start a worker")
        if not any(replica.web for replica in alive):
            says = "no replica takes alerts in: all that run were started with --only worker"
            yield Trouble(key="replicas:web", hinders=Hindrance.OUTSIDE, says=says, fix="start one that takes them in")
        for name, seconds in self._missed.items():
            if seconds > MISSED_SECONDS:
                says = f"no replica has done its duty {name} for {seconds:.0f} s"
                yield Trouble(key=f"duty:{name}", hinders=Hindrance.OUTSIDE, says=says, fix=LOOK)
