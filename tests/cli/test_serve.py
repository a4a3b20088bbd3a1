"""`alertsms serve` as a supervisor sees it: real processes, real signals."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import threading
from contextlib import closing, suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests

from alertsms.cli.serve import _until_stopped
from alertsms.cli.server import store_of
from alertsms.cli.terminal import Signals
from alertsms.machine.state import good_path, keep_good
from tests.cli.house import Command, until, write
from tests.support.ports import free_port


def address(command: Command) -> str:
    command.says("alertsms listens")
    return "http://" + re.search(r"address=(\S+)", command.err)[1]


def reload_metric(url: str) -> str:
    text = requests.get(f"{url}/metrics", timeout=5).text
    return re.search(r"^alertsms_config_last_reload_successful (\S+)", text, re.MULTILINE)[1]


def test_it_says_where_it_listens_and_sigterm_ends_it_well(tmp_path):
    with Command(tmp_path, "serve", "--config", write(tmp_path)) as command:
        url = address(command)
        assert requests.get(f"{url}/-/ready", timeout=5).status_code == 200
        command.signal(signal.SIGTERM)
        assert command.ends() == 0
        assert "Traceback" not in command.err


def test_the_configuration_may_be_named_by_the_environment(tmp_path):
    with Command(tmp_path, "serve", environ={"ALERTSMS_CONFIG": write(tmp_path)}) as command:
        address(command)
        command.signal(signal.SIGINT)
        assert command.ends() == 0


def test_sighup_takes_a_good_file_and_leaves_a_bad_one(tmp_path):
    file = write(tmp_path)
    with Command(tmp_path, "serve", "--config", file) as command:
        url = address(command)
        Path(file).write_text(Path(file).read_text() + "time_zone: Europe/Paris\n")
        command.signal(signal.SIGHUP)
        command.says("configuration taken over")
        assert reload_metric(url) == "1.0"
        Path(file).write_text(Path(file).read_text().replace("route: {team: ops}", "route: {team: opz}"))
        command.signal(signal.SIGHUP)
        command.says("configuration not taken")
        assert "is no team of this file" in command.err
        assert reload_metric(url) == "0.0"


def test_a_bad_file_starts_with_the_last_good_one_and_says_so(tmp_path):
    file = write(tmp_path)
    good = Path(file).read_text()
    with Command(tmp_path, "serve", "--config", file) as first:
        address(first)
        first.signal(signal.SIGTERM)
        first.ends()
    Path(file).write_text(good.replace("page: [alice]", "page: [alise, bob]") + "rout: 1\n")
    with Command(tmp_path, "serve", "--config", file) as second:
        url = address(second)
        assert '"alise" is no person of this file' in second.err
        assert '"bob" is no person of this file' in second.err
        assert "rout" in second.err
        assert "level=error" in second.err
        assert "started with the last good one" in second.err
        assert reload_metric(url) == "0.0"
        assert kept(tmp_path) == good
        Path(file).write_text(good)
        second.signal(signal.SIGHUP)
        second.says("configuration taken over")
        assert reload_metric(url) == "1.0"


def kept(folder: Path) -> str:
    [path] = folder.glob("alertsms.good-*.yaml")
    return path.read_text()


def test_a_file_that_is_no_yaml_any_more_still_names_its_store(tmp_path):
    file = write(tmp_path)
    with Command(tmp_path, "serve", "--config", file) as first:
        address(first)
        first.signal(signal.SIGTERM)
        first.ends()
    Path(file).write_text(Path(file).read_text().replace("people: {", "people: [{"))
    with Command(tmp_path, "serve", "--config", file) as second:
        address(second)
        assert "this is not YAML" in second.err


def test_a_bad_file_without_a_last_good_one_prints_every_mistake_and_ends(tmp_path):
    file = write(tmp_path, more="retention: soon\nrout: 1\n")
    with Command(tmp_path, "serve", "--config", file) as command:
        assert command.ends() == 1
    assert "retention" in command.err
    assert "rout" in command.err
    assert "nothing was started" in command.err
    assert "Traceback" not in command.err


def test_a_last_good_one_that_lost_its_secrets_starts_nothing(run, tmp_path):
    file = write(tmp_path)
    keep_good(store_of(file), file, Path(file).read_text().replace("sandbox-secret", "${LOST_SECRET}"))
    Path(file).write_text(Path(file).read_text() + "rout: 1\n")
    result = run("serve", "--config", file)
    assert result.exit_code == 1
    assert "the last good configuration does not work any more either" in result.stderr
    assert "LOST_SECRET" in result.stderr


def test_a_last_good_one_that_cannot_be_read_is_named(run, tmp_path):
    file = write(tmp_path, more="rout: 1\n")
    good_path(store_of(file), file).mkdir()
    result = run("serve", "--config", file)
    assert result.exit_code == 1
    assert f"{good_path(store_of(file), file)} cannot be read: it is a directory" in result.stderr


def test_a_second_process_on_the_same_store_is_refused_in_one_sentence(tmp_path):
    file = write(tmp_path)
    with Command(tmp_path / "1", "serve", "--config", file) as first:
        address(first)
        with Command(tmp_path / "2", "serve", "--config", file) as second:
            assert second.ends() == 1
        *warnings, said = second.err.splitlines()
        assert "in use by another process" in said
        assert [
            line for line in warnings if "configuration warning" not in line and "configuration note" not in line
        ] == []


def test_an_address_that_is_taken_is_said_in_one_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with Command(tmp_path, "serve", "--config", write(tmp_path, port=port)) as command:
            assert command.ends() == 1
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in command.err
    assert "Traceback" not in command.err


def test_a_store_of_a_newer_version_is_said_in_one_sentence(tmp_path):
    with closing(sqlite3.connect(tmp_path / "alertsms.db")) as store:
        store.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        store.execute("INSERT INTO alembic_version VALUES ('9999')")
        store.commit()
    with Command(tmp_path, "serve", "--config", write(tmp_path)) as command:
        assert command.ends() == 1
    assert "its tables are of version 9999" in command.err
    assert "Traceback" not in command.err


def test_without_a_configuration_it_says_what_to_write(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run("serve")
    assert result.exit_code == 2
    assert "write --config FILE" in result.stderr
    assert 'alice: "+33612345678"' in result.stderr


@pytest.mark.usefixtures("logging_kept")
def test_it_serves_in_the_very_process_that_asked(run, tmp_path):
    """The same once more without a process of its own, so that a debugger and coverage see it."""
    port = free_port()
    file = write(tmp_path, port=port, more="time_zone: Europe/Paris\n")

    def drive() -> None:
        until(lambda: _answers(port))
        os.kill(os.getpid(), signal.SIGHUP)
        os.kill(os.getpid(), signal.SIGTERM)

    driver = threading.Thread(target=drive, daemon=True)
    driver.start()
    result = run("serve", "--config", file)
    driver.join()
    assert result.exit_code == 0
    assert "alertsms stops" in result.stderr


def _answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/-/ready", timeout=5).ok
    except requests.ConnectionError:
        return False


def test_the_end_of_the_http_thread_ends_the_process(caplog):
    """A page that nobody can post is the same as no process: a supervisor can help, silence cannot."""
    with Signals() as signals:
        assert _until_stopped(None, SimpleNamespace(alive=False), signals) == 1
    assert "the HTTP thread ended" in caplog.text


@pytest.fixture
def supervisor(tmp_path):
    """The socket of systemd: what it is told within two seconds."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(str(tmp_path / "notify"))
        told.settimeout(2)
        yield told


def test_a_unit_that_watches_is_told_that_all_is_well_while_it_starts_and_after(tmp_path, supervisor):
    file = Path(write(tmp_path))
    file.write_text(
        file.read_text().replace(f"sqlite:///{tmp_path}/alertsms.db", "postgresql+psycopg://x@127.0.0.1:1/x")
    )
    with Command(tmp_path, "serve", "-c", str(file), environ={"NOTIFY_SOCKET": str(tmp_path / "notify")}) as command:
        command.says("waits for its store")
        assert supervisor.recv(100) == b"WATCHDOG=1"


class Round(SimpleNamespace):
    """A second of `serve`: signals come, or none."""

    def wait(self, _: float) -> signal.Signals | None:
        return self.signals.pop(0)


@pytest.mark.parametrize(("sick", "told"), [([], b"WATCHDOG=1"), (["its sender does not run"], b"")])
def test_what_a_restart_mends_is_no_sign_of_life(tmp_path, supervisor, monkeypatch, sick, told):
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    supervisor.settimeout(0.1)
    app = SimpleNamespace(watch=SimpleNamespace(readiness=SimpleNamespace(sick=lambda: sick)))
    with Signals():
        assert _until_stopped(app, SimpleNamespace(alive=True), Round(signals=[None, signal.SIGTERM])) == 0
    got = b""
    with suppress(TimeoutError):
        got = supervisor.recv(100)
    assert got == told


def test_a_supervisor_that_is_gone_is_no_trouble(tmp_path, monkeypatch):
    monkeypatch.setenv("NOTIFY_SOCKET", "@alertsms-nobody")
    app = SimpleNamespace(watch=SimpleNamespace(readiness=SimpleNamespace(sick=list)))
    with Signals():
        assert _until_stopped(app, SimpleNamespace(alive=True), Round(signals=[signal.SIGTERM])) == 0
