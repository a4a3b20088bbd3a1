"""Alerts that come by two names of /webhook/NAME."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from alertsms.core.alerts.payload import Payload, parse
from alertsms.core.incidents.intake import ALERTS, GROUPS, LASTS, NAMES, Twins

NOW = datetime(2026, 3, 3, tzinfo=UTC)


def body(name: str, *instances: str, status: str = "firing", group: str = "{}:{}") -> Payload:
    alerts = [{"status": status, "labels": {"alertname": "Disk", "instance": one}} for one in instances]
    return parse(json.dumps({"version": "4", "groupKey": group, "alerts": alerts}).encode(), name=name)


def test_one_alert_under_two_names_is_noticed_while_it_fires():
    twins = Twins()
    assert twins.look(body("paris", "a", "b"), NOW) == ""
    assert twins.look(body("paris", "a", "b"), NOW) == ""
    assert twins.look(body("lyon", "c"), NOW) == ""
    found = twins.look(body("", "b"), NOW)
    assert found.startswith("Disk came by /webhook and by /webhook/paris: each name is a source of its own")


def test_an_end_under_another_name_is_noticed_and_one_under_its_own_ends_it():
    twins = Twins()
    twins.look(body("firing", "a"), NOW)
    found = twins.look(body("resolved", "a", status="resolved"), NOW)
    assert found.startswith("Disk came by /webhook/firing and by /webhook/resolved: ")
    assert twins.look(body("firing", "a", status="resolved"), NOW) == ""
    assert twins.look(body("other", "a"), NOW) == ""


def test_other_groups_and_long_ago_are_no_twins():
    twins = Twins()
    twins.look(body("paris", "a"), NOW)
    assert twins.look(body("lyon", "a", group="other"), NOW) == ""
    assert twins.look(body("lyon", "a", group=""), NOW) == ""
    assert twins.look(body("lyon", "a"), NOW + LASTS) == ""


def test_what_is_remembered_is_bounded():
    twins = Twins()
    for number in range(GROUPS + 50):
        twins.look(body("paris", "a", group=str(number)), NOW + timedelta(seconds=number))
    for number in range(NAMES + 5):
        twins.look(body(str(number), *map(str, range(ALERTS * 3)), group="one"), NOW)
    assert len(twins._groups) == GROUPS
    assert max(len(group) for group in twins._groups.values()) == NAMES
    assert max(len(firing.alerts) for group in twins._groups.values() for firing in group.values()) == ALERTS
