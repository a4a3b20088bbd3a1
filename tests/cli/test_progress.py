"""What takes long says how far it is: over and over in one line of a terminal, in a few lines elsewhere."""

from __future__ import annotations

import os
import pty
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from click import ClickException

from alertsms.cli import account
from alertsms.cli.terminal import Meter
from alertsms.ovh.auth import CurrentCredential
from alertsms.store.engine import Store
from alertsms.store.opening import migrate
from tests.cli.house import write
from tests.support.earlier import upgrade_to

TEN_MINUTES = timedelta(minutes=10)


class Clock:
    """Seconds that pass when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def file(tmp_path: Path) -> str:
    """A configuration and its store, which holds some thousand rows."""
    store = Store(f"sqlite:///{tmp_path}/alertsms.db")
    migrate(store)
    store.close()
    with closing(sqlite3.connect(tmp_path / "alertsms.db")) as filled, filled:
        filled.execute("CREATE TABLE filler (text TEXT)")
        filled.executemany("INSERT INTO filler VALUES (?)", [("x" * 4000,)] * 5000)
    return write(tmp_path)


@pytest.fixture
def older(tmp_path: Path) -> str:
    """A configuration whose store an older version wrote."""
    store = Store(f"sqlite:///{tmp_path}/alertsms.db")
    upgrade_to(store, "0001")
    store.close()
    return write(tmp_path)


def typed(*words: str) -> str:
    """What a command writes to a terminal, up to its end."""
    ours, its = pty.openpty()
    with subprocess.Popen([sys.executable, "-m", "alertsms", *words], stdin=its, stdout=its, stderr=its) as command:
        os.close(its)
        written = b""
        try:
            while part := os.read(ours, 65536):
                written += part
        except OSError:  # the last one who wrote to it is gone
            pass
        finally:
            os.close(ours)
    assert command.returncode == 0, written
    return written.decode().replace("\r\n", "\n")


def seen(written: str) -> list[str]:
    """The lines as they stand on a terminal at the end."""
    return [line.split("\r")[-1].rstrip() for line in written.removesuffix("\n").split("\n")]


def test_a_backup_on_a_terminal(file, tmp_path):
    written = typed("db", "backup", "-c", file, f"{tmp_path}/copy.db")
    assert "\rCopying the store: 40 %" in written
    assert "\rCopying the store: 100 %" in written
    assert "\rReading the copy from end to end: 0 s" in written
    (line,) = seen(written)
    assert line.startswith(f"{tmp_path}/copy.db holds {tmp_path}/alertsms.db ")


def test_a_restore_on_a_terminal(run, file, tmp_path):
    run("db", "backup", "-c", file, f"{tmp_path}/copy.db")
    written = typed("db", "restore", "-c", file, f"{tmp_path}/copy.db")
    assert "Reading " in written
    assert "\rCopying it: 100 %" in written
    assert seen(written)[0].startswith(f"{tmp_path}/alertsms.db is what it was ")


def test_a_check_on_a_terminal_is_the_same_lines_in_the_end(run, file):
    written = typed("db", "check", "-c", file)
    assert "\rReading messages: " in written
    assert "\rReading the file as a whole: " in written
    assert seen(written) == run("db", "check", "-c", file).output.splitlines()


def test_an_upgrade_on_a_terminal(older):
    written = typed("db", "upgrade", "-c", older)
    assert "\rCopying the store first: 100 %" in written
    assert "\rChanging its tables: 100 %" in written
    assert "%" not in "".join(seen(written))


def test_elsewhere_lines_are_few_and_plain(run, older, tmp_path):
    for words in (
        ("upgrade",),
        ("check",),
        ("backup", f"{tmp_path}/copy.db"),
        ("restore", f"{tmp_path}/copy.db"),
    ):
        done = run("db", *words, "-c", older)
        assert done.exit_code == 0, done.output
        assert "\r" not in done.output
        assert len(done.stderr.splitlines()) <= 10
    assert done.stderr.splitlines() == [f"Reading {tmp_path}/copy.db from end to end ...", "Copying it: 100 %"]


def waits(monkeypatch, clock: Clock) -> None:
    said = CurrentCredential(status="pendingValidation", expires_at=None, rules=())
    monkeypatch.setattr(account, "current_credential", lambda _client: said)
    with Meter(monotonic=clock) as meter, pytest.raises(ClickException, match="nobody validated the key within 10m"):
        account.validated(None, TEN_MINUTES, progress=meter, sleep=clock.sleep, monotonic=clock)


def test_waiting_for_a_validation_writes_a_line_for_each_quarter(monkeypatch, capsys, clock):
    waits(monkeypatch, clock)
    what = "Waiting for its validation, at most 10m"
    assert capsys.readouterr().err.splitlines() == [f"{what}: {percent} %" for percent in (25, 50, 75)]


def test_waiting_for_a_validation_on_a_terminal(monkeypatch, capsys, clock):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    waits(monkeypatch, clock)
    written = capsys.readouterr().err
    assert written.count("\rWaiting for its validation, at most 10m: ") == 100
    assert seen(written) == [""]


def test_a_terminal_counts_seconds_where_nobody_knows_how_much_there_is(capsys, clock, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "20")
    with Meter(monotonic=clock) as meter:
        for _ in range(3):
            meter("Reading a file", 0, 0)
            meter("Reading a file", 0, 0)
            clock.sleep(1)
        meter("Copying what has a name that is longer", 1, 3)
    assert capsys.readouterr().err.split("\r") == [
        "",
        "Reading a file: 0 s",
        "Reading a file: 1 s",
        "Reading a file: 2 s",
        "Copying what has a ",
        " " * 19,
        "",
    ]
