"""An account that cannot send: pages are kept, one harmless question at a time is asked, and all leave when it can."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from alertsms.core.messages.notification import Channel, Fallback
from alertsms.sandbox.keys import KeyState
from alertsms.store.schema import message_table
from tests.support.house import NIGHT, PLAN, House, page

EIGHT = [f"web-0{number}" for number in range(8)]
TWELVE = [f"web-{number:02}" for number in range(12)]


@pytest.fixture
def told(house):
    """A house whose root team has a fallback channel."""
    give_channel(house)
    return house


def give_channel(house: House) -> None:
    roster = house.app.config.roster
    route = replace(
        roster.route, team=replace(roster.route.team, fallback=Fallback(channels=(Channel(url="json://localhost"),)))
    )
    house.app.context.config.current = replace(house.app.config, roster=replace(roster, route=route))


def keys_die(house: House) -> None:
    house.sandbox.keys.consumers["sandbox-consumer"].state = KeyState.EXPIRED


def keys_live(house: House) -> None:
    house.sandbox.keys.consumers["sandbox-consumer"].state = KeyState.VALIDATED


def notices(house: House) -> list[str]:
    """What the fallback's channels are told of alertsms itself."""
    return [text for kind, text in house.posts("kind", "note") if kind == "notice"]


def calls(house: House, call: str = "jobs") -> int:
    return house.sandbox.counts[call].total()


def test_keys_that_die_fail_no_page_and_pages_leave_when_they_are_back(told):
    told.fire("web-00")
    told.run(1)
    keys_die(told)
    told.fire(*EIGHT[1:])
    told.run(600)
    assert told.texts == [page("web-00", 1)]
    assert "failed" not in {state for _, state in told.states()}
    assert told.metric("account_usable", account="first") == 0
    keys_live(told)
    told.run(31)
    assert [text.partition(" #")[0] for text in told.texts[1:]] == ["7 CRITICAL: HighCPU x7 since 02:10"]
    assert told.metric("account_usable", account="first") == 1


@pytest.mark.one_store
def test_dead_keys_are_told_once_and_their_return_once(told):
    keys_die(told)
    told.fire(*EIGHT)
    told.run(600)
    (said,) = notices(told)
    assert said.partition(" (query")[0] == (
        "SMS account first not usable, pages wait: consumer_key expired, was withdrawn or never validated: make new "
        "keys with `alertsms login`, write all three into the configuration and reload; choose an unlimited validity "
        "(send: 403 INVALID_CREDENTIAL: This credential is not valid"
    )
    keys_live(told)
    told.run(31)
    assert notices(told)[1:] == ["SMS account first works again"]
    assert [text for text in told.texts if "account" in text] == []


def use_secret(house: House, secret: str) -> None:
    """What OVHcloud takes for the secret of the application."""
    house.sandbox.keys.credentials = replace(house.sandbox.keys.credentials, application_secret=secret)


def test_a_wrong_secret_shuts_the_account_within_a_minute_and_says_so(told):
    right = told.sandbox.keys.credentials.application_secret
    use_secret(told, "of another application")
    told.fire(*EIGHT)
    told.run(60)
    (said,) = notices(told)
    assert "pages wait: application_secret is not that of application_key: write the right one" in said
    assert "400 INVALID_SIGNATURE" in said
    tried = calls(told)
    told.run(20)
    assert calls(told) == tried
    use_secret(told, right)
    told.run(31)
    assert sorted(text.partition(" #")[0] for text in told.texts) == sorted(
        page(host, 1).partition(" #")[0] for host in EIGHT
    )


def test_what_fails_says_its_own_fix(told):
    told.fault("503", call="jobs")
    told.fault("503", call="account")
    told.fire(*TWELVE)
    told.run(120)
    assert "pages wait: OVHcloud is failing: look at https://www.status-ovhcloud.com" in notices(told)[0]


def test_a_dead_account_is_asked_harmlessly_and_less_and_less_often(told):
    keys_die(told)
    told.fire(*EIGHT)
    told.run(0)
    tried = calls(told)
    assert tried <= 4  # those that were under way together
    told.run(600)
    assert calls(told) == tried
    assert calls(told, "account") == 21  # after 5, 15, 35 and 65 s, then every 30 s


def test_the_log_says_what_to_do(told, caplog):
    keys_die(told)
    with caplog.at_level(logging.WARNING, "alertsms.prober"):
        told.fire()
        told.run(120)
        keys_live(told)
        told.run(31)
    said = [(record.getMessage(), record.fields.get("cause")) for record in caplog.records if "prober" in record.name]
    assert said == [("account not usable", "keys"), ("account usable again", None)]
    assert "alertsms login" in next(record.fields["fix"] for record in caplog.records if "prober" in record.name)


def test_without_credits_pages_wait_and_the_probe_does_not_spend_a_trial(told):
    told.sandbox.account.credits = 0
    told.fire(*EIGHT)
    told.run(500)
    tried = calls(told)
    assert tried <= 4
    assert "buy some in the OVHcloud manager" in notices(told)[0]
    told.sandbox.account.credits = 100
    told.run(31)
    assert len(told.texts) == 8


@pytest.mark.one_store
def test_a_sender_that_waits_for_validation_is_tried_by_one_message_at_a_time(told):
    told.sandbox.account.senders["ACME"] = "waitingValidation"
    told.fire(*EIGHT)
    told.run(500)
    assert "see in the OVHcloud manager whether it exists and is validated" in notices(told)[0]
    assert len(notices(told)) == 1
    assert calls(told) <= 4 + calls(told, "account")
    assert told.metric("account_usable", account="first") == 0
    told.sandbox.account.senders["ACME"] = "enable"
    told.run(31)
    assert len(told.texts) == 8


def test_rights_that_read_nothing_do_not_keep_a_message_from_trying(told):
    """The right to read the account is not the right to send: only a message can tell."""
    consumer = told.sandbox.keys.consumers["sandbox-consumer"]
    rules, consumer.rules = consumer.rules, tuple(rule for rule in consumer.rules if rule.path == "/sms")
    told.fire()
    told.run(60)
    assert told.texts == []
    assert "right POST /sms/SERVICE/jobs" in notices(told)[0]
    consumer.rules = tuple(rule for rule in rules if rule.method == "POST")
    told.run(31)
    assert told.texts == [page("web-01", 1)]


def test_ten_failures_in_a_minute_open_it_and_one_message_closes_it(house):
    house.fault("429", call="jobs")
    house.fire(*EIGHT)
    house.run(4)
    assert 10 <= calls(house) <= 16
    before = calls(house)
    house.run(50)
    assert calls(house) - before <= 4  # one trial after each probe
    assert house.metric("account_usable", account="first") == 0
    house.sandbox.faults.clear()
    house.run(70)
    assert len(house.texts) == 8


def test_nine_failures_and_a_success_open_nothing(house):
    house.fault("429", call="jobs", times=9)
    house.fire(*EIGHT)
    house.run(1)
    house.run(20)
    assert len(house.texts) == 8
    assert calls(house, "account") == 0


def hang(house: House, kind: str) -> None:
    """No send is answered, and no question."""
    house.fault(kind, seconds=1)
    for call in ("outgoing", "pending", "account"):
        house.fault("500", call=call)


@pytest.mark.one_store
def test_an_ovh_that_hangs_is_probed_and_nothing_is_burned(house):
    """Answers are lost and look-ups have none: what became of them is asked when there is an answer to be had."""
    hang(house, "hang")
    house.fire(*TWELVE)
    house.run(500, hop=5)
    tried = calls(house)
    assert tried <= 16
    assert house.texts == []
    assert {state for _, state in house.states()} == {"unknown"}
    house.sandbox.faults.clear()
    house.run(150)
    assert len(house.texts) == 12
    assert max(count for (count,) in house.rows(message_table.c.resends)) == 1


@pytest.mark.one_store
def test_what_was_accepted_without_an_answer_is_found_once_there_is_one(house):
    hang(house, "hang_after")
    house.fire(*TWELVE)
    house.run(600, hop=5)
    house.sandbox.faults.clear()
    house.run(60)
    assert sorted(text.split()[2].rstrip(":") for text in house.texts) == TWELVE
    assert house.metric("account_usable", account="first") == 1


@pytest.mark.one_store
def test_an_ovh_that_accepts_and_never_answers_is_not_sent_copies_without_end(house):
    house.fault("hang_after", call="jobs")
    house.fire(*EIGHT)
    house.run(3600, hop=20)
    copies = [house.texts.count(text) for text in set(house.texts)]
    assert max(copies) <= 4


def test_a_trial_whose_thread_died_is_followed_by_another(house):
    keys_die(house)
    house.fire("web-01", "web-02")
    house.run(10)
    keys_live(house)
    house.pool.lazy = True
    house.run(31)
    assert len(house.pool.kept) == 1
    house.pool.kept.clear()
    house.app.delivery.rate_limiter.give_back("alice")
    house.pool.lazy = False
    house.run(120)
    assert len(house.texts) == 2


def test_a_restart_learns_again_what_is_wrong(told):
    keys_die(told)
    told.fire()
    told.run(30)
    told.crash()
    told.start()
    told.run(30)
    assert told.texts == []
    assert told.metric("account_usable", account="first") == 0
    keys_live(told)
    told.run(31)
    assert told.texts == [page("web-01", 1)]


def test_a_reload_of_something_else_forgets_nothing_and_new_keys_are_tried_at_once(house):
    keys_die(house)
    house.fire()
    house.run(40)
    tried = calls(house)
    house.reload("""
people: {alice: "+33612345678"}
teams: {ops: {page: [alice]}}
route: {team: ops}
""")
    house.run(1)
    assert calls(house) == tried
    house.sandbox.keys.grant(house.sandbox.keys.consumers["sandbox-consumer"].rules, now=0, key="new")
    house.ovh = house.ovh.replace("sandbox-consumer", "new")
    house.reload("""
people: {alice: "+33612345678"}
teams: {ops: {page: [alice]}}
route: {team: ops}
""")
    house.run(1)
    assert house.texts == [page("web-01", 1)]


def test_a_message_that_an_account_refused_waits_for_the_account_alone(house):
    keys_die(house)
    house.fire()
    house.settle()
    assert house.rows(message_table.c.state, message_table.c.due_at) == [("queued", house.clock())]


def test_a_reload_with_keys_that_are_wrong_too_is_not_told_as_the_end(house):
    """Nobody would be told again within the hour, and all would believe that pages leave."""
    plan = PLAN + 'fallback: {channels: ["json://localhost"]}\n'
    house.reload(plan)
    keys_die(house)
    house.fire()
    house.run(60)
    house.ovh = house.ovh.replace("sandbox-consumer", "somebodys")
    house.reload(plan)
    house.run(600)
    (said,) = notices(house)
    assert said.startswith("SMS account first not usable")
    assert house.metric("account_usable", account="first") == 0
    house.sandbox.keys.grant(house.sandbox.keys.consumers["sandbox-consumer"].rules, now=0, key="new")
    house.ovh = house.ovh.replace("somebodys", "new")
    house.reload(plan)
    house.run(1)
    assert len(house.texts) == 1
    house.run(1)
    assert notices(house)[1:] == ["SMS account first works again"]


def test_a_reload_that_mends_an_account_while_nothing_waits_is_told_too(house):
    plan = PLAN + 'fallback: {channels: ["json://localhost"]}\n'
    house.reload(plan)
    keys_die(house)
    house.fire()
    house.run(60)
    house.resolve(end=NIGHT + timedelta(minutes=1))
    house.sandbox.keys.grant(house.sandbox.keys.consumers["sandbox-consumer"].rules, now=0, key="new")
    house.ovh = house.ovh.replace("sandbox-consumer", "new")
    house.reload(plan)
    house.run(90)
    assert notices(house)[1:] == ["SMS account first works again"]


@pytest.mark.one_store
def test_what_a_probe_learned_is_not_asked_for_again_by_the_watch(told):
    """The account is asked once; its credits and its silence are known to both."""
    told.app.delivery.account_monitor.watch()
    keys_die(told)
    told.fire()
    told.run(300)
    asked = calls(told, "account")
    told.app.delivery.account_monitor.watch()
    assert calls(told, "account") == asked
    told.run(60)
    told.sandbox.account.credits = 150.0
    keys_live(told)
    told.run(31)
    assert told.metric("credits_left") == 149


MOVED = "https://api.eu.ovhcloud.com"


@pytest.mark.parametrize("kind", ["redirect", "redirect_after"])
def test_an_api_that_moved_keeps_what_may_have_left_until_somebody_writes_the_new_address(told, kind):
    """Meanwhile it is neither looked up (what answers there is no answer) nor sent again nor given up."""
    told.fire("web-00")
    told.run(30)
    asked = calls(told, "outgoing")
    told.fault(kind, call="*", status=301, location=MOVED)
    told.fire("web-01", "web-02")
    told.run(3600)
    assert len(told.texts) == (1 if kind == "redirect" else 3)
    assert told.states()[1:] == [("page", "unknown"), ("page", "unknown")]
    assert told.metric("sms_unknown_total", resolution="resent") is None
    assert calls(told, "outgoing") == asked
    told.sandbox.faults.clear()
    told.move()
    told.run(90)
    singles = [text for text in told.texts if text.startswith("CRITICAL")]
    assert sorted(text.split()[2] for text in singles) == ["web-00:", "web-01:", "web-02:"]
    assert told.states()[:3] == [("page", "delivered")] * 3


def test_the_move_is_told_with_the_endpoint_to_write(told):
    told.fault("redirect", call="*", status=301, location=MOVED)
    told.fire()
    told.run(60)
    (said,) = notices(told)
    assert said.startswith("SMS account first not usable, pages wait: calls are led to another address")
    assert "write endpoint: https://api.eu.ovhcloud.com/1.0 and reload" in said


@pytest.mark.parametrize("status", [301, 308])
@pytest.mark.parametrize("kind", ["redirect", "redirect_after"])
def test_a_moved_api_from_the_first_refused_call_to_the_reload_that_mends_it(told, caplog, kind, status):
    """One line with the fix, one post, nothing lost, nothing doubled, whether calls were carried out or not."""
    told.fire("web-00")
    told.run(30)
    told.fault(kind, call="*", status=status, location=MOVED)
    with caplog.at_level(logging.WARNING, "alertsms.prober"):
        told.fire("web-01")
        told.run(1800)
    (line,) = [record for record in caplog.records if record.name == "alertsms.prober"]
    assert (line.getMessage(), line.fields["cause"]) == ("account not usable", "moved")
    assert "write endpoint: https://api.eu.ovhcloud.com/1.0 and reload" in str(line.fields)
    (said,) = notices(told)
    assert "write endpoint: https://api.eu.ovhcloud.com/1.0 and reload" in said
    assert told.metric("account_usable", account="first") == 0
    told.sandbox.faults.clear()
    told.move()
    give_channel(told)
    told.run(120)
    assert [text.split()[2] for text in told.texts if text.startswith("CRITICAL")] == ["web-00:", "web-01:"]
    assert told.states()[:2] == [("page", "delivered")] * 2
    assert notices(told)[1:] == ["SMS account first works again"]
    assert told.metric("account_usable", account="first") == 1


def test_a_start_beside_an_api_that_moved_burns_no_copies(told):
    """The first who finds out may be a look-up: what the last run left in doubt stays in doubt."""
    told.fault("reset_after", times=1)
    told.fire()
    told.settle()
    told.fault("redirect_after", call="*", status=308, location=MOVED)
    told.crash()
    told.start()
    give_channel(told)
    told.run(900)
    assert told.states() == [("page", "unknown")]
    assert len(told.texts) == 1
    told.sandbox.faults.clear()
    told.move()
    told.run(60)
    assert told.states() == [("page", "delivered")]
    assert len(told.texts) == 1


def test_a_redirect_that_passes_needs_nobody(told):
    """A portal that answers for a while, say."""
    told.fault("redirect", call="*", location="http://portal.example.org")
    told.fire()
    told.run(60)
    told.sandbox.faults.clear()
    told.run(120)
    assert told.texts == [page("web-01", 1)]
    assert told.states() == [("page", "delivered")]


def test_an_address_that_leads_elsewhere_for_messages_alone_fails_none(told):
    """Questions are answered well, so each trial is a copy of what was looked up and is not there."""
    told.fault("redirect", location="http://elsewhere.example.org")
    told.fire()
    told.run(280)
    assert told.rows(message_table.c.resends) > [(3,)]
    told.run(1000)
    assert "failed" not in {state for _, state in told.states()}
    told.sandbox.faults.clear()
    told.run(90)
    assert told.texts == [page("web-01", 1)]


@pytest.mark.parametrize("location", ["/login", MOVED])
def test_an_idle_account_that_is_led_elsewhere_is_known_before_the_next_page(told, location):
    told.fault("redirect", call="*", location=location)
    for _ in range(8):
        told.app.delivery.account_monitor.watch()
        told.clock.advance(61)
    said = [text for text in notices(told) if "write endpoint" in text]
    assert len(said) == (1 if location == MOVED else 0)
