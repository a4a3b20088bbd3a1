"""Answers of humans as transactions: several incidents at once, each once, whatever became of the others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, or_, select

from alertsms.core.acknowledge import Answer, Outcome, Result, Via, resolve_by_hand
from alertsms.core.acknowledge import acknowledge as take
from alertsms.core.decided import answered, decided
from alertsms.core.incident import Change, Incident, State
from alertsms.core.page import Kind
from alertsms.core.roster import Roster
from alertsms.store import events, incidents, pages, relief
from alertsms.store.schema import incidents as incident_rows
from alertsms.store.schema import messages
from alertsms.store.schema import pages as page_rows

Decide = Callable[[Incident], Change | None]


def covered(tx: Connection, number: int) -> list[int]:
    """The incidents that a number stands for: its own, or those that the digest of this number tells; else none."""
    if tx.execute(select(incident_rows.c.id).where(incident_rows.c.id == number)).first():
        return [number]
    about = (
        select(page_rows.c.incident_id)
        .join(messages, page_rows.c.message_id == messages.c.id)
        .where(messages.c.digest == number, page_rows.c.kind == Kind.PAGE, page_rows.c.incident_id.isnot(None))
    )
    return list(tx.execute(about.distinct().order_by(page_rows.c.incident_id)).scalars())


def meant(tx: Connection, numbers: Collection[int]) -> list[int]:
    """The incidents that several numbers stand for, each once; a number that stands for none stays as it is."""
    return list(dict.fromkeys(each for number in numbers for each in covered(tx, number) or [number]))


def open_ones(tx: Connection, teams: Collection[str] | None = None) -> list[int]:
    """The incidents that are open and that nobody has: all, or those of some teams."""
    query = select(incident_rows.c.id).where(incidents.UNFINISHED, incident_rows.c.state == State.OPEN)
    if teams is not None:
        query = query.where(incident_rows.c.team.in_(list(teams)))
    return list(tx.execute(query.order_by(incident_rows.c.id)).scalars())


def acknowledge(tx: Connection, roster: Roster, numbers: Collection[int], *, by: str, via: Via, now: datetime,
                until: datetime | None = None) -> Answer:  # fmt: skip
    """Somebody has these incidents, before `until` if that is given.

    With each of them they take what the same alert is in other teams that page them: they were told once for all.
    """
    known = _known(tx, numbers)

    def decide(one: Incident) -> Change | None:
        return take(one, team=roster.team(one.team), by=by, now=now, until=until)

    theirs = _along(known, numbers, roster, by)
    changes = [change for one in known.values() if one.id in numbers or one.id in theirs if (change := decide(one))]
    incidents.save(tx, changes)
    told = relief.relieve(tx, changes, roster, now)
    events.note(tx, [answered(change, via, at=now) for change in changes])
    return _answer(numbers, known, changes, cancelled=told.cancelled, texts=told.texts)


def resolve(tx: Connection, roster: Roster, numbers: Collection[int], *, by: str, via: Via, now: datetime) -> Answer:
    """Somebody says that these incidents are over."""
    known = {number: one for number, one in _known(tx, numbers).items() if number in numbers}
    changes = [change for one in known.values() if (change := resolve_by_hand(one, by=by, now=now))]
    incidents.save(tx, changes)
    written = pages.write(tx, changes, roster, now)
    events.note(tx, [event for change in changes
                     for event in decided(change, written.heard(change.incident.id), at=now,
                                          via=f"{by}, by {via.value}")])  # fmt: skip
    return _answer(numbers, known, changes, cancelled=written.cancelled, texts=written.oks)


def _known(tx: Connection, numbers: Collection[int]) -> dict[int, Incident]:
    """The incidents of these numbers, and what the same alerts are in other teams now; locked, by number."""
    asked = incident_rows.c.id.in_(list(numbers))
    keys = select(incident_rows.c.key).where(asked)
    same = incident_rows.c.key.in_(keys) & incidents.CURRENT
    query = select(incident_rows).where(or_(asked, same)).order_by(incident_rows.c.id).with_for_update()
    return {row["id"]: incidents.incident(row) for row in tx.execute(query).mappings()}


def _along(known: Mapping[int, Incident], numbers: Collection[int], roster: Roster, by: str) -> set[int]:
    """What the same alerts are in other teams of this person, where nobody has it yet."""
    alerts = {one.key for one in known.values() if one.id in numbers and one.state is not State.CLOSED}
    return {
        one.id for one in known.values()
        if one.id not in numbers and one.key in alerts and one.state in (State.OPEN, State.HELD)
        and any(person.name == by for person in roster.team(one.team).people)
    }  # fmt: skip


def _answer(numbers: Collection[int], known: Mapping[int, Incident], changes: Sequence[Change], *,
            cancelled: Sequence[str], texts: int) -> Answer:  # fmt: skip
    changed = {change.incident.id: change.incident for change in changes}
    outcomes = tuple(_outcome(number, known.get(number), changed.get(number)) for number in dict.fromkeys(numbers))
    along = tuple(sorted(changed.keys() - set(numbers)))
    return Answer(outcomes=outcomes, along=along, cancelled=tuple(cancelled), pages=texts)


def _outcome(number: int, before: Incident | None, after: Incident | None) -> Outcome:
    if before is None:
        return Outcome(number=number, result=Result.UNKNOWN)
    if after is not None:
        return Outcome(number=number, result=Result.TAKEN, incident=after, by=after.acked_by)
    result = Result.OVER if before.state is State.CLOSED else Result.ALREADY
    return Outcome(number=number, result=result, incident=before, by=before.acked_by)
