"""Three replicas behind PgBouncer in transaction mode: no page is lost or doubled, and no step fails."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.conftest import BOTH
from tests.reliability.replica_files import replicas, stop
from tests.reliability.replica_pages import PLAN, page
from tests.support.pooler import MISSING, PROGRAM, Pooler

pytestmark = pytest.mark.parametrize("url", BOTH[1:], indirect=True)
LATE = 5.0  # seconds
EVERY = 0.3  # seconds between two alerts: a third of the pace that replicas share, so that it makes none late
FAILED = (" level=error ", "Traceback")


@pytest.fixture
def pooler(url, tmp_path) -> Iterator[Pooler]:
    if not PROGRAM:
        (pytest.fail if os.environ.get("ALERTSMS_REQUIRE_ALL") else pytest.skip)(MISSING)
    pooler = Pooler(tmp_path / "pooler", url)
    yield pooler
    pooler.stop()


def test_a_pooler_in_transaction_mode(tmp_path, pooler, phones, size, report):
    count = size(60, 1000)
    built = replicas(3, tmp_path, pooler.url, phones, PLAN)
    try:
        pages = page(built, phones, count, EVERY)
    finally:
        stop(built)
    name = f"PgBouncer, transaction mode, the latest SMS after {pages.late:.1f} s"
    report.count(name, count, pages.took, sms=pages.sms, lost=len(pages.lost), doubled=len(pages.doubled))
    assert (pages.lost, pages.doubled) == ([], [])
    assert pages.late <= LATE
    logs = "".join((tmp_path / f"replica{number}" / "alertsms.log").read_text() for number in range(3))
    assert [line for line in logs.splitlines() if any(words in line for words in FAILED)] == []
