"""An alert whose end nobody posted is back: who hears of it, and what a sender's restart comes to."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alertsms.core.incidents.acknowledge import AcknowledgedVia
from alertsms.core.text.reasons import sentence
from alertsms.store import history
from alertsms.store.schema import incident_table
from tests.support.house import ALICE, BOB, NIGHT, House

TWO = """
people: {alice: "+33612345678", bob: "+33698765432", carol: "+33611111111"}
teams: {ops: {steps: [{page: [alice], wait: 5m}, {page: [bob], wait: 5m}], rounds: 1, tell_others: no}}
route: {team: ops}
"""
STORM = TWO + "storm: {after: 5, within: 2m}\nlimits: {per_person_per_hour: 0}\n"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def plan() -> str:
    return TWO


def later(house: House, first: int = 1) -> list[tuple[str, str]]:
    """Receiver and text of each SMS behind the first ones."""
    return [(one.receiver, one.text) for one in house.sandbox.accepted[first:]]


def taken(house: House, by: str = "alice", **labels: str) -> None:
    house.fire(**labels)
    house.run(60)
    house.app.oncall.acknowledgements.acknowledge([1], by=by, via=AcknowledgedVia.LINK)


AGAIN = "AGAIN CRITICAL HighCPU web-01: CPU above 90% for 5 min #1"


def test_it_pages_the_first_step_and_whoever_had_it(house):
    taken(house, by="bob")
    house.run(7200, hop=600)
    house.fire(start=NIGHT + timedelta(hours=2))
    house.settle()
    assert sorted(later(house)) == sorted([(ALICE, AGAIN), (BOB, AGAIN)])
    assert house.rows(incident_table.c.state, incident_table.c.acked_by, incident_table.c.episode) == [("open", "", 1)]


def test_a_name_that_is_none_of_people_is_paged_by_nothing(house):
    taken(house, by="root")
    house.run(7200, hop=600)
    house.fire(start=NIGHT + timedelta(hours=2))
    house.settle()
    assert later(house) == [(ALICE, AGAIN)]


def test_the_first_step_is_paged_no_twice_where_one_of_it_had_it(house):
    taken(house)
    house.run(600, hop=60)
    house.resolve(end=NIGHT + 10 * MINUTE)
    house.run(60)
    house.fire(start=NIGHT + 12 * MINUTE)
    house.settle()
    assert later(house, 2) == [(ALICE, AGAIN)]


def test_after_a_pause_whoever_had_it_is_paged_too(house):
    """It came back while its team was paused."""
    taken(house, by="carol")
    token = {"Authorization": f"Bearer {house.app.keys.token}"}
    assert house.client.post("/api/v1/pauses", json={"all": True, "for": "1h"}, headers=token).status_code == 200
    house.run(600, hop=60)
    house.resolve(end=NIGHT + 10 * MINUTE)
    house.run(60)
    house.fire(start=NIGHT + 12 * MINUTE)
    seen = house.client.get("/api/v1/incidents/1", headers=token).json
    assert (seen["state"], seen["acknowledged_by"]) == ("held", "")
    house.run(3000, hop=60)
    assert {number for number, text in later(house) if "CRITICAL" in text} == {ALICE, "+33611111111"}


def test_its_story_tells_why(house):
    taken(house)
    house.run(7200, hop=600)
    house.fire(start=NIGHT + timedelta(hours=2))
    story = [sentence(each) for each in house.app.store.read(lambda tx: history.timeline(tx, 1))]
    assert story[-2:] == [
        "over at some time: its end was never posted",
        "paged again, it is back: it started anew after all that was known of it: alice (team ops, root route)",
    ]


def test_a_restart_of_the_sender_is_five_sms_and_one_digest_for_each_person(url, clock):
    house = House(url, clock, STORM)
    names = [f"web-{number:03}" for number in range(17)]
    for name in names:
        house.fire(name)
    house.run(60)
    house.app.oncall.acknowledgements.acknowledge(range(1, 18), by="alice", via=AcknowledgedVia.LINK)
    house.run(7200, hop=600)
    before = len(house.texts)
    for group in (names[:8], names[8:]):  # as Alertmanager's groups come, one after the other
        house.fire(*group, start=NIGHT + timedelta(hours=2))
        house.run(5)
    house.run(30)
    texts = house.texts[before:]
    assert [text.split()[0] for text in texts[:5]] == ["AGAIN"] * 5
    (digest,) = texts[5:]
    assert digest.startswith("+12 are back, or their sender restarted: CRITICAL HighCPU x12 since 04:10 #")
    house.close()


def test_no_restart_of_ours_hides_it(house):
    taken(house)
    house.crash()
    house.start()
    house.clock.advance(7200)
    house.fire(start=NIGHT + timedelta(hours=2))
    house.settle()
    assert later(house) == [(ALICE, AGAIN)]
