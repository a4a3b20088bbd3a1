"""Answers of people as one piece of a transaction: what they acknowledge, each incident once, and what is said back.

Beside it which replies are done with, and whose number an answer proves.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, or_, select, union_all, update

from alertsms.core.incidents.acknowledge import Acknowledgement, AckOutcome, AckResult, Outcome, counts
from alertsms.core.incidents.alertmanager_view import hold
from alertsms.core.incidents.incident import (
    BEFORE,
    Applied,
    Change,
    Event,
    EventKind,
    Incident,
    IncidentState,
    event_of,
)
from alertsms.core.messages.notification import NotificationKind, NotificationState
from alertsms.core.routing.roster import Roster
from alertsms.core.text.reply import GATHERED, HOUR, AnswerEffect, Until, may_confirm
from alertsms.store import apply, incidents, recipients
from alertsms.store.replica_tables import reply_table
from alertsms.store.schema import (
    EPOCH,
    MICROSECOND,
    confirmations,
    fact_table,
    incident_table,
    insert_into,
    message_table,
    notification_table,
    upsert,
)

MOST = 2000  # ids that are remembered one by one for an older alertsms, which knows no rows
KEPT = timedelta(days=90)  # after its deed an answer's row: three times as long as OVHcloud is asked about what came
PRUNED = 100  # rows at once
SENDER = "sender"  # fact: what phones see, since when
REPLIES = "replies:"  # fact, and the inbox: which of them are done with
CONFIRMED = "confirmed:"  # and the phone, by person and place: these facts are kept longer than numbers

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
    ids = (select(incident_table.c.id).where(incident_table.c.id.in_(group)) for group in incidents.groups(numbers))
    own = {number for query in ids for number in tx.execute(query).scalars()}
    return together({number: None} if number in own else covered(tx, number) or {number: None} for number in numbers)


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
    query = select(incident_table.c.id).where(incidents.being(IncidentState.OPEN))
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
    known: dict[int, Incident] = {}
    for group in incidents.groups(sorted(numbers)):
        # Both by index: of `a OR b` PostgreSQL walks the table.
        named = select(_named.c.id).where(_named.c.id.in_(group))
        same = select(incident_table.c.id).join(_named, incident_table.c.key == _named.c.key)
        chosen = union_all(named, same.where(_named.c.id.in_(group), incidents.CURRENT))
        known |= {incident.id: incident for incident in incidents.get(tx, chosen)}
    return known


_named = incident_table.alias("named")


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
        begun = incident.begun_at or incident.opened_at
        return hold(incident) if seen and incident.state is IncidentState.OPEN and begun <= seen else None

    return apply.follow(tx, [number], decide, roster, now)


def respond(tx: Connection, person: str, place: int, deed: AnswerEffect, now: datetime) -> bool:
    """Say what an answer did, with what others did just before; false where that phone got enough of them."""
    key = f"{CONFIRMED}{person}:{place}"
    known, _ = _fact(tx, key)
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
    upsert(tx, fact_table, {"key": key, "value": json.dumps(value, ensure_ascii=False), "at": now})
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


def _read(microseconds: int) -> datetime:
    return EPOCH + microseconds * MICROSECOND


def _written(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND


# Which replies are done with.


def begin(tx: Connection, inbox: str, reply: int, now: datetime) -> bool:
    """Note that an answer is done with, in the transaction of its deed; false where that was known already."""
    row = insert_into(reply_table, tx.dialect.name).values(inbox=inbox, reply_id=reply, at=now)
    return tx.execute(row.on_conflict_do_nothing().returning(reply_table.c.id)).first() is not None


def unread(tx: Connection, inbox: str, listed: Collection[int]) -> list[int]:
    """Those of an inbox that wait, each once, the smallest first: OVHcloud lists late, out of order and stale."""
    waits = cursor(tx, inbox).fresh(listed)
    done = select(reply_table.c.reply_id).where(reply_table.c.inbox == inbox, reply_table.c.reply_id.in_(waits))
    known = set(tx.scalars(done)) if waits else set()
    return [number for number in waits if number not in known]


def prune(tx: Connection, now: datetime) -> None:
    """Forget some answers of so long ago that they are not listed any more."""
    old = select(reply_table.c.id).where(reply_table.c.at < now - KEPT).order_by(reply_table.c.at).limit(PRUNED)
    tx.execute(delete(reply_table).where(reply_table.c.id.in_(old)))


@dataclass(frozen=True, kw_only=True, slots=True)
class Cursor:
    """When an inbox was looked into, and what an alertsms that knows no rows did, or is to pass over."""

    done: frozenset[int] = frozenset()
    floor: int = 0  # smaller ids and this one are done with, too
    at: datetime | None = None  # when this was written down last; None: never
    looked: datetime | None = None  # the last look that showed all there was, as far as that was written down

    def fresh(self, listed: Collection[int]) -> list[int]:
        """Those that wait as far as this knows, each once, the smallest first."""
        return sorted(number for number in set(listed) if number > self.floor and number not in self.done)

    def after(self, id: int) -> Cursor:  # noqa: A002 - OVHcloud's word
        """One more is done with."""
        return replace(self, done=frozenset(sorted(self.done | {id})[-MOST:]))

    def among(self, listed: Collection[int]) -> Cursor:
        """Without what OVHcloud does not list any more."""
        return replace(self, done=self.done & set(listed))


def cursor(tx: Connection, inbox: str) -> Cursor:
    """What is known of an inbox, by its account and number."""
    known, at = _fact(tx, REPLIES + inbox)
    if not known:
        return Cursor()
    looked = _read(known["looked"]) if known.get("looked") else at
    return Cursor(done=frozenset(known["done"]), floor=known["floor"], at=at, looked=looked)


def locked_cursor(tx: Connection, inbox: str, now: datetime) -> Cursor:
    """The same, for one replica at a time until the transaction ends."""
    if tx.dialect.name == "postgresql":
        row = insert_into(fact_table, tx.dialect.name).values(key=REPLIES + inbox, value=_as_json(Cursor()), at=now)
        tx.execute(row.on_conflict_do_nothing())
        tx.execute(select(fact_table.c.key).where(fact_table.c.key == REPLIES + inbox).with_for_update())
    return cursor(tx, inbox)


def keep(tx: Connection, inbox: str, known: Cursor, now: datetime) -> None:
    """Write down what is done with."""
    upsert(tx, fact_table, {"key": REPLIES + inbox, "value": _as_json(known), "at": now})


def _as_json(known: Cursor) -> str:
    looked = {"looked": _written(known.looked)} if known.looked else {}
    return json.dumps({"done": sorted(known.done), "floor": known.floor, **looked}, separators=(",", ":"))


def confirm(tx: Connection, number: str, person: str, now: datetime) -> bool:
    """Remember that a number (E.164) reaches its person; false where that was known."""
    other = or_(confirmations.c.person != person, confirmations.c.at < sender_since(tx))
    return upsert(tx, confirmations, {"number": number, "person": person, "at": now}, where=other)


def sender_since(tx: Connection) -> datetime:
    """Since when phones see the present sender."""
    return tx.scalar(select(fact_table.c.at).where(fact_table.c.key == SENDER)) or EPOCH


def _fact(tx: Connection, key: str) -> tuple[dict[str, Any], datetime | None]:
    """What was written down as JSON, and when; an empty object and None where nothing was."""
    row = tx.execute(select(fact_table.c.value, fact_table.c.at).where(fact_table.c.key == key)).first()
    return (json.loads(row.value), row.at) if row else ({}, None)
