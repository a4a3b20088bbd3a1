"""What other channels are told: whole texts, what is still worth telling, and when to try again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alertsms.core.alerts.alert import Severity
from alertsms.core.incidents.incident import Incident, IncidentReason, IncidentState
from alertsms.core.messages.notification import Notification, NotificationKind, retry_after
from alertsms.core.text.channel import ChannelText, PostedIncident, compose, wanted

Kind = NotificationKind
NOW = datetime(2026, 3, 3, 2, 10, tzinfo=UTC)
DISK = Incident(
    id=42,
    key=b"k" * 16,
    team="db",
    state=IncidentState.OPEN,
    reason=IncidentReason.FIRING,
    severity=Severity.CRITICAL,
    labels={"alertname": "DiskFull", "instance": "db-2"},
    annotations={"summary": "2 % left,\nfull in 1 h"},
    place="db-2",
    starts_at=NOW - timedelta(minutes=3),
    opened_at=NOW,
    last_seen_at=NOW,
)


def told(kind: Kind, one: Incident | None = DISK, **changes) -> PostedIncident:
    number = one.id if one else None
    post = Notification(person="global", team="", kind=kind, priority=0, incident_id=number, created_at=NOW, due_at=NOW)
    return PostedIncident(post=replace(post, **changes), incident=one)


def closed(**changes) -> Incident:
    return replace(
        DISK, state=IncidentState.CLOSED, reason=IncidentReason.RESOLVED, ends_at=NOW + timedelta(minutes=9), **changes
    )


FLAPS = replace(
    DISK,
    reason=IncidentReason.FLAPPING,
    flap_due_at=NOW + timedelta(minutes=15),
    episode=2,
    closings=tuple(NOW - timedelta(minutes=each) for each in (20, 10, 0)),
)
FIRES = "CRITICAL DiskFull db-2: 2 % left, full in 1 h #42 (team db, since 2026-03-03 03:07 CET)"


def test_a_step_and_the_next_one_that_leave_together_are_told_once():
    text = compose(
        [
            told(Kind.PAGE, id=1),
            told(Kind.PAGE, id=2, nth=1),
            told(Kind.PAGE, id=3, episode=1),
        ],
        zone="UTC",
    )
    assert [line.partition(" (")[0] for line in text.body.split("\n")] == [
        "CRITICAL DiskFull db-2: 2 % left, full in 1 h #42",
        "AGAIN CRITICAL DiskFull db-2: 2 % left, full in 1 h #42",
    ]


def test_few_alerts_have_links_that_help_and_each_has_one_to_answer_by():
    runbook = replace(DISK, annotations={"runbook_url": "https://r.example.org/disk"})
    for count, helping in ((1, True), (10, True), (11, False)):
        some = [
            replace(
                told(Kind.PAGE, replace(runbook, id=number), id=number),
                link=f"https://p.example.org/a/{number}",
            )
            for number in range(1, count + 1)
        ]
        body = compose(some, zone="UTC", language="fr" if count == 1 else "en").body
        assert ("https://r.example.org/disk" in body) is helping
        assert body.count("https://p.example.org/a/") == count
        assert ("  répondre: https://p.example.org/a/1\n  procédure: " in body) is (count == 1)


def test_posts_are_in_the_language_of_their_person():
    assert compose([told(Kind.PAGE), told(Kind.RESOLVED, closed(), id=2)], zone="UTC", language="fr") == ChannelText(
        title="CRITIQUE DiskFull db-2 #42 et 1 autre",
        body="CRITIQUE DiskFull db-2: 2 % left, full in 1 h #42 (équipe db, depuis 2026-03-03 02:07 UTC)\n"
        "RÉSOLU DiskFull db-2 après 12 min #42 (équipe db)",
    )


@pytest.mark.parametrize(
    ("what", "title", "body"),
    [
        (told(Kind.PAGE), "CRITICAL DiskFull db-2 #42", FIRES),
        (
            told(Kind.UNSENT),
            "CRITICAL DiskFull db-2 #42",
            f"No SMS is known to have left for this:\n{FIRES}",
        ),
        (
            told(Kind.UNREACHED),
            "CRITICAL DiskFull db-2 #42",
            f"No phone of the team could be reached for this:\n{FIRES}",
        ),
        (
            told(Kind.PAGE, replace(DISK, episode=1), episode=1),
            "AGAIN CRITICAL DiskFull db-2 #42",
            f"AGAIN {FIRES}",
        ),
        (
            told(Kind.PAGE, replace(DISK, reason=IncidentReason.TEST, state=IncidentState.CLOSED)),
            "TEST CRITICAL DiskFull db-2 #42",
            f"TEST {FIRES}",
        ),
        (told(Kind.PAGE, FLAPS, episode=2), "FLAPPING CRITICAL DiskFull db-2 #42", f"FLAPPING {FIRES}"),
        (
            told(Kind.FLAPPING, FLAPS, episode=2),
            "FLAPPING DiskFull db-2 #42",
            "FLAPPING DiskFull db-2: 3 times in 20 min #42 (team db, since 2026-03-03 03:07 CET)",
        ),
        (
            told(Kind.RESOLVED, closed()),
            "OK DiskFull db-2 #42",
            "OK DiskFull db-2 after 12 min #42 (team db)",
        ),
        (
            told(Kind.NOTICE, None, note="190 credits left"),
            "alertsms: 190 credits left",
            "alertsms says of itself:\n190 credits left",
        ),
    ],
)
def test_each_kind_has_its_text(what, title, body):
    assert compose([what], zone="Europe/Paris") == ChannelText(title=title, body=body)


def test_what_is_told_together_is_grouped_with_the_gravest_first():
    warning = replace(
        DISK, id=7, severity=Severity.WARNING, team="ops", labels={"alertname": "Slow"}, annotations={}, place=""
    )
    together = [
        told(Kind.RESOLVED, closed(id=3)),
        told(Kind.UNSENT, warning),
        told(Kind.UNREACHED, replace(DISK, id=9)),
        told(Kind.UNSENT),
        told(Kind.NOTICE, None, note="no account is usable"),
    ]
    assert compose(together, zone="Moon/Crater") == ChannelText(
        title="alertsms: no account is usable and 4 more",
        body="""\
alertsms says of itself:
no account is usable

No phone of the team could be reached for this:
CRITICAL DiskFull db-2: 2 % left, full in 1 h #9 (team db, since 2026-03-03 02:07 UTC)

No SMS is known to have left for this:
CRITICAL DiskFull db-2: 2 % left, full in 1 h #42 (team db, since 2026-03-03 02:07 UTC)
WARNING Slow #7 (team ops, since 2026-03-03 02:07 UTC)

OK DiskFull db-2 after 12 min #3 (team db)""",
    )


def test_a_summary_of_any_length_keeps_the_number_and_the_team():
    long = replace(DISK, annotations={"summary": "x" * 10_000})
    body = compose([told(Kind.PAGE, long)], zone="UTC").body
    assert len(body) == 500
    assert body.endswith("x… #42 (team db, since 2026-03-03 02:07 UTC)")


@pytest.mark.parametrize(
    ("what", "still"),
    [
        (told(Kind.PAGE), True),
        (told(Kind.UNSENT, closed()), False),
        (told(Kind.UNREACHED, replace(DISK, state=IncidentState.ACKNOWLEDGED)), False),
        (told(Kind.UNSENT, replace(DISK, episode=1)), False),
        (told(Kind.PAGE, None), False),
        (told(Kind.RESOLVED, closed()), True),
        (told(Kind.RESOLVED, DISK), False),
        (told(Kind.FLAPPING, FLAPS, episode=2), True),
        (told(Kind.FLAPPING, replace(FLAPS, flap_due_at=None), episode=2), False),
        (told(Kind.NOTICE, None), True),
    ],
)
def test_what_is_not_true_any_more_is_not_told(what, still):
    assert wanted(what) is still


def test_attempts_grow_apart_and_end():
    waits = [retry_after(attempts) for attempts in range(1, 13)]
    assert [wait.total_seconds() if wait else None for wait in waits] == [
        10,
        30,
        60,
        120,
        300,
        600,
        600,
        600,
        600,
        600,
        600,
        None,
    ]
