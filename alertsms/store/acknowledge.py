"""Answers of humans as transactions: several incidents at once, each once, whatever became of the others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from alertsms.core.incidents.acknowledge import (
    AcknowledgedVia,
    AckOutcome,
    AckResult,
    Outcome,
    acknowledged,
    counts,
    resolve_by_hand,
)
from alertsms.core.incidents.decided import answered, answered_before, decided
from alertsms.core.incidents.incident import Change, Incident, IncidentState
from alertsms.core.messages.notification import NotificationKind
from alertsms.core.routing.roster import Roster
from alertsms.store import events, incidents, notify_others, pages
from alertsms.store.schema import incident_table, message_table, page_table

Decide = Callable[[Incident], Change | None]


Meant = Mapping[int, int | None]  # incident -> the episode of it that is meant; None: whichever it is in


def covered(tx: Connection, number: int) -> dict[int, int | None]:
    """The incidents that a number stands for: its own, or those that the digest of this number tells; else none.

    A digest stands for the episodes that it told of: what ended and came back since has a page of its own.
    """
    if tx.execute(select(incident_table.c.id).where(incident_table.c.id == number)).first():
        return {number: None}
    about = (
        select(page_table.c.incident_id, func.max(page_table.c.episode))
        .join(message_table, page_table.c.message_id == message_table.c.id)
        .where(
            message_table.c.digest == number,
            page_table.c.kind == NotificationKind.PAGE,
            page_table.c.incident_id.isnot(None),
        )
    )
    return dict(iter(tx.execute(about.group_by(page_table.c.incident_id).order_by(page_table.c.incident_id))))


def meant(tx: Connection, numbers: Collection[int]) -> dict[int, int | None]:
    """The incidents that several numbers stand for, each once; a number that stands for none stays as it is."""
    return together(covered(tx, number) or {number: None} for number in numbers)


def returned(tx: Connection, about: Meant) -> set[int]:
    """Those of some incidents that ended and came back after the episode that is meant, and are not over."""
    episodes = {number: episode for number, episode in about.items() if episode is not None}
    query = select(incident_table.c.id, incident_table.c.episode).where(incidents.UNFINISHED)
    found = tx.execute(query.where(incident_table.c.id.in_(list(episodes)))) if episodes else ()
    return {number for number, episode in found if episode != episodes[number]}


def together(some: Iterable[Meant]) -> dict[int, int | None]:
    """Several as one; an incident's own number says more than a digest's."""
    all_of_them: dict[int, int | None] = {}
    for each in some:
        for number, episode in each.items():
            before = all_of_them.get(number, episode)
            all_of_them[number] = None if before is None or episode is None else max(before, episode)
    return all_of_them


def open_ones(tx: Connection, teams: Collection[str] | None = None) -> list[int]:
    """The incidents that are open and that nobody has: all, or those of some teams."""
    query = select(incident_table.c.id).where(incidents.UNFINISHED, incident_table.c.state == IncidentState.OPEN)
    if teams is not None:
        query = query.where(incident_table.c.team.in_(list(teams)))
    return list(tx.execute(query.order_by(incident_table.c.id)).scalars())


def acknowledge(
    tx: Connection,
    roster: Roster,
    numbers: Meant,
    *,
    by: str,
    via: AcknowledgedVia,
    now: datetime,
    written: datetime,
    until: datetime | None = None,
) -> AckResult:
    """Somebody has these incidents, before `until` if that is given: as far as they had begun when that was `written`.

    With each of them they take what the same alert is in other teams that page them: they were told once for all.
    """
    known = _known(tx, numbers)
    ours = {one.id: one for one in known.values() if counts(one, numbers.get(one.id), written)}

    def decide(one: Incident) -> Change | None:
        return acknowledged(one, team=roster.team(one.team), by=by, now=now, until=until)

    theirs = _along(ours, numbers, roster, by)
    changes = [change for one in ours.values() if one.id in numbers or one.id in theirs if (change := decide(one))]
    incidents.save(tx, changes)
    told = notify_others.relieve(tx, changes, roster, now)
    events.note(tx, [answered(change, via, at=now) for change in changes])
    answer = _answer(numbers, known, changes, cancelled=told.cancelled, texts=told.texts)
    _note_late(tx, answer, by, via, now)
    return answer


def resolve(
    tx: Connection, roster: Roster, numbers: Meant, *, by: str, via: AcknowledgedVia, now: datetime, written: datetime
) -> AckResult:
    """Somebody says that these incidents are over: as far as they had begun when that was `written`."""
    known = {number: one for number, one in _known(tx, numbers).items() if number in numbers}
    ours = [one for one in known.values() if counts(one, numbers[one.id], written)]
    changes = [change for one in ours if (change := resolve_by_hand(one, by=by, now=now))]
    incidents.save(tx, changes)
    written_down = pages.write(tx, changes, roster, now)
    events.note(
        tx,
        [
            event
            for change in changes
            for event in decided(change, written_down.heard(change.incident.id), at=now, via=f"{by}, by {via.value}")
        ],
    )
    answer = _answer(
        numbers, known, changes, cancelled=written_down.cancelled, texts=written_down.oks, had=AckOutcome.BACK
    )
    _note_late(tx, answer, by, via, now)
    return answer


def _note_late(tx: Connection, answer: AckResult, by: str, via: AcknowledgedVia, now: datetime) -> None:
    """Let the stories of what an answer came too early for say so."""
    late = [each.incident for each in answer.outcomes if each.result is AckOutcome.BACK and each.incident]
    events.note(tx, [answered_before(one, via, by=by, at=now) for one in late])


def _known(tx: Connection, numbers: Collection[int]) -> dict[int, Incident]:
    """The incidents of these numbers, and what the same alerts are in other teams now; locked, by number."""
    asked = incident_table.c.id.in_(list(numbers))
    keys = select(incident_table.c.key).where(asked)
    same = incident_table.c.key.in_(keys) & incidents.CURRENT
    query = select(incident_table).where(or_(asked, same)).order_by(incident_table.c.id).with_for_update()
    return {row["id"]: incidents.incident_of(row) for row in tx.execute(query).mappings()}


def _along(known: Mapping[int, Incident], numbers: Collection[int], roster: Roster, by: str) -> set[int]:
    """What the same alerts are in other teams of this person, where nobody has it yet."""
    alerts = {one.key for one in known.values() if one.id in numbers and one.state is not IncidentState.CLOSED}
    return {
        one.id
        for one in known.values()
        if one.id not in numbers
        and one.key in alerts
        and one.state in (IncidentState.OPEN, IncidentState.HELD)
        and any(person.name == by for person in roster.team(one.team).people)
    }


def _answer(
    numbers: Collection[int],
    known: Mapping[int, Incident],
    changes: Sequence[Change],
    *,
    cancelled: Sequence[str],
    texts: int,
    had: AckOutcome = AckOutcome.ALREADY,
) -> AckResult:
    """`had` is what comes of one that somebody has and that was not changed."""
    changed = {change.incident.id: change.incident for change in changes}
    outcomes = tuple(_outcome(number, known.get(number), changed.get(number), had) for number in numbers)
    along = tuple(sorted(changed.keys() - set(numbers)))
    return AckResult(outcomes=outcomes, along=along, cancelled=tuple(cancelled), pages=texts)


def _outcome(number: int, before: Incident | None, after: Incident | None, had: AckOutcome) -> Outcome:
    if before is None:
        return Outcome(number=number, result=AckOutcome.UNKNOWN)
    if after is not None:
        return Outcome(number=number, result=AckOutcome.TAKEN, incident=after, by=after.acked_by)
    result = {IncidentState.CLOSED: AckOutcome.OVER, IncidentState.ACKNOWLEDGED: had}.get(before.state, AckOutcome.BACK)
    return Outcome(number=number, result=result, incident=before, by=_keeper(before))


def _keeper(one: Incident) -> str:
    return "" if one.state is IncidentState.HELD else one.acked_by
