"""What the drills share: their size, a sandbox, and the table that is printed at the end."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import pytest

from tests.conftest import RAM
from tests.reliability.alertmanager import PROGRAMS, Alertmanager, configuration, program
from tests.reliability.house import House
from tests.reliability.phones import Phones
from tests.reliability.report import Report

REPORT = pytest.StashKey[Report]()
ROW, NOTE = "row", "note"  # what a test's own report carries of its drill


class Url(Protocol):
    """Something that Alertmanagers may post to."""

    url: str


def pytest_addoption(parser):
    group = parser.getgroup("reliability")
    group.addoption("--short", action="store_true", help="smaller drills, as CI runs them")
    group.addoption("--seed", type=int, default=0, help="of kills, faults and bodies; printed with a failure")
    group.addoption("--rounds", type=int, default=1, help="run the drills of a failing OVHcloud so often")
    group.addoption("--alerts", type=int, help="so many in the drills of kills and faults, whatever their size")
    group.addoption("--report", type=Path, help="add each drill's row to this file, in Markdown")


def pytest_configure(config):
    command = " ".join(["python -m pytest", *config.invocation_params.args])
    config.stash[REPORT] = Report(file=config.getoption("--report"), command=command)


def pytest_generate_tests(metafunc):
    if "nth" in metafunc.fixturenames:
        metafunc.parametrize("nth", range(metafunc.config.getoption("--rounds")))


def pytest_terminal_summary(terminalreporter):
    """The rows of all drills, wherever they ran: `-n` lets those that mostly wait do it together."""
    ended = [
        each for some in terminalreporter.stats.values() for each in some if getattr(each, "when", "") == "teardown"
    ]
    kept = [one for each in ended for one in each.user_properties]
    report = Report(
        rows=[tuple(row) for what, row in kept if what == ROW], notes=[line for what, line in kept if what == NOTE]
    )
    if report.rows:
        terminalreporter.section("reliability")
        for line in report.lines():
            terminalreporter.write_line(line)


@pytest.fixture
def short(request) -> bool:
    return request.config.getoption("--short")


@pytest.fixture
def size(request, short) -> Callable[[int, int], int]:
    """How many alerts a drill has, from what its short and its full form have."""
    return lambda small, full: request.config.getoption("--alerts") or (small if short else full)


@pytest.fixture
def seed(request) -> int:
    return request.config.getoption("--seed")


@pytest.fixture
def report(request) -> Iterator[Report]:
    """Where a drill puts its row."""
    report = request.config.stash[REPORT]
    rows, notes = len(report.rows), len(report.notes)
    yield report
    request.node.user_properties += [(ROW, row) for row in report.rows[rows:]]
    request.node.user_properties += [(NOTE, line) for line in report.notes[notes:]]


@pytest.fixture
def file_url(migrated_file) -> Iterator[str]:
    """An SQLite store with empty tables, in memory: a simulation dies without losing what it wrote."""
    with TemporaryDirectory(dir=RAM, prefix="alertsms-drill-") as folder:
        shutil.copy(migrated_file, f"{folder}/alertsms.db")
        yield f"sqlite:///{folder}/alertsms.db"


@pytest.fixture
def phones(tmp_path, seed, request) -> Iterator[Phones]:
    nth = request.node.callspec.params.get("nth", 0) if hasattr(request.node, "callspec") else 0
    phones = Phones(tmp_path, seed=seed + 1000 * nth)
    try:
        phones.start()
        yield phones
    finally:
        phones.stop()


@pytest.fixture
def build(tmp_path, phones) -> Iterator[Callable[..., House]]:
    """Builds houses that page through the sandbox, and ends them."""
    houses: list[House] = []

    def build(**settings: object) -> House:
        folder = tmp_path / f"house{len(houses)}"
        folder.mkdir()
        houses.append(House(folder, phones, **settings))
        return houses[-1]

    yield build
    for house in houses:
        house.process.kill()


@pytest.fixture
def alertmanagers(tmp_path: Path) -> Iterator[Callable[[Url], Alertmanager]]:
    """Builds Alertmanagers that post to a house, or to a line to it, and ends them."""
    if not program(*PROGRAMS) or not program("amtool"):
        missing("Alertmanager and amtool are not installed (Debian: prometheus-alertmanager)")
    built: list[Alertmanager] = []

    def build(to: Url) -> Alertmanager:
        config = configuration(to.url, tmp_path / "alertmanager.yml")
        built.append(Alertmanager(tmp_path / f"alertmanager{len(built)}", config))
        return built[-1]

    yield build
    for each in built:
        each.stop()


@pytest.fixture
def house(build) -> House:
    house = build(people=1)
    house.start()
    return house


@pytest.fixture
def start() -> datetime:
    """When the alert began: its times stay the same from post to post."""
    return datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=12)


def missing(reason: str) -> None:
    """Skip for a program that is not there; where everything is required, as in CI, fail."""
    if os.environ.get("ALERTSMS_REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
