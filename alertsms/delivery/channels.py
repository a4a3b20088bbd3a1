"""The door to other channels than SMS: finds what does not leave, and posts what is to be told there.

Each channel is posted to in a thread of its own with a deadline, so that one that hangs keeps nobody else waiting. A
post is made at least once: one that a crash cuts off between a channel's answer and our commit is posted there again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from alertsms.apprise_channels import ChannelError, in_a_thread
from alertsms.context import Context
from alertsms.core.incidents.timeline import Event, EventKind
from alertsms.core.messages.channel import Channel, target_in_words
from alertsms.core.messages.post import IN_STORY, MOST_ATTEMPTS, Post, PostState, retry_after
from alertsms.core.messages.trouble import Hindrance, Trouble
from alertsms.core.routing.roster import Roster
from alertsms.core.text.channel import PostedIncident, asks, compose, wanted
from alertsms.core.text.link import link_to
from alertsms.logs import event
from alertsms.store import events, posts, tokens
from alertsms.store import fallback as rows
from alertsms.store.engine import StoreError
from alertsms.store.tokens import Token

log = logging.getLogger("alertsms.fallback")

DEADLINE = timedelta(seconds=20)
LEASE = timedelta(seconds=60)
PATIENCE = timedelta(minutes=2)  # so long a page may wait while SMS work
SWEEP_EVERY = timedelta(seconds=10)
MOST_POSTS = 5000  # in one round: what is told together is counted together
MOST_STUCK = 2000
CHANNEL_FIX = "`alertsms doctor --tell` tries each; mend its URL, or what that leads to"
MOST_HANGING = 3  # threads of one channel that never came back; its posts then fail at once


@dataclass(kw_only=True, slots=True)
class Flight:
    """What is being told to the channels of one target."""

    told: list[PostedIncident]
    channels: tuple[Channel, ...]
    until: datetime
    waits_for: set[Channel]
    errors: dict[Channel, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class PostAttempt:
    """How one attempt of one post ended."""

    post: Post
    state: PostState
    at: datetime | None = None  # of the next attempt
    words: str = ""  # for `why` and for `error`: never a URL


class ChannelNotifier:
    """Drives posts from their cause to the channels."""

    def __init__(
        self,
        *,
        context: Context,
        post: Callable[[Channel, str, str], None],
        wake: Callable[[], None],
        usable: Callable[[], bool] = lambda: True,
        address: Callable[[], str] = lambda: "",
        launch: Callable[[Callable[[], None]], None] = in_a_thread,
    ) -> None:
        """`post(channel, title, body)` raises ChannelError; `launch` runs it elsewhere, `wake` then asks for a step.

        `usable`: whether any SMS can leave now; `address`: where links lead, "" for nowhere.
        """
        self._store, self._roster, self._metrics, self._clock = (
            context.store,
            context.roster,
            context.metrics,
            context.clock,
        )
        self._post, self._wake, self._usable, self._launch = post, wake, usable, launch
        self._address = address
        self._flights: dict[str, Flight] = {}  # by target: one at a time
        self._took: dict[int, set[Channel]] = {}  # which channels have a post already, by its number
        self._hanging: Counter[Channel] = Counter()
        self._counting = threading.Lock()
        self._talks: tuple[Roster, bool] | None = None  # whether a roster has channels at all
        self._swept_at: datetime | None = None
        self._told: set[tuple[int, int]] = set()  # incident and episode of what the last sweep found
        self._refused: dict[Channel, str] = {}  # channels that took nothing to the last attempt, and why

    def troubles(self) -> Iterator[Trouble]:
        """Channels that refused something for good; until they take something."""
        for channel, why in self._refusing(self._roster()):
            says = f"a {channel.scheme} channel took nothing in {MOST_ATTEMPTS} attempts: {why}"
            yield Trouble(key=f"channel:{channel.scheme}", hinders=Hindrance.OUTSIDE, says=says, fix=CHANNEL_FIX)

    def _refusing(self, roster: Roster) -> Iterator[tuple[Channel, str]]:
        """Those that the configuration still has."""
        known = roster.all_channels
        return ((channel, why) for channel, why in list(self._refused.items()) if channel in known)

    def step(self) -> float | None:
        """One round; returns in how many seconds it wants the next one."""
        now, roster = self._clock(), self._roster()
        if not self._flights and not self._has_channels(roster):
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
        if self._swept_at is None or now - self._swept_at >= SWEEP_EVERY:
            self._swept_at = now
            following = self._next()
            if following and following <= now:
                self._begin(now, roster)

    def _next(self) -> datetime | None:
        """When the next post is due to a target that nothing is under way to."""
        return self._store.read(lambda tx: posts.next_due(tx, set(self._flights)))

    def _has_channels(self, roster: Roster) -> bool:
        if self._talks is None or self._talks[0] is not roster:
            self._talks = roster, bool(roster.all_channels)
        return self._talks[1]

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
        if usable and self._swept_at and now - self._swept_at < SWEEP_EVERY:
            return
        before, after = now - PATIENCE if usable else now, 0
        seen: set[tuple[int, int]] = set()
        while True:
            found = self._store.read(lambda tx, after=after: rows.stuck(tx, before, after, MOST_STUCK))  # type: ignore[misc]
            fresh = [one for one in found if (one.incident_id, one.episode) not in self._told | seen]
            if fresh:
                self._store.transact(lambda tx, fresh=fresh: rows.tell(tx, fresh, roster.team, now))  # type: ignore[misc]
            seen |= {(one.incident_id, one.episode) for one in found}
            if len(found) < MOST_STUCK:
                break
            after = found[-1].page_id
        self._swept_at, self._told = now, seen

    # What is to be told.

    def _begin(self, now: datetime, roster: Roster) -> bool:
        """Begin an attempt for what is due, all posts of a target in one text; false where nothing was."""
        busy = set(self._flights)
        kept = self._store.transact(lambda tx: _claim(tx, roster, busy, now, self._address()))
        by_target: dict[str, list[PostedIncident]] = {}
        for told in kept:
            by_target.setdefault(told.post.target, []).append(told)
            have = told.post.took.split()
            known = {channel for channel in roster.channels(told.post.target) if channel.mark in have}
            self._took.setdefault(told.post.id, set()).update(known)
        for target, together in by_target.items():
            channels = roster.channels(target)
            flight = Flight(told=together, channels=channels, until=now + DEADLINE, waits_for=set(channels))
            self._flights[target] = flight
            for channel in channels:
                self._start(flight, channel, roster.zone(target), roster.language(target))
        return bool(kept)

    def _start(self, flight: Flight, channel: Channel, zone: str, language: str) -> None:
        """Post what this channel has not got yet."""
        lacking = [told for told in flight.told if channel not in self._took[told.post.id]]
        if not lacking:
            flight.waits_for.discard(channel)
        elif self._hanging[channel] >= MOST_HANGING:
            flight.errors[channel] = f"{MOST_HANGING} earlier posts still hang"
            flight.waits_for.discard(channel)
        else:
            with self._counting:
                self._hanging[channel] += 1
            text = compose(lacking, zone=zone, language=language)
            self._launch(lambda: self._run(flight, channel, lacking, text.title, text.body))

    def _run(self, flight: Flight, channel: Channel, told: Sequence[PostedIncident], title: str, body: str) -> None:
        """Post, in whatever thread this is; one that comes back after its deadline still counts."""
        try:
            self._post(channel, title, body)
            self._refused.pop(channel, None)
            for each in told:
                self._took.get(each.post.id, set()).add(channel)
            self._remember(channel, told)
        except ChannelError as error:
            flight.errors[channel] = str(error)
        except Exception as error:  # noqa: BLE001 - whatever a plug-in raises
            # Not its words, nor its traceback: what a library says of a URL may hold the password.
            flight.errors[channel] = f"it broke with {type(error).__name__}"
        finally:
            with self._counting:
                self._hanging[channel] -= 1
            flight.waits_for.discard(channel)
            self._wake()

    def _remember(self, channel: Channel, told: Sequence[PostedIncident]) -> None:
        """Write down that it has them, before anything else: a restart begins where this ends."""
        numbers = [each.post.id for each in told]
        try:
            self._store.transact(lambda tx: posts.took(tx, numbers, channel.mark))
        except StoreError as error:
            event(
                log,
                logging.ERROR,
                "who took a post could not be stored: after a restart it is posted again",
                channel=channel.scheme,
                why=str(error),
            )

    # What came of it.

    def _settle(self, now: datetime) -> None:
        """Mark what ended, or took too long."""
        for target, flight in list(self._flights.items()):
            if flight.waits_for and now < flight.until:
                continue
            for channel in list(flight.waits_for):
                flight.errors[channel] = f"no answer within {DEADLINE.total_seconds():g} s"
            ends = [self._end(flight, told.post, now) for told in flight.told]
            ours = self._store.transact(lambda tx, ends=ends: _mark(tx, ends, now))  # type: ignore[misc]
            del self._flights[target]
            self._tell(target, flight, ours)
            for end in ends:
                if end.state is not PostState.QUEUED or end not in ours:
                    self._took.pop(end.post.id, None)

    def _end(self, flight: Flight, post: Post, now: datetime) -> PostAttempt:
        took = self._took[post.id]
        missing = [channel for channel in flight.channels if channel not in took]
        words = "; ".join(f"{channel.scheme}: {flight.errors.get(channel, 'not taken')}" for channel in missing)
        if not missing:
            return PostAttempt(
                post=post, state=PostState.SENT, words=", ".join(channel.scheme for channel in flight.channels)
            )
        if wait := retry_after(post.attempts):
            return PostAttempt(post=post, state=PostState.QUEUED, at=now + wait, words=words)
        self._refused |= {channel: flight.errors.get(channel, "not taken") for channel in missing}
        return PostAttempt(post=post, state=PostState.SENT if took else PostState.FAILED, words=words)

    def _tell(self, target: str, flight: Flight, ends: Sequence[PostAttempt]) -> None:
        """Count and log, after the commit."""
        states = Counter(end.state for end in ends)
        for state, result in ((PostState.SENT, "sent"), (PostState.FAILED, "failed")):
            self._metrics.notices.labels(result).inc(states[state])
        if states[PostState.SENT]:
            event(log, logging.INFO, "told by other channels", target=target, posts=states[PostState.SENT])
        for channel, why in flight.errors.items():
            event(
                log,
                logging.WARNING,
                "a channel did not take it",
                target=target,
                channel=channel.scheme,
                why=why,
                again=states[PostState.QUEUED],
            )
        if states[PostState.FAILED]:
            event(
                log,
                logging.ERROR,
                "nobody could be told by other channels: look at their URLs and servers",
                target=target,
                posts=states[PostState.FAILED],
            )


def _claim(tx: Connection, roster: Roster, busy: set[str], now: datetime, address: str) -> list[PostedIncident]:
    """Claim what is due, without what nobody wants to hear any more; with links to answer by, where there are any."""
    kept = []
    for told in posts.told(tx, posts.claim(tx, now, LEASE, MOST_POSTS, busy)):
        if not wanted(told):
            posts.end(tx, told.post, PostState.DROPPED, "over before it was told")
        elif not roster.channels(told.post.target):
            posts.end(tx, told.post, PostState.DROPPED, "its channels are gone from the configuration")
        else:
            kept.append(told)
    links = {told.post.id: _token(told, now) for told in kept if asks(told)} if address else {}
    tokens.add(tx, list(links.values()))
    return [
        replace(told, link=link_to(address, links[told.post.id].token)) if told.post.id in links else told
        for told in kept
    ]


def _token(told: PostedIncident, now: datetime) -> Token:
    """Whoever presses its button answers as the person, or as the chat or fallback that was told."""
    by = target_in_words(told.post.target)
    return Token(token=tokens.new(posted=True), person=by, incident_id=told.post.incident_id, created_at=now)


def _mark(tx: Connection, ends: Sequence[PostAttempt], now: datetime) -> list[PostAttempt]:
    """Mark each attempt; returns those that were still ours."""
    ours = []
    for end in ends:
        if end.at:
            done = posts.later(tx, end.post, end.at, end.words)
        else:
            done = posts.end(tx, end.post, end.state, "" if end.state is PostState.SENT else end.words)
        if done:
            ours.append(end)
    events.note(tx, [_happened(end, now) for end in ours if end.post.incident_id])
    return ours


def _happened(end: PostAttempt, now: datetime) -> Event:
    reason = {PostState.SENT: "told", PostState.FAILED: "failed"}.get(end.state, "retry")
    detail = f"{IN_STORY[end.post.kind]} to {target_in_words(end.post.target)} by {end.words}"
    return Event(
        incident_id=end.post.incident_id or 0,
        episode=end.post.episode,
        at=now,
        kind=EventKind.CHANNEL,
        reason=reason,
        detail=detail,
    )
