from __future__ import annotations

import pytest

from alertsms.sandbox import Sandbox
from tests.sandbox.pager import TUESDAY_NOON, Clock, Pager


@pytest.fixture
def clock() -> Clock:
    return Clock(TUESDAY_NOON)


@pytest.fixture
def sandbox(clock) -> Sandbox:
    return Sandbox(wall=clock)


@pytest.fixture
def pager(sandbox, clock) -> Pager:
    return Pager(sandbox, clock)
