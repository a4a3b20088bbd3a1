"""/heartbeat/NAME and the list of heartbeats, with every kind of secret and without."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from alertsms.core.incidents.heartbeat import HeartbeatState
from alertsms.store import heartbeats
from alertsms.store.error import StoreError
from alertsms.web.api.openapi import document
from tests.support.house import NIGHT, PLAN, House, SimulatedClock
from tests.web.test_app import token
from tests.web.test_incidents import mistakes

BEATS = """
heartbeats:
  - {name: prometheus, matchers: ['alertname="Watchdog"'], every: 1m, grace: 4m}
  - {name: nightly-backup.db_1, every: 1d, grace: 2h, team: ops}
"""
EXPOSED = 'server: {listen: "0.0.0.0:9095", bearer_token: s3cret}\n'
JOB = "/heartbeat/nightly-backup.db_1"


@pytest.fixture
def open_house(url: str, clock: SimulatedClock) -> Iterator[House]:
    built = House(url, clock, PLAN + BEATS)
    yield built
    built.close()


@pytest.fixture
def exposed(url: str, clock: SimulatedClock) -> Iterator[House]:
    built = House(url, clock, EXPOSED + PLAN + BEATS)
    yield built
    built.close()


def last_seen(house: House, name: str = "nightly-backup.db_1"):
    known = house.app.store.read(heartbeats.every).get(name)
    return known and known.last_seen_at


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT"])
def test_any_usual_method_is_a_sign_of_life(open_house, method):
    answer = open_house.client.open(JOB, method=method, data="exit status 0")
    assert answer.status_code == 200
    if method != "HEAD":
        assert answer.text == '{"heartbeat": "nightly-backup.db_1", "heard": true}\n'
    assert last_seen(open_house) == NIGHT


def test_a_name_that_is_none_is_told_nothing_of_others(open_house):
    answer = open_house.client.get("/heartbeat/backup")
    assert (answer.status_code, answer.json) == (
        404,
        {"error": "There is no heartbeat of this name: write it below `heartbeats` first."},
    )
    assert open_house.app.store.read(heartbeats.every) == {}


def test_where_webhooks_need_a_secret_so_do_heartbeats(exposed):
    for headers in ({}, {"Authorization": "Bearer other"}):
        for path in (JOB, "/heartbeat/unknown"):
            refused = exposed.client.post(path, headers=headers)
            assert (refused.status_code, "WWW-Authenticate" in refused.headers) == (401, True)
    assert last_seen(exposed) is None
    assert exposed.client.post(JOB, headers={"Authorization": "Bearer s3cret"}).status_code == 200
    assert last_seen(exposed) == NIGHT


def test_one_is_written_down_at_most_once_a_second(open_house):
    for seconds, written in ((0, 0), (0.9, 0), (0.1, 1), (0.9, 1), (0.1, 2)):
        open_house.clock.advance(seconds)
        assert open_house.client.get(JOB).status_code == 200
        assert last_seen(open_house) == NIGHT + timedelta(seconds=written)
    assert open_house.client.get("/heartbeat/prometheus").status_code == 200
    assert last_seen(open_house, "prometheus") == open_house.clock()


def test_what_cannot_be_stored_is_to_be_sent_again(open_house, monkeypatch):
    def full(work: object) -> None:
        raise StoreError("store: the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(open_house.app.store, "transact", full)
        for _ in range(2):
            answer = open_house.client.get(JOB)
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert open_house.client.get(JOB).status_code == 200
    assert last_seen(open_house) == NIGHT


def listed(house: House) -> list[dict]:
    answer = house.client.get("/api/v1/heartbeats", headers=token(house))
    assert answer.status_code == 200
    said = document()
    schema = said["paths"]["/api/v1/heartbeats"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert list(mistakes(answer.json, schema, said, "")) == []
    return answer.json["heartbeats"]


def test_programs_see_all_heartbeats_and_what_they_are_missing(open_house):
    assert [(one["name"], one["state"], one["last_seen_at"]) for one in listed(open_house)] == [
        ("prometheus", "waiting", None),
        ("nightly-backup.db_1", "waiting", None),
    ]
    open_house.client.get(JOB)
    open_house.run(300)
    assert listed(open_house) == [
        {
            "name": "prometheus",
            "state": "missing",
            "every": 60.0,
            "grace": 240.0,
            "team": None,
            "matchers": ['alertname="Watchdog"'],
            "last_seen_at": None,
            "late_at": None,
            "missing_at": None,
            "incident": 1,
        },
        {
            "name": "nightly-backup.db_1",
            "state": "well",
            "every": 86400.0,
            "grace": 7200.0,
            "team": "ops",
            "matchers": [],
            "last_seen_at": "2026-03-03T02:10:00Z",
            "late_at": "2026-03-04T03:10:00Z",
            "missing_at": "2026-03-04T04:10:00Z",
            "incident": None,
        },
    ]
    open_house.client.get("/heartbeat/prometheus")
    assert (listed(open_house)[0]["state"], open_house.app.store.read(heartbeats.every)["prometheus"].state) == (
        "well",
        HeartbeatState.BACK,
    )
    open_house.run(1)
    assert listed(open_house)[0]["incident"] is None


def test_the_list_is_for_those_who_hold_the_token(exposed):
    assert exposed.client.get("/api/v1/heartbeats").status_code == 403
