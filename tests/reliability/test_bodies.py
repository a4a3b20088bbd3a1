"""Whatever is posted, by the hundred thousand: alerts or a sentence, never a crash, never a hang."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

from tests.core.test_payload_any import AM, FIELDS, GOOD, GRAFANA, json_values, survives

HANG = 10.0  # seconds for one body of a few kilobytes; it takes a millisecond
ENTRIES = st.dictionaries(st.sampled_from(FIELDS), json_values) | json_values
DAMAGES = st.lists(st.tuples(st.integers(0, 2000), st.binary(max_size=4)), min_size=1, max_size=5)


def entries(sender: dict[str, object], alerts: list[object]) -> bytes:
    return json.dumps({**sender, "alerts": alerts}).encode()


def damaged(raw: bytes, damages: list[tuple[int, bytes]]) -> bytes:
    for at, piece in damages:
        raw = raw[:at] + piece + raw[at + 1 :]
    return raw


# What is posted, and how many of a hundred are so: a body is made ten times as quickly from bytes as from JSON.
BODIES = {
    "any JSON": (ENTRIES.map(lambda value: json.dumps(value).encode()), 15),
    "any entries": (st.builds(entries, st.sampled_from([AM, GRAFANA]), st.lists(ENTRIES, max_size=3)), 15),
    "damaged bodies": (st.builds(damaged, st.sampled_from(GOOD), DAMAGES), 40),
    "any bytes": (st.binary(max_size=400), 30),
}


@pytest.mark.parametrize("kind", BODIES)
def test_any_body_gives_alerts_or_a_sentence(kind, report, short, seed):
    bodies, share = BODIES[kind]
    count = (5_000 if short else 200_000) * share // 100
    began = time.monotonic()
    slowest, tried = trial(bodies, count, seed)
    report.count(f"random bodies: {kind}", tried, time.monotonic() - began)
    assert tried >= count
    assert slowest < HANG


def trial(bodies: st.SearchStrategy[bytes], count: int, seed: int) -> tuple[float, int]:
    """Parse so many; the seconds of the slowest, and how many there were."""
    took: list[float] = []

    def parse(raw: bytes) -> None:
        began = time.monotonic()
        survives(raw)
        took.append(time.monotonic() - began)

    test: Callable[[], None] = given(bodies)(parse)
    # Hypothesis stops where it has seen all; without its store of failures each run is as long as the others.
    test = settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck))(test)
    seeded(seed)(test)()
    return max(took), len(took)
