"""The door from pages to messages: takes what is due, words it, claims it and hands it to the senders."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from alertsms.core.message import State
from alertsms.core.page import Kind
from alertsms.core.person import Person
from alertsms.core.roster import Roster
from alertsms.core.wording import word
from alertsms.logs import event
from alertsms.metrics import Metrics
from alertsms.store import outbox, pages
from alertsms.store.engine import Store
from alertsms.store.outbox import Ids, Message
from alertsms.store.pages import Due
from alertsms.throttle import Throttle

log = logging.getLogger("alertsms.dispatcher")

LOOK_AHEAD = 4  # candidates read for each free place: some people have all theirs taken


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """Something to claim: a page to be worded, a message to be sent again, or one to be looked up."""

    person: str
    page: Due | None = None
    message: Message | None = None

    @property
    def order(self) -> tuple[int, datetime]:
        """The most severe first, then the oldest."""
        what = self.page.page if self.page else self.message
        assert what  # noqa: S101 - one of the two is given
        return what.priority, what.created_at


class Dispatcher:
    """Fills the places that the throttle has free."""

    def __init__(self, *, store: Store, roster: Callable[[], Roster], throttle: Throttle, metrics: Metrics, owner: str,
                 clock: Callable[[], datetime], pool: ThreadPoolExecutor, send: Callable[[Message], None],
                 look_up: Callable[[Message], None]) -> None:  # fmt: skip
        """`owner` signs the leases; `send` and `look_up` run in the pool and give their place back themselves."""
        self._store, self._roster, self._throttle, self._metrics = store, roster, throttle, metrics
        self._owner, self._clock, self._pool = owner, clock, pool
        self._send, self._look_up = send, look_up
        self._ids = Ids()

    def step(self) -> float | None:
        """Hand out what is due and fits; returns in how many seconds the pace allows more, None: when woken."""
        now = self._clock()
        room = self._throttle.room(time.monotonic())
        if room <= 0:
            return self._throttle.pause()
        chosen = self._choose(room, now)
        if chosen:
            self._start(chosen, now)
            return 0.0  # there may be more, and what was claimed meanwhile changes who is next
        due = self._store.read(lambda tx: outbox.next_due(tx, now))
        return max((due - now).total_seconds(), 0.01) if due else None

    def _choose(self, room: int, now: datetime) -> list[Chosen]:
        """The most urgent of what is due, as many as fit; each has its place in the throttle."""
        full = self._throttle.full()

        def due(tx: Connection) -> list[Chosen]:
            again = outbox.due(tx, State.QUEUED, now, room * LOOK_AHEAD, full)
            lost = outbox.due(tx, State.UNKNOWN, now, room, full)
            found = [Chosen(person=message.person, message=message) for message in again + lost]
            return found + [
                Chosen(person=due.page.person, page=due) for due in pages.due(tx, now, room * LOOK_AHEAD, full)
            ]

        candidates = self._store.read(due)
        # Sends go first, but one place in four is for look-ups while some are due: they end the doubt.
        lookups = [each for each in candidates if each.message and each.message.state is State.UNKNOWN]
        sends = sorted((each for each in candidates if each not in lookups), key=lambda each: each.order)
        kept = min(len(lookups), max(room // 4, 1))
        order = lookups[:kept] + sends + lookups[kept:]
        chosen: list[Chosen] = []
        for each in order:
            if len(chosen) < room and self._throttle.take(each.person):
                chosen.append(each)
        return chosen

    def _start(self, chosen: list[Chosen], now: datetime) -> None:
        """Claim in one transaction, then hand each to the pool; a place whose claim failed is given back."""
        roster = self._roster()
        batch = self._sort(chosen, roster, now)
        claimed: list[Message] = []
        try:
            claimed = self._store.transact(lambda tx: batch.claim(tx, self._owner, roster, now))
        finally:
            for number in batch.waiting.keys() - {message.id for message in claimed}:
                self._throttle.give_back(batch.waiting[number].person)
            for each in batch.gone:
                self._throttle.give_back(each.person)
        for message in claimed:
            self._pool.submit(self._send if message.state is State.SENDING else self._look_up, message)

    def _sort(self, chosen: list[Chosen], roster: Roster, now: datetime) -> Batch:
        """Word the pages; set apart what is for somebody or some number that a reload took away."""
        batch = Batch()
        for each in chosen:
            person = roster.people.get(each.person)
            if person is None or (each.message and not _still_theirs(each.message, person)):
                batch.gone.append(each)
            elif each.page:
                batch.new[each.page.page.id] = message = self._message(each.page, person, roster, now)
                batch.waiting[message.id] = each
            elif each.message:
                batch.waiting[each.message.id] = each
        return batch

    def _message(self, due: Due, person: Person, roster: Roster, now: datetime) -> Message:
        """Word a page and make it a message of ours. Neither the text nor the tag changes from here on."""
        page, team = due.page, roster.team(due.page.team)
        wording = word(page, due.incident, person=person, team=team, now=now, max_segments=roster.max_segments)
        if wording.error:
            self._metrics.templates_failed.labels(team.name).inc()
            event(log, logging.WARNING, "template failed, built-in text used", team=team.name, why=wording.error)
        number, tag = self._ids.next(now)
        phone = person.phones[min(page.phone, len(person.phones) - 1)]  # a reload may have left fewer
        return Message(
            id=number, tag=tag, person=person.name, team=page.team, number=phone.e164,
            text=wording.text, segments=wording.segments, kind=page.kind.value, priority=page.priority, due_at=now,
            lease_owner=self._owner, lease_until=now + outbox.LEASE, asked_at=page.created_at, created_at=now,
        )  # fmt: skip


@dataclass(kw_only=True, slots=True)
class Batch:
    """What one round claims."""

    waiting: dict[int, Chosen] = field(default_factory=dict)  # by message id
    new: dict[int, Message] = field(default_factory=dict)  # by page id
    gone: list[Chosen] = field(default_factory=list)

    def claim(self, tx: Connection, owner: str, roster: Roster, now: datetime) -> list[Message]:
        """Claim what is still there to be claimed; returns the messages that are ours now."""
        for each in self.gone:
            _resolve_anew(tx, each, roster, now)
        ours = pages.claim(tx, {page: message.id for page, message in self.new.items()}) if self.new else set()
        claimed = [message for message in self.new.values() if message.id in ours]
        if claimed:
            outbox.add(tx, claimed)
        for state in (State.QUEUED, State.UNKNOWN):
            old = (each.message for each in self.waiting.values() if each.message)
            ids = [message.id for message in old if message.state is state]
            claimed += outbox.claim(tx, state, ids, owner, now) if ids else []
        return claimed


def _still_theirs(message: Message, person: Person) -> bool:
    """Whether the number is still this person's. One whose answer was lost is followed to its end all the same."""
    return message.state is State.UNKNOWN or any(phone.e164 == message.number for phone in person.phones)


def _resolve_anew(tx: Connection, gone: Chosen, roster: Roster, now: datetime) -> None:
    """A reload took away this person or number: what waits for it is cancelled, its team is paged as it is now."""
    if gone.message:
        if gone.message.state is State.UNKNOWN or not outbox.cancel(tx, gone.message.id):
            return
        pages.requeue(tx, gone.message.id, now, phone=0)
        return
    if gone.page is None:
        return
    pages.cancel(tx, [gone.page.page.id])
    page = gone.page.page
    if page.kind is Kind.PAGE:
        pages.add(
            tx, [replace(page, person=person.name, due_at=now, phone=0) for person in roster.team(page.team).people]
        )
