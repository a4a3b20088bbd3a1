"""The file changes at one replica after the other, and one is left behind: no page goes to yesterday's people."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, select

from alertsms.store.schema import heartbeats
from tests.conftest import BOTH
from tests.reliability.driver import Alert
from tests.reliability.replica_files import Pair, Replica, replicas, stop

pytestmark = pytest.mark.parametrize("url", BOTH[1:], indirect=True)
ALICE, BOB, CAROL, DAVE, ERIN = (f"+3361200000{number}" for number in range(5))


def plan(people: Mapping[str, str], teams: Mapping[str, str], beat: str) -> Mapping[str, object]:
    return {
        "people": people,
        "teams": {team: {"page": [name], "rounds": 1} for team, name in teams.items()},
        "route": {"team": "all", "routes": [{"matchers": [f'for="{team}"'], "team": team} for team in teams]},
        "heartbeats": [{"name": beat, "every": "1h", "grace": "1h"}],
    }


BEFORE = plan({"alice": ALICE, "bob": BOB, "erin": ERIN}, {"all": "alice", "db": "bob", "old": "erin"}, "nightly")
AFTER = plan({"alice": ALICE, "carol": CAROL, "dave": DAVE}, {"all": "alice", "db": "carol", "new": "dave"}, "hourly")
PHONES = {  # of what an alert is for: before and after
    "all": (ALICE, ALICE),
    "db": (BOB, CAROL),
    "new": (ALICE, DAVE),
    "old": (ERIN, ALICE),
}
REACHES = 2.0  # seconds from a reload until all know of it
UNSENT = 4.0  # seconds: what was taken so shortly before a reload may leave by the file after it


@pytest.fixture
def three(tmp_path, url, phones) -> Iterator[list[Replica]]:
    built = replicas(3, tmp_path, url, phones, BEFORE)
    yield built
    stop(built)


def beats(url: str) -> set[str]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = set(connection.execute(select(heartbeats.c.name)).scalars())
    engine.dispose()
    return found


def allowed(taken: list[float], what: str, changed: float) -> set[str]:
    """Whom an alert may page, by when its copies were taken."""
    before, after = PHONES[what]
    sets = set()
    if min(taken) < changed + REACHES:
        sets.add(before)
    if max(taken) > changed - UNSENT:
        sets.add(after)
    return sets


def test_a_rolling_change_with_one_left_behind_pages_no_wrong_phone(three, url, phones, size, short, report):
    count, began = size(60, 500), time.monotonic()
    at = datetime.now(UTC) - timedelta(minutes=1)
    fired = [Alert(name=f"A{n:05}", person=list(PHONES)[n % 4], starts_at=at) for n in range(count)]
    parts, every = [fired[n * count // 4 : (n + 1) * count // 4] for n in range(4)], 0.1 if short else 0.25
    one, two, late = three
    pair = Pair(three)
    pair.post(parts[0], every)

    changed = time.time()
    one.write(AFTER)
    one.reload()
    pair.post(parts[1][: len(parts[1]) // 2], every)
    two.write(AFTER)
    two.reload()
    pair.post(parts[1][len(parts[1]) // 2 :], every)

    late.process.kill()  # and its start changes nothing
    late.process.start()
    pair.post(parts[2], every if short else 600 / len(parts[2]))
    late.process.until(lambda: "its file is older than the one that" in late.get("/-/ready").text)
    assert beats(url) == {"hourly"}

    late.write(AFTER)  # found without a word, where there is time for that
    if short:
        late.reload()
    late.process.until(lambda: late.get("/-/ready").ok)
    pair.post(parts[3], every)
    pair.end()

    kind = {alert.name: alert.person for alert in fired}
    assert all(pair.taken.values()), [name for name, taken in pair.taken.items() if not taken]
    deadline = time.monotonic() + (20 if short else 120)
    while time.monotonic() < deadline:
        got = Counter((name, sms.receiver) for sms in phones.messages() for name in re.findall(r"A\d{5}", sms.text))
        lost = set(kind) - {name for name, _ in got}
        if not lost:
            break
        time.sleep(0.5)
    wrong = [
        (name, kind[name], receiver)
        for name, receiver in got
        if receiver not in allowed(pair.taken[name], kind[name], changed)
    ]
    doubled = [pair_ for pair_, times in got.items() if times > 1]
    report.count(
        "the file changes at one replica after the other, one is left behind",
        count,
        time.monotonic() - began,
        sms=got.total(),
        lost=len(lost),
        doubled=len(doubled),
    )
    assert (lost, doubled, wrong) == (set(), [], [])
