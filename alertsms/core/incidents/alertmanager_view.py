"""What Alertmanagers say of the incidents that came from them, and what follows: a hold, its end, or a quiet close.

Alertmanager tells nobody of an alert that was silenced, inhibited, or ended while it was: only its own list knows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from alertsms.core.alerts.alert import Format
from alertsms.core.incidents.incident import Change, Incident, IncidentReason, IncidentState, close, held
from alertsms.core.incidents.lifecycle import began_anew, release, unposted
from alertsms.core.schedules.team import Team

SETTLED = timedelta(minutes=15)  # a fresh Alertmanager has to hear of everything from Prometheus first
TWICE = timedelta(minutes=5)  # between the two looks that an incident must be absent from
LOST = timedelta(minutes=5)  # without word of what is held: rather page
SEEN_EVERY = timedelta(hours=1)  # a long alert that Alertmanager still lists does not go stale

Labels = frozenset[tuple[str, str]]


class AlertState(StrEnum):
    """What all the Alertmanagers together say of one alert."""

    ACTIVE = "active"  # one of them at least lists it, neither silenced nor inhibited
    SUPPRESSED = "suppressed"  # silenced or inhibited in each of them that has it, and all of them answered
    ABSENT = "absent"  # none has it, each of them answered and has been up for long enough
    UNKNOWN = "unknown"  # anything else: no reason to do anything but page


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """One alert in the list of an Alertmanager."""

    labels: Mapping[str, str]
    suppressed: bool
    starts_at: datetime | None = None
    muted: Mapping[str, bool] = field(default_factory=dict)  # receiver -> whether all its groups that have it are quiet

    def quiet(self, own: Collection[str]) -> bool:
        """Whether nothing comes of it by the receivers `own`: a chat that still gets it is no reason to page."""
        by_own = [muted for receiver, muted in self.muted.items() if receiver in own]
        return self.suppressed or (bool(by_own) and all(by_own))


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """What one Alertmanager answered."""

    alerts: Sequence[Listed]
    up_since: datetime | None  # None: it does not say
    receivers: frozenset[str] | None = None  # None: it does not say


@dataclass(frozen=True, kw_only=True, slots=True)
class Poll:
    """What all that are listed in the configuration answered at one time; None for one that did not."""

    views: Sequence[Snapshot | None]
    at: datetime
    ignored: Collection[str] = ()  # labels that do not make another incident
    own: Collection[str] = ()  # receivers that post to us
    settled: timedelta = SETTLED  # how long each must have been up for its silence to count
    _suppressed: dict[Labels, bool] = field(default_factory=dict, init=False)
    _starts: dict[Labels, datetime] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        """Index what is listed: suppressed where it is so everywhere, with the latest of its starts."""
        for alert in (alert for view in self.answered for alert in view.alerts):
            same = self._same(alert.labels)
            self._suppressed[same] = alert.quiet(self.own) and self._suppressed.get(same, True)
            if alert.starts_at:
                exact = frozenset(alert.labels.items())
                self._starts[exact] = max(alert.starts_at, self._starts.get(exact, alert.starts_at))

    @property
    def answered(self) -> list[Snapshot]:
        """The snapshots of those that answered."""
        return [view for view in self.views if view]

    def of(self, incident: Incident) -> AlertState:
        """What they say of an incident. What a webhook said after they were asked counts more."""
        if incident.last_seen_at > self.at:
            return AlertState.UNKNOWN
        suppressed = self._suppressed.get(self._same(incident.labels))
        if suppressed is False:
            return AlertState.ACTIVE
        if not (self.views and all(self.views)):
            return AlertState.UNKNOWN
        if suppressed:
            return AlertState.SUPPRESSED
        return AlertState.ABSENT if self._can_tell(incident) else AlertState.UNKNOWN

    def start_of(self, incident: Incident) -> datetime | None:
        """The start that they list of an incident's own labels: another copy of it may go elsewhere."""
        return self._starts.get(frozenset(incident.labels.items()))

    def _can_tell(self, incident: Incident) -> bool:
        """Whether it would be among theirs: they are settled, and one of them has the receiver that it came by.

        The body of an Alertmanager that the configuration does not list must not close anything.
        """
        settled = all(view.up_since and self.at - view.up_since > self.settled for view in self.answered)
        silent = all(view.receivers is None for view in self.answered)
        return settled and (silent or any(incident.receiver in (view.receivers or ()) for view in self.answered))

    def _same(self, labels: Mapping[str, str]) -> Labels:
        return frozenset((name, text) for name, text in labels.items() if name not in self.ignored)


def asks_about(incident: Incident, *, after: timedelta, soon: datetime, now: datetime) -> bool:
    """Whether Alertmanager is to be asked about an incident: it lasts, or it is about to page again (before `soon`)."""
    if incident.source != Format.ALERTMANAGER or incident.state is IncidentState.CLOSED:
        return False
    if incident.state is IncidentState.HELD:
        return incident.reason is IncidentReason.SUPPRESSED
    again = (
        incident.state is IncidentState.OPEN
        and incident.paged > 0
        and incident.step_due_at is not None
        and incident.step_due_at <= soon
    )
    return again or _lasts(incident, after, now)


class Standing(NamedTuple):
    """What the Alertmanagers say of one incident."""

    state: AlertState
    heard_at: datetime  # when their word on it was last of use
    start: datetime | None = None  # the one that they list: what is back is listed hours before its sender repeats it


class Absence(NamedTuple):
    """When an incident that no Alertmanager lists is over."""

    after: timedelta  # it has lasted so long
    twice: timedelta = TWICE  # between the two looks that it was absent from


def reconcile(
    incident: Incident, standing: Standing, *, team: Team, muted: bool, absence: Absence, now: datetime
) -> Change | None:
    """Decide what the word of the Alertmanagers does to an incident; None: nothing.

    What is held is paged where none of them can say any more that it should be.
    """
    state, start = standing.state, standing.start
    if state is AlertState.SUPPRESSED and incident.state is IncidentState.OPEN:
        return hold(incident)
    if state is AlertState.ACTIVE and start and began_anew(incident, start, now):
        return unposted(replace(incident, absent_at=None), start, team=team, muted=muted, now=now)
    if state is AlertState.ABSENT:
        return _absent(incident, now, absence.twice) if _lasts(incident, absence.after, now) else None
    lost = now - standing.heard_at >= LOST
    if incident.state is IncidentState.HELD and not muted and (state is AlertState.ACTIVE or lost):
        return release(replace(incident, absent_at=None), team=team, muted=False, now=now)
    return None if state is AlertState.UNKNOWN else _present(incident, now)


def hold(incident: Incident) -> Change:
    """Alertmanager suppresses it: nobody is paged until it does not any more."""
    return held(replace(incident, absent_at=None), IncidentReason.SUPPRESSED)


def _absent(incident: Incident, now: datetime, twice: timedelta) -> Change | None:
    if incident.absent_at is None:
        return Change(incident=replace(incident, absent_at=now), reason=IncidentReason.TIMER)
    return close(incident, IncidentReason.VANISHED, now) if now - incident.absent_at >= twice else None


def _present(incident: Incident, now: datetime) -> Change | None:
    """The incident is listed: an absence before is forgotten, and so is that nothing else mentioned it."""
    if incident.absent_at is None and now - incident.last_seen_at < SEEN_EVERY:
        return None
    return Change(incident=replace(incident, absent_at=None, last_seen_at=now), reason=IncidentReason.TIMER)


def _lasts(incident: Incident, after: timedelta, now: datetime) -> bool:
    return (incident.begun_at or incident.opened_at) + after <= now


@dataclass(frozen=True, kw_only=True, slots=True)
class Silence:
    """What Alertmanager is asked to keep quiet: exactly one alert, for a while."""

    labels: Mapping[str, str]
    begins_at: datetime
    ends_at: datetime
    by: str
    comment: str


def silence(incident: Incident, *, ignored: Collection[str], by: str, length: timedelta, now: datetime) -> Silence:
    """A silence of exactly this alert, whichever copy of it: by all its labels but those that are ignored here.

    An empty label is left out: to Alertmanager it is an absent one.
    """
    labels = {name: text for name, text in incident.labels.items() if name not in ignored and text}
    return Silence(
        labels=labels, begins_at=now, ends_at=now + length, by=by, comment=f"alertsms #{incident.id}, by {by}"
    )


def once_each(clusters: Iterable[tuple[str, frozenset[str]]]) -> list[list[str]]:
    """Which addresses are one Alertmanager to a silence: members of a cluster share their silences.

    Each address comes with the names of its cluster's members, none where it stands alone.
    """
    groups: list[tuple[set[str], list[str]]] = []
    for url, members in clusters:
        known = next((group for group in groups if group[0] & members), None)
        if known:
            known[0].update(members)
            known[1].append(url)
        else:
            groups.append((set(members), [url]))
    return [urls for _, urls in groups]
