"""Room for the eleven characters of a link: SQLite has it, PostgreSQL counts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    with op.batch_alter_table("tokens") as tokens:
        tokens.alter_column("token", type_=sa.String(16), existing_type=sa.String(10), existing_nullable=False)
