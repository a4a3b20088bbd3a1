from __future__ import annotations

from datetime import timedelta

from alertsms.core.alert import Severity
from alertsms.core.page import LATE, REMINDER, Kind, Left, Page, State, priority, told_on_resolve
from tests.core.night import at


def test_pages_go_by_severity_and_before_all_that_is_no_alarm():
    order = [
        (Kind.PAGE, Severity.CRITICAL),
        (Kind.PAGE, Severity.ERROR),
        (Kind.PAGE, Severity.WARNING),
        (Kind.PAGE, Severity.INFO),
        (Kind.NOTICE, Severity.CRITICAL),
        (Kind.MEANWHILE, Severity.CRITICAL),
        (Kind.RESOLVED, Severity.CRITICAL),
    ]
    assert [priority(kind, severity) for kind, severity in order] == [0, 1, 2, 3, 4, 5, 6]


def test_a_resolution_is_told_to_those_whose_page_left():
    assert {left: told_on_resolve(left) for left in Left} == {
        Left.AWAY: (Kind.RESOLVED, State.QUEUED),
        Left.BETWEEN: (Kind.RESOLVED, State.WAITING),  # an OK never overtakes its page
        Left.STUCK: (Kind.MEANWHILE, State.QUEUED),
        Left.MISSED: (Kind.RESOLVED, State.QUEUED),  # the page may arrive yet
        Left.DOUBT: (Kind.MEANWHILE, State.QUEUED),
        Left.FRESH: None,
        Left.OVER: None,
    }


def test_the_words_that_stand_in_the_store_last():
    assert list(Kind) == ["page", "resolved", "meanwhile", "flapping", "notice", "taken", "answered"]
    assert list(State) == ["queued", "waiting", "claimed", "cancelled"]
    assert REMINDER == "reminder"


def test_two_minutes_are_late():
    assert timedelta(minutes=2) == LATE


def test_a_page_is_the_first_one_to_the_first_number_unless_it_says_otherwise():
    page = Page(person="alice", team="ops", kind=Kind.PAGE, priority=0, due_at=at("02:10"), created_at=at("02:10"))
    assert (page.id, page.incident_id, page.state, page.episode, page.nth, page.phone, page.note) == (
        0,
        None,
        State.QUEUED,
        0,
        0,
        0,
        "",
    )
