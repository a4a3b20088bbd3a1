"""Long nights made up from seeds, on a simulated clock: all parts and all faults together, then quiet."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.conftest import RAM
from tests.support.nights import Night, told


def test_any_night_ends_with_nothing_lost_doubled_or_stuck(migrated_file, short, seed):
    nights = 10 if short else 300
    wrong = {each: found for each in range(seed, seed + nights) if (found := _night(migrated_file, each))}
    assert not wrong, "\n".join(f"seed {each}: {told(found)}" for each, found in wrong.items())


def _night(migrated_file: Path, seed: int) -> list[str]:
    with TemporaryDirectory(dir=RAM, prefix="alertsms-night-") as folder:
        shutil.copy(migrated_file, f"{folder}/alertsms.db")
        night = Night(f"sqlite:///{folder}/alertsms.db", seed)
        night.spend(30)
        found = night.wrongs(over=False)
        night.end()
        found += night.wrongs(over=True)
        night.close()
        return found
