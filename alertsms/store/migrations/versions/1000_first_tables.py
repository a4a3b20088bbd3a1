"""The tables of 1.0.0. What changes later is a step of its own, in a file beside this one (CONTRIBUTING.md)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "1000"
down_revision = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = sa.MetaData()  # as they were then: schema.py has those of today


def upgrade() -> None:
    for table in TABLES.sorted_tables:
        table.create(op.get_bind())


def _partial(name: str, *columns: sa.Column[Any], where: str, unique: bool = False) -> None:
    on_postgresql = sa.text(where.replace("= 1", "= true"))
    sa.Index(name, *columns, unique=unique, sqlite_where=sa.text(where), postgresql_where=on_postgresql)


incidents = sa.Table(
    "incidents",
    TABLES,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("key", sa.LargeBinary(16), nullable=False),
    sa.Column("team", sa.Text, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("reason", sa.String(32), nullable=False),
    sa.Column("current", sa.Boolean, nullable=False),
    sa.Column("severity", sa.SmallInteger, nullable=False),
    sa.Column("labels", sa.Text, nullable=False),
    sa.Column("annotations", sa.Text, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("truncated", sa.Integer, nullable=False),
    sa.Column("receiver", sa.Text, nullable=False),
    sa.Column("source", sa.String(32), nullable=False),
    sa.Column("starts_at", sa.BigInteger),
    sa.Column("latest_start", sa.BigInteger),
    sa.Column("ends_at", sa.BigInteger),
    sa.Column("opened_at", sa.BigInteger, nullable=False),
    sa.Column("closed_at", sa.BigInteger),
    sa.Column("last_seen_at", sa.BigInteger, nullable=False),
    sa.Column("begun_at", sa.BigInteger),
    sa.Column("last_paged_at", sa.BigInteger),
    sa.Column("acked_by", sa.Text, nullable=False),
    sa.Column("episode", sa.Integer, nullable=False),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("paged", sa.Integer, nullable=False),
    sa.Column("step_due_at", sa.BigInteger),
    sa.Column("step", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("step_at", sa.BigInteger),
    sa.Column("step_sent_at", sa.BigInteger),
    sa.Column("acked_at", sa.BigInteger),
    sa.Column("closings", sa.Text, nullable=False, server_default="[]"),
    sa.Column("flap_due_at", sa.BigInteger),
    sa.Column("absent_at", sa.BigInteger),
    sa.Column("began", sa.Integer, nullable=False, server_default="0"),
    sa.Column("snoozed_until", sa.BigInteger),
    sqlite_autoincrement=True,
)
_partial("incidents_current", incidents.c.key, incidents.c.team, where="current = 1", unique=True)
_partial("incidents_due", incidents.c.step_due_at, incidents.c.id, where="step_due_at IS NOT NULL")
_partial("incidents_unfinished", incidents.c.last_seen_at, where="state <> 'closed'")
_partial("incidents_held", incidents.c.id, where="state = 'held'")
_partial("incidents_closed", incidents.c.closed_at, where="state = 'closed'")

pages = sa.Table(
    "pages",
    TABLES,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("incident_id", KEY),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("team", sa.Text, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("priority", sa.SmallInteger, nullable=False),
    sa.Column("due_at", sa.BigInteger, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("episode", sa.Integer, nullable=False),
    sa.Column("round", sa.Integer, nullable=False, server_default="0"),
    sa.Column("step", sa.Integer, nullable=False, server_default="0"),
    sa.Column("nth", sa.Integer, nullable=False),
    sa.Column("after_page", KEY),
    sa.Column("message_id", KEY),
    sa.Column("phone", sa.SmallInteger, nullable=False),
    sa.Column("plain", sa.Boolean, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("destination", sa.String(16), nullable=False, server_default="sms"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("lease_until", sa.BigInteger),
    sa.Column("error", sa.Text, nullable=False, server_default=sa.text("''")),
    sa.UniqueConstraint(
        "incident_id", "person", "kind", "episode", "round", "step", "nth", "phone", "destination", name="pages_once"
    ),
    sqlite_autoincrement=True,
)
_by_rank = (pages.c.priority, pages.c.due_at, pages.c.id)
_partial("pages_due", *_by_rank, where="state = 'queued' AND destination = 'sms'")
_partial("pages_posted", pages.c.due_at, pages.c.id, where="state = 'queued' AND destination <> 'sms'")
_partial("pages_given", pages.c.created_at, where="state <> 'queued' AND destination <> 'sms'")
_partial("pages_after", pages.c.after_page, where="state = 'waiting'")
sa.Index("pages_person", pages.c.person, pages.c.state, pages.c.priority, pages.c.created_at)
sa.Index("pages_message", pages.c.message_id)

messages = sa.Table(
    "messages",
    TABLES,
    sa.Column("id", KEY, primary_key=True, autoincrement=False),
    sa.Column("tag", sa.String(16), nullable=False, unique=True),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("team", sa.Text, nullable=False),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("segments", sa.SmallInteger, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("priority", sa.SmallInteger, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("resends", sa.Integer, nullable=False),
    sa.Column("resent_at", sa.BigInteger),
    sa.Column("unknown_since", sa.BigInteger),
    sa.Column("due_at", sa.BigInteger, nullable=False),
    sa.Column("lease_owner", sa.String(32), nullable=False),
    sa.Column("lease_until", sa.BigInteger),
    sa.Column("ovh_id", sa.BigInteger),
    sa.Column("asked_at", sa.BigInteger, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("sent_at", sa.BigInteger),
    sa.Column("credits", sa.Double),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("account", sa.String(16), nullable=False),
    sa.Column("digest", KEY),
    sa.Column("streak", sa.SmallInteger, nullable=False),
    sa.Column("receipt_due_at", sa.BigInteger),
    sa.Column("poll_at", sa.BigInteger),
    sa.Column("polls", sa.SmallInteger, nullable=False),
    sa.Column("dlr", sa.Integer),
    sa.Column("ptt", sa.Integer),
    sa.Column("delivered_at", sa.BigInteger),
)
_partial("messages_due", messages.c.priority, messages.c.due_at, messages.c.id, where="state = 'queued'")
_partial("messages_unknown", messages.c.due_at, messages.c.id, where="state = 'unknown'")
_partial("messages_leased", messages.c.lease_until, where="state = 'sending'")
_partial("messages_overdue", messages.c.receipt_due_at, where="receipt_due_at IS NOT NULL")
_partial("messages_polled", messages.c.poll_at, where="poll_at IS NOT NULL")
_partial("messages_digest", messages.c.digest, where="digest IS NOT NULL")
sa.Index("messages_ovh_id", messages.c.ovh_id)
sa.Index("messages_person", messages.c.person, messages.c.sent_at)
sa.Index("messages_created", messages.c.created_at)

facts = sa.Table(
    "facts",
    TABLES,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)

events = sa.Table(
    "events",
    TABLES,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("incident_id", KEY, nullable=False),
    sa.Column("episode", sa.Integer, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("reason", sa.String(32), nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("last_at", sa.BigInteger, nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
    sa.UniqueConstraint("incident_id", "episode", "kind", "reason", "detail", name="events_once"),
)

tokens = sa.Table(
    "tokens",
    TABLES,
    sa.Column("token", sa.String(16), primary_key=True),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("incident_id", KEY),
    sa.Column("digest", KEY),
    sa.Column("number", sa.Text),
    sa.Column("created_at", sa.BigInteger, nullable=False),
)
sa.Index("tokens_created", tokens.c.created_at)
_partial("tokens_incident", tokens.c.incident_id, where="incident_id IS NOT NULL")

confirmations = sa.Table(
    "confirmations",
    TABLES,
    sa.Column("number", sa.Text, primary_key=True),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)

heartbeats = sa.Table(
    "heartbeats",
    TABLES,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("last_seen_at", sa.BigInteger),
    sa.Column("silent_since", sa.BigInteger, nullable=False),
)

pauses = sa.Table(
    "pauses",
    TABLES,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("team", sa.Text, nullable=False),
    sa.Column("begins_at", sa.BigInteger, nullable=False),
    sa.Column("ends_at", sa.BigInteger, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
)
sa.Index("pauses_ends", pauses.c.ends_at)

api_tokens = sa.Table(
    "api_tokens",
    TABLES,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Column("full", sa.Boolean, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
)
