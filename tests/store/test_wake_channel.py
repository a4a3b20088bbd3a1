"""Replicas on PostgreSQL wake each other; each hears itself, and says so where it does not."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from alertsms.store.engine import Store
from alertsms.store.error import StoreError
from alertsms.store.wake_channel import CALL_SECONDS, DEAF_SECONDS, LATER_SECONDS, PAGES, SHARED, WakeChannel


class Seconds:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> Seconds:
    monkeypatch.setattr("alertsms.store.wake_channel.ROUND_SECONDS", 0.05)  # real seconds: what a round listens for
    return Seconds()


@pytest.fixture
def postgresql(store: Store) -> Store:
    if store.sqlite:
        pytest.skip("an SQLite file has one process")
    return store


@pytest.fixture
def heard(postgresql: Store, seconds: Seconds) -> Iterator[tuple[WakeChannel, list[str]]]:
    """One that listens, and what it was woken for since."""
    channel, words = WakeChannel(postgresql, monotonic=seconds), list[str]()
    for word in (PAGES, SHARED):
        channel.on(word, lambda word=word: words.append(word))
    channel.step()
    assert sorted(words) == [PAGES, SHARED]  # nobody knows what was said before
    words.clear()
    yield channel, words
    channel.close()


@pytest.fixture
def other(postgresql: Store, seconds: Seconds) -> Iterator[WakeChannel]:
    """One that takes alerts in and sends nothing."""
    channel = WakeChannel(postgresql, sends=False, monotonic=seconds)
    channel.step()
    yield channel
    channel.close()


def _step(channel: WakeChannel, *, times: int) -> None:
    for _ in range(times):
        channel.step()


def test_a_word_of_another_replica_wakes_at_once(heard, other):
    channel, words = heard
    other.say(PAGES)
    other.say(SHARED)
    for _ in range(3):
        channel.step()
    assert words == [PAGES, SHARED]


def test_the_pages_of_one_that_sends_are_left_to_it_for_a_moment(heard, postgresql, seconds):
    channel, words = heard
    sender = WakeChannel(postgresql, monotonic=seconds)
    sender.step()
    for _ in range(20):
        sender.say(PAGES)  # one NOTIFY for all of them
    channel.step()
    assert words == []
    seconds.now += LATER_SECONDS
    channel.step()
    channel.step()
    assert words == [PAGES]
    sender.close()


def test_its_own_words_wake_nobody_here(heard):
    channel, words = heard
    channel.say(SHARED)
    channel.step()
    channel.step()
    assert words == []


def test_one_that_hears_nothing_of_its_own_calls_says_so(heard, seconds):
    channel, _ = heard
    for _ in range(6):
        seconds.now += CALL_SECONDS
        channel.step()
        channel.step()
        assert list(channel.troubles()) == []
    channel._ear.execute("UNLISTEN *")  # as behind a pooler that shows no sign of being one
    for _ in range(4):
        seconds.now += CALL_SECONDS
        channel.step()
    assert [trouble.key for trouble in channel.troubles()] == ["wake-up"]
    assert seconds.now > DEAF_SECONDS


def test_a_connection_that_broke_is_made_anew_and_everybody_woken(heard, other, store):
    channel, words = heard
    store.transact(
        lambda tx: tx.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": channel._ear.info.backend_pid})
    )
    with pytest.raises(StoreError):
        _step(channel, times=40)  # PostgreSQL takes a moment
    channel.step()
    assert sorted(words) == [PAGES, SHARED]
    other.say(SHARED)
    channel.step()
    channel.step()
    assert words[2:] == [SHARED]


def test_a_mouth_that_broke_loses_words_and_no_more(other, heard, store):
    channel, words = heard
    store.transact(
        lambda tx: tx.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": other._mouth.info.backend_pid})
    )
    other.say(SHARED)
    other.step()
    other.say(SHARED)
    channel.step()
    channel.step()
    assert words == [SHARED]


def test_behind_a_pooler_nobody_listens(postgresql, seconds, monkeypatch):
    channel = WakeChannel(postgresql, monotonic=seconds)
    real = channel._connect

    def behind_a_pooler() -> object:
        own = real()
        return SimpleNamespace(execute=own.execute, close=own.close, info=SimpleNamespace(backend_pid=-1))

    monkeypatch.setattr(channel, "_connect", behind_a_pooler)
    assert channel.step() is None
    assert channel.pooled
    assert channel.step() is None
    channel.say(SHARED)
    assert list(channel.troubles()) == []
