"""`alertsms token` against a running server."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from tests.cli.house import serving, write
from tests.support.ports import free_port


@pytest.fixture
def file(tmp_path) -> str:
    return write(tmp_path, port=free_port())


def test_a_token_is_printed_alone_and_opens_the_api(run, file):
    with serving(file) as app:
        made = run("token", "prometheus", "-c", file)
        url = f"http://127.0.0.1:{app.config.server.port}/api/v1/incidents"
        token = made.stdout.removesuffix("\n")
        assert requests.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=5).status_code == 200
        listed = run("token", "--list", "-c", file)
        revoked = run("token", "--revoke", "prometheus", "-c", file)
        assert requests.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=5).status_code == 403
        none = run("token", "--list", "-c", file)
    assert made.exit_code == 0
    assert (len(token), token.strip()) == (43, token)
    assert made.stderr == "Keep it now: it is shown this once. `alertsms token --revoke prometheus` ends it.\n"
    assert listed.stdout == f"prometheus  read-only  since {datetime.now(UTC):%Y-%m-%d}\n"
    assert revoked.stdout == "prometheus opens nothing any more.\n"
    assert none.stdout == "There is none: `alertsms token NAME` makes one.\n"


def test_programs_get_json(run, file):
    with serving(file):
        made = json.loads(run("token", "--full", "--json", "-c", file).stdout)
        listed = json.loads(run("token", "--list", "--json", "-c", file).stdout)
        revoked = json.loads(run("token", "--revoke", made["token"], "--json", "-c", file).stdout)
    assert (made["name"], made["full"]) == ("token-1", True)
    assert [each["name"] for each in listed["tokens"]] == ["token-1"]
    assert revoked == {"revoked": "token-1"}


@pytest.mark.parametrize("words", [["a", "--list"], ["--list", "--revoke", "a"], ["--full", "--list"]])
def test_one_thing_at_a_time(run, file, words):
    result = run("token", *words, "-c", file)
    assert result.exit_code == 2
    assert "write a NAME such as prometheus" in result.stderr


def test_a_key_that_cannot_be_read_is_said_with_the_way_out(run, file):
    with serving(file):
        pass
    (Path(file).parent / "alertsms.key").write_text("damaged")
    result = run("token", "--list", "-c", file)
    assert result.exit_code == 1
    assert "holds no key of 32 bytes" in result.stderr
    assert "sudo -u USER alertsms" in result.stderr


def test_a_command_elsewhere_has_the_same_key_file(run, tmp_path, file):
    """As beside PostgreSQL: the state folder of the server is not that of who types."""
    text = Path(file).read_text()
    Path(file).write_text(text.replace("server: {", "server: {key_file: root.key, "))
    (tmp_path / "root.key").write_bytes(bytes(range(32)))
    with serving(file):
        assert run("token", "--list", "-c", file).exit_code == 0
    assert not (tmp_path / "alertsms.key").exists()
