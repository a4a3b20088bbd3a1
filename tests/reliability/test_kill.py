"""Alertsms is killed again and again while alerts arrive, and started again: nothing lost, nothing sent twice."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime

from tests.reliability.driver import Driver, alerts
from tests.reliability.house import House
from tests.reliability.ledger import OKS, TAKEN, acknowledged
from tests.reliability.people import People
from tests.reliability.test_failing import AWAKE, WAYS, one_of

CLIENTS = 4
PATIENCE = 2400.0  # seconds for all bodies to be accepted
SLOW = {"kind": "delay", "call": "jobs", "seconds": 0.2}  # accepts, then thinks: kills meet messages on their way
LATE = 30.0  # seconds; what was cut off while being sent is looked up for 15 s before it is sent again


def kill_during(house: House, driver: Driver, count: int, kills: int, chance: random.Random) -> int:
    """Kill -9 at random moments, spread over the arrival of `count` alerts; returns how often."""
    done, deadline = 0, time.monotonic() + PATIENCE
    for number in range(kills):
        share = count * (number + chance.random()) / (kills + 1)
        while len(driver.accepted) < share and not driver.done and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(chance.uniform(0.0, 0.25))  # also when nothing arrives: while it sends, looks up or starts
        house.process.kill()
        done += 1
        if chance.random() < 0.3:  # and now and then right at its start
            house.process.start()
            time.sleep(chance.uniform(0.2, 1.2))
            house.process.kill()
        house.start()
    return done


def keep_killing(house: House, kills: int, within: float, chance: random.Random) -> None:
    """Kill -9 at random moments within so many seconds."""
    began = time.monotonic()
    for number in range(kills):
        moment = began + within * (number + chance.random()) / kills
        time.sleep(max(moment - time.monotonic(), 0.0))
        house.process.kill()
        house.start()


def test_kills_lose_and_double_no_page(build, phones, report, short, size, seed):
    """Half of all SMS are answered, for the others the next step is paged in two rounds, and no answer is forgotten."""
    count, kills = size(300, 20_000), 14 if short else 200
    later = kills // 4  # while nothing arrives any more and steps are waited for
    phones.fail([SLOW])
    house = build(people=40, ovh="max_per_second: 0", rounds=2, links=True, answers=True)
    house.start()
    fired = alerts(count, house.people)
    chance = random.Random(seed)
    began = time.monotonic()
    people = People(house, share=0.5, seed=seed, think=10.0)
    people.start()
    driver = Driver(house.url, clients=CLIENTS, seed=seed, pace=0.02)
    driver.start(fired)
    assert kill_during(house, driver, count, kills - later, chance) == kills - later
    assert driver.join(PATIENCE)
    keep_killing(house, later, 75.0, chance)
    assert house.climbed(PATIENCE), house.process.tail()
    assert people.sleep(120.0), (people.written, people.odd)
    assert house.settled(patience=600.0), house.process.tail()
    found = house.tally(driver, fired, late_after=LATE, taken=people.taken)
    remarks = house.tally(driver, fired, late_after=LATE, kinds=TAKEN)
    report.add(
        f"kill -9, {kills} times, two steps and rounds, {len(people.taken)} answered", found, time.monotonic() - began
    )
    assert (found.alerts, driver.refused, people.odd) == (count, [], [])
    assert found.exact, f"seed {seed}: {found}"
    assert not (people.taken.keys() - acknowledged(house.store).keys())
    assert remarks.once, f"seed {seed}: {remarks}"


def test_kills_lose_and_double_no_ok(build, phones, report, short, seed):
    count, kills = (200, 4) if short else (2000, 20)
    house = build(people=8, ovh="max_per_second: 0")
    house.start()
    fired = alerts(count, house.people)
    paging = Driver(house.url, clients=CLIENTS, seed=seed)
    paging.start(fired)
    assert paging.join(PATIENCE)
    assert house.settled(patience=600.0)
    phones.fail([SLOW])
    began = time.monotonic()
    driver = Driver(house.url, clients=CLIENTS, seed=seed, pace=0.02)
    driver.start(fired, ends_at=datetime.now(UTC))
    kill_during(house, driver, count, kills, random.Random(seed))
    assert driver.join(PATIENCE)
    assert house.settled(patience=600.0), house.process.tail()
    found = house.tally(driver, fired, late_after=LATE, kinds=OKS)
    report.add(f"kill -9, {kills} times, resolutions", found, time.monotonic() - began)
    assert (found.alerts, driver.refused) == (count, [])
    assert found.exact, f"seed {seed}: {found}"


def test_kills_and_stops_while_ovhcloud_fails(build, phones, report, short, seed):
    """Everything at once: two calls in five fail and what was sent shows late, too; people answer by all ways."""
    count, kills = (20, 4) if short else (300, 16)
    phones.fail([*one_of(WAYS, 0.4), {"kind": "late", "seconds": 10}])
    house = build(people=6, rounds=2, links=True, answers=True)
    house.start()
    fired = alerts(count, house.people)
    chance = random.Random(seed)
    began = time.monotonic()
    people = People(house, share=0.5, seed=seed, think=10.0)
    people.start()
    driver = Driver(house.url, clients=CLIENTS, seed=seed, pace=0.3)
    driver.start(fired)
    for _ in range(kills):
        time.sleep(chance.uniform(0.5, 6.0))
        if chance.random() < 0.4:
            house.process.stop()
        else:
            house.process.kill()
        house.start()
    assert driver.join(PATIENCE)
    time.sleep(AWAKE / 2)
    people.wake()
    assert house.climbed(PATIENCE), house.process.tail()
    assert people.sleep(PATIENCE), (people.written, people.odd)
    assert house.settled(patience=400.0), house.process.tail()
    found = house.tally(driver, fired, late_after=150.0, taken=people.taken)
    remarks = house.tally(driver, fired, late_after=150.0, kinds=TAKEN)
    report.add(
        f"{kills} kills and stops, 40 % of calls fail, {len(people.taken)} answered", found, time.monotonic() - began
    )
    assert (found.alerts, driver.refused, people.odd) == (count, [], [])
    assert found.exact, f"seed {seed}: {found}"
    assert not (people.taken.keys() - acknowledged(house.store).keys())
    assert remarks.once, f"seed {seed}: {remarks}"
