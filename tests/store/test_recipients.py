"""One alert, one person, one page."""

from __future__ import annotations

import pytest

from alertsms.core.incidents.incident import Change, IncidentReason
from alertsms.core.schedules.person import Person, PhoneNumber
from alertsms.core.schedules.team import Step, Team
from alertsms.store.recipients import RecipientSelection
from tests.core.night import at, incident

NOON = at("12:00")


def person(name: str) -> Person:
    return Person(name=name, phones=(PhoneNumber(e164="+33612345678"),))


@pytest.mark.parametrize(("paged", "told"), [(set(), ["carol", "alice", "bob"]), ({"alice", "dave"}, ["carol", "bob"])])
def test_a_page_leaves_out_whom_the_same_alert_has_paged(paged, told):
    asking = incident(id=2)
    selection = RecipientSelection(now=NOON, elsewhere={asking.key: {1: paged}})
    team = Team(name="ops", steps=(Step(page=tuple(map(person, ("carol", "alice", "bob")))),))
    selection.ask(Change(incident=asking, reason=IncidentReason.FIRING, pages=True), team)
    assert [row.person for row in selection.rows] == told
