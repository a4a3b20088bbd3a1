"""The door from pages to messages: takes what is due, words it, claims it and hands it to the senders."""

from __future__ import annotations

import logging
import secrets
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter

from sqlalchemy import Connection

from alertsms.context import Context
from alertsms.core.messages.message import MessageState
from alertsms.core.messages.trouble import Hindrance, Trouble
from alertsms.core.routing.roster import Roster
from alertsms.core.schedules.person import Person
from alertsms.core.text.answered import DROPPED
from alertsms.delivery.accounts import AccountChoice, Accounts
from alertsms.delivery.claim import Candidate, ClaimBatch, PlannedRound, Planner
from alertsms.delivery.composer import Composer
from alertsms.delivery.rate_limiter import RateLimiter
from alertsms.store import digests, outbox, pages
from alertsms.store.outbox import LEASE, Ids, Lease, SmsMessage
from alertsms.worker import FORGOTTEN_SECONDS, RESTART, FailureWatch

log = logging.getLogger("alertsms.dispatcher")
_PERSON = attrgetter("person")


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

        `installation` begins the tags; `free`: messages may leave by an account.
        """
        self._store, self._roster, self._metrics = context.store, context.roster, context.metrics
        self._clock, self._rate_limiter, self._pool, self._accounts = context.clock, rate_limiter, pool, accounts
        self._owner = secrets.token_hex(8)  # signs the leases
        self._send, self._look_up, self._config = send, look_up, context.config
        self._planned: set[datetime] = set()  # when something that was put off is looked at again
        self._looking: set[int] = set()  # the messages that are being looked up
        self._ids, self._free = Ids(installation), free
        self._pulse = FailureWatch(forgets=FORGOTTEN_SECONDS)
        self.handed_at = time.monotonic()  # when a message was last given to the pool

    def troubles(self) -> Iterator[Trouble]:
        """The pool takes nothing: it is shut down, or the machine gives this process no more threads."""
        yield from self._pulse.trouble("part:pool", "handing over to its senders", Hindrance.SENDING, RESTART)

    def step(self) -> float | None:
        """Hand out what is due and fits; returns in how many seconds the pace allows more, None: when woken."""
        now = self._clock()
        room = self._rate_limiter.room(time.monotonic())
        if room <= 0:
            return self._rate_limiter.pause()
        full, choice = self._rate_limiter.full(), self._accounts.choose(now)
        if not self._free(choice.account):
            choice = replace(choice, room=0)  # look-ups go on: they add nothing
        sends = room if choice.room is None else min(room, choice.room)
        known = self._roster().people
        planner = Planner(
            rules=self._config.digest_rules,
            now=now,
            backlog_until=self._accounts.backlog_until,
            known=known.__contains__,
            backup_of=self._accounts.backup_of,
        )
        look = self._store.read(lambda tx: _look(tx, planner, room, sends, full, now))
        candidates = look.candidates
        chosen = self._choose(candidates, room, sends)
        planned = look.planned
        if planned.waits and len(chosen) < len(candidates):
            planned = _settled(planned, candidates, chosen)
        more = self._start(chosen, planned, choice, now) if chosen or planned.waits else False
        if more or (chosen and (look.due >= room or len(chosen) < len(candidates))):
            return 0.0  # there may be more, and what was claimed meanwhile changes who is next
        if planned.waits and look.due >= min(room, sends):
            return 0.0  # behind what was put off
        if not full and len(chosen) == len(candidates):
            self._rate_limiter.content()
        return self._pause(look.following, planned, now)

    def _pause(self, following: datetime | None, planned: PlannedRound, now: datetime) -> float | None:
        """In how many seconds something is due that is known by now."""
        for wait in planned.waits:
            self._planned.update(wait.later.values())
        self._planned = {at for at in self._planned if at > now}
        times = [*self._planned, *([following] if following else [])]
        return max((min(times) - now).total_seconds(), 0.01) if times else None

    def _choose(self, candidates: list[Candidate], room: int, most: int) -> list[Candidate]:
        """The most urgent of them, as many as fit, at most so many sends; each has its place in the rate limiter."""
        # Sends go first, but one place in four is for look-ups while some are due: they end the doubt.
        lookups, sends = list[Candidate](), list[Candidate]()
        for candidate in candidates:
            (lookups if candidate.lost else sends).append(candidate)
        sends.sort(key=attrgetter("order"))
        kept = max(self._rate_limiter.places // 4 - len(self._looking), 0 if self._looking else 1)
        order = lookups[:kept] + sends[:most] + lookups[kept:]
        chosen: list[Candidate] = []
        for candidate in order:
            if len(chosen) < room and self._rate_limiter.take(candidate.person):
                chosen.append(candidate)
        return chosen

    def _start(self, chosen: list[Candidate], planned: PlannedRound, choice: AccountChoice, now: datetime) -> bool:
        """Claim in one transaction, then hand each to the pool; a place whose claim failed is given back.

        Returns whether pages may have been written anew, or are to be planned again.
        """
        roster, lease = self._roster(), self.lease(now, choice)
        kept: Counter[str] = Counter()
        try:
            batch = self._sort(chosen, roster, now, lease)
            batch.planned, batch.rules = planned, self._config.digest_rules
            claimed, dropped = self._store.transact(lambda tx: batch.claim(tx, lease, roster, now))
            kept = Counter(map(_PERSON, claimed))
        finally:
            for person in (Counter(map(_PERSON, chosen)) - kept).elements():
                self._rate_limiter.give_back(person)
        for team in dropped:
            self._metrics.sms.labels(team, "cancelled").inc()
        for message in claimed:
            self._metrics.digests.inc(message.id in batch.several)
            self._hand_over(message)
        return bool(batch.gone) or batch.outdated

    def _hand_over(self, message: SmsMessage) -> None:
        """Let the pool do it. One that is shut down takes nothing: the row stays as it is, and the next start asks."""
        if message.state is MessageState.UNKNOWN:
            self._looking.add(message.id)
        else:
            self._accounts.note_trial(message.account, self._clock())
        try:
            self._pool.submit(self._look if message.state is MessageState.UNKNOWN else self._send, message)
            self.handed_at = time.monotonic()
            self._pulse.good()
        except RuntimeError as error:
            self._pulse.bad(error)
            self._looking.discard(message.id)
            self._rate_limiter.give_back(message.person)

    def _look(self, message: SmsMessage) -> None:
        try:
            self._look_up(message)
        finally:
            self._looking.discard(message.id)

    def lease(self, now: datetime, choice: AccountChoice) -> Lease:
        """A claim that outlasts the longest call."""
        until = now + max(LEASE, 2 * self._accounts.longest)
        return Lease(owner=self._owner, until=until, account=choice.account, spare=choice.spare)

    def _sort(self, chosen: list[Candidate], roster: Roster, now: datetime, lease: Lease) -> ClaimBatch:
        """Word the pages; set apart what is for somebody or some number that a reload took away."""
        batch = ClaimBatch()
        count = sum(candidate.parcel.numbered for candidate in chosen if candidate.parcel)
        numbers = self._numbers(count) if count else []
        composer = Composer(
            roster=roster,
            lease=lease,
            now=now,
            account=self._accounts.of(lease.account),
            address=self._config.current.server.external_url,
            ids=self._ids,
            metrics=self._metrics,
            links=batch.links,
        )
        for candidate in chosen:
            person = roster.people.get(candidate.person)
            if candidate.stale or _misdirected(candidate, person):
                batch.stale.append(candidate)
            elif candidate.lost:  # followed to its end whosever number it was
                batch.old.append(candidate.message)  # type: ignore[arg-type]  # lost says so
            elif person is None or (candidate.message and not _still_theirs(candidate.message, person)):
                batch.gone.append(candidate)
            elif candidate.parcel and candidate.parcel.due:
                batch.new[candidate.parcel.due.page.id] = composer.single(
                    candidate.parcel, candidate.parcel.due, person
                )
            elif candidate.parcel:
                digest = composer.digest(
                    candidate.parcel, person, numbers.pop(0) if candidate.parcel.numbered else None
                )
                batch.several[digest.message.id] = digest
            elif candidate.message:
                batch.old.append(candidate.message)
                batch.reworded |= composer.reworded(candidate.message, candidate.late, person)
        return batch

    def _numbers(self, count: int) -> list[int]:
        """Numbers for digests: their texts carry them, so they are taken before."""
        return self._store.transact(lambda tx: [digests.number(tx) for _ in range(count)])


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What one look at the store found."""

    candidates: list[Candidate]
    planned: PlannedRound
    due: int  # rows that were due, as many as were asked for
    following: datetime | None  # when a message becomes due after that


def _look(tx: Connection, planner: Planner, room: int, sends: int, full: Collection[str], now: datetime) -> Found:
    """What is due, as much of each kind as fits (`sends` of what leaves)."""
    candidates: list[Candidate] = []
    following = None
    if outbox.any_waiting(tx):
        queued = outbox.due(tx, MessageState.QUEUED, now, sends, full) if sends else []
        waiting = queued + outbox.due(tx, MessageState.UNKNOWN, now, room, full)
        slow = pages.outdated(tx, queued, now)
        candidates = [
            Candidate(person=message.person, message=message, late=slow.get(message.id)) for message in waiting
        ]
        following = outbox.next_due(tx, now)
    pages_due = pages.due(tx, now, sends, full) if sends else []
    planned = planner.plan(tx, pages_due) if pages_due else PlannedRound()
    due = len(candidates) + len(pages_due)
    candidates += [Candidate(person=parcel.person, parcel=parcel) for parcel in planned.parcels]
    if any(map(Candidate.confirms, candidates)):
        candidates = _without_news(candidates, now, saving=digests.saving(tx, planner.rules))
    return Found(candidates=candidates, planned=planned, due=due, following=following)


def _without_news(candidates: Sequence[Candidate], now: datetime, *, saving: bool) -> list[Candidate]:
    """Mark what says what an answer did and is old, or would take of the credits that are kept."""
    since = {number: at for number, candidate in enumerate(candidates) if (at := candidate.confirms())}
    return [
        replace(candidate, stale=saving or now - since[number] >= DROPPED) if number in since else candidate
        for number, candidate in enumerate(candidates)
    ]


def _misdirected(candidate: Candidate, person: Person | None) -> bool:
    """Whether it says what an answer did, and the phone that answered is not this person's any more."""
    page = candidate.page
    gone = person is None or (page is not None and page.phone >= len(person.phones))
    return gone and candidate.confirms() is not None


def _settled(planned: PlannedRound, candidates: Sequence[Candidate], chosen: Sequence[Candidate]) -> PlannedRound:
    """Without the waits of people for whom not all that is to leave found a place: they are planned again first."""
    behind = {candidate.person for candidate in candidates if candidate.parcel and candidate not in chosen}
    return replace(planned, waits=[wait for wait in planned.waits if wait.person not in behind])


def _still_theirs(message: SmsMessage, person: Person) -> bool:
    """Whether the number is still this person's."""
    return any(phone.e164 == message.number for phone in person.phones)
