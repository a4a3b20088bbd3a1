"""What the drills share: their size, a sandbox, and the table that is printed at the end."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from tests.reliability.house import House
from tests.reliability.phones import Phones
from tests.reliability.tally import HEADINGS, Tally

ROWS = pytest.StashKey[list[tuple[str, ...]]]()
Record = Callable[[str, Tally, float], None]


def pytest_addoption(parser):
    group = parser.getgroup("reliability")
    group.addoption("--short", action="store_true", help="smaller drills, as CI runs them")
    group.addoption("--seed", type=int, default=0, help="of kills, faults and bodies; printed with a failure")
    group.addoption("--rounds", type=int, default=1, help="run the drills of a failing OVHcloud so often")


def pytest_configure(config):
    config.stash[ROWS] = []


def pytest_generate_tests(metafunc):
    if "nth" in metafunc.fixturenames:
        metafunc.parametrize("nth", range(metafunc.config.getoption("--rounds")))


def pytest_terminal_summary(terminalreporter, config):
    rows = config.stash[ROWS]
    if not rows:
        return
    table = [("drill", *HEADINGS), *rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    terminalreporter.section("reliability")
    for row in table:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        terminalreporter.write_line("  ".join(cells))


@pytest.fixture
def short(request) -> bool:
    return request.config.getoption("--short")


@pytest.fixture
def seed(request) -> int:
    return request.config.getoption("--seed")


@pytest.fixture
def record(request) -> Record:
    """Adds a row to the table."""
    return lambda name, tally, seconds: request.config.stash[ROWS].append((name, *tally.row(seconds)))


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


def missing(reason: str) -> None:
    """Skip for a program that is not there; where everything is required, as in CI, fail."""
    if os.environ.get("ALERTSMS_REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
