"""Answers of people as one piece of a transaction: several incidents at once, each once; and what is said back."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, or_, select, update

from alertsms.core.incidents.acknowledge import Acknowledgement, AckOutcome, AckResult, Outcome, counts
from alertsms.core.incidents.alertmanager_view import hold
from alertsms.core.incidents.incident import Applied, Change, Incident, IncidentState
from alertsms.core.incidents.timeline import BEFORE, Event, EventKind, event_of
from alertsms.core.messages.notification import NotificationKind, NotificationState
from alertsms.core.routing.roster import Roster
from alertsms.core.text.reply import GATHERED, HOUR, AnswerEffect, Until, may_confirm, too_many
from alertsms.store import apply, incidents, recipients, settings
from alertsms.store.schema import EPOCH, MICROSECOND, incident_table, message_table, notification_table

CONFIRMED = "confirmed:"  # and the phone, by person and place: these facts are kept longer than numbers
WRONG = "wrong:"

Meant = Mapping[int, int | None]  # incident -> the episode of it that is meant; None: whichever it is in


def covered(tx: Connection, number: int) -> dict[int, int | None]:
    """The incidents that a number stands for: its own, or those that the digest of this number tells; else none.

    A digest stands for the episodes that it told of: what ended and came back since has a page of its own.
    """
    if tx.execute(select(incident_table.c.id).where(incident_table.c.id == number)).first():
        return {number: None}
    told = (
        select(notification_table.c.incident_id, func.max(notification_table.c.episode))
        .join(message_table, notification_table.c.message_id == message_table.c.id)
        .where(message_table.c.digest == number, notification_table.c.kind == NotificationKind.PAGE)
        .where(notification_table.c.incident_id.isnot(None))
        .group_by(notification_table.c.incident_id)
        .order_by(notification_table.c.incident_id)
    )
    return dict(iter(tx.execute(told)))


def meant(tx: Connection, numbers: Collection[int]) -> dict[int, int | None]:
    """The incidents that several numbers stand for, each once; a number that stands for none stays as it is."""
    return together(covered(tx, number) or {number: None} for number in numbers)


def returned(tx: Connection, about: Meant) -> set[int]:
    """Those of some incidents that ended and came back after the episode that is meant, and are not over."""
    episodes = {number: episode for number, episode in about.items() if episode is not None}
    query = select(incident_table.c.id, incident_table.c.episode).where(incidents.UNFINISHED)
    rows = tx.execute(query.where(incident_table.c.id.in_(list(episodes)))) if episodes else ()
    return {number for number, episode in rows if episode != episodes[number]}


def together(meanings: Iterable[Meant]) -> dict[int, int | None]:
    """Several as one; an incident's own number says more than a digest's."""
    united: dict[int, int | None] = {}
    for meaning in meanings:
        for number, episode in meaning.items():
            before = united.get(number, episode)
            united[number] = None if before is None or episode is None else max(before, episode)
    return united


def open_ones(tx: Connection) -> list[int]:
    """The incidents that are open and that nobody has."""
    query = select(incident_table.c.id).where(incidents.UNFINISHED, incident_table.c.state == IncidentState.OPEN)
    return list(tx.execute(query.order_by(incident_table.c.id)).scalars())


def acknowledge(tx: Connection, roster: Roster, numbers: Meant, act: Acknowledgement) -> AckResult:
    """Acknowledge or resolve these incidents, as far as they had begun when that was written.

    Whoever acknowledges an incident takes along what the same alert is in other teams that page them: they were told
    once for all.
    """
    known = _known(tx, numbers)
    ours = [incident for incident in known.values() if counts(incident, numbers.get(incident.id), act.written)]
    chosen = set(numbers) if act.resolves else set(numbers) | _along(ours, numbers, roster, act.by)
    decided = [act.change(incident, roster.team(incident.team)) for incident in ours if incident.id in chosen]
    applied = apply.write(tx, filter(None, decided), roster, act.now, via=act.via.value)
    changed = {change.incident.id: change.incident for change in applied.changes}
    outcomes = tuple(_outcome(number, known.get(number), changed.get(number), act) for number in numbers)
    early = [
        event_of(outcome.incident, act.now, EventKind.ANSWERED, BEFORE, f"{act.by}, by {act.via.value}")
        for outcome in outcomes
        if outcome.result is AckOutcome.BACK and outcome.incident
    ]
    incidents.note_events(tx, early)
    along = tuple(sorted(changed.keys() - set(numbers)))
    return AckResult(outcomes=outcomes, along=along, act=act, applied=applied)


def _known(tx: Connection, numbers: Collection[int]) -> dict[int, Incident]:
    """The incidents of these numbers, and what the same alerts are in other teams now; locked, by number."""
    named = incident_table.c.id.in_(list(numbers))
    same = incident_table.c.key.in_(select(incident_table.c.key).where(named)) & incidents.CURRENT
    query = select(incident_table).where(or_(named, same)).order_by(incident_table.c.id).with_for_update()
    return {incident.id: incident for incident in incidents.of(tx, query)}


def _along(known: Iterable[Incident], numbers: Collection[int], roster: Roster, by: str) -> set[int]:
    """What the same alerts are in other teams of this person, where nobody has it yet."""
    alerts = {
        incident.key for incident in known if incident.id in numbers and incident.state is not IncidentState.CLOSED
    }
    return {
        incident.id
        for incident in known
        if incident.id not in numbers
        and incident.key in alerts
        and incident.state in (IncidentState.OPEN, IncidentState.HELD)
        and any(person.name == by for person in roster.team(incident.team).people)
    }


def _outcome(number: int, before: Incident | None, after: Incident | None, act: Acknowledgement) -> Outcome:
    if before is None:
        return Outcome(number=number, result=AckOutcome.UNKNOWN)
    if after is not None:
        return Outcome(number=number, result=AckOutcome.TAKEN, incident=after, by=after.acked_by)
    result = AckOutcome.OVER if before.state is IncidentState.CLOSED else AckOutcome.BACK
    if before.state is IncidentState.ACKNOWLEDGED and not act.resolves:
        result = AckOutcome.ALREADY
    keeper = "" if before.state is IncidentState.HELD else before.acked_by
    return Outcome(number=number, result=result, incident=before, by=keeper)


def covered_now(tx: Connection, number: int) -> list[Incident]:
    """The incident of a number, or those that the digest of this number covers, as they are; not locked."""
    chosen = incident_table.c.id.in_(covered(tx, number))
    return incidents.of(tx, select(incident_table).where(chosen).order_by(incident_table.c.id))


def silenced(
    tx: Connection, number: int, silence: Event, roster: Roster, now: datetime, *, seen: datetime | None
) -> Applied:
    """Remember that somebody had an incident silenced, and page nobody about it where Alertmanager keeps quiet.

    `seen` is when they asked, None where not every Alertmanager took it: what came back meanwhile pages.
    """
    incidents.note_events(tx, [silence])

    def decide(incident: Incident) -> Change | None:
        return hold(incident) if seen and incident.state is IncidentState.OPEN and incident.begun <= seen else None

    return apply.follow(tx, [number], decide, roster, now)


def confirm(tx: Connection, person: str, place: int, deed: AnswerEffect, now: datetime) -> bool:
    """Say what an answer did, with what others did just before; false where that phone got enough of them."""
    key = f"{CONFIRMED}{person}:{place}"
    known: dict[str, Any] = json.loads(settings.get(tx, key) or "{}")
    before = _read_deed(known.get("deed", {}))
    if "page" in known and _reworded(tx, known["page"], before.and_also(deed).words, now):
        deed, number, times = before.and_also(deed), known["page"], known["times"]
    else:
        recent = [at for at in map(_read, known.get("times", ())) if now - at < HOUR]
        if not may_confirm(recent, now):
            return False
        answered = recipients.for_phone(person, deed.words, now, phone=place, kind=NotificationKind.ANSWERED)
        number = recipients.put(tx, replace(answered, due_at=now + GATHERED))
        times = [_written(at) for at in (*recent, now)]
    value = {"page": number, "deed": _written_deed(deed), "times": times}
    settings.put(tx, key, json.dumps(value, ensure_ascii=False), now)
    return True


def _written_deed(deed: AnswerEffect) -> dict[str, Any]:
    taken = [[number, until and [_written(until.at), until.clock]] for number, until in deed.taken.items()]
    return {"taken": taken, "troubles": deed.troubles, "back": deed.back, "new": deed.new}


def _read_deed(known: dict[str, Any]) -> AnswerEffect:
    taken = {number: end and Until(at=_read(end[0]), clock=end[1]) for number, end in known.get("taken", ())}
    lists = {name: tuple(known.get(name, ())) for name in ("troubles", "back", "new")}
    return AnswerEffect(taken=taken, **lists)


def _reworded(tx: Connection, number: int, words: str, now: datetime) -> bool:
    """Give an SMS that gathers other words; false where it is about to leave, or did."""
    waits = (
        notification_table.c.id == number,
        notification_table.c.state == NotificationState.QUEUED,
        notification_table.c.due_at > now,
    )
    return tx.execute(update(notification_table).where(*waits).values(note=words)).rowcount == 1


def missed(tx: Connection, phone: str, numbers: int, now: datetime) -> datetime | None:
    """So many more numbers were wrong: until when the answers of that phone rest now; None: they do not."""
    known = json.loads(settings.get(tx, WRONG + phone) or "{}")
    misses = [at for at in map(_read, known.get("times", ())) if now - at < HOUR] + [now] * numbers
    until = now + HOUR if too_many(misses, now) else None
    value = {"times": [] if until else [_written(at) for at in misses], "until": _written(until) if until else 0}
    settings.put(tx, WRONG + phone, json.dumps(value), now)
    return until


def rests(tx: Connection, phone: str, now: datetime) -> bool:
    """Whether answers of a phone count for nothing at this time."""
    until = json.loads(settings.get(tx, WRONG + phone) or "{}").get("until", 0)
    return _read(until) > now


def _read(microseconds: int) -> datetime:
    return EPOCH + microseconds * MICROSECOND


def _written(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND
