"""An answer counts for what had begun when it was written, or its page drawn: what came after it pages on."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from alertsms.core.incidents.acknowledge import AcknowledgedVia, AckOutcome
from alertsms.core.text.reasons import sentence
from alertsms.oncall import replies
from alertsms.oncall.replies import _ours, written_at
from alertsms.oncall.reply_handler import handle
from alertsms.ovh.models import moment
from alertsms.store import history
from alertsms.store.schema import incident_table
from tests.oncall.test_reconciler import LABELS, Asked
from tests.oncall.test_replies import SHORT, sent, states
from tests.support.alertmanager import FakeAlertmanager
from tests.support.house import ALICE, BOB, NIGHT, House, page
from tests.web.test_link import link, words

PLAN = """
people: {alice: "+33612345678", bob: "+33698765432"}
teams: {ops: {steps: [{page: [alice], wait: 45s}, {page: [bob], wait: 45s}], rounds: 1, tell_others: no}}
route: {team: ops}
"""
LINKED = PLAN + 'server: {external_url: "https://p.example.org", login: {username: alice, password: wonder}}\n'
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
PROOF = re.compile('name="token" value="([^"]+)"')


@pytest.fixture
def night(url, clock):
    """Alice is paged, and can answer; bob after 45 seconds."""
    built = House(url, clock, PLAN, SHORT)
    yield built
    built.close()


@pytest.fixture
def plan() -> str:
    return LINKED


def at(house: House) -> datetime:
    return house.clock()


# --- by SMS ---


def test_all_is_all_that_had_begun_when_it_was_written(night):
    """OVHcloud takes nothing for a while, and the answer is read before the second page can leave."""
    night.fire("web-01")
    night.run(14)
    night.fault("503")
    night.reply(ALICE, "ack all")
    night.clock.advance(2)
    night.fire("web-02", start=at(night))
    night.run(26)
    assert states(night) == [(1, "acknowledged", "alice"), (2, "open", "")]
    night.sandbox.faults.clear()
    night.run(120)
    assert page("web-02", 2) in sent(night)
    assert sent(night, BOB) == [page("web-02", 2)]
    assert "You have #1, #2 came later, write OK" in sent(night)


def test_a_number_says_nothing_of_a_return_after_it_was_written(night):
    night.fire()
    night.run(14)
    night.reply(ALICE, "ok 1")
    night.clock.advance(0.5)
    night.resolve(end=at(night))
    night.clock.advance(2.5)
    night.fire(start=at(night))
    night.run(120)
    assert states(night) == [(1, "open", "")]
    again = page("web-01", 1, "AGAIN ")
    assert again in sent(night)
    assert again in sent(night, BOB)
    assert "#1 is back, write OK" in sent(night)
    story = [sentence(each) for each in night.app.store.read(lambda tx: history.timeline(tx, 1))]
    assert "answered before it began or came back, so that does not count: alice, by reply" in story


def test_a_snooze_by_number_neither(night):
    night.fire()
    night.run(14)
    night.reply(ALICE, "snooze 1 2h")
    night.clock.advance(1)
    night.resolve(end=at(night))
    night.clock.advance(1)
    night.fire(start=at(night))
    night.run(20)
    assert states(night) == [(1, "open", "")]


def test_a_snooze_of_all_is_about_all_that_had_begun_when_it_was_written(night):
    """What its writer has too, and nothing of the second in which the SMS was written."""
    night.fire("web-01")
    night.run(14)
    night.reply(ALICE, "ok")
    night.run(20)
    night.fire("web-02", start=at(night))
    night.run(14)
    night.reply(ALICE, "snooze all 2h")
    night.clock.advance(1)
    night.fire("web-03", start=at(night))
    night.settle()
    night.run(30)
    assert states(night) == [(1, "acknowledged", "alice"), (2, "acknowledged", "alice"), (3, "open", "")]
    assert [bool(until) for (until,) in night.rows(incident_table.c.snoozed_until)] == [True, True, False]
    assert "You have #1 #2 until 04:10, #3 came later, write OK" in sent(night)


@pytest.mark.parametrize(("after", "taken"), [(0.0, True), (0.3, False)])
def test_of_what_began_within_the_second_of_the_answer_a_number_takes_nothing(night, after, taken):
    """OVHcloud's times are whole seconds: nobody can say which of the two was first."""
    night.clock.advance(after)
    night.fire()
    night.clock.advance(0.4)
    night.reply(ALICE, "ok 1")
    night.run(10)
    assert states(night) == [(1, "acknowledged", "alice") if taken else (1, "open", "")]


def test_a_bare_ok_is_about_the_episode_that_the_phone_was_told_of(night):
    night.fire()
    night.run(14)
    night.reply(ALICE, "ok")
    night.resolve(end=at(night))
    night.clock.advance(3)
    night.fire(start=at(night))
    night.settle()
    night.run(10)
    assert states(night) == [(1, "open", "")]
    assert sent(night)[-1] == "Nobody has #1 yet. Write OK, OK 1 or SNOOZE 1 2h"


def test_what_was_released_from_a_hold_began_then(night):
    token = {"Authorization": f"Bearer {night.app.keys.token}"}
    night.fire()
    night.run(14)
    night.resolve(end=at(night))
    night.run(60)
    assert night.client.post("/api/v1/pauses", json={"all": True, "for": "10m"}, headers=token).status_code == 200
    night.fire(start=at(night))
    night.app.oncall.escalate()
    night.reply(ALICE, "ok 1")
    night.clock.advance(1)
    assert night.client.delete("/api/v1/pauses?all=true", headers=token).status_code == 200
    night.app.oncall.escalate()
    assert night.rows(incident_table.c.state, incident_table.c.reason) == [("open", "released")]
    night.run(10)
    assert states(night) == [(1, "open", "")]


def test_a_digest_is_about_the_episodes_that_it_told_of(url, clock):
    house = House(url, clock, PLAN + "storm: {after: 1}\n", SHORT)
    house.fire("web-01")
    house.settle()
    house.fire("web-02", "web-03")
    house.run(30)
    assert sent(house)[1] == "+2 more CRITICAL: HighCPU x2 since 02:10 #4"
    back = house.rows(incident_table.c.id, incident_table.c.labels)[1][1]["instance"]
    house.resolve(back, end=at(house))
    house.clock.advance(60)
    house.fire(back, start=at(house))
    house.run(30)
    house.reply(ALICE, "ok 4")  # its own page had come by then, and is about another episode
    house.run(30)
    assert [state for _, state, _ in states(house)] == ["open", "open", "acknowledged"]
    assert "You have #4, #2 is back, write OK" in sent(house)
    house.close()


def test_what_somebody_has_by_then_is_theirs_whenever_it_was_written(night):
    night.fire()
    night.run(14)
    night.reply(ALICE, "ok 1")
    night.resolve(end=at(night))
    night.clock.advance(1)
    night.fire(start=at(night))
    night.app.oncall.acknowledgements.acknowledge([1], by="bob", via=AcknowledgedVia.LINK)
    night.run(60)
    assert sent(night)[-1] == "bob has #1"


def test_answers_that_are_read_together_count_alike_however_long_each_takes(night, monkeypatch):
    """A slow store: what is read with the first is handled seconds later, and OVHcloud's clock went on meanwhile."""
    night.fire("web-01")
    night.fire("web-02")
    night.run(3)
    night.reply(ALICE, "ok 1")
    night.reply(ALICE, "ok 2")

    def slowly(*given, **named):
        night.clock.advance(3)
        return handle(*given, **named)

    monkeypatch.setattr(replies, "handle", slowly)
    night.run(12)
    assert [state for _, state, _ in states(night)] == ["acknowledged", "acknowledged"]


# --- OVHcloud's times ---

LOOKED, SHOWN = NIGHT, NIGHT + 60 * SECOND


@pytest.mark.parametrize(
    ("created", "written"),
    [
        (NIGHT + 30 * SECOND, NIGHT + 30 * SECOND),
        (NIGHT - 40 * SECOND, NIGHT - 40 * SECOND),  # listed late: the look before lacked it
        (SHOWN, SHOWN),
        (SHOWN + SECOND / 5, SHOWN),  # read within the moment: two clocks that agree
        (SHOWN + SECOND, LOOKED),
        (SHOWN - HOUR, SHOWN - HOUR),
        (SHOWN - HOUR - SECOND, LOOKED),
        (SHOWN + 2 * HOUR, LOOKED),
        (None, LOOKED),
    ],
)
def test_a_time_is_believed_unless_it_cannot_be(created, written):
    assert written_at(created, shown=SHOWN, looked=LOOKED) == written


def test_where_no_look_is_known_nothing_that_fires_is_meant():
    assert written_at(None, shown=SHOWN, looked=None) < SHOWN - timedelta(days=7)
    assert written_at(SHOWN + HOUR, shown=SHOWN, looked=SHOWN + HOUR) == SHOWN


def zone(monkeypatch, hours: int) -> None:
    """OVHcloud's times are of another zone than they say."""

    def wrong(value: object) -> datetime | None:
        found = moment(value)
        return found + hours * HOUR if found else None

    monkeypatch.setattr("alertsms.ovh.models.moment", wrong)


@pytest.mark.parametrize("hours", [-1, 1, -2])
@pytest.mark.parametrize("restarts", [False, True])
def test_an_hour_of_zone_loses_no_answer_and_takes_nothing_that_came_later(night, monkeypatch, hours, restarts):
    zone(monkeypatch, hours)
    night.fire("web-01")
    night.run(35)
    night.reply(ALICE, "ack all")
    if restarts:
        night.crash()
        night.clock.advance(20)
        night.start()
    else:
        night.clock.advance(3)
    night.fire("web-02", start=at(night))
    night.run(10)
    assert states(night) == [(1, "acknowledged", "alice"), (2, "open", "")]


def test_a_machine_whose_clock_is_ten_minutes_wrong_takes_no_more(night):
    """Ours is behind OVHcloud's by ten minutes: its time of an answer is put by our clock."""
    night.sandbox._wall = lambda: night.clock().timestamp() + 600
    night.crash()
    night.start()
    night.fire("web-01")
    night.run(30)
    night.sandbox.account.receive(ALICE, "ack all", "", night.clock().timestamp() + 600)
    night.clock.advance(3)
    night.fire("web-02", start=at(night))
    night.run(10)
    assert states(night) == [(1, "acknowledged", "alice"), (2, "open", "")]


@pytest.mark.parametrize(
    ("ahead", "seconds"),
    [(None, 0), (-0.9, 0), (0.2, 0), (-9, 0), (0.3, -1.3), (60, -61), (-60, 59)],
)
def test_their_time_is_put_by_our_clock_and_rather_earlier_than_later(ahead, seconds):
    theirs = None if ahead is None else NIGHT.timestamp() + ahead
    assert _ours(NIGHT, theirs, NIGHT) == pytest.approx(NIGHT + seconds * SECOND, abs=timedelta(milliseconds=1))


# --- by a page ---


def drawn(house: House, path: str) -> str:
    return PROOF.search(house.client.get(path).text)[1]


def come_back(house: House, instance: str = "web-01") -> None:
    house.clock.advance(1)
    house.resolve(instance, end=at(house))
    house.clock.advance(300)
    house.fire(instance, start=at(house))


def opened(house: House) -> str:
    """The page of #1 for people, who have to log in, opened by alice."""
    assert house.client.post("/login", data={"username": "alice", "password": "wonder"}).status_code == 303
    house.fire()
    house.settle()
    return "/incidents/1"


@pytest.mark.parametrize("act", ["take", "snooze1", "resolve"])
@pytest.mark.parametrize("by_link", [True, False])
def test_a_button_is_about_what_its_page_showed(house, act, by_link):
    path = opened(house)
    path = link(house) if by_link else path
    form = {"token": drawn(house, path), "act": act, "by": "alice"}
    come_back(house)
    answer = house.client.post(path, data=form)
    assert "#1 came back after this page was drawn" in answer.text
    assert states(house) == [(1, "open", "")]
    form["token"] = drawn(house, path)
    assert house.client.post(path, data=form).status_code == 303
    assert states(house)[0][1] == ("closed" if act == "resolve" else "acknowledged")


def test_a_page_left_open_for_hours_counts_for_what_fires_since_before(house):
    path = opened(house)
    form = {"token": drawn(house, path), "act": "take", "by": "alice"}
    house.clock.advance(5 * 3600)
    assert house.client.post(path, data=form).status_code == 303
    assert states(house) == [(1, "acknowledged", "alice")]


@pytest.mark.parametrize("by_link", [True, False])
@pytest.mark.parametrize("change", [lambda token: token.partition(".")[2], lambda token: f"9{token}", lambda _: "."])
def test_a_form_that_says_no_time_or_another_one_does_nothing(house, by_link, change):
    path = opened(house)
    path = link(house) if by_link else path
    answer = house.client.post(path, data={"token": change(drawn(house, path)), "act": "take", "by": "alice"})
    assert answer.status_code == 403
    assert "This page is old, or not ours: look again." in answer.text
    assert states(house) == [(1, "open", "")]


def test_the_link_of_a_digest_leaves_out_what_came_back_since(url, clock):
    house = House(url, clock, LINKED + "storm: {after: 1, within: 10m}\n")
    house.fire("web-01")
    house.settle()
    for name in ("web-02", "web-03"):
        house.fire(name)
    house.run(30)
    path = link(house)
    come_back(house, "web-02")
    shown = words(house.client.get(path))
    assert "I have the other 1" in shown
    assert "back since then, with an SMS of its own" in shown
    house.client.post(path, data={"token": drawn(house, path), "act": "take"})
    assert [state for _, state, _ in states(house)] == ["open", "open", "acknowledged"]
    assert "You have them" in words(house.client.get(path))
    house.close()


def test_a_silence_is_about_what_was_there_too(url, clock):
    asked = Asked(url, clock)
    asked.fire()
    seen = at(asked)
    come_back(asked)
    result = asked.app.oncall.silences.silence(1, length=timedelta(hours=2), by="alice", written=seen)
    assert result.words == "#1 came back after that was asked for: look again."
    assert asked.a.silences == []
    asked.close()


def test_what_comes_back_while_alertmanager_takes_a_silence_pages(url, clock):
    asked = Asked(url, clock)
    asked.fire()
    slow = FakeAlertmanager.send

    def sends(fake, request, **more):
        if (request.method, request.path_url) == ("POST", "/api/v2/silences") and not asked.a.silences:
            come_back(asked)
        return slow(fake, request, **more)

    asked.a.send = lambda request, **more: sends(asked.a, request, **more)
    asked.app.oncall.silences.silence(1, length=timedelta(hours=2), by="alice")
    assert asked.state()[0] == "open"
    assert asked.a.silences
    assert asked.a.silenced == [LABELS]
    asked.close()


# --- by a program ---


def test_a_program_may_say_what_it_saw(house):
    opened(house)
    headers = {"Authorization": f"Bearer {house.app.keys.token}"}
    seen = at(house).astimezone(UTC).isoformat()
    come_back(house)
    for act, more in (("ack", {}), ("snooze", {"for": "1h"}), ("resolve", {})):
        body = {"by": "alice", "numbers": [1], "seen_at": seen, **more}
        said = house.client.post(f"/api/v1/incidents/{act}", json=body, headers=headers).json
        assert [each["result"] for each in said["outcomes"]] == ["back"]
    assert states(house) == [(1, "open", "")]
    said = house.client.post("/api/v1/incidents/ack", json={"by": "alice", "numbers": [1]}, headers=headers).json
    assert [each["result"] for each in said["outcomes"]] == ["taken"]


def test_what_a_program_saw_ahead_of_us_is_now(house):
    opened(house)
    headers, seen = {"Authorization": f"Bearer {house.app.keys.token}"}, (at(house) + HOUR).isoformat()
    body = {"by": "alice", "all": True, "seen_at": seen}
    said = house.client.post("/api/v1/incidents/ack", json=body, headers=headers).json
    assert [each["result"] for each in said["outcomes"]] == ["taken"]


@pytest.mark.parametrize("seen", ["02:10", "2026-03-03T02:10:00", 5, "", {}])
def test_a_time_without_its_offset_is_none(house, seen):
    opened(house)
    headers = {"Authorization": f"Bearer {house.app.keys.token}"}
    answer = house.client.post(
        "/api/v1/incidents/ack", json={"by": "alice", "numbers": [1], "seen_at": seen}, headers=headers
    )
    assert answer.status_code == 400
    assert answer.json["error"] == "seen_at: a time with its offset, such as 2026-03-03T02:10:00Z."


def test_what_begins_while_all_is_being_looked_up_is_not_in_it(house, monkeypatch):
    """The list of what is open is read, and then taken: what came back in between was in the list before it ended."""
    opened(house)
    headers = {"Authorization": f"Bearer {house.app.keys.token}"}
    look = house.app.oncall.acknowledgements.open_numbers

    def slow() -> list[int]:
        found = look()
        come_back(house)
        return found

    monkeypatch.setattr(house.app.oncall.acknowledgements, "open_numbers", slow)
    said = house.client.post("/api/v1/incidents/ack", json={"by": "alice", "all": True}, headers=headers).json
    assert [each["result"] for each in said["outcomes"]] == ["back"]
    assert states(house) == [(1, "open", "")]


def test_the_same_alert_in_another_team_is_taken_along_only_where_it_had_begun(url, clock):
    plan = """
people: {alice: "+33612345678", bob: "+33698765432"}
teams: {ops: {page: [alice], rounds: 1}, db: {page: [alice, bob], rounds: 1}}
route: {team: ops, routes: [{matchers: [both=yes], team: ops, continue: true}, {matchers: [both=yes], team: db}]}
"""
    house = House(url, clock, plan)
    house.fire(both="yes")
    seen = at(house)
    house.clock.advance(1)
    house.app.oncall.acknowledgements.acknowledge([2], by="bob", via=AcknowledgedVia.LINK, resolves=True)
    house.clock.advance(200)
    house.fire(both="yes", start=at(house))
    answer = house.app.oncall.acknowledgements.acknowledge([1], by="alice", via=AcknowledgedVia.LINK, written=seen)
    assert ([each.result for each in answer.outcomes], answer.along) == ([AckOutcome.TAKEN], ())
    house.close()


def test_what_is_known_of_an_inbox_survives_a_restart(night):
    night.fire()
    night.run(30)
    kept = night.app.store.read(lambda tx: json.loads(_kept(tx)))
    assert kept["looked"] == int((NIGHT + 30 * SECOND).timestamp()) * 1_000_000


def _kept(tx) -> str:
    from alertsms.store import settings

    return settings.get(tx, "replies:sms-xx00000-1")
