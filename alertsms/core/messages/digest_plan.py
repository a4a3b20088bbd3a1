"""Storms: what one person gets now as an SMS of its own, what leaves together in one, and what waits until when.

Pressure is counted among pages of the same or a higher rank only, and lesser ones never use the last of what a person
may get in an hour: so a new critical page waits neither behind warnings nor behind OKs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from alertsms.core.alerts.alert import Severity
from alertsms.core.incidents.incident import Incident, IncidentReason
from alertsms.core.messages.notification import REMARKS, REMINDER, RETURN, Notification, NotificationKind, priority

HOUR = timedelta(hours=1)
FIRST_DIGEST = timedelta(seconds=15)  # after the first page that was gathered
DIGESTS = tuple(timedelta(minutes=minutes) for minutes in (2, 4, 8, 16, 30))  # from one digest of a storm to the next
OK_PAUSE = timedelta(minutes=1)  # OKs within a minute of the last one join
AGED = timedelta(minutes=30)  # what waited so long for lack of room may use more of it, or leave with a critical page
RETURNS = 5  # of those whose end nobody posted so many leave one by one: a sender that restarts moves every start
CREDIT_PAUSE = timedelta(minutes=1)  # how often what waits for credits is looked at
LOOK_BACK = HOUR  # what a person got before that does not count

PAGES = tuple(int(severity) for severity in Severity)  # the ranks of pages, the most severe first
NOTICE = priority(NotificationKind.NOTICE, Severity.CRITICAL)
OKS = tuple(priority(kind, Severity.CRITICAL) for kind in (NotificationKind.MEANWHILE, NotificationKind.RESOLVED))


@dataclass(frozen=True, kw_only=True, slots=True)
class DueNotification:
    """A page that is due, with the incident it is about (None for a notice)."""

    page: Notification
    incident: Incident | None

    @property
    def rank(self) -> int:
        """The smaller is the more urgent."""
        return self.page.priority

    @property
    def put_off(self) -> bool:
        """Whether it waited for a digest."""
        return self.page.due_at > self.page.created_at and not self.again

    @property
    def again(self) -> bool:
        """Whether another SMS with it was refused: for this number, or for contact information."""
        return self.page.phone > 0 or self.page.plain

    @property
    def alone(self) -> bool:
        """Whether no storm gathers it: a remark, or somebody who tries whether an SMS comes."""
        return self.page.kind in REMARKS or (self.incident is not None and self.incident.reason is IncidentReason.TEST)


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestRules:
    """What the configuration says of storms; 0 stands for no limit."""

    after: int = 5
    within: timedelta = timedelta(minutes=2)
    per_hour: int = 30
    reserve_credits: int = 50

    @property
    def reserve(self) -> int:
        """SMS of an hour that lesser singles and OKs leave to others, twice: to digests, and to critical pages."""
        return min(self.per_hour // 6, 5)


@dataclass(frozen=True, kw_only=True, slots=True)
class RecentSms:
    """One SMS that a person got, or is about to get."""

    at: datetime
    rank: int
    streak: int = 0  # which text of its storm, from 1; 0 outside of one


@dataclass(frozen=True, kw_only=True, slots=True)
class RecentTraffic:
    """What is known of a person: by rank where it is a mapping."""

    sent: Sequence[RecentSms] = ()  # of the last hour
    came: Mapping[int, int] = field(default_factory=dict)  # pages of the last `within` that are part of an SMS
    gathered: Mapping[int, datetime] = field(default_factory=dict)  # when the oldest page came that waits for later


class HoldReason(StrEnum):
    """Why a page waits."""

    STORM = "storm"  # too many came at once: a digest follows
    LIMIT = "limit"  # the person got as many in this hour as may be
    RESERVE = "reserve"  # the credits that are left are kept for critical pages


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestPlan:
    """What becomes of all that is due to one person: each page is in `singles`, or its rank is in one of the others."""

    singles: tuple[DueNotification, ...] = ()  # each an SMS of its own, in this order
    digest: frozenset[int] = frozenset()  # the ranks of which all that waits leaves now, in one SMS
    streak: int = 0  # of the digest
    oks: bool = False  # all OKs that wait leave now, in one SMS
    later: Mapping[int, datetime] = field(default_factory=dict)  # rank -> when to plan again
    why: Mapping[int, HoldReason] = field(default_factory=dict)  # rank of pages -> why they wait


def plan(
    due: Sequence[DueNotification],
    had: RecentTraffic,
    now: datetime,
    rules: DigestRules,
    *,
    flood: bool = False,
    critical_only: bool = False,
) -> DigestPlan:
    """Decide for one person.

    `flood`: nothing could leave for long, so all that is due leaves together, once. `critical_only`: the credits left
    are kept for critical pages.
    """
    return _Planner(due, had, now, rules, flood=flood, critical_only=critical_only).plan()


class _Planner:
    """One decision under way: `room` is how many more SMS this person may get at this moment."""

    def __init__(
        self,
        due: Sequence[DueNotification],
        had: RecentTraffic,
        now: datetime,
        rules: DigestRules,
        *,
        flood: bool,
        critical_only: bool,
    ) -> None:
        self.due = sorted(due, key=lambda each: (each.rank, each.page.created_at, each.page.id))
        self.had, self.now, self.rules, self.flood, self.critical_only = had, now, rules, flood, critical_only
        self.times = sorted(each.at for each in had.sent if each.at > now - HOUR)
        self.room = rules.per_hour - len(self.times) if rules.per_hour else len(due) + 2
        self.singles: list[DueNotification] = []
        self.waiting: dict[int, datetime] = dict(had.gathered)  # rank -> when the oldest of the gathered came
        for each in self.due:
            if each.rank in PAGES and each.put_off and not each.alone:
                self._gather(each)
        self.urgent: set[int] = set()  # ranks that are gathered, and leave at once
        self.later: dict[int, datetime] = {}

    def plan(self) -> DigestPlan:
        """Most severe first: singles, then the digest, then OKs."""
        reminded, again = self._reminded(), sum(each.again for each in self.due if each.rank in PAGES)
        several = again > 1 and self.rules.after > 0
        for each in self.due:
            if each.rank in OKS:
                self._gather(each)
            elif self.critical_only and each.rank > Severity.CRITICAL and each.page.kind not in REMARKS:
                self.later[each.rank] = self.now + CREDIT_PAUSE
            elif each.page.kind in REMARKS:
                self._notice(each)
            else:
                together = reminded and each.page.note == REMINDER and self._last(each.rank) is None
                self._page(
                    each,
                    alone=each.alone or (each.again and not several),
                    together=together or (each.again and several),
                )
        digest, streak = self._digest()
        oks = self._oks(digest)
        return DigestPlan(
            singles=tuple(self.singles),
            digest=digest | (frozenset(OKS) if oks is None else frozenset()),
            streak=streak,
            oks=bool(oks),
            later=self.later,
            why={rank: self._why(rank) for rank in self.later if rank in PAGES},
        )

    def _why(self, rank: int) -> HoldReason:
        if self._saved(rank):
            return HoldReason.RESERVE
        return HoldReason.STORM if self.room > self._floor(rank) else HoldReason.LIMIT

    def _reminded(self) -> bool:
        """Whether more reminders are due together than may leave one by one: nothing is won by sending some alone."""
        reminders = sum(each.page.note == REMINDER for each in self.due)
        return bool(self.rules.after) and reminders > self.rules.after - self._came(PAGES[-1])

    def _page(self, each: DueNotification, *, alone: bool, together: bool) -> None:
        """`alone`: storms are nothing to it. `together`: it leaves at once, with the others like it."""
        alone = alone and not self.flood
        if not alone and (together or self._carries(each)):
            self.urgent.add(each.rank)
        gathers = self.flood or each.rank in self.urgent or self._crowded(each)
        if (alone or not gathers) and self.room > self._floor(each.rank):
            self.singles.append(each)
            self.room -= 1
        else:
            self._gather(each)

    def _gather(self, each: DueNotification) -> None:
        self.waiting[each.rank] = min(self.waiting.get(each.rank, each.page.created_at), each.page.created_at)

    def _came(self, rank: int) -> int:
        """How many pages of this or a higher rank the person got lately, with those that leave now."""
        leaving = sum(each.rank <= rank for each in self.singles)
        return leaving + sum(count for other, count in self.had.came.items() if other <= rank)

    def _crowded(self, each: DueNotification) -> bool:
        """Whether a storm is on for a page's rank: too many came lately, or some that came before still wait."""
        waiting = any(other <= each.rank for other in self.waiting if other in PAGES)
        most = min(self.rules.after, RETURNS) if each.page.note == RETURN else self.rules.after
        return waiting or bool(most and self._came(each.rank) >= most)

    def _floor(self, rank: int) -> int:
        """How much room a single of this rank leaves to what is more important."""
        return self.rules.reserve // 2 if rank == Severity.CRITICAL else 2 * self.rules.reserve

    def _carries(self, each: DueNotification) -> bool:
        """Whether a critical page takes along what has waited too long for room of its own: it costs no SMS more."""
        if each.rank != Severity.CRITICAL or self.critical_only or self.room - 1 > self.rules.reserve:
            return False
        old = [*self.had.gathered.items(), *((one.rank, one.page.created_at) for one in self.due)]
        return any(rank != NOTICE and rank > Severity.CRITICAL and self._aged(since) for rank, since in old)

    def _aged(self, since: datetime) -> bool:
        return since + AGED <= self.now

    def _patience(self, since: datetime) -> int:
        """How much room a notice or OKs that wait leave to what is more important: never less than a digest does."""
        return self.rules.reserve if self._aged(since) else 2 * self.rules.reserve

    def _notice(self, each: DueNotification) -> None:
        floor = self._patience(each.page.created_at)
        if self.room > floor:
            self.singles.append(each)
            self.room -= 1
        else:
            self.later[NOTICE] = self._frees(floor, each.page.created_at)

    def _digest(self) -> tuple[frozenset[int], int]:
        """The ranks that leave together now, and the number of that text in its storm."""
        ranks = [rank for rank in PAGES if rank in self.waiting and not self._saved(rank)]
        going = next((rank for rank in ranks if self._goes(rank)), None)
        present = {each.rank for each in self.due}
        if going is None:
            self.later |= {rank: self._again(rank) for rank in ranks if rank in present}
            return frozenset(), 0
        self.room -= 1
        # Who is more severe and not due yet keeps its own time: lesser ones must not stretch it.
        self.later |= {rank: self._again(rank) for rank in ranks if rank < going and rank in present}
        last = self._last(going)
        streak = 0 if self.flood else min(last.streak if last else 0, len(DIGESTS)) + 1
        return frozenset(rank for rank in ranks if rank >= going), streak

    def _saved(self, rank: int) -> bool:
        """Whether the credits that are left are not for this rank."""
        return self.critical_only and rank > Severity.CRITICAL

    def _last(self, rank: int) -> RecentSms | None:
        """The latest digest of a storm that is still on for this rank."""
        digests = (each for each in self.had.sent if each.streak and each.rank <= rank)
        last = max(digests, key=lambda each: each.at, default=None)
        return last if last and last.at + _distance(last) + self.rules.within > self.now else None

    def _time(self, rank: int) -> datetime:
        """When a digest of this rank is to leave, if there is room."""
        if self.flood or rank in self.urgent:
            return self.now
        if last := self._last(rank):
            return last.at + _distance(last)
        return min(since for other, since in self.waiting.items() if other <= rank) + FIRST_DIGEST

    def _room_for(self, rank: int) -> int:
        """How much room a digest of this rank leaves to what is more important."""
        return 0 if rank == Severity.CRITICAL else self.rules.reserve

    def _goes(self, rank: int) -> bool:
        return self._time(rank) <= self.now and self.room > self._room_for(rank)

    def _again(self, rank: int) -> datetime:
        at = self._time(rank)
        if at > self.now:
            return at
        return self._frees(self._room_for(rank), self.waiting[rank])

    def _oks(self, digest: frozenset[int]) -> bool | None:
        """Whether the OKs leave now, in a text of their own; None: as part of the digest."""
        waiting = [self.waiting[rank] for rank in OKS if rank in self.waiting]
        if not waiting:
            return False
        floor = self._patience(min(waiting))
        if digest and not self.critical_only and (self.flood or self.room <= floor):
            return None
        told = [each.at for each in self.had.sent if each.rank in OKS]
        at = max(told) + OK_PAUSE if told and not self.flood else self.now
        if self.critical_only:
            at = self.now + CREDIT_PAUSE
        if at <= self.now and self.room > floor:
            self.room -= 1
            return True
        again = at if at > self.now else self._frees(floor, min(waiting))
        present = {each.rank for each in self.due}
        self.later |= {rank: again for rank in OKS if rank in present}
        return False

    def _frees(self, floor: int, since: datetime) -> datetime:
        """When there will be room above `floor`, or, for what will have waited long by then, a little less."""
        aged = max(since + AGED, self._drops(self.rules.reserve))
        return max(min(self._drops(floor), aged), self.now + timedelta(seconds=1))

    def _drops(self, floor: int) -> datetime:
        """When so many SMS are an hour old that there is room above `floor`, if none leaves until then."""
        over = len(self.times) + floor + 1 - self.rules.per_hour
        if over <= 0 or not self.rules.per_hour:
            return self.now
        return self.times[min(over, len(self.times)) - 1] + HOUR


def _distance(last: RecentSms) -> timedelta:
    return DIGESTS[min(last.streak, len(DIGESTS)) - 1]
