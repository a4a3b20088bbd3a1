"""What an account says holds for all replicas; a line that fails is a replica's own, and nothing false is told."""

from __future__ import annotations

import pytest
import requests

from alertsms.core.messages.circuit_breaker import Cause
from alertsms.delivery.account_news import KNOWN_AFTER, TRICKLE
from alertsms.delivery.accounts import FIRST
from alertsms.sandbox import FaultKind
from alertsms.sandbox.adapter import SandboxAdapter
from alertsms.store.error import StoreError
from tests.delivery.test_account_monitor import keys_die
from tests.oncall.test_replies import SHORT, states
from tests.support.house import ALICE, OVH, PLAN, House

TOLD = PLAN + 'fallback: {channels: ["json://localhost"]}\n'


class Line(SandboxAdapter):
    """The way of one replica to OVHcloud."""

    def __init__(self, house, sandbox):
        super().__init__(sandbox, advance=house.clock.advance)
        self.house = house

    def send(self, *given, **more):
        if self.house.cut:
            raise requests.ConnectionError
        return super().send(*given, **more)


class ReplicaHouse(House):
    """One of several replicas on one store, with a line of its own to the same account."""

    first: ReplicaHouse | None = None
    cut = False

    def session(self):
        session = requests.Session()
        session.mount("http://ovh.test", Line(self, self.first.sandbox if self.first else self.sandbox))
        return session

    def start(self):
        super().start()
        self.app.context.replicas.alone = False

    def round(self):
        self.app.context.replicas.step()
        self.app.delivery.account_monitor.step()
        self.settle()
        self.app.delivery.channels.step()

    @property
    def breaker(self):
        return self.app.delivery.accounts.breakers[FIRST]

    @property
    def part(self):
        return self.app.delivery.rate_limiter.part


@pytest.fixture
def replicas(url, clock):
    if url.startswith("sqlite"):
        pytest.skip("one process has an SQLite store")
    built = []

    def build(plan=TOLD, ovh=OVH):
        built.append(ReplicaHouse(url, clock, plan, ovh))
        built[-1].first = built[0]
        return built[-1]

    yield build
    for house in built:
        house.close()


def rounds(clock, *houses, seconds: int = 1) -> None:
    for _ in range(seconds):
        for house in houses:
            house.round()
        clock.advance(1)


def said(house) -> list[str]:
    return [note for (note,) in house.posts("note") if note]


def test_keys_that_are_refused_to_one_are_to_all_and_all_know_when_they_work(replicas, clock):
    one, two = replicas(), replicas()
    rounds(clock, one, two, seconds=8)
    keys_die(one)
    one.fire()
    one.round()
    one.app.delivery.account_monitor.step()  # woken by that
    rounds(clock, two)
    assert (two.breaker.cause, two.breaker.why) == (Cause.KEYS, one.breaker.why)
    rounds(clock, one, two, seconds=70)
    assert len(said(one)) == 1
    assert said(one)[0].startswith("SMS account first not usable, pages wait")
    one.sandbox.keys.grant(one.sandbox.keys.consumers["sandbox-consumer"].rules, now=0, key="sandbox-consumer")
    rounds(clock, one, two, seconds=60)
    assert one.breaker.closed
    assert two.breaker.closed
    assert said(one)[1:] == ["SMS account first works again"]
    assert len(one.sandbox.accepted) == 1


def test_what_a_store_did_not_take_is_told_to_the_others_later(replicas, clock, monkeypatch):
    one, two = replicas(), replicas()
    rounds(clock, one, two, seconds=2)
    keys_die(one)
    one.fire()
    one.settle()
    transact = one.app.store.transact

    def broken(work):
        raise StoreError("store: away")

    monkeypatch.setattr(one.app.store, "transact", broken)
    with pytest.raises(StoreError):
        one.app.delivery.account_monitor.step()
    monkeypatch.setattr(one.app.store, "transact", transact)
    two.app.delivery.account_monitor.step()
    assert two.breaker.closed
    one.app.delivery.account_monitor.step()
    two.app.delivery.account_monitor.step()
    assert two.breaker.cause is Cause.KEYS


def test_one_without_a_line_claims_nothing_and_tells_nothing_while_another_sends(replicas, clock):
    one, two = replicas(), replicas()
    rounds(clock, one, two, seconds=8)
    one.cut = True
    one.fire(*(f"web-{number}" for number in range(6)))
    one.round()
    rounds(clock, one, two, seconds=5)
    assert one.breaker.cause is Cause.FAILURES
    assert len(one.sandbox.accepted) == 6
    one.fire("db-1")
    rounds(clock, one)
    assert len(one.sandbox.accepted) == 6, "another one has a way out"
    assert one.app.delivery.accounts.usable
    rounds(clock, two)
    assert len(one.sandbox.accepted) == 7
    rounds(clock, one, two, seconds=120)
    assert said(one) == []
    assert [trouble.key for trouble in one.app.delivery.news.troubles()] == ["line"]
    assert two.part == 1.0
    one.cut = False
    rounds(clock, one, two, seconds=120)
    assert one.breaker.closed
    assert said(one) == []


def test_when_no_line_is_left_it_is_told_once_and_once_that_one_works_again(replicas, clock):
    one, two = replicas(), replicas()
    rounds(clock, one, two, seconds=8)
    one.cut = two.cut = True
    one.fire(*(f"web-{number}" for number in range(6)))
    rounds(clock, one, two, seconds=180)
    assert [words.startswith("SMS account first not usable, pages wait") for words in said(one)] == [True]
    two.cut = False
    rounds(clock, one, two, seconds=120)
    one.cut = False
    rounds(clock, one, two, seconds=120)
    assert said(one)[1:] == ["SMS account first works again"]
    assert len({message.text for message in one.sandbox.accepted}) == len(one.sandbox.accepted)


def test_a_restart_tells_the_end_and_not_the_beginning_again(house):
    house.reload(TOLD)
    keys_die(house)
    house.fire()
    house.run(60)
    assert len(said(house)) == 1
    house.crash()
    house.next_config = house.config(TOLD)
    house.clock.advance(3700)
    house.start()
    house.run(30)
    assert len(said(house)) == 1
    house.sandbox.keys.grant(house.sandbox.keys.consumers["sandbox-consumer"].rules, now=0, key="sandbox-consumer")
    house.run(120)
    assert said(house)[1:] == ["SMS account first works again"]


PACED = OVH.replace("max_per_second: 0", "max_per_second: 12")


def test_the_pace_is_shared_by_those_that_send(replicas, clock):
    one = replicas(ovh=PACED)
    assert one.part == TRICKLE
    rounds(clock, one, seconds=8)
    assert one.part == 1.0
    two = replicas(ovh=PACED)
    rounds(clock, two, one)
    assert (one.part, two.part) == (0.5, TRICKLE)
    rounds(clock, one, two, seconds=int(KNOWN_AFTER.total_seconds()) + 1)
    assert (one.part, two.part) == (0.5, 0.5)
    two.app.context.replicas.stop()
    one.round()
    assert one.part == 1.0


def test_a_429_at_one_slows_all(replicas, clock):
    one, two = replicas(ovh=PACED), replicas(ovh=PACED)
    rounds(clock, one, two, seconds=8)
    one.fault(FaultKind("429"), times=1)
    one.fire()
    one.round()
    rounds(clock, one, two)
    assert [house.app.delivery.rate_limiter._share for house in (one, two)] == [0.5, 0.5]
    rounds(clock, one, two, seconds=3)
    assert two.app.delivery.rate_limiter._share >= 0.5, "once"


def test_credits_that_one_learns_of_are_known_to_all(replicas, clock):
    one, two = replicas(), replicas()
    rounds(clock, one, two, seconds=2)
    one.app.delivery.credit_monitor.learn(FIRST, 500.0)
    rounds(clock, one, two, seconds=1)
    one.fire()
    rounds(clock, two, one, seconds=2)
    assert two.app.delivery.accounts.credits == one.app.delivery.accounts.credits


def test_the_inbox_is_read_by_one_and_by_another_where_that_one_has_no_line(replicas, clock):
    one, two = replicas(ovh=SHORT), replicas(ovh=SHORT)

    def read(*houses, seconds=25):
        for _ in range(seconds):
            rounds(clock, *houses)
            for house in houses:
                house.app.oncall.replies.step()

    read(one, two, seconds=15)
    assert [bool(house.app.delivery.news.duty(FIRST)) for house in (one, two)] == [True, False]
    one.cut = True
    one.app.delivery.news.unreached.add(FIRST)
    one.fire()
    read(one, two)
    assert [bool(house.app.delivery.news.duty(FIRST)) for house in (one, two)] == [False, True]
    one.reply(ALICE, "ok")
    read(one, two)
    assert states(one) == [(1, "acknowledged", "alice")]
