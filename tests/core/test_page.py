from __future__ import annotations

from datetime import timedelta

from alertsms.core.alerts.alert import Severity
from alertsms.core.messages.notification import (
    FOR_FALLBACK,
    LATE,
    ON_RESOLVE,
    PRIORITIES,
    REMINDER,
    TO_PHONES,
    Notification,
    NotificationKind,
    NotificationState,
    PageOutcome,
)
from tests.core.night import at


def test_pages_go_by_severity_and_before_all_that_is_no_alarm():
    severities = [int(severity) for severity in Severity]
    kinds = (NotificationKind.NOTICE, NotificationKind.MEANWHILE, NotificationKind.RESOLVED)
    assert [*severities, *(PRIORITIES[kind] for kind in kinds)] == [0, 1, 2, 3, 4, 5, 6]


def test_a_resolution_is_told_to_those_whose_page_left():
    assert {left: ON_RESOLVE.get(left) for left in PageOutcome} == {
        PageOutcome.AWAY: (NotificationKind.RESOLVED, NotificationState.QUEUED),
        PageOutcome.BETWEEN: (NotificationKind.RESOLVED, NotificationState.WAITING),  # an OK never overtakes its page
        PageOutcome.STUCK: (NotificationKind.MEANWHILE, NotificationState.QUEUED),
        PageOutcome.MISSED: (NotificationKind.RESOLVED, NotificationState.QUEUED),  # the page may arrive yet
        PageOutcome.DOUBT: (NotificationKind.MEANWHILE, NotificationState.QUEUED),
        PageOutcome.FRESH: None,
        PageOutcome.OVER: None,
    }


def test_the_words_that_stand_in_the_store_last():
    assert list(TO_PHONES) == ["page", "resolved", "meanwhile", "flapping", "notice", "taken", "answered"]
    assert list(FOR_FALLBACK) == ["unsent", "unreached", "unheard", "unanswered"]
    assert list(NotificationKind) == [*TO_PHONES, *FOR_FALLBACK]
    assert list(NotificationState) == ["queued", "waiting", "claimed", "cancelled", "sent", "failed"]
    assert REMINDER == "reminder"


def test_two_minutes_are_late():
    assert timedelta(minutes=2) == LATE


def test_a_page_is_the_first_one_to_the_first_number_unless_it_says_otherwise():
    page = Notification(
        person="alice", team="ops", kind=NotificationKind.PAGE, priority=0, due_at=at("02:10"), created_at=at("02:10")
    )
    assert (page.id, page.incident_id, page.state, page.episode, page.nth, page.phone, page.note) == (
        0,
        None,
        NotificationState.QUEUED,
        0,
        0,
        0,
        "",
    )
