"""A replica is killed, or stands still, with calls to OVHcloud in flight: what it was sending leaves by another one."""

from __future__ import annotations

import signal
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, text

from tests.conftest import BOTH
from tests.reliability.driver import Alert
from tests.reliability.line import Cut, Line
from tests.reliability.replica_files import Pair, replicas, stop

pytestmark = pytest.mark.parametrize("url", BOTH[1:], indirect=True)
NAMES = [f"p{number}" for number in range(4)]  # each has four calls in flight at most
PLAN = {
    "people": {name: f"+3361200000{number}" for number, name in enumerate(NAMES)},
    "teams": {name: {"page": [name]} for name in NAMES},
    "route": {"team": "p0", "routes": [{"matchers": [f'for="{name}"'], "team": name} for name in NAMES]},
}
AT_ONCE, BOUND, STILL = 16, 50.0, 75.0


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
def test_what_is_in_flight_with_it(tmp_path, url, phones, short, report, how):
    if short and how is signal.SIGSTOP:
        pytest.skip("a lease is 30 s: the short form has one of both")
    latest, began, total = 0.0, time.monotonic(), 0
    for number in range(1 if short else 4):
        phones.reset()
        latest = max(latest, in_flight(tmp_path / str(number), url, phones, how))
        total += AT_ONCE
    word = "killed" if how is signal.SIGKILL else "stopped"
    report.count(
        f"in flight with a {word} replica: the latest left after {latest:.0f} s", total, time.monotonic() - began
    )
    assert latest <= BOUND


def in_flight(folder, url, phones, how) -> float:
    """Seconds from the end of the owner to the last SMS of what it had in flight."""
    folder.mkdir()
    line = Line(phones.port)
    owner, other = replicas(2, folder, url, phones, PLAN)
    try:
        owner.process.kill()
        owner.endpoint = f"{line.url}/1.0"
        owner.write(PLAN)
        owner.start()
        line.cut(Cut.SILENT)  # its calls arrive nowhere
        other.process.send(signal.SIGSTOP)
        at = datetime.now(UTC) - timedelta(minutes=1)
        alerts = [Alert(name=f"A{n:02}x{folder.name}", person=NAMES[n % 4], starts_at=at) for n in range(AT_ONCE)]
        pair = Pair([owner])
        pair.post(alerts, 0.0)
        sending(url, AT_ONCE)
        owner.process.send(how)
        other.process.send(signal.SIGCONT)
        ended = time.time()
        while time.time() < ended + BOUND + 10 and len(phones.messages()) < AT_ONCE:
            time.sleep(0.5)
        if how is signal.SIGSTOP:
            line.cut(Cut.NONE)
            time.sleep(max(ended + STILL - time.time(), 0))
            owner.process.send(signal.SIGCONT)
            time.sleep(5)  # it wakes, and finds that all of it is another's
        got = Counter(sms.text.split()[1] for sms in phones.messages())
        assert got == {alert.name: 1 for alert in alerts}
        return max(sms.at for sms in phones.messages()) - ended
    finally:
        owner.process.send(signal.SIGCONT)
        stop([owner, other])
        line.close()


def sending(url: str, count: int) -> None:
    """Wait until so many messages are in flight."""
    engine, until = create_engine(url), time.monotonic() + 20
    query = text("SELECT count(*) FROM messages WHERE state = 'sending'")
    while time.monotonic() < until:
        with engine.connect() as connection:
            if connection.scalar(query) == count:
                engine.dispose()
                return
        time.sleep(0.1)
    raise AssertionError("not all came in flight")
