from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertsms.core.routing.duration import DurationError, canonical_duration, format_duration, parse_duration

READ = {
    "0": timedelta(),
    "0s": timedelta(),
    "500ms": timedelta(milliseconds=500),
    "45s": timedelta(seconds=45),
    "5m": timedelta(minutes=5),
    "005m": timedelta(minutes=5),
    "90m": timedelta(minutes=90),
    "1h30m": timedelta(minutes=90),
    "2d": timedelta(days=2),
    "2w": timedelta(days=14),
    "1y": timedelta(days=365),
    "1y2w3d4h5m6s7ms": timedelta(days=382, hours=4, minutes=5, seconds=6, milliseconds=7),
    "292y": timedelta(days=292 * 365),
}


@pytest.mark.parametrize("text", READ)
def test_a_duration_is_numbers_with_units_from_large_to_small(text):
    assert parse_duration(text) == READ[text]


REFUSED = {
    "": "empty, write a duration such as 5m",
    " ": "empty, write a duration such as 5m",
    "5": '"5" has no unit, write 5s if seconds were meant, 5m if minutes',
    "-5m": '"-5m" is negative, write 5m',
    "-": '"-" is negative',
    "1.5h": '"1.5h" is not a duration, write 1h30m',
    "5 min": '"5 min" is not a duration, write 5m',
    "90 seconds": '"90 seconds" is not a duration, write 1m30s',
    "2 days, 3 hours": '"2 days, 3 hours" is not a duration, write 2d3h',
    "30m1h": '"30m1h" is not a duration, write 1h30m',
    "5m5m": '"5m5m" is not a duration, write 10m',
    "1h ": '"1h " is not a duration, write 1h',
    "1h\n": '"1h\n" is not a duration, write 1h',
    "1H": '"1H" is not a duration, write 1h',
    "5 parsecs": '"5 parsecs" is not a duration, write numbers with units such as 30s, 5m, 1h30m or 2d',
    "soon": '"soon" is not a duration, write numbers with units such as 30s, 5m, 1h30m or 2d',
    "٣m": '"٣m" is not a duration, write numbers with units such as 30s, 5m, 1h30m or 2d',
    "293y": '"293y" is too long, write at most 292y',
    "999 years": '"999 years" is not a duration, write numbers with units such as 30s, 5m, 1h30m or 2d',
    "9" * 5000 + "m": "too long for a duration, write for example 5m",
}


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: text[:20])
def test_what_is_no_duration_is_answered_with_what_to_write(text):
    with pytest.raises(DurationError) as refused:
        parse_duration(text)
    assert str(refused.value) == REFUSED[text]


CANONICAL = {
    timedelta(): "0s",
    timedelta(minutes=90): "1h30m",
    timedelta(days=14): "2w",
    timedelta(days=90): "90d",
    timedelta(days=730): "2y",
    timedelta(hours=36): "1d12h",
    timedelta(milliseconds=1500): "1s500ms",
    timedelta(microseconds=999): "0s",
}


@pytest.mark.parametrize("duration", CANONICAL)
def test_a_duration_is_written_in_its_shortest_readable_form(duration):
    assert canonical_duration(duration) == CANONICAL[duration]


@given(st.integers(0, 292 * 365 * 86_400_000))
@settings(max_examples=200)
def test_what_is_written_reads_back(milliseconds):
    duration = timedelta(milliseconds=milliseconds)
    assert parse_duration(canonical_duration(duration)) == duration


TOLD = {
    timedelta(seconds=-3): "0 s",
    timedelta(): "0 s",
    timedelta(seconds=45, milliseconds=900): "45 s",
    timedelta(seconds=60): "1 min",
    timedelta(minutes=12, seconds=59): "12 min",
    timedelta(minutes=59, seconds=59): "59 min",
    timedelta(hours=1): "1 h",
    timedelta(hours=3, minutes=5): "3 h 5 min",
    timedelta(hours=23, minutes=59, seconds=59): "23 h 59 min",
    timedelta(days=2): "2 d",
    timedelta(days=2, hours=4, minutes=59): "2 d 4 h",
    timedelta(days=2, minutes=59): "2 d",
}


@pytest.mark.parametrize("duration", TOLD)
def test_a_text_tells_two_units_at_most_rounded_down(duration):
    assert format_duration(duration) == TOLD[duration]
