"""What one body does: each alert opens incidents or changes those it already has, folded into one change an incident.

Beside it: whether the same alerts come by two names of /webhook/NAME, as they do where the sender's URL is a template
(Alertmanager 0.31 and newer). Each alert has two incidents then, and an end under a third name closes none. Two
clusters that look alike are no fault, so nobody is paged for it: it is logged, and shown to whoever looks.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from operator import attrgetter
from typing import NamedTuple

from alertsms.core.alerts.alert import Alert, AlertStatus
from alertsms.core.alerts.payload import Payload
from alertsms.core.incidents.escalation import begin
from alertsms.core.incidents.heartbeat import Beats
from alertsms.core.incidents.incident import Change, Incident, IncidentReason, IncidentState, held
from alertsms.core.incidents.lifecycle import (
    LASTING,
    LATE_COPY,
    Arrival,
    back,
    began_anew,
    ended,
    maybe_over,
    mention,
    reopen,
    resolve,
    seen,
    unposted,
)
from alertsms.core.routing.roster import Roster, Route, labels_for
from alertsms.core.text.subject import name_of

AHEAD = timedelta(days=1)  # more than any two clocks differ
LONG_AGO = datetime.min.replace(tzinfo=UTC)
Known = Mapping[bytes, Mapping[str, Incident]]  # the current incidents of an alert, by team
# To find alerts that come by two names of the webhook:
GROUPS = 1_000  # groups that are remembered, the latest ones
NAMES = 3  # names that are remembered of a group
ALERTS = 50  # alerts that are looked at in a body, and remembered of a group and name
LASTS = timedelta(days=1)  # how long it is remembered that an alert fires under a name


@dataclass(kw_only=True, slots=True)
class Decision:
    """What is to be written for one body."""

    changes: dict[tuple[bytes, str], Change] = field(default_factory=dict)  # all as one, of each alert and team
    others: set[int] = field(default_factory=set)  # open incidents of paged alerts in other teams: they paged people
    resting: list[str] = field(default_factory=list)  # always-firing alerts that no route names open nothing: names
    beats: Beats | None = None  # the heartbeats that it refreshes, or says are over
    beating: list[str] = field(default_factory=list)  # the alerts that refresh them: names
    contradicted: list[Incident] = field(default_factory=list)  # said to be over by a body that says they fire
    via: dict[tuple[bytes, str], str] = field(default_factory=dict)  # by which route, or what mutes it, for people
    # The same by the identity of the route, which most alerts share. It is kept beside: a route that is gone passes its
    # identity on to another one.
    words: dict[int, tuple[Route, str]] = field(default_factory=dict)


def decide(alerts: Sequence[Alert], known: Known, roster: Roster, now: datetime) -> Decision:
    """Decide about all alerts of a body.

    1. Resolutions, but for those that the same body contradicts.
    2. What fires, so that an alert which ended and came back is back.
    """
    decision = Decision()
    over, fires = list[Alert](), list[Alert]()
    for alert in alerts:
        # A start that lies more than a day ahead is nobody's: it would make each true end look like an older one.
        ahead = alert.starts_at is not None and alert.starts_at > now + AHEAD
        entries = over if alert.status is AlertStatus.RESOLVED else fires
        entries.append(replace(alert, starts_at=None) if ahead else alert)
    if roster.heartbeats:
        fires = _listen(decision, fires, over, roster)
    starts = dict[bytes, datetime]()  # the first one of what fires; one that is not known lies before each end
    for alert in fires if over else ():
        start = alert.starts_at or LONG_AGO
        starts[alert.key] = min(starts.get(alert.key, start), start)
    for alert in over:
        incidents = known.get(alert.key, {})
        # Two replicas that we call one may differ: one says that it fires. What began after this end is over and back.
        if alert.key in starts and (alert.ends_at is None or starts[alert.key] <= alert.ends_at):
            unfinished = (incident for incident in incidents.values() if incident.state is not IncidentState.CLOSED)
            decision.contradicted += unfinished
        else:
            _end(decision, alert, incidents, roster, now)
    for alert in fires:
        _fire(decision, alert, known.get(alert.key, {}), roster, now)
    return decision


def _listen(decision: Decision, fires: Sequence[Alert], over: Sequence[Alert], roster: Roster) -> list[Alert]:
    """Note which heartbeats a body speaks of; returns what fires and is none. An end of one still closes incidents."""
    rest, names = [], set[str]()
    for alert in fires:
        refreshed = roster.refreshes(labels_for(alert))
        if refreshed:
            decision.beating.append(name_of(alert.labels))
            names |= refreshed
        else:
            rest.append(alert)
    gone = {name for alert in over for name in roster.refreshes(labels_for(alert))}
    decision.beats = Beats(refreshed=frozenset(names), ended=frozenset(gone - names))
    return rest


def _end(decision: Decision, alert: Alert, known: Mapping[str, Incident], roster: Roster, now: datetime) -> None:
    """End every team's incident, whatever the routes or the clock say now."""
    for team, incident in known.items():
        place = alert.key, team
        done = decision.changes.get(place)
        before = done.incident if done else incident
        change = ended(before, resolve(before, alert, now), team=roster.team(team), now=now)
        if change:
            decision.changes[place] = done.then(change) if done else change


def _fire(decision: Decision, alert: Alert, known: Mapping[str, Incident], roster: Roster, now: datetime) -> None:
    assignments = roster.assign(labels_for(alert), now)
    if not assignments:
        decision.resting.append(name_of(alert.labels))
    # A team that may be paged now goes first: a person of two teams is paged through it, not held with the other.
    for assignment in sorted(assignments, key=attrgetter("muted")):
        team = assignment.team
        place = alert.key, team.name
        done = decision.changes.get(place)
        before = done.incident if done else known.get(team.name)
        if before and alert.starts_at and began_anew(before, alert.starts_at, now):
            before = seen(before, alert, now)
            change = unposted(before, alert.starts_at, team=team, muted=assignment.muted, now=now)
        else:
            severity = roster.severity(alert.labels)
            arrival = Arrival(alert=alert, team=team, severity=severity, muted=assignment.muted)
            change = receive(before, arrival, now=now, flap_window=roster.flap_window, elsewhere=known.values())
            change = back(before, change, team=team, now=now) if before else change
        decision.changes[place] = done.then(change) if done else change
        if change.reason not in (IncidentReason.KNOWN, IncidentReason.FLAPS):
            route = assignment.path[-1]
            if id(route) not in decision.words:
                decision.words[id(route)] = route, assignment.words(now)
            decision.via[place] = decision.words[id(route)][1]
        if change.pages and known:
            decision.others |= others(known, team.name)


def others(known: Mapping[str, Incident], team: str) -> set[int]:
    """Open incidents of one alert in other teams: whom they paged is not paged again."""
    return {incident.id for name, incident in known.items() if name != team and incident.state in LASTING}


def receive(
    known: Incident | None,
    arrival: Arrival,
    *,
    now: datetime,
    flap_window: timedelta,
    elsewhere: Iterable[Incident] = (),
) -> Change:
    """Decide what a firing alert does to the incident it may already have in this team.

    `elsewhere` is what the alert is in other teams: a reload may have moved it since its end.

    1. Open, held or acknowledged: that incident, whatever its startsAt (but for `began_anew`, to be asked before).
    2. A late copy of what ended a moment ago, in whichever team, is held.
    3. Closed: an early return re-opens the number. What is unknown, or comes back later, is a new incident.
    """
    alert = arrival.alert
    if known is not None and known.state is not IncidentState.CLOSED:
        return mention(known, arrival, now)
    if known is not None and known.reason is IncidentReason.TEST:
        return Change(incident=known, reason=IncidentReason.KNOWN, write=False)
    incidents = filter(None, (known, *elsewhere))
    over = next(filter(partial(maybe_over, alert=alert, now=now), incidents), None)
    if known is not None and (over is known or now < (known.closed_at or known.last_seen_at) + flap_window):
        seen_again = seen(known, alert, now)
        if over:
            return held(seen_again, IncidentReason.LATE_COPY, now + LATE_COPY)
        return reopen(seen_again, IncidentReason.AGAIN, team=arrival.team, muted=arrival.muted, now=now)
    change = _late_copy(arrival, over, now) if over else _open(arrival, now)
    return replace(change, retires=known.id) if known is not None else change


def _late_copy(arrival: Arrival, over: Incident, now: datetime) -> Change:
    """Hold an alert in a team that it did not reach before `over`, its incident in another team, ended."""
    new = _new(arrival, IncidentState.HELD, IncidentReason.LATE_COPY, now)
    starts = max(filter(None, (over.latest_start, arrival.alert.starts_at)), default=None)
    new = replace(new, ends_at=over.ends_at, latest_start=starts)
    return held(new, IncidentReason.LATE_COPY, now + LATE_COPY)


def _open(arrival: Arrival, now: datetime) -> Change:
    if arrival.alert.test:  # it goes no further than its first text
        test = _new(arrival, IncidentState.CLOSED, IncidentReason.TEST, now)
        change = begin(test, arrival.team, now, IncidentReason.TEST)
        return replace(change, incident=replace(change.incident, closed_at=now, step_due_at=None), exhausted=False)
    if arrival.muted:
        return held(_new(arrival, IncidentState.HELD, IncidentReason.MUTED, now), IncidentReason.MUTED)
    new = _new(arrival, IncidentState.OPEN, IncidentReason.FIRING, now)
    return begin(new, arrival.team, now, IncidentReason.FIRING)


def _new(arrival: Arrival, state: IncidentState, reason: IncidentReason, now: datetime) -> Incident:
    alert = arrival.alert
    return Incident(
        key=alert.key,
        team=arrival.team.name,
        state=state,
        reason=reason,
        severity=arrival.severity,
        labels=alert.labels,
        annotations=alert.annotations,
        place=alert.place,
        truncated=alert.truncated,
        receiver=alert.receiver,
        source=str(alert.source.format),
        starts_at=alert.starts_at,
        latest_start=alert.starts_at,
        opened_at=now,
        last_seen_at=now,
    )


class Firing(NamedTuple):
    """What fires under one name, and when a body last said so."""

    at: datetime
    alerts: frozenset[int]  # hashes of fingerprints


class Twins:
    """Remembers, within bounds, under which name the alerts of each group fire. One thread at a time may ask."""

    def __init__(self) -> None:
        self._groups: OrderedDict[int, dict[str, Firing]] = OrderedDict()

    def look(self, body: Payload, now: datetime) -> str:
        """Note what a body says; returns for people by which two names one of its alerts comes, else ""."""
        alerts = [alert for alert in islice(body.alerts, ALERTS) if alert.fingerprint] if body.group_key else []
        if not alerts:
            return ""
        key = hash((body.source.format, body.source.org, body.group_key))
        group = self._groups.setdefault(key, {})
        self._groups.move_to_end(key)
        if len(self._groups) > GROUPS:
            self._groups.popitem(last=False)
        elsewhere = _elsewhere(group, body.source.name, now)
        _note(group, body.source.name, alerts, now)
        twin = next((alert for alert in alerts if hash(alert.fingerprint) in elsewhere), None)
        return _words(twin, body.source.name, elsewhere[hash(twin.fingerprint)]) if twin else ""


def _words(twin: Alert, *names: str) -> str:
    first, second = (f"/webhook/{name}" if name else "/webhook" for name in sorted(names))
    return (
        f"{twin.labels.get('alertname', 'an alert')} came by {first} and by {second}: each name is a source of its own,"
        " so it has two incidents, and an end by one of them closes nothing of the other. Unless those are two"
        " clusters, let the sender post to one URL without a template in it"
    )


def _elsewhere(group: Mapping[str, Firing], name: str, now: datetime) -> dict[int, str]:
    return {
        alert: other
        for other, firing in group.items()
        if other != name and now - firing.at < LASTS
        for alert in firing.alerts
    }


def _note(group: dict[str, Firing], name: str, alerts: Sequence[Alert], now: datetime) -> None:
    known = group.pop(name, Firing(now, frozenset())).alerts
    known |= {hash(alert.fingerprint) for alert in alerts if alert.status is AlertStatus.FIRING}
    known -= {hash(alert.fingerprint) for alert in alerts if alert.status is AlertStatus.RESOLVED}
    group[name] = Firing(now, frozenset(islice(known, ALERTS)))
    if len(group) > NAMES:
        del group[next(iter(group))]
