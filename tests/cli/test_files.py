"""Files that a configuration or a command names: what is no file is refused at once, whatever it would do."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from alertsms.cli.server import store_of
from alertsms.config import ConfigError, load
from alertsms.machine.files import opened, read_whole
from tests.cli.house import write


@pytest.fixture(params=["pipe", "directory", "socket", "device"])
def other(request, tmp_path) -> Path:
    """Something that is no file; a pipe nobody writes to, so that reading it would wait for ever."""
    path = tmp_path / "other"
    if request.param == "pipe":
        os.mkfifo(path)
    elif request.param == "directory":
        path.mkdir()
    elif request.param == "device":
        path = Path("/dev/zero")
    else:
        server = socket.socket(socket.AF_UNIX)
        server.bind(str(path))
        server.close()
    return path


def test_what_is_no_file_is_refused_at_once(other):
    with pytest.raises(ValueError, match=r"^it is a (pipe|directory|socket|device), write the path of a file$"):
        opened(other)


def test_what_becomes_something_else_between_two_looks_is_refused_too(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").write_text("x")
    found = (tmp_path / "file").stat()
    monkeypatch.setattr(Path, "stat", lambda _: found)
    with pytest.raises(ValueError, match="it is a pipe"):
        opened(tmp_path / "pipe")


def test_a_file_is_read_whole_and_not_beyond_its_bound(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"x" * 1024)
    assert read_whole(path, 1024) == b"x" * 1024
    with pytest.raises(ValueError, match="it is larger than 0 KiB"):
        read_whole(path, 1023)
    with pytest.raises(OSError, match="No such file"):
        read_whole(tmp_path / "none", 1024)


def test_a_configuration_that_is_no_file_is_a_mistake(other):
    with pytest.raises(ConfigError, match="this file cannot be read: it is a "):
        load(other)
    assert store_of(str(other)).startswith("sqlite:///")  # as where there is no file at all


def test_a_secret_that_is_no_file_is_a_mistake(other, tmp_path):
    file = Path(write(tmp_path))
    file.write_text(file.read_text().replace("application_key: sandbox-key", f"application_key_file: {other}"))
    with pytest.raises(ConfigError, match="cannot be read: it is a "):
        load(file)


def test_a_body_that_is_no_file_is_refused(run, other, tmp_path):
    result = run("render", write(tmp_path), str(other))
    assert result.exit_code == 2
    assert "cannot be read: it is a " in result.stderr
    assert "or - and let what writes it be piped in" in " ".join(result.stderr.split())
