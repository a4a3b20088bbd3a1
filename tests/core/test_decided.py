"""What is written down where a step pages nobody, since its people's SMS is still under way."""

from __future__ import annotations

from alertsms.core.incidents.escalation import begin
from alertsms.core.incidents.incident import IncidentReason
from alertsms.core.incidents.timeline import EventKind, NotifiedPeople, decided
from tests.core.night import at
from tests.core.test_escalation import PAGED, TWO


def test_whose_sms_is_still_under_way_is_not_paged_again():
    change = begin(PAGED, TWO, at("02:15"), IncidentReason.FIRING)
    [event] = decided(change, NotifiedPeople(awaits=("alice",)), at=at("02:15"))
    assert (event.kind, event.reason) == (EventKind.NOT_PAGED, IncidentReason.UNSENT)
    assert event.detail.startswith("alice (team ")
