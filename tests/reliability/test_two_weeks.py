"""Two weeks of on-call work, the end of summer time among them: every incident ends, and nobody is paged in vain.

Five people in three teams answer by chance, by link, SMS or API, or not at all; phones are off, OVHcloud is down,
teams are paused, alertsms is killed. A judge who has the calendar and what the phones, the sandbox and the channels
saw reckons for each incident, page by page:

* whom each step, round, nudge and reminder paged, and when; when the fallback was told, and whom its team paged;
* that nobody was paged while somebody had it, after its end, during a pause, or twice for one thing;
* that every answer counted, that others heard who has it, and that those who must hear of the end did, once.

An outage or a pause excuses being late, never a wrong person or a second page. Alerts that come and go, and those of
two teams, are judged less: no page in vain, each person through one team, each incident to its end. Not judged: the
words of a text but for the alert's name, digests as such (tests/delivery/test_storm.py), and the time on a phone's way.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

from tests.reliability.fortnight import Fortnight
from tests.reliability.verdict import Verdict

FULL = {"begins": datetime(2026, 10, 19, 6, tzinfo=UTC), "days": 14.0, "many": 2000}
# Summer time ends, and the one who stands in, and first thing in the morning whoever is on call hands over.
SHORT = {"begins": datetime(2026, 10, 25, 0, 45, tzinfo=UTC), "days": 0.35, "many": 25}


def test_every_incident_ends_and_nobody_is_paged_who_need_not_be(file_url, report, short, seed):
    began = time.monotonic()
    fortnight = Fortnight(file_url, seed, **(SHORT if short else FULL))
    fortnight.live()
    verdict = Verdict(fortnight)
    wrongs = verdict.wrongs()
    fortnight.close()
    report.count(
        "days of on-call work",
        len(fortnight.lives),
        time.monotonic() - began,
        sms=len(fortnight.sandbox.accepted),
        lost=len(verdict.lost),
        doubled=len(verdict.doubled),
    )
    report.notes += verdict.table()
    assert not wrongs, f"seed {seed}: {len(wrongs)}\n" + "\n".join(wrongs[:20])
