"""What people can do about incidents with the buttons of a page."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from enum import StrEnum

from alertsms.answering import Answering
from alertsms.core.acknowledge import Result, Via
from alertsms.logs import event

log = logging.getLogger("alertsms.web")

HOUR = timedelta(hours=1)
SILENCE_HOURS = 2

# Silences an incident (its number) in Alertmanager for so many hours in somebody's name; returns what came of it.
Silence = Callable[[int, float, str], str]


class Act(StrEnum):
    """The value of a button."""

    TAKE = "take"  # I have it
    SNOOZE_1 = "snooze1"  # I have it, but not before an hour
    SNOOZE_2 = "snooze2"
    RESOLVE = "resolve"  # it is over
    SILENCE = "silence"  # Alertmanager shall not mention it for two hours


_SNOOZES: Mapping[Act, timedelta] = {Act.SNOOZE_1: HOUR, Act.SNOOZE_2: 2 * HOUR}


class Acts:
    """Does what a button says, in somebody's name."""

    def __init__(self, *, answering: Answering, silence: Callable[[], Silence | None]) -> None:
        """`silence` gives one where an Alertmanager is known, as of the last reload."""
        self._answering, self._silence = answering, silence

    @property
    def silences(self) -> bool:
        """Whether there is an Alertmanager to be silenced."""
        return self._silence() is not None

    def do(self, act: Act, numbers: Collection[int], *, by: str, via: Via) -> str:
        """Do it; returns what there is to say beyond what the incidents show then. Raises StoreError."""
        if act is Act.SILENCE:
            return self._silenced(numbers, by)
        if act is Act.RESOLVE:
            self._answering.resolve(numbers, by=by, via=via)
            return ""
        answer = self._answering.acknowledge(numbers, by=by, via=via, snooze=_SNOOZES.get(act))
        others = {each.by for each in answer.outcomes if each.result is Result.ALREADY and each.by != by}
        return f"{' and '.join(sorted(others))} had it before you." if others else ""

    def _silenced(self, numbers: Collection[int], by: str) -> str:
        """One at a time: each is a call to every Alertmanager, for which somebody waits."""
        silence = self._silence()
        if not silence or len(numbers) != 1:
            return "No Alertmanager is configured." if not silence else "Silence them one by one."
        (number,) = numbers
        event(log, logging.INFO, "silence asked for", incident=number, by=by)
        return silence(number, SILENCE_HOURS, by)


def read(value: str) -> Act | None:
    """The button that was pressed; None for what is none of ours."""
    return Act(value) if value in set(Act) else None
