"""Nights that nobody thought up: each seed is another one, and in the morning nothing is lost, doubled or stuck."""

from __future__ import annotations

import pytest

from tests.support.nights import Night, told

SHORT = 7  # things that happen before all is quiet; the drills have longer nights, and more of them


@pytest.mark.parametrize(
    "seed", [*range(6), *(pytest.param(seed, marks=pytest.mark.one_store) for seed in range(6, 12))]
)
def test_after_any_night_everybody_has_heard_of_everything_once(url, seed):
    night = Night(url, seed)
    night.spend(SHORT)
    found = night.wrongs(over=False)
    night.end()
    found += night.wrongs(over=True)
    night.close()
    assert not found, f"seed {seed}: {told(found)}\n{night.said}"
