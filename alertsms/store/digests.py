"""What a digest gathers of one person's pages, what is postponed, and which messages became late and say so."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, bindparam, case, func, select, text, update

from alertsms.core.incidents.incident import EventKind, Incident
from alertsms.core.messages.digest_plan import DigestRules, DueNotification, HoldReason
from alertsms.core.messages.notification import REMINDER, RETURN, NotificationKind, NotificationState
from alertsms.core.text.digest import DigestLine
from alertsms.core.text.subject import LINK_PATH, POSTED_LENGTH, TOKEN, name_of, why_over
from alertsms.core.text.wording import Wording, became_late
from alertsms.store import incidents, notifications, settings
from alertsms.store.messages import SmsMessage
from alertsms.store.schema import (
    BY_SMS,
    Time,
    event_table,
    incident_table,
    message_table,
    notification_table,
    state_is,
    tokens,
)

MOST = 10_000  # pages of one digest: what is beyond them waits for the next one


def saving(tx: Connection, rules: DigestRules) -> bool:
    """Whether the credits that are left are kept for critical pages."""
    left = settings.get(tx, "credits") if rules.reserve_credits else None
    return left is not None and float(left) <= rules.reserve_credits


def lock(tx: Connection, people: Collection[str]) -> set[str]:
    """Those of these people for whom no other replica claims just now; nobody else can until the transaction ends.

    On PostgreSQL. Nobody is waited for: a replica that stalls in its claim keeps no others from theirs.
    """
    return set(tx.scalars(_LOCK, {"people": sorted(people)}))


_LOCK = text(
    "SELECT person FROM unnest(CAST(:people AS text[])) AS person"
    " WHERE pg_try_advisory_xact_lock(hashtext('alertsms ' || person))"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestPart:
    """One page of a text that stands for several."""

    id: int
    team: str
    phone: int
    plain: bool
    due_at: datetime
    line: DigestLine


def collect(tx: Connection, person: str, ranks: Collection[int], but: Collection[int] = ()) -> list[DigestPart]:
    """All that waits for a person in these ranks, the most severe and oldest first, for one number of theirs."""
    rows = tx.execute(_COLLECT, {"person": person, "ranks": sorted(ranks), "most": MOST + len(but)}).mappings()
    parts = [_part(row) for row in rows if row["id"] not in but][:MOST]
    return [part for part in parts if (part.phone, part.plain) == (parts[0].phone, parts[0].plain)]


_START = func.coalesce(
    incident_table.c.starts_at,
    case((incident_table.c.episode > 0, incident_table.c.begun_at), else_=None),
    incident_table.c.opened_at,
    type_=Time,
)
_COLLECT = (
    select(
        notification_table.c.id,
        notification_table.c.incident_id,
        notification_table.c.kind,
        notification_table.c.priority,
        notification_table.c.team,
        notification_table.c.phone,
        notification_table.c.plain,
        notification_table.c.note,
        notification_table.c.due_at,
        incident_table.c.labels,
        incident_table.c.place,
        incident_table.c.annotations,
        incident_table.c.reason,
        _START.label("start"),
        func.coalesce(incident_table.c.ends_at, incident_table.c.closed_at, type_=Time).label("end"),
    )
    .join(incident_table, notification_table.c.incident_id == incident_table.c.id)
    .where(
        notification_table.c.person == bindparam("person"),
        BY_SMS,
        notification_table.c.state == NotificationState.QUEUED,
        notification_table.c.priority.in_(bindparam("ranks", expanding=True)),
    )
    .order_by(notification_table.c.priority, notification_table.c.created_at, notification_table.c.id)
    .limit(bindparam("most", type_=Integer))
)


def _part(row: Mapping[Any, Any]) -> DigestPart:
    line = DigestLine(
        number=row["incident_id"],
        kind=NotificationKind(row["kind"]),
        rank=row["priority"],
        name=name_of(row["labels"]),
        place=row["place"],
        since=row["start"],
        until=row["end"],
        reminder=row["note"] == REMINDER,
        back=row["note"] == RETURN,
        why=why_over(NotificationKind(row["kind"]), row["reason"], row["annotations"]),
    )
    return DigestPart(line=line, **{name: row[name] for name in ("id", "team", "phone", "plain", "due_at")})


def put_off(
    tx: Connection, person: str, rank: int, until: datetime, now: datetime, but: Collection[int], why: HoldReason | None
) -> None:
    """Postpone what is due to a person in a rank, but these pages; the timelines of their incidents say why.

    At most some hundreds at once, to keep nobody waiting: while something is due, there is another round.
    """
    values = {"whose": person, "rank": rank, "now": now, "but": list(but) or [0], "most": incidents.IN_ONE_QUERY}
    chosen = list(tx.execute(_CHOSEN, values).scalars())
    if why:
        incidents.note_held(tx, _THESE, {"these": chosen}, now, why, f"SMS to {person}")
    tx.execute(_POSTPONE, {"these": chosen, "until": until})


def unsaved(tx: Connection, person: str, rank: int, now: datetime) -> list[Incident]:
    """The incidents whose pages are due to a person in this rank, and have not waited for credits; not locked."""
    values = {"whose": person, "rank": rank, "now": now, "but": [0]}
    query = select(incident_table).where(incident_table.c.id.in_(_UNSAVED)).order_by(incident_table.c.id)
    return [incidents.incident_of(row) for row in tx.execute(query, values).mappings()]


_DUE = (
    notification_table.c.person == bindparam("whose"),
    BY_SMS,
    state_is(notification_table.c.state, NotificationState.QUEUED),
    notification_table.c.priority == bindparam("rank", type_=Integer),
    notification_table.c.due_at <= bindparam("now", type_=Time),
    notification_table.c.id.not_in(bindparam("but", expanding=True)),
)
_CHOSEN = (  # what another transaction holds stays due, and keeps nobody waiting
    select(notification_table.c.id)
    .where(*_DUE)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True)
)
_THESE = (
    notification_table.c.id.in_(bindparam("these", expanding=True)),
    state_is(notification_table.c.state, NotificationState.QUEUED),
)
_POSTPONE = update(notification_table).where(*_THESE).values(due_at=bindparam("until", type_=Time))
_WAITED = (
    select(event_table.c.id)
    .where(
        event_table.c.incident_id == notification_table.c.incident_id,
        event_table.c.episode == notification_table.c.episode,
    )
    .where(event_table.c.kind == EventKind.ATTEMPT, event_table.c.reason == HoldReason.RESERVE)
    .exists()
)
_UNSAVED = (
    select(notification_table.c.incident_id)
    .where(*_DUE, notification_table.c.kind == NotificationKind.PAGE, ~_WAITED)
    .limit(MOST)
)


def number(tx: Connection) -> int:
    """A number for a digest, out of those of incidents: people type both alike."""
    if tx.dialect.name == "postgresql":
        return int(tx.execute(text("SELECT nextval(pg_get_serial_sequence('incidents', 'id'))")).scalar_one())
    taken = text("UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'incidents' RETURNING seq")
    return int(tx.execute(taken).scalar_one())


@dataclass(frozen=True, kw_only=True, slots=True)
class OutdatedMessage:
    """What a message tells, as it is now, and the token of the link in its text."""

    due: DueNotification
    token: str = ""


def outdated(tx: Connection, queued: Sequence[SmsMessage], now: datetime) -> Mapping[int, OutdatedMessage]:
    """Which of these messages were composed on time and are late by now; digests say since when anyhow."""
    late = {
        message.id: message
        for message in queued
        if message.kind == NotificationKind.PAGE
        and message.digest is None
        and message.certainly_unsent
        and became_late(message.asked_at, message.created_at, now)
    }
    if not late:
        return {}
    carried: dict[int, list[DueNotification]] = {}
    for row in tx.execute(_LATE, {"ids": list(late)}).mappings():
        carried.setdefault(row["message_id"], []).append(notifications.due_of(row))
    return {
        number: OutdatedMessage(due=due[0], token=_token(tx, late[number], due[0]))
        for number, due in carried.items()
        if len(due) == 1
    }


_LATE = (
    select(notification_table, *notifications.LOOK)
    .join(incident_table, notification_table.c.incident_id == incident_table.c.id)
    .where(
        notification_table.c.message_id.in_(bindparam("ids", expanding=True)),
        notification_table.c.state == NotificationState.CLAIMED,
    )
)
_IN_TEXT = re.compile(rf"{LINK_PATH}({TOKEN})(?!\w)")


def _token(tx: Connection, message: SmsMessage, due: DueNotification) -> str:
    """The link stays the one that was made for it; a summary may contain what looks like one."""
    named = [token for token in _IN_TEXT.findall(message.text) if len(token) != POSTED_LENGTH]
    ours = (tokens.c.token.in_(named), tokens.c.person == message.person, tokens.c.incident_id == due.page.incident_id)
    return (tx.execute(select(tokens.c.token).where(*ours)).scalar() or "") if named else ""


def reword(tx: Connection, claimed: Sequence[SmsMessage], wordings: Mapping[int, Wording]) -> list[SmsMessage]:
    """Give messages that we hold other texts, by their numbers, before they are tried; returns all as they are then."""
    changed = {message.id for message in claimed if message.id in wordings and message.certainly_unsent}
    rows = [
        {"message": number, "says": wordings[number].text, "takes": wordings[number].segments} for number in changed
    ]
    if rows:
        tx.execute(_REWORD, rows)
    return [
        replace(message, text=wordings[message.id].text, segments=wordings[message.id].segments)
        if message.id in changed
        else message
        for message in claimed
    ]


_REWORD = (
    update(message_table)
    .where(message_table.c.id == bindparam("message"))
    .values(text=bindparam("says"), segments=bindparam("takes"))
)
