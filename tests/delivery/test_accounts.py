"""What a refusal says of an account, and which account a reload leaves as it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alertsms.core.messages.circuit_breaker import Cause
from alertsms.delivery.accounts import AccountChoice, Accounts
from alertsms.delivery.sms_account import cause_of
from alertsms.ovh.client import Client
from alertsms.ovh.connection import Credentials
from alertsms.ovh.error import Certainty, ErrorResponse, OvhError, Scope, refusal
from alertsms.ovh.sms import SmsAccount, SmsApi

NOW = datetime(2026, 3, 3, 2, 10, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def account(name: str) -> SmsAccount:
    keys = Credentials(application_key="a", application_secret="b", consumer_key="c")
    client = Client(base_url="http://ovh.test/1.0", credentials=keys)
    return SmsAccount(client=client, sms=SmsApi(client, name), identity=(name,))


def accounts(first: str = "one", standby: str = "two", on_change: Callable[[], None] = lambda: None) -> Accounts:
    return Accounts(account(first), account(standby) if standby else None, clock=lambda: NOW, on_change=on_change)


def refused(status: int, code: str, message: str, method: str = "POST") -> OvhError:
    body = f'{{"errorCode":"{code}","httpCode":"{status} x","message":"{message}"}}'
    return refusal(ErrorResponse(call="send", method=method, status=status, headers={}, body=body), now=0)


DEAD = refused(403, "INVALID_CREDENTIAL", "This credential is not valid")
BROKEN = OvhError(certainty=Certainty.UNKNOWN, status=500)


@pytest.mark.parametrize(
    ("status", "code", "message", "cause"),
    [
        (401, "Client::Unauthorized", "You must login first", Cause.KEYS),
        (403, "INVALID_KEY", "This application key is invalid", Cause.KEYS),
        (403, "NOT_CREDENTIAL", "This credential does not exist", Cause.KEYS),
        (403, "INVALID_CREDENTIAL", "This credential is not valid", Cause.KEYS),
        (403, "NOT_GRANTED_CALL", "This call has not been granted", Cause.RIGHTS),
        (403, "NOT_ENOUGH_CREDITS", "Not enough credits", Cause.CREDITS),
        (400, "", "Your quota is used up", Cause.CREDITS),
        (403, "FORBIDDEN", "User not granted for this request", Cause.SENDER),
        (404, "", "Sms sender OPS does not exists. Please create it first", Cause.SENDER),
        (404, "NOT_FOUND", "This service does not exist", Cause.SERVICE),
        (460, "", "", Cause.SERVICE),
        (403, "Client::Forbidden", "No", Cause.REFUSED),
        (302, "", "", None),
        (500, "INTERNAL", "This service has no credits", None),
        (429, "", "Too Many Requests", None),
        (400, "INVALID_SIGNATURE", "Invalid signature", None),
        (400, "", "[receivers] Given data (1) is not valid for type string", None),
    ],
)
def test_each_refusal_of_an_account_has_its_cause(status, code, message, cause):
    assert cause_of(refused(status, code, message)) is cause


def test_an_account_that_is_led_to_another_address_has_moved():
    words = OvhError(certainty=Certainty.UNKNOWN, scope=Scope.ACCOUNT, status=302, message="write endpoint: X")
    assert cause_of(words) is Cause.MOVED


def test_a_signature_that_is_the_account_s_fault_is_one_of_its_keys():
    words = replace(refused(400, "INVALID_SIGNATURE", "Invalid signature"), scope=Scope.ACCOUNT)
    assert cause_of(words) is Cause.KEYS


def test_the_scope_decides_whether_it_is_the_account_s():
    words = OvhError(certainty=Certainty.PERMANENT, scope=Scope.MESSAGE, status=403, message="sender")
    assert cause_of(words) is None


def test_messages_go_by_the_first_and_what_it_lost_by_the_other():
    assert accounts().choose(NOW) == AccountChoice(account="first", room=None, spare="standby")
    assert accounts(standby="").choose(NOW) == AccountChoice(account="first", room=None, spare="first")


def test_a_dead_first_leaves_all_to_the_other_and_a_dead_only_one_lets_nothing_go():
    both, alone = accounts(), accounts(standby="")
    for each in (both, alone):
        each.failed("first", DEAD, NOW, NOW)
    assert both.choose(NOW) == AccountChoice(account="standby", room=None, spare="standby")
    assert alone.choose(NOW) == AccountChoice(account="first", room=0, spare="first")
    assert (both.usable, alone.usable) == (True, False)


def test_the_trial_of_the_first_is_one_message_and_the_others_go_on_by_the_other():
    both = accounts()
    both.failed("first", DEAD, NOW, NOW)
    both.probed("first", None, "", after(5))
    assert both.choose(after(5)) == AccountChoice(account="first", room=1, spare="standby")
    both.note_trial("first", after(5))
    assert both.choose(after(5)) == AccountChoice(account="standby", room=None, spare="standby")
    both.accepted("first", after(5), after(6))
    assert both.choose(after(6)).account == "first"


def test_turns_are_told_once_and_only_what_changed():
    told: list[int] = []
    one = accounts(standby="", on_change=lambda: told.append(1))
    one.failed("first", BROKEN, NOW, NOW)
    assert (one.transitions(), told) == ([], [])
    one.failed("first", DEAD, NOW, NOW)
    one.failed("first", DEAD, NOW, NOW)
    assert len(told) == 1
    (turn,) = one.transitions()
    assert (turn.account, turn.before.closed, turn.after.cause) == ("first", True, Cause.KEYS)
    assert one.transitions() == []


def test_a_reload_keeps_what_is_known_of_an_account_that_is_the_same_and_asks_another_at_once():
    both = accounts()
    both.failed("first", DEAD, NOW, NOW)
    both.failed("standby", DEAD, NOW, NOW)
    left = both.replace(account("one"), account("three"))
    assert [each.identity for each in left] == [("one",), ("two",)]
    assert both.probes_due(NOW) == ["standby"]
    both.probed("standby", None, "", NOW)
    assert (both.choose(NOW).account, both.choose(NOW).room) == ("standby", 1)
    both.accepted("standby", NOW, NOW)
    assert (both.works("first"), both.works("standby")) == (False, True)
    both.replace(account("one"), None)
    assert (both.usable, both.by_name.get("standby")) == (False, None)


def test_what_is_said_of_an_account_that_a_reload_took_away_is_forgotten():
    both = accounts()
    both.replace(account("one"), None)
    both.failed("standby", DEAD, NOW, NOW)
    both.accepted("standby", NOW, NOW)
    both.found("standby", NOW)
    both.probed("standby", None, "", NOW)
    both.note_trial("standby", NOW)
    assert both.transitions() == []


@pytest.mark.parametrize(("seconds", "flood"), [(600, False), (601, True)])
def test_an_outage_of_more_than_ten_minutes_leaves_a_flood_behind(seconds, flood):
    one = accounts(standby="")
    one.failed("first", DEAD, NOW, NOW)
    assert one.outage(after(seconds)) is flood
    one.probed("first", None, "", after(seconds))
    assert one.backlog_until == (after(seconds) if flood else None)


def test_while_one_of_two_works_there_is_no_outage():
    both = accounts()
    both.failed("first", DEAD, NOW, NOW)
    both.probed("first", None, "", after(10_000))
    assert (both.down_since, both.backlog_until) == (None, None)


def test_what_is_known_from_before_a_restart_counts_until_something_is_accepted():
    one = accounts(standby="")
    one.resume(after(-300), NOW)
    assert (one.backlog_until, one.proven) == (None, False)
    one.failed("first", DEAD, NOW, NOW)
    assert one.down_since == after(-300)
    other = accounts(standby="")
    other.resume(after(-601), NOW)
    assert other.backlog_until == NOW
    other.accepted("first", NOW, NOW)
    assert other.proven
    other.failed("first", DEAD, after(1), after(1))
    assert other.down_since == after(1)
