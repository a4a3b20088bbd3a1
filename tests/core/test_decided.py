"""What is written down where a step pages nobody, since its people's SMS is still under way."""

from __future__ import annotations

from alertsms.core.decided import Heard, decided
from alertsms.core.escalation import begin
from alertsms.core.incident import Reason
from alertsms.core.story import Kind
from tests.core.test_escalation import PAGED, TWO, at


def test_whose_sms_is_still_under_way_is_not_paged_again():
    change = begin(PAGED, TWO, at("02:15"), Reason.FIRING)
    [event] = decided(change, Heard(awaits=("alice",)), at=at("02:15"))
    assert (event.kind, event.reason) == (Kind.NOT_PAGED, Reason.UNSENT)
    assert event.detail.startswith("alice (team ")
