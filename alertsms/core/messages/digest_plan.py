"""Storms: what one person gets now as an SMS of its own, what leaves together in one, and what waits until when.

Pressure is counted among pages of the same or a higher rank only, and lesser ones never use the last of what a person
may get in an hour: so a new critical page waits neither behind warnings nor behind OKs. Once only the reserve of the
hour is left, each SMS is a digest of all that waits: so nothing waits for ever.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from operator import attrgetter

from alertsms.core.alerts.alert import Severity
from alertsms.core.incidents.incident import Incident, IncidentReason
from alertsms.core.messages.notification import PRIORITIES, REMARKS, REMINDER, RETURN, Notification, NotificationKind

HOUR = timedelta(hours=1)
FIRST_DIGEST = timedelta(seconds=15)  # after the first page that was gathered
DIGESTS = tuple(timedelta(minutes=minutes) for minutes in (2, 4, 8, 16, 30))  # from one digest of a storm to the next
OK_PAUSE = timedelta(minutes=1)  # OKs within a minute of the last one join
RETURNS = 5  # of those whose end nobody posted so many leave one by one: a sender that restarts moves every start
CREDIT_PAUSE = timedelta(minutes=1)  # how often what waits for credits is looked at

PAGES = tuple(int(severity) for severity in Severity)  # the ranks of pages, the most severe first
NOTICE = PRIORITIES[NotificationKind.NOTICE]
OKS = (PRIORITIES[NotificationKind.MEANWHILE], PRIORITIES[NotificationKind.RESOLVED])


@dataclass(frozen=True, kw_only=True, slots=True)
class DueNotification:
    """A notification that is due, with the incident it is about (None for a notice)."""

    page: Notification
    incident: Incident | None

    @property
    def again(self) -> bool:
        """Whether another SMS with it was refused: for this number, or for contact information."""
        return self.page.phone > 0 or self.page.plain


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestRules:
    """What the configuration says of storms; 0 stands for no limit."""

    after: int = 5  # more SMS than this for one person ...
    within: timedelta = timedelta(minutes=2)  # ... in this time: the next are gathered into a digest
    per_hour: int = 30  # SMS for one person
    reserve_credits: int = 50  # so many are kept for critical pages


@dataclass(frozen=True, kw_only=True, slots=True)
class RecentSms:
    """One SMS that was sent to a person, or is about to be."""

    at: datetime
    rank: int
    streak: int = 0  # which text of its storm, from 1; 0 outside of one


@dataclass(frozen=True, kw_only=True, slots=True)
class RecentTraffic:
    """What is known of a person: by rank where it is a mapping."""

    sent: Sequence[RecentSms] = ()  # of the last hour
    recent_pages: Mapping[int, int] = field(default_factory=dict)  # pages of the last `within` that are part of an SMS
    waiting_since: Mapping[int, datetime] = field(default_factory=dict)  # when the oldest page came that waits


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
    traffic: RecentTraffic,
    now: datetime,
    rules: DigestRules,
    *,
    flood: bool = False,
    critical_only: bool = False,
) -> DigestPlan:
    """Decide for one person, most severe first: singles, then the digest, then OKs.

    `flood`: nothing could leave for long, so all that is due leaves together, once. `critical_only`: the credits left
    are kept for critical pages.
    """
    planner = _Planner(due, traffic, now, rules, flood=flood, critical_only=critical_only)
    planner.place()
    digest, streak = planner.digest() if planner.waiting else (frozenset[int](), 0)
    oks = planner.oks(digest) if planner.waiting else False
    waits = planner.later.keys() & PAGES
    return DigestPlan(
        singles=tuple(planner.singles),
        digest=digest | (frozenset(OKS) if oks is None else frozenset()),
        streak=streak,
        oks=bool(oks),
        later=planner.later,
        why=dict(zip(waits, map(planner.why, waits), strict=True)),
    )


class _Planner:
    """One decision under way: `room` is how many more SMS this person may get at this moment."""

    def __init__(
        self,
        due: Sequence[DueNotification],
        traffic: RecentTraffic,
        now: datetime,
        rules: DigestRules,
        *,
        flood: bool,
        critical_only: bool,
    ) -> None:
        self.due = sorted(due, key=attrgetter("page.priority", "page.created_at", "page.id"))
        self.traffic, self.now, self.rules, self.flood, self.critical_only = traffic, now, rules, flood, critical_only
        self.saved = PAGES[1:] if critical_only else ()  # ranks that the credits which are left are not for
        self.times = sorted(sms.at for sms in traffic.sent if sms.at > now - HOUR)
        self.room = rules.per_hour - len(self.times) if rules.per_hour else len(due) + 2
        share = min(rules.per_hour // 6, 5)
        self.reserve = max(2 * share, 1)  # the last SMS of an hour: each of them is a digest of all that waits
        # By rank, how much room it leaves to what is more important: as an SMS of its own, and as a digest.
        self.kept = dict.fromkeys((*PAGES, *OKS), (2 * share, share))
        self.kept |= {Severity.CRITICAL: (share // 2, 0), NOTICE: (share, share)}
        self.singles: list[DueNotification] = []
        self.waiting = dict(traffic.waiting_since)  # rank -> when the oldest of the gathered came
        self.urgent: set[int] = set()  # ranks that are gathered, and leave at once
        self.carries = False  # a page takes along all that waits: no storm is on, but only the reserve is left
        self.later: dict[int, datetime] = {}

    def place(self) -> None:
        """Find what leaves as an SMS of its own, and gather the rest."""
        reminders = again = 0
        for entry in self.due:
            if entry.page.priority in PAGES:
                reminders += entry.page.note == REMINDER
                again += entry.again
                if entry.page.due_at > entry.page.created_at and not entry.again and not _is_test(entry):
                    self._gather(entry)  # it was put off, for a digest
        # More reminders at once than may leave one by one leave together: nothing is won by sending some alone.
        reminded = self.rules.after and reminders > self.rules.after - self._recent_pages(PAGES[-1])
        for entry in self.due:
            if entry.page.priority in OKS:
                self._gather(entry)
            elif entry.page.kind in REMARKS:
                self._remark(entry)
            elif entry.page.priority in self.saved:
                self.later[entry.page.priority] = self.now + CREDIT_PAUSE
            else:
                several = entry.again and again > 1 and self.rules.after > 0
                together = several or (reminded and entry.page.note == REMINDER and not self._last(entry.page.priority))
                alone = not self.flood and (_is_test(entry) or (entry.again and not several))
                self._page(entry, alone=alone, together=bool(together))

    def _remark(self, entry: DueNotification) -> None:
        if self._fits(NOTICE):
            self.singles.append(entry)
            self.room -= 1
        else:
            self.later[NOTICE] = self._room_at(self.kept[NOTICE][0])

    def _page(self, entry: DueNotification, *, alone: bool, together: bool) -> None:
        """`alone`: storms are nothing to it. `together`: it leaves at once, with the others like it."""
        if together and not alone:
            self.urgent.add(entry.page.priority)
        gathers = not alone and (self.flood or entry.page.priority in self.urgent or self._crowded(entry))
        if gathers or not self._fits(entry.page.priority):
            self._gather(entry)
        elif alone or self.room > self.reserve:
            self.singles.append(entry)
            self.room -= 1
        else:
            self.carries = True
            self.urgent.add(entry.page.priority)
            self._gather(entry)

    def _fits(self, rank: int) -> bool:
        """Whether there is room for an SMS of its own, beside a digest that leaves at once."""
        return self.room - bool(self.urgent) > self.kept[rank][0]

    def _gather(self, entry: DueNotification) -> None:
        since = self.waiting.get(entry.page.priority, entry.page.created_at)
        self.waiting[entry.page.priority] = min(since, entry.page.created_at)

    def _recent_pages(self, rank: int) -> int:
        """How many pages of this or a higher rank the person got lately, with those that leave now."""
        came = sum(count for other, count in self.traffic.recent_pages.items() if other <= rank)
        return came + sum(single.page.priority <= rank for single in self.singles)

    def _crowded(self, entry: DueNotification) -> bool:
        """Whether a storm is on for a page's rank: too many came lately, or some that came before still wait."""
        waiting = min(self.waiting, default=NOTICE) <= entry.page.priority
        most = min(self.rules.after, RETURNS) if entry.page.note == RETURN else self.rules.after
        return waiting or bool(most and self._recent_pages(entry.page.priority) >= most)

    def why(self, rank: int) -> HoldReason:
        """Why pages of this rank wait."""
        if rank in self.saved:
            return HoldReason.RESERVE
        return HoldReason.STORM if self.room > self.kept[rank][0] else HoldReason.LIMIT

    def digest(self) -> tuple[frozenset[int], int]:
        """The ranks that leave together now, and the number of that text in its storm."""
        ranks = [rank for rank in PAGES if rank in self.waiting and rank not in self.saved]
        times = {rank: self._digest_at(rank) for rank in ranks}
        going = next((rank for rank in ranks if times[rank] <= self.now and self.room > self.kept[rank][1]), None)
        if going is not None:
            self.room -= 1
        # A more severe rank whose digest is not due keeps its own schedule: a lesser digest must not push it back.
        for rank in {entry.page.priority for entry in self.due}.intersection(ranks):
            if going is None or rank < going:
                at = times[rank]
                self.later[rank] = at if at > self.now else self._room_at(self.kept[rank][1])
        if going is None:
            return frozenset(), 0
        last = self._last(going)
        streak = 0 if self.flood or self.carries else min(last.streak if last else 0, len(DIGESTS)) + 1
        return frozenset(rank for rank in ranks if rank >= going), streak

    def _digest_at(self, rank: int) -> datetime:
        if self.flood or rank in self.urgent:
            return self.now
        if last := self._last(rank):
            return last.at + _distance(last)
        return min(since for other, since in self.waiting.items() if other <= rank) + FIRST_DIGEST

    def _last(self, rank: int) -> RecentSms | None:
        """The latest digest of a storm that is still on for this rank."""
        digests = (sms for sms in self.traffic.sent if sms.streak and sms.rank <= rank)
        last = max(digests, key=lambda sms: sms.at, default=None)
        return last if last and last.at + _distance(last) + self.rules.within > self.now else None

    def oks(self, digest: frozenset[int]) -> bool | None:
        """Whether the OKs leave now, in a text of their own; None: as part of the digest."""
        if self.waiting.keys().isdisjoint(OKS):
            return False
        kept = self.kept[OKS[0]][0]
        if digest and not self.critical_only and (self.flood or self.room <= kept):
            return None
        sent = [sms.at for sms in self.traffic.sent if sms.rank in OKS]
        at = max(sent) + OK_PAUSE if sent and not self.flood else self.now
        if self.critical_only:
            at = self.now + CREDIT_PAUSE
        if at <= self.now and self.room > kept:
            self.room -= 1
            return True
        again = at if at > self.now else self._room_at(kept)
        self.later |= {entry.page.priority: again for entry in self.due if entry.page.priority in OKS}
        return False

    def _room_at(self, kept: int) -> datetime:
        """When so many SMS are an hour old that there is more room than is kept, if none leaves until then."""
        over = len(self.times) + kept + 1 - self.rules.per_hour if self.rules.per_hour else 0
        at = self.times[min(over, len(self.times)) - 1] + HOUR if over > 0 else self.now
        return max(at, self.now + timedelta(seconds=1))


def _is_test(entry: DueNotification) -> bool:
    """Whether somebody tries whether an SMS comes: no storm gathers it."""
    return entry.incident is not None and entry.incident.reason is IncidentReason.TEST


def _distance(last: RecentSms) -> timedelta:
    return DIGESTS[min(last.streak, len(DIGESTS)) - 1]
