"""Any sequence of bodies, against a second, smaller account of what an incident is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from alertsms.core.alerts.alert import Alert, AlertStatus
from alertsms.core.incidents.incident import IncidentState
from tests.core.night import DBA, MIDNIGHT, QUIET, Night, daily, fires, over, roster, route

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
QUIET_DBA = replace(DBA, repeat_interval=timedelta(0))

pauses = st.sampled_from([0, 1, 30, 59, 60, 119, 120, 121, 600, 899, 900, 901, 4000])
ages = st.sampled_from([None, 0, 1, 30, 90, 300, 1000])  # seconds before the body that carries it


@st.composite
def bodies(draw) -> list[tuple[int, list[tuple[bool, int, int | None]]]]:
    """Pauses in seconds, each followed by a body of entries: fires or not, which alert, how old its time is."""
    entries = st.tuples(st.booleans(), st.integers(0, 1), ages)
    return draw(st.lists(st.tuples(pauses, st.lists(entries, min_size=1, max_size=3)), min_size=1, max_size=12))


def alert(now: datetime, firing: bool, which: int, age: int | None) -> Alert:
    moment = None if age is None else now - age * SECOND
    made = (fires if firing else over)(None, instance=f"web-{which}")
    return replace(made, **{"starts_at" if firing else "ends_at": moment})


@dataclass
class Account:
    """What is known of one alert: whether it is open, since when by its own clock, how often it paged, if it flaps."""

    open: bool = False
    newest: datetime | None = None
    over_at: datetime | None = None  # its sender's end
    paged_at: datetime | None = None
    closed_at: datetime | None = None
    held_until: datetime | None = None
    pages: int = 0
    oks: int = 0
    closings: list[datetime] = field(default_factory=list)
    stable_at: datetime | None = None  # it flaps until then
    pausing: bool = False  # it flaps and is over for the moment
    flaps: int = 0

    def wait(self, now: datetime) -> None:
        if self.held_until and self.held_until <= now:
            self.page(self.held_until)
            self.held_until = None
        if self.stable_at and self.stable_at <= now:
            if self.pausing:
                self.open, self.closed_at = False, self.stable_at
                self.oks += 1
            self.stable_at, self.pausing = None, False

    def page(self, now: datetime) -> None:
        self.pages += 1
        self.paged_at = now

    def before(self, start: datetime | None) -> bool:
        """Whether a start lies before what ended."""
        known = [at for at in (self.newest,) if at and start and start <= at]
        return bool(known or (self.over_at and start and start < self.over_at))

    def anew(self, start: datetime | None) -> bool:
        """Whether a start says that an end was not posted."""
        if not self.open or self.held_until or self.pausing or not start or not self.newest:
            return False
        return start > max(self.newest, self.paged_at) + 5 * MINUTE

    def fire(self, start: datetime | None, now: datetime) -> None:
        if self.anew(start):
            self.closings = [at for at in self.closings if now - at < 60 * MINUTE] + [now]
            if self.stable_at or len(self.closings) >= 3:
                self.flaps += self.stable_at is None
                self.stable_at = now + 15 * MINUTE
            else:
                self.page(now)
        if self.pausing:
            self.pausing, self.stable_at, self.over_at = False, now + 15 * MINUTE, None
        fresh = self.closed_at is None or now - self.closed_at >= 15 * MINUTE
        if not self.open and self.before(start) and self.closed_at and now - self.closed_at < 2 * MINUTE:
            self.held_until = now + 2 * MINUTE
        elif (not self.open) or (self.held_until and start and not self.before(start)):
            self.held_until = None
            self.page(now)
            if not self.open and fresh:
                self.newest = None
                self.closings = []
            self.over_at = None
        self.open = True
        self.newest = max(filter(None, (self.newest, start)), default=None)

    def resolve(self, end: datetime | None, now: datetime) -> None:
        if not self.open or self.pausing or (end and self.newest and end < self.newest):
            return
        if not self.held_until:
            self.closings = [at for at in self.closings if now - at < 60 * MINUTE] + [now]
            if self.stable_at or len(self.closings) >= 3:
                self.flaps += self.stable_at is None
                self.pausing, self.stable_at, self.over_at = True, now + 15 * MINUTE, end
                return
        self.oks += not self.held_until
        self.open, self.held_until, self.closed_at, self.over_at = False, None, now, end


def contradicted(one: Alert, body: list[Alert]) -> bool:
    starts = [other.starts_at for other in body if other.key == one.key and other.status is AlertStatus.FIRING]
    return bool(starts) and (None in starts or one.ends_at is None or min(starts) <= one.ends_at)


def fired(pause: int, age: int | None) -> tuple[int, list[tuple[bool, int, int | None]]]:
    return pause, [(True, 0, age)]


def ended(pause: int, age: int | None) -> tuple[int, list[tuple[bool, int, int | None]]]:
    return pause, [(False, 0, age)]


# It flapped, was stable and over, and fires by a start before the end that its sender gave: a late copy, held.
FLAPPED = [fired(0, None), ended(0, None), fired(0, 0), fired(600, 0), ended(119, 0), fired(900, 1000)]


@settings(max_examples=150, deadline=None)
@example(FLAPPED)
@example([*FLAPPED, ended(0, None)])
@given(bodies())
def test_any_sequence_of_bodies_opens_closes_and_pages_as_the_account_says(sequence):
    tonight, now = Night(roster(route(QUIET))), MIDNIGHT + 12 * timedelta(hours=1)
    accounts: dict[bytes, Account] = {}
    for pause, entries in sequence:
        now += pause * SECOND
        body = [alert(now, *each) for each in entries]
        tonight.post(now, *body)
        for account in accounts.values():
            account.wait(now)
        expected = {one.key: accounts.setdefault(one.key, Account()) for one in body}
        oks = {key: account.oks for key, account in expected.items()}
        pages = {key: account.pages for key, account in expected.items()}
        for one in body:
            if one.status is AlertStatus.RESOLVED and not contradicted(one, body):
                expected[one.key].resolve(one.ends_at, now)
        for one in body:
            if one.status is AlertStatus.FIRING:
                expected[one.key].fire(one.starts_at, now)
        for key, account in expected.items():
            if account.pages > pages[key]:  # it is back: that stands for the OK
                account.oks = oks[key]
        known = tonight.known()
        for key, account in accounts.items():
            assert bool(key in known and known[key]["ops"].state is not IncidentState.CLOSED) is account.open
            assert key not in known or known[key]["ops"].latest_start == account.newest
    said = Counter(next((word for word in ("OK", "FLAPPING") if f" {word} " in line), "page") for line in tonight.said)
    assert said["FLAPPING"] == sum(account.flaps for account in accounts.values())
    assert said["page"] == sum(account.pages for account in accounts.values())
    assert said["OK"] == sum(account.oks for account in accounts.values())


TREES = [
    route(QUIET, "", route(QUIET, continue_=True), route(QUIET_DBA)),
    route(QUIET, "", route(QUIET, continue_=True, mute_time_intervals=daily("12:10", "12:40")), route(QUIET_DBA)),
    route(QUIET_DBA, "", route(QUIET, 'instance="web-1"')),
    route(QUIET, mute_time_intervals=daily("12:05", "13:00")),
    route(replace(QUIET, record_only=True)),
]


@settings(max_examples=100, deadline=None)
@given(bodies(), st.lists(st.sampled_from(TREES), min_size=3, max_size=3))
def test_whatever_the_routes_do_meanwhile_what_fires_is_open_and_pages_once(sequence, trees):
    tonight, now = Night(), MIDNIGHT + 12 * timedelta(hours=1)
    for number, (pause, entries) in enumerate(sequence):
        now += pause * SECOND
        tonight.roster = roster(trees[number % len(trees)])
        body = [alert(now, *each) for each in entries]
        tonight.until(now)
        before = tonight.known()
        decision = tonight.post(now, *body)  # asserts that no alert has two current incidents in a team
        known = tonight.known()
        for one in body:
            teams = [each.team.name for each in tonight.roster.assign(one.labels, now)]
            if one.status is AlertStatus.FIRING:
                assert all(known[one.key][team].state is not IncidentState.CLOSED for team in teams)
            elif not contradicted(one, body):
                for team, was in before.get(one.key, {}).items():
                    older = bool(one.ends_at and was.latest_start and one.ends_at < was.latest_start)
                    back = any(one.key == other.key and other.status is AlertStatus.FIRING for other in body)
                    left = known[one.key][team]
                    assert older or back or left.state is IncidentState.CLOSED or (left.flap_due_at and left.closed_at)
        for (key, team), change in decision.changes.items():
            was = before.get(key, {}).get(team)
            if was and was.state in (IncidentState.OPEN, IncidentState.ACKNOWLEDGED) and change.closes is None:
                assert not change.pages
