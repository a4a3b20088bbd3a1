"""What replicas share: who runs, duties, files, answers, accounts, wrong passwords; indexes for stores that grew.

An older alertsms goes on.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "1001"
down_revision = "1000"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = sa.MetaData()  # as they were then: those of today stand beside schema.py


def upgrade() -> None:
    for table in TABLES.sorted_tables:
        table.create(op.get_bind())
    op.drop_index("incidents_held", "incidents")  # incidents_state answers the same
    op.drop_index("pages_due", "pages")  # made again, with the person
    for name, table_name, columns, where in PARTIAL:
        condition = sa.text(where)
        op.create_index(name, table_name, columns, sqlite_where=condition, postgresql_where=condition)


QUEUED = "state = 'queued' AND destination = 'sms'"
PARTIAL = (
    ("incidents_state", "incidents", ["state", "id"], "state <> 'closed'"),
    (
        "incidents_refusals",
        "incidents",
        ["last_seen_at"],
        "state <> 'closed' AND source = 'alertsms-intake'",
    ),
    ("incidents_snoozed", "incidents", ["acked_by"], "snoozed_until IS NOT NULL"),
    ("pages_due", "pages", ["priority", "due_at", "id", "person"], QUEUED),
    (
        "pages_postponed",
        "pages",
        ["person", "state", "destination", "priority", "created_at"],
        f"{QUEUED} AND due_at > created_at",
    ),
    ("messages_pending", "messages", ["person"], "state IN ('queued', 'sending', 'unknown')"),
)


replicas = sa.Table(
    "replicas",
    TABLES,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("config_seq", sa.BigInteger, nullable=False),
    sa.Column("web", sa.Boolean, nullable=False),
    sa.Column("worker", sa.Boolean, nullable=False),
    sa.Column("ovh_ok", sa.Boolean, nullable=False),
    sa.Column("started_at", sa.BigInteger, nullable=False),
    sa.Column("seen_at", sa.BigInteger, nullable=False),
    sa.Column("ended", sa.Boolean, nullable=False),
    sa.Column("timed_at", sa.BigInteger),
)
sa.Index("replicas_seen", replicas.c.seen_at)

sa.Table(
    "leases",
    TABLES,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("owner", sa.String(16), nullable=False),
    sa.Column("term", sa.BigInteger, nullable=False),
    sa.Column("until", sa.BigInteger, nullable=False),
)

sa.Table(
    "configs",
    TABLES,
    sa.Column("seq", KEY, primary_key=True),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sqlite_autoincrement=True,
)

replies = sa.Table(
    "replies",
    TABLES,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("inbox", sa.Text, nullable=False),
    sa.Column("reply_id", sa.BigInteger, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("inbox", "reply_id", name="replies_once"),
)
sa.Index("replies_at", replies.c.at)

sa.Table(
    "account_states",
    TABLES,
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("cause", sa.String(16), nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("fix", sa.Text, nullable=False),
    sa.Column("slowed_at", sa.BigInteger),
    sa.Column("credits", sa.Float),
    sa.Column("at", sa.BigInteger, nullable=False),
)

login_misses = sa.Table(
    "login_misses",
    TABLES,
    sa.Column("place", sa.Text, primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("first_at", sa.BigInteger, nullable=False),
    sa.Column("last_at", sa.BigInteger, nullable=False),
)
sa.Index("login_misses_last", login_misses.c.last_at)
