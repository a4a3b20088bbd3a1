"""Credits that go, an account that is switched off, somebody who answered STOP: seen, counted and told in time."""

from __future__ import annotations

import logging
import math

import pytest
from sqlalchemy import select

from alertsms.ovh.error import Certainty, OvhError, Scope
from alertsms.sandbox import Fault, FaultKind
from alertsms.store import settings
from alertsms.store.schema import BY_CHANNEL, message_table, notification_table
from tests.support.house import ALICE, BOB, NIGHT, OVH, PLAN, House, SimulatedClock
from tests.support.house import STANDBY as SPARE

DAY = 24 * 3600.0
NOON = NIGHT.replace(hour=12)


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock(NOON)


@pytest.fixture
def own(url, clock):
    """A house that is built when a test has its plan."""
    houses = []

    def build(plan: str = PLAN, **more: str) -> House:
        houses.append(House(url, clock, plan, **more))
        return houses[-1]

    yield build
    for each in houses:
        each.close()


def watch(house: House, seconds: float = 0.0) -> None:
    """Let time pass in one leap, look, and send what is due."""
    house.clock.advance(seconds)
    house.app.delivery.account_monitor.watch()
    house.settle()


def kept(house: House) -> str | None:
    return house.app.store.read(lambda tx: settings.get(tx, "credits"))


def told(house: House) -> list[tuple[str, str]]:
    """Who got which notice."""
    return [(message.receiver, message.text) for message in house.sandbox.accepted]


def notices_kept(house: House) -> list[str]:
    """What other channels are to be told of alertsms itself."""
    return house.app.store.read(
        lambda tx: list(
            tx.scalars(
                select(notification_table.c.note)
                .where(notification_table.c.kind == "notice", BY_CHANNEL)
                .order_by(notification_table.c.id)
            )
        )
    )


def logged(caplog, words: str) -> list[dict[str, object]]:
    return [record.fields for record in caplog.records if record.getMessage() == words]


def spent(house: House, account: str, left: float) -> None:
    """A send was accepted, and its answer says how many credits are left."""
    house.app.delivery.accounts.accepted(account, house.clock(), house.clock(), left)


LOW = "buy some in the OVHcloud manager (Web Cloud, SMS), and let it top itself up"


def test_credits_are_read_every_five_minutes_and_kept_for_those_who_save_them(own):
    house = own()
    assert math.isnan(house.metric("credits_left"))
    watch(house)
    assert (house.metric("credits_left"), kept(house)) == (1000, "1000.0")
    house.sandbox.account.credits = 700.5
    watch(house, 290)
    assert house.metric("credits_left") == 1000
    watch(house, 10)
    assert (house.metric("credits_left"), kept(house)) == (700.5, "700.5")
    assert math.isnan(house.metric("standby_credits_left"))


def test_a_send_tells_what_is_left_without_a_question(own):
    house = own()
    watch(house)
    asked = house.sandbox.counts["account"]["200"]
    house.fire()
    house.settle()
    assert house.metric("credits_left") == 999
    watch(house, 10)
    assert kept(house) == "999.0"
    assert house.sandbox.counts["account"]["200"] == asked


def test_answers_that_overtake_each_other_leave_the_lower_balance(own):
    house = own()
    watch(house)
    for left in (998.0, 999.0):
        spent(house, "first", left)
    assert house.metric("credits_left") == 998
    house.sandbox.account.credits = 2000.0
    watch(house, 300)
    assert house.metric("credits_left") == 2000


def test_a_send_that_leaves_few_credits_does_not_wait_for_the_next_round(own, monkeypatch):
    house = own()
    rounds = []
    monkeypatch.setattr(house.app.delivery.sender, "_urgent", lambda: rounds.append(1))
    house.sandbox.account.credits = 201.0
    house.fire("web-01")
    house.settle()
    assert rounds == []
    house.fire("web-02")
    house.settle()
    assert rounds == [1]


def test_low_credits_are_told_by_day_and_once_a_day(own, caplog):
    house = own()
    house.sandbox.account.credits = 199.5
    words = f"Only 199 SMS credits left at sms-xx00000-1: {LOW}"
    for _ in range(4):
        watch(house, 300)
    assert told(house) == [(ALICE, words)]
    assert logged(caplog, "credits are low") == [{"account": "first", "left": "199.5", "fix": LOW}]
    watch(house, DAY)
    assert told(house)[1:] == [(ALICE, f"Only 198 SMS credits left at sms-xx00000-1: {LOW}")]


def test_low_credits_wake_nobody_until_they_are_nearly_gone(own, clock):
    clock.advance(-10 * 3600)  # two in the morning
    house = own()
    house.sandbox.account.credits = 20.0
    watch(house)
    assert told(house) == []
    house.sandbox.account.credits = 19.0
    watch(house, 300)
    assert told(house) == [(ALICE, f"Only 19 SMS credits left at sms-xx00000-1: {LOW}")]


def test_zero_switches_the_notice_off(own):
    house = own(PLAN + "limits: {low_credits: 0}\n")
    house.sandbox.account.credits = 5.0
    watch(house)
    assert told(house) == []


STANDBY = """
ovh: {endpoint: "http://ovh.test/1.0", application_key: sandbox-key, application_secret: sandbox-secret,
      consumer_key: sandbox-consumer, service_name: sms-xx00000-1, sender: ACME, max_per_second: 0,
      standby: {application_key: sandbox-key, application_secret: sandbox-secret, consumer_key: sandbox-consumer,
                service_name: sms-yy00000-1, sender: ACME}}
"""


def test_a_standby_is_watched_too_and_only_what_works_counts_as_something_to_spend(own, caplog):
    house = own(ovh=STANDBY)  # the sandbox has one account: what is not there cannot be read
    watch(house)
    assert (house.metric("credits_left"), kept(house)) == (1000, "1000.0")
    (failing,) = logged(caplog, "an account could not be watched")[:1]
    assert failing["account"] == "standby"
    spent(house, "standby", 300.0)
    watch(house, 10)
    assert (house.metric("standby_credits_left"), kept(house)) == (300, "1000.0")
    refused = OvhError(certainty=Certainty.PERMANENT, scope=Scope.ACCOUNT, status=403, code="INVALID_KEY")
    house.app.delivery.accounts.failed("first", refused, house.clock(), house.clock())
    watch(house, 10)
    assert kept(house) == "300.0"


def test_a_standby_that_a_reload_took_away_has_no_credits_any_more(own):
    house = own(ovh=SPARE)
    watch(house)
    assert (house.metric("credits_left"), house.metric("standby_credits_left")) == (1000, 1000)
    house.ovh = OVH
    house.reload(PLAN)
    watch(house)
    assert house.metric("credits_left") == 1000
    assert math.isnan(house.metric("standby_credits_left"))


def test_credits_that_go_while_a_round_is_under_way_are_told_in_that_round(own, clock, monkeypatch):
    clock.advance(-10 * 3600)  # two in the morning
    house = own()
    house.sandbox.account.credits = 22.0
    watch(house)
    balance = house.app.delivery.credit_monitor
    keep = balance._keep

    def overtaken() -> None:
        keep()
        spent(house, "first", 19.0)

    monkeypatch.setattr(balance, "_keep", overtaken)
    watch(house, 10)
    assert told(house) == [(ALICE, f"Only 19 SMS credits left at sms-xx00000-1: {LOW}")]


def test_nobody_is_woken_for_an_account_that_another_one_can_stand_in_for(own, clock):
    clock.advance(-10 * 3600)  # two in the morning
    house = own(ovh=STANDBY)
    watch(house)
    spent(house, "standby", 19.0)
    watch(house, 10)
    assert told(house) == []
    house.sandbox.account.credits = 18.0
    watch(house, 300)
    assert told(house) == [(ALICE, f"Only 18 SMS credits left at sms-xx00000-1: {LOW}")]
    watch(house, 7 * 3600)
    assert (ALICE, f"Only 19 SMS credits left at sms-yy00000-1 (standby): {LOW}") in told(house)


def test_somebody_answered_stop(own, caplog):
    house = own(
        "people: {alice: '+33612345678', bob: '+33698765432'}\nteams: {ops: {page: [alice, bob]}}\nroute: {team: ops}\n"
    )
    watch(house)
    assert house.metric("blacklisted_numbers") == 0
    house.sandbox.account.receive(BOB, "STOP", "", 0.0)
    house.sandbox.account.receive("+33799999999", "STOP", "", 0.0)
    watch(house, 3600)
    assert house.metric("blacklisted_numbers") == 1
    words = "bob +33*******32 answered STOP, so OVHcloud sends that phone nothing. Fix: alertsms doctor"
    assert told(house) == [(ALICE, words)]
    fix = "take the number off the list with `alertsms doctor --unblock`, or in the OVHcloud manager, once they agree"
    assert logged(caplog, "OVHcloud sends this phone nothing: it answered STOP") == [
        {"person": "bob", "number": "+33*******32", "fix": fix}
    ]
    house.sandbox.account.blacklist.clear()
    watch(house, 3600)
    assert house.metric("blacklisted_numbers") == 0


def test_nobody_is_told_by_the_phone_that_is_blocked(own):
    house = own()
    house.sandbox.account.receive(ALICE, "STOP", "", 0.0)
    watch(house)
    assert house.metric("blacklisted_numbers") == 1
    assert house.rows(message_table.c.state) == []


def test_a_reload_asks_anew_for_other_people(own):
    house = own()
    house.sandbox.account.receive(BOB, "STOP", "", 0.0)
    watch(house)
    assert house.metric("blacklisted_numbers") == 1  # bob is in the file, though in no team
    house.reload(PLAN.replace(BOB, "+33711111111"))
    watch(house)
    assert house.metric("blacklisted_numbers") == 0
    house.sandbox.account.receive("+33722222222", "STOP", "", 0.0)
    house.reload(PLAN.replace(BOB, "+33722222222"))
    watch(house)
    assert house.metric("blacklisted_numbers") == 1


@pytest.mark.parametrize(
    ("settings", "wrong"),
    [({"status": "disable"}, "is disabled"), ({"channel": "marketing"}, "is for marketing only")],
)
def test_an_account_that_is_not_fit_for_pages_is_told(own, settings, wrong):
    house = own()
    house.sandbox.account.settings |= settings
    watch(house)
    assert told(house) == [(ALICE, f"SMS account sms-xx00000-1 {wrong}: pages may not arrive. See alertsms doctor")]


def test_an_ovhcloud_that_fails_is_asked_again_in_a_minute_and_logged_once(own, caplog):
    house = own()
    watch(house)
    house.fault(FaultKind.ERROR_500, call="account")
    for _ in range(7):
        watch(house, 60)
    assert house.metric("credits_left") == 1000
    (failing,) = logged(caplog, "an account could not be watched")
    assert (failing["account"], failing["what"]) == ("first", "account")
    house.sandbox.faults.clear()
    house.sandbox.account.credits = 900.0
    watch(house, 60)
    assert house.metric("credits_left") == 900


def test_without_the_right_to_look_it_is_not_asked_each_minute(own):
    house = own()
    mine = house.sandbox.keys.consumers["sandbox-consumer"]
    mine.rules = tuple(rule for rule in mine.rules if "blacklists" not in rule.path)
    watch(house)
    before = house.sandbox.counts["blacklists"]["403"]
    for _ in range(5):
        watch(house, 60)
    assert house.sandbox.counts["blacklists"]["403"] == before


@pytest.mark.parametrize(("rights", "words"), [(False, 1), (True, 0)])
def test_dead_keys_are_told_before_a_page_needs_them(own, caplog, rights, words):
    """A refusal may pass, so the second in a row is told; a key that may not look may well send."""
    house = own(PLAN + 'fallback: {channels: ["json://127.0.0.1:9/x"]}')
    mine = house.sandbox.keys.consumers["sandbox-consumer"]
    if rights:
        mine.rules = tuple(rule for rule in mine.rules if rule.method == "POST")
    else:
        house.sandbox.keys.consumers.clear()
    watch(house)
    assert notices_kept(house) == []
    for _ in range(4):
        watch(house, 300)
    assert [one.partition(":")[0] for one in notices_kept(house)] == ["OVHcloud refuses SMS account first"] * words


def test_a_clock_that_was_set_back_does_not_keep_it_from_asking(own, clock):
    house = own()
    watch(house)
    house.sandbox.account.credits = 700.0
    clock.set_wall(-DAY)
    house.app.watch.housekeeper.step()
    watch(house)
    assert house.metric("credits_left") == 700


def test_a_start_logs_what_doctor_would_say(own, caplog):
    caplog.set_level(logging.INFO, "alertsms.balance")
    house = own()
    house.sandbox.account.senders["ACME"] = "refused"
    watch(house)
    (bad,) = logged(caplog, "check-up")
    assert (bad["about"], bad["says"]) == ("ovh sender", "ACME is refused by OVHcloud")
    assert bad["fix"].startswith("declare another one in the OVHcloud manager")
    assert logged(caplog, "account checked") == [{"account": "first", "checks": 9, "warnings": 1}]
    assert (house.sandbox.counts["account"].total(), house.sandbox.counts["blacklists"].total()) == (1, 1)
    watch(house, 300)
    assert len(logged(caplog, "account checked")) == 1


@pytest.mark.one_store
def test_a_stand_by_that_does_not_answer_is_known_before_it_is_needed(own, clock):
    house = own(ovh=SPARE)
    house.spare.faults.add(Fault(kind=FaultKind("503"), call="account"))
    for _ in range(2):
        house.app.delivery.account_monitor.watch()
        clock.advance(61)
    (trouble,) = house.app.delivery.account_monitor.silent()
    assert trouble.says.startswith("the standby SMS account does not answer: ")
    house.spare.faults.clear()
    house.app.delivery.account_monitor.watch()
    assert list(house.app.delivery.account_monitor.silent()) == []


@pytest.mark.one_store
def test_a_stop_list_that_cannot_be_read_is_a_trouble(own, clock):
    house = own()
    house.app.delivery.credit_monitor._schedule.failing._monotonic = lambda: clock.ran
    house.fault("500", call="blacklists")
    for _ in range(3):
        house.app.delivery.account_monitor.watch()
        clock.advance(61)
    (trouble,) = house.app.delivery.credit_monitor.troubles()
    assert trouble.says.startswith("the list of numbers that OVHcloud blocks cannot be read: ")
    house.sandbox.faults.clear()
    house.app.delivery.account_monitor.watch()
    assert list(house.app.delivery.credit_monitor.troubles()) == []
