"""What somebody does at one replica holds at the others: pauses, their end, a reload, a token that is revoked."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
import requests

from tests.conftest import BOTH
from tests.reliability.replica_files import Replica, replicas, stop
from tests.reliability.test_replicas_files import AFTER, BEFORE

pytestmark = pytest.mark.parametrize("url", BOTH[1:], indirect=True)
BOUND = 2.0  # seconds, by polling each second


@pytest.fixture
def three(tmp_path, url, phones) -> Iterator[list[Replica]]:
    built = replicas(3, tmp_path, url, phones, BEFORE)
    yield built
    stop(built)


def until(true: Callable[[], bool]) -> float:
    """How long it takes until something is so, in seconds."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < 10 * BOUND
        time.sleep(0.02)
    return time.monotonic() - began


def test_what_is_done_at_one_holds_at_the_others(three, short, report):
    began, waits = time.monotonic(), list[tuple[float, str]]()
    rounds = 3 if short else 30
    for number in range(rounds):
        one, *others = three[number % 3 :] + three[: number % 3]

        def everywhere(true: Callable[[Replica], bool], others: list[Replica] = others) -> float:
            return max(until(lambda each=each: true(each)) for each in others)

        assert one.ask("POST", "/api/v1/pauses", {"teams": ["db"], "for": "1h"}).ok
        waits.append((everywhere(lambda each: bool(each.get("/api/v1/pauses").json()["pauses"])), "pause"))
        assert one.ask("DELETE", "/api/v1/pauses?all=true").ok
        waits.append((everywhere(lambda each: not each.get("/api/v1/pauses").json()["pauses"]), "resume"))

        shown = {"Authorization": "Bearer " + one.ask("POST", "/api/v1/tokens", {"name": "robot"}).json()["token"]}

        def opens(each: Replica, shown: dict[str, str] = shown) -> bool:
            return requests.get(f"{each.url}/api/v1/pauses", headers=shown, timeout=5).ok

        waits.append((everywhere(opens), "token"))
        assert one.ask("DELETE", "/api/v1/tokens", {"name": "robot"}).ok
        waits.append((everywhere(lambda each: not opens(each)), "token revoked"))

        plan, name = (BEFORE, "bob") if number % 2 else (AFTER, "carol")
        for each in three:
            each.write(plan)
        one.reload()
        waits.append((everywhere(lambda each, name=name: name in each.get("/api/v1/on-call").text), "reload"))
    slowest = max(waits)
    report.count(f"done at one, known to all: {slowest[0]:.1f} s at most", len(waits), time.monotonic() - began)
    assert slowest[0] <= BOUND, sorted(waits)[-5:]
