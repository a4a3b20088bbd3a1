"""The timeline of an incident: what is remembered of it, and the events that a decision about it leaves there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from alertsms.core.incidents.incident import Change, Incident, IncidentReason, IncidentState
from alertsms.core.messages.message import MessageState
from alertsms.core.messages.notification import Notification, NotificationKind, NotificationState
from alertsms.core.routing.duration import format_duration
from alertsms.core.schedules.person import PhoneNumber
from alertsms.core.text.language import ENGLISH, say

LONGEST = 300  # characters of a detail
NOBODY = 0  # stands for the incident where an alert opens none

RECORD_ONLY, ACKNOWLEDGED, TAKEN, NO_PEOPLE = "record_only", "acknowledged", "taken", "no_people"
CONTRADICTED = "contradicted"  # a body says that an incident is over, and also that it fires
RESTING, HEARTBEAT = "resting", "heartbeat"
BEFORE = "before"  # an answer was written before its incident began, or came back

_FIRES = (
    IncidentReason.FIRING,
    IncidentReason.AGAIN,
    IncidentReason.UNPOSTED,
    IncidentReason.RELEASED,
    IncidentReason.TEST,
    IncidentReason.ACK_TIMEOUT,
    IncidentReason.LEFT,
    IncidentReason.SNOOZE_OVER,
)  # what pages, but for a team or a human


class EventKind(StrEnum):
    """What sort of thing happened."""

    PAGED = "paged"  # its team's people were to be paged; the reason says why now
    NOT_PAGED = "not_paged"  # decided that nobody is paged; the reason says why not
    CLOSED = "closed"  # it ended; the reason says how
    ATTEMPT = "attempt"  # one try to send one of its pages, and what came of it
    RECEIPT = "receipt"  # what OVH said of a message on its way to the phone
    MOVED_ON = "moved_on"  # a number or a round reached nobody: what comes next
    ANSWERED = "answered"  # a human took it; the detail says who and by which way
    CHANNEL = "channel"  # notified by a fallback's or a person's other channels


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One thing that happened to an incident. The same again raises a count."""

    incident_id: int = NOBODY
    episode: int = 0
    at: datetime
    kind: EventKind
    reason: str  # one word, as in the enums of the part that decided
    detail: str = ""  # for people: who, which number (masked), OVH's id; at most 300 characters


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredEvent(Event):
    """An event as stored: `at` is when it happened first."""

    last_at: datetime
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class SmsAttempt:
    """One SMS as far as it came. The number is masked wherever it is shown."""

    tag: str
    person: str
    team: str
    number: PhoneNumber
    text: str
    segments: int
    kind: NotificationKind
    state: MessageState
    attempts: int
    resends: int
    account: str
    ovh_id: int | None
    credits: float | None
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    dlr: int | None
    ptt: int | None
    error: str
    digest: int | None  # its own number where it carries several pages
    incidents: tuple[int, ...] = ()  # the incidents that it is about


@dataclass(frozen=True, kw_only=True, slots=True)
class PageDelivery:
    """One page and the SMS that carries it, if one does by now."""

    person: str
    kind: NotificationKind
    state: NotificationState
    episode: int
    due_at: datetime
    sms: SmsAttempt | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Chronicle:
    """The whole story of one incident."""

    incident: Incident
    events: tuple[StoredEvent, ...] = ()  # in the order of their first times
    deliveries: tuple[PageDelivery, ...] = ()  # in the order of the decisions behind them


@dataclass(frozen=True, kw_only=True, slots=True)
class NotifiedPeople:
    """Who is notified of one change, by name."""

    paged: Sequence[str] = ()
    spared: Sequence[str] = ()  # of the team, but the same alert pages them through another team
    awaits: Sequence[str] = ()  # of the step, but a page before it is still on its way to them
    place: str = ""  # which step and round they are of, where there are several
    informed: Sequence[str] = ()  # that it is over


def decided(change: Change, people: NotifiedPeople, *, at: datetime, via: str = "") -> Iterator[Event]:
    """The events of one change. A timer that was set anew leaves none.

    `via` is by which route the alert came or what mutes it, or by which way a person answered.
    """
    incident = change.incident
    if change.by and change.closes is None:
        yield _acknowledged(change, via, at)
        return
    informed = ", ".join(people.informed)
    if change.closes is not None:
        words = "; ".join(
            filter(None, (f"{change.by}, by {via}" if change.by else "", f"OK to {informed}" if informed else ""))
        )
        yield replace(event_of(incident, at, EventKind.CLOSED, change.ended, words), episode=change.closes)
        if incident.state is IncidentState.CLOSED:
            return
    if change.flaps:
        yield event_of(
            incident, at, EventKind.NOT_PAGED, IncidentReason.FLAPPING, f"told {informed}" if informed else ""
        )
        return
    if change.pages:
        yield _paging(change, people, at, via)
    if change.exhausted:
        rounds = "" if change.pages else f", after {incident.round} {'round' if incident.round == 1 else 'rounds'}"
        yield event_of(incident, at, EventKind.MOVED_ON, IncidentReason.UNANSWERED, f"team {incident.team}{rounds}")
    elif not change.pages and change.reason is not IncidentReason.TIMER:
        yield event_of(incident, at, EventKind.NOT_PAGED, _why_not(change), via)


def unopened(reason: str, names: Iterable[str], at: datetime) -> list[Event]:
    """Alerts that open no incident: always-firing ones (RESTING), or those that refresh a heartbeat (HEARTBEAT).

    In one order for everybody: bodies share these rows, and would else wait for each other.
    """
    return [
        Event(incident_id=NOBODY, at=at, kind=EventKind.NOT_PAGED, reason=reason, detail=name) for name in sorted(names)
    ]


def notified_words(ok: Notification) -> str:
    """Who gets an OK, and what may still come before it."""
    if ok.kind is NotificationKind.MEANWHILE:
        return f"{ok.person} (it came and went, no page had left)"
    return f"{ok.person} (if the page under way arrived)" if ok.state is NotificationState.WAITING else ok.person


def event_of(incident: Incident, at: datetime, kind: EventKind, reason: str, detail: str = "") -> Event:
    """One event of an incident as it is now."""
    return Event(incident_id=incident.id, episode=incident.episode, at=at, kind=kind, reason=reason, detail=detail)


def _acknowledged(change: Change, via: str, at: datetime) -> Event:
    until = change.incident.snoozed_until
    length = f", for {format_duration(until - at)}" if until else ""
    return event_of(change.incident, at, EventKind.ANSWERED, change.reason, f"{change.by}, by {via}{length}")


def _paging(change: Change, people: NotifiedPeople, at: datetime, via: str) -> Event:
    incident = change.incident
    way = ", ".join(filter(None, (f"team {incident.team}", people.place if change.rung else "", via)))
    spared = ", ".join(people.spared)
    if people.paged:
        others = f"; not {spared}, paged for it through another team" if spared else ""
        reason = str(change.rung or change.reason)
        return event_of(incident, at, EventKind.PAGED, reason, f"{', '.join(people.paged)} ({way}){others}")
    if people.awaits:
        return event_of(incident, at, EventKind.NOT_PAGED, IncidentReason.UNSENT, f"{', '.join(people.awaits)} ({way})")
    if spared:
        return event_of(incident, at, EventKind.NOT_PAGED, TAKEN, f"{spared} ({way})")
    return event_of(incident, at, EventKind.NOT_PAGED, NO_PEOPLE, way)


def _why_not(change: Change) -> str:
    if change.reason not in _FIRES:
        return str(change.reason)
    return ACKNOWLEDGED if change.incident.state is IncidentState.ACKNOWLEDGED else RECORD_ONLY


def flap_words(incident: Incident, language: str = ENGLISH) -> str:
    """Return `3 times in 40 min`: how often it ended lately."""
    if not incident.closings:
        return ""
    lasting = format_duration(incident.closings[-1] - incident.closings[0], language)
    return f"{len(incident.closings)} {say(language, 'times in')} {lasting}"
