"""The tables. Times are integer microseconds of UTC, so that both databases keep them alike and in order."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, event, literal_column, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import Column, Index, MetaData, Table, UniqueConstraint
from sqlalchemy.types import (
    BigInteger,
    Boolean,
    Double,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    TypeDecorator,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
VERSION = "1001"  # the newest migration; a start imports alembic only where the store says something else

Key = BigInteger().with_variant(Integer(), "sqlite")  # SQLite numbers only INTEGER PRIMARY KEY; PostgreSQL gets 64 bits


class Time(TypeDecorator[datetime]):
    """An aware datetime as microseconds since 1970 in UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Raise TypeError for a naive time, rather than guess its zone."""
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Read back in UTC."""
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Words(TypeDecorator[Mapping[str, str]]):
    """Labels or annotations as JSON text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Mapping[str, str] | None, dialect: Dialect) -> str:  # noqa: ARG002
        """Write compactly; order is the sender's."""
        return json.dumps(dict(value or {}), ensure_ascii=False, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002, ANN401
        """Read back as a dict."""
        return json.loads(value) if value else {}


class Times(TypeDecorator[tuple[datetime, ...]]):
    """A few aware datetimes as a JSON list of microseconds since 1970 in UTC."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[datetime, ...] | None, dialect: Dialect) -> str:  # noqa: ARG002
        """Write compactly."""
        return json.dumps([(at - EPOCH) // MICROSECOND for at in value]) if value else "[]"

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[datetime, ...]:  # noqa: ARG002
        """Read back in UTC."""
        microseconds = json.loads(value or "[]")
        return tuple(EPOCH + timedelta(microseconds=each) for each in microseconds) if microseconds else ()


metadata = MetaData()


def partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index over the few rows that are still alive: it stays small however many old ones stand beside it.

    PostgreSQL's condition waits in `info`: as an argument it would import that dialect, a seventh of our imports.
    """
    condition = where.replace("= 1", "= true")  # the only number that we compare with is a Boolean of SQLite
    return Index(name, *columns, unique=unique, sqlite_where=text(where), info={"where": condition})


@event.listens_for(metadata, "before_create")
def partial_on_postgresql(_: MetaData, connection: Connection, **__: object) -> None:
    """Give the indexes their conditions where that dialect is in use anyway."""
    if connection.dialect.name == "postgresql":
        for index in (index for table in metadata.tables.values() for index in table.indexes):
            if where := index.info.get("where"):
                index.dialect_options["postgresql"]["where"] = text(where)


def insert_into(table: Table, dialect: str) -> sqlite.Insert:
    """An INSERT that knows ON CONFLICT, in the words of a dialect: sqlite, or postgresql, imported when it is used."""
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql

        return cast("sqlite.Insert", postgresql.insert(table))  # the methods that we use are the same
    return sqlite.insert(table)


def upsert(tx: Connection, table: Table, row: Mapping[str, Any], where: ColumnElement[bool] | None = None) -> bool:
    """Write a row in place of the one with its key, the first of its columns; false where `where` kept that one."""
    key = next(iter(row))
    insert = insert_into(table, tx.dialect.name).values(dict(row))
    written = insert.on_conflict_do_update(index_elements=[key], set_=dict(row), where=where)
    return tx.execute(written.returning(table.c[key])).first() is not None


def state_is(column: Column[Any], state: str) -> ColumnElement[bool]:
    """A comparison that SQLite can match with a partial index: it does not look into bound parameters."""
    return column == literal_column(f"'{state}'")


POSTPONED = "state = 'queued' AND destination = 'sms' AND due_at > created_at"

incident_table = Table(
    "incidents",
    metadata,
    Column("id", Key, primary_key=True),  # the number that people type; never used twice
    Column("key", LargeBinary(16), nullable=False),
    Column("team", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("current", Boolean, nullable=False),  # stays true after closing, until a new incident takes the place
    Column("severity", SmallInteger, nullable=False),
    Column("labels", Words, nullable=False),
    Column("annotations", Words, nullable=False),
    Column("place", Text, nullable=False),
    Column("truncated", Integer, nullable=False),
    Column("receiver", Text, nullable=False),
    Column("source", String(32), nullable=False),
    Column("starts_at", Time),
    Column("latest_start", Time),
    Column("ends_at", Time),
    Column("opened_at", Time, nullable=False),
    Column("closed_at", Time),
    Column("last_seen_at", Time, nullable=False),
    Column("begun_at", Time),
    Column("last_paged_at", Time),
    Column("acked_by", Text, nullable=False),
    Column("episode", Integer, nullable=False),
    Column("round", Integer, nullable=False),
    Column("paged", Integer, nullable=False),
    Column("step_due_at", Time),
    # Escalation: the step of the round that was paged last, when, and when OVHcloud accepted the first SMS of it.
    Column("step", SmallInteger, nullable=False, server_default="0"),
    Column("step_at", Time),
    Column("step_sent_at", Time),
    Column("acked_at", Time),
    Column("closings", Times, nullable=False, server_default="[]"),  # when it was resolved lately, for flapping
    Column("flap_due_at", Time),  # when what flaps will have been stable; null where nothing flaps
    Column("absent_at", Time),  # when its source's own list lacked it first
    Column("began", Integer, nullable=False, server_default="0"),  # the first `nth` since it last began anew
    Column("snoozed_until", Time),  # whoever has it wants to be paged again then
    # The guard against doubles: two requests at the same moment cannot both open one.
    partial("incidents_current", "key", "team", where="current = 1", unique=True),
    partial("incidents_due", "step_due_at", "id", where="step_due_at IS NOT NULL"),
    partial("incidents_unfinished", "last_seen_at", where="state <> 'closed'"),
    partial("incidents_state", "state", "id", where="state <> 'closed'"),  # the newest of each, and counts of them
    partial("incidents_refusals", "last_seen_at", where="state <> 'closed' AND source = 'alertsms-intake'"),
    partial("incidents_snoozed", "acked_by", where="snoozed_until IS NOT NULL"),
    partial("incidents_closed", "closed_at", where="state = 'closed'"),
    sqlite_autoincrement=True,
)

# The one queue: a row a destination. What goes by SMS is carried by messages; a channel's row is itself what is posted.
notification_table = Table(
    "pages",
    metadata,
    Column("id", Key, primary_key=True),
    Column("incident_id", Key),  # null for a notice
    Column("person", Text, nullable=False),  # or whose channels: person:NAME, chat:NAME, team:NAME, global
    Column("team", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column("due_at", Time, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("state", String(16), nullable=False),
    Column("episode", Integer, nullable=False),
    Column("round", Integer, nullable=False, server_default="0"),
    Column("step", Integer, nullable=False, server_default="0"),
    Column("nth", Integer, nullable=False),
    Column("after_page", Key),
    Column("message_id", Key),
    Column("phone", SmallInteger, nullable=False),
    Column("plain", Boolean, nullable=False),
    Column("note", Text, nullable=False),
    Column("destination", String(16), nullable=False, server_default="sms"),  # or the mark of a channel
    Column("attempts", Integer, nullable=False, server_default="0"),  # to give it to its channel
    Column("lease_until", Time),  # while a channel is given it
    Column("error", Text, nullable=False, server_default=text("''")),
    # A timer that fires twice, or on two replicas, adds one row.
    UniqueConstraint(
        "incident_id", "person", "kind", "episode", "round", "step", "nth", "phone", "destination", name="pages_once"
    ),
    # Also by person, so that SQLite passes over those of people who get enough without reading their rows.
    partial("pages_due", "priority", "due_at", "id", "person", where="state = 'queued' AND destination = 'sms'"),
    partial("pages_posted", "due_at", "id", where="state = 'queued' AND destination <> 'sms'"),
    partial("pages_given", "created_at", where="state <> 'queued' AND destination <> 'sms'"),
    partial("pages_after", "after_page", where="state = 'waiting'"),
    # What waits for one person, and how much came lately, by rank.
    Index("pages_person", "person", "state", "priority", "created_at"),
    # What was put off, by rank. The first three columns say nothing: SQLite takes the index with the most of them.
    partial("pages_postponed", "person", "state", "destination", "priority", "created_at", where=POSTPONED),
    Index("pages_message", "message_id"),
    sqlite_autoincrement=True,
)
BY_SMS = notification_table.c.destination == literal_column("'sms'")  # no parameter: else no partial index is used
BY_CHANNEL = notification_table.c.destination != literal_column("'sms'")

message_table = Table(
    "messages",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=False),
    Column("tag", String(16), nullable=False, unique=True),
    Column("person", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("segments", SmallInteger, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("resends", Integer, nullable=False),
    Column("resent_at", Time),
    Column("unknown_since", Time),
    Column("due_at", Time, nullable=False),
    Column("lease_owner", String(32), nullable=False),
    Column("lease_until", Time),
    Column("ovh_id", BigInteger),
    Column("asked_at", Time, nullable=False),  # of the body or timer behind it: page_seconds counts from here
    Column("created_at", Time, nullable=False),
    Column("sent_at", Time),
    Column("credits", Double),
    Column("error", Text, nullable=False),
    Column("account", String(16), nullable=False),  # which account its last attempt went by
    Column("digest", Key),  # the number of a text that carries several pages
    Column("streak", SmallInteger, nullable=False),  # which text of its storm, from 1; 0 outside of one
    Column("receipt_due_at", Time),  # without a receipt by then, the person's next number
    Column("poll_at", Time),  # when its receipt is asked for next; null once it is final
    Column("polls", SmallInteger, nullable=False),
    Column("dlr", Integer),
    Column("ptt", Integer),
    Column("delivered_at", Time),
    partial("messages_due", "priority", "due_at", "id", where="state = 'queued'"),
    partial("messages_unknown", "due_at", "id", where="state = 'unknown'"),
    partial("messages_leased", "lease_until", where="state = 'sending'"),
    partial("messages_overdue", "receipt_due_at", where="receipt_due_at IS NOT NULL"),
    partial("messages_polled", "poll_at", where="poll_at IS NOT NULL"),
    partial("messages_digest", "digest", where="digest IS NOT NULL"),
    partial("messages_pending", "person", where="state IN ('queued', 'sending', 'unknown')"),
    Index("messages_ovh_id", "ovh_id"),
    Index("messages_person", "person", "sent_at"),
    Index("messages_created", "created_at"),
)

fact_table = Table(
    "facts",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Column("at", Time, nullable=False),
)

event_table = Table(  # what happened to an incident and why: `alertsms why`; the same again raises the count of its row
    "events",
    metadata,
    Column("id", Key, primary_key=True),
    Column("incident_id", Key, nullable=False),
    Column("episode", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("detail", Text, nullable=False),
    Column("at", Time, nullable=False),
    Column("last_at", Time, nullable=False),
    Column("count", Integer, nullable=False),
    UniqueConstraint("incident_id", "episode", "kind", "reason", "detail", name="events_once"),
)

tokens = Table(  # links in SMS: whoever opens one is this person, and acknowledges exactly what the SMS is about
    "tokens",
    metadata,
    Column("token", String(16), primary_key=True),
    Column("person", Text, nullable=False),
    Column("incident_id", Key),  # one of these three says what the link is for
    Column("digest", Key),  # the number of a text that carries several pages
    Column("number", Text),  # a phone number to be confirmed
    Column("created_at", Time, nullable=False),
    Index("tokens_created", "created_at"),
    partial("tokens_incident", "incident_id", where="incident_id IS NOT NULL"),
)

confirmations = Table(  # phone numbers that somebody confirmed by a link or a reply
    "confirmations",
    metadata,
    Column("number", Text, primary_key=True),
    Column("person", Text, nullable=False),
    Column("at", Time, nullable=False),
)

heartbeats = Table(  # what must be heard of again and again
    "heartbeats",
    metadata,
    Column("name", Text, primary_key=True),
    Column("state", String(16), nullable=False),
    Column("last_seen_at", Time),
    Column("silent_since", Time, nullable=False),  # its waits count from here
)

pause_table = Table(  # maintenance: pages of a team are held back for a while
    "pauses",
    metadata,
    Column("id", Key, primary_key=True),
    Column("team", Text, nullable=False),  # "" for every team
    Column("begins_at", Time, nullable=False),
    Column("ends_at", Time, nullable=False),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Index("pauses_ends", "ends_at"),
)
