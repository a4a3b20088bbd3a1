"""Phones: which of their SMS were acted upon, what they had been told before, and which proved to be their person's.

A number is proved where somebody answered from there, used a link, or saw the SMS arrive. Another sender has to prove
itself anew: operators let one name through, and not the next.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, case, func, or_, select

from alertsms.core.incidents.incident import IncidentState
from alertsms.core.messages.message import MAY_HAVE_LEFT, REACHED, MessageState
from alertsms.core.messages.notification import NotificationKind
from alertsms.core.routing.roster import Roster
from alertsms.core.text.reply import DAY, may_follow
from alertsms.store import settings
from alertsms.store.schema import (
    EPOCH,
    MICROSECOND,
    Time,
    confirmations,
    fact_table,
    incident_table,
    insert_into,
    message_table,
    notification_table,
    state_is,
    upsert,
)

MOST = 2000  # ids that are remembered one by one; below them all count as known
LATELY = timedelta(days=7)  # so long a number that several people share is that of whoever was written to last
ASKED = timedelta(hours=12)  # so long an OK may be meant for the question whose phone it is
RECENT = timedelta(minutes=30)  # after a page an answer may come at any moment
SENDER = "sender"  # fact: what phones see, since when

_DOUBTED = message_table.c.unknown_since.isnot(None)
# It may be there: an answer is the proof where there is nothing else to answer to.
_MAY_BE_THERE = or_(
    message_table.c.state.in_(MAY_HAVE_LEFT),
    _DOUBTED & message_table.c.state.in_([MessageState.QUEUED, MessageState.FAILED]),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Cursor:
    """Which replies of an account are done with. Their ids are not known to rise, so a highest one is not enough."""

    done: frozenset[int] = frozenset()
    floor: int = 0  # smaller ids and this one are done with, too
    at: datetime | None = None  # when this was written down last; None: never
    looked: datetime | None = None  # the last look that showed all there was, as far as that was written down

    def fresh(self, listed: Collection[int]) -> list[int]:
        """Those that wait, the smallest first."""
        return sorted(number for number in set(listed) if number > self.floor and number not in self.done)

    def after(self, id: int, listed: Collection[int] = ()) -> Cursor:  # noqa: A002 - OVHcloud's word
        """One more is done with. The newest are read first: what is listed and waits must not end below the floor."""
        done = sorted(self.done | {id})
        waits = min((number for number in self.fresh(listed) if number != id), default=math.inf)
        gone = {number for number in done[:-MOST] if number < waits}
        return replace(self, done=frozenset(done) - gone, floor=max([self.floor, *gone]))

    def among(self, listed: Collection[int]) -> Cursor:
        """Without what OVHcloud does not list any more."""
        return replace(self, done=self.done & set(listed))


def _key(inbox: str) -> str:
    return f"replies:{inbox}"


def cursor(tx: Connection, inbox: str) -> Cursor:
    """What is known of an inbox, by its account and number."""
    value, at = settings.get(tx, _key(inbox)), settings.when(tx, _key(inbox))
    if value is None:
        return Cursor()
    known = json.loads(value)
    looked = EPOCH + known["looked"] * MICROSECOND if known.get("looked") else at
    return Cursor(done=frozenset(known["done"]), floor=known["floor"], at=at, looked=looked)


def hold(tx: Connection, inbox: str, now: datetime) -> Cursor:
    """The same, for one replica at a time until the transaction ends."""
    if tx.dialect.name == "postgresql":
        row = insert_into(fact_table, tx.dialect.name).values(key=_key(inbox), value=_written(Cursor()), at=now)
        tx.execute(row.on_conflict_do_nothing())
        tx.execute(select(fact_table.c.key).where(fact_table.c.key == _key(inbox)).with_for_update())
    return cursor(tx, inbox)


def keep(tx: Connection, inbox: str, known: Cursor, now: datetime) -> None:
    """Write down what is done with."""
    settings.put(tx, _key(inbox), _written(known), now)


def _written(known: Cursor) -> str:
    looked = {"looked": (known.looked - EPOCH) // MICROSECOND} if known.looked else {}
    return json.dumps({"done": sorted(known.done), "floor": known.floor, **looked}, separators=(",", ":"))


def expected(tx: Connection, now: datetime) -> bool:
    """Whether a page that left lately is of something that nobody has yet."""
    query = (
        select(message_table.c.id)
        .join(notification_table, notification_table.c.message_id == message_table.c.id)
        .join(incident_table, notification_table.c.incident_id == incident_table.c.id)
        .where(message_table.c.created_at > now - RECENT, message_table.c.kind == NotificationKind.PAGE)
        .where(state_is(incident_table.c.state, "open"))
    )
    return tx.scalar(query.limit(1)) is not None


def addressee(tx: Connection, number: str, before: datetime) -> str | None:
    """To whom the last SMS to a number went, within a week before a time."""
    sent, made = message_table.c.number == number, message_table.c.created_at
    query = select(message_table.c.person).where(sent, made <= before, made > before - LATELY)
    return tx.scalar(query.order_by(made.desc()).limit(1))


@dataclass(frozen=True, kw_only=True, slots=True)
class PagedPhone:
    """What a phone has been paged for that is not over."""

    before: tuple[int, ...] = ()  # until it wrote
    later: tuple[int, ...] = ()


def heard(
    tx: Connection, number: str | None, people: Collection[str], at: datetime, *, mine: bool = False
) -> PagedPhone:
    """Incidents that page and nobody has, of which SMS went to a phone before and after `at`, and that had begun.

    What is surely there counts; only where nothing is, what may be: being sent, its answer lost, said not to have
    arrived, or not known to have left before it was found. With `mine` those count too that one of the people has.
    """
    states = [IncidentState.OPEN, IncidentState.ACKNOWLEDGED] if mine else [IncidentState.OPEN]
    chosen = [message_table.c.person.in_(list(people)), incident_table.c.state.in_(states)]
    phone = [message_table.c.number == number] if number is not None else []
    rows = [
        (incident_id, state, max(left, since), max(may_have_left, since))
        for incident_id, state, left, may_have_left, by, since in tx.execute(_PAGED.where(*chosen, *phone))
        if not by or by in people
    ]
    sure = {incident_id for incident_id, state, left, _ in rows if left <= at and state in REACHED}
    before = sure or {incident_id for incident_id, _, _, may_have_left in rows if may_have_left <= at}
    later = {incident_id for incident_id, *_ in rows} - before
    return PagedPhone(before=tuple(sorted(before)), later=tuple(sorted(later)))


_LEFT = func.coalesce(message_table.c.sent_at, message_table.c.created_at, type_=Time)
_MAY_HAVE_LEFT = case((_DOUBTED, message_table.c.created_at), else_=_LEFT)
_PAGED = (
    select(
        incident_table.c.id,
        message_table.c.state,
        _LEFT,
        _MAY_HAVE_LEFT,
        incident_table.c.acked_by,
        func.coalesce(incident_table.c.begun_at, incident_table.c.opened_at, type_=Time),
    )
    .join(notification_table, notification_table.c.message_id == message_table.c.id)
    .join(incident_table, notification_table.c.incident_id == incident_table.c.id)
    .where(notification_table.c.kind == NotificationKind.PAGE, notification_table.c.episode == incident_table.c.episode)
    .where(_MAY_BE_THERE)
)


def notified_of(tx: Connection, number: str, incident_ids: Collection[int]) -> set[int]:
    """Those of some incidents of which an SMS to this number told."""
    query = select(notification_table.c.incident_id).join(
        message_table, notification_table.c.message_id == message_table.c.id
    )
    told = query.where(message_table.c.number == number, notification_table.c.incident_id.in_(list(incident_ids)))
    return set(tx.execute(told).scalars())


def last_asked(tx: Connection, number: str, at: datetime, question: str) -> bool:
    """Whether the last SMS that went to a number in the hours before `at` is one whose words begin as `question` does.

    `question` is a pattern of SQL's LIKE. What may be there counts as there: a page behind the question is answered.
    """
    query = (
        select(notification_table.c.note.like(question))
        .join(message_table, notification_table.c.message_id == message_table.c.id)
        .where(message_table.c.number == number, message_table.c.created_at > at - ASKED)
        .where(_MAY_BE_THERE, at >= _MAY_HAVE_LEFT)
        .order_by(_LEFT.desc(), message_table.c.id.desc())
    )
    return bool(tx.scalar(query.limit(1)))


def is_ours(tx: Connection, tag: str) -> bool:
    """Whether an SMS with this tag is one of this store."""
    return tx.scalar(select(message_table.c.id).where(message_table.c.tag == tag)) is not None


def open_of(tx: Connection, teams: Collection[str], by: Collection[str] = ()) -> list[int]:
    """All that pages these teams and that nobody has, or that one of `by` has."""
    wanted = state_is(incident_table.c.state, IncidentState.OPEN)
    if by:
        wanted |= (incident_table.c.state == IncidentState.ACKNOWLEDGED) & incident_table.c.acked_by.in_(list(by))
    theirs = select(incident_table.c.id).where(wanted, incident_table.c.team.in_(list(teams)))
    return list(tx.execute(theirs.order_by(incident_table.c.id)).scalars())


def may_answer(tx: Connection, phone: str, now: datetime) -> bool:
    """Whether a phone may be sent one more explanation now; true is remembered as one sent.

    `phone` is person and place, not the number: facts are kept longer than numbers.
    """
    key = f"answered:{phone}"
    before = [EPOCH + at * MICROSECOND for at in json.loads(settings.get(tx, key) or "[]")]
    if not may_follow(before, now):
        return False
    recent = [at for at in before if now - at < DAY]
    settings.put(tx, key, json.dumps([(at - EPOCH) // MICROSECOND for at in (*recent, now)]), now)
    return True


@dataclass(frozen=True, kw_only=True, slots=True)
class Confirmation:
    """Whose a number was, and when that was shown."""

    person: str
    at: datetime


def confirm(tx: Connection, number: str, person: str, now: datetime) -> bool:
    """Remember that a number (E.164) reaches its person; false where that was known."""
    other = or_(confirmations.c.person != person, confirmations.c.at < _since(tx))
    return upsert(tx, confirmations, {"number": number, "person": person, "at": now}, where=other)


def confirm_only(tx: Connection, roster: Roster, person: str, now: datetime) -> bool:
    """The same for somebody who used the link of a page: it says nothing where that person has several numbers."""
    known = roster.people.get(person)
    return known is not None and len(known.phones) == 1 and confirm(tx, known.phones[0].e164, person, now)


def confirmed(tx: Connection) -> dict[str, Confirmation]:
    """By number, what has been confirmed since the sender changed."""
    rows = tx.execute(select(confirmations).where(confirmations.c.at >= _since(tx)))
    return {row.number: Confirmation(person=row.person, at=row.at) for row in rows}


def note_sender(tx: Connection, sender: str, now: datetime) -> None:
    """Remember what phones see as the sender. The first one that is noted has always been."""
    known = settings.get(tx, SENDER)
    if known != sender:
        settings.put(tx, SENDER, sender, EPOCH if known is None else now)


def _since(tx: Connection) -> datetime:
    return settings.when(tx, SENDER) or EPOCH


def unconfirmed(tx: Connection, roster: Roster, sender: str = "") -> list[tuple[str, str]]:
    """Person and masked number of each phone of the configuration that nobody confirmed as theirs.

    With a `sender` that no server has used yet, nobody has.
    """
    known = {} if sender and settings.get(tx, SENDER) not in (None, sender) else confirmed(tx)
    return [
        (person.name, phone.masked)
        for person in roster.people.values()
        for phone in person.phones
        if phone.e164 not in known or known[phone.e164].person != person.name
    ]
