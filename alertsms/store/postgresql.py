"""Sessions on PostgreSQL: none waits for ever, and a commit whose answer was lost is asked for, never guessed.

A transaction whose connection breaks is begun again on another one, for four seconds. Where its COMMIT was on the way
when that happened, PostgreSQL is asked what became of it (`pg_xact_status`): so nothing is written twice, whatever the
work is. Behind a pooler sessions change owners after each transaction: what belongs to a session is left out there.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, TypeVar

import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError

from alertsms.store.error import StoreAway, broken, passes, sqlstate

T = TypeVar("T")
PATIENCE_SECONDS = 4.0  # so long a transaction is begun again: the sender asks again
DOUBT_SECONDS = 6.0  # so long PostgreSQL is asked what became of a commit: longer than it lets a session idle
PAUSE_SECONDS = 0.5  # at most, between two tries
# Milliseconds. A stalled replica must hold up nobody for long: neither by its locks nor by what it asks.
LIMITS = {"statement_timeout": 10_000, "lock_timeout": 2_000, "idle_in_transaction_session_timeout": 5_000}
# A plan that was made while a table was small would walk it for good: an index is used wherever there is one.
PLANS = {"enable_seqscan": "off", "random_page_cost": "1.1", "jit": "off"}
UNHURRIED = {"idle_in_transaction_session_timeout": 30_000}  # for its second run: a large body on a busy machine
# What PostgreSQL does about a machine that is gone. No limit above ends a session that waits for the rest of a message.
LINE = {
    "tcp_keepalives_idle": 5,  # seconds
    "tcp_keepalives_interval": 2,
    "tcp_keepalives_count": 3,
    "tcp_user_timeout": 10_000,  # milliseconds
}
# What we do about a server that is gone, in the words of libpq; what the URL says goes before.
CLIENT = {
    "connect_timeout": 2,  # seconds, for each host
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "application_name": f"alertsms/{socket.gethostname()}",
}
IDLED = "25P03"  # the session was ended, since it idled inside its transaction
READ_ONLY = "25006"  # after a failover: it is a standby now
_MARK = "SELECT pg_current_xact_id()::text, pg_postmaster_start_time()::text"
# Another server, or one that started anew, may know the number from another transaction.
_STATUS = "SELECT CASE WHEN pg_postmaster_start_time()::text = %(server)s THEN pg_xact_status(%(number)s::xid8) END"


class Sessions:
    """Transactions in pooled sessions, each with its limits."""

    def __init__(self, url: URL, sleep: Callable[[float], None] = time.sleep) -> None:
        """Prepare for a database; nothing is connected yet. `sleep` waits between two tries."""
        self._sleep = sleep
        self._reached = False  # a database that was never reached is not waited for: whoever starts does so
        self.pooled = False  # a pooler is in between: no LISTEN, and limits for each transaction anew
        self.engine = self._made(url)

    def run(self, work: Callable[[Connection], T]) -> T:
        """Do `work` in a transaction and return its result after the commit.

        Raises what the work raised, the database's error where it could not be done within four seconds, StoreAway
        where nobody can say whether it was committed.
        """
        until, pause, unhurried = time.monotonic() + PATIENCE_SECONDS, 0.0, False
        while True:
            try:
                return self._once(work, unhurried=unhurried)
            except DBAPIError as error:
                if sqlstate(error) == IDLED and not unhurried:
                    unhurried = True
                    continue
                if not (self._reached and passes(error)) or time.monotonic() + pause > until:
                    raise
            self._sleep(pause)
            pause = min(pause * 2 + 0.02, PAUSE_SECONDS)

    def close(self) -> None:
        """Hang up."""
        self.engine.dispose()

    def _once(self, work: Callable[[Connection], T], *, unhurried: bool) -> T:
        with self.engine.connect() as connection:
            if unhurried:
                connection.exec_driver_sql(_settings("SET LOCAL", UNHURRIED))
            number, server = _mark(connection)
            result = work(connection)
            try:
                connection.commit()
            except BaseException as error:
                connection.invalidate()  # else it may stay inside its transaction, with all its locks
                if not (isinstance(error, DBAPIError) and broken(error) and self._committed(number, server)):
                    raise
        return result

    def _committed(self, number: str, server: str) -> bool:
        """What became of a transaction whose COMMIT got no answer. Raises StoreAway where nobody can say."""
        until = time.monotonic() + DOUBT_SECONDS
        status: str | None = None
        while time.monotonic() < until:
            try:
                with self.engine.connect() as connection:
                    status = connection.exec_driver_sql(_STATUS, {"number": number, "server": server}).scalar()
            except DBAPIError as error:
                if not passes(error):
                    raise
            else:
                if status != "in progress":
                    break
            self._sleep(PAUSE_SECONDS / 10)
        if status in ("committed", "aborted"):
            return status == "committed"
        raise StoreAway("store: the answer to a commit was lost, and nobody can say whether it was taken")

    def _made(self, url: URL) -> Engine:
        engine = create_engine(
            url,
            pool_size=10,
            max_overflow=20,  # three replicas have room in the hundred of a PostgreSQL that nobody has set up
            pool_timeout=PATIENCE_SECONDS,
            connect_args={name: value for name, value in CLIENT.items() if name not in url.query}
            | {"cursor_factory": OneByOne},
            hide_parameters=True,  # numbers and texts, which no log may show
        )
        engine.dialect.use_insertmanyvalues_wo_returning = True  # many rows in one INSERT
        event.listen(engine, "connect", self._connected)
        event.listen(engine, "begin", _limited)
        event.listen(engine, "handle_error", _another_server)
        return engine

    def _connected(self, raw: psycopg.Connection[Any], record: Any) -> None:  # noqa: ANN401
        try:
            raw.autocommit = True
            own = raw.execute("SELECT pg_backend_pid()").fetchone() == (raw.info.backend_pid,)
            if own:
                raw.execute(_settings("SET", {**LIMITS, **LINE, **PLANS}))
            else:  # a pooler answers with a number of its own
                raw.prepare_threshold = None  # the next transaction may be another session's
            raw.autocommit = False
        except BaseException:
            raw.close()  # SQLAlchemy would leave it open
            raise
        record.info["pooled"] = not own
        self._reached, self.pooled = True, not own


def _mark(connection: Connection) -> tuple[str, str]:
    """The number of its transaction, and which server that is: not by SQLAlchemy, which takes three times as long."""
    raw: Any = connection.connection.driver_connection
    try:
        number, server = raw.execute(_MARK).fetchone()
    except psycopg.Error:
        with suppress(psycopg.Error):
            raw.rollback()
        number, server = connection.exec_driver_sql(_MARK).one()  # it fails again, and SQLAlchemy lets go of the pool
    return number, server


class OneByOne(psycopg.Cursor[Any]):
    """Sends many rows one by one.

    psycopg sends them as one stream. Where the process is stopped in the middle of it, PostgreSQL waits for the rest
    with all locks held, and none of its limits ends that.
    """

    _changed = -1

    def execute(self, *args: Any, **options: Any) -> OneByOne:  # noqa: ANN401
        """Run one statement."""
        super().execute(*args, **options)
        self._changed = super().rowcount
        return self

    def executemany(self, query: Any, params_seq: Iterable[Any], *, returning: bool = False) -> None:  # noqa: ANN401, ARG002
        """Run one statement for each row; `rowcount` counts them all."""
        changed = 0
        for row in params_seq:
            changed += self.execute(query, row).rowcount
        self._changed = changed

    @property
    def rowcount(self) -> int:
        """How many rows were read or changed."""
        return self._changed


def _settings(how: str, values: Mapping[str, int | str]) -> str:
    return "; ".join(f"{how} {name} = {value}" for name, value in values.items())


def _limited(connection: Connection) -> None:
    if connection.info["pooled"]:
        connection.exec_driver_sql(_settings("SET LOCAL", {**LIMITS, **PLANS}))


def _another_server(context: ExceptionContext) -> None:
    """Hang up on a server that became a standby: the URL leads to the one that took its place."""
    if sqlstate(context.original_exception) == READ_ONLY:
        context.is_disconnect = True
