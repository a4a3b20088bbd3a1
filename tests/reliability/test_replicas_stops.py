"""Replicas stand still at random moments, for 5 and 20 seconds, and once for 75: the others' pages are not late."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, text

from tests.conftest import BOTH
from tests.reliability.replica_files import Replica, replicas, stop
from tests.reliability.replica_pages import PLAN, page

pytestmark = pytest.mark.parametrize("url", BOTH[1:], indirect=True)
LATE = 8.0  # seconds
# What was in flight with one that stood still: it was looked up, or queued again.
IN_FLIGHT = text("SELECT text FROM messages WHERE unknown_since IS NOT NULL OR attempts > 1 OR resends > 0")


@pytest.fixture
def three(tmp_path, url, phones) -> Iterator[list[Replica]]:
    built = replicas(3, tmp_path, url, phones, PLAN)
    yield built
    stop(built)


def keep_stopping(built: list[Replica], pauses: list[float], chance: random.Random, ended: threading.Event) -> None:
    """One stands still at a time."""
    for seconds in pauses:
        if ended.wait(chance.uniform(0.5, 2.0)):
            return
        chance.choice(built).stand_still(seconds)


def test_replicas_that_stand_still(three, url, phones, size, short, seed, report):
    count, chance = size(40, 200), random.Random(seed)
    pauses = [5.0] if short else [*[5.0, 20.0] * 10, 75.0]
    ended, every = threading.Event(), 0.15 if short else (sum(pauses) + 40) / count
    stopper = threading.Thread(target=keep_stopping, args=(three, pauses, chance, ended), daemon=True)
    stopper.start()
    pages = page(three, phones, count, every)
    ended.set()
    stopper.join()
    engine = create_engine(url)
    with engine.connect() as connection:
        excused = {row.text for row in connection.execute(IN_FLIGHT)}
    engine.dispose()
    late = pages.late_but(excused)
    name = f"{len(pauses)} stops of one of three replicas: the others' latest SMS after {late:.1f} s"
    report.count(name, count, pages.took, sms=pages.sms, lost=len(pages.lost), doubled=len(pages.doubled))
    assert (pages.lost, pages.doubled) == ([], [])
    assert late <= LATE
