"""The door to other channels than SMS: finds what does not leave, and posts what is to be told there.

Each channel is a destination of its own with one post under way, in a thread with a deadline: one that hangs keeps
nobody else waiting, nor any SMS. A post is made at least once: one that a crash cuts off between a channel's answer and
our commit is posted there again, since no channel can be asked what it has.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from alertsms.apprise_channels import ChannelError, in_a_thread
from alertsms.context import Context
from alertsms.core.incidents.incident import Event, EventKind
from alertsms.core.messages.notification import (
    MOST_ATTEMPTS,
    Channel,
    Notification,
    NotificationState,
    retry_after,
    target_in_words,
)
from alertsms.core.messages.trouble import Hindrance, Trouble
from alertsms.core.routing.roster import Roster
from alertsms.core.text.channel import IN_STORY, PostedIncident, asks, compose, wanted
from alertsms.core.text.subject import link_to
from alertsms.logs import event
from alertsms.store import channels, fallback, incidents, tokens
from alertsms.store.error import StoreError
from alertsms.store.tokens import Token

log = logging.getLogger("alertsms.fallback")

DEADLINE = timedelta(seconds=20)
LEASE = timedelta(seconds=60)
PATIENCE = timedelta(minutes=2)  # so long a page may wait while SMS work
SWEEP_EVERY = timedelta(seconds=10)
MOST_POSTS = 5000  # in one round: what is told together is counted together
CHANNEL_FIX = "`alertsms doctor --tell` tries each; mend its URL, or what that leads to"
MOST_HANGING = 3  # threads of one channel that never came back; its posts then fail at once


@dataclass(kw_only=True, slots=True)
class Flight:
    """What one channel is being given, all for one recipient."""

    posted: list[PostedIncident]
    recipient: str
    channel: Channel
    until: datetime
    error: str = ""
    taken: bool = False  # the channel has it
    stored: bool = False  # and the store knows
    ended: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class PostAttempt:
    """How one attempt to give a channel one thing ended."""

    notification: Notification
    state: NotificationState
    alone: bool = False  # it was given up, and no other channel of its recipient has it or may get it


class ChannelNotifier:
    """Drives posts from their cause to the channels."""

    def __init__(
        self,
        *,
        context: Context,
        post: Callable[[Channel, str, str], None],
        wake: Callable[[], None],
        usable: Callable[[], bool] = lambda: True,  # whether any SMS can leave now
        launch: Callable[[Callable[[], None]], None] = in_a_thread,
    ) -> None:
        """`post(channel, title, body)` raises ChannelError; `launch` runs it elsewhere, `wake` then asks for a step."""
        self._store, self._roster, self._config = context.store, context.roster, context.config
        self._metrics, self._clock = context.metrics, context.clock
        self._post, self._wake, self._usable, self._launch = post, wake, usable, launch
        self._flights: dict[str, Flight] = {}  # by the mark of the channel: one at a time
        self._hanging, self._counting = Counter[Channel](), threading.Lock()
        self._has_channels: tuple[Roster, bool] | None = None  # whether a roster has channels at all
        self._swept_at: datetime | None = None
        self._late = fallback.LatePages(context.store)
        self._refused: dict[Channel, str] = {}  # channels that took nothing to the last attempt, and why

    def troubles(self) -> Iterator[Trouble]:
        """Channels of the configuration that refused something for good; until they take something."""
        known = self._roster().all_channels
        for channel, why in [refused for refused in list(self._refused.items()) if refused[0] in known]:
            says = f"a {channel.scheme} channel took nothing in {MOST_ATTEMPTS} attempts: {why}"
            yield Trouble(key=f"channel:{channel.scheme}", hinders=Hindrance.OUTSIDE, says=says, fix=CHANNEL_FIX)

    def step(self) -> float | None:
        """One round; returns in how many seconds it wants the next one."""
        now, roster = self._clock(), self._roster()
        if not self._flights and not self._any_channels(roster):
            self._give_up(now, roster)
            return None
        self._sweep(now, roster)
        self._settle(now)
        # Everything that wakes us is no reason to write: alerts come far more often than posts.
        while (following := self._next()) and following <= now and self._begin(now, roster):
            self._settle(now)
        times = [flight.until for flight in self._flights.values()] + ([following] if following else [])
        return max((min(times) - now).total_seconds(), 0.05) if times else None

    def _give_up(self, now: datetime, roster: Roster) -> None:
        """Drop what waits for channels that a reload took away: back one day, they would be told of long ago."""
        if self._swept_at is None or abs(now - self._swept_at) >= SWEEP_EVERY:  # it may be ahead: the clock was set
            self._swept_at = now
            while (following := self._next()) and following <= now and self._begin(now, roster):
                pass

    def _next(self) -> datetime | None:
        older = self._config.newer_sender  # by the newer file posts leave
        return None if older else self._store.read(lambda tx: channels.next_due(tx, set(self._flights)))

    def _any_channels(self, roster: Roster) -> bool:
        if self._has_channels is None or self._has_channels[0] is not roster:
            self._has_channels = roster, bool(roster.all_channels)
        return self._has_channels[1]

    def drain(self, seconds: float) -> None:
        """Let what is under way end, so that the next start need not tell it again."""
        until = time.monotonic() + seconds
        while self._flights and time.monotonic() < until:
            time.sleep(0.02)
            self._settle(self._clock())

    # What does not leave.

    def _sweep(self, now: datetime, roster: Roster) -> None:
        """Tell the fallbacks of pages that wait too long: of any at once while no account can send."""
        usable = self._usable()
        if usable and self._swept_at and abs(now - self._swept_at) < SWEEP_EVERY:
            return
        self._late.tell(now - PATIENCE if usable else now, roster.team, now)
        self._swept_at = now

    # What is to be told.

    def _begin(self, now: datetime, roster: Roster) -> bool:
        """Begin an attempt for what is due, all that a channel is to give one recipient in one text.

        False where nothing was, or another replica is at it.
        """
        busy, address = set(self._flights), self._config.current.server.external_url
        begun, posted = self._store.transact(lambda tx: _claim(tx, roster, busy, now, address))
        by_channel: dict[str, list[PostedIncident]] = {}
        for row in posted:
            by_channel.setdefault(row.post.destination, []).append(row)
        for mark, together in by_channel.items():
            recipient = together[0].post.person
            channel = next(channel for channel in roster.channels(recipient) if channel.mark == mark)
            flight = Flight(posted=together, recipient=recipient, channel=channel, until=now + DEADLINE)
            self._flights[mark] = flight
            self._start(flight, roster.zone(recipient), roster.language(recipient))
        return begun

    def _start(self, flight: Flight, zone: str, language: str) -> None:
        """Post, unless earlier posts to this channel never came back: it is closed until one does."""
        channel = flight.channel
        if self._hanging[channel] >= MOST_HANGING:
            flight.error = f"{MOST_HANGING} earlier posts still hang"
            flight.ended = True
            return
        text = compose(flight.posted, zone=zone, language=language)
        with self._counting:
            self._hanging[channel] += 1
        try:
            self._launch(lambda: self._run(flight, channel, text.title, text.body))
        except RuntimeError as error:  # the machine gives this process no more threads
            flight.error = str(error)
            self._end(flight)

    def _run(self, flight: Flight, channel: Channel, title: str, body: str) -> None:
        """Post, in whatever thread this is; one that comes back after its deadline still counts."""
        try:
            self._post(channel, title, body)
            flight.taken = True
            self._refused.pop(channel, None)
            self._remember(flight)
        except ChannelError as error:
            flight.error = str(error)
        except Exception as error:  # noqa: BLE001 - whatever a plug-in raises
            # Not its words, nor its traceback: what a library says of a URL may hold the password.
            flight.error = f"it broke with {type(error).__name__}"
        finally:
            self._end(flight)
            self._wake()

    def _end(self, flight: Flight) -> None:
        with self._counting:
            self._hanging[flight.channel] -= 1
        flight.ended = True

    def _remember(self, flight: Flight) -> None:
        """Write down that the channel has it, before anything else: a restart begins where this ends."""
        try:
            ends = self._store.transact(lambda tx: _mark(tx, flight, self._clock()))
        except StoreError as error:
            event(
                log,
                logging.ERROR,
                "who took a post could not be stored: after a restart it is posted again",
                channel=flight.channel.scheme,
                why=str(error),
            )
        else:
            flight.stored = True
            self._report(flight, ends)

    def _settle(self, now: datetime) -> None:
        for mark, flight in list(self._flights.items()):
            # A deadline that is further away than that comes of a clock that was set back.
            if not flight.ended and timedelta() < flight.until - now <= DEADLINE:
                continue
            if not flight.stored:
                flight.error = flight.error or f"no answer within {DEADLINE.total_seconds():g} s"
                ends = self._store.transact(lambda tx, flight=flight: _mark(tx, flight, now))  # type: ignore[misc]
                self._report(flight, ends)
            del self._flights[mark]

    def _report(self, flight: Flight, ends: Sequence[PostAttempt]) -> None:
        states = Counter(end.state for end in ends)
        lost = sum(end.alone for end in ends)
        sent = states[NotificationState.SENT]
        self._metrics.notices.labels("sent").inc(sent)
        self._metrics.notices.labels("failed").inc(lost)
        if sent:
            event(log, logging.INFO, "told by other channels", target=flight.recipient, posts=sent)
        if not flight.taken:
            fields = {"channel": flight.channel.scheme, "why": flight.error, "again": states[NotificationState.QUEUED]}
            event(log, logging.WARNING, "a channel did not take it", target=flight.recipient, **fields)
        if states[NotificationState.FAILED]:
            self._refused[flight.channel] = flight.error
        if lost:
            says = "nobody could be told by other channels: look at their URLs and servers"
            event(log, logging.ERROR, says, target=flight.recipient, posts=lost)


def _claim(
    tx: Connection, roster: Roster, busy: set[str], now: datetime, address: str
) -> tuple[bool, list[PostedIncident]]:
    """Claim what is due; whether anything was, and what of it is still wanted, with links to answer by."""
    kept = []
    claimed = channels.claim(tx, now, LEASE, MOST_POSTS, busy)
    for posted in channels.with_incidents(tx, claimed):
        known = roster.channels(posted.post.person)
        if not wanted(posted):
            channels.end(tx, posted.post, NotificationState.CANCELLED, "over before it was told")
        elif all(channel.mark != posted.post.destination for channel in known):
            channels.move(tx, posted.post, known, now)
        else:
            kept.append(posted)
            if posted.post.attempts > 1:  # a reload may have added another channel since
                channels.spread(tx, posted.post, known, now)
    # Whoever presses its button answers as the person, or as the chat or fallback that was told.
    links = {
        posted.post.id: Token(
            token=tokens.new(posted=True),
            person=target_in_words(posted.post.person),
            incident_id=posted.post.incident_id,
            created_at=now,
        )
        for posted in kept
        if address and asks(posted)
    }
    tokens.add(tx, list(links.values()))
    linked = {number: link_to(address, token.token) for number, token in links.items()}
    return bool(claimed), [replace(posted, link=linked.get(posted.post.id, "")) for posted in kept]


def _mark(tx: Connection, flight: Flight, now: datetime) -> list[PostAttempt]:
    """Mark how the attempt ended for each thing in it; returns those that were still ours."""
    rows = [posted.post for posted in flight.posted]
    if flight.taken:
        ours = channels.took(tx, [row.id for row in rows])
        ends = [PostAttempt(notification=row, state=NotificationState.SENT) for row in rows if row.id in ours]
    else:
        ends = [end for row in rows if (end := _in_vain(tx, row, flight.error, now))]
    incidents.note_events(tx, [_happened(end, flight, now) for end in ends if end.notification.incident_id])
    return ends


def _in_vain(tx: Connection, row: Notification, error: str, now: datetime) -> PostAttempt | None:
    """Once more later, or given up; None where somebody else began another attempt since."""
    if wait := retry_after(row.attempts):
        again = channels.later(tx, row, now + wait, error)
        return PostAttempt(notification=row, state=NotificationState.QUEUED) if again else None
    if not channels.end(tx, row, NotificationState.FAILED, error):
        return None
    alone = not {NotificationState.SENT, NotificationState.QUEUED} & set(channels.siblings(tx, row).values())
    return PostAttempt(notification=row, state=NotificationState.FAILED, alone=alone)


def _happened(end: PostAttempt, flight: Flight, now: datetime) -> Event:
    reason = {NotificationState.SENT: "told", NotificationState.FAILED: "failed"}.get(end.state, "retry")
    row, said = end.notification, "" if end.state is NotificationState.SENT else f": {flight.error}"
    detail = f"{IN_STORY[row.kind]} to {target_in_words(row.person)} by {flight.channel.scheme}{said}"
    return Event(
        incident_id=row.incident_id or 0,
        episode=row.episode,
        at=now,
        kind=EventKind.CHANNEL,
        reason=reason,
        detail=detail,
    )
