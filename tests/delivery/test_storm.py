"""Storms, from webhook to phone: who gets what when many alerts come at once, keep coming, or end before they left."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from alertsms.core.incidents.acknowledge import AcknowledgedVia, AckOutcome
from alertsms.core.text.reasons import sentence
from alertsms.store import history, settings
from alertsms.store.schema import message_table, notification_table
from tests.support.house import ALICE, NIGHT, PLAN, House, alert, page

STORM = PLAN + "storm: {after: 5, within: 2m}\nlimits: {per_person_per_hour: 30}\n"
THREE = """
people: {alice: "+33612345678", bob: "+33698765432", carol: "+33611111111"}
teams: {ops: {page: [alice, bob, carol]}}
route: {team: ops}
storm: {after: 5, within: 2m}
limits: {per_person_per_hour: 30}
"""


@pytest.fixture
def house(url, clock):
    built = House(url, clock, STORM)
    yield built
    built.close()


def names(count: int, first: int = 0) -> list[str]:
    return [f"web-{number:03}" for number in range(first, first + count)]


def burst(house: House, *instances: str, **more: object) -> None:
    """Fire all of them, numbered in this order: of one body PostgreSQL's numbers follow the keys."""
    for some in [instances] if house.url.startswith("sqlite") else [[each] for each in instances]:
        house.fire(*some, **more)


def left(house: House) -> list[float]:
    """After how many seconds each SMS left."""
    return [round(sms.at - NIGHT.timestamp()) for sms in house.sandbox.accepted]


def digest_of(house: House, number: int) -> list[int]:
    """The incidents that a digest covers."""
    (message,) = [row[0] for row in house.rows(message_table.c.id, message_table.c.digest) if row[1] == number]
    return [
        row[1]
        for row in house.rows(
            notification_table.c.id, notification_table.c.incident_id, notification_table.c.message_id
        )
        if row[2] == message
    ]


def test_the_first_five_leave_alone_and_the_others_together_after_15_seconds(house):
    burst(house, *names(12))
    house.run(20)
    assert house.texts[:5] == [page(f"web-00{number}", number + 1) for number in range(5)]
    assert house.texts[5:] == ["+7 more CRITICAL: HighCPU x7 since 02:10 #13"]
    assert left(house) == [0, 0, 0, 0, 0, 15]
    assert digest_of(house, 13) == [6, 7, 8, 9, 10, 11, 12]
    assert house.fire("web-100")["incidents"] == ["#14"]
    assert house.metric("digests_total") == 1
    assert house.metric("sms_total", team="ops", outcome="sent") == 6


@pytest.mark.one_store
def test_a_storm_of_a_thousand_alerts_is_a_few_sms_for_each_person(url, clock):
    house = House(url, clock, THREE)
    for first in range(0, 1000, 100):
        burst(house, *names(100, first))
    house.settle()
    assert len(house.texts) == 15
    house.run(2700, hop=15)
    got = Counter(sms.receiver for sms in house.sandbox.accepted)
    assert set(got.values()) == {6 + 5 + 1}, got  # singles and a digest; the reminders of both after half an hour
    assert house.texts[15:18] == [
        "+995 more CRITICAL: HighCPU x995 since 02:10 #1001",
        "+995 more CRITICAL: HighCPU x995 since 02:10 #1002",
        "+995 more CRITICAL: HighCPU x995 since 02:10 #1003",
    ]
    assert sum(text.startswith("995 STILL CRITICAL: HighCPU x995 since 02:10 #") for text in house.texts) == 3
    house.close()


@pytest.mark.one_store
def test_a_storm_that_goes_on_is_told_at_growing_distance(house):
    for number in range(140):
        house.fire(f"web-{number:03}")
        house.run(15, hop=15)
    digests = [at for at, text in zip(left(house), house.texts, strict=True) if "more" in text]
    assert [round(at / 60, 1) for at in digests] == [3.5, 7.5, 15.5, 31.5]  # at 1.5 it was one
    house.run(1900, hop=30)
    told = [
        row[2]
        for row in house.rows(notification_table.c.id, notification_table.c.nth, notification_table.c.state)
        if row[1] == 0
    ]
    assert told == ["claimed"] * 140


def test_a_new_critical_does_not_wait_behind_a_storm_of_warnings(house):
    burst(house, *names(60), severity="warning")
    house.run(5)
    house.fire("db-1")
    house.settle()
    assert house.texts[-1] == page("db-1", 61)
    house.run(10)
    assert house.texts[6:] == ["+55 more WARNING: HighCPU x55 since 02:10 #62"]


def test_what_was_resolved_before_the_digest_left_is_not_in_it(house):
    burst(house, *names(12))
    house.run(5)
    house.resolve(*names(3, 5))
    house.run(11)
    assert house.texts[5:] == ["+4 more CRITICAL: HighCPU x4 since 02:10 #13"]


def test_what_resolves_while_the_digest_is_tried_again_is_told_behind_it(house):
    burst(house, *names(12))
    house.settle()
    house.fault("429", times=3)
    house.run(17)
    assert len(house.texts) == 5
    house.resolve(*names(2, 5))
    house.run(20)
    assert house.texts[5:] == [
        "+7 more CRITICAL: HighCPU x7 since 02:10 #13",
        "OK #6 HighCPU web-005, #7 HighCPU web-006",
    ]


def test_what_resolves_between_the_plan_of_a_digest_and_its_claim_is_not_in_it(house, monkeypatch):
    burst(house, *names(12))
    house.settle()
    house.clock.advance(16)
    start = house.app.delivery.dispatcher._start

    def late(*args):
        monkeypatch.undo()
        house.resolve("web-005")
        return start(*args)

    monkeypatch.setattr(house.app.delivery.dispatcher, "_start", late)
    house.settle()
    assert house.texts[5:] == ["+6 more CRITICAL: HighCPU x6 since 02:10 #13"]


def test_a_digest_of_which_nothing_fires_any_more_does_not_leave(house):
    burst(house, *names(8))
    house.settle()
    house.fault("429", times=3)
    house.run(16)
    house.resolve(*names(2, 5))
    house.resolve("web-007")
    house.run(20)
    assert house.texts[5:] == [
        "resolved meanwhile: #6 HighCPU 02:10-02:22, #7 HighCPU 02:10-02:22, #8 HighCPU 02:10-02:22"
    ]
    assert house.states()[5] == ("page", "cancelled")


@pytest.mark.parametrize(("fault", "copies"), [("reset_after", 1), ("reset_before", 1)])
def test_a_digest_whose_answer_was_lost_is_looked_up_and_leaves_once(house, fault, copies):
    burst(house, *names(12))
    house.settle()
    house.fault(fault, times=1)
    house.run(60)
    assert house.texts[5:] == ["+7 more CRITICAL: HighCPU x7 since 02:10 #13"] * copies
    assert house.states()[5] == ("page", "delivered")


def test_a_refused_digest_goes_to_the_next_number_as_one(house):
    house.give_phones("alice", ALICE, "+33756789012")
    burst(house, *names(12))
    house.settle()
    house.fault("invalid_receiver", times=1)
    house.run(16)
    assert [(sms.receiver, sms.text) for sms in house.sandbox.accepted[5:]] == [
        ("+33756789012", "+7 more CRITICAL: HighCPU x7 since 02:10 #14")
    ]


def test_oks_within_a_minute_leave_together(house):
    burst(house, *names(5))
    house.settle()
    for number in range(5):
        house.resolve(f"web-00{number}")
        house.run(10)
    house.run(30)
    assert house.texts[5:] == [
        "OK HighCPU web-000 after 12 min #1",
        "OK #2 HighCPU web-001, #3 HighCPU web-002, #4 HighCPU web-003, #5 HighCPU web-004",
    ]
    assert left(house)[5:] == [0, 60]


def test_an_ok_that_waits_to_leave_with_others_is_dropped_when_it_fires_again(house):
    burst(house, *names(3))
    house.settle()
    house.fault("429", times=1)
    house.resolve(*names(3))
    house.settle()
    house.fire("web-001", start=NIGHT + timedelta(minutes=16))
    house.run(30)
    assert house.texts[3:] == [
        "AGAIN CRITICAL HighCPU web-001: CPU above 90% for 5 min #2",
        "OK #1 HighCPU web-000, #3 HighCPU web-002",
    ]


def test_after_a_digest_its_oks_are_one_text(house):
    burst(house, *names(12))
    house.run(20)
    house.resolve(*names(12))
    house.settle()
    (text,) = house.texts[6:]
    assert text == (
        "OK #1 HighCPU, #2 HighCPU, #3 HighCPU, #4 HighCPU, #5 HighCPU, #6 HighCPU, #7 HighCPU, #8 HighCPU, "
        "#9 HighCPU, #10 HighCPU, #11 HighCPU, #12 HighCPU"
    )


@pytest.mark.one_store
def test_reminders_of_fifty_open_incidents_are_one_text_beside_those_of_the_first(house):
    burst(house, *names(50))
    house.run(20)
    before = len(house.texts)
    house.run(1800, hop=5)
    again = house.texts[before:]
    assert again[:5] == [
        page(f"web-00{number}", number + 1, "STILL ").replace(":", " since 02:10:", 1) for number in range(5)
    ]
    assert again[5:] == ["45 STILL CRITICAL: HighCPU x45 since 02:10 #52"]


def test_a_restart_in_the_middle_of_a_storm_changes_nothing(house):
    burst(house, *names(12))
    house.run(5)
    house.crash()
    house.start()
    burst(house, *names(3, 20))
    house.run(11)
    assert house.texts[5:] == ["+10 more CRITICAL: HighCPU x10 since 02:10 #16"]
    house.fire("web-900")
    house.run(60)
    assert len(house.texts) == 6
    house.run(61)
    assert house.texts[6:] == [page("web-900", 17)]
    assert left(house)[6] == 135


@pytest.mark.one_store
def test_thirty_pages_that_a_mute_held_leave_as_a_storm(url, clock):
    house = House(
        url,
        clock,
        """
people: {alice: "+33612345678"}
teams: {ops: {page: [alice]}}
time_intervals: [{name: night, time_intervals: [{times: [{start_time: "00:00", end_time: "06:00"}]}]}]
route: {team: ops, routes: [{matchers: ['severity="critical"'], mute_time_intervals: [night]}]}
storm: {after: 5}
""",
    )
    burst(house, *names(30))
    house.settle()
    assert house.texts == []
    house.run(3 * 3600 + 51 * 60, hop=60)
    assert house.texts[:5] == [
        f"CRITICAL HighCPU web-00{number} since 02:10: CPU above 90% for 5 min #{number + 1}" for number in range(5)
    ]
    assert house.texts[5:] == ["+25 more CRITICAL: HighCPU x25 since 02:10 #31"]
    house.close()


@pytest.mark.one_store
def test_nobody_gets_more_in_an_hour_than_the_limit(url, clock):
    house = House(url, clock, PLAN + "storm: {after: 0}\nlimits: {per_person_per_hour: 6}\n")
    for number in range(40):
        house.fire(f"web-{number:03}")
        house.run(60, hop=10)
    assert len([at for at in left(house) if at < 3600]) <= 6
    house.run(6000, hop=30)
    times = left(house)
    assert all(later - first >= 3600 for first, later in zip(times, times[6:], strict=False))
    told = [
        row
        for row in house.rows(notification_table.c.id, notification_table.c.state, notification_table.c.nth)
        if row[2] == 0
    ]
    assert {row[1] for row in told} == {"claimed"}
    house.close()


def test_the_last_credits_are_for_critical_alerts(house):
    house.app.store.transact(lambda tx: settings.put(tx, "credits", "50", NIGHT))
    house.post(alert("web-01", severity="warning"))
    house.post(alert("web-02"))
    house.run(30)
    assert house.texts == [page("web-02", 2)]
    house.app.store.transact(lambda tx: settings.put(tx, "credits", "51", NIGHT))
    house.run(60)
    assert house.texts[1:] == ["WARNING HighCPU web-01: CPU above 90% for 5 min #1"]


def story(house: House, number: int) -> list[tuple[str, int]]:
    """What `alertsms why` tells of an incident, and how often it happened."""
    return [(sentence(told), told.count) for told in house.app.store.read(lambda tx: history.timeline(tx, number))]


def test_why_a_page_waits_is_told_once_however_often_it_is_looked_at(house):
    burst(house, *names(7))
    house.run(20)
    assert story(house, 7)[:2] == [
        ("paged, it is new: alice (team ops, root route)", 1),
        ("SMS to alice waits for a digest: too many came at once (storm.after)", 1),
    ]
    assert [words for words, _ in story(house, 7)][2].startswith(
        "digest #8 to alice (+33*******78) accepted by OVHcloud"
    )
    assert "waits" not in "".join(words for words, _ in story(house, 5))


def test_why_a_page_waits_for_the_next_hour_is_told(url, clock):
    house = House(url, clock, PLAN + "storm: {after: 0}\nlimits: {per_person_per_hour: 6}\n")
    burst(house, *names(8))  # four leave alone; once only the reserve is left, one SMS is a digest of all that waits
    house.run(2)
    assert [text.startswith("+4 more CRITICAL: HighCPU x4 ") for text in house.texts] == [False] * 4 + [True]
    house.fire(*names(1, first=8))
    house.run(2)
    assert house.texts[5:] == [page("web-008", 10)]
    house.fire(*names(1, first=9))
    house.run(2)
    assert story(house, 11)[1:] == [("SMS to alice waits: this hour's SMS are used up (limits.per_person_per_hour)", 1)]
    house.close()


def test_what_waits_for_credits_is_told_to_the_fallback_at_once_and_once(url, clock):
    house = House(url, clock, PLAN + 'storm: {after: 5}\nfallback: {channels: ["json://ops.example.org"]}\n')
    house.app.store.transact(lambda tx: settings.put(tx, "credits", "50", NIGHT))
    house.fire("web-01", severity="warning")
    house.run(300, hop=10)
    assert house.texts == []
    assert [title for _, title, _ in house.posted] == ["WARNING HighCPU web-01 #1"]
    ((words, count),) = [(words, count) for words, count in story(house, 1) if "waits" in words]
    assert words == "SMS to alice waits: the last credits are for critical alerts (limits.reserve_credits)"
    assert count > 1
    house.fire("web-02", severity="warning")
    house.run(10)
    assert [title for _, title, _ in house.posted][1:] == ["WARNING HighCPU web-02 #2"]
    house.close()


def test_after_an_outage_each_person_gets_one_text_of_what_is_still_open(house):
    """The pages never left; what of them resolved meanwhile is counted in the same text."""
    burst(house, *names(12))
    house.clock.advance(900)
    house.app.delivery.accounts.backlog_until = house.clock()
    house.resolve(*names(4))
    house.settle()
    (text,) = house.texts
    assert text == (
        "8 CRITICAL: HighCPU x8 since 02:10; resolved meanwhile: #1 HighCPU 02:10-02:22, #2 HighCPU 02:10-02:22, "
        "#3 HighCPU 02:10-02:22, #4 HighCPU 02:10-02:22 #13"
    )
    house.fire("web-900")
    house.settle()
    assert house.texts[1:] == [page("web-900", 14)]


def test_the_only_page_beside_what_resolved_meanwhile_can_be_answered_by_its_number(house):
    burst(house, *names(3))
    house.clock.advance(900)
    house.app.delivery.accounts.backlog_until = house.clock()
    house.resolve(*names(2))
    house.settle()
    (text,) = house.texts
    assert text == (
        "1 CRITICAL: HighCPU web-002 since 02:10; resolved meanwhile: #1 HighCPU 02:10-02:22, #2 HighCPU 02:10-02:22 #4"
    )
    answer = house.app.oncall.acknowledgements.acknowledge([4], by="alice", via=AcknowledgedVia.REPLY)
    assert [(each.number, each.result) for each in answer.outcomes] == [(3, AckOutcome.TAKEN)]


def test_what_was_put_off_leaves_with_the_digest_though_a_round_has_no_place_for_it(url, clock):
    """A round looks at as many pages as it has places; critical ones must not keep lesser ones back for good."""
    house = House(url, clock, PLAN + "storm: {after: 1, within: 2m}\nlimits: {per_person_per_hour: 0}\n")
    house.app.delivery.rate_limiter.limit(max_in_flight=2, max_per_second=0)
    house.fire("web-000")
    house.settle()
    house.fire("web-001", "web-002")
    house.fire("web-003", "web-004", severity="warning")
    house.settle()
    house.clock.advance(15)  # all four are due at once
    house.settle()
    assert house.texts[1:] == ["+4 more: 2 CRITICAL HighCPU x2; 2 WARNING HighCPU x2 since 02:10 #6"]
    house.close()


@pytest.mark.parametrize(("more", "seconds"), [(0, 60), (1, 0)])
def test_a_digest_is_as_slow_as_the_latest_page_in_it_that_was_due(house, more, seconds):
    """What is gathered on purpose is not slow; what then cannot leave is."""
    burst(house, *names(12))
    house.settle()
    house.clock.advance(15 + 60)
    if more:
        house.fire(*names(more, first=12))
    house.settle()
    assert len(house.texts) == 6
    assert house.metric("page_seconds_sum") == seconds
