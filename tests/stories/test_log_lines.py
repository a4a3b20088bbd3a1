"""Each line of the log about an incident names it: whoever searches for the alert finds what became of it."""

from __future__ import annotations

import logging

import pytest

from alertsms.core.incidents.acknowledge import AcknowledgedVia

PLAN = """\
people: {alice: "+33612345678", bob: "+33698765432"}
teams: {ops: {steps: [{page: [alice], wait: 5m}, {page: [bob]}]}}
route: {team: ops}
server: {external_url: "https://p.example.org", bearer_token: let-me-in}
"""


@pytest.fixture
def plan() -> str:
    return PLAN


def lines(caplog) -> list[tuple[str, dict[str, object]]]:
    return [(one.message, one.fields) for one in caplog.records if "HighCPU" in str(getattr(one, "fields", ""))]


def test_the_name_of_an_alert_finds_its_whole_story(house, caplog):
    """And no line holds the link by which its receiver answers."""
    caplog.set_level(logging.INFO)
    house.client.environ_base["HTTP_AUTHORIZATION"] = "Bearer let-me-in"
    house.fire()
    house.settle()
    house.run(400)
    house.app.oncall.acknowledgements.acknowledge([1], by="alice", via=AcknowledgedVia.COMMAND)
    told = lines(caplog)
    assert [said for said, _ in told][:2] == ["incident changed", "sms accepted"]
    assert {"timer", "acknowledged"} <= {said for said, _ in told}
    about = {"incident": "#1", "name": "HighCPU", "place": "web-01", "team": "ops"}
    assert all(about.items() <= fields.items() for said, fields in told if "sms" not in said)
    assert any("/a/" in text for text in house.texts)
    assert not any("/a/" in str(fields) for _, fields in told)


def test_a_storm_does_not_fill_the_log(house, caplog):
    caplog.set_level(logging.INFO)
    house.client.environ_base["HTTP_AUTHORIZATION"] = "Bearer let-me-in"
    house.fire(*(f"web-{number}" for number in range(50)))
    assert [said for said, _ in lines(caplog)].count("incident changed") == 20
