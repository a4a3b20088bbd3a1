"""What doctor says of a PostgreSQL whose commits do not outlive a crash, or a failover."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, text

from alertsms.doctor import FindingLevel, fail, ok, warn
from alertsms.doctor.postgresql import CommitSettings, commit_settings, durability, same_time
from alertsms.store import maintenance

LOST = "alerts that were answered 202 in the last moments"
TURN_ON = "ALTER DATABASE alertsms SET synchronous_commit = on, and restart alertsms"
NAME_THEM = "name them in synchronous_standby_names, such as 'ANY 1 (b, c)', or live with it"


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({}, ok("durability", "what was answered 202 is on PostgreSQL's disk")),
        (
            {"standby_names": "ANY 1 (b, c)", "standbys": 2},
            ok("durability", "what was answered 202 is on the disks of PostgreSQL and a standby"),
        ),
        (
            {"synchronous_commit": "off", "standbys": 1},
            warn("durability", f"synchronous_commit is off: a crash of PostgreSQL loses {LOST}", TURN_ON),
        ),
        (
            {"synchronous_commit": "local", "standby_names": "b", "standbys": 1},
            warn(
                "durability",
                f"synchronous_commit is local and waits for no standby: a failover loses {LOST}",
                TURN_ON,
            ),
        ),
        (
            {"standbys": 2},
            warn(
                "durability",
                f"no standby is waited for, of 2 that are connected: a failover loses {LOST}",
                NAME_THEM,
            ),
        ),
        (
            {"fsync": False},
            warn(
                "durability",
                "fsync is off: when its machine crashes, the whole database may be lost",
                "ALTER SYSTEM SET fsync = on, and reload PostgreSQL",
            ),
        ),
        (
            {"follows": True, "synchronous_commit": "off"},
            fail(
                "durability",
                "this PostgreSQL is a standby, and nothing can be written to it",
                "write the primary's address as the store, or all of them with target_session_attrs=read-write",
            ),
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_what_a_202_rests_upon(settings, found):
    assert list(durability(CommitSettings(**{"follows": False} | settings))) == [found]


def test_a_server_is_asked_what_this_connection_has(store):
    if store.sqlite:
        return
    engine = create_engine(store.url)
    with engine.connect() as tx:
        before = commit_settings(tx)
        tx.execute(text("SET synchronous_commit = off"))
        after = commit_settings(tx)
    engine.dispose()
    assert (before.follows, before.synchronous_commit, after.synchronous_commit) == (False, "on", "off")
    assert after.database.startswith("alertsms")
    assert [finding.level for finding in durability(after)][-1] is FindingLevel.WARN


@pytest.mark.parametrize(
    ("away", "says"),
    [
        (0.0, []),
        (600.0, ["this machine's clock is 10 min ahead of PostgreSQL's"]),
        (-90.0, ["this machine's clock is 90 s behind PostgreSQL's"]),
    ],
)
def test_a_machine_whose_clock_is_not_postgresqls_is_told_so(store, away, says):
    if store.sqlite:
        return
    with store.engine.connect() as tx:
        found = list(same_time(tx, maintenance.seconds(tx) + away))
    assert [(finding.level, finding.says) for finding in found] == [(FindingLevel.WARN, each) for each in says]
