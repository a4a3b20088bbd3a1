"""Somebody woken at night answers by SMS, and has it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alertsms.core.incidents.incident import EventKind
from alertsms.store import history, phones
from alertsms.store.schema import incident_table
from tests.support.house import ALICE, BOB, NIGHT, OVH, House, page

SHORT = OVH.replace("sender: ACME", "sender_for_response: true")
PLAN = """
people: {alice: "+33612345678", bob: "+33698765432"}
teams: {ops: {page: [alice, bob], rounds: 1, tell_others: no}}
route: {team: ops}
"""
ONE, TWO = page("web-01", 1), page("web-02", 2)


@pytest.fixture
def night(url, clock):
    """Alice and Bob are paged together, and can answer."""
    built = House(url, clock, PLAN, SHORT)
    yield built
    built.close()


def sent(house, number: str = ALICE) -> list[str]:
    return [sms.text for sms in house.sandbox.accepted if sms.receiver == number]


def states(house) -> list[tuple[int, str, str]]:
    return house.rows(incident_table.c.id, incident_table.c.state, incident_table.c.acked_by)


def count(house, wish: str) -> float:
    return house.metric("replies_total", wish=wish) or 0.0


@pytest.mark.one_store
def test_an_ok_takes_what_the_phone_was_paged_for_within_ten_seconds(night):
    night.fire()
    night.run(30)
    night.reply(BOB, "Ok")
    night.run(10)
    assert states(night) == [(1, "acknowledged", "bob")]
    assert sent(night, BOB) == [ONE]
    assert (count(night, "acknowledge"), night.metric("acknowledged_total", by="reply")) == (1, 1)
    night.run(3600, hop=30)
    assert (sent(night, ALICE), sent(night, BOB)) == ([ONE], [ONE, "You have #1"])


def test_french_words_do_too(night):
    night.fire()
    night.run(30)
    night.reply(ALICE, "Pris, j'y vais")
    night.run(10)
    assert states(night) == [(1, "acknowledged", "alice")]


def test_of_several_incidents_one_sms_says_which(night):
    night.fire("web-01")
    night.fire("web-02")
    night.run(30)
    night.reply(ALICE, "1")
    night.run(30)
    assert states(night) == [(1, "acknowledged", "alice"), (2, "acknowledged", "alice")]
    assert sent(night) == [ONE, TWO, "You have #1 #2"]


def test_what_comes_after_the_ok_is_not_taken_by_it(night):
    night.fire()
    night.run(30)
    night.reply(ALICE, "ok")
    night.clock.advance(3)
    night.fire("web-02")
    night.settle()
    night.run(10)
    assert states(night) == [(1, "acknowledged", "alice"), (2, "open", "")]


def test_an_ok_that_crossed_the_page_is_answered(night):
    """It cannot have been meant for what came after it, and whoever wrote it believes to have that."""
    night.reply(ALICE, "ok")
    night.clock.advance(3)
    night.fire()
    night.settle()
    night.run(10)
    assert states(night) == [(1, "open", "")]
    assert sent(night)[1:] == ["Nobody has #1 yet. Write OK, OK 1 or SNOOZE 1 2h"]


def test_an_answer_to_nothing_is_not_answered(night):
    night.fire()
    night.run(30)
    night.resolve()
    night.run(30)
    before = len(night.texts)
    for text in ("ok", "merci", "ack all", "snooze 2h"):
        night.reply(ALICE, text)
    night.run(90)
    assert len(night.texts) == before
    assert states(night) == [(1, "closed", "")]


def test_named_numbers_are_taken_and_no_others(night):
    night.fire("web-01", "web-02", "web-03")
    night.run(30)
    night.reply(ALICE, "ack #1, 3")
    night.run(10)
    assert [state for _, state, _ in states(night)] == ["acknowledged", "open", "acknowledged"]
    assert len(sent(night)) == 3


def test_what_a_named_number_lacks_is_said(night):
    for instance in ("web-01", "web-02", "web-03"):
        night.fire(instance)
    night.run(30)
    night.resolve("web-02")
    night.reply(BOB, "ok 1")
    night.run(30)
    night.reply(ALICE, "ok 1 2 3 99")
    night.run(30)
    assert [(state, by) for _, state, by in states(night)] == [
        ("acknowledged", "bob"),
        ("closed", ""),
        ("acknowledged", "alice"),
    ]
    assert sent(night)[-1] == "You have #3, bob has #1, #2 is over, #99 is unknown"


def test_whoever_has_it_already_is_not_told_so(night):
    night.fire()
    night.run(30)
    night.reply(ALICE, "ok")
    night.run(10)
    night.reply(ALICE, "ok 1")
    night.run(60)
    assert sent(night) == [ONE, "You have #1"]


@pytest.mark.parametrize("text", ["ok 4", "ok"])
def test_the_ok_to_a_digest_takes_exactly_what_it_covers(url, clock, text):
    house = House(url, clock, PLAN + "storm: {after: 1}\n", SHORT)
    house.fire("web-01")
    house.settle()
    house.fire("web-02", "web-03")
    house.run(30)
    assert sent(house) == [ONE, "+2 more CRITICAL: HighCPU x2 since 02:10 #4"]
    house.reply(ALICE, text)
    house.run(10)
    first = ("open", "") if text == "ok 4" else ("acknowledged", "alice")
    assert [(state, by) for _, state, by in states(house)] == [first] + [("acknowledged", "alice")] * 2
    house.close()


THREE_TEAMS = """
people: {alice: "+33612345678", bob: "+33698765432"}
teams: {ops: {page: [bob], rounds: 1}, db: {page: [bob], rounds: 1}, web: {page: [alice], rounds: 1}}
route: {team: ops, routes: [{matchers: [team=db], team: db}, {matchers: [team=web], team: web}]}
"""


def test_all_is_what_pages_the_teams_of_whoever_wrote(url, clock):
    house = House(url, clock, THREE_TEAMS, SHORT)
    for team in ("ops", "db", "web"):
        house.fire(f"{team}-01", team=team)
    house.run(30)
    house.reply(BOB, "ack all")
    house.run(30)
    assert states(house) == [(1, "acknowledged", "bob"), (2, "acknowledged", "bob"), (3, "open", "")]
    assert sent(house, BOB)[2:] == ["You have #1 #2"]
    house.close()


def test_a_snooze_of_all_takes_what_began_before_it_was_written_and_ones_own(url, clock):
    """It was read as a bare one: what came a second later was snoozed with it."""
    house = House(url, clock, THREE_TEAMS, SHORT)
    house.fire("ops-01", team="ops")
    house.run(30)
    house.reply(BOB, "ok")
    house.run(30)
    house.fire("db-01", team="db")
    house.fire("web-01", team="web")
    house.run(30)
    house.reply(BOB, "snooze all 2h")
    house.clock.advance(1)
    house.fire("db-02", team="db")
    house.run(20)
    assert states(house) == [
        (1, "acknowledged", "bob"),
        (2, "acknowledged", "bob"),
        (3, "open", ""),
        (4, "open", ""),
    ]
    assert [at is not None for (at,) in house.rows(incident_table.c.snoozed_until)] == [True, True, False, False]
    house.close()


def test_a_snooze_has_an_end(night):
    night.fire()
    night.run(30)
    night.reply(ALICE, "snooze 1h")
    night.run(10)
    assert states(night) == [(1, "acknowledged", "alice")]
    assert night.rows(incident_table.c.step_due_at) == [(NIGHT + timedelta(hours=1, seconds=40),)]


def test_a_snooze_of_several_says_until_when(night):
    night.fire("web-01", "web-02")
    night.run(30)
    night.reply(ALICE, "ok")
    night.run(30)
    night.clock.advance(600)
    night.reply(ALICE, "later 2h")
    night.run(60)
    assert sent(night)[2:] == ["You have #1 #2", "You have #1 #2 until 04:21"]


@pytest.mark.one_store
def test_what_is_unclear_is_explained_at_most_every_ten_minutes_and_five_times_a_day(night):
    night.fire()
    night.run(30)
    for text in ("who is this", "?", "no"):
        night.reply(ALICE, text)
        night.run(10)
    how = "Nobody has #1 yet. Write OK, OK 1 or SNOOZE 1 2h"
    assert sent(night) == [ONE, how]
    assert count(night, "unclear") == 3
    for _ in range(10):
        night.run(600, hop=60)
        night.reply(ALICE, "?")
    assert sent(night).count(how) == 5
    assert states(night) == [(1, "open", "")]


def test_a_telephone_that_answers_by_itself_takes_nothing_and_is_not_answered(night):
    night.fire()
    night.run(30)
    night.reply(ALICE, "Je conduis avec la fonction Ne pas déranger activée. Je vous répondrai plus tard.")
    night.run(60)
    assert states(night) == [(1, "open", "")]
    assert sent(night) == [ONE]
    assert count(night, "automatic") == 1


def test_stop_is_shouted_about(url, clock, caplog):
    house = House(url, clock, PLAN + 'fallback: {channels: ["json://nowhere"]}\n', SHORT)
    house.fire()
    house.run(30)
    house.reply(ALICE, "STOP")
    house.run(30)
    said = "alice +33*******78 answered STOP to a page: OVHcloud may send that phone nothing more."
    assert [body for _, _, body in house.posted] == [f"alertsms says of itself:\n{said} Fix: alertsms doctor --unblock"]
    assert "answered STOP" in caplog.text
    assert (count(house, "stop"), states(house)) == (1, [(1, "open", "")])
    house.close()


def test_strangers_short_codes_and_names_are_counted_and_left_alone(night, caplog):
    night.fire()
    night.run(30)
    for number in ("+33700000009", "36111", "BANK", ""):
        night.reply(number, "ok")
    night.run(60)
    assert states(night) == [(1, "open", "")]
    assert len(night.texts) == 2
    assert count(night, "stranger") == 4
    assert "+33700000009" not in caplog.text
    assert "+33*******09" in str([record.fields for record in caplog.records if hasattr(record, "fields")])


@pytest.mark.parametrize("number", ["0033612345678", "33612345678", " +33612345678"])
def test_a_number_is_known_however_it_is_written(night, number):
    night.fire()
    night.run(30)
    night.reply(number, "ok")
    night.run(10)
    assert states(night) == [(1, "acknowledged", "alice")]


def test_an_ok_proves_that_a_page_came_whose_answer_was_lost(night):
    night.fault("empty_200", times=2)
    night.fault("503", call="outgoing")
    night.fault("503", call="jobs_id")
    night.fault("503", call="pending")
    night.fire()
    night.run(5)
    assert ("page", "unknown") in night.states()
    night.reply(ALICE, "ok")
    night.run(10)
    assert states(night) == [(1, "acknowledged", "alice")]


@pytest.mark.parametrize("found", [True, False], ids=["it is found later", "a copy waits to be sent"])
def test_an_ok_counts_that_was_written_before_ovhcloud_said_that_the_page_had_left(night, found):
    """The phone had it, nobody could be asked for ten minutes, and the OK was written meanwhile."""
    night.fault("reset_after", times=1)
    for call in ("outgoing", "pending", "incoming", "jobs"):
        night.fault("503", call=call)
    night.fire()
    night.run(30)
    night.reply(ALICE, "ok")
    night.run(570)
    night.sandbox.faults.replace(
        each for each in night.sandbox.faults.standing if not found and each.call != "incoming"
    )
    night.run(120)
    assert states(night) == [(1, "acknowledged", "alice")]


def test_what_may_not_have_come_is_not_taken_beside_what_did(night):
    night.fire("web-01")
    night.run(30)
    night.fault("undelivered", receiver=ALICE)
    night.fire("web-02")
    night.run(30)
    assert ("page", "undelivered") in night.states()
    night.reply(ALICE, "ok")
    night.run(10)
    assert states(night) == [(1, "acknowledged", "alice"), (2, "open", "")]


def test_a_phone_that_two_people_share_is_that_of_whoever_was_paged_last(url, clock):
    plan = """
people: {alice: "+33612345678", night: "+33612345678"}
teams: {ops: {page: [alice], rounds: 1}, db: {page: [night], rounds: 1}}
route: {team: ops, routes: [{matchers: [team=db], team: db}]}
"""
    house = House(url, clock, plan, SHORT)
    house.fire("web-01")
    house.run(30)
    house.fire("db-01", team="db")
    house.run(30)
    house.reply(ALICE, "ok")
    house.run(20)
    assert states(house) == [(1, "acknowledged", "night"), (2, "acknowledged", "night")]
    house.close()


@pytest.mark.parametrize("text", ["ok 1", "ok", "ack all", "snooze 1 7d"])
@pytest.mark.parametrize("now", [("+33612345678", "+33756789012"), ('alice: "+33612345678", ', "")])
def test_a_number_that_left_the_configuration_answers_for_nobody(night, text, now):
    """Whoever was taken out, or lost that phone, is asked no more: the page goes on to the others."""
    night.fire("web-01")
    night.run(30)
    night.reload(PLAN.replace(*now).replace("[alice, bob]", "[bob]"))
    night.reply(ALICE, text)
    night.run(60)
    assert states(night) == [(1, "open", "")]
    assert count(night, "stranger") == 1


def test_any_answer_confirms_the_number_it_came_from(night):
    night.reply(ALICE, "hello")
    night.reply("+33700000009", "hello")
    night.run(60)
    assert {number: each.person for number, each in night.app.store.read(phones.confirmed).items()} == {ALICE: "alice"}


def test_the_story_says_that_it_was_a_reply(night):
    night.fire()
    night.run(30)
    night.reply(ALICE, "ok")
    night.run(10)
    story = night.app.store.read(lambda tx: history.timeline(tx, 1))
    assert [each.detail for each in story if each.kind == EventKind.ANSWERED] == ["alice, by reply"]


def listed(house: House) -> list[str]:
    house.app.oncall.replies._unanswered._monotonic = lambda: house.clock.ran
    return [trouble.says for trouble in house.app.oncall.replies.troubles()]


@pytest.mark.one_store
def test_answers_that_cannot_be_read_are_a_trouble_until_they_can(night):
    """Whoever answers believes to have it: one lost question says nothing, half a minute of them does."""
    assert listed(night) == []
    night.fire()
    night.run(5)
    night.fault("500", call="incoming")
    night.run(11)
    assert listed(night) == []
    night.run(60)
    (said,) = listed(night)
    assert said.startswith("answers by SMS cannot be read: incoming: 500")
    night.sandbox.faults.clear()
    night.reply(ALICE, "ok")
    night.run(60)
    assert listed(night) == []
    assert states(night) == [(1, "acknowledged", "alice")]


@pytest.mark.one_store
def test_answers_that_nobody_can_obey_are_a_trouble(night, monkeypatch):
    night.fire()
    night.run(5)

    def broken(*_args, **_more):
        raise RuntimeError("a bug")

    monkeypatch.setattr("alertsms.oncall.replies.handle", broken)
    night.app.oncall.replies._pulse._monotonic = lambda: night.clock.ran
    for _ in range(4):
        night.reply(ALICE, "ok")
        night.run(20)
    (said,) = listed(night)
    assert said.startswith("its obeying of replies has failed for")
