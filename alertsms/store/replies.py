"""SMS that came in: which of them were acted upon, and what the phone that wrote had been told before."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, case, func, or_, select

from alertsms.core.incidents.incident import IncidentState
from alertsms.core.messages.message import MAY_HAVE_LEFT, REACHED, MessageState
from alertsms.core.messages.notification import NotificationKind
from alertsms.core.text.reply import DAY, may_follow
from alertsms.store import settings
from alertsms.store.schema import (
    EPOCH,
    MICROSECOND,
    Time,
    fact_table,
    incident_table,
    insert_into,
    message_table,
    page_table,
    state_is,
)

MOST = 2000  # ids that are remembered one by one; below them all count as known
LATELY = timedelta(days=7)  # so long a number that several people share is that of whoever was written to last
ASKED = timedelta(hours=12)  # so long an OK may be meant for the question whose phone it is
RECENT = timedelta(minutes=30)  # after a page an answer may come at any moment

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

    def after(self, id: int) -> Cursor:  # noqa: A002 - OVHcloud's word
        """One more is done with."""
        done = sorted(self.done | {id})
        gone, kept = done[:-MOST], done[-MOST:]
        return replace(self, done=frozenset(kept), floor=max([self.floor, *gone]))

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
        .join(page_table, page_table.c.message_id == message_table.c.id)
        .join(incident_table, page_table.c.incident_id == incident_table.c.id)
        .where(
            message_table.c.created_at > now - RECENT,
            message_table.c.kind == NotificationKind.PAGE,
            state_is(incident_table.c.state, "open"),
        )
        .limit(1)
    )
    return tx.execute(query).first() is not None


def addressee(tx: Connection, number: str, before: datetime) -> str | None:
    """To whom the last SMS to a number went, within a week before a time."""
    query = (
        select(message_table.c.person)
        .where(
            message_table.c.number == number,
            message_table.c.created_at <= before,
            message_table.c.created_at > before - LATELY,
        )
        .order_by(message_table.c.created_at.desc())
        .limit(1)
    )
    person: str | None = tx.execute(query).scalar()
    return person


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
    made, left = (
        message_table.c.created_at,
        func.coalesce(message_table.c.sent_at, message_table.c.created_at, type_=Time),
    )
    begun = func.coalesce(incident_table.c.begun_at, incident_table.c.opened_at, type_=Time)
    query = (
        select(
            incident_table.c.id,
            message_table.c.state,
            left,
            case((_DOUBTED, made), else_=left),
            incident_table.c.acked_by,
            begun,
        )
        .join(page_table, page_table.c.message_id == message_table.c.id)
        .join(incident_table, page_table.c.incident_id == incident_table.c.id)
        .where(message_table.c.person.in_(list(people)), page_table.c.kind == NotificationKind.PAGE)
        .where(_MAY_BE_THERE)
        .where(incident_table.c.state.in_(states))
        .where(page_table.c.episode == incident_table.c.episode)
    )
    if number is not None:
        query = query.where(message_table.c.number == number)
    answers = tx.execute(query).all()
    rows = [
        (incident_id, state, max(went, since), max(may, since))
        for incident_id, state, went, may, by, since in answers
        if not by or by in people
    ]
    sure = {incident_id for incident_id, state, went, _ in rows if went <= at and state in REACHED}
    perhaps = {incident_id for incident_id, _, _, may in rows if may <= at}
    before = sure or perhaps
    return PagedPhone(
        before=tuple(sorted(before)), later=tuple(sorted({incident_id for incident_id, *_ in rows} - before))
    )


def told_of(tx: Connection, number: str, incident_ids: Collection[int]) -> set[int]:
    """Those of some incidents of which an SMS to this number told."""
    query = select(page_table.c.incident_id).join(message_table, page_table.c.message_id == message_table.c.id)
    query = query.where(message_table.c.number == number, page_table.c.incident_id.in_(list(incident_ids)))
    return set(tx.execute(query.distinct()).scalars())


def last_asked(tx: Connection, number: str, at: datetime, question: str) -> bool:
    """Whether the last SMS that went to a number in the hours before `at` is one whose words begin as `question` does.

    `question` is a pattern of SQL's LIKE. What may be there counts as there: a page behind the question is answered.
    """
    made = message_table.c.created_at
    left = func.coalesce(message_table.c.sent_at, made, type_=Time)
    query = (
        select(page_table.c.note.like(question))
        .join(message_table, page_table.c.message_id == message_table.c.id)
        .where(message_table.c.number == number, made > at - ASKED)
        .where(_MAY_BE_THERE)
        .where(case((_DOUBTED, made), else_=left) <= at)
        .order_by(left.desc(), message_table.c.id.desc())
        .limit(1)
    )
    return bool(tx.execute(query).scalar())


def is_ours(tx: Connection, tag: str) -> bool:
    """Whether an SMS with this tag is one of this store."""
    return tx.execute(select(message_table.c.id).where(message_table.c.tag == tag)).first() is not None


def open_of(tx: Connection, teams: Collection[str], by: Collection[str] = ()) -> list[int]:
    """All that pages these teams and that nobody has, or that one of `by` has."""
    wanted = state_is(incident_table.c.state, IncidentState.OPEN)
    if by:
        wanted |= (incident_table.c.state == IncidentState.ACKNOWLEDGED) & incident_table.c.acked_by.in_(list(by))
    query = select(incident_table.c.id).where(wanted, incident_table.c.team.in_(list(teams)))
    return list(tx.execute(query.order_by(incident_table.c.id)).scalars())


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
