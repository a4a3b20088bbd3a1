"""Text that must not be shown."""

from __future__ import annotations


class Secret(str):
    """A text whose repr is `***`, so that a dataclass that holds one can be printed and logged."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Show nothing of it."""
        return "***"
