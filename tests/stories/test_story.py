"""One alert from POST to the phone, and all that may happen to its incident on the way."""

from __future__ import annotations

import threading
from datetime import timedelta

from alertsms.store.schema import incident_table
from tests.support.house import BOB, NIGHT, PLAN, alert, page

MUTED_AT_NIGHT = (
    PLAN.replace("route: {team: ops}", "route: {team: ops, routes: [{team: ops, active_time_intervals: [day]}]}")
    + """
time_intervals: [{name: day, time_intervals: [{times: [{start_time: "06:00", end_time: "22:00"}]}]}]
"""
)
TWO_TEAMS = """
people: {alice: "+33612345678", bob: "+33698765432"}
teams: {ops: {page: [alice]}, db: {page: [alice, bob]}}
route: {team: ops, routes: [{team: ops, continue: true}, {team: db}]}
"""


def test_an_alert_becomes_one_sms_with_everything_it_needs(house):
    assert house.fire() == {"alerts": 1, "incidents": ["#1"], "pages": 1}
    house.settle()
    (sms,) = house.sandbox.accepted
    assert sms.text == "CRITICAL HighCPU web-01: CPU above 90% for 5 min #1"
    assert (sms.receiver, sms.sender, sms.stop) == ("+33612345678", "ACME", False)
    assert (sms.priority, sms.validity, len(sms.tag)) == ("high", 30, 16)
    assert house.states() == [("page", "sent")]
    assert house.metric("sms_total", team="ops", outcome="sent") == 1
    assert house.metric("sms_attempts_total", result="accepted") == 1
    assert house.metric("webhook_requests_total", source="alertmanager", code="202") == 1
    assert house.metric("alerts_received_total", source="alertmanager", status="firing") == 1


def test_sixteen_equal_posts_at_the_same_moment_give_one_sms(house):
    together = threading.Barrier(16)
    answers = []

    def post() -> None:
        together.wait()
        answers.append(house.app.wsgi.test_client().post("/webhook", json={"alerts": [alert()]}).status_code)

    threads = [threading.Thread(target=post) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [202] * 16
    house.settle()
    assert house.texts == [page("web-01", 1)]


def test_a_resend_adds_no_message(house):
    house.fire()
    house.settle()
    assert house.fire() == {"alerts": 1, "incidents": ["#1"], "pages": 0}
    house.settle()
    assert house.texts == [page("web-01", 1)]


def test_a_group_that_grows_gives_one_sms_more(house):
    house.fire("web-01", "web-02")
    house.settle()
    assert house.fire("web-01", "web-02", "web-03")["pages"] == 1
    house.settle()
    assert sorted(text.split(":")[0] for text in house.texts) == [
        "CRITICAL HighCPU web-01",
        "CRITICAL HighCPU web-02",
        "CRITICAL HighCPU web-03",
    ]


def test_a_resolution_gives_one_ok_to_who_was_paged_and_its_resend_none(house):
    house.fire()
    house.settle()
    house.resolve()
    house.resolve()
    house.settle()
    house.resolve()
    house.settle()
    assert house.texts == [page("web-01", 1), "OK HighCPU web-01 after 12 min #1"]
    assert {sms.receiver for sms in house.sandbox.accepted} == {"+33612345678"}


def test_an_alert_that_comes_back_pages_again_with_its_number(house):
    house.fire()
    house.settle()
    house.resolve()
    house.run(300, hop=60)
    house.fire(start=NIGHT + timedelta(minutes=14))
    house.settle()
    assert house.texts[2:] == ["AGAIN CRITICAL HighCPU web-01: CPU above 90% for 5 min #1"]
    house.resolve(end=NIGHT + timedelta(minutes=20), start=NIGHT + timedelta(minutes=14))
    house.settle()
    assert house.texts[3:] == ["OK HighCPU web-01 after 6 min #1"]


def test_an_alert_that_comes_back_after_the_flap_window_is_a_new_incident(house):
    house.fire()
    house.settle()
    house.resolve()
    house.run(1000, hop=100)
    assert house.fire(start=NIGHT + timedelta(minutes=16))["incidents"] == ["#2"]
    house.settle()
    assert house.texts[2:] == [page("web-01", 2)]


def test_a_late_copy_pages_after_two_minutes_unless_it_is_resolved_again(house):
    house.fire("web-01")  # each in a body of its own: within one, PostgreSQL numbers them in another order
    house.fire("web-02")
    house.settle()
    house.resolve("web-01", "web-02")
    house.settle()
    house.fire("web-01", "web-02")
    house.run(60, hop=10)
    assert house.texts[2:] == ["OK #1 HighCPU web-01, #2 HighCPU web-02"]
    house.resolve("web-01")
    house.run(70, hop=10)
    (back,) = house.texts[3:]
    assert back.startswith("AGAIN CRITICAL HighCPU web-02")


def test_an_open_incident_is_reminded_of_from_the_stored_timer(house):
    house.fire()
    house.settle()
    house.run(1790, hop=179)
    assert len(house.texts) == 1
    house.run(20)
    assert len(house.texts) == 2
    house.run(3600, hop=300)
    assert len(house.texts) == 4
    house.resolve()
    house.run(3600, hop=900)
    assert len(house.texts) == 5


def test_a_resolution_after_the_routes_changed_still_closes(house):
    house.fire()
    house.settle()
    house.reload("""
people: {bob: "+33698765432"}
teams: {others: {page: [bob]}}
route: {team: others}
""")
    house.resolve()
    house.settle()
    assert house.rows(incident_table.c.state, incident_table.c.reason) == [("closed", "resolved")]


def test_a_resolution_while_its_route_is_muted_still_closes_and_says_ok(house):
    house.fire()
    house.settle()
    house.reload(MUTED_AT_NIGHT)
    house.resolve()
    house.settle()
    assert house.texts[1:] == ["OK HighCPU web-01 after 12 min #1"]


def test_what_fired_while_muted_pages_when_the_mute_ends(house):
    house.reload(MUTED_AT_NIGHT)
    assert house.fire() == {"alerts": 1, "incidents": ["#1"], "pages": 0}
    house.run(3600 * 3.5, hop=600)
    assert house.texts == []
    house.run(1300, hop=60)
    assert house.texts == ["CRITICAL HighCPU web-01 since 02:10: CPU above 90% for 5 min #1"]


def test_what_fired_and_ended_while_muted_pages_nobody(house):
    house.reload(MUTED_AT_NIGHT)
    house.fire()
    house.resolve()
    house.run(3600 * 4, hop=600)
    assert house.texts == []
    assert house.rows(incident_table.c.state) == [("closed",)]


def test_a_mute_that_a_reload_takes_away_ends_at_once(house):
    house.reload(MUTED_AT_NIGHT)
    house.fire()
    house.run(5)
    assert house.texts == []
    house.reload(PLAN)
    house.run(0)
    assert house.texts == ["CRITICAL HighCPU web-01 since 02:10: CPU above 90% for 5 min #1"]


def test_one_alert_pages_a_person_once_however_many_teams_it_reaches(house):
    house.reload(TWO_TEAMS)
    assert house.fire()["pages"] == 2
    house.settle()
    assert sorted(sms.receiver for sms in house.sandbox.accepted) == ["+33612345678", BOB]
    house.run(2400, hop=600)
    assert len(house.texts) == 4
    house.resolve()
    house.settle()
    assert sorted(house.texts[4:]) == ["OK HighCPU web-01 after 12 min #1", "OK HighCPU web-01 after 12 min #2"]


def test_what_nothing_mentions_for_three_days_is_closed_without_a_word(house):
    house.fire()
    house.settle()
    house.reload(PLAN.replace("page: [alice]", "page: [alice], repeat_interval: 0s"))
    house.run(3600 * 73, hop=3600 * 8)
    assert house.rows(incident_table.c.state, incident_table.c.reason) == [("closed", "stale")]
    assert house.texts == [page("web-01", 1)]


def test_a_person_who_is_gone_after_a_reload_is_replaced_by_the_team_as_it_is_now(house):
    house.fire()
    house.reload("""
people: {bob: "+33698765432"}
teams: {ops: {page: [bob]}}
route: {team: ops}
""")
    house.settle()
    assert [(sms.receiver, sms.text) for sms in house.sandbox.accepted] == [(BOB, page("web-01", 1))]
    assert house.page_states() == [("page", "cancelled"), ("page", "claimed")]


def test_an_ok_for_a_person_who_is_gone_is_dropped(house):
    house.fire()
    house.settle()
    house.resolve()
    house.reload("""
people: {bob: "+33698765432"}
teams: {ops: {page: [bob]}}
route: {team: ops}
""")
    house.settle()
    assert house.texts == [page("web-01", 1)]


def test_a_team_that_is_gone_after_a_reload_becomes_the_roots(house):
    house.reload("""
people: {alice: "+33612345678", bob: "+33698765432"}
teams: {ops: {page: [alice]}, root: {page: [bob]}}
route: {team: root, routes: [{team: ops}]}
""")
    house.fire()
    house.settle()
    house.reload("""
people: {bob: "+33698765432"}
teams: {root: {page: [bob]}}
route: {team: root}
""")
    house.run(2400, hop=600)
    assert [sms.receiver for sms in house.sandbox.accepted] == ["+33612345678", BOB]


def test_watchdog_pages_nobody(house):
    assert house.fire(name="Watchdog") == {"alerts": 1, "incidents": [], "pages": 0}


def test_the_ok_of_before_does_not_follow_the_page_that_it_is_back(house):
    """Were OVH away meanwhile, the OK of the first episode would arrive behind AGAIN, and say that all is well."""
    house.fire()
    house.settle()
    house.resolve()
    house.clock.advance(180)
    house.fire(start=NIGHT + timedelta(minutes=13))
    house.settle()
    assert [text.split(" ")[0] for text in house.texts] == ["CRITICAL", "AGAIN"]


def test_an_ok_that_waits_for_its_retry_is_dropped_when_the_alert_comes_back(house):
    house.fire()
    house.settle()
    house.fault("429", times=1)
    house.resolve()
    house.settle()
    assert house.states() == [("page", "sent"), ("resolved", "queued")]
    house.clock.advance(180)
    house.fire(start=NIGHT + timedelta(minutes=13))
    house.run(10)
    assert house.states() == [("page", "delivered"), ("resolved", "cancelled"), ("page", "delivered")]
    assert house.page_states() == [("page", "claimed"), ("resolved", "cancelled"), ("page", "claimed")]
    assert house.metric("sms_total", team="ops", outcome="cancelled") == 1
