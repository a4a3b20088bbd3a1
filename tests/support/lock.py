"""The lines of a lock, read."""

from __future__ import annotations

from packaging.requirements import Requirement


def pins(lock: str) -> list[Requirement]:
    """The lines of a lock, each with its one version."""
    lines = lock.replace("\\\n", " ").splitlines()
    return [Requirement(line.split(" --hash=")[0]) for line in lines if line and line[0] not in " #-"]


def version(pin: Requirement) -> str:
    """The one version that a line of a lock takes."""
    [specifier] = pin.specifier
    assert specifier.operator == "==", pin
    return specifier.version
