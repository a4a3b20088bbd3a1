"""What people can do about incidents with the buttons of a page."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from alertsms.context import Context
from alertsms.core.incidents.acknowledge import AcknowledgedVia, AckOutcome
from alertsms.logs import event
from alertsms.oncall.acknowledge import Acknowledgements
from alertsms.oncall.alertmanager import Silences

log = logging.getLogger("alertsms.web")

HOUR = timedelta(hours=1)
SILENCE = 2 * HOUR


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

    def __init__(self, *, context: Context, acknowledgements: Acknowledgements, silences: Silences) -> None:
        self._config, self._acknowledgements, self._silences = context.config, acknowledgements, silences

    @property
    def can_silence(self) -> bool:
        """Whether there is an Alertmanager to silence incidents in."""
        return self._config.current.alertmanager is not None

    def do(
        self, act: PressedButton, numbers: Collection[int], *, by: str, via: AcknowledgedVia, drawn: datetime
    ) -> str:
        """Do it, as far as what had begun when the page was `drawn`.

        Returns what there is to say beyond what the incidents show then. Raises StoreError.
        """
        if act is PressedButton.SILENCE:
            return self._silenced(numbers, by, drawn)
        resolves = act is PressedButton.RESOLVE
        result = self._acknowledgements.acknowledge(
            numbers, by=by, via=via, written=drawn, snooze=_SNOOZES.get(act), resolves=resolves
        )
        others = {
            outcome.by
            for outcome in result.outcomes
            if outcome.result is AckOutcome.ALREADY and outcome.by != by and not resolves
        }
        late = [f"#{outcome.number}" for outcome in result.outcomes if outcome.result is AckOutcome.BACK]
        words = [f"{' and '.join(sorted(others))} had it before you."] if others else []
        if late:
            words.append(f"{' '.join(late)} came back after this page was drawn, or has an SMS of its own: look again.")
        return " ".join(words)

    def _silenced(self, numbers: Collection[int], by: str, drawn: datetime) -> str:
        """One at a time: each is a call to every Alertmanager, for which somebody waits."""
        if not self.can_silence:
            return "No Alertmanager is configured."
        if len(numbers) != 1:
            return "Silence them one by one."
        (number,) = numbers
        event(log, logging.INFO, "silence asked for", incident=f"#{number}", by=by)
        return self._silences.silence(number, length=SILENCE, by=by, written=drawn).words


def read(value: str) -> PressedButton | None:
    """The button that was pressed; None for what is none of ours."""
    return PressedButton(value) if value in set(PressedButton) else None
