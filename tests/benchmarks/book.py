"""What was measured, round by round, and the table it makes: floors, ours, ratio, median and spread."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


def quantile(values: Sequence[float], share: float) -> float:
    """The value that `share` of them do not exceed; nan of nothing."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else float("nan")


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One row of the table."""

    name: str
    ours: str  # the name of a measure
    unit: str
    floor: str = ""  # the name of the measure it is compared with, round by round
    most: float | None = None  # the goal, of our figure
    most_ratio: float | None = None  # or of the ratio
    least_ratio: float | None = None


class Book:
    """Measures by name; each round adds a value."""

    def __init__(self) -> None:
        self._values: defaultdict[str, list[float]] = defaultdict(list)

    def note(self, name: str, value: float) -> None:
        self._values[name].append(value)

    def table(self, lines: Sequence[Line]) -> str:
        """The lines that were measured."""
        head = ["what", "floor", "ours", "min .. max", "unit", "ratio", "min .. max", "goal", ""]
        rows = [head, *(self._row(line) for line in lines if self._values[line.ours])]
        widths = [max(len(row[at]) for row in rows) for at in range(len(head))]
        ruled = [rows[0], ["-" * width for width in widths], *rows[1:]]
        return "\n".join(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in ruled
        )

    def _row(self, line: Line) -> list[str]:
        ours, floors = self._values[line.ours], self._values[line.floor]
        ratios = [mine / floor for mine, floor in zip(ours, floors, strict=False) if floor]
        goal, reached = _goal(line, median(ours), median(ratios) if ratios else float("nan"))
        return [
            line.name,
            _short(median(floors)) if floors else "",
            _short(median(ours)),
            _spread(ours),
            line.unit,
            _short(median(ratios)) if ratios else "",
            _spread(ratios) if ratios else "",
            goal,
            reached,
        ]


def _goal(line: Line, ours: float, ratio: float) -> tuple[str, str]:
    kept: list[bool] = []
    words: list[str] = []
    for most, value, word in ((line.most, ours, line.unit), (line.most_ratio, ratio, "x floor")):
        if most is not None:
            words.append(f"<= {most:g} {word}")
            kept.append(value <= most)
    if line.least_ratio is not None:
        words.append(f">= {line.least_ratio:g} x floor")
        kept.append(ratio >= line.least_ratio)
    return ", ".join(words), ("" if not kept else "ok" if all(kept) else "SHORT")


def _short(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 20 else f"{value:.2f}"


def _spread(values: Sequence[float]) -> str:
    return f"{_short(min(values))} .. {_short(max(values))}"
