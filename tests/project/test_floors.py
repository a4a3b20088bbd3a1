"""Imports go down a floor, or sideways inside a room; core is pure, and doors never meet."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

import alertsms

PACKAGE = Path(alertsms.__file__).parent
FILES = sorted(path for path in PACKAGE.rglob("*.py"))
FLOORS = [
    ["__init__"],
    ["core", "ovh", "sandbox", "clock", "logs"],
    ["store", "alertmanager", "metrics"],
    ["machine", "worker"],
    ["icalendar_file", "apprise_channels", "readiness", "housekeeper"],
    ["config", "doctor"],
    ["context"],
    ["delivery"],
    ["oncall"],
    ["web"],
    ["wiring"],
    ["app"],
    ["cli"],
    ["__main__"],
]  # rooms and loose files, from the bottom; those of one floor do not import each other
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
DOORS = {
    "delivery": [
        "account_monitor",
        "alarm",
        "channels",
        "comparison",
        "dispatcher",
        "lookup",
        "ping",
        "receipts",
        "sender",
    ],
    "oncall": ["calendars", "escalator", "heartbeats", "reconciler", "replies"],
}  # each takes steps of its own: what one needs of another goes through the store, or is handed in
PURE = {"re2", "phonenumbers", "jinja2", "markupsafe", "anyascii", "alertsms"}


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def ours(path: Path) -> list[list[str]]:
    return [name.split(".") for name in imported(path) if name.split(".")[0] == "alertsms"]


def rooms(path: Path) -> set[str]:
    return {parts[1] for parts in ours(path) if parts[1] in FLOOR}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_down_or_sideways(path):
    here = room(path)
    for other in rooms(path) - {here}:
        assert FLOOR[other] < FLOOR[here], f"{here} imports {other}"


@pytest.mark.parametrize(("folder", "door"), [(folder, door) for folder, doors in DOORS.items() for door in doors])
def test_doors_never_meet_and_read_no_configuration(folder, door):
    path = PACKAGE / folder / f"{door}.py"
    assert "config" not in rooms(path)
    doors = {(other, name) for other, names in DOORS.items() for name in names} - {(folder, door)}
    assert {tuple(parts[1:3]) for parts in ours(path)} & doors == set()


def test_core_is_pure():
    for path in (PACKAGE / "core").rglob("*.py"):
        for name in imported(path):
            top = name.split(".")[0]
            assert top in PURE or top in sys.stdlib_module_names, f"{path.name} imports {name}"
            assert top not in ("time", "logging", "os", "socket", "threading", "random"), f"{path.name} imports {name}"
        assert rooms(path) <= {"core"}, path.name


def test_the_sandbox_knows_nothing_of_alertsms():
    for path in (PACKAGE / "sandbox").rglob("*.py"):
        assert rooms(path) <= {"sandbox"}, path.name


def test_the_ovh_client_knows_nothing_of_alerts():
    for path in (PACKAGE / "ovh").rglob("*.py"):
        assert rooms(path) <= {"ovh"}, path.name


def test_every_room_has_its_floor():
    assert {room(path) for path in FILES} == FLOOR.keys()
