"""The store fails in each way that a disk can: no 202 for what is not kept, words that help, and nothing lost after."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
import requests
from sqlalchemy import Engine, event

from tests.reliability.conftest import missing
from tests.reliability.driver import Alert, Driver, alerts
from tests.reliability.house import House
from tests.reliability.simulated import Simulation
from tests.reliability.simulated import alerts as simulated_alerts

PEOPLE = 10
PATIENCE = 120.0
TROUBLE = 15.0  # seconds that it lasts: longer than a transaction waits, shorter than anybody's patience


@pytest.fixture
def disk(tmp_path) -> Iterator[Path]:
    """A disk of sixteen megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        missing("mounting a small disk needs root")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


@contextmanager
def full(disk: Path) -> Iterator[None]:
    """Not a byte is left on it."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as out:
        for size in (65536, 4096, 1):
            with suppress(OSError):
                while True:
                    out.write(b"x" * size)
    yield
    filler.unlink()


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Somebody else writes and does not come to an end."""
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def during(house: House, trouble: Callable[[], object], said: str, seed: int, count: int) -> tuple[Driver, list[Alert]]:
    """Alerts arrive before, during and after the trouble; meanwhile the answers say what it is."""
    house.start()
    fired = alerts(count, house.people)
    driver = Driver(house.url, clients=4, seed=seed, pace=0.05)
    driver.start(fired)
    while len(driver.accepted) < count / 4:
        time.sleep(0.05)
    with trouble():
        began, words = time.monotonic(), set()
        while time.monotonic() < began + TROUBLE:
            answer = requests.post(f"{house.url}/webhook", json={"alerts": [fired[-1].body()]}, timeout=20)
            if answer.status_code != 202:
                assert answer.status_code == 503
                words.add(answer.text)
            time.sleep(0.5)
        ready = requests.get(f"{house.url}/-/ready", timeout=20)
        assert (ready.status_code, said in ready.text) == (503, True), ready.text
    assert words
    assert all(said in each for each in words), words
    return driver, fired


@pytest.mark.parametrize("trouble", ["disk full", "database locked"])
def test_trouble_with_the_store_passes(build, disk, report, short, seed, trouble):
    """Answered 503 with the reason, posted again, told once; nothing that had its 202 before is lost."""
    count = 200 if short else 1000
    house = build(people=PEOPLE, disk=disk)
    began = time.monotonic()
    if trouble == "disk full":
        driver, fired = during(house, lambda: full(disk), "database or disk is full", seed, count)
    else:
        driver, fired = during(house, lambda: locked(house.database), "did not come to this within 4 s", seed, count)
    assert driver.join(PATIENCE)
    assert house.settled(patience=PATIENCE), house.process.tail()
    found = house.tally(driver, fired, late_after=PATIENCE)
    report.add(trouble, found, time.monotonic() - began)
    assert driver.retries
    assert (found.alerts, driver.refused) == (count, [])
    assert found.exact, f"seed {seed}: {found}"
    assert "Traceback" not in house.process.tail(1_000_000)


def test_a_read_only_store_is_refused_at_the_start(build, disk, report):
    """With the reason and what to do, in one line and at once."""
    house = build(people=1, disk=disk)
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    began = time.monotonic()
    said = refused(house)
    report.count("read-only store", 0, time.monotonic() - began)
    reason = "cannot be opened: Read-only file system. Its folder must exist and be writable"
    assert said == f"Error: store: {house.database} {reason}"


def test_a_store_that_becomes_read_only_takes_nothing(file_url, report, short, seed):
    """As after a disk's error, when the kernel lets nobody write any more."""
    count = 50 if short else 500
    began = time.monotonic()
    connections: list[sqlite3.Connection] = []
    event.listen(Engine, "connect", listener := lambda raw, _: connections.append(raw))
    house = Simulation(file_url, people=PEOPLE, seed=seed)
    house.run(1.0)
    event.remove(Engine, "connect", listener)
    fired = simulated_alerts(count, PEOPLE)
    house.deliver(fired[::2])
    for each in connections:
        each.execute("PRAGMA query_only=ON")
    house.deliver(fired[1::2])
    answer = house.client.post("/webhook", json=house.kept[0].as_json())
    assert (answer.status_code, "attempt to write a readonly database" in answer.text) == (503, True)
    for each in connections:
        each.execute("PRAGMA query_only=OFF")
    house.again()
    assert house.rest(60.0)
    found = house.tally(late_after=60.0)
    house.close()
    report.add("store becomes read-only", found, time.monotonic() - began)
    assert (found.alerts, set(house.answers)) == (count, {503})
    assert found.exact, f"seed {seed}: {found}"


@pytest.mark.parametrize("where", ["header", "tables"])
def test_a_corrupt_store_is_refused_with_advice(build, report, seed, where):
    """It says what to do and what is lost by it; the last copy, put back, serves again."""
    house = build(people=PEOPLE)
    began = time.monotonic()
    fired = alerts(50, house.people)
    house.start()
    driver = Driver(house.url, clients=2, seed=seed)
    driver.start(fired)
    assert driver.join(PATIENCE)
    assert house.settled()
    house.process.stop()
    copy = house.database.read_bytes()
    with house.database.open("r+b") as damaged:
        damaged.seek(0 if where == "header" else 4096)
        damaged.write(os.urandom(16 * 4096))
    said = refused(house)
    assert said.startswith("Error: store: ")
    assert said.endswith(
        ". The file is damaged: stop alertsms, move the file away with its -wal and -shm beside it, and put the last"
        " copy in its place, or start without one. What came after that copy is forgotten, until its senders repeat"
        " what still fires"
    )
    house.database.write_bytes(copy)
    house.start()
    driver.start(fired)  # as the sender's repeats do
    assert driver.join(PATIENCE)
    assert house.settled()
    found = house.tally(driver, fired, late_after=PATIENCE)
    report.add(f"corrupt store ({where})", found, time.monotonic() - began)
    assert found.exact, f"seed {seed}: {found}"


def refused(house: House) -> str:
    """Start it in vain; returns its last line, behind nothing but warnings and notes about the configuration."""
    before = len(house.process.tail(1_000_000))
    house.process.start()
    deadline = time.monotonic() + 30.0
    while house.process.alive and time.monotonic() < deadline:
        time.sleep(0.05)
    assert house.process.code == 1
    *warnings, last = house.process.tail(1_000_000)[before:].splitlines()
    assert all("configuration warning" in line or "configuration note" in line for line in warnings), warnings
    return last
