"""A notification: one thing to tell one recipient by one destination. What kinds there are, and which goes first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from alertsms.core.alerts.alert import Severity

REMINDER = "reminder"  # the note of a page that follows one its person has had
RETURN = "return"  # the note of a page that it is back, though nobody posted its end: a restart moves many starts
FALLBACK_STEP = 99  # of the pages that a fallback's team gets: after all of the team's own
SMS = "sms"  # the destination of what a person's phones get; any other one is the mark of a channel
LATE = timedelta(minutes=2)  # a text that leaves later than this carries the start time


class NotificationKind(StrEnum):
    """Why somebody is told."""

    PAGE = "page"  # it fires
    RESOLVED = "resolved"  # it is over, to those whose page left
    MEANWHILE = "meanwhile"  # it came and went while no page could leave
    FLAPPING = "flapping"  # it ends and comes back again and again: in the place of an OK
    NOTICE = "notice"  # alertsms about itself: a refused body, a test SMS
    TAKEN = "taken"  # somebody else has what this person was just paged for
    ANSWERED = "answered"  # what an answer from this very phone did: no other one gets it, and nobody waits for it
    # To channels alone:
    UNSENT = "unsent"  # its pages do not leave, or nobody can say whether they did
    UNREACHED = "unreached"  # its pages left, and no phone of its team got one
    UNHEARD = "unheard"  # its pages left, and no phone of its team has said so in time
    UNANSWERED = "unanswered"  # nobody of its team has answered in all rounds


REMARKS = (
    NotificationKind.NOTICE,
    NotificationKind.TAKEN,
    NotificationKind.ANSWERED,
)  # neither an alarm nor its end: each is an SMS of its own


FOR_FALLBACK = (
    NotificationKind.UNSENT,
    NotificationKind.UNREACHED,
    NotificationKind.UNHEARD,
    NotificationKind.UNANSWERED,
)
TO_PHONES = tuple(kind for kind in NotificationKind if kind not in FOR_FALLBACK)
FIRING = (NotificationKind.PAGE, *FOR_FALLBACK)  # of what somebody is to answer


class PageState(StrEnum):
    """Where a notification is; one for a phone until it became part of a message."""

    QUEUED = "queued"  # due at due_at: claimed or cancelled; while a channel is given it, that is when its lease ends
    WAITING = "waiting"  # an OK or a remark behind the page it follows: queued once that left, else cancelled
    CLAIMED = "claimed"  # part of a message, whose state counts from here on
    CANCELLED = "cancelled"  # no longer wanted, or nobody is left to get it; final
    SENT = "sent"  # its channel took it; final
    FAILED = "failed"  # its channel did not take it in so many attempts; final


def priority(kind: NotificationKind, severity: Severity) -> int:
    """The smaller goes first: pages by severity, then what is no alarm."""
    if kind is NotificationKind.PAGE:
        return int(severity)
    return (
        4
        if kind in REMARKS
        else {NotificationKind.MEANWHILE: 5, NotificationKind.RESOLVED: 6, NotificationKind.FLAPPING: 6}[kind]
    )


UNTIL_CARRIED = (PageState.QUEUED, PageState.WAITING, PageState.CLAIMED, PageState.CANCELLED)  # by an SMS


@dataclass(frozen=True, kw_only=True, slots=True)
class Notification:
    """One row of what is to be told."""

    id: int = 0  # 0 until stored
    incident_id: int | None = None  # None for a notice
    person: str  # or whose channels: person:NAME, chat:NAME, team:NAME, global
    destination: str = SMS
    team: str
    kind: NotificationKind
    priority: int
    due_at: datetime
    created_at: datetime
    state: PageState = PageState.QUEUED
    episode: int = 0  # which opening of the incident
    round: int = 0  # of the escalation, from 0
    step: int = 0  # of the round, from 0
    nth: int = 0  # 0 the first page of the incident to this person, then AGAIN and reminders
    after_page: int | None = None
    message_id: int | None = None
    phone: int = 0  # which of the person's numbers, from 0
    plain: bool = False  # refused for contact information: only what fires and its number
    note: str = ""  # the text of a remark; REMINDER, RETURN
    attempts: int = 0  # to give it to its channel; also the claim: who began the last one may say how it ended
    error: str = ""  # why its channel did not take it


class PageOutcome(StrEnum):
    """What happened to a page by the time its incident is resolved."""

    AWAY = "away"  # OVH has the message: the person was paged
    BETWEEN = "between"  # being sent, or its answer was lost: the OK waits for the outcome
    STUCK = "stuck"  # could not leave: tried in vain, or waiting for more than two minutes
    MISSED = "missed"  # OVH has the message, the phone did not get it: it may yet
    DOUBT = "doubt"  # cancelled or failed after a lost answer: nobody knows whether the person was paged
    FRESH = "fresh"  # had not been tried yet: nobody needs to hear of it
    OVER = "over"  # cancelled or failed


def told_on_resolve(left: PageOutcome) -> tuple[NotificationKind, PageState] | None:
    """What the person of a page hears when its incident resolves, and whether it waits; None: nothing."""
    return {
        PageOutcome.AWAY: (NotificationKind.RESOLVED, PageState.QUEUED),
        PageOutcome.BETWEEN: (NotificationKind.RESOLVED, PageState.WAITING),
        PageOutcome.STUCK: (NotificationKind.MEANWHILE, PageState.QUEUED),
        PageOutcome.MISSED: (NotificationKind.RESOLVED, PageState.QUEUED),
        PageOutcome.DOUBT: (NotificationKind.MEANWHILE, PageState.QUEUED),
        PageOutcome.FRESH: None,
        PageOutcome.OVER: None,
    }[left]


def told_on_flap(left: PageOutcome) -> tuple[NotificationKind, PageState] | None:
    """What the person of a page hears when its incident begins to flap; nothing while the page itself may still come.

    That one says so too.
    """
    outcome = told_on_resolve(left)
    return (NotificationKind.FLAPPING, outcome[1]) if outcome and outcome[0] is NotificationKind.RESOLVED else None
