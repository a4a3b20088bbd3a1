"""Stories with Alertmanagers that can be asked: silences, alerts that end unseen, lists that are gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import requests

from alertsms.core.incidents.acknowledge import AcknowledgedVia
from alertsms.core.incidents.incident import EventKind
from alertsms.store import history, incidents
from alertsms.store.schema import incident_table
from alertsms.web.api.openapi import document
from tests.support.alertmanager import FakeAlertmanager
from tests.support.house import NIGHT, PLAN, House, SimulatedClock, alert, page
from tests.web.test_incidents import mistakes

LABELS = {"alertname": "HighCPU", "instance": "web-01", "severity": "critical"}
TEAM = PLAN.replace("{page: [alice]}", "{page: [alice], rounds: 1, repeat_interval: 10m}")
ONE = TEAM + 'alertmanager: {urls: "http://am-a.test"}\n'
TWO = TEAM + 'alertmanager: {urls: ["http://am-a.test", "http://am-b.test"]}\n'
PAGE = page("web-01", 1)
HALF = 30
MINUTE = 60


class Asked(House):
    """A house beside Alertmanagers, which it asks as its worker does."""

    def __init__(self, url: str, clock: SimulatedClock, plan: str = TWO) -> None:
        self.a, self.b = FakeAlertmanager(clock), FakeAlertmanager(clock)
        for each in (self.a, self.b):
            each.alerts = [LABELS]
        super().__init__(url, clock, plan)

    def session(self) -> requests.Session:
        session = super().session()
        session.mount("http://am-a.test", self.a)
        session.mount("http://am-b.test", self.b)
        return session

    def run(self, seconds: float, hop: float = 1.0) -> None:
        while seconds > 0:
            super().run(min(HALF, seconds), hop)
            self.app.oncall.reconciler.step()
            self.settle()
            seconds -= HALF

    def hush(self, *, wake: bool = False) -> None:
        """Somebody silences the alert in both, or ends that silence."""
        for each in (self.a, self.b):
            each.alerts, each.silenced = ([LABELS], []) if wake else ([], [LABELS])

    def end(self) -> None:
        """The alert ends, and nobody says so."""
        for each in (self.a, self.b):
            each.alerts, each.silenced = [], []

    def state(self, number: int = 1) -> tuple[str, str]:
        return self.rows(incident_table.c.state, incident_table.c.reason)[number - 1]

    def told(self, number: int = 1) -> list[tuple[EventKind, str, str]]:
        return [
            (each.kind, each.reason, each.detail)
            for each in self.app.store.read(lambda tx: history.timeline(tx, number))
        ]


@pytest.fixture
def asked(url: str, clock: SimulatedClock) -> Iterator[Asked]:
    built = Asked(url, clock)
    yield built
    built.close()


def test_nothing_is_asked_while_nothing_lasts(asked):
    asked.run(2 * MINUTE)
    asked.fire()
    asked.run(3 * MINUTE)
    assert asked.texts == [PAGE]
    assert asked.a.seen == []


def test_what_still_fires_pages_on(asked):
    asked.fire()
    asked.run(10 * MINUTE + HALF)
    assert asked.texts == [PAGE, "STILL CRITICAL HighCPU web-01 since 02:10: CPU above 90% for 5 min #1"]
    assert asked.a.seen != []
    assert asked.metric("alertmanager_up", url="http://am-a.test") == 1


@pytest.mark.one_store
def test_what_a_time_interval_of_alertmanager_mutes_is_held_until_that_is_over(asked):
    """/alerts calls it active: reminders went on through the night that somebody had muted."""
    asked.fire()
    asked.run(5 * MINUTE)
    asked.a.muted = asked.b.muted = [LABELS]
    asked.run(40 * MINUTE)
    assert (asked.texts, asked.state()) == ([PAGE], ("held", "suppressed"))
    asked.a.muted = asked.b.muted = []
    asked.run(MINUTE)
    assert (len(asked.texts), asked.state()) == (2, ("open", "released"))


@pytest.mark.one_store
def test_a_chat_that_no_time_interval_mutes_is_no_reason_to_page(asked):
    """The same alerts go to a receiver of somebody else's: as long as that got them, the muted night was none."""
    asked.a.also = asked.b.also = "chat"
    asked.fire()
    asked.run(5 * MINUTE)
    asked.a.muted = asked.b.muted = [LABELS]
    asked.run(40 * MINUTE)
    assert (asked.texts, asked.state()) == ([PAGE], ("held", "suppressed"))
    asked.a.muted = asked.b.muted = []
    asked.run(MINUTE)
    assert (len(asked.texts), asked.state()) == (2, ("open", "released"))


@pytest.mark.one_store
def test_what_is_muted_for_one_receiver_of_ours_and_not_for_another_pages_on(asked):
    asked.a.also = asked.b.also = "sms-boss"
    asked.post(alert("web-02"), receiver="sms-boss")
    asked.fire()
    asked.run(5 * MINUTE)
    asked.a.muted = asked.b.muted = [LABELS]
    asked.run(10 * MINUTE)
    assert asked.state(2) == ("open", "firing")
    assert any(text.startswith("STILL CRITICAL HighCPU web-01") for text in asked.texts)


@pytest.mark.one_store
def test_what_is_silenced_is_held_before_the_next_page_and_paged_when_the_silence_ends(asked):
    asked.fire()
    asked.run(5 * MINUTE)
    asked.hush()
    asked.run(40 * MINUTE)
    assert asked.texts == [PAGE]
    assert asked.state() == ("held", "suppressed")
    asked.hush(wake=True)
    asked.run(MINUTE)
    assert [text.removeprefix("STILL ") for text in asked.texts[1:]] == [
        "CRITICAL HighCPU web-01 since 02:10: CPU above 90% for 5 min #1"
    ]
    assert asked.state() == ("open", "released")
    assert (EventKind.NOT_PAGED, "suppressed", "") in asked.told()
    assert (EventKind.PAGED, "released", "alice (team ops)") in asked.told()


def test_what_a_silence_ended_for_is_told_to_the_fallback_anew(asked):
    """It begins with the first step again, and nobody answers again."""
    asked.reload(TWO + 'fallback: {channels: ["json://ops.example.org/hidden"]}\n')
    asked.fire()
    asked.run(12 * MINUTE)
    told = ["Nobody of the team has answered for this:"]
    assert [text.splitlines()[0] for _, _, text in asked.posted] == told
    asked.hush()
    asked.run(10 * MINUTE)
    assert asked.state() == ("held", "suppressed")
    asked.hush(wake=True)
    asked.run(12 * MINUTE)
    assert [text.splitlines()[0] for _, _, text in asked.posted] == told * 2


def test_a_silence_in_one_of_two_holds_nothing(asked):
    asked.fire()
    asked.a.alerts, asked.a.silenced = [], [LABELS]
    asked.run(10 * MINUTE + HALF)
    assert len(asked.texts) == 2


def test_an_alertmanager_that_cannot_be_reached_holds_nothing(asked):
    asked.fire()
    asked.hush()
    asked.b.down = True
    asked.run(10 * MINUTE + HALF)
    assert len(asked.texts) == 2
    assert asked.metric("alertmanager_up", url="http://am-b.test") == 0


def test_what_is_held_is_paged_once_nobody_can_tell_for_five_minutes(asked):
    asked.fire()
    asked.hush()
    asked.run(10 * MINUTE)
    assert asked.state() == ("held", "suppressed")
    asked.b.down = True
    asked.run(4 * MINUTE)
    assert len(asked.texts) == 1
    asked.run(90)
    assert len(asked.texts) == 2
    assert asked.state() == ("open", "released")


def test_a_clock_that_is_set_back_holds_nothing_for_longer(asked):
    asked.fire()
    asked.hush()
    asked.run(10 * MINUTE)
    asked.b.down = True
    asked.clock.set_wall(-7200)
    asked.run(7 * MINUTE)
    assert len(asked.texts) == 2
    assert asked.state() == ("open", "released")


def test_what_is_held_survives_a_restart(asked):
    asked.fire()
    asked.hush()
    asked.run(10 * MINUTE)
    asked.crash()
    asked.start()
    asked.run(20 * MINUTE)
    assert asked.texts == [PAGE]
    asked.hush(wake=True)
    asked.run(MINUTE)
    assert len(asked.texts) == 2


def test_what_is_held_is_paged_when_a_reload_takes_the_alertmanagers_away(asked):
    asked.fire()
    asked.hush()
    asked.run(10 * MINUTE)
    asked.reload(TEAM)
    asked.run(6 * MINUTE)
    assert len(asked.texts) == 2


@pytest.mark.one_store
def test_the_page_of_what_is_held_does_not_leave(asked):
    asked.fault("429")
    asked.fire()
    asked.hush()
    asked.run(16 * MINUTE)
    asked.sandbox.faults.clear()
    asked.run(MINUTE)
    assert asked.texts == []
    assert asked.state() == ("held", "suppressed")
    assert asked.metric("sms_total", team="ops", outcome="cancelled") == 1


def test_a_mention_ends_the_hold(asked):
    """Alertmanager sends nothing about what it suppresses, so this one comes from where it is not."""
    asked.fire()
    asked.hush()
    asked.run(10 * MINUTE)
    asked.fire()
    asked.settle()
    assert len(asked.texts) == 2
    assert asked.state() == ("open", "released")


def test_what_ended_unseen_is_closed_and_those_paged_hear_it(asked):
    asked.fire()
    asked.run(8 * MINUTE)
    asked.hush()
    asked.run(4 * MINUTE)
    asked.end()
    asked.run(15 * MINUTE)
    assert asked.texts == [PAGE, "OK HighCPU web-01 after 20 min, gone from Alertmanager #1"]
    assert asked.state() == ("closed", "vanished")
    assert (EventKind.CLOSED, "vanished", "OK to alice") in asked.told()


def test_a_later_mention_reopens_it_and_pages(asked):
    test_what_ended_unseen_is_closed_and_those_paged_hear_it(asked)
    asked.fire()
    asked.settle()
    assert asked.texts[2:] == [page("web-01", 1, "AGAIN ")]


@pytest.mark.one_store
def test_absence_counts_only_where_each_of_them_answers(asked):
    asked.fire()
    asked.settle()
    asked.end()
    asked.b.down = True
    asked.run(40 * MINUTE)
    assert asked.state()[0] == "open"
    asked.b.down = False
    asked.run(4 * MINUTE)
    assert asked.state()[0] == "open"
    asked.run(2 * MINUTE)
    assert asked.state() == ("closed", "vanished")


@pytest.mark.one_store
def test_absence_from_a_fresh_alertmanager_closes_nothing(asked):
    asked.fire()
    asked.settle()
    asked.end()
    asked.b.up_since = asked.clock()
    asked.run(20 * MINUTE)
    assert asked.state()[0] == "open"
    asked.run(2 * MINUTE)
    assert asked.state() == ("closed", "vanished")


def test_whoever_runs_it_may_wait_less_for_a_fresh_one_and_between_the_looks(asked):
    short = replace(asked.app.config.alertmanager, settled=timedelta(minutes=5), twice=timedelta(minutes=1))
    asked.app.context.config.current = replace(asked.app.config, alertmanager=short)
    asked.fire()
    asked.settle()
    asked.run(14 * MINUTE)
    asked.end()
    asked.b.up_since = asked.clock()
    asked.run(5 * MINUTE)
    assert asked.state()[0] == "open"
    asked.run(2 * MINUTE)
    assert asked.state() == ("closed", "vanished")


@pytest.mark.one_store
def test_an_alert_that_is_listed_again_in_between_stays_open(asked):
    asked.fire()
    asked.settle()
    asked.end()
    asked.run(18 * MINUTE)
    asked.hush(wake=True)
    asked.run(MINUTE)
    asked.end()
    asked.run(4 * MINUTE)
    assert asked.state()[0] == "open"


@pytest.mark.one_store
def test_a_receiver_that_none_of_them_knows_closes_nothing(asked):
    """Its body came from an Alertmanager that the configuration does not list."""
    asked.a.receivers = asked.b.receivers = ["mail"]
    asked.fire()
    asked.end()
    asked.run(40 * MINUTE)
    assert asked.state()[0] == "open"


@pytest.mark.one_store
def test_an_answer_that_is_no_list_closes_nothing(asked):
    asked.fire()
    asked.end()
    asked.b.answers["/alerts"] = 200, b"<html>please log in</html>"
    asked.run(40 * MINUTE)
    assert asked.state()[0] == "open"


@pytest.mark.one_store
def test_what_grafana_sent_is_none_of_theirs(asked):
    asked.post(alert(), version="1", orgId=1)
    asked.end()
    asked.run(40 * MINUTE)
    assert asked.state()[0] == "open"


@pytest.mark.one_store
def test_an_incident_that_somebody_has_is_confirmed_while_it_is_listed(asked):
    asked.fire()
    asked.run(16 * MINUTE)
    (one,) = asked.app.store.read(lambda tx: incidents.get(tx, [1]))
    assert asked.app.oncall.reconciler.confirms(one)
    asked.a.down = asked.b.down = True
    asked.run(4 * MINUTE)
    assert asked.app.oncall.reconciler.confirms(one)
    asked.run(2 * MINUTE)
    assert not asked.app.oncall.reconciler.confirms(one)


def silence(asked: Asked, number: int) -> str:
    return asked.app.oncall.silences.silence(number, length=timedelta(hours=2), by="alice").words


def test_a_silence_in_somebodys_name_holds_at_once(asked):
    asked.fire()
    asked.settle()
    assert silence(asked, 1) == "Alertmanager keeps quiet about #1 for 2 h."
    assert asked.state() == ("held", "suppressed")
    (posted,) = asked.a.silences
    assert {each["name"]: each["value"] for each in posted["matchers"]} == LABELS
    assert posted["createdBy"] == "alice"
    assert posted["comment"] == "alertsms #1, by alice"
    assert posted["endsAt"] == (NIGHT + timedelta(hours=2)).isoformat()
    assert len(asked.b.silences) == 1  # they are no cluster
    assert (EventKind.ANSWERED, "silenced", "alice, for 2 h") in asked.told()
    asked.run(40 * MINUTE)
    assert asked.texts == [PAGE]


def test_a_cluster_is_asked_for_one_silence(asked):
    asked.a.peers = asked.b.peers = ["x", "y"]
    asked.fire()
    silence(asked, 1)
    assert (len(asked.a.silences), len(asked.b.silences)) == (1, 0)


def test_a_silence_that_one_of_them_lacks_is_no_hold(asked):
    asked.b.down = True
    asked.fire()
    said = silence(asked, 1)
    assert said == (
        "Alertmanager keeps quiet about #1 for 2 h. But http://am-b.test does not answer (ConnectionError): unless it"
        " is of the same cluster, it goes on."
    )
    assert asked.state()[0] == "open"


def test_what_cannot_be_silenced_is_said(asked):
    assert silence(asked, 1) == "There is no #1."
    asked.fire()
    asked.a.down = asked.b.down = True
    assert silence(asked, 1) == (
        "#1 is not silenced: http://am-a.test does not answer (ConnectionError); "
        "http://am-b.test does not answer (ConnectionError)."
    )
    asked.resolve()
    assert silence(asked, 1) == "#1 is over."
    asked.post(alert("web-02"), version="1", orgId=1)
    assert silence(asked, 2) == "#2 did not come from an Alertmanager."
    asked.reload(TEAM)
    assert silence(asked, 1) == "No Alertmanager is known: write alertmanager.urls in the configuration."


def wanted(asked: Asked, number: int = 1, status: int = 200, **body: str) -> str:
    """Ask for a silence over HTTP; returns its words."""
    path = f"/api/v1/incidents/{number}/silence"
    answer = asked.client.post(path, json={"by": "alice", "for": "2h"} | body, headers=key(asked))
    assert answer.status_code == status, answer.text
    described = document()["paths"]["/api/v1/incidents/{number}/silence"]["post"]["responses"]
    schema = described[str(status)]["content"]["application/json"]["schema"]
    assert list(mistakes(answer.json, schema, document(), "")) == []
    return answer.json["words" if status == 200 else "error"]


def test_programs_ask_for_silences(asked):
    asked.fire()
    assert wanted(asked, **{"for": "90m"}) == "Alertmanager keeps quiet about #1 for 1 h 30 min."
    assert asked.a.silences[0]["createdBy"] == "alice"
    assert asked.a.silences[0]["endsAt"] == (NIGHT + timedelta(minutes=90)).isoformat()


def test_programs_hear_why_nothing_was_silenced(asked):
    assert wanted(asked, status=404) == "There is no #1."
    asked.fire()
    assert wanted(asked, status=400, by="") == 'by: write who answers, such as {"by": "alice"}.'
    assert wanted(asked, status=400, **{"for": "8d"}) == "for: from 1m to 1w, write for example 2h."
    assert (
        wanted(asked, number=2**63, status=400) == "9223372036854775808 is no number of an incident, write 42 for #42."
    )
    asked.a.down = asked.b.down = True
    assert wanted(asked, status=502).startswith(
        "#1 is not silenced: http://am-a.test does not answer (ConnectionError)"
    )
    asked.resolve()
    assert wanted(asked, status=409) == "#1 is over."
    asked.reload(TEAM)
    assert wanted(asked, status=409) == "No Alertmanager is known: write alertmanager.urls in the configuration."
    assert asked.client.post("/api/v1/incidents/1/silence", json={"by": "eve", "for": "2h"}).status_code == 403


def digest(asked: Asked) -> int:
    """Of three alerts the last two are told in one SMS; its number."""
    asked.reload(TWO + "storm: {after: 1}")
    for instance in ("web-01", "web-02", "web-03"):  # PostgreSQL numbers the alerts of one body in any order
        asked.fire(instance)
    asked.run(MINUTE)
    return next(int(text.rpartition("#")[2]) for text in asked.texts if " more" in text)


def test_the_number_of_a_digest_silences_what_it_covers(asked):
    number = digest(asked)
    asked.resolve("web-02")
    assert wanted(asked, number) == "#2 is over. Alertmanager keeps quiet about #3 for 2 h."
    assert [len(each.silences) for each in (asked.a, asked.b)] == [1, 1]


def test_once_no_alertmanager_answers_the_rest_of_a_digest_does_not_wait_for_it(asked):
    number = digest(asked)
    asked.a.down = asked.b.down = True
    said = wanted(asked, number, status=502)
    assert said.startswith("#2 is not silenced: http://am-a.test does not answer (ConnectionError); ")
    assert said.endswith(". #3 is not silenced either.")
    assert len(asked.a.seen) == 2  # whether it is of a cluster, and the silence


def test_a_silence_of_what_somebody_has_leaves_it_with_them(asked):
    asked.fire()
    asked.settle()
    asked.client.post("/api/v1/incidents/1/ack", json={"by": "alice"}, headers=key(asked))
    silence(asked, 1)
    assert asked.state()[0] == "acknowledged"


def key(asked: Asked) -> dict[str, str]:
    return {"Authorization": f"Bearer {asked.app.keys.token}"}


def test_the_page_of_an_incident_has_the_button_where_an_alertmanager_is_known(asked):
    asked.fire()
    assert "Silence" in asked.client.get("/incidents/1").text
    asked.next_config = asked.config(TEAM)
    asked.crash()
    asked.start()
    assert "Silence" not in asked.client.get("/incidents/1").text


def test_what_is_back_by_their_lists_pages_before_its_sender_repeats_it(asked):
    """Its end was not posted (`send_resolved: false`), and neither is its return for the next four hours."""
    asked.fire()
    asked.run(MINUTE)
    asked.app.oncall.acknowledgements.acknowledge([1], by="alice", via=AcknowledgedVia.LINK)
    asked.run(30 * MINUTE)
    assert asked.texts == [PAGE]
    for each in (asked.a, asked.b):
        each.starts_at = asked.clock()
    asked.run(MINUTE)
    assert asked.texts[1:] == [page("web-01", 1, "AGAIN ")]
    assert asked.state() == ("open", "unposted")
    asked.fire(start=asked.a.starts_at)
    asked.run(MINUTE)
    assert len(asked.texts) == 2
