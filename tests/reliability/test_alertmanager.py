"""Real Alertmanagers post to alertsms: the SMS that come of it, counted at the sandbox."""

from __future__ import annotations

import subprocess
import time
from datetime import datetime, timedelta

import requests

from tests.reliability.alertmanager import Alertmanager, program
from tests.reliability.conftest import missing

PAGE = "CRITICAL A00001 db-1: Disk full in an hour #1"
SETTLED = 45.0  # seconds; a group_interval of 30 s and the 15 s that a second peer waits


def arrived(phones, count: int, seconds: float) -> list[str]:
    """The texts at the sandbox, once there are `count` or `seconds` are over."""
    deadline = time.monotonic() + seconds
    while len(phones.messages()) < count and time.monotonic() < deadline:
        time.sleep(0.1)
    return [sms.text for sms in phones.messages()]


def test_an_alert_is_one_page_and_one_ok(house, phones, alertmanagers, start):
    alertmanager = alertmanagers(house)
    alertmanager.start()
    alertmanager.add("A00001", start=start)
    assert arrived(phones, 1, 20) == [PAGE], alertmanager.log
    alertmanager.add("A00001", start=start, end=start + timedelta(minutes=12))
    assert arrived(phones, 2, 60) == [PAGE, "OK A00001 db-1 after 12 min #1"], alertmanager.log
    time.sleep(35.0)  # one more group_interval
    assert len(phones.messages()) == 2


def test_two_alertmanagers_of_a_cluster_page_once(house, phones, alertmanagers, start):
    pair = alertmanagers(house), alertmanagers(house)
    pair[0].start(clustered=True)
    pair[1].start([pair[0].peer], clustered=True)
    together(pair)
    both(pair, start=start)
    assert arrived(phones, 1, 20) == [PAGE]
    time.sleep(SETTLED)
    assert len(phones.messages()) == 1
    both(pair, start=start, end=start + timedelta(minutes=12))
    assert arrived(phones, 2, 60) == [PAGE, "OK A00001 db-1 after 12 min #1"]
    time.sleep(SETTLED)
    assert len(phones.messages()) == 2


def test_two_alertmanagers_that_do_not_know_each_other_page_once(house, phones, alertmanagers, start):
    """As on both sides of a split network: each posts everything."""
    pair = alertmanagers(house), alertmanagers(house)
    for each in pair:
        each.start()
    both(pair, start=start)
    assert arrived(phones, 1, 20) == [PAGE]
    both(pair, start=start, end=start + timedelta(minutes=12))
    assert arrived(phones, 2, 60) == [PAGE, "OK A00001 db-1 after 12 min #1"]
    time.sleep(35.0)
    assert len(phones.messages()) == 2
    assert [each.posts() for each in pair] == [(2, 0), (2, 0)]


def test_a_page_comes_once_though_alertsms_was_dead_for_half_a_minute(house, phones, alertmanagers, start):
    pair = alertmanagers(house), alertmanagers(house)
    pair[0].start(clustered=True)
    pair[1].start([pair[0].peer], clustered=True)
    together(pair)
    house.process.kill()
    both(pair, start=start)
    time.sleep(30.0)
    assert phones.messages() == []
    house.start()
    assert arrived(phones, 1, 70) == [PAGE]
    time.sleep(SETTLED)
    assert len(phones.messages()) == 1


def test_promtool_has_nothing_to_say_of_the_metrics(house, phones, alertmanagers, start):
    promtool = program("promtool")
    if not promtool:
        missing("promtool is not installed (Debian: prometheus)")
    alertmanager = alertmanagers(house)
    alertmanager.start()
    alertmanager.add("A00001", start=start)
    assert arrived(phones, 1, 20) == [PAGE]
    text = requests.get(f"{house.url}/metrics", timeout=5).content
    said = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, timeout=20, check=False)
    assert (said.returncode, said.stdout + said.stderr) == (0, b"")


def together(pair: tuple[Alertmanager, Alertmanager]) -> None:
    """Wait until the two know each other and have settled."""
    deadline = time.monotonic() + 20
    while any(each.peers() != 2 for each in pair) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert [each.peers() for each in pair] == [2, 2], pair[1].log
    time.sleep(6.0)  # --cluster.settle-timeout: until then their order is not known, and both post


def both(pair: tuple[Alertmanager, Alertmanager], *, start: datetime, end: datetime | None = None) -> None:
    """Tell both of the alert, as Prometheus does."""
    for each in pair:
        each.add("A00001", start=start, end=end)
