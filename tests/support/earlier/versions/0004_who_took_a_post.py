"""Which channels have a post already: a column of posts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("posts", sa.Column("took", sa.Text(), nullable=False, server_default=sa.text("''")))
