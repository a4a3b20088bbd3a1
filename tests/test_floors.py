"""Imports go down a floor, or sideways inside a folder; core is pure, and doors never meet."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

import alertsms

PACKAGE = Path(alertsms.__file__).parent
FILES = sorted(path for path in PACKAGE.rglob("*.py"))
FLOORS = {
    "core": 1,
    "ovh": 1,
    "metrics": 1,
    "worker": 1,
    "clock": 1,
    "logs": 1,
    "throttle": 1,
    "hints": 1,
    "pulse": 1,
    "files": 1,
    "password": 1,
    "key": 1,
    "bounded": 2,
    "__init__": 0,
    "config": 2,
    "store": 2,
    "sandbox": 2,
    "channels": 2,
    "outlet": 2,
    "ways": 2,
    "heard": 2,
    "planning": 2,
    "batch": 2,
    "checkup": 2,
    "readiness": 2,
    "opening": 2,
    "answering": 2,
    "pauses": 2,
    "obey": 2,
    "confirming": 2,
    "ics": 2,
    "recurrence": 2,
    "dialect": 2,
    "web": 3,
    "dispatcher": 3,
    "sender": 3,
    "lookup": 3,
    "escalator": 3,
    "housekeeper": 3,
    "receipts": 3,
    "replies": 3,
    "heartbeat": 3,
    "prober": 3,
    "inspector": 3,
    "fallback": 3,
    "balance": 3,
    "ping": 3,
    "alarm": 3,
    "state": 2,
    "keyring": 2,
    "calendars": 3,
    "comparison": 3,
    "reconciler": 3,
    "silencing": 2,
    "alertmanager": 1,
    "app": 4,
    "parts": 4,
    "waiting": 4,
    "cli": 5,
    "__main__": 6,
}
DOORS = {name for name, floor in FLOORS.items() if floor == 3}
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


def rooms(path: Path) -> set[str]:
    ours = [name.split(".") for name in imported(path) if name.split(".")[0] == "alertsms"]
    return {parts[1] for parts in ours if len(parts) > 1 and parts[1] in FLOORS}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_down_or_sideways(path):
    here = room(path)
    for other in rooms(path) - {here}:
        assert FLOORS[other] <= FLOORS[here], f"{here} imports {other}"
        if here in DOORS:
            assert other not in DOORS, f"{here} meets {other}"
            assert other != "config", f"{here} reads the configuration"


def test_core_is_pure():
    for path in (PACKAGE / "core").rglob("*.py"):
        for name in imported(path):
            top = name.split(".")[0]
            assert top in PURE or top in sys.stdlib_module_names, f"{path.name} imports {name}"
            assert top not in ("time", "logging", "os", "socket", "threading", "random"), f"{path.name} imports {name}"
        assert rooms(path) <= {"core"}, path.name


def test_the_sandbox_knows_nothing_of_alertsms():
    for path in (PACKAGE / "sandbox").rglob("*.py"):
        assert rooms(path) <= {"sandbox", "logs"}, path.name


def test_the_ovh_client_knows_nothing_of_alerts():
    for path in (PACKAGE / "ovh").rglob("*.py"):
        assert rooms(path) <= {"ovh"}, path.name


def test_every_room_has_its_floor():
    assert {room(path) for path in FILES} <= FLOORS.keys()
