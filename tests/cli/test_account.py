"""`alertsms login` against the served sandbox."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import yaml
from click import ClickException

from alertsms.cli import account
from alertsms.ovh.auth import CurrentCredential
from alertsms.sandbox.keys import KeyState
from tests.cli.house import until

APPLICATION = {"OVH_APPLICATION_KEY": "sandbox-key", "OVH_APPLICATION_SECRET": "sandbox-secret"}


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(account, "LOOK_EVERY", 0.02)


def decide(sandbox, state: KeyState) -> threading.Thread:
    """Somebody opens the validation link of the new key, and decides."""

    def act() -> None:
        keys = sandbox.sandbox.keys.consumers
        until(lambda: any(each.state is KeyState.PENDING for each in keys.values()))
        new = next(each for each in keys.values() if each.state is KeyState.PENDING)
        new.state = state

    thread = threading.Thread(target=act, daemon=True)
    thread.start()
    return thread


def test_without_an_application_it_prints_the_link_that_makes_all_keys(run):
    result = run("login", "--service-name", "sms-ab12345-1")
    assert result.exit_code == 0
    assert "https://eu.api.ovh.com/createToken/?GET=/auth/currentCredential" in result.stdout
    assert "POST=/sms/sms-ab12345-1/jobs" in result.stdout
    lines = result.stdout[result.stdout.index("ovh:") : result.stdout.index("3. With")]
    assert yaml.safe_load(lines)["ovh"] == {
        "endpoint": "ovh-eu",
        "application_key": "${OVH_APPLICATION_KEY}",
        "application_secret": "${OVH_APPLICATION_SECRET}",
        "consumer_key": "${OVH_CONSUMER_KEY}",
        "service_name": "sms-ab12345-1",
        "sender": "ACME",
    }


def test_the_page_has_two_names_as_long_as_nobody_knows_when_ovhcloud_moves_it(run):
    old, new = "https://eu.api.ovh.com/createToken/", "https://auth.eu.ovhcloud.com/api/createToken/"
    said = run("login").stdout
    assert f"   {old}?GET=" in said
    assert f"open the same with {new}\n   in the place of {old}\n" in said
    said = run("login", "--endpoint", "https://api.eu.ovhcloud.com/1.0").stdout
    assert f"   {new}?GET=" in said
    assert f"open the same with {old}\n   in the place of {new}\n" in said
    assert "Is there no such page" not in run("login", "--endpoint", "soyoustart-eu").stdout


def test_with_an_application_it_waits_for_the_validation_and_prints_what_to_paste(run, sandbox):
    owner = decide(sandbox, KeyState.VALIDATED)
    result = run("login", "--endpoint", sandbox.url, "--application-key", "sandbox-key", input="sandbox-secret\n")
    owner.join()
    assert result.exit_code == 0, result.output
    assert f"{sandbox.page}sandbox/validate?credentialToken=" in result.stdout
    new = list(sandbox.sandbox.keys.consumers.values())[-1]
    assert f"  consumer_key: {new.key}\n" in result.stdout
    assert "  service_name: sms-xx00000-1\n" in result.stdout
    assert "  sms-xx00000-1: 1000 credits left\n" in result.stdout
    assert "sandbox-secret" not in result.stdout
    assert ("POST", "/sms/*/jobs") in {(rule.method, rule.path) for rule in new.rules}


def test_keys_that_are_there_are_checked(run, sandbox):
    result = run("login", "--endpoint", sandbox.url, env=APPLICATION | {"OVH_CONSUMER_KEY": "sandbox-consumer"})
    assert result.exit_code == 0
    assert "The keys work." in result.stdout
    assert "sms-xx00000-1: 1000 credits left" in result.stdout


def test_a_secret_on_the_command_line_is_taken_and_warned_of(run, sandbox):
    """It stands in the list of processes for as long as somebody takes to validate the key."""
    keys = ("--application-secret", "sandbox-secret", "--consumer-key", "sandbox-consumer")
    result = run("login", "--endpoint", sandbox.url, "--application-key", "sandbox-key", *keys)
    assert result.exit_code == 0
    assert [line.partition(",")[0] for line in result.stderr.splitlines()] == [
        "--application-secret: everybody on this machine can read it in the list of processes",
        "--consumer-key: everybody on this machine can read it in the list of processes",
    ]
    assert "sandbox-secret" not in result.output


def test_secrets_are_asked_for_where_a_dash_stands(run, sandbox):
    keys = ("--application-secret", "-", "--consumer-key", "-")
    result = run(
        "login",
        "--endpoint",
        sandbox.url,
        "--application-key",
        "sandbox-key",
        *keys,
        input="sandbox-secret\nsandbox-consumer\n",
    )
    assert result.exit_code == 0
    assert "The keys work." in result.stdout
    assert "everybody" not in result.stderr


def test_many_credits_are_written_out(run, sandbox):
    sandbox.sandbox.account.credits = 1_234_567.5
    result = run("login", "--endpoint", sandbox.url, env=APPLICATION | {"OVH_CONSUMER_KEY": "sandbox-consumer"})
    assert "sms-xx00000-1: 1234567.5 credits left" in result.stdout


def test_nobody_validates_in_time(run, sandbox):
    result = run("login", "--endpoint", sandbox.url, "--wait", "200ms", env=APPLICATION)
    assert result.exit_code == 1
    assert "nobody validated the key within 200ms" in result.stderr


def test_a_wrong_application_key_is_said_at_once(run, sandbox):
    result = run("login", "--endpoint", sandbox.url, env=APPLICATION | {"OVH_APPLICATION_KEY": "other"})
    assert result.exit_code == 1
    assert "INVALID_KEY" in result.stderr
    assert result.stderr.splitlines()[-1] == (
        "-> application_key is wrong, or of another region: make new keys with `alertsms login`, write all three"
        " into the configuration and reload"
    )


def test_a_wrong_application_secret_is_said_once_the_key_is_validated(run, sandbox):
    owner = decide(sandbox, KeyState.VALIDATED)
    result = run(
        "login", "--endpoint", sandbox.url, "--wait", "20s", env=APPLICATION | {"OVH_APPLICATION_SECRET": "other"}
    )
    owner.join()
    assert result.exit_code == 1
    assert "the application secret is wrong" in result.stderr


def test_a_region_without_sms_is_refused(run):
    result = run("login", "--endpoint", "ovh-ca")
    assert result.exit_code == 2
    assert "this region's API has no /sms" in result.stderr


def test_a_key_with_a_space_in_it_is_refused_without_being_shown(run, sandbox):
    result = run("login", "--endpoint", sandbox.url, env=APPLICATION | {"OVH_CONSUMER_KEY": "two words"})
    assert result.exit_code == 1
    assert "consumer_key has characters that no OVHcloud key has" in result.stderr
    assert "two words" not in result.output


@pytest.mark.parametrize("status", ["refused", "expired"])
def test_a_key_that_was_refused_ends_the_wait(monkeypatch, status):
    """OVHcloud answers so for a key whose owner said no."""
    said = CurrentCredential(status=status, expires_at=None, rules=())
    monkeypatch.setattr(account, "current_credential", lambda _client: said)
    with pytest.raises(ClickException, match=f"the key was {status}"):
        account.validated(None, timedelta(), progress=lambda *_: None, sleep=lambda _seconds: None)
