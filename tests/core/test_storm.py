from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from alertsms.core.alerts.alert import Severity
from alertsms.core.incidents.incident import IncidentReason
from alertsms.core.messages.digest_plan import (
    HOUR,
    OKS,
    PAGES,
    DigestPlan,
    DigestRules,
    DueNotification,
    RecentSms,
    RecentTraffic,
    plan,
)
from alertsms.core.messages.notification import PRIORITIES, REMINDER, RETURN, Notification, NotificationKind
from tests.core.night import at, incident

RULES = DigestRules()
NOW = at("02:10")
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
CRITICAL, WARNING = int(Severity.CRITICAL), int(Severity.WARNING)
NOTICE = PRIORITIES[NotificationKind.NOTICE]


def due(number: int, rank: int = CRITICAL, came: datetime = NOW, *, test: bool = False, **more: Any) -> DueNotification:
    kind = (
        NotificationKind.PAGE
        if rank < NOTICE
        else NotificationKind.NOTICE
        if rank == NOTICE
        else NotificationKind.RESOLVED
    )
    page = Notification(
        id=number,
        incident_id=number,
        person="alice",
        team="ops",
        kind=kind,
        priority=rank,
        due_at=came,
        created_at=came,
        **more,
    )
    one = incident(reason=IncidentReason.TEST) if test else incident()
    return DueNotification(page=page, incident=None if kind is NotificationKind.NOTICE else one)


def many(count: int, rank: int = CRITICAL, came: datetime = NOW, **more: Any) -> list[DueNotification]:
    return [due(number, rank, came, **more) for number in range(1, count + 1)]


def sent(count: int, came: datetime, rank: int = CRITICAL, **more: Any) -> list[RecentSms]:
    return [RecentSms(at=came + each * timedelta(milliseconds=1), rank=rank, **more) for each in range(count)]


def numbers(decided: DigestPlan) -> list[int]:
    return [each.page.id for each in decided.singles]


# --- calm ---


def test_one_alert_is_one_sms_at_once():
    assert plan(many(1), RecentTraffic(), NOW, RULES) == DigestPlan(singles=(due(1),))


def test_the_most_severe_goes_first_and_then_the_oldest():
    some = [due(1, WARNING), due(2), due(3, WARNING, NOW - SECOND), due(4, CRITICAL, NOW - SECOND)]
    assert numbers(plan(some, RecentTraffic(), NOW, RULES)) == [4, 2, 3, 1]


# --- a storm ---


def test_the_first_leave_as_singles_and_the_next_are_gathered_for_15_seconds():
    decided = plan(many(8), RecentTraffic(), NOW, RULES)
    assert numbers(decided) == [1, 2, 3, 4, 5]
    assert decided.later == {CRITICAL: NOW + 15 * SECOND}
    assert decided.digest == frozenset()


@pytest.mark.parametrize(("after", "singles"), [(20, 5), (3, 3), (0, 12)])
def test_of_returns_whose_end_nobody_posted_five_leave_alone_at_most(after, singles):
    """A sender that restarts moves the start of all that it has."""
    decided = plan(many(12, note=RETURN), RecentTraffic(), NOW, replace(RULES, after=after, per_hour=0))
    assert numbers(decided) == list(range(1, singles + 1))
    assert bool(decided.later) is (singles < 12)


def test_who_got_five_lately_gets_the_next_gathered():
    had = RecentTraffic(sent=sent(5, NOW - MINUTE), recent_pages={CRITICAL: 5})
    assert plan(many(1), had, NOW, RULES).later == {CRITICAL: NOW + 15 * SECOND}


def test_what_was_gathered_leaves_together_with_what_came_meanwhile():
    had = RecentTraffic(
        sent=sent(5, NOW - MINUTE), recent_pages={CRITICAL: 5}, waiting_since={CRITICAL: NOW - 15 * SECOND}
    )
    decided = plan(many(3), had, NOW, RULES)
    assert (decided.singles, decided.digest, decided.streak) == ((), {CRITICAL}, 1)


def test_digests_come_at_growing_distance():
    for streak, minutes in [(1, 2), (2, 4), (3, 8), (4, 16), (5, 30), (6, 30)]:
        last = RecentSms(at=NOW - MINUTE, rank=CRITICAL, streak=streak)
        had = RecentTraffic(sent=[last], recent_pages={CRITICAL: 40})
        assert plan(many(1), had, NOW, RULES).later == {CRITICAL: last.at + minutes * MINUTE}
        then = plan(many(1), replace(had, waiting_since={CRITICAL: NOW}), last.at + minutes * MINUTE, RULES)
        assert (then.digest, then.streak) == ({CRITICAL}, min(streak, 5) + 1)


def test_a_storm_that_is_over_leaves_singles_again():
    last = RecentSms(at=NOW - 3 * MINUTE, rank=CRITICAL, streak=1)
    assert numbers(plan(many(2), RecentTraffic(sent=[last], recent_pages={CRITICAL: 3}), NOW, RULES)) == [1, 2]


def test_a_new_storm_begins_with_15_seconds_again():
    last = RecentSms(at=NOW - 7 * MINUTE, rank=CRITICAL, streak=2)
    had = RecentTraffic(sent=[last, *sent(5, NOW - MINUTE)], recent_pages={CRITICAL: 5})
    assert plan(many(1), had, NOW, RULES).later == {CRITICAL: NOW + 15 * SECOND}


def test_a_new_critical_waits_neither_for_warnings_nor_for_oks():
    had = RecentTraffic(
        sent=[*sent(5, NOW - MINUTE, WARNING), *sent(1, NOW - SECOND, OKS[1])],
        recent_pages={WARNING: 500},
        waiting_since={WARNING: NOW - MINUTE, OKS[1]: NOW},
    )
    decided = plan([due(7), *many(3, WARNING)], had, NOW, RULES)
    assert numbers(decided) == [7]


def test_lesser_pages_wait_behind_a_storm_of_criticals_and_leave_with_it():
    had = RecentTraffic(
        sent=sent(5, NOW - MINUTE),
        recent_pages={CRITICAL: 5},
        waiting_since={CRITICAL: NOW - 15 * SECOND, WARNING: NOW},
    )
    assert plan(many(1), had, NOW, RULES).digest == {CRITICAL, WARNING}


def test_a_digest_of_warnings_does_not_stretch_the_time_of_criticals():
    had = RecentTraffic(
        sent=[RecentSms(at=NOW - 16 * MINUTE, rank=WARNING, streak=4)],
        recent_pages={CRITICAL: 5, WARNING: 50},
        waiting_since={WARNING: NOW - 10 * MINUTE, CRITICAL: NOW - SECOND},
    )
    decided = plan([*many(1, WARNING), due(9)], had, NOW, RULES)
    assert decided.digest == {WARNING}
    assert decided.later == {CRITICAL: NOW + 14 * SECOND}


def test_notices_and_tests_are_never_gathered():
    had = RecentTraffic(sent=sent(5, NOW - MINUTE), recent_pages={CRITICAL: 5}, waiting_since={CRITICAL: NOW})
    decided = plan([due(1, test=True), due(2, NOTICE), due(3)], had, NOW, RULES)
    assert numbers(decided) == [1, 2]
    assert decided.later == {CRITICAL: NOW + 15 * SECOND}


def test_more_reminders_than_may_leave_alone_leave_together_at_once():
    decided = plan(many(6, note=REMINDER), RecentTraffic(), NOW, RULES)
    assert (numbers(decided), decided.digest) == ([], {CRITICAL})
    few = plan(many(5, note=REMINDER), RecentTraffic(), NOW, RULES)
    assert numbers(few) == [1, 2, 3, 4, 5]
    storm = RecentTraffic(
        sent=[RecentSms(at=NOW, rank=CRITICAL, streak=2)], recent_pages={CRITICAL: 40}
    )  # it has its own times
    assert plan(many(50, note=REMINDER), storm, NOW, RULES).later == {CRITICAL: NOW + 4 * MINUTE}


def test_what_was_refused_leaves_at_once_on_the_next_number():
    had = RecentTraffic(sent=sent(5, NOW - MINUTE), recent_pages={CRITICAL: 5}, waiting_since={CRITICAL: NOW - SECOND})
    one = due(1, came=NOW - SECOND, phone=1)
    assert numbers(plan([replace(one, page=replace(one.page, due_at=NOW))], had, NOW, RULES)) == [1]
    assert plan(many(37, came=NOW - SECOND, phone=1), had, NOW, RULES).digest == {CRITICAL}


def test_without_a_rule_nothing_is_gathered():
    assert len(plan(many(100), RecentTraffic(), NOW, DigestRules(after=0, per_hour=0)).singles) == 100


@pytest.mark.parametrize(("after", "singles"), [(0, [1, 2, 3]), (5, [])])
def test_only_where_storms_count_what_goes_to_the_next_number_leaves_together(after, singles):
    decided = plan(many(3, phone=1), RecentTraffic(), NOW, DigestRules(after=after, per_hour=0))
    assert (numbers(decided), bool(decided.digest)) == (singles, not singles)


# --- OKs ---


def test_the_first_ok_leaves_at_once_and_the_next_a_minute_later_together():
    (ok,) = many(1, OKS[1])
    assert plan([ok], RecentTraffic(), NOW, RULES).oks
    had = RecentTraffic(sent=sent(1, NOW - 10 * SECOND, OKS[1]))
    assert plan([ok], had, NOW, RULES) == DigestPlan(later=dict.fromkeys({ok.page.priority}, NOW + 50 * SECOND))
    then = RecentTraffic(sent=sent(1, NOW - MINUTE, OKS[1]), waiting_since={OKS[1]: NOW - 50 * SECOND})
    assert plan([ok], then, NOW, RULES).oks


# --- how many in an hour ---


def test_beyond_the_limit_everything_is_gathered_until_an_hour_has_passed():
    full = RecentTraffic(sent=sent(30, NOW - 50 * MINUTE))
    decided = plan([*many(1), *many(1, WARNING), *many(1, OKS[1]), due(9, NOTICE)], full, NOW, RULES)
    assert (decided.singles, decided.digest, decided.oks) == ((), frozenset(), False)
    assert set(decided.later) == {CRITICAL, WARNING, OKS[1], NOTICE}
    later = plan(many(1), replace(full, waiting_since={CRITICAL: NOW}), NOW + 10 * MINUTE, RULES)
    assert later.digest == {CRITICAL}


def test_the_last_of_an_hour_are_kept_for_what_is_more_important():
    def left(room: int) -> RecentTraffic:
        return RecentTraffic(sent=sent(30 - room, NOW - 30 * MINUTE))

    assert numbers(plan(many(1, WARNING), left(11), NOW, RULES)) == [1]
    assert numbers(plan(many(1, WARNING), left(10), NOW, RULES)) == []
    assert not plan(many(1, OKS[1]), left(10), NOW, RULES).oks
    assert numbers(plan(many(1), left(11), NOW, RULES)) == [1]
    assert plan(many(1), left(10), NOW, RULES) == DigestPlan(
        digest=frozenset({CRITICAL})
    )  # leaves at once all the same
    assert plan(many(1), left(3), NOW, RULES) == DigestPlan(digest=frozenset({CRITICAL}))
    gathered = plan(many(1), left(2), NOW, RULES)
    assert (numbers(gathered), gathered.later) == ([], {CRITICAL: NOW + 15 * SECOND})
    assert numbers(plan([due(1, NOTICE)], left(6), NOW, RULES)) == [1]
    assert numbers(plan([due(1, NOTICE)], left(5), NOW, RULES)) == []
    waited = replace(left(1), waiting_since={CRITICAL: NOW - MINUTE})
    assert plan(many(1), waited, NOW, RULES).digest == {CRITICAL}
    waited = replace(left(5), waiting_since={WARNING: NOW - MINUTE})
    assert plan(many(1, WARNING), waited, NOW, RULES).digest == frozenset()


def test_what_comes_at_once_shares_what_is_left_of_the_hour():
    decided = plan(many(12), RecentTraffic(), NOW, replace(RULES, after=0, per_hour=9))
    assert (numbers(decided), decided.digest) == ([1, 2, 3, 4, 5, 6, 7], {CRITICAL})
    left = RecentTraffic(sent=sent(24, NOW - 30 * MINUTE))
    assert numbers(plan([due(1, NOTICE), due(2, NOTICE)], left, NOW, RULES)) == [1]


@pytest.mark.parametrize("before", [20, 27])
def test_once_only_the_reserve_is_left_a_critical_takes_along_all_that_waits(before):
    had = RecentTraffic(
        sent=sent(before, NOW - 55 * MINUTE), waiting_since={WARNING: NOW - MINUTE, OKS[1]: NOW - MINUTE}
    )
    decided = plan(many(1), had, NOW, RULES)
    assert (decided.singles, decided.digest) == ((), {CRITICAL, WARNING, *OKS})


def test_what_a_critical_took_along_makes_no_storm_of_criticals():
    """Each of the next ones leaves at once too, as long as there is room."""
    one = Person(RULES, sms=sent(20, NOW - 30 * MINUTE))
    one.live([(second, rank) for second in range(0, 1600, 200) for rank in (WARNING, CRITICAL)], 1700)
    assert [when for each, when, _ in one.left if each.page.priority == CRITICAL] == [
        NOW + second * SECOND for second in range(0, 1600, 200)
    ]


def test_a_digest_keeps_the_last_sms_of_a_small_limit_from_remarks_and_what_was_refused():
    few = DigestRules(per_hour=3)
    had = RecentTraffic(sent=sent(2, NOW - MINUTE))
    refused = due(2, WARNING, NOW - SECOND, phone=1)
    decided = plan([due(1), refused, due(3, NOTICE)], had, NOW, few)
    assert (numbers(decided), decided.digest) == ([], {CRITICAL, WARNING})
    assert set(decided.later) == {NOTICE}


# --- when nothing could leave for long, and when credits run out ---


def test_after_a_flood_everything_leaves_as_one():
    some = [*many(300), *many(3, WARNING), *many(40, OKS[0])]
    decided = plan(some, RecentTraffic(), NOW, RULES, flood=True)
    assert (decided.singles, decided.digest, decided.streak) == ((), {CRITICAL, WARNING, *OKS}, 0)
    assert not decided.oks


def test_the_last_credits_are_for_critical_pages():
    some = [due(1), due(2, WARNING), due(3, OKS[1]), due(4, NOTICE)]
    decided = plan(some, RecentTraffic(), NOW, RULES, critical_only=True)
    assert numbers(decided) == [1, 4]
    assert decided.later == {WARNING: NOW + MINUTE, **dict.fromkeys(OKS[1:], NOW + MINUTE)}


# --- whatever comes ---


@dataclass
class Person:
    """Somebody's day, planned as the door does it: the store is two lists."""

    rules: DigestRules
    queued: list[DueNotification] = field(default_factory=list)
    left: list[tuple[DueNotification, datetime, int]] = field(default_factory=list)  # page, when, which SMS
    sms: list[RecentSms] = field(default_factory=list)
    lone: set[int] = field(default_factory=set)

    def had(self, now: datetime) -> RecentTraffic:
        came = {
            rank: sum(
                1
                for each, _, _ in self.left
                if each.page.priority == rank and each.page.created_at > now - self.rules.within
            )
            for rank in PAGES
        }
        gathered = {}
        for each in self.queued:
            if each.page.due_at > now:
                gathered[each.page.priority] = min(
                    gathered.get(each.page.priority, each.page.created_at), each.page.created_at
                )
        return RecentTraffic(
            sent=[each for each in self.sms if each.at > now - HOUR], recent_pages=came, waiting_since=gathered
        )

    def step(self, now: datetime) -> None:
        ready = [each for each in self.queued if each.page.due_at <= now]
        if not ready:
            return
        decided = plan(ready, self.had(now), now, self.rules)
        for each in ready:
            places = [
                each in decided.singles,
                each.page.priority in decided.digest and each not in decided.singles,
                decided.oks and each.page.priority in OKS,
                each.page.priority in decided.later and each not in decided.singles,
            ]
            assert sum(places) == 1, (each, decided)
        assert all(when > now for when in decided.later.values())
        assert list(decided.singles) == sorted(decided.singles, key=lambda each: each.page.priority)
        for each in decided.singles:
            self._leave([each], now, 0)
            self.lone.add(each.page.id)
        if decided.digest:
            self._leave([each for each in self.queued if each.page.priority in decided.digest], now, decided.streak)
        if decided.oks:
            self._leave([each for each in self.queued if each.page.priority in OKS], now, 0)
        self.queued = [self._put_off(each, decided, now) for each in self.queued]

    def _put_off(self, each: DueNotification, decided: DigestPlan, now: datetime) -> DueNotification:
        if each.page.priority in decided.later and each.page.due_at <= now:
            return replace(each, page=replace(each.page, due_at=decided.later[each.page.priority]))
        return each

    def _leave(self, pages: Sequence[DueNotification], now: datetime, streak: int) -> None:
        assert pages
        self.sms.append(RecentSms(at=now, rank=min(each.page.priority for each in pages), streak=streak))
        ids = {each.page.id for each in pages}
        self.left += [(each, now, len(self.sms)) for each in pages]
        self.queued = [each for each in self.queued if each.page.id not in ids]

    def live(self, arrivals: Sequence[tuple[int, int]], until: int) -> None:
        """Let pages come (second, rank), and plan whenever one comes or a wait is over."""
        coming = sorted(arrivals)
        second = 0
        number = 0
        while second <= until:
            now = NOW + second * SECOND
            while coming and coming[0][0] <= second:
                number += 1
                self.queued.append(due(number, coming.pop(0)[1], now))
            self.step(now)
            waits = [int((each.page.due_at - NOW).total_seconds()) + 1 for each in self.queued]
            following = [*([coming[0][0]] if coming else []), *waits]
            if not following:
                return
            second = max(min(following), second + 1)


def _arrivals() -> st.SearchStrategy[list[tuple[int, int]]]:
    """Bursts, trickles and both: (second, rank)."""
    rank = st.sampled_from([*PAGES, *OKS])
    notice = st.builds(lambda when: [(when, NOTICE)], st.integers(0, 9000))
    burst = st.builds(lambda when, size, what: [(when, what)] * size, st.integers(0, 9000), st.integers(1, 40), rank)
    trickle = st.builds(
        lambda start, every, count, what: [(start + each * every, what) for each in range(count)],
        st.integers(0, 4000),
        st.integers(5, 400),
        st.integers(1, 60),
        rank,
    )
    return st.lists(st.one_of(burst, trickle, notice), min_size=1, max_size=5).map(
        lambda parts: list(chain.from_iterable(parts))
    )


RULES_ANY = st.builds(DigestRules, after=st.integers(1, 8), per_hour=st.sampled_from([1, 2, 5, 6, 10, 30, 60]))
DAY = 24 * 3600


@settings(max_examples=25, deadline=None)
@given(_arrivals(), RULES_ANY)
def test_every_page_leaves_once_and_nobody_gets_too_much(arrivals, rules):
    one = Person(rules)
    one.live(arrivals, DAY)
    assert not one.queued, "a page waits for ever"
    assert sorted(each.page.id for each, _, _ in one.left) == list(range(1, len(arrivals) + 1))
    times = [each.at for each in one.sms]
    for first, last in zip(times, times[rules.per_hour :], strict=False):
        assert last - first >= HOUR


MANY_CRITICAL = [(0, 0)] * 5 + [(82 + 156 * number, 0) for number in range(34)]


@settings(max_examples=25, deadline=None)
@given(_arrivals())
@example([(1204, NOTICE), *MANY_CRITICAL, *((132 + 135 * number, 0) for number in range(40))])
def test_no_page_waits_much_longer_than_an_hour(arrivals):
    """With the usual limit: at most the longest distance of digests, and an hour for room.

    A remark, which no other text can carry, leaves the last room to critical pages for as long as they come.
    """
    one = Person(RULES)
    one.live(arrivals, DAY)
    critical = [each.at for each in one.sms if each.rank == CRITICAL]
    for each, when, _ in one.left:
        before = [at for at in critical if each.page.priority == NOTICE and at < when]
        assert when - max([each.page.created_at, *before]) <= HOUR + 31 * MINUTE


LESSER = [(second, 3) for second in range(0, 900, 56)] + [(second, 2) for second in range(0, 910, 82)]


@settings(max_examples=25, deadline=None)
@given(_arrivals(), st.lists(st.integers(0, 9000), min_size=1, max_size=3, unique=True))
@example([*LESSER, (555, 1), (721, 1), (887, 1), (1053, 1)], [2856])
def test_a_critical_never_waits_because_of_lesser_ones(arrivals, criticals):
    lesser = [(when, rank) for when, rank in arrivals if rank != CRITICAL]
    one = Person(RULES)
    one.live([*lesser, *((when, CRITICAL) for when in criticals)], DAY)
    for each, when, sms in one.left:
        if each.page.priority == CRITICAL:
            assert when == each.page.created_at
            before = sum(other.at > when - HOUR for other in one.sms[: sms - 1])
            assert each.page.id in one.lone or before >= 20, "a digest although more than the reserve is left"


def trickle(every: int, until: int) -> Iterator[tuple[int, int]]:
    return ((second, CRITICAL) for second in range(0, until, every))


def test_a_trickle_of_two_hours_is_five_singles_and_a_few_digests():
    one = Person(RULES)
    one.live(list(trickle(10, 7200)), DAY)
    seconds = [int((each.at - NOW).total_seconds()) for each in one.sms]
    assert seconds[:5] == [0, 10, 20, 30, 40]
    assert seconds[5:] == [66, 187, 428, 909, 1870, 3670, 5470, 7271]
