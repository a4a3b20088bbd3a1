"""The store lies in one known place: no command looks into another one, and no start begins empty beside an old one."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from alertsms.config import load
from alertsms.machine.files import store_url
from tests.cli.house import serving, write
from tests.support.ports import free_port


@pytest.fixture
def file(tmp_path, sandbox) -> str:
    """A configuration that names no store, in a folder of its own."""
    return without_store(write(folder(tmp_path / "etc"), endpoint=sandbox.url, port=free_port()))


def folder(path: Path) -> Path:
    path.mkdir(parents=True)
    return path


def without_store(file: str, instead: str = "") -> str:
    path = Path(file)
    path.write_text("\n".join([instead, *path.read_text().splitlines()[1:]]))
    return file


def an_old_one(path: Path) -> Path:
    with sqlite3.connect(path) as made:
        made.execute("CREATE TABLE facts (key, value)")
    return path


@pytest.mark.parametrize(
    ("written", "environ", "url"),
    [
        ("", {}, "sqlite:////etc/alertsms/alertsms.db"),
        ("", {"ALERTSMS_STATE": "/srv/state"}, "sqlite:////srv/state/alertsms.db"),
        ("sqlite:///pager.db", {"ALERTSMS_STATE": "/srv/state"}, "sqlite:////etc/alertsms/pager.db"),
        ("sqlite:///data/pager.db?timeout=3", {}, "sqlite:////etc/alertsms/data/pager.db?timeout=3"),
        ("sqlite:////var/pager.db", {}, "sqlite:////var/pager.db"),
        ("sqlite:///${FOLDER}/pager.db", {}, "sqlite:///${FOLDER}/pager.db"),
        ("postgresql+psycopg://a@b/c", {"ALERTSMS_STATE": "/srv/state"}, "postgresql+psycopg://a@b/c"),
    ],
)
def test_the_store_lies_where_the_configuration_does_or_in_the_state_folder(written, environ, url):
    assert store_url(written, "/etc/alertsms/config.yaml", environ) == url


def test_a_command_finds_the_store_from_any_folder(run, file, monkeypatch, tmp_path):
    monkeypatch.chdir(folder(tmp_path / "elsewhere"))
    with serving(file):
        answer = run("log", "--config", file)
        assert run("pause", "--config", file).stdout == "Nothing is paused.\n"
    assert answer.exit_code == 0
    assert (tmp_path / "etc" / "alertsms.db").exists()
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("command", [("log",), ("why", "1"), ("pause",), ("db", "check"), ("db", "backup", "copy.db")])
def test_a_command_that_finds_none_says_where_the_servers_is(run, file, monkeypatch, tmp_path, command):
    """The unit of the server sets ALERTSMS_STATE, and the shell of the command does not."""
    state = folder(tmp_path / "state")
    monkeypatch.setenv("ALERTSMS_STATE", str(state))
    with serving(file) as app:
        monkeypatch.delenv("ALERTSMS_STATE")
        result = run(*command, "--config", file)
    assert result.exit_code == 1
    own = f"{tmp_path}/etc"
    assert result.stderr == (
        f"Error: the server at http://127.0.0.1:{app.config.server.port} uses the store {state}/alertsms.db and the"
        f" state folder {state}, this command {own}/alertsms.db and {own}: run this with its own file, and"
        f" ALERTSMS_STATE={state}\n"
    )


def test_to_whoever_may_be_a_stranger_a_server_names_no_path(run, file, monkeypatch, tmp_path):
    """Where others reach it by a proxy, who comes from loopback may be anybody: it tells that its store is another."""
    path = Path(file)
    more = 'server: {external_url: "https://pager.example.org", bearer_token: let-me-in, '
    path.write_text(path.read_text().replace("server: {", more))
    monkeypatch.setenv("ALERTSMS_STATE", str(folder(tmp_path / "state")))
    with serving(file):
        monkeypatch.delenv("ALERTSMS_STATE")
        said = run("log", "--config", file).stderr
    assert "uses another store or another state folder, this command" in said
    assert f"{tmp_path}/state" not in said


def test_doctor_fails_where_the_servers_store_is_another(run, file, monkeypatch, tmp_path):
    monkeypatch.setenv("ALERTSMS_STATE", str(folder(tmp_path / "state")))
    with serving(file):
        assert "FAIL  server" not in run("doctor", "--config", file).stdout
        monkeypatch.delenv("ALERTSMS_STATE")
        result = run("doctor", "--config", file)
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    at = next(index for index, line in enumerate(lines) if line.startswith("FAIL  server: the server at "))
    assert lines[at + 1] == f"      -> run this with its own file, and ALERTSMS_STATE={tmp_path}/state"


@pytest.mark.parametrize("written", ["", "store: sqlite:///alertsms.db"])
def test_a_start_never_begins_empty_beside_an_old_store(run, file, monkeypatch, tmp_path, logging_kept, written):
    """What an older version kept in the folder that it was started in is moved by whoever runs it, with its key."""
    without_store(file, written)
    before = folder(tmp_path / "old place")
    an_old_one(before / "alertsms.db")
    (before / "alertsms.key").write_text("key")
    monkeypatch.chdir(before)
    result = run("serve", "--config", file)
    assert result.exit_code == 1
    old, new = f"{before}/alertsms.db", f"{tmp_path}/etc"
    assert (
        f"store: there is no store {new}/alertsms.db, but one of an older version at {old}: paths count from the folder"
        f" of the configuration now. Stop every alertsms, then `mv '{old}' '{before}/alertsms.key' {new}`, or write"
        f" store: sqlite:///{old}"
    ) in result.stderr
    assert not (tmp_path / "etc" / "alertsms.db").exists()


def test_no_command_makes_an_empty_store_beside_an_old_one(run, file, monkeypatch, tmp_path):
    monkeypatch.chdir(folder(tmp_path / "old"))
    an_old_one(tmp_path / "old" / "alertsms.db")
    for words in (("db", "upgrade"), ("log",), ("db", "check")):
        result = run(*words, "--config", file)
        assert result.exit_code == 1
        assert f"but one of an older version at {tmp_path}/old/alertsms.db" in result.stderr
    assert any(
        line.startswith("FAIL  store: there is no store ")
        for line in run("doctor", "--config", file).stdout.splitlines()
    )
    assert not (tmp_path / "etc" / "alertsms.db").exists()


def test_an_absolute_store_has_nothing_to_do_with_the_current_folder(monkeypatch, tmp_path, sandbox):
    monkeypatch.chdir(folder(tmp_path / "old"))
    an_old_one(tmp_path / "old" / "alertsms.db")
    with serving(write(folder(tmp_path / "etc"), endpoint=sandbox.url)) as app:
        assert app.store.url == load(app.config.file).store == f"sqlite:///{tmp_path}/etc/alertsms.db"


def test_a_command_beside_another_store_says_so_and_copies_nothing(run, file, monkeypatch, tmp_path):
    """A cron job without the server's ALERTSMS_STATE copied an old store every night, and exited with 0."""
    with serving(file):
        pass  # an old one is left in the configuration's folder
    monkeypatch.setenv("ALERTSMS_STATE", str(folder(tmp_path / "state")))
    with serving(file):
        monkeypatch.delenv("ALERTSMS_STATE")
        copied = run("db", "backup", "--config", file, str(tmp_path / "copy.db"))
        looked, told = run("log", "--config", file), run("ack", "1", "--by", "alice", "--config", file)
    for answer in (copied, looked, told):
        assert f"{tmp_path}/state" in answer.stderr
        assert "ALERTSMS_STATE" in answer.stderr
    assert (copied.exit_code, looked.exit_code, told.exit_code) == (1, 0, 1)
    assert not (tmp_path / "copy.db").exists()
