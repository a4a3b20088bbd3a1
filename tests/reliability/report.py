"""One form for all rows: a table at the end of a run, and a file of Markdown rows where one is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.reliability.tally import Tally

HEADINGS = ("alerts", "SMS", "lost", "doubled", "copies", "late", "p50 s", "slowest s", "took s")
NOTHING = "-"


@dataclass(kw_only=True, slots=True)
class Report:
    """The rows of a run. A row is one drill; figures that it does not have are a dash."""

    file: Path | None = None  # Markdown rows are added to it as they come
    command: str = ""
    rows: list[tuple[str, ...]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # tables of drills that have one of their own

    def add(self, name: str, tally: Tally, seconds: float, *, clock: bool = True) -> None:
        """A drill's row; `clock` says that its waits are those of a running system, not of a simulation's queue."""
        counts = (tally.alerts, tally.sms, len(tally.lost), len(tally.doubled), tally.copies)
        waits = (str(tally.late), f"{tally.wait(0.5):.2f}", f"{tally.slowest:.1f}") if clock else (NOTHING,) * 3
        self._put((name, *map(str, counts), *waits, f"{seconds:.0f}"))

    def count(
        self, name: str, alerts: int, seconds: float, *, sms: int | str = NOTHING, lost: int = 0, doubled: int = 0
    ) -> None:
        """The row of a drill whose outcome is no tally."""
        cells = (alerts, sms, lost, doubled, NOTHING, NOTHING, NOTHING, NOTHING)
        self._put((name, *map(str, cells), f"{seconds:.0f}"))

    def _put(self, row: tuple[str, ...]) -> None:
        self.rows.append(row)
        if self.file:
            new = not self.file.exists() or not self.file.stat().st_size
            with self.file.open("a", encoding="utf-8") as out:
                if new:
                    out.write(f"Measured with `{self.command}`:\n\n")
                    out.write(_markdown(("drill", *HEADINGS, "date")))
                    out.write("|" + "---|" * (len(HEADINGS) + 2) + "\n")
                out.write(_markdown((*row, f"{datetime.now(UTC):%Y-%m-%d}")))

    def lines(self) -> list[str]:
        """The table, in columns."""
        table: Sequence[Sequence[str]] = [("drill", *HEADINGS), *self.rows]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        return [
            "  ".join(
                [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
            )
            for row in table
        ] + self.notes


def _markdown(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |\n"
