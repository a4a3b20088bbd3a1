"""What must be heard of again and again: how long silence may last, and what its end is worth telling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from alertsms.core.alerts.alert import Alert, AlertStatus, Format, Source, alert_key
from alertsms.core.routing.duration import format_duration
from alertsms.core.routing.matcher import Matcher
from alertsms.core.schedules.team import Team

LABEL = "heartbeat"
ALERTNAME = "HeartbeatMissing"
_US = Source(format=Format.ALERTSMS)


class HeartbeatState(StrEnum):
    """Where a heartbeat is. BACK and ENDED last until somebody is notified: a crash must not forget them."""

    WAITING = "waiting"  # never came yet: well, late or missing
    WELL = "well"  # came in time: late, or ended
    LATE = "late"  # half of its grace is over: back, missing or ended
    MISSING = "missing"  # all of it is over, its team is paged: back
    BACK = "back"  # came again after it was late or missing, notifications to be sent: well
    ENDED = "ended"  # its sender resolved the alert that it was: missing at once


@dataclass(frozen=True, kw_only=True, slots=True)
class Heartbeat:
    """One heartbeat as configured."""

    name: str
    matchers: tuple[Matcher, ...] = ()  # which firing alert refreshes it; none: only its own URL does
    every: timedelta  # how often it comes
    grace: timedelta  # so much later it is missing, half as much later late: what comes each minute is never punctual
    team: Team | None = None  # who is paged; None: as the routes say

    @property
    def late_after(self) -> timedelta:
        """After how much silence the heartbeat is late."""
        return self.every + self.grace / 2

    @property
    def missing_after(self) -> timedelta:
        """After how much silence it is missing, which pages."""
        return self.every + self.grace

    def refreshed_by(self, labels: Mapping[str, str]) -> bool:
        """Whether an alert with these labels (`__receiver__` and `__source__` among them) is this heartbeat."""
        return bool(self.matchers) and all(matcher.matches(labels) for matcher in self.matchers)


@dataclass(frozen=True, kw_only=True, slots=True)
class HeartbeatStatus:
    """What is known of one heartbeat."""

    name: str
    state: HeartbeatState = HeartbeatState.WAITING
    last_seen_at: datetime | None = None  # None: never
    silent_since: datetime  # when it came, was first waited for, or what may have been lost before we ran


class HeartbeatReport(NamedTuple):
    """A heartbeat of the configuration, what is known of it, and the number of the incident that says it is missing."""

    heartbeat: Heartbeat
    status: HeartbeatStatus | None
    incident: int | None

    @property
    def state(self) -> HeartbeatState:
        """Where it is, or will be in a moment."""
        state = self.status.state if self.status else HeartbeatState.WAITING
        soon = {HeartbeatState.BACK: HeartbeatState.WELL, HeartbeatState.ENDED: HeartbeatState.MISSING}
        return soon.get(state, state)

    def due(self, silence: timedelta, *late: HeartbeatState) -> datetime | None:
        """When so much silence will be over, while it waits or is well, or in another of these states; else None."""
        states = (HeartbeatState.WAITING, HeartbeatState.WELL, *late)
        return self.status.silent_since + silence if self.status and self.status.state in states else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Beats:
    """What one body says of heartbeats, by name. What fires counts where it says both of the same one."""

    refreshed: frozenset[str] = field(default_factory=frozenset)
    ended: frozenset[str] = field(default_factory=frozenset)

    def __bool__(self) -> bool:
        return bool(self.refreshed or self.ended)

    def after(self, known: HeartbeatStatus, now: datetime) -> HeartbeatStatus:
        """The heartbeat after this body: nobody is notified that it came unless it was late or missing.

        That the always-firing alert is over is as good as silence: no need to wait for that.
        """
        if known.name in self.refreshed:
            # Ended, and nobody was notified yet: then it is as if nothing had been.
            troubled = known.state in (HeartbeatState.LATE, HeartbeatState.MISSING, HeartbeatState.BACK)
            state = HeartbeatState.BACK if troubled else HeartbeatState.WELL
            return replace(known, state=state, last_seen_at=now, silent_since=now)
        if known.name in self.ended and known.state is not HeartbeatState.MISSING:
            return replace(known, state=HeartbeatState.ENDED)
        return known


def resume(known: HeartbeatStatus, beat: Heartbeat, now: datetime) -> HeartbeatStatus:
    """We have not listened until now: what may have come in the meantime is no silence.

    What is not expected before long is left as it is, else restarts would put off a nightly job's page again and again.
    """
    if known.state not in (HeartbeatState.WAITING, HeartbeatState.WELL, HeartbeatState.LATE):
        return known
    expected = known.silent_since + beat.every - beat.grace
    return known if now <= expected else replace(known, silent_since=max(known.silent_since, now))


def look(known: HeartbeatStatus, beat: Heartbeat, now: datetime) -> HeartbeatStatus:
    """Decide what the time that passed makes of it; the same standing where nothing changes."""
    silence = now - known.silent_since
    match known.state:
        case HeartbeatState.BACK:
            return replace(known, state=HeartbeatState.WELL)
        case HeartbeatState.ENDED:
            return replace(known, state=HeartbeatState.MISSING)
        case HeartbeatState.MISSING:
            return known
    if silence >= beat.missing_after:
        return replace(known, state=HeartbeatState.MISSING)
    if silence >= beat.late_after and known.state is not HeartbeatState.LATE:
        return replace(known, state=HeartbeatState.LATE)
    return known


def due(known: HeartbeatStatus, beat: Heartbeat) -> datetime | None:
    """When time alone changes it next; None: never."""
    match known.state:
        case HeartbeatState.WAITING | HeartbeatState.WELL:
            return known.silent_since + beat.late_after
        case HeartbeatState.LATE:
            return known.silent_since + beat.missing_after
    return None if known.state is HeartbeatState.MISSING else known.silent_since


def missing(known: HeartbeatStatus, now: datetime) -> Alert:
    """The alert that a heartbeat is missing. It says no start: each absence is a new one, never a late copy."""
    return _alert(known.name, AlertStatus.FIRING, {"summary": silence_words(known, now)})


def back(name: str, why: str = "") -> Alert:
    """The resolution of the alert of `missing`; `why` it is over although no heartbeat came."""
    return _alert(name, AlertStatus.RESOLVED, {"grafana_state_reason": why} if why else {})


def silence_words(known: HeartbeatStatus, now: datetime) -> str:
    """For how long the heartbeat did not come, unless its sender ended it."""
    if known.state is HeartbeatState.ENDED:
        return "its alert, which fires always, was resolved"
    if known.last_seen_at is None:
        return f"never heard of, for {format_duration(now - known.silent_since)}"
    return f"not heard of for {format_duration(now - known.last_seen_at)}"


def key(name: str) -> bytes:
    """What identifies the alert that this heartbeat is missing."""
    return alert_key(_US, "", _labels(name))


def _alert(name: str, status: AlertStatus, annotations: Mapping[str, str]) -> Alert:
    return Alert(source=_US, status=status, key=key(name), labels=_labels(name), annotations=annotations, place=name)


def _labels(name: str) -> dict[str, str]:
    return {"alertname": ALERTNAME, LABEL: name, "severity": "critical"}
