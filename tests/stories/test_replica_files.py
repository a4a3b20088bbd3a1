"""Several replicas, a file each: the newest that runs is in force, and whose file is older holds back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import BigInteger, select, type_coerce, update

from alertsms.store import heartbeats
from alertsms.store.replica_tables import config_table, lease_table, replica_table
from alertsms.store.schema import MICROSECOND
from tests.conftest import BOTH
from tests.support.house import ALICE, BOB, PLAN, House, SimulatedClock, alert

pytestmark = pytest.mark.parametrize("url", BOTH[1:], indirect=True)
CAROL = "+33611111111"
OTHER = """
people: {bob: "+33698765432", carol: "+33611111111"}
teams: {ops: {page: [bob]}, db: {page: [carol]}}
route: {team: ops, routes: [{matchers: ['team="db"'], team: db}]}
heartbeats: [{name: nightly, every: 1m, grace: 1m, team: db}]
"""


def replica(url: str, clock: SimulatedClock, plan: str = PLAN, **more: bool) -> House:
    """One of several, as it starts."""
    house = House(url, clock, plan)
    house.app.context.replicas.alone = False
    house.app.context.replicas.step()
    house.app.sequence.begin(**more)
    return house


def second(*houses: House, seconds: float = 1.0) -> None:
    """A second passes for replicas that run."""
    houses[0].clock.advance(seconds)
    for house in houses:
        house.app.context.replicas.step()
    for house in houses:
        house.app.sequence.step()


def crash(*houses: House, beside: House) -> None:
    """They end without a word, eleven seconds ago."""
    eleven = timedelta(seconds=11) // MICROSECOND
    for house in houses:
        own = house.app.context.replicas.id
        house.crash()
        for table, whose, at in (
            (replica_table, replica_table.c.id, replica_table.c.seen_at),
            (lease_table, lease_table.c.owner, lease_table.c.until),
        ):
            aged = update(table).where(whose == own).values({at: type_coerce(at, BigInteger) - eleven})
            beside.app.store.transact(lambda tx, aged=aged: tx.execute(aged))


@pytest.fixture
def two(url, clock) -> Iterator[tuple[House, House]]:
    built = replica(url, clock), replica(url, clock)
    second(*built)
    yield built
    for house in built:
        house.close()


def look_at_heartbeats(house: House) -> None:
    for _ in range(2):  # the first look asks for the duty
        house.app.oncall.heartbeats.step()
        house.app.context.replicas.step()
    house.app.oncall.heartbeats.step()


def places(house: House) -> list[int]:
    return [row.seq for row in house.app.store.read(lambda tx: tx.execute(select(config_table)).all())]


def older(*houses: House) -> list[bool]:
    return [bool(house.app.context.config.newer_sender) for house in houses]


def test_replicas_with_the_same_file_have_the_same_place(two):
    assert [house.app.sequence.seq for house in two] == [1, 1]
    assert places(two[0]) == [1]


def test_a_reload_at_one_reaches_all_whose_file_is_the_same(two):
    one, other = two
    other.next_config = other.config(OTHER)
    one.reload(OTHER)
    second(*two)
    assert "carol" in other.app.config.roster.people
    assert older(*two) == [False, False]
    assert [house.app.sequence.seq for house in two] == [2, 2]


def test_a_replica_whose_file_is_older_takes_nothing_and_says_so(two):
    one, other = two
    one.reload(OTHER)
    second(*two)
    assert older(*two) == [False, True]
    assert other.post(alert()).status_code == 503
    assert one.post(alert()).status_code == 202
    answer = other.client.get("/-/ready")
    assert answer.status_code == 503
    assert "its file is older than the one that " in answer.text
    assert other.metric("config_older") == 1
    assert one.metric("config_older") == 0


def test_a_replica_whose_file_is_older_sends_nothing_to_who_is_gone(two):
    one, other = two
    one.reload(OTHER)
    second(*two)
    one.fire("db-01", team="db")
    one.fire("web-01")
    other.run(30)
    assert other.texts == []
    second(*two, seconds=0)
    one.settle()
    assert sorted(message.receiver for message in one.sandbox.accepted) == sorted([BOB, CAROL])
    assert "cancelled" not in [state for _, state in one.page_states()]


def test_a_replica_whose_file_is_older_pages_no_incident_again_whose_acknowledger_is_new(two):
    one, other = two
    one.reload(OTHER)
    second(*two)
    one.fire("db-01", team="db")
    one.settle()
    one.client.post("/api/v1/incidents/1/ack", json={"by": "carol"}, headers=_token(one))
    one.app.oncall.escalate()
    before = len(one.page_states())
    crash(one, beside=other)
    second(other, seconds=11)  # nobody runs by the newer file
    assert older(other) == [False]
    other.run(60)
    assert len(other.page_states()) == before


def _token(house: House) -> dict[str, str]:
    return {"Authorization": f"Bearer {house.app.keys.token}"}


def test_the_only_one_that_runs_takes_over_with_an_older_file_and_forgets_nothing_for_ten_minutes(two):
    one, other = two
    one.reload(OTHER)
    second(*two)
    look_at_heartbeats(one)
    crash(one, beside=other)
    second(other, seconds=11)
    assert other.post(alert()).status_code == 202
    other.settle()
    assert [message.receiver for message in other.sandbox.accepted] == [ALICE]
    look_at_heartbeats(other)
    assert "nightly" in other.app.store.read(heartbeats.every)
    second(other, seconds=601)
    look_at_heartbeats(other)
    assert "nightly" not in other.app.store.read(heartbeats.every)


def test_a_start_with_an_older_file_is_older_and_catches_up_once_its_file_is_new(two, url, clock):
    one, _ = two
    one.reload(OTHER)
    second(*two)
    late = replica(url, clock)
    assert older(late) == [True]
    late.next_config = late.config(OTHER)
    second(*two, late, seconds=20)
    assert older(late) == [False]
    assert "carol" in late.app.config.roster.people
    assert places(one) == [1, 2]
    late.close()


def test_a_start_of_an_older_file_first_after_a_cut_gives_way_to_the_newer_one(two, url, clock):
    one, other = two
    one.reload(OTHER)
    second(*two)
    early = House(url, clock, PLAN)
    crash(one, other, beside=early)
    early.close()
    clock.advance(3600)
    early = replica(url, clock)
    second(early)
    assert older(early) == [False]
    late = replica(url, clock, OTHER)
    second(early, late)
    assert older(early, late) == [True, False]
    early.close()
    late.close()


def test_a_reload_that_changes_nothing_brings_an_older_file_to_nobody(two):
    one, other = two
    one.reload(OTHER)
    second(*two)
    other.reload(PLAN)
    second(*two)
    assert older(*two) == [False, True]


def test_a_reload_back_to_an_older_file_is_meant(two):
    one, other = two
    one.reload(OTHER)
    other.reload(OTHER)
    second(*two)
    one.reload(PLAN)
    second(*two)
    assert older(*two) == [False, True]
    other.next_config = other.config(PLAN)
    second(*two, seconds=20)
    assert older(*two) == [False, False]
    assert [house.app.sequence.seq for house in two] == [3, 3]


def test_a_reload_back_while_the_other_never_changed_has_it_up_to_date_at_once(two):
    one, _ = two
    one.reload(OTHER)
    second(*two)
    one.reload(PLAN)
    second(*two)
    assert older(*two) == [False, False]
    assert [house.app.sequence.seq for house in two] == [3, 3]


def test_a_start_with_the_last_good_file_is_never_the_newest(two, url, clock):
    one, other = two
    late = replica(url, clock, OTHER, usual=False)
    second(*two, late)
    assert older(one, other, late) == [False, False, True]
    late.close()


def test_a_heartbeat_of_an_older_file_is_kept_by_who_has_it(two):
    one, other = two
    one.reload(OTHER)
    second(*two)
    assert other.client.post("/heartbeat/nightly").status_code == 503
    assert one.client.post("/heartbeat/nightly").status_code == 200


def test_who_has_an_older_file_prunes_nothing(two):
    one, other = two
    one.reload(OTHER)
    second(*two)
    other.app.watch.housekeeper.step()
    assert other.app.watch.housekeeper._pruned_at is None


def test_a_pause_at_one_is_known_to_the_others_within_a_second(two):
    one, other = two
    one.client.post("/api/v1/pauses", json={"all": True, "for": "1h"}, headers=_token(one))
    one.clock.advance(1)
    look = next(worker for worker in other.app.watch.workers if worker.name == "follower")
    look._step()
    assert [pause.ends_at - pause.begins_at for pause in other.app.context.config.pauses] == [timedelta(hours=1)]


def test_one_that_sends_waits_a_minute_for_its_turn_where_only_those_that_take_alerts_have_the_newer_file(two):
    one, other = two
    one.reload(OTHER)
    one.app.context.replicas.worker = False
    for _ in range(59):
        second(*two)
    assert other.app.context.config.newer_sender
    second(*two, seconds=2)
    assert not other.app.context.config.newer_sender
    assert other.app.context.config.newer_intake
    assert not other.app.context.config.decides
    assert ": it takes no alerts" in other.client.get("/-/ready").text


def test_a_replica_that_has_caught_up_is_ready_at_once_whatever_it_refused_before(two):
    one, other = two
    other.seem_to_run()
    one.reload(OTHER)
    second(*two)
    assert other.post(alert()).status_code == 503
    other.reload(OTHER)
    assert other.client.get("/-/ready").status_code == 200


def test_a_replica_whose_file_is_older_gives_its_duties_back_at_once(two):
    one, other = two
    look_at_heartbeats(other)
    assert other.app.context.replicas.duty("heartbeats")
    one.reload(OTHER)
    other.app.sequence.step()
    assert other.app.context.replicas.duty("heartbeats") is None
    second(*two)
    look_at_heartbeats(one)
    assert one.app.context.replicas.duty("heartbeats")
