"""The first tables: incidents, pages, messages, facts, events and posts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("key", sa.LargeBinary(16), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("severity", sa.SmallInteger(), nullable=False),
        sa.Column("labels", sa.Text(), nullable=False),
        sa.Column("annotations", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("truncated", sa.Integer(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("starts_at", sa.BigInteger()),
        sa.Column("latest_start", sa.BigInteger()),
        sa.Column("ends_at", sa.BigInteger()),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger()),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", sa.BigInteger()),
        sa.Column("last_paged_at", sa.BigInteger()),
        sa.Column("acked_by", sa.Text(), nullable=False),
        sa.Column("episode", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("paged", sa.Integer(), nullable=False),
        sa.Column("step_due_at", sa.BigInteger()),
        sqlite_autoincrement=True,
    )
    _partial("incidents_closed", "incidents", ["closed_at"], "state = 'closed'")
    _partial("incidents_current", "incidents", ["key", "team"], "current = 1", unique=True)
    _partial("incidents_due", "incidents", ["step_due_at", "id"], "step_due_at IS NOT NULL")
    _partial("incidents_held", "incidents", ["id"], "state = 'held'")
    _partial("incidents_unfinished", "incidents", ["last_seen_at"], "state <> 'closed'")
    op.create_table(
        "pages",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("incident_id", KEY),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("episode", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("step", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("nth", sa.Integer(), nullable=False),
        sa.Column("after_page", KEY),
        sa.Column("message_id", KEY),
        sa.Column("phone", sa.SmallInteger(), nullable=False),
        sa.Column("plain", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.UniqueConstraint(
            "incident_id", "person", "kind", "episode", "round", "step", "nth", "phone", name="pages_once"
        ),
        sqlite_autoincrement=True,
    )
    _partial("pages_after", "pages", ["after_page"], "state = 'waiting'")
    _partial("pages_due", "pages", ["priority", "due_at", "id"], "state = 'queued'")
    op.create_index("pages_person", "pages", ["person", "state", "priority", "created_at"])
    op.create_index("pages_message", "pages", ["message_id"])
    op.create_table(
        "messages",
        sa.Column("id", KEY, primary_key=True, autoincrement=False),
        sa.Column("tag", sa.String(16), nullable=False, unique=True),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("segments", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("resends", sa.Integer(), nullable=False),
        sa.Column("resent_at", sa.BigInteger()),
        sa.Column("unknown_since", sa.BigInteger()),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("lease_owner", sa.String(32), nullable=False),
        sa.Column("lease_until", sa.BigInteger()),
        sa.Column("ovh_id", sa.BigInteger()),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger()),
        sa.Column("credits", sa.Double()),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("account", sa.String(16), nullable=False),
        sa.Column("digest", KEY),
        sa.Column("streak", sa.SmallInteger(), nullable=False),
        sa.Column("receipt_due_at", sa.BigInteger()),
        sa.Column("poll_at", sa.BigInteger()),
        sa.Column("polls", sa.SmallInteger(), nullable=False),
        sa.Column("dlr", sa.Integer()),
        sa.Column("ptt", sa.Integer()),
        sa.Column("delivered_at", sa.BigInteger()),
    )
    op.create_index("messages_created", "messages", ["created_at"])
    _partial("messages_digest", "messages", ["digest"], "digest IS NOT NULL")
    _partial("messages_due", "messages", ["priority", "due_at", "id"], "state = 'queued'")
    _partial("messages_leased", "messages", ["lease_until"], "state = 'sending'")
    op.create_index("messages_ovh_id", "messages", ["ovh_id"])
    _partial("messages_overdue", "messages", ["receipt_due_at"], "receipt_due_at IS NOT NULL")
    op.create_index("messages_person", "messages", ["person", "sent_at"])
    _partial("messages_polled", "messages", ["poll_at"], "poll_at IS NOT NULL")
    _partial("messages_unknown", "messages", ["due_at", "id"], "state = 'unknown'")
    op.create_table(
        "facts",
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "events",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("episode", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.UniqueConstraint("incident_id", "episode", "kind", "reason", "detail", name="events_once"),
    )
    op.create_table(
        "posts",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("incident_id", KEY),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("episode", sa.Integer(), nullable=False),
        sa.Column("nth", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.BigInteger()),
        sa.Column("error", sa.Text(), nullable=False),
        sa.UniqueConstraint("target", "incident_id", "kind", "episode", "nth", name="posts_once"),
    )
    op.create_index("posts_incident", "posts", ["incident_id"])
    _partial("posts_due", "posts", ["due_at", "id"], "state = 'queued'")
    op.create_index("posts_created", "posts", ["created_at"])


def _partial(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    on_postgresql = sa.text(where.replace("= 1", "= true"))
    op.create_index(name, table, columns, unique=unique, sqlite_where=sa.text(where), postgresql_where=on_postgresql)
