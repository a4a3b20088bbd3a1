"""Maintenance: what fires in a pause is recorded, pages nobody, and is paged at its end if it still fires."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from alertsms.context import Configuration
from alertsms.core.routing.roster import holding
from alertsms.metrics import Metrics
from alertsms.oncall.pauses import Pauses
from alertsms.store.schema import pause_table
from tests.stories.test_events import story
from tests.support.house import NIGHT, House, page
from tests.web.test_app import token

TEAMS = """
people: {alice: "+33612345678", bob: "+33698765432"}
teams: {ops: {page: [alice], rounds: 1}, db: {page: [bob], rounds: 1}}
route: {team: ops, routes: [{matchers: ['team="db"'], team: db}]}
"""


@pytest.fixture
def two(house):
    """A house whose ops pages alice and whose db pages bob."""
    house.reload(TEAMS)
    return house


def pause(house: House, *teams: str, length: str = "2h", **more: object) -> Any:
    which = {"teams": list(teams)} if teams else {"all": True}
    answer = house.client.post("/api/v1/pauses", json=which | {"for": length} | more, headers=token(house))
    assert answer.status_code == 200, answer.text
    return answer.json


def resume(house: House, query: str) -> Any:
    answer = house.client.delete(f"/api/v1/pauses?{query}", headers=token(house))
    assert answer.status_code == 200, answer.text
    return answer.json


def test_what_fires_in_a_pause_is_held_and_paged_at_its_end(two):
    pause(two, "ops", by="alice", reason="new switches")
    assert two.fire()["pages"] == 0
    two.fire("db-01", team="db")
    two.run(7195)
    assert two.texts == [page("db-01", 2)] + [text for text in two.texts[1:] if "db-01" in text]
    assert story(two)[0] == (
        "not_paged",
        "muted",
        "ops is paused until Tue 3 Mar 04:10 by alice: new switches",
        1,
    )
    two.run(15)
    assert two.texts[-1] == "CRITICAL HighCPU web-01 since 02:10: CPU above 90% for 5 min #1"
    assert story(two)[1][:2] == ("paged", "released")


@pytest.mark.one_store
def test_what_is_over_before_the_end_tells_nobody(two):
    pause(two, "ops")
    two.fire()
    two.run(600)
    two.resolve(end=NIGHT + timedelta(minutes=10))
    two.run(7200)
    assert two.texts == []


def test_resuming_pages_at_once(two):
    pause(two, "ops")
    two.fire()
    two.run(61)
    assert resume(two, "team=ops") == {"ended": 1, "pauses": []}
    two.run(0)
    assert two.texts == ["CRITICAL HighCPU web-01 since 02:10: CPU above 90% for 5 min #1"]


@pytest.mark.one_store
def test_nobody_is_reminded_in_a_pause_but_resolutions_are_told(two):
    two.fire()
    two.run(60)
    pause(two, "ops", length="3h")
    two.run(2 * 3600, hop=60)
    assert two.texts == [page("web-01", 1)]
    two.resolve(end=NIGHT + timedelta(hours=2))
    two.run(61)
    assert two.texts[1:] == ["OK HighCPU web-01 after 2 h #1"]


@pytest.mark.one_store
def test_after_a_pause_what_fired_before_goes_on(two):
    two.fire()
    two.run(60)
    pause(two, "ops", length="3h")
    two.run(4 * 3600, hop=60)
    assert two.texts[1] == "STILL CRITICAL HighCPU web-01 since 02:10: CPU above 90% for 5 min #1"


@pytest.mark.one_store
def test_everybody_is_paused_at_once_and_a_storm_at_the_end_is_gathered(house):
    house.reload(TEAMS + "storm: {after: 5, within: 2m}\n")
    pause(house, length="1h")
    house.fire(*(f"web-{number}" for number in range(30)))
    house.fire("db-01", team="db")
    house.run(3590)
    assert house.texts == []
    house.run(120)
    to_alice = [sms.text for sms in house.sandbox.accepted if sms.receiver == "+33612345678"]
    assert 1 <= len(to_alice) <= 7
    assert to_alice[-1].startswith("+")
    assert [sms.text for sms in house.sandbox.accepted if sms.receiver == "+33698765432"] == [
        "CRITICAL HighCPU db-01 since 02:10: CPU above 90% for 5 min #31"
    ]


def test_a_person_of_two_teams_is_paged_through_the_one_that_is_not_paused(house):
    house.reload("""
people: {alice: "+33612345678"}
teams: {ops: {page: [alice], rounds: 1}, db: {page: [alice], rounds: 1}}
route: {team: ops, routes: [{matchers: ['team="db"'], team: ops, continue: true}, {matchers: ['team="db"'], team: db}]}
""")
    pause(house, "ops")
    house.fire(team="db")
    house.run(1)
    assert len(house.texts) == 1


def test_a_new_pause_takes_the_place_of_the_old_one(two):
    pause(two, "ops", length="6h")
    two.clock.advance(60)
    shown = pause(two, "ops", length="30m", by="bob")
    assert shown == {
        "pauses": [
            {
                "team": "ops",
                "begins_at": "2026-03-03T02:11:00Z",
                "ends_at": "2026-03-03T02:41:00Z",
                "by": "bob",
                "reason": "",
            },
        ]
    }
    two.fire()
    two.run(1900)
    assert len(two.texts) == 1


def test_resuming_one_team_leaves_the_pause_of_all(two):
    pause(two)
    pause(two, "db")
    assert [one["team"] for one in resume(two, "team=db")["pauses"]] == [""]
    two.fire(team="db")
    two.run(60)
    assert two.texts == []
    pause(two, "db")
    assert resume(two, "all=true") == {"ended": 2, "pauses": []}


@pytest.mark.one_store
def test_a_pause_survives_a_restart_and_a_clock_that_is_set(two):
    pause(two, "ops", length="1h")
    two.crash()
    two.start()
    assert two.fire()["pages"] == 0
    two.clock.set_wall(7200)
    two.run(60)
    assert two.texts == [], "an hour is an hour, whatever the wall clock says"
    two.run(3600)
    assert len(two.texts) == 1


def test_a_replica_hears_of_it_within_ten_seconds(two):
    config = Configuration(two.app.config)
    other = Pauses(context=replace(two.app.context, config=config, metrics=Metrics(CollectorRegistry())))
    pause(two, "ops")
    assert config.roster() is two.app.config.roster
    other.refresh()
    paused = config.roster()
    assert holding(paused.pauses, "ops", two.clock())
    assert config.roster() is paused, "one value until something changes"


@pytest.mark.one_store
def test_the_metric_and_the_log_say_so(two, caplog):
    caplog.set_level(logging.INFO, "alertsms.pauses")
    pause(two, "ops", length="2h", by="alice", reason="new switches")
    assert (two.metric("paused", team="ops"), two.metric("paused", team="db")) == (1, 0)
    two.run(7320, hop=10)
    assert two.metric("paused", team="ops") == 0
    said = [record.getMessage() for record in caplog.records if record.name == "alertsms.pauses"]
    assert said == ["paused: pages are held back", "paused: pages are held back", "a pause is over"]
    two.reload(TEAMS.replace("db", "dba"))
    two.run(60)
    assert (two.metric("paused", team="db"), two.metric("paused", team="dba")) == (None, 0)


def test_a_pause_of_a_team_that_is_gone_can_be_ended(two):
    pause(two, "db")
    two.reload(TEAMS.replace("db", "dba"))
    assert resume(two, "team=db") == {"ended": 1, "pauses": []}


def test_old_ones_are_deleted(two):
    pause(two, "ops", length="1h")
    two.clock.advance(91 * 86400)
    two.app.watch.housekeeper.step()
    assert two.rows(pause_table.c.team) == []


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        ({"for": "2h"}, 400, "Name teams, or say all."),
        ({"teams": [], "for": "2h"}, 400, "Name teams, or say all."),
        ({"teams": ["web"], "for": "2h"}, 404, "'web' is no team of the configuration: it has db, ops."),
        ({"teams": [["ops"]], "for": "2h"}, 404, "['ops'] is no team of the configuration: it has db, ops."),
        ({"all": True}, 400, "for: empty, write a duration such as 5m."),
        ({"all": True, "for": "5"}, 400, 'for: "5" has no unit, write 5s if seconds were meant, 5m if minutes.'),
        (
            {"all": True, "for": "8d"},
            400,
            "for: a pause lasts at most 1w, so that none is forgotten: write for example 2h.",
        ),
        (
            {"all": True, "for": "0"},
            400,
            "for: a pause lasts at most 1w, so that none is forgotten: write for example 2h.",
        ),
        ([], 400, "Name teams, or say all."),
        ({"teams": [""], "for": "2h"}, 404, "'' is no team of the configuration: it has db, ops."),
    ],
)
def test_what_cannot_be_paused_is_said(two, body, status, sentence):
    answer = two.client.post("/api/v1/pauses", json=body, headers=token(two))
    assert (answer.status_code, answer.json["error"]) == (status, sentence)
    assert two.rows(pause_table.c.id) == []


def test_what_cannot_be_resumed_is_said(two):
    for query, status in (("", 400), ("team=web", 404), ("all=yes", 400)):
        assert two.client.delete(f"/api/v1/pauses?{query}", headers=token(two)).status_code == status


def test_an_empty_name_ends_no_pause_of_all(two):
    pause(two)
    assert two.client.delete("/api/v1/pauses?team=", headers=token(two)).status_code == 404
    assert [one["team"] for one in two.client.get("/api/v1/pauses", headers=token(two)).json["pauses"]] == [""]


def test_nobody_pauses_without_the_token(two):
    for ask in (two.client.get, two.client.post, two.client.delete):
        assert ask("/api/v1/pauses").status_code == 403


def test_a_store_that_is_away_takes_none(two):
    two.crash()
    answers = [
        two.client.post("/api/v1/pauses", json={"all": True, "for": "1h"}, headers=token(two)),
        two.client.delete("/api/v1/pauses?all=true", headers=token(two)),
    ]
    assert [answer.status_code for answer in answers] == [503, 503]
