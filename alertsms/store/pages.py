"""Pages as rows: who is to be told what, from a decision about an incident until a message carries it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from alertsms.core import incident, message
from alertsms.core.incident import Change, Incident
from alertsms.core.page import LATE, REMINDER, Kind, Left, Page, State, priority, told_on_resolve
from alertsms.core.roster import persons
from alertsms.core.team import Team
from alertsms.store import outbox
from alertsms.store.incidents import COLUMNS
from alertsms.store.incidents import incident as incident_of
from alertsms.store.schema import incidents, messages, pages, state_is

Teams = Callable[[str], Team]  # a team by name; the root's where it is gone

AWAY = (message.State.SENT, message.State.DELIVERED, message.State.UNDELIVERED)
BETWEEN = (message.State.SENDING, message.State.UNKNOWN)


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """What a set of changes did to the outbox, for metrics and wake-ups after the commit."""

    pages: int = 0  # pages of firing alerts
    oks: int = 0  # texts that say it is over
    cancelled: tuple[str, ...] = ()  # the team of each message that will not leave


def write(
    tx: Connection, changes: Sequence[Change], teams: Teams, now: datetime, others: Collection[int] = ()
) -> Written:
    """Write what the changes of incidents mean for people: cancel, say OK, page, in this order.

    `others` are open incidents of the same alerts in other teams: whom they paged is not paged again.
    """
    closing = [change for change in changes if change.closes is not None]
    oks, cancelled = _close(tx, closing, teams, now) if closing else (0, ())
    paging = [change for change in changes if change.pages]
    taken = _paged(tx, others) if others and paging else {}
    rows = []
    for change in paging:
        names = taken.setdefault(change.incident.key, set())
        for person in persons(teams(change.incident.team), names):
            names.add(person.name)  # one alert pages a person once, however many teams it reaches
            rows.append(_page(change, person.name, now))
    return Written(pages=add(tx, rows), oks=oks, cancelled=cancelled)


def add(tx: Connection, rows: Sequence[Page]) -> int:
    """Store pages; one that is there already (a timer that fired twice) is not stored again. Returns how many."""
    if not rows:
        return 0
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    values = [{name: value for name, value in asdict(row).items() if name != "id"} for row in rows]
    stored = tx.execute(dialect.insert(pages).on_conflict_do_nothing().returning(pages.c.id), values)
    return len(stored.all())


def _page(change: Change, person: str, now: datetime) -> Page:
    one = change.incident
    return Page(
        incident_id=one.id, person=person, team=one.team, kind=Kind.PAGE, priority=priority(Kind.PAGE, one.severity),
        due_at=now, created_at=now, episode=one.episode, nth=one.paged - 1, note=REMINDER if change.reminds else "",
    )  # fmt: skip


def _paged(tx: Connection, numbers: Collection[int]) -> dict[bytes, set[str]]:
    """Whom these incidents have paged in their present episode, by alert."""
    found = (
        select(incidents.c.key, pages.c.person)
        .join(incidents, pages.c.incident_id == incidents.c.id)
        .where(incidents.c.id.in_(list(numbers)), pages.c.kind == Kind.PAGE, pages.c.episode == incidents.c.episode)
        .where(pages.c.state != State.CANCELLED)
        .distinct()
    )
    taken: dict[bytes, set[str]] = {}
    for key, person in tx.execute(found):
        taken.setdefault(key, set()).add(person)
    return taken


def _close(tx: Connection, closing: Sequence[Change], teams: Teams, now: datetime) -> tuple[int, tuple[str, ...]]:
    """Cancel what has not left of these incidents and write an OK for those whose page left.

    Returns how many OKs, and the team of each message that was cancelled.
    """
    changed = {change.incident.id: change for change in closing}
    query = (
        select(pages.c.id, pages.c.incident_id, pages.c.person, pages.c.episode, pages.c.state, pages.c.created_at,
               pages.c.phone, pages.c.message_id, messages.c.state.label("sent"), messages.c.team)
        .outerjoin(messages, pages.c.message_id == messages.c.id)
        .where(pages.c.incident_id.in_(list(changed)), pages.c.kind == Kind.PAGE,
               pages.c.state.in_([State.QUEUED, State.CLAIMED]))
        .order_by(pages.c.id)
    )  # fmt: skip
    rows = tx.execute(query).all()
    queued = [row.id for row in rows if row.state == State.QUEUED]
    stuck = {row.message_id: row.team for row in rows if row.sent == message.State.QUEUED}
    if queued:
        tx.execute(update(pages).where(pages.c.id.in_(queued)).values(state=State.CANCELLED))
    if stuck:
        tx.execute(update(messages).where(messages.c.id.in_(list(stuck))).values(state=message.State.CANCELLED))
    return add(tx, list(_oks(rows, changed, teams, now))), tuple(stuck.values())


def _oks(rows: Iterable[Any], changed: Mapping[int, Change], teams: Teams, now: datetime) -> Iterable[Page]:
    """One OK for each person whose page of the ending episode left, or should have."""
    best: dict[tuple[int, str], tuple[Left, Any]] = {}
    order = list(Left)
    for row in rows:
        change = changed[row.incident_id]
        if row.episode == change.closes:
            left, place = _left(row, now), (row.incident_id, row.person)
            if place not in best or order.index(left) <= order.index(best[place][0]):
                best[place] = left, row
    for (number, person), (left, row) in best.items():
        one = changed[number].incident
        told = told_on_resolve(left)
        # Whoever was relieved by somebody's acknowledgement, or wants no OKs, sleeps on; so does everybody when an
        # incident only went stale: nobody said that it is over.
        if told and changed[number].tells and teams(one.team).send_resolved and not one.acked_by:
            kind, state = told
            yield Page(
                incident_id=number, person=person, team=one.team, kind=kind, priority=priority(kind, one.severity),
                due_at=now, created_at=now, state=state, episode=row.episode, nth=0,
                after_page=row.id if state is State.WAITING else None,
            )  # fmt: skip


def _left(row: Any, now: datetime) -> Left:  # noqa: ANN401 - a row
    if row.state == State.QUEUED:
        return Left.STUCK if row.phone or now - row.created_at > LATE else Left.FRESH
    if row.sent in AWAY:
        return Left.AWAY
    if row.sent in BETWEEN:
        return Left.BETWEEN
    return Left.STUCK if row.sent == message.State.QUEUED else Left.OVER


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """A page that is due, with the incident it is about (None for a notice)."""

    page: Page
    incident: Incident | None


_LOOK = [column.label(f"i_{column.name}") for column in incidents.c if column.name in COLUMNS]


def due(tx: Connection, now: datetime, limit: int, passing_over: Collection[str] = ()) -> list[Due]:
    """Pages that are due, the most severe and oldest first, without those of the people passed over."""
    query = (
        select(pages, *_LOOK)
        .outerjoin(incidents, pages.c.incident_id == incidents.c.id)
        .where(state_is(pages.c.state, State.QUEUED), pages.c.due_at <= now)
        .order_by(pages.c.priority, pages.c.due_at, pages.c.id)
        .limit(limit)
    )
    if passing_over:
        query = query.where(pages.c.person.not_in(sorted(passing_over)))
    return [_due(row) for row in tx.execute(query).mappings()]


def _due(values: Mapping[Any, Any]) -> Due:
    one = incident_of({name: values[f"i_{name}"] for name in COLUMNS}) if values["i_id"] else None
    return Due(page=page(values), incident=one)


_PAGE = tuple(Page.__dataclass_fields__)


def page(values: Mapping[Any, Any]) -> Page:
    """A row as the value that core decides about."""
    kept = {name: values[name] for name in _PAGE}
    kept["kind"], kept["state"] = Kind(kept["kind"]), State(kept["state"])
    return Page(**kept)


_CLAIM = (
    update(pages)
    .where(pages.c.id == bindparam("row"), state_is(pages.c.state, State.QUEUED))
    .values(state=State.CLAIMED, message_id=bindparam("message"))
)


def claim(tx: Connection, chosen: Mapping[int, int]) -> set[int]:
    """Make pages part of messages (page id -> message id); returns the messages whose page was still queued."""
    done = tx.execute(_CLAIM, [{"row": row, "message": number} for row, number in chosen.items()])
    if done.rowcount == len(chosen):
        return set(chosen.values())
    ours = select(pages.c.message_id).where(pages.c.id.in_(list(chosen)), state_is(pages.c.state, State.CLAIMED))
    return set(tx.execute(ours).scalars()) & set(chosen.values())


def cancel(tx: Connection, ids: Collection[int]) -> None:
    """Take back pages that are still queued: their person is gone."""
    tx.execute(
        update(pages)
        .where(pages.c.id.in_(list(ids)), state_is(pages.c.state, State.QUEUED))
        .values(state=State.CANCELLED)
    )


def requeue(tx: Connection, message_id: int, now: datetime, *, phone: int | None = None) -> int:
    """Let the pages of a message be told by another one, to the person's next number if given."""
    values: dict[str, Any] = {"state": State.QUEUED, "message_id": None, "due_at": now}
    if phone is not None:
        values["phone"] = phone
    return tx.execute(update(pages).where(pages.c.message_id == message_id).values(values)).rowcount


def of_message(tx: Connection, message_id: int) -> list[Page]:
    """The pages that a message carries."""
    return [page(row) for row in tx.execute(select(pages).where(pages.c.message_id == message_id)).mappings()]


def release(tx: Connection, ids: Collection[int], outcome: State | Kind, now: datetime) -> int:
    """Decide the OKs that wait behind these pages.

    QUEUED: the page left, they follow. CANCELLED: it failed, nobody was told. MEANWHILE: it will not leave any more.
    """
    values: dict[str, Any] = {"state": outcome, "due_at": now}
    if outcome is Kind.MEANWHILE:
        values |= {"state": State.QUEUED, "kind": outcome}
    waiting = (pages.c.after_page.in_(list(ids)), state_is(pages.c.state, State.WAITING))
    return tx.execute(update(pages).where(*waiting).values(values)).rowcount


def unsent(tx: Connection, incident_ids: Collection[int]) -> set[int]:
    """Those of the incidents that still have a page under way: queued, being sent, or its answer lost."""
    query = (
        select(pages.c.incident_id)
        .outerjoin(messages, pages.c.message_id == messages.c.id)
        .where(pages.c.incident_id.in_(list(incident_ids)), pages.c.kind == Kind.PAGE)
        .where((state_is(pages.c.state, State.QUEUED)) | messages.c.state.in_([message.State.QUEUED, *BETWEEN]))
        .distinct()
    )
    return set(tx.execute(query).scalars())


def reached(tx: Connection, one: Incident) -> bool:
    """Whether a page of the incident's latest round left, or still may."""
    query = (
        select(func.count())
        .select_from(pages.outerjoin(messages, pages.c.message_id == messages.c.id))
        .where(pages.c.incident_id == one.id, pages.c.kind == Kind.PAGE, pages.c.episode == one.episode,
               pages.c.nth == one.paged - 1)
        .where((state_is(pages.c.state, State.QUEUED)) | messages.c.state.in_([message.State.QUEUED, *BETWEEN, *AWAY]))
    )  # fmt: skip
    return bool(tx.execute(query).scalar())


def wanted(tx: Connection, message_ids: Collection[int]) -> set[int]:
    """Those of the messages that somebody still needs: an OK or a notice, or a page whose incident is open."""
    query = (
        select(pages.c.message_id)
        .outerjoin(incidents, pages.c.incident_id == incidents.c.id)
        .where(pages.c.message_id.in_(list(message_ids)))
        .where((pages.c.kind != Kind.PAGE) | (incidents.c.state == incident.State.OPEN)
               | (incidents.c.reason == incident.Reason.TEST))
        .distinct()
    )  # fmt: skip
    return set(tx.execute(query).scalars())


def put(tx: Connection, row: Page) -> int:
    """Store one page and return its number."""
    values = {name: value for name, value in asdict(row).items() if name != "id"}
    return int(tx.execute(insert(pages).values(values).returning(pages.c.id)).scalar_one())


def carried(tx: Connection, number: int) -> list[outbox.Message]:
    """The message that carries a page, if it has one by now."""
    query = select(messages).join(pages, pages.c.message_id == messages.c.id).where(pages.c.id == number)
    return [outbox.message(row) for row in tx.execute(query).mappings()]
