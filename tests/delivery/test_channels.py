"""Other channels than SMS: who is told what when SMS do not leave or reach nobody, and that nothing else is told."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from sqlalchemy import update

from alertsms.apprise_channels import ChannelError
from alertsms.core.messages.notification import Channel
from alertsms.sandbox import FaultKind
from alertsms.store import channels, history
from alertsms.store.error import StoreError
from alertsms.store.schema import event_table, notification_table
from tests.support.house import PLAN, House, alert

OPS, DB = "json://ops.example.org/hidden", "json://db.example.org/hidden"
CHANNELS = f'fallback: {{channels: ["{OPS}"]}}\n'
BEHIND = """
people: {alice: "+33612345678", bob: "+33698765432"}
teams: {ops: {page: [alice]}, boss: {page: [bob, alice]}}
route: {team: ops}
fallback: {team: boss, channels: ["json://ops.example.org/hidden"]}
"""
BESIDE = """
people: {alice: {phone: "+33612345678", time_zone: Europe/Paris, also: ["json://alice.example.org"]}, bob: "+33698765432"}
teams: {ops: {page: [alice, bob]}}
route: {team: ops}
"""  # noqa: E501
LINE = "CRITICAL HighCPU web-01: CPU above 90% for 5 min #1 (team ops, since 2026-03-03 02:10 UTC)"


def talking(house: House, plan: str = PLAN + CHANNELS) -> House:
    house.reload(plan)
    return house


def states(house: House) -> list[tuple]:
    return house.posts("person", "kind", "state")


def alerts(house: House) -> list[tuple[str, str, str]]:
    """What was posted beside what alertsms says of itself."""
    return [each for each in house.posted if not each[1].startswith("alertsms:")]


def broken(house: House, times: int = 1000, error: Exception | None = None) -> list[str]:
    """The next posts fail; returns who was tried, as it grows."""
    tried: list[str] = []

    def post(channel: Channel, title: str, body: str) -> None:
        tried.append(channel.url)
        if len(tried) <= times:
            raise error or ChannelError("503 from the server")
        house.posted.append((channel.url, title, body))

    house.app.delivery.channels._post = post
    return tried


class Hanging:
    """A channel whose posts end when the test says so."""

    def __init__(self, house: House, url: str) -> None:
        self.held: list[Callable[[], None]] = []
        self.url, self.house = url, house
        self.next = ""
        house.app.delivery.channels._launch = self.launch

    def launch(self, work: Callable[[], None]) -> None:
        if self.url in {
            channel.url for cell in work.__closure__ for channel in [cell.cell_contents] if isinstance(channel, Channel)
        }:
            self.held.append(work)
        else:
            work()


# Pages that do not leave.


def test_what_leaves_in_time_is_told_to_nobody_else(house):
    talking(house).fire()
    house.run(299)
    assert (len(house.texts), house.posted) == (1, [])


@pytest.mark.one_store
def test_a_page_that_has_waited_for_two_minutes_is_told_to_the_channels_once(house):
    talking(house).fault(FaultKind.ERROR_429)
    house.fire()
    house.run(118)
    assert house.posted == []
    house.run(450)
    assert house.posted == [(OPS, "CRITICAL HighCPU web-01 #1", f"No SMS is known to have left for this:\n{LINE}")]


def test_while_no_account_is_usable_it_is_told_at_once(house):
    talking(house).fault(FaultKind.ERROR_429)
    house.app.delivery.channels._usable = lambda: False
    house.fire()
    house.run(1)
    assert [title for _, title, _ in house.posted] == ["CRITICAL HighCPU web-01 #1"]


def test_whoever_was_told_hears_that_it_is_over(house):
    talking(house).fault(FaultKind.ERROR_429)
    house.fire()
    house.run(130)
    house.resolve()
    house.run(1)
    assert house.posted[1:] == [(OPS, "OK HighCPU web-01 #1", "OK HighCPU web-01 after 12 min #1 (team ops)")]


@pytest.mark.one_store
def test_what_was_over_before_it_was_told_is_told_to_nobody(house):
    talking(house).fault(FaultKind.ERROR_429)
    house.fire()
    broken(house)
    house.run(125)
    house.resolve()
    house.app.delivery.channels._post = house.post_to
    house.run(600)
    assert [title for _, title, _ in house.posted] == ["OK HighCPU web-01 #1"]  # it may have been heard of
    assert states(house) == [("global", "unsent", "cancelled"), ("global", "resolved", "sent")]


def test_many_are_told_in_one_text_with_the_rest_counted(house):
    talking(house).fault(FaultKind.ERROR_429)
    house.post(*(alert(f"web-{n:02}") for n in range(60)), alert("cache", severity="warning"))
    house.run(130)
    ((_, title, body),) = alerts(house)
    lines = body.split("\n")
    assert title.endswith(" and 60 more")  # which comes first is PostgreSQL's choice
    assert (len(lines), lines[0], lines[-2:]) == (53, "No SMS is known to have left for this:", ["", "and 11 more"])


def test_a_team_with_channels_of_its_own_uses_these(house):
    plan = f"""
people: {{alice: "+33612345678"}}
teams: {{ops: {{page: [alice]}}, db: {{page: [alice], fallback: {{channels: "{DB}"}}}}}}
route: {{team: ops, routes: [{{matchers: ["team=db"], team: db}}]}}
"""
    talking(house, plan + CHANNELS).fault(FaultKind.ERROR_429)
    house.fire("web-01")
    house.fire("db-01", team="db")
    house.run(130)
    assert sorted((url, title) for url, title, _ in alerts(house)) == [
        (DB, "CRITICAL HighCPU db-01 #2"),
        (OPS, "CRITICAL HighCPU web-01 #1"),
    ]


def test_one_whose_answers_all_are_lost_is_told_as_soon_as_it_is_given_up(house):
    """OVHcloud may have it or not: nobody knows, so nothing more is claimed."""
    talking(house).fault(FaultKind.ERROR_503)
    house.fire()
    house.run(119)
    assert [body.split("\n")[0] for _, _, body in house.posted] == ["No SMS is known to have left for this:"]


@pytest.mark.one_store
def test_a_reminder_that_waits_is_no_news_since_somebody_has_the_page(house):
    talking(house).fire()
    house.run(1)
    house.fault(FaultKind.ERROR_429)
    house.run(2400, hop=5)
    assert len(house.texts) == 1
    assert [body.splitlines()[0] for _, _, body in alerts(house)] == ["Nobody of the team has answered for this:"]


# Pages that reach nobody.


def test_when_no_phone_takes_it_the_channels_and_the_team_behind_are_told(house):
    talking(house, BEHIND).fault(FaultKind.INVALID_RECEIVER, times=1)
    house.fire()
    house.run(5)
    assert house.posted == [
        (OPS, "CRITICAL HighCPU web-01 #1", f"No phone of the team could be reached for this:\n{LINE}")
    ]
    assert [message.receiver for message in house.sandbox.accepted] == ["+33698765432"]
    house.resolve()
    house.run(5)
    assert house.texts[-1] == "OK HighCPU web-01 after 12 min #1"


def test_the_team_behind_is_paged_once_and_without_those_who_were_paged(house):
    talking(house, BEHIND).fault(FaultKind.INVALID_RECEIVER)
    house.fire()
    house.run(1500)
    assert ("fallback", "team boss: bob") in house.rows(event_table.c.reason, event_table.c.detail)
    assert [title for _, title, _ in house.posted] == ["CRITICAL HighCPU web-01 #1"]


def test_a_team_does_not_fall_back_to_itself(house):
    talking(house, PLAN + "fallback: {team: ops}").fault(FaultKind.INVALID_RECEIVER, times=1)
    house.fire()
    house.run(1)
    assert house.rows(event_table.c.reason).count(("fallback",)) == 0


# Channels beside the phone.


def test_channels_beside_the_phone_get_every_page_and_the_end(house):
    talking(house, BESIDE).fire()
    house.run(1800)
    house.resolve()
    house.run(5)
    line = LINE.replace("02:10 UTC", "03:10 CET")
    assert house.posted == [
        ("json://alice.example.org", "CRITICAL HighCPU web-01 #1", line),
        ("json://alice.example.org", "CRITICAL HighCPU web-01 #1", line),  # the reminder
        ("json://alice.example.org", "OK HighCPU web-01 #1", "OK HighCPU web-01 after 12 min #1 (team ops)"),
    ]


def test_a_retry_of_the_sender_posts_nothing_more(house):
    talking(house, BESIDE)
    for _ in range(3):
        house.fire()
        house.run(2)
    assert len(house.posted) == 1


# Channels that fail.


def test_a_channel_that_fails_is_tried_again(house):
    tried = broken(talking(house, BESIDE), times=2)
    house.fire()
    house.run(9)
    assert (len(tried), house.posted) == (1, [])
    house.run(60)
    assert (len(tried), len(house.posted)) == (3, 1)
    assert states(house) == [("person:alice", "page", "sent")]


@pytest.mark.one_store
def test_a_channel_that_never_works_is_given_up_loudly(house, caplog):
    tried = broken(talking(house, BESIDE.replace("teams: {ops: {", "teams: {ops: {repeat_interval: 0, ")))
    with caplog.at_level(logging.INFO, "alertsms"):
        house.fire()
        house.run(2 * 3600, hop=10)
    assert len(tried) == 12
    assert states(house) == [("person:alice", "page", "failed")]
    assert house.metric("notices_total", result="failed") == 1
    (gave_up,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert gave_up.getMessage().startswith("nobody could be told by other channels")
    story = house.app.store.read(lambda tx: history.timeline(tx, 1))
    assert [(each.reason, each.detail, each.count) for each in story if each.kind == "channel"] == [
        ("retry", "page to alice by json: 503 from the server", 11),
        ("failed", "page to alice by json: 503 from the server", 1),
    ]


@pytest.mark.one_store
def test_one_that_works_gets_it_once_while_the_other_is_tried_again(house):
    plan = PLAN + f'fallback: {{channels: ["{OPS}", "{DB}"]}}'
    talking(house, plan).fault(FaultKind.ERROR_429)
    tried: list[str] = []

    def post(channel: Channel, title: str, body: str) -> None:
        tried.append(channel.url)
        if channel.url == DB and tried.count(DB) < 3:
            raise ChannelError("no")

    house.app.delivery.channels._post = post
    house.fire()
    house.run(400)
    assert tried == [OPS, DB, DB, DB]
    assert states(house) == [("global", "unsent", "sent")] * 2


def test_a_channel_that_hangs_keeps_nobody_else_waiting(house):
    plan = BESIDE.replace('bob: "+33698765432"', 'bob: {phone: "+33698765432", also: "json://bob.example.org"}')
    hanging = Hanging(talking(house, plan), "json://alice.example.org")
    house.fire("web-01")
    house.run(5)
    house.fire("web-02")
    house.run(10)
    assert [(url, title) for url, title, _ in house.posted] == [
        ("json://bob.example.org", "CRITICAL HighCPU web-01 #1"),
        ("json://bob.example.org", "CRITICAL HighCPU web-02 #2"),
    ]
    assert len(hanging.held) == 1
    house.run(20)  # over the deadline: the second post is tried now
    assert len(hanging.held) == 2
    hanging.held.pop()()  # the end of the house waits for what is under way


def test_a_channel_that_hangs_while_the_clock_is_set_back_is_given_up_as_soon(house):
    hanging = Hanging(talking(house, BESIDE), "json://alice.example.org")
    house.fire()
    house.run(5)
    house.clock.set_wall(-7200)
    house.run(150)
    assert len(hanging.held) > 1
    hanging.held.pop()()
    house.run(5)
    assert states(house) == [("person:alice", "page", "sent")]


def test_what_nobody_has_tried_to_tell_is_not_told_to_be_over(house):
    hanging = Hanging(talking(house, BESIDE), "json://alice.example.org")
    house.fire("web-01")
    house.run(5)
    house.fire("web-02")
    house.run(5)
    house.resolve("web-02")
    house.app.delivery.channels._launch = lambda work: work()
    hanging.held.pop()()
    house.run(60)
    assert [title for _, title, _ in house.posted] == ["CRITICAL HighCPU web-01 #1"]


def test_one_that_answers_after_its_deadline_is_not_told_again(house):
    hanging = Hanging(talking(house, BESIDE), "json://alice.example.org")
    house.fire()
    house.run(22)
    hanging.held.pop()()
    house.run(60)
    assert (len(house.posted), hanging.held) == (1, [])
    assert states(house) == [("person:alice", "page", "sent")]


def test_a_channel_gets_no_more_than_three_threads_that_never_come_back(house):
    hanging = Hanging(talking(house, BESIDE), "json://alice.example.org")
    house.fire()
    house.run(1200)
    assert len(hanging.held) == 3


def test_an_error_that_nobody_foresaw_is_a_failure_and_shows_nothing(house, caplog):
    broken(talking(house, BESIDE), times=1, error=KeyError("hidden password"))
    with caplog.at_level(logging.DEBUG):
        house.fire()
        house.run(30)
    assert len(house.posted) == 1
    assert "hidden" not in str([(record.getMessage(), record.__dict__) for record in caplog.records])


# Crashes, reloads and notices.


def test_what_a_crash_cuts_off_is_told_again_at_once(house):
    talking(house, BESIDE)
    held: list[object] = []
    house.app.delivery.channels._launch = held.append  # being posted: nobody knows what came of it
    house.fire()
    house.run(1)
    house.crash()
    house.start()
    house.run(1 if house.app.store.sqlite else 61)  # another replica may be at it: its lease counts
    assert (len(held), len(house.posted)) == (1, 1)
    assert states(house) == [("person:alice", "page", "sent")]


def test_a_crash_between_a_channels_answer_and_our_commit_tells_it_twice_rather_than_never(house, monkeypatch):
    talking(house, BESIDE).fire()

    def died(*_: object) -> list[object]:
        raise RuntimeError("the process died here")

    with monkeypatch.context() as patch:
        patch.setattr("alertsms.delivery.channels._mark", died)
        with pytest.raises(RuntimeError, match="died here"):
            house.run(1)
    house.crash()
    house.start()
    house.run(61)
    assert len(house.posted) == 2
    assert states(house) == [("person:alice", "page", "sent")]


def test_posts_for_channels_that_a_reload_took_away_are_dropped(house):
    broken(talking(house, BESIDE))
    house.fire()
    house.run(1)
    house.reload(
        BESIDE.replace("also", "email").replace('["json://alice.example.org"]', "alice@example.org") + CHANNELS
    )
    house.run(60)
    assert states(house) == [("person:alice", "page", "cancelled")]


def test_a_refused_body_that_nobody_answers_is_told_to_the_channels_too(house):
    talking(house)
    assert house.client.post("/webhook", json={"title": "Disk"}).status_code == 422
    house.run(1)
    assert (house.posted, house.texts) == ([], ["WEBHOOK REFUSED 422 from 127.0.0.1: Disk #1"])
    house.run(360)
    ((where, title, body),) = house.posted
    assert (where, title) == (OPS, "CRITICAL WEBHOOK REFUSED 422 from 127.0.0.1 #1")
    assert body.startswith(
        "Nobody of the team has answered for this:\nCRITICAL WEBHOOK REFUSED 422 from 127.0.0.1: Disk #1"
    )


@pytest.mark.one_store
def test_without_channels_nothing_is_written(house):
    house.fault(FaultKind.ERROR_429)
    house.fire()
    house.run(300)
    assert house.posts("id") == []


def test_what_waits_for_channels_that_a_reload_took_away_is_dropped(house):
    talking(house, BESIDE)
    broken(house)
    house.fire()
    house.run(5)
    assert states(house) == [("person:alice", "page", "queued")]
    house.reload(PLAN)
    house.run(30, hop=5)
    assert states(house) == [("person:alice", "page", "cancelled")]


# Who has a post already.

TWO = """
people: {alice: {phone: "+33612345678", also: ["json://one.example.org/hidden", "json://two.example.org"]}}
teams: {ops: {page: [alice]}}
route: {team: ops}
fallback: {channels: ["json://three.example.org", "json://four.example.org"]}
"""
ONE, SECOND = "json://one.example.org/hidden", "json://two.example.org"
THREE, FOUR = "json://three.example.org", "json://four.example.org"


def deaf(house: House, *urls: str) -> list[str]:
    """These channels take nothing; returns who took something, as it grows."""
    took: list[str] = []

    def post(channel: Channel, title: str, body: str) -> None:
        if channel.url in urls:
            raise ChannelError("503 from the server")
        took.append(channel.url)

    house.app.delivery.channels._post = post
    return took


def restarted(house: House, plan: str, *urls: str) -> list[str]:
    house.crash()
    house.next_config = house.config(plan)
    house.start()
    took = deaf(house, *urls)
    house.run(700, hop=20)
    return took


BESIDE_TWO = TWO.partition("fallback")[0]


def test_after_a_restart_only_the_channel_that_failed_gets_a_post_again(house):
    talking(house, BESIDE_TWO)
    assert (took := deaf(house, SECOND)) == []
    house.fire()
    house.run(45)
    assert took == [ONE]
    assert restarted(house, BESIDE_TWO, SECOND) == []
    assert restarted(house, BESIDE_TWO) == [SECOND]


def test_a_crash_before_the_attempt_ended_posts_to_nobody_who_has_it(house, monkeypatch):
    talking(house, BESIDE_TWO)
    took = deaf(house)
    monkeypatch.setattr(house.app.delivery.channels, "_settle", lambda now: None)
    house.fire()
    house.run(0)
    assert sorted(took) == [ONE, SECOND]
    assert restarted(house, BESIDE_TWO) == []


def test_channels_of_the_fallback_and_notices_are_remembered_alike(house):
    talking(house, TWO)
    took = deaf(house, THREE, ONE, SECOND)
    house.fault(FaultKind.NO_CREDITS)
    house.fire()
    house.run(100)
    told = len(took)
    assert set(took) == {FOUR}
    house.sandbox.faults.clear()
    assert told >= 2  # of the account, and of the page
    again = restarted(house, TWO, ONE, SECOND)
    assert FOUR not in again[:1]
    assert again.count(THREE) >= 1


def test_another_order_changes_nothing_and_what_waits_follows_another_address(house):
    talking(house, BESIDE_TWO)
    took = deaf(house, SECOND)
    house.fire()
    house.run(45)
    swapped = BESIDE_TWO.replace(f'"{ONE}", "{SECOND}"', f'"{SECOND}", "{ONE}"')
    assert swapped != BESIDE_TWO
    assert restarted(house, swapped, SECOND) == []
    assert took == [ONE]
    moved = swapped.replace(SECOND, "json://two.example.org/moved")
    assert restarted(house, moved) == ["json://two.example.org/moved"]


def test_the_store_holds_nothing_of_a_channels_address(house):
    talking(house, BESIDE_TWO)
    deaf(house)
    house.fire()
    house.run(5)
    kept = house.posts("destination", "state")
    assert sorted(kept) == sorted((Channel(url=url).mark, "sent") for url in (ONE, SECOND))
    assert "hidden" not in str(kept)


def test_a_store_that_cannot_remember_is_said_and_keeps_nobody_from_hearing(house, monkeypatch, caplog):
    talking(house, BESIDE_TWO)
    took = deaf(house)
    took_rows, full = channels.took, iter([True, True])

    def store_took(*given: object) -> set[int]:
        if next(full, False):
            raise StoreError("store: full")
        return took_rows(*given)

    monkeypatch.setattr("alertsms.store.channels.took", store_took)
    house.fire()
    with caplog.at_level(logging.ERROR):
        house.run(30)
    assert sorted(took) == [ONE, SECOND]
    assert "who took a post could not be stored" in caplog.text
    assert states(house) == [("person:alice", "page", "sent")] * 2


def test_what_an_older_version_left_goes_to_the_channels_of_today(house):
    """A migration knows no channels: it writes no destination."""
    talking(house, BESIDE_TWO)
    deaf(house)
    house.fire()
    house.run(1)
    left = {"destination": "", "state": "queued", "attempts": 1}
    work = update(notification_table).where(notification_table.c.destination == Channel(url=SECOND).mark).values(left)
    house.app.store.transact(lambda tx: tx.execute(work))
    took = deaf(house)
    house.run(70)
    assert took == [SECOND]
    assert sorted(state for *_, state in states(house)) == ["cancelled", "sent", "sent"]


@pytest.mark.parametrize("step", [-7200, 7200])
def test_a_clock_that_is_set_delays_no_fallback(house, step):
    talking(house).run(20)
    house.clock.set_wall(step)
    house.run(20)
    house.fault(FaultKind.ERROR_429)
    house.fire()
    house.run(135)
    assert [title for _, title, _ in alerts(house)] == ["CRITICAL HighCPU web-01 #1"]


def test_a_machine_that_had_no_threads_for_a_while_silences_no_channel(house):
    talking(house, BESIDE)

    def no_thread(_: Callable[[], None]) -> None:
        raise RuntimeError("can't start new thread")

    house.app.delivery.channels._launch = no_thread
    house.fire()
    house.run(100)  # four attempts
    house.app.delivery.channels._launch = lambda work: work()
    house.run(130)
    assert [title for _, title, _ in house.posted] == ["CRITICAL HighCPU web-01 #1"]
    assert states(house) == [("person:alice", "page", "sent")]


def test_a_channel_that_a_reload_adds_gets_what_the_other_does_not_take(house):
    """Whoever adds one in a bad night adds it for what cannot be told."""
    talking(house).fault(FaultKind.ERROR_429)
    took = deaf(house, OPS)
    house.fire()
    house.run(125)
    house.reload(PLAN + f'fallback: {{channels: ["{OPS}", "{DB}"]}}')
    house.run(100)
    assert took == [DB]
    assert states(house) == [("global", "unsent", "queued"), ("global", "unsent", "sent")]
