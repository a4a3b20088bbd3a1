"""What one rendering of a template may take: steps, processor time, and the size of each value and of the text."""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterator, KeysView, ValuesView
from itertools import islice
from typing import Any

from jinja2.runtime import Undefined

TEXT_MOST = 10_000  # characters of one text
ITEMS_MOST = 10_000  # values in a list, those in its lists counted too
WEIGHT_MOST = 400_000  # characters in a list
BITS_MOST = 128  # of a whole number
WRITTEN_MOST = 10_000  # characters written before the rendering is stopped
STEPS_MOST = 50_000  # a text of an SMS takes a hundred
SECONDS_MOST = 0.5  # of this thread's processor time: a busy machine changes no text

Spent = Callable[[], float]  # seconds of the processor that this thread has had: `time.thread_time`


class TemplateError(ValueError):
    """A template that cannot be used, or gave no text for this alert; the sentence says why."""


class RenderBudget:
    """What one rendering may still take."""

    def __init__(self, spent: Spent) -> None:
        self._spent, self._until = spent, spent() + SECONDS_MOST
        self._steps, self._characters = STEPS_MOST, WRITTEN_MOST

    def step(self) -> None:
        """Count a step. Raises TemplateError when it is one too many, or too late."""
        self._steps -= 1
        if self._steps < 0:
            raise TemplateError(f"more than {STEPS_MOST} steps: it would run for too long")
        if self._spent() > self._until:
            raise TemplateError(f"more than {SECONDS_MOST} s of the processor: it would run for too long")

    def hold(self, value: object) -> object:
        """Count a step and its result, which must be small and of a kind that a text can be made of."""
        self.step()
        if isinstance(value, Iterator | KeysView | ValuesView | ItemsView):
            value = list(islice(value, ITEMS_MOST + 1))
        weigh(value)
        return value

    def each(self, values: Any) -> Iterator[object]:  # noqa: ANN401
        """Count each round of a loop."""
        for value in values:
            self.step()
            yield value

    def written(self, value: object) -> str:
        """Count what is written."""
        self.step()
        text = str(value)
        self._characters -= len(text)
        if self._characters < 0:
            raise TemplateError(f"more than {WRITTEN_MOST} characters written")
        return text


def weigh(value: object) -> None:
    """Raise TemplateError for a value that is too large: a list in lists is counted as often as it is shown."""
    items, weight, waiting = 0, 0, [value]
    while waiting:
        part = waiting.pop()
        size = _size(part)
        if isinstance(part, list | tuple | dict):
            items += size
            waiting += [*part, *part.values()] if isinstance(part, dict) else part
        else:
            weight += size
        if items > ITEMS_MOST or weight > WEIGHT_MOST:
            raise TemplateError(f"a list of more than {ITEMS_MOST} values or {WEIGHT_MOST} characters")


def _size(value: object) -> int:
    """How much of a text or list there is. Raises TemplateError for what is too large by itself, or neither."""
    match value:
        case int():
            if value.bit_length() > BITS_MOST:
                raise TemplateError(f"a number of more than {BITS_MOST} bits")
            return 1
        case str():
            if len(value) > TEXT_MOST:
                raise TemplateError(f"a text of more than {TEXT_MOST} characters")
            return len(value)
        case list() | tuple() | dict():
            if len(value) > ITEMS_MOST:
                raise TemplateError(f"a list of more than {ITEMS_MOST} values")
            return len(value)
        case float() | None | Undefined():
            return 1
    raise TemplateError(f"a template of an SMS has no use for {type(value).__name__}")
