"""A notification: one thing to tell one recipient by one destination. Its kinds, their order, and the destinations.

Destinations other than SMS are Apprise URLs, which hold passwords and so show themselves nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum
from functools import cached_property
from hashlib import blake2b
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

REMINDER = "reminder"  # the note of a page that follows one its person has had
RETURN = "return"  # the note of a page that it is back, though nobody posted its end: a restart moves many starts
FALLBACK_STEP = 99  # of the pages that a fallback's team gets: after all of the team's own
SMS = "sms"  # the destination of what a person's phones get; any other one is the mark of a channel
LATE = timedelta(minutes=2)  # a text that leaves later than this carries the start time


class NotificationKind(StrEnum):
    """Why somebody is notified."""

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


class NotificationState(StrEnum):
    """Where a notification is; one for a phone until it became part of a message."""

    QUEUED = "queued"  # due at due_at: claimed or cancelled; while a channel is given it, that is when its lease ends
    WAITING = "waiting"  # an OK or a remark behind the page it follows: queued once that left, else cancelled
    CLAIMED = "claimed"  # part of a message, whose state counts from here on
    CANCELLED = "cancelled"  # no longer wanted, or nobody is left to get it; final
    SENT = "sent"  # its channel took it; final
    FAILED = "failed"  # its channel did not take it in so many attempts; final


# In the queue the smaller goes first: pages by their severity, then what is no alarm.
PRIORITIES = dict.fromkeys(REMARKS, 4) | {
    NotificationKind.MEANWHILE: 5,
    NotificationKind.RESOLVED: 6,
    NotificationKind.FLAPPING: 6,
}

UNTIL_CARRIED = (
    NotificationState.QUEUED,
    NotificationState.WAITING,
    NotificationState.CLAIMED,
    NotificationState.CANCELLED,
)  # by an SMS


@dataclass(frozen=True, kw_only=True, slots=True)
class Notification:
    """One row of the queue."""

    id: int = 0  # 0 until stored
    incident_id: int | None = None  # None for a notice
    person: str  # or whose channels: person:NAME, chat:NAME, team:NAME, global
    destination: str = SMS
    team: str
    kind: NotificationKind
    priority: int
    due_at: datetime
    created_at: datetime
    state: NotificationState = NotificationState.QUEUED
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
    FRESH = "fresh"  # had not been tried yet: nobody needs an OK
    OVER = "over"  # cancelled or failed


# What the person of a page gets when its incident resolves, and whether that waits; of what is not here nothing.
ON_RESOLVE = {
    PageOutcome.AWAY: (NotificationKind.RESOLVED, NotificationState.QUEUED),
    PageOutcome.BETWEEN: (NotificationKind.RESOLVED, NotificationState.WAITING),
    PageOutcome.STUCK: (NotificationKind.MEANWHILE, NotificationState.QUEUED),
    PageOutcome.MISSED: (NotificationKind.RESOLVED, NotificationState.QUEUED),
    PageOutcome.DOUBT: (NotificationKind.MEANWHILE, NotificationState.QUEUED),
}
# The same when it begins to flap: nothing while the page itself may still come, since that one says so too.
ON_FLAP = {
    outcome: (NotificationKind.FLAPPING, state)
    for outcome, (kind, state) in ON_RESOLVE.items()
    if kind is NotificationKind.RESOLVED
}


# How notifications name the channels that they go to, each with a name behind it:
PERSON = "person:"  # what a person has beside the phone
CHAT = "chat:"  # what a team has for what its people get
TEAM = "team:"  # what a team's own `fallback` has
GLOBAL = "global"  # what the top level's `fallback` has
MOST_ATTEMPTS = 12  # to give a channel one notification; the last one more than an hour after the first
_DELAYS = (10, 30, 60, 120, 300, 600)  # seconds: a mail server that restarts, then one that is down


@dataclass(frozen=True, kw_only=True)
class Channel:
    """One Apprise URL, such as `ntfy://topic` or `mailto://user:secret@example.org`."""

    url: str = field(repr=False)

    @property
    def scheme(self) -> str:
        """All that logs may show of it."""
        return self.url.partition("://")[0][:20]

    @cached_property
    def mark(self) -> str:
        """What stands for it in the store, which is to hold no password: 16 hexadecimal digits."""
        return blake2b(self.url.encode(errors="surrogatepass"), digest_size=8).hexdigest()


@dataclass(frozen=True, kw_only=True, slots=True)
class Fallback:
    """Who is notified when SMS fails or reaches nobody.

    A team's is what counts for it: its own keys, the top level's where it has none.
    """

    team: str = ""  # by its name, since two teams may name each other; "" for none
    channels: tuple[Channel, ...] = ()
    target: str = GLOBAL  # whose channels these are


NO_FALLBACK = Fallback()


def target_in_words(target: str) -> str:
    """Whose channels a target's are, for people: "the fallback", "the fallback of ops", "the chat of ops", "alice"."""
    kind, _, name = target.partition(":")
    words = {"team": f"the fallback of {name}", "chat": f"the chat of {name}", "person": name}
    return words.get(kind, "the fallback")


def retry_after(attempts: int) -> timedelta | None:
    """How long to wait after so many attempts in vain; None: give up."""
    delay = timedelta(seconds=_DELAYS[min(max(attempts, 1), len(_DELAYS)) - 1])
    return delay if attempts < MOST_ATTEMPTS else None


MORNING, EVENING = time(8), time(20)


class NoticeBySms(StrEnum):
    """Whether a notice goes out by SMS too, beside the fallback's channels."""

    NEVER = "never"  # SMS is what does not work, or it is not worth one
    WITHOUT_CHANNELS = "without_channels"  # only where no channel can carry it; by day
    DAYTIME = "daytime"  # from 08:00 to 20:00 where its reader is
    ALWAYS = "always"  # at once: pages are being lost until somebody acts


def sms_at(sms: NoticeBySms, *, channels: bool, zone: str, now: datetime) -> datetime | None:
    """When a person whose clock shows `zone` gets the SMS; None: not at all. `channels`: some carry the notice too.

    That is at once by day, else at the next 08:00 of that zone (UTC where it is not known).
    """
    if sms is NoticeBySms.ALWAYS:
        return now
    if sms is NoticeBySms.NEVER or (sms is NoticeBySms.WITHOUT_CHANNELS and channels):
        return None
    clock = clock_of(zone)
    there = now.astimezone(clock)
    if MORNING <= there.time() < EVENING:
        return now
    day = there.date() + timedelta(days=1 if there.time() >= EVENING else 0)
    return datetime.combine(day, MORNING, clock).astimezone(UTC)


def clock_of(zone: str) -> tzinfo:
    """The clock of a zone; UTC's where it is not known, for want of tzdata say, since that must not stop a page."""
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
