"""Incidents that Alertmanager is to be asked about, and what its word does to them, as rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, func, or_, select

from alertsms.core.alerts.alert import Format
from alertsms.core.incidents.alertmanager_view import hold
from alertsms.core.incidents.incident import Applied, Change, Incident, IncidentReason, IncidentState
from alertsms.core.incidents.timeline import Event
from alertsms.core.routing.roster import Roster
from alertsms.store import apply, incidents
from alertsms.store.acknowledge import covered
from alertsms.store.schema import Time, incident_table

LATELY = 1000  # incidents


_HELD = and_(incident_table.c.state == IncidentState.HELD, incident_table.c.reason == IncidentReason.SUPPRESSED)
_BEGUN_AT = func.coalesce(incident_table.c.begun_at, incident_table.c.opened_at, type_=Time)


def waiting(tx: Connection, *, after: timedelta | None, soon: datetime, now: datetime) -> list[int]:
    """The incidents that Alertmanager is to be asked about; without `after` those alone that its word holds back."""
    state, chosen = incident_table.c.state, _HELD
    if after is not None:
        lasting = and_(state.in_([IncidentState.OPEN, IncidentState.ACKNOWLEDGED]), now - after >= _BEGUN_AT)
        paging = and_(state == IncidentState.OPEN, incident_table.c.paged > 0, incident_table.c.step_due_at <= soon)
        chosen = or_(_HELD, lasting, paging)
    ours = (incidents.UNFINISHED, incident_table.c.source == Format.ALERTMANAGER, chosen)
    return list(tx.execute(select(incident_table.c.id).where(*ours).order_by(incident_table.c.id)).scalars())


def receivers(tx: Connection) -> frozenset[str]:
    """By which receivers of Alertmanagers incidents came lately: those that post to us."""
    newest = select(func.max(incident_table.c.id) - LATELY).scalar_subquery()
    lately = (incident_table.c.id > newest, incident_table.c.source == Format.ALERTMANAGER)
    return frozenset(tx.execute(select(incident_table.c.receiver).where(*lately).distinct()).scalars())


def meant(tx: Connection, number: int) -> list[Incident]:
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

    return follow(tx, [number], decide, roster, now)


def follow(
    tx: Connection, numbers: Sequence[int], decide: Callable[[Incident], Change | None], roster: Roster, now: datetime
) -> Applied:
    """Decide about these incidents as they are now."""
    return apply.write(tx, filter(None, map(decide, incidents.get(tx, numbers))), roster, now)
