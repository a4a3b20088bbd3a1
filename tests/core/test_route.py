from __future__ import annotations

from datetime import UTC, datetime

import pytest

from alertsms.core.alerts.alert import Alert, AlertStatus, Format, Source
from alertsms.core.routing.matcher import parse_matchers
from alertsms.core.routing.roster import Route, asks_for, labels_for
from alertsms.core.routing.time_interval import NamedInterval, TimeInterval, parse_times
from alertsms.core.schedules.team import Team


def route(team: str, matchers: str = "", *routes: Route, goes_on: bool = False) -> Route:
    return Route(team=Team(name=team), matchers=parse_matchers(matchers), routes=routes, continue_=goes_on)


TREE = route(
    "ops",
    "",
    route("db", 'service="db"', route("dba", 'severity="critical"'), route("db-eu", "region=~eu.*")),
    route("web", "service=web", route("web-lead", "severity=critical", goes_on=True), route("web-eu", "region=eu")),
    route("audit", "audit=yes", goes_on=True),
    route("security", "audit=~yes|maybe"),
    route("orphans", 'service=""'),
)

REACHED = [
    ({"service": "mail"}, ["ops"]),  # no child fits: the root itself
    ({"service": "db"}, ["db"]),
    ({"service": "db", "severity": "critical", "region": "eu"}, ["dba"]),  # the first child that fits ends the search
    ({"service": "db", "region": "eu-west"}, ["db-eu"]),
    ({"service": "web", "severity": "critical", "region": "eu"}, ["web-lead", "web-eu"]),  # continue
    ({"service": "web", "severity": "critical"}, ["web-lead"]),
    ({"service": "web", "severity": "critical", "audit": "yes"}, ["web-lead"]),  # continue below does not reach above
    ({"service": "mail", "audit": "yes"}, ["audit", "security"]),
    ({"audit": "yes"}, ["audit", "security"]),
    ({"service": "mail", "audit": "maybe"}, ["security"]),
    ({}, ["orphans"]),
]


@pytest.mark.parametrize(("labels", "teams"), REACHED)
def test_an_alert_ends_at_the_deepest_nodes_that_fit(labels, teams):
    assert [path[-1].team.name for path in TREE.match(labels)] == teams


def test_all_matchers_of_a_node_must_fit():
    tree = route("ops", "", route("db", "{service=db, region!=us}"))
    assert [path[-1].team.name for path in tree.match({"service": "db", "region": "us"})] == ["ops"]
    assert [path[-1].team.name for path in tree.match({"service": "db"})] == ["db"]


def test_a_continue_on_the_last_child_that_fits_does_not_bring_the_parent_back():
    tree = route("ops", "", route("audit", "audit=yes", goes_on=True), route("db", "service=db"))
    assert [path[-1].team.name for path in tree.match({"audit": "yes"})] == ["audit"]


def test_a_node_whose_own_matchers_refuse_gives_nothing():
    assert route("db", "service=db").match({"service": "web"}) == ()


def test_a_match_knows_its_way_down():
    (path,) = TREE.match({"service": "db", "severity": "critical"})
    db = TREE.routes[0]
    assert path == (TREE, db, db.routes[0])


def daily(name: str, start: str, end: str) -> NamedInterval:
    return NamedInterval(name=name, intervals=(TimeInterval(times=(parse_times(start, end),)),))


OFFICE = daily("office", "09:00", "17:00")
EVENING = daily("evening", "17:00", "22:00")
LUNCH = daily("lunch", "12:00", "13:00")
OPS = Team(name="ops")

# hour of the day -> muted or not
MUTED = [
    (Route(team=OPS), {3: False, 10: False}),
    (Route(team=OPS, mute_time_intervals=(OFFICE,)), {3: False, 10: True, 17: False}),
    (Route(team=OPS, mute_time_intervals=(OFFICE, EVENING)), {3: False, 10: True, 18: True}),
    (Route(team=OPS, active_time_intervals=(OFFICE,)), {3: True, 10: False, 17: True}),
    (Route(team=OPS, active_time_intervals=(OFFICE, EVENING)), {3: True, 10: False, 18: False}),
    (Route(team=OPS, active_time_intervals=(OFFICE,), mute_time_intervals=(LUNCH,)), {3: True, 10: False, 12: True}),
]


@pytest.mark.parametrize(("node", "hours"), MUTED)
def test_a_node_is_muted_within_its_mute_intervals_and_outside_of_its_active_ones(node, hours):
    assert {hour: node.muted(datetime(2026, 3, 2, hour, 30, tzinfo=UTC)) for hour in hours} == hours


def test_a_muted_parent_does_not_mute_its_child():
    tree = Route(team=OPS, mute_time_intervals=(OFFICE,), routes=(route("db", "service=db"),))
    at = datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert [path[-1].muted(at) for path in tree.match({"service": "db"})] == [False]
    assert [path[-1].muted(at) for path in tree.match({"service": "web"})] == [True]


def test_a_muted_node_still_ends_the_search():
    quiet = Route(team=Team(name="quiet"), matchers=parse_matchers("service=db"), mute_time_intervals=(OFFICE,))
    tree = Route(team=OPS, routes=(quiet, route("db", "service=db")))
    assert [path[-1].team.name for path in tree.match({"service": "db"})] == ["quiet"]


NAMING = [
    ("alertname=Watchdog", True),
    ('alertname=~"Watchdog|InfoInhibitor"', True),
    ('alertname!="Other"', False),
    ('alertname!~"Other"', False),
    ('alertname=~".*"', False),
    ("severity=none", False),
    ("{severity=none, alertname=Watchdog}", True),
]


@pytest.mark.parametrize(("matchers", "named"), NAMING)
def test_a_route_names_a_label_when_it_asks_for_a_value_of_it(matchers, named):
    tree = route("ops", "", route("quiet", matchers, route("deep", "team!=x")))
    (path,) = tree.match({"alertname": "Watchdog", "severity": "none"})
    assert path[-1].team.name == "deep"
    assert asks_for(path, "alertname") is named


def test_matchers_see_the_receiver_and_the_source_beside_the_labels():
    alert = Alert(
        source=Source(format=Format.GRAFANA_LEGACY),
        status=AlertStatus.FIRING,
        key=b"",
        labels={"alertname": "Up", "__receiver__": "forged"},
        receiver="sms.primary",
    )
    assert labels_for(alert) == {"alertname": "Up", "__receiver__": "sms.primary", "__source__": "grafana-legacy"}
    assert alert.labels == {"alertname": "Up", "__receiver__": "forged"}
    tree = route("ops", "", route("legacy", '__source__="grafana-legacy", __receiver__=~"sms[.].*"'))
    assert [path[-1].team.name for path in tree.match(labels_for(alert))] == ["legacy"]
