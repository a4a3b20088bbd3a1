"""What may leave now: the due pages of each person, taken through core's plan of storms, as texts to be written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from alertsms.core.alerts.alert import Severity
from alertsms.core.messages.digest_plan import (
    OKS,
    DigestPlan,
    DigestRules,
    DueNotification,
    HoldReason,
    RecentTraffic,
    plan,
)
from alertsms.core.messages.notification import REMARKS, NotificationKind
from alertsms.store import digests, pages, settings
from alertsms.store.digests import DigestPart


@dataclass(frozen=True, kw_only=True, slots=True)
class Outgoing:
    """What leaves as one SMS: one page, or several."""

    person: str
    rank: int
    since: datetime  # when it was asked for
    due: DueNotification | None = None
    parts: tuple[DigestPart, ...] = ()
    streak: int = 0  # which text of its storm
    more: bool = False  # others of the same storm left before
    backup_of: datetime | None = None  # these waited in a backup of that time

    @property
    def pages(self) -> list[int]:
        """The pages in it."""
        return [self.due.page.id] if self.due else [part.id for part in self.parts]

    @property
    def numbered(self) -> bool:
        """Whether it is a digest, with a number of its own: one page beside OKs needs one to be answered by."""
        return any(part.line.kind is NotificationKind.PAGE for part in self.parts)


@dataclass(frozen=True, kw_only=True, slots=True)
class Postponed:
    """What is due to a person and waits: by rank until when, but for the pages that leave now."""

    person: str
    later: Mapping[int, datetime]
    why: Mapping[int, HoldReason]
    leaving: Collection[int]


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedRound:
    """One round's plan."""

    parcels: list[Outgoing] = field(default_factory=list)
    waits: list[Postponed] = field(default_factory=list)
    had: dict[str, RecentTraffic] = field(default_factory=dict)  # what the plan of each person counted on
    ranks: dict[str, set[int]] = field(default_factory=dict)  # of what was due to them


@dataclass(frozen=True, kw_only=True, slots=True)
class Planner:
    """Plans one round; `flood_until`: what was asked for until then waited out an outage."""

    rules: DigestRules
    now: datetime
    flood_until: datetime | None = None
    known: Callable[[str], bool] = lambda _: True  # whether there is such a person
    backup_of: datetime | None = None  # what waited out the outage, so to speak, did so in a backup

    def plan(self, tx: Connection, due: Sequence[DueNotification]) -> PlannedRound:
        """Plan for each of the people to whom something is due."""
        planned = PlannedRound()
        by_person: dict[str, list[DueNotification]] = {}
        for each in due:
            by_person.setdefault(each.page.person, []).append(each)
        lesser = any(each.rank > Severity.CRITICAL and each.page.kind not in REMARKS for each in due)
        saving = lesser and self.saving(tx)
        for person, some in by_person.items():
            if self.known(person):
                self._person(tx, person, some, planned, saving=saving)
            else:  # whoever is gone gets nothing: the team's people of today do
                planned.parcels.extend(_single(person, each) for each in some)
        return planned

    def saving(self, tx: Connection) -> bool:
        """Whether the credits that are left are kept for critical pages."""
        if not self.rules.reserve_credits:
            return False
        left = settings.get(tx, "credits")
        return left is not None and float(left) <= self.rules.reserve_credits

    def _person(
        self, tx: Connection, person: str, due: Sequence[DueNotification], planned: PlannedRound, *, saving: bool
    ) -> None:
        confirming = [each for each in due if each.page.kind is NotificationKind.ANSWERED]
        planned.parcels.extend(_single(person, each) for each in confirming)  # beside what storms and limits decide
        due = [each for each in due if each not in confirming] if confirming else due
        ranks = planned.ranks[person] = {each.rank for each in due}
        had = planned.had[person] = digests.had(tx, person, ranks, self.rules, self.now)
        flood = self.flood_until is not None and any(each.page.created_at <= self.flood_until for each in due)
        decided = plan(due, had, self.now, self.rules, flood=flood, critical_only=saving)
        leaving = [each.page.id for each in decided.singles]
        planned.parcels.extend(_single(person, each) for each in decided.singles)
        if decided.digest:
            planned.parcels.extend(
                self._together(tx, person, due, decided, decided.digest, leaving, more=not flood, flood=flood)
            )
        if decided.oks:
            planned.parcels.extend(self._together(tx, person, due, decided, OKS, leaving, more=False, flood=flood))
        if decided.later:
            planned.waits.append(Postponed(person=person, later=decided.later, why=decided.why, leaving=leaving))

    def _together(
        self,
        tx: Connection,
        person: str,
        due: Sequence[DueNotification],
        decided: DigestPlan,
        ranks: Collection[int],
        leaving: Collection[int],
        *,
        more: bool,
        flood: bool,
    ) -> list[Outgoing]:
        """What leaves in one text; a single page alone keeps its own words."""
        parts = digests.collect(tx, person, ranks, leaving)
        if not parts:
            return []
        streak = 0 if ranks is OKS else decided.streak
        if len(parts) == 1:
            known = [each for each in due if each.page.id == parts[0].id] or pages.get(tx, parts[0].id)
            return [_single(person, each, streak) for each in known]
        since = max((part.due_at for part in parts if part.due_at <= self.now), default=self.now)
        rank = parts[0].line.rank
        of = self.backup_of if flood and self.backup_of == self.flood_until else None
        return [
            Outgoing(person=person, rank=rank, since=since, parts=tuple(parts), streak=streak, more=more, backup_of=of)
        ]


def _single(person: str, due: DueNotification, streak: int = 0) -> Outgoing:
    since = due.page.due_at if streak else due.page.created_at  # what was gathered was not slow
    return Outgoing(person=person, rank=due.rank, since=since, due=due, streak=streak)
