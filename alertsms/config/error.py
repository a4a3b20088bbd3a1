"""What is wrong in a configuration file, in words for whoever edits it, and where; and text that is not shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Mistake:
    """One thing to change. A warning does not keep the file from being used."""

    file: str
    line: int  # counted from 1; 0 when the file as a whole is meant
    path: str  # teams.db.page[1]; "" for the whole file
    found: str = ""  # what stands in the file; "" where it is a secret, or is missing
    message: str  # what is wrong with it, and what to write
    warning: bool = False

    def __str__(self) -> str:
        """Print where and what: `config.yaml line 31, teams.db.page[1]: "bob" is no person of this file`."""
        where = self.file + (f" line {self.line}" if self.line else "") + (f", {self.path}" if self.path else "")
        return f"{where}: {'warning: ' if self.warning else ''}{self.message}"


class ConfigError(Exception):
    """A file that cannot be used, with all its mistakes (and warnings) in the order of their lines."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__(self.mistakes)

    def __str__(self) -> str:
        """One mistake a line."""
        return "\n".join(map(str, self.mistakes))


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a value stands."""

    line: int
    path: str = ""

    def key(self, name: str, line: int) -> Place:
        """The place of a key below this one; a name that would be misread in a path is quoted."""
        word = name if name.replace("_", "").replace("-", "").isalnum() else quote(name)
        return Place(line=line, path=f"{self.path}.{word}" if self.path else word)

    def item(self, index: int, line: int) -> Place:
        """The place of a list's item."""
        return Place(line=line, path=f"{self.path}[{index}]")


@dataclass(kw_only=True, slots=True)
class MistakeReport:
    """Gathers the mistakes of one file."""

    file: str
    mistakes: list[Mistake] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # what may be meant just so: printed, and never counted

    def error(self, at: Place, message: str, *, found: str = "") -> None:
        """Note what makes the file unusable."""
        self.mistakes.append(Mistake(file=self.file, line=at.line, path=at.path, found=found, message=message))

    def warn(self, at: Place, message: str, *, found: str = "") -> None:
        """Note what is likely, not surely, wrong."""
        self.mistakes.append(
            Mistake(file=self.file, line=at.line, path=at.path, found=found, message=message, warning=True)
        )

    def note(self, at: Place, message: str) -> None:
        """Note what may be meant just so, once for each place."""
        self.notes.append(f"{self.file} line {at.line}, {at.path}: {message}")

    @property
    def failed(self) -> bool:
        """Whether anything noted is more than a warning."""
        return any(not mistake.warning for mistake in self.mistakes)

    def ordered(self) -> tuple[Mistake, ...]:
        """What was noted, in the order of the file, each once."""
        return tuple(sorted(dict.fromkeys(self.mistakes), key=lambda mistake: mistake.line))


def quote(text: str) -> str:
    """Show what stands in the file on one short line."""
    shown = text if len(text) <= 60 else text[:57] + "..."
    return '"' + "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in shown) + '"'


def one_of(words: Iterable[str]) -> str:
    """Join what could be written instead: `a`, or `one of a, b, c`; a long list is cut."""
    names = list(words)
    if len(names) == 1:
        return names[0]
    return "one of " + ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")


class Secret(str):
    """A text whose repr is `***`, so that a dataclass that holds one can be printed and logged."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "***"
