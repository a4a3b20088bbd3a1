"""The door from pages to messages: plans what is due, has it worded and claimed, and hands it to the senders."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from operator import attrgetter

from sqlalchemy import Connection

from alertsms.context import Context
from alertsms.core.alerts.alert import Severity
from alertsms.core.messages.digest_plan import OKS, DigestPlan, DigestRules, DueNotification, plan
from alertsms.core.messages.message import MessageState
from alertsms.core.messages.notification import REMARKS, NotificationKind
from alertsms.core.messages.trouble import Hindrance, Trouble
from alertsms.core.routing.roster import Roster
from alertsms.core.schedules.person import Person
from alertsms.core.text.reply import DROPPED
from alertsms.delivery.accounts import Accounts, RateLimiter
from alertsms.delivery.claim import ClaimBatch, Composer, Outgoing, PlannedRound
from alertsms.delivery.sms_account import AccountChoice
from alertsms.store import digests, messages, notifications
from alertsms.store.messages import LEASE, Ids, Lease, SmsMessage
from alertsms.worker import FORGOTTEN_SECONDS, RESTART, FailureWatch

_PERSON = attrgetter("person")
_URGENCY = attrgetter("rank", "since")  # the most severe first, then the oldest
BEFORE_CALL = timedelta(seconds=4)  # may pass between a claim and its call; else the message is claimed anew
PASS_OVER = timedelta(seconds=0.5)  # at most, until a person for whom another replica was quicker is planned again


@dataclass(frozen=True, kw_only=True, slots=True)
class Planner:
    """Plans one round; `backlog_until`: what was asked for until then waited out an outage."""

    rules: DigestRules
    now: datetime
    roster: Roster
    backlog_until: datetime | None
    backup_of: datetime | None  # what waited out the outage, so to speak, did so in a backup

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
            if person in self.roster.people:
                self._person(tx, person, theirs, planned, saving=saving)
            else:  # who is not configured any more gets nothing: the team's people of today do
                planned.outgoing.extend(map(Outgoing.single, theirs))
        return planned

    def _person(
        self, tx: Connection, person: str, due: Sequence[DueNotification], planned: PlannedRound, *, saving: bool
    ) -> None:
        counted, ranks, backlog = list[DueNotification](), set[int](), False
        for notification in due:
            page = notification.page
            if page.kind is NotificationKind.ANSWERED:  # beside what storms and limits decide
                planned.outgoing.append(Outgoing.single(notification))
                continue
            counted.append(notification)
            ranks.add(notification.page.priority)
            backlog |= self.backlog_until is not None and page.created_at <= self.backlog_until
        traffic = notifications.recent_traffic(tx, person, ranks, self.rules, self.now)
        planned.traffic[person] = ranks, traffic
        decided = plan(counted, traffic, self.now, self.rules, flood=backlog, critical_only=saving)
        planned.outgoing.extend(map(Outgoing.single, decided.singles))
        if decided.digest:
            planned.outgoing.extend(self._together(tx, person, counted, decided, decided.digest, backlog=backlog))
        if decided.oks:
            planned.outgoing.extend(self._together(tx, person, counted, decided, OKS, backlog=backlog))
        if decided.later:
            planned.waits[person] = decided

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
        parts = digests.collect(tx, person, ranks, [notification.page.id for notification in decided.singles])
        streak = 0 if ranks is OKS else decided.streak
        if len(parts) == 1:
            known = [notification for notification in due if notification.page.id == parts[0].id]
            return [
                Outgoing.single(notification, streak) for notification in known or notifications.get(tx, parts[0].id)
            ]
        if not parts:
            return []
        digest = Outgoing(
            person=person,
            rank=parts[0].line.rank,
            since=max((part.due_at for part in parts if part.due_at <= self.now), default=self.now),
            parts=tuple(parts),
            streak=streak,
            more=not backlog and ranks is not OKS,
            numbered=any(part.line.kind is NotificationKind.PAGE for part in parts),
            backup_of=self.backup_of if backlog and self.backup_of == self.backlog_until else None,
        )
        return [digest]


@dataclass(frozen=True, kw_only=True, slots=True)
class DueRound:
    """What one look at the store shows to be due."""

    sends: Sequence[Outgoing]  # the most urgent first
    lookups: Sequence[Outgoing]  # of lost answers
    planned: PlannedRound
    rows: int  # that were due, as many as were asked for
    following: datetime | None  # when a message becomes due after that
    saving: bool  # the credits that are left are kept for critical pages


def _look(tx: Connection, planner: Planner, room: int, most: int, full: Collection[str]) -> DueRound:
    """What is due, as much of each kind as fits: `most` of what leaves."""
    now, following = planner.now, None
    sends, lookups = list[Outgoing](), list[Outgoing]()
    if messages.any_waiting(tx):
        queued = messages.due(tx, MessageState.QUEUED, now, most, full) if most else []
        late = digests.outdated(tx, queued, now)
        sends = [Outgoing.waiting(message, late.get(message.id)) for message in queued]
        lookups = [Outgoing.waiting(message) for message in messages.due(tx, MessageState.UNKNOWN, now, room, full)]
        following = messages.next_due(tx, now)
    due = notifications.due(tx, now, most, full) if most else []
    planned = planner.plan(tx, due) if due else PlannedRound()
    rows = len(sends) + len(lookups) + len(due)
    sends = sorted([*sends, *planned.outgoing], key=_URGENCY)
    saving = any(map(attrgetter("news_since"), sends)) and digests.saving(tx, planner.rules)
    return DueRound(sends=sends, lookups=lookups, planned=planned, rows=rows, following=following, saving=saving)


class Dispatcher:
    """Fills the places that the rate limiter has free."""

    def __init__(
        self,
        *,
        context: Context,
        rate_limiter: RateLimiter,
        pool: Executor,
        send: Callable[[SmsMessage], None],
        look_up: Callable[[SmsMessage], None],
        accounts: Accounts,
        installation: str,
        free: Callable[[str], bool],
    ) -> None:
        """`send` and `look_up` run in the pool and give their place back themselves.

        `installation` begins the tags; `free`: messages may leave by an account before all were compared.
        """
        self._store, self._roster, self._metrics = context.store, context.roster, context.metrics
        self._clock, self._rate_limiter, self._pool, self._accounts = context.clock, rate_limiter, pool, accounts
        self._owner = context.replicas.id  # signs the leases
        self._send, self._look_up, self._config = send, look_up, context.config
        self._planned: set[datetime] = set()  # when something that was put off is looked at again
        self._looking: set[int] = set()  # the messages that are being looked up
        self._passed_over: dict[str, datetime] = {}  # people for whom another replica was quicker; until when
        self._ids, self._free = Ids(installation), free
        self._pulse = FailureWatch(forgets=FORGOTTEN_SECONDS)
        self.handed_at = time.monotonic()  # when a message was last given to the pool

    def troubles(self) -> Iterator[Trouble]:
        """The pool takes nothing: it is shut down, or the machine gives this process no more threads."""
        yield from self._pulse.trouble("part:pool", "handing over to its senders", Hindrance.SENDING, RESTART)

    def step(self) -> float | None:
        """Hand out what is due and fits; returns in how many seconds the pace allows more, None: when woken."""
        if self._config.newer_sender:  # it would write to who is gone, and cancel what is for who is new
            return None
        now = self._clock()
        room = self._rate_limiter.room(time.monotonic())
        if room <= 0:
            return self._rate_limiter.pause()
        full, choice = self._rate_limiter.full(), self._accounts.choose(now)
        self._passed_over = {person: until for person, until in self._passed_over.items() if until > now}
        full |= self._passed_over.keys()
        if not self._accounts.compared and not self._free(choice.account):
            choice = replace(choice, room=0)  # look-ups go on: they add nothing
        most = room if choice.room is None else min(room, choice.room)
        planner = Planner(
            rules=self._config.current.digest_rules,
            now=now,
            roster=self._roster(),
            backlog_until=self._accounts.backlog_until,
            backup_of=self._accounts.backup_of,
        )
        lookups = 0 if choice.yields else room  # others end the doubts
        due = self._store.read(partial(_look, planner=planner, room=lookups, most=most, full=full))
        chosen = self._choose(due, room, most)
        behind = len(chosen) < len(due.sends) + len(due.lookups)
        if behind and due.planned.waits:
            due = replace(due, planned=_settled(due.planned, chosen))
        waits = due.planned.waits
        more = self._start(chosen, due, choice, planner) if chosen or waits else False
        if more or (chosen and (due.rows >= room or behind)):
            return 0.0  # there may be more, and what was claimed meanwhile changes who is next
        if waits and due.rows >= most:
            return 0.0  # behind what was put off
        if not full and not behind:
            self._rate_limiter.awaited = False  # all that was due found its place
        return self._pause(due, now)

    def _pause(self, due: DueRound, now: datetime) -> float | None:
        for decided in due.planned.waits.values():
            self._planned.update(decided.later.values())
        if self._planned:
            self._planned = {at for at in self._planned if at > now}
        times = [*self._planned, *self._passed_over.values(), *([due.following] if due.following else [])]
        return max((min(times) - now).total_seconds(), 0.01) if times else None

    def _choose(self, due: DueRound, room: int, most: int) -> list[Outgoing]:
        """The most urgent, as many as fit, at most so many sends; each has its place in the rate limiter."""
        # Sends go first, but one place in four is for look-ups while some are due: they end the doubt.
        kept = max(self._rate_limiter.places // 4 - len(self._looking), 0 if self._looking else 1)
        chosen: list[Outgoing] = []
        for outgoing in [*due.lookups[:kept], *due.sends[:most], *due.lookups[kept:]]:
            if len(chosen) < room and self._rate_limiter.take(outgoing.person):
                chosen.append(outgoing)
        return chosen

    def _start(self, chosen: list[Outgoing], due: DueRound, choice: AccountChoice, planner: Planner) -> bool:
        """Claim in one transaction, then hand each to the pool; a place whose claim failed is given back.

        Returns whether pages may have been written anew, or are to be planned again.
        """
        until = planner.now + max(LEASE, self._accounts.longest + BEFORE_CALL)  # it outlasts the longest call
        lease = Lease(owner=self._owner, until=until, account=choice.account, spare=choice.spare)
        kept: Counter[str] = Counter()
        try:
            batch = self._sort(chosen, due, planner, lease)
            claim = partial(batch.claim, lease=lease, roster=planner.roster, now=planner.now)
            claimed, dropped = self._store.transact(claim)
            kept = Counter(map(_PERSON, claimed))
        finally:
            for person in (Counter(map(_PERSON, chosen)) - kept).elements():
                self._rate_limiter.give_back(person)
        for team in dropped:
            self._metrics.sms.labels(team, "cancelled").inc()
        for message in claimed:
            self._metrics.digests.inc(message.id in batch.several)
            self._hand_over(message)
        until = planner.now + PASS_OVER * random.uniform(0.2, 1.0)  # noqa: S311 - else replicas plan alike again
        self._passed_over |= dict.fromkeys(batch.outdated, until)
        return bool(batch.gone or batch.outdated)

    def _hand_over(self, message: SmsMessage) -> None:
        """Let the pool do it. One that is shut down takes nothing: the row stays as it is, and the next start asks."""
        lost = message.state is MessageState.UNKNOWN
        if lost:
            self._looking.add(message.id)
        else:
            self._accounts.note_trial(message.account, self._clock())
        try:
            self._pool.submit(self._look if lost else self._send, message)
            self.handed_at = time.monotonic()
            self._pulse.failing = None
        except RuntimeError as error:
            self._pulse.bad(error)
            self._looking.discard(message.id)
            self._rate_limiter.give_back(message.person)

    def _look(self, message: SmsMessage) -> None:
        try:
            self._look_up(message)
        finally:
            self._looking.discard(message.id)

    def _sort(self, chosen: list[Outgoing], due: DueRound, planner: Planner, lease: Lease) -> ClaimBatch:
        """Word the pages; set apart what is for somebody or some number that a reload took away."""
        composer = Composer(
            roster=planner.roster,
            lease=lease,
            now=planner.now,
            account=self._accounts.by_name.get(lease.account),
            address=self._config.current.server.external_url,
            ids=self._ids,
            metrics=self._metrics,
        )
        batch = ClaimBatch(planned=due.planned, rules=planner.rules, links=composer.links)
        # The text of a digest carries its number, which is taken before.
        count = sum(map(attrgetter("numbered"), chosen))
        numbers = self._store.transact(lambda tx: [digests.number(tx) for _ in range(count)]) if count else []
        for outgoing in chosen:
            person, message = planner.roster.people.get(outgoing.person), outgoing.message
            age = planner.now - outgoing.news_since if outgoing.news_since else None
            if age is not None and (due.saving or age >= DROPPED or _misdirected(outgoing, person)):
                batch.stale.append(outgoing)
            elif message and message.state is MessageState.UNKNOWN:  # followed to its end whosever number it was
                batch.old.append(message)
            elif person is None or (message and message.number not in [phone.e164 for phone in person.phones]):
                batch.gone.append(outgoing)
            elif message:
                batch.old.append(message)
                batch.reworded |= composer.reworded(message, outgoing.late, person)
            elif outgoing.due:
                batch.new[outgoing.due.page.id] = composer.single(outgoing, outgoing.due, person)
            else:
                digest = composer.digest(outgoing, person, numbers.pop(0) if outgoing.numbered else None)
                batch.several[digest.message.id] = digest
        return batch


def _misdirected(outgoing: Outgoing, person: Person | None) -> bool:
    """Whether the phone that answered is not this person's any more."""
    return person is None or (outgoing.due is not None and outgoing.due.page.phone >= len(person.phones))


def _settled(planned: PlannedRound, chosen: Sequence[Outgoing]) -> PlannedRound:
    """Without the waits of people for whom not all that is to leave found a place: they are planned again first."""
    behind = {outgoing.person for outgoing in planned.outgoing if outgoing not in chosen}
    return replace(planned, waits={person: plan for person, plan in planned.waits.items() if person not in behind})
