"""Three replicas read one inbox at once, whose list is late, out of order and stale: each answer counts once."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from sqlalchemy import select

from alertsms.delivery.account_news import AccountNews
from alertsms.ovh.sms import Inbox
from alertsms.replicas import Duty
from alertsms.store.replica_tables import reply_table
from alertsms.store.schema import event_table, incident_table
from tests.conftest import BOTH
from tests.delivery.test_account_news import ReplicaHouse
from tests.oncall.test_replies import SHORT
from tests.support.house import ALICE, PLAN, SimulatedClock

pytestmark = pytest.mark.parametrize("url", BOTH[1:], indirect=True)
AT_ONCE = 25  # alerts, and answers
LATE = 6  # an answer is listed so many looks after it came, at most


class StaleList:
    """What one OVHcloud lists: some of it late, some twice, in any order, and now and then as it was before."""

    def __init__(self, whole, seed: int) -> None:
        self._whole, self._random = whole, random.Random(seed)
        self._hidden: dict[int, int] = {}  # for how many more looks
        self._before: list[int] = []
        self.looks = 0

    def ids(self, inbox: Inbox, since: datetime) -> Sequence[int]:
        listed, rnd = self._whole(inbox, since), self._random
        self.looks += 1
        for number in listed:
            self._hidden[number] = self._hidden.get(number, rnd.randrange(LATE) + 1) - 1
        shown = [number for number in listed if self._hidden[number] < 0]
        stale, self._before = self._before, shown
        shown = [*(stale if rnd.random() < 0.3 else shown)]
        shown += rnd.sample(shown, min(len(shown), 5))
        rnd.shuffle(shown)
        return shown


def test_answers_listed_late_out_of_order_and_stale_are_done_once(url, monkeypatch, size, seed, report):
    count, began = size(100, 1000), time.monotonic()
    clock, built = SimulatedClock(), list[ReplicaHouse]()
    monkeypatch.setattr(AccountNews, "duty", lambda *_: Duty(name="ovh"))  # all read at once, as if leases failed
    for _ in range(3):
        built.append(ReplicaHouse(url, clock, PLAN, SHORT))
        built[-1].first = built[0]
    lists = StaleList(Inbox.ids, seed)

    def ids(inbox: Inbox, since: datetime) -> Sequence[int]:
        return lists.ids(inbox, since)

    monkeypatch.setattr(Inbox, "ids", ids)
    one = built[0]

    def read(pool: ThreadPoolExecutor) -> None:
        clock.advance(10)
        list(pool.map(lambda house: house.app.oncall.replies.step(), built))

    with ThreadPoolExecutor(3) as pool:
        for first in range(0, count, AT_ONCE):
            one.fire(*(f"web-{number}" for number in range(first, first + AT_ONCE)))
            for _ in range(AT_ONCE):
                one.settle()
                clock.advance(1)
            for number in range(first + 1, first + AT_ONCE + 1):
                one.reply(ALICE, f"ok {number}")
            read(pool)
        for _ in range(3 * LATE):
            read(pool)
    states = Counter(state for (state,) in one.rows(incident_table.c.state))
    acked = one.app.store.read(
        lambda tx: Counter(tx.scalars(select(event_table.c.incident_id).where(event_table.c.kind == "answered")))
    )
    done = one.app.store.read(lambda tx: len(tx.execute(select(reply_table.c.id)).all()))
    handled = sum(house.metric("replies_total", wish="acknowledge") or 0 for house in built)
    for house in built:
        house.close()
    report.count(
        f"answers listed late, out of order and stale in {lists.looks} looks of three replicas",
        count,
        time.monotonic() - began,
        sms=done,
        lost=count - len(acked),
        doubled=sum(times > 1 for times in acked.values()),
    )
    assert states == {"acknowledged": count}
    assert set(acked.values()) == {1}
    assert (done, handled, len(acked)) == (count, count, count)
