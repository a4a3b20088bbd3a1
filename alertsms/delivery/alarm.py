"""The alarm that needs no store: tells the fallback's channels of troubles from memory, and when they are over.

The channels are those of the configuration that is in force. Each one is posted to in a thread of its own, so that one
that hangs keeps nobody else waiting; what it did not take is tried again for an hour. Where nothing here runs any more,
the silence of the ping is the alarm: it tells a service elsewhere, every minute, that pages would leave.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

import requests

from alertsms import __version__
from alertsms.apprise_channels import ChannelError, in_a_thread
from alertsms.core.messages.notification import GLOBAL, Channel, retry_after
from alertsms.core.messages.trouble import Hindrance, Trouble, alarm
from alertsms.core.routing.roster import Roster
from alertsms.core.text.channel import ChannelText
from alertsms.logs import event
from alertsms.machine.state import NotifiedTrouble, Stamp
from alertsms.ovh.wire import WireSession

log = logging.getLogger("alertsms.alarm")
ping_log = logging.getLogger("alertsms.ping")

ALARM_SECONDS = 5.0
OVER_SECONDS = 60.0  # what is back within it was not over
DEADLINE_SECONDS = 20.0  # of one post
MOST_HANGING = 3  # threads of one channel; it is not posted to before one of them came back
MOST_WAITING = 100  # posts; beyond it the oldest goes
PING_SECONDS = 60.0
PING = "ping"  # the key of its own trouble, which is no reason to leave it out
PING_SETTLES = timedelta(minutes=5)  # its service shouts by then
PING_TIMEOUT = 10.0  # seconds to connect, and for the answer
AGENT = {"User-Agent": f"alertsms/{__version__}"}


@dataclass(kw_only=True, slots=True)
class _Seen:
    """A trouble as seen from here; times are of the monotonic clock."""

    trouble: Trouble
    first: float
    last: float
    notified: bool = False


@dataclass(kw_only=True, slots=True, eq=False)
class _Post:
    """A text for one channel, until that took it."""

    channel: Channel
    text: ChannelText
    due: float
    attempts: int = 0
    began: float | None = None  # None: it is not under way


class TroubleNotifier:
    """Does its round every five seconds."""

    def __init__(
        self,
        *,
        troubles: Callable[[], Sequence[Trouble]],
        roster: Callable[[], Roster],
        stamp: Stamp,
        post: Callable[[Channel, str, str], None],
        launch: Callable[[Callable[[], None]], None] = in_a_thread,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """`post(channel, title, body)` raises ChannelError; `launch` runs it elsewhere."""
        self._troubles, self._roster, self._stamp = troubles, roster, stamp
        self._post, self._launch, self._monotonic, self._wall = post, launch, monotonic, wall
        self._seen: dict[str, _Seen] = {}  # what there is, and what was notified and is not over
        self._remembered = False  # what an earlier run notified of is read by the first round
        self._posts: list[_Post] = []
        self._lock = threading.Lock()
        self._hanging: Counter[Channel] = Counter()  # posts that were begun and did not come back

    def step(self) -> None:
        """One round."""
        troubles = self._troubles()
        now = self._monotonic()
        self._see(troubles, now)
        over = [seen for seen in self._seen.values() if seen.notified and now - seen.last >= OVER_SECONDS]
        begun = self._begun(troubles, now)
        if begun or over:
            self._notify(begun, over)
        self._deliver()

    def say(self, trouble: Trouble, seconds: float) -> None:
        """Tell one trouble at once, at most hourly, and wait at most so long for the channels: the process ends."""
        if not _channels(self._roster(), every=True) or not self._stamp.may_tell(trouble.key, self._wall()):
            return
        self._see([trouble], self._monotonic())
        self._notify([self._seen[trouble.key]], [])
        until = self._monotonic() + seconds
        self._deliver()
        while any(post.began is not None for post in self._posts) and self._monotonic() < until:
            time.sleep(0.02)

    # What there is.

    def _see(self, troubles: Iterable[Trouble], now: float) -> None:
        if not self._remembered:  # what an earlier run notified of goes on, or is over
            self._remembered = True
            for key, earlier in self._stamp.open.items():
                since = datetime.fromtimestamp(earlier.since, UTC)
                trouble = Trouble(key=key, hinders=earlier.hinders, says=earlier.says, fix="", since=since)
                self._seen[key] = _Seen(trouble=trouble, first=now, last=now, notified=True)
        for trouble in troubles:
            seen = self._seen.setdefault(trouble.key, _Seen(trouble=trouble, first=now, last=now))
            seen.trouble, seen.last = replace(trouble, since=seen.trouble.since or trouble.since), now
        for key, seen in list(self._seen.items()):
            if now - seen.last >= OVER_SECONDS and not seen.notified:
                del self._seen[key]

    def _begun(self, troubles: Iterable[Trouble], now: float) -> list[_Seen]:
        """What lasts and is to be told; with it whatever else there is, so that one night's trouble is one text."""
        there = {trouble.key for trouble in troubles}  # not what only an earlier run knew
        present = {key: seen for key, seen in self._seen.items() if key in there}
        fresh = [
            seen
            for seen in present.values()
            if not seen.notified
            and not seen.trouble.told
            and seen.trouble.behind not in present
            and self._stamp.may_tell(seen.trouble.key, self._wall())
        ]
        lasting = any(now - seen.first >= seen.trouble.settles.total_seconds() for seen in fresh)
        return fresh if lasting else []

    # What channels are notified of.

    def _notify(self, begun: Sequence[_Seen], over: Sequence[_Seen]) -> None:
        at, now, roster = self._wall(), self._monotonic(), self._roster()
        for seen in begun:
            seen.notified = True
            trouble = seen.trouble
            since = trouble.since.timestamp() if trouble.since else at
            notified = NotifiedTrouble(at=at, since=since, says=trouble.says, hinders=trouble.hinders)
            self._stamp.begun(trouble.key, notified)
            event(log, logging.ERROR, "trouble", hinders=trouble.hinders.value, says=trouble.says, fix=trouble.fix)
        for seen in over:
            self._stamp.over(seen.trouble.key)
            del self._seen[seen.trouble.key]
            event(log, logging.WARNING, "trouble is over", says=seen.trouble.says)
        ended = [(seen.trouble.says, seen.trouble.since or datetime.fromtimestamp(at, UTC)) for seen in over]
        text = alarm([seen.trouble for seen in begun], ended, zone=roster.zone(GLOBAL))
        every = any(seen.trouble.hinders is not Hindrance.OUTSIDE for seen in (*begun, *over))
        with self._lock:
            self._posts += [_Post(channel=channel, text=text, due=now) for channel in _channels(roster, every=every)]
            del self._posts[:-MOST_WAITING]

    def _deliver(self) -> None:
        """Post what is due, to a channel at most one at a time, until it hangs for longer than it may."""
        now = self._monotonic()
        with self._lock:
            for post in list(self._posts):
                if post.began is not None and now - post.began >= DEADLINE_SECONDS:
                    self._failed(post, f"no answer within {DEADLINE_SECONDS:g} s")
            busy = {post.channel for post in self._posts if post.began is not None}
            busy |= {channel for channel, posts in self._hanging.items() if posts >= MOST_HANGING}
            first: dict[Channel, _Post] = {}
            for post in self._posts:
                if post.due <= now and post.channel not in busy:
                    first.setdefault(post.channel, post)
            for post in first.values():
                post.began, post.attempts = now, post.attempts + 1
                self._hanging[post.channel] += 1
        for post in first.values():
            attempt = post.attempts
            try:
                self._launch(partial(self._run, post, attempt))
            except RuntimeError as error:  # the machine gives this process no more threads
                self._ended(post, attempt, str(error))

    def _run(self, post: _Post, attempt: int) -> None:
        why = ""
        try:
            self._post(post.channel, post.text.title, post.text.body)
        except ChannelError as error:
            why = str(error)
        except Exception as error:  # noqa: BLE001 - whatever a plug-in raises; its words may hold the password
            why = f"it broke with {type(error).__name__}"
        self._ended(post, attempt, why)

    def _ended(self, post: _Post, attempt: int, why: str) -> None:
        with self._lock:
            self._hanging[post.channel] -= 1
            if not why and post in self._posts:  # also one that comes back after its deadline
                self._posts.remove(post)
            elif why and post.attempts == attempt and post.began is not None:
                self._failed(post, why)

    def _failed(self, post: _Post, why: str) -> None:
        wait = retry_after(post.attempts)
        post.began = None
        if wait is None:
            self._posts.remove(post)
        else:
            post.due = self._monotonic() + wait.total_seconds()
        fields = {"channel": post.channel.scheme, "why": why, "again": wait is not None}
        event(log, logging.WARNING, "a channel did not take it", **fields)


def _channels(roster: Roster, *, every: bool) -> list[Channel]:
    """Those of the root team's fallback; `every`: those of every team, since the store cannot say whose pages wait."""
    teams = [roster.route.team, *(roster.teams.values() if every else ())]
    return list(dict.fromkeys(channel for team in teams for channel in team.fallback.channels))


class Ping:
    """Fetches one address, which no log shows: whoever knows it can pretend that all is well."""

    def __init__(
        self,
        *,
        url: Callable[[], str],
        troubles: Callable[[], Sequence[Trouble]],
        session_factory: Callable[[], requests.Session] = WireSession,
    ) -> None:
        """`url` is "" for none; `troubles` names what keeps alerts from being taken, or pages from leaving."""
        self._url, self._troubles, self._session_factory = url, troubles, session_factory
        self._why = ""  # the last one failed, or was left out: said once, not every minute
        self._failed = ""  # why the last one that was tried failed

    def troubles(self) -> Iterator[Trouble]:
        """The address cannot be fetched: whoever watches it believes that all is lost."""
        if self._failed:
            yield Trouble(
                key=PING,
                hinders=Hindrance.OUTSIDE,
                says=f"ping_url cannot be fetched: {self._failed}",
                fix="look at the service behind ping_url, and at the way there",
                settles=PING_SETTLES,
            )

    def step(self) -> None:
        """Fetch it, unless something is wrong."""
        url = self._url()
        if not url:
            self._failed = ""
            return
        troubles = [trouble.says for trouble in self._troubles() if trouble.key != PING]
        if not troubles:
            self._failed = self._fetch(url)
        why = "; ".join(troubles) or self._failed
        if why and why != self._why:
            event(ping_log, logging.WARNING, "ping_url was not fetched", why=why)
        elif self._why and not why:
            event(ping_log, logging.INFO, "ping_url is fetched again")
        self._why = why

    def _fetch(self, url: str) -> str:
        """What went wrong; "" for nothing."""
        try:
            with (
                self._session_factory() as session,
                session.get(url, timeout=PING_TIMEOUT, headers=AGENT, stream=True) as answer,
            ):
                status = answer.status_code
        except (requests.RequestException, OSError) as error:
            return f"no answer ({type(error).__name__})"  # its words would show the address
        return "" if 200 <= status < 300 else f"it answers {status}"
