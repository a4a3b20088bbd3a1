"""What people see in a browser at a desk: what is open, who is on call, and one incident."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from alertsms.alertmanager import Alertmanagers
from alertsms.core.routing.roster import Pause
from alertsms.oncall.alertmanager import SilenceOutcome, SilenceResult
from alertsms.store.error import StoreError
from tests.support.house import PLAN, House
from tests.web.test_link import Broken, proof, standing, words

DUTY = """
time_zone: Europe/Paris
people: {alice: "+33612345678", bob: "+33698765432", carol: "+33611111111"}
schedules:
  primary: {time_zone: Europe/Paris, rotations: [{people: [alice, bob], every: 1w, from: "2026-01-05 09:00"}]}
  nights: {time_zone: America/New_York, rotations: [{people: [carol], every: 1d, from: "2026-03-10 21:00"}]}
teams:
  ops: {steps: [{page: [primary]}, {page: [alice, bob]}], rounds: 1}
  database: {steps: [{page: [nights]}, {page: [carol]}], rounds: 1}
  archive: {record_only: true}
route: {team: ops, routes: [{matchers: ['team="db"'], team: database}]}
"""


@pytest.fixture
def duty(url, clock):
    built = House(url, clock, DUTY)
    yield built
    built.close()


@pytest.fixture
def asking(url, clock):
    """A house with a login, and alice logged in."""
    built = House(url, clock, PLAN + "server: {login: {username: alice, password: wonder}}\n")
    built.client.post("/login", data={"username": "alice", "password": "wonder"})
    yield built
    built.close()


def press(house: House, act: str, number: int = 1, **more: object):
    form = {"token": proof(house.client.get(f"/incidents/{number}")), "act": act, **more}
    return house.client.post(f"/incidents/{number}", data=form)


def test_a_quiet_night(duty, monkeypatch):
    monkeypatch.setattr(duty.app.watch.readiness, "troubles", list)
    duty.app.wsgi = duty.app._build_web()
    page = duty.app.wsgi.test_client().get("/")
    assert words(page) == (
        "Incidents On call Alerts are taken, and pages leave. Nothing is open On call now ops alice → alice, bob"
        " database nobody → carol Last SMS None yet. Times are Europe/Paris."
    )


def test_what_is_open_comes_first_the_worst_and_what_nobody_has_first(duty):
    duty.fire("web-01", severity="warning")
    duty.fire("web-02")
    duty.fire("web-03")
    duty.fire("web-04")
    duty.run(60)
    press(duty, "take", 3, by="bob")
    duty.resolve("web-04")
    duty.clock.advance(24 * 3600)
    page = duty.client.get("/")
    assert re.findall(r"incidents/(\d+)", page.text) == ["2", "1", "3"]
    assert "CRITICAL HighCPU web-02 #2 CPU above 90% for 5 min nobody has it yet · ops · since Tue 3 Mar 03:10" in (
        words(page)
    )
    assert "bob has it since Tue 3 Mar 03:11 · ops" in words(page)
    assert "web-04: CPU above" in words(page).partition("Last SMS")[2]


def test_what_keeps_pages_from_leaving_is_said_first(house):
    assert "Pages may not arrive its dispatcher does not run" in words(house.client.get("/"))


def test_a_pause_is_seen(duty):
    now = duty.clock()
    duty.app.oncall.pauses.begin(
        [Pause(team="ops", begins_at=now, ends_at=now + timedelta(hours=2), by="bob", reason="cables")]
    )
    for path in ("/", "/on-call"):
        assert "ops is paused until Tue 3 Mar 05:10 by bob: cables" in words(duty.client.get(path))
    duty.clock.advance(7200)
    for path in ("/", "/on-call"):
        assert "paused" not in words(duty.client.get(path))


def test_heartbeats_are_seen(url, clock):
    beats = "heartbeats: [{name: backup, every: 1h, grace: 10m}, {name: prometheus, every: 1m, grace: 4m}]\n"
    house = House(url, clock, PLAN + beats)
    house.client.post("/heartbeat/backup")
    house.run(20)
    assert "Heartbeats backup well, last heard of 02:10 prometheus waiting, never heard of" in (
        words(house.client.get("/"))
    )
    house.close()


def test_a_flood_is_counted_beyond_what_anybody_reads(house, monkeypatch):
    monkeypatch.setattr("alertsms.web.site.site.MOST_OPEN", 20)
    house.post(*(_alert(number) for number in range(27)))
    page = house.client.get("/")
    assert page.text.count('class="card') == 20
    assert "and 7 more" in words(page)


def _alert(number: int) -> dict[str, object]:
    return {"status": "firing", "labels": {"alertname": "A", "instance": str(number)}}


def test_the_calendar_shows_four_weeks_of_each_schedule_in_its_zone_with_gaps(duty):
    assert words(duty.client.get("/on-call")) == (
        "Incidents On call On call now ops alice → alice, bob database nobody → carol"
        " primary next four weeks, Europe/Paris from on call"
        " Mon 2 Mar 09:00 alice now Mon 9 Mar 09:00 bob Mon 16 Mar 09:00 alice Mon 23 Mar 09:00 bob"
        " Mon 30 Mar 09:00 alice"
        " nights next four weeks, America/New_York from on call nobody now Tue 10 Mar 21:00 carol"
    )


def test_without_schedules_the_calendar_says_who_is_paged(house):
    assert "No schedule is configured: each step of a team pages the people that it names." in (
        words(house.client.get("/on-call"))
    )


def test_an_incident_has_its_whole_story(duty):
    duty.fire(cluster="eu")
    duty.run(30)
    page = words(duty.client.get("/incidents/1"))
    for part in (
        "CRITICAL #1 HighCPU web-01 CPU above 90% for 5 min fires since Tue 3 Mar 03:10:00",
        "; next step Tue 3 Mar 03:15:00 You are I have it",
        "Who heard of it alice on the phone Tue 3 Mar 03:10:01 (+33*******78)",
        "What happened Tue 3 Mar 03:10:00 paged, it is new: alice",
        "What it says cluster eu severity critical Team ops, from alertmanager sms. Times are Europe/Paris.",
    ):
        assert part in page


def test_an_incident_that_is_none(house):
    for number in (7, 10**30):
        answer = house.client.get(f"/incidents/{number}")
        assert answer.status_code == 404
        assert f"No #{number}" in words(answer)


def test_the_number_of_a_digest_shows_what_it_covers(url, clock):
    house = House(url, clock, PLAN + "storm: {after: 1, within: 2m}\n")
    house.fire("web-01")
    house.run(1)
    house.fire("web-02", "web-03")
    house.run(60)
    number = int(house.texts[-1].rpartition("#")[2])
    page = house.client.get(f"/incidents/{number}")
    assert f"#{number} is one SMS for alice +2 more CRITICAL: HighCPU x2 since 02:10 #{number}" in words(page)
    assert re.findall(r"incidents/(\d+)", page.text) == ["2", "3"]
    house.close()


def test_without_a_login_somebody_says_who_they_are(house):
    house.fire()
    page = house.client.get("/incidents/1")
    assert re.findall("<option>(.*?)</option>", page.text) == ["alice", "bob"]
    answer = press(house, "take", by="bob")
    assert (answer.status_code, answer.headers["Location"]) == (303, "../incidents/1")
    assert standing(house) == ("acknowledged", "bob")
    assert house.metric("acknowledged_total", by="web") == 1


@pytest.mark.parametrize("by", ["", "mallory"])
def test_nobody_can_answer_as_somebody_unknown(house, by):
    house.fire()
    answer = press(house, "take", by=by)
    assert (answer.status_code, standing(house)) == (400, ("open", ""))
    assert "Choose who you are first." in answer.text


def test_with_a_login_it_is_whoever_is_logged_in(asking):
    asking.fire()
    assert "You are" not in words(asking.client.get("/incidents/1"))
    assert press(asking, "take", by="bob").status_code == 303
    assert standing(asking) == ("acknowledged", "alice")
    assert press(asking, "resolve").status_code == 303
    assert standing(asking)[0] == "closed"
    assert "<button name" not in asking.client.get("/incidents/1").text


def test_a_snooze_is_shown(asking):
    asking.fire()
    press(asking, "snooze2")
    assert "alice has it since Tue 3 Mar 02:10:00; paged again Tue 3 Mar 04:10:00" in (
        words(asking.client.get("/incidents/1"))
    )


def test_a_form_of_another_login_does_nothing(asking):
    asking.fire()
    token = proof(asking.client.get("/incidents/1"))
    asking.clock.advance(5)
    assert asking.client.post("/incidents/1", data={"token": token, "act": "take"}).status_code == 303
    asking.client.post("/login", data={"username": "alice", "password": "wonder"})
    assert asking.client.post("/incidents/1", data={"token": token, "act": "take"}).status_code == 403


@pytest.mark.parametrize("form", [{}, {"act": "take"}, {"act": "take", "token": "x"}])
def test_a_form_that_is_not_ours_does_nothing(house, form):
    house.fire()
    assert house.client.post("/incidents/1", data={**form, "by": "alice"}).status_code == 403
    assert standing(house) == ("open", "")


def test_a_form_on_somebody_elses_page_does_nothing(house):
    house.fire()
    form = {"token": proof(house.client.get("/incidents/1")), "act": "take", "by": "alice"}
    evil = {"Origin": "https://evil.example"}
    assert house.client.post("/incidents/1", data=form, headers=evil).status_code == 403
    assert standing(house) == ("open", "")


def test_a_form_too_large_for_any_of_ours_is_not_read(house):
    house.fire()
    assert house.client.post("/incidents/1", data={"by": "x" * 100_000}).status_code == 413


def test_a_button_of_a_number_that_no_incident_can_have(house):
    house.fire()
    form = {"token": proof(house.client.get("/incidents/1")), "act": "take", "by": "alice"}
    assert house.client.post(f"/incidents/{2**63}", data=form).status_code == 404


def test_a_store_that_does_not_answer_is_a_page_too(house, monkeypatch):
    house.fire()
    form = {"token": proof(house.client.get("/incidents/1")), "act": "take", "by": "alice"}
    house.app.oncall.acknowledgements._store = Broken()
    answer = house.client.post("/incidents/1", data=form)
    assert (answer.status_code, "the disk is full" in answer.text) == (503, True)

    def fail(work):
        raise StoreError("the disk is full")

    monkeypatch.setattr(house.app.store, "read", fail)
    answer = house.client.get("/")
    assert answer.status_code == 503
    assert "Not just now The store does not answer: the disk is full." in words(answer)
    assert house.client.get("/api/v1/incidents", headers={"Authorization": f"Bearer {house.app.keys.token}"}).json == {
        "error": "Not just now, ask again: the disk is full."
    }


def test_our_own_fault_is_a_page_too(house, monkeypatch):
    monkeypatch.setattr(house.app.watch.readiness, "_found", lambda: 1 / 0)
    assert "That failed The log of alertsms says why." in words(house.client.get("/"))


def test_the_style_is_one_small_file(house):
    answer = house.client.get("/style.css")
    assert answer.headers["Content-Type"].startswith("text/css")
    assert len(answer.data) < 8192
    assert b"prefers-color-scheme: dark" in answer.data


def test_a_link_in_an_sms_is_for_its_receiver_alone(url, clock):
    house = House(url, clock, PLAN + 'server: {external_url: "https://p.example.org"}\n')
    house.fire()
    house.run(30)
    assert "/a/" in house.texts[0]
    assert "02:10 alice CRITICAL HighCPU web-01: CPU above 90% for 5 min #1 (link) (delivered)" in (
        words(house.client.get("/", headers={"Authorization": f"Bearer {house.app.keys.token}"}))
    )
    house.close()


def test_a_snooze_of_what_somebody_else_has_changes_nothing_and_says_so(house):
    house.fire()
    press(house, "take", by="bob")
    assert words(press(house, "snooze1", by="alice")) == "#1 bob had it before you. Open it again"
    assert standing(house) == ("acknowledged", "bob")


def test_silencing_is_offered_where_an_alertmanager_is_known(house, monkeypatch):
    house.fire()
    assert "Silence" not in words(house.client.get("/incidents/1"))
    assert "No Alertmanager is configured." in words(press(house, "silence", by="bob"))
    asked = []

    def silence(number: int, *, length: timedelta, by: str, written: datetime) -> SilenceResult:
        asked.append((number, length, by))
        return SilenceResult(outcomes=(SilenceOutcome.DONE,), words="#1 is silenced until 04:10.")

    monkeypatch.setattr(house.app.oncall.silences, "silence", silence)
    known = Alertmanagers(urls=("http://am.test",))
    house.app.context.config.current = replace(house.app.config, alertmanager=known)
    assert "Silence 2 h in Alertmanager" in words(house.client.get("/incidents/1"))
    assert "#1 is silenced until 04:10." in words(press(house, "silence", by="bob"))
    assert asked == [(1, timedelta(hours=2), "bob")]
    assert standing(house) == ("open", "")
