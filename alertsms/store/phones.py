"""Phones: what they had been told before they answered, when that rests, and which proved to be their person's.

A number is proved where somebody answered from there, used a link, or saw the SMS arrive. Another sender has to prove
itself anew: operators let one name through, and not the next.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, or_, select

from alertsms.core.incidents.incident import IncidentState
from alertsms.core.messages.message import MAY_HAVE_LEFT, REACHED, MessageState
from alertsms.core.messages.notification import NotificationKind
from alertsms.core.routing.roster import Roster
from alertsms.core.text.reply import DAY, HOUR, may_follow, too_many
from alertsms.core.text.subject import masked
from alertsms.store import settings
from alertsms.store.answers import SENDER, confirm, sender_since
from alertsms.store.incidents import being, groups
from alertsms.store.schema import (
    EPOCH,
    MICROSECOND,
    Time,
    confirmations,
    incident_table,
    message_table,
    notification_table,
    state_is,
)

LATELY = timedelta(days=7)  # so long a number that several people share is that of whoever was written to last
ASKED = timedelta(hours=12)  # so long an OK may be meant for the question whose phone it is
RECENT = timedelta(minutes=30)  # after a page an answer may come at any moment
MOST_NUMBERED = 1000
CLOCK_SLACK = timedelta(hours=1)  # by so much a clock that was set may have moved what is open
WRONG = "wrong:"  # fact, and the phone: when numbers in its answers were wrong

_DOUBTED = message_table.c.unknown_since.isnot(None)
# It may be there: an answer is the proof where there is nothing else to answer to.
_MAY_BE_THERE = or_(
    message_table.c.state.in_(MAY_HAVE_LEFT),
    _DOUBTED & message_table.c.state.in_([MessageState.QUEUED, MessageState.FAILED]),
)


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
    # Nothing is added to the name, so that no index of all that a person ever got is used.
    theirs = [(message_table.c.person + "").in_(list(people)), *([message_table.c.number == number] if number else [])]
    rows = [
        (incident_id, state, max(left, since), max(may_have_left, since))
        for query in _paged_of(tx, states, theirs)
        for incident_id, state, left, may_have_left, by, since in tx.execute(query.where(*theirs))
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


def _paged_of(
    tx: Connection, states: Collection[IncidentState], theirs: Collection[ColumnElement[bool]]
) -> Iterator[Select[Any]]:
    """What asks for the pages of all incidents in these states, however many there are, and were before them.

    The oldest few are asked for by number. Of the others, which a storm brought, by the SMS since it began.
    """
    for state in states:
        chosen = select(incident_table.c.id, incident_table.c.opened_at).where(being(state))
        oldest = tx.execute(chosen.order_by(incident_table.c.id).limit(MOST_NUMBERED)).all()
        for numbers in groups(row.id for row in oldest):
            yield _PAGED.where(notification_table.c.incident_id.in_(numbers), incident_table.c.state == state)
        if len(oldest) == MOST_NUMBERED:
            since = message_table.c.created_at > oldest[-1].opened_at - CLOCK_SLACK
            later = (incident_table.c.id > oldest[-1].id, incident_table.c.state == state)
            for ids in groups(tx.execute(select(message_table.c.id).where(since, *theirs)).scalars()):
                yield _PAGED.where(notification_table.c.message_id.in_(ids), message_table.c.id.in_(ids), *later)


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
    wanted = [being(IncidentState.OPEN)]
    if by:
        wanted.append(being(IncidentState.ACKNOWLEDGED) & incident_table.c.acked_by.in_(list(by)))
    theirs = select(incident_table.c.id).where(incident_table.c.team.in_(list(teams)))
    return sorted(number for state in wanted for number in tx.execute(theirs.where(state)).scalars())


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


def missed(tx: Connection, phone: str, numbers: int, now: datetime) -> datetime | None:
    """So many more numbers were wrong: until when the answers of that phone rest now; None: they do not."""
    known = json.loads(settings.get(tx, WRONG + phone) or "{}")
    before = [EPOCH + at * MICROSECOND for at in known.get("times", ())]
    misses = [at for at in before if now - at < HOUR] + [now] * numbers
    until = now + HOUR if too_many(misses, now) else None
    times = [] if until else [(at - EPOCH) // MICROSECOND for at in misses]
    value = {"times": times, "until": (until - EPOCH) // MICROSECOND if until else 0}
    settings.put(tx, WRONG + phone, json.dumps(value), now)
    return until


def rests(tx: Connection, phone: str, now: datetime) -> bool:
    """Whether answers of a phone count for nothing at this time."""
    until: int = json.loads(settings.get(tx, WRONG + phone) or "{}").get("until", 0)
    return EPOCH + until * MICROSECOND > now


@dataclass(frozen=True, kw_only=True, slots=True)
class Confirmation:
    """Whose a number was, and when that was shown."""

    person: str
    at: datetime


def confirm_only(tx: Connection, roster: Roster, person: str, now: datetime) -> bool:
    """The same for somebody who used the link of a page: it says nothing where that person has several numbers."""
    known = roster.people.get(person)
    return known is not None and len(known.phones) == 1 and confirm(tx, known.phones[0].e164, person, now)


def confirmed(tx: Connection) -> dict[str, Confirmation]:
    """By number, what has been confirmed since the sender changed."""
    rows = tx.execute(select(confirmations).where(confirmations.c.at >= sender_since(tx)))
    return {row.number: Confirmation(person=row.person, at=row.at) for row in rows}


def note_sender(tx: Connection, sender: str, now: datetime) -> None:
    """Remember what phones see as the sender. The first one that is noted has always been."""
    known = settings.get(tx, SENDER)
    if known != sender:
        settings.put(tx, SENDER, sender, EPOCH if known is None else now)


def unconfirmed(tx: Connection, roster: Roster, sender: str = "") -> list[tuple[str, str]]:
    """Person and masked number of each phone of the configuration that nobody confirmed as theirs.

    With a `sender` that no server has used yet, nobody has.
    """
    known = {} if sender and settings.get(tx, SENDER) not in (None, sender) else confirmed(tx)
    return [
        (person.name, masked(phone.e164))
        for person in roster.people.values()
        for phone in person.phones
        if phone.e164 not in known or known[phone.e164].person != person.name
    ]
