"""What is written down where a step pages nobody, since its people's SMS is still under way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from alertsms.core.incidents.escalation import begin, decided
from alertsms.core.incidents.incident import EventKind, IncidentReason, NotifiedPeople, notified_words
from alertsms.core.messages.notification import Notification, NotificationKind, NotificationState
from tests.core.night import at
from tests.core.test_escalation import PAGED, TWO


def test_whose_sms_is_still_under_way_is_not_paged_again():
    change = begin(PAGED, TWO, at("02:15"), IncidentReason.FIRING)
    [event] = decided(change, NotifiedPeople(awaits=("alice",)), at=at("02:15"))
    assert (event.kind, event.reason) == (EventKind.NOT_PAGED, IncidentReason.UNSENT)
    assert event.detail.startswith("alice (team ")


@pytest.mark.parametrize(
    ("kind", "state", "words"),
    [
        (NotificationKind.RESOLVED, NotificationState.QUEUED, "alice"),
        (NotificationKind.RESOLVED, NotificationState.WAITING, "alice (if the page under way arrived)"),
        (NotificationKind.MEANWHILE, NotificationState.QUEUED, "alice (it came and went, no page had left)"),
    ],
)
def test_who_gets_an_ok_and_what_may_still_come_before_it(kind, state, words):
    ok = Notification(person="alice", team="ops", kind=kind, priority=6, due_at=at("02:15"), created_at=at("02:15"))
    assert notified_words(replace(ok, state=state)) == words
