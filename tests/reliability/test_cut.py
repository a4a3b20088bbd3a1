"""The network between two real Alertmanagers and alertsms is cut, in three ways: each alert is one page and one OK."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.reliability.line import Cut, Line
from tests.reliability.test_alertmanager import PAGE, SETTLED, arrived, both

LASTS = 20.0  # seconds
MENDED = 90.0  # Alertmanager's own patience ends with its group_interval: then the next one tries
OK = "OK A00001 db-1 after 12 min #1"


@pytest.fixture
def line(house) -> Iterator[Line]:
    line = Line(house.port)
    yield line
    line.close()


@pytest.mark.parametrize("cut", [Cut.REFUSED, Cut.SILENT, Cut.DEAF])
def test_a_cut_line_loses_and_doubles_nothing(phones, alertmanagers, start, line, report, short, cut):
    """Two that do not know each other, as on both sides of a cut; both the page and the OK meet it."""
    if short and cut is not Cut.SILENT:
        pytest.skip("each takes four minutes: the short form has one of them")
    pair = alertmanagers(line), alertmanagers(line)
    began = time.monotonic()
    for each in pair:
        each.start()
    line.cut(cut)
    both(pair, start=start)
    time.sleep(LASTS)
    assert arrived(phones, 0, 0.0) == ([PAGE] if cut is Cut.DEAF else [])
    line.cut(Cut.NONE)
    assert arrived(phones, 1, MENDED) == [PAGE], pair[0].log
    time.sleep(SETTLED)
    line.cut(cut)
    both(pair, start=start, end=start + timedelta(minutes=12))
    time.sleep(LASTS + 30.0)  # the group_interval, until which it tells nothing
    assert arrived(phones, 0, 0.0) == ([PAGE, OK] if cut is Cut.DEAF else [PAGE])
    line.cut(Cut.NONE)
    assert arrived(phones, 2, MENDED) == [PAGE, OK], pair[0].log
    time.sleep(SETTLED)
    found = arrived(phones, 0, 0.0)
    report.count(
        f"two Alertmanagers, the line cut: {cut}",
        1,
        time.monotonic() - began,
        sms=len(found),
        lost=2 - len(set(found)),
        doubled=len(found) - len(set(found)),
    )
    assert found == [PAGE, OK]
