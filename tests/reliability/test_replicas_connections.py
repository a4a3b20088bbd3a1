"""Connections to PostgreSQL end all the time, and answers to COMMIT are cut off: no page is lost, doubled or late."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import create_engine, make_url, text

from tests.conftest import BOTH
from tests.reliability.replica_files import replicas, stop
from tests.reliability.replica_pages import PLAN, page
from tests.support.server_line import CommitCut, ServerLine

pytestmark = pytest.mark.parametrize("url", BOTH[1:], indirect=True)
LATE = 5.0  # seconds
EVERY = 0.3  # seconds between two alerts: a third of the pace that replicas share, so that it makes none late
END_ALL = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name LIKE 'alertsms%'"
)


def end_all(url: str, ended: threading.Event) -> int:
    """End every connection of theirs each second; returns how many."""
    engine, many = create_engine(url, isolation_level="AUTOCOMMIT"), 0
    while not ended.wait(1.0):
        with engine.connect() as connection:
            many += connection.scalar(text(END_ALL)) or 0
    engine.dispose()
    return many


def test_connections_that_are_ended_each_second(tmp_path, url, phones, size, report):
    count = size(60, 1000)
    built = replicas(3, tmp_path, url, phones, PLAN)
    ended, many = threading.Event(), list[int]()
    threading.Thread(target=lambda: many.append(end_all(url, ended)), name="ends", daemon=True).start()
    try:
        pages = page(built, phones, count, EVERY)
    finally:
        ended.set()
        stop(built)
    name = f"pg_terminate_backend each second, the latest SMS after {pages.late:.1f} s"
    report.count(name, count, pages.took, sms=pages.sms, lost=len(pages.lost), doubled=len(pages.doubled))
    assert (pages.lost, pages.doubled) == ([], [])
    assert pages.late <= LATE


@pytest.mark.parametrize("cut", [CommitCut.LOST, CommitCut.UNANSWERED])
def test_commits_that_are_cut_off(tmp_path, url, phones, size, report, cut, short):
    """The answer to each COMMIT; and each second COMMIT itself, since one that never arrives is never done."""
    if short and cut is CommitCut.LOST:
        pytest.skip("the short form has the answers alone")
    count, real = size(60, 1000), make_url(url)
    line = ServerLine(real.host or "127.0.0.1", real.port or 5432)
    through = real.set(host="127.0.0.1", port=line.port).render_as_string(hide_password=False)
    built = replicas(3, tmp_path, through, phones, PLAN)
    line.decide = lambda before: cut if cut is CommitCut.UNANSWERED or before % 2 else CommitCut.NONE
    try:
        pages = page(built, phones, count, EVERY)
    finally:
        stop(built)
        line.close()
    name = f"COMMIT {cut}, {line.cuts} times, the latest SMS after {pages.late:.1f} s"
    report.count(name, count, pages.took, sms=pages.sms, lost=len(pages.lost), doubled=len(pages.doubled))
    assert (pages.lost, pages.doubled) == ([], [])
    assert line.cuts > count
    assert pages.late <= LATE
