"""What a 202 rests upon where PostgreSQL is the store: whether a commit outlives a crash, a failover; and its time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, text

from alertsms.doctor import Finding, fail, ok, warn
from alertsms.store import maintenance
from alertsms.store.maintenance import CLOCK_STEP
from alertsms.worker import words

ABOUT = "durability"
LOST = "alerts that were answered 202 in the last moments"
_SETTINGS = text(
    "SELECT pg_is_in_recovery(), current_setting('synchronous_commit'), current_setting('fsync') = 'on',"
    " current_setting('synchronous_standby_names'), (SELECT count(*) FROM pg_stat_replication),"
    " quote_ident(current_database())"
)


@dataclass(frozen=True, slots=True)
class CommitSettings:
    """What decides whether a commit outlives a crash, and a failover."""

    follows: bool  # it is a standby itself
    synchronous_commit: str = "on"
    fsync: bool = True
    standby_names: str = ""  # those that a commit waits for
    standbys: int = 0  # that are connected now
    database: str = "alertsms"  # as SQL has it


def commit_settings(connection: Connection) -> CommitSettings:
    """The settings of a connection. Raises SQLAlchemyError."""
    return CommitSettings(*connection.execute(_SETTINGS).one())


def durability(server: CommitSettings) -> Iterator[Finding]:
    """Whether what was answered 202 stays."""
    if server.follows:
        yield fail(
            ABOUT,
            "this PostgreSQL is a standby, and nothing can be written to it",
            "write the primary's address as the store, or all of them with target_session_attrs=read-write",
        )
        return
    warnings = list(_lossy(server))
    yield from warnings
    if not warnings:
        kept = "on the disks of PostgreSQL and a standby" if server.standby_names else "on PostgreSQL's disk"
        yield ok(ABOUT, f"what was answered 202 is {kept}")


def _lossy(server: CommitSettings) -> Iterator[Finding]:
    turn_on = f"ALTER DATABASE {server.database} SET synchronous_commit = on, and restart alertsms"
    if not server.fsync:
        says = "fsync is off: when its machine crashes, the whole database may be lost"
        yield warn(ABOUT, says, "ALTER SYSTEM SET fsync = on, and reload PostgreSQL")
    if server.synchronous_commit == "off":
        yield warn(ABOUT, f"synchronous_commit is off: a crash of PostgreSQL loses {LOST}", turn_on)
    elif server.standby_names and server.synchronous_commit == "local":
        yield warn(ABOUT, f"synchronous_commit is local and waits for no standby: a failover loses {LOST}", turn_on)
    elif server.standbys and not server.standby_names:
        says = f"no standby is waited for, of {server.standbys} that are connected: a failover loses {LOST}"
        yield warn(ABOUT, says, "name them in synchronous_standby_names, such as 'ANY 1 (b, c)', or live with it")


def same_time(connection: Connection, wall: float) -> Iterator[Finding]:
    """Whether this machine's clock, in UNIX seconds, is PostgreSQL's. Raises SQLAlchemyError."""
    ahead = wall - maintenance.seconds(connection)
    if abs(ahead) > CLOCK_STEP.total_seconds():
        yield warn(
            "clock",
            f"this machine's clock is {words(abs(ahead))} {'ahead of' if ahead > 0 else 'behind'} PostgreSQL's",
            "set both, `timedatectl set-ntp true`: pages leave by PostgreSQL's time and none is late, but logs and the"
            " ends of certificates go by this machine's",
        )
