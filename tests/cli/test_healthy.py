"""`alertsms healthy`: a container's health check."""

from __future__ import annotations

from pathlib import Path

import pytest

from alertsms.cli.healthy import listens
from tests.cli.house import serving, write
from tests.ovh.peer import Peer, http
from tests.support.ports import free_port


@pytest.fixture
def peer():
    peer = Peer(time=None)
    yield peer
    peer.stop()


def test_it_asks_where_the_configuration_listens(run, tmp_path):
    file = write(tmp_path, port=free_port())
    with serving(file):
        result = run("healthy", "-c", file)
    assert (result.exit_code, result.stdout) == (0, "alertsms is healthy.\n")


def test_nobody_there_is_ill(run, tmp_path):
    result = run("healthy", "-c", write(tmp_path))
    assert result.exit_code == 1
    assert "no alertsms answers at http://127.0.0.1:" in result.stderr


def test_what_is_to_be_restarted_says_why(run, tmp_path, peer):
    peer.answers(http(503, b"alertsms is to be restarted: its sender does not run.\n"))
    file = tmp_path / "config.yaml"
    file.write_text(f"server: {{listen: '127.0.0.1:{peer.port}'}}\n")
    result = run("healthy", "-c", str(file))
    assert result.exit_code == 1
    assert "its sender does not run" in result.stderr


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ("server: {listen: '0.0.0.0:8080'}", 8080),
        ("server: {listen: '${NONE}', x: [}", 9095),
        ("server: 5", 9095),
        ("server: {listen: '0.0.0.0:8080', bearer: x}\nroute: {}", 8080),
        ("", 9095),
        ("- x", 9095),
        ("server: {listen: 7}", 9095),
        ("server: {}", 9095),
    ],
)
def test_a_file_with_mistakes_still_says_where(tmp_path, text, port):
    """A server may run by the last good one."""
    file = Path(tmp_path / "config.yaml")
    file.write_text(text)
    assert listens(str(file)).port == port


def test_a_file_that_is_not_there_leaves_the_usual_address(tmp_path):
    assert listens(str(tmp_path / "none.yaml")).port == 9095
