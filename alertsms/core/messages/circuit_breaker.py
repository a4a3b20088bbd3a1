"""Whether an account is worth trying: opened by what no message can help, probed, closed by a message that left.

A restart begins closed: what is wrong is found out again by the first message.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

FAILURES = 10  # without one success between them, within WINDOW
FEW = 4  # the same for a replica while another one has a way out
WINDOW = timedelta(seconds=60)
PROBE_SECONDS = (5.0, 10.0, 20.0, 30.0)  # after it opened, and between probes; the last one goes on
PATIENCE = timedelta(seconds=60)  # an account that took nothing for so long is left for the stand-by
CHAIN = timedelta(minutes=2)  # failures further apart than this are not of one trouble
TRIAL = timedelta(seconds=60)  # so long one message is waited for: the process that sends it may have died


class BreakerState(StrEnum):
    """Where a breaker is. The comment says what leads out of it."""

    CLOSED = "closed"  # messages go: a refusal of the account or ten failures open it
    OPEN = "open"  # none goes: a probe that is answered well leads to trying
    TRYING = "trying"  # one real message goes: accepted closes it, anything else opens it again


class Cause(StrEnum):
    """Why it opened."""

    KEYS = "keys"
    RIGHTS = "rights"
    CREDITS = "credits"
    SENDER = "sender"
    SERVICE = "service"
    MOVED = "moved"  # calls are led to another address
    REFUSED = "refused"  # the account, for a reason that we have no word for
    FAILURES = "failures"  # ten calls ended badly
    SILENT = "silent"  # it took nothing for a minute, and there is another account


PASSING = frozenset({Cause.FAILURES, Cause.SILENT})  # these go away by themselves; all others wait for somebody

FIXES = {
    Cause.KEYS: "the keys are not valid any more: make new ones (alertsms login), put them in and reload",
    Cause.RIGHTS: "the keys may not send: make new ones with the right POST /sms/SERVICE/jobs (alertsms login)",
    Cause.CREDITS: "no credits are left: buy some in the OVHcloud manager, and switch automatic recredit on",
    Cause.SENDER: "the sender is not usable: see in the OVHcloud manager whether it exists and is validated",
    Cause.SERVICE: "the SMS account does not answer to its name: check service_name (or virtual_number), and expiry",
    Cause.MOVED: "calls are led to another address, and never follow: write the endpoint that is named here, if it is"
    " OVHcloud's, and reload",
    Cause.REFUSED: "OVHcloud refuses the account: its words say why",
    Cause.FAILURES: "OVHcloud or the way to it fails: nothing to do but wait, unless this machine has no network",
    Cause.SILENT: "OVHcloud takes nothing by this account: it is tried again by itself",
}


TELLING_LITTLE = frozenset({Cause.KEYS, Cause.FAILURES})  # what OVHcloud said tells which key, or what failed


@dataclass(frozen=True, kw_only=True, slots=True)
class CircuitBreaker:
    """One account's."""

    since: datetime  # it is in this state
    state: BreakerState = BreakerState.CLOSED
    cause: Cause | None = None  # None while closed
    why: str = ""  # what OVHcloud said
    remedy: str = ""  # what helps against just that; "" where nothing is known beyond the cause
    opened_at: datetime | None = None  # kept through its trials, until it closes
    probe_at: datetime | None = None  # while open
    probes: int = 0
    trial_at: datetime | None = None  # when the one message of TRYING was handed out
    failures: tuple[datetime, ...] = ()  # within WINDOW
    tried_at: datetime | None = None  # the first try since the last accepted one; None: all was well
    failed_at: datetime | None = None  # the latest one that failed

    @property
    def closed(self) -> bool:
        """Whether all messages may go."""
        return self.state is BreakerState.CLOSED

    @property
    def fix(self) -> str:
        """What somebody can do about it, without a full stop."""
        cause = self.cause or Cause.REFUSED
        return (self.remedy if cause in TELLING_LITTLE else "") or FIXES[cause]


@dataclass(frozen=True, kw_only=True, slots=True)
class BreakerTransition:
    """A breaker opened, closed, or is open for another cause than before."""

    account: str
    before: CircuitBreaker
    after: CircuitBreaker
    at: datetime


def changed(known: CircuitBreaker, now: datetime) -> CircuitBreaker:
    """Somebody wrote other keys or another address: one that is shut is asked at once, and works once it says so."""
    if known.closed:
        return CircuitBreaker(since=now)
    return replace(known, state=BreakerState.OPEN, since=now, probe_at=now, probes=0, trial_at=None)


def accepted(known: CircuitBreaker, *, began: datetime, now: datetime) -> CircuitBreaker:
    """A message was accepted; what `began` before it opened says nothing of what it is like now."""
    if known.closed:
        return replace(known, failures=(), tried_at=None, failed_at=None) if known.tried_at else known
    return known if began < known.since else CircuitBreaker(since=now)


def found_by_lookup(known: CircuitBreaker, now: datetime) -> CircuitBreaker:
    """A look-up found a message whose answer was lost: the account takes messages, it only does not say so.

    As the trial of a mended account it must do: nothing else may wait, and the next message shows whether it is so.
    """
    if known.closed:
        return accepted(known, began=now, now=now)
    return CircuitBreaker(since=now) if known.cause in PASSING or known.state is BreakerState.TRYING else known


def failed(
    known: CircuitBreaker, *, began: datetime, why: str, now: datetime, remedy: str = "", most: int = FAILURES
) -> CircuitBreaker:
    """A call failed, or its answer was lost; `most` in a row open it."""
    if known.state is BreakerState.OPEN or began < known.since:
        return known
    if known.state is BreakerState.TRYING:
        return _open(known, known.cause or Cause.FAILURES, why, now, remedy)
    recent = (*(at for at in known.failures if at > now - WINDOW), now)
    fresh = known.tried_at is None or known.failed_at is None or now - known.failed_at > CHAIN
    counted = replace(known, failures=recent, tried_at=began if fresh else known.tried_at, failed_at=now)
    return _open(counted, Cause.FAILURES, why, now, remedy) if len(recent) >= most else counted


def refused(
    known: CircuitBreaker, cause: Cause, *, began: datetime, why: str, now: datetime, remedy: str = ""
) -> CircuitBreaker:
    """The account was refused: every message would be."""
    if known.state is BreakerState.OPEN:
        return replace(known, cause=cause, why=why, remedy=remedy)
    return known if began < known.since else _open(known, cause, why, now, remedy)


def answered(known: CircuitBreaker, *, began: datetime) -> CircuitBreaker:
    """A message was refused for its own sake: as a trial it proved nothing, the next one may go."""
    return replace(known, trial_at=None) if known.state is BreakerState.TRYING and began >= known.since else known


def stalled(known: CircuitBreaker, now: datetime) -> bool:
    """Whether a closed one has accepted nothing for a minute though it was tried."""
    if not known.closed or known.tried_at is None or known.failed_at is None:
        return False
    return now >= known.tried_at + PATIENCE and now <= known.failed_at + CHAIN


def give_up(known: CircuitBreaker, now: datetime) -> CircuitBreaker:
    """Leave a stalled one to its probes: there is another account."""
    return _open(known, Cause.SILENT, "nothing was accepted for a minute", now)


def lends(known: CircuitBreaker, now: datetime) -> bool:
    """Whether the stand-by takes over: at once where somebody must mend the account, else after a minute."""
    if known.closed:
        return False
    return known.cause is not Cause.FAILURES or now >= (known.tried_at or known.since) + PATIENCE


def _open(known: CircuitBreaker, cause: Cause, why: str, now: datetime, remedy: str = "") -> CircuitBreaker:
    return replace(
        known,
        state=BreakerState.OPEN,
        since=now,
        cause=cause,
        why=why,
        remedy=remedy,
        opened_at=known.opened_at or now,
        probe_at=now + _pause(known.probes),
        trial_at=None,
        failures=(),
        tried_at=known.tried_at or now,
    )


def _pause(probes: int) -> timedelta:
    return timedelta(seconds=PROBE_SECONDS[min(probes, len(PROBE_SECONDS) - 1)])


def probe_due(known: CircuitBreaker, now: datetime) -> bool:
    """Whether it is time for a harmless question."""
    return known.state is BreakerState.OPEN and known.probe_at is not None and now >= known.probe_at


def probed(
    known: CircuitBreaker, cause: Cause | None, *, why: str = "", now: datetime, remedy: str = ""
) -> CircuitBreaker:
    """A probe ended: well (`cause` None), so that one message may try; or not, and this is what was wrong now."""
    if known.state is not BreakerState.OPEN:
        return known
    probes = known.probes + 1
    if cause is None:
        return replace(known, state=BreakerState.TRYING, since=now, probe_at=None, probes=probes)
    details = {} if cause in PASSING else {"cause": cause, "why": why, "remedy": remedy}
    return replace(known, probe_at=now + _pause(probes), probes=probes, **details)  # type: ignore[arg-type]


def wants_trial(known: CircuitBreaker, now: datetime) -> bool:
    """Whether one message may go."""
    return known.state is BreakerState.TRYING and (known.trial_at is None or now >= known.trial_at + TRIAL)


def trying(known: CircuitBreaker, now: datetime) -> CircuitBreaker:
    """The one message was handed out."""
    return replace(known, trial_at=now) if known.state is BreakerState.TRYING else known


def rested(known: CircuitBreaker, now: datetime) -> CircuitBreaker:
    """No message came that could try it for a minute: the next one will, and what it finds counts."""
    idle = known.state is BreakerState.TRYING and known.trial_at is None and now >= known.since + PATIENCE
    return CircuitBreaker(since=now) if idle else known


def shifted(known: CircuitBreaker, step: timedelta) -> CircuitBreaker:
    """The machine's clock was set by `step`: what was a minute ago is a minute ago."""
    times = ("since", "opened_at", "probe_at", "trial_at", "tried_at", "failed_at")
    moved = {name: at + step for name in times if (at := getattr(known, name))}
    return replace(known, failures=tuple(at + step for at in known.failures), **moved)
