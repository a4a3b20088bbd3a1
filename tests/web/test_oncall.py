"""GET /api/v1/on-call."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alertsms.core.routing.roster import Pause
from alertsms.store.schema import message_table
from tests.support.house import ALICE, BOB, PLAN
from tests.web.test_incidents import ask, mistakes

WEEKLY = (
    PLAN.replace("{page: [alice]}", "{steps: [{page: [primary], wait: 10m}, {page: bob}]}")
    + """
schedules:
  primary: {time_zone: Europe/Paris, rotations: [{people: [alice, bob], from: "2026-01-05 09:00"}]}
"""
)


@pytest.fixture
def weekly(house):
    house.reload(WEEKLY)
    return house


def test_it_tells_who_is_on_call_who_is_next_and_whom_steps_page(weekly):
    assert ask(weekly, "/on-call?weeks=1") == {
        "at": "2026-03-03T02:10:00+00:00",
        "schedules": [
            {
                "name": "primary",
                "time_zone": "Europe/Paris",
                "people": ["alice"],
                "since": "2026-03-02T09:00:00+01:00",
                "until": "2026-03-09T09:00:00+01:00",
                "next": ["bob"],
                "shifts": [
                    {"from": "2026-03-03T03:10:00+01:00", "to": "2026-03-09T09:00:00+01:00", "people": ["alice"]},
                    {"from": "2026-03-09T09:00:00+01:00", "to": "2026-03-10T03:10:00+01:00", "people": ["bob"]},
                ],
            }
        ],
        "teams": [
            {
                "name": "ops",
                "record_only": False,
                "steps": [
                    {"people": ["alice"], "wait_seconds": 600.0},
                    {"people": ["bob"], "wait_seconds": 300.0},
                ],
            }
        ],
        "pauses": [],
    }


def test_it_tells_what_is_paused_then(weekly):
    now = weekly.clock()
    weekly.app.oncall.pauses.begin(
        [Pause(team="ops", begins_at=now, ends_at=now + timedelta(hours=2), by="bob", reason="x")]
    )
    paused = {
        "team": "ops",
        "begins_at": "2026-03-03T02:10:00Z",
        "ends_at": "2026-03-03T04:10:00Z",
        "by": "bob",
        "reason": "x",
    }
    assert ask(weekly, "/on-call?weeks=1")["pauses"] == [paused]
    assert ask(weekly, "/on-call?weeks=1&at=2026-03-03T04:10Z")["pauses"] == []
    test_what_comes_is_what_the_document_says(weekly)


def test_of_any_time(weekly):
    for at in ("2026-03-10T09:00", "2026-03-10T09:00Z", "2026-03-10T10:00+01:00"):
        told = ask(weekly, f"/on-call?at={at}")
        assert (told["at"][:16], told["schedules"][0]["people"]) == (at[:16], ["bob"])
    assert ask(weekly, "/on-call?at=2025-01-01")["schedules"][0]["people"] == []


def test_what_comes_is_what_the_document_says(weekly):
    said = ask(weekly, "/openapi.json")
    schema = said["paths"]["/api/v1/on-call"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert list(mistakes(ask(weekly, "/on-call"), schema, said, "")) == []


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("weeks=105", "weeks is a number from 1 to 104: write weeks=8."),
        ("weeks=x", "weeks is a number from 1 to 104: write weeks=8."),
        ("at=monday", "at is a time: write at=2026-11-21T02:10Z."),
        ("at=0001-01-01", "at is a time from 2000 to 2199."),
    ],
)
def test_a_query_that_cannot_be_read_says_what_to_write(house, query, why):
    assert ask(house, f"/on-call?{query}", 400) == {"error": why}


def test_who_is_on_call_when_it_fires_gets_the_page(weekly):
    weekly.fire("web-01")
    weekly.settle()
    weekly.clock.advance(7 * 86400)
    weekly.fire("web-02", name="DiskFull", start=None)
    weekly.settle()
    first, *_, last = weekly.rows(message_table.c.person, message_table.c.number)
    assert (first, last) == (("alice", ALICE), ("bob", BOB))


def test_what_alertsms_says_of_itself_passes_over_a_gap_too(house):
    house.reload(WEEKLY.replace("2026-01-05", "2027-01-05"))
    assert house.client.post("/webhook", json={"nothing": 1}).status_code == 422
    house.settle()
    ((person, said),) = house.rows(message_table.c.person, message_table.c.text)
    assert (person, said.partition(": ")[0]) == ("bob", "WEBHOOK REFUSED 422 from 127.0.0.1")
