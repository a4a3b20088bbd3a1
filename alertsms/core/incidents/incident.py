"""One alert's life for one team as values: where it is, why, what one event changes, and what its timeline tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from alertsms.core.alerts.alert import Severity
from alertsms.core.messages.message import MessageState
from alertsms.core.messages.notification import Notification, NotificationKind, NotificationState
from alertsms.core.routing.duration import format_duration
from alertsms.core.text.language import ENGLISH, say


class IncidentState(StrEnum):
    """Where an incident is."""

    OPEN = "open"  # fires and pages: acknowledged, resolved or stale
    HELD = "held"  # recorded, pages nobody yet: its mute ends, its late copy proves real, or it resolves
    ACKNOWLEDGED = "acknowledged"  # a human has it: resolved or stale
    CLOSED = "closed"  # over: the same number re-opens within the flap window


class IncidentReason(StrEnum):
    """Why an incident is in its state, or why a mention changed nothing."""

    FIRING = "firing"  # a new incident
    AGAIN = "again"  # it fired again within the flap window
    UNPOSTED = "unposted"  # it began anew by its sender's own times: nobody had posted its end
    MUTED = "muted"  # its route's time intervals say so
    LATE_COPY = "late_copy"  # the same start as the one that just ended: real only if nobody resolves it again
    KNOWN = "known"  # already open: a retry, a copy of an HA pair, a group that grew, the sender's repeat
    RELEASED = "released"  # the mute or the doubt ended while it still fires
    RESOLVED = "resolved"  # the sender says it is over
    OLD_RESOLUTION = "old_resolution"  # a resolution older than this start: a late copy
    STALE = "stale"  # nothing mentioned it for stale_after
    TEST = "test"  # Grafana's Test button: one text, then over
    ACKNOWLEDGED = "acknowledged"  # a human has it
    SNOOZED = "snoozed"  # a human has it, and wants to be paged again at a time of theirs
    ACK_TIMEOUT = "ack_timeout"  # its acknowledgement lasts for too long, and it still fires
    SNOOZE_OVER = "snooze_over"  # the time that somebody asked for is over, and it still fires
    LEFT = "left"  # its acknowledger is none of `people` any more, and it still fires
    SUPPRESSED = "suppressed"  # Alertmanager silences or inhibits it
    QUIET = "quiet"  # no other body of this kind was refused for an hour
    VANISHED = "vanished"  # Alertmanager has it no more, and never said that it is over
    RESOLVED_BY_HAND = "resolved_by_hand"  # a human says that it is over
    FLAPPING = "flapping"  # it ended for the third time within an hour: open until it is stable
    # Of changes alone, no incident is in its state for these:
    TIMER = "timer"  # its timer was set anew, nothing else
    FLAPS = "flaps"  # it ended or came back once more while it flaps
    STEADY = "steady"  # it flaps no more, and fires
    UNSENT = "unsent"  # no further page yet: one before it has not left
    UNANSWERED = "unanswered"  # all rounds are over, nobody has answered
    REMIND_MAX = "remind_max"  # no reminder any more


class Trigger(StrEnum):
    """Why a timer pages."""

    STEP = "step"  # nobody answered the step before
    ROUND = "round"  # nobody answered the round before
    NUDGE = "nudge"  # the same step again, within its wait
    ANEW = "anew"  # the same step again: OVHcloud lost its SMS
    REMINDER = "reminder"  # all rounds are over, and it still fires


@dataclass(frozen=True, kw_only=True, slots=True)
class Incident:
    """One incident as stored. Times without a remark are ours; starts_at and ends_at are the sender's."""

    id: int = 0  # 0 until stored; the number that people type
    key: bytes
    team: str
    state: IncidentState
    reason: IncidentReason
    severity: Severity
    labels: Mapping[str, str]
    annotations: Mapping[str, str] = field(default_factory=dict)
    place: str = ""
    truncated: int = 0
    receiver: str = ""  # matchers may test it, also when a mute is looked at again
    source: str = ""
    starts_at: datetime | None = None  # the first start the sender gave
    latest_start: datetime | None = None  # the last one: senders move it after a restart
    ends_at: datetime | None = None
    opened_at: datetime
    closed_at: datetime | None = None
    last_seen_at: datetime
    begun_at: datetime | None = None  # when this episode came to page: its return, the end of a hold; None: it opened
    last_paged_at: datetime | None = None  # when OVH last accepted a page of this episode
    acked_by: str = ""  # who has it; of one that is held or closed who had it last
    episode: int = 0  # how often it re-opened
    round: int = 0  # which round of its team's steps, from 0; from `Team.rounds` on there are reminders only
    paged: int = 0  # how often its team was paged: the next page's `nth`
    began: int = 0  # `paged` when it last began with its first step: whom the pages before reached had it since
    step_due_at: datetime | None = None  # its timer: a nudge, the next step or reminder, or the end of a hold
    step: int = 0  # which step of the round was paged last, from 0
    step_at: datetime | None = None  # when that was; None: it is to be paged, or no step had anybody
    step_sent_at: datetime | None = None  # when OVH accepted the first SMS of that step: its wait counts from here
    acked_at: datetime | None = None
    closings: tuple[datetime, ...] = ()  # when its sender resolved it lately
    flap_due_at: datetime | None = None  # it flaps, and will have been stable then
    absent_at: datetime | None = None  # when Alertmanager's own list lacked it first
    snoozed_until: datetime | None = None  # its acknowledger asked to be paged again then

    @property
    def episode_began(self) -> datetime:
        """When its present episode began, by our clock: its return, if it came back; no end of a hold begins one."""
        return (self.begun_at if self.episode else None) or self.opened_at


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What one event does to one incident."""

    incident: Incident
    reason: IncidentReason
    write: bool = True  # false: the stored row already says all this
    retires: int | None = None  # the incident whose place a new one takes
    pages: bool = False  # the team's people are to be paged now
    rung: Trigger | None = None  # because a timer rang
    exhausted: bool = False  # all rounds are over: the fallback is to be notified
    closes: int | None = None  # the episode that ends: cancel what has not left of it
    ended: IncidentReason = IncidentReason.RESOLVED  # how that episode ended
    tells: bool = False  # and say OK to whom it paged
    relieves: bool = False  # it is acknowledged now: cancel what has not left, and notify the others whom it paged
    flaps: bool = False  # it begins to flap: whom it paged gets that in the place of an OK
    by: str = ""  # who did this by hand: they need no notification
    also: str = ""  # who had the episode before: paged with the step's people

    def then(self, later: Change) -> Change:
        """Both changes as one, for a body that mentions the same alert twice; `later` was decided after this one."""
        if not later.write:
            return self
        return replace(
            later,
            retires=self.retires or later.retires,
            pages=(self.pages and later.closes is None) or later.pages,
            closes=self.closes if later.closes is None else later.closes,
            flaps=self.flaps or later.flaps,
            ended=self.ended if later.closes is None else later.ended,
            also=later.also if later.pages else self.also,
            exhausted=(self.exhausted and later.closes is None) or later.exhausted,
            tells=(self.tells and not later.pages) or later.tells,  # an OK beside the page that it is back misleads
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Applied:
    """What one transaction did to incidents: for the answer, and for what is counted, logged and woken after it."""

    changes: Sequence[Change] = ()  # as stored, with the numbers of new incidents
    pages: int = 0  # of firing alerts
    texts: int = 0  # that say it is over, or who acknowledged it, and notices
    cancelled: Sequence[str] = ()  # the team of each message that will not leave
    unanswered: Sequence[str] = ()  # the team of each incident whose rounds are over
    resting: int = 0  # always-firing alerts, which open no incident
    stirs: bool = False  # a heartbeat is back or over, which is to be notified


# Its timeline: what is remembered of it, and of the SMS that are about it.
LONGEST = 300  # characters of a detail
NOBODY = 0  # stands for the incident where an alert opens none

RECORD_ONLY, ACKNOWLEDGED, TAKEN, NO_PEOPLE = "record_only", "acknowledged", "taken", "no_people"
CONTRADICTED = "contradicted"  # a body says that an incident is over, and also that it fires
RESTING, HEARTBEAT = "resting", "heartbeat"
BEFORE = "before"  # an answer was written before its incident began, or came back


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
    """One SMS as far as it came."""

    tag: str
    person: str
    team: str
    number: str  # masked
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


_ENDS = (
    IncidentReason.RESOLVED,
    IncidentReason.RESOLVED_BY_HAND,
    IncidentReason.VANISHED,
    IncidentReason.QUIET,
)  # not only forgotten


def held(incident: Incident, reason: IncidentReason, until: datetime | None = None) -> Change:
    """Hold an incident: it pages nobody before `until`, or before somebody decides that it may again."""
    incident = replace(incident, state=IncidentState.HELD, reason=reason, step_due_at=until)
    return Change(incident=incident, reason=reason)


def close(known: Incident, reason: IncidentReason, now: datetime) -> Change:
    """Close an incident. Nobody is notified where it only went stale, nor twice where a late copy is resolved again."""
    closed = replace(
        known,
        state=IncidentState.CLOSED,
        reason=reason,
        closed_at=now,
        last_seen_at=now,
        step_due_at=None,
        flap_due_at=None,
    )
    tells = reason in _ENDS and known.reason is not IncidentReason.LATE_COPY
    return Change(incident=closed, reason=reason, closes=known.episode, ended=reason, tells=tells)


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


def flap_words(incident: Incident, language: str = ENGLISH) -> str:
    """Return `3 times in 40 min`: how often it ended lately."""
    if not incident.closings:
        return ""
    lasting = format_duration(incident.closings[-1] - incident.closings[0], language)
    return f"{len(incident.closings)} {say(language, 'times in')} {lasting}"
