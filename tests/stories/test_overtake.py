"""An OK never overtakes its page: it waits for the page's outcome, and that decides what is said."""

from __future__ import annotations

from datetime import timedelta

from alertsms.core.incidents.acknowledge import AcknowledgedVia
from alertsms.store.schema import message_table
from tests.support.house import NIGHT, PLAN, House, page

OK = "OK HighCPU web-01 after 12 min #1"


def test_an_ok_waits_while_its_page_is_being_sent(house):
    house.fire()
    house.pool.lazy = True
    house.settle()
    house.resolve()
    house.settle()
    assert house.page_states() == [("page", "claimed"), ("resolved", "waiting")]
    house.pool.lazy = False
    house.pool.run()
    house.settle()
    assert house.texts == [page("web-01", 1), OK]


def test_an_ok_waits_until_a_lost_page_is_found(house):
    house.fault("reset_after")
    house.fire()
    house.settle()
    house.resolve()
    house.settle()
    assert house.states() == [("page", "unknown")]
    house.sandbox.faults.clear()
    house.run(30)
    assert house.texts == [page("web-01", 1), OK]
    assert house.metric("sms_unknown_total", resolution="found") == 1


def test_a_lost_page_that_never_arrived_is_told_as_resolved_meanwhile(house):
    house.fault("reset_before", times=1)
    house.fire()
    house.settle()
    house.resolve()
    house.run(30)
    assert house.texts == ["resolved meanwhile: #1 HighCPU 02:10-02:22"]
    assert house.states() == [("page", "cancelled"), ("meanwhile", "delivered")]
    assert house.metric("sms_unknown_total", resolution="cancelled") == 1
    assert house.metric("sms_total", team="ops", outcome="cancelled") == 1


def test_a_page_that_waited_in_vain_is_cancelled_and_told_as_resolved_meanwhile(house):
    house.fault("429")
    house.fire()
    house.settle()
    answer = house.resolve()
    assert answer["pages"] == 0
    house.sandbox.faults.clear()
    house.run(60)
    assert house.texts == ["resolved meanwhile: #1 HighCPU 02:10-02:22"]
    assert house.metric("sms_total", team="ops", outcome="cancelled") == 1


def test_a_page_refused_for_now_while_its_incident_ended_is_not_tried_again(house):
    house.fault("429", times=1)
    house.fire()
    house.pool.lazy = True
    house.settle()
    house.resolve()
    house.pool.lazy = False
    house.pool.run()
    house.run(60, hop=5)
    assert house.texts == ["resolved meanwhile: #1 HighCPU 02:10-02:22"]
    assert house.metric("sms_total", team="ops", outcome="cancelled") == 1


def test_a_page_that_nobody_had_tried_yet_leaves_without_a_word(house):
    house.fire()
    house.resolve()
    house.run(10)
    assert house.texts == []


def test_a_page_that_waited_for_long_is_told_as_resolved_meanwhile(house):
    house.fire()
    house.clock.advance(130)
    house.resolve()
    house.run(10)
    assert house.texts == ["resolved meanwhile: #1 HighCPU 02:10-02:22"]


def test_a_page_that_was_refused_for_good_is_followed_by_no_ok(house):
    house.fault("invalid_receiver", times=1)
    house.fire()
    house.pool.lazy = True
    house.settle()
    house.resolve()
    house.pool.lazy = False
    house.pool.run()
    house.run(10)
    assert house.texts == []
    assert house.page_states() == [("page", "claimed"), ("resolved", "cancelled")]


def test_whose_page_was_refused_for_good_gets_no_ok_though_somebody_else_had_one(url, clock):
    house = House(url, clock, PLAN.replace("page: [alice]", "page: [alice, bob]"))
    house.fire()
    house.pool.lazy = True
    house.settle()
    house.resolve()
    house.pool.lazy = False
    refused = house.pool.kept.pop()
    house.pool.run()
    house.fault("invalid_receiver", times=1)
    house.pool.kept = [refused]
    house.pool.run()
    house.run(10)
    assert house.texts == [page("web-01", 1), OK]
    assert len({sms.receiver for sms in house.sandbox.accepted}) == 1
    house.close()


def test_a_page_that_was_refused_for_good_is_followed_by_no_ok_though_that_of_another_incident_left(house):
    house.fire("web-02")
    house.settle()
    house.fire("web-01")
    house.pool.lazy = True
    house.settle()
    house.resolve("web-01")
    house.fault("invalid_receiver", times=1)
    house.pool.lazy = False
    house.pool.run()
    house.run(10)
    assert house.texts == [page("web-02", 1)]


def test_a_page_that_was_refused_for_good_is_followed_by_no_ok_though_that_of_an_earlier_episode_left(house):
    house.fire()
    house.settle()
    house.resolve()
    house.settle()
    house.fire(start=NIGHT + timedelta(minutes=13))
    house.pool.lazy = True
    house.settle()
    house.resolve(start=NIGHT + timedelta(minutes=13), end=NIGHT + timedelta(minutes=14))
    house.fault("invalid_receiver", times=1)
    house.pool.lazy = False
    house.pool.run()
    house.run(600)
    assert house.texts == [page("web-01", 1), OK]


def test_an_ok_waits_for_a_reminder_that_is_being_sent(house):
    house.fire()
    house.settle()
    house.clock.advance(1801)
    house.app.oncall.escalator.step()  # its round is over
    house.app.oncall.escalator.step()
    house.pool.lazy = True
    house.settle()
    house.resolve()
    house.settle()
    assert house.page_states()[2:] == [("resolved", "waiting")]
    house.pool.lazy = False
    house.pool.run()
    house.settle()
    assert house.texts[2:] == [OK]


def test_who_had_the_first_page_gets_the_ok_although_the_reminder_failed(house):
    house.fire()
    house.settle()
    house.clock.advance(1801)
    house.app.oncall.escalator.step()  # its round is over
    house.app.oncall.escalator.step()
    house.pool.lazy = True
    house.settle()
    house.resolve()
    house.fault("invalid_receiver", times=1)
    house.pool.lazy = False
    house.pool.run()
    house.settle()
    assert house.texts == [page("web-01", 1), OK]


def test_an_ok_goes_on_waiting_while_the_page_of_another_incident_is_given_up(house):
    house.fault("429", times=1)
    house.fire("web-02")
    house.settle()
    house.pool.lazy = True
    house.fire("web-01")
    house.settle()
    house.resolve("web-01")
    house.resolve("web-02")
    assert house.page_states()[2] == ("resolved", "waiting")
    house.pool.lazy = False
    house.pool.run()
    house.run(60)
    assert house.texts == [page("web-01", 2), "OK #2 HighCPU web-01; resolved meanwhile: #1 HighCPU 02:10-02:22"]


def test_who_was_relieved_of_an_earlier_episode_gets_no_ok_of_a_later_one_that_never_left(url, clock):
    house = House(url, clock, PLAN.replace("page: [alice]", "page: [alice, bob]"))
    house.fire()
    house.settle()
    house.app.oncall.acknowledgements.acknowledge([1], by="alice", via=AcknowledgedVia.REPLY)
    house.resolve()
    house.settle()
    said = house.texts
    assert said[-1] == OK
    house.fire(start=NIGHT + timedelta(minutes=13))
    house.resolve(start=NIGHT + timedelta(minutes=13), end=NIGHT + timedelta(minutes=14))
    house.run(60)
    assert house.texts == said
    house.close()


def test_a_lost_page_of_an_episode_that_is_over_is_not_sent_again(house):
    house.fault("reset_before", times=1)
    house.fire()
    house.settle()
    house.resolve()
    house.settle()
    house.clock.advance(0.5)
    house.fire(start=NIGHT + timedelta(minutes=13))
    house.run(60)
    assert house.texts == ["AGAIN CRITICAL HighCPU web-01: CPU above 90% for 5 min #1"]
    assert house.states() == [("page", "cancelled"), ("page", "delivered")]


def test_a_number_that_is_gone_gives_way_to_the_person_s_new_one(house):
    house.fault("429", times=1)
    house.fire()
    house.settle()
    house.reload("""
people: {alice: "+33611111111"}
teams: {ops: {page: [alice]}}
route: {team: ops}
""")
    house.run(5)
    assert [sms.receiver for sms in house.sandbox.accepted] == ["+33611111111"]
    assert house.states() == [("page", "cancelled"), ("page", "sent")]


def test_a_lost_message_to_somebody_who_is_gone_is_followed_to_its_end(house):
    house.fault("reset_after", times=1)
    house.fire()
    house.settle()
    house.reload("""
people: {bob: "+33698765432"}
teams: {ops: {page: [bob]}}
route: {team: ops}
""")
    house.run(10)
    assert house.rows(message_table.c.state) == [("sent",)]


def test_a_lost_message_that_never_left_is_given_to_who_came_after(house):
    house.fault("reset_before", times=1)
    house.fire()
    house.settle()
    house.reload("""
people: {bob: "+33698765432"}
teams: {ops: {page: [bob]}}
route: {team: ops}
""")
    house.run(30)
    assert [sms.receiver for sms in house.sandbox.accepted] == ["+33698765432"]
