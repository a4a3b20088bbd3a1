from __future__ import annotations

import pytest

from alertsms.core.alerts.alert import Severity
from alertsms.core.messages.notification import NotificationKind
from alertsms.core.text.subject import Subject
from alertsms.core.text.wording import compose, for_short_number, minimal, without_contacts


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("disk full, see https://wiki.example.org/disk?x=1 now", "disk full, see now"),
        ("www.example.org is down", "is down"),
        ("runbook example.org/runbook for it", "runbook for it"),
        ("mail ops@example.org or call +33 6 12 34 56 78", "mail or call"),
        ("call 0033612345678 or 06 12 34 56 78", "call or"),
        ("CPU above 90% for 5 min on web-01.example.org:9100", "CPU above 90% for 5 min on web-01.example.org:9100"),
        ("10.0.0.1 uses 12345678 bytes", "10.0.0.1 uses 12345678 bytes"),
        ("", ""),
    ],
)
def test_links_addresses_and_numbers_are_left_out(text, left):
    assert without_contacts(text) == left


def test_a_plain_subject_keeps_what_is_no_contact():
    subject = Subject(
        kind=NotificationKind.PAGE,
        severity=Severity.CRITICAL,
        number=42,
        name="Probe http://shop.example.org",
        place="web-01",
        summary="down, call +33612345678",
        link="https://p.example.org/a/x7Kq2M",
    )
    assert compose(for_short_number(subject)) == "CRITICAL Probe web-01: down, call #42"


def test_after_a_refusal_only_the_name_and_the_number_are_left():
    subject = Subject(
        kind=NotificationKind.PAGE,
        severity=Severity.ERROR,
        number=42,
        name="node_down (db-1.example.org) 123456",
        place="10.0.0.1",
        summary="see the wiki",
        link="https://p.example.org/a/x7Kq2M",
    )
    assert compose(minimal(subject)) == "ERROR node_down (db-1 example org) #42"


@pytest.mark.parametrize("less", [for_short_number, minimal])
def test_a_name_that_is_a_link_still_gives_a_text(less):
    subject = Subject(kind=NotificationKind.PAGE, severity=Severity.CRITICAL, number=7, name="https://shop.example.org")
    assert compose(less(subject)) == "CRITICAL alert #7"


def test_a_notice_keeps_its_words():
    notice = Subject(
        kind=NotificationKind.NOTICE,
        severity=Severity.INFO,
        name="alertsms",
        summary="WEBHOOK REFUSED 413 from 10.0.0.1",
    )
    assert compose(minimal(notice)) == "WEBHOOK REFUSED 413 from 10 0 0 1"
