"""What the others are told when somebody has it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from alertsms.core.alerts.alert import Severity
from alertsms.core.incidents.incident import Incident, IncidentReason, IncidentState
from alertsms.core.text.digest import taken

NOW = datetime(2026, 3, 3, 2, 10, tzinfo=UTC)


def one(number: int, severity: Severity = Severity.CRITICAL, name: str = "HighCPU", place: str = "web") -> Incident:
    return Incident(
        id=number,
        key=b"k" * 16,
        team="ops",
        state=IncidentState.ACKNOWLEDGED,
        reason=IncidentReason.ACKNOWLEDGED,
        severity=severity,
        labels={"alertname": name},
        place=place,
        opened_at=NOW,
        last_seen_at=NOW,
    )


LONG = [one(number, name=f"a-rather-long-name-{number}", place="a-rather-long-place") for number in range(1, 6)]
THREE = ", ".join(f"#{number} a-rather-long-name-{number} a-rather-long-place" for number in (1, 2, 3))
INFO, CRITICAL = one(1, Severity.INFO), one(2)


@pytest.mark.parametrize(
    ("by", "ones", "hours", "segments", "expected"),
    [
        ("bob", [CRITICAL], None, 1, "bob has it: HighCPU web #2"),
        ("bob", [CRITICAL], 2, 1, "bob has it for 2 h: HighCPU web #2"),
        ("bob", [INFO, CRITICAL], None, 1, "bob has 2: #2 HighCPU web, #1 HighCPU web"),
        ("bob", [one(3), CRITICAL], 2, 1, "bob has 2 for 2 h: #2 HighCPU web, #3 HighCPU web"),
        ("\u200b", [one(3), CRITICAL], None, 1, "somebody has 2: #2 HighCPU web, #3 HighCPU web"),
        ("bob", LONG[:4], None, 1, f"bob has 4: {THREE}, 1 other"),
        ("bob", LONG, None, 1, f"bob has 5: {THREE}, 2 others"),
        ("bob", LONG[:4], None, 2, f"bob has 4: {THREE}, #4 a-rather-long-name-4 a-rather-long-place"),
    ],
)
def test_the_words(by, ones, hours, segments, expected):
    length = timedelta(hours=hours) if hours else None
    assert taken(by, ones, length=length, max_segments=segments) == expected
