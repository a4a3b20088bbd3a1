"""Was this person reached? What became of the pages of an incident, asked in one statement and judged here."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from alertsms.core.incidents.incident import Incident
from alertsms.core.messages.message import PENDING, REACHED, MessageState
from alertsms.core.messages.notification import FALLBACK_STEP, NotificationKind, PageState
from alertsms.store.incidents import IN_ONE_QUERY
from alertsms.store.schema import BY_SMS, incident_table, message_table, page_table, state_is


@dataclass(frozen=True, kw_only=True, slots=True)
class PageProgress:
    """A page that is not cancelled, and how far it came."""

    incident_id: int
    key: bytes  # of the alert
    person: str
    current: bool  # of the incident's present episode
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
        page_table.c.incident_id,
        incident_table.c.key,
        page_table.c.person,
        (page_table.c.episode == incident_table.c.episode).label("current"),
        page_table.c.round,
        page_table.c.step,
        page_table.c.nth,
        state_is(page_table.c.state, PageState.QUEUED).label("queued"),
        message_table.c.state.label("message"),
        message_table.c.sent_at,
        message_table.c.receipt_due_at,
    )
    .join(incident_table, page_table.c.incident_id == incident_table.c.id)
    .outerjoin(message_table, page_table.c.message_id == message_table.c.id)
    .where(page_table.c.incident_id.in_(bindparam("numbers", expanding=True)))
    .where(BY_SMS, page_table.c.kind == NotificationKind.PAGE, page_table.c.state != PageState.CANCELLED)
)
_CURRENT = _PROGRESS.where(page_table.c.episode == incident_table.c.episode)


def progress(tx: Connection, numbers: Collection[int], *, earlier: bool = False) -> list[PageProgress]:
    """The pages of these incidents' present episodes; with `earlier` those of all episodes."""
    pages: list[PageProgress] = []
    ordered = sorted(numbers)
    for at in range(0, len(ordered), IN_ONE_QUERY):
        rows = tx.execute(_PROGRESS if earlier else _CURRENT, {"numbers": ordered[at : at + IN_ONE_QUERY]}).mappings()
        pages += [PageProgress(**dict(row)) for row in rows]
    return pages


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
    latest = [page for page in since_start(pages, incident) if page.step in (incident.step, FALLBACK_STEP)]
    return any(page.hoped_for for page in latest if page.round == incident.round)
