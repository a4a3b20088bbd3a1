"""The alarm that needs no store: tells the fallback's channels of troubles from memory, and when they are over.

The channels are those of the configuration that is in force. Each one is posted to in a thread of its own, so that one
that hangs keeps nobody else waiting; what it did not take is tried again for an hour.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from alertsms.apprise_channels import ChannelError, in_a_thread
from alertsms.core.messages.notification import GLOBAL, Channel, retry_after
from alertsms.core.messages.trouble import Hindrance, Trouble, alarm
from alertsms.core.routing.roster import Roster
from alertsms.core.text.channel import ChannelText
from alertsms.logs import event
from alertsms.machine.state import NotifiedTrouble, Stamp

log = logging.getLogger("alertsms.alarm")

ALARM_SECONDS = 5.0
OVER_SECONDS = 60.0  # what is back within it was not over
DEADLINE_SECONDS = 20.0  # of one post
MOST_HANGING = 3  # threads of one channel; it is not posted to before one of them came back
MOST_WAITING = 100  # posts; beyond it the oldest goes


@dataclass(kw_only=True, slots=True)
class _Known:
    """A trouble as seen from here; times are of the monotonic clock."""

    trouble: Trouble
    first: float
    last: float
    told: bool = False


@dataclass(kw_only=True, slots=True, eq=False)
class _Letter:
    """A text for one channel, until that took it."""

    channel: Channel
    text: ChannelText
    due: float
    attempts: int = 0
    began: float | None = None  # None: no post is under way


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
        self._known: dict[str, _Known] | None = None  # None: what an earlier run told is to be read yet
        self._letters: list[_Letter] = []
        self._lock = threading.Lock()
        self._hanging: Counter[Channel] = Counter()  # posts that were begun and did not come back

    def step(self) -> None:
        """One round."""
        troubles = self._troubles()
        now = self._monotonic()
        self._see(troubles, now)
        begun, over = self._begun(now), self._over(now)
        if begun or over:
            self._tell(begun, over)
        self._deliver()

    def say(self, trouble: Trouble, seconds: float) -> None:
        """Tell one trouble at once, at most hourly, and wait at most so long for the channels: the process ends."""
        if not _channels(self._roster(), every=True) or not self._stamp.may_tell(trouble.key, self._wall()):
            return
        self._see([trouble], self._monotonic())
        self._tell([self._seen[trouble.key]], [])
        until = self._monotonic() + seconds
        self._deliver()
        while any(letter.began is not None for letter in self._letters) and self._monotonic() < until:
            time.sleep(0.02)

    @property
    def _seen(self) -> dict[str, _Known]:
        """What there is, and what was told and is not over."""
        if self._known is None:
            self._known = {key: self._remembered(key, told) for key, told in self._stamp.open.items()}
        return self._known

    def _remembered(self, key: str, told: NotifiedTrouble) -> _Known:
        """A trouble that an earlier run told of: it goes on, or it is over."""
        now = self._monotonic()
        since = datetime.fromtimestamp(told.since, UTC)
        trouble = Trouble(key=key, hinders=told.hinders, says=told.says, fix="", since=since)
        return _Known(trouble=trouble, first=now, last=now, told=True)

    # What there is.

    def _see(self, troubles: Iterable[Trouble], now: float) -> None:
        for trouble in troubles:
            known = self._seen.setdefault(trouble.key, _Known(trouble=trouble, first=now, last=now))
            known.trouble, known.last = replace(trouble, since=known.trouble.since or trouble.since), now
        for key, known in list(self._seen.items()):
            if now - known.last >= OVER_SECONDS and not known.told:
                del self._seen[key]

    def _begun(self, now: float) -> list[_Known]:
        """What lasts and is to be told; with it whatever else there is, so that one night's trouble is one text."""
        present = {key: known for key, known in self._seen.items() if known.last == now}
        fresh = [
            known
            for known in present.values()
            if not known.told
            and not known.trouble.told
            and known.trouble.behind not in present
            and self._stamp.may_tell(known.trouble.key, self._wall())
        ]
        lasting = any(now - known.first >= known.trouble.settles.total_seconds() for known in fresh)
        return fresh if lasting else []

    def _over(self, now: float) -> list[_Known]:
        return [known for known in self._seen.values() if known.told and now - known.last >= OVER_SECONDS]

    # What is told.

    def _tell(self, begun: Sequence[_Known], over: Sequence[_Known]) -> None:
        at, now, roster = self._wall(), self._monotonic(), self._roster()
        for known in begun:
            known.told = True
            trouble = known.trouble
            since = trouble.since.timestamp() if trouble.since else at
            self._stamp.begun(
                trouble.key, NotifiedTrouble(at=at, since=since, says=trouble.says, hinders=trouble.hinders)
            )
            event(log, logging.ERROR, "trouble", hinders=trouble.hinders.value, says=trouble.says, fix=trouble.fix)
        for known in over:
            self._stamp.over(known.trouble.key)
            del self._seen[known.trouble.key]
            event(log, logging.WARNING, "trouble is over", says=known.trouble.says)
        ended = [(known.trouble.says, known.trouble.since or datetime.fromtimestamp(at, UTC)) for known in over]
        text = alarm([known.trouble for known in begun], ended, zone=roster.zone(GLOBAL))
        every = any(known.trouble.hinders is not Hindrance.OUTSIDE for known in (*begun, *over))
        with self._lock:
            self._letters += [
                _Letter(channel=channel, text=text, due=now) for channel in _channels(roster, every=every)
            ]
            del self._letters[:-MOST_WAITING]

    def _deliver(self) -> None:
        """Post what is due; one post of a channel at a time, until it hangs for longer than it may."""
        now = self._monotonic()
        with self._lock:
            for letter in list(self._letters):
                if letter.began is not None and now - letter.began >= DEADLINE_SECONDS:
                    self._failed(letter, f"no answer within {DEADLINE_SECONDS:g} s")
            flying = {letter.channel for letter in self._letters if letter.began is not None}
            flying |= {channel for channel, posts in self._hanging.items() if posts >= MOST_HANGING}
            due = [letter for letter in self._letters if letter.due <= now and letter.channel not in flying]
            first: dict[Channel, _Letter] = {}
            for letter in due:
                first.setdefault(letter.channel, letter)
            for letter in first.values():
                letter.began, letter.attempts = now, letter.attempts + 1
                self._hanging[letter.channel] += 1
        for letter in first.values():
            self._send(letter)

    def _send(self, letter: _Letter) -> None:
        attempt = letter.attempts
        try:
            self._launch(lambda: self._run(letter, attempt))
        except RuntimeError as error:  # the machine gives this process no more threads
            self._ended(letter, attempt, str(error))

    def _run(self, letter: _Letter, attempt: int) -> None:
        """Post, in whatever thread this is."""
        why = ""
        try:
            self._post(letter.channel, letter.text.title, letter.text.body)
        except ChannelError as error:
            why = str(error)
        except Exception as error:  # noqa: BLE001 - whatever a plug-in raises; its words may hold the password
            why = f"it broke with {type(error).__name__}"
        self._ended(letter, attempt, why)

    def _ended(self, letter: _Letter, attempt: int, why: str) -> None:
        with self._lock:
            self._hanging[letter.channel] -= 1
            if not why and letter in self._letters:  # also one that comes back after its deadline
                self._letters.remove(letter)
            elif why and letter.attempts == attempt and letter.began is not None:
                self._failed(letter, why)

    def _failed(self, letter: _Letter, why: str) -> None:
        wait = retry_after(letter.attempts)
        letter.began = None
        if wait is None:
            self._letters.remove(letter)
        else:
            letter.due = self._monotonic() + wait.total_seconds()
        event(
            log,
            logging.WARNING,
            "a channel did not take it",
            channel=letter.channel.scheme,
            why=why,
            again=wait is not None,
        )


def _channels(roster: Roster, *, every: bool) -> list[Channel]:
    """Those of the root team's fallback; `every`: those of every team, since the store cannot say whose pages wait."""
    teams = [roster.route.team, *(roster.teams.values() if every else ())]
    return list(dict.fromkeys(channel for team in teams for channel in team.fallback.channels))
