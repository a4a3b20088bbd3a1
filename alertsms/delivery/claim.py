"""One round's claims, all in one transaction: of pages that become messages, of messages, and what is put off."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
from alertsms.core.messages.message import MessageState
from alertsms.core.messages.notification import FALLBACK_STEP, REMARKS, Notification, NotificationKind
from alertsms.core.routing.roster import Roster
from alertsms.core.text.wording import Wording
from alertsms.store import digests, fallback, incidents, messages, notifications, recipients, tokens
from alertsms.store.digests import DigestPart, OutdatedMessage
from alertsms.store.messages import Lease, SmsMessage
from alertsms.store.tokens import Token


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
    numbered: bool = False  # a digest with a number of its own: one page beside OKs needs one to be answered by
    backup_of: datetime | None = None  # these waited in a backup of that time

    @property
    def pages(self) -> list[int]:
        """The pages in it."""
        return [self.due.page.id] if self.due else [part.id for part in self.parts]

    @property
    def first(self) -> tuple[str, NotificationKind, int]:
        """The team, kind and phone of its first page: the message's."""
        if self.due:
            return self.due.page.team, self.due.page.kind, self.due.page.phone
        return self.parts[0].team, self.parts[0].line.kind, self.parts[0].phone


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
    traffic: dict[str, RecentTraffic] = field(default_factory=dict)  # what the plan of each person counted on
    ranks: dict[str, set[int]] = field(default_factory=dict)  # of what was due to them


@dataclass(frozen=True, kw_only=True, slots=True)
class Planner:
    """Plans one round; `backlog_until`: what was asked for until then waited out an outage."""

    rules: DigestRules
    now: datetime
    backlog_until: datetime | None = None
    known: Callable[[str], bool] = lambda _: True  # whether there is such a person
    backup_of: datetime | None = None  # what waited out the outage, so to speak, did so in a backup

    def plan(self, tx: Connection, due: Sequence[DueNotification]) -> PlannedRound:
        """Plan for each of the people to whom something is due."""
        planned = PlannedRound()
        by_person: dict[str, list[DueNotification]] = {}
        lesser = False
        for notification in due:
            by_person.setdefault(notification.page.person, []).append(notification)
            lesser |= notification.page.priority > Severity.CRITICAL and notification.page.kind not in REMARKS
        saving = lesser and digests.saving(tx, self.rules)
        for person, theirs in by_person.items():
            if self.known(person):
                self._person(tx, person, theirs, planned, saving=saving)
            else:  # who is not configured any more gets nothing: the team's people of today do
                planned.parcels.extend(_single(person, notification) for notification in theirs)
        return planned

    def _person(
        self, tx: Connection, person: str, due: Sequence[DueNotification], planned: PlannedRound, *, saving: bool
    ) -> None:
        counted = list[DueNotification]()
        for notification in due:
            if notification.page.kind is NotificationKind.ANSWERED:  # beside what storms and limits decide
                planned.parcels.append(_single(person, notification))
            else:
                counted.append(notification)
        due, ranks = counted, {notification.page.priority for notification in counted}
        traffic = notifications.recent_traffic(tx, person, ranks, self.rules, self.now)
        planned.ranks[person], planned.traffic[person] = ranks, traffic
        backlog = self.backlog_until is not None and any(
            notification.page.created_at <= self.backlog_until for notification in due
        )
        decided = plan(due, traffic, self.now, self.rules, flood=backlog, critical_only=saving)
        leaving = list[int]()
        for notification in decided.singles:
            leaving.append(notification.page.id)
            planned.parcels.append(_single(person, notification))
        if decided.digest:
            planned.parcels.extend(self._together(tx, person, due, decided, decided.digest, backlog=backlog))
        if decided.oks:
            planned.parcels.extend(self._together(tx, person, due, decided, OKS, backlog=backlog))
        if decided.later:
            planned.waits.append(Postponed(person=person, later=decided.later, why=decided.why, leaving=leaving))

    def _together(
        self,
        tx: Connection,
        person: str,
        due: Sequence[DueNotification],
        decided: DigestPlan,
        ranks: Collection[int],
        *,
        backlog: bool,
    ) -> list[Outgoing]:
        """What leaves in one text; a single page alone keeps its own words."""
        more = not backlog and ranks is not OKS
        parts = digests.collect(tx, person, ranks, [notification.page.id for notification in decided.singles])
        if not parts:
            return []
        streak = 0 if ranks is OKS else decided.streak
        if len(parts) == 1:
            known = [notification for notification in due if notification.page.id == parts[0].id]
            known = known or notifications.get(tx, parts[0].id)
            return [_single(person, notification, streak) for notification in known]
        since = max((part.due_at for part in parts if part.due_at <= self.now), default=self.now)
        of = self.backup_of if backlog and self.backup_of == self.backlog_until else None
        numbered = any(part.line.kind is NotificationKind.PAGE for part in parts)
        digest = Outgoing(
            person=person,
            rank=parts[0].line.rank,
            since=since,
            parts=tuple(parts),
            streak=streak,
            more=more,
            numbered=numbered,
            backup_of=of,
        )
        return [digest]


def _single(person: str, due: DueNotification, streak: int = 0) -> Outgoing:
    since = due.page.due_at if streak else due.page.created_at  # what was gathered was not slow
    return Outgoing(person=person, rank=due.page.priority, since=since, due=due, streak=streak)


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """Something to claim: pages to be worded, a message to be sent again, or one to be looked up."""

    person: str
    parcel: Outgoing | None = None
    message: SmsMessage | None = None
    late: OutdatedMessage | None = None  # what the message tells, where its text may have become too old
    stale: bool = False  # it says what an answer did, too late, or credits are short

    @property
    def page(self) -> Notification | None:
        """The only page that it would carry, where no message does yet."""
        return self.parcel.due.page if self.parcel and self.parcel.due else None

    @property
    def lost(self) -> bool:
        """Whether it is a message whose answer was lost."""
        return self.message is not None and self.message.state is MessageState.UNKNOWN

    def confirms(self) -> datetime | None:
        """Since when it waits to say what an answer did; None where it is something else."""
        if self.page:
            return self.page.created_at if self.page.kind is NotificationKind.ANSWERED else None
        if self.message is None or self.message.state is not MessageState.QUEUED:
            return None
        return self.message.asked_at if self.message.kind == NotificationKind.ANSWERED else None

    @property
    def order(self) -> tuple[int, datetime]:
        """The most severe first, then the oldest."""
        if self.parcel:
            return self.parcel.rank, self.parcel.since
        assert self.message  # noqa: S101 - one of the two is given
        return self.message.priority, self.message.created_at


@dataclass(frozen=True, kw_only=True, slots=True)
class Digest:
    """A message that stands for several pages."""

    message: SmsMessage
    parts: Sequence[DigestPart]
    word: Callable[[Sequence[DigestPart]], Wording]

    def claim(self, tx: Connection) -> SmsMessage | None:
        """Claim its pages; where some of them resolved since they were read, the text says only what is left."""
        ours = notifications.claim_together(tx, [part.id for part in self.parts], self.message.id)
        if len(ours) == len(self.parts) or not ours:
            return self.message if ours else None
        left = [part for part in self.parts if part.id in ours]
        wording, first = self.word(left), left[0]
        return replace(
            self.message,
            text=wording.text,
            segments=wording.segments,
            kind=first.line.kind.value,
            priority=first.line.rank,
        )


@dataclass(kw_only=True, slots=True)
class ClaimBatch:
    """What one round claims."""

    new: dict[int, SmsMessage] = field(default_factory=dict)  # by page id
    several: dict[int, Digest] = field(default_factory=dict)  # by message id
    planned: PlannedRound = field(default_factory=PlannedRound)
    rules: DigestRules = field(default_factory=DigestRules)
    outdated: bool = False  # another replica sent somebody something since the plan was made
    old: list[SmsMessage] = field(default_factory=list)
    reworded: dict[int, Wording] = field(default_factory=dict)  # by message id: other words for some of the old ones
    gone: list[Candidate] = field(default_factory=list)
    stale: list[Candidate] = field(default_factory=list)
    links: dict[int, Token] = field(default_factory=dict)  # by message id

    def claim(self, tx: Connection, lease: Lease, roster: Roster, now: datetime) -> tuple[list[SmsMessage], list[str]]:
        """Claim what is still there to be claimed.

        Returns the messages that are ours now, and the teams of those that were cancelled: nobody has their number.
        """
        cancelled = [*self._readdress(tx, roster, now), *self._drop(tx)] if self.gone or self.stale else []
        people = self._current(tx, now)
        claimed = self._claim_new(tx, people)
        if claimed:
            messages.add(tx, claimed)
        if claimed and self.links:
            links = [(self.links.get(message.id), message.text) for message in claimed]
            tokens.add(tx, [link for link, text in links if link and link.token in text])
        for state in (MessageState.QUEUED, MessageState.UNKNOWN) if self.old else ():
            ids = [message.id for message in self.old if message.state is state]
            claimed += messages.claim(tx, state, ids, lease, now) if ids else []
        if self.reworded:
            claimed = messages.reword(tx, claimed, self.reworded)
        for wait in self.planned.waits:
            if wait.person in people:
                _put_off(tx, wait, roster, now)
        return claimed, cancelled

    def _claim_new(self, tx: Connection, people: Collection[str]) -> list[SmsMessage]:
        """Claim the pages of new messages to these people; returns the messages that have some."""
        new = {page: message for page, message in self.new.items() if message.person in people}
        claimed = notifications.claim(tx, new) if new else []
        for digest in self.several.values():
            if digest.message.person in people and (message := digest.claim(tx)):
                claimed.append(message)
        return claimed

    def _readdress(self, tx: Connection, roster: Roster, now: datetime) -> Iterator[str]:
        """Page the teams of today in the place of people and numbers that a reload took away; yields as _drop."""
        for candidate in self.gone:
            page = candidate.page
            if candidate.message and notifications.readdress(tx, candidate.message.id, now):
                yield candidate.message.team
            elif page and notifications.cancel(tx, page.id) and page.kind is NotificationKind.PAGE:
                team = roster.team(page.team)
                people = team.first(now) if page.step == FALLBACK_STEP else team.step(page.step).people(now)
                recipients.add(tx, [replace(page, person=person.name, due_at=now, phone=0) for person in people])

    def _drop(self, tx: Connection) -> Iterator[str]:
        """The team of each stale message that waited; "" where none carried the page yet."""
        for candidate in self.stale:
            page = candidate.page
            if candidate.message and messages.cancel(tx, candidate.message.id):
                yield candidate.message.team
            elif page and notifications.cancel(tx, page.id):
                yield ""

    def _current(self, tx: Connection, now: datetime) -> Collection[str]:
        """The people whose plan still holds; on an SQLite file nobody else sends."""
        if tx.dialect.name == "sqlite":
            return self.planned.traffic.keys()
        current = set()
        for person, traffic in sorted(self.planned.traffic.items()):
            digests.lock(tx, person)
            latest = notifications.recent_traffic(tx, person, self.planned.ranks[person], self.rules, now)
            # Nobody else sent anything meanwhile.
            if len(traffic.sent) == len(latest.sent) and traffic.recent_pages == latest.recent_pages:
                current.add(person)
        self.outdated = len(current) < len(self.planned.traffic)
        return current


def _put_off(tx: Connection, wait: Postponed, roster: Roster, now: datetime) -> None:
    """Let it wait. What waits for credits may wait for days: other channels are told at once."""
    for rank, until in wait.later.items():
        if wait.why.get(rank) is HoldReason.RESERVE:
            numbers = digests.unsaved(tx, wait.person, rank, now)
            fallback.unsent(tx, incidents.get(tx, numbers), roster.team, now)
        digests.put_off(tx, wait.person, rank, until, now, wait.leaving, wait.why.get(rank))
