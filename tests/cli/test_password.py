"""`alertsms hash-password`, and what `check` says of passwords in clear."""

from __future__ import annotations

import pytest

from alertsms.machine import password

FILE = """\
ovh: {application_key: AK, application_secret: AS, consumer_key: CK, service_name: sms-xx00000-1, sender: ACME}
people: {alice: "+33612345678"}
teams: {ops: {page: [alice]}}
route: {team: ops}
fallback: {channels: ["json://example.org"]}
server: {login: {username: alice, password: 'WRITTEN'}}
"""


def test_a_password_is_read_from_a_pipe_and_only_its_hash_is_printed(run):
    first, second = (run("hash-password", input="wonderland\n") for _ in range(2))
    assert first.exit_code == 0
    assert "wonderland" not in first.output
    assert password.password_matches("wonderland", first.stdout.strip())
    assert not password.password_matches("Wonderland", first.stdout.strip())
    assert password.unusable(first.stdout.strip()) == ""
    assert first.stdout != second.stdout  # a salt of its own


def test_a_password_is_no_argument(run):
    """Everybody on the machine reads the list of processes."""
    assert run("hash-password", "wonderland").exit_code == 2


@pytest.mark.parametrize("given", ["", "\n", "wonder\n"])
def test_a_short_password_is_refused(run, given):
    result = run("hash-password", input=given)
    assert result.exit_code == 1
    assert "give at least 8" in result.stderr
    assert result.stdout == ""


def test_check_reminds_of_passwords_in_clear_and_counts_none(run, tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text(FILE.replace("WRITTEN", "wonderland"))
    result = run("check", "--strict", str(file))
    assert result.exit_code == 0, result.output
    assert (
        "server.login: the password of alice is kept in clear: `alertsms hash-password` makes what to write instead"
        in result.stdout
    )
    assert "wonderland" not in result.output
    assert "kept in clear" not in run("check", "--no-secrets", str(file)).output
    file.write_text(FILE.replace("WRITTEN", password.make("wonderland")))
    assert "kept in clear" not in run("check", "--strict", str(file)).output
