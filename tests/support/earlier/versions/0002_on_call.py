"""Escalation, acknowledging, heartbeats, maintenance: columns of incidents, and four tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for column in (
        sa.Column("step", sa.SmallInteger(), nullable=False, server_default="0"),
        sa.Column("step_at", sa.BigInteger()),
        sa.Column("step_sent_at", sa.BigInteger()),
        sa.Column("acked_at", sa.BigInteger()),
        sa.Column("closings", sa.Text(), nullable=False, server_default="[]"),
        sa.Column("flap_due_at", sa.BigInteger()),
        sa.Column("absent_at", sa.BigInteger()),
        sa.Column("began", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("snoozed_until", sa.BigInteger()),
    ):
        op.add_column("incidents", column)
    op.create_table(
        "tokens",
        sa.Column("token", sa.String(10), primary_key=True),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("incident_id", KEY),
        sa.Column("digest", KEY),
        sa.Column("number", sa.Text()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("tokens_created", "tokens", ["created_at"])
    where = sa.text("incident_id IS NOT NULL")
    op.create_index("tokens_incident", "tokens", ["incident_id"], sqlite_where=where, postgresql_where=where)
    op.create_table(
        "confirmations",
        sa.Column("number", sa.Text(), primary_key=True),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "heartbeats",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger()),
        sa.Column("silent_since", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "pauses",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("begins_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
    )
    op.create_index("pauses_ends", "pauses", ["ends_at"])
