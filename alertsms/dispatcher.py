"""The door from pages to messages: takes what is due, words it, claims it and hands it to the senders."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Collection
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from alertsms.core.message import State
from alertsms.core.page import Kind
from alertsms.core.person import Person
from alertsms.core.roster import Roster
from alertsms.core.storm import Due
from alertsms.core.wording import Wording, word
from alertsms.logs import event
from alertsms.metrics import Metrics
from alertsms.store import outbox, pages
from alertsms.store.engine import Store
from alertsms.store.outbox import LEASE, Ids, Lease, Message
from alertsms.throttle import Throttle
from alertsms.ways import Choice, Ways

log = logging.getLogger("alertsms.dispatcher")


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """Something to claim: a page to be worded, a message to be sent again, or one to be looked up."""

    person: str
    page: Due | None = None
    message: Message | None = None

    @property
    def lost(self) -> bool:
        """Whether it is a message whose answer was lost."""
        return self.message is not None and self.message.state is State.UNKNOWN

    @property
    def order(self) -> tuple[int, datetime]:
        """The most severe first, then the oldest."""
        what = self.page.page if self.page else self.message
        assert what  # noqa: S101 - one of the two is given
        return what.priority, what.created_at


class Dispatcher:
    """Fills the places that the throttle has free."""

    def __init__(self, *, store: Store, roster: Callable[[], Roster], throttle: Throttle, metrics: Metrics, owner: str,
                 clock: Callable[[], datetime], pool: Executor, send: Callable[[Message], None],
                 look_up: Callable[[Message], None], ways: Ways) -> None:  # fmt: skip
        """`owner` signs the leases; `send` and `look_up` run in the pool and give their place back themselves."""
        self._store, self._roster, self._throttle, self._metrics = store, roster, throttle, metrics
        self._owner, self._clock, self._pool, self._ways = owner, clock, pool, ways
        self._send, self._look_up = send, look_up
        self._looking: set[int] = set()  # the messages that are being looked up
        self._ids = Ids()

    def step(self) -> float | None:
        """Hand out what is due and fits; returns in how many seconds the pace allows more, None: when woken."""
        now = self._clock()
        room = self._throttle.room(time.monotonic())
        if room <= 0:
            return self._throttle.pause()
        full, way = self._throttle.full(), self._ways.choose(now)
        sends = room if way.room is None else min(room, way.room)
        candidates, following = self._store.read(lambda tx: _candidates(tx, room, sends, full, now))
        chosen = self._choose(candidates, room, sends)
        anew = self._start(chosen, way, now) if chosen else False
        if anew or (chosen and (len(candidates) >= room or len(chosen) < len(candidates))):
            return 0.0  # there may be more, and what was claimed meanwhile changes who is next
        if not full and len(chosen) == len(candidates):
            self._throttle.content()
        return max((following - now).total_seconds(), 0.01) if following else None

    def _choose(self, candidates: list[Chosen], room: int, most: int) -> list[Chosen]:
        """The most urgent of them, as many as fit, at most so many sends; each has its place in the throttle."""
        # Sends go first, but one place in four is for look-ups while some are due: they end the doubt.
        lookups = [each for each in candidates if each.lost]
        sends = sorted((each for each in candidates if not each.lost), key=lambda each: each.order)
        kept = max(self._throttle.places // 4 - len(self._looking), 0 if self._looking else 1)
        order = lookups[:kept] + sends[:most] + lookups[kept:]
        chosen: list[Chosen] = []
        for each in order:
            if len(chosen) < room and self._throttle.take(each.person):
                chosen.append(each)
        return chosen

    def _start(self, chosen: list[Chosen], way: Choice, now: datetime) -> bool:
        """Claim in one transaction, then hand each to the pool; a place whose claim failed is given back.

        Returns whether pages may have been written anew.
        """
        roster, lease = self._roster(), self.lease(now, way)
        kept: Counter[str] = Counter()
        try:
            batch = self._sort(chosen, roster, now, lease)
            claimed, dropped = self._store.transact(lambda tx: batch.claim(tx, lease, roster, now))
            kept = Counter(message.person for message in claimed)
        finally:
            for person in (Counter(each.person for each in chosen) - kept).elements():
                self._throttle.give_back(person)
        for team in dropped:
            self._metrics.sms.labels(team, "cancelled").inc()
        for message in claimed:
            self._hand_over(message)
        return bool(batch.gone)

    def _hand_over(self, message: Message) -> None:
        """Let the pool do it. One that is shut down takes nothing: the row stays as it is, and the next start asks."""
        if message.state is State.UNKNOWN:
            self._looking.add(message.id)
        else:
            self._ways.trying(message.account, self._clock())
        try:
            self._pool.submit(self._look if message.state is State.UNKNOWN else self._send, message)
        except RuntimeError:
            self._looking.discard(message.id)
            self._throttle.give_back(message.person)

    def _look(self, message: Message) -> None:
        try:
            self._look_up(message)
        finally:
            self._looking.discard(message.id)

    def lease(self, now: datetime, way: Choice) -> Lease:
        """A claim that outlasts the longest call."""
        until = now + max(LEASE, 2 * self._ways.longest)
        return Lease(owner=self._owner, until=until, account=way.account, spare=way.spare)

    def _sort(self, chosen: list[Chosen], roster: Roster, now: datetime, lease: Lease) -> Batch:
        """Word the pages; set apart what is for somebody or some number that a reload took away."""
        batch = Batch()
        for each in chosen:
            person = roster.people.get(each.person)
            if each.lost:  # followed to its end whosever number it was
                batch.old.append(each.message)  # type: ignore[arg-type]  # lost says so
            elif person is None or (each.message and not _still_theirs(each.message, person)):
                batch.gone.append(each)
            elif each.page:
                batch.new[each.page.page.id] = self._message(each.page, person, roster, now, lease)
            elif each.message:
                batch.old.append(each.message)
        return batch

    def _word(self, due: Due, person: Person, roster: Roster, now: datetime, account: str) -> Wording:
        """Word a page. What nobody foresaw must not keep it, and all pages behind it, from leaving."""
        team, outlet = roster.team(due.page.team), self._ways.of(account)
        try:
            wording = word(
                due.page, due.incident, person=person, team=team, now=now, max_segments=roster.max_segments,
                short_number=outlet is not None and outlet.sender_for_response,
            )  # fmt: skip
        except Exception:
            log.exception("a text could not be composed", extra={"fields": {"page": due.page.id, "team": team.name}})
            number = f" #{due.page.incident_id}" if due.page.incident_id else ""
            return Wording(text=f"{due.page.kind.upper()} without text{number}: see alertsms", segments=1)
        if wording.error:
            self._metrics.templates_failed.labels(team.name).inc()
            event(log, logging.WARNING, "template failed, built-in text used", team=team.name, why=wording.error)
        return wording

    def _message(self, due: Due, person: Person, roster: Roster, now: datetime, lease: Lease) -> Message:
        """Word a page and make it a message of ours. Neither the text nor the tag changes from here on."""
        page, wording = due.page, self._word(due, person, roster, now, lease.account)
        number, tag = self._ids.next(now)
        phone = person.phones[min(page.phone, len(person.phones) - 1)]  # a reload may have left fewer
        return Message(
            id=number, tag=tag, person=person.name, team=page.team, number=phone.e164,
            text=wording.text, segments=wording.segments, kind=page.kind.value, priority=page.priority, due_at=now,
            lease_owner=lease.owner, lease_until=lease.until, asked_at=page.created_at, created_at=now,
            account=lease.account,
        )  # fmt: skip


@dataclass(kw_only=True, slots=True)
class Batch:
    """What one round claims."""

    new: dict[int, Message] = field(default_factory=dict)  # by page id
    old: list[Message] = field(default_factory=list)
    gone: list[Chosen] = field(default_factory=list)

    def claim(self, tx: Connection, lease: Lease, roster: Roster, now: datetime) -> tuple[list[Message], list[str]]:
        """Claim what is still there to be claimed.

        Returns the messages that are ours now, and the teams of those that were cancelled: nobody has their number.
        """
        dropped = [each.message.team for each in self.gone if _resolve_anew(tx, each, roster, now) and each.message]
        ours = pages.claim(tx, {page: message.id for page, message in self.new.items()}) if self.new else set()
        claimed = [message for message in self.new.values() if message.id in ours]
        if claimed:
            outbox.add(tx, claimed)
        for state in (State.QUEUED, State.UNKNOWN):
            ids = [message.id for message in self.old if message.state is state]
            claimed += outbox.claim(tx, state, ids, lease, now) if ids else []
        return claimed, dropped


def _candidates(
    tx: Connection, room: int, sends: int, full: Collection[str], now: datetime
) -> tuple[list[Chosen], datetime | None]:
    """What is due, as much of each kind as fits (`sends` of what leaves), and when a message becomes due after that."""
    found: list[Chosen] = []
    following = None
    if outbox.any_waiting(tx):
        queued = outbox.due(tx, State.QUEUED, now, sends, full) if sends else []
        waiting = queued + outbox.due(tx, State.UNKNOWN, now, room, full)
        found = [Chosen(person=message.person, message=message) for message in waiting]
        following = outbox.next_due(tx, now)
    paged = pages.due(tx, now, sends, full) if sends else []
    return found + [Chosen(person=due.page.person, page=due) for due in paged], following


def _still_theirs(message: Message, person: Person) -> bool:
    """Whether the number is still this person's."""
    return any(phone.e164 == message.number for phone in person.phones)


def _resolve_anew(tx: Connection, gone: Chosen, roster: Roster, now: datetime) -> bool:
    """A reload took away this person or number: what waits for it is cancelled, its team is paged as it is now.

    False where it did not wait any more.
    """
    if gone.message:
        pages.lock(tx, gone.message.id)
        cancelled = outbox.cancel(tx, gone.message.id)
        if cancelled:
            pages.anew(tx, gone.message.id, now)
        return cancelled
    page = gone.page.page if gone.page else None
    if page is None or not pages.cancel(tx, page.id):
        return False
    if page.kind is Kind.PAGE:
        people = roster.team(page.team).people
        pages.add(tx, [replace(page, person=person.name, due_at=now, phone=0) for person in people])
    return True
