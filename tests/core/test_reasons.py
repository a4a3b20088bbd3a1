"""Reasons in plain words: each that a part writes has its own."""

from __future__ import annotations

import pytest

from alertsms.core.incidents.incident import EventKind, StoredEvent
from alertsms.core.text.reasons import sentence
from tests.support.house import NIGHT


@pytest.mark.parametrize(
    ("kind", "reason", "detail", "words"),
    [
        (EventKind.PAGED, "again", "alice (team ops)", "paged again, it is back: alice (team ops)"),
        (EventKind.PAGED, "round", "alice (team ops)", "paged in another round, nobody had answered: alice (team ops)"),
        (EventKind.NOT_PAGED, "remind_max", "", "no more reminders: remind_max is over"),
        (EventKind.CLOSED, "stale", "", "closed: nothing mentioned it for too long (stale_after)"),
        (
            EventKind.ATTEMPT,
            "accepted",
            "SMS to alice (+33*******78): OVH id 1",
            "SMS to alice (+33*******78) accepted by OVHcloud: OVH id 1",
        ),
        (
            EventKind.ATTEMPT,
            "unneeded",
            "SMS to alice (+33*******78)",
            "SMS to alice (+33*******78) not sent again: nobody needs it any more",
        ),
        (EventKind.ATTEMPT, "recomposed", "", "waited out an outage, to be worded anew"),
        (
            EventKind.ATTEMPT,
            "storm",
            "SMS to alice",
            "SMS to alice waits for a digest: too many came at once (storm.after)",
        ),
        (EventKind.RECEIPT, "delivered", "SMS to alice (+33*******78)", "SMS to alice (+33*******78) is on the phone"),
        (EventKind.MOVED_ON, "some_new_one", "bob", "next: some new one: bob"),
    ],
)
def test_an_event_is_one_sentence(kind, reason, detail, words):
    told = StoredEvent(episode=0, kind=kind, reason=reason, detail=detail, at=NIGHT, last_at=NIGHT, count=1)
    assert sentence(told) == words
