"""Changes of incidents as one piece of a transaction: the rows, the pages and cancellations that follow, the story."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from alertsms.core.incidents.decided import decided
from alertsms.core.incidents.incident import Change, Incident
from alertsms.core.incidents.lifecycle import PAGED
from alertsms.core.routing.roster import Roster
from alertsms.store import events, incidents, pages


class Done(NamedTuple):
    """What was written."""

    changes: list[Change]
    written: pages.Written


def write(tx: Connection, changes: Iterable[Change], roster: Roster, now: datetime) -> Done:
    """Store what was decided about incidents, and tell who must hear of it."""
    saved = incidents.save(tx, list(changes))
    paging = [change.incident for change in saved if change.pages]
    known = incidents.find(tx, [one.key for one in paging]) if paging else {}
    written = pages.write(tx, saved, roster, now, _others(paging, known))
    told = [each for change in saved for each in decided(change, written.heard(change.incident.id), at=now)]
    events.note(tx, told)
    return Done(saved, written)


def _others(paging: Iterable[Incident], known: Mapping[bytes, Mapping[str, Incident]]) -> set[int]:
    """Open incidents of the same alerts in other teams: whom they paged is not paged again."""
    return {
        other.id
        for one in paging
        for team, other in known.get(one.key, {}).items()
        if team != one.team and other.state in PAGED
    }
