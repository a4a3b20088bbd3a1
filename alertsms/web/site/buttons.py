"""What people can do about incidents with the buttons of a page."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from alertsms.core.incidents.acknowledge import AcknowledgedVia, AckOutcome, AckResult
from alertsms.logs import event
from alertsms.oncall.acknowledge import Acknowledgements

log = logging.getLogger("alertsms.web")

HOUR = timedelta(hours=1)
SILENCE_HOURS = 2

# Silences an incident (its number) in Alertmanager for so many hours in somebody's name, unless it began after a time;
# returns what came of it.
Silence = Callable[[int, float, str, datetime], str]


class PressedButton(StrEnum):
    """The value of a button."""

    TAKE = "take"  # I have it
    TAKE_ALL = "all"  # I have all that paged me, as a bare OK by SMS says
    SNOOZE_1 = "snooze1"  # I have it, but not before an hour
    SNOOZE_2 = "snooze2"
    RESOLVE = "resolve"  # it is over
    SILENCE = "silence"  # Alertmanager shall not mention it for two hours


_SNOOZES: Mapping[PressedButton, timedelta] = {PressedButton.SNOOZE_1: HOUR, PressedButton.SNOOZE_2: 2 * HOUR}


class IncidentButtons:
    """Does what a button says, in somebody's name."""

    def __init__(self, *, answering: Acknowledgements, silence: Callable[[], Silence | None]) -> None:
        """`silence` gives one where an Alertmanager is known, as of the last reload."""
        self._answering, self._silence = answering, silence

    @property
    def silences(self) -> bool:
        """Whether there is an Alertmanager to be silenced."""
        return self._silence() is not None

    def do(
        self, act: PressedButton, numbers: Collection[int], *, by: str, via: AcknowledgedVia, drawn: datetime
    ) -> str:
        """Do it, as far as what had begun when the page was `drawn`.

        Returns what there is to say beyond what the incidents show then. Raises StoreError.
        """
        if act is PressedButton.SILENCE:
            return self._silenced(numbers, by, drawn)
        if act is PressedButton.RESOLVE:
            return _back(self._answering.resolve(numbers, by=by, via=via, written=drawn))
        answer = self._answering.acknowledge(numbers, by=by, via=via, snooze=_SNOOZES.get(act), written=drawn)
        others = {
            outcome.by for outcome in answer.outcomes if outcome.result is AckOutcome.ALREADY and outcome.by != by
        }
        had = f"{' and '.join(sorted(others))} had it before you." if others else ""
        return " ".join(filter(None, (had, _back(answer))))

    def _silenced(self, numbers: Collection[int], by: str, drawn: datetime) -> str:
        """One at a time: each is a call to every Alertmanager, for which somebody waits."""
        silence = self._silence()
        if not silence or len(numbers) != 1:
            return "No Alertmanager is configured." if not silence else "Silence them one by one."
        (number,) = numbers
        event(log, logging.INFO, "silence asked for", incident=f"#{number}", by=by)
        return silence(number, SILENCE_HOURS, by, drawn)


def _back(answer: AckResult) -> str:
    """What an answer does not count for."""
    late = [f"#{outcome.number}" for outcome in answer.outcomes if outcome.result is AckOutcome.BACK]
    return (
        f"{' '.join(late)} came back after this page was drawn, or has an SMS of its own: look again." if late else ""
    )


def read(value: str) -> PressedButton | None:
    """The button that was pressed; None for what is none of ours."""
    return PressedButton(value) if value in set(PressedButton) else None
