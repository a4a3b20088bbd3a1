"""What is known of incidents and SMS: for people and programs that ask why, and for what decides about a next step.

Nothing here locks or writes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, func, or_, select, true, union_all

from alertsms.core.alerts.alert import Format
from alertsms.core.incidents.incident import (
    NOBODY,
    Chronicle,
    EventKind,
    Incident,
    IncidentReason,
    IncidentState,
    PageDelivery,
    SmsAttempt,
    StoredEvent,
)
from alertsms.core.messages.message import PENDING, REACHED, MessageState
from alertsms.core.messages.notification import FALLBACK_STEP, NotificationKind, NotificationState
from alertsms.core.text.subject import masked
from alertsms.store import incidents
from alertsms.store.schema import BY_SMS, Time, event_table, incident_table, message_table, notification_table, state_is

_SAME = (
    "tag",
    "person",
    "team",
    "text",
    "segments",
    "attempts",
    "resends",
    "account",
    "ovh_id",
    "credits",
    "created_at",
    "due_at",
    "sent_at",
    "delivered_at",
    "dlr",
    "ptt",
    "error",
    "digest",
)


def latest(tx: Connection, *, limit: int, before: int | None = None, state: str = "") -> list[Incident]:
    """The newest incidents below the number `before`, newest first: all, "unfinished" ones or those in one state."""
    below = true() if before is None else incident_table.c.id < before
    newest = select(incident_table).order_by(incident_table.c.id.desc()).limit(limit)
    if state in ("", IncidentState.CLOSED):
        return incidents.of(tx, newest.where(below, true() if not state else state_is(incident_table.c.state, state)))
    # The newest of each state: to find those of several, either database may walk what is closed.
    states = incidents.PRESENT if state == "unfinished" else (IncidentState(state),)
    numbers = [
        select(incident_table.c.id)
        .where(incidents.being(each), below)
        .order_by(incident_table.c.id.desc())
        .limit(limit)
        for each in states
    ]
    chosen = union_all(*(select(each.subquery().c.id) for each in numbers))
    return incidents.of(tx, newest.where(incident_table.c.id.in_(chosen)))


def newest(tx: Connection) -> int:
    """The highest number that is kept; 0 where there is none."""
    return int(tx.execute(select(func.max(incident_table.c.id))).scalar() or 0)


def story(tx: Connection, number: int) -> Chronicle | None:
    """One incident with all that happened to it."""
    rows = incidents.of(tx, select(incident_table).where(incident_table.c.id == number))
    return stories(tx, rows)[0] if rows else None


def stories(tx: Connection, known: Sequence[Incident]) -> list[Chronicle]:
    """These incidents with all that happened to them, in the same order."""
    numbers = [incident.id for incident in known]
    known_events, paged = timelines(tx, numbers), deliveries(tx, numbers)
    return [
        Chronicle(
            incident=incident,
            events=tuple(known_events.get(incident.id, ())),
            deliveries=tuple(paged.get(incident.id, ())),
        )
        for incident in known
    ]


def timeline(tx: Connection, number: int) -> list[StoredEvent]:
    """What happened to one incident, by when each event happened first."""
    return timelines(tx, [number]).get(number, [])


def timelines(tx: Connection, incident_ids: Collection[int]) -> dict[int, list[StoredEvent]]:
    """The timelines of these incidents."""
    known: dict[int, list[StoredEvent]] = {}
    query = (
        select(event_table)
        .where(event_table.c.incident_id.in_(list(incident_ids)))
        .order_by(event_table.c.at, event_table.c.id)
    )
    for row in tx.execute(query).mappings():
        kept = {name: row[name] for name in ("episode", "reason", "detail", "at", "last_at", "count")}
        known.setdefault(row["incident_id"], []).append(StoredEvent(kind=EventKind(row["kind"]), **kept))
    return known


def deliveries(tx: Connection, numbers: Collection[int]) -> dict[int, list[PageDelivery]]:
    """Who was to be told what of these incidents, and how far that came."""
    about = notification_table.c.incident_id.in_(numbers)
    rows = (
        tx.execute(select(notification_table).where(about, BY_SMS).order_by(notification_table.c.id)).mappings().all()
    )
    carried = select(notification_table.c.message_id).where(about, notification_table.c.message_id.isnot(None))
    by_id = _sms(tx, select(message_table).where(message_table.c.id.in_(carried))) if rows else {}
    by_incident: dict[int, list[PageDelivery]] = {}
    for row in rows:
        delivery = PageDelivery(
            person=row["person"],
            kind=NotificationKind(row["kind"]),
            state=NotificationState(row["state"]),
            episode=row["episode"],
            due_at=row["due_at"],
            sms=by_id.get(row["message_id"]),
        )
        by_incident.setdefault(row["incident_id"], []).append(delivery)
    return by_incident


def resting(tx: Connection) -> list[StoredEvent]:
    """What is known of alerts that open no incident."""
    return timeline(tx, NOBODY)


def digest(tx: Connection, number: int) -> list[SmsAttempt]:
    """The SMS that went out as the digest of this number: one, or more where its person's next number was tried."""
    query = select(message_table).where(message_table.c.digest == number).order_by(message_table.c.id)
    return list(_sms(tx, query).values())


def sent(tx: Connection, *, limit: int, before: str = "") -> list[SmsAttempt]:
    """The newest SMS before the one with the tag `before`, newest first."""
    query = select(message_table).order_by(message_table.c.id.desc()).limit(limit)
    if before:
        query = query.where(
            message_table.c.id < select(message_table.c.id).where(message_table.c.tag == before).scalar_subquery()
        )
    return list(_sms(tx, query).values())


def carrying(tx: Connection, number: int) -> list[SmsAttempt]:
    """The SMS that carries a page, if one does by now."""
    carries = notification_table.c.message_id == message_table.c.id
    query = select(message_table).join(notification_table, carries).where(notification_table.c.id == number)
    return list(_sms(tx, query).values())


def _sms(tx: Connection, query: Select[Any]) -> dict[int, SmsAttempt]:
    """SMS by the id of their row, in the order of the query."""
    rows = tx.execute(query).mappings().all()
    carried = select(notification_table.c.message_id, notification_table.c.incident_id).where(
        notification_table.c.message_id.in_([row["id"] for row in rows]), notification_table.c.incident_id.isnot(None)
    )
    about: dict[int, list[int]] = {}
    ordered = carried.order_by(notification_table.c.priority, notification_table.c.incident_id)
    for message_id, number in tx.execute(ordered) if rows else ():
        about.setdefault(message_id, []).append(number)
    return {
        row["id"]: SmsAttempt(
            **{name: row[name] for name in _SAME},
            number=masked(row["number"]),
            kind=NotificationKind(row["kind"]),
            state=MessageState(row["state"]),
            incidents=tuple(about.get(row["id"], ())),
        )
        for row in rows
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class PageProgress:
    """A page that is not cancelled, and how far it came."""

    incident_id: int
    key: bytes  # of the alert
    person: str
    round: int
    step: int
    nth: int
    queued: bool  # in no message yet
    message: str | None  # the state of the message that carries it
    sent_at: datetime | None
    receipt_due_at: datetime | None

    @property
    def pending(self) -> bool:
        """Whether it still waits, or nobody knows yet whether it left."""
        return self.queued or self.message in PENDING

    @property
    def reached(self) -> bool:
        """Whether its person has it, as far as anybody knows."""
        return self.message in REACHED

    @property
    def hoped_for(self) -> bool:
        """Whether a phone has it for certain, or may yet say so in time."""
        return self.pending or self.message == MessageState.DELIVERED or self.receipt_due_at is not None


_PROGRESS = (
    select(
        notification_table.c.incident_id,
        incident_table.c.key,
        notification_table.c.person,
        notification_table.c.round,
        notification_table.c.step,
        notification_table.c.nth,
        state_is(notification_table.c.state, NotificationState.QUEUED).label("queued"),
        message_table.c.state.label("message"),
        message_table.c.sent_at,
        message_table.c.receipt_due_at,
    )
    .join(incident_table, notification_table.c.incident_id == incident_table.c.id)
    .outerjoin(message_table, notification_table.c.message_id == message_table.c.id)
    .where(notification_table.c.incident_id.in_(bindparam("numbers", expanding=True)))
    .where(
        BY_SMS,
        notification_table.c.kind == NotificationKind.PAGE,
        notification_table.c.state != NotificationState.CANCELLED,
    )
)


def progress(tx: Connection, numbers: Collection[int], *, earlier: bool = False) -> list[PageProgress]:
    """The pages of these incidents' present episodes; with `earlier` those of all episodes."""
    query = _PROGRESS if earlier else _PROGRESS.where(notification_table.c.episode == incident_table.c.episode)
    return [
        PageProgress(**row)
        for group in incidents.groups(numbers)
        for row in tx.execute(query, {"numbers": group}).mappings()
    ]


def pending(tx: Connection, numbers: Collection[int]) -> dict[int, set[str]]:
    """Whose page of an incident is still under way: queued, being sent, or its answer lost. By incident."""
    people: dict[int, set[str]] = {}
    for page in progress(tx, numbers, earlier=True):
        if page.pending:
            people.setdefault(page.incident_id, set()).add(page.person)
    return people


def since_start(pages: Iterable[PageProgress], incident: Incident) -> list[PageProgress]:
    """Those since the incident's escalation last began anew."""
    return [page for page in pages if page.nth >= incident.began]


def step_reached(pages: Iterable[PageProgress], incident: Incident, *, whole_round: bool = False) -> bool:
    """Whether a page of the incident's latest step, or round, left or still may, as far as is known.

    One that the phone did not get did not. True where the step had none to send: its people were paged for the alert
    through another team.
    """
    counted = [page for page in pages if _counts(page, incident) and (whole_round or page.step == incident.step)]
    return not counted or any(page.pending or page.reached for page in counted)


def _counts(page: PageProgress, incident: Incident) -> bool:
    """Whether it is of the present round, and did not leave before somebody had the incident for a while.

    What was under way then stands for the step's own.
    """
    own = page.round == incident.round and page.step != FALLBACK_STEP
    before = page.reached and not (page.sent_at and incident.step_at and page.sent_at >= incident.step_at)
    return own and (page.nth >= incident.began or not before)


def tries(pages: Iterable[PageProgress], incident: Incident) -> int:
    """How often the incident's latest step was paged in this round."""
    latest = (incident.round, incident.step)
    return len({page.nth for page in since_start(pages, incident) if (page.round, page.step) == latest})


def hoped_for(pages: Iterable[PageProgress], incident: Incident) -> bool:
    """Whether a phone has a page of the incident's latest step, or may yet say so in time."""
    return any(
        page.hoped_for
        for page in since_start(pages, incident)
        if page.step in (incident.step, FALLBACK_STEP) and page.round == incident.round
    )


# What Alertmanager is to be asked about.

LATELY = 1000  # incidents
_HELD = and_(incident_table.c.state == IncidentState.HELD, incident_table.c.reason == IncidentReason.SUPPRESSED)
_BEGUN_AT = func.coalesce(incident_table.c.begun_at, incident_table.c.opened_at, type_=Time)


def to_ask(tx: Connection, *, after: timedelta | None, soon: datetime, now: datetime) -> list[int]:
    """The incidents that Alertmanager is to be asked about; without `after` those alone that its word holds back."""
    state, chosen = incident_table.c.state, _HELD
    if after is not None:
        lasting = and_(state.in_([IncidentState.OPEN, IncidentState.ACKNOWLEDGED]), now - after >= _BEGUN_AT)
        paging = and_(state == IncidentState.OPEN, incident_table.c.paged > 0, incident_table.c.step_due_at <= soon)
        chosen = or_(_HELD, lasting, paging)
    ours = (incidents.UNFINISHED, incident_table.c.source == Format.ALERTMANAGER, chosen)
    # Sorted here: to be spared that, SQLite would walk what is closed.
    return sorted(tx.execute(select(incident_table.c.id).where(*ours)).scalars())


def receivers(tx: Connection) -> frozenset[str]:
    """By which receivers of Alertmanagers incidents came lately: those that post to us."""
    newest = select(func.max(incident_table.c.id) - LATELY).scalar_subquery()
    lately = (incident_table.c.id > newest, incident_table.c.source == Format.ALERTMANAGER)
    return frozenset(tx.execute(select(incident_table.c.receiver).where(*lately).distinct()).scalars())
