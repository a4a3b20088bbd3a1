"""The recent traffic of one person, for the plan of a storm; and the pages that this plan postpones or gathers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    Integer,
    Select,
    bindparam,
    case,
    cast,
    false,
    func,
    literal_column,
    null,
    select,
    text,
    union_all,
    update,
)

from alertsms.core.incidents.timeline import EventKind
from alertsms.core.messages.digest_plan import (
    DIGESTS,
    HOUR,
    OK_PAUSE,
    OKS,
    PAGES,
    DigestRules,
    HoldReason,
    RecentSms,
    RecentTraffic,
)
from alertsms.core.messages.message import PENDING, MessageState
from alertsms.core.messages.notification import REMINDER, RETURN, NotificationKind, PageState
from alertsms.core.text.digest import DigestLine
from alertsms.core.text.subject import name_of, why_over
from alertsms.store import events, settings
from alertsms.store.schema import BY_SMS, Time, event_table, incident_table, message_table, page_table, state_is

MOST = 10_000  # pages of one digest: what is beyond them waits for the next one
_WAITING = (*PAGES, *OKS)


def recent_traffic(
    tx: Connection, person: str, ranks: Collection[int], rules: DigestRules, now: datetime
) -> RecentTraffic:
    """What counts for the plan of one person to whom something of these ranks is due.

    One question; none where nothing could count, and two where something waits already.
    """
    if not rules.after and not rules.per_hour and not any(rank in OKS for rank in ranks):
        return RecentTraffic()
    values = {
        "person": person,
        "now": now,
        "since": now - rules.within,
        "back": now - _look_back(rules),
        "rank": 0 if rules.after or rules.per_hour else min(OKS),
    }
    rows = tx.execute(_HAD, values).all()
    waits = any(what == _WAITS and counted for what, _, counted, _ in rows)
    return RecentTraffic(
        sent=tuple(
            RecentSms(at=at or now, rank=rank, streak=streak) for what, rank, streak, at in rows if what == _SMS
        ),
        recent_pages={rank: count for what, rank, count, _ in rows if what == _CAME},
        waiting_since=oldest(tx, person, now) if waits else {},
    )


def saving(tx: Connection, rules: DigestRules) -> bool:
    """Whether the credits that are left are kept for critical pages."""
    left = settings.get(tx, "credits") if rules.reserve_credits else None
    return left is not None and float(left) <= rules.reserve_credits


def oldest(tx: Connection, person: str, now: datetime) -> dict[int, datetime]:
    """By rank, when the oldest page came of what waits for later: it is found at once, however many wait."""
    row = tx.execute(_OLDEST, {"person": person, "now": now}).one()
    return {rank: at for rank, at in zip(_WAITING, row, strict=True) if at}


def _look_back(rules: DigestRules) -> timedelta:
    """How far back an SMS counts: without a limit there may be many."""
    return HOUR if rules.per_hour else DIGESTS[-1] + rules.within if rules.after else OK_PAUSE


_SMS, _CAME, _WAITS = 0, 1, 2  # what a row of the answer is about


def _row(what: int, rank: Any, count: Any, at: Any) -> Select[Any]:  # noqa: ANN401 - columns
    return select(literal_column(str(what), Integer).label("what"), rank, count, at)


def _among(column: Column[Any], values: Collection[int | PageState | MessageState]) -> ColumnElement[bool]:
    """IN a list that never changes: as parameters it costs as much again as all the rest."""
    return column.in_([literal_column(str(value) if isinstance(value, int) else f"'{value}'") for value in values])


_PERSON: BindParameter[str] = bindparam("person")
_NOW: BindParameter[datetime] = bindparam("now", type_=Time)
# Postponed pages that are due again count as waiting: one dispatch round reads only as many rows as there are send
# slots, and the rest would never reach a digest.
_PUT_OFF_BEFORE = (
    (page_table.c.due_at > page_table.c.created_at) & (page_table.c.phone == 0) & (page_table.c.plain == false())
)
# The sum keeps SQLite from the index of what is due: it would sort all that waits to find the oldest.
_PUT_BY = (
    page_table.c.person == _PERSON,
    BY_SMS,
    state_is(page_table.c.state, PageState.QUEUED),
    (literal_column("pages.due_at + 0", Time) > _NOW) | _PUT_OFF_BEFORE,
)
_GOT = _row(_SMS, message_table.c.priority, message_table.c.streak, message_table.c.sent_at).where(
    message_table.c.person == _PERSON,
    message_table.c.priority >= bindparam("rank", type_=Integer),
    message_table.c.kind != literal_column(f"'{NotificationKind.ANSWERED}'"),  # bounded by itself
)
_HAD = union_all(
    _GOT.where(message_table.c.sent_at > bindparam("back", type_=Time)),
    _GOT.where(message_table.c.sent_at.is_(None), _among(message_table.c.state, PENDING)),
    _row(_CAME, page_table.c.priority, func.count(), null())
    .where(
        page_table.c.person == _PERSON,
        state_is(page_table.c.state, PageState.CLAIMED),
        _among(page_table.c.priority, PAGES),
        page_table.c.created_at > bindparam("since", type_=Time),
    )
    .group_by(page_table.c.priority),
    _row(_WAITS, literal_column("0"), cast(select(page_table.c.id).where(*_PUT_BY).exists(), Integer), null()),
)


def _oldest(rank: int) -> Any:  # noqa: ANN401 - a scalar subquery
    first = select(page_table.c.created_at).where(*_PUT_BY, page_table.c.priority == rank)
    return first.order_by(page_table.c.created_at).limit(1).scalar_subquery()


_OLDEST = select(*map(_oldest, _WAITING))


def lock(tx: Connection, person: str) -> None:
    """Let one replica at a time claim for a person; an SQLite file has one process anyway."""
    if tx.dialect.name == "postgresql":
        tx.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"alertsms {person}"))))


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
        page_table.c.id,
        page_table.c.incident_id,
        page_table.c.kind,
        page_table.c.priority,
        page_table.c.team,
        page_table.c.phone,
        page_table.c.plain,
        page_table.c.note,
        page_table.c.due_at,
        incident_table.c.labels,
        incident_table.c.place,
        incident_table.c.annotations,
        incident_table.c.reason,
        _START.label("start"),
        func.coalesce(incident_table.c.ends_at, incident_table.c.closed_at, type_=Time).label("end"),
    )
    .join(incident_table, page_table.c.incident_id == incident_table.c.id)
    .where(
        page_table.c.person == bindparam("person"),
        BY_SMS,
        page_table.c.state == PageState.QUEUED,
        page_table.c.priority.in_(bindparam("ranks", expanding=True)),
    )
    .order_by(page_table.c.priority, page_table.c.created_at, page_table.c.id)
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
    return DigestPart(
        id=row["id"], team=row["team"], phone=row["phone"], plain=row["plain"], due_at=row["due_at"], line=line
    )


def put_off(
    tx: Connection, person: str, rank: int, until: datetime, now: datetime, but: Collection[int], why: HoldReason | None
) -> None:
    """Postpone all pages due to a person in a rank, but these; the timelines of their incidents say why."""
    values = {"whose": person, "rank": rank, "now": now, "but": list(but) or [0]}
    if why:
        events.note_of(tx, _DUE, values, now, why, f"SMS to {person}")
    tx.execute(_PUT_OFF, values | {"until": until})


def unsaved(tx: Connection, person: str, rank: int, now: datetime) -> list[int]:
    """The incidents whose pages are due to a person in this rank, and have not waited for credits before."""
    return list(tx.execute(_UNSAVED, {"whose": person, "rank": rank, "now": now, "but": [0]}).scalars())


_DUE = (
    page_table.c.person == bindparam("whose"),
    BY_SMS,
    page_table.c.state == PageState.QUEUED,
    page_table.c.priority == bindparam("rank", type_=Integer),
    page_table.c.due_at <= bindparam("now", type_=Time),
    page_table.c.id.not_in(bindparam("but", expanding=True)),
)
_WAITED = (
    select(event_table.c.id)
    .where(event_table.c.incident_id == page_table.c.incident_id, event_table.c.episode == page_table.c.episode)
    .where(event_table.c.kind == EventKind.ATTEMPT, event_table.c.reason == HoldReason.RESERVE)
    .exists()
)
_UNSAVED = (
    select(page_table.c.incident_id).where(*_DUE, page_table.c.kind == NotificationKind.PAGE, ~_WAITED).limit(MOST)
)
_PUT_OFF = update(page_table).where(*_DUE).values(due_at=bindparam("until", type_=Time))


def number(tx: Connection) -> int:
    """A number for a digest, out of those of incidents: people type both alike."""
    if tx.dialect.name == "postgresql":
        return int(tx.execute(text("SELECT nextval(pg_get_serial_sequence('incidents', 'id'))")).scalar_one())
    taken = "UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'incidents' RETURNING seq"
    return int(tx.execute(text(taken)).scalar_one())
