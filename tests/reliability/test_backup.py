"""A store put back to what it was: what had left does not leave again, what had not does, and numbers go on."""

from __future__ import annotations

import re
import subprocess
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.reliability.driver import Alert, Driver, alerts
from tests.reliability.house import House
from tests.reliability.phones import Phones
from tests.reliability.process import ALERTSMS, ENVIRON

EMPTY = [{"kind": "no_credits"}]  # OVHcloud takes nothing for now: pages wait
PATIENCE = 300.0
DIGEST = re.compile(r"^from a backup of \S+: (\d+) ")


def db(house: House, word: str, copy: Path) -> str:
    """`alertsms db WORD FILE`, as an operator runs it."""
    command = [*ALERTSMS, "db", word, "--config", str(house.process.command[-1]), str(copy)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=ENVIRON, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def post(house: House, fired: list[Alert], seed: int) -> None:
    """Alertmanagers post these, and all are taken."""
    driver = Driver(house.url, clients=2, seed=seed)
    driver.start(fired)
    assert driver.join(PATIENCE)
    assert driver.refused == []


def named(phones: Phones, fired: Iterable[Alert]) -> Counter[str]:
    """In how many SMS each alert is named on its own, as its phone sees it."""
    texts = [sms.text for sms in phones.messages() if sms.text.startswith("CRITICAL ")]
    return Counter({alert.name: sum(f" {alert.name} " in text for text in texts) for alert in fired})


def numbers(phones: Phones) -> Mapping[str, set[int]]:
    """The numbers under which each alert was told."""
    found: dict[str, set[int]] = {}
    for sms in phones.messages():
        if told := re.search(r"CRITICAL (A\d+) .*#(\d+)", sms.text):
            found.setdefault(told[1], set()).add(int(told[2]))
    return found


def said(phones: Phones) -> list[str]:
    return [sms.text for sms in phones.messages() if sms.text.startswith("BACKUP of")]


def waiting(build, phones: Phones, tmp_path: Path, count: int, seed: int) -> tuple[House, list[Alert], Path]:
    """A house with so many pages that wait, and a copy of its store, made while it runs."""
    house = build(people=4, ovh="max_per_second: 0")
    house.start()
    fired = alerts(count, house.people)
    phones.fail(EMPTY)
    post(house, fired, seed)
    copy = tmp_path / "copy.db"
    assert str(copy) in db(house, "backup", copy)
    assert sum(named(phones, fired).values()) == 0
    phones.fail([])
    return house, fired, copy


def test_a_backup_with_pages_waiting_restored_after_they_left(build, phones, tmp_path, size, seed):
    count = size(60, 200)
    house, fired, copy = waiting(build, phones, tmp_path, count, seed)
    assert house.settled(patience=PATIENCE)
    assert set(named(phones, fired).values()) == {1}
    house.process.kill()
    assert "says what left since" in db(house, "restore", copy)
    house.start()
    assert house.settled(patience=PATIENCE), house.process.tail()
    assert set(named(phones, fired).values()) == {1}
    assert not any(DIGEST.match(sms.text) for sms in phones.messages())
    assert len(said(phones)) >= 1


def test_a_machine_put_back_while_pages_leave(build, phones, tmp_path, size, seed):
    """The copy is put in place like any file: nobody says so. The rest leaves as one SMS for each phone."""
    count = size(60, 200)
    house, fired, copy = waiting(build, phones, tmp_path, count, seed)
    deadline = time.monotonic() + PATIENCE
    phones.fail([{"kind": "delay", "call": "jobs", "seconds": 0.5}])
    while sum(named(phones, fired).values()) < count // 4 and time.monotonic() < deadline:
        time.sleep(0.02)
    house.process.kill()
    phones.fail([])
    left = named(phones, fired)
    assert 0 < sum(left.values()) < count
    for side in ("-wal", "-shm"):
        Path(f"{house.database}{side}").unlink(missing_ok=True)
    house.database.write_bytes(copy.read_bytes())
    house.start()
    assert house.settled(patience=PATIENCE), house.process.tail()
    after = named(phones, fired)
    digests = [int(found[1]) for sms in phones.messages() if (found := DIGEST.match(sms.text))]
    assert max(after.values()) == 1
    assert sum(after.values()) + sum(digests) == count
    assert len(digests) <= len(house.people)
    assert len(said(phones)) == 1


def test_a_backup_restored_under_a_newer_history(build, phones, tmp_path, size, seed):
    """What is newer than the copy is paged again when its sender repeats it, under numbers that nobody has read yet."""
    count = size(60, 200)
    house, fired, copy = waiting(build, phones, tmp_path, count, seed)
    everything = alerts(count * 5 // 2, house.people)
    newer = everything[count:]
    post(house, newer, seed + 1)
    assert house.settled(patience=PATIENCE)
    before = numbers(phones)
    given = set().union(*before.values())
    house.process.kill()
    db(house, "restore", copy)
    house.start()
    post(house, newer, seed + 2)
    assert house.settled(patience=PATIENCE), house.process.tail()
    assert set(named(phones, fired).values()) == {1}
    again = numbers(phones)
    for alert in newer:
        assert min(again[alert.name] - before[alert.name]) > max(given) + 999
    assert len(said(phones)) >= 1
