"""What somebody reads who asks in the morning why a phone rang at night, or why none did."""

from __future__ import annotations

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from alertsms.core.incidents.acknowledge import AcknowledgedVia
from alertsms.core.text import timeline
from alertsms.sandbox import FaultKind
from alertsms.store import history
from alertsms.store.schema import message_table, notification_table
from tests.stories.test_events import NIGHTS
from tests.support.house import House

PARIS = ZoneInfo("Europe/Paris")


def clock(house: House) -> timeline.TimeFormat:
    return timeline.TimeFormat(zone=PARIS, now=house.clock())


def why(house: House, number: int = 1) -> str:
    """What `alertsms why` prints, without the tags, which are random."""
    story = house.app.store.read(lambda tx: history.story(tx, number))
    return re.sub("tag [0-9a-z]{16}", "tag TAG", "\n".join(timeline.whole(story, clock(house))))


def log(house: House) -> list[str]:
    found, resting = house.app.store.read(
        lambda tx: (history.stories(tx, history.latest(tx, limit=20)[::-1]), history.resting(tx))
    )
    return timeline.listing(found, resting, clock(house))


@pytest.fixture
def nights(house):
    house.reload(NIGHTS)
    return house


def test_a_page_that_left_and_its_end(house):
    house.fire(cluster="eu")
    house.settle()
    for _ in range(2):
        house.clock.advance(60)
        house.fire(cluster="eu")
    house.clock.advance(3 * 60)
    house.app.oncall.escalator.step()
    house.clock.advance(25 * 60)
    house.app.oncall.escalator.step()
    house.settle()
    house.clock.advance(120)
    house.resolve(cluster="eu")
    house.settle()
    assert (
        why(house)
        == """\
#1 CRITICAL HighCPU web-01: CPU above 90% for 5 min
  resolved Tue 3 Mar 03:42:00, after 32 min
  team ops, from alertmanager sms
  cluster="eu" severity="critical"

  alice  SMS  accepted by OVHcloud Tue 3 Mar 03:40:00, no receipt from the phone yet (+33*******78); the last of 2, \
all accepted
  alice  OK   accepted by OVHcloud Tue 3 Mar 03:42:00, no receipt from the phone yet (+33*******78)

Tue 3 Mar 03:10:00   paged, it is new: alice (team ops, root route)
Tue 3 Mar 03:10:00   SMS to alice (+33*******78) accepted by OVHcloud: OVH id 100001, tag TAG, 1 credit
Tue 3 Mar 03:11:00   mentioned again, nobody paged: it is known already (2 times, last Tue 3 Mar 03:12:00)
Tue 3 Mar 03:15:00   nobody has answered, its fallback is told if it has one: team ops, after 1 round
Tue 3 Mar 03:40:00   paged again as a reminder, it still fires: alice (team ops)
Tue 3 Mar 03:40:00   SMS to alice (+33*******78) accepted by OVHcloud: OVH id 100002, tag TAG, 1 credit
Tue 3 Mar 03:42:00   over: its sender resolved it: OK to alice
Tue 3 Mar 03:42:00   OK to alice (+33*******78) accepted by OVHcloud: OVH id 100003, tag TAG, 1 credit

All times are Europe/Paris."""
    )


def test_a_page_that_was_over_before_it_left(nights):
    nights.fire(team="db")
    nights.resolve(team="db")
    assert (
        why(nights)
        == """\
#1 CRITICAL HighCPU web-01: CPU above 90% for 5 min
  resolved Tue 3 Mar 03:10:00, after 0 s
  team db, from alertmanager sms
  severity="critical" team="db"

  alice  SMS  never sent: it was over before the SMS left
  bob    SMS  never sent: it was over before the SMS left

Tue 3 Mar 03:10:00   paged, it is new: alice, bob (team db, route team="db")
Tue 3 Mar 03:10:00   over: its sender resolved it

All times are Europe/Paris."""
    )


@pytest.mark.parametrize(
    ("team", "told"),
    [
        ("quiet", 'its team only records: route team="quiet"'),
        ("day", 'it is muted for now: route team="day" is muted during nights'),
        ("office", 'it is muted for now: route team="office" pages only during office'),
    ],
)
def test_why_nobody_was_paged_stands_above_the_story(nights, team, told):
    nights.fire(team=team)
    nights.clock.advance(120)
    nights.fire(team=team)
    assert f"\n  nobody was paged: {told}\n" in why(nights)


def test_a_team_whose_people_another_team_pages(nights):
    nights.fire(team="db")
    taken = 'its people hear of the same alert through another team: alice (team ops, route team=~"db|both")'
    assert f"\n  nobody was paged: {taken}\n" in why(nights, 2)


def test_a_late_copy_is_told_as_a_doubt(house):
    house.fire()
    house.settle()
    house.resolve()
    house.clock.advance(30)
    house.fire()
    shown = why(house)
    assert "  held since Tue 3 Mar 03:10:30: until it is clear whether it is a late copy\n" in shown
    assert "nobody paged yet: it started before what just ended was over" in shown


def test_a_provider_that_fails(house):
    house.fault(FaultKind.ERROR_429, times=3)
    house.fire()
    house.run(3)
    assert "  alice  SMS  not sent yet after " in why(house)
    assert "(+33*******78) not sent, to be tried again: send: 429 INTERNAL: Too Many Requests" in why(house)
    house.run(60)
    assert "  alice  SMS  on the phone" in why(house)


def test_what_somebody_has_before_it_left_is_not_called_never_sent(house):
    house.fault(FaultKind.RESET_BEFORE, times=1)
    house.fire()
    house.run(3)
    house.app.oncall.acknowledgements.acknowledge([1], by="bob", via=AcknowledgedVia.API)
    house.run(120)
    assert house.texts == []
    assert "  alice  SMS  tried once, not again: bob had it already: " in why(house)
    assert log(house)[0].endswith("alice tried once, not again: bob had it already")


def test_a_number_that_is_refused(house):
    house.fault(FaultKind.INVALID_RECEIVER)
    house.fire()
    house.run(5)
    assert "  alice  SMS  failed after 1 attempt: send: 200 invalid_receiver" in why(house)
    assert "SMS to alice (+33*******78) refused for good: " in why(house)


def test_what_a_phone_got(house):
    house.fire()
    house.settle()
    at = house.clock() + timedelta(seconds=4)
    set_to(house, state="delivered", delivered_at=at)
    assert "  alice  SMS  on the phone Tue 3 Mar 03:10:04 (+33*******78)\n" in why(house)
    set_to(house, state="undelivered", dlr=2, ptt=24)
    assert "accepted by OVHcloud Tue 3 Mar 03:10:00, but the phone did not get it [DLR 2, PTT 24]" in why(house)


def set_to(house: House, **values: object) -> None:
    """Let the SMS be as a receipt leaves them."""
    house.app.store.transact(lambda tx: tx.execute(update(message_table).values(values)))


def test_a_digest_tells_what_it_covers(house):
    house.fire("web-01", "web-02", "web-03")
    house.settle()

    def merge(tx) -> None:
        (first, *_) = tx.execute(message_table.select().order_by(message_table.c.id)).all()
        tx.execute(update(notification_table).values(message_id=first.id))
        tx.execute(
            update(message_table).where(message_table.c.id == first.id).values(digest=60, text="3 CRITICAL: HighCPU x3")
        )

    house.app.store.transact(merge)
    assert "(+33*******78, in the digest #60 of 3)" in why(house, 2)
    found = house.app.store.read(lambda tx: history.digest(tx, 60))
    assert timeline.digest(60, found, clock(house)) == [
        "#60 is a digest for alice: one SMS about 3 incidents",
        "  accepted by OVHcloud Tue 3 Mar 03:10:00, no receipt from the phone yet (+33*******78)",
        "  3 CRITICAL: HighCPU x3",
        "  It covers #1, #2, #3.",
        "",
        "All times are Europe/Paris.",
    ]


def test_the_log_counts_from_the_return_of_what_came_back(house):
    house.fire("web-01")
    house.run(240)
    house.resolve("web-01")
    house.run(300)
    house.fire("web-01")
    house.run(60)
    assert "fires for 1 min " in log(house)[0]
    house.run(60)
    house.resolve("web-01")
    house.run(60)
    assert "resolved after 2 min " in log(house)[0]


def test_the_log_has_a_line_for_each_incident_and_for_what_opens_none(nights):
    nights.fire("web-01")
    nights.settle()
    nights.fire("web-02", team="db")
    nights.resolve("web-02", team="db")
    nights.fire("web-03", team="quiet")
    nights.fire("web-04", team="day")
    nights.fire(name="Watchdog")
    nights.fire(name="Watchdog")
    nights.clock.advance(300)
    taken = "its people hear of the same alert through another team"
    assert (
        "\n".join(log(nights))
        == f"""\
#1     Tue 3 Mar 03:10:00   fires for 5 min       ops: CRITICAL HighCPU web-01; alice accepted
#2     Tue 3 Mar 03:10:00   resolved after 0 s    db: CRITICAL HighCPU web-02; \
alice, bob never sent: it was over before the SMS left
#3     Tue 3 Mar 03:10:00   resolved after 0 s    ops: CRITICAL HighCPU web-02; \
nobody paged: {taken}: alice (team ops, route team=~"db|both")
#4     Tue 3 Mar 03:10:00   fires for 5 min       quiet: CRITICAL HighCPU web-03; \
nobody paged: its team only records: route team="quiet"
#5     Tue 3 Mar 03:10:00   held (muted)          ops: CRITICAL HighCPU web-04; \
nobody paged: it is muted for now: route team="day" is muted during nights

Always firing, and no route names them, so they open nothing: Watchdog (2 times, last Tue 3 Mar 03:10:00).

All times are Europe/Paris. `alertsms why NUMBER` tells the story of one."""
    )


def test_the_year_is_told_when_it_is_another_one(house):
    later = timeline.TimeFormat(zone=PARIS, now=house.clock() + timedelta(days=365))
    assert later(house.clock()) == "Tue 3 Mar 2026 03:10:00"
