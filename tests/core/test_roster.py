from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from alertsms.core.alerts.alert import Severity
from alertsms.core.routing.roster import SEVERITY_VALUES, Roster
from alertsms.core.schedules.team import Team
from tests.core.night import DBA, OPS, at, daily, roster, route

NOON = at("12:00")


SEVERITIES = [
    ("critical", Severity.CRITICAL),
    ("page", Severity.CRITICAL),
    ("P1", Severity.CRITICAL),
    ("Error", Severity.ERROR),
    ("warning", Severity.WARNING),
    (" WARN ", Severity.WARNING),
    ("info", Severity.INFO),
    ("none", Severity.INFO),
    ("", Severity.CRITICAL),
    ("who knows", Severity.CRITICAL),
]


@pytest.mark.parametrize(("word", "rank"), SEVERITIES)
def test_a_severity_is_read_in_any_case_and_an_unknown_one_is_critical(word, rank):
    assert roster().severity({"severity": word}) is rank


def test_the_words_of_severities_are_those_of_many_houses():
    words = {
        Severity.CRITICAL: "critical page emergency fatal disaster p1",
        Severity.ERROR: "error high major p2",
        Severity.WARNING: "warning warn medium minor average ticket p3",
        Severity.INFO: "info information low notice none p4 p5",
    }
    assert {word: rank for rank, line in words.items() for word in line.split()} == SEVERITY_VALUES


def test_a_missing_severity_is_critical():
    assert roster().severity({"alertname": "HighCPU"}) is Severity.CRITICAL


def test_the_label_and_the_words_of_a_severity_can_be_chosen():
    rules = roster(severity_label="level", severity_values={"yellow": Severity.WARNING})
    assert rules.severity({"level": "Yellow", "severity": "info"}) is Severity.WARNING
    assert rules.severity({"severity": "info"}) is Severity.CRITICAL


def test_each_roster_has_words_of_its_own():
    assert roster().severity_values is not roster().severity_values


def test_the_windows_have_defaults():
    rules = Roster(people={}, teams={}, route=route(OPS))
    assert (rules.flap_window, rules.stale_after) == (timedelta(minutes=15), timedelta(days=3))
    assert (rules.max_segments, rules.severity_label, rules.ignore_labels) == (1, "severity", frozenset())


def test_a_team_that_is_gone_is_the_roots():
    rules = roster(route(OPS, "", route(DBA)))
    assert (rules.team("dba"), rules.team("gone")) == (DBA, OPS)


# --- who is paged ---


def assigned(rules: Roster, clock: str = "12:00", **labels: str) -> list[str]:
    found = rules.assign({"alertname": "HighCPU", "severity": "critical"} | labels, at(clock))
    return [f"{each.team.name} muted" if each.muted else each.team.name for each in found]


def test_an_alert_goes_to_each_team_that_its_routes_lead_to():
    rules = roster(route(OPS, "", route(DBA, "service=db", continue_=True), route(OPS, "service=~db|web")))
    assert assigned(rules, service="db") == ["dba", "ops"]
    assert assigned(rules, service="web") == ["ops"]
    assert assigned(rules) == ["ops"]


def test_a_team_is_the_one_that_the_route_holds():
    rules = replace(roster(), teams={})
    assert [each.team for each in rules.assign({}, NOON)] == [OPS]


LUNCH, MORNING = daily("12:00", "13:00"), daily("09:00", "12:00")


@pytest.mark.parametrize(("clock", "teams"), [("10:00", ["ops"]), ("12:30", ["ops"]), ("14:00", ["ops"])])
def test_a_team_with_two_routes_is_not_muted_while_one_of_them_speaks(clock, teams):
    first = route(OPS, continue_=True, mute_time_intervals=LUNCH)
    rules = roster(route(OPS, "", first, route(OPS, mute_time_intervals=MORNING)))
    assert assigned(rules, clock) == teams


def test_a_team_with_two_routes_is_muted_where_both_are_and_named_once():
    first = route(OPS, continue_=True, mute_time_intervals=LUNCH)
    rules = roster(route(OPS, "", first, route(OPS, mute_time_intervals=LUNCH)))
    assert assigned(rules, "12:30") == ["ops muted"]
    assert assigned(rules, "13:30") == ["ops"]


def test_one_teams_mute_is_not_anothers():
    first = route(OPS, continue_=True, mute_time_intervals=LUNCH)
    assert assigned(roster(route(OPS, "", first, route(DBA))), "12:30") == ["ops muted", "dba"]


# --- alerts that fire always ---

RESTING = [
    # labels, the matchers of the one route below the root, whether it pages
    ({"alertname": "Watchdog"}, "", False),
    ({"alertname": "InfoInhibitor"}, "", False),
    ({"alertname": "Watchdog"}, "alertname=Watchdog", True),
    ({"alertname": "Watchdog"}, "alertname=~Watchdog|Deadman", True),
    ({"alertname": "Watchdog"}, "alertname!=HighCPU", False),
    ({"alertname": "Watchdog"}, "alertname=~.+", False),
    ({"alertname": "Watchdog"}, "team=~ops|", False),
    ({"alertname": "Watchdog", "severity": "critical"}, "severity=critical", False),
    ({"alertname": "Watchdog", "severity": "none"}, "severity=none", True),
    ({"alertname": "Watchdog", "severity": "none"}, "severity=~.+", False),
    ({"severity": "none"}, "", False),
    ({"severity": " None "}, "", False),
    ({"severity": "none"}, "severity=~info|none", True),
    ({"severity": "none"}, "alertname=HighCPU", True),
    ({"severity": "none"}, "severity!=info", False),
    ({"severity": "info"}, "", True),
    ({"alertname": "NotAWatchdog"}, "", True),
]


@pytest.mark.parametrize(("labels", "matchers", "pages"), RESTING)
def test_what_fires_always_pages_only_where_a_route_names_it(labels, matchers, pages):
    rules = roster(route(Team(name="root"), "", route(OPS, matchers)))
    assert assigned(rules, **labels) == (["ops"] if pages else [])


def test_the_none_of_another_label_is_no_severity():
    assert assigned(roster(severity_label="level"), severity="none") == ["ops"]
    assert assigned(roster(severity_label="level"), level="none") == []


def test_a_route_that_names_it_pages_beside_one_that_does_not():
    rules = roster(route(OPS, "", route(OPS, continue_=True), route(DBA, "alertname=Watchdog")))
    assert assigned(rules, alertname="Watchdog") == ["dba"]
