"""The life of one alert for one team, as functions: what is known, what happens and when in; the change out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from alertsms.core.alert import Alert, Severity
from alertsms.core.team import Team

LATE_COPY = timedelta(minutes=2)  # a firing copy this soon after the end may be one that was under way
TOUCH_AFTER = timedelta(minutes=1)  # a mention is written down at most this often: copies then cost no write
ROUNDS = 3  # so often a step that reached nobody is tried again without waiting for the next reminder
STEP_WAIT = timedelta(minutes=5)


class State(StrEnum):
    """Where an incident is."""

    OPEN = "open"  # fires and pages: acknowledged, resolved or stale
    HELD = "held"  # recorded, pages nobody yet: its mute ends, its late copy proves real, or it resolves
    ACKNOWLEDGED = "acknowledged"  # a human has it: resolved or stale
    CLOSED = "closed"  # over: the same number re-opens within the flap window


class Reason(StrEnum):
    """Why an incident is in its state, or why a mention changed nothing."""

    FIRING = "firing"  # a new incident
    AGAIN = "again"  # it fired again within the flap window
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
    ACK_TIMEOUT = "ack_timeout"  # whoever had it has had it for too long, and it still fires
    SNOOZE_OVER = "snooze_over"  # the time that somebody asked for is over, and it still fires
    RESOLVED_BY_HAND = "resolved_by_hand"  # a human says that it is over
    # Of changes alone, no incident is in its state for these:
    TIMER = "timer"  # its timer was set anew, nothing else
    UNSENT = "unsent"  # no reminder yet: a page before it has not left
    REMIND_MAX = "remind_max"  # no reminder any more


@dataclass(frozen=True, kw_only=True, slots=True)
class Incident:
    """One incident as stored. Times without a remark are ours; starts_at and ends_at are the sender's."""

    id: int = 0  # 0 until stored; the number that people type
    key: bytes
    team: str
    state: State
    reason: Reason
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
    begun_at: datetime | None = None  # when this episode came to page: its return, or the end of a hold
    last_paged_at: datetime | None = None  # when OVH last accepted a page of this episode
    acked_by: str = ""
    episode: int = 0  # how often it re-opened
    round: int = 0  # how often this episode's step was tried again because it reached nobody
    paged: int = 0  # how often its team was paged: the next page's `nth`
    step_due_at: datetime | None = None  # its timer: the next step or reminder, or the end of a hold
    step: int = 0  # which step of the round was paged last, from 0
    step_at: datetime | None = None  # when that was
    step_sent_at: datetime | None = None  # when OVH accepted the first SMS of that step: its wait counts from here
    acked_at: datetime | None = None
    closings: tuple[datetime, ...] = ()  # when its sender resolved it lately
    flap_due_at: datetime | None = None  # it flaps, and will have been stable then
    absent_at: datetime | None = None  # when Alertmanager's own list lacked it first
    snoozed_until: datetime | None = None  # whoever has it asked to be paged again then


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What one event does to one incident."""

    incident: Incident
    reason: Reason
    write: bool = True  # false: the stored row already says all this
    retires: int | None = None  # the incident whose place a new one takes
    pages: bool = False  # the team's people are to be paged now
    reminds: bool = False  # of a page that they have had
    closes: int | None = None  # the episode that ends: cancel what has not left of it
    tells: bool = False  # and say OK to whom it paged
    relieves: bool = False  # somebody has it now: cancel what has not left, and tell the others whom it paged
    by: str = ""  # who did this by hand: they need not be told

    def then(self, later: Change) -> Change:
        """Both changes as one, for a body that mentions the same alert twice; `later` was decided after this one."""
        if not later.write:
            return self
        return replace(
            later, retires=self.retires or later.retires, pages=(self.pages and later.closes is None) or later.pages,
            closes=self.closes if later.closes is None else later.closes,
            tells=(self.tells and not later.pages) or later.tells,  # an OK beside the page that it is back misleads
        )  # fmt: skip


def receive(known: Incident | None, alert: Alert, *, team: Team, severity: Severity, muted: bool, now: datetime,
            flap_window: timedelta) -> Change:  # fmt: skip
    """Decide what a firing alert does to the incident it may already have in this team.

    1. Unknown: a new incident.
    2. Open, held or acknowledged: that incident, whatever its startsAt.
    3. Closed: a late copy is held, an early return re-opens the number, a later one is a new incident.
    """
    if known is None:
        return _open(alert, team=team, severity=severity, muted=muted, now=now)
    if known.state is not State.CLOSED:
        return _mention(known, alert, team=team, muted=muted, now=now)
    if known.reason is Reason.TEST:
        return Change(incident=known, reason=Reason.KNOWN, write=False)
    closed_at = known.closed_at or known.last_seen_at
    if now < closed_at + LATE_COPY and _maybe_over(known, alert):
        held = replace(_seen(known, alert, now), state=State.HELD, reason=Reason.LATE_COPY, step_due_at=now + LATE_COPY)
        return Change(incident=held, reason=Reason.LATE_COPY)
    if now < closed_at + flap_window:
        return _reopen(_seen(known, alert, now), Reason.AGAIN, team=team, muted=muted, now=now)
    return _open(alert, team=team, severity=severity, muted=muted, now=now, retires=known.id)


def _maybe_over(known: Incident, alert: Alert) -> bool:
    """Whether a firing mention may be of what its sender has just resolved: then it started no later.

    An unknown start cannot prove that; nor did the sender resolve what only went stale.
    """
    by_somebody = known.reason in (Reason.RESOLVED, Reason.RESOLVED_BY_HAND)
    if not by_somebody or alert.starts_at is None or known.latest_start is None:
        return False
    return alert.starts_at <= known.latest_start


def _open(alert: Alert, *, team: Team, severity: Severity, muted: bool, now: datetime,
          retires: int | None = None) -> Change:  # fmt: skip
    """Open a new incident: held when muted, over at once when it is a test."""
    reason = Reason.TEST if alert.test else Reason.MUTED if muted else Reason.FIRING
    state = State.CLOSED if alert.test else State.HELD if muted else State.OPEN
    pages = state is not State.HELD and not team.record_only
    incident = Incident(
        key=alert.key, team=team.name, state=state, reason=reason, severity=severity, labels=alert.labels,
        annotations=alert.annotations, place=alert.place, truncated=alert.truncated, receiver=alert.receiver,
        source=str(alert.source.format), starts_at=alert.starts_at, latest_start=alert.starts_at, opened_at=now,
        closed_at=now if alert.test else None, last_seen_at=now, paged=int(pages),
        step_due_at=_reminder(team, now) if state is State.OPEN else None,
    )  # fmt: skip
    return Change(incident=incident, reason=reason, retires=retires, pages=pages)


def _mention(known: Incident, alert: Alert, *, team: Team, muted: bool, now: datetime) -> Change:
    """A firing alert whose incident is not closed: nobody is paged, unless it was held and need not be any more."""
    newer = bool(alert.starts_at and (known.latest_start is None or alert.starts_at > known.latest_start))
    if known.reason is Reason.LATE_COPY and newer:  # no copy of what is over: it is back
        back = replace(_seen(known, alert, now), starts_at=alert.starts_at)
        return _reopen(back, Reason.AGAIN, team=team, muted=muted, now=now)
    if known.reason is Reason.MUTED and not muted:
        return release(_seen(known, alert, now), team=team, muted=False, now=now)
    if newer or now >= known.last_seen_at + TOUCH_AFTER:
        return Change(incident=_seen(known, alert, now), reason=Reason.KNOWN)
    return Change(incident=known, reason=Reason.KNOWN, write=False)


def _seen(known: Incident, alert: Alert, now: datetime) -> Incident:
    """The incident after a mention: the latest words count, and the first start as long as it lasts."""
    starts = [at for at in (known.latest_start, alert.starts_at) if at]
    return replace(
        known, last_seen_at=now, annotations=alert.annotations, place=alert.place or known.place,
        truncated=alert.truncated, receiver=alert.receiver, latest_start=max(starts) if starts else None,
        starts_at=alert.starts_at if known.state is State.CLOSED else known.starts_at or alert.starts_at,
    )  # fmt: skip


def _reopen(known: Incident, reason: Reason, *, team: Team, muted: bool, now: datetime) -> Change:
    """The alert is back within the flap window: the same number, marked AGAIN; whoever had it still has it."""
    again = replace(known, episode=known.episode + 1, round=0, ends_at=None, closed_at=None, begun_at=now,
                    last_paged_at=None, step_due_at=None)  # fmt: skip
    if known.acked_by:
        return Change(incident=replace(again, state=State.ACKNOWLEDGED, reason=reason), reason=reason)
    if muted:
        return Change(incident=replace(again, state=State.HELD, reason=Reason.MUTED), reason=Reason.MUTED)
    return _page(replace(again, state=State.OPEN, reason=reason), team, now, reason)


def release(known: Incident, *, team: Team, muted: bool, now: datetime) -> Change:
    """A hold ended while the incident still fires: page it, unless it is muted now.

    A late copy that nobody resolved again was real: the alert is back.
    """
    if known.reason is Reason.LATE_COPY:
        return _reopen(known, Reason.RELEASED, team=team, muted=muted, now=now)
    if muted:
        return Change(incident=known, reason=Reason.MUTED, write=False)
    freed = replace(known, state=State.OPEN, reason=Reason.RELEASED, begun_at=now)
    return _page(freed, team, now, Reason.RELEASED)


def resolve(known: Incident, alert: Alert, now: datetime) -> Change | None:
    """Decide what a resolved alert does to an incident of any team; None where it is closed already."""
    if known.state is State.CLOSED:
        return None
    # A resolution older than the incident's start is a late copy of what was over before.
    if alert.ends_at and known.latest_start and alert.ends_at < known.latest_start:
        return Change(incident=known, reason=Reason.OLD_RESOLUTION, write=False)
    # Grafana's note that an alert ended without being fixed is worth telling those who were paged.
    why = {name: text for name, text in alert.annotations.items() if name == "grafana_state_reason"}
    over = replace(known, ends_at=alert.ends_at, annotations={**known.annotations, **why})
    return close(over, Reason.RESOLVED, now)


def close(known: Incident, reason: Reason, now: datetime) -> Change:
    """Close an incident. Nobody is told where it only went stale, nor twice where a late copy is resolved again."""
    closed = replace(known, state=State.CLOSED, reason=reason, closed_at=now, last_seen_at=now, step_due_at=None)
    tells = reason in (Reason.RESOLVED, Reason.RESOLVED_BY_HAND) and known.reason is not Reason.LATE_COPY
    return Change(incident=closed, reason=reason, closes=known.episode, tells=tells)


def remind(known: Incident, *, team: Team, muted: bool, unsent: bool, now: datetime) -> Change:
    """The reminder's timer rang: page again, or set it anew.

    `unsent` says that an earlier page of the incident has not left yet: it will, so another one would be a double.
    """
    if known.state is not State.OPEN or team.record_only:
        return _timer(known, None)
    if known.round == 0:  # a later round is no reminder: nobody has heard of it yet
        begun_at = known.begun_at or known.opened_at
        if not team.repeat_interval:
            return _timer(known, None)
        if now > begun_at + team.remind_max:
            return _timer(known, None, Reason.REMIND_MAX)
        due = (known.last_paged_at or begun_at) + team.repeat_interval
        if due > now:
            return _timer(known, due)
    if unsent or muted:
        return _timer(known, now + STEP_WAIT, Reason.UNSENT if unsent else Reason.MUTED)
    reminds = known.last_paged_at is not None and known.round == 0
    return replace(_page(known, team, now, known.reason), reminds=reminds)


def _timer(known: Incident, due: datetime | None, reason: Reason = Reason.TIMER) -> Change:
    return Change(incident=replace(known, step_due_at=due), reason=reason)


def unreached(known: Incident, *, team: Team, refused: bool, silent: bool, now: datetime) -> Change:
    """Every message of the step ended badly: the next round comes at once, three rounds at most.

    Where OVH could not say whether it has the message, the round waits as a step would; a number that is refused
    for good is not tried again before the next reminder.
    """
    if refused or known.round + 1 >= ROUNDS:
        return _timer(replace(known, round=0), _reminder(team, now))
    return _timer(replace(known, round=known.round + 1), now + STEP_WAIT if silent else now)


def _page(known: Incident, team: Team, now: datetime, reason: Reason) -> Change:
    """Page the team's people now and set the next reminder."""
    if team.record_only:
        return Change(incident=known, reason=reason)
    paged = replace(known, paged=known.paged + 1, step_due_at=_reminder(team, now))
    return Change(incident=paged, reason=reason, pages=True)


def _reminder(team: Team, now: datetime) -> datetime | None:
    return now + team.repeat_interval if team.repeat_interval and not team.record_only else None
