"""What nobody waits for: gauges, lost senders, a clock that was set, old rows."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest
from sqlalchemy import update

from alertsms import housekeeper
from alertsms.core.messages.notification import NoticeBySms
from alertsms.store import fallback
from alertsms.store.schema import incident_table, message_table, notification_table
from tests.support.house import NIGHT, PLAN, SimulatedClock, page


def test_gauges_tell_what_waits(house):
    house.fire("web-01", "web-02")
    house.resolve("web-02")
    house.app.watch.housekeeper.step()
    assert house.metric("outbox_messages", state="queued") == 1
    assert house.metric("incidents", state="open") == 1
    house.settle()
    house.app.watch.housekeeper.step()
    assert house.metric("outbox_messages", state="queued") == 0
    assert house.metric("outbox_messages", state="sending") == 0


def test_the_oldest_is_asked_for_at_each_scrape(house):
    assert house.metric("outbox_oldest_seconds") == 0
    house.fault("429")
    house.fire()
    house.clock.advance(30)
    assert house.metric("outbox_oldest_seconds") == 30
    house.settle()
    house.clock.advance(30)
    assert house.metric("outbox_oldest_seconds") == 60


def test_a_store_that_is_away_has_no_oldest(house):
    house.crash()
    assert math.isnan(house.metric("outbox_oldest_seconds"))


def test_a_message_whose_sender_is_gone_is_looked_up(house):
    house.fire()
    house.pool.lazy = True
    house.settle()
    house.clock.advance(61)
    house.app.watch.housekeeper.step()
    assert house.states() == [("page", "unknown")]


def test_a_start_with_an_old_clock_lets_no_page_wait_for_it(house):
    """As a machine without a battery comes up: an hour behind what its store has seen, until it is told the time."""
    if not house.app.store.sqlite:
        pytest.skip("other replicas' times are not ours to move")
    house.fault("429", times=1)
    house.fire()
    house.settle()
    house.crash()
    house.clock = SimulatedClock(NIGHT - timedelta(hours=1))
    house.start()
    house.run(2)
    assert house.texts == [page("web-01", 1)]


def test_a_notice_for_the_morning_is_no_sign_of_an_old_clock(house):
    house.fire()
    house.settle()
    roster = house.app.context.roster()
    house.app.store.transact(
        lambda tx: fallback.notice(
            tx, roster, key="credits", every=timedelta(days=1), text="few", now=NIGHT, sms=NoticeBySms.DAYTIME
        )
    )
    due = house.rows(incident_table.c.step_due_at)
    house.crash()
    house.start()
    house.run(60)
    assert house.rows(incident_table.c.step_due_at) == due
    assert house.texts == [page("web-01", 1)]


def test_a_clock_set_forward_rings_nothing_early(house):
    house.fire()
    house.settle()
    house.clock.set_wall(7200)
    house.run(60, hop=10)
    assert len(house.texts) == 1
    house.run(1800, hop=60)
    assert len(house.texts) == 2


def test_a_clock_set_back_by_a_day_delays_no_reminder(house):
    house.fire()
    house.settle()
    house.clock.set_wall(-86400)
    house.run(1900, hop=50)
    assert len(house.texts) == 2


def test_a_clock_set_back_delays_no_retry(house):
    house.fault("429", times=1)
    house.fire()
    house.settle()
    house.clock.set_wall(-3600)
    house.run(20)
    assert len(house.texts) == 1


def test_a_clock_set_back_delays_no_ok(house):
    """OKs within a minute of the last one join: of the last one before the clock was set, too."""
    house.fire("web-01")
    house.fire("web-02")
    house.settle()
    house.resolve("web-01")
    house.run(60)
    house.clock.set_wall(-3600)
    house.run(20)
    house.resolve("web-02")
    house.run(60)
    assert house.texts[-2:] == ["OK HighCPU web-01 after 12 min #1", "OK HighCPU web-02 after 12 min #2"]


@pytest.mark.parametrize("step", [-3600, 3600])
def test_a_storm_goes_on_as_it_did_when_the_clock_is_set(house, step):
    house.reload(f"{PLAN}storm: {{after: 2}}")
    house.fire("web-01", "web-02", "web-03", "web-04")
    house.run(60)
    house.clock.set_wall(step)
    house.run(20)
    house.fire("web-05", "web-06")
    house.run(50)
    assert [text.partition(":")[0] for text in house.texts[2:]] == ["+2 more CRITICAL"]
    house.run(10)
    assert [text.partition(":")[0] for text in house.texts[3:]] == ["+2 more CRITICAL"]


def test_old_rows_are_deleted_once_an_hour_a_little_at_a_time(house, monkeypatch):
    monkeypatch.setattr(housekeeper, "PRUNE_ROWS", 2)
    monkeypatch.setattr(housekeeper, "LEAST_ROWS", 2)
    house.fire(*(f"web-{number}" for number in range(5)))
    house.settle()
    house.resolve(*(f"web-{number}" for number in range(5)))
    house.settle()
    house.app.watch.housekeeper.step()
    house.clock.advance(86400 * 91)
    house.app.watch.housekeeper._prune_rows = 2
    rests = [house.app.watch.housekeeper.step() for _ in range(8)]
    assert min(rests[:2]) > 0  # and each is ten times as long as what was before it
    assert rests[-1] is None
    assert (
        house.rows(incident_table.c.id) == house.rows(notification_table.c.id) == house.rows(message_table.c.id) == []
    )


def test_it_is_not_looked_for_old_rows_all_the_time(house, monkeypatch):
    looks = []
    monkeypatch.setattr(housekeeper.maintenance, "prune", lambda *_: looks.append(1) or 0)
    for _ in range(10):
        house.app.watch.housekeeper.step()
        house.clock.advance(600)
    assert len(looks) == 2


def test_a_notice_and_its_message_do_not_stay_for_good(house):
    told = {"key": "x", "every": timedelta(hours=1), "text": "x", "now": house.clock(), "sms": NoticeBySms.ALWAYS}
    assert house.app.store.transact(lambda tx: fallback.notice(tx, house.app.context.roster(), **told))
    house.settle()
    with house.app.store.engine.begin() as tx:
        tx.execute(update(message_table).values(created_at=house.clock()))
    house.clock.advance(86400 * 91)
    house.app.watch.housekeeper.step()
    assert house.rows(notification_table.c.id) == house.rows(message_table.c.id) == []
