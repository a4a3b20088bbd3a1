"""`alertsms init` against the served sandbox: from a few answers to a page."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from alertsms.config import load

KEYS = ["sandbox-key", "sandbox-secret", "sandbox-consumer"]
ANSWERS = [*KEYS, "", "ACME", "alice", "0612345678", "+33612345678", "", "", "json://127.0.0.1:9/HIDDEN"]


def asked(run, sandbox, file: Path, answers=ANSWERS, *more: str):
    return run("init", str(file), "--endpoint", sandbox.url, *more, input="\n".join(answers) + "\n")


def test_a_few_answers_lead_to_a_page(run, tmp_path, sandbox):
    """The file is right as it stands, names an absolute store, and holds no secret of OVHcloud."""
    file = tmp_path / "etc" / "config.yaml"
    result = asked(run, sandbox, file)
    assert result.exit_code == 0, result.output
    assert "no country code: write + and the country code first, like +33612345678" in result.stderr
    assert "Sender (ACME, short number)" in result.stdout  # NEWNAME still waits for its validation
    (sms,) = sandbox.sandbox.accepted
    assert (sms.receiver, sms.sender) == ("+33612345678", "ACME")
    assert "OVHcloud has the test SMS to alice (+33*******78)." in result.stdout
    config = load(file)
    assert config.written_store == config.store == f"sqlite:///{tmp_path}/etc/alertsms.db"
    assert [person.name for person in config.roster.route.team.people] == ["alice"]
    assert config.server.guarded
    text = file.read_text()
    assert not any(secret in text for secret in KEYS[1:])
    assert f"The URL of the fallback stands in {file} itself, with its password" in result.stdout
    kept = [file, *(tmp_path / "etc" / "secrets").iterdir()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}
    assert run("check", str(file)).exit_code == 0


def test_nothing_that_exists_is_overwritten(run, tmp_path, sandbox):
    file = tmp_path / "config.yaml"
    file.write_text("mine")
    result = asked(run, sandbox, file)
    assert result.exit_code == 1
    assert f"{file} exists already" in result.stderr
    assert file.read_text() == "mine"


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (["sandbox-key", "wrong", "sandbox-consumer"], "OVHcloud: "),
        (["sandbox key", "sandbox-secret", "sandbox-consumer"], "application_key"),
    ],
)
def test_keys_that_do_not_work_are_said_before_anything_is_written(run, tmp_path, sandbox, answers, said):
    result = asked(run, sandbox, tmp_path / "config.yaml", answers)
    assert result.exit_code == 1
    assert said in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_test_sms_that_does_not_leave_is_said(run, tmp_path, sandbox):
    sandbox.sandbox.account.credits = 0.0
    file = tmp_path / "config.yaml"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("alertsms.cli.init.PATIENCE", 1.0)
        result = asked(run, sandbox, file)
    assert result.exit_code == 1
    assert "`alertsms doctor -c" in result.stderr
    assert file.exists()


def test_without_a_test_sms(run, tmp_path, sandbox):
    short = [*KEYS, "", "short number", "alice", "+33612345678", "", "night", ""]
    result = asked(run, sandbox, tmp_path / "config.yaml", short, "--no-send")
    assert result.exit_code == 0, result.output
    assert sandbox.sandbox.accepted == []
    config = load(tmp_path / "config.yaml")
    assert (config.ovh.sender_for_response, config.roster.route.team.name) == (True, "night")
