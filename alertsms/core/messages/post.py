"""A post: one thing to be told by channels other than SMS, from its cause until they took it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

MOST_ATTEMPTS = 12  # the last one more than an hour after the first
_DELAYS = (10, 30, 60, 120, 300, 600)  # seconds: a mail server that restarts, then one that is down


class PostKind(StrEnum):
    """What it tells. The first three are what the same words are for a page."""

    PAGE = "page"  # it fires: for the channels that a person has beside the phone
    RESOLVED = "resolved"  # it is over, to the channels that heard of it
    UNSENT = "unsent"  # its pages do not leave, or nobody can say whether they did
    UNREACHED = "unreached"  # its pages left, and no phone of its team got one
    UNHEARD = "unheard"  # its pages left, and no phone of its team has said so in time
    FLAPPING = "flapping"  # it ends and comes back again and again: for a person's channels that heard of it
    TAKEN = "taken"  # somebody has it, to the channels that heard of it
    UNANSWERED = "unanswered"  # nobody of its team has answered in all rounds
    NOTICE = "notice"  # alertsms about itself


FIRING = (
    PostKind.PAGE,
    PostKind.UNSENT,
    PostKind.UNREACHED,
    PostKind.UNHEARD,
    PostKind.UNANSWERED,
)  # of what somebody is to answer

# How the story of an incident says what was told.
IN_STORY = {
    PostKind.PAGE: "page",
    PostKind.RESOLVED: "OK",
    PostKind.UNSENT: "no SMS left,",
    PostKind.UNREACHED: "no phone reached,",
    PostKind.UNHEARD: "no phone confirmed it,",
    PostKind.FLAPPING: "FLAPPING",
    PostKind.TAKEN: "somebody has it,",
    PostKind.UNANSWERED: "nobody answered,",
    PostKind.NOTICE: "notice",
}


class PostState(StrEnum):
    """Where a post is."""

    QUEUED = "queued"  # due at due_at; while it is being posted that is when another one may try
    SENT = "sent"  # a channel took it, all of them unless `error` names one; final
    FAILED = "failed"  # no channel took it in so many attempts; final
    DROPPED = "dropped"  # what it would tell is over, or nobody is left to hear it; final


@dataclass(frozen=True, kw_only=True, slots=True)
class Post:
    """One row of what is to be told to the channels of a target."""

    id: int = 0  # 0 until stored
    target: str  # whose channels: team:NAME, person:NAME or global
    incident_id: int | None = None  # None for a notice
    kind: PostKind
    episode: int = 0
    nth: int = 0
    text: str = ""  # "" where it is worded from the incident when it leaves
    created_at: datetime
    due_at: datetime
    state: PostState = PostState.QUEUED
    attempts: int = 0  # those begun; also the claim: who began the last one may say how it ended
    error: str = ""
    took: str = ""  # the marks of the channels that have it already, divided by blanks


def retry_after(attempts: int) -> timedelta | None:
    """How long to wait after so many attempts in vain; None: give up."""
    if attempts >= MOST_ATTEMPTS:
        return None
    return timedelta(seconds=_DELAYS[min(max(attempts, 1), len(_DELAYS)) - 1])
