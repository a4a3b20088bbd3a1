from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from alertsms.core.alerts.alert import Severity
from alertsms.core.incidents.incident import Incident, IncidentReason, IncidentState
from alertsms.core.messages.notification import REMINDER, Notification, NotificationKind
from alertsms.core.schedules.person import Person, PhoneNumber
from alertsms.core.schedules.team import Step, Team
from alertsms.core.text.gsm7 import measure
from alertsms.core.text.subject import Style
from alertsms.core.text.wording import Wording, became_late, word
from tests.core.night import at, incident

ALICE = Person(name="alice", phones=(PhoneNumber(e164="+33612345678"),), time_zone="UTC")
OPS = Team(name="ops", steps=(Step(page=(ALICE,)),))
WORDS = {
    "labels": {"alertname": "HighCPU", "instance": "web-01", "severity": "critical"},
    "annotations": {"summary": "CPU above 90% for 5 min"},
    "place": "web-01",
    "starts_at": at("02:09"),
}
OPEN = incident(**WORDS)
CLOSED = replace(
    OPEN, state=IncidentState.CLOSED, reason=IncidentReason.RESOLVED, ends_at=at("02:21"), closed_at=at("02:22")
)


def worded(
    one: Incident | None,
    now: str = "02:10",
    *,
    person: Person = ALICE,
    team: Team = OPS,
    segments: int = 1,
    **page: Any,
) -> Wording:
    fields = {"incident_id": 42, "person": "alice", "team": "ops", "kind": NotificationKind.PAGE, "priority": 0}
    told = Notification(**fields | {"due_at": at("02:10"), "created_at": at("02:10")} | page)
    style = Style(zone=person.time_zone, now=at(now), language=person.language, max_segments=segments)
    return word(told, one, style, template=team.template, spent=lambda: 0.0)


def said(one: Incident | None, now: str = "02:10", **rest: Any) -> str:
    return worded(one, now, **rest).text


# --- it fires ---


@pytest.mark.parametrize(
    ("composed", "now", "late"),
    [("02:10", "02:12", False), ("02:10", "02:12:01", True), ("02:12:01", "02:20", False)],
)
def test_only_a_text_that_was_composed_on_time_becomes_late(composed, now, late):
    """One that was composed late says since when already."""
    assert became_late(at("02:10"), at(composed), at(now)) is late


def test_a_page_tells_what_where_and_how_bad():
    assert worded(OPEN) == Wording(text="CRITICAL HighCPU web-01: CPU above 90% for 5 min #42", segments=1)
    warning = replace(OPEN, severity=Severity.WARNING, truncated=3)
    assert said(warning) == "WARNING HighCPU web-01: CPU above 90% for 5 min (+3 more not listed) #42"


def test_a_page_says_since_when_only_if_it_leaves_more_than_two_minutes_late():
    assert said(OPEN, "02:12") == "CRITICAL HighCPU web-01: CPU above 90% for 5 min #42"
    assert said(OPEN, "02:12:01") == "CRITICAL HighCPU web-01 since 02:09: CPU above 90% for 5 min #42"


def test_where_the_sender_gave_no_start_the_text_says_when_we_heard_of_it():
    unknown = replace(OPEN, starts_at=None)
    assert said(unknown, "02:30") == "CRITICAL HighCPU web-01 since 02:10: CPU above 90% for 5 min #42"


def test_an_old_start_alone_does_not_make_a_text_late():
    """An alert can have been known to its sender for hours before its route led here."""
    assert said(replace(OPEN, starts_at=at("00:01"))) == "CRITICAL HighCPU web-01: CPU above 90% for 5 min #42"


def test_times_are_those_of_the_persons_zone_with_the_day_where_it_is_another():
    paris, tokyo = replace(ALICE, time_zone="Europe/Paris"), replace(ALICE, time_zone="Asia/Tokyo")
    assert "since 03:09:" in said(OPEN, "02:30", person=paris)
    assert "since 3 Mar 11:09:" in said(OPEN, "15:30", person=tokyo)


def test_a_reminder_says_still_and_since_when():
    text = "STILL CRITICAL HighCPU web-01 since 02:09: CPU above 90% for 5 min #42"
    assert said(OPEN, "02:40", note=REMINDER, nth=1) == text
    assert said(OPEN, "02:11", note=REMINDER, nth=1) == text  # even when reminders come every minute


BACK = replace(OPEN, episode=1, starts_at=at("02:29"), begun_at=at("02:30"), reason=IncidentReason.AGAIN)


def test_a_return_says_again_and_is_not_late():
    text = "AGAIN CRITICAL HighCPU web-01: CPU above 90% for 5 min #42"
    assert said(BACK, "02:30", episode=1) == text
    assert said(BACK, "02:32", episode=1) == text
    late = "AGAIN CRITICAL HighCPU web-01 since 02:29: CPU above 90% for 5 min #42"
    assert said(BACK, "02:32:01", episode=1) == late
    assert said(replace(BACK, starts_at=None), "02:40", episode=1) == late.replace("02:29", "02:30")


def test_a_reminder_of_a_return_says_still():
    assert said(BACK, "03:00", episode=1, note=REMINDER).startswith("STILL CRITICAL HighCPU web-01 since 02:29:")


def test_what_a_mute_held_says_since_when():
    freed = replace(OPEN, reason=IncidentReason.RELEASED, begun_at=at("06:00"))
    text = "CRITICAL HighCPU web-01 since 02:09: CPU above 90% for 5 min #42"
    assert said(freed, "06:00", created_at=at("06:00")) == text
    unknown = replace(freed, starts_at=None)
    assert said(unknown, "06:00", created_at=at("06:00")) == text.replace("02:09", "02:10")


def test_a_test_is_marked():
    pressed = replace(OPEN, state=IncidentState.CLOSED, reason=IncidentReason.TEST, closed_at=at("02:10"))
    assert said(pressed) == "TEST CRITICAL HighCPU web-01: CPU above 90% for 5 min #42"


def test_grafanas_own_alerts_are_called_by_their_rule():
    labels = {"alertname": "DatasourceNoData", "rulename": "Queue length"}
    assert said(incident(labels=labels)) == "CRITICAL Queue length: no data #42"


@pytest.mark.parametrize(("state", "words"), [("NoData", "no data"), ("Error", "query fails")])
def test_a_rule_that_fires_for_want_of_data_says_so(state, words):
    """Its summary speaks of a value that nobody has seen."""
    fires = replace(OPEN, annotations={"summary": "CPU above 90%", "grafana_state_reason": state})
    assert said(fires) == f"CRITICAL HighCPU web-01: {words}: CPU above 90% #42"


def test_the_place_is_what_tells_it_from_the_others_of_its_body():
    assert said(replace(OPEN, place="web-01 /var")) == "CRITICAL HighCPU web-01 /var: CPU above 90% for 5 min #42"


def test_a_text_keeps_to_its_segments():
    long = replace(OPEN, annotations={"summary": "one more word " * 40})
    for segments in (1, 2, 3):
        wording = worded(long, segments=segments)
        assert wording.segments == measure(wording.text).segments == segments


# --- it is over ---


def test_an_ok_says_how_long_by_the_senders_times():
    assert said(CLOSED, "02:23", kind=NotificationKind.RESOLVED) == "OK HighCPU web-01 after 12 min #42"


@pytest.mark.parametrize(
    ("times", "after"),
    [
        ({"starts_at": None}, "12 min"),  # ours: 02:10 to 02:22
        ({"ends_at": None, "closed_at": at("02:40")}, "30 min"),
        ({"starts_at": at("02:21:30"), "closed_at": at("02:13")}, "3 min"),  # an end before its start says nothing
        ({"starts_at": at("02:21")}, "0 s"),
        ({"starts_at": None, "episode": 1, "begun_at": at("02:17")}, "5 min"),
        ({"starts_at": None, "episode": 0, "begun_at": at("02:17")}, "12 min"),  # a mute is part of it
    ],
)
def test_an_ok_never_mixes_two_clocks(times, after):
    assert (
        said(replace(CLOSED, **times), "02:50", kind=NotificationKind.RESOLVED)
        == f"OK HighCPU web-01 after {after} #42"
    )


def test_an_ok_of_what_is_open_again_claims_no_length():
    again = replace(CLOSED, ends_at=None, closed_at=None)
    assert said(again, "02:23", kind=NotificationKind.RESOLVED) == "OK HighCPU web-01 #42"


def test_an_ok_says_when_nobody_mended_it():
    gone = replace(CLOSED, annotations={"grafana_state_reason": "MissingSeries"})
    assert (
        said(gone, "02:23", kind=NotificationKind.RESOLVED)
        == "OK HighCPU web-01 after 12 min, not fixed: series gone #42"
    )


def test_what_came_and_went_while_nothing_could_leave_is_told_with_its_times():
    assert said(CLOSED, "03:00", kind=NotificationKind.MEANWHILE) == "resolved meanwhile: #42 HighCPU 02:09-02:21"
    ours = replace(CLOSED, starts_at=None, ends_at=None)
    assert said(ours, "03:00", kind=NotificationKind.MEANWHILE) == "resolved meanwhile: #42 HighCPU 02:10-02:22"
    unknown = replace(CLOSED, ends_at=None, closed_at=None)
    assert said(unknown, "03:00", kind=NotificationKind.MEANWHILE) == "resolved meanwhile: #42 HighCPU 02:09-03:00"


# --- notices ---


def test_a_notice_is_its_note():
    notice = {"incident_id": None, "kind": NotificationKind.NOTICE, "note": "WEBHOOK REFUSED 413 from grafana"}
    assert worded(None, **notice) == Wording(text="WEBHOOK REFUSED 413 from grafana", segments=1)
    assert worded(None, segments=2, **notice | {"note": "word " * 60}).segments == 2
    assert said(None, **notice | {"note": ""}) == "alertsms"


# --- a team's own words ---

OWN = replace(OPS, template="{{ status }} {{ name }} in {{ labels.instance }}: {{ annotations.summary }} {{ since }}")


def test_a_team_may_have_its_own_text():
    assert worded(OPEN, team=OWN) == Wording(text="firing HighCPU in web-01: CPU above 90% for 5 min", segments=1)
    assert said(OPEN, "02:30", team=OWN) == "firing HighCPU in web-01: CPU above 90% for 5 min 02:09"
    ok = "resolved HighCPU in web-01: CPU above 90% for 5 min"
    assert said(CLOSED, "02:23", team=OWN, kind=NotificationKind.RESOLVED) == ok


def test_what_came_and_went_has_our_words():
    text = "resolved meanwhile: #42 HighCPU 02:09-02:21"
    assert said(CLOSED, "03:00", team=OWN, kind=NotificationKind.MEANWHILE) == text


def test_an_own_text_is_marked_as_ours_are():
    team = replace(OPS, template="{{ name }}")
    pressed = replace(OPEN, state=IncidentState.CLOSED, reason=IncidentReason.TEST, closed_at=at("02:10"))
    assert said(OPEN, team=team) == "HighCPU"
    assert said(pressed, team=team) == "TEST HighCPU"
    assert said(OPEN, "02:40", team=team, note=REMINDER) == "STILL HighCPU"
    assert said(BACK, "02:30", team=team, episode=1) == "AGAIN HighCPU"
    assert said(BACK, "03:00", team=team, episode=1, note=REMINDER) == "STILL HighCPU"
    assert said(CLOSED, "02:30", team=team, episode=1, kind=NotificationKind.RESOLVED) == "HighCPU"


def test_an_own_text_keeps_to_its_segments_with_its_mark():
    team = replace(OPS, template="{{ labels.long }}")
    long = replace(BACK, labels={"alertname": "x", "long": "a word or two " * 30})
    for segments in (1, 2):
        wording = worded(long, "02:30", team=team, episode=1, segments=segments)
        assert wording.text.startswith("AGAIN a word or two ")
        assert (wording.segments, wording.error) == (segments, "")
        assert len(wording.text) > 140 * segments


def test_a_template_that_fails_gives_way_to_the_composed_text_and_says_why():
    plain = "CRITICAL HighCPU web-01: CPU above 90% for 5 min #42"
    divides = worded(OPEN, team=replace(OPS, template="{{ 1 / (number - 42) }}"))
    assert (divides.text, divides.segments, divides.error) == (plain, 1, "ZeroDivisionError: division by zero")
    unknown = worded(OPEN, team=replace(OPS, template="{{ nam }}"))
    assert unknown.text == plain
    assert unknown.error.startswith("unknown name nam: a template may use status, severity,")
    assert worded(OPEN, team=replace(OPS, template="{{ labels.nowhere }}")).error == "the text is empty"
    long = replace(OPEN, annotations={"summary": "one more word " * 40})
    assert worded(long, team=replace(OPS, template="{{ nam }}"), segments=2).segments == 2
